"""Hazards as something to read: what a statement risks, why, and a safer way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from schemaops.reports.text import Line, Text, bad, dim, line, warn

__all__ = ["HazardNote", "HazardShape"]


class HazardShape(TypedDict):
    """A risk of one operation: its code and name, how severe, why, and a safer way."""

    code: str
    name: str
    severity: str
    address: str | None
    line: int | None
    reason: str
    safer: str | None


@dataclass(frozen=True, slots=True)
class HazardNote:
    """A risk of one operation, as it is shown."""

    code: str
    name: str
    severity: str
    reason: str
    address: str | None = None
    line: int | None = None
    safer: str | None = None

    def shape(self) -> HazardShape:
        """Return it as plain data."""
        return {
            "code": self.code,
            "name": self.name,
            "severity": self.severity,
            "address": self.address,
            "line": self.line,
            "reason": self.reason,
            "safer": self.safer,
        }

    def lines(self, indent: str = "  ") -> Text:
        """Return it as lines."""
        mark = bad if self.severity == "danger" else warn
        where = "" if self.line is None else dim(f" (line {self.line})")
        rows: list[Line] = [
            line(indent, mark(f"hazard[{self.code}]"), f" {self.name}: {self.reason}", where)
        ]
        if self.safer is not None:
            rows += (line(indent, dim(f"  safer: {row}")) for row in self.safer.splitlines())
        return tuple(rows)
