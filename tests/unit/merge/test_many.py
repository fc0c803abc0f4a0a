"""Which branches may be at odds, and the order in which they merge best."""

from __future__ import annotations

from itertools import pairwise

import pytest

from schemaops.history.revision import RevisionId
from schemaops.merge.many import Footing, footing, merge_order, overlapping
from schemaops.schema.state import Schema
from schemaops.sql.interpret import interpret

BASE = """
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, buyer INTEGER REFERENCES users (id));
CREATE TABLE logs (id INTEGER PRIMARY KEY, said TEXT);
"""


def of(sql: str, dialect: str = "postgres") -> Footing:
    base = interpret(BASE, Schema.empty(dialect)).after
    return footing(interpret(sql, base).groups, base)


@pytest.mark.parametrize(
    ("ours", "theirs", "meet"),
    [
        ("ALTER TABLE users ADD COLUMN a INT", "ALTER TABLE logs ADD COLUMN a INT", False),
        ("ALTER TABLE users ADD COLUMN a INT", "ALTER TABLE users ADD COLUMN b INT", True),
        # What refers to a table has to do with it, and so have the rows of either.
        ("CREATE TABLE t (u INT REFERENCES users (id))", "DELETE FROM users", True),
        ("DELETE FROM orders", "INSERT INTO users VALUES (1, 'a')", True),
        ("DELETE FROM logs", "INSERT INTO users VALUES (1, 'a')", False),
        # A name is taken once, whatever bears it.
        ("CREATE INDEX x ON users (email)", "CREATE TABLE x (id INT)", True),
        ("ALTER TABLE logs RENAME TO x", "CREATE INDEX x ON users (email)", True),
        ("DROP SCHEMA public CASCADE", "CREATE TABLE t (id INT)", True),
        ("CREATE SCHEMA s", "CREATE TABLE t (id INT)", False),
        # Nobody knows what it does.
        ("DO $$ BEGIN NULL; END $$", "CREATE TABLE t (id INT)", True),
    ],
)
def test_footings_meet_where_there_may_be_something_to_decide(
    ours: str, theirs: str, *, meet: bool
) -> None:
    assert of(ours).meets(of(theirs)) is meet
    assert of(theirs).meets(of(ours)) is meet


def test_only_branches_that_touch_the_same_are_paired() -> None:
    names = {text: RevisionId(text * 40) for text in "abcdef"}
    footings = {
        names["a"]: Footing(frozenset({"users"}), frozenset({"schema public"})),
        names["b"]: Footing(frozenset({"users"})),
        names["c"]: Footing(frozenset({"logs"}), frozenset({"schema public"})),
        names["d"]: Footing(frozenset({"schema public"})),
        names["e"]: Footing(frozenset({"*"})),
        names["f"]: Footing(frozenset({"users"})),
    }

    def pairs(**branches: str) -> set[tuple[str, str]]:
        chosen = {name: [names[one] for one in text] for name, text in branches.items()}
        return set(overlapping(chosen, footings))

    assert pairs(x="a", y="b", z="c") == {("x", "y")}
    assert pairs(x="a", y="c", z="d") == {("x", "z"), ("y", "z")}
    # What both have is no matter between them.
    assert pairs(x="ab", y="a", z="f") == {("x", "z"), ("y", "z")}
    assert pairs(x="e", y="c", z="b") == {("x", "y"), ("x", "z")}
    assert pairs(x="a") == set()


def test_the_largest_group_goes_first_and_each_next_has_the_fewest_conflicts() -> None:
    conflicts = {("a", "b"): 1, ("b", "c"): 2}
    assert merge_order("abcd", {}, {}) == (("a", "b", "c", "d"),)
    assert merge_order("abcd", conflicts, {}) == (("a", "c", "d"), ("b",))
    # What is at odds with the target itself waits, however little it is at odds with others.
    assert merge_order("abcd", conflicts, {"a": 1}) == (("c", "d"), ("a",), ("b",))
    many = [f"n{number:02}" for number in range(40)]
    ring = dict.fromkeys(pairwise(many), 1)
    groups = merge_order(many, ring, {})
    assert sorted(name for group in groups for name in group) == many
    for group in groups:
        assert not any((a, b) in ring for a in group for b in group)
