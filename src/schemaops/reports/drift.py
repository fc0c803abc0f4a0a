"""A drift: what somebody changed in a database past SchemaOps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.operations import Operation
from schemaops.reports.diff import operation_line
from schemaops.reports.errors import hint_lines
from schemaops.reports.hazards import HazardNote, HazardShape
from schemaops.reports.objects import operation_shape
from schemaops.reports.text import Text, bad, good, ident, line, short, warn
from schemaops.sql.render import client_script

__all__ = ["DriftReport", "DriftShape"]


class DriftShape(TypedDict):
    """What leads from the expected schema to the observed one, and what leads back.

    `drift` is null where nobody knows what to expect: behind a statement of unknown effect, or at
    revisions that are not in this history. `expected` is then null, and the lists are empty, as they
    are where only the fingerprints can be compared. `hazards` are those of going `back`.
    """

    format: Literal["schemaops.drift/1"]
    environment: str
    url: str
    dialect: str
    revision: str | None
    drift: bool | None
    expected: str | None
    observed: str
    operations: list[dict[str, object]]
    statements: list[str]
    back: list[str]
    hazards: list[HazardShape]


@dataclass(frozen=True, slots=True)
class DriftReport:
    """What was changed by hand; `statements` do it again, `back` undoes it."""

    environment: str
    url: str
    dialect: str
    revision: str | None
    exists: bool
    drift: bool | None
    expected: str | None
    observed: str
    operations: tuple[Operation, ...] = ()
    statements: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    hazards: tuple[HazardNote, ...] = ()
    hints: tuple[str, ...] = ()
    default_schema: str | None = None

    @property
    def decision(self) -> bool:
        """Whether the database has drifted."""
        return bool(self.drift)

    @property
    def script(self) -> str:
        """The way back as a script for the dialect's own client."""
        return client_script(self.back, self.dialect)

    def shape(self) -> DriftShape:
        """Return the drift as plain data."""
        return {
            "format": "schemaops.drift/1",
            "environment": self.environment,
            "url": self.url,
            "dialect": self.dialect,
            "revision": self.revision,
            "drift": self.drift,
            "expected": self.expected,
            "observed": self.observed,
            "operations": [operation_shape(one) for one in self.operations],
            "statements": list(self.statements),
            "back": list(self.back),
            "hazards": [one.shape() for one in self.hazards],
        }

    def text(self) -> Text:
        """Return the drift as lines."""
        at = ident(short(self.revision))
        if not self.exists:
            return (line(f"{self.environment} has no database yet"),)
        if self.drift is None:
            unknown = warn("nobody knows")
            return (line(self.environment, " at ", at, ": what to expect there, ", unknown),)
        if not self.drift:
            return (line(self.environment, " holds what ", at, " says: ", good("no drift")),)
        rows = [line(self.environment, " ", bad("drifted"), " from what ", at, " says:")]
        rows += (operation_line(one, self.default_schema) for one in self.operations)
        if not self.operations:
            rows.append(line("  only its fingerprint is known: it is another"))
        if self.hazards:
            rows.append(line("to take it back:"))
            rows += (row for hazard in self.hazards for row in hazard.lines())
        return (*rows, *hint_lines(self.hints))
