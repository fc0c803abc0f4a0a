"""Recognise PostgreSQL's CREATE, ALTER and DROP SEQUENCE."""

from __future__ import annotations

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Rename
from schemaops.schema.objects import Identity, Sequence
from schemaops.schema.state import MissingObject
from schemaops.sql import columns, dropping, grants, moving
from schemaops.sql.cursor import Cursor
from schemaops.sql.reading import Reading
from schemaops.sql.sequence_facts import options_said

__all__ = ["alter_sequence", "create_sequence", "drop_sequence"]


def create_sequence(reading: Reading, cursor: Cursor, *, unlogged: bool = False) -> None:
    """Take what follows CREATE SEQUENCE."""
    guarded = cursor.take("IF", "NOT", "EXISTS")
    parts = cursor.qualified()
    at = Address(Kind.SEQUENCE, reading.path(parts))
    reading.mention_path(parts, at)
    if guarded:
        reading.masks.add("IF NOT EXISTS")
        if reading.schema.holder(("relation", at.path)) is not None:
            cursor.at = cursor.stop
            return
    kind, options = options_said(cursor, "bigint")
    if unlogged:
        options = tuple(sorted((*options, ("unlogged", "true"))))
    owner = _owner(reading, cursor) if cursor.take("OWNED", "BY") else None
    cursor.end()
    reading.emit(Create(Sequence(at, kind, options, owner)))


def _owner(reading: Reading, cursor: Cursor) -> Address | None:
    if cursor.take("NONE"):
        return None
    parts = cursor.qualified()
    if len(parts) < 2:
        raise cursor.refuse()
    return reading.column(reading.table(parts[:-1]), parts[-1])


def _alter_identity(reading: Reading, cursor: Cursor, at: Address) -> None:
    """Take what is altered of an identity's sequence, which is a fact of the column."""
    column = reading.schema.column(at)
    assert column.identity is not None
    if cursor.take("OWNER", "TO"):
        cursor.identifier()
        cursor.end()
        return
    said = {cursor.word(ahead) for ahead in range(cursor.stop - cursor.at)}
    if said & {"AS", "OWNED", "RENAME", "SCHEMA"}:
        raise cursor.refuse()
    options = columns.options_of_identity(cursor, column, column.identity.options)
    cursor.at = cursor.stop
    identity = Identity(column.identity.always, options)
    if identity != column.identity:
        reading.emit(Alter(at, "identity", column.identity, identity))


def alter_sequence(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER SEQUENCE."""
    guarded = cursor.take("IF", "EXISTS")
    parts = cursor.qualified()
    at = reading.find(tuple(name for name, _ in parts), (Kind.SEQUENCE,))
    if at is None:
        column = reading.identity_called(parts)
        if column is not None:
            _alter_identity(reading, cursor, column)
            return
        if guarded:
            reading.masks.add("IF EXISTS")
            cursor.at = cursor.stop
            return
        raise MissingObject(Address(Kind.SEQUENCE, reading.path(parts)))
    reading.mention_path(parts, at)
    sequence = reading.schema.at(at)
    assert isinstance(sequence, Sequence)
    if cursor.take("OWNED", "BY"):
        owner = _owner(reading, cursor)
        cursor.end()
        if owner != sequence.owner:
            reading.emit(Alter(at, "owner", sequence.owner, owner))
    elif cursor.take("RENAME", "TO"):
        name = cursor.identifier()
        cursor.end()
        reading.emit(Rename(at, at.sibling(name[0])))
        reading.mention(name[1], at.sibling(name[0]))
    elif cursor.take("OWNER", "TO"):
        grants.owner_to(reading, cursor, at)
        cursor.end()
    elif cursor.take("SET", "SCHEMA"):
        space, _ = cursor.identifier()
        cursor.end()
        moving.to_schema(reading, at, space)
    else:
        kind, options = options_said(cursor, sequence.type, sequence.options)
        cursor.end()
        for fact, old, new in (
            ("type", sequence.type, kind),
            ("options", sequence.options, options),
        ):
            if old != new:
                reading.emit(Alter(at, fact, old, new))


def drop_sequence(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP SEQUENCE."""
    named, guarded, cascade = dropping.clause(reading, cursor)
    for parts in named:
        at = reading.find(tuple(name for name, _ in parts), (Kind.SEQUENCE,))
        if at is None:
            if guarded:
                continue
            raise MissingObject(Address(Kind.SEQUENCE, reading.path(parts)))
        reading.mention_path(parts, at)
        dropping.drop_type(reading, at, cascade=cascade)
