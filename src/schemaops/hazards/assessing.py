"""Assessing: every rule held against an operation, or against a migration in its order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from schemaops.hazards.base import Change, Hazard
from schemaops.hazards.rules import RULES
from schemaops.names import Address, Relocation
from schemaops.operations import Create, Drop, Opaque, Operation, Rename
from schemaops.operations.group import Group
from schemaops.schema.objects import Column, Table, container
from schemaops.schema.state import Schema

__all__ = ["assess", "assess_line"]


def assess(
    operation: Operation,
    before: Schema,
    dialect: str,
    masks: frozenset[str] = frozenset(),
    made: AbstractSet[Address] = frozenset(),
) -> tuple[Hazard, ...]:
    """Return the hazards of one operation over the schema before it, by code."""
    change = Change(operation, before, dialect, masks, made)
    return tuple(
        hazard for rule in RULES if dialect in rule.dialects for hazard in rule.find(change)
    )


def assess_line(groups: Sequence[Group], before: Schema) -> tuple[tuple[Group, Hazard], ...]:
    """Return the hazards of a migration, each with its statement, in order."""
    found: list[tuple[Group, Hazard]] = []
    made: set[Address] = set()
    schema = before
    for group in groups:
        unsaid = set(_unsaid(group))
        for operation in _spelled_out(group.operations):
            if id(operation) not in unsaid:
                for hazard in assess(operation, schema, schema.dialect, group.masks, made):
                    found.append((group, hazard))
            schema = operation.apply(schema)
            _follow(made, operation)
    return tuple(found)


def _spelled_out(operations: Sequence[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, Opaque) and operation.effect is not None:
            yield from _spelled_out(operation.effect)
        else:
            yield operation


def _unsaid(group: Group) -> Iterator[int]:
    """Yield the operations that only follow from another of the statement: what a table or column
    takes along when it is dropped."""
    gone = {
        operation.thing.at
        for operation in _spelled_out(group.operations)
        if isinstance(operation, Drop) and isinstance(operation.thing, Table | Column)
    }
    for operation in _spelled_out(group.operations):
        if not isinstance(operation, Drop) or isinstance(operation.thing, Table):
            continue
        table = container(operation.thing)
        within = table in gone
        if within or (not isinstance(operation.thing, Column) and gone):
            yield id(operation)


def _follow(made: set[Address], operation: Operation) -> None:
    match operation:
        case Create(thing=thing):
            made.add(thing.at)
        case Drop(thing=thing):
            made.discard(thing.at)
        case Rename(old=old, new=new):
            where = Relocation(((old, new),))
            moved = {where(at) for at in made}
            made.clear()
            made |= moved
