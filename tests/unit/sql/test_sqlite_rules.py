"""What SQLite takes and refuses, held against the engine statement by statement."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from schemaops.diff import diff
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Fault, Interpreter, interpret
from schemaops.sql.render import render
from schemaops.sql.split import split

BASE = """
CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b VARCHAR(9), c INT);
CREATE TABLE st (id INTEGER PRIMARY KEY, a INT) STRICT;
"""
TAKEN = [
    "CREATE TABLE n (a TEXT NOT NULL ON CONFLICT IGNORE DEFAULT 'x', b INT UNIQUE ON CONFLICT FAIL)",
    "CREATE TABLE n (id INTEGER PRIMARY KEY ON CONFLICT REPLACE AUTOINCREMENT)",
    "CREATE TABLE n (id INTEGER, a, PRIMARY KEY (id AUTOINCREMENT))",
    "CREATE TABLE n (a TEXT DEFAULT bare)",
    "CREATE TABLE n (id INT, PRIMARY KEY (id)) WITHOUT ROWID, STRICT",
    "CREATE TABLE n AS SELECT a AS x, b bb, c + 1 AS d FROM t",
    "CREATE UNIQUE INDEX i ON t (lower(a), c + 1 DESC, b || a COLLATE NOCASE) WHERE c > 1",
    "UPDATE OR IGNORE t SET a = 'q' WHERE id = 1 RETURNING *",
    "ALTER TABLE st ADD COLUMN d ANY",
]
REFUSED = [
    "CREATE TABLE n (a TEXT,)",
    "CREATE TABLE n (a VARCHAR(3)) STRICT",
    "CREATE TABLE n (a) STRICT",
    "CREATE TABLE n (a INT) WITHOUT ROWID",
    "CREATE TABLE n (id INTEGER PRIMARY KEY AUTOINCREMENT) WITHOUT ROWID",
    "CREATE TABLE n (a INT AUTOINCREMENT)",
    "CREATE TABLE n (a INT CHECK (a IN (SELECT 1)))",
    "CREATE TABLE n (a INT, b INT AS (random()))",
    "CREATE INDEX i ON t (random())",
    "CREATE INDEX i ON t ((SELECT 1))",
    "CREATE UNIQUE INDEX ON t (a)",
    "CREATE VIEW v AS SELECT FROM t",
    "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1 END",
    "ALTER TABLE st ADD COLUMN d DATETIME",
    "ALTER TABLE t ADD COLUMN d INT, ADD COLUMN e INT",
    "ALTER TABLE t ADD CONSTRAINT x CHECK (c > 1)",
    "ALTER TABLE t RENAME TO sqlite_t",
    "CREATE INDEX temp.i ON t (a)",
]


def _engine(*texts: str) -> str | None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(BASE)
        try:
            for text in texts:
                connection.execute(text)
        except sqlite3.Error as error:
            return str(error)
    return None


@pytest.mark.parametrize("text", TAKEN)
def test_what_sqlite_takes_is_understood_and_written_again(text: str) -> None:
    assert _engine(text) is None
    before = interpret(BASE, dialect="sqlite").after
    read = interpret(text, before)
    assert not read.faults
    assert not read.opaque
    again = render(diff(before, read.after), before)
    assert _engine(*again) is None
    assert interpret(";".join(again), before).after == read.after


@pytest.mark.parametrize("text", REFUSED)
def test_what_sqlite_refuses_is_never_clean(text: str) -> None:
    assert _engine(text) is not None
    reader = Interpreter(interpret(BASE, dialect="sqlite").after)
    (statement,) = split(text, "sqlite")
    read = reader.read(statement)
    assert isinstance(read, Fault) or read.unknown


def test_what_is_rolled_back_was_never_there() -> None:
    read = interpret(
        "BEGIN; CREATE TABLE a (x); SAVEPOINT s; CREATE TABLE b (x); ROLLBACK TO s; COMMIT;"
        "BEGIN IMMEDIATE; CREATE TABLE c (x); ROLLBACK; CREATE TEMP VIEW v AS SELECT 1; DROP VIEW v",
        Schema.empty("sqlite"),
    )
    assert not read.faults
    assert not read.opaque
    assert [thing.at.name for thing in read.after if thing.at.kind == "table"] == ["a"]


def test_a_rename_of_old_leaves_words_as_they_are() -> None:
    read = interpret(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE k (p INT REFERENCES p (id));"
        "PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON; ALTER TABLE p RENAME TO q;",
        Schema.empty("sqlite"),
    )
    same = interpret(
        "CREATE TABLE q (id INTEGER PRIMARY KEY); CREATE TABLE k (p INT REFERENCES p (id))",
        Schema.empty("sqlite"),
    )
    assert not read.opaque
    assert read.after == same.after
