"""A rebuild of SQLite's is taken back as the change that it is: the rows stay."""

from __future__ import annotations

import pytest

from schemaops.diff import diff
from schemaops.reverse import lossless, reverse
from schemaops.sql.interpret import interpret
from tests.engines import running
from tests.outcomes import Refused, bench, statements

BASE = """
CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE users (
    id INTEGER PRIMARY KEY, name TEXT, age INT, team_id INT REFERENCES teams (id), UNIQUE (age)
);
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INT REFERENCES users (id) ON DELETE CASCADE);
CREATE INDEX users_name ON users (name);
CREATE TRIGGER users_named AFTER UPDATE ON users BEGIN UPDATE teams SET name = 'fired'; END;
INSERT INTO teams VALUES (1, 'red');
INSERT INTO users VALUES (1, 'ann', 30, 1), (2, NULL, NULL, NULL);
INSERT INTO posts VALUES (1, 1), (2, 2);
"""


def _rebuild(columns: str, into: str, values: str) -> str:
    return f"""
        PRAGMA foreign_keys = OFF;
        CREATE TABLE users_new ({columns});
        INSERT INTO users_new ({into}) SELECT {values} FROM users;
        DROP TABLE users;
        ALTER TABLE users_new RENAME TO users;
        CREATE INDEX users_name ON users (id);
        PRAGMA foreign_keys = ON;
    """


KEPT = _rebuild(
    "id INTEGER PRIMARY KEY, name TEXT CHECK (name <> ''), age INT, team_id INT", "id, name, age, team_id",
    "id, name, age, team_id",
)  # fmt: skip
FILLED = _rebuild(
    "id INTEGER PRIMARY KEY, name TEXT NOT NULL, age TEXT NOT NULL DEFAULT '', team_id INT",
    "id, name, age, team_id",
    "id, coalesce(name, 'nobody'), coalesce(CAST(age AS TEXT), ''), team_id",
)
MOVED = _rebuild(
    "id INTEGER PRIMARY KEY, called TEXT NOT NULL, age TEXT, said TEXT",
    "id, called, age, said",
    "id, coalesce(name, '-'), CAST(age AS TEXT), name || age",
)


@pytest.mark.parametrize(
    ("up", "lost"),
    [
        (KEPT, set()),
        (FILLED, {"users.name", "users.age"}),
        (MOVED, {"users.name", "users.age", "users.team_id"}),
    ],
)
def test_the_way_back_from_a_rebuild_is_exact(up: str, lost: set[str]) -> None:
    before = interpret(BASE, dialect="sqlite").after
    groups = interpret(up, before).groups
    plain, kept = reverse(groups, before, diff), lossless(groups, before, diff)
    assert plain.exact
    assert not plain.irreversible
    assert {str(loss.at) for loss in plain.losses if loss.what == "values"} == lost
    assert not any(loss.what != "column-order" for loss in kept.losses)
    assert len(kept.counts) == len(groups)
    assert sum(kept.counts) == len(kept.up)
    with running("sqlite") as server, bench(server, BASE) as on:
        was = on.outcome([])
        ends = [
            on.outcome([*statements(up, "sqlite"), *plain.statements]),
            on.outcome([*kept.up, *kept.down]),
        ]
    assert not isinstance(was, Refused)
    for end in ends:
        assert not isinstance(end, Refused)
        assert end.catalogue == was.catalogue
        assert {name: len(rows) for name, rows in end.rows} == {
            name: len(rows) for name, rows in was.rows
        }
    assert ends[1] == was
