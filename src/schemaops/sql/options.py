"""Recognise the options of tables and indexes, in the words of each catalogue."""

from __future__ import annotations

from schemaops.sql.charsets import kept
from schemaops.sql.cursor import Cursor
from schemaops.sql.mysql_options import take_options
from schemaops.sql.parameters import must_be_of_table
from schemaops.sql.reading import Reading
from schemaops.sql.scope import NotUnderstood

__all__ = ["storage_options", "table_options"]


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
                said = take_options(cursor)
                found |= said.options
                if said.wanted is not None and kept(said.wanted) is not None:
                    found["collate"] = said.wanted
                if said.comment:
                    found["comment"] = said.comment
                break  # what is no option may be the partitions
            case _:
                if cursor.take("WITHOUT", "OIDS"):
                    continue
                if cursor.word() == "AS":
                    break
                if cursor.take("ON", "COMMIT"):  # of temporary tables
                    if not (cursor.take("DROP") or cursor.one_of("DELETE", "PRESERVE")):
                        raise cursor.refuse()
                    cursor.take("ROWS")
                elif cursor.take("TABLESPACE"):
                    cursor.identifier()
                elif cursor.take("USING"):
                    name = cursor.identifier()[0]
                    if name != "heap":
                        raise NotUnderstood(f"access method {name} is not known")
                elif cursor.take("WITH"):
                    given = storage_options(cursor.inside())
                    must_be_of_table(given)
                    found |= given
                else:
                    raise cursor.refuse()
    return found


def storage_options(inner: Cursor) -> dict[str, str]:
    """Take `fillfactor = 70, …`; return the parameters by name."""
    found = {}
    for part in inner.parts():
        words = part.qualified()
        name = ".".join(n for n, _ in words)
        value = "true"
        if part.take_symbol("="):
            value = part.text().strip("'").lower()
            part.at = part.stop
        part.end()
        if name != "oids":
            found[name] = value
    return found
