"""Storing: what a column makes of a value that is written to it, and a cast of one.

Where an engine rounds, cuts, pads or converts in ways not followed here, the answer is a value that
is kept and not looked into, or one that nobody knows.
"""

from __future__ import annotations

import re
from decimal import Decimal

from schemaops.errors import SchemaOpsError
from schemaops.names import Address
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Column, Enum
from schemaops.schema.state import Schema
from schemaops.sql.contents.values import UNKNOWN, Kept, Unknown, Value
from schemaops.sql.exact import rounded
from schemaops.sql.strings import string_value
from schemaops.sql.types import Family, affinity, family, parsed

__all__ = ["Refused", "cast", "legible", "stored"]


class Refused(SchemaOpsError):
    """The database would refuse a statement for the rows that its tables hold.

    Look at the rows that the message speaks of, or write the statement so that it passes them by.
    """

    code = "SO108"


_RANGES = {
    "tinyint": (-(2**7), 2**7 - 1),
    "smallint": (-(2**15), 2**15 - 1),
    "mediumint": (-(2**23), 2**23 - 1),
    "int": (-(2**31), 2**31 - 1),
    "integer": (-(2**31), 2**31 - 1),
    "bigint": (-(2**63), 2**63 - 1),
}
_ISO_DATE = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])\Z")
_INTEGER = re.compile(r"-?[0-9]{1,15}\Z")
_NUMBER_LIKE = re.compile(r"\s*[+-]?\.?[0-9]")


def stored(value: Value, column: Column, schema: Schema) -> Value:
    """Return what a column holds after a value was written to it; raise Refused."""
    if value is None or value is UNKNOWN:
        return value
    if isinstance(value, bool) and schema.dialect != "postgres":
        value = Decimal(value)
    match schema.dialect:
        case "sqlite":
            found = _in_sqlite(value, column.type)
        case dialect:
            found = _in_servers(value, column.type, schema, dialect)
    return found


def cast(value: Value, type_: Expression, schema: Schema) -> Value:
    """Return a value cast to a type."""
    if value is None or isinstance(value, Unknown):
        return value if value is None else UNKNOWN
    if schema.dialect != "postgres":
        return UNKNOWN
    try:
        found = _in_servers(value, type_, schema, "postgres")
    except Refused:
        return UNKNOWN  # a cast cuts and rounds where storing refuses
    return UNKNOWN if isinstance(found, Kept) else found


def legible(column: Column, dialect: str) -> bool:
    """Whether a column's values compare as values of their kind do."""
    if column.collation is not None:
        return False
    name = parsed(column.type, dialect)
    return name.base not in ("character", "bpchar", "char", "citext") and not name.array


def _kept(value: Value, type_: Expression) -> Value:
    return value if isinstance(value, Unknown) else Kept((str(type_), value))


def _in_sqlite(value: Value, type_: Expression) -> Value:
    if isinstance(value, Unknown):
        return value
    match affinity(type_):
        case "text":
            if isinstance(value, Decimal):
                return str(value) if _is_plain_integer(value) else UNKNOWN
            return value
        case "blob":
            return value
        case _:
            if isinstance(value, str):
                if _INTEGER.match(value):
                    return Decimal(value)
                return UNKNOWN if _NUMBER_LIKE.match(value) else value
            return value


def _is_plain_integer(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return exponent == 0 and abs(value) < 10**15


def _in_servers(value: Value, type_: Expression, schema: Schema, dialect: str) -> Value:
    name = parsed(type_, dialect)
    if name.array:
        return _kept(value, type_)
    if isinstance(name.base, Address):
        return _label(value, schema.get(name.base), type_)
    if isinstance(value, Unknown):
        return value
    if isinstance(value, str):
        value = _read(value, family(type_, dialect))
    match family(type_, dialect):
        case Family.INTEGER:
            return _integer(value, name.base)
        case Family.BOOLEAN if dialect == "mysql":
            return _integer(value, "tinyint")
        case Family.BOOLEAN:
            return value if isinstance(value, bool) else UNKNOWN
        case Family.EXACT if name.base in ("numeric", "decimal"):
            return _exact(value, name.arguments, dialect)
        case Family.TEXT:
            return _text(value, name.base, name.arguments, dialect)
        case Family.DATE:
            return value if isinstance(value, str) and _ISO_DATE.match(value) else UNKNOWN
        case Family.ENUM:
            labels = [string_value(text, "mysql") for text in name.arguments]
            return value if isinstance(value, str) and value in labels else UNKNOWN
        case _:
            return _kept(value, type_)


def _label(value: Value, enum: object, type_: Expression) -> Value:
    if not isinstance(enum, Enum):
        return _kept(value, type_)
    if isinstance(value, Unknown):
        return value
    if not isinstance(value, str):
        return UNKNOWN
    if value not in enum.values:
        raise Refused(f"'{value}' is no value of enum {enum.at}")
    return value


def _read(value: str, kind: Family) -> Value:
    """Return what a string is read as where a number or a truth value is wanted."""
    match kind:
        case Family.INTEGER | Family.EXACT:
            return Decimal(value) if _INTEGER.match(value) else UNKNOWN
        case Family.BOOLEAN:
            return {"true": True, "false": False}.get(value.lower(), UNKNOWN)
        case _:
            return value


def _integer(value: Value, base: str) -> Value:
    if not isinstance(value, Decimal) or value != value.to_integral_value():
        return UNKNOWN
    if base not in _RANGES:
        return UNKNOWN
    low, high = _RANGES[base]
    if not low <= value <= high:
        raise Refused(f"{value} is out of range for {base}")
    return value.to_integral_value()


def _exact(value: Value, arguments: tuple[str, ...], dialect: str) -> Value:
    if not isinstance(value, Decimal):
        return UNKNOWN
    if not arguments:
        return value if dialect == "postgres" else UNKNOWN
    digits, scale = int(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 0
    found = rounded(value, scale)
    if found is None or found.copy_abs() >= Decimal(1).scaleb(digits - scale):
        raise Refused(f"{value} has more than {digits} digits")
    return found


def _text(value: Value, base: str, arguments: tuple[str, ...], dialect: str) -> Value:
    if isinstance(value, Decimal):
        if not _is_plain_integer(value):
            return UNKNOWN
        value = str(value)
    if not isinstance(value, str) or base in ("name", "character", "bpchar", "char"):
        return UNKNOWN if not isinstance(value, str) else Kept((base, value))
    if arguments and len(value) > int(arguments[0]):
        if len(value.rstrip(" ")) <= int(arguments[0]):
            return UNKNOWN
        raise Refused(f"'{value}' is too long for {base}({arguments[0]})")
    if dialect == "mysql" and not arguments and len(value) > 60:
        return UNKNOWN
    return value
