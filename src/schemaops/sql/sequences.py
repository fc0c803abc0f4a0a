"""Recognise PostgreSQL's CREATE, ALTER and DROP SEQUENCE."""

from __future__ import annotations

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Rename
from schemaops.schema.objects import Sequence
from schemaops.schema.state import MissingObject
from schemaops.sql import dropping
from schemaops.sql.columns import sequence_options
from schemaops.sql.cursor import Cursor
from schemaops.sql.reading import Reading

__all__ = ["alter_sequence", "create_sequence", "drop_sequence"]


def create_sequence(reading: Reading, cursor: Cursor) -> None:
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
    kind = "bigint"
    if cursor.take("AS"):
        word = cursor.one_of("SMALLINT", "INTEGER", "INT", "BIGINT")
        if not word:
            raise cursor.refuse()
        kind = {"INT": "integer"}.get(word, word.lower())
    start = cursor.at
    while not cursor.done and not cursor.sees("OWNED", "BY"):
        cursor.at += 1
    options = sequence_options(Cursor(cursor.statement, cursor.dialect, start, cursor.at))
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


def alter_sequence(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER SEQUENCE."""
    guarded = cursor.take("IF", "EXISTS")
    parts = cursor.qualified()
    at = reading.find(tuple(name for name, _ in parts), (Kind.SEQUENCE,))
    if at is None:
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
        cursor.identifier()
        cursor.end()
    else:
        _facts(reading, cursor, sequence)


_WORDS = {
    "INCREMENT": "increment",
    "MINVALUE": "minimum",
    "MAXVALUE": "maximum",
    "START": "start",
    "CACHE": "cache",
    "CYCLE": "cycle",
}
_PLAIN = {"increment": "1", "minimum": "1", "cache": "1"}


def _facts(reading: Reading, cursor: Cursor, sequence: Sequence) -> None:
    """Take new facts of a sequence; those not named stay as they are."""
    kind, options = sequence.type, dict(sequence.options)
    while not cursor.done:
        if cursor.take("AS"):
            word = cursor.one_of("SMALLINT", "INTEGER", "INT", "BIGINT")
            if not word:
                raise cursor.refuse()
            kind = {"INT": "integer"}.get(word, word.lower())
            continue
        if cursor.take("NO"):
            word = cursor.one_of("MINVALUE", "MAXVALUE", "CYCLE")
            if not word:
                raise cursor.refuse()
            options.pop(_WORDS[word], None)
            continue
        word = cursor.one_of(*_WORDS)
        if not word:
            raise cursor.refuse()
        if word in ("START", "INCREMENT"):
            cursor.one_of("WITH", "BY")
        options[_WORDS[word]] = "true" if word == "CYCLE" else cursor.number()
    if options.get("increment", "1").startswith("-"):
        raise cursor.refuse()
    if options.get("start") == options.get("minimum", "1"):
        options.pop("start")
    new = tuple(sorted((k, v) for k, v in options.items() if _PLAIN.get(k) != v))
    for fact, old, value in (
        ("type", sequence.type, kind),
        ("options", sequence.options, new),
    ):
        if old != value:
            reading.emit(Alter(sequence.at, fact, old, value))


def drop_sequence(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP SEQUENCE."""
    guarded = cursor.take("IF", "EXISTS")
    named = [cursor.qualified()]
    while cursor.take_symbol(","):
        named.append(cursor.qualified())
    cascade = cursor.one_of("CASCADE", "RESTRICT") == "CASCADE"
    cursor.end()
    if guarded:
        reading.masks.add("IF EXISTS")
    for parts in named:
        at = reading.find(tuple(name for name, _ in parts), (Kind.SEQUENCE,))
        if at is None:
            if guarded:
                continue
            raise MissingObject(Address(Kind.SEQUENCE, reading.path(parts)))
        reading.mention_path(parts, at)
        dropping.drop_type(reading, at, cascade=cascade)
