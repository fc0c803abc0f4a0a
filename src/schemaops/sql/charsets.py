"""MySQL's character sets and collations: what a table's default means for its columns.

A table's collation is an option of it, left out where it is the database's; a column's is a fact of
it, left out where it is the table's. So a new default changes the columns that keep what they had.
"""

from __future__ import annotations

from collections.abc import Iterable

from schemaops.names import Address
from schemaops.operations import Alter
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Column, ForeignKey, Options, Table
from schemaops.sql.reading import NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.types import Family, family, parsed

__all__ = [
    "charset_collation",
    "collation_name",
    "convert",
    "has_text",
    "kept",
    "set_default",
    "table_collation",
]

DEFAULT = "utf8mb4_general_ci"
# What MySQL 8 and MariaDB 11.5 give to a database where earlier servers of MariaDB's give the other.
_DEFAULTS = frozenset({DEFAULT, "utf8mb4_0900_ai_ci", "utf8mb4_uca1400_ai_ci"})
_CHARSETS = {
    "armscii8": "armscii8_general_ci",
    "ascii": "ascii_general_ci",
    "big5": "big5_chinese_ci",
    "binary": "binary",
    "cp1250": "cp1250_general_ci",
    "cp1251": "cp1251_general_ci",
    "cp1256": "cp1256_general_ci",
    "cp1257": "cp1257_general_ci",
    "cp850": "cp850_general_ci",
    "cp852": "cp852_general_ci",
    "cp866": "cp866_general_ci",
    "cp932": "cp932_japanese_ci",
    "dec8": "dec8_swedish_ci",
    "eucjpms": "eucjpms_japanese_ci",
    "euckr": "euckr_korean_ci",
    "gb18030": "gb18030_chinese_ci",
    "gb2312": "gb2312_chinese_ci",
    "gbk": "gbk_chinese_ci",
    "geostd8": "geostd8_general_ci",
    "greek": "greek_general_ci",
    "hebrew": "hebrew_general_ci",
    "hp8": "hp8_english_ci",
    "keybcs2": "keybcs2_general_ci",
    "koi8r": "koi8r_general_ci",
    "koi8u": "koi8u_general_ci",
    "latin1": "latin1_swedish_ci",
    "latin2": "latin2_general_ci",
    "latin5": "latin5_turkish_ci",
    "latin7": "latin7_general_ci",
    "macce": "macce_general_ci",
    "macroman": "macroman_general_ci",
    "sjis": "sjis_japanese_ci",
    "swe7": "swe7_swedish_ci",
    "tis620": "tis620_thai_ci",
    "ucs2": "ucs2_general_ci",
    "ujis": "ujis_japanese_ci",
    "utf16": "utf16_general_ci",
    "utf16le": "utf16le_general_ci",
    "utf32": "utf32_general_ci",
    "utf8": "utf8mb3_general_ci",
    "utf8mb3": "utf8mb3_general_ci",
    "utf8mb4": DEFAULT,
}
_WIDTHS = {
    **dict.fromkeys(("utf8mb4", "utf16", "utf16le", "utf32", "gb18030"), 4),
    **dict.fromkeys(("utf8mb3", "ujis", "eucjpms"), 3),
    **dict.fromkeys(("big5", "cp932", "euckr", "gb2312", "gbk", "sjis", "ucs2"), 2),
}
_TEXTS = ("tinytext", "text", "mediumtext", "longtext")


def charset_collation(charset: str) -> str:
    """Return the collation that a character set has by default; raise NotUnderstood."""
    found = _CHARSETS.get(charset.lower())
    if found is None:
        raise NotUnderstood(f"the default collation of character set {charset} is not known")
    return found


def collation_name(written: str) -> str:
    """Return a collation as the catalogue names it."""
    name = written.lower()
    if name in _DEFAULTS:
        return DEFAULT
    return f"utf8mb3_{name[5:]}" if name.startswith("utf8_") else name


def table_collation(table: Table) -> str:
    """Return the collation that a table's columns have by default."""
    return dict(table.options).get("collate", DEFAULT)


def kept(collation: str) -> str | None:
    """Return a collation as a table's option has it."""
    return None if collation == DEFAULT else collation


def has_text(column: Column) -> bool:
    """Return whether a column's values are text in a character set."""
    return family(column.type, "mysql") in (Family.TEXT, Family.ENUM)


def set_default(reading: Reading, at: Address, collation: str) -> None:
    """Emit a table's new default, and that its columns keep the collations that they had."""
    table = reading.schema.table(at)
    old = table_collation(table)
    for column in reading.schema.columns(at):
        if has_text(column):
            own = column.collation or old
            _alter(reading, column, "collation", None if own == collation else own)
    _set_option(reading, table, collation)


def convert(reading: Reading, at: Address, collation: str) -> None:
    """Emit a table's new default, which its columns take over; texts may become larger for it."""
    table = reading.schema.table(at)
    if collation == "binary":
        raise NotUnderstood("a conversion to the character set binary changes the types of columns")
    old = table_collation(table)
    width = _width(collation)
    for column in reading.schema.columns(at):
        if family(column.type, "mysql") is Family.JSON:
            raise NotUnderstood(f"what a conversion does to {column.at} is not understood")
        if not has_text(column):
            continue
        own = column.collation or old
        if own != collation:
            _must_be_free(reading, column)
        if width > _width(own):
            _alter(reading, column, "type", _larger(column.type))
        _alter(reading, column, "collation", None)
    _set_option(reading, table, collation)


def _must_be_free(reading: Reading, column: Column) -> None:
    held = [t for t in reading.schema.referrers(column.at) if isinstance(t, ForeignKey)]
    if held and reading.checks_foreign_keys:
        raise NotAllowed(f"column {column.at} cannot change: {held[0].at} holds it", column.at)


def _larger(kind: Expression) -> Expression:
    name = str(parsed(kind, "mysql").base)
    if name in _TEXTS[:-1]:
        return Expression.plain(_TEXTS[_TEXTS.index(name) + 1])
    return kind


def _width(collation: str) -> int:
    return _WIDTHS.get(collation.partition("_")[0], 1)


def _alter(reading: Reading, column: Column, fact: str, new: object) -> None:
    old = getattr(column, fact)
    if old != new:
        reading.emit(Alter(column.at, fact, old, new))


def _set_option(reading: Reading, table: Table, collation: str) -> None:
    rest: Iterable[tuple[str, str]] = (pair for pair in table.options if pair[0] != "collate")
    own = () if kept(collation) is None else (("collate", collation),)
    new: Options = tuple(sorted((*rest, *own)))
    if new != table.options:
        reading.emit(Alter(table.at, "options", table.options, new))
