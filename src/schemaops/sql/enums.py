"""Recognise CREATE, ALTER and DROP TYPE, and what they say about PostgreSQL's enums."""

from __future__ import annotations

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Rename
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Column, Enum, Generated, IndexKey
from schemaops.schema.state import MissingObject
from schemaops.sql import composites, dropping, grants
from schemaops.sql.cursor import Cursor
from schemaops.sql.reading import Named, NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.strings import string_literal

__all__ = ["alter_type", "create_type", "drop_type"]


def create_type(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE TYPE, for an enum."""
    parts = cursor.qualified()
    cursor.need("AS")
    if cursor.word() != "ENUM":
        _create_other(reading, cursor, parts)
        return
    cursor.need("ENUM")
    inner = cursor.inside()
    cursor.end()
    values = []
    for part in inner.parts():
        values.append(part.string())
        part.end()
    at = Address(Kind.ENUM, reading.path(parts))
    reading.mention_path(parts, at)
    if len(set(values)) != len(values):
        raise NotAllowed(f"enum {at} has a value twice", at)
    reading.emit(Create(Enum(at, tuple(values))))


def _create_other(reading: Reading, cursor: Cursor, parts: list[Named]) -> None:
    ranged = cursor.take("RANGE")
    inner = cursor.inside()
    cursor.end()
    at = Address(Kind.RANGE if ranged else Kind.COMPOSITE, reading.path(parts))
    reading.mention_path(parts, at)
    if ranged:
        composites.create_range(reading, at, inner)
    else:
        composites.create_composite(reading, at, inner)


def alter_type(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER TYPE."""
    parts = cursor.qualified()
    other = reading.find(
        tuple(name for name, _ in parts), (Kind.COMPOSITE, Kind.RANGE, Kind.DOMAIN)
    )
    if other is not None:
        reading.mention_path(parts, other)
        if other.kind is Kind.COMPOSITE:
            composites.alter_composite(reading, cursor, other)
        else:
            composites.alter_range(reading, cursor, other)
        return
    at = reading.find(tuple(name for name, _ in parts), (Kind.ENUM,))
    if at is None:
        raise cursor.refuse()  # a type of a kind that is not modelled
    reading.mention_path(parts, at)
    enum = reading.schema.at(at)
    assert isinstance(enum, Enum)
    values = enum.values
    if cursor.take("ADD", "VALUE"):
        guarded = cursor.take("IF", "NOT", "EXISTS")
        value = cursor.string()
        where = cursor.one_of("BEFORE", "AFTER")
        neighbour = cursor.string() if where else None
        cursor.end()
        if guarded:
            reading.masks.add("IF NOT EXISTS")
        if value in values:
            if guarded:
                return
            raise NotAllowed(f"enum {at} has the value '{value}' already", at)
        place = len(values)
        if neighbour is not None:
            if neighbour not in values:
                raise NotAllowed(f"enum {at} has no value '{neighbour}'", at)
            place = values.index(neighbour) + (where == "AFTER")
        reading.emit(Alter(at, "values", values, (*values[:place], value, *values[place:])))
    elif cursor.take("RENAME", "VALUE"):
        old = cursor.string()
        cursor.need("TO")
        new = cursor.string()
        cursor.end()
        if old not in values:
            raise NotAllowed(f"enum {at} has no value '{old}'", at)
        if new in values:
            raise NotAllowed(f"enum {at} has the value '{new}' already", at)
        renamed = tuple(new if v == old else v for v in values)
        _relabel(reading, at, string_literal(old), string_literal(new))
        reading.emit(Alter(at, "values", values, renamed))
    elif cursor.take("RENAME", "TO"):
        name = cursor.identifier()
        cursor.end()
        reading.emit(Rename(at, at.sibling(name[0])))
        reading.mention(name[1], at.sibling(name[0]))
    elif cursor.take("SET", "SCHEMA"):
        space, _ = cursor.identifier()
        cursor.end()
        reading.emit(Rename(at, Address(Kind.ENUM, (space, at.name))))
    elif cursor.take("OWNER", "TO"):
        grants.owner_to(reading, cursor, at)
        cursor.end()
    else:
        raise cursor.refuse()


def _relabel(reading: Reading, at: Address, old: str, new: str) -> None:
    """Emit the defaults that spell a value anew, as the catalogue does; refuse where it is spelled in
    what is no default."""
    columns = [thing for thing in reading.schema.referrers(at) if isinstance(thing, Column)]
    for column in columns:
        if column.default is not None and _spells(column.default, old):
            if column.default.normal != (old,):
                raise NotUnderstood(f"the default of {column.at} spells {old}")
            made = Expression((new,), (new,))
            reading.emit(Alter(column.at, "default", column.default, made))
    others = {thing.at: thing for c in columns for thing in reading.schema.referrers(c.at)}
    others |= {thing.at: thing for thing in reading.schema.referrers(at)}
    for thing in others.values():
        for name in ("expression", "query", "where", "generated", "keys"):
            if _spells(getattr(thing, name, None), old):
                raise NotUnderstood(f"{thing.at.kind} {thing.at} spells {old}")


def _spells(value: object, literal: str) -> bool:
    """Whether a literal stands in the text of a fact."""
    match value:
        case Expression(normal=normal):
            return any(literal in piece for piece in normal if isinstance(piece, str))
        case Generated(expression=expression) | IndexKey(expression=expression):
            return _spells(expression, literal)
        case tuple():
            return any(_spells(part, literal) for part in value)
        case _:
            return False


def drop_type(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP TYPE."""
    named, guarded, cascade = dropping.clause(reading, cursor)
    for parts in named:
        kinds = (Kind.ENUM, Kind.COMPOSITE, Kind.RANGE, Kind.DOMAIN)
        at = reading.find(tuple(name for name, _ in parts), kinds)
        if at is None:
            if _others(reading, reading.path(parts)):
                raise cursor.refuse()
            if guarded:
                continue
            raise MissingObject(Address(Kind.ENUM, reading.path(parts)))
        reading.mention_path(parts, at)
        dropping.drop_type(reading, at, cascade=cascade)


def _others(reading: Reading, path: tuple[Name, ...]) -> list[Address]:
    """Return the types of that name which are not modelled."""
    words = ("base type", "shell type")
    places = (Address(Kind.UNMODELLED, (Name(word), *path)) for word in words)
    return [at for at in places if at in reading.schema]
