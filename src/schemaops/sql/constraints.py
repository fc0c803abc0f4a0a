"""Recognise constraints, of a column or of a table, named or not, and their actions in ALTER TABLE."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    ForeignKey,
    Index,
    IndexKey,
    Options,
    PrimaryKey,
    Unique,
)
from schemaops.schema.state import MissingObject
from schemaops.sql import exclusions, sqlite_rules, storage
from schemaops.sql.cursor import Cursor
from schemaops.sql.mysql_rules import leading, whole_columns
from schemaops.sql.options import storage_options
from schemaops.sql.parameters import must_be_of_index
from schemaops.sql.postgres_rules import must_be_of_one_row
from schemaops.sql.reading import Named, NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.types import Family, comparable, family

__all__ = [
    "alter_constraint",
    "check",
    "check_options",
    "conflict_clause",
    "deferring",
    "in_turn",
    "key_columns",
    "must_be_free",
    "must_not_be_not_null",
    "named_not_null",
    "primary_key",
    "references",
    "table_constraint",
    "unique",
    "unique_options",
]

CONSTRAINT_KINDS = (Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.CHECK, Kind.FOREIGN_KEY)


def conflict_clause(cursor: Cursor) -> Options:
    """Take SQLite's ON CONFLICT clause of a constraint."""
    if not cursor.take("ON", "CONFLICT"):
        return ()
    word = cursor.one_of("ROLLBACK", "ABORT", "FAIL", "IGNORE", "REPLACE")
    if not word:
        raise cursor.refuse()
    return () if word == "ABORT" else (("on conflict", word.lower()),)


def deferring(cursor: Cursor) -> dict[str, str]:
    """Take when a constraint is checked; return its options."""
    found: dict[str, str] = {}
    while True:
        if cursor.take("NOT", "DEFERRABLE"):
            continue
        if cursor.take("DEFERRABLE"):
            found["deferrable"] = "true"
        elif cursor.take("INITIALLY", "DEFERRED"):
            found |= {"deferrable": "true", "initially deferred": "true"}
        elif cursor.take("INITIALLY", "IMMEDIATE"):
            continue
        else:
            return found


def unique_options(reading: Reading, cursor: Cursor) -> Options:
    """Take what may follow UNIQUE or PRIMARY KEY."""
    found: dict[str, str] = {}
    if cursor.take("NULLS", "NOT", "DISTINCT"):
        found["nulls not distinct"] = "true"
    cursor.take("NULLS", "DISTINCT")
    if reading.dialect.name == "sqlite":
        found |= dict(conflict_clause(cursor))
    if reading.dialect.name == "mysql":
        cursor.take("USING", "BTREE")
    found |= deferring(cursor)
    return tuple(sorted(found.items()))


def check_options(reading: Reading, cursor: Cursor) -> Options:
    """Take what may follow a CHECK."""
    found: dict[str, str] = {}
    if cursor.take("NO", "INHERIT"):
        found["no inherit"] = "true"
    if reading.dialect.name == "postgres" and cursor.take("NOT", "VALID"):
        found["not valid"] = "true"
    if cursor.take("NOT", "ENFORCED"):
        found["not enforced"] = "true"
    cursor.take("ENFORCED")
    if reading.dialect.name == "sqlite":
        conflict_clause(cursor)  # parsed and ignored by SQLite for CHECK
    return tuple(sorted(found.items()))


def _address(
    reading: Reading, table: Address, kind: Kind, named: Named | None, *columns: Name
) -> Address:
    if named is None:
        return table.child(
            kind, reading.dialect.implicit_name(reading.schema, table, kind, columns)
        )
    name, token = named
    at = table.child(kind, name)
    if reading.dialect.name == "sqlite":
        # It lets several constraints of a table have one name.
        number = 2
        while at in reading.schema:
            at = table.child(kind, Name(f"{name}~{number}", name.spelling))
            number += 1
    if reading.dialect.name == "mysql" and kind is Kind.PRIMARY_KEY:
        return table.child(kind, Name("PRIMARY"))
    must_not_clash(reading, table, name)
    reading.mention(token, at)
    return at


def _is_named(reading: Reading, named: Named | None) -> bool:
    return named is not None or reading.dialect.name != "sqlite"


def key_columns(reading: Reading, cursor: Cursor, table: Address) -> tuple[Address, ...]:
    """Take `(a, b)`; return the columns' addresses; raise MissingObject."""
    inner = cursor.inside()
    found = []
    for part in inner.parts():
        found.append(reading.column(table, part.identifier()))
        part.take("ASC")
        part.end()
    if not found:
        raise inner.refuse()
    return tuple(found)


Work = Callable[[], None]
Key = tuple[Address, tuple[Address, ...], Named | None, Options, tuple[Address, ...]]


@dataclass(slots=True)
class _Keys:
    """The keys of one statement: whether each is the primary one, and what it is made of."""

    found: list[tuple[bool, Key]] = field(default_factory=list)
    foreign: list[Work] = field(default_factory=list)


def in_turn(reading: Reading, works: Iterable[Work]) -> None:
    """Do what a statement says of constraints, in the order in which the engine does it.

    PostgreSQL makes keys before foreign keys, the primary key first, and of several that are alike
    but for their names only the first (parse_utilcmd.c, transformIndexConstraints).
    """
    if reading.dialect.name != "postgres":
        for work in works:
            work()
        return
    keys = _Keys()
    reading.keys = keys
    try:
        for work in works:
            work()
    finally:
        reading.keys = None
    for is_primary, key in _distinct(sorted(keys.found, key=lambda found: not found[0])):
        (primary_key if is_primary else unique)(reading, *key)
    for work in keys.foreign:
        work()


def _distinct(found: Iterable[tuple[bool, Key]]) -> list[tuple[bool, Key]]:
    kept: list[tuple[bool, Key]] = []
    for is_primary, (table, columns, named, options, include) in found:
        for place, (first, other) in enumerate(kept):
            alike = (columns, options, include) == (other[1], *other[3:])
            if alike and not (is_primary and first):
                kept[place] = (first, (other[0], other[1], other[2] or named, *other[3:]))
                break
        else:
            kept.append((is_primary, (table, columns, named, options, include)))
    return kept


def _must_be_keys(
    reading: Reading, table: Address, columns: tuple[Address, ...], options: Options
) -> None:
    """Raise NotAllowed, or NotUnderstood, where PostgreSQL makes no key of those columns."""
    if reading.dialect.name != "postgres":
        return
    from schemaops.sql.indexes import must_have_class

    if len(set(columns)) < len(columns):
        raise NotAllowed(f"a key of {table} names a column twice", table)
    if ("without overlaps", "true") not in options:
        for at in columns:
            must_have_class(reading, IndexKey(Expression((at,), (at,))), "btree")


def primary_key(
    reading: Reading,
    table: Address,
    columns: tuple[Address, ...],
    named: Named | None,
    options: Options = (),
    include: tuple[Address, ...] = (),
) -> None:
    """Emit a primary key, and that its columns become NOT NULL where the dialect does that."""
    if isinstance(reading.keys, _Keys):
        reading.keys.found.append((True, (table, columns, named, options, include)))
        return
    _must_be_keys(reading, table, columns, options)
    if reading.dialect.name != "sqlite":
        for at in columns:
            if reading.schema.column(at).nullable:
                reading.emit(Alter(at, "nullable", True, False))
    at = _address(reading, table, Kind.PRIMARY_KEY, named, *(c.name for c in columns))
    key = PrimaryKey(at, columns, _is_named(reading, named), options, include)
    if reading.dialect.name == "mysql":
        shed_implicit(reading, table, whole_columns(key))
    reading.emit(Create(key))


def unique(
    reading: Reading,
    table: Address,
    columns: tuple[Address, ...],
    named: Named | None,
    options: Options = (),
    include: tuple[Address, ...] = (),
) -> None:
    """Emit a unique constraint."""
    if isinstance(reading.keys, _Keys):
        reading.keys.found.append((False, (table, columns, named, options, include)))
        return
    _must_be_keys(reading, table, columns, options)
    if reading.dialect.name == "mysql":
        shed_implicit(reading, table, columns)
    at = _address(reading, table, Kind.UNIQUE, named, *(c.name for c in (*columns, *include)))
    reading.emit(Create(Unique(at, columns, _is_named(reading, named), options, include)))


def check(
    reading: Reading,
    table: Address,
    inner: Cursor,
    named: Named | None,
    options: Options = (),
    column: Address | None = None,
) -> None:
    """Emit a check constraint from what stands in its parentheses."""
    must_be_of_one_row(reading, inner, "a check")
    sqlite_rules.must_be_without_queries(reading, inner)
    expression = reading.expression(inner, reading.relation_at(table))
    used = {a.name: None for a in expression.addresses() if a.kind is Kind.COLUMN}
    if column is not None and reading.dialect.name == "mysql" and named is None:
        # MariaDB keeps a column's own check with the column, without a name of its own.
        at = table.child(Kind.CHECK, Name(f"~check {column.name}"))
        reading.emit(Create(Check(at, expression, False, options, column)))
        return
    else:
        at = _address(reading, table, Kind.CHECK, named, *(list(used) if len(used) == 1 else []))
    options = _settled(reading, table, options)
    reading.emit(Create(Check(at, expression, _is_named(reading, named), options, column)))


def _settled(reading: Reading, table: Address, options: Options) -> Options:
    """Return a constraint's options; of a new table's rows all are valid, whatever is said."""
    made = any(isinstance(o, Create) and o.thing.at == table for o in reading.operations)
    return tuple(pair for pair in options if not (made and pair[0] == "not valid"))


_ACTIONS = {
    ("CASCADE",): "cascade",
    ("RESTRICT",): "restrict",
    ("NO", "ACTION"): "no action",
    ("SET", "NULL"): "set null",
    ("SET", "DEFAULT"): "set default",
}


def references(
    reading: Reading,
    cursor: Cursor,
    table: Address,
    named: Named | None,
    index: Name | None = None,
    of: Address | None = None,
) -> Callable[[tuple[Address, ...]], None]:
    """Take REFERENCES and what follows; return what emits the foreign key of given columns."""
    cursor.need("REFERENCES")
    parts = cursor.qualified()
    referred: list[Named] = []
    found: dict[str, str] = {}
    if cursor.symbol() == "(":
        for part in cursor.inside().parts():
            if _take_period(reading, part):
                found["period"] = "true"
            referred.append(part.identifier())
            part.end()
    actions = {"DELETE": "no action", "UPDATE": "no action"}
    while True:
        if reading.dialect.name == "mysql" and cursor.word() == "MATCH":
            raise cursor.refuse()  # with it MySQL does not heed what ON says
        if cursor.take("MATCH"):
            word = cursor.one_of("FULL", "SIMPLE", "PARTIAL")
            if word == "FULL":
                found["match"] = "full"
        elif cursor.word() == "ON" and cursor.word(1) in actions:
            on = cursor.word(1)
            cursor.at += 2
            words = next((a for a in _ACTIONS if cursor.take(*a)), None)
            if words is None:
                raise cursor.refuse()
            actions[on] = _ACTIONS[words]
            if reading.dialect.name == "mysql" and words == ("SET", "DEFAULT"):
                raise NotUnderstood("what SET DEFAULT comes to is not the same on every server")
            if reading.dialect.name == "postgres" and cursor.symbol() == "(":
                if on == "UPDATE" or words[0] != "SET":
                    raise cursor.refuse()
                found["set columns"] = ", ".join(name for name, _ in cursor.names())
        elif reading.dialect.name == "postgres" and cursor.take("NOT", "VALID"):
            found["not valid"] = "true"
        else:
            more = deferring(cursor)
            if not more:
                break
            found |= more
    if cursor.take("NOT", "ENFORCED"):
        found["not enforced"] = "true"
    cursor.take("ENFORCED")
    if reading.dialect.name == "mysql":
        for on, action in actions.items():
            actions[on] = "no action" if action == "restrict" else action

    def emit(columns: tuple[Address, ...]) -> None:
        if isinstance(reading.keys, _Keys):
            reading.keys.foreign.append(lambda: emit(columns))
            return
        other = _referred_table(reading, parts)
        targets = (
            tuple(_referred_column(reading, other, one) for one in referred)
            if referred
            else _primary_columns(reading, other)
        )
        if len(targets) != len(columns) and other in reading.schema:
            raise NotAllowed(
                f"a foreign key of {table} has not as many columns as it refers to", table
            )
        at = _address(reading, table, Kind.FOREIGN_KEY, named, *(c.name for c in columns))
        if reading.dialect.name != "sqlite" and other in reading.schema:
            _must_be_unique(reading, other, targets)
        if reading.dialect.name == "postgres":
            _must_compare(reading, table, columns, targets)
        if reading.dialect.name == "mysql" and other in reading.schema:
            _must_fit_in_mysql(reading, table, columns, other, targets)
        reading.emit(
            Create(
                ForeignKey(
                    at,
                    columns,
                    other,
                    targets,
                    actions["DELETE"],
                    actions["UPDATE"],
                    _is_named(reading, named),
                    _settled(reading, table, tuple(sorted(found.items()))),
                    of,
                    implied=not referred,
                )
            )
        )
        if reading.dialect.name == "mysql":
            _implicit_index(reading, table, columns, named, index)

    return emit


def _take_period(reading: Reading, part: Cursor) -> bool:
    named_so = part.word() == "PERIOD" and part.stop - part.at > 1
    return named_so and reading.dialect.name == "postgres" and part.take("PERIOD")


def _must_compare(
    reading: Reading, table: Address, columns: tuple[Address, ...], targets: tuple[Address, ...]
) -> None:
    """Raise NotAllowed where PostgreSQL has no `=` between a key's column and the one it refers to."""
    for own, other in zip(columns, targets, strict=True):
        kinds = (reading.schema.column(own).type, reading.schema.column(other).type)
        if not comparable(*map(reading.base_type, kinds)):
            raise NotAllowed(
                f"a foreign key of {table} compares {own} of type {kinds[0]} "
                f"with {other} of type {kinds[1]}",
                table,
            )


def _referred_table(reading: Reading, parts: list[Named]) -> Address:
    names = tuple(name for name, _ in parts)
    if reading.dialect.name == "sqlite":
        at = reading.find((parts[-1][0],), (Kind.TABLE,)) or Address(Kind.TABLE, (parts[-1][0],))
        reading.mention_path(parts, at)
        return at
    if not reading.checks_foreign_keys and reading.find(names, (Kind.TABLE,)) is None:
        at = Address(Kind.TABLE, reading.path(parts))
        reading.mention_path(parts, at)
        return at
    return reading.table(parts)


def _referred_column(reading: Reading, table: Address, named: Named) -> Address:
    late = reading.dialect.name == "mysql" and table not in reading.schema
    if reading.dialect.name == "sqlite" or late:  # looked up when rows are written, not before
        at = table.child(Kind.COLUMN, named[0])
        reading.mention(named[1], at)
        return at
    return reading.column(table, named)


def _primary_columns(reading: Reading, table: Address) -> tuple[Address, ...]:
    keys = reading.schema.parts(table, PrimaryKey) if table in reading.schema else ()
    if not keys:
        if reading.dialect.name == "sqlite":
            return ()
        raise NotAllowed(f"there is no primary key for referenced table {table}", table)
    return keys[0].columns


def _must_be_unique(reading: Reading, table: Address, columns: tuple[Address, ...]) -> None:
    wanted = set(columns)
    keys: tuple[PrimaryKey | Unique, ...] = (
        *reading.schema.parts(table, PrimaryKey),
        *reading.schema.parts(table, Unique),
    )
    indexes = reading.schema.parts(table, Index)
    if any(set(key.columns) == wanted for key in keys):
        return
    for index in indexes:
        held = {at for key in index.keys for at in key.expression.addresses()}
        if index.unique and index.where is None and held == wanted:
            return
    if reading.dialect.name == "mysql":
        # InnoDB is content with an index whose first columns are these.
        first = [tuple(key.columns[: len(columns)]) for key in keys]
        first += [leading(index)[: len(columns)] for index in indexes]
        if columns in first:
            return
    raise NotAllowed(
        f"there is no unique constraint on {table} for ({', '.join(c.name for c in columns)})",
        table,
    )


def _must_fit_in_mysql(
    reading: Reading,
    table: Address,
    columns: tuple[Address, ...],
    other: Address,
    targets: tuple[Address, ...],
) -> None:
    for at in (table, other):
        if "engine" in dict(reading.schema.table(at).options):
            raise NotUnderstood(f"what foreign keys do in the engine of {at} is not known")
    for mine, its in zip(columns, targets, strict=True):
        one, two = reading.schema.column(mine).type, reading.schema.column(its).type
        kinds = {family(one, "mysql"), family(two, "mysql")}
        if one != two and kinds not in ({Family.TEXT}, {Family.BINARY}):
            raise NotAllowed(f"{mine} and {its} have different types for a foreign key", mine)


def _key_columns(index: Index) -> tuple[Address, ...]:
    return tuple(
        at for key in index.keys for at in key.expression.normal if isinstance(at, Address)
    )


def _implicit_index(
    reading: Reading,
    table: Address,
    columns: tuple[Address, ...],
    named: Named | None,
    index: Name | None,
) -> None:
    wanted = columns
    n = len(wanted)
    schema = reading.schema
    primary = schema.parts(table, PrimaryKey)
    keys: list[tuple[Address, ...]] = [whole_columns(k, turned=False) for k in primary]
    keys += [k.columns for k in schema.parts(table, Unique)]
    indexes = schema.parts(table, Index)
    indexes = tuple(i for i in indexes if not i.implicit or len(_key_columns(i)) > n)
    keys += [leading(index, turned=False) for index in indexes]
    if any(key[:n] == wanted for key in keys):
        return
    turned = (*map(whole_columns, primary), *map(leading, indexes))
    if any(key[:n] == wanted for key in turned):
        raise NotUnderstood(
            "whether a key that descends serves a foreign key is not the same on all"
        )
    name = named[0] if named else index
    own = schema.get(table.child(Kind.INDEX, name)) if name is not None else None
    if isinstance(own, Index) and own.implicit and _key_columns(own) == wanted:
        return
    # Of two that foreign keys bring for the same columns, the server keeps the last.
    shed_implicit(reading, table, wanted)
    schema = reading.schema
    if name is None:
        name = reading.dialect.implicit_name(schema, table, Kind.INDEX, [c.name for c in columns])
    at = table.child(Kind.INDEX, name)
    parts = tuple(IndexKey(Expression((column,), (column,))) for column in columns)
    reading.emit(Create(Index(at, table, parts, implicit=True)))


def shed_implicit(
    reading: Reading,
    table: Address,
    columns: tuple[Address, ...],
    turned: tuple[Address, ...] = (),
) -> None:
    """Emit the drop of what MySQL made for a foreign key, and an index over `columns` now covers; not
    understood where only one whose columns are `turned` does."""
    for index in reading.schema.parts(table, Index):
        held = _key_columns(index)
        if index.implicit and columns[: len(held)] == held:
            reading.emit(Drop(index))
        elif index.implicit and turned[: len(held)] == held:
            raise NotUnderstood(
                "whether a key that descends serves a foreign key is not the same on all"
            )


def table_constraint(reading: Reading, cursor: Cursor, table: Address) -> Callable[[], None] | None:
    """Take a table constraint; return what emits it, or None where none comes next."""
    named: Named | None = None
    start = cursor.at
    if cursor.take("CONSTRAINT"):
        if not (cursor.word() in ("PRIMARY", "UNIQUE", "CHECK", "FOREIGN") and _keyword(cursor)):
            named = cursor.identifier()
    if cursor.take("PRIMARY", "KEY"):
        if reading.dialect.name == "mysql":
            cursor.take("USING", "BTREE")
        if cursor.sees("USING", "INDEX"):
            return _using_index(reading, cursor, table, named, primary=True)
        if reading.dialect.name == "mysql":
            return _mysql_primary(reading, cursor, table)
        return _key(reading, cursor, table, named, primary_key)
    if (cursor.word() == "UNIQUE" and cursor.word(1) != "INDEX") or cursor.sees("UNIQUE", "INDEX"):
        cursor.need("UNIQUE")
        return _unique(reading, cursor, table, named)
    if cursor.word() == "CHECK" and cursor.symbol(1) == "(":
        cursor.need("CHECK")
        inner = cursor.inside()
        options = check_options(reading, cursor)
        return lambda: check(reading, table, inner, named, options)
    if cursor.take("FOREIGN", "KEY"):
        index: Name | None = None
        if reading.dialect.name == "mysql" and cursor.symbol() != "(":
            given = cursor.identifier()
            index = given[0]
            # MariaDB calls the key itself so where it has no other name.
            named = named or given
        inner = cursor.inside()
        emit = references(reading, cursor, table, named, index)

        def foreign_key() -> None:
            columns = []
            for part in inner.parts():
                _take_period(reading, part)
                columns.append(reading.column(table, part.identifier()))
                part.end()
            emit(tuple(columns))

        return foreign_key
    if reading.dialect.name == "postgres" and (
        cursor.sees("EXCLUDE", "USING") or (cursor.word() == "EXCLUDE" and cursor.symbol(1) == "(")
    ):
        cursor.need("EXCLUDE")
        return exclusions.exclude(reading, cursor, table, named)
    if reading.dialect.name == "postgres" and cursor.sees("NOT", "NULL"):
        cursor.need("NOT", "NULL")
        column = cursor.identifier()
        return _not_null(reading, cursor, table, column, named)
    if named is not None or cursor.at != start:
        raise cursor.refuse()
    return None


def _using_index(
    reading: Reading, cursor: Cursor, table: Address, named: Named | None, *, primary: bool
) -> Callable[[], None]:
    cursor.need("USING", "INDEX")
    reading.masks.add("USING INDEX")
    index = cursor.identifier(Kind.INDEX)
    found = dict(unique_options(reading, cursor))

    def work() -> None:
        at = Address(Kind.INDEX, (*table.path[:-1], index[0]))
        thing = reading.schema.at(at)
        reading.mention(index[1], at)
        assert isinstance(thing, Index)
        columns = _key_columns(thing)
        plain = all(key == IndexKey(key.expression) for key in thing.keys)
        if not (thing.unique and plain and thing.table == table and thing.where is None):
            raise NotAllowed(f"index {at} is no plain unique index of {table}", at)
        if len(columns) != len(thing.keys) or thing.method is not None:
            raise NotAllowed(f"index {at} is no plain unique index of {table}", at)
        reading.emit(Drop(thing))
        options = tuple(sorted((dict(thing.options) | found).items()))
        name = index[0] if named is None else named[0]
        key: PrimaryKey | Unique
        if primary:
            for column in columns:
                column_with(reading, column, nullable=False)
            at = table.child(Kind.PRIMARY_KEY, name)
            key = PrimaryKey(at, columns, True, options, thing.include)
        else:
            at = table.child(Kind.UNIQUE, name)
            key = Unique(at, columns, True, options, thing.include)
        if named is not None:
            reading.mention(named[1], at)
        reading.emit(Create(key))

    return work


def alter_constraint(reading: Reading, cursor: Cursor, table: Address) -> Callable[[], None]:
    """Take what follows ALTER CONSTRAINT: when a foreign key is checked, and whether it is."""
    named = cursor.identifier()
    given: dict[str, str | None] = {}
    while not cursor.done and cursor.symbol() != ",":
        if cursor.take("NOT", "DEFERRABLE"):
            given |= {"deferrable": None, "initially deferred": None}
        elif cursor.take("DEFERRABLE"):
            given |= {"deferrable": "true", "initially deferred": None}
        elif cursor.take("INITIALLY", "DEFERRED"):
            given |= {"deferrable": "true", "initially deferred": "true"}
        elif given and cursor.take("INITIALLY", "IMMEDIATE"):
            given |= {"initially deferred": None}
        elif cursor.take("NOT", "ENFORCED"):
            given |= {"not enforced": "true", "not valid": None}
        elif cursor.take("ENFORCED"):
            given |= {"not enforced": None}
        else:
            raise cursor.refuse()

    def work() -> None:
        at = must_find(reading, table, named, Kind.FOREIGN_KEY)
        storage.settle(reading, at, given)

    return work


def _not_null(
    reading: Reading, cursor: Cursor, table: Address, column: Named, named: Named | None
) -> Callable[[], None]:
    # Its name is no fact of a schema; one that is not valid, or not inherited, is.
    if cursor.sees("NOT", "VALID") or cursor.sees("NO", "INHERIT"):
        raise cursor.refuse()

    def work() -> None:
        at = reading.column(table, column)
        if not reading.schema.column(at).nullable:
            if named is not None and named[0] != reading.schema.column(at).not_null_name:
                raise NotUnderstood(f"what the NOT NULL of {at} is called is not known")
            return
        name = None
        if named is not None:
            must_be_free(reading, table, named[0])
            name = str(named[0])
        column_with(reading, at, nullable=False)
        if name is not None:
            reading.emit(Alter(at, "not_null_name", None, name))

    return work


def named_not_null(reading: Reading, table: Address, name: Name) -> Address | None:
    """Return the column whose NOT NULL was given that name."""
    for column in reading.schema.columns(table):
        if not column.nullable and column.not_null_name == name:
            return column.at
    return None


def must_be_free(reading: Reading, table: Address, name: Name) -> None:
    """Raise NotUnderstood where a NOT NULL is to have a name that something of the table has."""
    must_not_clash(reading, table, name)
    if reading.schema.holder(("constraint", (*table.path, name))) is not None:
        raise NotUnderstood(f"{name} is the name of a constraint, and of a NOT NULL")


def _mysql_primary(reading: Reading, cursor: Cursor, table: Address) -> Callable[[], None]:
    from schemaops.sql import indexes

    inner = cursor.inside()
    options: dict[str, str] = {}
    indexes.mysql_options(cursor, options)

    def work() -> None:
        found = [indexes.mysql_part(reading, part, table) for part in inner.parts()]
        if any(length is not None or descending for _, length, descending in found):
            options["parts"] = ", ".join(
                at.name.spelling
                + ("" if length is None else f"({length})")
                + (" desc" if descending else "")
                for at, length, descending in found
            )
        columns = tuple(at for at, _, _ in found)
        primary_key(reading, table, columns, None, tuple(sorted(options.items())))

    return work


def _keyword(cursor: Cursor) -> bool:
    return cursor.word(1) in ("KEY", "INDEX") or cursor.symbol(1) == "("


def _unique(
    reading: Reading, cursor: Cursor, table: Address, named: Named | None
) -> Callable[[], None]:
    options: dict[str, str] = {}
    if reading.dialect.name == "mysql":
        from schemaops.sql import indexes

        return indexes.unique(reading, cursor, table, named)
    if cursor.take("NULLS", "NOT", "DISTINCT"):
        options["nulls not distinct"] = "true"
    cursor.take("NULLS", "DISTINCT")
    if cursor.sees("USING", "INDEX") and reading.dialect.name == "postgres":
        return _using_index(reading, cursor, table, named, primary=False)
    return _key(reading, cursor, table, named, unique, options)


def _key(
    reading: Reading,
    cursor: Cursor,
    table: Address,
    named: Named | None,
    emit: Callable[..., None],
    options: dict[str, str] | None = None,
) -> Callable[[], None]:
    inner = cursor.inside()
    included = cursor.inside() if cursor.take("INCLUDE") else None
    stored: dict[str, str] = {}
    if reading.dialect.name == "postgres":
        if cursor.take("WITH"):
            stored = storage_options(cursor.inside())
            must_be_of_index(stored, None)
        if cursor.take("USING", "INDEX", "TABLESPACE"):
            cursor.identifier()
    found = dict(unique_options(reading, cursor)) | (options or {}) | stored

    def work() -> None:
        columns = []
        for part in inner.parts():
            if reading.dialect.name == "mysql" and part.word(1) == "WITHOUT":
                raise NotUnderstood("keys over periods are not understood")
            columns.append(reading.column(table, part.identifier()))
            part.take("ASC")
            if reading.dialect.name == "sqlite" and part.take("AUTOINCREMENT"):
                if emit is not primary_key or len(inner.parts()) > 1:
                    raise part.refuse()
                reading.emit(Alter(columns[-1], "auto_increment", False, True))
            if reading.dialect.name == "sqlite" and part.take("COLLATE"):
                # The column's own collation is what a key has anyway.
                own = reading.schema.column(columns[-1]).collation or "binary"
                if part.identifier()[0] != own:
                    raise part.refuse()
                part.take("ASC")
            if reading.dialect.name == "postgres" and part.take("WITHOUT", "OVERLAPS"):
                found["without overlaps"] = "true"
            part.end()
        include = []
        for part in included.parts() if included else ():
            include.append(reading.column(table, part.identifier()))
            part.end()
        emit(reading, table, tuple(columns), named, tuple(sorted(found.items())), tuple(include))

    return work


def find(reading: Reading, table: Address, named: Named, *kinds: Kind) -> Address | None:
    """Return the address of a table's constraint of that name, and note the mention."""
    for kind in kinds or CONSTRAINT_KINDS:
        at = table.child(kind, named[0])
        if at in reading.schema and getattr(reading.schema.at(at), "named", True):
            reading.mention(named[1], at)
            return at
    if reading.dialect.name == "postgres" and not kinds:
        held = exclusions.found_exclusion(reading, table, named[0])
        if held is not None:
            reading.mention(named[1], held)
        return held
    return None


def must_find(reading: Reading, table: Address, named: Named, *kinds: Kind) -> Address:
    """Return the address of a table's constraint of that name; raise MissingObject."""
    at = find(reading, table, named, *kinds)
    if at is None:
        must_not_be_not_null(reading, table)
        raise MissingObject(table.child((kinds or (Kind.CHECK,))[0], named[0]))
    return at


def must_not_be_not_null(reading: Reading, table: Address, likely: Name | None = None) -> None:
    """Raise NotUnderstood where a name that no constraint has may be that of a NOT NULL (where it is
    `likely` one, from its looks): it has one of its own since PostgreSQL 18, which is no fact of a
    schema."""
    if reading.dialect.name == "postgres" and table in reading.schema:
        for column in reading.schema.columns(table):
            alike = likely is None or likely == column.not_null_name
            if not column.nullable and (alike or _NOT_NULL.search(likely or "")):
                raise NotUnderstood(f"whether {column.at} is NOT NULL by that name is not known")


# The end of the names that PostgreSQL gives them by itself.
_NOT_NULL = re.compile(r"_not_null\d*\Z")


def must_not_clash(reading: Reading, table: Address, name: Name) -> None:
    """Raise NotUnderstood where a NOT NULL of the table has a name, as PostgreSQL 18 sees it."""
    if reading.dialect.name != "postgres" or table not in reading.schema:
        return
    # Those of a table in the making take other names than its constraints.
    anew = any(isinstance(one, Create) and one.at == table for one in reading.operations)
    for column in reading.schema.columns(table):
        usual = "" if anew else f"{table.name}_{column.at.name}_not_null"
        if not column.nullable and (column.not_null_name or usual) == name:
            raise NotUnderstood(f"whether the NOT NULL of {column.at} has the name is not known")


def column_with(reading: Reading, at: Address, **facts: object) -> None:
    """Emit the Alters that give a column these facts."""
    before = reading.schema.column(at)
    for fact, value in facts.items():
        old = getattr(before, fact)
        if old != value:
            reading.emit(Alter(at, fact, old, value))
