"""Commute: swap two neighbours, reworded, or say that their order matters.

For neighbours `p, q` leaving `s` it gives `q', p'` with the same effect::

        p
    s -----> .
    |q'      |q
    v   p'   v
    . -----> e

A candidate comes from rewording past a rename; it stands only if both ways round reach one schema.
"""

from __future__ import annotations

from schemaops.errors import SchemaOpsError
from schemaops.names import Relocation
from schemaops.operations import Alter, Create, Drop, Operation
from schemaops.operations.footprint import NAME, Place
from schemaops.operations.renames import Rename
from schemaops.schema.state import Schema

__all__ = ["commute"]


def commute(
    first: Operation, second: Operation, before: Schema
) -> tuple[Operation, Operation] | None:
    """Return (second', first') with the effect of first, second on `before`, or None."""
    swapped_second, swapped_first = second, first
    if isinstance(first, Rename):
        swapped_second = second.relocated(Relocation(((first.new, first.old),)))
    if isinstance(second, Rename):
        swapped_first = first.relocated(Relocation(((second.old, second.new),)))
    if not _free(first, second):
        return None
    try:
        there = second.apply(first.apply(before))
        also = swapped_first.apply(swapped_second.apply(before))
    except SchemaOpsError:
        return None  # one of them needs the other: that is the answer, not a failure
    if there.strict_fingerprint != also.strict_fingerprint and there != also:
        return None
    return swapped_second, swapped_first


def _free(first: Operation, second: Operation) -> bool:
    if (
        isinstance(first, Create | Drop)
        and isinstance(second, Create | Drop)
        and first.at == second.at
    ):
        return False
    if isinstance(first, Rename) and isinstance(second, Rename) and second.old == first.new:
        return False  # one object, renamed twice
    if isinstance(first, Alter) and isinstance(second, Alter):
        return (first.at, first.fact) != (second.at, second.fact)
    for mine, its in first.footprint().meets(second.footprint()):
        if not (_named(mine, first) or _named(its, second)):
            return False
    return True


def _named(place: Place, operation: Operation) -> bool:
    """Whether a place is but what a rename calls its object, before or after."""
    return isinstance(operation, Rename) and (place.aspect == NAME or place.at == operation.new)
