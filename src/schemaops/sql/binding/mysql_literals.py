"""A default's literal as MariaDB stores it for its column's type, and shows it."""

from __future__ import annotations

import re
from decimal import Decimal

from schemaops.sql.exact import rounded
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.strings import string_literal, string_value
from schemaops.sql.types import TypeName

__all__ = ["stored"]

_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*\Z", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"0x[0-9a-f]+\Z")
_BYTES = re.compile(r"(?:X'((?:[0-9A-F]{2})*)'|0x((?:[0-9a-f]{2})+))\Z")
_DATE = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})\Z")
_TIME = re.compile(r"(-?\d{1,3}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6}))?)?\Z")
_DATETIME = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6}))?)?)?\Z"
)
_INTEGERS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "year"})
_FLOATS = frozenset({"float", "double"})
_TEXTS = frozenset({"char", "varchar", "tinytext", "text", "mediumtext", "longtext"})
_BINARIES = frozenset({"binary", "varbinary"})


def stored(text: str, value: str | None, kind: TypeName) -> str | None:
    """Return a literal as a column of the type shows it; None for what is none, or stays.

    `text` is the literal in its normal form, `value` what it stands for if it is a string.
    """
    number = _number(text if value is None else value)
    base = str(kind.base)
    if base in _INTEGERS:
        if number is None:
            return None
        near = rounded(number, 0)
        if near is None:
            return None
        whole = int(near)
        return str(whole + (2000 if base == "year" and whole < 70 else 0))
    if base == "decimal":
        if number is None:
            return None
        found = rounded(number, int(kind.arguments[1]))
        return None if found is None else f"{found:f}"
    if base in _FLOATS:
        return None if number is None else repr(float(number))
    if base == "bit":
        return None if number is None else f"b'{int(number):b}'"
    given = value
    if given is None and _NUMBER.match(text):
        given = text
    if given is None and base in _TEXTS | _BINARIES and (digits := _BYTES.match(text)):
        given = _characters(bytes.fromhex(digits[1] or digits[2]))
    if given is None:
        return None
    return _text(given, base, kind)


def _characters(data: bytes) -> str:
    """Return what bytes are as text; raise NotUnderstood where servers may show them otherwise."""
    if not data.isascii() or not data.decode().isprintable():
        raise NotUnderstood("how the bytes of a default are shown is not known")
    return data.decode()


def _number(text: str) -> Decimal | None:
    if _HEXADECIMAL.match(text):
        return Decimal(int(text, 16))
    return Decimal(text.strip()) if _NUMBER.match(text) else None


def _text(given: str, base: str, kind: TypeName) -> str | None:
    match base:
        case "char":
            given = given.rstrip(" ")
        case "binary":
            given = given.rstrip("\0")
        case "date":
            day = _DATE.match(given)
            given = f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}" if day else given
        case "datetime" | "timestamp":
            given = _moment(given, kind)
        case "time":
            found = _TIME.match(given)
            if found:
                given = _clock(found.groups(), kind)
        case "enum":
            values = [string_value(v, "mysql") for v in kind.arguments]
            given = next((v for v in values if v.lower() == given.lower()), given)
        case "set":
            values = [string_value(v, "mysql") for v in kind.arguments]
            chosen = {part.lower() for part in given.split(",")}
            if chosen <= {v.lower() for v in values}:
                given = ",".join(v for v in values if v.lower() in chosen)
    return string_literal(given, "mysql")


def _moment(given: str, kind: TypeName) -> str:
    found = _DATETIME.match("0000-00-00" if given == "0" else given)
    if found is None:
        return given
    day = f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
    return f"{day} {_clock(found.groups()[3:], kind)}"


def _clock(parts: tuple[str | None, ...], kind: TypeName) -> str:
    hour, minute, second, rest = parts
    text = f"{int(hour or 0):02}:{int(minute or 0):02}:{int(second or 0):02}"
    digits = int(kind.arguments[0]) if kind.arguments else 0
    return f"{text}.{(rest or '').ljust(digits, '0')[:digits]}" if digits else text
