from __future__ import annotations

import re
from typing import Any, Literal, NotRequired, TypedDict

import pytest

from schemaops.reports.json import json_schema
from schemaops.reports.shapes import SHAPES, schemas
from tests.unit.reports.validation import mistakes


class _Part(TypedDict):
    """A part."""

    name: str
    parts: list[_Part]


class _Whole(TypedDict):
    """A whole, made
    of parts."""

    format: Literal["schemaops.whole/1"]
    count: int
    kind: Literal["a", "b"] | None
    part: NotRequired[_Part]
    facts: dict[str, bool]


WELL: dict[str, Any] = {
    "format": "schemaops.whole/1",
    "count": 1,
    "kind": None,
    "part": {"name": "x", "parts": [{"name": "y", "parts": []}]},
    "facts": {"yes": True},
}


def test_a_shape_has_a_schema() -> None:
    schema = json_schema(_Whole)
    assert schema["title"] == "schemaops.whole/1"
    assert schema["description"] == "A whole, made of parts."
    assert schema["required"] == ["format", "count", "kind", "facts"]
    assert list(mistakes(WELL, schema)) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": "other/1"}, "$.format is"),
        ({"count": "1"}, "$.count is"),
        ({"count": True}, "$.count is"),
        ({"kind": "c"}, "$.kind is"),
        ({"part": {"name": "x", "parts": [{"name": 1, "parts": []}]}}, "$.part.parts[0].name is"),
        ({"facts": {"yes": 1}}, "$.facts.yes is"),
        ({"more": 1}, "$ has more"),
    ],
)
def test_what_is_not_of_the_shape_is_told(change: dict[str, Any], told: str) -> None:
    found = list(mistakes({**WELL, **change}, json_schema(_Whole)))
    assert len(found) == 1
    assert found[0].startswith(told)


def test_what_a_shape_cannot_hold_is_refused() -> None:
    class Odd(TypedDict):
        format: Literal["odd/1"]
        when: set[str]

    with pytest.raises(TypeError, match="set"):
        json_schema(Odd)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_every_shape_is_documented_and_begins_with_its_format(shape: type) -> None:
    schema = json_schema(shape)
    assert next(iter(schema["properties"])) == "format"  # type: ignore[call-overload]
    assert schema.get("description")


def test_every_format_has_one_schema() -> None:
    for name, schema in schemas().items():
        assert re.fullmatch(r"schemaops\.[a-z]+/\d+", name)
        assert schema["title"] == name
