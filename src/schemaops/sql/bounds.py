"""Whether two partitions of one table ask for the same rows, as far as their bounds' texts tell."""

from __future__ import annotations

import re
from decimal import Decimal
from math import gcd

from schemaops.schema.expressions import Expression

__all__ = ["empty", "meet", "strategy_of"]

_RANGE = re.compile(r"FOR VALUES FROM \((.*)\) TO \((.*)\)", re.DOTALL)
_LIST = re.compile(r"FOR VALUES IN \((.*)\)", re.DOTALL)
_HASH = re.compile(r"FOR VALUES WITH \(modulus (\d+), remainder (\d+)\)", re.IGNORECASE)
_LITERALS = re.compile(r"'(?:[^']|'')*'|[^,\s][^,]*")
_DATE = re.compile(r"'\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?'")
_ENDS = ("MINVALUE", "MAXVALUE")
_End = Decimal | str | None


def strategy_of(bound: Expression) -> str | None:
    """Return how a table is partitioned that a bound is for; None where it is for any."""
    text = str(bound)
    for strategy, pattern in (("range", _RANGE), ("list", _LIST), ("hash", _HASH)):
        if pattern.fullmatch(text):
            return strategy
    return None


def meet(one: Expression, other: Expression) -> bool | None:
    """Return whether two bounds hold rows in common; None where their texts do not tell."""
    mine, its = str(one), str(other)
    if "DEFAULT" in (mine, its):
        return mine == its
    ranges = [_RANGE.fullmatch(text) for text in (mine, its)]
    if all(ranges):
        ends = [_end(text) for found in ranges if found for text in found.groups()]
        if not _comparable(ends):
            return None
        low, high, least, most = ends
        return _below(low, most) and _below(least, high)
    lists = [_LIST.fullmatch(text) for text in (mine, its)]
    if all(lists):
        values = [set(_LITERALS.findall(found[1])) for found in lists if found]
        return bool(values[0] & values[1])
    hashes = [_HASH.fullmatch(text) for text in (mine, its)]
    if all(hashes):
        (m, r), (n, s) = ([int(part) for part in found.groups()] for found in hashes if found)
        return (r - s) % gcd(m, n) == 0
    return None


def empty(bound: Expression) -> bool:
    """Whether a range surely holds nothing: its end is not above its beginning."""
    found = _RANGE.fullmatch(str(bound))
    if found is None:
        return False
    ends = [_end(text) for text in found.groups()]
    return _comparable(ends) and not _below(ends[0], ends[1])


def _comparable(ends: list[_End]) -> bool:
    return None not in ends and len({type(e) for e in ends if e not in _ENDS}) <= 1


def _end(text: str) -> _End:
    text = text.strip()
    if text.upper() in _ENDS:
        return text.upper()
    if re.fullmatch(r"'?-?\d+(?:\.\d+)?'?", text):
        return Decimal(text.strip("'"))
    return text if _DATE.fullmatch(text) else None


def _below(one: _End, other: _End) -> bool:
    if one in _ENDS or other in _ENDS:
        return one == "MINVALUE" or other == "MAXVALUE"
    assert one is not None
    assert other is not None
    return one < other  # type: ignore[operator]
