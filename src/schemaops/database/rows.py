"""The rows of all tables in one canonical order, so that two databases can be compared.

A row is its values by column, in the order of the columns' names, since two ways to one schema may
leave its columns in different orders. PostgreSQL writes every value as text itself; elsewhere a
value is told from another by its type as well (`1` is not `'1'`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from schemaops.database.sessions import Connection
from schemaops.names import Address, Kind
from schemaops.schema.objects import Table, Unmodelled
from schemaops.schema.state import Schema
from schemaops.sql.names import quote

__all__ = ["RowsDiffer", "RowsOf", "differences", "has_rows", "read_rows"]

# So many tables are asked for in one statement.
_ASKED = 200
_HOLD_ROWS = frozenset({"materialized view", "partition", "table", "virtual table"})

RowsOf = Mapping[Address, Counter[tuple[str, ...]]]
"""The rows of each table, as many times as each is there."""


@dataclass(frozen=True, slots=True)
class RowsDiffer:
    """A table whose rows differ, and one row that only one of the two has, where there is one."""

    table: Address
    only_first: tuple[tuple[str, ...], ...]
    only_second: tuple[tuple[str, ...], ...]

    def said(self, first: str, second: str) -> str:
        """Return what differs, given what the two are called."""
        told = [
            f"{len(rows)} only {where}, such as ({', '.join(map(_shown, rows[0]))})"
            for where, rows in ((first, self.only_first), (second, self.only_second))
            if rows
        ]
        return f"rows of {self.table}: {'; '.join(told)}"


def read_rows(
    connection: Connection, schema: Schema, only: Collection[Address] | None = None
) -> RowsOf:
    """Return the rows of all tables of the schema that a database holds, or `only` of some."""
    tables = (at for at in _tables(schema) if only is None or at in only)
    return {at: Counter(_rows(connection, schema, at)) for at in tables}


def has_rows(connection: Connection, schema: Schema) -> bool:
    """Return whether some table of the schema that a database holds has a row."""
    tables = [_name(at, connection.dialect) for at in _tables(schema)]
    for start in range(0, len(tables), _ASKED):
        there = " OR ".join(
            f"EXISTS (SELECT 1 FROM {table})" for table in tables[start : start + _ASKED]
        )
        ((found,),) = connection.query(f"SELECT {there}")
        if found:
            return True
    return False


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


def _rows(connection: Connection, schema: Schema, at: Address) -> Iterator[tuple[str, ...]]:
    unmodelled = at.kind is Kind.UNMODELLED
    table = _name(at, connection.dialect)
    as_text = "::text" if connection.dialect == "postgres" else ""
    names = sorted(() if unmodelled else (column.at.name for column in schema.columns(at)))
    columns = [f"{quote(name, connection.dialect)}{as_text}" for name in names]
    # PostgreSQL has tables without columns, whose rows can still be counted.
    wanted = "*" if unmodelled else ", ".join(columns) or "NULL"
    labels = [f"{name} = " for name in names]
    for row in connection.query(f"SELECT {wanted} FROM {table}"):
        cells = tuple(map(_canonical, row))
        yield tuple(map(str.__add__, labels, cells)) if labels else cells


def _name(at: Address, dialect: str) -> str:
    path = at.path[1:] if at.kind is Kind.UNMODELLED else at.path
    return ".".join(quote(name, dialect) for name in path)


def _canonical(value: object) -> str:
    return "NULL" if value is None else repr(value)


def _shown(cell: str) -> str:
    return cell if len(cell) <= 40 else cell[:39] + "…"
