"""The rule locks.index-not-concurrently."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity
from schemaops.operations import Create
from schemaops.schema.objects import Index

__all__ = ["IndexNotConcurrently"]


class IndexNotConcurrently(Rule):
    """PostgreSQL builds an index under a lock that keeps every write of the table waiting.

    `CREATE INDEX CONCURRENTLY` lets writes through. It cannot run inside a transaction: SchemaOps gives
    it a step of its own. If it fails it leaves an invalid index behind, which is to be dropped.
    """

    code = "LK01"
    name = "locks.index-not-concurrently"
    severity = Severity.WARNING
    dialects = ("postgres",)

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of an index built under a lock."""
        match change.operation:
            case Create(thing=Index() as index) if "CONCURRENTLY" not in change.masks:
                if change.in_new_table(index) or any(key == "exclude" for key, _ in index.options):
                    return  # an EXCLUDE constraint is made no other way
                text = self.write(change).index(index)
                yield self.hazard(
                    index.at,
                    f"writes of {index.table} wait until the index is built",
                    text.replace(" INDEX ", " INDEX CONCURRENTLY ", 1) + ";",
                )
