"""The rule locks.foreign-key-validated."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity, table_of
from schemaops.operations import Create
from schemaops.schema.objects import ForeignKey
from schemaops.sql.rendering.spelling import option

__all__ = ["ForeignKeyValidated"]


class ForeignKeyValidated(Rule):
    """A foreign key is added and checked at once, while writes of both tables wait.

    In PostgreSQL add it NOT VALID, which holds for new rows and takes no time, and validate it in a
    later statement, which lets writes through.
    """

    code = "LK02"
    name = "locks.foreign-key-validated"
    severity = Severity.WARNING
    dialects = ("postgres",)

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of a foreign key over rows that are there."""
        match change.operation:
            case Create(thing=ForeignKey() as key) if option(key.options, "not valid") is None:
                if change.in_new_table(key):
                    return
                table = self.spelling(change).at(table_of(key.at))
                name = self.spelling(change).name(key.at.name)
                yield self.hazard(
                    key.at,
                    f"writes of {table_of(key.at)} and {key.table} wait until every row is checked",
                    f"ALTER TABLE {table} ADD {self.write(change).constraint(key)} NOT VALID;\n"
                    f"ALTER TABLE {table} VALIDATE CONSTRAINT {name};",
                )
