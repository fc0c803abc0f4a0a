"""Rows put back: the data statement that undoes another, where its own text says enough.

Rows inserted with literal keys are deleted by them, those of neighbouring statements together. Nothing
else about rows is known from a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from schemaops.names import Address
from schemaops.operations import Rows
from schemaops.operations.rows import Literal, NotLiteral
from schemaops.schema.expressions import Expression, Piece
from schemaops.schema.objects import (
    ForeignKey,
    PrimaryKey,
    Sundry,
    Trigger,
    Unique,
    Unmodelled,
)
from schemaops.schema.state import Schema
from schemaops.sql.strings import string_literal

__all__ = ["Keyed", "deletion", "deletions", "keyed"]

# SQLite takes no condition that is a thousand deep, and people none that is longer than a screen.
_TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Keyed:
    """Rows of a table as literal values of a key, spelled for the dialect."""

    table: Address
    key: tuple[Address, ...]
    rows: tuple[tuple[str, ...], ...]


def keyed(rows: Rows, schema: Schema) -> Keyed | None:
    """Return exactly the rows that an INSERT adds, None where no key tells them."""
    if rows.verb != "insert" or rows.values is None or rows.conflict is not None:
        return None
    for key in _keys(schema, rows.table):
        found = _literals(rows, key, schema.dialect)
        if found is not None:
            return Keyed(rows.table, key, tuple(found))
    return None


def deletion(rows: Rows, schema: Schema) -> Rows | None:
    """Return the one deletion of exactly the rows that an INSERT adds, None where there is none."""
    found = keyed(rows, schema)
    if found is None or len(found.rows) > _TOGETHER:
        return None
    return _deletion(found.table, found.key, found.rows)


def deletions(added: Iterable[Keyed], schema: Schema) -> Iterator[Rows]:
    """Yield the deletions of rows that were added to tables of `schema`, given the last first."""
    for (table, key), run in groupby(added, lambda one: (one.table, one.key)):
        parts = [one.rows for one in run]
        if _is_plain(table, schema):
            parts = [tuple(row for rows in reversed(parts) for row in rows)]
        elif schema.dialect == "mysql":
            # Its servers look at each row by itself: the one referred to goes after the other.
            parts = [(row,) for rows in parts for row in reversed(rows)]
        for rows in parts:
            for start in reversed(range(0, len(rows), _TOGETHER)):
                yield _deletion(table, key, rows[start : start + _TOGETHER])


def _is_plain(table: Address, schema: Schema) -> bool:
    """Whether it makes no difference by how many statements rows are deleted."""
    return not any(
        isinstance(one, Trigger | Sundry | Unmodelled)
        or (isinstance(one, ForeignKey) and one.table == table and one.at.path[:-1] == table.path)
        for one in schema.referrers(table)
    )


def _keys(schema: Schema, table: Address) -> list[tuple[Address, ...]]:
    keys = [key.columns for key in schema.parts(table, PrimaryKey)]
    return keys + [key.columns for key in schema.parts(table, Unique)]


def _literals(rows: Rows, key: tuple[Address, ...], dialect: str) -> list[tuple[str, ...]] | None:
    if rows.values is None or not set(key) <= set(rows.columns):
        return None
    places = [rows.columns.index(at) for at in key]
    found = []
    for row in rows.values:
        values = [row[place] for place in places if place < len(row)]
        if len(values) != len(places) or any(
            value is None or isinstance(value, NotLiteral) for value in values
        ):
            return None
        found.append(tuple(_spelled(value, dialect) for value in values))
    return found


def _deletion(table: Address, key: tuple[Address, ...], found: tuple[tuple[str, ...], ...]) -> Rows:
    pieces: list[Piece] = []
    if len(key) == 1:
        listed = ", ".join(row[0] for row in found)
        pieces += [key[0], f" IN ({listed})" if len(found) > 1 else f" = {listed}"]
    else:
        for place, row in enumerate(found):
            pieces.append(" OR " if place else "")
            for at, value in zip(key, row, strict=True):
                pieces += ["(" if at == key[0] else " AND ", at, f" = {value}"]
            pieces.append(")")
    where = tuple(piece for piece in pieces if piece != "")
    return Rows(
        "delete",
        table,
        where=Expression(where),
        reads=key,
        text=Expression(("DELETE FROM ", table, " WHERE ", *where)),
    )


def _spelled(value: Literal, dialect: str) -> str:
    match value:
        case bool():
            return str(int(value)) if dialect == "sqlite" else str(value).lower()
        case int() | float():
            return repr(value)
        case bytes():
            return f"'\\x{value.hex()}'" if dialect == "postgres" else f"x'{value.hex()}'"
        case str():
            return string_literal(value, dialect)
        case _:
            raise AssertionError(value)
