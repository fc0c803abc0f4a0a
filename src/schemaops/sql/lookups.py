"""Whether something stands in PostgreSQL's catalogue, as a query in a DO block asks it.

A query is decided where the schema knows all rows that it could find: one catalogue, conditions that
compare its columns with literals. Everything else is not understood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from schemaops.names import Address, Kind, Name
from schemaops.schema.objects import (
    Check,
    Column,
    Composite,
    Domain,
    Enum,
    Extension,
    ForeignKey,
    Index,
    Namespace,
    Object,
    Policy,
    PrimaryKey,
    Range,
    Routine,
    Sequence,
    Table,
    Trigger,
    Unique,
    Unmodelled,
    View,
)
from schemaops.sql.cursor import Cursor
from schemaops.sql.lexer import TokenKind
from schemaops.sql.names import fold
from schemaops.sql.reading import Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.strings import string_value
from schemaops.sql.types import is_built_in

__all__ = ["decided"]

# A row of a catalogue; None is a value that the schema does not tell.
Row = dict[str, str | None]
Rows = Callable[[Reading], Iterator[Row]]


def decided(reading: Reading, cursor: Cursor) -> bool:
    """Return whether a condition holds: `[NOT] EXISTS (SELECT …)`, several joined by AND."""
    holds = True
    while True:
        holds = _one(reading, cursor) and holds
        if not cursor.take("AND"):
            break
    cursor.end()
    return holds


def _one(reading: Reading, cursor: Cursor) -> bool:
    if reading.blind:
        raise NotUnderstood("the block asks for what an earlier statement may have made")
    if cursor.take("NOT"):
        return not _one(reading, cursor)
    if cursor.symbol() == "(":
        return decided(reading, cursor.inside())
    cursor.need("EXISTS")
    return _found(reading, cursor.inside())


def _found(reading: Reading, cursor: Cursor) -> bool:
    cursor.need("SELECT")
    while not cursor.take("FROM"):
        if cursor.done or cursor.symbol() == "(":
            raise cursor.refuse()
        cursor.at += 1
    catalogue, aliases = _sources(cursor)
    wanted: dict[str, str] = {}
    if cursor.take("WHERE"):
        while True:
            said = _comparison(reading, cursor, aliases)
            if said is not None and wanted.setdefault(said[0], said[1]) != said[1]:
                return False
            if not cursor.take("AND"):
                break
    if cursor.take("LIMIT"):
        cursor.number()
    cursor.end()
    rows, keys, own = _CATALOGUES[catalogue]
    key = next((one for one in keys.split() if one in wanted), None)
    # A column that may not be null has a constraint in some of them, in some versions.
    of_nulls = own is Check and key not in ("conname", "constraint_name")
    if key is None or (of_nulls and wanted.get("constraint_type", "CHECK") == "CHECK"):
        raise NotUnderstood(f"what is asked of {catalogue} is not told by the schema")
    _must_be_ours(reading, catalogue, wanted[key], own)
    unsure = False
    for row in rows(reading):
        if row.get(key) != wanted[key]:
            continue
        fits = [row.get(column) for column in wanted]
        if any(v is not None and v != wanted[c] for c, v in zip(wanted, fits, strict=True)):
            continue
        if None not in fits:
            return True
        unsure = True
    if unsure:
        raise NotUnderstood(f"what is asked of {catalogue} is not told by the schema")
    return False


def _sources(cursor: Cursor) -> tuple[str, frozenset[str]]:
    """Take the catalogue and its alias; a join with the schemas is told by its column."""
    catalogue, alias = _source(cursor)
    aliases = {alias, catalogue.rpartition(".")[2]}
    while cursor.take("JOIN") or cursor.take("INNER", "JOIN"):
        other, name = _source(cursor)
        if other != "pg_namespace":
            raise cursor.refuse()
        cursor.need("ON")
        sides = set()
        for _ in range(2):
            parts = [str(part) for part, _ in cursor.qualified()]
            sides.add(parts[-1])
            cursor.take_symbol("=")
        if "oid" not in sides or not any(side.endswith("namespace") for side in sides):
            raise cursor.refuse()
        aliases |= {name, other}
    if catalogue not in _CATALOGUES:
        raise NotUnderstood(f"what {catalogue} holds is not told by the schema")
    return catalogue, frozenset(aliases)


def _source(cursor: Cursor) -> tuple[str, str]:
    parts = [str(part) for part, _ in cursor.qualified()]
    if parts[0] == "pg_catalog":
        del parts[0]
    catalogue = ".".join(parts)
    alias = parts[-1]
    cursor.take("AS")
    if cursor.sees_identifier() and cursor.word() not in (
        *("WHERE", "JOIN", "INNER", "LEFT", "LIMIT", "ON", "CROSS"),
    ):
        alias = str(cursor.identifier()[0])
    return catalogue, alias


def _comparison(
    reading: Reading, cursor: Cursor, aliases: frozenset[str]
) -> tuple[str, str] | None:
    """Take `column = value`; return both, None where it holds of every row."""
    parts = [str(part) for part, _ in cursor.qualified()]
    if len(parts) > 1 and parts[-2] not in aliases:
        raise cursor.refuse()
    if cursor.take_symbol("::") and str(cursor.identifier()[0]) != "text":
        raise cursor.refuse()
    cursor.need_symbol("=")
    if parts[-1].endswith("_catalog"):
        _this_database(cursor)
        return None
    token = cursor.token
    if token is None:
        raise cursor.refuse()
    if cursor.sees("CURRENT_SCHEMA"):
        cursor.at += 1
        if cursor.symbol() == "(":
            cursor.inside().end()
        return parts[-1], str(reading.search_path[0])
    if token.kind is not TokenKind.STRING:
        raise cursor.refuse()
    cursor.at += 1
    value = string_value(token.text, "postgres")
    if cursor.take_symbol("::"):
        kind = str(cursor.identifier()[0])
        if kind in ("regclass", "regtype", "regnamespace"):
            return parts[-1], _resolved(reading, value, kind)
        if kind not in ("text", "name", "varchar"):
            raise cursor.refuse()
    return parts[-1], value


def _this_database(cursor: Cursor) -> None:
    if cursor.symbol() == "(":
        inner = cursor.inside()
        inner.need("SELECT")
        _this_database(inner)
        inner.end()
        return
    cursor.need("CURRENT_DATABASE")
    cursor.inside().end()


def _resolved(reading: Reading, value: str, kind: str) -> str:
    """Return what a name stands for, as rows tell it: its path with dots."""
    names = tuple(fold(part, "postgres", Kind.TABLE) for part in value.split("."))
    kinds = {
        "regclass": (Kind.TABLE, Kind.VIEW),
        "regtype": (Kind.ENUM, Kind.DOMAIN),
        "regnamespace": (),
    }[kind]
    if kind == "regnamespace":
        return value
    at = reading.find(names, kinds)
    if at is None:
        raise NotUnderstood(f"{value} is not in the schema")
    return str(at)


def _must_be_ours(reading: Reading, catalogue: str, name: str, own: type | None) -> None:
    """Raise NotUnderstood where something of the name may stand there beside the schema."""
    if name.startswith(("pg_", "sql_")) or name.endswith("_not_null"):
        raise NotUnderstood(f"{name} may be of the server")
    if catalogue == "pg_type" and (is_built_in(name.lstrip("_")) or name.startswith("_")):
        raise NotUnderstood(f"{name} may be of the server")
    if catalogue == "pg_proc":
        raise NotUnderstood(f"{name} may be of the server")
    if name in reading.temporary or (own is Check and _in_domain(reading, name)):
        raise NotUnderstood(f"{name} is no part of the schema, or of a domain")
    extended = any(isinstance(t, Extension) for t in reading.schema.of_kind(Kind.EXTENSION))
    if extended and own is None:
        raise NotUnderstood(f"{name} may be of an extension")
    for thing in reading.schema.of_kind(Kind.UNMODELLED):
        assert isinstance(thing, Unmodelled)
        about = ("comment", "grant")
        if thing.what not in about and name in thing.at.path[1:]:
            raise NotUnderstood(f"{thing.what} {name} is not understood")


def _in_domain(reading: Reading, name: str) -> bool:
    domains = (t for t in reading.schema.of_kind(Kind.DOMAIN) if isinstance(t, Domain))
    return any(check.name == name for domain in domains for check in domain.checks)


def _each(reading: Reading, *kinds: type) -> Iterator[Object]:
    return (thing for thing in reading.schema if isinstance(thing, kinds))


def _types(reading: Reading) -> Iterator[Row]:
    letters: tuple[tuple[type, str], ...] = (
        (Enum, "e"),
        (Domain, "d"),
        (Range, "r"),
        (Composite, "c"),
        (Table, "c"),
        (View, "c"),
        (Sequence, "c"),
    )
    for thing in _each(reading, *(kind for kind, _ in letters)):
        if isinstance(thing, Sequence):
            continue  # since PostgreSQL 14 it has no type
        letter = next(letter for kind, letter in letters if isinstance(thing, kind))
        yield {"typname": thing.at.name, "nspname": thing.at.path[0], "typtype": letter}


def _columns(reading: Reading) -> Iterator[Row]:
    for thing in _each(reading, Column, View):
        if isinstance(thing, Column):
            space, table, name = thing.at.path
            nullable: str | None = "YES" if thing.nullable else "NO"
            yield _column(space, table, name, nullable)
        elif isinstance(thing, View):
            for name in thing.columns:
                yield _column(thing.at.path[0], thing.at.path[1], name, "YES")


def _column(space: str, table: str, name: str, nullable: str | None) -> Row:
    return {
        "table_schema": space,
        "table_name": table,
        "column_name": name,
        "is_nullable": nullable,
    }


def _tables(reading: Reading) -> Iterator[Row]:
    for thing in _each(reading, Table, View):
        kind = "BASE TABLE" if isinstance(thing, Table) else "VIEW"
        space, name = thing.at.path
        yield {"table_schema": space, "table_name": name, "table_type": kind}


def _pg_tables(reading: Reading) -> Iterator[Row]:
    for thing in _each(reading, Table):
        yield {"schemaname": thing.at.path[0], "tablename": thing.at.path[1]}


def _classes(reading: Reading) -> Iterator[Row]:
    for thing in _each(reading, Table, View, Sequence, Index, PrimaryKey, Unique, Composite):
        letters = {Table: None, View: None, Sequence: "S", Composite: "c"}
        letter = letters.get(type(thing), "i")
        yield {"relname": thing.at.name, "nspname": thing.at.path[0], "relkind": letter}


def _indexes(reading: Reading) -> Iterator[Row]:
    for thing in _each(reading, Index, PrimaryKey, Unique):
        table = thing.table.name if isinstance(thing, Index) else thing.at.path[-2]
        yield {"schemaname": thing.at.path[0], "indexname": thing.at.name, "tablename": table}


_LETTERS = {PrimaryKey: "p", Unique: "u", Check: "c", ForeignKey: "f"}
_WORDS = {"p": "PRIMARY KEY", "u": "UNIQUE", "c": "CHECK", "f": "FOREIGN KEY"}


def _constraints(reading: Reading) -> Iterator[Row]:
    for thing in _each(reading, *_LETTERS):
        letter = _LETTERS[type(thing)]
        table = Address(Kind.TABLE, thing.at.path[:-1])
        yield {
            "conname": thing.at.name,
            "contype": letter,
            "conrelid": str(table),
            "nspname": thing.at.path[0],
            "constraint_name": thing.at.name,
            "constraint_type": _WORDS[letter],
            "table_name": table.name,
            "table_schema": table.path[0],
            "constraint_schema": table.path[0],
        }


def _used(reading: Reading) -> Iterator[Row]:
    """Yield what constraints need: of a foreign key the columns that it refers to, else their own."""
    for thing in _each(reading, *_LETTERS):
        match thing:
            case ForeignKey():
                columns = thing.referred
            case Check():
                columns = tuple(a for a in thing.expression.addresses() if a.kind is Kind.COLUMN)
            case PrimaryKey() | Unique():
                columns = thing.columns
            case _:
                columns = ()
        for at in dict.fromkeys(columns):
            space, table, column = at.path
            yield {
                "constraint_name": thing.at.name,
                "constraint_schema": thing.at.path[0],
                "table_schema": space,
                "table_name": table,
                "column_name": column,
            }


def _keyed(reading: Reading) -> Iterator[Row]:
    for thing in _each(reading, PrimaryKey, Unique, ForeignKey):
        assert isinstance(thing, PrimaryKey | Unique | ForeignKey)
        for at in thing.columns:
            yield {
                "constraint_name": thing.at.name,
                "constraint_schema": thing.at.path[0],
                "table_schema": at.path[0],
                "table_name": at.path[1],
                "column_name": at.path[2],
            }


def _triggers(reading: Reading) -> Iterator[Row]:
    for thing in _each(reading, Trigger):
        assert isinstance(thing, Trigger)
        yield {
            "tgname": thing.at.name,
            "tgrelid": str(thing.table),
            "trigger_name": thing.at.name,
            "event_object_table": thing.table.name,
            "event_object_schema": thing.table.path[0],
            "trigger_schema": thing.table.path[0],
        }


def _policies(reading: Reading) -> Iterator[Row]:
    for thing in _each(reading, Policy):
        space, table, name = thing.at.path
        yield {"schemaname": space, "tablename": table, "policyname": name, "polname": name}


def _labels(reading: Reading) -> Iterator[Row]:
    for thing in _each(reading, Enum):
        assert isinstance(thing, Enum)
        for label in thing.values:
            yield {"enumlabel": label, "enumtypid": str(thing.at), "typname": thing.at.name}


def _schemas(reading: Reading) -> Iterator[Row]:
    for thing in (*_each(reading, Namespace), Namespace(Address(Kind.SCHEMA, (Name("public"),)))):
        yield {"nspname": thing.at.name, "schema_name": thing.at.name}


def _extensions(reading: Reading) -> Iterator[Row]:
    for thing in (
        *_each(reading, Extension),
        Extension(Address(Kind.EXTENSION, (Name("plpgsql"),))),
    ):
        yield {"extname": thing.at.name}


def _procs(reading: Reading) -> Iterator[Row]:
    for thing in _each(reading, Routine):
        yield {"proname": thing.at.bare, "nspname": thing.at.path[0]}


# The rows of each catalogue, the columns of which one must be asked for, and what only a schema's own objects
# are in it (an extension makes none that are not known).
_CATALOGUES: dict[str, tuple[Rows, str, type | None]] = {
    "pg_type": (_types, "typname", None),
    "pg_class": (_classes, "relname", None),
    "pg_tables": (_pg_tables, "tablename", None),
    "pg_indexes": (_indexes, "indexname tablename", Index),
    "pg_constraint": (_constraints, "conname", Check),
    "pg_trigger": (_triggers, "tgname", Trigger),
    "pg_policies": (_policies, "policyname", Policy),
    "pg_policy": (_policies, "polname", Policy),
    "pg_enum": (_labels, "enumlabel", Enum),
    "pg_namespace": (_schemas, "nspname", None),
    "pg_extension": (_extensions, "extname", Extension),
    "information_schema.columns": (_columns, "table_name", Column),
    "information_schema.tables": (_tables, "table_name", None),
    "information_schema.table_constraints": (_constraints, "constraint_name table_name", Check),
    "information_schema.constraint_column_usage": (_used, "constraint_name", Check),
    "information_schema.key_column_usage": (_keyed, "constraint_name", ForeignKey),
    "information_schema.triggers": (_triggers, "trigger_name", Trigger),
    "information_schema.schemata": (_schemas, "schema_name", None),
}
