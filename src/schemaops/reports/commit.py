"""A seal: the revision that a draft became, its operations, its reversal, and what it risks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.operations import Operation
from schemaops.reports.diff import operation_line
from schemaops.reports.errors import hint_lines
from schemaops.reports.hazards import HazardNote, HazardShape
from schemaops.reports.objects import operation_shape
from schemaops.reports.reversal import LossShape, loss_lines, loss_shapes
from schemaops.reports.text import Line, Text, dim, good, ident, line, short, sql_lines, title, warn
from schemaops.reverse import Loss

__all__ = ["CommitReport", "CommitShape", "Followed"]


class FollowedShape(TypedDict):
    """A database that follows the work tree and was moved at once, or why it was not; `moves` are its
    moves, each as its kind and its revision."""

    environment: str
    revision: str | None
    moves: list[list[str]]
    problem: str | None


class CommitShape(TypedDict):
    """A revision that was sealed."""

    format: Literal["schemaops.commit/1"]
    id: str
    migration: str | None
    parents: list[str]
    message: str
    file: str
    replaces: str | None
    operations: list[dict[str, object]]
    down: str | None
    down_generated: bool
    losses: list[LossShape]
    hazards: list[HazardShape]
    rehearsed: str | None
    notes: list[str]
    moved: list[FollowedShape]


@dataclass(frozen=True, slots=True)
class Followed:
    """A database that follows the work tree: where it stands now, or why it was not moved."""

    environment: str
    revision: str | None = None
    moves: tuple[tuple[str, str, str], ...] = ()
    problem: str | None = None

    def shape(self) -> FollowedShape:
        """Return it as plain data."""
        return {
            "environment": self.environment,
            "revision": self.revision,
            "moves": [[kind, revision] for kind, revision, _ in self.moves],
            "problem": self.problem,
        }

    def line(self) -> Line:
        """Return it as a line."""
        if self.problem is not None:
            return line("  ", warn(f"{self.environment} was not moved"), f": {self.problem}")
        verbs = {"apply": "applied", "revert": "reverted", "adopt": "recorded"}
        counted = Counter(verbs[kind] for kind, _, _ in self.moves)
        said = ", ".join(f"{n} {verb}" for verb, n in counted.items()) or "nothing to do"
        return line("  ", good(f"{self.environment} moved"), f" to {short(self.revision)}: {said}")


@dataclass(frozen=True, slots=True)
class CommitReport:
    """A revision that was sealed."""

    id: str
    migration: str | None
    parents: tuple[str, ...]
    message: str
    file: str
    operations: tuple[Operation, ...]
    down: str | None
    down_generated: bool
    losses: tuple[Loss, ...] = ()
    hazards: tuple[HazardNote, ...] = ()
    rehearsed: str | None = None
    notes: tuple[str, ...] = ()
    replaces: str | None = None
    hints: tuple[str, ...] = ()
    default_schema: str | None = None
    moved: tuple[Followed, ...] = ()

    @property
    def decision(self) -> bool:
        """Nothing is left to decide: what was to be refused was an error."""
        return False

    def shape(self) -> CommitShape:
        """Return the seal as plain data."""
        return {
            "format": "schemaops.commit/1",
            "id": self.id,
            "migration": self.migration,
            "parents": list(self.parents),
            "message": self.message,
            "file": self.file,
            "replaces": self.replaces,
            "operations": [operation_shape(one) for one in self.operations],
            "down": self.down,
            "down_generated": self.down_generated,
            "losses": loss_shapes(self.losses),
            "hazards": [one.shape() for one in self.hazards],
            "rehearsed": self.rehearsed,
            "notes": list(self.notes),
            "moved": [one.shape() for one in self.moved],
        }

    def text(self) -> Text:
        """Return the seal as lines."""
        instead = "" if self.replaces is None else f" in place of {short(self.replaces)}"
        rows: list[Line] = [
            line("sealed ", ident(short(self.id)), " ", title(self.message.partition("\n")[0])),
            line(dim(f"  {self.file}{instead}")),
        ]
        rows += (operation_line(one, self.default_schema) for one in self.operations)
        rows += down_lines(self.down, generated=self.down_generated)
        rows += (line("  ", *one) for one in loss_lines(self.losses))
        for hazard in self.hazards:
            rows += hazard.lines()
        if self.rehearsed is not None:
            rows.append(line("  ", good("rehearsed"), f" forth and back on {self.rehearsed}"))
        rows += (line("  ", warn("note"), f": {note}") for note in self.notes)
        rows += (one.line() for one in self.moved)
        rows += hint_lines(self.hints)
        return tuple(rows)


def down_lines(down: str | None, *, generated: bool) -> Text:
    """Return the reversal of a revision as lines."""
    if down is None:
        return (line("  ", warn("irreversible"), ": nothing undoes it"),)
    head = "undone by" if generated else "undone, as written by hand, by"
    return (line(f"  {head}"), *sql_lines(down))
