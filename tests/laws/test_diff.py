"""Diff closes the gap: its operations lead from one schema to the other, and none leads nowhere."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemaops.diff import diff
from schemaops.operations import Operation
from schemaops.schema.state import Schema
from schemaops.sql.interpret import interpret
from schemaops.sql.render import render, script
from tests.laws.strategies import DIALECTS, pairs


def _applied(operations: tuple[Operation, ...], schema: Schema) -> Schema:
    for operation in operations:
        schema = operation.apply(schema)
    return schema


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=100)
def test_a_diff_applied_closes_the_gap(dialect: str, data: st.DataObject) -> None:
    before, after = data.draw(pairs(dialect))
    assert _applied(diff(before, after), before) == after


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=30)
def test_a_diff_of_equals_is_empty(dialect: str, data: st.DataObject) -> None:
    before, after = data.draw(pairs(dialect))
    assert diff(before, before) == ()
    reached = _applied(diff(before, after), before)
    assert diff(reached, after) == ()


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=100)
def test_a_diff_rendered_is_read_as_the_other_schema(dialect: str, data: st.DataObject) -> None:
    before, after = data.draw(pairs(dialect))
    text = script(render(diff(before, after), before))
    read = interpret(text, before)
    assert [fault.error.message for fault in read.faults] == [], text
    assert [group.text for group in read.opaque] == [], text
    assert read.after == after, text
