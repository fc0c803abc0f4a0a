"""Partitions: two of one table may ask for the same rows, and rows may stand where one is to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from schemaops.merge.carry import Line
from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.known import KnownRow
from schemaops.merge.rows_and_rows import filled, rows_made
from schemaops.merge.world import Clash, World, said
from schemaops.names import Address, Kind, Name
from schemaops.operations import Create, Drop, Rows
from schemaops.operations.rows import NOT_LITERAL
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    Inheritance,
    PartitionKey,
    PrimaryKey,
    Unique,
    container,
)
from schemaops.sql import bounds
from schemaops.sql.predicates import known
from schemaops.sql.strings import string_literal

__all__ = ["divided"]

Found = tuple[int, int, Clash]


def divided(world: World, ours: Line, theirs: Line) -> Iterator[Found]:
    """Yield where partitions of the two sides meet, or a partition and the other side's rows."""
    mine, its = tuple(_made(ours)), tuple(_made(theirs))
    for i, one in mine:
        for j, other in its:
            if one.gone or other.gone or one.thing.parent != other.thing.parent:
                continue
            if _overlap(one.thing, other.thing) or _takes_from(one, other):
                reason = f"two partitions of {said(one.thing.parent)} ask for the same rows"
                yield i, j, Clash(ConflictKind.NAME_TAKEN, one.thing.parent, reason)
    for changes, line, swapped in ((mine, theirs, False), (its, ours, True)):
        for i, change in changes:
            for j, thing in _rules(line, change):
                reason = (
                    f"one side puts a table below {said(change.thing.parent)}, which does not go "
                )
                reason += f"with {said(thing.at)}"
                clash = Clash(ConflictKind.ORDER, change.thing.parent, reason)
                yield (j, i, clash) if swapped else (i, j, clash)
    for changes, line, maker, swapped in ((mine, theirs, ours, False), (its, ours, theirs, True)):
        for i, change in changes:
            for j, rows in _rows(line):
                if _meet(world, change, rows, maker, line):
                    reason = f"one side changes the partitions of {said(change.thing.parent)}, "
                    reason += "and the other side writes its rows"
                    clash = Clash(ConflictKind.CONSTRAINT_ROWS, change.thing.parent, reason)
                    yield (j, i, clash) if swapped else (i, j, clash)


@dataclass(frozen=True, slots=True)
class _Change:
    """A table that becomes a partition or an heir, or is none any more; `fresh` where it is new,
    `divided` by these columns where it has partitions itself."""

    thing: Inheritance
    gone: bool
    fresh: bool
    divided: frozenset[Name] = frozenset()


def _made(line: Line) -> Iterator[tuple[int, _Change]]:
    for i, operations in enumerate(line.homes):
        new = {o.at.path for o in operations if isinstance(o, Create)}
        for operation in operations:
            match operation:
                case Create(thing=Inheritance() as thing) | Drop(thing=Inheritance() as thing):
                    gone = isinstance(operation, Drop)
                    divided = frozenset(_divided_by(line, _child(thing)))
                    yield i, _Change(thing, gone, _child(thing).path in new, divided)
                case _:
                    continue


def _divided_by(line: Line, table: Address) -> Iterator[Name]:
    for operations in line.homes:
        for operation in operations:
            match operation:
                case Create(thing=PartitionKey() as key) if container(key) == table:
                    for part in key.keys:
                        yield from (at.name for at in part.expression.addresses())
                case _:
                    continue


def _child(thing: Inheritance) -> Address:
    return Address(Kind.TABLE, thing.at.path[:-1])


def _takes_from(one: _Change, other: _Change) -> bool:
    """Whether a table that is there becomes the default partition: its rows may be for the other."""
    return any(
        _text(mine.thing) == "DEFAULT"
        and not mine.fresh
        and _text(its.thing) not in ("", "DEFAULT")
        for mine, its in ((one, other), (other, one))
    )


def _rules(line: Line, change: _Change) -> Iterator[tuple[int, Check | PrimaryKey | Unique]]:
    """Yield the rules of the table above that a line makes and that mean something else for one that
    comes to stand below: a check that is not asked of rows yet is asked of those of a new table, and a
    key must hold the columns by which a partition is divided itself."""
    for j, operations in enumerate(line.homes):
        for operation in operations if not change.gone else ():
            match operation:
                case Create(thing=Check() as check) if container(check) == change.thing.parent:
                    if "not valid" in dict(check.options):
                        yield j, check
                case Create(thing=(PrimaryKey() | Unique()) as key):
                    own = {column.name for column in key.columns}
                    if container(key) == change.thing.parent and not change.divided <= own:
                        yield j, key
                case _:
                    continue


def _rows(line: Line) -> Iterator[tuple[int, Rows]]:
    for j, operations in enumerate(line.homes):
        for operation in operations:
            if isinstance(operation, Rows):
                yield j, operation


def _meet(world: World, change: _Change, rows: Rows, maker: Line, writer: Line) -> bool:
    reach = world.reach(rows)
    near = {change.thing.parent, _child(change.thing)}
    if not near & (reach.tables | reach.reads | {rows.table}):
        return False
    if _is_elsewhere(world, change, rows):
        return False
    if change.gone or not change.fresh:
        return True
    # Rows have found another partition: that new ones would go to this one, only a default one allows.
    known = [t for t in world.base.of_kind(Kind.INHERITANCE) if isinstance(t, Inheritance)]
    known += [c.thing for line in (maker, writer) for _, c in _made(line)]
    return rows.verb in ("insert", "update") and any(
        thing.parent == change.thing.parent and _text(thing) == "DEFAULT" for thing in known
    )


def _is_elsewhere(world: World, change: _Change, rows: Rows) -> bool:
    """Whether a statement is for the rows of other partitions only, which stay where they are."""
    thing, table = change.thing, rows.table
    relations = {at for at in rows.reads if at.kind in (Kind.TABLE, Kind.VIEW)}
    if thing.bound is None or rows.conflict is not None or relations - {table}:
        return False
    if table == thing.parent:
        leaves_default = change.gone and _text(thing) == "DEFAULT"
        if rows.verb != "insert" or rows.values is None or leaves_default:
            return False
        bounds_ = [_bound_of(world, table, row) for row in rows_made(rows, world)]
        return all(
            one is not None and all(bounds.meet(form, thing.bound) is False for form in one)
            for one in bounds_
        )
    ties = [t for t in world.base.of_kind(Kind.INHERITANCE) if isinstance(t, Inheritance)]
    return table != _child(thing) and any(
        _child(tie) == table and tie.parent == thing.parent and _text(tie) not in ("", "DEFAULT")
        for tie in ties
    )


def _bound_of(world: World, table: Address, row: KnownRow) -> tuple[Expression, ...] | None:
    """Return bounds, in the forms that the server may give them, that hold a row and hardly more."""
    for key in world.base.parts(table, PartitionKey):
        parts = [part.expression.normal for part in key.keys]
        if len(parts) != 1 or len(parts[0]) != 1 or not isinstance(parts[0][0], Address):
            return None
        cell = known(filled(row, {parts[0][0]}, world).get(parts[0][0], NOT_LITERAL))
        forms: tuple[str, ...]
        match key.strategy, cell:
            case "range", Decimal() if cell == cell.to_integral_value():
                return (Expression.plain(f"FOR VALUES FROM ({cell:f}) TO ({cell + 1:f})"),)
            case "list", Decimal():
                forms = (f"{cell:f}", f"'{cell:f}'")
            case "list", str():
                forms = (string_literal(cell),)
            case _:
                return None
        return tuple(Expression.plain(f"FOR VALUES IN ({form})") for form in forms)
    return None


def _text(thing: Inheritance) -> str:
    return "" if thing.bound is None else str(thing.bound)


def _overlap(one: Inheritance, other: Inheritance) -> bool:
    if one.bound is None or other.bound is None or _child(one) == _child(other):
        return False  # plain heirs share what they like; the same table is another rule's
    return bounds.meet(one.bound, other.bound) is not False
