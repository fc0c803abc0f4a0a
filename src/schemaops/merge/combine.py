"""Combine: what two changes of one fact come to where the meaning is clear — lists that both extend.

The labels that each side inserts keep their places between those that were there. Where both insert in
one place, the side whose first label sorts first stands first, so that both ways round agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemaops.schema.expressions import Expression
from schemaops.sql.types import Family, family, parsed

__all__ = ["combined", "extends"]


def combined(fact: str, base: Any, ours: Any, theirs: Any, dialect: str) -> Any:
    """Return what a fact comes to that both sides change, None where that is theirs to decide."""
    if fact == "values" and isinstance(base, tuple):
        return _renamed(base, ours, theirs) or _lists(base, ours, theirs)
    if fact == "type" and dialect == "mysql":
        return _enum_types(base, ours, theirs)
    return None


def extends(fact: str, before: Any, after: Any, dialect: str) -> bool:
    """Whether a change of a fact only adds to it, so that it combines with others that do."""
    return combined(fact, before, after, before, dialect) is not None


def _enum_types(base: Expression, ours: Expression, theirs: Expression) -> Expression | None:
    if any(family(type_, "mysql") is not Family.ENUM for type_ in (base, ours, theirs)):
        return None
    names = [parsed(type_, "mysql") for type_ in (base, ours, theirs)]
    if len({(name.base, name.suffix) for name in names}) != 1:
        return None
    # In a table a label is its place in the list, so only what is added at the end is added.
    first = names[0].arguments
    if any(name.arguments[: len(first)] != first for name in names):
        return None
    labels = _lists(*(name.arguments for name in names))
    if labels is None:
        return None
    text = f"{names[0].base}({','.join(labels)}){names[0].suffix}"
    return Expression((text,), (text,))


def _renamed(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> tuple[str, ...] | None:
    """Return the labels where one side calls some otherwise that the other leaves as they are."""
    for one, other in ((ours, theirs), (theirs, ours)):
        if len(one) != len(base) or set(one) == set(base):
            continue
        names = {old: new for old, new in zip(base, one, strict=True) if old != new}
        if not names.keys() <= set(other):
            continue
        found = tuple(names.get(label, label) for label in other)
        if len(set(found)) == len(found):
            return found
    return None


def _lists(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> tuple[str, ...] | None:
    mine, its = _gaps(base, ours), _gaps(base, theirs)
    if mine is None or its is None:
        return None
    found: list[str] = []
    for place in range(len(base) + 1):
        one, other = mine[place], its[place]
        if one == other:
            found += one
        elif one and other and set(one) & set(other):
            return None
        else:
            found += [label for block in sorted((one, other)) for label in block]
        found += base[place : place + 1]
    return tuple(found) if len(set(found)) == len(found) else None


def _gaps(base: Sequence[str], extended: Sequence[str]) -> list[list[str]] | None:
    """Return what stands before each label of the base and at the end, None where one is missing."""
    gaps: list[list[str]] = [[]]
    for label in extended:
        if len(gaps) <= len(base) and label == base[len(gaps) - 1]:
            gaps.append([])
        else:
            gaps[-1].append(label)
    return gaps if len(gaps) == len(base) + 1 else None
