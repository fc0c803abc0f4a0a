"""Typed: changes of domains and composite types, and what the other side has of these types.

What a type's rule asks is asked of every column of the type, wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from schemaops.merge.carry import Line
from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.world import Clash, World, said
from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Operation, Rows
from schemaops.operations.rows import Literal, NotLiteral
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Column, DomainCheck
from schemaops.sql.predicates import Unknown, literal, value
from schemaops.sql.strings import string_literal

__all__ = ["typed"]

_VALUE = re.compile(r"(?i)\bVALUE\b")


def typed(world: World, ours: Line, theirs: Line) -> Iterator[tuple[int, int, Clash]]:
    """Yield where one side changes a type, and the other writes or makes what is of it."""
    for mine, its, swapped in ((ours, theirs, False), (theirs, ours, True)):
        changes = [
            (i, change)
            for i, homes in enumerate(mine.homes)
            for change in homes
            if isinstance(change, Alter) and change.at.kind in (Kind.DOMAIN, Kind.COMPOSITE)
        ]
        if not changes:
            continue
        columns = _created(its)
        for j, homes in enumerate(its.homes):
            for operation in homes:
                for i, change in changes:
                    clash = _met(change, operation, columns, world)
                    if clash is not None:
                        yield (j, i, clash) if swapped else (i, j, clash)


def _created(line: Line) -> dict[Address, Column]:
    return {
        operation.at: operation.thing
        for homes in line.homes
        for operation in homes
        if isinstance(operation, Create) and isinstance(operation.thing, Column)
    }


def _met(
    change: Alter, operation: Operation, created: Mapping[Address, Column], world: World
) -> Clash | None:
    match operation:
        case Rows() if operation.verb not in ("delete", "truncate"):
            return _rows(change, operation, created, world)
        case Create(thing=Column() as column) if column.table in world.base:
            return _column(change, column, world)
        case _:
            return None


def _rows(
    change: Alter, rows: Rows, created: Mapping[Address, Column], world: World
) -> Clash | None:
    found = [*world.base.columns(rows.table)] if rows.table in world.base else []
    found += [column for column in created.values() if column.table == rows.table]
    for column in found:
        if change.at not in set(column.type.addresses()):
            continue
        left_out = rows.verb == "insert" and column.at not in rows.columns
        if left_out:
            asked = change.fact == "default" or (change.fact == "nullable" and not change.after)
            matters = asked and column.default is None
        elif column.at not in rows.columns:
            continue
        elif change.fact == "default":
            matters = "default" in str(rows.text).lower().split()
        else:
            cells = list(_cells(rows, column.at))
            matters = not cells or not all(_kept(change, cell, world) for cell in cells)
        if matters:
            reason = f"one side changes what {said(change.at)} asks of {said(column.at)}, "
            reason += "and the other side writes such rows"
            return Clash(ConflictKind.CONSTRAINT_ROWS, change.at, reason)
    return None


def _cells(rows: Rows, column: Address) -> Iterator[Literal]:
    place = rows.columns.index(column)
    for row in rows.values or ():
        yield row[place]
    if rows.verb == "update":
        yield from (_UNKNOWN for at, _ in rows.sets if at == column)


_UNKNOWN = NotLiteral()


def _kept(change: Alter, cell: Literal, world: World) -> bool:
    """Whether a value is one before and after a change of its type."""
    if isinstance(cell, NotLiteral):
        return False
    match change.fact:
        case "nullable":
            return bool(change.after) or cell is not None
        case "checks":
            new = set(change.after) - set(change.before)
            return all(_holds(check, cell, world) for check in new)
        case _:
            return False


def _holds(check: DomainCheck, cell: Literal, world: World) -> bool:
    said_as = "NULL" if cell is None else str(cell)
    if isinstance(cell, str):
        said_as = string_literal(cell)
    pieces = tuple(
        _VALUE.sub(lambda _: said_as, piece) if isinstance(piece, str) else piece
        for piece in check.expression.normal
    )
    return value(Expression(pieces), {}, world.base) in (True, None)


def _column(change: Alter, column: Column, world: World) -> Clash | None:
    if change.at not in set(column.type.addresses()):
        return None
    match change.fact:
        case "default":
            matters = column.default is None
        case "nullable":
            matters = not change.after and column.default is None
        case "checks":
            given = None if column.default is None else value(column.default, {}, world.base)
            matters = isinstance(given, Unknown) or not _kept(change, literal(given), world)
        case _:
            matters = False
    if not matters:
        return None
    reason = f"one side changes what {said(change.at)} asks, and the rows that are there get "
    return Clash(ConflictKind.CONSTRAINT_ROWS, change.at, f"{reason}{said(column.at)} of it")
