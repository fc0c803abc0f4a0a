"""A move that is not one transaction, as units in order: what is done of it, and what is left."""

from __future__ import annotations

from dataclasses import dataclass

from schemaops.database.ledger import Direction, InFlight, Mark, State
from schemaops.database.stops import CannotUndo, title
from schemaops.plan.steps import Step

__all__ = ["Unit", "backward", "forward", "is_undoing", "remains"]


@dataclass(frozen=True, slots=True)
class Unit:
    """One step to be done or undone, the fingerprints around it, and the number of its first
    statement."""

    direction: Direction
    at: int
    part: int
    step: Step
    before: str | None
    after: str | None
    number: int

    def mark(self, state: State) -> Mark:
        """Return how far the unit has come, as the ledger notes it."""
        return Mark(self.direction, self.at, self.part, state)

    def is_done(self, in_flight: InFlight) -> bool:
        """Return whether it is known to be done."""
        return any(
            (mark.direction, mark.step, mark.part) == (self.direction, self.at, self.part)
            and mark.state in (State.DONE, State.SETTLED)
            for mark in in_flight.marks
        )


def forward(in_flight: InFlight) -> list[Unit]:
    """Return the units that do the move."""
    move = in_flight.move
    units: list[Unit] = []
    before, number = in_flight.before, 1
    for at, step in enumerate(move.steps):
        is_last = at == len(move.steps) - 1
        after = step.after or (move.fingerprint if is_last else None)
        units.append(Unit(Direction.DO, at, 0, step, before, after, number))
        before = after
        number += len(step.statements)
    return units


def backward(in_flight: InFlight) -> list[Unit]:
    """Return the units that take back what was done; raise CannotUndo."""
    units: list[Unit] = []
    number = 1
    for done in reversed(forward(in_flight)):
        if not done.is_done(in_flight):
            continue
        if done.step.undo is None:
            raise CannotUndo(
                f"what was done of {title(in_flight.move)} cannot be taken back",
                in_flight.move,
                aftermath=remains(in_flight),
                statement=done.step.statements[0] if done.step.statements else None,
                number=done.number,
            )
        before = done.after
        for part, step in enumerate(done.step.undo):
            is_last = part == len(done.step.undo) - 1
            after = step.after or (done.before if is_last else None)
            units.append(Unit(Direction.UNDO, done.at, part, step, before, after, number))
            before = after
            number += len(step.statements)
    return units


def is_undoing(in_flight: InFlight) -> bool:
    """Return whether the move has begun to be taken back."""
    return any(mark.direction is Direction.UNDO for mark in in_flight.marks)


def remains(in_flight: InFlight) -> str:
    """Return what of the move is in the database, in words."""
    done = [unit for unit in forward(in_flight) if unit.is_done(in_flight)]
    if not done:
        return "nothing before it was done"
    last = done[-1].number + len(done[-1].step.statements) - 1
    return f"statements 1 to {last} remain" if last > 1 else "statement 1 remains"
