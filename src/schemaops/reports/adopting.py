"""A database that was taken over from another tool: which revision it stands at, and what differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.reports.errors import hint_lines
from schemaops.reports.text import Line, Text, count, good, ident, line, short, title, warn

__all__ = ["AdoptReport", "AdoptShape"]


class AdoptShape(TypedDict):
    """Where a database stands by its own tool's account. `beside` are the tool's tables, `recorded` the
    revisions that the ledger got, `differences` what was accepted as drift."""

    format: Literal["schemaops.adopt/1"]
    environment: str
    tool: str
    revision: str | None
    recorded: list[str]
    beside: list[str]
    differences: list[str]
    dry_run: bool
    notes: list[str]


@dataclass(frozen=True, slots=True)
class AdoptReport:
    """What was recorded in a database, or would be."""

    environment: str
    tool: str
    revision: str | None
    title: str
    beside: tuple[str, ...]
    differences: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()
    dry_run: bool = False
    notes: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def decision(self) -> bool:
        """Nothing is left to decide: what differs was accepted, or was an error."""
        return False

    def shape(self) -> AdoptShape:
        """Return it as plain data."""
        return {
            "format": "schemaops.adopt/1",
            "environment": self.environment,
            "tool": self.tool,
            "revision": self.revision,
            "recorded": list(self.recorded),
            "beside": list(self.beside),
            "differences": list(self.differences),
            "dry_run": self.dry_run,
            "notes": list(self.notes),
        }

    def text(self) -> Text:
        """Return it as lines."""
        rows: list[Line] = [line(warn("note"), f": {note}") for note in self.notes]
        rows += (line("  ", warn("differs"), f" {one}") for one in self.differences)
        if self.recorded:
            rows.append(line(good("recorded"), f" {count(len(self.recorded), 'revision')}"))
        would = "would stand" if self.dry_run else "stands"
        rows.append(
            line(
                title(self.environment),
                f" {would} at ",
                ident("base" if self.revision is None else short(self.revision)),
                f" {self.title}" if self.title else "",
            )
        )
        rows += hint_lines(self.hints)
        return tuple(rows)
