"""Recognise what is said about schemas, and comments in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Rename
from schemaops.schema.objects import (
    Column,
    Composite,
    Domain,
    EventTrigger,
    Extension,
    Index,
    Namespace,
    Object,
    Range,
    Routine,
    Table,
    Trigger,
    Unmodelled,
    attached,
    subject,
)
from schemaops.schema.state import MissingObject, TakenName
from schemaops.sql import dropping, grants, publications, routines, triggers
from schemaops.sql.cursor import Cursor
from schemaops.sql.reading import NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood

__all__ = [
    "alter_database",
    "alter_extension",
    "alter_schema",
    "comment",
    "create_extension",
    "create_language",
    "create_schema",
    "drop_extension",
    "drop_schema",
]


def create_schema(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE SCHEMA."""
    guarded = cursor.take("IF", "NOT", "EXISTS")
    name, token = cursor.identifier()
    owner = None
    if cursor.take("AUTHORIZATION"):
        owner = grants.named_role(cursor)
    cursor.end()
    at = Address(Kind.SCHEMA, (name,))
    reading.mention(token, at)
    if guarded:
        reading.masks.add("IF NOT EXISTS")
        if at in reading.schema or name == "public":
            return
    _must_be_allowed(name)
    reading.emit(Create(Namespace(at, owner)))


def drop_schema(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP SCHEMA; with CASCADE all that stands in it goes, and what hangs on it."""
    named, guarded, cascade = dropping.clause_of(reading, cursor, cursor.identifier)
    for name, token in named:
        at = Address(Kind.SCHEMA, (name,))
        if name == "public":
            raise NotUnderstood("what becomes of schema public is not understood")
        if at not in reading.schema:
            if guarded:
                continue
            raise MissingObject(at)
        reading.mention(token, at)
        if cascade:
            _empty(reading, at)
        if any(True for _ in _within(reading, at)):
            raise cursor.refuse()
        for thing in reading.schema.referrers(at):
            publications.leave(reading, at, thing)
        reading.emit(Drop(reading.schema.at(at)))


def _within(reading: Reading, at: Address) -> Iterator[Object]:
    for thing in reading.schema:
        own = at.covers(thing.at) and thing.at != at
        if own and not (attached(thing) and subject(thing) == at):
            yield thing


def _empty(reading: Reading, space: Address) -> None:
    """Emit that all in a schema goes; raise NotUnderstood for what is not known to go just so."""
    for extension in reading.schema.of_kind(Kind.EXTENSION):
        if isinstance(extension, Extension) and ("schema", str(space.name)) in extension.options:
            raise NotUnderstood(f"extension {extension.at} goes with schema {space}")
    inside = [thing.at for thing in _within(reading, space)]
    for kinds, drop in (
        ((Kind.VIEW, Kind.TABLE), dropping.drop_relation),
        ((Kind.FUNCTION, Kind.PROCEDURE), dropping.drop_routine),
        ((Kind.SEQUENCE,), dropping.drop_type),
        ((Kind.DOMAIN, Kind.RANGE, Kind.COMPOSITE, Kind.ENUM), dropping.drop_type),
    ):
        for at in inside:
            if at.kind in kinds and at in reading.schema:
                drop(reading, at, cascade=True)


def alter_schema(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER SCHEMA; one that is not empty takes all in it along."""
    name, token = cursor.identifier()
    at = Address(Kind.SCHEMA, (name,))
    if cursor.take("OWNER", "TO"):
        grants.owner_to(reading, cursor, at)
        cursor.end()
        return
    cursor.need("RENAME", "TO")
    new, new_token = cursor.identifier()
    cursor.end()
    if name == "public" or new == "public":
        raise NotUnderstood("what becomes of schema public is not understood")
    reading.schema.at(at)
    _must_be_allowed(new)
    _must_follow(reading, at)
    reading.mention(token, at)
    reading.emit(Rename(at, Address(Kind.SCHEMA, (new,))))
    reading.mention(new_token, Address(Kind.SCHEMA, (new,)))


def _must_be_allowed(name: str) -> None:
    """Raise NotAllowed for a name that only a schema of the server's own may have."""
    if name.startswith("pg_"):
        raise NotAllowed(f"schema {name} cannot be called so: the prefix pg_ is the server's")


def _must_follow(reading: Reading, at: Address) -> None:
    """Raise NotUnderstood where what is kept as text names the schema that is renamed."""
    quoted = f"{at.name}."
    for thing in reading.schema:
        match thing:
            case Extension() if ("schema", str(at.name)) in thing.options:
                raise NotUnderstood(f"extension {thing.at} stands in schema {at}")
            case Unmodelled() if at.name in thing.at.path[1:] or quoted in thing.definition:
                raise NotUnderstood(
                    f"what {thing.what} {thing.at.name} says of {at} changes with it"
                )
            case Column() | Index() | Domain() | Composite() | Range() if _collates(thing, quoted):
                raise NotUnderstood(f"{thing.at} has a collation of schema {at}")
    if str(at.name) in map(str, reading.search_path):
        raise NotUnderstood(f"names are looked up in schema {at}")


def _collates(thing: Object, quoted: str) -> bool:
    match thing:
        case Column(collation=collation) | Domain(collation=collation):
            return (collation or "").startswith(quoted)
        case Index(keys=keys):
            return any((key.collation or "").startswith(quoted) for key in keys)
        case Composite(attributes=attributes):
            return any((one.collation or "").startswith(quoted) for one in attributes)
        case Range(options=options):
            return any(quoted in value for _, value in options)
    return False


def create_extension(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE EXTENSION; what the extension brings is outside the schema."""
    guarded = cursor.take("IF", "NOT", "EXISTS")
    name, token = cursor.identifier()
    cursor.take("WITH")
    options: tuple[tuple[str, str], ...] = ()
    while not cursor.done:
        if cursor.take("SCHEMA"):
            space = cursor.identifier()[0]
            if space not in ("public", "pg_catalog"):
                options = (("schema", str(space)),)
        elif cursor.take("VERSION"):
            cursor.at += 1
        else:
            raise cursor.refuse()
    at = Address(Kind.EXTENSION, (name,))
    reading.mention(token, at)
    if guarded:
        reading.masks.add("IF NOT EXISTS")
    # plpgsql stands in every database.
    if name != "plpgsql" and not (guarded and at in reading.schema):
        reading.emit(Create(Extension(at, options)))


def alter_extension(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER EXTENSION; which objects are members of one is not understood."""
    name, token = cursor.identifier()
    at = Address(Kind.EXTENSION, (name,))
    thing = reading.schema.get(at)
    if name != "plpgsql":
        if thing is None:
            raise MissingObject(at)
        reading.mention(token, at)
    if cursor.take("UPDATE"):
        if cursor.take("TO"):
            cursor.at += 1
        cursor.end()
        return
    cursor.need("SET", "SCHEMA")
    space = cursor.identifier()[0]
    cursor.end()
    if not isinstance(thing, Extension) or (
        space != "public" and Address(Kind.SCHEMA, (space,)) not in reading.schema
    ):
        raise NotUnderstood(f"what becomes of extension {name} is not understood")
    options = () if space == "public" else (("schema", str(space)),)
    if options != thing.options:
        reading.emit(Alter(at, "options", thing.options, options))


def create_language(reading: Reading, cursor: Cursor, *, instead: bool = False) -> None:
    """Take what follows CREATE [OR REPLACE] [TRUSTED] [PROCEDURAL] LANGUAGE: where it names no
    handler, the extension of that name is made."""
    name, token = cursor.identifier()
    cursor.end()
    at = Address(Kind.EXTENSION, (name,))
    if name == "plpgsql":
        if not instead:
            raise TakenName(at, at)
        return
    reading.mention(token, at)
    if not (instead and at in reading.schema):
        reading.emit(Create(Extension(at)))


def alter_database(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER DATABASE: it is no part of a schema, but for the search path that
    sessions begin with."""
    found = (token.text.lower() for token in cursor.tokens[cursor.at : cursor.stop])
    if any(word in ("search_path", "role") for word in found):
        raise NotUnderstood("sessions that follow look names up elsewhere")
    cursor.at = cursor.stop
    assert reading.dialect.name == cursor.dialect


def drop_extension(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP EXTENSION, of one on which nothing hangs."""
    guarded = cursor.take("IF", "EXISTS")
    name, token = cursor.identifier()
    cursor.one_of("RESTRICT")
    cursor.end()
    at = Address(Kind.EXTENSION, (name,))
    if at not in reading.schema:
        if guarded:
            reading.masks.add("IF EXISTS")
            return
        raise MissingObject(at)
    reading.mention(token, at)
    reading.emit(Drop(reading.schema.at(at)))


def comment(reading: Reading, cursor: Cursor) -> None:
    """Take what follows COMMENT ON, for tables and columns."""
    if cursor.take("TABLE"):
        at = reading.table(cursor.qualified())
    elif cursor.take("COLUMN"):
        parts = cursor.qualified()
        if reading.find(tuple(name for name, _ in parts[:-1]), (Kind.TABLE,)) is None:
            raise cursor.refuse()
        at = reading.column(reading.table(parts[:-1]), parts[-1])
    elif (other := _of_routine(reading, cursor)) is not None:
        at = other
    else:
        raise cursor.refuse()
    cursor.need("IS")
    text = None if cursor.take("NULL") else cursor.string()
    cursor.end()
    thing = reading.schema.at(at)
    assert isinstance(thing, Table | Column | Routine | Trigger | EventTrigger)
    if (text or None) != thing.comment:
        reading.emit(Alter(at, "comment", thing.comment, text or None))


def _of_routine(reading: Reading, cursor: Cursor) -> Address | None:
    return routines.commented(reading, cursor) or triggers.commented(reading, cursor)
