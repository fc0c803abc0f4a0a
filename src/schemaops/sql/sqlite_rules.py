"""What SQLite refuses of tables, indexes and checks, whatever rows there are."""

from __future__ import annotations

from itertools import pairwise

from schemaops.names import Address
from schemaops.schema.objects import PrimaryKey
from schemaops.sql.cursor import Cursor
from schemaops.sql.keywords import words
from schemaops.sql.reading import NotAllowed, Reading

__all__ = ["must_be_repeatable", "must_be_without_queries", "must_stand"]

_STRICT_TYPES = words("int integer real text blob any")
_CHANGING = words("random randomblob changes last_insert_rowid total_changes sqlite_version")


def must_stand(reading: Reading, at: Address) -> None:
    """Raise NotAllowed where a table's columns and options do not go together."""
    columns = reading.schema.columns(at)
    options = dict(reading.schema.table(at).options)
    auto = [column for column in columns if column.auto_increment]
    if auto and str(auto[0].type).lower() != "integer":
        raise NotAllowed(
            f"AUTOINCREMENT is only for an INTEGER PRIMARY KEY: {auto[0].at}", auto[0].at
        )
    if "without rowid" in options:
        if auto:
            said = f"AUTOINCREMENT is not for a table without rowid: {auto[0].at}"
            raise NotAllowed(said, auto[0].at)
        if not reading.schema.parts(at, PrimaryKey):
            raise NotAllowed(f"table {at} without rowid has no primary key", at)
    for column in columns if "strict" in options else ():
        if str(column.type).lower() not in _STRICT_TYPES:
            raise NotAllowed(
                f"column {column.at} of a strict table has no type of those", column.at
            )


def must_be_without_queries(reading: Reading, inner: Cursor) -> None:
    """Raise NotAllowed where SQLite is given a query in a check, an index or a generated column."""
    if reading.dialect.name != "sqlite":
        return
    for token in inner.tokens[inner.at : inner.stop]:
        if token.text.upper() == "SELECT":
            raise NotAllowed("SQLite takes no query there")


def must_be_repeatable(reading: Reading, inner: Cursor) -> None:
    """Raise NotAllowed where a key of SQLite's is a query, or another value each time."""
    must_be_without_queries(reading, inner)
    found = inner.tokens[inner.at : inner.stop]
    for token, behind in pairwise(found):
        if reading.dialect.name == "sqlite" and behind.text == "(":
            if token.text.lower() in _CHANGING:
                raise NotAllowed(f"{token.text} gives another value each time")
