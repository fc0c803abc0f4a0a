"""Rename: the one operation that moves an address. Its inverse is itself, the other way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from schemaops.names import Address
from schemaops.operations.footprint import NAME, Footprint, Place
from schemaops.schema.state import Schema

__all__ = ["Rename"]


@dataclass(frozen=True, slots=True)
class Rename:
    """Move an object, all that stands in it and every reference to it, to another address."""

    old: Address
    new: Address

    @property
    def at(self) -> Address:
        """Where the object stands before."""
        return self.old

    def apply(self, before: Schema) -> Schema:
        """Return the schema with the object moved; raise MissingObject, TakenName."""
        return before.moving(self.old, self.new)

    def invert(self, before: Schema) -> Rename:  # noqa: ARG002 -- one shape for all operations
        """Return the move back."""
        return Rename(self.new, self.old)

    def footprint(self) -> Footprint:
        """Return what it writes: the old object's name, and that something is at the new address."""
        return Footprint(writes=frozenset({Place(self.old, NAME), Place(self.new)}))

    def relocated(self, where: Callable[[Address], Address]) -> Rename:
        """Return the operation reworded for moved addresses; what is renamed keeps its new name."""
        old = where(self.old)
        if old.path[:-1] == self.old.path[:-1]:
            return Rename(old, where(self.new))
        return Rename(old, Address(old.kind, (*old.path[:-1], self.new.name)))
