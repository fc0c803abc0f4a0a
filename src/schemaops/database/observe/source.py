"""What observing needs of a database, and how it says that it could not see everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from schemaops.errors import Cause, SchemaOpsError

__all__ = ["OWN_PREFIX", "HiddenObjects", "Source", "UnreadableCatalogue"]

OWN_PREFIX = "schemaops_"


class Source(Protocol):
    """A live database: its dialect, and the rows that a query gives."""

    @property
    def dialect(self) -> str:
        """postgres, mysql or sqlite."""

    def query(self, sql: str, parameters: Sequence[object] = (), /) -> list[tuple[Any, ...]]:
        """Return the rows of a query, none where it gives none; with parameters `%` is written
        `%%`."""

    def query_each(
        self, queries: Sequence[tuple[str, tuple[str, ...]]], /
    ) -> list[tuple[Any, ...]]:
        """Return the rows of the last of some queries, with their parameters, that gives any; on
        PostgreSQL all are text, and a parameter is written `$1`."""


class HiddenObjects(SchemaOpsError):
    """The user of the URL may not see all of the schema, so what it holds cannot be said.

    MySQL and MariaDB show in their catalogue only what a user has rights to. Observing needs
    SELECT, SHOW VIEW, TRIGGER and EVENT on the whole database, and for stored routines of other
    users SELECT on `mysql.proc` (MariaDB) or SHOW_ROUTINE (MySQL 8).
    """

    code = "SO631"
    cause = Cause.WORLD


class UnreadableCatalogue(SchemaOpsError):
    """The database's catalogue holds what SchemaOps cannot make sense of.

    The message names the object. The catalogue may be of a newer version of the database than
    this SchemaOps knows, or another session may have changed it in the same moment: try again.
    """

    code = "SO632"
    cause = Cause.WORLD
