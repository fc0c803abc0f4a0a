"""What statements come to: implicit names, consequences spelled out, and what is refused."""

from __future__ import annotations

import pytest

from schemaops.errors import SchemaOpsError
from schemaops.operations import Alter, Create, Drop, Operation, Rename, Reorder
from schemaops.schema.state import MissingObject, TakenName
from schemaops.sql.interpret import (
    Effect,
    UnknownStatement,
    UnparsableSql,
    interpret,
)
from schemaops.sql.reading import NotAllowed, StillNeeded
from schemaops.sql.scope import UnknownColumn

BASE = """
CREATE TABLE author (id int PRIMARY KEY, name varchar(40) NOT NULL, born int CHECK (born > 0));
CREATE TABLE book (
    id int PRIMARY KEY, title varchar(90) UNIQUE, author_id int REFERENCES author (id), price int
);
CREATE INDEX book_author ON book (author_id);
CREATE VIEW authors AS SELECT id, name FROM author;
"""


def said(operation: Operation) -> str:
    match operation:
        case Create() | Drop():
            verb = type(operation).__name__.lower()
            return f"{verb} {operation.at.kind} {operation.at.name}"
        case Alter():
            return f"alter {operation.at.name} {operation.fact}"
        case Rename():
            return f"rename {operation.old.name} {operation.new.name}"
        case Reorder():
            return "reorder"
        case _:
            return type(operation).__name__.lower()


def operations(sql: str, dialect: str) -> list[str]:
    before = interpret(BASE, None, dialect).after
    read = interpret(sql, before)
    assert not read.faults, read.faults[0].error
    return [said(o) for group in read.groups for o in group.operations]


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite"])
def test_the_base_is_understood(dialect: str) -> None:
    read = interpret(BASE, None, dialect)
    assert not read.faults
    assert not read.opaque


@pytest.mark.parametrize(
    ("dialect", "sql", "expected"),
    [
        ("postgres", "ALTER TABLE book DROP price", ["drop column price"]),
        (
            "postgres",
            "ALTER TABLE book DROP author_id",
            [
                "drop foreign key book_author_id_fkey",
                "drop index book_author",
                "drop column author_id",
            ],
        ),
        (
            "postgres",
            "ALTER TABLE author DROP name CASCADE",
            ["drop view authors", "drop column name"],
        ),
        (
            "postgres",
            "ALTER TABLE author DROP CONSTRAINT author_pkey CASCADE",
            ["drop foreign key book_author_id_fkey", "drop primary key author_pkey"],
        ),
        ("postgres", "ALTER TABLE book RENAME price TO cost", ["rename price cost"]),
        ("postgres", "ALTER TABLE book ADD CHECK (price > 0)", ["create check book_price_check"]),
        ("postgres", "ALTER TABLE book ADD CHECK (price > id)", ["create check book_check"]),
        (
            "postgres",
            "CREATE INDEX ON book (lower(title), price)",
            ["create index book_lower_price_idx"],
        ),
        (
            "postgres",
            "CREATE TABLE t (n serial)",
            ["create table t", "create sequence t_n_seq", "create column n"],
        ),
        (
            "postgres",
            "ALTER TABLE book ADD CONSTRAINT p CHECK (price > 0), DROP title",
            ["drop unique book_title_key", "drop column title", "create check p"],
        ),
        ("postgres", "ALTER TABLE book ALTER price TYPE int4", []),
        ("postgres", "ALTER TABLE book ALTER price TYPE bigint", ["alter price type"]),
        ("postgres", "CREATE TABLE IF NOT EXISTS book (id int)", []),
        ("postgres", "DROP TABLE IF EXISTS nothing", []),
        (
            "postgres",
            "ALTER TABLE book ADD k int, ADD UNIQUE (k, price)",
            ["create column k", "create unique book_k_price_key"],
        ),
        (
            "mysql",
            "ALTER TABLE book MODIFY price bigint NOT NULL",
            ["alter price type", "alter price nullable"],
        ),
        ("mysql", "ALTER TABLE book CHANGE price cost int", ["rename price cost"]),
        ("mysql", "ALTER TABLE book ADD x int FIRST", ["create column x"]),
        ("mysql", "ALTER TABLE book MODIFY price int AFTER id", ["reorder"]),
        ("mysql", "ALTER TABLE book DROP title", ["drop unique title", "drop column title"]),
        (
            "mysql",
            "ALTER TABLE author RENAME TO writer",
            ["alter authors query", "rename author writer", "alter authors query"],
        ),
        ("mysql", "ALTER TABLE book ADD CHECK (price > 0)", ["create check constraint_1"]),
        (
            "mysql",
            "CREATE TABLE n (a int, FOREIGN KEY (a) REFERENCES author (id))",
            ["create table n", "create column a", "create foreign key n_ibfk_1", "create index a"],
        ),
        ("sqlite", "ALTER TABLE book DROP price", ["drop column price"]),
        ("sqlite", "ALTER TABLE author DROP born", ["drop check ~check 1", "drop column born"]),
        (
            "sqlite",
            "CREATE TABLE t (a, b TEXT, PRIMARY KEY (a))",
            [
                "create table t",
                "create column a",
                "create column b",
                "create primary key ~primary key",
            ],
        ),
    ],
)
def test_a_statement_comes_to_its_consequences(dialect: str, sql: str, expected: list[str]) -> None:
    assert operations(sql, dialect) == expected


@pytest.mark.parametrize(
    ("dialect", "sql", "error"),
    [
        ("postgres", "ALTER TABLE book DROP nothing", MissingObject),
        ("postgres", "ALTER TABLE nothing ADD a int", MissingObject),
        ("postgres", "ALTER TABLE book ADD price int", TakenName),
        ("postgres", "CREATE TABLE authors (id int)", TakenName),
        ("postgres", "CREATE INDEX book_pkey ON author (name)", TakenName),
        ("postgres", "ALTER TABLE author DROP name", StillNeeded),
        ("postgres", "DROP TABLE author", StillNeeded),
        ("postgres", "ALTER TABLE author ALTER name TYPE text", StillNeeded),
        ("postgres", "ALTER TABLE author ALTER id DROP NOT NULL", StillNeeded),
        ("postgres", "CREATE OR REPLACE VIEW authors AS SELECT name FROM author", NotAllowed),
        (
            "postgres",
            "ALTER TABLE book ADD FOREIGN KEY (price) REFERENCES author (born)",
            NotAllowed,
        ),
        ("postgres", "ALTER TABLE book ADD CHECK (nothing > 0)", UnknownColumn),
        ("mysql", "ALTER TABLE author DROP id", StillNeeded),
        ("mysql", "DROP TABLE author", StillNeeded),
        ("mysql", "ALTER TABLE book DROP INDEX book_author", StillNeeded),
        ("sqlite", "ALTER TABLE book DROP title", StillNeeded),
        ("sqlite", "ALTER TABLE author DROP name", StillNeeded),
        ("sqlite", "ALTER TABLE book ADD u int UNIQUE", NotAllowed),
        ("sqlite", "CREATE TABLE BOOK (id int)", TakenName),
        ("postgres", "CREAT TABLE x (a int)", UnknownStatement),
        ("postgres", "CREATE TABLE x (a int", UnparsableSql),
        ("mysql", "INSERT INTO book VALUES (1,", UnparsableSql),
    ],
)
def test_what_a_database_refuses_is_a_fault(
    dialect: str, sql: str, error: type[SchemaOpsError]
) -> None:
    before = interpret(BASE, None, dialect).after
    read = interpret("SELECT 1;\n" + sql, before, file="f.sql")
    (fault,) = read.faults
    assert isinstance(fault.error, error)
    assert str(fault.place) == "f.sql:2"
    assert read.after == before


def test_a_faulty_statement_leaves_no_trace_and_the_rest_goes_on() -> None:
    before = interpret(BASE, None, "postgres").after
    read = interpret("ALTER TABLE book ADD a int, DROP nothing; ALTER TABLE book ADD b int", before)
    assert len(read.faults) == 1
    assert [said(o) for g in read.groups for o in g.operations] == ["create column b"]


def test_what_is_not_understood_is_opaque_and_blinds_what_follows() -> None:
    read = interpret("DO $$ BEGIN END $$; ALTER TABLE perhaps ADD a int", None, "postgres")
    assert not read.faults
    assert [group.unknown for group in read.groups] == [True, True]


def test_a_known_effect_is_applied() -> None:
    made = interpret("CREATE TABLE t (a int)", None, "postgres").groups[0].operations
    text = "DO $$ BEGIN EXECUTE 'CREATE TABLE t (a int)'; END $$"
    effects = {text: Effect(made, "observed on postgres 18")}
    read = interpret(f"{text}; ALTER TABLE t ADD b int", None, "postgres", effects)
    assert not read.faults
    assert read.groups[0].opaque
    assert not read.groups[0].unknown
    assert read.after == interpret("CREATE TABLE t (a int, b int)", None, "postgres").after


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite"])
def test_mentions_say_which_characters_name_what(dialect: str) -> None:
    before = interpret(BASE, None, dialect).after
    (group,) = interpret("CREATE INDEX by_price ON book (price)", before).groups
    named = {(group.text[m.start : m.end], m.at.name) for m in group.mentions}
    assert named == {("by_price", "by_price"), ("book", "book"), ("price", "price")}


def test_implicit_names_are_cut_as_the_server_cuts_them() -> None:
    table, column = "t" * 50, "c" * 50
    read = interpret(f"CREATE TABLE {table} ({column} int UNIQUE)", None, "postgres")
    (name,) = (o.at.name for o in read.groups[0].operations if o.at.kind == "unique")  # type: ignore[union-attr]
    assert name == "t" * 29 + "_" + "c" * 29 + "_key"
