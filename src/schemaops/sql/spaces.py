"""Recognise what is said about schemas, and comments in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Rename
from schemaops.schema.objects import (
    Column,
    EventTrigger,
    Extension,
    Namespace,
    Object,
    Routine,
    Table,
    Trigger,
    attached,
    subject,
)
from schemaops.schema.state import MissingObject
from schemaops.sql import dropping, routines, triggers
from schemaops.sql.cursor import Cursor
from schemaops.sql.reading import Reading
from schemaops.sql.scope import NotUnderstood

__all__ = [
    "alter_schema",
    "comment",
    "create_extension",
    "create_schema",
    "drop_extension",
    "drop_schema",
]


def create_schema(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE SCHEMA."""
    guarded = cursor.take("IF", "NOT", "EXISTS")
    name, token = cursor.identifier()
    if cursor.take("AUTHORIZATION"):
        cursor.identifier()
    cursor.end()
    at = Address(Kind.SCHEMA, (name,))
    reading.mention(token, at)
    if guarded:
        reading.masks.add("IF NOT EXISTS")
        if at in reading.schema or name == "public":
            return
    reading.emit(Create(Namespace(at)))


def drop_schema(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP SCHEMA; with CASCADE all that stands in it goes, and what hangs on it."""
    guarded = cursor.take("IF", "EXISTS")
    named = [cursor.identifier()]
    while cursor.take_symbol(","):
        named.append(cursor.identifier())
    cascade = cursor.one_of("CASCADE", "RESTRICT") == "CASCADE"
    cursor.end()
    if guarded:
        reading.masks.add("IF EXISTS")
    if cascade:
        reading.masks.add("CASCADE")
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
        cursor.identifier()
        cursor.end()
        return
    cursor.need("RENAME", "TO")
    new, new_token = cursor.identifier()
    cursor.end()
    reading.schema.at(at)
    if any(at.covers(thing.at) and thing.at != at for thing in reading.schema):
        raise cursor.refuse()
    reading.mention(token, at)
    reading.emit(Rename(at, Address(Kind.SCHEMA, (new,))))
    reading.mention(new_token, Address(Kind.SCHEMA, (new,)))


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
