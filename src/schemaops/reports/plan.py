"""A plan: the moves of a replay with their statements, transactions, hazards and losses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from schemaops.operations import Operation
from schemaops.plan.steps import Move, MoveKind, Plan, Step, plan_as_json
from schemaops.reports.diff import operation_line
from schemaops.reports.errors import hint_lines
from schemaops.reports.hazards import HazardNote
from schemaops.reports.objects import operation_shape
from schemaops.reports.text import (
    Line,
    Text,
    bad,
    count,
    dim,
    good,
    ident,
    line,
    short,
    sql_lines,
    title,
    warn,
)

__all__ = ["PlanReport", "PlanShape", "PlannedMove"]


class StateShape(TypedDict):
    """The state of the database that a plan is for, and for no other."""

    position: str
    fingerprint: str | None


class PlannedStatementShape(TypedDict):
    """A statement as it is sent."""

    sql: str
    origin: str
    replaces: str | None


class StepShape(TypedDict):
    """Statements that succeed or fail together; `undo` takes back the one step."""

    transactional: bool
    rebuilds: bool
    held: bool
    after: str | None
    statements: list[PlannedStatementShape]
    undo: list[StepShape] | None


class FactShape(TypedDict):
    """What the ledger will say of one revision."""

    kind: str
    revision: str
    migration: str | None
    message: str
    up: str
    down: str
    parents: list[str]
    merge: str | None
    side: str | None


class MoveShape(TypedDict):
    """Apply, revert or adoption of one revision; a hazard is its code, name, severity and reason, a
    loss a sentence."""

    kind: Literal["apply", "revert", "adopt"]
    revision: str
    migration: str | None
    message: str
    fingerprint: str | None
    one_transaction: bool
    steps: list[StepShape]
    facts: list[FactShape]
    undo: list[StepShape] | None
    hazards: list[list[str]]
    losses: list[list[str]]


PlanShape = TypedDict(
    "PlanShape",
    {
        "format": Literal["schemaops.plan/1"],
        "environment": str,
        "dialect": str,
        "from": str | None,
        "to": str | None,
        "state": StateShape,
        "moves": list[MoveShape],
        "drift": list[dict[str, object]],
    },
)
PlanShape.__doc__ = (
    """The moves of a replay for one database in one state, and how it has drifted."""
)


@dataclass(frozen=True, slots=True)
class PlannedMove:
    """A move, and what it risks."""

    move: Move
    hazards: tuple[HazardNote, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanReport:
    """A plan; `drift` is what the database holds that it should not."""

    plan: Plan
    moves: tuple[PlannedMove, ...]
    drift: tuple[Operation, ...] = ()
    hints: tuple[str, ...] = ()
    default_schema: str | None = None

    @property
    def decision(self) -> bool:
        """Whether the database has drifted."""
        return bool(self.drift)

    def shape(self) -> dict[str, Any]:
        """Return the plan as plain data."""
        shape = plan_as_json(self.plan)
        for one, told in zip(shape["moves"], self.moves, strict=True):
            one["losses"] = [list(loss) for loss in told.move.losses]
            one["hazards"] = [
                [hazard.code, hazard.name, hazard.severity, hazard.reason]
                for hazard in told.hazards
            ]
        shape["drift"] = [operation_shape(one) for one in self.drift]
        return shape

    def text(self) -> Text:
        """Return the plan as lines."""
        plan = self.plan
        rows: list[Line] = []
        if self.drift:
            rows.append(line(bad("drifted"), ", from what the ledger says to what is there:"))
            rows += (operation_line(one, self.default_schema) for one in self.drift)
        where = line(title(plan.environment), ": ", ident(short(plan.from_)), " → ")
        rows.append((*where, ident(short(plan.to))))
        if not self.moves:
            rows.append(line(good("nothing to do")))
        for number, one in enumerate(self.moves, start=1):
            rows += _move_lines(number, one)
        rows += hint_lines(self.hints)
        return tuple(rows)


def _move_lines(number: int, planned: PlannedMove) -> Text:
    move = planned.move
    mark = warn if move.kind is MoveKind.REVERT else good
    how = "" if not move.steps else _transactions(move.steps)
    rows: list[Line] = [
        line(
            f"{number}. ",
            mark(move.kind.value),
            " ",
            ident(short(move.revision)),
            f" {move.message}",
            dim(f"  {how}") if how else "",
        )
    ]
    replaced: str | None = None
    for step in move.steps:
        for statement in step.statements:
            if statement.replaces is not None and statement.replaces != replaced:
                rows += (
                    line(dim(f"    -- instead of {one}"))
                    for one in f"{statement.replaces};".splitlines()
                )
            replaced = statement.replaces
            rows += sql_lines(f"{statement.sql};")
    if move.kind is MoveKind.ADOPT:
        rows.append(line(dim("    -- recorded only: what it does is there")))
    for hazard in planned.hazards:
        rows += hazard.lines(indent="    ")
    word = "loses the " if move.kind is MoveKind.REVERT else "a revert would lose the "
    rows += (line("    ", warn(f"{word}{loss[0]}")) for loss in move.losses)
    return tuple(rows)


def _transactions(steps: tuple[Step, ...]) -> str:
    if all(step.transactional for step in steps):
        return "in one transaction" + (", rebuilding a table" if steps[0].rebuilds else "")
    alone = sum(not step.transactional for step in steps)
    return f"{count(alone, 'statement')} outside transactions"
