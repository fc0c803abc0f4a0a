"""The rule locks.update-every-row."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity
from schemaops.operations import Rows

__all__ = ["UpdateEveryRow"]


class UpdateEveryRow(Rule):
    """Every row of a table is updated in one statement.

    All of them stay locked until the transaction ends, and on a large table the log and the replicas
    fall behind. Update in batches by key, each committed, outside the migration that changes the schema.
    """

    code = "LK07"
    name = "locks.update-every-row"
    severity = Severity.WARNING

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of an UPDATE without a condition."""
        match change.operation:
            case Rows(verb="update", table=table, where=None) if not change.is_new(table):
                yield self.hazard(table, f"every row of {table} is locked until this commits")
