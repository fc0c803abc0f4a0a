"""Recognise MySQL's stored functions, procedures and events.

A body is text that the server keeps and never looks at before it runs. An event has no type of its
own: it is known by the statement that makes it, in the form in which the catalogue is read.
"""

from __future__ import annotations

from dataclasses import replace

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Parameter, Routine, Unmodelled
from schemaops.schema.state import MissingObject, TakenName
from schemaops.sql import charsets
from schemaops.sql.cursor import Cursor
from schemaops.sql.lexer import TokenKind
from schemaops.sql.names import quote
from schemaops.sql.reading import Reading
from schemaops.sql.strings import string_literal

__all__ = [
    "alter_routine",
    "create_event",
    "create_routine",
    "drop_event",
    "drop_routine",
    "event_text",
]

_ACCESS = (
    ("CONTAINS", "SQL"),
    ("NO", "SQL"),
    ("READS", "SQL", "DATA"),
    ("MODIFIES", "SQL", "DATA"),
)
_PLAIN_ACCESS = "contains sql"
_FACTS = ("parameters", "returns", "body", "options", "comment")


def create_routine(reading: Reading, cursor: Cursor, kind: Kind, *, instead: bool = False) -> None:
    """Take what follows CREATE FUNCTION or CREATE PROCEDURE."""
    guarded = cursor.take("IF", "NOT", "EXISTS")
    parts = cursor.qualified(kind)
    at = Address(kind, reading.path(parts))
    reading.mention_path(parts, at)
    parameters = tuple(_parameter(reading, part, kind) for part in cursor.inside().parts())
    returns = None
    if kind is Kind.FUNCTION:
        cursor.need("RETURNS")
        returns = _type(reading, cursor)
    options, comment = _characteristics(cursor, {}, None)
    if cursor.done or cursor.word() in ("SONAME", "AGGREGATE"):
        raise cursor.refuse()
    body = cursor.text()
    cursor.at = cursor.stop
    routine = Routine(
        at, parameters, returns, body=body, options=tuple(sorted(options.items())), comment=comment
    )
    before = reading.schema.get(at)
    if before is None:
        reading.emit(Create(routine))
        return
    if guarded:
        reading.masks.add("IF NOT EXISTS")
        return
    if not instead:
        raise TakenName(at, at)
    reading.masks.add("OR REPLACE")
    for fact in _FACTS:
        old, new = getattr(before, fact), getattr(routine, fact)
        if old != new:
            reading.emit(Alter(at, fact, old, new))


def _parameter(reading: Reading, part: Cursor, kind: Kind) -> Parameter:
    mode = ""
    if kind is Kind.PROCEDURE and part.symbol(1) == "" and part.word() in ("IN", "OUT", "INOUT"):
        mode = part.one_of("IN", "OUT", "INOUT").lower()
    name = part.identifier()[0].spelling
    found = _type(reading, part)
    part.end()
    return Parameter(found, name, mode or "in")


_BEHIND_TYPE = frozenset(
    {"LANGUAGE", "NOT", "DETERMINISTIC", "CONTAINS", "NO", "READS", "MODIFIES", "SQL", "COMMENT"}
    | {"RETURN", "BEGIN", "CHARSET", "COLLATE", "IF", "CASE", "LOOP", "WHILE", "REPEAT", "SELECT"}
)


def _type(reading: Reading, cursor: Cursor) -> Expression:
    start = cursor.at
    while not cursor.done:
        if cursor.at > start and cursor.word() in _BEHIND_TYPE:
            break
        if cursor.sees("CHARACTER", "SET"):
            break
        if cursor.symbol() == "(":
            cursor.inside()
        else:
            cursor.at += 1
    found = reading.type(Cursor(cursor.statement, cursor.dialect, start, cursor.at))
    while cursor.take("CHARACTER", "SET") or cursor.one_of("CHARSET", "COLLATE"):
        # The catalogue keeps a character set beside the type, and so nothing here compares it: only
        # the one that is usual goes without saying.
        said = cursor.identifier()[0]
        if said != "utf8mb4" and charsets.collation_name(said) != charsets.DEFAULT:
            raise cursor.refuse()
    return found


def _characteristics(
    cursor: Cursor, options: dict[str, str], comment: str | None
) -> tuple[dict[str, str], str | None]:
    while True:
        access = next((words for words in _ACCESS if cursor.take(*words)), None)
        if access is not None:
            options["access"] = " ".join(access).lower()
            if options["access"] == _PLAIN_ACCESS:
                del options["access"]
        elif cursor.take("NOT", "DETERMINISTIC"):
            options.pop("deterministic", None)
        elif cursor.take("DETERMINISTIC"):
            options["deterministic"] = "true"
        elif cursor.take("LANGUAGE", "SQL"):
            continue
        elif cursor.take("SQL", "SECURITY"):
            options.pop("sql security", None)
            if cursor.one_of("DEFINER", "INVOKER") == "INVOKER":
                options["sql security"] = "invoker"
        elif cursor.take("COMMENT"):
            comment = cursor.string() or None
        else:
            return options, comment


def alter_routine(reading: Reading, cursor: Cursor, kind: Kind) -> None:
    """Take what follows ALTER FUNCTION or ALTER PROCEDURE."""
    at = reading.existing(cursor.qualified(kind), kind)
    before = reading.schema.at(at)
    assert isinstance(before, Routine)
    options, comment = _characteristics(cursor, dict(before.options), before.comment)
    after = replace(before, options=tuple(sorted(options.items())), comment=comment)
    for fact in ("options", "comment"):
        if getattr(before, fact) != getattr(after, fact):
            reading.emit(Alter(at, fact, getattr(before, fact), getattr(after, fact)))


def drop_routine(reading: Reading, cursor: Cursor, kind: Kind) -> None:
    """Take what follows DROP FUNCTION or DROP PROCEDURE."""
    guarded = cursor.take("IF", "EXISTS")
    parts = cursor.qualified(kind)
    cursor.end()
    if guarded:
        reading.masks.add("IF EXISTS")
    at = reading.find(tuple(name for name, _ in parts), (kind,))
    if at is None:
        if guarded:
            return
        raise MissingObject(Address(kind, reading.path(parts)))
    reading.mention_path(parts, at)
    reading.emit(Drop(reading.schema.at(at)))


# -- events


def event_text(
    name: str,
    when: str,
    body: str,
    *,
    starts: str = "",
    preserved: bool = False,
    enabled: bool = True,
    comment: str | None = None,
) -> str:
    """Return the statement that makes an event; as it is compared, it does not say when it starts."""
    words = [f"CREATE EVENT {quote(name, 'mysql')} ON SCHEDULE {when}"]
    if starts:
        words.append(f"STARTS {starts}")
    if preserved:
        words.append("ON COMPLETION PRESERVE")
    if not enabled:
        words.append("DISABLE")
    if comment:
        words.append(f"COMMENT {string_literal(comment, 'mysql')}")
    words.append(f"DO {body.strip()}")
    return " ".join(words)


def _event(name: Name) -> Address:
    return Address(Kind.UNMODELLED, (Name("event"), name))


def create_event(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE EVENT: one that is repeated by a whole number of units."""
    guarded = cursor.take("IF", "NOT", "EXISTS")
    name = cursor.qualified()[-1][0]
    cursor.need("ON", "SCHEDULE", "EVERY")
    count = cursor.token
    if count is None or count.kind not in (TokenKind.NUMBER, TokenKind.STRING):
        raise cursor.refuse()
    number = count.text.strip("'")
    if not number.isdigit():
        raise cursor.refuse()
    cursor.at += 1
    unit = cursor.one_of("YEAR", "QUARTER", "MONTH", "DAY", "HOUR", "MINUTE", "WEEK", "SECOND")
    if not unit:
        raise cursor.refuse()
    starts = ""
    if cursor.take("STARTS"):
        # When it starts is not compared, as in the catalogue: said or not, it is a moment.
        begun = cursor.at
        while not cursor.done and cursor.word() not in ("ON", "ENABLE", "DISABLE", "COMMENT", "DO"):
            if cursor.word() == "ENDS":
                raise cursor.refuse()
            cursor.at += 1
        starts = Cursor(cursor.statement, cursor.dialect, begun, cursor.at).text()
    preserved = False
    if cursor.take("ON", "COMPLETION"):
        preserved = not cursor.take("NOT")
        cursor.need("PRESERVE")
    enabled = cursor.one_of("ENABLE", "DISABLE") != "DISABLE"
    if cursor.word() == "ON":
        raise cursor.refuse()
    comment = cursor.string() if cursor.take("COMMENT") else None
    cursor.need("DO")
    body = cursor.text()
    if not body:
        raise cursor.refuse()
    cursor.at = cursor.stop
    at = _event(name)
    text, written = (
        event_text(
            name,
            f"EVERY {number} {unit}",
            body,
            starts=moment,
            preserved=preserved,
            enabled=enabled,
            comment=comment,
        )
        for moment in ("", starts)
    )
    if guarded:
        reading.masks.add("IF NOT EXISTS")
        if at in reading.schema:
            return
    reading.emit(Create(Unmodelled(at, "event", text, written=written if starts else None)))


def drop_event(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP EVENT."""
    guarded = cursor.take("IF", "EXISTS")
    at = _event(cursor.qualified()[-1][0])
    cursor.end()
    if guarded:
        reading.masks.add("IF EXISTS")
        if at not in reading.schema:
            return
    reading.emit(Drop(reading.schema.at(at)))
