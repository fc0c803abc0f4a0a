"""SQLite's normal form: what was written, since its catalogue keeps the author's text."""

from __future__ import annotations

from schemaops.names import Name
from schemaops.schema.expressions import Pieces
from schemaops.sql.binding.queries import QueryBinder, Selected
from schemaops.sql.binding.sources import Level
from schemaops.sql.binding.terms import Term
from schemaops.sql.lexer import Token

__all__ = ["SqliteBinder"]


class SqliteBinder(QueryBinder):
    """Binds SQLite's expressions and queries."""

    dialect = "sqlite"
    # A view's `*` is looked up anew whenever it is used.
    expands = False

    def not_a_column(self, parts: tuple[Token, ...], name: Name, level: Level) -> Term:
        """A bare name that is no column's: one of the result's, before a string."""
        output = level.outputs.get(name)
        return super().not_a_column(parts, name, level) if output is None else output

    def label(self, item: Selected) -> str | Pieces:
        """The name of a column of the result; it follows the column where nothing else names it."""
        if item.shows is not None and item.shows.at is not None:
            return (item.shows.at,)
        return self.quoted(item.name)
