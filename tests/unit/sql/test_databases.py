"""Names written with a database: ours are read, another's are not understood."""

from __future__ import annotations

import pytest

from schemaops.sql.interpret import interpret


def _opaque(text: str, dialect: str) -> list[bool]:
    read = interpret(text, None, dialect)
    assert not read.faults
    return [bool(group.opaque) for group in read.groups]


@pytest.mark.parametrize(
    ("dialect", "script", "opaque"),
    [
        ("sqlite", "CREATE TABLE main.t (a); INSERT INTO main.t VALUES (1)", [False, False]),
        ("sqlite", "ATTACH 'f' AS m; CREATE TABLE t (a); DROP TABLE m.t", [True, False, True]),
        ("sqlite", "CREATE TABLE t (a); INSERT INTO temp.t VALUES (1)", [False, True]),
        ("sqlite", "CREATE TABLE t (a); DROP INDEX IF EXISTS t.i", [False, False]),
        ("sqlite", "ATTACH 'f' AS m; CREATE VIEW v AS SELECT a FROM m.t", [True, True]),
        ("mysql", "CREATE TABLE t (a int); ALTER TABLE other.t ADD b int", [False, True]),
        ("mysql", "CREATE DATABASE d; USE d; CREATE TABLE t (a int)", [False, False, False]),
        ("mysql", "USE d; CREATE TABLE t (a int); DROP TABLE d.t", [False, False, False]),
        ("mysql", "USE d; CREATE TABLE t (a int); USE e; DROP TABLE t", [False, False, True, True]),
        ("mysql", "CREATE TABLE t (a int); USE e; CREATE TABLE u (a int)", [False, True, True]),
        (
            "mysql",
            "USE d; CREATE TABLE t (a int); USE e; USE d; DROP TABLE t",
            [False] * 2 + [True] + [False] * 2,
        ),
        ("postgres", "CREATE TABLE t (a int); ALTER TABLE d.public.t ADD b int", [False, True]),
    ],
)
def test_what_stands_in_another_database_is_opaque(
    dialect: str, script: str, opaque: list[bool]
) -> None:
    assert _opaque(script, dialect) == opaque


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE m.t",
        "CREATE TABLE m.u (a)",
        "INSERT INTO m.t VALUES (1)",
        "ALTER TABLE m.t ADD b",
    ],
)
def test_sqlite_refuses_a_database_that_is_not_attached(statement: str) -> None:
    assert interpret(f"CREATE TABLE t (a); {statement}", None, "sqlite").faults
