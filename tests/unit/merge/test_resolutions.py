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
