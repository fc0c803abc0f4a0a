"""Which way to go: what to revert, what to apply, and the proof where history has another order.

The short way reverts only what is not wanted and goes on from there; wherever it does things in
another order than history has them, it must be proven that they commute: footprints clear of each
other, and the schema at the end that of the target. Where that cannot be proven, the long way
reverts, newest first, to a point that history knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from schemaops.history.revision import Header, Kept, RevisionId
from schemaops.history.states import States, section_text
from schemaops.operations.footprint import Footprint
from schemaops.plan.foresight import Foresight, touched
from schemaops.plan.route import Leg, Route, checkpoint_start, route, unordered_route
from schemaops.plan.standing import Match, Unit, match
from schemaops.schema.state import Schema

__all__ = ["Way", "Ways", "leg_up"]


@dataclass(frozen=True, slots=True)
class Way:
    """What is reverted, in order, what stays applied, and the route from there.

    `beneath` are the pairs of a unit to revert and a revision that stays and was applied after it.
    """

    reverts: tuple[Unit, ...]
    match: Match
    route: Route
    beneath: tuple[tuple[Unit, RevisionId], ...] = ()

    @property
    def in_order(self) -> bool:
        """Whether it does everything in history's order, so that there is nothing to prove."""
        return not self.route.inverted and not self.beneath


class Ways:
    """Finds ways over one history."""

    def __init__(self, states: States, header: Callable[[RevisionId], Header]) -> None:
        self._states = states
        self._dag = states.dag
        self._header = header

    def way(self, units: Sequence[Unit], observed: Schema | None, to: RevisionId | None) -> Way:
        """Return the way from what is applied to a revision."""
        short_way = self._short(units, to)
        if short_way.in_order or self._commutes(short_way, observed, to):
            return short_way
        return self._long(units, to)

    def matched(self, units: Sequence[Unit], to: RevisionId | None) -> Match:
        """Return what of a target is applied already, and what is applied beside it."""
        wanted = self._dag.between(None, to)
        beginnings = {
            one: self._dag.ancestors(one)
            for one in wanted
            if self._header(one).checkpoint and self._dag.parents(one)
        }
        return match(units, wanted, self._header, beginnings)

    def _short(self, units: Sequence[Unit], to: RevisionId | None) -> Way:
        found = self.matched(units, to)
        extra = {id(unit) for unit in found.extra}
        place = {id(unit): number for number, unit in enumerate(units)}
        beneath: list[tuple[Unit, RevisionId]] = []
        for unit in found.extra:
            beneath += (
                (unit, later.revision)
                for later in units[place[id(unit)] + 1 :]
                if id(later) not in extra
            )
        kept = frozenset(found.found)
        direct = self._route(kept, to)
        if direct is None:
            direct = unordered_route(
                self._dag,
                self._dag.between(None, to),
                kept,
                lambda one: self._header(one).is_merge,
            )
        inverted = (*direct.inverted, *self._reordered(found, place))
        chosen = Route(direct.legs, inverted)
        return Way(tuple(reversed(found.extra)), found, chosen, tuple(beneath))

    def _long(self, units: Sequence[Unit], to: RevisionId | None) -> Way:
        left = list(units)
        reverts: list[Unit] = []
        while True:
            found = self.matched(left, to)
            place = {id(unit): number for number, unit in enumerate(left)}
            if not found.extra and next(self._reordered(found, place), None) is None:
                direct = self._route(frozenset(found.found), to)
                if direct is not None:
                    return Way(tuple(reverts), found, direct)
            # Everything down to the first that is not wanted has to go in any case.
            stop = min((place[id(unit)] for unit in found.extra), default=len(left) - 1)
            reverts += reversed(left[stop:])
            del left[stop:]

    def _reordered(
        self, found: Match, place: dict[int, int]
    ) -> Iterator[tuple[RevisionId, RevisionId]]:
        # Only what was found by migration id can have been executed in another order.
        for revision, unit in found.paired.items():
            here = place[id(unit)]
            for other, its in found.found.items():
                there = place[id(its)]
                if there > here and other != revision and self._dag.is_ancestor(other, revision):
                    yield revision, other
                elif there < here and self._dag.is_ancestor(revision, other):
                    yield other, revision

    def _route(self, kept: frozenset[RevisionId], to: RevisionId | None) -> Route | None:
        if not kept and to is not None:
            wanted = self._dag.between(None, to)
            checkpoints = {one for one in wanted if self._header(one).checkpoint}
            start = checkpoint_start(self._dag, wanted, checkpoints, to)
            if start is not None:
                onward = route(self._dag, self._dag.closure((start,)), to)
                return None if onward is None else Route((Leg(start), *onward.legs))
        return route(self._dag, kept, to)

    def _commutes(self, way: Way, observed: Schema | None, to: RevisionId | None) -> bool:
        target = self._states.at(to)
        if observed is None or not target.certain:
            return False
        sight = Foresight(self._states, observed)
        undone: dict[int, Footprint | None] = {}
        for unit in way.reverts:
            effects = self._states.effects(unit.revision) if unit.revision in self._dag else {}
            seen = sight.through(unit.fact.down, effects)
            if seen is None:
                return False
            undone[id(unit)] = touched(seen.groups)
        for leg in way.route.legs:
            if leg.adopt:
                if not self._only_carries(leg.revision):
                    return False
            elif (
                sight.through(leg_up(self._states, leg), self._states.effects(leg.revision)) is None
            ):
                return False
        if sight.fingerprint != target.schema.fingerprint:
            return False
        return all(
            self._clear(self._touched(stays), undone[id(unit)]) for unit, stays in way.beneath
        ) and all(
            self._clear(self._touched(one), self._touched(other))
            for one, other in way.route.inverted
        )

    def _touched(self, revision: RevisionId) -> Footprint | None:
        if revision not in self._dag:
            return None
        return touched(self._states.groups(revision))

    def _clear(self, one: Footprint | None, other: Footprint | None) -> bool:
        return one is not None and other is not None and one.clear_of(other)

    def _only_carries(self, merge: RevisionId) -> bool:
        # What a person decided, or what was combined, stands in no side: it would have to be run.
        kinds = {piece.kept for one in self._states.read(merge).sections for piece in one.up}
        return not kinds & {Kept.DECIDED, Kept.COMBINED}


def leg_up(states: States, leg: Leg) -> str:
    """Return the text that a leg executes."""
    value = states.read(leg.revision)
    if leg.side is None:
        return value.up
    return section_text(next(one for one in value.sections if one.parent == leg.side))
