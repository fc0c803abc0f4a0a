"""A reversal: what undoes a migration, what it cannot bring back, and what has no way back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.reports.text import Line, Text, bad, dim, line, sql_lines, warn
from schemaops.reverse import Hindrance, Loss

__all__ = ["LossShape", "ReversalReport", "ReversalShape", "loss_lines", "loss_shapes"]


class LossShape(TypedDict):
    """What is not brought back, of what, and the line of the statement that takes it away."""

    address: str | None
    what: str
    line: int | None


class HindranceShape(TypedDict):
    """Why a statement has no way back."""

    line: int | None
    reason: str


class ReversalShape(TypedDict):
    """The statements of a migration, and those that undo it."""

    format: Literal["schemaops.reversal/1"]
    up: list[str]
    down: list[str]
    losses: list[LossShape]
    irreversible: list[HindranceShape]


@dataclass(frozen=True, slots=True)
class ReversalReport:
    """What undoes a migration."""

    up: tuple[str, ...]
    down: tuple[str, ...]
    losses: tuple[Loss, ...] = ()
    irreversible: tuple[Hindrance, ...] = ()

    @property
    def decision(self) -> bool:
        """Whether something has no way back, so that a person must write it."""
        return bool(self.irreversible)

    def shape(self) -> ReversalShape:
        """Return the reversal as plain data."""
        return {
            "format": "schemaops.reversal/1",
            "up": list(self.up),
            "down": list(self.down),
            "losses": loss_shapes(self.losses),
            "irreversible": [{"line": one.line, "reason": one.reason} for one in self.irreversible],
        }

    def text(self) -> Text:
        """Return the reversal as a script, what it loses as comments."""
        rows: list[Line] = []
        for statement in self.down:
            rows += sql_lines(f"{statement};", indent="")
        if not rows and not self.irreversible:
            rows.append(line(dim("-- nothing to undo")))
        rows += (line("-- ", *one) for one in loss_lines(self.losses))
        for hindrance in self.irreversible:
            where = "" if hindrance.line is None else f" (line {hindrance.line})"
            rows.append(line("-- ", bad("irreversible"), f"{where}: {hindrance.reason}"))
        return tuple(rows)


def loss_shapes(losses: Iterable[Loss]) -> list[LossShape]:
    """Return losses as plain data."""
    return [
        {"address": None if loss.at is None else str(loss.at), "what": loss.what, "line": loss.line}
        for loss in losses
    ]


def loss_lines(losses: Iterable[Loss]) -> Text:
    """Return losses, one a line."""
    return tuple(
        line(
            warn("loss"),
            f": the {loss.what} of {'tables unknown' if loss.at is None else loss.at}",
            "" if loss.line is None else dim(f" (line {loss.line})"),
        )
        for loss in losses
    )
