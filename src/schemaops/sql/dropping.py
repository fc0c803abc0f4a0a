"""What a drop takes along, spelled out: the operations that the engine does without being asked.

Each dialect has its own rules (PostgreSQL manual 5.15 and ALTER TABLE; MySQL manual ALTER TABLE;
sqlite.org/lang_altertable.html): PostgreSQL drops what stands within and refuses, or with CASCADE takes,
what depends; MySQL shrinks indexes and leaves views broken; SQLite refuses what its text still names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Drop
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    Column,
    Composite,
    Domain,
    Enum,
    EventTrigger,
    ForeignKey,
    Index,
    Inheritance,
    Object,
    PartitionKey,
    Policy,
    PrimaryKey,
    Range,
    Routine,
    Sequence,
    Statistics,
    Sundry,
    Table,
    Trigger,
    Unique,
    Unmodelled,
    View,
    attached,
    container,
    references,
)
from schemaops.sql import body_triggers, late, publications
from schemaops.sql.cursor import Cursor
from schemaops.sql.names import quote
from schemaops.sql.reading import Named, NotAllowed, Reading, StillNeeded
from schemaops.sql.scope import NotUnderstood

__all__ = [
    "break_views",
    "drop_column",
    "drop_constraint",
    "drop_index",
    "drop_relation",
    "drop_routine",
    "drop_type",
    "must_hold_plainly",
]

T = TypeVar("T")


def must_hold_plainly(reading: Reading, at: Address) -> None:
    """Raise NotUnderstood where something may look into a type's values by its attributes."""
    for thing in reading.schema.referrers(at):
        plain = isinstance(thing, Composite) or attached(thing)
        if isinstance(thing, Column):
            plain = thing.default is None and not reading.schema.referrers(thing.at)
        if not plain:
            raise NotUnderstood(f"what {thing.at.kind} {thing.at} reads of type {at} is not known")


def _names(thing: Object, at: Address) -> bool:
    return at in set(references(thing))


def _gone(reading: Reading, thing: Object) -> None:
    if thing.at in reading.schema:
        reading.emit(Drop(reading.schema.at(thing.at)))


def clause(reading: Reading, cursor: Cursor) -> tuple[list[list[Named]], bool, bool]:
    """Return what follows DROP and a kind: the names, whether IF EXISTS is said, and CASCADE."""
    return clause_of(reading, cursor, cursor.qualified)


def clause_of(
    reading: Reading, cursor: Cursor, name: Callable[[], T]
) -> tuple[list[T], bool, bool]:
    """Return what `clause` does, of names that `name` takes."""
    guarded = cursor.take("IF", "EXISTS")
    named = [name()]
    while cursor.take_symbol(","):
        named.append(name())
    cascade = cursor.one_of("CASCADE", "RESTRICT") == "CASCADE"
    cursor.end()
    if guarded:
        reading.masks.add("IF EXISTS")
    if cascade:
        reading.masks.add("CASCADE")
    return named, guarded, cascade


def drop_column(reading: Reading, at: Address, *, cascade: bool = False) -> None:
    """Emit the drop of a column with all that goes with it; raise StillNeeded, NotAllowed."""
    column = reading.schema.column(at)
    # MySQL looks at a table when the whole statement is done.
    if len(reading.schema.table(column.table).columns) == 1 and reading.dialect.name == "sqlite":
        raise NotAllowed(f"column {at} is the last of its table", at)
    match reading.dialect.name:
        case "postgres":
            _drop_column_in_postgres(reading, column, cascade)
        case "mysql":
            _drop_column_in_mysql(reading, column)
        case _:
            late.must_stand(reading)
            _drop_column_in_sqlite(reading, column)
    reading.emit(Drop(reading.schema.at(at)))


def _drop_column_in_postgres(reading: Reading, column: Column, cascade: bool) -> None:
    at, table = column.at, column.table
    for thing in reading.schema.referrers(at):
        if thing.at not in reading.schema:
            continue
        match thing:
            case ForeignKey() if container(thing) == table and at in thing.columns:
                _gone(reading, thing)
            case PrimaryKey() | Unique():
                _drop_key(reading, thing, cascade)
            case Check() if container(thing) == table:
                _gone(reading, thing)
            case Index() if thing.table == table and _falls_with(thing, at):
                _gone_exclusion(reading, thing)
            case Statistics():
                _gone(reading, thing)
            case Sequence():
                _drop_owned_sequence(reading, thing, column, cascade)
            case _:
                _dependant(reading, at, thing, cascade)


def _drop_owned_sequence(
    reading: Reading, sequence: Sequence, column: Column, cascade: bool
) -> None:
    for thing in reading.schema.referrers(sequence.at):
        if thing.at != column.at:
            _dependant(reading, sequence.at, thing, cascade)
    _gone(reading, sequence)


def _dependant(reading: Reading, at: Address, thing: Object, cascade: bool) -> None:
    if attached(thing) or publications.leave(reading, at, thing):
        return
    if not cascade:
        raise StillNeeded(at, thing.at)
    match thing:
        case View():
            drop_relation(reading, thing.at, cascade=True)
        case ForeignKey() | Check() | Index() | Trigger() | EventTrigger():
            _gone(reading, thing)
        case Routine():
            drop_routine(reading, thing.at, cascade=True)
        case PrimaryKey() | Unique():
            _drop_key(reading, thing, cascade)
        case Column(generated=made) if made is not None and at in set(made.expression.addresses()):
            drop_column(reading, thing.at, cascade=True)
        case Column(type=kind) if at in set(kind.addresses()):
            drop_column(reading, thing.at, cascade=True)
        case Column(default=default) if default is not None:
            reading.emit(Alter(thing.at, "default", default, None))
        case Domain(type=kind) if at not in set(kind.addresses()):
            raise NotUnderstood(f"what becomes of domain {thing.at} is not understood")
        case Domain() | Range():
            drop_type(reading, thing.at, cascade=True)
        case Composite():
            left = tuple(a for a in thing.attributes if at not in set(a.type.addresses()))
            names = {attribute.name for attribute in left}
            order = tuple(name for name in thing.order if name in names)
            must_hold_plainly(reading, thing.at)
            reading.emit(Alter(thing.at, "attributes", thing.attributes, left))
            reading.emit(Alter(thing.at, "order", thing.order, order))
        case Policy() | Statistics():
            _gone(reading, thing)
        case Sundry() if thing.at.kind is Kind.PUBLICATION:
            raise NotUnderstood(f"what becomes of {thing.at} is not understood")
        case Sundry():
            drop_routine(reading, thing.at, cascade=True)
        case Unmodelled():
            raise NotUnderstood(f"what becomes of {thing.what} {thing.at} is not understood")
        case _:
            raise StillNeeded(at, thing.at)


def _drop_key(reading: Reading, key: PrimaryKey | Unique | Index, cascade: bool) -> None:
    """Emit the drop of a key, and with CASCADE of the foreign keys that rely on it."""
    table = container(key)
    assert table is not None
    if isinstance(key, Index):
        held = frozenset(a for k in key.keys for a in k.expression.addresses())
    else:
        held = frozenset(key.columns)
    for thing in reading.schema.referrers(table):
        if (
            isinstance(thing, ForeignKey)
            and thing.table == table
            and frozenset(thing.referred) == held
        ):
            if _another_key(reading, key, table, held):
                continue
            if not cascade:
                raise StillNeeded(key.at, thing.at)
            _gone(reading, thing)
    if isinstance(key, PrimaryKey) and reading.dialect.name == "postgres":
        for view in reading.schema.of_kind(Kind.VIEW):
            if isinstance(view, View) and _groups_by(view, table, held):
                raise NotUnderstood(f"view {view.at} may rest on {key.at.kind} {key.at}")
    _gone(reading, key)


def _groups_by(view: View, table: Address, held: frozenset[Address]) -> bool:
    """Whether a view groups by a table's key, and shows other columns of it that need no grouping then."""
    shown: set[Address] = set()
    grouped: set[Address] = set()
    found = shown
    for piece in view.query.normal:
        if isinstance(piece, str):
            found = grouped if "GROUP BY" in piece.upper() else found
        elif piece.kind is Kind.COLUMN and table.covers(piece):
            found.add(piece)
    return bool(grouped) and held <= grouped and not shown <= grouped


def _another_key(reading: Reading, key: Object, table: Address, held: frozenset[Address]) -> bool:
    others: list[PrimaryKey | Unique] = [
        *reading.schema.parts(table, PrimaryKey),
        *reading.schema.parts(table, Unique),
    ]
    return any(other.at != key.at and frozenset(other.columns) == held for other in others)


def _drop_column_in_mysql(reading: Reading, column: Column) -> None:
    at, table = column.at, column.table
    for thing in reading.schema.referrers(at):
        match thing:
            case ForeignKey():
                raise StillNeeded(at, thing.at)
            case Column():
                raise StillNeeded(at, thing.at)
            case Check() if {a for a in thing.expression.addresses() if a != at} <= {table}:
                _gone(reading, thing)
            case Check():
                raise StillNeeded(at, thing.at)
    for thing in reading.schema.contents(table):
        match thing:
            case PrimaryKey() | Unique() if at in thing.columns:
                if len(thing.columns) > 1:
                    raise NotUnderstood(
                        f"{thing.at} shrinks in MySQL, and MariaDB keeps {at} for it"
                    )
                _gone(reading, thing)
            case Index() if _names(thing, at):
                keys = tuple(key for key in thing.keys if at not in set(key.expression.addresses()))
                if keys and thing.unique:
                    raise NotUnderstood(
                        f"{thing.at} shrinks in MySQL, and MariaDB keeps {at} for it"
                    )
                if keys:
                    _must_not_take_place(reading, replace(thing, keys=keys))
                    reading.emit(Alter(thing.at, "keys", thing.keys, keys))
                else:
                    _gone(reading, thing)


def _must_not_take_place(reading: Reading, shrunk: Index) -> None:
    """Raise NotUnderstood where an index that shrinks covers one that a foreign key brought."""
    columns = [piece for key in shrunk.keys for piece in key.expression.normal]
    for index in reading.schema.parts(shrunk.table, Index):
        held = [piece for key in index.keys for piece in key.expression.normal]
        if index.implicit and index.at != shrunk.at and columns[: len(held)] == held:
            raise NotUnderstood(f"{shrunk.at} comes to stand for {index.at}")


def break_views(reading: Reading, at: Address) -> None:
    """Emit that views go on naming what is no longer there (or no longer so called)."""
    for thing in reading.schema.referrers(at):
        if isinstance(thing, View):
            broken = _broken(thing.query, at, reading.dialect.name)
            reading.emit(Alter(thing.at, "query", thing.query, broken))


def _broken(query: Expression, at: Address, dialect: str) -> Expression:
    def told(piece: str | Address) -> str | Address:
        held = isinstance(piece, Address) and at.covers(piece)
        return quote(piece.name, dialect) if held and isinstance(piece, Address) else piece

    return Expression(tuple(map(told, query.normal)), tuple(map(told, query.written)))


def _drop_column_in_sqlite(reading: Reading, column: Column) -> None:
    at = column.at
    for thing in reading.schema.contents(column.table):
        if isinstance(thing, Check | ForeignKey) and thing.of == at:
            _gone(reading, thing)
    for thing in reading.schema.referrers(at):
        elsewhere = isinstance(thing, ForeignKey) and at not in thing.columns
        if not elsewhere:
            raise StillNeeded(at, thing.at)


def drop_relation(reading: Reading, at: Address, *, cascade: bool = False) -> None:
    """Emit the drop of a table or view with all that goes with it; raise StillNeeded."""
    thing = reading.schema.at(at)
    if reading.dialect.name != "postgres":
        for trigger in reading.schema.parts(at, Trigger):
            _gone(reading, trigger)
    for lower in reading.schema.referrers(at):
        if isinstance(lower, Inheritance) and lower.parent == at and lower.at in reading.schema:
            child = Address(Kind.TABLE, lower.at.path[:-1])
            # Partitions go with the table, what inherits from it only with CASCADE.
            if lower.bound is None and not cascade:
                raise StillNeeded(at, child)
            drop_relation(reading, child, cascade=cascade)
    inside = {part.at for part in reading.schema.contents(at)}
    for other in reading.schema.referrers(at):
        if other.at in inside or other.at not in reading.schema:
            continue
        _drop_under(reading, at, other, cascade)
    if isinstance(thing, View) and reading.dialect.name == "postgres":
        for part in reading.schema.contents(at):
            _gone(reading, part)
    for part in reading.schema.contents(at):
        if isinstance(part, Trigger | Sundry) and reading.dialect.name == "postgres":
            _gone(reading, part)
    if isinstance(thing, Table):
        contents = reading.schema.contents(at)
        owned = [
            other
            for other in reading.schema.referrers(at)
            if isinstance(other, Sequence) and other.owner is not None and at.covers(other.owner)
        ]
        order = (Policy, Inheritance, ForeignKey, Check, Index, Unique, PrimaryKey, PartitionKey)
        for kind in order:
            for part in contents:
                if isinstance(part, kind):
                    _gone(reading, part)
        for column in reversed(reading.schema.columns(at)):
            reading.emit(Drop(column))
        for sequence in owned:
            _gone(reading, sequence)
    reading.emit(Drop(reading.schema.at(at)))


def _drop_under(reading: Reading, at: Address, other: Object, cascade: bool) -> None:
    match reading.dialect.name, other:
        case _, Sequence():
            return
        case "postgres", Statistics(table=table) if table == at:
            _gone(reading, other)
        case "postgres", Unmodelled(on=on, what=what) if (
            on and at.covers(on[0]) and what not in _STAND_ALONE
        ):
            _gone(reading, other)
        case "postgres", _:
            _dependant(reading, at, other, cascade)
        case "mysql", ForeignKey():
            if reading.checks_foreign_keys:
                raise StillNeeded(at, other.at)
        case _, View():
            return  # what becomes of it shows when it is read again
        case _, Unmodelled(on=on) if on and at.covers(on[0]):
            _gone(reading, other)
        case _:
            return  # SQLite leaves foreign keys to what is gone


def drop_constraint(reading: Reading, at: Address, *, cascade: bool = False) -> None:
    """Emit the drop of a constraint; raise StillNeeded where a foreign key relies on it."""
    thing = reading.schema.at(at)
    match thing:
        case PrimaryKey() | Unique():
            if reading.dialect.name == "mysql":
                _gone(reading, thing)  # whether it may go shows when the statement is done
            else:
                _drop_key(reading, thing, cascade)
        case _:
            _gone_exclusion(reading, thing)


def _falls_with(index: Index, column: Address) -> bool:
    """Whether an index goes with a column without being asked: that of a constraint only where the
    column itself is one of its keys."""
    if not any(key == "exclude" for key, _ in index.options):
        return True
    return column in index.include or any(key.expression.normal == (column,) for key in index.keys)


def _gone_exclusion(reading: Reading, thing: Object) -> None:
    """Emit the drop of a constraint, and first that of what is said of it and has no type."""
    for other in reading.schema.referrers(thing.at):
        if isinstance(other, Unmodelled) and other.on[:1] == (thing.at,) and other.what in _SAID:
            _gone(reading, other)
    _gone(reading, thing)


def drop_index(reading: Reading, at: Address, *, cascade: bool = False) -> None:
    """Emit the drop of an index; raise StillNeeded."""
    thing = reading.schema.at(at)
    assert isinstance(thing, Index)
    if reading.dialect.name == "mysql":
        _gone(reading, thing)
    elif thing.unique and reading.dialect.name == "postgres":
        _drop_key(reading, thing, cascade)
    else:
        _gone(reading, thing)


def drop_routine(reading: Reading, at: Address, *, cascade: bool = False) -> None:
    """Emit the drop of a function or procedure with all that goes with it; raise StillNeeded."""
    if at not in reading.schema:
        return
    family = at.family
    callers: list[Object] = []
    if family is not None:
        named = reading.overloads(family)
        callers = [t for t in reading.schema.referrers(family) if t not in named]
        if callers and len(named) > 1:
            raise NotUnderstood(f"which of the functions {family} is called is not understood")
    for other in reading.schema.referrers(at):
        if isinstance(other, Unmodelled) and other.on[:1] == (at,) and other.what in _SAID:
            _gone(reading, other)
        elif other.at in reading.schema:
            _dependant(reading, at, other, cascade)
    for other in callers:
        if other.at in reading.schema and family is not None:
            _dependant(reading, family, reading.schema.at(other.at), cascade)
    _gone(reading, reading.schema.at(at))


# What merely uses the first object that it names.
_STAND_ALONE = frozenset(
    {"function", "procedure", "aggregate", "window function", "operator", "cast", "publication"}
)
# What is said of an object goes with it.
_SAID = frozenset({"comment", "grant"})


def drop_type(reading: Reading, at: Address, *, cascade: bool = False) -> None:
    """Emit the drop of a type or sequence; raise StillNeeded."""
    thing = reading.schema.at(at)
    if isinstance(thing, Range):
        made = next(value for key, value in thing.options if key == "multirange")
        for column in reading.schema.of_kind(Kind.COLUMN):
            if isinstance(column, Column) and made in str(column.type):
                raise NotUnderstood(f"column {column.at} may be of its multirange type")
    for other in reading.schema.referrers(at):
        if other.at in reading.schema:
            _dependant(reading, at, other, cascade)
    assert isinstance(thing, Enum | Sequence | Domain | Composite | Range)
    _gone(reading, thing)


def renamed_in_mysql(reading: Reading, at: Address) -> None:
    """Emit what a rename breaks where views do not follow."""
    if not reading.dialect.views_follow_renames:
        break_views(reading, at)
        body_triggers.break_triggers(reading, at)
