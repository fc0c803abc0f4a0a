"""The rule breaks-code.rename-column."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity
from schemaops.names import Kind
from schemaops.operations import Rename

__all__ = ["RenameColumn"]


class RenameColumn(Rule):
    """A column is renamed while code that says the old name is running.

    Between the migration and the last instance of the new code every statement with the old name fails;
    before it, those with the new one. Add a column of the new name, write both, move code over, drop the
    old one.
    """

    code = "BC01"
    name = "breaks-code.rename-column"
    severity = Severity.WARNING

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of a column that code knows by another name."""
        match change.operation:
            case Rename(old=old, new=new) if old.kind is Kind.COLUMN and not change.is_new(old):
                yield self.hazard(old, f"running code knows {old} and not {new.name}")
