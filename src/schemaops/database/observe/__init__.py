"""observe: a live database → Schema, equal to what interpreting the script that built it gives."""

from __future__ import annotations

from schemaops.database.observe.source import HiddenObjects, Source, UnreadableCatalogue
from schemaops.schema.state import Schema
from schemaops.sql.dialects import UnknownDialect

__all__ = ["HiddenObjects", "Source", "UnreadableCatalogue", "observe"]


def observe(database: Source) -> Schema:
    """Return the schema that a live database holds; raise HiddenObjects, UnreadableCatalogue."""
    match database.dialect:
        case "postgres":
            from schemaops.database.observe.postgres import observe_postgres

            return observe_postgres(database)
        case "mysql":
            from schemaops.database.observe.mysql import observe_mysql

            return observe_mysql(database)
        case "sqlite":
            from schemaops.database.observe.sqlite import observe_sqlite

            return observe_sqlite(database)
    raise UnknownDialect(database.dialect)
