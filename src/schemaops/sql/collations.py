"""Recognise PostgreSQL's collations."""

from __future__ import annotations

import re

from schemaops.names import Address, Kind
from schemaops.schema.objects import Sundry
from schemaops.schema.state import MissingObject
from schemaops.sql import dropping, sundry
from schemaops.sql.cursor import Cursor
from schemaops.sql.reading import Named, Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.strings import string_literal
from schemaops.sql.sundry import Names

__all__ = ["alter_collation", "collation", "create_collation", "drop_collation"]

# A language tag in the spelling that the server brings one to (version 16 and later).
_TAG = re.compile(r"(?:und|[a-z]{2,3})(?:-[A-Z]{2})?(?:-u(?:-[a-z0-9]{2,8})+)?\Z")


def collation(names: Names, cursor: Cursor) -> Sundry:
    """Return what follows CREATE COLLATION."""
    parts = cursor.qualified()
    at = Address(Kind.COLLATION, names.place(parts))
    names.note(parts[-1][1], at)
    if cursor.take("FROM"):
        raise NotUnderstood("what the other collation is like is not known")
    given = {key: _value(part) for key, part in sundry.settings(cursor).items()}
    cursor.end()
    given.pop("version", None)
    provider = given.pop("provider", "libc").lower()
    said = [f"PROVIDER = {provider}"]
    locale = given.pop("locale", None)
    if provider == "libc":
        sort, kinds = given.pop("lc_collate", locale), given.pop("lc_ctype", locale)
        if sort is None or kinds is None:
            raise NotUnderstood("a collation that does not say its locale")
        said.append(f"LC_COLLATE = {string_literal(sort, 'postgres')}")
        said.append(f"LC_CTYPE = {string_literal(kinds, 'postgres')}")
    elif locale is None or not (names.there or provider == "builtin" or _TAG.match(locale)):
        raise NotUnderstood("what the server calls the locale is not known")
    else:
        said.append(f"LOCALE = {string_literal(locale, 'postgres')}")
    rules = given.pop("rules", None)
    if rules is not None:
        said.append(f"RULES = {string_literal(rules, 'postgres')}")
    if given.pop("deterministic", "true").lower() in ("false", "off", "0", "no"):
        said.append("DETERMINISTIC = false")
    if given:
        raise NotUnderstood(f"{min(given)} of a collation is not understood")
    return sundry.defined(at, "CREATE COLLATION ", at, f" ({', '.join(said)})")


def _value(part: Cursor) -> str:
    token = part.token
    if token is not None and "'" in token.text:
        value = part.string()
    else:
        value = part.text().strip('"')
        part.at = part.stop
    part.end()
    return value


def create_collation(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE COLLATION."""
    skip = sundry.guarded(reading, cursor, "IF", "NOT", "EXISTS")
    sundry.make(reading, collation(sundry.of_reading(reading), cursor), skip=skip)


def _existing(reading: Reading, parts: list[Named]) -> Address | None:
    at = reading.find(tuple(name for name, _ in parts), (Kind.COLLATION,))
    if at is not None:
        reading.mention_path(parts, at)
    return at


def alter_collation(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER COLLATION."""
    at = _existing(reading, cursor.qualified())
    if at is None:
        raise cursor.refuse()  # one of the server's own
    if cursor.take("REFRESH", "VERSION"):
        cursor.end()
    elif not sundry.renames_or_moves(reading, cursor, at):
        raise cursor.refuse()


def drop_collation(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP COLLATION."""
    named, guarded, cascade = dropping.clause(reading, cursor)
    for parts in named:
        at = _existing(reading, parts)
        if at is not None:
            sundry.drop(reading, at, cascade=cascade)
        elif not guarded:
            raise MissingObject(Address(Kind.COLLATION, reading.path(parts)))
