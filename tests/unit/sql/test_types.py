"""Column types: spellings, families, what widens into what, and how far one reaches."""

from __future__ import annotations

import pytest

from schemaops.names import Address, Kind, Name
from schemaops.schema.expressions import Expression
from schemaops.sql.lexer import tokens
from schemaops.sql.scope import NotUnderstood, Scope
from schemaops.sql.types import Family, affinity, column_type, family, type_extent, widens
from tests.databases.normal_forms import Names

MOOD = Scope(Names("postgres", {}, frozenset({"mood"})))


@pytest.mark.parametrize(
    ("dialect", "text", "normal"),
    [
        ("postgres", "INT", "integer"),
        ("postgres", "varchar ( 20 )", "character varying(20)"),
        ("postgres", "timestamptz(3)", "timestamp(3) with time zone"),
        ("postgres", "decimal(10, 2)", "numeric(10,2)"),
        ("postgres", "char", "character(1)"),
        ("postgres", "int[][]", "integer[]"),
        ("postgres", "pg_catalog.int8", "bigint"),
        ("postgres", "citext", "citext"),
        ("postgres", "geo.area", "area"),
        ("postgres", "information_schema.yes_or_no", "information_schema.yes_or_no"),
        ("postgres", "numeric(3,-2)", "numeric(3,-2)"),
        ("mysql", "INTEGER(11)", "int"),
        ("mysql", "BOOLEAN", "tinyint(1)"),
        ("mysql", "Decimal", "decimal(10,0)"),
        ("mysql", "ENUM( 'a' , \"b'c\" )", "enum('a','b''c')"),
        ("mysql", "int(5) zerofill", "int(5) unsigned zerofill"),
        ("sqlite", "VARCHAR (20)", "varchar(20)"),
        ("sqlite", "Unsigned  Big Int", "unsigned big int"),
        ("sqlite", "", ""),
    ],
)
def test_the_normal_spelling(dialect: str, text: str, normal: str) -> None:
    found = column_type(text, dialect)
    assert found.normal == (normal,)
    assert found.text() == text or not text


def test_a_type_of_the_schema_is_a_hole() -> None:
    at = Address(Kind.ENUM, (Name("public"), Name("mood")))
    assert column_type("mood", "postgres", MOOD).normal == (at,)
    assert column_type("public.mood[]", "postgres", MOOD).normal == (at, "[]")
    assert column_type("public.mood[]", "postgres", MOOD).written == (at, "[]")
    assert column_type("public.mood", "postgres", MOOD).text(lambda _: "x.feeling") == "x.feeling"


@pytest.mark.parametrize(
    ("dialect", "text"), [("postgres", "'x'"), ("postgres", "int (3"), ("mysql", "")]
)
def test_what_is_no_type_is_refused(dialect: str, text: str) -> None:
    with pytest.raises(NotUnderstood):
        column_type(text, dialect)


@pytest.mark.parametrize(
    ("dialect", "text", "rest"),
    [
        ("postgres", "double precision NOT NULL", "NOT NULL"),
        ("postgres", "timestamp(3) with time zone DEFAULT now()", "DEFAULT now()"),
        ("postgres", "interval day to second(3) NULL", "NULL"),
        ("postgres", 'character varying(20)[] COLLATE "C"', 'COLLATE "C"'),
        ("postgres", "public.mood CHECK (true)", "CHECK (true)"),
        ("mysql", "int(10) unsigned AUTO_INCREMENT", "AUTO_INCREMENT"),
        ("mysql", "varchar(20) CHARACTER SET utf8", "CHARACTER SET utf8"),
        ("sqlite", "unsigned big int PRIMARY KEY", "PRIMARY KEY"),
        ("sqlite", "DEFAULT 1", "DEFAULT 1"),
    ],
)
def test_how_far_a_type_reaches(dialect: str, text: str, rest: str) -> None:
    found = tuple(tokens(text, dialect))
    assert text[found[type_extent(found, 0, dialect)].start :] == rest


WIDER = {
    "postgres": [
        ("smallint", "integer"),
        ("int", "bigint"),
        ("varchar(10)", "varchar(20)"),
        ("varchar(10)", "varchar"),
        ("varchar(10)", "text"),
        ("text", "varchar"),
        ("numeric(10,2)", "numeric(12,2)"),
        ("numeric(10,2)", "numeric"),
        ("numeric(5,2)", "numeric(8,4)"),
        ("real", "double precision"),
        ("timestamp(3)", "timestamp"),
        ("int[]", "bigint[]"),
        ("varbit(3)", "varbit"),
    ],
    "mysql": [
        ("int", "bigint"),
        ("int(5)", "int(11)"),
        ("varchar(10)", "varchar(20)"),
        ("varchar(10)", "text"),
        ("text", "longtext"),
        ("enum('a','b')", "enum('a','b','c')"),
        ("decimal(5,2)", "decimal(7,2)"),
        ("datetime", "datetime(6)"),
    ],
    "sqlite": [("varchar(10)", "varchar(20)"), ("varchar(10)", "text"), ("int", "bigint")],
}
NOT_WIDER = {
    "postgres": [
        ("bigint", "integer"),
        ("integer", "numeric"),
        ("varchar(20)", "varchar(10)"),
        ("varchar", "varchar(10)"),
        ("text", "varchar(10)"),
        ("char(3)", "char(5)"),
        ("char(3)", "text"),
        ("numeric(10,2)", "numeric(10,4)"),
        ("numeric", "numeric(10,2)"),
        ("timestamp", "timestamptz"),
        ("timestamp", "date"),
        ("int", "text"),
        ("int[]", "int"),
        ("json", "jsonb"),
    ],
    "mysql": [
        ("int", "int unsigned"),
        ("smallint unsigned", "int"),
        ("enum('a','b')", "enum('b','a')"),
        ("enum('a','b')", "enum('a','c','b')"),
        ("varchar(70)", "tinytext"),
        ("datetime(6)", "datetime"),
    ],
    "sqlite": [("int", "integer"), ("text", "int"), ("varchar(20)", "blob")],
}


def drawn(cases: dict[str, list[tuple[str, str]]]) -> list[tuple[str, str, str]]:
    return [(dialect, *pair) for dialect, pairs in cases.items() for pair in pairs]


def types(dialect: str, *texts: str) -> tuple[Expression, ...]:
    return tuple(column_type(text, dialect) for text in texts)


@pytest.mark.parametrize(("dialect", "before", "after"), drawn(WIDER))
def test_what_widens(dialect: str, before: str, after: str) -> None:
    one, other = types(dialect, before, after)
    assert widens(one, other, dialect)
    assert widens(one, one, dialect)


@pytest.mark.parametrize(("dialect", "before", "after"), drawn(NOT_WIDER))
def test_what_does_not_widen(dialect: str, before: str, after: str) -> None:
    one, other = types(dialect, before, after)
    assert not widens(one, other, dialect)


@pytest.mark.parametrize(
    ("dialect", "text", "expected"),
    [
        ("postgres", "bigint", Family.INTEGER),
        ("postgres", "decimal(3)", Family.EXACT),
        ("postgres", "varchar", Family.TEXT),
        ("postgres", "timestamptz(3)", Family.TIMESTAMP),
        ("postgres", "interval year", Family.INTERVAL),
        ("postgres", "int[]", Family.ARRAY),
        ("postgres", "mood", Family.ENUM),
        ("postgres", "ltree", Family.OTHER),
        ("mysql", "bool", Family.BOOLEAN),
        ("mysql", "tinyint(4)", Family.INTEGER),
        ("mysql", "set('a')", Family.ENUM),
        ("sqlite", "varchar(3)", Family.TEXT),
        ("sqlite", "decimal", Family.EXACT),
    ],
)
def test_families(dialect: str, text: str, expected: Family) -> None:
    assert family(column_type(text, dialect, MOOD), dialect) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INT", "integer"),
        ("FLOATING POINT", "integer"),
        ("CHARINT", "integer"),
        ("CLOB", "text"),
        ("BLOB", "blob"),
        ("", "blob"),
        ("DOUBLE", "real"),
        ("STRING", "numeric"),
    ],
)
def test_affinities(text: str, expected: str) -> None:
    assert affinity(column_type(text, "sqlite")) == expected
