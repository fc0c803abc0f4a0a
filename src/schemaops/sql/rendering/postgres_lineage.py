"""Partitions and inheritance as PostgreSQL's statements have them: what puts a table below another, and
which operations a statement about the table above says already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Opaque, Operation, Rename
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    Column,
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


def said_above(
    operations: Sequence[Operation], before: Schema
) -> tuple[list[Operation], list[Column]]:
    """Return a line without what the changes of tables above bring the tables below anyway, and the
    columns that come so."""
    operations = list(_own_triggers(operations, before))
    if not any(_is_lineage(operation) for operation in operations) and not any(
        True for _ in before.of_kind(Kind.INHERITANCE)
    ):
        return operations, []
    said = {_key(operation) for operation in operations}
    below: dict[Address, set[Address]] = {}
    for thing in before.of_kind(Kind.INHERITANCE):
        assert isinstance(thing, Inheritance)
        below.setdefault(_home(thing), set()).add(thing.parent)
    kept: list[Operation] = []
    brought: list[Column] = []
    for operation in operations:
        table = _table(operation)
        above = () if table is None else below.get(table, ())
        if not any(_key(operation, parent) in said for parent in above):
            kept.append(operation)
        elif isinstance(operation, Create) and isinstance(operation.thing, Column):
            brought.append(operation.thing)
        match operation:
            case Create(thing=Inheritance() as thing):
                below.setdefault(_home(thing), set()).add(thing.parent)
            case Drop(thing=Inheritance() as thing):
                below.get(_home(thing), set()).discard(thing.parent)
            case Rename(old=Address(kind=Kind.TABLE) as old, new=new):
                below = {
                    new if home == old else home: {new if at == old else at for at in parents}
                    for home, parents in below.items()
                }
    return kept, brought


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


def _is_lineage(operation: Operation) -> bool:
    return isinstance(operation, Create) and isinstance(operation.thing, Inheritance)


def _home(thing: Inheritance) -> Address:
    return Address(Kind.TABLE, thing.at.path[:-1])


def _key(operation: Operation, table: Address | None = None) -> object:
    """Return what an operation is about, as if it were about another table."""
    if isinstance(operation, Create | Drop) and isinstance(operation.thing, _PASSED):
        passed = option(operation.thing.options, "inherited") is not None
        if table is None or passed:
            return type(operation), table or _table(operation), _shape(operation.thing)
    at = operation.old if isinstance(operation, Rename) else getattr(operation, "at", None)
    if not isinstance(at, Address) or (table is not None and at.kind not in _SHARED):
        return id(operation)
    if table is not None:
        at = table.child(at.kind, at.name)
    fact = operation.fact if isinstance(operation, Alter) else None
    return type(operation), at, fact


_SHARED = (Kind.COLUMN, Kind.CHECK)


def _shape(thing: Object) -> object:
    """Return what a key or constraint has in common with the one above that it comes from."""
    match thing:
        case Check():
            return thing.at.name
        case PrimaryKey(columns=columns) | Unique(columns=columns):
            return type(thing), tuple(at.name for at in columns)
        case ForeignKey():
            return thing.table, tuple(at.name for at in thing.columns)
        case Index():
            keys = [replace(key, expression=_named(key.expression)) for key in thing.keys]
            where = None if thing.where is None else _named(thing.where)
            return tuple(keys), where, thing.unique, thing.method
    return id(thing)


def _named(expression: Expression) -> Expression:
    """Return an expression with names in the place of addresses."""
    return Expression(
        tuple(at if isinstance(at, str) else str(at.name) for at in expression.normal)
    )


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
