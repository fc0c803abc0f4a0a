"""Overloads: which function of a name a statement calls, where the other side makes, drops or renames one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemaops.merge.carry import Line
from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.course import shown
from schemaops.merge.world import Clash, World, said
from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Operation, Rename, Rows
from schemaops.operations.group import Group
from schemaops.schema.objects import Check, Column, Index, Routine

__all__ = ["called"]

_ROUTINES = (Kind.FUNCTION, Kind.PROCEDURE)


def called(world: World, ours: Line, theirs: Line) -> Iterator[tuple[int, int, Clash]]:
    """Yield where one side changes which functions go by a name that the other side's statement calls."""
    if world.dialect != "postgres":
        return
    for mine, its, swapped in ((ours, theirs, False), (theirs, ours, True)):
        for i, operations in enumerate(mine.homes):
            for at in sorted({at for one in operations for at in _changed(one, world)}):
                name = str(at.name).partition("(")[0]
                calls = re.compile(rf'(?i)(?<!\w)"?{re.escape(name)}"?\s*\(')
                for j, group in enumerate(its.groups):
                    if _keeps(group) and calls.search(group.text):
                        reason = f"one side changes which functions go by the name of {said(at)}, "
                        reason += "which the other side calls"
                        clash = Clash(ConflictKind.LATE_BOUND, at, reason)
                        yield (j, i, clash) if swapped else (i, j, clash)


def _changed(operation: Operation, world: World) -> Iterator[Address]:
    """Yield the routine that comes, goes or is called otherwise, where its name is not its own alone;
    and one that goes anyhow."""
    match operation:
        case Create(thing=Routine(at=at)) if _named(shown(at), world):
            yield at
        case Drop(thing=Routine(at=at)):
            yield at
        case Rename(old=at) if at.kind in _ROUTINES and len(_named(at, world)) > 1:
            yield at
        case Alter(at=at, fact="parameters") if at.kind in _ROUTINES:
            yield at
        case _:
            return


def _named(at: Address, world: World) -> list[Address]:
    """Return the routines of the base that go by a routine's name."""
    return [
        one.at
        for kind in _ROUTINES
        for one in world.base.of_kind(kind)
        if one.at.family == at.family
    ]


def _keeps(group: Group) -> bool:
    """Whether a statement computes values that stay."""
    return any(
        isinstance(one, Rows)
        or (isinstance(one, Create) and isinstance(one.thing, Column | Check | Index))
        for one in group.operations
    )
