"""MariaDB's sequences, known by the statement that makes them, in the form in which the catalogue is
read. Where one stands in its numbers is data."""

from __future__ import annotations

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop
from schemaops.schema.objects import Unmodelled
from schemaops.schema.state import MissingObject, TakenName
from schemaops.sql.cursor import Cursor
from schemaops.sql.lexer import TokenKind
from schemaops.sql.names import quote
from schemaops.sql.reading import Reading
from schemaops.sql.split import split

__all__ = ["alter_sequence", "create_sequence", "drop_sequence", "sequence_text"]

_MOST = 9223372036854775806


def sequence_text(
    name: str, start: int, least: int, most: int, step: int, cache: int, *, cycles: bool
) -> str:
    """Return the statement that makes a sequence, as it is compared."""
    return (
        f"CREATE SEQUENCE {quote(name, 'mysql')} START WITH {start} MINVALUE {least} "
        f"MAXVALUE {most} INCREMENT BY {step} CACHE {cache} {'CYCLE' if cycles else 'NOCYCLE'}"
    )


def _address(name: Name) -> Address:
    return Address(Kind.UNMODELLED, (Name("sequence"), name))


def _said(cursor: Cursor, said: dict[str, int | None]) -> dict[str, int | None]:
    """Take the options of a sequence over those said before; None stands for what goes unsaid."""
    while not cursor.done:
        word = cursor.word()
        cursor.at += 1
        if word in ("START", "INCREMENT", "MINVALUE", "MAXVALUE", "CACHE"):
            cursor.one_of("WITH", "BY")
            cursor.take_symbol("=")
            said[word] = int(cursor.number())
        elif word == "NO" and cursor.word() in ("MINVALUE", "MAXVALUE"):
            said[cursor.one_of("MINVALUE", "MAXVALUE")] = None
        elif word in ("NOMINVALUE", "NOMAXVALUE"):
            said[word[2:]] = None
        elif word == "NOCACHE":
            said["CACHE"] = 0
        elif word in ("CYCLE", "NOCYCLE"):
            said["CYCLE"] = int(word == "CYCLE")
        elif word == "RESTART":
            cursor.one_of("WITH")
            cursor.take_symbol("=")
            token = cursor.token
            if token is not None and token.kind is not TokenKind.WORD:
                cursor.number()
        elif word == "ENGINE":
            cursor.take_symbol("=")
            if cursor.identifier()[0].lower() != "innodb":
                raise cursor.refuse()
        else:
            raise cursor.refuse()
    return said


def _text(name: str, said: dict[str, int | None]) -> str:
    step = said.get("INCREMENT") or 1
    rises = step >= 0
    least, most, start, cache = (
        said.get(word) for word in ("MINVALUE", "MAXVALUE", "START", "CACHE")
    )
    least = least if least is not None else (1 if rises else -_MOST - 1)
    most = most if most is not None else (_MOST if rises else -1)
    start = start if start is not None else (least if rises else most)
    cache = 1000 if cache is None else cache
    return sequence_text(name, start, least, most, step, cache, cycles=bool(said.get("CYCLE")))


def create_sequence(reading: Reading, cursor: Cursor, *, instead: bool = False) -> None:
    """Take what follows CREATE [OR REPLACE] SEQUENCE."""
    guarded = cursor.take("IF", "NOT", "EXISTS")
    name = cursor.qualified()[-1][0]
    at = _address(name)
    text = _text(name, _said(cursor, {}))
    before = reading.schema.get(at)
    if guarded:
        reading.masks.add("IF NOT EXISTS")
        if before is not None:
            return
    if before is None:
        reading.emit(Create(Unmodelled(at, "sequence", text)))
        return
    if not instead:
        raise TakenName(at, at)
    reading.masks.add("OR REPLACE")
    reading.emit(Drop(before))
    reading.emit(Create(Unmodelled(at, "sequence", text)))


def alter_sequence(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER SEQUENCE."""
    guarded = cursor.take("IF", "EXISTS")
    name = cursor.qualified()[-1][0]
    at = _address(name)
    thing = reading.schema.get(at)
    if not isinstance(thing, Unmodelled):
        if not guarded:
            raise MissingObject(at)
        reading.masks.add("IF EXISTS")
        cursor.at = cursor.stop
        return
    (statement,) = split(thing.definition, "mysql")
    was = Cursor(statement, "mysql")
    was.need("CREATE", "SEQUENCE")
    was.qualified()
    text = _text(name, _said(cursor, _said(was, {})))
    if text != thing.definition:
        reading.emit(Alter(at, "definition", thing.definition, text))


def drop_sequence(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP SEQUENCE."""
    guarded = cursor.take("IF", "EXISTS")
    named = [cursor.qualified()[-1][0]]
    while cursor.take_symbol(","):
        named.append(cursor.qualified()[-1][0])
    cursor.end()
    if guarded:
        reading.masks.add("IF EXISTS")
    for name in named:
        at = _address(name)
        if guarded and at not in reading.schema:
            continue
        reading.emit(Drop(reading.schema.at(at)))
