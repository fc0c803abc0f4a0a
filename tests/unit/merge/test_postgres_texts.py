"""What PostgreSQL reads itself, carried past a rename, and held by what it names."""

from __future__ import annotations

import pytest

from schemaops.merge import Merge, merge
from schemaops.sql.interpret import interpret

BASE = """
    CREATE TYPE pt AS (x int, y int);
    CREATE TABLE t (id int PRIMARY KEY, n int, b jsonb, p pt)
"""


def _merged(ours: str, theirs: str) -> Merge:
    base = interpret(BASE, dialect="postgres").after
    sides = interpret(ours, base), interpret(theirs, base)
    assert not any(side.faults or side.opaque for side in sides)
    return merge(base, *sides)


@pytest.mark.parametrize(
    ("ours", "theirs", "carried"),
    [
        (
            "CREATE FUNCTION f() RETURNS int RETURN (SELECT max(n) FROM t)",
            "ALTER TABLE t RENAME n TO nn",
            "CREATE FUNCTION f() RETURNS int RETURN (SELECT max(nn) FROM t)",
        ),
        (
            "CREATE FUNCTION f() RETURNS SETOF int BEGIN ATOMIC SELECT n FROM t; END",
            "ALTER TABLE t RENAME TO tt",
            "CREATE FUNCTION f() RETURNS SETOF int BEGIN ATOMIC SELECT n FROM tt; END",
        ),
        (
            "CREATE VIEW v AS SELECT x.k FROM t, JSON_TABLE(t.b, '$[*]' COLUMNS (k int)) x",
            "ALTER TABLE t RENAME b TO bb",
            "CREATE VIEW v AS SELECT x.k FROM t, JSON_TABLE(t.bb, '$[*]' COLUMNS (k int)) x",
        ),
        (
            "CREATE VIEW v AS SELECT (p).x FROM t",
            "ALTER TABLE t RENAME p TO pp",
            "CREATE VIEW v AS SELECT (pp).x FROM t",
        ),
        (
            "CREATE RECURSIVE VIEW v (n) AS SELECT n FROM t UNION ALL SELECT n + 1 FROM v",
            "ALTER TABLE t RENAME n TO nn",
            "CREATE RECURSIVE VIEW v (n) AS SELECT nn FROM t UNION ALL SELECT n + 1 FROM v",
        ),
    ],
)
def test_a_text_follows_a_rename(ours: str, theirs: str, carried: str) -> None:
    found = _merged(ours, theirs)
    assert found.clean
    assert [one.sql for one in found.theirs_to_merged] == [carried]


@pytest.mark.parametrize(
    "theirs", ["ALTER TABLE t DROP COLUMN n", "ALTER TABLE t ALTER n TYPE bigint", "DROP TABLE t"]
)
def test_a_body_holds_what_it_names(theirs: str) -> None:
    found = _merged("CREATE FUNCTION f() RETURNS int RETURN (SELECT max(n) FROM t)", theirs)
    assert not found.clean
