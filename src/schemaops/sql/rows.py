"""Recognise INSERT, UPDATE, DELETE, MERGE, TRUNCATE and COPY as changes of rows and columns."""

from __future__ import annotations

from dataclasses import replace

from schemaops.names import Address, Kind
from schemaops.operations import Rows
from schemaops.operations.group import Mention
from schemaops.operations.rows import NotLiteral
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Column, ForeignKey
from schemaops.sql import session, temporary, virtual_tables
from schemaops.sql.cursor import Cursor
from schemaops.sql.queries import RowStatement
from schemaops.sql.reading import NotAllowed, Reading, StillNeeded
from schemaops.sql.unread import with_holes

__all__ = ["copy", "row_statement", "truncate", "with_statement"]


def row_statement(reading: Reading, cursor: Cursor) -> None:
    """Take a whole data statement."""
    from schemaops.sql import queries

    cursor.at = 0
    start, text = cursor.start, cursor.text()
    cursor.at = cursor.stop
    if reading.dialect.name == "postgres" and cursor.tokens[0].text.upper() == "TRUNCATE":
        truncate(reading, Cursor(cursor.statement, cursor.dialect))
        return
    if reading.dialect.name == "sqlite" and _fills_shadow(reading, cursor):
        return
    given = None if start else tuple(cursor.tokens[: cursor.stop])
    read = queries.row_statement(text, reading.dialect.name, reading.scope(), given)
    reading.noted(read.mentions, read.problems, start)
    seen = {read.table, *read.reading.relations, *(one.table for one in read.besides)}
    reading.witnessed(text, seen)
    for one in (*read.besides, read):
        _written(reading, cursor, one)


def _fills_shadow(reading: Reading, cursor: Cursor) -> bool:
    """Whether a dump puts the rows of a virtual table back."""
    probe = Cursor(cursor.statement, cursor.dialect)
    if not probe.take("INSERT", "INTO") or not probe.sees_identifier():
        return False
    return virtual_tables.is_shadow(reading, probe.identifier()[0])


_CATALOGUES = frozenset({"sqlite_master", "sqlite_schema"})


def _written(reading: Reading, cursor: Cursor, read: RowStatement) -> None:
    if temporary.is_temporary(read.table):
        return
    there = read.table.kind is Kind.TABLE and read.table in reading.schema
    if read.positional and reading.dialect.name == "sqlite" and there:
        # Generated columns have no place there.
        own = [c.at for c in reading.schema.columns(read.table) if c.generated is None]
        read = replace(read, columns=tuple(own[: len(read.columns)]))
    if read.conflict is not None:
        reading.masks.add(f"ON CONFLICT {read.conflict.upper()}")
    if reading.dialect.name == "sqlite" and read.table.name in _CATALOGUES:
        virtual_tables.written_down(reading, cursor)
        return
    if reading.dialect.name == "sqlite" and read.table not in reading.schema:
        return  # the rows of a virtual table are its module's
    if reading.dialect.name == "sqlite" and read.table.name.startswith("sqlite_"):
        return  # SQLite's own: a sequence's place is no part of a schema
    if read.table.kind is Kind.TABLE:
        width = len(read.columns) or len(reading.schema.columns(read.table))
        for row in read.values or ():
            if not row and reading.dialect.name == "mysql":
                continue  # of each column its default
            if not read.positional and len(row) != width:
                said = f"{len(row)} values for {width} columns"
                raise NotAllowed(f"a row for {read.table} has {said}")
            if read.positional and len(row) != len(read.columns):
                raise NotAllowed(f"a row for {read.table} has {len(row)} values")
    _must_be_written_by_hand(reading, cursor, read)
    at = read.reading
    reads = at.columns | {r for r in at.relations if r.kind is not Kind.COLUMN}
    reading.emit(
        Rows(
            read.verb,
            read.table,
            tuple(dict.fromkeys((*read.columns, *read.updated))) if read.updated else read.columns,
            read.values,
            read.sets,
            read.where,
            tuple(sorted(one for one in reads if not temporary.is_temporary(one))),
            read.positional,
            read.conflict,
            at.expression,
        )
    )


def with_statement(reading: Reading, cursor: Cursor) -> None:
    """Take a statement that begins with common table expressions: a query, or one that writes."""
    depth = 0
    for token in cursor.tokens[1:]:
        depth += (token.text == "(") - (token.text == ")")
        word = token.text.upper() if depth == 0 else ""
        if word in ("INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"):
            row_statement(reading, cursor)
            return
        if word in ("SELECT", "VALUES", "TABLE"):
            break
    cursor.at = 0
    session.query(reading, cursor)


def truncate(reading: Reading, cursor: Cursor) -> None:
    """Take PostgreSQL's TRUNCATE; with CASCADE the tables that refer to those named go empty too."""
    cursor.need("TRUNCATE")
    cursor.take("TABLE")
    found: list[Address] = []
    while True:
        cursor.take("ONLY")
        parts = cursor.qualified()
        if not temporary.named(reading, parts):
            found.append(reading.table(parts))
        cursor.take_symbol("*")
        if not cursor.take_symbol(","):
            break
    again = cursor.one_of("RESTART", "CONTINUE")
    if again:
        cursor.need("IDENTITY")
    cascade = cursor.one_of("CASCADE", "RESTRICT") == "CASCADE"
    cursor.end()
    if cascade:
        reading.masks.add("CASCADE")
    every = list(dict.fromkeys(found))
    for at in every:
        for other in reading.schema.referrers(at):
            if not isinstance(other, ForeignKey) or other.table != at:
                continue
            own = Address(Kind.TABLE, other.at.path[:-1])
            if own in every:
                continue
            if not cascade:
                raise StillNeeded(at, other.at)
            every.append(own)
        # What stands under it loses its rows with it.
        every += [one for one in reading.below(at) if one not in every]
    tail = f" {again.lower()} identity" if again else ""
    tail += " cascade" if cascade else ""
    for at in every:
        pieces = ("truncate table ", at, tail) if tail else ("truncate table ", at)
        reading.emit(Rows("truncate", at, text=Expression(pieces, pieces)))


def copy(reading: Reading, cursor: Cursor) -> None:
    """Take what follows COPY: rows into a table, or out of it, which changes nothing."""
    if cursor.symbol() == "(":
        cursor.at = cursor.stop
        return
    parts = cursor.qualified()
    start = cursor.at
    names = cursor.names() if cursor.symbol() == "(" else []
    word = cursor.one_of("FROM", "TO")
    if not word:
        raise cursor.refuse()
    cursor.at = cursor.stop
    if temporary.named(reading, parts):
        return
    table = reading.existing(parts, Kind.TABLE, Kind.VIEW)
    columns = tuple(reading.column(table, name) for name in names)
    if word == "TO":
        return
    if table.kind is not Kind.TABLE:
        cursor.at = start
        raise cursor.refuse()
    if not names:
        own = reading.schema.columns(table)
        columns = tuple(column.at for column in own if column.generated is None)
    text = cursor.statement.text
    pieces = with_holes(text, [(m.start, m.end, m.at) for m in _apart(reading.mentions)])
    written = Expression(pieces, pieces)
    reading.emit(Rows("insert", table, columns, positional=not names, text=written))


def _apart(mentions: list[Mention]) -> list[Mention]:
    # A schema's name before a table's is spelled with the table.
    return [mention for mention in mentions if mention.at.kind is not Kind.SCHEMA]


def _must_be_written_by_hand(reading: Reading, cursor: Cursor, read: RowStatement) -> None:
    """Raise NotAllowed where a value is given to a column whose values are the database's own."""
    if not reading.is_strict:
        return  # what is given to a generated column is then passed over
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
