"""What PostgreSQL refuses in the expressions of a table, beyond names that are not there.

A check, default, key of an index or generated column is of one row: no aggregate, no query; what an
index or a generated column keeps must not change by itself. A literal must be one of its type.
"""

from __future__ import annotations

import re

from schemaops.names import Address, Kind
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Column, Enum, Routine
from schemaops.sql.cursor import Cursor
from schemaops.sql.keywords import words
from schemaops.sql.reading import NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.strings import string_value
from schemaops.sql.types import Family, family

__all__ = [
    "must_be_collatable",
    "must_be_lasting",
    "must_be_of_one_row",
    "must_be_of_type",
    "must_have_length",
]

_AGGREGATES = words(
    """
    SUM AVG COUNT MIN MAX ARRAY_AGG STRING_AGG BOOL_AND BOOL_OR EVERY JSON_AGG JSONB_AGG
    JSON_OBJECT_AGG JSONB_OBJECT_AGG STDDEV VARIANCE ROW_NUMBER RANK DENSE_RANK LAG LEAD
    """
)
# Functions of which one result is not like the next, or depends on the session.
_CHANGING = words(
    """
    RANDOM GEN_RANDOM_UUID UUID_GENERATE_V4 NOW CLOCK_TIMESTAMP STATEMENT_TIMESTAMP
    TRANSACTION_TIMESTAMP TIMEOFDAY NEXTVAL CURRVAL LASTVAL SETVAL TXID_CURRENT PG_BACKEND_PID TO_CHAR
    CURRENT_SETTING CONCAT CONCAT_WS FORMAT ARRAY_TO_STRING
    """
)
_CHANGING_WORDS = words(
    """
    CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP CURRENT_USER SESSION_USER
    CURRENT_ROLE CURRENT_SCHEMA
    """
)


def _called(reading: Reading, cursor: Cursor) -> list[str]:
    """Return what a text calls, that no function of the schema is."""
    if reading.dialect.name != "postgres":
        return []
    found = []
    for place in range(cursor.at, cursor.stop - 1):
        token, behind = cursor.tokens[place], cursor.tokens[place + 1]
        own = place > cursor.at and cursor.tokens[place - 1].text == "."
        if behind.text == "(" and not own:
            found.append(token.text.upper())
    return found


def must_be_of_one_row(reading: Reading, cursor: Cursor, what: str) -> None:
    """Raise NotAllowed for what the rest of a cursor says of many rows."""
    if reading.dialect.name != "postgres":
        return
    for place in range(cursor.at, cursor.stop):
        before = cursor.tokens[place - 1].text if place else ""
        if before == "(" and cursor.tokens[place].text.upper() == "SELECT":
            raise NotAllowed(f"{what} cannot have a query in it")
    for name in _called(reading, cursor):
        if name in _AGGREGATES and not _is_own(reading, name):
            raise NotAllowed(f"{what} cannot have {name.lower()} in it")


def _is_own(reading: Reading, name: str) -> bool:
    family = (at for at in reading.paths((reading.search_path[0].__class__(name.lower()),)))
    return any(reading.overloads(Address(Kind.FUNCTION, path)) for path in family)


def must_be_lasting(reading: Reading, cursor: Cursor, expression: Expression, what: str) -> None:
    """Raise NotAllowed for an expression that is kept though its value changes by itself."""
    if reading.dialect.name != "postgres":
        return
    for name in _called(reading, cursor):
        if name in _CHANGING and not _is_own(reading, name):
            raise NotAllowed(f"{what} cannot have {name.lower()} in it, which is not immutable")
    for token in cursor.tokens[cursor.at : cursor.stop]:
        if token.text.upper() in _CHANGING_WORDS:
            raise NotAllowed(
                f"{what} cannot have {token.text.lower()} in it, which is not immutable"
            )
    _must_not_ask_the_session(reading, cursor, expression, what)
    for at in expression.addresses():
        if at.kind is Kind.FUNCTION:
            found = [one for one in reading.overloads(at) if isinstance(one, Routine)]
            # The body of one in SQL stands in its place, where that can be.
            if found and not any(
                one.language == "sql" or ("volatility", "immutable") in one.options for one in found
            ):
                raise NotAllowed(f"{what} cannot call {at}, which is not immutable", at)


_PARTS_OF_MOMENTS = words("DATE_TRUNC EXTRACT DATE_PART AGE")


def _must_not_ask_the_session(
    reading: Reading, cursor: Cursor, expression: Expression, what: str
) -> None:
    """Raise NotAllowed, or NotUnderstood, for what depends on the session's time zone or language."""
    normal = expression.normal
    columns = [reading.schema.get(at) for at in expression.addresses() if at.kind is Kind.COLUMN]
    families = {
        family(one.type, "postgres"): str(one.type) for one in columns if isinstance(one, Column)
    }
    zoned = any(kind.endswith("with time zone") for kind in families.values())
    called = _called(reading, cursor)
    text = cursor.text().upper()
    if len(normal) == 2 and isinstance(normal[0], Address):
        dated = {Family.DATE, Family.TIMESTAMP, Family.TIME} & families.keys()
        if (zoned and str(normal[1]).startswith("::")) or (dated and normal[1] == "::text"):
            raise NotUnderstood(f"{what} casts what depends on settings of the session")
    if zoned and any(name in _PARTS_OF_MOMENTS for name in called) and " ZONE " not in text:
        raise NotUnderstood(f"{what} depends on the time zone, it may be")
    if "TO_TSVECTOR" in called and re.search(r"TO_TSVECTOR\s*\(\s*\"?\w+\"?\s*\)", text):
        raise NotAllowed(f"{what} cannot depend on the session's text search configuration")


_NUMBER = re.compile(r"\s*[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*\Z")
_WHOLE = re.compile(r"\s*[+-]?\d[\d_]*\s*\Z|\s*[+-]?0[xXoObB][0-9a-fA-F_]+\s*\Z")
_UUID = re.compile(r"\{?[0-9a-fA-F]{4}(?:-?[0-9a-fA-F]{4}){7}\}?\Z")
_BOOLEAN = words("t tr tru true f fa fal fals false y ye yes n no on of off 1 0")
_NAMED_MOMENTS = words("now today tomorrow yesterday epoch allballs")
_NEVER = words("infinity -infinity +infinity")
_MOMENTS = (Family.DATE, Family.TIME, Family.TIMESTAMP)


def must_be_of_type(reading: Reading, kind: Expression, cursor: Cursor) -> None:
    """Raise NotAllowed for a default that is a plain literal, and none of the column's type."""
    if reading.dialect.name != "postgres" or cursor.stop - cursor.at != 1:
        return
    base = reading.base_type(kind)
    text = cursor.tokens[cursor.at].text
    match base.normal:
        case (Address(kind=Kind.ENUM) as at,):
            enum = reading.schema.get(at)
            if isinstance(enum, Enum) and text[0] == "'":
                if string_value(text, "postgres") not in enum.values:
                    raise NotAllowed(f"{text} is no label of {at}", at)
            return
    if any(isinstance(piece, Address) for piece in base.normal):
        return
    kind_of = family(base, "postgres")
    if kind_of in _MOMENTS and text.strip("'").strip().lower() in _NAMED_MOMENTS:
        raise NotUnderstood(f"which moment {text} is, is seen only when the statement runs")
    wrong = _wrong(kind_of, text)
    if wrong:
        raise NotAllowed(f"{text} is no value of type {base}")


def _wrong(kind: Family, text: str) -> bool:
    if text[0].isdigit():
        return kind in (Family.BOOLEAN, Family.UUID, Family.DATE, Family.TIMESTAMP, Family.JSON)
    if text.upper() in ("TRUE", "FALSE"):
        return kind not in (Family.BOOLEAN, Family.TEXT, Family.OTHER)
    if text[0] != "'":
        return False
    value = string_value(text, "postgres")
    match kind:
        case Family.INTEGER:
            return not _WHOLE.match(value)
        case Family.EXACT | Family.FLOAT:
            special = value.strip().lower().lstrip("+-") in ("nan", "infinity", "inf")
            return not special and not _NUMBER.match(value) and not _WHOLE.match(value)
        case Family.BOOLEAN:
            return value.strip().lower() not in _BOOLEAN
        case Family.UUID:
            return not _UUID.match(value)
        case Family.DATE | Family.TIMESTAMP:
            known = value.strip().lower() in _NEVER
            return not known and not any(sign.isdigit() for sign in value)
    return False


_LENGTH = re.compile(r"(?:character varying|character|bit varying|bit)\((\d+)\)(?:\[\])?\Z")
_PRECISION = re.compile(r"numeric\((\d+)(?:,-?\d+)?\)(?:\[\])?\Z")
_LONGEST = {"character": 10_485_760, "bit": 83_886_080}


def must_have_length(reading: Reading, kind: Expression) -> None:
    """Raise NotAllowed for a type of a length that there is not."""
    text = str(kind)
    if reading.dialect.name != "postgres" or "(" not in text:
        return
    if found := _LENGTH.match(text):
        most = _LONGEST["bit" if text.startswith("bit") else "character"]
        if not 1 <= int(found[1]) <= most:
            raise NotAllowed(f"there is no type {text}")
    elif (found := _PRECISION.match(text)) and not 1 <= int(found[1]) <= 1000:
        raise NotAllowed(f"there is no type {text}")


_COLLATION = re.compile(
    r"C|POSIX|default|ucs_basic|unicode|pg_c_utf8|pg_unicode_fast|.*-x-icu|"
    r"[a-z]{2,3}(?:_[A-Z]{2})?(?:@\w+)?(?:\.[\w-]+)?(?:@\w+)?\Z"
)


def must_be_collatable(reading: Reading, column: Column, *, own: bool) -> None:
    """Raise NotAllowed for a collation of what is no text, NotUnderstood for one that is not known."""
    if reading.dialect.name != "postgres" or column.collation is None:
        return
    base = reading.base_type(column.type)
    plain = not any(isinstance(piece, Address) for piece in base.normal)
    item = Expression.plain(str(base).removesuffix("[]"))
    texts = (Family.TEXT, Family.OTHER, Family.ENUM)
    if plain and family(item, "postgres") not in texts:
        raise NotAllowed(f"column {column.at} is of a type without collations", column.at)
    if not own and not _COLLATION.fullmatch(column.collation):
        raise NotUnderstood(f"whether there is a collation {column.collation} is not known")
