"""Recognise PostgreSQL's CREATE, ALTER and DROP STATISTICS."""

from __future__ import annotations

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop, Rename
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Statistics
from schemaops.schema.state import MissingObject
from schemaops.sql import grants
from schemaops.sql.cursor import Cursor
from schemaops.sql.reading import NotAllowed, Reading
from schemaops.sql.scope import Relation
from schemaops.sql.upkeep import upkeep

__all__ = ["KINDS", "alter_statistics", "create_statistics", "drop_statistics"]

KINDS = ("dependencies", "mcv", "ndistinct")


def create_statistics(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE STATISTICS."""
    guarded = cursor.take("IF", "NOT", "EXISTS")
    if cursor.symbol() == "(" or cursor.word() == "ON":
        raise cursor.refuse()  # the name is the server's to choose
    parts = cursor.qualified()
    at = Address(Kind.STATISTICS, reading.path(parts))
    reading.mention_path(parts, at)
    if guarded:
        reading.masks.add("IF NOT EXISTS")
        if at in reading.schema:
            upkeep(reading, cursor)
            return
    kinds: set[str] = set()
    if cursor.symbol() == "(":
        kinds = {str(name) for name, _ in cursor.names()}
        if not kinds <= set(KINDS):
            raise NotAllowed(f"statistics {at} are of a kind that there is not", at)
    cursor.need("ON")
    inner = _until_from(cursor)
    cursor.need("FROM")
    table = reading.existing(cursor.qualified(), Kind.TABLE, Kind.VIEW)
    cursor.end()
    relation = reading.relation_at(table)
    found = [_key(reading, part, table, relation) for part in inner.parts()]
    columns = [key for key in found if _column(key) is not None]
    others = [key for key in found if _column(key) is None]
    if len(found) < 2 and (kinds or columns):
        raise NotAllowed(f"statistics {at} want two columns at least, or one expression", at)
    if len({_column(key) for key in columns}) < len(columns):
        raise NotAllowed(f"statistics {at} name a column twice", at)
    if len(found) == 1 or kinds == set(KINDS):
        kinds = set()
    columns.sort(key=lambda key: str(key.normal[0]))
    keys = (*columns, *others)
    reading.emit(Create(Statistics(at, table, keys, tuple(sorted(kinds)))))


def _until_from(cursor: Cursor) -> Cursor:
    start, depth = cursor.at, 0
    while not cursor.done and not (depth == 0 and cursor.word() == "FROM"):
        depth += (cursor.symbol() == "(") - (cursor.symbol() == ")")
        cursor.at += 1
    return Cursor(cursor.statement, cursor.dialect, start, cursor.at)


def _column(key: Expression) -> Address | None:
    whole = key.normal[0] if len(key.normal) == 1 else None
    return whole if isinstance(whole, Address) else None


def _key(reading: Reading, part: Cursor, table: Address, relation: Relation) -> Expression:
    if part.symbol() == "(":
        inner = part.inside()
        part.end()
        return reading.expression(inner, relation)
    if part.symbol(1) == "(":
        return reading.expression(part, relation)
    at = reading.column(table, part.identifier())
    part.end()
    return Expression((at,), (at,))


def alter_statistics(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER STATISTICS."""
    guarded = cursor.take("IF", "EXISTS")
    parts = cursor.qualified()
    at = reading.find(tuple(name for name, _ in parts), (Kind.STATISTICS,))
    if at is None:
        if guarded:
            reading.masks.add("IF EXISTS")
            cursor.at = cursor.stop
            return
        raise MissingObject(Address(Kind.STATISTICS, reading.path(parts)))
    reading.mention_path(parts, at)
    statistics = reading.schema.at(at)
    assert isinstance(statistics, Statistics)
    if cursor.take("SET", "STATISTICS"):
        target = None if cursor.take("DEFAULT") else cursor.number()
        cursor.end()
        target = None if target == "-1" else target
        if target != statistics.target:
            reading.emit(Alter(at, "target", statistics.target, target))
        return
    if cursor.take("RENAME", "TO"):
        name, token = cursor.identifier()
        cursor.end()
        reading.emit(Rename(at, at.sibling(name)))
        reading.mention(token, at.sibling(name))
    elif cursor.take("SET", "SCHEMA"):
        space, token = cursor.identifier()
        cursor.end()
        reading.mention(token, Address(Kind.SCHEMA, (Name(space),)))
        if space != at.path[0]:
            reading.emit(Rename(at, Address(Kind.STATISTICS, (space, at.name))))
    elif cursor.take("OWNER", "TO"):
        grants.owner_to(reading, cursor, at)
        cursor.end()
    else:
        raise cursor.refuse()


def drop_statistics(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP STATISTICS."""
    guarded = cursor.take("IF", "EXISTS")
    named = [cursor.qualified()]
    while cursor.take_symbol(","):
        named.append(cursor.qualified())
    cursor.one_of("CASCADE", "RESTRICT")
    cursor.end()
    if guarded:
        reading.masks.add("IF EXISTS")
    for parts in named:
        at = reading.find(tuple(name for name, _ in parts), (Kind.STATISTICS,))
        if at is None:
            if guarded:
                continue
            raise MissingObject(Address(Kind.STATISTICS, reading.path(parts)))
        reading.mention_path(parts, at)
        reading.emit(Drop(reading.schema.at(at)))
