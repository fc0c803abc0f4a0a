"""The rows of all tables in one canonical order, so that two databases can be compared.

A row is its values by column, in the order of the columns' names, since two ways to one schema may
leave its columns in different orders. PostgreSQL writes every value as text itself; elsewhere a
value is told from another by its type as well (`1` is not `'1'`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemaops.database.sessions import Connection
from schemaops.names import Address, Kind
from schemaops.schema.objects import Table, Unmodelled
from schemaops.schema.state import Schema
from schemaops.sql.names import quote

__all__ = ["RowsDiffer", "RowsOf", "differences", "read_rows"]

_HOLD_ROWS = frozenset({"materialized view", "partition", "table", "virtual table"})

RowsOf = Mapping[Address, Counter[tuple[str | None, ...]]]
"""The rows of each table, as many times as each is there."""


@dataclass(frozen=True, slots=True)
class RowsDiffer:
    """A table whose rows differ, and one row that only one of the two has, where there is one."""

    table: Address
    only_first: tuple[tuple[str | None, ...], ...]
    only_second: tuple[tuple[str | None, ...], ...]

    def __str__(self) -> str:
        told = [
            f"{len(rows)} only {where}, such as ({', '.join(map(_shown, rows[0]))})"
            for where, rows in (
                ("the first way", self.only_first),
                ("the second", self.only_second),
            )
            if rows
        ]
        return f"rows of {self.table}: {'; '.join(told)}"


def read_rows(connection: Connection, schema: Schema) -> RowsOf:
    """Return the rows of all tables of the schema that a database holds."""
    return {at: Counter(_rows(connection, schema, at)) for at in _tables(schema)}


def differences(first: RowsOf, second: RowsOf) -> tuple[RowsDiffer, ...]:
    """Return the tables whose rows differ; one that only one side has counts as empty elsewhere."""
    found = []
    for table in sorted({*first, *second}):
        mine, its = first.get(table, Counter()), second.get(table, Counter())
        if mine != its:
            found.append(
                RowsDiffer(
                    table,
                    tuple(sorted((mine - its).elements(), key=repr)),
                    tuple(sorted((its - mine).elements(), key=repr)),
                )
            )
    return tuple(found)


def _tables(schema: Schema) -> Iterator[Address]:
    for thing in schema:
        if isinstance(thing, Table) or (isinstance(thing, Unmodelled) and thing.what in _HOLD_ROWS):
            yield thing.at


def _rows(connection: Connection, schema: Schema, at: Address) -> Iterator[tuple[str | None, ...]]:
    unmodelled = at.kind is Kind.UNMODELLED
    path = at.path[1:] if unmodelled else at.path
    table = ".".join(quote(name, connection.dialect) for name in path)
    as_text = "::text" if connection.dialect == "postgres" else ""
    names = sorted(() if unmodelled else (column.at.name for column in schema.columns(at)))
    columns = [f"{quote(name, connection.dialect)}{as_text}" for name in names]
    # PostgreSQL has tables without columns, whose rows can still be counted.
    wanted = "*" if unmodelled else ", ".join(columns) or "NULL"
    for row in connection.query(f"SELECT {wanted} FROM {table}"):
        yield tuple(None if value is None else _canonical(value, as_text) for value in row)


def _canonical(value: object, as_text: str) -> str:
    return value if as_text and isinstance(value, str) else repr(value)


def _shown(value: str | None) -> str:
    return "NULL" if value is None else value if len(value) <= 40 else value[:39] + "…"
