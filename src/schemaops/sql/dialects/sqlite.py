"""SQLite: what is particular to it. A constraint without a name has none in its catalogue either, so it
gets a place-holder that no comparison looks at."""

from __future__ import annotations

from collections.abc import Sequence

from schemaops.names import Address, Kind, Name
from schemaops.schema.state import Schema
from schemaops.sql.dialects.base import Dialect

__all__ = ["NOT_NULL_CONFLICT", "SQLITE"]

NOT_NULL_CONFLICT = "not null on conflict"
"""The setting of a column that says what becomes of a row that has NULL there."""


def _implicit_name(
    schema: Schema,
    table: Address,
    kind: Kind,
    columns: Sequence[Name],  # noqa: ARG001 -- one shape for all dialects
) -> Name:
    if kind is Kind.PRIMARY_KEY:
        return Name("~primary key")
    number = 1
    while table.child(kind, f"~{kind} {number}") in schema:
        number += 1
    return Name(f"~{kind} {number}")


SQLITE = Dialect(
    name="sqlite",
    default_schema=None,
    implicit_name=_implicit_name,
    transactional_ddl=True,
    views_follow_renames=True,
    views_block_drops=True,
    binds_views_late=True,
    alters_constraints=False,
    index_in_table=False,
)
