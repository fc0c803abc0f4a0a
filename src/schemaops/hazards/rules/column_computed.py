"""The rule rewrites.computed-column."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity, table_of
from schemaops.operations import Create
from schemaops.schema.objects import Column

__all__ = ["ColumnComputed"]

# Functions that give another value at each call; now() and the like give one a transaction.
_VOLATILE = (
    "nextval",
    "random",
    "gen_random_uuid",
    "uuid_generate_v4",
    "clock_timestamp",
    "uuidv7",
)


class ColumnComputed(Rule):
    """A column is added whose value is computed for every row, so the whole table is written anew.

    In PostgreSQL that is a default that calls a volatile function, serial and identity columns, and
    stored generated ones. Add the column without the default, fill it in batches, then set the default.
    """

    code = "RW02"
    name = "rewrites.computed-column"
    severity = Severity.WARNING
    dialects = ("postgres",)

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of a column that every row needs a value for."""
        match change.operation:
            case Create(thing=Column() as column) if not change.in_new_table(column):
                stored = column.generated is not None and column.generated.stored
                default = "" if column.default is None else str(column.default).lower()
                volatile = any(f"{name}(" in default for name in _VOLATILE)
                if stored or volatile or column.identity is not None:
                    table = table_of(column.at)
                    yield self.hazard(
                        column.at, f"every row of {table} is written anew, under a lock"
                    )
