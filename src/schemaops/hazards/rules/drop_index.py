"""The rule locks.drop-index."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity
from schemaops.operations import Drop
from schemaops.schema.objects import Index

__all__ = ["DropIndexLocks"]


class DropIndexLocks(Rule):
    """An index is dropped under a lock: it waits for every query of the table, and new ones wait for it.

    `DROP INDEX CONCURRENTLY` lets them through. It cannot run inside a transaction: SchemaOps gives it
    a step of its own.
    """

    code = "LK06"
    name = "locks.drop-index"
    severity = Severity.NOTE
    dialects = ("postgres",)

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of an index dropped under a lock."""
        match change.operation:
            case Drop(thing=Index() as index) if "CONCURRENTLY" not in change.masks:
                if change.in_new_table(index) or index.at in change.made:
                    return
                if any(key == "exclude" for key, _ in index.options):
                    return  # a constraint is dropped no other way
                yield self.hazard(
                    index.at,
                    f"queries of {index.table} wait for the drop, and the drop for them",
                    f"DROP INDEX CONCURRENTLY {self.spelling(change).at(index.at)};",
                )
