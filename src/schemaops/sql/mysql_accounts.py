"""MySQL's accounts, roles and privileges: they are the server's, and no part of a schema.

What a GRANT names is noted all the same, so that it does not pass beside a drop in silence.
"""

from __future__ import annotations

from schemaops.names import Kind
from schemaops.sql.cursor import Cursor
from schemaops.sql.reading import Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.upkeep import nothing as outside

__all__ = ["BEGINNINGS", "outside", "privileges"]

BEGINNINGS: tuple[tuple[str, ...], ...] = (
    *((verb, what) for verb in ("CREATE", "DROP") for what in ("USER", "ROLE")),
    ("CREATE", "OR", "REPLACE", "USER"),
    ("CREATE", "OR", "REPLACE", "ROLE"),
    ("ALTER", "USER"),
    ("RENAME", "USER"),
    ("SET", "PASSWORD"),
    ("SET", "ROLE"),
    ("SET", "DEFAULT", "ROLE"),
)
_ROUTINES = {"FUNCTION": Kind.FUNCTION, "PROCEDURE": Kind.PROCEDURE}
_EVEN_WHERE_ABSENT = ("CREATE", "ALL")


def privileges(reading: Reading, cursor: Cursor) -> None:
    """Take what follows GRANT or REVOKE; raise NotUnderstood for a name not known."""
    gives = cursor.tokens[0].text.upper() == "GRANT"
    absent = False
    while not cursor.done and cursor.word() not in ("ON", "TO", "FROM"):
        absent = absent or cursor.word() in _EVEN_WHERE_ABSENT
        cursor.at += 1
    if cursor.take("ON"):
        kinds: tuple[Kind, ...] = (Kind.TABLE, Kind.VIEW)
        if cursor.word() in _ROUTINES and cursor.symbol(1) != ".":
            kinds = (_ROUTINES[cursor.one_of(*_ROUTINES)],)
        else:
            cursor.take("TABLE")
        if cursor.sees_identifier() and cursor.symbol(1) != ".":
            parts = cursor.qualified()
            at = reading.find((parts[0][0],), kinds)
            if at is not None:
                reading.mention_path(parts, at)
            elif gives and not absent:
                raise NotUnderstood(f"what {parts[0][0]} is, is not known")
    cursor.at = cursor.stop
