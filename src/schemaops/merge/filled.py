"""Filled: what a materialised view keeps of rows, as they and what is between are at that moment.

What the other side writes to the tables below it, fills or makes of the views below it, and changes of
the functions that it calls is in the copy or not, by the order of the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schemaops.merge.carry import Line
from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.course import shown
from schemaops.merge.world import Clash, World, said
from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Operation, Rows
from schemaops.schema.objects import View

__all__ = ["filled"]

_RELATIONS = (Kind.TABLE, Kind.VIEW)


def filled(world: World, ours: Line, theirs: Line) -> Iterator[tuple[int, int, Clash]]:
    """Yield where one side fills or empties a materialised view and the other side changes what it is
    filled from, or reads it."""
    for mine, its, swapped in ((ours, theirs, False), (theirs, ours, True)):
        others = list(_fillings(world, its))
        for i, filling in _fillings(world, mine):
            met = [j for j, other in others if filling.meets(other)]
            for j, operations in enumerate(its.homes):
                if any(filling.is_changed_by(operation, world) for operation in operations):
                    met.append(j)
            for j in dict.fromkeys(met):
                reason = (
                    f"{said(filling.view)} keeps rows as they are before or after the other side's"
                )
                clash = Clash(ConflictKind.ROWS_ROWS, filling.view, reason)
                yield (j, i, clash) if swapped else (i, j, clash)


@dataclass(frozen=True, slots=True)
class _Filling:
    """A materialised view that is filled, or emptied; the tables below it, and all that is between."""

    view: Address
    tables: frozenset[Address]
    between: frozenset[Address]
    emptied: bool

    def meets(self, other: _Filling) -> bool:
        """Whether the other one is of what this one is filled from, or of the same view otherwise."""
        if self.view == other.view:
            return self.emptied != other.emptied
        return not self.emptied and other.view in self.between

    def is_changed_by(self, operation: Operation, world: World) -> bool:
        """Whether an operation changes what is kept, or reads it."""
        match operation:
            case Rows() as rows:
                reach = world.reach(rows)
                if self.view in _between(world, {}, rows.reads):
                    return True
                return not self.emptied and bool((reach.tables | reach.cascaded) & self.tables)
            case Create(thing=View(at=at)):
                return not self.emptied and shown(at) in self.between and at not in self.between
            case Alter(at=at, fact="query"):
                return not self.emptied and at in self.between
            case Alter(at=at, fact="body"):
                return not self.emptied and at.family in self.between
            case _:
                return False


def _fillings(world: World, line: Line) -> Iterator[tuple[int, _Filling]]:
    """Yield the statements that fill materialised views, or empty them."""
    made: dict[Address, View] = {}
    for i, (group, homes) in enumerate(zip(line.groups, line.homes, strict=True)):
        words = " ".join(group.text.upper().split())
        empty = "NO DATA" in words
        for operation in homes:
            if isinstance(operation, Create) and isinstance(operation.thing, View):
                view = operation.thing
                made[view.at] = view
                if view.keeps_rows and not empty:
                    yield i, _filling(world, made, view, emptied=False)
        if not homes and words.startswith("REFRESH"):
            for mention in group.mentions:
                known = made.get(mention.at) or world.base.get(mention.at)
                known = known or line.after.get(mention.at)
                if isinstance(known, View):
                    yield i, _filling(world, made, known, emptied=empty)


def _filling(world: World, made: dict[Address, View], view: View, *, emptied: bool) -> _Filling:
    between = _between(world, made, view.query.addresses())
    read = world.below(at for at in between if at.kind in _RELATIONS)
    tables = frozenset(at for at in read if at.kind in _RELATIONS)
    return _Filling(view.at, tables, between, emptied)


def _between(
    world: World, made: dict[Address, View], read: Iterable[Address]
) -> frozenset[Address]:
    """Return what is read, the views among it opened that keep no rows."""
    found: set[Address] = set()
    left = list(read)
    while left:
        at = left.pop()
        if at in found:
            continue
        found.add(at)
        view = made.get(at) or world.base.get(at)
        if isinstance(view, View) and not view.keeps_rows:
            left += view.query.addresses()
    return frozenset(found)
