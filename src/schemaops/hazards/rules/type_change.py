"""The rule rewrites.type-change."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity, table_of
from schemaops.names import Kind
from schemaops.operations import Alter
from schemaops.sql.types import Family, family, widens

__all__ = ["TypeChangeRewrites"]


class TypeChangeRewrites(Rule):
    """A column's type changes and the whole table is written anew, locked for reads and writes.

    PostgreSQL writes nothing where a varchar only grows or becomes text; MySQL where a varchar grows
    within the same length byte. Otherwise add a column of the new type, fill it in batches, and let code
    move over.
    """

    code = "RW01"
    name = "rewrites.type-change"
    severity = Severity.WARNING
    dialects = ("postgres", "mysql")

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of a type change that rewrites the table."""
        match change.operation:
            case Alter(at=at, fact="type", before=old, after=new) if at.kind is Kind.COLUMN:
                if change.is_new(at):
                    return
                text = {family(old, change.dialect), family(new, change.dialect)} == {Family.TEXT}
                if text and widens(old, new, change.dialect):
                    return
                yield self.hazard(at, f"every row of {table_of(at)} is written anew, under a lock")
