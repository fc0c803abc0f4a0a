"""Recognise the options of tables and indexes, in the words of each catalogue."""

from __future__ import annotations

from schemaops.sql import constraints
from schemaops.sql.cursor import Cursor
from schemaops.sql.reading import Reading

__all__ = ["storage_options", "table_option", "table_options"]

_IGNORED = frozenset({"auto_increment", "avg_row_length", "checksum", "max_rows", "min_rows"})


def table_options(reading: Reading, cursor: Cursor) -> dict[str, str]:
    """Take what follows the parenthesis of CREATE TABLE; return the options by name."""
    found: dict[str, str] = {}
    while not cursor.done:
        match reading.dialect.name:
            case "sqlite":
                if cursor.take("WITHOUT", "ROWID"):
                    found["without rowid"] = "true"
                elif cursor.take("STRICT"):
                    found["strict"] = "true"
                elif not cursor.take_symbol(","):
                    raise cursor.refuse()
            case "mysql":
                table_option(cursor, found)
            case _:
                if cursor.take("WITHOUT", "OIDS"):
                    continue
                if cursor.take("TABLESPACE"):
                    cursor.identifier()
                elif cursor.take("USING"):
                    name = cursor.identifier()[0]
                    if name != "heap":
                        found["access method"] = name
                elif cursor.take("WITH"):
                    found |= storage_options(cursor.inside())
                else:
                    raise cursor.refuse()
    return found


def storage_options(inner: Cursor) -> dict[str, str]:
    """Take `fillfactor = 70, …`; return the parameters by name."""
    found = {}
    for part in inner.parts():
        words = part.qualified()
        name = ".".join(n for n, _ in words)
        part.need_symbol("=")
        value = part.text().strip("'").lower()
        part.at = part.stop
        if name != "oids":
            found[name] = value
    return found


def table_option(cursor: Cursor, found: dict[str, str]) -> None:
    """Take one of MySQL's table options into `found`, in the words of the catalogue."""
    cursor.take_symbol(",")
    cursor.take("DEFAULT")
    if cursor.take("CHARACTER", "SET") or cursor.take("CHARSET"):
        cursor.take_symbol("=")
        charset = cursor.identifier()[0].lower()
        collation = constraints.charset_collation(charset)
        if charset != "utf8mb4":
            found.setdefault("collate", collation)
        return
    if cursor.take("COLLATE"):
        cursor.take_symbol("=")
        name = cursor.identifier()[0].lower()
        if name == "utf8mb4_general_ci":
            found.pop("collate", None)
        else:
            found["collate"] = name
        return
    name = cursor.word().lower()
    if not name:
        raise cursor.refuse()
    cursor.at += 1
    cursor.take_symbol("=")
    token = cursor.token
    if name == "comment":
        text = cursor.string()
        if text:
            found["comment"] = text
    elif name in ("engine", "row_format", *_IGNORED, "key_block_size") and token is not None:
        cursor.at += 1
        value = token.text.strip("'\"`").lower()
        if name in _IGNORED or (name, value) in (("engine", "innodb"), ("row_format", "default")):
            return
        found[name] = value
    else:
        raise cursor.refuse()
