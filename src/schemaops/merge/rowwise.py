"""What the rows that are known tell of a merge: whether both ways to it end in the same rows.

A witness like the snapshots, for rows. It speaks only where every row that matters is known; a rule
that sees two statements at odds for some rows yields to it for these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemaops.merge.carry import Carried, Line
from schemaops.merge.known import KnownRows
from schemaops.names import Address, Kind
from schemaops.operations import Create, Opaque, Rows
from schemaops.operations.group import Group
from schemaops.schema.objects import (
    Check,
    Column,
    ForeignKey,
    Index,
    Inheritance,
    PrimaryKey,
    Table,
    Trigger,
    Unique,
)
from schemaops.schema.state import Schema
from schemaops.sql.contents.following import Contents, Follower
from schemaops.sql.contents.storing import Refused
from schemaops.sql.interpret import Fault, Interpreter
from schemaops.sql.split import split

__all__ = ["Told", "rows_alike"]


@dataclass(frozen=True, slots=True)
class Told:
    """Whether the two ways end in the same rows (None where that cannot be told), and why not."""

    alike: bool | None
    why: str = ""


def rows_alike(
    base: Schema, known: KnownRows, ours: Line, theirs: Line, to_ours: Carried, to_theirs: Carried
) -> Told:
    """Return what the known rows tell of ours with what was carried to it, and of theirs."""
    if not known.contents.tables or not (_matter(ours) and _matter(theirs)):
        return Told(None)
    one = _end(base, known.contents, ours, to_ours)
    other = _end(base, known.contents, theirs, to_theirs)
    if one is None or other is None or _fires(base, ours, theirs):
        return Told(None)
    for end in (one, other):
        if isinstance(end, Refused):
            return Told(False, end.message)
    assert isinstance(one, Follower)
    assert isinstance(other, Follower)
    alike = one.contents().alike(other.contents(), one.touched | other.touched)
    if alike is not False and (one.doubts or other.doubts):
        return Told(None)
    return Told(alike, "" if alike else "the rows differ")


def _fires(base: Schema, *lines: Line) -> bool:
    """Whether rows are written that set off what is not followed."""
    triggers = [t for t in base.of_kind(Kind.TRIGGER) if isinstance(t, Trigger)]
    written: set[Address] = set()
    for line in lines:
        for group in line.groups:
            for operation in group.operations:
                if isinstance(operation, Rows):
                    written.add(operation.table)
                elif isinstance(operation, Create) and isinstance(operation.thing, Trigger):
                    triggers.append(operation.thing)
    heirs = [t.parent for t in base.of_kind(Kind.INHERITANCE) if isinstance(t, Inheritance)]
    divided = any(at in heirs or base.parts(at, Inheritance) for at in written if at in base)
    return divided or any(trigger.table in written for trigger in triggers)


def _matter(line: Line) -> bool:
    """Whether a line writes rows, or makes rules for rows."""
    for group in line.groups:
        for operation in group.operations:
            match operation:
                case Rows() | Opaque():
                    return True
                case Create(
                    thing=Table() | Column() | PrimaryKey() | Unique() | Check() | ForeignKey()
                ):
                    return True
                case Create(thing=Index(unique=True)):
                    return True
                case Create():
                    continue
                case _:
                    return True
    return False


def _end(base: Schema, known: Contents, line: Line, carried: Carried) -> Follower | Refused | None:
    follower = Follower(base, known)
    try:
        for group in line.groups:
            follower.take(group)
    except Refused:
        return None  # by itself the line runs, so it is we who read it wrongly
    groups = _groups(carried, line.after)
    if groups is None:
        return None
    try:
        for group in groups:
            follower.take(group)
    except Refused as refused:
        # After a doubt the rows may be others than we think.
        return None if follower.doubts else refused
    return follower


def _groups(carried: Carried, after: Schema) -> Sequence[Group] | None:
    interpreter = Interpreter(after)
    for step in carried.steps:
        for statement in split(step.sql or "", after.dialect):
            if isinstance(interpreter.read(statement), Fault):
                return None
    return interpreter.interpretation().groups
