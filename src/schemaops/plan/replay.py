"""From where a database is to where it should be: a plan, and whether a policy allows it; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from schemaops.history.revision import Header, RevisionId, short
from schemaops.history.states import Known, States
from schemaops.plan.back import stands_at
from schemaops.plan.moves import Recall, Remember, Writer
from schemaops.plan.standing import Match, Unit
from schemaops.plan.steps import EMPTY_LEDGER, Fact, Plan
from schemaops.plan.way import Ways
from schemaops.schema.state import Schema

__all__ = ["Replay", "Standing"]


@dataclass(frozen=True, slots=True)
class Standing:
    """The database that a plan is for: its environment, what its ledger says, what it holds."""

    environment: str
    facts: tuple[Fact, ...] = ()
    position: str = EMPTY_LEDGER
    observed: Schema | None = None


class Replay:
    """Plans over one history. `header` gives what a revision says of itself, without its SQL;
    `recall` gives moves that were written before, `remember` keeps them; neither needs to."""

    def __init__(
        self,
        states: States,
        header: Callable[[RevisionId], Header],
        place: Callable[[RevisionId], str] = short,
        *,
        lossless: bool = False,
        recall: Recall = lambda _: {},
        remember: Remember = lambda _: None,
    ) -> None:
        self._states = states
        self._ways = Ways(states, header)
        self._writer = Writer(
            states, header, place, keeping=lossless, recall=recall, remember=remember
        )

    def plan(self, at: Standing, to: RevisionId | None) -> Plan:
        """Return the moves that bring a database to a revision, none where it is there.

        Raise NoWayBack, BeforeCheckpoint, UnreadableHistory.
        """
        if at.facts:
            # The whole way is read at once: what is worked out is kept at its end, not on and on.
            # From base every schema on the way is worked out in any case.
            self._states.at(to)
        way = self._ways.way(at.facts, at.observed, to)
        return Plan(
            environment=at.environment,
            dialect=self._states.dialect,
            from_=stands_at(at.facts),
            to=to,
            position=at.position,
            fingerprint=None if at.observed is None else at.observed.fingerprint,
            moves=tuple(self._writer.moves(way, at.observed)),
        )

    def matched(self, units: Sequence[Unit], to: RevisionId | None) -> Match:
        """Return what of a target is applied already, and what is applied beside it."""
        return self._ways.matched(units, to)

    def expected(self, units: Sequence[Unit]) -> Known | None:
        """Return what a database should hold whose applied units are these; None where they come
        to no revision of this history."""
        dag = self._states.dag
        applied = {one for unit in units for one in unit.revisions}
        if not all(one in dag for one in applied):
            return None
        heads = dag.heads(applied)
        if len(heads) > 1 or len(dag.closure(heads)) != len(applied):
            return None
        return self._states.at(heads[0] if heads else None)
