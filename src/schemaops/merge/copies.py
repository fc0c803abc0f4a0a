"""Copies: rows that a materialised view keeps of other tables, as they are when it is filled.

What the other side writes to these tables is in the copy or not, by the order of the two.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.merge.carry import Line
from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.world import Clash, World, said
from schemaops.names import Address, Kind
from schemaops.operations import Create, Rows
from schemaops.schema.objects import View

__all__ = ["copied"]

_READ = (Kind.TABLE, Kind.VIEW)


def copied(world: World, ours: Line, theirs: Line) -> Iterator[tuple[int, int, Clash]]:
    """Yield where one side fills a copy from, or reads one of, rows that the other side writes."""
    for mine, its, swapped in ((ours, theirs, False), (theirs, ours, True)):
        for i, view, read in _copies(world, mine):
            for j, operations in enumerate(its.homes):
                for rows in operations:
                    if isinstance(rows, Rows) and _meet(world, rows, view, read):
                        reason = (
                            f"{said(view)} keeps rows as they are before or after the other side's"
                        )
                        clash = Clash(ConflictKind.ROWS_ROWS, view, reason)
                        yield (j, i, clash) if swapped else (i, j, clash)


def _copies(world: World, line: Line) -> Iterator[tuple[int, Address, frozenset[Address]]]:
    """Yield the statements that fill a materialised view: which, and from which tables."""
    made: dict[Address, View] = {}
    for i, (group, homes) in enumerate(zip(line.groups, line.homes, strict=True)):
        empty = "NO DATA" in " ".join(group.text.upper().split())
        for operation in homes:
            if isinstance(operation, Create) and isinstance(operation.thing, View):
                view = operation.thing
                made[view.at] = view
                if _is_copy(view) and not empty:
                    yield i, view.at, _below(world, made, view)
        if not homes and not empty and group.text.upper().lstrip().startswith("REFRESH"):
            for mention in group.mentions:
                known = made.get(mention.at) or world.base.get(mention.at)
                known = known or line.after.get(mention.at)
                if isinstance(known, View):
                    yield i, known.at, _below(world, made, known)


def _is_copy(view: View) -> bool:
    return "materialized" in dict(view.options)


def _below(world: World, made: dict[Address, View], view: View) -> frozenset[Address]:
    found = set(view.query.addresses())
    while more := {a for at in found for a in _of(made.get(at))} - found:
        found |= more
    read = world.below(at for at in found if at.kind in _READ)
    return frozenset(at for at in read if at.kind in _READ)


def _of(view: View | None) -> Iterator[Address]:
    if view is not None:
        yield from view.query.addresses()


def _meet(world: World, rows: Rows, view: Address, read: frozenset[Address]) -> bool:
    reach = world.reach(rows)
    return bool((reach.tables | reach.cascaded) & read) or view in rows.reads
