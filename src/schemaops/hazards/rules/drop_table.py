"""The rule data-loss.drop-table."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity
from schemaops.operations import Drop
from schemaops.schema.objects import Table

__all__ = ["DropTable"]


class DropTable(Rule):
    """A table is dropped, and its rows with it.

    Code that still reads or writes the table fails from that moment. Stop using it first, rename it out
    of the way for a while, and drop it in a later migration; a lossless replay keeps the rows in the
    archive until they are purged.
    """

    code = "DL01"
    name = "data-loss.drop-table"
    severity = Severity.DANGER

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of dropping a table that held rows."""
        match change.operation:
            case Drop(thing=Table(at=at)) if not change.is_new(at):
                s = self.spelling(change)
                aside = s.name(f"{at.name}_unused")
                yield self.hazard(
                    at,
                    f"the rows of {at} are gone",
                    f"ALTER TABLE {s.at(at)} RENAME TO {aside};",
                )
