"""The laws of operations: inverses roll back, clear footprints commute, commuting changes no effect."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemaops.operations import OPERATIONS, Operation
from schemaops.operations.commute import commute
from schemaops.operations.lines import from_lines, to_lines
from schemaops.schema.state import Schema
from tests.laws.strategies import DIALECTS, lines


def _steps(
    before: Schema, operations: tuple[Operation, ...]
) -> Iterator[tuple[Schema, Operation, Schema]]:
    for operation in operations:
        after = operation.apply(before)
        yield before, operation, after
        before = after


def _pairs(
    before: Schema, operations: tuple[Operation, ...]
) -> Iterator[tuple[Schema, Operation, Operation, Schema]]:
    steps = list(_steps(before, operations))
    for (start, first, _), (_, second, end) in pairwise(steps):
        yield start, first, second, end


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=60)
def test_an_inverse_rolls_back(dialect: str, data: st.DataObject) -> None:
    before, operations = data.draw(lines(dialect))
    for start, operation, end in _steps(before, operations):
        back = operation.invert(start).apply(end)
        assert back == start
        assert back.strict_fingerprint == start.strict_fingerprint, operation


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=60)
def test_inverting_twice_has_the_effect_of_the_original(dialect: str, data: st.DataObject) -> None:
    before, operations = data.draw(lines(dialect))
    for start, operation, end in _steps(before, operations):
        again = operation.invert(start).invert(end)
        assert again.apply(start) == end


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=60)
def test_commuting_preserves_the_effect(dialect: str, data: st.DataObject) -> None:
    before, operations = data.draw(lines(dialect))
    for start, first, second, end in _pairs(before, operations):
        swapped = commute(first, second, start)
        if swapped is not None:
            assert swapped[1].apply(swapped[0].apply(start)) == end


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=60)
def test_commuting_twice_is_the_identity(dialect: str, data: st.DataObject) -> None:
    before, operations = data.draw(lines(dialect))
    for start, first, second, _ in _pairs(before, operations):
        swapped = commute(first, second, start)
        if swapped is not None:
            assert commute(*swapped, start) == (first, second)


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=60)
def test_clear_footprints_commute(dialect: str, data: st.DataObject) -> None:
    before, operations = data.draw(lines(dialect))
    for start, first, second, end in _pairs(before, operations):
        if first.footprint().clear_of(second.footprint()):
            assert first.apply(second.apply(start)) == end


@pytest.mark.parametrize("dialect", DIALECTS)
@given(data=st.data())
@settings(max_examples=60)
def test_operations_written_down_are_read_back_exactly(dialect: str, data: st.DataObject) -> None:
    _, operations = data.draw(lines(dialect))
    again = from_lines(to_lines(operations))
    assert again == operations
    # Equality leaves out how an expression is written, a column's place and the like.
    assert repr(again) == repr(operations)


def test_every_operation_is_drawn() -> None:
    drawn: set[type] = set()
    for dialect in DIALECTS:

        @given(lines(dialect))
        @settings(max_examples=150)
        def draw(line: tuple[Schema, tuple[Operation, ...]]) -> None:
            drawn.update(map(type, line[1]))

        draw()
    assert drawn == set(OPERATIONS)
