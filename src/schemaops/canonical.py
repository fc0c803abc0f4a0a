"""One value, one byte string, one digest: the canonical form that fingerprints are made of.

Every value is written with its type and length, so no two values share a form. A dataclass is
written as its name and those fields that differ from their default: a field added later with a
default leaves older digests as they were. A field with ``metadata={"canonical": False}`` is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any

__all__ = ["canonical", "digest"]


def digest(value: object) -> bytes:
    """Return the SHA-256 of the canonical form of `value`."""
    return hashlib.sha256(canonical(value)).digest()


def canonical(value: object) -> bytes:
    """Return the canonical form of a str, int, bool, None, enum, tuple, frozenset or dataclass."""
    kind: type = type(value)
    return _form_of(kind)(value)


@cache
def _form_of(kind: type) -> Callable[[Any], bytes]:
    """Return what writes values of one type, found once a type."""
    if kind is NoneType:
        return lambda _: b"n;"
    if issubclass(kind, bool):
        return lambda value: b"t;" if value else b"f;"
    if issubclass(kind, Enum):
        return lambda value: canonical(value.value)
    if issubclass(kind, int):
        return lambda value: b"i%d;" % value
    if issubclass(kind, str):
        return _text
    if issubclass(kind, tuple):
        return lambda value: b"(%b)" % b"".join(map(canonical, value))
    if issubclass(kind, frozenset):
        return lambda value: b"{%b}" % b"".join(sorted(map(canonical, value)))
    if is_dataclass(kind):
        return _fields_form(kind)
    raise TypeError(f"no canonical form for {kind.__name__}")


def _text(value: str) -> bytes:
    data = str.__str__(value).encode()
    return b"s%d:%b" % (len(data), data)


def _fields_form(kind: type) -> Callable[[Any], bytes]:
    head = canonical(kind.__name__)
    written = tuple(
        (field.name, canonical(field.name), field.default)
        for field in fields(kind)
        if field.metadata.get("canonical", True)
    )

    def form(value: object) -> bytes:
        parts = [head]
        for name, said, default in written:
            fact = getattr(value, name)
            if default is MISSING or fact != default:
                parts += (said, canonical(fact))
        return b"<%b>" % b"".join(parts)

    return form
