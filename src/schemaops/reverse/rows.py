"""Rows put back: the data statement that undoes another, where its own text says enough.

Rows inserted with literal keys are deleted by them. Nothing else about rows is known from a text.
"""

from __future__ import annotations

from schemaops.names import Address
from schemaops.operations import Rows
from schemaops.operations.rows import Literal, NotLiteral
from schemaops.schema.expressions import Expression, Piece
from schemaops.schema.objects import PrimaryKey, Unique
from schemaops.schema.state import Schema
from schemaops.sql.strings import string_literal

__all__ = ["deletion"]


def deletion(rows: Rows, schema: Schema) -> Rows | None:
    """Return the deletion of exactly the rows that an INSERT adds, None where no key tells them."""
    if rows.verb != "insert" or rows.values is None or rows.conflict is not None:
        return None
    for key in _keys(schema, rows.table):
        found = _literals(rows, key, schema.dialect)
        if found is not None:
            return _deletion(rows.table, key, found)
    return None


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


def _deletion(table: Address, key: tuple[Address, ...], found: list[tuple[str, ...]]) -> Rows:
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
