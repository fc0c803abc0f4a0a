"""Queries and data statements read: what they select, read and write.

query(text, dialect, scope, columns=()) -> Query
    a view's body, or the SELECT of an INSERT or CREATE TABLE AS; `columns` renames the outputs
    (CREATE VIEW v (a, b) AS …). `Query.outputs` are the columns in order, `*` expanded.
row_statement(text, dialect, scope) -> RowStatement
    INSERT, REPLACE, UPDATE, DELETE, TRUNCATE; raises NotUnderstood for anything else.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemaops.names import Address, Name
from schemaops.operations.rows import Literal
from schemaops.schema.expressions import Expression
from schemaops.sql.scope import NOWHERE, Mention, NotUnderstood, Problem, Reading, Scope
from schemaops.sql.unread import by_tokens

__all__ = ["Output", "Query", "RowStatement", "query", "row_statement"]


@dataclass(frozen=True, slots=True)
class Output:
    """A column of a query's result: its name, its type if known, the column it shows if it is one."""

    name: Name
    type: Expression | None = None
    source: Address | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A query: what reading it told, and the columns of its result in order."""

    reading: Reading
    outputs: tuple[Output, ...]

    @property
    def expression(self) -> Expression:
        """The query as an expression, its relations and columns as holes."""
        return self.reading.expression


@dataclass(frozen=True, slots=True)
class RowStatement:
    """A data statement: which rows and columns it writes and reads.

    `verb` is insert, update, delete or truncate. `columns` are those written, in the statement's
    order; `positional` says that an INSERT names none (they are then the table's first ones).
    `values` are the literal rows of INSERT … VALUES; `sets` an UPDATE's assignments; `conflict` what
    an INSERT does about rows that exist (`nothing`, `update`, `replace`), `updated` the columns that
    it then writes. `reading` holds the statement as an expression, and all that it reads.
    """

    verb: str
    table: Address
    columns: tuple[Address, ...] = ()
    positional: bool = False
    values: tuple[tuple[Literal, ...], ...] | None = None
    sets: tuple[tuple[Address, Expression], ...] = ()
    where: Expression | None = None
    conflict: str | None = None
    updated: tuple[Address, ...] = ()
    reading: Reading = Reading(Expression(()))

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
    return Query(by_tokens(text, dialect, scope), tuple(map(Output, columns)))


def row_statement(text: str, dialect: str, scope: Scope = NOWHERE) -> RowStatement:
    """Return what a data statement comes to; raise NotUnderstood."""
    raise NotUnderstood(f"this data statement is not read yet ({dialect}, {scope}): {text}")
