"""Names in SQL text: how a dialect folds an identifier, and when a name must be quoted.

PostgreSQL folds unquoted identifiers to lower case and cuts all of them at 63 bytes. SQLite
compares every name without regard to ASCII case. MySQL compares columns, keys and constraints so,
but tables by their exact spelling.

    fold(text, dialect, kind=Kind.COLUMN) -> Name
    quote(name, dialect) -> str
    is_reserved(word, dialect) -> bool
"""

from __future__ import annotations

import re
from functools import lru_cache

from schemaops.names import Kind, Name
from schemaops.sql.keywords import RESERVED

__all__ = ["fold", "is_reserved", "quote", "unquoted"]

_POSTGRES_LENGTH = 63
_EXACT_IN_MYSQL = frozenset({Kind.TABLE, Kind.VIEW, Kind.SCHEMA})
_ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_PLAIN = {
    "postgres": re.compile(r"[a-z_][a-z0-9_$]*\Z"),
    "mysql": re.compile(r"[A-Za-z_][A-Za-z0-9_$]*\Z"),
    "sqlite": re.compile(r"[A-Za-z_][A-Za-z0-9_$]*\Z"),
}
_UNICODE_ESCAPE = re.compile(r"(.)(?:\1|\+([0-9A-Fa-f]{6})|([0-9A-Fa-f]{4}))", re.DOTALL)


@lru_cache(maxsize=8192)
def fold(text: str, dialect: str, kind: Kind = Kind.COLUMN) -> Name:
    """Return the name that an identifier's source text (quotes included) stands for."""
    plain = unquoted(text, dialect)
    match dialect:
        case "postgres":
            name = plain if text != plain else plain.translate(_ASCII_LOWER)
            data = name.encode()
            if len(data) > _POSTGRES_LENGTH:
                name = data[:_POSTGRES_LENGTH].decode(errors="ignore")
            return Name(name)
        case "mysql":
            return Name(plain) if kind in _EXACT_IN_MYSQL else Name(plain.lower(), plain)
        case _:
            return Name(plain.translate(_ASCII_LOWER), plain)


def unquoted(text: str, dialect: str) -> str:
    """Return an identifier's text without its quotes, their escapes undone."""
    match text[0]:
        case '"':
            return text[1:-1].replace('""', '"')
        case "`" if dialect != "postgres":
            return text[1:-1].replace("``", "`")
        case "[" if dialect == "sqlite":
            return text[1:-1]
        case "U" | "u" if dialect == "postgres" and text[1:3] == '&"':
            return _unescaped(text[3:-1].replace('""', '"'), "\\")
        case _:
            return text


def _unescaped(text: str, escape: str) -> str:
    def character(found: re.Match[str]) -> str:
        if found[1] != escape:
            return found[0]
        digits = found[2] or found[3]
        return chr(int(digits, 16)) if digits else escape

    return _UNICODE_ESCAPE.sub(character, text)


def quote(name: str, dialect: str) -> str:
    """Return a name as it is to be written: in quotes only where it would be read otherwise."""
    text = name.spelling if isinstance(name, Name) and dialect != "postgres" else str(name)
    if _PLAIN[dialect].match(text) and not is_reserved(text, dialect):
        return text
    if dialect == "mysql":
        return "`" + text.replace("`", "``") + "`"
    return '"' + text.replace('"', '""') + '"'


def is_reserved(word: str, dialect: str) -> bool:
    """Whether a bare word may not, or not everywhere, stand for a column or table."""
    return word.lower() in RESERVED[dialect]
