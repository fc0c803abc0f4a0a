"""Revisions taken back at the end of a line, and what needs them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from schemaops.diff import diff
from schemaops.history.revision import RevisionId
from schemaops.merge.lines import Entry, line_between
from schemaops.merge.taking_back import TakenBack, take_back
from schemaops.reverse import reverse
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Interpretation, interpret
from schemaops.sql.render import script
from tests.unit.plan.histories import History


def undo(run: Sequence[Entry], before: Schema) -> Interpretation:
    groups = [entry.group for entry in run if entry.group is not None]
    after = before
    for group in groups:
        after = group.apply(after)
    return interpret(script(reverse(groups, before, diff).statements), after)


class Line(History):
    """One line of revisions."""

    def __init__(self, *texts: str) -> None:
        super().__init__()
        self.names: list[RevisionId] = []
        for text in texts:
            self.names.append(self.seal(text, None, *self.names[-1:]))

    def without(self, *numbers: int) -> TakenBack:
        line = line_between(self.states, None, self.names[-1])
        gone = {self.names[number] for number in numbers}
        found = take_back(Schema.empty("sqlite"), line.entries, gone, undo)
        if found.after is not None:
            read = interpret(script(found.statements), line.after)
            assert read.faults == ()
            assert read.after == found.after
        return found


def test_the_last_is_undone_as_it_is() -> None:
    line = Line("CREATE TABLE a (id INTEGER);", "CREATE TABLE b (id INTEGER);")
    assert line.without(1).statements == ("DROP TABLE b",)


def test_what_came_since_rewords_it() -> None:
    line = Line(
        "CREATE TABLE a (id INTEGER);",
        "ALTER TABLE a ADD COLUMN x TEXT;",
        "ALTER TABLE a RENAME COLUMN x TO y;\nALTER TABLE a RENAME TO c;",
    )
    assert line.without(1).needing
    line = Line(
        "CREATE TABLE a (id INTEGER);",
        "CREATE INDEX i ON a (id);\nALTER TABLE a ADD COLUMN x TEXT;",
        "ALTER TABLE a RENAME TO c;",
    )
    assert line.without(1).statements == ("ALTER TABLE c DROP COLUMN x", "DROP INDEX i")


def test_what_needs_it_is_named_and_can_go_with_it() -> None:
    line = Line(
        "CREATE TABLE a (id INTEGER);",
        "CREATE TABLE b (id INTEGER);",
        "ALTER TABLE b ADD COLUMN x TEXT;",
        "CREATE TABLE c (id INTEGER);",
        "CREATE INDEX i ON b (x);",
    )
    found = line.without(1)
    assert {name for name, _ in found.needing} == {line.names[2], line.names[4]}
    assert found.after is None
    assert {name for name, _ in line.without(2).needing} == {line.names[4]}
    all_of_it = line.without(1, 2, 4)
    assert all_of_it.statements[-1] == "DROP TABLE b"
    rest = "CREATE TABLE a (id INTEGER); CREATE TABLE c (id INTEGER);"
    assert all_of_it.after == interpret(rest, dialect="sqlite").after


def test_what_is_undone_already_leaves_nothing_to_do() -> None:
    line = Line("CREATE TABLE a (id INTEGER);", "CREATE TABLE b (id INTEGER);", "DROP TABLE b;")
    found = line.without(1)
    assert found.statements == ()
    assert found.needing == ()


@pytest.mark.parametrize("number", range(3))
def test_taking_back_what_nothing_needs_gives_the_line_without_it(number: int) -> None:
    texts = [f"CREATE TABLE t{n} (id INTEGER);" for n in range(3)]
    found = Line(*texts).without(number)
    rest = "\n".join(text for n, text in enumerate(texts) if n != number)
    assert found.after == interpret(rest, dialect="sqlite").after
