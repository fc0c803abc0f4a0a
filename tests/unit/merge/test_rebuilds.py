"""A table of SQLite made anew on one side loses nothing of the other's without a word."""

from __future__ import annotations

import pytest

from schemaops.merge import merge
from schemaops.sql.interpret import interpret

BASE = interpret(
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INT);"
    "CREATE INDEX users_name ON users (name);",
    dialect="sqlite",
).after
NEW_FIRST = """
CREATE TABLE users_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x', age INT);
INSERT INTO users_new (id, name, age) SELECT id, name, age FROM users;
DROP TABLE users;
ALTER TABLE users_new RENAME TO users;
CREATE INDEX users_name ON users (name);
"""
OLD_FIRST = """
ALTER TABLE users RENAME TO users_old;
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x', age INT);
INSERT INTO users (id, name, age) SELECT id, name, age FROM users_old;
DROP TABLE users_old;
CREATE INDEX users_name ON users (name);
"""


@pytest.mark.parametrize("rebuild", [NEW_FIRST, OLD_FIRST])
@pytest.mark.parametrize(
    "other",
    [
        "ALTER TABLE users ADD COLUMN email TEXT",
        "ALTER TABLE users RENAME COLUMN age TO years",
        "ALTER TABLE users DROP COLUMN age",
        "CREATE INDEX by_age ON users (age)",
        "CREATE TRIGGER seen AFTER INSERT ON users BEGIN SELECT 1; END",
        "UPDATE users SET age = 3",
        "INSERT INTO users (id, name) VALUES (9, 'z')",
    ],
)
def test_a_rebuild_and_what_it_would_lose_conflict(rebuild: str, other: str) -> None:
    one, two = interpret(rebuild, BASE), interpret(other, BASE)
    assert not one.faults
    assert not two.faults
    assert not merge(BASE, one, two).clean
    assert not merge(BASE, two, one).clean
