"""Branches whose footings do not meet merge cleanly: what the matrix of branches rests on."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.many import footing
from schemaops.merge.three_way import merge_lines
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Interpretation, interpret
from tests.laws.strategies import Draft

DIALECTS = ("postgres", "mysql", "sqlite")


def line(draw: st.DrawFn, before: Schema) -> Interpretation:
    draft = Draft(draw, before, sound=True)
    for _ in range(draw(st.integers(1, 3))):
        draft.say()
    return interpret("".join(f"{text};\n" for text in draft.statements), before)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=40)
def test_where_footings_do_not_meet_a_merge_is_clean(dialect: str, data: st.DataObject) -> None:
    base = Draft(data.draw, Schema.empty(dialect), data=False, sound=True)
    for _ in range(6):
        base.say()
    ours, theirs = line(data.draw, base.schema), line(data.draw, base.schema)
    apart = not footing(ours.groups, base.schema).meets(footing(theirs.groups, base.schema))
    merged = merge_lines(base.schema, ours, theirs)
    # That the derivations of a merge disagree is said of one side's own changes, too.
    found = [one.reason for one in merged.conflicts if one.kind is not ConflictKind.DIVERGE]
    assert not (apart and found), found
