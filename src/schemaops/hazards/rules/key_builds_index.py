"""The rule locks.key-builds-index."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity, table_of
from schemaops.operations import Create
from schemaops.schema.objects import Index, PrimaryKey, Unique

__all__ = ["KeyBuildsIndex"]


class KeyBuildsIndex(Rule):
    """A primary key or unique constraint is added, and its index built while the table is locked.

    In PostgreSQL build a unique index CONCURRENTLY first, and make the constraint of it: that takes no
    time.
    """

    code = "LK05"
    name = "locks.key-builds-index"
    severity = Severity.WARNING
    dialects = ("postgres",)

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of a key over rows that are there."""
        match change.operation:
            case Create(thing=Index(options=options) as index) if any(
                key == "exclude" for key, _ in options
            ) and not change.in_new_table(index):
                yield self.hazard(index.at, f"{index.table} is locked until the index is built")
            case Create(thing=(PrimaryKey() | Unique()) as key) if not change.in_new_table(key):
                if any(change.is_new(at) for at in key.columns) or "USING INDEX" in change.masks:
                    return
                s = self.spelling(change)
                table, name = s.at(table_of(key.at)), s.name(key.at.name)
                word = "PRIMARY KEY" if isinstance(key, PrimaryKey) else "UNIQUE"
                columns = s.names(key.columns)
                yield self.hazard(
                    key.at,
                    f"{table_of(key.at)} is locked until the index is built",
                    f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} ({columns});\n"
                    f"ALTER TABLE {table} ADD CONSTRAINT {name} {word} USING INDEX {name};",
                )
