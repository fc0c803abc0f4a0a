"""The rule locks.check-validated."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity, table_of
from schemaops.operations import Create
from schemaops.schema.objects import Check
from schemaops.sql.rendering.spelling import option

__all__ = ["CheckValidated"]


class CheckValidated(Rule):
    """A check is added and held against every row at once, while the table is locked.

    In PostgreSQL add it NOT VALID, which holds for new rows and takes no time, and validate it in a
    later statement, which lets writes through.
    """

    code = "LK03"
    name = "locks.check-validated"
    severity = Severity.WARNING
    dialects = ("postgres",)

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of a check over rows that are there."""
        match change.operation:
            case Create(thing=Check() as check) if option(check.options, "not valid") is None:
                if change.in_new_table(check):
                    return
                table = self.spelling(change).at(table_of(check.at))
                name = self.spelling(change).name(check.at.name)
                yield self.hazard(
                    check.at,
                    f"{table_of(check.at)} is locked until every row is checked",
                    f"ALTER TABLE {table} ADD {self.write(change).constraint(check)} NOT VALID;\n"
                    f"ALTER TABLE {table} VALIDATE CONSTRAINT {name};",
                )
