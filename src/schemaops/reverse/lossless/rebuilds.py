"""Rebuilds of SQLite's, which are several statements: what they are executed as, and what is filled when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from schemaops.names import Relocation
from schemaops.operations import Alter, Create, Operation, Rename
from schemaops.operations.group import Group
from schemaops.schema.objects import Check, Column, ForeignKey, Index, PrimaryKey, Unique

__all__ = ["counted", "parted"]


def counted(group: Group, up: Sequence[str]) -> list[int]:
    """Return how many statements of the up each one comes to that a group stands for: what is kept
    first is the first's, what is noted afterwards the last's."""
    if not group.parts:
        return [len(up)]
    first = next(i for i, text in enumerate(up) if text == group.parts[0].text)
    between = len(group.parts) - 2
    return [first + 1, *[1] * between, len(up) - first - 1 - between]


def parted(inverse: Sequence[Operation]) -> tuple[tuple[Operation, ...], tuple[Operation, ...]]:
    """Return what makes a table the one that it was before its rebuild, and the rules that may follow
    once the values are filled."""
    first: list[Operation] = []
    rest: list[Operation] = []
    for operation in inverse:
        match operation:
            case Create(thing=Column(nullable=False, default=None, generated=None) as column):
                first.append(replace(operation, thing=replace(column, nullable=True)))
                rest.append(Alter(column.at, "nullable", True, False))
            case Create(
                thing=Check() | PrimaryKey() | Unique() | ForeignKey() | Index(unique=True)
            ):
                rest.append(operation)
            case Alter(fact="nullable", after=False):
                rest.append(operation)
            case Rename(old=old, new=new):
                first.append(operation)
                where = Relocation(((old, new),))
                rest = [one.relocated(where) for one in rest]
            case _:
                first.append(operation)
    return tuple(first), tuple(rest)
