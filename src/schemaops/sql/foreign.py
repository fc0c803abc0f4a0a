"""Recognise PostgreSQL's foreign data wrappers, servers and user mappings."""

from __future__ import annotations

from schemaops.names import Address, Kind, Name
from schemaops.schema.expressions import Piece
from schemaops.schema.objects import Extension, Sundry, Unmodelled
from schemaops.schema.state import MissingObject
from schemaops.sql import sundry
from schemaops.sql.cursor import Cursor
from schemaops.sql.names import quote
from schemaops.sql.reading import Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.strings import string_literal
from schemaops.sql.sundry import Names

__all__ = [
    "create_mapping",
    "create_server",
    "create_wrapper",
    "drop_mapping",
    "drop_server",
    "drop_wrapper",
    "mapping",
    "rename_server",
    "rename_wrapper",
    "server",
    "wrapper",
]

_SECRETS = ("password",)


def _options(cursor: Cursor) -> str:
    """Take OPTIONS (…); return it in one spelling, without passwords."""
    if not cursor.take("OPTIONS"):
        return ""
    found: dict[str, str] = {}
    for part in cursor.inside().parts():
        name = str(part.identifier()[0])
        value = part.string()
        part.end()
        if not name.endswith(_SECRETS):
            found[name] = value
    said = ", ".join(
        f"{quote(name, 'postgres')} {string_literal(value, 'postgres')}"
        for name, value in sorted(found.items())
    )
    return f" OPTIONS ({said})" if said else ""


def wrapper(names: Names, cursor: Cursor) -> Sundry:
    """Return what follows CREATE FOREIGN DATA WRAPPER."""
    name, token = cursor.identifier()
    at = Address(Kind.WRAPPER, (name,))
    names.note(token, at)
    said: dict[str, list[Piece]] = {}
    while cursor.word() in ("HANDLER", "VALIDATOR", "NO"):
        if cursor.take("NO"):
            if not cursor.one_of("HANDLER", "VALIDATOR"):
                raise cursor.refuse()
            continue
        word = cursor.one_of("HANDLER", "VALIDATOR")
        said[word] = [f" {word} ", *names.function(cursor.qualified())]
    options = _options(cursor)
    cursor.end()
    return sundry.defined(
        at,
        "CREATE FOREIGN DATA WRAPPER ",
        at,
        tuple(said.get("HANDLER", ())),
        tuple(said.get("VALIDATOR", ())),
        options,
    )


def server(names: Names, cursor: Cursor) -> Sundry:
    """Return what follows CREATE SERVER."""
    name, token = cursor.identifier()
    at = Address(Kind.SERVER, (name,))
    names.note(token, at)
    said = []
    for word in ("TYPE", "VERSION"):
        if cursor.take(word):
            said.append(f" {word} {string_literal(cursor.string(), 'postgres')}")
    cursor.need("FOREIGN", "DATA", "WRAPPER")
    named, where = cursor.identifier()
    of = Address(Kind.WRAPPER, (named,))
    names.note(where, of)
    options = _options(cursor)
    cursor.end()
    return sundry.defined(
        at, "CREATE SERVER ", at, "".join(said), " FOREIGN DATA WRAPPER ", of, options
    )


def mapping(names: Names, cursor: Cursor) -> Sundry:
    """Return what follows CREATE USER MAPPING; its options are secrets, and no part of it."""
    cursor.need("FOR")
    role = _role(cursor, names.there)
    cursor.need("SERVER")
    named, where = cursor.identifier()
    of = Address(Kind.SERVER, (named,))
    names.note(where, of)
    if cursor.take("OPTIONS"):
        cursor.inside()
    cursor.end()
    at = _mapping_at(role, named)
    return sundry.defined(at, f"CREATE USER MAPPING FOR {role} SERVER ", of)


def _role(cursor: Cursor, there: bool) -> str:
    if cursor.word() in ("CURRENT_USER", "CURRENT_ROLE", "USER", "SESSION_USER"):
        raise NotUnderstood("who runs the statement is not known")
    if cursor.word() == "PUBLIC":
        cursor.at += 1
        return "public"
    role = str(cursor.identifier()[0])
    return "public" if there and role == "public" else quote(role, "postgres")


def _mapping_at(role: str, of: Name) -> Address:
    return Address(Kind.USER_MAPPING, (Name(f"{role} SERVER {of}"),))


def create_wrapper(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE FOREIGN DATA WRAPPER."""
    sundry.make(reading, wrapper(sundry.of_reading(reading), cursor))


def create_server(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE SERVER."""
    skip = sundry.guarded(reading, cursor, "IF", "NOT", "EXISTS")
    made = server(sundry.of_reading(reading), cursor)
    for at in made.definition.addresses():
        _must_be_there(reading, at, made.at)
    sundry.make(reading, made, skip=skip)


def _must_be_there(reading: Reading, at: Address, own: Address) -> None:
    if at == own or at in reading.schema:
        return
    if any(isinstance(one, Extension) for one in reading.schema.of_kind(Kind.EXTENSION)):
        return  # it brought it
    raise MissingObject(at)


def create_mapping(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE USER MAPPING."""
    skip = sundry.guarded(reading, cursor, "IF", "NOT", "EXISTS")
    made = mapping(sundry.of_reading(reading), cursor)
    for at in made.definition.addresses():
        _must_be_there(reading, at, made.at)
    sundry.make(reading, made, skip=skip)


def drop_mapping(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP USER MAPPING."""
    guarded = sundry.guarded(reading, cursor, "IF", "EXISTS")
    cursor.need("FOR")
    role = _role(cursor, there=False)
    cursor.need("SERVER")
    at = _mapping_at(role, cursor.identifier()[0])
    cursor.end()
    _drop(reading, at, guarded=guarded, cascade=False)


def _drop(reading: Reading, at: Address, *, guarded: bool, cascade: bool) -> None:
    if at in reading.schema:
        sundry.drop(reading, at, cascade=cascade)
    elif not guarded:
        raise MissingObject(at)


def _drop_named(reading: Reading, cursor: Cursor, kind: Kind) -> None:
    guarded = sundry.guarded(reading, cursor, "IF", "EXISTS")
    named = [cursor.identifier()]
    while cursor.take_symbol(","):
        named.append(cursor.identifier())
    cascade = cursor.one_of("CASCADE", "RESTRICT") == "CASCADE"
    cursor.end()
    if cascade:
        reading.masks.add("CASCADE")
    for name, token in named:
        at = Address(kind, (name,))
        reading.mention(token, at)
        if kind is Kind.WRAPPER and at not in reading.schema:
            raise NotUnderstood(f"whether there is a foreign data wrapper {name} is not known")
        _drop(reading, at, guarded=guarded, cascade=cascade)


def drop_server(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP SERVER."""
    _drop_named(reading, cursor, Kind.SERVER)


def drop_wrapper(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP FOREIGN DATA WRAPPER."""
    _drop_named(reading, cursor, Kind.WRAPPER)


def _unmodelled(reading: Reading) -> list[Unmodelled]:
    return [t for t in reading.schema.of_kind(Kind.UNMODELLED) if isinstance(t, Unmodelled)]


def _rename(reading: Reading, cursor: Cursor, kind: Kind) -> None:
    name, token = cursor.identifier()
    at = Address(kind, (name,))
    reading.mention(token, at)
    if any(t.what == "foreign table" for t in _unmodelled(reading)):
        raise NotUnderstood(f"which foreign tables name {at} is not known")
    if at not in reading.schema or not sundry.renames_or_moves(reading, cursor, at):
        raise cursor.refuse()


def rename_server(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER SERVER."""
    _rename(reading, cursor, Kind.SERVER)


def rename_wrapper(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER FOREIGN DATA WRAPPER."""
    _rename(reading, cursor, Kind.WRAPPER)
