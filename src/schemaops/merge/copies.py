"""Copies: what a materialised view or a sequence keeps of other tables' rows, as they are at the time.

What the other side writes to these tables is in the copy or not, by the order of the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemaops.merge.carry import Line
from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.rows_and_rows import sources
from schemaops.merge.world import Clash, World, said
from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Operation, Rows
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Column, View

__all__ = ["copied", "counters", "drawing"]

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


def _counted(line: Line) -> Iterator[tuple[int, Address, frozenset[Address], str]]:
    """Yield the statements that set a sequence, or take its numbers: which, and from which tables."""
    for i, (group, homes) in enumerate(zip(line.groups, line.homes, strict=True)):
        at = [mention.at for mention in group.mentions if mention.at.kind is Kind.SEQUENCE]
        if homes or not at or not _COUNTS.search(group.text):
            continue
        read = frozenset(m.at for m in group.mentions if m.at.kind in _READ)
        for sequence in dict.fromkeys(at):
            yield i, sequence, read, " ".join(group.text.split())


def counters(world: World, ours: Line, theirs: Line) -> Iterator[tuple[int, int, Clash]]:
    """Yield where one side sets a sequence whose numbers the other side sets or takes."""
    for mine, its, swapped in ((ours, theirs, False), (theirs, ours, True)):
        for i, sequence, read, text in _counted(mine):
            found = [j for j, at, _, other in _counted(its) if at == sequence and other != text]
            for j, operations in enumerate(its.homes):
                for operation in operations:
                    if sequence in _drawn(operation, world) or (
                        isinstance(operation, Rows)
                        and (
                            _meet(world, operation, sequence, world.below(read))
                            or sequence in sources(operation, world)
                        )
                    ):
                        found.append(j)
            for j in found:
                reason = f"one side sets {said(sequence)}, and the other its numbers or the rows"
                clash = Clash(ConflictKind.ROWS_ROWS, sequence, reason)
                yield (j, i, clash) if swapped else (i, j, clash)


def drawing(world: World, ours: Line, theirs: Line) -> Iterator[tuple[int, int, Clash]]:
    """Yield where one side numbers the rows that are there from a sequence that the other side
    changes or takes numbers of."""
    for mine, its, swapped in ((ours, theirs, False), (theirs, ours, True)):
        for i, operations in enumerate(mine.homes):
            drawn = {at for operation in operations for at in _drawn(operation, world)}
            for j, others in enumerate(its.homes if drawn else ()):
                if operations == others:
                    continue
                used = {at for other in others for at in _used(other, world)}
                for sequence in sorted(drawn & used):
                    reason = (
                        f"one side numbers rows from {said(sequence)}, which the other side uses"
                    )
                    clash = Clash(ConflictKind.ROWS_ROWS, sequence, reason)
                    yield (j, i, clash) if swapped else (i, j, clash)


def _drawn(operation: Operation, world: World) -> set[Address]:
    """Return the sequences that give the rows which are there their numbers in a new column."""
    match operation:
        case Create(thing=Column(default=Expression() as default) as column):
            if column.table in world.base:
                return {at for at in default.addresses() if at.kind is Kind.SEQUENCE}
    return set()


def _used(operation: Operation, world: World) -> set[Address]:
    match operation:
        case Alter(at=at, fact="options") if at.kind is Kind.SEQUENCE:
            return {at}
        case Rows():
            return sources(operation, world)
    return _drawn(operation, world)


_COUNTS = re.compile(r"(?i)\b(setval|nextval|restart)\b")


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
