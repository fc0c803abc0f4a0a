"""SQLite's normal form: what was written, since its catalogue keeps the author's text."""

from __future__ import annotations

from schemaops.schema.expressions import Pieces
from schemaops.sql.binding.queries import QueryBinder, Selected

__all__ = ["SqliteBinder"]


class SqliteBinder(QueryBinder):
    """Binds SQLite's expressions and queries."""

    dialect = "sqlite"
    # A view's `*` is looked up anew whenever it is used.
    expands = False

    def label(self, item: Selected) -> str | Pieces:
        """The name of a column of the result; it follows the column where nothing else names it."""
        if item.shows is not None and item.shows.at is not None:
            return (item.shows.at,)
        return self.quoted(item.name)
