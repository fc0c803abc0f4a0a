"""Create and Drop, Alter, Reorder: changes to one object, for every kind of object alike.

Each holds the values on both sides of the change, so each inverts by itself: Create and Drop are
each other's inverse, Alter and Reorder are their own with the sides swapped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from schemaops.errors import SchemaOpsError
from schemaops.names import Address, Kind, Name
from schemaops.operations.footprint import EXISTS, VALUES, Footprint, Place
from schemaops.schema import objects
from schemaops.schema.objects import Object, container, references, relocated
from schemaops.schema.state import Schema

__all__ = ["Alter", "Create", "Drop", "OtherFact", "Reorder"]


class OtherFact(SchemaOpsError):
    """A change starts from a fact that is not what the schema holds.

    The operation was made for another schema; make it anew from this one.
    """

    code = "SO103"

    def __init__(self, at: Address, fact: str) -> None:
        super().__init__(f"the {fact} of {at.kind} {at} is not what this change starts from")
        self.at = at
        self.fact = fact


@dataclass(frozen=True, slots=True)
class Create:
    """Create an object. `after` places a column behind another (first, where it is empty)."""

    thing: Object
    after: Name | None = field(default=None, compare=False)

    @property
    def at(self) -> Address:
        """Where the object comes to stand."""
        return self.thing.at

    def apply(self, before: Schema) -> Schema:
        """Return the schema with the object; raise TakenName, or MissingObject for its table."""
        inside = container(self.thing)
        if inside is not None:
            before.at(inside)
        return before.adding(self.thing, self.after)

    def invert(self, before: Schema) -> Drop:  # noqa: ARG002 -- one shape for all operations
        """Return the operation that drops it again."""
        return Drop(self.thing)

    def footprint(self) -> Footprint:
        """Return what it reads (all that the object names) and writes (that it exists)."""
        return Footprint(_named(self.thing), frozenset({Place(self.thing.at)}))

    def relocated(self, where: Callable[[Address], Address]) -> Create:
        """Return the operation reworded for moved addresses."""
        return replace(self, thing=relocated(self.thing, where))


@dataclass(frozen=True, slots=True)
class Drop:
    """Drop an object. What it held is kept here; the rows' values are not."""

    thing: Object

    @property
    def at(self) -> Address:
        """Where the object stands."""
        return self.thing.at

    def apply(self, before: Schema) -> Schema:
        """Return the schema without the object; raise MissingObject."""
        return before.removing(self.thing.at)

    def invert(self, before: Schema) -> Create:
        """Return the operation that makes it again, in its old place."""
        return Create(self.thing, _behind(self.thing, before))

    def footprint(self) -> Footprint:
        """Return what it writes: that the object exists."""
        return Footprint(_named(self.thing), frozenset({Place(self.thing.at)}))

    def relocated(self, where: Callable[[Address], Address]) -> Drop:
        """Return the operation reworded for moved addresses."""
        return replace(self, thing=relocated(self.thing, where))


@dataclass(frozen=True, slots=True)
class Alter:
    """Change one fact of an object from one value to another."""

    at: Address
    fact: str
    before: Any
    after: Any

    def apply(self, before: Schema) -> Schema:
        """Return the schema with the new fact; raise MissingObject, OtherFact."""
        thing = before.at(self.at)
        if getattr(thing, self.fact) != self.before:
            raise OtherFact(self.at, self.fact)
        return before.replacing(replace(thing, **{self.fact: self.after}))

    def invert(self, before: Schema) -> Alter:  # noqa: ARG002 -- one shape for all operations
        """Return the change back."""
        return replace(self, before=self.after, after=self.before)

    def footprint(self) -> Footprint:
        """Return what it writes: the one fact (and the values, where a type changes)."""
        named = {Place(at) for value in (self.before, self.after) for at in _addresses(value)}
        writes = {Place(self.at, self.fact)}
        if self.fact == "type":
            writes.add(Place(self.at, VALUES))
        return Footprint(frozenset(named | {Place(self.at, EXISTS)}), frozenset(writes))

    def relocated(self, where: Callable[[Address], Address]) -> Alter:
        """Return the operation reworded for moved addresses."""
        return Alter(
            where(self.at), self.fact, relocated(self.before, where), relocated(self.after, where)
        )


@dataclass(frozen=True, slots=True)
class Reorder:
    """Put the columns of a table into another order; equal schemas may differ in it."""

    at: Address
    before: tuple[Name, ...]
    after: tuple[Name, ...]

    def apply(self, before: Schema) -> Schema:
        """Return the schema with the columns in the new order, others kept where they were."""
        table = before.table(self.at)
        rank = {name: place for place, name in enumerate(self.after)}
        known = iter(sorted((n for n in table.columns if n in rank), key=rank.__getitem__))
        columns = tuple(next(known) if name in rank else name for name in table.columns)
        return before.replacing(replace(table, columns=columns))

    def invert(self, before: Schema) -> Reorder:  # noqa: ARG002 -- one shape for all operations
        """Return the order back."""
        return replace(self, before=self.after, after=self.before)

    def footprint(self) -> Footprint:
        """Return what it writes: the order of the columns."""
        reads = frozenset(Place(self.at.child(Kind.COLUMN, name)) for name in self.after)
        return Footprint(reads, frozenset({Place(self.at, "columns")}))

    def relocated(self, where: Callable[[Address], Address]) -> Reorder:
        """Return the operation reworded for moved addresses."""

        def moved(names: tuple[Name, ...]) -> tuple[Name, ...]:
            return tuple(where(self.at.child(Kind.COLUMN, name)).name for name in names)

        return Reorder(where(self.at), moved(self.before), moved(self.after))


def _behind(thing: Object, before: Schema) -> Name | None:
    if not isinstance(thing, objects.Column):
        return None
    columns = before.table(thing.table).columns
    place = columns.index(thing.at.name)
    if place == len(columns) - 1:
        return None
    return columns[place - 1] if place else Name("")


def _named(thing: Object) -> frozenset[Place]:
    inside = container(thing)
    every = {*references(thing)} if inside is None else {inside, *references(thing)}
    return frozenset(Place(at) for at in every if at != thing.at)


def _addresses(value: object) -> frozenset[Address]:
    found: set[Address] = set()

    def note(at: Address) -> Address:
        found.add(at)
        return at

    relocated(value, note)
    return frozenset(found)
