"""Dialect: the named facts in which databases differ, and the names they give by themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from schemaops.errors import SchemaOpsError
from schemaops.names import Address, Kind, Name
from schemaops.schema.state import Schema

__all__ = ["Dialect", "ImplicitName", "UnknownDialect"]

ImplicitName = Callable[[Schema, Address, Kind, Sequence[Name]], Name]


class UnknownDialect(SchemaOpsError):
    """The dialect is none that SchemaOps knows.

    Write postgres, mysql (for MariaDB too) or sqlite.
    """

    code = "SO202"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"there is no dialect {name}: it is postgres, mysql or sqlite",
            hints=(f"schemaops explain {self.code}",),
        )


@dataclass(frozen=True, slots=True)
class Dialect:
    """A database's SQL and its capabilities, as named facts.

    `implicit_name(schema, table, kind, columns)` is the name that the engine gives a constraint, index
    or sequence (kind SEQUENCE) that has none; an expression key counts as the column name "expr".
    """

    name: str
    default_schema: Name | None
    implicit_name: ImplicitName
    transactional_ddl: bool
    views_follow_renames: bool
    views_block_drops: bool
    binds_views_late: bool
    alters_constraints: bool
    index_in_table: bool

    def qualified(self, name: Name, schema: Name | None = None) -> tuple[Name, ...]:
        """Return the path of a schema-level object."""
        place = schema or self.default_schema
        return (name,) if place is None else (place, name)
