"""A checkpoint that was sealed: what it stands for, and which environments are past that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.reports.errors import hint_lines
from schemaops.reports.text import Line, Text, count, dim, good, ident, line, short, title, warn

__all__ = ["CheckpointReport", "CheckpointShape", "Passed"]


class PassedShape(TypedDict):
    """An environment, how that is known, and where it stands, null for base."""

    environment: str
    known: str
    revision: str | None


class CheckpointShape(TypedDict):
    """A checkpoint; `merge` is the revision that joins it with what came after the revision it stands
    for, null where nothing did."""

    format: Literal["schemaops.checkpoint/1"]
    id: str
    file: str
    stands_for: str
    revisions: int
    objects: int
    merge: str | None
    environments: list[PassedShape]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Passed:
    """An environment that is past a checkpoint, or needs not be since it is new."""

    environment: str
    known: str
    revision: str | None

    def shape(self) -> PassedShape:
        """Return it as plain data."""
        return {
            "environment": self.environment,
            "known": self.known,
            "revision": self.revision,
        }


@dataclass(frozen=True, slots=True)
class CheckpointReport:
    """A checkpoint that was sealed."""

    id: str
    file: str
    stands_for: str
    title: str
    revisions: int
    objects: int
    merge: str | None = None
    environments: tuple[Passed, ...] = ()
    notes: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def decision(self) -> bool:
        """Nothing is left to decide."""
        return False

    def shape(self) -> CheckpointShape:
        """Return it as plain data."""
        return {
            "format": "schemaops.checkpoint/1",
            "id": self.id,
            "file": self.file,
            "stands_for": self.stands_for,
            "revisions": self.revisions,
            "objects": self.objects,
            "merge": self.merge,
            "environments": [one.shape() for one in self.environments],
            "notes": list(self.notes),
        }

    def text(self) -> Text:
        """Return it as lines."""
        rows: list[Line] = [
            line("sealed ", ident(short(self.id)), " ", title("checkpoint")),
            line(dim(f"  {self.file}")),
            line(
                f"  stands for {count(self.revisions, 'revision')} up to ",
                ident(short(self.stands_for)),
                f" {self.title}: {count(self.objects, 'object')}",
            ),
        ]
        if self.merge is not None:
            rows.append(line("  joined with what came since as ", ident(short(self.merge))))
        for one in self.environments:
            at = "is new" if one.revision is None else f"is past it, at {short(one.revision)}"
            seen = "" if one.known == "now" else f"  {one.known}"
            rows.append(line("  ", good(one.environment), f" {at}", dim(seen)))
        rows += (line("  ", warn("note"), f": {note}") for note in self.notes)
        rows += hint_lines(self.hints)
        return tuple(rows)
