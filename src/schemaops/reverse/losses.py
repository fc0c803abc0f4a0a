"""Losses: what a reversal cannot bring back, found by following a migration over its schema.

A schema holds no rows, so what an up does to rows is gone unless it was kept: the values of a
dropped column or table, of a type that narrowed, the rows that a data statement changed. What the
migration itself made is no loss when it goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemaops.names import Address, Kind, Relocation
from schemaops.operations import (
    Alter,
    Create,
    Drop,
    Opaque,
    Operation,
    Rename,
    Reorder,
    Rows,
    seen_through,
)
from schemaops.operations.group import Group
from schemaops.schema.objects import Column, Inheritance, Table, Unmodelled, references
from schemaops.schema.objects import Sequence as SequenceObject
from schemaops.schema.state import Schema
from schemaops.sql.mysql_partitions import drops_partitions
from schemaops.sql.rebuilds import rebuilds
from schemaops.sql.types import widens

__all__ = [
    "BY_TRIGGERS",
    "COLUMN_ORDER",
    "INHERITANCE",
    "ROWS",
    "VALUES",
    "Loss",
    "Made",
    "losses",
    "order_losses",
    "row_loss",
]

VALUES = "values"
ROWS = "rows"
COLUMN_ORDER = "column-order"
POSITION = "position"
INHERITANCE = "inheritance"
BY_TRIGGERS = "work of triggers elsewhere"

_DEFINES = frozenset({"create", "alter", "drop", "comment", "grant", "revoke", "set", "reset"})


@dataclass(frozen=True, slots=True)
class Loss:
    """What is not brought back, of what, and the line of the statement that takes it away.

    The address is the object's in the schema before the migration; None where nobody knows. `why`
    is the reason for which lossless mode does not keep it.
    """

    at: Address | None
    what: str
    line: int | None
    why: str | None = None


class Made:
    """What the migration made so far, and what the rest is called before it."""

    def __init__(self) -> None:
        self._addresses: set[Address] = set()
        self._moved = Relocation()

    def __contains__(self, at: Address) -> bool:
        table = Address(Kind.TABLE, at.path[:-1]) if at.kind is Kind.COLUMN else at
        return at in self._addresses or table in self._addresses

    def origin(self, at: Address) -> Address:
        """Return what the object was called before the migration."""
        return self._moved.back()(at)

    def follow(self, operation: Operation) -> None:
        """Take note of what an operation makes, moves or drops."""
        match operation:
            case Create(thing=thing):
                self._addresses.add(thing.at)
            case Drop(thing=thing):
                self._addresses.discard(thing.at)
            case Rename(old=old, new=new):
                where = Relocation(((old, new),))
                self._addresses = {where(at) for at in self._addresses}
                self._moved = self._moved.then(old, new)
            case Opaque(effect=effect):
                for one in effect or ():
                    self.follow(one)


def losses(groups: Sequence[Group], before: Schema) -> Iterator[Loss]:
    """Yield what a reversal of the groups cannot bring back, in their order."""
    made, schema = Made(), before
    away = before.dialect == "sqlite" and rebuilds(group.text for group in groups)
    for group in groups:
        gone = {o.at for o in seen_through(group.operations) if isinstance(o, Drop)}
        for operation in seen_through(group.operations):
            yield from _of(operation, schema, made, gone, group, away=away)
            made.follow(operation)
            schema = operation.apply(schema)
        for operation in group.operations:
            if isinstance(operation, Opaque) and operation.effect is not None:
                if not _only_defines(operation.text):
                    yield Loss(None, ROWS, group.place.line)


def _of(
    operation: Operation,
    schema: Schema,
    made: Made,
    gone: set[Address],
    group: Group,
    *,
    away: bool,
) -> Iterator[Loss]:
    line = group.place.line
    match operation:
        case Drop(thing=Table(at=at)) if at not in made:
            yield Loss(made.origin(at), VALUES, line)
            if schema.dialect == "sqlite" and not away:
                # The server deletes the rows first, and keys take others along.
                emptied = Rows("delete", at)
                yield from _others([emptied], schema, made, gone, group)
        case Drop(thing=Column() as column) if column.at not in made and column.table not in gone:
            if column.generated is None:
                yield Loss(made.origin(column.at), VALUES, line)
        case Drop(thing=SequenceObject() as sequence) if sequence.at not in made:
            owner = sequence.owner
            if owner is None or not {owner, Address(Kind.TABLE, owner.path[:-1])} & gone:
                yield Loss(made.origin(sequence.at), VALUES, line)
        case Alter(at=at, fact="type") if at.kind is Kind.COLUMN and at not in made:
            if not widens(operation.before, operation.after, schema.dialect):
                yield Loss(made.origin(at), VALUES, line)
        case Alter(at=at, fact="identity", after=None) if at not in made:
            yield Loss(made.origin(at), POSITION, line)
        case Alter(at=at, fact="generated") if at not in made and operation.after is not None:
            if operation.before is None:
                yield Loss(made.origin(at), VALUES, line)
        case Alter(at=at, fact="attributes") if at.kind is Kind.COMPOSITE and at not in made:
            types = {one.name: one.type for one in operation.after}
            narrowed = any(
                one.name in types and types[one.name] != one.type for one in operation.before
            )
            if narrowed or len(operation.after) < len(operation.before):
                yield Loss(made.origin(at), VALUES, line)
                for user in schema.referrers(at):
                    if isinstance(user, Column) and user.at not in made:
                        yield Loss(made.origin(user.at), VALUES, line)
        case Alter(at=at, fact="definition") if at.kind is Kind.UNMODELLED:
            partitions = schema.get(at)
            # One that is dropped goes with its rows; divided anew, it keeps them.
            if isinstance(partitions, Unmodelled) and drops_partitions(group.text):
                yield from (Loss(made.origin(table), ROWS, line) for table in partitions.on[:1])
        case Rows(copied=True, columns=columns):
            yield from (Loss(made.origin(at), VALUES, line) for at in columns if at not in made)
        case Rows(table=table) as rows:
            written = [at for at in rows.columns if at not in made]
            if table in made and table.kind is Kind.TABLE:
                return
            if rows.verb == "update" and rows.columns and not written:
                return
            if rows.verb != "insert" and table.kind is Kind.TABLE:
                yield row_loss(rows, made, group)
            yield from _others(_written(rows, schema, group), schema, made, {table}, group)


def _written(rows: Rows, schema: Schema, group: Group) -> list[Rows]:
    """Return what a data statement does to tables: those that a view shows, and those that inherit."""
    found = [rows]
    if rows.table.kind is Kind.VIEW:
        found += (Rows(rows.verb, at) for at in sorted(_shown(rows.table, schema)))
    elif rows.verb != "insert" and not _ONLY.search(group.text):
        for one in found:
            heirs = (t for t in schema.referrers(one.table) if isinstance(t, Inheritance))
            found += (
                Rows(rows.verb, Address(Kind.TABLE, heir.at.path[:-1]))
                for heir in heirs
                if heir.parent == one.table and heir.bound is None
            )
    return found


_ONLY = re.compile(r"\bONLY\b", re.IGNORECASE)


def _shown(view: Address, schema: Schema) -> set[Address]:
    """Return the tables that a view shows, through other views too."""
    found: set[Address] = set()
    for at in references(schema.at(view)):
        if at.kind is Kind.TABLE:
            found.add(at)
        elif at.kind is Kind.VIEW and at != view:
            found |= _shown(at, schema)
    return found


def _others(
    rows: Sequence[Rows], schema: Schema, made: Made, known: set[Address], group: Group
) -> Iterator[Loss]:
    """Yield the rows lost of other tables than those known: keys and triggers take them along."""
    # The package's own parts import this one.
    from schemaops.reverse.lossless.reach import reach
    from schemaops.reverse.lossless.words import Words

    words = Words(schema, group, 0, "", locking=False, looks_away=False)
    # What was inserted is deleted again, and that fires too.
    undone = [
        Rows("delete", one.table)
        for one in rows
        if one.verb == "insert" and any(words.fired(one.table, ("delete",)))
    ]
    found = reach(words, [*rows, *undone])
    for at in found.tables:
        if at.kind is Kind.TABLE and at not in made and at not in known:
            yield Loss(made.origin(at), ROWS, group.place.line)
    if not found.sure:
        for one in rows:
            yield Loss(made.origin(one.table), BY_TRIGGERS, group.place.line)


def row_loss(rows: Rows, made: Made, group: Group) -> Loss:
    """Return the loss of what a data statement did to the rows of its table."""
    return Loss(made.origin(rows.table), ROWS, group.place.line)


def order_losses(groups: Sequence[Group], before: Schema, restored: Schema) -> Iterator[Loss]:
    """Yield a loss for each table whose columns come back in another order, and for each column that
    comes back as the table's own where it was inherited."""
    for at in sorted(_tables(groups)):
        thing, again = before.get(at), restored.get(at)
        if not isinstance(thing, Table) or not isinstance(again, Table):
            continue
        if again.columns != thing.columns:
            yield Loss(at, COLUMN_ORDER, _line_that_moves(groups, at))
        for column in before.columns(at):
            other = restored.get(column.at)
            if isinstance(other, Column) and column.inherited and not other.inherited:
                yield Loss(column.at, INHERITANCE, _line_that_parts(groups, at))


def _line_that_parts(groups: Sequence[Group], table: Address) -> int | None:
    made = Made()
    for group in groups:
        for operation in seen_through(group.operations):
            match operation:
                case Drop(thing=Inheritance(at=at)):
                    if made.origin(Address(Kind.TABLE, at.path[:-1])) == table:
                        return group.place.line
            made.follow(operation)
    return None


def _tables(groups: Sequence[Group]) -> set[Address]:
    """Return what the tables that the groups touch were called before."""
    made, found = Made(), set[Address]()
    for operation in (one for group in groups for one in seen_through(group.operations)):
        for at in operation.footprint().addresses():
            if at.kind is Kind.TABLE:
                found.add(made.origin(at))
        made.follow(operation)
    return found


def _line_that_moves(groups: Sequence[Group], table: Address) -> int | None:
    made = Made()
    for group in groups:
        for operation in seen_through(group.operations):
            match operation:
                case Drop(thing=Column() as column) if made.origin(column.table) == table:
                    return group.place.line
                case Reorder(at=at) if made.origin(at) == table:
                    return group.place.line
            made.follow(operation)
    return None


def _only_defines(text: str) -> bool:
    word = text.lstrip("( \t\r\n").split(None, 1)[0] if text.strip() else ""
    return word.lower() in _DEFINES
