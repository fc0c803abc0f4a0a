"""Recognise INSERT, UPDATE, DELETE and TRUNCATE as changes of rows and columns."""

from __future__ import annotations

from dataclasses import replace

from schemaops.names import Kind
from schemaops.operations import Rows
from schemaops.operations.rows import NotLiteral
from schemaops.schema.objects import Column
from schemaops.sql.cursor import Cursor
from schemaops.sql.queries import RowStatement
from schemaops.sql.reading import NotAllowed, Reading

__all__ = ["row_statement"]


def row_statement(reading: Reading, cursor: Cursor) -> None:
    """Take a whole data statement."""
    from schemaops.sql import queries

    cursor.at = 0
    start, text = cursor.start, cursor.text()
    cursor.at = cursor.stop
    read = queries.row_statement(text, reading.dialect.name, reading.scope())
    if read.positional and reading.dialect.name == "sqlite":
        # Generated columns have no place there.
        own = [c.at for c in reading.schema.columns(read.table) if c.generated is None]
        read = replace(read, columns=tuple(own[: len(read.columns)]))
    reading.noted(read.mentions, read.problems, start)
    reading.witnessed(text, {read.table, *read.reading.relations})
    if read.conflict is not None:
        reading.masks.add(f"ON CONFLICT {read.conflict.upper()}")
    if reading.dialect.name == "sqlite" and read.table.name.startswith("sqlite_"):
        return  # SQLite's own: a sequence's place is no part of a schema
    width = len(read.columns) or len(reading.schema.columns(read.table))
    for row in read.values or ():
        if not read.positional and len(row) != width:
            raise NotAllowed(f"a row for {read.table} has {len(row)} values for {width} columns")
        if read.positional and len(row) != len(read.columns):
            raise NotAllowed(f"a row for {read.table} has {len(row)} values")
    _must_be_written_by_hand(reading, cursor, read)
    at = read.reading
    reading.emit(
        Rows(
            read.verb,
            read.table,
            tuple(dict.fromkeys((*read.columns, *read.updated))) if read.updated else read.columns,
            read.values,
            read.sets,
            read.where,
            tuple(sorted(at.columns | {r for r in at.relations if r.kind is not Kind.COLUMN})),
            read.positional,
            read.conflict,
            at.expression,
        )
    )


def _must_be_written_by_hand(reading: Reading, cursor: Cursor, read: RowStatement) -> None:
    """Raise NotAllowed where a value is given to a column whose values are the database's own."""
    overriding = any(token.text.upper() == "OVERRIDING" for token in cursor.tokens)
    for place, at in enumerate(read.columns):
        column = reading.schema.get(at)
        if not isinstance(column, Column):
            continue
        always = column.identity is not None and column.identity.always and not overriding
        if column.generated is None and not always:
            continue
        if read.verb == "insert":
            rows = read.values
            given = rows is None or any(not isinstance(row[place], NotLiteral) for row in rows)
        else:
            given = any(to == at and str(value).upper() != "DEFAULT" for to, value in read.sets)
        if given:
            raise NotAllowed(f"column {at} takes no value but its own", at)
