"""Statements that change no schema: those that name nothing, and those that tend relations.

LOCK, ANALYZE, VACUUM, REINDEX and their like are taken for the names in them: one that the other side
renames is reworded, one that it drops is missed.
"""

from __future__ import annotations

from schemaops.names import Kind
from schemaops.sql.cursor import Cursor
from schemaops.sql.reading import Reading

__all__ = ["nothing", "upkeep"]

_TENDED = (Kind.TABLE, Kind.VIEW, Kind.INDEX)


def nothing(reading: Reading, cursor: Cursor) -> None:
    """Take a statement that is no part of any schema."""
    cursor.at = cursor.stop
    assert reading.dialect.name == cursor.dialect


def upkeep(reading: Reading, cursor: Cursor) -> None:
    """Take a statement that leaves the schema as it is; note the relations that it names."""
    depth = 0
    while not cursor.done:
        depth += (cursor.symbol() == "(") - (cursor.symbol() == ")")
        if depth or not cursor.sees_identifier():
            cursor.at += 1
            continue
        parts = cursor.qualified()
        names = tuple(name for name, _ in parts)
        if names[-1] in reading.temporary or names[-1] in reading.own_tables:
            continue
        at = reading.find(names, _TENDED)
        if at is not None:
            reading.mention_path(parts, at)
