"""The rule data-loss.drop-column."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity, table_of
from schemaops.operations import Drop
from schemaops.schema.objects import Column

__all__ = ["DropColumn"]


class DropColumn(Rule):
    """A column is dropped, and its values with it.

    Code that still names the column fails, `SELECT *` into a fixed shape included. Ship code that does
    not use it first and drop it in a later migration; a lossless replay keeps the values in the archive.
    """

    code = "DL02"
    name = "data-loss.drop-column"
    severity = Severity.DANGER

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of dropping a column that held values."""
        match change.operation:
            case Drop(thing=Column() as column) if column.generated is None:
                if change.is_new(column.at):
                    return
                s = self.spelling(change)
                safer = None
                if change.dialect == "postgres" and not column.nullable:
                    table = s.at(table_of(column.at))
                    safer = f"ALTER TABLE {table} ALTER COLUMN {s.at(column.at)} DROP NOT NULL;"
                yield self.hazard(column.at, f"the values of {column.at} are gone", safer)
