"""The rule breaks-code.required-column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from schemaops.hazards.base import Change, Hazard, Rule, Severity, table_of
from schemaops.operations import Create
from schemaops.schema.objects import Column

__all__ = ["RequiredColumn"]


class RequiredColumn(Rule):
    """A column that must have a value is added to a table without a default.

    Where rows exist the statement fails (MySQL fills in a zero or an empty string instead), and
    afterwards every insert that does not name the column fails. Give it a default, or add it nullable,
    fill it, and set NOT NULL later.
    """

    code = "BC03"
    name = "breaks-code.required-column"
    severity = Severity.DANGER

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of a required column without a default."""
        match change.operation:
            case Create(thing=Column() as column) if not change.in_new_table(column):
                given = (
                    column.default or column.generated or column.identity or column.auto_increment
                )
                if column.nullable or given:
                    return
                table = self.spelling(change).at(table_of(column.at))
                text = self.write(change).column(replace(column, nullable=True))
                yield self.hazard(
                    column.at,
                    f"rows of {table_of(column.at)} have no value for {column.at.name}",
                    f"ALTER TABLE {table} ADD COLUMN {text};",
                )
