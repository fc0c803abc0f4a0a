"""What two operations do to each other, as a rule tells: also where both orders run.

`clash` looks at one operation of each side, both by home (see `course`), and says why they cannot both
stand without a decision, or nothing. The rules are few and by class: names, drops, facts, types, and
rows against rules for rows and against rows. What is only a rename is left to carrying.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.merge.combine import combined, combined_thing, extends
from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.course import shown
from schemaops.merge.rows_and_rows import rows_and_rows
from schemaops.merge.rows_and_rules import rows_and_rule
from schemaops.merge.world import Clash, World, columns_of, said
from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Operation, Rename, Rows
from schemaops.operations.footprint import Place
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    Column,
    ForeignKey,
    Grant,
    Index,
    PrimaryKey,
    Unique,
    Unmodelled,
    View,
    container,
    references,
)
from schemaops.sql.texts import words_of
from schemaops.sql.types import Family, family, widens

__all__ = ["clash", "lists"]


def clash(
    ours: Operation,
    theirs: Operation,
    world: World,
    *,
    remade: frozenset[Alter] = frozenset(),
    in_one: frozenset[Address] = frozenset(),
) -> Clash | None:
    """Return why the two cannot both stand without a decision, None where nothing says so.

    `remade` are those changes of a type that also compute the values anew (USING); `in_one` the homes
    of what both sides make anew in the place of one object, and that carrying combines.
    """
    if in_one and _of_one(ours, theirs, in_one):
        return None
    for one, other in ((ours, theirs), (theirs, ours)):
        if isinstance(one, Alter) and one in remade and _touches(other, one.at):
            reason = f"one side makes the values of {said(one.at)} anew, which the other side uses"
            return Clash(ConflictKind.TYPE_USE, one.at, reason)
    if ours == theirs and not isinstance(ours, Rows):
        return None
    both = _both(ours, theirs, world)
    if both is not None:
        return both
    return _one_way(ours, theirs, world) or _one_way(theirs, ours, world)


def _of_one(ours: Operation, theirs: Operation, in_one: frozenset[Address]) -> bool:
    """Whether what would be at odds is one object that carrying combines."""
    made = [o.at in in_one for o in (ours, theirs) if isinstance(o, Create)]
    if any(made):
        return not isinstance(ours, Rename) and not isinstance(theirs, Rename)
    if isinstance(ours, Alter) and isinstance(theirs, Alter):
        return ours.at == theirs.at and ours.at in in_one
    return False


def _both(ours: Operation, theirs: Operation, world: World) -> Clash | None:
    match ours, theirs:
        case Create(thing=one), Create(thing=other) if one.at == other.at:
            if isinstance(one, Grant) and combined_thing(None, one, other, world.dialect):
                return None
            if getattr(one, "named", True) and getattr(other, "named", True):
                return Clash(
                    ConflictKind.CREATE_CREATE,
                    one.at,
                    f"both sides create {said(one.at)}, differently",
                )
        case Rename(), Rename() if ours.old == theirs.old and ours.new != theirs.new:
            return Clash(
                ConflictKind.RENAME_RENAME,
                ours.old,
                f"{said(ours.old)} is renamed to {ours.new.name} and to {theirs.new.name}",
            )
        case Alter(), Alter() if (ours.at, ours.fact) == (theirs.at, theirs.fact):
            if ours.after != theirs.after and not _combine(ours, theirs, world.dialect):
                return Clash(
                    ConflictKind.CHANGE_CHANGE,
                    ours.at,
                    f"both sides change the {ours.fact.replace('_', ' ')} of {said(ours.at)}",
                )
        case Rows(), Rows():
            return rows_and_rows(ours, theirs, world)
        case _:
            return None
    return None


def _combine(ours: Alter, theirs: Alter, dialect: str) -> bool:
    if not all(extends(o.fact, o.before, o.after, dialect) for o in (ours, theirs)):
        return False
    if ours.before != theirs.before:
        return True  # carrying tells
    return combined(ours.fact, ours.before, ours.after, theirs.after, dialect) is not None


def _one_way(one: Operation, other: Operation, world: World) -> Clash | None:
    match one:
        case Drop():
            return _drop_and_use(one, other) or _orphaned(one, other, world)
        case Alter(fact="type") if one.at.kind is Kind.COLUMN:
            return _type_and_use(one, other, world)
        case Create(thing=Unmodelled(what="partitions") as partitions):
            return _partitioned(partitions, other, world)
        case Alter(fact="body" | "parameters") if one.at.family is not None:
            return _body_and_kept(one, other)
        case Rows():
            return rows_and_rule(one, other, world)
        case _:
            return None


# -- dropping what the other side uses


def _drop_and_use(drop: Drop, other: Operation) -> Clash | None:
    if isinstance(other, Drop):
        return None
    at = drop.at
    if isinstance(other, Create) and other.at != at and shown(other.at) == shown(at):
        return Clash(
            ConflictKind.DROP_USE, at, f"one side drops {said(at)}, the other makes it anew"
        )
    if isinstance(other, Create) and isinstance(other.thing, Column) and at.kind is not Kind.TABLE:
        touched = other.thing.at == at or at in set(references(other.thing))
    else:
        meant = (at, at.family)
        touched = any(at.covers(place.at) or place.at in meant for place in _touched(other))
    if not touched:
        return None
    return Clash(ConflictKind.DROP_USE, at, f"one side drops {said(at)}, which the other side uses")


def _orphaned(drop: Drop, other: Operation, world: World) -> Clash | None:
    """Whether rows are written that refer to a dropped table: SQLite keeps the foreign key."""
    at = drop.at
    if at.kind is not Kind.TABLE or not isinstance(other, Rows) or other.table not in world.base:
        return None
    keys = world.base.parts(other.table, ForeignKey)
    if world.dialect != "sqlite" or not any(key.table == at for key in keys):
        return None
    return Clash(
        ConflictKind.DROP_USE,
        at,
        f"one side drops {said(at)}, to which rows refer that the other side writes",
    )


def _partitioned(partitions: Unmodelled, other: Operation, world: World) -> Clash | None:
    """Whether MySQL takes a key beside partitions: none that refers, and unique ones over their columns."""
    (table,) = partitions.on[:1]
    match other:
        case Create(thing=ForeignKey() as key) if table in (key.table, container(key)):
            fits = False
        case Create(thing=(PrimaryKey() | Unique()) as key) if container(key) == table:
            named = words_of(partitions.definition, world.dialect)
            parts = {c.at for c in columns_of(world, table) if str(c.at.name).lower() in named}
            fits = parts <= set(key.columns)
        case _:
            return None
    if fits:
        return None
    reason = f"one side divides {said(table)} into partitions, which go not with {said(key.at)}"
    return Clash(ConflictKind.ORDER, table, reason)


def _body_and_kept(change: Alter, other: Operation) -> Clash | None:
    """Whether what a function made is kept: in an index or a column; or rows are held to it."""
    made: list[Expression | None] = []
    of_rows = False
    match other:
        case Create(thing=Index() as index):
            made = [index.where, *(key.expression for key in index.keys)]
        case Create(thing=Column() as column):
            made = [column.default, column.generated.expression if column.generated else None]
        case Create(thing=Check() as check) if "not valid" not in dict(check.options):
            made, of_rows = [check.expression], True
        case Alter(fact="checks", before=before, after=after):
            made = [check.expression for check in after if check not in before]
        case _:
            return None
    at = other.at
    if not any(change.at.family in set(one.addresses()) for one in made if one is not None):
        return None
    reason = f"{said(at)} keeps what {said(change.at)} makes, and the other side changes that"
    return Clash(ConflictKind.LATE_BOUND, at, reason, of_rows)


def _touches(operation: Operation, at: Address) -> bool:
    return any(place.at == at for place in _touched(operation))


def _touched(operation: Operation) -> Iterator[Place]:
    found = operation.footprint()
    yield from found.reads
    yield from found.writes


# -- types and what relies on them


def _type_and_use(change: Alter, other: Operation, world: World) -> Clash | None:
    at = change.at
    if isinstance(other, Drop) or not any(place.at == at for place in _touched(other)):
        return None
    wide = widens(change.before, change.after, world.dialect)
    kept = wide or _keeps_values(change, world.dialect)
    fits, of_rows = False, False
    called = _calls(other) if world.dialect == "postgres" else False
    match other:
        case Create() | Rows() if called:
            fits = False  # of another type there may be no such function
        case Rename():
            return None
        case Alter(at=column, fact="type" | "nullable" | "comment") if column == at:
            return None
        case Alter(at=column, fact="default") if column == at:
            fits = wide
        case Alter() if other.at == at:
            fits = False
        case Rows():
            written = at in other.columns and other.verb in ("insert", "update")
            fits = wide and not (written and _rounds(change.before, world.dialect))
            # Of another family the statement itself may not be one any more.
            of_rows = _is_alike(change, world.dialect)
        case Create(thing=View()):
            return None  # carrying tells: PostgreSQL refuses, the others do not care
        case Create(thing=Column(generated=made)) if made is not None:
            return None
        case Create(thing=ForeignKey()):
            fits = wide and world.dialect == "postgres"
        case Create(thing=Index() as index) if index.where is None and _plain(index):
            by_value = world.dialect == "sqlite" and not index.unique  # whatever its type
            fits, of_rows = kept or by_value, index.unique and _is_number(change, world.dialect)
        case Create(thing=PrimaryKey() | Unique()):
            fits, of_rows = kept, _is_number(change, world.dialect)
        case Create(thing=Check() | Index() as rule) if not lists(rule, world.dialect):
            fits, of_rows = wide, kept
        case _:
            fits = False
    if fits:
        return None
    return Clash(
        ConflictKind.TYPE_USE,
        at,
        f"one side makes {said(at)} {change.after} where the other side relies on {change.before}",
        of_rows,
    )


def _calls(operation: Operation) -> bool:
    """Whether an operation calls a function of the schema where it is the type that chooses it."""
    match operation:
        case Rows(text=text):
            made = [text]
        case Create(thing=Check() as check):
            made = [check.expression]
        case Create(thing=Index() as index):
            made = [key.expression for key in index.keys]
            made += [index.where] if index.where is not None else []
        case _:
            return False
    return any(at.kind is Kind.FUNCTION for one in made for at in one.addresses())


def lists(rule: Check | Index, dialect: str) -> bool:
    """Whether an expression compares with a list: PostgreSQL casts the list's values as the column's
    type is at that moment, and keeps the casts when the type changes."""
    if dialect != "postgres":
        return False
    expressions = (
        [rule.expression]
        if isinstance(rule, Check)
        else [*(key.expression for key in rule.keys), *([rule.where] if rule.where else [])]
    )
    texts = (p for e in expressions for p in e.normal if isinstance(p, str))
    return any(word in text.upper().split() for text in texts for word in ("IN", "ANY", "ALL"))


def _plain(index: Index) -> bool:
    return all(len(key.expression.normal) == 1 for key in index.keys)


_NUMBERS = (Family.INTEGER, Family.EXACT)


def _is_number(change: Alter, dialect: str) -> bool:
    return family(change.before, dialect) in _NUMBERS and family(change.after, dialect) in _NUMBERS


def _is_alike(change: Alter, dialect: str) -> bool:
    same = family(change.before, dialect) is family(change.after, dialect)
    return same or _is_number(change, dialect)


def _keeps_values(change: Alter, dialect: str) -> bool:
    """Whether the change of a type either fails or leaves every value what it is, and ordered so."""
    before, after = family(change.before, dialect), family(change.after, dialect)
    match before, after:
        case Family.INTEGER, (Family.INTEGER | Family.EXACT):
            return True
        case Family.TEXT, Family.TEXT:
            padded = ("char", "character", "bpchar")
            names = {str(t).split("(")[0] for t in (change.before, change.after)}
            # A key over a text without end wants a length in MySQL.
            return not names & set(padded) and (dialect == "postgres" or len(names) == 1)
        case _:
            return False


def _rounds(type_: Expression, dialect: str) -> bool:
    """Whether storing in a type may round what is written."""
    if family(type_, dialect) in (Family.FLOAT, Family.TIME, Family.TIMESTAMP, Family.INTERVAL):
        return True
    return family(type_, dialect) is Family.EXACT and "(" in str(type_)
