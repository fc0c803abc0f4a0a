"""A replay: the moves that were made, and where the database stands now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.reports.text import Line, Text, good, ident, line, short, title, warn

__all__ = ["ReplayReport", "ReplayShape", "ReplayedMove"]


class ReplayedShape(TypedDict):
    """A move that was made."""

    kind: Literal["apply", "revert", "adopt"]
    revision: str
    message: str


class ReplayShape(TypedDict):
    """The moves of a replay, and where the database stands after them."""

    format: Literal["schemaops.replay/1"]
    environment: str
    revision: str | None
    position: str
    fingerprint: str | None
    moves: list[ReplayedShape]


@dataclass(frozen=True, slots=True)
class ReplayedMove:
    """A move that was made."""

    kind: Literal["apply", "revert", "adopt"]
    revision: str
    message: str


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a replay did."""

    environment: str
    revision: str | None
    position: str
    fingerprint: str | None
    moves: tuple[ReplayedMove, ...] = ()

    @property
    def decision(self) -> bool:
        """Nothing is left to decide: what was to be refused was an error."""
        return False

    def shape(self) -> ReplayShape:
        """Return the replay as plain data."""
        return {
            "format": "schemaops.replay/1",
            "environment": self.environment,
            "revision": self.revision,
            "position": self.position,
            "fingerprint": self.fingerprint,
            "moves": [
                {"kind": one.kind, "revision": one.revision, "message": one.message}
                for one in self.moves
            ],
        }

    def text(self) -> Text:
        """Return the replay as lines."""
        done = {"apply": "applied", "revert": "reverted", "adopt": "recorded"}
        rows: list[Line] = []
        for move in self.moves:
            mark = warn if move.kind == "revert" else good
            rows.append(
                line(
                    mark(f"{done[move.kind]:<8}"),
                    " ",
                    ident(short(move.revision)),
                    f" {move.message}",
                )
            )
        now = line(title(self.environment), " stands at ", ident(short(self.revision)))
        return (*rows, now if self.moves else (*now, *line(": nothing to do")))
