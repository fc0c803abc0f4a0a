"""The rule irreversible.enum-label."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity
from schemaops.names import Kind
from schemaops.operations import Alter

__all__ = ["EnumValue"]


class EnumValue(Rule):
    """A label is added to an enum type, which PostgreSQL cannot take away again.

    The way back makes the type anew and writes every table that uses it, under a lock; it fails where a
    row has the label. The label cannot be used in the transaction that adds it.
    """

    code = "IR02"
    name = "irreversible.enum-label"
    severity = Severity.NOTE
    dialects = ("postgres",)

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of a label that only a new type is rid of."""
        match change.operation:
            case Alter(at=at, fact="values", before=old, after=new) if at.kind is Kind.ENUM:
                added = [value for value in new if value not in old]
                if len(new) > len(old) and not change.is_new(at):
                    yield self.hazard(at, f"{at} keeps {', '.join(added)} until it is made anew")
