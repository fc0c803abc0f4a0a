"""Likeness of names: what both sides may have made for one purpose, under two names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemaops.merge.carry import Line
from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.world import Clash, said
from schemaops.names import Address
from schemaops.operations import Create
from schemaops.schema.objects import Column, Table

__all__ = ["alike_names", "alike_tables"]

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# What says nothing by itself: `id` and `user_id` are two things.
_GENERAL = frozenset(
    ("id", "at", "by", "on", "no", "is", "type", "name", "date", "time", "status", "count", "key")
)


def alike_names(one: Address, other: Address) -> bool:
    """Whether two names come to the same words, or one to some of the other's."""
    mine, its = _words(one), _words(other)
    if "".join(mine) == "".join(its):
        return True
    less, more = sorted((set(mine), set(its)), key=len)
    return less < more and not less <= _GENERAL


def alike_tables(ours: Line, theirs: Line) -> Iterator[tuple[int, int, Clash]]:
    """Yield the pairs of tables that the two sides create under names that come to the same words."""
    for i, one, mine in _tables(ours):
        for j, other, its in _tables(theirs):
            if one == other or "".join(_words(one)) != "".join(_words(other)):
                continue
            folded = str(one.name).lower() == str(other.name).lower()
            if folded or (mine & its and 2 * len(mine & its) >= min(len(mine), len(its))):
                reason = f"{said(one)} and {said(other)} may be meant for the same thing"
                yield i, j, Clash(ConflictKind.DUPLICATE, min(one, other), reason)


def _words(at: Address) -> tuple[str, ...]:
    spelled = str(at.name.spelling).lstrip("+")
    return tuple(_singular(word.lower()) for word in _PART.findall(spelled))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _tables(line: Line) -> Iterator[tuple[int, Address, frozenset[str]]]:
    for i, operations in enumerate(line.homes):
        for operation in operations:
            if isinstance(operation, Create) and isinstance(operation.thing, Table):
                columns = frozenset(
                    str(o.at.name).lower()
                    for o in operations
                    if isinstance(o, Create)
                    and isinstance(o.thing, Column)
                    and o.at.path[:-1] == operation.at.path
                )
                yield i, operation.at, columns
