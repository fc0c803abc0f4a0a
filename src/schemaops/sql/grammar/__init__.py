"""Text into a syntax tree: expressions, queries and data statements of the three dialects.

Operator precedence is each dialect's own (PostgreSQL manual 4.1.6; MySQL manual "Operator
Precedence" and MariaDB's grammar, where comparison binds less than LIKE, IN and BETWEEN;
sqlite.org/lang_expr.html). What does not fit raises NotUnderstood: a text is read in full or not
at all. The reader is one class, built up file by file: reader, operators, values, queries, rows.

    parse_expression(text, dialect) -> Node
    parse_query(text, dialect) -> Query
    parse_rows(text, dialect) -> Insert | Update | Delete | Merge | Truncate
    expression_extent(tokens, at, dialect, default=False) -> int
        index just past the expression that begins at tokens[at]; `default` for a column's DEFAULT,
        which NOT NULL and the like may follow
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from schemaops.sql import tree
from schemaops.sql.grammar.rows import RowReader
from schemaops.sql.lexer import Token, tokens
from schemaops.sql.tree import Node

__all__ = ["expression_extent", "parse_expression", "parse_query", "parse_rows"]


@lru_cache(maxsize=4096)
def parse_expression(text: str, dialect: str) -> Node:
    """Return the tree of an expression; raise NotUnderstood."""
    reader = RowReader(tuple(tokens(text, dialect)), dialect)
    node = reader.expression()
    reader.done()
    return node


@lru_cache(maxsize=512)
def parse_query(text: str, dialect: str) -> tree.Query:
    """Return the tree of a query; raise NotUnderstood."""
    reader = RowReader(tuple(tokens(text, dialect)), dialect)
    query = reader.query()
    reader.took(";")
    reader.done()
    return query


DataStatement = tree.Insert | tree.Update | tree.Delete | tree.Merge | tree.Truncate

# Of longer statements few are read twice, and their trees are large.
_SHORT = 4_000


def parse_rows(text: str, dialect: str, found: tuple[Token, ...] | None = None) -> DataStatement:
    """Return the tree of a data statement, whose tokens may be `found` already; raise NotUnderstood."""
    if len(text) <= _SHORT:
        return _parsed(text, dialect)
    return _rows(found or tuple(tokens(text, dialect)), dialect)


@lru_cache(maxsize=512)
def _parsed(text: str, dialect: str) -> DataStatement:
    return _rows(tuple(tokens(text, dialect)), dialect)


def _rows(found: tuple[Token, ...], dialect: str) -> DataStatement:
    reader = RowReader(found, dialect)
    statement = reader.data_statement()
    reader.took(";")
    reader.done()
    return statement


def expression_extent(
    found: Sequence[Token], at: int, dialect: str, *, default: bool = False
) -> int:
    """Return the index just past the expression that begins at `found[at]`."""
    reader = RowReader(tuple(found[at:]), dialect)
    if default and dialect == "sqlite":
        reader.sqlite_default()
    elif default:
        reader.plain = dialect == "postgres"
        reader.binary(reader.above_tests)
    else:
        reader.expression()
    return at + reader.place()
