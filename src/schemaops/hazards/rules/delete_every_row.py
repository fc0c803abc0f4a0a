"""The rule data-loss.delete-every-row."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity
from schemaops.operations import Rows

__all__ = ["DeleteEveryRow"]


class DeleteEveryRow(Rule):
    """Every row of a table is deleted: there is no WHERE, or it is a TRUNCATE.

    If that is meant, say so with `WHERE true`; a lossless replay keeps the rows in the archive.
    """

    code = "DL03"
    name = "data-loss.delete-every-row"
    severity = Severity.DANGER

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of a DELETE without a condition."""
        match change.operation:
            case Rows(verb="delete" | "truncate", table=table, where=None):
                if not change.is_new(table):
                    yield self.hazard(table, f"every row of {table} is deleted")
