"""Partitions and inheritance as PostgreSQL's statements have them: what puts a table below another, and
which operations a statement about the table above says already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Opaque, Operation, Rename
from schemaops.schema.objects import (
    Check,
    ForeignKey,
    Index,
    Inheritance,
    Object,
    PartitionKey,
    PrimaryKey,
    Table,
    Trigger,
    Unique,
)
from schemaops.schema.state import Schema
from schemaops.sql.rendering.spelling import Spelling, option

__all__ = ["detached", "joined", "parted", "said_above"]


def parted(spell: Spelling, key: PartitionKey) -> str:
    """Return PARTITION BY."""
    keys = []
    for one in key.keys:
        whole = one.expression.normal
        column = len(whole) == 1 and isinstance(whole[0], Address)
        said = spell.expression(one.expression)
        keys.append(said if column else f"({said})")
    return f"PARTITION BY {key.strategy.upper()} ({', '.join(keys)})"


def joined(spell: Spelling, thing: Inheritance) -> str:
    """Return what puts a table that stands below another."""
    table = spell.at(Address(Kind.TABLE, thing.at.path[:-1]))
    if thing.bound is None:
        return f"ALTER TABLE {table} INHERIT {spell.at(thing.parent)}"
    bound = spell.expression(thing.bound)
    return f"ALTER TABLE {spell.at(thing.parent)} ATTACH PARTITION {table} {bound}"


def detached(spell: Spelling, thing: Inheritance) -> str:
    """Return what takes a table from below another."""
    table = spell.at(Address(Kind.TABLE, thing.at.path[:-1]))
    if thing.bound is None:
        return f"ALTER TABLE {table} NO INHERIT {spell.at(thing.parent)}"
    return f"ALTER TABLE {spell.at(thing.parent)} DETACH PARTITION {table}"


_PASSED = PrimaryKey | Unique | Check | ForeignKey | Index


def said_above(operations: Sequence[Operation], before: Schema) -> list[Operation]:
    """Return a line without what the changes of tables above bring the tables below anyway."""
    operations = list(_own_triggers(operations, before))
    if not any(True for _ in before.of_kind(Kind.INHERITANCE)):
        return operations
    moved = {o.thing.at for o in operations if isinstance(o, Create | Drop)}
    said = {_key(operation) for operation in operations}
    kept: list[Operation] = []
    for operation in operations:
        table = _table(operation)
        above = () if table is None or table in moved else before.parts(table, Inheritance)
        if not any(one.at not in moved and _is_said(operation, one, said) for one in above):
            kept.append(operation)
    return kept


def _own_triggers(operations: Sequence[Operation], before: Schema) -> Iterator[Operation]:
    """Yield a line without what is done to the triggers that partitions have from above."""
    copies = {
        trigger.at
        for trigger in before.of_kind(Kind.TRIGGER)
        if isinstance(trigger, Trigger) and option(trigger.options, "inherited")
    }
    for operation in operations:
        at = None if isinstance(operation, Opaque) else operation.at
        thing = operation.thing if isinstance(operation, Create | Drop) else None
        if isinstance(thing, Trigger) and option(thing.options, "inherited"):
            copies.add(thing.at)
        elif isinstance(operation, Rename) and operation.old in copies:
            copies.add(operation.new)
        elif at not in copies or isinstance(operation, Create | Drop):
            yield operation


def _is_said(operation: Operation, lineage: Inheritance, said: set[object]) -> bool:
    if isinstance(operation, Create | Drop) and isinstance(operation.thing, _PASSED):
        return option(operation.thing.options, "inherited") is not None
    at = operation.old if isinstance(operation, Rename) else getattr(operation, "at", None)
    if not isinstance(at, Address) or at.kind not in (Kind.COLUMN, Kind.CHECK):
        return False
    return _key(operation, lineage.parent) in said


def _key(operation: Operation, table: Address | None = None) -> object:
    """Return what an operation is about, as if it were about another table."""
    at = operation.old if isinstance(operation, Rename) else getattr(operation, "at", None)
    if not isinstance(at, Address):
        return id(operation)
    if table is not None:
        at = table.child(at.kind, at.name)
    fact = operation.fact if isinstance(operation, Alter) else None
    return type(operation), at, fact


def _table(operation: Operation) -> Address | None:
    thing: Object | None = operation.thing if isinstance(operation, Create | Drop) else None
    if isinstance(thing, Index):
        return thing.table
    if isinstance(thing, Table):
        return None
    at = operation.old if isinstance(operation, Rename) else getattr(operation, "at", None)
    if isinstance(at, Address) and len(at.path) > 2:
        return Address(Kind.TABLE, at.path[:-1])
    return None
