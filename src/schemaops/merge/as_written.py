"""As written: whether both lines, run one after the other as they stand, end alike either way round.

A rule may see two statements at odds that in this base are not: a table is made anew beside an UPDATE
that finds no row in it. Where both orders are followed to the end, rows and all, and come to one
schema in which nothing names what is not there, these two orders are the two ways to the merge.
"""

from __future__ import annotations

from collections.abc import Iterable

from schemaops.merge.carry import Carried, Line, Step
from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.course import Course
from schemaops.merge.known import KnownRows
from schemaops.merge.rowwise import ways_alike
from schemaops.merge.silent import lists
from schemaops.merge.world import Clash
from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Opaque, Operation, Rename, Reorder, Rows
from schemaops.operations.group import Group
from schemaops.schema.objects import Check, Column, Index, Object, View, references
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Fault, Interpretation, Interpreter
from schemaops.sql.split import split
from schemaops.sql.types import Family, family

__all__ = ["as_written"]

_YIELDING = (
    ConflictKind.NAME_TAKEN,
    ConflictKind.DROP_USE,
    ConflictKind.ORDER,
    ConflictKind.TYPE_USE,
    ConflictKind.CONSTRAINT_ROWS,
    ConflictKind.ROWS_ROWS,
    ConflictKind.DEFAULT_ROWS,
    ConflictKind.DIVERGE,
)
"""What only the orders themselves decide: the others are of what somebody relies on afterwards."""

_FOLLOWED = frozenset(
    {
        Kind.TABLE,
        Kind.COLUMN,
        Kind.PRIMARY_KEY,
        Kind.UNIQUE,
        Kind.CHECK,
        Kind.FOREIGN_KEY,
        Kind.PARTITION_KEY,
        Kind.INHERITANCE,
        Kind.INDEX,
        Kind.VIEW,
        Kind.SEQUENCE,
        Kind.TRIGGER,
        Kind.COMMENT,
    }
)
"""What operations may be about, that all they do to rows is followed."""


def as_written(
    base: Schema, known: KnownRows, ours: Line, theirs: Line, clashes: Iterable[Clash]
) -> tuple[Carried, Carried] | None:
    """Return the two orders as ways to the merge, None where these clashes stand."""
    if any(clash.kind not in _YIELDING for clash in clashes):
        return None
    if not all(_is_followed(group) for line in (ours, theirs) for group in line.groups):
        return None
    if _retyped(base, ours, theirs) or _retyped(base, theirs, ours):
        return None
    first, second = _behind(theirs, ours), _behind(ours, theirs)
    if first is None or second is None or first.after != second.after:
        return None
    if not _stands(first.after, base, ours.after, theirs.after):
        return None
    ways = (ours, first.groups), (theirs, second.groups)
    if ways_alike(base, known, *ways, counters=True).alike is not True:
        return None
    return _carried(theirs.groups, first.after), _carried(ours.groups, second.after)


def _retyped(base: Schema, maker: Line, user: Line) -> bool:
    """Whether a line touches a column that the other makes one of another kind: what is written over the
    one may not be anything over the other."""
    if base.dialect == "sqlite":
        return False  # its columns take what they are given, and that is followed
    used = {at for group in user.groups for at in group.footprint().addresses()}
    for at in used | {mention.at for group in user.groups for mention in group.mentions}:
        before, after = base.get(at), maker.after.get(at)
        if isinstance(before, Column) and isinstance(after, Column) and before.type != after.type:
            kinds = {family(one.type, base.dialect) for one in (before, after)}
            if len(kinds) > 1 or not kinds <= {Family.INTEGER, Family.TEXT}:
                return True
            if any(map(_keeps_casts, user.after.referrers(at) if at in user.after else ())):
                return True
    return False


def _keeps_casts(thing: Object) -> bool:
    """Whether PostgreSQL keeps casts in an object that are of the type a column had when it was made."""
    return isinstance(thing, Check | Index) and lists(thing, "postgres")


def _behind(line: Line, over: Line) -> Interpretation | None:
    """Return what a line comes to, as it stands, after another one; None where it does not run."""
    interpreter = Interpreter(over.after)
    for group in line.groups:
        for statement in split(group.text, over.after.dialect):
            if isinstance(interpreter.read(statement), Fault):
                return None
    found = interpreter.interpretation()
    return found if all(map(_is_followed, found.groups)) else None


def _is_followed(group: Group) -> bool:
    """Whether all that a statement does is in its operations, and followed; the rows of a table that
    comes to stand below another are not held to its bound."""
    made = {o.at for o in group.operations if isinstance(o, Create)}
    return (
        bool(group.operations)
        and all(map(_is_plain, group.operations))
        and all(at.kind is not Kind.INHERITANCE or _below(at) in made for at in made)
    )


def _below(tie: Address) -> Address:
    return Address(Kind.TABLE, tie.path[:-1])


def _is_plain(operation: Operation) -> bool:
    match operation:
        case Create(thing=View() as view) | Drop(thing=View() as view):
            return "materialized" not in dict(view.options)
        case Create() | Drop() | Alter() | Reorder():
            return operation.at.kind in _FOLLOWED
        case Rename():
            return operation.old.kind in _FOLLOWED
        case Rows():
            return True
        case Opaque():
            return False


def _stands(merged: Schema, base: Schema, *sides: Schema) -> bool:
    """Whether every object is what one of the sides made it, and nothing names what is not there, but
    what named so in the base: SQLite may run nothing over such a one."""
    for thing in merged:
        # A partition's columns are what both sides make of the table's.
        if not isinstance(thing, Column) and not any(
            _is_same(thing, merged, side) for side in sides
        ):
            return False
    return all(
        set(_dangling(thing.at, schema)) <= set(_dangling(thing.at, base))
        for schema in (merged, *sides)
        for thing in schema
    )


def _is_same(thing: Object, merged: Schema, side: Schema) -> bool:
    """Whether an object is what a side made it, and what its texts name is understood as it was there:
    MySQL leaves a trigger's body naming what is no longer so called."""
    known = side.get(thing.at)
    return (
        known is not None
        and merged.digest_at(thing.at) == side.digest_at(thing.at)
        and set(references(thing)) == set(references(known))
    )


def _dangling(at: Address, schema: Schema) -> Iterable[Address]:
    thing = schema.get(at)
    return () if thing is None else [one for one in references(thing) if one not in schema]


def _carried(groups: tuple[Group, ...], after: Schema) -> Carried:
    steps = tuple(Step(i, group.text) for i, group in enumerate(groups))
    return Carried(steps, after, (), Course())
