"""The rule locks.set-not-null."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity, table_of
from schemaops.names import Kind
from schemaops.operations import Alter

__all__ = ["NotNullScan"]


class NotNullScan(Rule):
    """A column becomes NOT NULL: every row is read for it while the table is locked.

    A NULL among them fails the migration.

    In PostgreSQL a valid check that the column is not null saves the reading; it can be validated while
    writes go on, and dropped afterwards.
    """

    code = "LK04"
    name = "locks.set-not-null"
    severity = Severity.WARNING
    dialects = ("postgres", "mysql")

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of NOT NULL over rows that are there."""
        match change.operation:
            case Alter(at=at, fact="nullable", after=False) if at.kind is Kind.COLUMN:
                if change.is_new(at):
                    return
                safer = None
                if change.dialect == "postgres":
                    s = self.spelling(change)
                    table, column = s.at(table_of(at)), s.at(at)
                    name = s.name(f"{at.name}_not_null")
                    safer = (
                        f"ALTER TABLE {table} ADD CONSTRAINT {name} "
                        f"CHECK ({column} IS NOT NULL) NOT VALID;\n"
                        f"ALTER TABLE {table} VALIDATE CONSTRAINT {name};\n"
                        f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL;\n"
                        f"ALTER TABLE {table} DROP CONSTRAINT {name};"
                    )
                yield self.hazard(at, f"{table_of(at)} is locked until every row is read", safer)
