"""Findings: all that is wrong, each with its code, its place and its sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.errors import SchemaOpsError
from schemaops.reports.errors import ErrorShape, error_report, hint_lines
from schemaops.reports.text import Line, Text, bad, count, good, line

__all__ = ["FindingsReport", "FindingsShape"]


class FindingsShape(TypedDict):
    """What a check found wrong."""

    format: Literal["schemaops.findings/1"]
    checked: str
    revisions: int
    findings: list[ErrorShape]


@dataclass(frozen=True, slots=True)
class FindingsReport:
    """What a check of `checked` found wrong."""

    checked: str
    revisions: int
    findings: tuple[SchemaOpsError, ...] = ()
    hints: tuple[str, ...] = ()
    quiet: bool = False
    """Whether to say nothing where nothing is wrong."""

    @property
    def decision(self) -> bool:
        """Whether something is wrong."""
        return bool(self.findings)

    def shape(self) -> FindingsShape:
        """Return the findings as plain data."""
        return {
            "format": "schemaops.findings/1",
            "checked": self.checked,
            "revisions": self.revisions,
            "findings": [error_report(one).shape() for one in self.findings],
        }

    def text(self) -> Text:
        """Return the findings as lines."""
        number = count(self.revisions, "revision")
        if not self.findings:
            if self.quiet:
                return ()
            return (line(good("sound"), f": {number} in {self.checked}"),)
        rows: list[Line] = []
        for one in self.findings:
            rows += error_report(one).text()
        rows.append(line(bad(count(len(self.findings), "finding")), f" in {self.checked}"))
        rows += hint_lines(self.hints)
        return tuple(rows)
