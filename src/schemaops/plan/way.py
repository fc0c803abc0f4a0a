"""Which way to go: what to revert, what to apply, and the proof where history has another order.

In order means: back along the DAG of what is applied until only what is wanted is left, and forth
along that of the target. Where that would take back something wanted, a shorter way is tried first
that does things in another order than history has them; it stands only if it is proven that they
commute: footprints clear of each other, and the schema at the end that of the target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from schemaops.history.revision import Header, Kept, RevisionId
from schemaops.history.states import States, section_text
from schemaops.operations.footprint import Footprint
from schemaops.plan.back import Back, back_of_unit, walked_back
from schemaops.plan.foresight import Foresight, touched
from schemaops.plan.route import Leg, Route, checkpoint_start, route, unordered_route
from schemaops.plan.standing import Match, Unit, applied_facts, applied_units, match
from schemaops.plan.steps import Fact
from schemaops.schema.state import Schema

__all__ = ["Way", "Ways", "leg_up"]


@dataclass(frozen=True, slots=True)
class Way:
    """What is reverted, in order, what stays applied, and the route from there.

    `beneath` are the pairs of a revert and a revision that stays and was applied after it.
    """

    reverts: tuple[Back, ...]
    match: Match
    route: Route
    beneath: tuple[tuple[Back, RevisionId], ...] = ()


class Ways:
    """Finds ways over one history."""

    def __init__(self, states: States, header: Callable[[RevisionId], Header]) -> None:
        self._states = states
        self._dag = states.dag
        self._header = header

    def way(self, facts: Sequence[Fact], observed: Schema | None, to: RevisionId | None) -> Way:
        """Return the way from what is applied, by these facts, to a revision."""
        units = applied_units(facts)
        direct = self._back_and_forth(facts, to)
        if direct is not None:
            wanted = {
                one for unit in self.matched(units, to).found.values() for one in unit.revisions
            }
            if not any(wanted & back.revisions for back in direct.reverts):
                return direct
        shorter = self._short(units, to)
        if self._commutes(shorter, observed, to):
            return shorter
        return direct or self._newest_first(units, to)

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
        reverts = {id(unit): back_of_unit(unit) for unit in found.extra}
        beneath: list[tuple[Back, RevisionId]] = []
        for unit in found.extra:
            beneath += (
                (reverts[id(unit)], later.revision)
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
        return Way(tuple(reversed(reverts.values())), found, chosen, tuple(beneath))

    def _back_and_forth(self, facts: Sequence[Fact], to: RevisionId | None) -> Way | None:
        """Return the way in order, None where what is applied is no revision with its ancestors."""
        applied = applied_facts(facts)
        wanted = frozenset(self._dag.between(None, to))
        paired = {unit.revision for unit in self.matched(applied_units(facts), to).paired.values()}
        further = 0
        while True:
            backs = walked_back(applied, wanted | paired, further=further)
            if backs is None:
                return None
            gone = {one for back in backs for one in back.revisions}
            left = applied_units(fact for fact in applied if fact.revision not in gone)
            found = self.matched(left, to)
            place = {id(unit): number for number, unit in enumerate(left)}
            if not found.extra and next(self._reordered(found, place), None) is None:
                direct = self._route(frozenset(found.found), to)
                if direct is not None:
                    return Way(backs, found, direct)
            # What is left stands beside the way of the target: one more has to go.
            further += 1

    def _newest_first(self, units: Sequence[Unit], to: RevisionId | None) -> Way:
        left = list(units)
        reverts: list[Back] = []
        while True:
            found = self.matched(left, to)
            place = {id(unit): number for number, unit in enumerate(left)}
            if not found.extra and next(self._reordered(found, place), None) is None:
                direct = self._route(frozenset(found.found), to)
                if direct is not None:
                    return Way(tuple(reverts), found, direct)
            # Everything down to the first that is not wanted has to go in any case.
            stop = min((place[id(unit)] for unit in found.extra), default=len(left) - 1)
            reverts += map(back_of_unit, reversed(left[stop:]))
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
        for back in way.reverts:
            effects = self._states.effects(back.revision) if back.revision in self._dag else {}
            seen = sight.through(back.down, effects)
            if seen is None:
                return False
            undone[id(back)] = touched(seen.groups)
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
            self._clear(self._touched(stays), undone[id(back)]) for back, stays in way.beneath
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
