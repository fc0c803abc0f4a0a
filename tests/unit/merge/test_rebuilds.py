"""A table of SQLite made anew is a change of that table, and combines with the other side's changes."""

from __future__ import annotations

import pytest

from schemaops.merge import KnownRows, Merge, merge
from schemaops.sql.interpret import interpret
from tests.engines import running
from tests.outcomes import Refused, bench, statements

BASE = """
CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INT, team_id INT REFERENCES teams (id));
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INT REFERENCES users (id) ON DELETE CASCADE);
CREATE INDEX users_name ON users (name);
CREATE TRIGGER users_named AFTER INSERT ON users BEGIN
    UPDATE teams SET name = name || '!' WHERE id = new.team_id;
END;
INSERT INTO teams VALUES (1, 'red');
INSERT INTO users VALUES (1, 'ann', 30, 1), (2, NULL, NULL, NULL);
INSERT INTO posts VALUES (1, 1), (2, 2);
"""
AGAIN = """
CREATE INDEX users_name ON users (name);
CREATE TRIGGER users_named AFTER INSERT ON users BEGIN
    UPDATE teams SET name = name || '!' WHERE id = new.team_id;
END;
PRAGMA foreign_key_check;
PRAGMA foreign_keys = ON;
"""
COLUMNS = "id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x', age TEXT"
TEAM = "team_id INT REFERENCES teams (id)"
VALUES = "id, coalesce(name, 'x'), CAST(age AS TEXT), team_id"
NEW_FIRST = f"""
PRAGMA foreign_keys = OFF;
CREATE TABLE "new__users" ({COLUMNS}, {TEAM});
INSERT INTO "new__users" (id, name, age, team_id) SELECT {VALUES} FROM users;
DROP TABLE users;
ALTER TABLE "new__users" RENAME TO users;
{AGAIN}"""
OLD_FIRST = f"""
PRAGMA foreign_keys = OFF;
PRAGMA legacy_alter_table = ON;
ALTER TABLE users RENAME TO users_old;
CREATE TABLE users ({COLUMNS}, {TEAM});
INSERT INTO users SELECT {VALUES} FROM users_old ORDER BY id;
DROP TABLE users_old;
PRAGMA legacy_alter_table = OFF;
{AGAIN}"""
TWICE = f"""
PRAGMA foreign_keys = OFF;
CREATE TEMPORARY TABLE "ausers" ("id" integer, "name" text, "age" int, "team_id" int);
INSERT INTO "ausers" ("id", "name", "age", "team_id") SELECT id, name, age, team_id FROM users;
DROP TABLE users;
CREATE TABLE users ({COLUMNS}, {TEAM});
INSERT INTO users (id, name, age, team_id) SELECT {VALUES} FROM "ausers";
DROP TABLE "ausers";
{AGAIN}"""
MOVED = f"""
PRAGMA foreign_keys = OFF;
CREATE TABLE users_new (id INTEGER PRIMARY KEY, called TEXT, {TEAM});
INSERT INTO users_new SELECT u.id, u.name AS called, u.team_id FROM users AS u;
DROP TABLE users;
ALTER TABLE users_new RENAME TO users;
{AGAIN.replace("(name)", "(called)")}"""


def _merged(ours: str, theirs: str, *, known: bool) -> Merge:
    built = interpret(BASE, dialect="sqlite")
    sides = [interpret(side, built.after) for side in (ours, theirs)]
    assert not any(side.faults or side.blind for side in sides)
    return merge(built.after, *sides, KnownRows.of(built) if known else None)


def _must_agree(ours: str, theirs: str, *, known: bool = False) -> Merge:
    found = _merged(ours, theirs, known=known)
    assert found.clean, [one.reason for one in found.conflicts]
    ways = ((ours, found.ours_to_merged), (theirs, found.theirs_to_merged))
    with running("sqlite") as server, bench(server, BASE) as on:
        ends = [
            on.outcome([*statements(side, "sqlite"), *(s.sql for s in way if s.sql is not None)])
            for side, way in ways
        ]
    one, other = ends
    assert not isinstance(one, Refused)
    assert not isinstance(other, Refused)
    assert one == other, one.differences(other)
    for own, side, way in (("theirs", theirs, ways[0][1]), ("ours", ours, ways[1][1])):
        named = {step.origin for step in way}
        numbers = range(1, len(statements(side, "sqlite")) + 1)
        assert {f"{own}:{n}" for n in numbers} <= named
    return found


OTHERS = [
    "ALTER TABLE users ADD COLUMN email TEXT DEFAULT 'none'",
    "ALTER TABLE users ADD COLUMN boss INT REFERENCES users (id)",
    "ALTER TABLE users ADD COLUMN email TEXT; UPDATE users SET email = 'e' || id",
    "CREATE INDEX by_team ON users (team_id)",
    "CREATE UNIQUE INDEX by_both ON users (id, team_id)",
    "ALTER TABLE users RENAME COLUMN team_id TO squad",
    "DROP INDEX users_name",
    "DROP TRIGGER users_named",
    "ALTER TABLE users RENAME TO people",
    "DELETE FROM users WHERE id = 2",
    "CREATE TRIGGER seen AFTER UPDATE ON users BEGIN UPDATE teams SET name = 'seen'; END",
    "CREATE VIEW everyone AS SELECT * FROM users",
    "ALTER TABLE teams ADD COLUMN town TEXT",
]


@pytest.mark.parametrize("rebuild", [NEW_FIRST, OLD_FIRST, TWICE, MOVED])
@pytest.mark.parametrize("other", OTHERS)
def test_a_rebuild_combines_with_other_changes_of_the_table(rebuild: str, other: str) -> None:
    if rebuild == OLD_FIRST and "RENAME TO" in other:
        pytest.skip("the name that the old table has for the while is another one there")
    _must_agree(rebuild, other, known=other.startswith("DELETE"))
    _must_agree(other, rebuild, known=other.startswith("DELETE"))


def test_what_the_other_side_adds_goes_through_the_rebuild() -> None:
    found = _must_agree("ALTER TABLE users ADD COLUMN email TEXT DEFAULT 'none'", NEW_FIRST)
    texts = [step.sql or "" for step in found.ours_to_merged]
    made = next(text for text in texts if text.startswith("CREATE TABLE new__users"))
    copied = next(text for text in texts if text.startswith("INSERT INTO new__users"))
    assert "email TEXT DEFAULT 'none'" in made
    assert "(id, name, age, team_id, email)" in copied
    assert "coalesce(name, 'x')" in copied
    assert any(text.startswith("CREATE TRIGGER users_named") for text in texts)
    assert [step.sql for step in found.theirs_to_merged] == [
        "ALTER TABLE users ADD COLUMN email TEXT DEFAULT 'none'"
    ]


def test_two_rebuilds_of_one_table_combine() -> None:
    other = f"""
        PRAGMA foreign_keys = OFF;
        CREATE TABLE other (
            id INTEGER PRIMARY KEY, name TEXT, age INT, {TEAM}, since TEXT NOT NULL DEFAULT '2024',
            CONSTRAINT team_known CHECK (team_id > 0)
        );
        INSERT INTO other (id, name, age, team_id) SELECT id, name, age, team_id FROM users;
        DROP TABLE users;
        ALTER TABLE other RENAME TO users;
        {AGAIN}"""
    for rebuild in (NEW_FIRST, OLD_FIRST, TWICE):
        _must_agree(rebuild, other)
        _must_agree(other, rebuild)


@pytest.mark.parametrize("rebuild", [NEW_FIRST, OLD_FIRST, MOVED])
def test_the_same_rebuild_is_made_once(rebuild: str) -> None:
    found = _must_agree(rebuild, "CREATE TABLE apart (id INT);" + rebuild)
    texts = [step.sql for step in found.ours_to_merged if step.sql]
    assert not any("RENAME" in text for text in texts)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("FROM users;", "FROM users WHERE age > 3;"),
        ("FROM users;", "FROM users LIMIT 1;"),
        ("FROM users;", "FROM users CROSS JOIN (SELECT 1) AS one;"),
        (f"SELECT {VALUES}", f"SELECT DISTINCT {VALUES}"),
        ('INSERT INTO "new', 'INSERT OR IGNORE INTO "new'),
        ("coalesce(name, 'x')", "max(name)"),
        ("coalesce(name, 'x')", "(SELECT name FROM teams)"),
        (f"name, age, team_id) SELECT {VALUES}", "name, age) SELECT id, 'x', age"),
        (f'INSERT INTO "new__users" (id, name, age, team_id) SELECT {VALUES} FROM users;', ""),
    ],
)
def test_what_loses_rows_or_values_is_no_rebuild(was: str, now: str) -> None:
    other = "ALTER TABLE users ADD COLUMN email TEXT"
    assert NEW_FIRST.replace(was, now) != NEW_FIRST
    found = _merged(NEW_FIRST.replace(was, now), other, known=False)
    assert not found.clean


def test_foreign_keys_that_take_rows_along_must_be_off() -> None:
    minding = NEW_FIRST.replace("PRAGMA foreign_keys = OFF;", "")
    other = "INSERT INTO posts VALUES (3, 1)"
    assert not _merged(minding, other, known=False).clean
    _must_agree(NEW_FIRST, other)


@pytest.mark.parametrize(
    "other",
    [
        "ALTER TABLE users DROP COLUMN age",
        "UPDATE users SET name = 'new' WHERE id = 1",
        "INSERT INTO users (id, name) VALUES (9, NULL)",
    ],
)
def test_what_is_at_odds_with_a_rebuild_conflicts(other: str) -> None:
    for rebuild in (NEW_FIRST, OLD_FIRST, TWICE):
        assert not _merged(rebuild, other, known=False).clean
        assert not _merged(other, rebuild, known=False).clean
