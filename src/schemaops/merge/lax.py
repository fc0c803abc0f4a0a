"""Lax sessions of MySQL: where the mode is not strict, or a statement says IGNORE, a value that does not
fit is cut to what does, so that a wider column, or one that takes NULL, keeps another value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemaops.merge.carry import Line
from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.rows_and_rows import passes_over, rows_made
from schemaops.merge.sessions import set_by
from schemaops.merge.world import Clash, World, said
from schemaops.names import Address, Kind
from schemaops.operations import Alter, Rows
from schemaops.schema.objects import Column
from schemaops.sql.contents.storing import Refused, stored
from schemaops.sql.contents.values import Unknown, Value
from schemaops.sql.predicates import UNKNOWN, known, value

__all__ = ["cut"]


def cut(world: World, ours: Line, theirs: Line) -> Iterator[tuple[int, int, Clash]]:
    """Yield where one side writes values that may be cut to fit a column which the other side changes."""
    if world.dialect != "mysql":
        return
    for mine, its, swapped in ((ours, theirs, False), (theirs, ours, True)):
        changes = [
            (j, change)
            for j, operations in enumerate(its.homes)
            for change in operations
            if isinstance(change, Alter) and change.at.kind is Kind.COLUMN
        ]
        for i, rows, lax in _writing(mine) if changes else ():
            for j, change in changes:
                if _may_be_cut(rows, change, world, lax=lax or passes_over(rows)):
                    reason = (
                        f"values that do not fit {said(change.at)} are cut, and the other side "
                    )
                    reason += "changes what fits"
                    clash = Clash(ConflictKind.TYPE_USE, change.at, reason)
                    yield (j, i, clash) if swapped else (i, j, clash)


def _writing(line: Line) -> Iterator[tuple[int, Rows, bool]]:
    """Yield the data statements of a line, and whether the mode is then known to be lax."""
    lax = False
    for i, group in enumerate(line.groups):
        if not group.operations:
            for name, mode in set_by(group.text, "mysql"):
                if name == "sql_mode" and "@" not in mode:
                    lax = mode != "default" and not any(word in mode for word in _STRICT)
        for rows in line.homes[i]:
            if isinstance(rows, Rows) and rows.verb in ("insert", "update") and not rows.copied:
                yield i, rows, lax


_STRICT = ("strict", "traditional")


def _may_be_cut(rows: Rows, change: Alter, world: World, *, lax: bool) -> bool:
    column = world.base.get(change.at)
    if not isinstance(column, Column) or column.table not in world.reach(rows).tables:
        return False
    cells = _written(rows, change.at, world)
    match change.fact:
        case "type":
            fits = [_fits(cell, column, change, world) for cell in cells]
            return False in fits or (lax and None in fits)
        case "nullable":
            left_out = rows.verb == "insert" and change.at not in rows.columns
            return lax and (left_out or any(c is None or isinstance(c, Unknown) for c in cells))
        case _:
            return False


def _written(rows: Rows, at: Address, world: World) -> Sequence[Value]:
    """Return what a statement writes to a column."""
    if rows.verb == "update":
        return [value(made, {}, world.base) for column, made in rows.sets if column == at]
    if rows.values is not None and rows.conflict in (None, "nothing"):
        return [known(row[at]) for row in rows_made(rows, world) if at in row]
    return [UNKNOWN] if at in rows.columns else []


def _fits(cell: Value, column: Column, change: Alter, world: World) -> bool | None:
    """Whether a value fits both types, None where that cannot be told."""
    if isinstance(cell, Unknown):
        return None
    try:
        one, other = (
            stored(cell, replace(column, type=type_), world.base)
            for type_ in (change.before, change.after)
        )
    except Refused:
        return False
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        return None
    return one == other
