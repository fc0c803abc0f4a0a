"""What each environment will run once a pull request is merged; nothing is connected to unasked.

Where an environment stands is looked at (`live`), or known from when a command last looked, or else
taken to be where the target branch is. A merge that nobody has made yet is planned as if it were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from schemaops.commands.places import last_place
from schemaops.commands.plan import risks
from schemaops.commands.workspace import Tree, Workspace
from schemaops.config import Environment
from schemaops.errors import SchemaOpsError
from schemaops.history.revision import Header, Revision, RevisionId, short
from schemaops.history.states import States
from schemaops.merge.bases import with_revision
from schemaops.operations import Operation
from schemaops.plan.replay import Replay, Standing
from schemaops.plan.standing import applied_units
from schemaops.plan.steps import Fact, MoveKind
from schemaops.reports.ci import Foreseen
from schemaops.reports.plan import PlanReport
from schemaops.schema.state import Schema

__all__ = ["Merging", "foreseen"]


@dataclass(frozen=True, slots=True)
class Merging:
    """What there will be: the trees of both sides, the target's head, the head after merging, and
    the merge revision where one is to be made."""

    trees: Sequence[Tree]
    target: RevisionId | None
    head: RevisionId | None
    made: Revision | None = None


def foreseen(workspace: Workspace, merging: Merging, *, live: bool = False) -> Iterator[Foreseen]:
    """Yield what each environment will run, in the order of the rollout."""
    sight = _Sight(workspace, merging)
    for environment in workspace.config.rollout():
        yield (sight.live if live else sight.known)(environment)


class _Sight:
    def __init__(self, workspace: Workspace, merging: Merging) -> None:
        self._workspace = workspace
        self._merging = merging
        states = workspace.states(*merging.trees)
        if merging.made is not None and merging.head is not None:
            states = with_revision(states, merging.head, merging.made)
        self._states: States = states
        self._replay = Replay(states, self._header, self._place)

    def live(self, environment: Environment) -> Foreseen:
        """Return what an environment will run from where it stands now."""
        from schemaops.commands.standing import found, note_place

        blank = Foreseen(environment.name, "live")
        try:
            seen = found(self._workspace, environment)
            drift = seen.drift(self._replay) or ()
            if seen.exists:
                note_place(self._workspace, seen, bool(drift))
            return replace(blank, plan=self._plan(environment, seen.standing, seen.observed, drift))
        except SchemaOpsError as error:
            return replace(blank, problem=error.message)

    def known(self, environment: Environment) -> Foreseen:
        """Return what an environment will run from where it was last seen, or the target is."""
        place = last_place(self._workspace, environment.name)
        blank = Foreseen(environment.name, "assumed")
        if place is not None:
            blank = replace(blank, standing="seen", seen=place.seen)
        try:
            facts = tuple(
                self._facts_to_target() if place is None else map(self._filled, place.applied())
            )
            expected = self._replay.expected(applied_units(facts))
            observed = expected.schema if expected is not None and expected.certain else None
            standing = Standing(environment.name, facts, observed=observed)
            plan = self._plan(environment, standing, observed, ())
        except SchemaOpsError as error:
            return replace(blank, problem=error.message)
        texts = {fact.revision for fact in facts if fact.up}
        for one in plan.moves:
            if one.move.kind is MoveKind.REVERT and one.move.revision not in texts:
                name = short(one.move.revision)[:7]
                said = f"it would take {name} back, and its ledger alone says how: see with --live"
                return replace(blank, problem=said)
        return replace(blank, plan=plan)

    def _plan(
        self,
        environment: Environment,
        at: Standing,
        observed: Schema | None,
        drift: tuple[Operation, ...],
    ) -> PlanReport:
        replay = Replay(self._states, self._header, self._place, lossless=environment.lossless)
        plan = replay.plan(at, self._merging.head)
        moves = tuple(risks(self._states, plan.moves, observed))
        return PlanReport(plan, moves, drift, (), self._workspace.default_schema)

    def _facts_to_target(self) -> Iterator[Fact]:
        for revision in self._states.dag.between(None, self._merging.target):
            header = self._header(revision)
            yield Fact(MoveKind.APPLY, revision, header.migration, header.title)

    def _filled(self, fact: Fact) -> Fact:
        """Return a fact as last seen, with what the history says of going back from it."""
        if fact.merge is not None:
            return fact
        revision = RevisionId(fact.revision)
        for tree in self._trees():
            if revision in tree.store.ids():
                value = tree.read(revision)
                return replace(fact, up=value.up, down=value.down or "", message=value.title)
        return fact

    def _trees(self) -> Iterator[Tree]:
        yield from self._merging.trees
        for branch in self._workspace.repository().branches():
            tree = self._workspace.branch(branch.name)
            if tree is not None:
                yield tree

    def _header(self, revision: RevisionId) -> Header:
        if revision == self._merging.head and self._merging.made is not None:
            return self._merging.made
        return next(one.headers[revision] for one in self._merging.trees if revision in one.headers)

    def _place(self, revision: RevisionId) -> str:
        for tree in self._merging.trees:
            if revision in tree.headers:
                return tree.store.place_of(revision).file
        return short(revision)
