"""Temporary tables: they are outside every schema, and what is said about them is understood.

A reading keeps the columns of those that stand, under the schema ``pg_temp``, so that queries and data
statements over them can be read; nothing is emitted for what changes them alone.
"""

from __future__ import annotations

from collections.abc import Callable

from schemaops.names import Address, Name
from schemaops.sql import scope as scopes
from schemaops.sql.cursor import Cursor
from schemaops.sql.reading import Named, Reading

__all__ = ["SPACE", "drop", "is_temporary", "made", "named", "over"]

SPACE = Name("pg_temp")


def is_temporary(at: Address) -> bool:
    """Return whether an address is that of a temporary table or of something in it."""
    return at.path[0] == SPACE and len(at.path) > 1


def named(reading: Reading, parts: list[Named]) -> bool:
    """Return whether a name is that of a temporary table."""
    if not reading.own_tables or parts[-1][0] not in reading.own_tables:
        return False
    return len(parts) == 1 or parts[-2][0] == SPACE


def made(reading: Reading, at: Address, work: Callable[[], None]) -> None:
    """Do what makes a temporary table, take back what it emits, and note the table's columns."""
    before = reading.schema
    work()
    relation = scopes.Relation(at, reading.relation_at(at).columns)
    # What it holds goes with the session; what its text names is named all the same.
    reading.schema = before
    reading.operations.clear()
    reading.mentions = [m for m in reading.mentions if not is_temporary(m.at)]
    reading.own_tables[at.name] = relation


def drop(reading: Reading, parts: list[Named]) -> bool:
    """Forget a temporary table; return whether there was one of that name."""
    if not named(reading, parts):
        return False
    del reading.own_tables[parts[-1][0]]
    return True


def over(reading: Reading, cursor: Cursor) -> bool:
    """Take the rest of a statement whose table comes next and is temporary; return whether it is."""
    start = cursor.at
    cursor.take("ONLY")
    parts = cursor.qualified()
    if named(reading, parts):
        cursor.at = cursor.stop
        return True
    cursor.at = start
    return False
