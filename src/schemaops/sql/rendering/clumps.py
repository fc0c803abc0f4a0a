"""Clumps: the operations of a line that one statement writes together.

A table stands in a line as its creation and that of every column, constraint and index; dropping
it drops them first. Written, each is one statement. A clump is its chief operation and those that
are said with it; clumps keep the line's order but for what they draw in, which nothing between
depends on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Opaque, Operation, Reorder
from schemaops.schema.objects import (
    Check,
    Column,
    ForeignKey,
    Index,
    Object,
    Policy,
    PrimaryKey,
    Sundry,
    Table,
    Trigger,
    Unique,
    Unmodelled,
    container,
    references,
)
from schemaops.schema.objects import Sequence as SequenceObject
from schemaops.schema.state import Schema
from schemaops.sql.rendering.views import shows_all

__all__ = ["Clump", "clumps"]


# What a statement says stands close together; looking further would cost the square of a line.
_REACH = 400


@dataclass(frozen=True, slots=True)
class Clump:
    """A chief operation and those that are said with it, and the schema before them."""

    before: Schema
    chief: Operation
    others: tuple[Operation, ...] = ()

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation of the clump."""
        return (self.chief, *self.others)

    def changed(self, thing: Object) -> Object:
        """Return an object with every fact that the clump changes of it."""
        facts = {o.fact: o.after for o in self.operations if isinstance(o, Alter)}
        return replace(thing, **facts)

    def created(self) -> tuple[Object, ...]:
        """Return the objects that the clump creates, its chief's first."""
        return tuple(o.thing for o in self.operations if isinstance(o, Create))


def clumps(operations: Sequence[Operation], before: Schema) -> Iterator[Clump]:
    """Yield the clumps of a line that leaves `before`."""
    line = _settled(list(operations), before.dialect)
    drawn: set[int] = set()
    found: list[tuple[int, list[int]]] = []
    said_with: dict[int, list[int]] = {}
    for place, operation in enumerate(line):
        match operation:
            case Create(thing=Table() | Column()):
                if place not in drawn:
                    others = _made_with(line, place, before.dialect, drawn)
                    drawn.update(others)
                    found.append((place, others))
            case Drop(thing=Table() | Column()):
                if place not in drawn:
                    with_it = set(_gone_with(line, place, before.dialect, drawn))
                    with_it.update(*(said_with[at] for at in with_it if at in said_with))
                    found.append((place, sorted(with_it)))
                    drawn.update(with_it)
            case Alter() if operation.at.kind is not Kind.ENUM:
                if place not in drawn:
                    others = _same_object(line, place)
                    drawn.update(others)
                    found.append((place, others))
            case Create(thing=ForeignKey()):
                if place not in drawn:
                    others = _index_with(line, place)
                    drawn.update(others)
                    found.append((place, others))
            case _:
                found.append((place, []))
        if found and found[-1][1]:
            said_with[found[-1][0]] = found[-1][1]
    schema = before
    for place, others in found:
        if place in drawn:
            continue
        chief = line[place]
        if isinstance(chief, Create) and isinstance(chief.thing, Column):
            chief = _as_added(chief, chief.thing, schema, line[place:])
        clump = Clump(schema, chief, tuple(line[other] for other in sorted(others)))
        yield clump
        schema = _after(clump)


def _as_added(
    operation: Create, column: Column, before: Schema, line: Sequence[Operation]
) -> Create:
    """Return the creation of a column as it is done: MySQL puts it where it belongs, SQLite too where
    a view shows all columns and a rebuild is worth it, else it comes last."""
    if before.dialect == "mysql":
        return operation
    if before.dialect == "sqlite" and operation.after is not None:
        coming = (one.thing for one in line if isinstance(one, Create))
        if any(shows_all(view) for view in before.referrers(column.table)) or any(
            shows_all(view) and column.table in set(references(view)) for view in coming
        ):
            return operation
    return replace(operation, after=None)


def _after(clump: Clump) -> Schema:
    schema = clump.before
    ordered = clump.operations
    if isinstance(clump.chief, Drop):
        ordered = (*clump.others, clump.chief)
    for operation in ordered:
        schema = operation.apply(schema)
    return schema


def _settled(line: list[Operation], dialect: str) -> list[Operation]:
    """Return the line with what is altered right after its creation created so, and what goes right
    after it left out; and in MySQL, where an index cannot go before the foreign key that needs it,
    with foreign keys dropped first."""
    made: dict[Address, int] = {}
    settled: list[Operation | None] = []
    for operation in line:
        match operation:
            case Create():
                made[operation.thing.at] = len(settled)
            case Drop() if (
                operation.at in made
                and not (dialect == "mysql" and _may_be_needed(operation.thing))
                and not _is_used(operation.at, made, settled)
            ):
                settled[made.pop(operation.at)] = None
                continue
            case Alter() if operation.at in made and operation.at.kind is not Kind.VIEW:
                place = made[operation.at]
                create = settled[place]
                assert isinstance(create, Create)
                thing = replace(create.thing, **{operation.fact: operation.after})
                settled[place] = replace(create, thing=thing)
                continue
            case Drop():
                pass
            case _:
                made.clear()
        settled.append(operation)
    line = [operation for operation in settled if operation is not None]
    if dialect == "mysql":
        line = _behind_their_keys(line)
        return [one for drops, run in groupby(line, _is_drop) for one in _keys_first(run, drops)]
    return line


def _may_be_needed(thing: Object) -> bool:
    """Whether a counting column may need a key."""
    return isinstance(thing, PrimaryKey | Unique | Index) and not getattr(thing, "implicit", False)


def _is_used(at: Address, made: dict[Address, int], settled: Sequence[Operation | None]) -> bool:
    """Whether something else that was made names what stands at an address, stands within or behind
    it."""
    others = [o for o in (settled[place] for place in made.values()) if isinstance(o, Create)]
    return any(
        other.thing.at != at
        and (
            container(other.thing) == at
            or at in set(references(other.thing))
            or (other.after == at.name and other.thing.at.path[:-1] == at.path[:-1])
        )
        for other in others
    )


def _behind_their_keys(line: list[Operation]) -> list[Operation]:
    """Return a line with each index that a foreign key brings right behind that key, where nothing
    but creations stands between."""
    waiting: list[Create] = []
    ordered: list[Operation] = []
    for operation in line:
        if not isinstance(operation, Create):
            ordered += waiting
            waiting = []
        elif isinstance(operation.thing, Index) and operation.thing.implicit:
            waiting.append(operation)
            continue
        ordered.append(operation)
        if isinstance(operation, Create) and isinstance(operation.thing, ForeignKey):
            brought = [one for one in waiting if _is_brought(one.thing, operation.thing)]
            waiting = [one for one in waiting if one not in brought]
            ordered += brought
    return [*ordered, *waiting]


def _is_brought(index: Object, key: ForeignKey) -> bool:
    assert isinstance(index, Index)
    named = tuple(at for one in index.keys for at in one.expression.normal)
    return container(index) == container(key) and named == key.columns


def _is_drop(operation: Operation) -> bool:
    return isinstance(operation, Drop)


def _keys_first(run: Iterable[Operation], drops: bool) -> Iterator[Operation]:
    def last(operation: Operation) -> bool:
        return not (isinstance(operation, Drop) and isinstance(operation.thing, ForeignKey))

    def home(operation: Operation) -> Address | None:
        return container(operation.thing) if isinstance(operation, Drop) else None

    if not drops:
        yield from run
    else:
        for _, inside in groupby(run, key=home):
            yield from sorted(inside, key=last)


# -- creation


def _made_with(line: Sequence[Operation], place: int, dialect: str, drawn: set[int]) -> list[int]:
    chief = line[place]
    assert isinstance(chief, Create)
    passed: set[Address] = set()
    others = []
    for at in range(place + 1, min(len(line), place + _REACH)):
        operation = line[at]
        if not isinstance(operation, Create) or isinstance(operation.thing, Table):
            break
        if at in drawn:
            continue
        thing = operation.thing
        if _belongs(thing, chief.thing, dialect) and not _any_covers(passed, references(thing)):
            others.append(at)
        else:
            passed.add(thing.at)
    return others


def _belongs(thing: Object, chief: Object, dialect: str) -> bool:
    if isinstance(thing, Trigger | Sundry):
        return False
    if isinstance(chief, Table):
        if isinstance(thing, SequenceObject):
            return thing.owner is not None and chief.at.covers(thing.owner)
        return container(thing) == chief.at
    assert isinstance(chief, Column)
    if isinstance(thing, SequenceObject):
        return thing.owner == chief.at
    if container(thing) != chief.table or dialect == "postgres":
        return False
    if dialect == "mysql":
        own = isinstance(thing, Check) and thing.of == chief.at and not thing.named
        key = isinstance(thing, PrimaryKey | Unique | Index) and chief.auto_increment
        return own or (key and chief.at in set(references(thing)))
    return isinstance(thing, Check | ForeignKey) and set(_own_columns(thing)) == {chief.at}


def _own_columns(thing: Check | ForeignKey) -> Iterator[Address]:
    if isinstance(thing, ForeignKey):
        yield from thing.columns
    else:
        yield from (at for at in thing.expression.addresses() if at.kind is Kind.COLUMN)


def _index_with(line: Sequence[Operation], place: int) -> list[int]:
    """Return where the index comes that MySQL makes for a foreign key."""
    match line[place + 1 : place + 2]:
        case [Create(thing=Index(implicit=True))]:
            return [place + 1]
        case _:
            return []


def _any_covers(passed: set[Address], wanted: Iterable[Address]) -> bool:
    if not passed:
        return False
    return any(one == other or one.covers(other) for one in passed for other in wanted)


# -- removal


def _gone_with(line: Sequence[Operation], place: int, dialect: str, drawn: set[int]) -> list[int]:
    chief = line[place]
    assert isinstance(chief, Drop)
    others = []
    gone: set[Address] = set()
    # The tables that keys go from on the way, and the columns that go.
    unkeyed: set[Address | None] = set()
    for at in range(place - 1, max(-1, place - _REACH), -1):
        operation = line[at]
        match operation:
            case Drop(thing=ForeignKey() as key) if key.table in gone or not unkeyed.isdisjoint(
                (key.table, *key.referred)
            ):
                pass  # it went so that the table or key that it refers to could go
            case Drop(thing=Policy() as policy) if _needs_any(policy, gone, chief.thing.at):
                pass
            case Drop(thing=Unmodelled(on=on)) if gone & set(on):
                pass  # and likewise a trigger before its function
            case Drop():
                gone.add(operation.thing.at)
                if isinstance(operation.thing, PrimaryKey | Unique | Index):
                    unkeyed.add(container(operation.thing))
                elif isinstance(operation.thing, Column):
                    unkeyed.add(operation.thing.at)
                free = at not in drawn or isinstance(chief.thing, Table)
                if free and _goes(operation.thing, chief.thing, dialect):
                    others.append(at)
            case Create():
                # Made and gone again, as an inverse has it.
                if not (isinstance(chief.thing, Table) and container(operation.thing) == chief.at):
                    break
                if at not in drawn:
                    others.append(at)
            case Alter() | Reorder():
                if _goes_unsaid(operation, chief.thing):
                    others.append(at)
                elif not isinstance(operation, Alter) or operation.at.kind is not Kind.VIEW:
                    break
            case _:
                break
    return others


def _needs_any(policy: Policy, gone: set[Address], table: Address) -> bool:
    """Whether a policy looks at what goes between it and its table."""
    elsewhere = [at for at in references(policy) if not table.covers(at)]
    return any(one.covers(at) for one in gone for at in elsewhere)


def _goes_unsaid(operation: Alter | Reorder, chief: Object) -> bool:
    """Whether a change says nothing that dropping `chief` does not bring."""
    if isinstance(chief, Table):
        return chief.at.covers(operation.at)
    # MySQL shrinks the keys that a dropped column was part of.
    if not isinstance(operation, Alter) or operation.fact not in ("keys", "columns"):
        return False
    return Address(Kind.TABLE, operation.at.path[:-1]) == Address(Kind.TABLE, chief.at.path[:-1])


def _goes(thing: Object, chief: Object, dialect: str) -> bool:
    if isinstance(thing, SequenceObject):
        return thing.owner is not None and chief.at.covers(thing.owner)
    if isinstance(chief, Table):
        if isinstance(thing, Unmodelled):
            return thing.what in _FALL_WITH_TABLE and bool(thing.on) and chief.at in thing.on
        return container(thing) == chief.at
    assert isinstance(chief, Column)
    if isinstance(thing, Policy):
        return False
    if isinstance(thing, Column | Trigger | Unmodelled) or container(thing) != chief.table:
        return False
    if dialect == "postgres":
        return chief.at in set(references(thing))
    if isinstance(thing, Check | ForeignKey) and thing.of == chief.at:
        return dialect == "sqlite" or not thing.named
    key = isinstance(thing, PrimaryKey | Unique | Index) and dialect == "mysql"
    return key and chief.at in set(references(thing))


_FALL_WITH_TABLE = frozenset({"trigger", "policy", "rule", "partitions", "column attribute"})


# -- change


def _at(operation: Operation) -> Address | None:
    return None if isinstance(operation, Opaque) else operation.at


def _same_object(line: Sequence[Operation], place: int) -> list[int]:
    chief = line[place]
    others = []
    for at in range(place + 1, len(line)):
        operation = line[at]
        if not isinstance(operation, Alter) or operation.at != _at(chief):
            break
        others.append(at)
    return others
