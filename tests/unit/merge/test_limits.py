"""Limits of an engine that neither side reaches by itself."""

from __future__ import annotations

import pytest

from schemaops import merge
from schemaops.merge import Merge

LONG = "x" * 62


def columns(number: int, letter: str = "c") -> str:
    return ", ".join(f"{letter}{n} int" for n in range(number))


def added(number: int, letter: str) -> str:
    return "; ".join(f"ALTER TABLE t ADD COLUMN {letter}{n} int" for n in range(number))


def keyed(number: int) -> str:
    keys = (f"CREATE INDEX i{n} ON t (c{n})" for n in range(number))
    return f"CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t ({columns(70)}); {'; '.join(keys)}"


def reasons(found: Merge) -> str:
    return " / ".join(conflict.reason for conflict in found.conflicts)


@pytest.mark.parametrize(
    ("dialect", "most"), [("postgres", 1600), ("mysql", 1017), ("sqlite", 2000)]
)
def test_columns(dialect: str, most: int) -> None:
    base = f"CREATE TABLE t ({columns(most - 4)})"
    assert merge(base, added(2, "a"), added(2, "b"), dialect).clean
    assert "all the columns" in reasons(merge(base, added(2, "a"), added(3, "b"), dialect))


@pytest.mark.parametrize(
    "key",
    [
        "CREATE INDEX j ON t (c65)",
        "ALTER TABLE t ADD UNIQUE (c65)",
        "ALTER TABLE t ADD PRIMARY KEY (c65)",
        "ALTER TABLE t ADD FOREIGN KEY (c65) REFERENCES p (id)",
    ],
)
def test_keys_of_mysql(key: str) -> None:
    ours = "CREATE INDEX k ON t (c64)"
    assert merge(keyed(62), ours, key, "mysql").clean
    assert "all the keys" in reasons(merge(keyed(63), ours, key, "mysql"))
    assert merge(keyed(64), "UPDATE t SET c1 = 1", "UPDATE t SET c2 = 2", "mysql").clean
    # What gives one up makes room.
    assert merge(keyed(63), f"DROP INDEX i1 ON t; {ours}", key, "mysql").clean


def test_rows_of_mysql_in_characters_of_several_bytes() -> None:
    base = "CREATE TABLE t (id int) DEFAULT CHARSET utf8mb3 COLLATE utf8mb3_bin"
    wide = "ALTER TABLE t ADD {} varchar({})"
    assert merge(base, wide.format("a", 10000), wide.format("b", 10000), "mysql").clean
    said = reasons(merge(base, wide.format("a", 12000), wide.format("b", 11000), "mysql"))
    assert "65535 bytes" in said


@pytest.mark.parametrize(
    "made",
    [
        "ALTER TABLE t ADD COLUMN {} int",
        "CREATE TABLE {} (id int)",
        "CREATE INDEX {} ON t (c0)",
        "ALTER TABLE t RENAME COLUMN c0 TO {}",
        'CREATE TABLE "{}" (id int)',
    ],
)
def test_names_that_postgres_cuts_to_one(made: str) -> None:
    base = f"CREATE TABLE t ({columns(2)})"
    found = merge(base, made.format(f"{LONG}abc"), made.format(f"{LONG}axy"), "postgres")
    assert found.conflicts
    assert {one.code for one in found.conflicts} <= {"SO301", "SO302"}
    # The very name twice is one thing made once, as it is with a short one.
    again = merge(base, made.format(f"{LONG}abc"), made.format(f"{LONG}abc"), "postgres")
    assert again.clean
