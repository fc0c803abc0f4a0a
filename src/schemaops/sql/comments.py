"""Recognise PostgreSQL's COMMENT ON, for everything that is an object or part of one."""

from __future__ import annotations

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop
from schemaops.schema.objects import Comment, Composite, Domain, View, commented
from schemaops.schema.state import MissingObject
from schemaops.sql import seldom, spaces
from schemaops.sql.cursor import Cursor
from schemaops.sql.reading import Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.types import is_built_in

__all__ = ["comment"]

_KINDS: tuple[tuple[tuple[str, ...], tuple[Kind, ...]], ...] = (
    (("VIEW",), (Kind.VIEW,)),
    (("MATERIALIZED", "VIEW"), (Kind.VIEW,)),
    (("INDEX",), (Kind.INDEX,)),
    (("SEQUENCE",), (Kind.SEQUENCE,)),
    (("TYPE",), (Kind.ENUM, Kind.COMPOSITE, Kind.RANGE, Kind.DOMAIN)),
    (("DOMAIN",), (Kind.DOMAIN,)),
    (("STATISTICS",), (Kind.STATISTICS,)),
)
# Languages are those of the server, or an extension's.
_OUTSIDE = ("ROLE", "DATABASE", "TABLESPACE", "EXTENSION", "LANGUAGE")
_STANDARD = "standard public schema"


def comment(reading: Reading, cursor: Cursor) -> None:
    """Take what follows COMMENT ON."""
    if cursor.one_of(*_OUTSIDE) or cursor.take("PROCEDURAL", "LANGUAGE"):
        name = cursor.identifier()[0]
        if Address(Kind.UNMODELLED, (Name("language"), name)) in reading.schema:
            raise NotUnderstood(f"language {name} is not understood")
        _text(cursor)
        return
    at = _named(reading, cursor)
    if at is None:
        spaces.comment(reading, cursor)
        return
    text = _text(cursor)
    if at.kind is Kind.SCHEMA and at.name == "public" and text == _STANDARD:
        text = None
    place = commented(at)
    before = reading.schema.get(place)
    if before is None:
        if text is not None:
            reading.emit(Create(Comment(place, at, text)))
    elif text is None:
        reading.emit(Drop(before))
    else:
        assert isinstance(before, Comment)
        if before.text != text:
            reading.emit(Alter(place, "text", before.text, text))


def _text(cursor: Cursor) -> str | None:
    cursor.need("IS")
    text = None if cursor.take("NULL") else cursor.string()
    cursor.end()
    return text or None


def _named(reading: Reading, cursor: Cursor) -> Address | None:
    """Take the kind and the name; return the address, None for what has a comment of its own."""
    for words, kinds in _KINDS:
        if cursor.take(*words):
            parts = cursor.qualified()
            at = reading.find(tuple(name for name, _ in parts), kinds)
            if at is None and kinds == (Kind.INDEX,):
                raise cursor.refuse()  # of a constraint
            if at is None and (parts[0][0] == "pg_catalog" or is_built_in(parts[-1][0])):
                raise cursor.refuse()  # the server's own
            return reading.existing(parts, *kinds)
    if cursor.take("SCHEMA"):
        name, token = cursor.identifier()
        at = Address(Kind.SCHEMA, (name,))
        if name != "public" and at not in reading.schema:
            raise MissingObject(at)
        reading.mention(token, at)
        return at
    if cursor.take("CONSTRAINT"):
        return _constraint(reading, cursor)
    if (sundry_at := seldom.commented(reading, cursor)) is not None:
        return sundry_at
    if cursor.take("POLICY"):
        name, token = cursor.identifier()
        cursor.need("ON")
        at = reading.table(cursor.qualified()).child(Kind.POLICY, name)
        if at not in reading.schema:
            raise MissingObject(at)
        reading.mention(token, at)
        return at
    if cursor.sees("COLUMN"):
        return _column(reading, cursor)
    return None


def _constraint(reading: Reading, cursor: Cursor) -> Address:
    name, token = cursor.identifier()
    cursor.need("ON")
    if cursor.take("DOMAIN"):
        domain = reading.schema.at(reading.existing(cursor.qualified(), Kind.DOMAIN))
        assert isinstance(domain, Domain)
        at = domain.at.child(Kind.CHECK, name)
        if all(check.name != name for check in domain.checks):
            raise MissingObject(at)
        return at
    table = reading.table(cursor.qualified())
    for kind in (Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.CHECK, Kind.FOREIGN_KEY):
        at = table.child(kind, name)
        if at in reading.schema:
            reading.mention(token, at)
            return at
    raise cursor.refuse()  # an exclusion constraint, or a NOT NULL's


def _column(reading: Reading, cursor: Cursor) -> Address | None:
    """Return the address of a view's column; None for a table's, which has a comment of its own."""
    probe = Cursor(cursor.statement, cursor.dialect, cursor.at + 1, cursor.stop)
    parts = probe.qualified()
    if len(parts) < 2:
        return None
    above = tuple(Name(name) for name, _ in parts[:-1])
    at = reading.find(above, (Kind.VIEW, Kind.COMPOSITE))
    thing = None if at is None else reading.schema.at(at)
    if at is None or reading.find(above, (Kind.TABLE,)) is not None:
        return None
    if isinstance(thing, Composite):
        raise cursor.refuse()
    assert isinstance(thing, View)
    cursor.at = probe.at
    reading.mention_path(parts[:-1], at)
    return reading.column(at, parts[-1])
