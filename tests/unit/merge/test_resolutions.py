"""Decisions carried out: what stands is run where it is missing, and rows are never changed twice."""

from __future__ import annotations

import pytest

from schemaops.diff import diff
from schemaops.merge import (
    Decision,
    Edited,
    Merge,
    Resolution,
    Unresolved,
    merge,
    merge_resolved,
)
from schemaops.schema.state import Schema
from schemaops.sql.interpret import interpret
from schemaops.sql.render import script

BASE = interpret(
    "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, n INTEGER)", dialect="sqlite"
).after
RENAMES = tuple(
    f"ALTER TABLE users RENAME COLUMN email TO {name}" for name in ("contact", "mail", "address")
)
ROWS = ("UPDATE users SET n = n + 1", "UPDATE users SET n = n * 2", "UPDATE users SET n = 0")


def decided(ours: str, theirs: str, decision: Resolution) -> Merge:
    mine, its = interpret(ours, BASE), interpret(theirs, BASE)
    conflicts = merge(BASE, mine, its).conflicts
    assert conflicts
    found = merge_resolved(BASE, mine, its, None, {one.id: decision for one in conflicts}, diff)
    assert found.clean
    for way, start in ((found.ours_to_merged, mine), (found.theirs_to_merged, its)):
        read = interpret(script(one.sql for one in way if one.sql is not None), start.after)
        assert read.faults == ()
        assert read.after == found.schema
    return found


def run(found: Merge) -> tuple[list[str], list[str]]:
    """What each side runs on its way."""
    ways = (found.ours_to_merged, found.theirs_to_merged)
    ours, theirs = ([one.sql for one in way if one.sql is not None] for way in ways)
    return ours, theirs


def columns(schema: Schema) -> set[str]:
    return {thing.at.name for thing in schema if thing.at.kind.value == "column"}


@pytest.mark.parametrize(
    ("decision", "name"),
    [
        (Decision.OURS, "contact"),
        (Decision.THEIRS, "mail"),
        (Edited(f"{RENAMES[2]};\n"), "address"),
        (Edited(""), "email"),
    ],
)
def test_what_a_side_gave_up_is_taken_back_there(decision: Resolution, name: str) -> None:
    assert columns(decided(RENAMES[0], RENAMES[1], decision).schema) == {"id", name, "n"}


@pytest.mark.parametrize("decision", [Decision.OURS_FIRST, Decision.THEIRS_FIRST])
def test_an_order_changes_no_rows_twice(decision: Decision) -> None:
    # Rows are not taken back, so each side runs what it has not run, and no more.
    assert run(decided(ROWS[0], ROWS[1], decision)) == ([ROWS[1]], [ROWS[0]])


def test_rows_that_were_given_up_stay_and_are_not_changed_elsewhere() -> None:
    assert run(decided(ROWS[0], ROWS[1], Decision.OURS)) == ([], [ROWS[0]])
    assert run(decided(ROWS[0], ROWS[1], Edited(ROWS[2]))) == ([ROWS[2]], [ROWS[2]])


UNKNOWN = "ATTACH DATABASE 'other.sqlite' AS other"
ADDED = "ALTER TABLE users ADD COLUMN x TEXT"


def test_an_order_of_what_nobody_knows_runs_it_where_it_is_missing() -> None:
    assert run(decided(ADDED, UNKNOWN, Decision.OURS_FIRST)) == ([UNKNOWN], [ADDED])
    # What is known is undone and done again, so that it comes second here too.
    again = ["ALTER TABLE users DROP COLUMN x", UNKNOWN, ADDED]
    assert run(decided(ADDED, UNKNOWN, Decision.THEIRS_FIRST)) == (again, [ADDED])


def test_what_nobody_knows_is_not_given_up_where_it_ran() -> None:
    with pytest.raises(Unresolved):
        decided(ADDED, UNKNOWN, Decision.OURS)


MAIL, VIEW = (
    "ALTER TABLE users RENAME COLUMN email TO mail",
    "CREATE VIEW v AS SELECT email FROM users",
)
X = ("UPDATE users SET email = 'x'", "UPDATE users SET email = 'y'")


@pytest.mark.parametrize("decision", [Decision.OURS_FIRST, Decision.THEIRS_FIRST])
def test_what_comes_last_reads_as_things_are_called_there(decision: Decision) -> None:
    found = decided(X[0], f"{X[1]}; {MAIL}", decision)
    assert run(found) == ([X[1], MAIL], ["UPDATE users SET mail = 'x'"])


def test_what_needs_what_comes_last_comes_after_it() -> None:
    index = "CREATE INDEX i ON users (x)"
    back = ["DROP INDEX i", "ALTER TABLE users DROP COLUMN x"]
    found = decided(UNKNOWN, f"{ADDED}; {index}", Decision.OURS_FIRST)
    assert run(found) == ([ADDED, index], [*back, UNKNOWN, ADDED, index])


def test_what_was_taken_out_is_called_as_it_was_where_it_moved_on() -> None:
    people = "ALTER TABLE users RENAME TO people"
    theirs = f"{people}; ALTER TABLE people RENAME COLUMN email TO mail"
    assert run(decided(RENAMES[0], theirs, Decision.OURS)) == (
        [people],
        [
            "ALTER TABLE people RENAME COLUMN mail TO email",
            "ALTER TABLE people RENAME COLUMN email TO contact",
        ],
    )
    dropped = "ALTER TABLE users DROP COLUMN email"
    found = decided(dropped, f"{MAIL}; {VIEW.replace('email', 'mail')}", Decision.OURS)
    back = ["ALTER TABLE users RENAME COLUMN mail TO email", "DROP VIEW v", dropped]
    assert run(found) == ([], back)
    assert found.given_up == ("theirs:1", "theirs:2")


def test_names_that_were_exchanged_are_given_back() -> None:
    away, on = "users RENAME COLUMN email TO n2", "users RENAME COLUMN n TO email"
    found = decided(f"ALTER TABLE {away}; ALTER TABLE {on}", MAIL, Decision.THEIRS)
    assert run(found)[0] == [
        "ALTER TABLE users RENAME COLUMN email TO n",
        "ALTER TABLE users RENAME COLUMN n2 TO email",
        MAIL,
    ]


def test_what_comes_last_does_there_what_it_says() -> None:
    found = decided(ADDED, "DROP TABLE users", Decision.OURS_FIRST)
    assert run(found)[0] == ["DROP TABLE users"]
    assert not columns(found.schema)


def test_what_needed_what_was_edited_comes_after_it() -> None:
    sides = [
        (f"CREATE TABLE t ({c} TEXT)", f"INSERT INTO t ({c}) VALUES ('{n}')")
        for n, c in enumerate("ab")
    ]
    both = "CREATE TABLE t (a TEXT, b TEXT)"
    found = decided("; ".join(sides[0]), "; ".join(sides[1]), Edited(f"{both};\n"))
    way = ["DROP TABLE t", both, sides[0][1], sides[1][1]]
    assert run(found) == (way, way)


def orders(ours: str, theirs: str) -> set[str]:
    (found,) = merge(BASE, interpret(ours, BASE), interpret(theirs, BASE)).conflicts
    return {one.value for one in found.decisions} - {"ours", "theirs"}


def test_an_order_is_offered_where_carrying_makes_it_work_and_only_then() -> None:
    assert orders(X[0], X[1]) == {"order ours-first", "order theirs-first"}
    assert orders(X[0], f"{X[1]}; {MAIL}") == {"order ours-first", "order theirs-first"}
    # Of two names for one thing, an order says no more than whose is to stand.
    assert orders(RENAMES[0], RENAMES[1]) == set()
    # Another table with the name is not the one that was meant.
    away = (
        "ALTER TABLE users RENAME TO tags; ALTER TABLE tags DROP COLUMN email;"
        "CREATE TABLE users (email TEXT)"
    )
    found = merge(BASE, interpret(away, BASE), interpret(X[0], BASE)).conflicts
    assert found
    assert all(Decision.OURS_FIRST not in one.decisions for one in found)
