"""A replay: the moves that were made, and where the database stands now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.reports.text import Line, Text, count, good, ident, line, short, title, warn

__all__ = ["ReplayReport", "ReplayShape", "ReplayedMove", "RowsNotPutBack"]

_SHOWN = 20


class ReplayedShape(TypedDict):
    """A move that was made."""

    kind: Literal["apply", "revert", "adopt"]
    revision: str
    message: str


class NotPutBackShape(TypedDict):
    """Rows of a table that stay in the archive at a place, since others wrote to them meanwhile:
    how many, and the keys of the first of them."""

    table: str
    rows: int
    keys: list[str]
    place: str


class ReplayShape(TypedDict):
    """The moves of a replay, and where the database stands after them."""

    format: Literal["schemaops.replay/1"]
    environment: str
    revision: str | None
    position: str
    fingerprint: str | None
    moves: list[ReplayedShape]
    not_put_back: list[NotPutBackShape]


@dataclass(frozen=True, slots=True)
class ReplayedMove:
    """A move that was made."""

    kind: Literal["apply", "revert", "adopt"]
    revision: str
    message: str


@dataclass(frozen=True, slots=True)
class RowsNotPutBack:
    """Rows of a table that could not be put back, by key, and where the archive has them."""

    table: str
    rows: int
    keys: tuple[str, ...]
    place: str


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a replay did."""

    environment: str
    revision: str | None
    position: str
    fingerprint: str | None
    moves: tuple[ReplayedMove, ...] = ()
    not_put_back: tuple[RowsNotPutBack, ...] = ()

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
            "not_put_back": [
                {
                    "table": one.table,
                    "rows": one.rows,
                    "keys": list(one.keys),
                    "place": one.place,
                }
                for one in self.not_put_back
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
        for left in self.not_put_back:
            rows.append(
                line(
                    warn("kept"),
                    f"     {count(left.rows, 'row')} of {left.table}, written by others meanwhile "
                    f"and not put back: schemaops archive {self.environment}",
                )
            )
            rows += [line(f"  {key}") for key in left.keys[:_SHOWN]]
            if left.rows > _SHOWN:
                rows.append(line(f"  and {left.rows - _SHOWN} more"))
        now = line(title(self.environment), " stands at ", ident(short(self.revision)))
        return (*rows, now if self.moves else (*now, *line(": nothing to do")))
