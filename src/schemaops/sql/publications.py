"""Recognise PostgreSQL's publications: which tables they publish, and what of their changes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from schemaops.names import Address, Kind
from schemaops.schema.expressions import Piece, Pieces
from schemaops.schema.objects import Object, Sundry, Table
from schemaops.sql import expressions, sundry
from schemaops.sql.cursor import Cursor
from schemaops.sql.names import quote
from schemaops.sql.reading import NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood, Scope
from schemaops.sql.strings import string_literal
from schemaops.sql.sundry import Names

__all__ = [
    "alter_publication",
    "create_publication",
    "drop_publication",
    "leave",
    "publication",
]

_CHANGES = ("insert", "update", "delete", "truncate")


@dataclass(frozen=True, slots=True)
class _Said:
    """What a publication publishes: everything, or tables (with columns and a condition) and schemas."""

    at: Address
    everything: bool = False
    tables: dict[Address, Pieces] = field(default_factory=dict)
    spaces: frozenset[Address] = frozenset()
    publish: tuple[str, ...] = _CHANGES
    via_root: bool = False


def publication(names: Names, cursor: Cursor) -> Sundry:
    """Return what follows CREATE PUBLICATION."""
    return _made(_read(names, cursor))


def _read(names: Names, cursor: Cursor) -> _Said:
    name, token = cursor.identifier()
    at = Address(Kind.PUBLICATION, (name,))
    names.note(token, at)
    said = _Said(at)
    if cursor.take("FOR", "ALL", "TABLES"):
        said = replace(said, everything=True)
    elif cursor.take("FOR"):
        said = _objects(names, cursor, said)
    if cursor.take("WITH"):
        said = _settings(cursor.inside(), said)
    cursor.end()
    return said


def _objects(names: Names, cursor: Cursor, said: _Said) -> _Said:
    tables, spaces = dict(said.tables), set(said.spaces)
    what = ""
    while True:
        if cursor.take("TABLES", "IN", "SCHEMA") or cursor.take("ALL", "TABLES", "IN", "SCHEMA"):
            what = "schemas"
        elif cursor.word() == "TABLE" and cursor.symbol(1) not in (",", "("):
            cursor.need("TABLE")
            what = "tables"
        if what == "schemas":
            name, token = cursor.identifier()
            if token.text.upper() == "CURRENT_SCHEMA":
                raise cursor.refuse()
            space = Address(Kind.SCHEMA, (name,))
            names.note(token, space)
            spaces.add(space)
        elif what == "tables":
            at, rest = _table(names, cursor)
            tables[at] = rest
        else:
            raise cursor.refuse()
        if not cursor.take_symbol(","):
            return replace(said, tables=tables, spaces=frozenset(spaces))


def _table(names: Names, cursor: Cursor) -> tuple[Address, Pieces]:
    cursor.take("ONLY")
    enclosed = cursor.inside() if cursor.symbol() == "(" else None
    relation = names.relation((enclosed or cursor).qualified())
    if cursor.symbol() == "*":
        cursor.at += 1
    rest: list[Piece] = []
    if cursor.symbol() == "(":
        chosen = []
        for name, token in cursor.names():
            column = relation.column(name)
            if column is None:
                raise NotAllowed(f"there is no column {name} of {relation.at} to publish")
            names.note(token, column.at)
            chosen.append(column.at)
        order = {column.at: place for place, column in enumerate(relation.columns)}
        for place, at in enumerate(sorted(chosen, key=lambda one: order[one])):
            rest += [", " if place else " (", at]
        rest.append(")")
    if cursor.take("WHERE"):
        inner = cursor.inside()
        read = expressions.read(inner.text(), "postgres", Scope(names.resolver, relation))
        if not read.understood or read.problems:
            raise NotUnderstood("the condition of a publication is not understood")
        rest += [" WHERE (", *read.expression.normal, ")"]
    return relation.at, tuple(rest)


def _settings(inner: Cursor, said: _Said) -> _Said:
    for part in inner.parts():
        key = str(part.identifier()[0]).lower()
        value = "true"
        if part.take_symbol("="):
            value = part.text().strip("'").lower()
            part.at = part.stop
        part.end()
        if key == "publish":
            changes = {one.strip() for one in value.split(",") if one.strip()}
            if not changes <= set(_CHANGES):
                raise NotAllowed(f"a publication cannot publish {value}")
            said = replace(said, publish=tuple(one for one in _CHANGES if one in changes))
        elif key == "publish_via_partition_root":
            said = replace(said, via_root=value in ("true", "on", "1", "yes"))
        else:
            raise NotUnderstood(f"{key} of a publication is not understood")
    return said


def _made(said: _Said) -> Sundry:
    pieces: list[Piece] = ["CREATE PUBLICATION ", said.at]
    if said.everything:
        pieces.append(" FOR ALL TABLES")
    before = " FOR "
    for at in sorted(said.tables):
        pieces += [f"{before}TABLE ", at, *said.tables[at]]
        before = ", "
    for at in sorted(said.spaces):
        pieces += [f"{before}TABLES IN SCHEMA ", at]
        before = ", "
    publish = string_literal(", ".join(said.publish), "postgres")
    root = ", publish_via_partition_root = true" if said.via_root else ""
    pieces.append(f" WITH (publish = {publish}{root})")
    return sundry.defined(said.at, tuple(pieces))


def create_publication(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE PUBLICATION."""
    said = _read(sundry.of_reading(reading), cursor)
    _must_be_tables(reading, said)
    sundry.make(reading, _made(said))


def _must_be_tables(reading: Reading, said: _Said) -> None:
    for at in said.tables:
        thing = reading.schema.get(at)
        if not isinstance(thing, Table):
            raise NotAllowed(f"{at.kind} {at} cannot be published", at)
        if ("unlogged", "true") in thing.options:
            raise NotAllowed(f"table {at} is not logged and cannot be published", at)


def _existing(reading: Reading, cursor: Cursor) -> Address:
    name, token = cursor.identifier()
    at = Address(Kind.PUBLICATION, (name,))
    if at not in reading.schema:
        # What replicates a database often makes its own.
        raise NotUnderstood(f"whether there is a publication {name} is not known")
    reading.mention(token, at)
    return at


def _known(reading: Reading, at: Address) -> _Said:
    """Return what a publication of the schema publishes."""
    thing = reading.schema.at(at)
    assert isinstance(thing, Sundry)
    if thing.on:
        raise NotUnderstood(f"publication {at} is not understood")
    names = replace(sundry.of_reading(reading), note=lambda _token, _at: None, there=True)
    text = thing.definition.text(_spelled)
    (cursor,) = sundry.statements(text)
    cursor.need("CREATE", "PUBLICATION")
    return _read(names, cursor)


def _spelled(at: Address) -> str:
    path = at.path[-1:] if at.kind is Kind.COLUMN else at.path
    return ".".join(quote(name, "postgres") for name in path)


def alter_publication(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER PUBLICATION."""
    at = _existing(reading, cursor)
    if sundry.renames_or_moves(reading, cursor, at):
        return
    said = _known(reading, at)
    names = sundry.of_reading(reading)
    verb = cursor.one_of("ADD", "SET", "DROP")
    if not verb:
        raise cursor.refuse()
    if verb == "SET" and cursor.symbol() == "(":
        after = _settings(cursor.inside(), said)
    else:
        if said.everything:
            raise NotAllowed(f"publication {at} is of all tables", at)
        new = _objects(names, cursor, _Said(at))
        _must_be_tables(reading, new)
        if verb == "SET":
            after = replace(said, tables=new.tables, spaces=new.spaces)
        elif verb == "ADD":
            twice = said.tables.keys() & new.tables.keys() or said.spaces & new.spaces
            if twice:
                raise NotAllowed(f"{min(twice)} is published by {at} already", at)
            after = replace(
                said, tables={**said.tables, **new.tables}, spaces=said.spaces | new.spaces
            )
        else:
            missing = new.tables.keys() - said.tables.keys() or new.spaces - said.spaces
            if missing:
                raise NotAllowed(f"{min(missing)} is not published by {at}", at)
            left = {one: rest for one, rest in said.tables.items() if one not in new.tables}
            after = replace(said, tables=left, spaces=said.spaces - new.spaces)
    cursor.end()
    sundry.change(reading, at, _made(after).definition)


def drop_publication(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP PUBLICATION."""
    guarded = sundry.guarded(reading, cursor, "IF", "EXISTS")
    while True:
        name, token = cursor.identifier()
        at = Address(Kind.PUBLICATION, (name,))
        if at in reading.schema:
            reading.mention(token, at)
            sundry.drop(reading, at)
        elif not guarded:
            raise NotUnderstood(f"whether there is a publication {name} is not known")
        if not cursor.take_symbol(","):
            break
    cursor.one_of("CASCADE", "RESTRICT")
    cursor.end()


def leave(reading: Reading, gone: Address, thing: Object) -> bool:
    """Emit that a table that goes, or a schema, is no longer published; return whether `thing` is a
    publication that merely lists it."""
    if thing.at.kind is not Kind.PUBLICATION or gone.kind not in (Kind.TABLE, Kind.SCHEMA):
        return False
    said = _known(reading, thing.at)
    left = {at: rest for at, rest in said.tables.items() if at != gone}
    after = replace(said, tables=left, spaces=said.spaces - {gone})
    sundry.change(reading, thing.at, _made(after).definition)
    return True
