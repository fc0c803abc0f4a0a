"""A diff: the operations that lead from one schema to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.diff import LikelyRename
from schemaops.operations import Alter, Create, Drop, Operation
from schemaops.reports.errors import hint_lines
from schemaops.reports.hazards import HazardNote, HazardShape
from schemaops.reports.objects import operation_shape, operation_words
from schemaops.reports.text import Line, Span, Style, Text, good, line, warn

__all__ = ["DiffReport", "DiffShape", "operation_line"]


class RenameShape(TypedDict):
    """A drop and an add that look like one rename."""

    old: str
    new: str


class DiffShape(TypedDict):
    """The operations that lead from A to B, the statements for them, and what they risk."""

    format: Literal["schemaops.diff/1"]
    dialect: str
    a: str
    b: str
    equal: bool
    operations: list[dict[str, object]]
    statements: list[str]
    hazards: list[HazardShape]
    likely_renames: list[RenameShape]


@dataclass(frozen=True, slots=True)
class DiffReport:
    """What leads from `a` to `b`."""

    dialect: str
    a: str
    b: str
    operations: tuple[Operation, ...]
    statements: tuple[str, ...]
    hazards: tuple[HazardNote, ...] = ()
    likely: tuple[LikelyRename, ...] = ()
    hints: tuple[str, ...] = ()
    sql: bool = False
    default_schema: str | None = None

    @property
    def decision(self) -> bool:
        """Whether the two differ."""
        return bool(self.operations)

    def shape(self) -> DiffShape:
        """Return the diff as plain data."""
        return {
            "format": "schemaops.diff/1",
            "dialect": self.dialect,
            "a": self.a,
            "b": self.b,
            "equal": not self.operations,
            "operations": [operation_shape(one) for one in self.operations],
            "statements": list(self.statements),
            "hazards": [one.shape() for one in self.hazards],
            "likely_renames": [{"old": str(one.old), "new": str(one.new)} for one in self.likely],
        }

    def text(self) -> Text:
        """Return the diff as lines, or as a script where that was asked for."""
        if self.sql:
            return tuple(
                line(Span(row, Style.SQL)) if row else ()
                for statement in self.statements
                for row in f"{statement};".split("\n")
            )
        if not self.operations:
            return (line(good("equal")),)
        rows: list[Line] = [line(f"from {self.a} to {self.b}:")]
        rows += (operation_line(one, self.default_schema) for one in self.operations)
        for hazard in self.hazards:
            rows += hazard.lines()
        if self.likely:
            rows.append(line(warn("these may be renames:")))
            rows += hint_lines(self.hints)
        return tuple(rows)


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
