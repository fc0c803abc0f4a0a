"""Footprint: the places an operation reads and writes.

A place is an address and an aspect of what stands there: that it exists, its name, one fact of it, the
rows of a table, the values of a column. Writing that an object exists touches everything within it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schemaops.names import Address, Kind

__all__ = ["EXISTS", "NAME", "ROWS", "VALUES", "Footprint", "Place", "union"]

EXISTS = "exists"
NAME = "name"
ROWS = "rows"
VALUES = "values"


@dataclass(frozen=True, slots=True)
class Place:
    """An aspect of what stands at an address."""

    at: Address
    aspect: str = EXISTS

    def __str__(self) -> str:
        return str(self.at) if self.aspect == EXISTS else f"{self.at}.*{self.aspect}*"


@dataclass(frozen=True, slots=True)
class Footprint:
    """The places read and the places written."""

    reads: frozenset[Place] = frozenset()
    writes: frozenset[Place] = frozenset()

    def clear_of(self, other: Footprint) -> bool:
        """Whether neither writes what the other touches."""
        return next(self.meets(other), None) is None

    def meets(self, other: Footprint) -> Iterator[tuple[Place, Place]]:
        """Yield the pairs of places, ours first, of which at least one is written."""
        for mine in self.writes:
            for its in (*other.writes, *other.reads):
                if _meet(mine, its):
                    yield mine, its
        for mine in self.reads:
            for its in other.writes:
                if _meet(mine, its):
                    yield mine, its

    def addresses(self) -> frozenset[Address]:
        """Return every address touched, the tables that they stand in, and what calls go by."""
        found = set()
        for place in (*self.reads, *self.writes):
            found.add(place.at)
            if place.at.kind is Kind.COLUMN:
                found.add(Address(Kind.TABLE, place.at.path[:-1]))
            if (family := place.at.family) is not None:
                found.add(family)
        return frozenset(found)


def union(footprints: Iterable[Footprint]) -> Footprint:
    """Return the footprint of operations taken together."""
    every = tuple(footprints)
    return Footprint(
        frozenset(place for one in every for place in one.reads),
        frozenset(place for one in every for place in one.writes),
    )


_WHOLE = (EXISTS, NAME)


def _meet(one: Place, other: Place) -> bool:
    if one.at == other.at:
        return one.aspect == other.aspect or one.aspect in _WHOLE or other.aspect in _WHOLE
    return (one.aspect in _WHOLE and one.at.covers(other.at)) or (
        other.aspect in _WHOLE and other.at.covers(one.at)
    )
