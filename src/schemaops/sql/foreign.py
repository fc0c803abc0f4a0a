"""Recognise PostgreSQL's foreign data wrappers, servers and user mappings."""

from __future__ import annotations

from collections.abc import Mapping

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter
from schemaops.schema.expressions import Piece
from schemaops.schema.objects import Extension, Sundry, Unmodelled
from schemaops.schema.state import MissingObject
from schemaops.sql import dropping, sundry
from schemaops.sql.cursor import Cursor
from schemaops.sql.lexer import TokenKind
from schemaops.sql.names import quote
from schemaops.sql.reading import NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.strings import string_literal
from schemaops.sql.sundry import Names

__all__ = [
    "alter_server",
    "create_mapping",
    "create_server",
    "create_wrapper",
    "drop_mapping",
    "drop_server",
    "drop_wrapper",
    "mapping",
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
        found[name] = part.string()
        part.end()
    return _spelled(found)


def _spelled(found: Mapping[str, str]) -> str:
    said = ", ".join(
        f"{quote(name, 'postgres')} {string_literal(value, 'postgres')}"
        for name, value in sorted(found.items())
        if not name.endswith(_SECRETS)
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
    named, guarded, cascade = dropping.clause_of(reading, cursor, cursor.identifier)
    for name, token in named:
        at = Address(kind, (name,))
        reading.mention(token, at)
        _must_have_no_tables(reading, at)
        if kind is Kind.WRAPPER and at not in reading.schema:
            raise NotUnderstood(f"whether there is a foreign data wrapper {name} is not known")
        _drop(reading, at, guarded=guarded, cascade=cascade)


def drop_server(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP SERVER."""
    _drop_named(reading, cursor, Kind.SERVER)


def drop_wrapper(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP FOREIGN DATA WRAPPER."""
    _drop_named(reading, cursor, Kind.WRAPPER)


def _must_have_no_tables(reading: Reading, at: Address) -> None:
    for thing in reading.schema.of_kind(Kind.UNMODELLED):
        if isinstance(thing, Unmodelled) and thing.what == "foreign table":
            raise NotUnderstood(f"which foreign tables are of {at} is not known")


def _rename(reading: Reading, cursor: Cursor, kind: Kind) -> None:
    name, token = cursor.identifier()
    at = Address(kind, (name,))
    reading.mention(token, at)
    _must_have_no_tables(reading, at)
    if at not in reading.schema or not sundry.renames_or_moves(reading, cursor, at):
        raise cursor.refuse()


def alter_server(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER SERVER."""
    if cursor.word(1) == "OPTIONS":
        _set_options(reading, cursor)
    else:
        _rename(reading, cursor, Kind.SERVER)


def _set_options(reading: Reading, cursor: Cursor) -> None:
    name, token = cursor.identifier()
    at = Address(Kind.SERVER, (name,))
    reading.mention(token, at)
    thing = reading.schema.at(at)
    assert isinstance(thing, Sundry)
    before = thing.definition.normal
    last = before[-1]
    options: dict[str, str] = {}
    if isinstance(last, str) and last.startswith(" OPTIONS ("):
        (said,) = sundry.statements(last)
        said.need("OPTIONS")
        options = {str(p.identifier()[0]): p.string() for p in said.inside().parts()}
        before = before[:-1]
    cursor.need("OPTIONS")
    for part in cursor.inside().parts():
        # Any of these words is the option's own name where its value comes next.
        named = part.tokens[part.at + 1 : part.at + 2]
        bare = bool(named) and named[0].kind is TokenKind.STRING
        what = "ADD" if bare else part.one_of("SET", "DROP", "ADD")
        option = str(part.identifier()[0])
        if not option.endswith(_SECRETS) and (option in options) is (what == "ADD"):
            there = "already" if what == "ADD" else "not"
            raise NotAllowed(f"option {option} of {at} is {there} there", at)
        if what == "DROP":
            options.pop(option, None)
        else:
            options[option] = part.string()
        part.end()
    cursor.end()
    new = sundry.defined(at, *before, _spelled(options)).definition
    if new != thing.definition:
        reading.emit(Alter(at, "definition", thing.definition, new))


def rename_wrapper(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER FOREIGN DATA WRAPPER."""
    _rename(reading, cursor, Kind.WRAPPER)
