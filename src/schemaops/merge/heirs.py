"""Heirs: tables that come to stand below another, as a partition or an heir, and what they have of it.

A change of the upper table reaches those that are below it then, and one that is made later has it from
the beginning. So what is within such a table follows from where it stands, on whichever way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Operation, Rename, Reorder
from schemaops.schema.objects import Inheritance, Object, Table, container

__all__ = ["heirs", "held_by", "holder"]


def heirs(lines: Iterable[Sequence[Operation]]) -> dict[Address, Address]:
    """Return the tables that operations put below another, each with that one."""
    return {
        Address(Kind.TABLE, one.thing.at.path[:-1]): one.thing.parent
        for operations in lines
        for one in operations
        if isinstance(one, Create) and isinstance(one.thing, Inheritance)
    }


def holder(operation: Operation) -> Address | None:
    """Return the table within which an operation changes something, None where it is none."""
    match operation:
        case Create(thing=thing) | Drop(thing=thing):
            return held_by(thing)
        case Alter(at=at) | Rename(old=at) | Reorder(at=at) if at.kind is Kind.TABLE:
            return at
        case Alter(at=at) | Rename(old=at) if at.kind is not Kind.INDEX and len(at.path) > 2:
            return Address(Kind.TABLE, at.path[:-1])
        case _:
            return None


def held_by(thing: Object) -> Address | None:
    """Return the table that an object is part of; none for the table itself, and where it stands."""
    return None if isinstance(thing, Table | Inheritance) else container(thing)
