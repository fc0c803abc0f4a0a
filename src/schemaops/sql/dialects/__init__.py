"""What differs between dialects, one file each; `dialect(name)` finds it."""

from __future__ import annotations

from schemaops.sql.dialects.base import Dialect, UnknownDialect
from schemaops.sql.dialects.mysql import MYSQL
from schemaops.sql.dialects.postgres import POSTGRES
from schemaops.sql.dialects.sqlite import SQLITE

__all__ = ["Dialect", "UnknownDialect", "dialect"]

_DIALECTS: dict[str, Dialect] = {
    "postgres": POSTGRES,
    "postgresql": POSTGRES,
    "mysql": MYSQL,
    "mariadb": MYSQL,
    "sqlite": SQLITE,
    "sqlite3": SQLITE,
}


def dialect(name: str) -> Dialect:
    """Return the dialect of that name (or a usual other name of it); raise UnknownDialect."""
    found = _DIALECTS.get(name.lower())
    if found is None:
        raise UnknownDialect(name)
    return found
