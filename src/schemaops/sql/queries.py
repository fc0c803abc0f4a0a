"""Queries and data statements read: what they select, read and write.

query(text, dialect, scope, columns=()) -> Query
    a view's body, or the SELECT of an INSERT or CREATE TABLE AS; `columns` renames the outputs
    (CREATE VIEW v (a, b) AS …). `Query.outputs` are the columns in order, `*` expanded.
row_statement(text, dialect, scope, found=None) -> RowStatement
    INSERT, REPLACE, UPDATE, DELETE, MERGE, TRUNCATE; raises NotUnderstood for anything else. What
    writes in several places has the others `besides`. `found` are the tokens of the text, where it
    was lexed already.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemaops.names import Address, Name
from schemaops.operations.rows import Literal
from schemaops.schema.expressions import Expression
from schemaops.sql.lexer import Token, UnreadableSql
from schemaops.sql.scope import NOWHERE, Mention, NotUnderstood, Problem, Reading, Scope
from schemaops.sql.unread import by_tokens

__all__ = ["Output", "Query", "RowStatement", "query", "row_statement"]


@dataclass(frozen=True, slots=True)
class Output:
    """A column of a query's result.

    Its name, its type where known, the column that it shows where it is one and nothing else, and
    the length or the like that its values are known to keep.
    """

    name: Name
    type: Expression | None = None
    source: Address | None = None
    limit: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A query: what reading it told, and the columns of its result in order.

    The outputs are not `complete` where the text was not understood, or `*` shows the columns of
    what is not in the schema.
    """

    reading: Reading
    outputs: tuple[Output, ...]
    complete: bool = True

    @property
    def expression(self) -> Expression:
        """The query as an expression, its relations and columns as holes."""
        return self.reading.expression


@dataclass(frozen=True, slots=True)
class RowStatement:
    """A data statement: which rows and columns it writes and reads.

    `verb` is insert, update, delete or truncate; what a MERGE, a common table expression or a TRUNCATE
    of several tables does besides comes first. `columns` are those written, in the statement's
    order; `positional` says that an INSERT names none (they are then the table's first ones).
    `values` are the literal rows of INSERT … VALUES; `sets` an UPDATE's assignments; `conflict` what
    an INSERT does about rows that exist (`nothing`, `update`, `replace`), `updated` the columns that
    it then writes. `reading` holds the statement as an expression, and all that it reads.
    """

    verb: str
    table: Address
    columns: tuple[Address, ...]
    positional: bool
    values: tuple[tuple[Literal, ...], ...] | None
    sets: tuple[tuple[Address, Expression], ...]
    where: Expression | None
    conflict: str | None
    updated: tuple[Address, ...]
    reading: Reading
    besides: tuple[RowStatement, ...] = ()

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """Every identifier that names a column or relation."""
        return self.reading.mentions

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The references that stand for nothing."""
        return self.reading.problems


def query(text: str, dialect: str, scope: Scope = NOWHERE, columns: tuple[Name, ...] = ()) -> Query:
    """Return what a query's text comes to."""
    from schemaops.sql.binding.readings import read_query, type_expression

    try:
        reading, bound = read_query(text, dialect, scope, columns)
    except (NotUnderstood, UnreadableSql, RecursionError):
        return Query(by_tokens(text, dialect, scope), tuple(map(Output, columns)), complete=False)
    if bound.outputs is None:
        return Query(reading, tuple(map(Output, columns)), complete=False)
    shown = bound.columns(columns) or ()
    return Query(
        reading,
        tuple(
            Output(
                column.name,
                type_expression(column),
                None if output.shows is None else output.shows.at,
                output.value.limit,
            )
            for column, output in zip(shown, bound.outputs, strict=True)
        ),
    )


def row_statement(
    text: str, dialect: str, scope: Scope = NOWHERE, found: tuple[Token, ...] | None = None
) -> RowStatement:
    """Return what a data statement comes to; raise NotUnderstood."""
    from schemaops.sql.binding.rows import bind_rows

    return bind_rows(text, dialect, scope, found)
