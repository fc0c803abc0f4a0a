"""A merge revision leads to its schema from either side, back to it, and is the same from both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemaops.commands.merged import merge_revision
from schemaops.diff import diff
from schemaops.errors import Place
from schemaops.history.format import to_bytes
from schemaops.history.fsck import File, faults
from schemaops.history.revision import RevisionId
from schemaops.merge.bases import fork, settled
from schemaops.schema.state import Schema
from tests.laws.strategies import Draft
from tests.unit.plan.histories import History, Pretended

DIALECTS = ("postgres", "sqlite")


def drawn(draw: st.DrawFn, schema: Schema, most: int) -> Iterator[str]:
    """Yield revisions of a few statements that apply one after another."""
    for _ in range(draw(st.integers(1, most))):
        draft = Draft(draw, schema, sound=True)
        for _ in range(draw(st.integers(1, 3))):
            draft.say()
        if draft.statements:
            yield "".join(f"{text};\n" for text in draft.statements).rstrip("\n")
        schema = draft.schema


@st.composite
def forks(draw: st.DrawFn, dialect: str) -> tuple[History, RevisionId, RevisionId]:
    history = History(dialect)
    base = Draft(draw, Schema.empty(dialect), data=False, sound=True)
    for _ in range(1 + draw(st.integers(1, 4))):
        base.say()
    assume(base.statements)
    start = history.seal("; ".join(base.statements) + ";", None)
    heads = []
    for _ in range(2):
        head = start
        for text in drawn(draw, base.schema, 2):
            head = history.seal(text, None, head)
        heads.append(head)
    assume(len(history.dag.heads()) == 2)
    return history, heads[0], heads[1]


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=60)
def test_a_merge_revision_leads_there_from_either_side_and_back(
    dialect: str, data: st.DataObject
) -> None:
    history, ours, theirs = data.draw(forks(dialect))
    found = fork(history.states, ours, theirs, diff)
    assert found == fork(history.states, theirs, ours, diff)
    merged, _ = settled(found, diff)
    assume(merged.clean)
    made = merge_revision(history.states, found, merged)
    name = history._added(made)
    assert made.author is None
    assert made.fingerprint == merged.schema.fingerprint
    place = Place("x")
    sound = faults(
        [File(one, to_bytes(value), place) for one, value in history.revisions.items()], dialect
    )
    assert sound == ()
    for head in (ours, theirs):
        database = Pretended(dialect, schema=history.states.schema(head))
        start = Pretended(dialect)
        for move in start.plan(history, head).moves:
            database.facts += move.facts
        # Each move ends where it foresaw, and what undoes it leads back: `replay` asserts both.
        moved = database.replay(history, name)
        assert [revision for _, revision in moved] == [name]
        assert database.replay(history, head) == [("revert", name)]
