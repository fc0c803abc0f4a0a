"""A validator for the part of JSON Schema that our shapes are written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["mistakes"]

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def mistakes(
    value: Any, schema: Mapping[str, Any], root: Mapping[str, Any] | None = None, at: str = "$"
) -> Iterator[str]:
    """Yield where a value is not as a schema has it."""
    root = schema if root is None else root
    if "$ref" in schema:
        yield from mistakes(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, at)
        return
    if "anyOf" in schema:
        tried = [list(mistakes(value, one, root, at)) for one in schema["anyOf"]]
        if all(tried):
            yield min(tried, key=len)[0]
        return
    if "const" in schema and value != schema["const"]:
        yield f"{at} is {value!r}, not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is {value!r}, none of {schema['enum']!r}"
    wanted = schema.get("type")
    if wanted is not None:
        is_it = isinstance(value, _TYPES[wanted])
        if not is_it or (isinstance(value, bool) and wanted in ("integer", "number")):
            yield f"{at} is {value!r}, no {wanted}"
            return
    if isinstance(value, dict):
        yield from _of_object(value, schema, root, at)
    if isinstance(value, list) and "items" in schema:
        for place, one in enumerate(value):
            yield from mistakes(one, schema["items"], root, f"{at}[{place}]")


def _of_object(
    value: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], at: str
) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at} lacks {name}"
    for name, one in value.items():
        further = schema.get("additionalProperties", {})
        if name in properties:
            yield from mistakes(one, properties[name], root, f"{at}.{name}")
        elif further is False:
            yield f"{at} has {name}, which nobody knows"
        else:
            yield from mistakes(one, further, root, f"{at}.{name}")
