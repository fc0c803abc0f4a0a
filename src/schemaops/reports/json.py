"""A report as JSON: one object, its first key `format`; and the JSON Schema of each shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import (
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from schemaops.reports.base import Report

__all__ = ["as_json", "json_schema", "written"]


def as_json(report: Report) -> str:
    """Return the report as one JSON object, ended by a line break."""
    return written(report.shape())


def written(value: Mapping[str, object]) -> str:
    """Return plain data as JSON for people's eyes and machines alike."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def json_schema(*shapes: type) -> dict[str, object]:
    """Return the JSON Schema of what has one of these shapes, each a `TypedDict` of one format."""
    named: dict[str, object] = {}
    bodies = [_object(shape, named) for shape in shapes]
    (title,) = {_format_of(shape) for shape in shapes}
    schema: dict[str, object] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **(bodies[0] if len(bodies) == 1 else {"anyOf": bodies}),
    }
    if named:
        schema["$defs"] = dict(sorted(named.items()))
    return schema


def _format_of(shape: type) -> str:
    (name,) = get_args(get_type_hints(shape)["format"])
    return str(name)


def _object(shape: type, named: dict[str, object]) -> dict[str, object]:
    hints = get_type_hints(shape, include_extras=True)
    required = [name for name, hint in hints.items() if get_origin(hint) is not NotRequired]
    body: dict[str, object] = {
        "type": "object",
        "properties": {name: _schema(hint, named) for name, hint in hints.items()},
        "required": required,
        "additionalProperties": False,
    }
    if shape.__doc__:
        body = {"description": " ".join(shape.__doc__.split()), **body}
    return body


_PLAIN: dict[Any, dict[str, object]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    object: {},
    Any: {},
}


def _schema(hint: Any, named: dict[str, object]) -> dict[str, object]:
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is NotRequired:
        return _schema(arguments[0], named)
    if origin is Literal:
        return {"const": arguments[0]} if len(arguments) == 1 else {"enum": list(arguments)}
    if origin is list:
        return {"type": "array", "items": _schema(arguments[0], named)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(arguments[1], named)}
    if origin in (Union, UnionType):
        return {"anyOf": [_schema(each, named) for each in arguments]}
    if is_typeddict(hint):
        if hint.__name__ not in named:
            named[hint.__name__] = {}
            named[hint.__name__] = _object(hint, named)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    raise TypeError(f"a shape cannot hold {hint!r}")
