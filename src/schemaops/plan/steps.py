"""Plan, Move, Step: what a replay will do, as values, and as JSON.

    Plan   for one database in one state (ledger position and fingerprint)
     └ Move     apply or revert of one revision; what the ledger will say of it
        └ Step      statements that succeed or fail together
           └ PlannedStatement   the text that is sent, byte for byte

A move whose steps are all transactional is one transaction, its ledger rows inside. Otherwise every
step is recorded by itself, and what cannot be in a transaction is a step of one statement.
Fingerprints tell where the database must stand: `None` where nobody can know beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

__all__ = [
    "EMPTY_LEDGER",
    "Fact",
    "Move",
    "MoveKind",
    "Plan",
    "PlannedStatement",
    "Step",
    "move_as_json",
    "move_from_json",
    "plan_as_json",
    "plan_from_json",
]

EMPTY_LEDGER = "0"
"""The position of a ledger that says nothing yet."""

Json = dict[str, Any]


class MoveKind(StrEnum):
    """What a move does to the applied set; adopting records what already stands there."""

    APPLY = "apply"
    REVERT = "revert"
    ADOPT = "adopt"


@dataclass(frozen=True, slots=True)
class PlannedStatement:
    """One statement as it is sent. `origin` says where it is written (`FILE:LINE`, `ledger:12`),
    `replaces` what it stands in for where lossless mode reworded it."""

    sql: str
    origin: str = ""
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Statements that succeed or fail together.

    `after` is the fingerprint the database must have once it is done. `rebuilds` asks SQLite to
    look away from foreign keys meanwhile and to check them at the end. `undo` takes back this one
    step of a move that stopped halfway; `None` where that cannot be done. Outside a transaction it is
    one statement, or (`held`) several under MySQL's LOCK TABLES, which may be sent again from the
    first as long as the schema shows that the last has not taken effect.
    """

    statements: tuple[PlannedStatement, ...]
    transactional: bool = True
    after: str | None = None
    rebuilds: bool = False
    undo: tuple[Step, ...] | None = None
    held: bool = False

    def __post_init__(self) -> None:
        if not self.transactional and not self.held and len(self.statements) != 1:
            raise ValueError("a step outside a transaction is one statement")


@dataclass(frozen=True, slots=True)
class Fact:
    """What the ledger will say of one revision: `up` and `down` as executed.

    Executing a section of a merge revision gives one fact for every revision it stands for, in
    the merge's wording, and then one for the merge: all of them name the `merge`, and the parent
    (`side`) whose section it was.
    """

    kind: MoveKind
    revision: str
    migration: str | None = None
    message: str = ""
    up: str = ""
    down: str = ""
    parents: tuple[str, ...] = ()
    merge: str | None = None
    side: str | None = None

    def undone(self) -> Fact:
        """Return the fact of taking this one back."""
        back = MoveKind.APPLY if self.kind is MoveKind.REVERT else MoveKind.REVERT
        return replace(self, kind=back)


@dataclass(frozen=True, slots=True)
class Move:
    """Apply or revert of one revision. `facts` are recorded when it is done, `fingerprint` is what
    must be observed then, and `undo` are the steps that take the whole of it back."""

    kind: MoveKind
    revision: str
    steps: tuple[Step, ...]
    facts: tuple[Fact, ...]
    fingerprint: str | None
    migration: str | None = None
    message: str = ""
    undo: tuple[Step, ...] | None = None
    hazards: tuple[tuple[str, ...], ...] = ()
    losses: tuple[tuple[str, ...], ...] = ()

    @property
    def is_one_transaction(self) -> bool:
        """Whether the whole move, its ledger rows included, succeeds or fails together."""
        return all(step.transactional for step in self.steps)

    @property
    def rebuilds(self) -> bool:
        """Whether a step of it rebuilds a table that others refer to."""
        return any(step.rebuilds for step in self.steps)

    def undone(self, before: str | None) -> Move | None:
        """Return the move that takes this one back to the fingerprint `before`, if there is one."""
        if self.undo is None:
            return None
        return Move(
            kind=MoveKind.APPLY if self.kind is MoveKind.REVERT else MoveKind.REVERT,
            revision=self.revision,
            migration=self.migration,
            message=self.message,
            steps=self.undo,
            facts=tuple(fact.undone() for fact in reversed(self.facts)),
            fingerprint=before,
            undo=self.steps,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """The moves of a replay, for one database in the one state named by `position` (the ledger's)
    and `fingerprint`. `from_` and `to` are revision ids, `None` the base."""

    environment: str
    dialect: str
    from_: str | None
    to: str | None
    position: str
    fingerprint: str | None
    moves: tuple[Move, ...] = ()

    def before(self, index: int) -> str | None:
        """Return the fingerprint that must be observed before the move at `index`."""
        return self.moves[index - 1].fingerprint if index else self.fingerprint


def plan_as_json(plan: Plan) -> Json:
    """Return the plan in the shape `schemaops.plan/1`."""
    return {
        "format": "schemaops.plan/1",
        "environment": plan.environment,
        "dialect": plan.dialect,
        "from": plan.from_,
        "to": plan.to,
        "state": {"position": plan.position, "fingerprint": plan.fingerprint},
        "moves": [move_as_json(move) for move in plan.moves],
    }


def plan_from_json(value: Mapping[str, Any]) -> Plan:
    """Return the plan that `plan_as_json` wrote."""
    if value["format"] != "schemaops.plan/1":
        raise ValueError(f"{value['format']!r} is not schemaops.plan/1")
    return Plan(
        environment=value["environment"],
        dialect=value["dialect"],
        from_=value["from"],
        to=value["to"],
        position=value["state"]["position"],
        fingerprint=value["state"]["fingerprint"],
        moves=tuple(move_from_json(move) for move in value["moves"]),
    )


def move_as_json(move: Move) -> Json:
    """Return one move as JSON."""
    return {
        "kind": move.kind.value,
        "revision": move.revision,
        "migration": move.migration,
        "message": move.message,
        "fingerprint": move.fingerprint,
        "one_transaction": move.is_one_transaction,
        "steps": _steps_as_json(move.steps),
        "facts": [_fact_as_json(fact) for fact in move.facts],
        "undo": None if move.undo is None else _steps_as_json(move.undo),
        "hazards": [list(hazard) for hazard in move.hazards],
        "losses": [list(loss) for loss in move.losses],
    }


def move_from_json(value: Mapping[str, Any]) -> Move:
    """Return the move that `move_as_json` wrote."""
    return Move(
        kind=MoveKind(value["kind"]),
        revision=value["revision"],
        migration=value["migration"],
        message=value["message"],
        fingerprint=value["fingerprint"],
        steps=_steps_from_json(value["steps"]),
        facts=tuple(_fact_from_json(fact) for fact in value["facts"]),
        undo=None if value["undo"] is None else _steps_from_json(value["undo"]),
        hazards=tuple(tuple(hazard) for hazard in value["hazards"]),
        losses=tuple(tuple(loss) for loss in value["losses"]),
    )


def _steps_as_json(steps: Sequence[Step]) -> list[Json]:
    return [
        {
            "transactional": step.transactional,
            "rebuilds": step.rebuilds,
            "held": step.held,
            "after": step.after,
            "statements": [
                {"sql": each.sql, "origin": each.origin, "replaces": each.replaces}
                for each in step.statements
            ],
            "undo": None if step.undo is None else _steps_as_json(step.undo),
        }
        for step in steps
    ]


def _steps_from_json(values: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    return tuple(
        Step(
            statements=tuple(
                PlannedStatement(each["sql"], each["origin"], each["replaces"])
                for each in value["statements"]
            ),
            transactional=value["transactional"],
            after=value["after"],
            rebuilds=value["rebuilds"],
            held=value.get("held", False),
            undo=None if value["undo"] is None else _steps_from_json(value["undo"]),
        )
        for value in values
    )


def _fact_as_json(fact: Fact) -> Json:
    return {
        "kind": fact.kind.value,
        "revision": fact.revision,
        "migration": fact.migration,
        "message": fact.message,
        "up": fact.up,
        "down": fact.down,
        "parents": list(fact.parents),
        "merge": fact.merge,
        "side": fact.side,
    }


def _fact_from_json(value: Mapping[str, Any]) -> Fact:
    return Fact(
        kind=MoveKind(value["kind"]),
        revision=value["revision"],
        migration=value["migration"],
        message=value["message"],
        up=value["up"],
        down=value["down"],
        parents=tuple(value["parents"]),
        merge=value["merge"],
        side=value["side"],
    )
