"""The rule breaks-code.dropped-default."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity
from schemaops.names import Kind
from schemaops.operations import Alter

__all__ = ["DroppedDefault"]


class DroppedDefault(Rule):
    """A required column loses its default.

    Inserts that relied on it fail from that moment. Ship code that names the column first.
    """

    code = "BC05"
    name = "breaks-code.dropped-default"
    severity = Severity.WARNING

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of a default that inserts may rely on."""
        match change.operation:
            case Alter(at=at, fact="default", after=None) if at.kind is Kind.COLUMN:
                if change.is_new(at) or change.before.column(at).nullable:
                    return
                yield self.hazard(at, f"inserts that do not name {at} fail")
