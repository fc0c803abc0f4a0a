"""What the rows that are known tell of a merge: whether both ways to it end in the same rows.

A witness like the snapshots, for rows. It speaks only where every row that matters is known; a rule
that sees two statements at odds for some rows yields to it for these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemaops.merge.carry import Carried, Line
from schemaops.merge.known import KnownRows
from schemaops.names import Kind
from schemaops.operations import Create, Drop, Opaque, Rows
from schemaops.operations.group import Group
from schemaops.schema.objects import (
    Check,
    Column,
    ForeignKey,
    Index,
    Inheritance,
    PrimaryKey,
    Table,
    Unique,
    container,
)
from schemaops.schema.state import Schema
from schemaops.sql.contents.following import Follower
from schemaops.sql.contents.repeating import Done
from schemaops.sql.contents.state import table_of
from schemaops.sql.contents.storing import Refused
from schemaops.sql.interpret import Fault, Interpreter
from schemaops.sql.split import split

__all__ = ["Told", "rows_alike", "ways_alike"]


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
    ways = (ours, _groups(to_ours, ours.after)), (theirs, _groups(to_theirs, theirs.after))
    return ways_alike(base, known, *ways)


Way = tuple[Line, Sequence[Group] | None]


def ways_alike(base: Schema, known: KnownRows, *ways: Way, counters: bool = False) -> Told:
    """Return what the known rows, and `counters`, tell of two lines, each with what is to come after
    it."""
    if _divided(base, *(line for line, _ in ways)):
        return Told(None)
    done: dict[bytes, Done] = {}
    followers = [Follower(base, known.contents, done) for _ in ways]
    for follower, (line, _) in zip(followers, ways, strict=True):
        try:
            for group in line.groups:
                follower.take(group, runs=True)
        except Refused:
            return Told(None)  # by itself the line runs, so it is we who read it wrongly
    refused = [
        _follow(follower, later) for follower, (_, later) in zip(followers, ways, strict=True)
    ]
    one, other = followers
    if any(told is False for told, _ in refused):
        return Told(False, next(why for told, why in refused if told is False))
    if any(told is None for told, _ in refused):
        return Told(None)
    alike = one.contents().alike(other.contents(), one.touched | other.touched)
    if alike is not False and (one.doubts or other.doubts):
        return Told(None)
    if alike and counters and not _count_alike(known, one, other):
        return Told(None)
    return Told(alike, "" if alike else "the rows differ")


def _count_alike(known: KnownRows, one: Follower, other: Follower) -> bool:
    """Whether every counter that was known, or is in question, stands at one number in both."""
    mine, its = one.counts(), other.counts()
    lost = {at for at in known.contents.counters if at in one.schema} - mine.keys()
    return mine == its and None not in mine.values() and not lost


def _follow(follower: Follower, groups: Sequence[Group] | None) -> tuple[bool | None, str]:
    """Whether a follower takes statements, None where that cannot be told, and why not."""
    if groups is None:
        return None, ""
    try:
        for group in groups:
            follower.take(group)
    except Refused as refused:
        # After a doubt the rows may be others than we think.
        return None if follower.doubts else False, refused.message
    return True, ""


def _divided(base: Schema, *lines: Line) -> bool:
    """Whether rows are read or written of tables that have them in common with others, or for which
    rules say what happens instead."""
    made = [o for line in lines for group in line.groups for o in group.operations]
    written = {at for rows in made if isinstance(rows, Rows) for at in (rows.table, *rows.reads)}
    rules = [*base.of_kind(Kind.RULE)]
    rules += [o.thing for o in made if isinstance(o, Create | Drop) and o.at.kind is Kind.RULE]
    if any(container(rule) in written for rule in rules):
        return True
    ties = [t for t in base.of_kind(Kind.INHERITANCE) if isinstance(t, Inheritance)]
    ties += [
        o.thing for o in made if isinstance(o, Create | Drop) and isinstance(o.thing, Inheritance)
    ]
    return any(written & {tie.parent, table_of(tie.at)} for tie in ties)


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
                case Create(thing=Index(selective=True)):
                    return True
                case Create():
                    continue
                case _:
                    return True
    return False


def _groups(carried: Carried, after: Schema) -> Sequence[Group] | None:
    interpreter = Interpreter(after)
    for step in carried.steps:
        for statement in split(step.sql or "", after.dialect):
            if isinstance(interpreter.read(statement), Fault):
                return None
    return interpreter.interpretation().groups
