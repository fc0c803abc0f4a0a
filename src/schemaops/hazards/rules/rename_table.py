"""The rule breaks-code.rename-table."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity
from schemaops.names import Kind
from schemaops.operations import Rename

__all__ = ["RenameTable"]


class RenameTable(Rule):
    """A table is renamed while code that says the old name is running.

    Between the migration and the last instance of the new code every statement with the old name fails.
    A view of the old name bridges the time: simple views can be written through.
    """

    code = "BC02"
    name = "breaks-code.rename-table"
    severity = Severity.WARNING

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of a table that code knows by another name."""
        match change.operation:
            case Rename(old=old, new=new) if old.kind is Kind.TABLE and not change.is_new(old):
                s = self.spelling(change)
                yield self.hazard(
                    old,
                    f"running code knows {old} and not {new.name}",
                    f"ALTER TABLE {s.at(old)} RENAME TO {s.name(new.name)};\n"
                    f"CREATE VIEW {s.at(old)} AS SELECT * FROM {s.at(new)};",
                )
