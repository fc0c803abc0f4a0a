from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemaops.reports.graph import drawn


def _picture(history: Mapping[str, str]) -> str:
    rows = drawn((name, parents.split()) for name, parents in history.items())
    return "\n".join(f"{drawing} {name or ''}".rstrip() for drawing, name in rows)


@pytest.mark.parametrize(
    ("history", "picture"),
    [
        ({}, ""),
        ({"b": "a", "a": ""}, "* b\n* a"),
        (
            {"m": "b c", "c": "a", "b": "a", "a": ""},
            "* m\n|\\\n| * c\n* | b\n|/\n* a",
        ),
        (
            {"y": "a", "x": "a", "a": ""},
            "* y\n| * x\n|/\n* a",
        ),
        (
            {"n": "m d", "d": "a", "m": "b c", "c": "a", "b": "a", "a": ""},
            "* n\n|\\\n| * d\n* | m\n|\\ \\\n| * | c\n* | | b\n|_|/\n|/\n* a",
        ),
        (
            {"z": "", "y": "x", "x": ""},
            "* z\n* y\n* x",
        ),
        (
            {"y": "x", "z": "", "x": ""},
            "* y\n| * z\n* x",
        ),
    ],
)
def test_the_picture(history: Mapping[str, str], picture: str) -> None:
    assert _picture(history) == picture


@given(st.lists(st.sets(st.integers(1, 5), max_size=3), max_size=12))
def test_every_revision_stands_once_and_in_order(steps: list[set[int]]) -> None:
    total = len(steps)
    history = [
        (str(place), [str(place + step) for step in sorted(jumps) if place + step < total])
        for place, jumps in enumerate(steps)
    ]
    rows = list(drawn(history))
    assert [name for _, name in rows if name is not None] == [name for name, _ in history]
    for drawing, name in rows:
        assert drawing.count("*") == (name is not None)
        assert not set(drawing) - set("*|/\\_ ")
