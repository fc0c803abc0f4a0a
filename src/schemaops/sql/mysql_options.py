"""MySQL's and MariaDB's table options, in CREATE TABLE and ALTER TABLE, in the catalogue's words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from schemaops.names import Address
from schemaops.operations import Alter
from schemaops.schema.objects import ForeignKey, Options
from schemaops.sql import charsets
from schemaops.sql.cursor import Cursor
from schemaops.sql.lexer import TokenKind
from schemaops.sql.reading import Reading, StillNeeded

__all__ = ["Said", "alter_options", "begins_option", "take_options"]

_PLAIN = frozenset(
    {
        "auto_increment",
        "avg_row_length",
        "checksum",
        "delay_key_write",
        "engine",
        "key_block_size",
        "max_rows",
        "min_rows",
        "pack_keys",
        "page_checksum",
        "row_format",
        "stats_auto_recalc",
        "stats_persistent",
        "stats_sample_pages",
        "table_checksum",
        "transactional",
        "type",
    }
)
_UNSAID = {
    ("engine", "innodb"),
    ("row_format", "default"),
    ("checksum", "0"),
    ("delay_key_write", "0"),
    ("key_block_size", "0"),
    ("max_rows", "0"),
    ("min_rows", "0"),
    ("avg_row_length", "0"),
    ("stats_sample_pages", "0"),
    ("stats_auto_recalc", "default"),
    ("stats_persistent", "default"),
    ("stats_sample_pages", "default"),
    ("pack_keys", "default"),
}
_BEGIN = _PLAIN | {"comment", "default", "character", "charset", "collate", "convert", "with"}


@dataclass(slots=True)
class Said:
    """What a list of table options says: options to set, and which to take away."""

    options: dict[str, str] = field(default_factory=dict)
    unset: set[str] = field(default_factory=set)
    charset: str | None = None
    collation: str | None = None
    comment: str | None = None
    converts: bool = False

    @property
    def wanted(self) -> str | None:
        """The collation that it comes to, None where nothing is said of it."""
        if self.collation is not None:
            return self.collation
        return None if self.charset is None else charsets.charset_collation(self.charset)


def begins_option(cursor: Cursor) -> bool:
    """Whether a table option comes next."""
    return cursor.word().lower() in _BEGIN


def take_options(cursor: Cursor) -> Said:
    """Take table options, up to the end or what is none."""
    said = Said()
    while not cursor.done:
        if cursor.symbol() == ",":
            after = Cursor(cursor.statement, cursor.dialect, cursor.at + 1, cursor.stop)
            if not begins_option(after) or after.word() == "CONVERT":
                break
            cursor.at += 1
        if not begins_option(cursor):
            break
        _option(cursor, said)
    return said


def _option(cursor: Cursor, said: Said) -> None:
    if cursor.take("CONVERT"):
        cursor.need("TO")
        said.converts = True
        if cursor.sees("CHARACTER", "SET", "DEFAULT") or cursor.sees("CHARSET", "DEFAULT"):
            raise cursor.refuse()
    elif cursor.take("WITH", "SYSTEM", "VERSIONING"):
        said.options["system versioning"] = "true"
        return
    else:
        cursor.take("DEFAULT")
    if cursor.take("CHARACTER", "SET") or cursor.take("CHARSET"):
        cursor.take_symbol("=")
        said.charset = _text(cursor)
        return
    if cursor.take("COLLATE"):
        cursor.take_symbol("=")
        said.collation = charsets.collation_name(_text(cursor))
        return
    name = cursor.word().lower()
    if name not in _PLAIN and name != "comment":
        raise cursor.refuse()
    cursor.at += 1
    cursor.take_symbol("=")
    if name == "comment":
        said.comment = cursor.string()
        return
    value = _text(cursor)
    if name == "auto_increment":
        return  # the counter is data
    name = {"type": "engine", "table_checksum": "checksum"}.get(name, name)
    said.unset.add(name)
    said.options.pop(name, None)
    if (name, value) not in _UNSAID:
        said.options[name] = value


def _text(cursor: Cursor) -> str:
    token = cursor.token
    kinds = (TokenKind.WORD, TokenKind.QUOTED, TokenKind.STRING, TokenKind.NUMBER)
    if token is None or token.kind not in kinds:
        raise cursor.refuse()
    cursor.at += 1
    return token.text.strip("'\"`").lower()


def alter_options(reading: Reading, cursor: Cursor, at: Address) -> Callable[[], None]:
    """Take table options in ALTER TABLE; return what emits the changes."""
    said = take_options(cursor)

    def work() -> None:
        if said.options.get("engine") is not None:
            for thing in (*reading.schema.contents(at), *reading.schema.referrers(at)):
                if isinstance(thing, ForeignKey):
                    raise StillNeeded(at, thing.at)
        table = reading.schema.table(at)
        if said.comment is not None and (said.comment or None) != table.comment:
            reading.emit(Alter(at, "comment", table.comment, said.comment or None))
        before = table.options
        left = {key: value for key, value in before if key not in said.unset}
        new: Options = tuple(sorted((left | said.options).items()))
        if new != before:
            reading.emit(Alter(at, "options", before, new))
        if said.wanted is not None:
            if said.converts:
                charsets.convert(reading, at, said.wanted)
            else:
                charsets.set_default(reading, at, said.wanted)

    return work
