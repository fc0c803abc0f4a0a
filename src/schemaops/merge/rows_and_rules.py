"""Rows against rules: whether what one side asks of rows goes with the rows that the other writes.

Whether the rows that are there do is for the rows that are known to say (see `rowwise`); here it is
asked for whatever rows there are.
"""

from __future__ import annotations

import re
from dataclasses import replace

from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.rows_and_rows import filled, passes_over, rows_made, sources
from schemaops.merge.world import Clash, World, events, said
from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Operation, Rows
from schemaops.operations.rows import Literal
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    Column,
    Domain,
    ForeignKey,
    Index,
    Object,
    PrimaryKey,
    Sequence,
    Sundry,
    Trigger,
    Unique,
    container,
)
from schemaops.sql.predicates import Row, Unknown, known, literal, value
from schemaops.sql.texts import words_of

__all__ = ["rows_and_rule"]


def rows_and_rule(rows: Rows, other: Operation, world: World) -> Clash | None:
    """Return why a data statement may do otherwise, or fail, after the other operation."""
    match other:
        case Create(thing=Column() as column) if column.table in world.reach(rows).tables:
            return _new_column(rows, column)
        case Create(thing=Check() as check):
            return _check(rows, check, world)
        case Create(thing=PrimaryKey() | Unique() as key):
            if isinstance(key, Unique) and _never_meets(rows, key, world):
                return None
            return _unique(rows, key.at, _table(key), set(key.columns), world)
        case Create(thing=Index() as index) | Drop(thing=Index() as index) if _scans(
            rows, index, world
        ):
            reason = f"rows are numbered in the order in which they are read, and {said(index.at)}"
            return Clash(ConflictKind.ROWS_ROWS, index.at, f"{reason} is another order")
        case Create(thing=Index(selective=True) as index):
            if _never_meets(rows, index, world):
                return None
            used = {at for key in index.keys for at in key.expression.addresses()}
            used |= set(index.where.addresses()) if index.where is not None else set()
            return _unique(rows, index.at, index.table, used, world)
        case Create(thing=ForeignKey() as key):
            return _foreign_key(rows, key, world)
        case Create(thing=Trigger() as trigger) | Drop(thing=Trigger() as trigger):
            return _fired(rows, trigger, world)
        case Create(thing=Sundry() as rule) | Drop(thing=Sundry() as rule):
            return _rewritten(rows, rule, world)
        case Drop(thing=thing):
            return _relaxed(rows, thing, world)
        case Alter(at=at, fact=fact) if at.kind is Kind.TRIGGER:
            changed = world.base.get(at)
            if not isinstance(changed, Trigger) or fact == "comment":
                return None
            return _fired(rows, replace(changed, columns=()), world)
        case Alter(at=at, fact=fact) if at.kind in (Kind.FUNCTION, Kind.PROCEDURE):
            return _computed(rows, at, world) if fact != "comment" else None
        case Alter():
            return _altered(rows, other, world)
        case _:
            return None


def _scans(rows: Rows, index: Index, world: World) -> bool:
    """Whether SQLite may read the rows that a statement numbers along an index."""
    if world.dialect != "sqlite" or rows.values is not None or not sources(rows, world):
        return False
    reach = world.reach(rows)
    if not set(index.keys[0].expression.addresses()) & reach.columns:
        return False
    words = words_of("".join(map(str, rows.text.normal)), world.dialect)
    shown = any(at.kind is Kind.VIEW for at in rows.reads)
    if len(reach.reads) > 1 or shown or words & _CHOOSING:
        return True
    # All rows are read along an index only where it holds all that is read.
    keys = [key.expression.normal for key in index.keys]
    return reach.columns <= {piece for key in keys if len(key) == 1 for piece in key}


_CHOOSING = frozenset({"where", "join", "group", "order", "distinct", "union", "min", "max"})


def _rule(at: Address, what: str) -> Clash:
    return Clash(
        ConflictKind.CONSTRAINT_ROWS,
        at,
        f"one side changes {what} ({said(at)}), and the other side writes such rows",
        of_rows=True,
    )


def _fired(rows: Rows, trigger: Trigger, world: World) -> Clash | None:
    """Return why a data statement sets a trigger off that is there on one side only."""
    if rows.copied:
        return None
    reach = world.reach(rows)
    happens = bool(set(events(rows)) & set(trigger.events))
    own = happens and trigger.table in reach.tables | world.through(rows)
    columns = [world.base.get(at) for at in trigger.columns]
    made = any(not isinstance(one, Column) or one.generated is not None for one in columns)
    if rows.verb == "update" and rows.table == trigger.table and columns and not made:
        # Of UPDATE OF only what the statement itself sets counts.
        own = own and bool({at for at, _ in rows.sets} & set(trigger.columns))
    if not own and trigger.table not in reach.cascaded:
        return None
    reason = (
        f"one side changes what rows set off ({said(trigger.at)}), and the other side writes some"
    )
    return Clash(ConflictKind.CONSTRAINT_ROWS, trigger.at, reason)


def _rewritten(rows: Rows, rule: Sundry, world: World) -> Clash | None:
    """Return why a data statement meets a rule that is there on one side only."""
    if rule.at.kind is not Kind.RULE or rows.copied:
        return None
    if container(rule) not in world.reach(rows).tables | world.through(rows):
        return None
    reason = f"one side changes what rows set off ({said(rule.at)}), and the other side writes some"
    return Clash(ConflictKind.CONSTRAINT_ROWS, rule.at, reason)


def _computed(rows: Rows, routine: Address, world: World) -> Clash | None:
    """Return why a data statement runs a routine that the other side changes."""
    name = str(routine.name).partition("(")[0].lower()
    calls = routine.family in set(rows.text.addresses()) or name in words_of(
        "".join(map(str, rows.text.normal)), world.dialect
    )
    fires = routine in world.base and any(
        isinstance(thing, Trigger) and _fired(rows, thing, world)
        for thing in world.base.referrers(routine)
    )
    if not calls and not fires:
        return None
    reason = f"one side changes {said(routine)}, which runs when the other side writes its rows"
    return Clash(ConflictKind.ROWS_ROWS, routine, reason)


def _table(thing: Object) -> Address:
    inside = container(thing)
    assert inside is not None
    return inside


def _set(rows: Rows) -> set[Address]:
    """Return the columns that a statement changes in rows that are there."""
    found = {column for column, _ in rows.sets}
    return found | set(rows.columns) if rows.conflict in ("update", "replace") else found


def _new_column(rows: Rows, column: Column) -> Clash | None:
    if _numbered(column) and (rows.verb != "insert" or rows.conflict in ("update", "replace")):
        # The rows that are there get their numbers when it is added, as they then stand.
        return _rule(column.at, "how its values are generated")
    if rows.verb != "insert":
        return None
    given = column.default is not None or column.generated or column.identity
    if not column.nullable and not given and not column.auto_increment:
        return _rule(column.at, "whether a row needs a value")
    return None


def _numbered(column: Column) -> bool:
    """Whether each row gets a number of its own in a column that is added."""
    if column.auto_increment or column.identity is not None:
        return True
    return column.default is not None and "nextval" in words_of(
        "".join(map(str, column.default.normal)), "postgres"
    )


def _altered(rows: Rows, change: Alter, world: World) -> Clash | None:
    at, reach = change.at, world.reach(rows)
    if at.kind is Kind.VIEW:
        if at in rows.reads or at in world.through(rows):
            return _rule(at, "what a view shows")
        return None
    if at.kind is Kind.ENUM and change.fact == "values":
        gone = set(change.before) - set(change.after)
        # One that is called otherwise is for carrying.
        if gone and len(change.before) != len(change.after):
            return _rule(at, "the values of a type")
        return None
    if at.kind is Kind.SEQUENCE:
        return _rule(at, "how numbers are given") if rows.verb == "insert" else None
    if at.kind is not Kind.COLUMN:
        return None
    own = Address(Kind.TABLE, at.path[:-1]) in reach.tables
    touched = at in rows.columns or at in rows.reads
    match change.fact:
        case "nullable":
            if change.after:
                return _rule(at, "which rows are ignored") if rows.conflict and own else None
            return _not_null(rows, at, world) if own else None
        case "default":
            if _comes_to(rows, at, world):
                reason = (
                    f"one side changes the default of {said(at)}, to which rows come that the other"
                )
                return Clash(
                    ConflictKind.DEFAULT_ROWS, at, f"{reason} side leaves without their own"
                )
            # What is written through the table above has the defaults of that one.
            named = rows.table.kind is Kind.VIEW or rows.table.path == at.path[:-1]
            if not own or not named or rows.verb == "delete":
                return None
            if _leaves_out(rows, at) or _says_default(rows):
                return Clash(
                    ConflictKind.DEFAULT_ROWS,
                    at,
                    f"one side changes the default of {said(at)}, on which the other side relies",
                    # Rows may end alike, and a sequence be further on all the same.
                    of_rows=not _takes_numbers(change),
                )
        case "type":
            if own and _leaves_out(rows, at) and _from_domain(change, world):
                return Clash(
                    ConflictKind.DEFAULT_ROWS,
                    at,
                    f"one side changes the default that {said(at)} has of its type, on which the "
                    "other side relies",
                    of_rows=True,
                )
        case "identity" | "auto_increment":
            if own and (rows.verb == "insert" or at in _set(rows)):
                return _rule(at, "how its values are generated")
        case "generated" | "on_update":
            if own and rows.verb not in ("delete", "truncate"):
                return _rule(at, "how its values are generated")
        case "collation":
            if touched:
                return _rule(at, "the collation by which rows are compared")
        case _:
            return None
    return None


def _comes_to(rows: Rows, at: Address, world: World) -> bool:
    """Whether a statement changes or deletes rows of which others come to refer to a default."""
    does = {"replace": "delete", "update": "update"}.get(rows.conflict or "", rows.verb)
    return any(
        at in key.columns
        and {"delete": key.on_delete, "update": key.on_update}.get(does) == _DEFAULT
        for table in world.reach(rows).tables
        for key in world.referring(table)
    )


_DEFAULT = "set default"


def _from_domain(change: Alter, world: World) -> bool:
    """Whether a column without a default of its own may have one of its type, before or after."""
    column = world.base.get(change.at)
    if not isinstance(column, Column) or column.default is not None:
        return False
    types = {at for type_ in (change.before, change.after) for at in type_.addresses()}
    domains = [world.base.get(at) for at in types if at.kind is Kind.DOMAIN]
    return any(
        not isinstance(one, Domain) or one.default is not None or not one.nullable
        for one in domains
    )


def _takes_numbers(change: Alter) -> bool:
    return any(
        at.kind is Kind.SEQUENCE
        for value in (change.before, change.after)
        if isinstance(value, Expression)
        for at in value.addresses()
    )


def _leaves_out(rows: Rows, at: Address) -> bool:
    return rows.verb == "insert" and at not in rows.columns


def _says_default(rows: Rows) -> bool:
    words = (piece.lower().split() for piece in rows.text.normal if isinstance(piece, str))
    return any("default" in found for found in words)


def _relaxed(rows: Rows, thing: Object, world: World) -> Clash | None:
    """Return why rows fare otherwise without a rule, or a column, that is dropped."""
    if rows.copied:
        return None
    match thing:
        case PrimaryKey() | Unique() | Index(selective=True) if _names_key(rows):
            if _table(thing) == rows.table:
                reason = f"rows are to meet {said(thing.at)}, which the other side drops"
                return Clash(ConflictKind.LATE_BOUND, thing.at, reason)
        case Column(default=Expression() as default) if _leaves_out(rows, thing.at):
            if thing.table in world.reach(rows).tables and _outlives(default, thing, world):
                reason = f"rows take numbers for {said(thing.at)}, which the other side drops"
                return Clash(ConflictKind.ROWS_ROWS, thing.at, reason)
        case ForeignKey() if thing.on_delete != "no action" or thing.on_update != "no action":
            if thing.table in world.reach(rows).tables and rows.verb != "insert":
                return _rule(thing.at, "what becomes of rows that refer to deleted ones")
        case PrimaryKey() | Unique() | Check() | ForeignKey() | Index(selective=True):
            if rows.conflict is not None and _table(thing) in world.reach(rows).tables:
                return _rule(thing.at, "which rows an INSERT meets")
        case _:
            return None
    if rows.conflict is not None and _table(thing) in world.reach(rows).tables:
        return _rule(thing.at, "which rows an INSERT meets")
    return None


def _names_key(rows: Rows) -> bool:
    """Whether an INSERT says which key its rows may meet: without it, it fails."""
    text = " ".join(piece for piece in rows.text.normal if isinstance(piece, str)).lower()
    return rows.conflict is not None and bool(_TARGET.search(text))


_TARGET = re.compile(r"on conflict\s*(\(|on constraint)")


def _outlives(default: Expression, column: Column, world: World) -> bool:
    """Whether a column takes its numbers of a sequence that stays when the column goes."""
    sequences = [world.base.get(at) for at in default.addresses() if at.kind is Kind.SEQUENCE]
    return any(isinstance(one, Sequence) and one.owner != column.at for one in sequences)


def _not_null(rows: Rows, at: Address, world: World) -> Clash | None:
    if rows.verb in ("delete", "truncate"):
        return None
    if rows.verb == "insert":
        if at in rows.columns and rows.values is not None and rows.conflict is None:
            place = rows.columns.index(at)
            cells = [row[place] for row in rows.values if place < len(row)]
            if all(_is_something(cell) for cell in cells):
                return None
        return _rule(at, "that a row needs a value")
    for column, made in rows.sets:
        if column == at:
            got = value(made, {}, world.base)
            if got is None or isinstance(got, Unknown):
                return _rule(at, "that a row needs a value")
    return _rule(at, "that a row needs a value") if rows.table.kind is Kind.VIEW else None


def _is_something(cell: Literal) -> bool:
    found = known(cell)
    return found is not None and not isinstance(found, Unknown)


def _check(rows: Rows, check: Check, world: World) -> Clash | None:
    table = _table(check)
    if table not in world.reach(rows).tables or rows.verb in ("delete", "truncate"):
        return None
    used = {at for at in check.expression.addresses() if at.kind is Kind.COLUMN}
    for column in used:
        thing = world.base.get(column)
        if isinstance(thing, Column) and thing.generated is not None:
            used = used | set(thing.generated.expression.addresses())
    if rows.table == table and rows.verb == "update":
        if not used & _set(rows):
            return None
        # Only where every column that the check reads is set to a literal does the row tell.
        cells = {c: literal(value(made, {}, world.base)) for c, made in rows.sets}
        if used <= set(cells) and _holds(check.expression, cells, world):
            return None
    elif rows.table == table and rows.values is not None and rows.conflict is None:
        new = [filled(row, used, world) for row in rows_made(rows, world)]
        if all(_holds(check.expression, row, world) for row in new):
            return None
    return _rule(check.at, "what rows may hold")


def _holds(expression: Expression, row: Row, world: World) -> bool:
    got = value(expression, row, world.base)
    return got is None or got is True


def _never_meets(rows: Rows, key: Unique | Index, world: World) -> bool:
    """Whether each row of an INSERT has a NULL in a key, or is one that the key is not for."""
    if rows.table != _table(key) or rows.values is None or rows.conflict not in (None, "nothing"):
        return False
    if "nulls not distinct" in dict(key.options) or passes_over(rows):
        return False
    if any(world.fired(rows)):
        return False  # they may fill what is left out
    where = key.where if isinstance(key, Index) else None
    if isinstance(key, Index):
        parts = {p.expression.normal[0] for p in key.keys if len(p.expression.normal) == 1}
        columns = {part for part in parts if isinstance(part, Address)}
    else:
        columns = set(key.columns)
    asked = columns if where is None else columns | set(where.addresses())
    for row in rows_made(rows, world):
        full = filled(row, asked, world)
        passed = where is not None and value(where, full, world.base) in (None, False)
        if not passed and not any(_is_null(full, at, world) for at in columns):
            return False
    return True


def _is_null(row: Row, at: Address, world: World) -> bool:
    column = world.base.get(at)
    nullable = isinstance(column, Column) and column.nullable
    return nullable and at in row and row[at] is None


def _unique(
    rows: Rows, at: Address, table: Address, used: set[Address], world: World
) -> Clash | None:
    if table not in world.reach(rows).tables or rows.verb in ("delete", "truncate"):
        return None
    if rows.table == table and rows.verb == "update":
        generated = {
            a
            for c in used
            if isinstance(thing := world.base.get(c), Column) and thing.generated is not None
            for a in thing.generated.expression.addresses()
        }
        if not (used | generated) & _set(rows) and not passes_over(rows):
            return None
    return _rule(at, "which rows may stand beside each other")


def _foreign_key(rows: Rows, key: ForeignKey, world: World) -> Clash | None:
    child, reach = _table(key), world.reach(rows)
    direct = rows.table in (child, key.table)
    if child in reach.tables and rows.verb in ("insert", "update"):
        if not (rows.verb == "update" and direct and not set(key.columns) & _set(rows)):
            return _rule(key.at, "which rows may refer to which")
    if key.table in reach.tables | reach.cascaded and rows.verb != "insert":
        if not (rows.verb == "update" and direct and not set(key.referred) & _set(rows)):
            return _rule(key.at, "which rows may be deleted")
    if key.table in reach.tables and rows.conflict in ("update", "replace"):
        return _rule(key.at, "which rows may be deleted")
    return None
