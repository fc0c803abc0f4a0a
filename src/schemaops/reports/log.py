"""A log: revisions, newest first, with what is at each, and the DAG drawn where it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.reports.graph import drawn
from schemaops.reports.text import Line, Span, Text, dim, good, ident, line, short

__all__ = ["LogEntry", "LogReport", "LogShape"]


class RevisionShape(TypedDict):
    """One revision; `here` are the branches and environments (`env:NAME`) that stand at it."""

    id: str
    kind: Literal["migration", "merge", "checkpoint"]
    migration: str | None
    parents: list[str]
    message: str
    author: str | None
    date: str | None
    file: str
    here: list[str]


class LogShape(TypedDict):
    """Revisions, newest first."""

    format: Literal["schemaops.log/1"]
    revisions: list[RevisionShape]


Kind = Literal["migration", "merge", "checkpoint"]


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One revision as the log shows it."""

    id: str
    parents: tuple[str, ...]
    title: str
    message: str
    migration: str | None = None
    kind: Kind = "migration"
    author: str | None = None
    date: str | None = None
    file: str = ""
    here: tuple[str, ...] = ()

    def shape(self) -> RevisionShape:
        """Return the revision as plain data."""
        return {
            "id": self.id,
            "kind": self.kind,
            "migration": self.migration,
            "parents": list(self.parents),
            "message": self.message,
            "author": self.author,
            "date": self.date,
            "file": self.file,
            "here": list(self.here),
        }

    def line(self) -> Line:
        """Return the revision on one line."""
        parts: list[str | Span] = [ident(short(self.id))]
        if self.here:
            parts += (" ", good(f"({', '.join(self.here)})"))
        parts += (" ", self.title)
        said = ", ".join(filter(None, (self.author, (self.date or "")[:10])))
        if said:
            parts += ("  ", dim(said))
        return line(*parts)


@dataclass(frozen=True, slots=True)
class LogReport:
    """Revisions, newest first."""

    entries: tuple[LogEntry, ...]
    graph: bool = False

    @property
    def decision(self) -> bool:
        """Nothing is left to decide."""
        return False

    def shape(self) -> LogShape:
        """Return the log as plain data."""
        return {
            "format": "schemaops.log/1",
            "revisions": [entry.shape() for entry in self.entries],
        }

    def text(self) -> Text:
        """Return the log as lines, drawn as a graph where that was asked for."""
        if not self.entries:
            return (line("no revisions yet"),)
        if not self.graph:
            return tuple(entry.line() for entry in self.entries)
        by_id = {entry.id: entry for entry in self.entries}
        rows = drawn((entry.id, entry.parents) for entry in self.entries)
        return tuple(
            line(drawing) if revision is None else line(drawing, " ", *by_id[revision].line())
            for drawing, revision in rows
        )
