"""String literals: what they stand for, and how a value is written as one."""

from __future__ import annotations

import re

__all__ = ["string_literal", "string_value"]

_INTRODUCER = re.compile(r"(?:[nN]|_[A-Za-z0-9]+\s*)(?=['\"])")
_MYSQL_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_MYSQL_MEANING = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}
_POSTGRES_ESCAPE = re.compile(
    r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|((?:x[0-9A-Fa-f]{1,2}|[0-7]{1,3})"
    r"(?:\\(?:x[0-9A-Fa-f]{1,2}|[0-7]{1,3}))*)|(.))|''",
    re.DOTALL,
)
_POSTGRES_MEANING = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_UNICODE_ESCAPE = re.compile(r"\\(?:(\\)|\+([0-9A-Fa-f]{6})|([0-9A-Fa-f]{4}))")
_DOLLAR = re.compile(r"\$[^$]*\$")


def string_value(literal: str, dialect: str) -> str:
    """Return the value of a string token's source text."""
    if dialect == "mysql":
        introducer = _INTRODUCER.match(literal)
        quoted = literal[introducer.end() :] if introducer else literal
        text = quoted[1:-1].replace(quoted[0] * 2, quoted[0])
        return _MYSQL_ESCAPE.sub(_mysql_escape, text) if "\\" in text else text
    if dialect == "postgres":
        match literal[0]:
            case "e" | "E":
                return _POSTGRES_ESCAPE.sub(_postgres_escape, literal[2:-1])
            case "u" | "U":
                text = literal[3:-1].replace("''", "'")
                return _UNICODE_ESCAPE.sub(_unicode_escape, text)
            case "n" | "N":
                literal = literal[1:]
            case "$":
                tag = _DOLLAR.match(literal)
                assert tag is not None
                return literal[tag.end() : -tag.end()]
    return literal[1:-1].replace("''", "'")


def string_literal(value: str, dialect: str = "sqlite") -> str:
    """Return a literal that stands for `value`."""
    if dialect == "mysql":
        value = value.replace("\\", "\\\\")
    return "'" + value.replace("'", "''") + "'"


def _mysql_escape(found: re.Match[str]) -> str:
    # In patterns of LIKE, `\%` and `\_` are theirs to read.
    if found[1] in "%_":
        return found[0]
    return _MYSQL_MEANING.get(found[1], found[1])


def _postgres_escape(found: re.Match[str]) -> str:
    if found[0] == "''":
        return "'"
    code = found[1] or found[2]
    if code:
        return chr(int(code, 16))
    if found[3]:
        octets = found[3].split("\\")
        data = bytes((int(o[1:], 16) if o[0] == "x" else int(o, 8)) & 0xFF for o in octets)
        return data.decode(errors="surrogateescape")
    return _POSTGRES_MEANING.get(found[4], found[4])


def _unicode_escape(found: re.Match[str]) -> str:
    digits = found[2] or found[3]
    return chr(int(digits, 16)) if digits else "\\"
