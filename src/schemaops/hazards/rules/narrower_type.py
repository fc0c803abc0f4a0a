"""The rule data-loss.narrower-type."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity
from schemaops.names import Kind
from schemaops.operations import Alter
from schemaops.sql.types import widens

__all__ = ["NarrowerType"]


class NarrowerType(Rule):
    """A column's type changes to one that does not hold every value of the old one.

    Values are cut, rounded or refused, and the way back does not bring them again. Add a column of the
    new type, fill it, compare, and let code move over before the old one goes.
    """

    code = "DL04"
    name = "data-loss.narrower-type"
    severity = Severity.DANGER

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of a type that holds less."""
        match change.operation:
            case Alter(at=at, fact="type", before=old, after=new) if at.kind is Kind.COLUMN:
                if change.is_new(at) or widens(old, new, change.dialect):
                    return
                yield self.hazard(at, f"not every {old} of {at} is one of {new}")
