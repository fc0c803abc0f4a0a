"""Recognise tables made after others: MySQL's CREATE TABLE … LIKE, and CREATE TABLE … AS SELECT.

The second is understood where each column's type follows from a column that it shows: in SQLite a
declared type is that of its affinity, in MySQL the column is taken over without its keys.
"""

from __future__ import annotations

from dataclasses import replace

from schemaops.names import Address, Kind, Name, Relocation
from schemaops.operations import Create, Rows
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    Column,
    ForeignKey,
    Index,
    Table,
    Trigger,
    Unmodelled,
    relocated,
)
from schemaops.sql import queries
from schemaops.sql.cursor import Cursor
from schemaops.sql.names import quote
from schemaops.sql.queries import Output, Query
from schemaops.sql.reading import Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.types import Family, affinity, column_type, family

__all__ = ["as_select", "begins_query", "like"]

_AFFINITIES = {"integer": "INT", "text": "TEXT", "blob": "", "real": "REAL", "numeric": "NUM"}
# What joins, groups or combines rows may make NULL of what is never NULL.
_INNER = "(SELECT"
_TYPED = frozenset({"CAST", "UNION", "EXCEPT", "INTERSECT", "VALUES", _INNER})
_COMPUTED = frozenset({"CASE", "NULL", "EXISTS", "NOT"})
_SEVERAL = frozenset({"JOIN", "UNION", "EXCEPT", "INTERSECT", "GROUP", "WITH", "ROLLUP", "HAVING"})


def like(reading: Reading, cursor: Cursor, at: Address) -> None:
    """Take what follows LIKE: a table of the same columns and keys, without foreign keys."""
    source = reading.table(cursor.qualified())
    cursor.end()
    where = Relocation(((source, at),))
    table = reading.schema.table(source)
    for thing in reading.schema.referrers(source):
        if isinstance(thing, Unmodelled):
            raise NotUnderstood(f"what becomes of {thing.what} {thing.at} is not understood")
    if "system versioning" in dict(table.options):
        raise NotUnderstood("a table like one that keeps its history is not understood")
    reading.emit(Create(replace(relocated(table, where), columns=())))
    for column in reading.schema.columns(source):
        reading.emit(Create(relocated(column, where)))
    for thing in reading.schema.contents(source):
        if isinstance(thing, Column | ForeignKey | Trigger):
            continue
        if isinstance(thing, Check) and thing.of is not None:
            thing = replace(thing, of=where(thing.of))
        if isinstance(thing, Index):
            thing = replace(thing, implicit=False)
        reading.emit(Create(relocated(thing, where)))


def begins_query(cursor: Cursor) -> bool:
    """Whether the query of a CREATE TABLE … AS SELECT comes next."""
    if cursor.word() == "AS":
        return True
    return cursor.dialect == "mysql" and cursor.word() in ("SELECT", "IGNORE", "REPLACE")


def as_select(reading: Reading, cursor: Cursor, at: Address) -> None:
    """Take the query of a CREATE TABLE … AS SELECT: make the table, and put the rows in."""
    cursor.take("AS")
    if cursor.word() != "SELECT":
        raise cursor.refuse()
    start, text = cursor.start, cursor.text()
    found = [token.text.upper() for token in cursor.tokens[cursor.at : cursor.stop]]
    words = {*found, *(_INNER for _ in found if found.count("SELECT") > 1)}
    listed = Cursor(cursor.statement, cursor.dialect, cursor.at, cursor.stop)
    cursor.at = cursor.stop
    dialect = reading.dialect.name
    read = queries.query(text, dialect, reading.scope())
    reading.noted(read.reading.mentions, read.reading.problems, start)
    if not read.complete or not read.reading.understood:
        raise NotUnderstood("the columns of the query are not known")
    names = [output.name for output in read.outputs]
    if len(set(names)) != len(names):
        raise NotUnderstood("two columns of the query have one name")
    reading.emit(Create(Table(at)))
    renamed = _renamed(listed, read) if dialect == "sqlite" else {}
    for place, output in enumerate(read.outputs):
        if dialect == "sqlite":
            if place in renamed:
                output = replace(output, source=_called(read, renamed[place]))
            column = _in_sqlite(reading, at, output, words)
        else:
            column = replace(_in_mysql(reading, at, output, words, read), settings=())
        reading.emit(Create(column))
    insert = f"INSERT INTO {quote(at.name, dialect)} {text}"
    rows = queries.row_statement(insert, dialect, reading.scope())
    reads = {*rows.reading.columns, *rows.reading.relations} - {at}
    reading.emit(
        Rows(
            "insert",
            at,
            rows.columns,
            None,
            (),
            None,
            tuple(sorted(one for one in reads)),
            True,
            None,
            rows.reading.expression,
        )
    )


def _renamed(listed: Cursor, read: Query) -> dict[int, Name]:
    """Return the columns that a SELECT gives other names, by their places."""
    listed.need("SELECT")
    found: dict[int, Name] = {}
    places = 0
    while True:
        item = listed.until("FROM")
        places += 1
        texts = [token.text for token in item.tokens[item.at : item.stop]]
        if "COLLATE" in (text.upper() for text in texts) or texts[:1] == ["("]:
            raise NotUnderstood("whether it has a column's type is not known")
        probe = Cursor(item.statement, item.dialect, item.at, item.stop)
        if probe.sees_identifier() and probe.word() not in _COMPUTED:
            parts = probe.qualified(Kind.COLUMN)
            probe.take("AS")
            if probe.sees_identifier() and probe.stop - probe.at == 1:
                found[places - 1] = parts[-1][0]
        if not listed.take_symbol(","):
            break
    if found and places != len(read.outputs):
        raise NotUnderstood("which columns have other names is not known")
    return found


def _called(read: Query, name: Name) -> Address:
    """Return the column of that name in what a query reads; raise NotUnderstood for none or several."""
    tables = {Address(Kind.TABLE, at.path[:-1]) for at in read.reading.columns}
    found = [at for at in read.reading.columns if at.name == name]
    if len(found) != 1 or len(tables) != 1:
        raise NotUnderstood(f"which column {name} is is not known")
    return found[0]


def _in_sqlite(reading: Reading, at: Address, output: Output, words: set[str]) -> Column:
    declared = ""
    source = None if output.source is None else reading.schema.get(output.source)
    if isinstance(source, Column):
        declared = _AFFINITIES[affinity(source.type)]
    elif output.source is not None or words & _TYPED:
        raise NotUnderstood(f"the type of {output.name} is not known")
    return Column(at.child(Kind.COLUMN, output.name), column_type(declared, "sqlite"))


def _in_mysql(
    reading: Reading, at: Address, output: Output, words: set[str], read: Query
) -> Column:
    source = None if output.source is None else reading.schema.get(output.source)
    tables = [one for one in read.reading.relations if one.kind is Kind.TABLE]
    plain = len(read.reading.relations) == 1 == len(tables) and words.isdisjoint(_SEVERAL)
    is_plain = isinstance(source, Column) and source.generated is None
    if not isinstance(source, Column) or not is_plain or not plain or str(source.type) == "json":
        raise NotUnderstood(f"the type of {output.name} is not known")
    own = dict(reading.schema.table(source.table).options).get("collate")
    collation = source.collation or own
    default = source.default
    if source.auto_increment:
        default = Expression.plain("0")
    return replace(
        source,
        at=at.child(Kind.COLUMN, Name(output.name)),
        auto_increment=False,
        default=default,
        collation=collation if _has_collation(source) else None,
    )


def _has_collation(column: Column) -> bool:
    return family(column.type, "mysql") in (Family.TEXT, Family.ENUM)
