"""Values: what a row holds and an expression gives, with answers where nobody can tell.

A value is a str, a Decimal for every number, a bool, None for NULL, or unknown. `UNKNOWN` could be
anything. A `Kept` value is not looked into either, but it is the same wherever the same was stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from schemaops.sql.exact import arithmetic

__all__ = [
    "UNKNOWN",
    "Kept",
    "Unknown",
    "Value",
    "chained",
    "compared",
    "computed",
    "identical",
    "negated",
    "number",
    "truth",
]


@dataclass(frozen=True, slots=True)
class Unknown:
    """The answer where the text or the row does not tell."""


@dataclass(frozen=True, slots=True)
class Kept(Unknown):
    """A value that was stored and is not NULL, told from others by where it came from."""

    key: object = None


UNKNOWN = Unknown()
Value = str | Decimal | bool | None | Unknown


def number(text: str) -> Value:
    """Return the number that a text spells."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return UNKNOWN
    return found if found.is_finite() else UNKNOWN


def identical(one: Value, other: Value) -> bool:
    """Whether two stored values are known to be one and the same."""
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return isinstance(one, Kept) and one == other
    return one == other and isinstance(one, bool) is isinstance(other, bool)


def truth(value: Value, dialect: str) -> Value:
    """Return a value as a condition: True, False, None, or UNKNOWN."""
    if isinstance(value, Decimal) and dialect != "postgres":
        return value != 0
    return value if value is None or isinstance(value, bool) else UNKNOWN


def negated(value: Value) -> Value:
    """Return NOT of a condition."""
    return not value if isinstance(value, bool) else None if value is None else UNKNOWN


def chained(operator: str, terms: Iterable[Value]) -> Value:
    """Return AND or OR of conditions."""
    deciding = operator == "OR"
    found = tuple(terms)
    if any(term is deciding for term in found):
        return deciding
    if any(isinstance(term, Unknown) for term in found):
        return UNKNOWN
    return None if any(term is None for term in found) else not deciding


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "==": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_EQUALITIES = frozenset({"=", "==", "<>", "!="})


def compared(operator: str, left: Value, right: Value, dialect: str) -> Value:
    """Return what a comparison of two values gives; UNKNOWN for an operator that is none."""
    if operator not in _COMPARISONS:
        return UNKNOWN
    left, right = _plain(left, dialect), _plain(right, dialect)
    if left is None or right is None:
        return None
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return UNKNOWN
    if isinstance(left, str) and isinstance(right, str):
        # Other collations order, and MySQL's also equate, strings otherwise than by code points.
        if operator not in _EQUALITIES or not _told_apart(left, right, dialect):
            return UNKNOWN
    elif type(left) is not type(right):
        if dialect != "sqlite":
            return UNKNOWN
        left, right = _ranked(left), _ranked(right)
        if left is None or right is None:
            return UNKNOWN
    return _COMPARISONS[operator](left, right)


def _plain(value: Value, dialect: str) -> Value:
    return Decimal(value) if isinstance(value, bool) and dialect != "postgres" else value


_NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*\Z")


def _ranked(value: str | Decimal | bool) -> Decimal | None:
    """Return where a value stands among those of the other kind: in SQLite numbers come before texts
    that do not read as numbers."""
    if isinstance(value, str):
        return None if _NUMBER.match(value) else Decimal(1)
    return Decimal(0)


def _told_apart(left: str, right: str, dialect: str) -> bool:
    if dialect != "mysql" or left == right:
        return True
    both = left + right
    return both.isascii() and left.rstrip().lower() != right.rstrip().lower()


_EXACT = Decimal(2) ** 52


def computed(operator: str, left: Value, right: Value, dialect: str) -> Value:
    """Return what arithmetic or concatenation of two values gives."""
    left, right = _plain(left, dialect), _plain(right, dialect)
    if left is None or right is None:
        known = operator in ("+", "-", "*") or (operator == "||" and dialect != "mysql")
        return None if known else UNKNOWN
    if isinstance(left, str) and isinstance(right, str) and dialect != "mysql":
        return left + right if operator == "||" else UNKNOWN
    if not isinstance(left, Decimal) or not isinstance(right, Decimal):
        return UNKNOWN
    found = arithmetic(operator, left, right) if operator in ("+", "-", "*") else None
    if found is None:
        return UNKNOWN
    if dialect == "sqlite" and not all(map(_is_exact, (left, right, found))):
        return UNKNOWN  # its fractions are binary
    return found


def _is_exact(value: Decimal) -> bool:
    return abs(value) < _EXACT and Decimal(float(value)) == value
