"""A diff: the operations that lead from one schema to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.diff import LikelyRename
from schemaops.operations import Alter, Create, Drop, Operation
from schemaops.reports.errors import hint_lines
from schemaops.reports.hazards import HazardNote, HazardShape
from schemaops.reports.objects import operation_shape, operation_words
from schemaops.reports.schema import OpaqueShape, OpaqueStatement
from schemaops.reports.text import Line, Span, Style, Text, good, line, warn
from schemaops.sql.render import client_script

__all__ = ["DiffReport", "DiffShape", "operation_line"]


class RenameShape(TypedDict):
    """A drop and an add that look like one rename."""

    old: str
    new: str


class DiffShape(TypedDict):
    """The operations that lead from A to B, the statements for them, what they risk, and what led to
    either and was not understood: its effect is in the operations only where it is known."""

    format: Literal["schemaops.diff/1"]
    dialect: str
    a: str
    b: str
    equal: bool
    operations: list[dict[str, object]]
    statements: list[str]
    hazards: list[HazardShape]
    opaque: list[OpaqueShape]
    likely_renames: list[RenameShape]


@dataclass(frozen=True, slots=True)
class DiffReport:
    """What leads from `a` to `b`. `in_doubt`: an effect that nobody knows led to one of them alone."""

    dialect: str
    a: str
    b: str
    operations: tuple[Operation, ...]
    statements: tuple[str, ...]
    hazards: tuple[HazardNote, ...] = ()
    likely: tuple[LikelyRename, ...] = ()
    hints: tuple[str, ...] = ()
    opaque: tuple[OpaqueStatement, ...] = ()
    in_doubt: bool = False
    default_schema: str | None = None

    @property
    def decision(self) -> bool:
        """Whether the two differ, or may."""
        return bool(self.operations) or self.in_doubt

    @property
    def script(self) -> str:
        """The statements as a script for the dialect's own client."""
        return client_script(self.statements, self.dialect)

    def shape(self) -> DiffShape:
        """Return the diff as plain data."""
        return {
            "format": "schemaops.diff/1",
            "dialect": self.dialect,
            "a": self.a,
            "b": self.b,
            "equal": not self.decision,
            "operations": [operation_shape(one) for one in self.operations],
            "statements": list(self.statements),
            "hazards": [one.shape() for one in self.hazards],
            "opaque": [one.shape() for one in self.opaque],
            "likely_renames": [{"old": str(one.old), "new": str(one.new)} for one in self.likely],
        }

    def text(self) -> Text:
        """Return the diff as lines."""
        if not self.operations:
            alike = warn("equal, but for what is opaque") if self.opaque else good("equal")
            return (line(alike), *self.not_understood())
        rows: list[Line] = [line(f"from {self.a} to {self.b}:")]
        rows += (operation_line(one, self.default_schema) for one in self.operations)
        for hazard in self.hazards:
            rows += hazard.lines()
        if self.likely:
            rows.append(line(warn("these may be renames:")))
            rows += hint_lines(self.hints)
        rows += self.not_understood()
        return tuple(rows)

    def not_understood(self) -> Text:
        """Return what is opaque as lines."""
        return tuple(one.text() for one in self.opaque)


def operation_line(operation: Operation, default_schema: str | None, indent: str = "  ") -> Line:
    """Return an operation on one line, marked for what it does."""
    words = operation_words(operation, default_schema)
    match operation:
        case Create():
            return line(indent, Span(f"+ {words}", Style.GOOD))
        case Drop():
            return line(indent, Span(f"- {words}", Style.BAD))
        case Alter():
            return line(indent, Span(f"~ {words}", Style.WARN))
        case _:
            return line(indent, f"~ {words}")
