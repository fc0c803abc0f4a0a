"""MySQL's and MariaDB's normal form: the author's text and what the catalogue made of it."""

from __future__ import annotations

from schemaops.sql.binding.queries import QueryBinder

__all__ = ["MysqlBinder"]


class MysqlBinder(QueryBinder):
    """Binds MySQL's expressions and queries."""

    dialect = "mysql"
