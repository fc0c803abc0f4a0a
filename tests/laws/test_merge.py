"""The laws of merging, over lines drawn in context from one base."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemaops.diff import diff
from schemaops.merge import (
    Decision,
    KnownRows,
    Merge,
    MergedStatement,
    Unresolved,
    merge,
    merge_resolved,
)
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Interpretation, interpret
from tests.engines import Server
from tests.laws.strategies import DIALECTS, Draft
from tests.outcomes import Refused, bench

Fork = tuple[Interpretation, Interpretation, Interpretation]


@st.composite
def forks(draw: st.DrawFn, dialect: str, *, data: bool = True) -> Fork:
    """A base, and two lines that leave it."""
    start = Draft(draw, Schema.empty(dialect), data=data, sound=True)
    for _ in range(draw(st.integers(2, 5))):
        start.say()
    assume(start.statements)
    base = interpret(";\n".join(start.statements), None, dialect)
    assume(not base.faults)
    return base, _line(draw, base, data=data), _line(draw, base, data=data)


def _line(draw: st.DrawFn, base: Interpretation, *, data: bool) -> Interpretation:
    draft = Draft(draw, base.after, data=data, sound=True)
    for _ in range(draw(st.integers(1, 3))):
        draft.say()
    return interpret(";\n".join(draft.statements), base.after)


def _merged(fork: Fork, *, swapped: bool = False) -> Merge:
    base, ours, theirs = fork
    sides = (theirs, ours) if swapped else (ours, theirs)
    return merge(base.after, *sides, KnownRows.of(base))


def _turned(steps: tuple[MergedStatement, ...]) -> tuple[MergedStatement, ...]:
    def other(place: str) -> str:
        side, number = place.split(":")
        return f"{'theirs' if side == 'ours' else 'ours'}:{number}"

    return tuple(
        replace(step, origin=other(step.origin), once=step.once and other(step.once))
        for step in steps
    )


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=80)
def test_merging_is_symmetric(dialect: str, data: st.DataObject) -> None:
    fork = data.draw(forks(dialect))
    found, swapped = _merged(fork), _merged(fork, swapped=True)
    assert sorted(c.id for c in found.conflicts) == sorted(c.id for c in swapped.conflicts)
    assert sorted(c.id for c in found.warnings) == sorted(c.id for c in swapped.warnings)
    if found.clean:
        assert found.schema == swapped.schema
        assert found.ours_to_merged == _turned(swapped.theirs_to_merged)
        assert found.theirs_to_merged == _turned(swapped.ours_to_merged)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=40)
def test_merging_with_nothing_is_the_line(dialect: str, data: st.DataObject) -> None:
    base, ours, _ = data.draw(forks(dialect))
    nothing = interpret("", base.after)
    found = merge(base.after, ours, nothing, KnownRows.of(base))
    assert found.clean
    assert found.schema == ours.after
    assert found.ours_to_merged == ()
    assert [step.sql for step in found.theirs_to_merged] == [group.text for group in ours.groups]
    assert not any(step.carried for step in found.theirs_to_merged)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=40)
def test_merging_with_itself_makes_everything_once(dialect: str, data: st.DataObject) -> None:
    base, ours, _ = data.draw(forks(dialect))
    found = merge(base.after, ours, ours, KnownRows.of(base))
    assert found.clean
    assert found.schema == ours.after
    assert all(step.once for step in (*found.ours_to_merged, *found.theirs_to_merged))


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=80)
def test_a_resolved_conflict_does_not_come_back_from_either_side(
    dialect: str, data: st.DataObject
) -> None:
    base, ours, theirs = fork = data.draw(forks(dialect))
    known: dict[str, Decision] = {}
    found = _merged(fork)
    try:
        while found.conflicts:
            fresh = [c for c in found.conflicts if c.id not in known]
            assert fresh, "a conflict came back that was decided"
            for conflict in fresh:
                known[conflict.id] = data.draw(st.sampled_from((Decision.OURS, Decision.THEIRS)))
            found = merge_resolved(base.after, ours, theirs, KnownRows.of(base), known, diff)
        turned = {name: decision.swapped() for name, decision in known.items()}
        swapped = merge_resolved(base.after, theirs, ours, KnownRows.of(base), turned, diff)
    except Unresolved:
        return  # what the decision leaves does not apply, and says so
    assert swapped.clean
    assert swapped.schema == found.schema


@given(data=st.data())
@settings(max_examples=120)
def test_clean_merges_are_confirmed_by_sqlite(sqlite_server: Server, data: st.DataObject) -> None:
    base, ours, theirs = fork = data.draw(forks("sqlite"))
    found = _merged(fork)
    assume(found.clean)
    before = _texts(base)
    ends = []
    with bench(sqlite_server, "") as on:
        for side, way in ((ours, found.ours_to_merged), (theirs, found.theirs_to_merged)):
            alone = [*before, *_texts(side)]
            # A draft may write rows that the database refuses: such a line is no line.
            assume(not isinstance(on.outcome(alone), Refused))
            ends.append(on.outcome([*alone, *(step.sql for step in way if step.sql)]))
    assert not any(isinstance(end, Refused) for end in ends), ends
    assert ends[0] == ends[1]


def _texts(read: Interpretation) -> list[str]:
    return [group.text for group in read.groups]


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=30)
def test_clean_merges_are_associative(dialect: str, data: st.DataObject) -> None:
    base, ours, theirs = data.draw(forks(dialect, data=False))
    third = _line(data.draw, base, data=False)
    first = _joined(base, ours, theirs)
    last = _joined(base, theirs, third)
    if first is None or last is None:
        return
    left, right = merge(base.after, first, third), merge(base.after, ours, last)
    if left.clean and right.clean:
        assert left.schema == right.schema


def _joined(
    base: Interpretation, ours: Interpretation, theirs: Interpretation
) -> Interpretation | None:
    """What a clean merge of two lines leads along, as one line."""
    found = merge(base.after, ours, theirs)
    if not found.clean:
        return None
    texts = [*_texts(ours), *(step.sql for step in found.ours_to_merged if step.sql)]
    return interpret(";\n".join(texts), base.after)
