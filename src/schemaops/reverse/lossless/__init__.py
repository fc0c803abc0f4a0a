"""Lossless: the same migration, executed so that what it would destroy is kept, and its way back.

A dropped table is moved into the archive instead; the values of a dropped or narrowed column and the
former rows of a data statement are copied there first, with the table's key. The way back takes each
statement back by itself, the last first, and puts the rows where they were. What the mode does not
accept (an opaque statement, tables that inherit) is done as written, and stays listed as a loss, with
the reason.

Others may write in between. The way back touches only rows that still hold what the up wrote, and takes
out of the archive what stands again as it was; what is left there could not be put back because of what
others wrote, and whoever executes the way back leaves such a place in the archive instead of dropping it.

The archive is the schema `schemaops_archive` in PostgreSQL and a prefix of that name elsewhere; both are
outside every schema.

    rows        what data statements change; `compared` where their text does not tell which rows
    values      columns dropped or narrowed
    tables      tables moved into the archive, types and sequences with them
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Drop, Operation, Rows
from schemaops.operations.group import Group
from schemaops.reverse.brought import gone_with_their_keys
from schemaops.reverse.invert import Between, Hindrance, reverse
from schemaops.reverse.losses import BY_TRIGGERS, COLUMN_ORDER, INHERITANCE, ROWS, Loss, Made
from schemaops.reverse.lossless.reach import reach
from schemaops.reverse.lossless.rebuilds import counted
from schemaops.reverse.lossless.rows import kept_rows
from schemaops.reverse.lossless.tables import MOVED, Tables, moved_types
from schemaops.reverse.lossless.values import kept_values, losing
from schemaops.reverse.lossless.words import ARCHIVE, Kept, NotKept, Words
from schemaops.schema.objects import Inheritance, Table, attached, subject
from schemaops.schema.state import Schema
from schemaops.sql.rebuilding import folded
from schemaops.sql.rebuilds import rebuilds
from schemaops.sql.render import render

__all__ = ["ARCHIVE", "Lossless", "lossless"]


@dataclass(frozen=True, slots=True)
class Lossless:
    """A migration as it is executed so that nothing is lost, its way back, and what is lost all the
    same. `counts` says how many statements of the up each of the migration's own comes to."""

    up: tuple[str, ...]
    down: tuple[str, ...]
    losses: tuple[Loss, ...]
    irreversible: tuple[Hindrance, ...]
    counts: tuple[int, ...] = ()


def lossless(
    groups: Sequence[Group],
    before: Schema,
    between: Between,
    mark: str = "",
    *,
    locking: bool = False,
    alone: bool = False,
) -> Lossless:
    """Return a migration that leaves `before` with everything kept that it would destroy; `mark`
    tells its places in the archive from those of another with the same statements. With `locking`
    nobody can write between the copy and the statement, which takes a transaction in PostgreSQL.
    With `alone` PostgreSQL's archive goes at the end of the way back, unless something is in it."""
    counts: list[int] = []
    up: list[str] = []
    said: set[str] = set()
    downs: list[tuple[str, ...]] = []
    lost: list[Loss] = []
    hindrances: list[Hindrance] = []
    schema, made = before, Made()
    away = before.dialect == "sqlite" and rebuilds(group.text for group in groups)
    line = gone_with_their_keys(folded(groups, before), before)
    for number, group in enumerate(line):
        if group.hollow:
            continue
        plain = reverse((group,), schema, between)
        words = Words(schema, group, number, mark, locking=locking, looks_away=away)
        standing = len(up)
        kept = _kept(words, made, plain.operations, plain.statements)
        order = [loss for loss in plain.losses if loss.what == COLUMN_ORDER]
        if isinstance(kept, NotKept):
            up += group.texts
            downs.append(plain.statements)
            lost += (
                loss if loss in order else replace(loss, why=kept.reason) for loss in plain.losses
            )
        else:
            # The archive is made once.
            there = set(words.archive()) & said
            up += (text for text in kept.up if text not in there)
            said.update(kept.up)
            rest = (text for text in plain.owners if text not in kept.down)
            downs.append((*kept.down, *rest))
            lost += order
            lost += _made_own(group, schema)
            lost += (
                loss
                for loss in plain.losses
                if loss not in order and not _covers(group, schema, loss)
            )
            if not kept.sure:
                tables = {o.at for o in group.operations if isinstance(o, Rows)} & set(_all(before))
                lost += (Loss(at, BY_TRIGGERS, group.place.line) for at in sorted(tables))
        hindrances += plain.irreversible
        counts += counted(group, up[standing:])
        for operation in group.operations:
            made.follow(operation)
        schema = group.apply(schema)
    down = tuple(text for one in reversed(downs) for text in one)
    if alone and before.dialect == "postgres" and any(ARCHIVE in text for text in up):
        down = (*down, _GONE_IF_EMPTY)
    return Lossless(tuple(up), down, tuple(dict.fromkeys(lost)), tuple(hindrances), tuple(counts))


_GONE_IF_EMPTY = (
    f"DO $$ BEGIN DROP SCHEMA IF EXISTS {ARCHIVE}; "
    "EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END $$"
)


def _kept(
    words: Words, made: Made, inverse: tuple[Operation, ...], statements: tuple[str, ...]
) -> Kept | NotKept:
    """Return a statement so executed that all is kept, or why it is not."""
    operations = words.group.operations
    as_written = Kept(words.group.texts, statements)
    rows = [o for o in operations if isinstance(o, Rows) and not o.copied]
    if len(rows) < len(operations) and rows:
        return NotKept("the statement changes rows and more")
    if rows:
        # What the migration made itself goes as a whole.
        gone = all(o.at in made for o in rows) or _writes_only(words, made, rows)
        return as_written if gone else kept_rows(words, rows)
    tables = [o.thing for o in operations if isinstance(o, Drop) and isinstance(o.thing, Table)]
    if tables:
        return Tables(words).keep(tables, operations, statements)
    columns = list(losing(operations, words.before))
    if columns:
        return kept_values(words, columns, inverse)
    types = [o.at for o in operations if isinstance(o, Drop) and o.at.kind in MOVED]
    return _without_types(words, types) if types and words.dialect == "postgres" else as_written


def _writes_only(words: Words, made: Made, rows: Sequence[Rows]) -> bool:
    """Whether an UPDATE writes nothing but columns that the migration made and the way back drops."""
    for one in rows:
        if one.verb != "update" or not one.columns or any(at not in made for at in one.columns):
            return False
    stamped = any(c.on_update is not None for o in rows for c in words.before.columns(o.table))
    fired = any(True for o in rows for _ in words.fired(o.table, ("update",)))
    found = reach(words, rows)
    return found.alone and found.sure and not stamped and not fired


def _without_types(words: Words, types: Sequence[Address]) -> Kept | NotKept:
    """Return a statement so executed that the types and sequences that it drops are kept."""
    before = schema = words.before
    others: list[Operation] = []
    inverse: list[Operation] = []
    for operation in words.group.operations:
        if isinstance(operation, Drop):
            thing = operation.thing
            if thing.at in types or (attached(thing) and subject(thing) in types):
                continue
        if not isinstance(operation, Drop | Alter):
            return NotKept("the statement does more than drop")
        others.append(operation)
        inverse.append(operation.invert(schema))
        schema = operation.apply(schema)
    away, back = moved_types(words, types)
    up = (*words.archive(), *render(others, before), *away)
    return Kept(up, (*back, *render(tuple(reversed(inverse)), schema)))


def _made_own(group: Group, before: Schema) -> Iterator[Loss]:
    """Yield the inherited columns of tables that are moved away: coming back, they are the table's own."""
    gone = {o.at for o in group.operations if isinstance(o, Drop)}
    for operation in group.operations:
        if isinstance(operation, Drop) and isinstance(operation.thing, Inheritance):
            table = Address(Kind.TABLE, operation.at.path[:-1])
            if table in gone and operation.thing.bound is None:
                for column in before.columns(table):
                    if column.inherited:
                        yield Loss(column.at, INHERITANCE, group.place.line)


def _covers(group: Group, before: Schema, loss: Loss) -> bool:
    """Return whether what a plain reversal of a statement loses was kept."""
    at = loss.at
    if at is None:
        return False
    operations = group.operations
    if any(isinstance(o, Rows) and not o.copied for o in operations):
        return True
    columns = {column.at for column in losing(operations, before)}
    gone = [o.at for o in operations if isinstance(o, Drop)]
    tables = [one for one in gone if one.kind is Kind.TABLE]
    types = [one for one in gone if one.kind in MOVED]
    # Rows of others go with a table where the server empties it first.
    beside = bool(tables) and loss.what == ROWS
    return beside or at in columns or at in types or any(one.covers(at) for one in tables)


def _all(schema: Schema) -> tuple[Address, ...]:
    return tuple(one.at for one in schema.of_kind(Kind.TABLE))
