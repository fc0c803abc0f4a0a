"""One value, one byte string, one digest: the canonical form that fingerprints are made of.

Every value is written with its type and length, so no two values share a form. A dataclass is
written as its name and those fields that differ from their default: a field added later with a
default leaves older digests as they were. A field with ``metadata={"canonical": False}`` is left out.
"""

from __future__ import annotations

import hashlib
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache

__all__ = ["canonical", "digest"]


def digest(value: object) -> bytes:
    """Return the SHA-256 of the canonical form of `value`."""
    return hashlib.sha256(canonical(value)).digest()


def canonical(value: object) -> bytes:
    """Return the canonical form of a str, int, bool, None, enum, tuple, frozenset or dataclass."""
    match value:
        case None:
            return b"n;"
        case bool():
            return b"t;" if value else b"f;"
        case Enum():
            return canonical(value.value)
        case int():
            return b"i%d;" % value
        case str():
            data = str.__str__(value).encode()
            return b"s%d:%b" % (len(data), data)
        case tuple():
            return b"(%b)" % b"".join(map(canonical, value))
        case frozenset():
            return b"{%b}" % b"".join(sorted(map(canonical, value)))
    if is_dataclass(value) and not isinstance(value, type):
        parts = [canonical(type(value).__name__)]
        for name, default in _written(type(value)):
            fact = getattr(value, name)
            if default is MISSING or fact != default:
                parts += (canonical(name), canonical(fact))
        return b"<%b>" % b"".join(parts)
    raise TypeError(f"no canonical form for {type(value).__name__}")


@cache
def _written(kind: type) -> tuple[tuple[str, object], ...]:
    return tuple(
        (field.name, field.default)
        for field in fields(kind)
        if field.metadata.get("canonical", True)
    )
