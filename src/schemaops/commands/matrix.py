"""The conflict matrix of open branches, and the order in which several merge best.

What each revision touches is worked out once and kept under its id, which names everything before it
too; only pairs of branches that touch the same are merged, and what that came to is kept as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from schemaops.commands.merged import Heads, merge_heads
from schemaops.commands.workspace import Tree, Workspace
from schemaops.errors import SchemaOpsError
from schemaops.history.dag import Dag
from schemaops.history.revision import RevisionId
from schemaops.history.spec import one_head
from schemaops.history.states import States
from schemaops.merge.bases import with_revision
from schemaops.merge.many import Footing, footing, merge_order, overlapping
from schemaops.reports.matrix import (
    Between,
    BranchPlan,
    Found,
    MatrixReport,
    MergePlanReport,
    OpenBranch,
    Point,
)

__all__ = ["conflicts_between", "matrix", "merge_plan"]


@dataclass(frozen=True, slots=True)
class _Branch:
    """A branch as it is called, its revisions, and its one head; a problem where it has none."""

    name: str
    tree: Tree
    current: bool = False
    head: RevisionId | None = None
    problem: str | None = None

    def told(self) -> OpenBranch:
        """Return it for a report."""
        return OpenBranch(self.name, self.current, self.head, self.problem)


def matrix(workspace: Workspace, *, remotes: bool = False) -> MatrixReport:
    """Return what merging each pair of open branches comes to."""
    branches = _open(workspace, remotes=remotes)
    many = _Many(workspace, branches)
    pairs = many.pairs()
    between = tuple(
        many.between(a, b)
        for number, a in enumerate(branches)
        for b in branches[number + 1 :]
        if (min(a.name, b.name), max(a.name, b.name)) in pairs
    )
    return MatrixReport(tuple(one.told() for one in branches), between, len(pairs))


def merge_plan(workspace: Workspace, names: Sequence[str]) -> MergePlanReport:
    """Return the order in which branches merge into the current one with the fewest conflicts; of all
    that are open where none is named. Raise UnknownBranch, SeveralHeads."""
    head = one_head(workspace.dag, "the working tree")
    repository = workspace.repository()
    target = _Branch(repository.branch() or "here", workspace.tree, current=True, head=head)
    for name in names:
        repository.commit_of(name)
    if names:
        chosen = [_branch(workspace, name) for name in dict.fromkeys(names)]
    else:
        chosen = [one for one in _open(workspace, remotes=False) if not one.current]
    chosen = [
        one for one in chosen if one.problem is not None or one.head not in workspace.tree.dag
    ]
    many = _Many(workspace, [target, *chosen])
    sound = [one for one in chosen if one.problem is None]
    pairs = many.pairs()

    def found(a: _Branch, b: _Branch) -> Between:
        key = (min(a.name, b.name), max(a.name, b.name))
        return many.between(a, b) if key in pairs else Between((a.name, b.name))

    with_target = {one.name: found(target, one) for one in sound}
    among = {
        (min(a.name, b.name), max(a.name, b.name)): found(a, b)
        for number, a in enumerate(sound)
        for b in sound[number + 1 :]
    }
    counted = {pair: _weight(one) for pair, one in among.items() if not one.clean}
    groups = merge_order(
        [one.name for one in sound],
        counted,
        {name: _weight(one) for name, one in with_target.items()},
    )
    clean = many.together(target, [_named(sound, name) for name in groups[0]]) if groups else ()
    if groups and 0 < len(clean) < len(groups[0]):
        # Two by two they merge, and all together they do not.
        rest = tuple(name for name in groups[0] if name not in clean)
        groups = (clean, rest, *groups[1:])
    plans = tuple(
        _planned(many, target, one, with_target, among) if one.problem is None else _unsound(one)
        for one in chosen
    )
    return MergePlanReport(target.name, head, groups, clean, plans)


def conflicts_between(
    workspace: Workspace, ours: Tree, theirs: Tree, states: States | None = None
) -> tuple[Found, ...] | None:
    """Return the conflicts of merging the one head of `theirs` into that of `ours`; None where one of
    them has several heads."""
    mine, its = ours.dag.heads(), theirs.dag.heads()
    if len(mine) > 1 or len(its) > 1:
        return None
    if not mine or not its or its[0] in ours.dag or mine[0] in theirs.dag:
        return ()
    made = hashlib.sha256(f"{mine[0]} {its[0]}".encode())
    for store in (ours.store, theirs.store):
        for name in store.resolutions():
            made.update(store.read_resolution(name))
    key = made.hexdigest()
    known = workspace.cache.get("conflicts", key)
    if known is not None:
        return tuple(Found(*one) for one in json.loads(known))
    merged = merge_heads(workspace, (ours, theirs), Heads(mine[0], its[0]), states=states)
    found = tuple(
        Found(one.id, one.code, None if one.address is None else str(one.address) or None)
        for one in merged.conflicts
    )
    listed = [[one.id, one.code, one.address] for one in found]
    workspace.cache.put("conflicts", key, json.dumps(listed).encode())
    return found


class _Many:
    """Several branches over one history."""

    def __init__(self, workspace: Workspace, branches: Sequence[_Branch]) -> None:
        self._workspace = workspace
        self._branches = [one for one in branches if one.head is not None and one.problem is None]
        self._trees = tuple(one.tree for one in self._branches) or (workspace.tree,)
        self._known: States | None = None

    @property
    def states(self) -> States:
        """The schemas at all their revisions."""
        if self._known is None:
            self._known = self._workspace.states(*self._trees)
        return self._known

    def pairs(self) -> frozenset[tuple[str, str]]:
        """Return the pairs that may be at odds."""
        if len(self._branches) < 2:
            return frozenset()
        sets = [frozenset(one.tree.dag) for one in self._branches]
        trunk = frozenset.intersection(*sets)
        own = {one.name: its - trunk for one, its in zip(self._branches, sets, strict=True)}
        return overlapping(own, self._footings(frozenset().union(*own.values())))

    def between(self, a: _Branch, b: _Branch) -> Between:
        """Return what merging two branches comes to."""
        try:
            found = conflicts_between(self._workspace, a.tree, b.tree, self.states)
        except SchemaOpsError as error:
            return Between((a.name, b.name), problem=error.message)
        return Between((a.name, b.name), found or ())

    def together(self, target: _Branch, branches: Iterable[_Branch]) -> tuple[str, ...]:
        """Return which of these branches merge into the target one after another without a
        decision."""
        states, at = self.states, target.head
        done: list[str] = []
        for one in branches:
            if at is None or one.head is None:
                at = one.head
                done.append(one.name)
                continue
            if states.dag.is_ancestor(one.head, at) or states.dag.is_ancestor(at, one.head):
                at = at if states.dag.is_ancestor(one.head, at) else one.head
                done.append(one.name)
                continue
            try:
                made = merge_heads(self._workspace, self._trees, Heads(at, one.head), states=states)
            except SchemaOpsError:
                continue
            if made.id is not None and made.revision is not None:
                states = with_revision(states, made.id, made.revision)
                at = made.id
                done.append(one.name)
        return tuple(done)

    def points(self, target: _Branch, one: _Branch) -> tuple[int, Point | None, Point | None]:
        """Return how many revisions of its own a branch has, the last up to which it merges cleanly
        into the target, and the first that does not."""
        dag: Dag = self.states.dag
        own = dag.between(target.head, one.head)
        steps = [step for step in own if dag.is_ancestor(step, one.head)]
        safe: Point | None = None
        for place, step in enumerate(steps, 1):
            point = Point(step, one.tree.headers[step].title, place)
            if not self._merges(target.head, step):
                return len(own), safe, point
            safe = point
        return len(own), safe, None

    def _merges(self, ours: RevisionId | None, theirs: RevisionId) -> bool:
        dag = self.states.dag
        if ours is None or dag.is_ancestor(theirs, ours) or dag.is_ancestor(ours, theirs):
            return True
        try:
            found = merge_heads(
                self._workspace, self._trees, Heads(ours, theirs), states=self.states
            )
        except SchemaOpsError:
            return False
        return not found.conflicts

    def _footings(self, revisions: frozenset[RevisionId]) -> dict[RevisionId, Footing]:
        cache = self._workspace.cache
        known = cache.get_many("footing", revisions)
        found = {
            RevisionId(name): Footing(*map(frozenset, json.loads(data)))
            for name, data in known.items()
        }
        fresh: dict[str, bytes] = {}
        for one in revisions - found.keys():
            found[one] = its = self._footing(one)
            listed = [sorted(its.touched), sorted(its.stood_in)]
            fresh[one] = json.dumps(listed).encode()
        if fresh:
            cache.put_many("footing", fresh)
        return found

    def _footing(self, revision: RevisionId) -> Footing:
        states = self.states
        first = next(iter(states.dag.parents(revision)), None)
        before = None if states.read(revision).checkpoint else first
        try:
            return footing(states.groups(revision), states.schema(before))
        except SchemaOpsError:
            # What cannot be read may touch anything; it is said where it is merged.
            return Footing(frozenset("*"))


def _open(workspace: Workspace, *, remotes: bool) -> list[_Branch]:
    """Return the open branches: those with revisions that the default branch has not, itself, and the
    current one; of several at the same revisions the first."""
    repository = workspace.repository()
    listed = [one for one in repository.branches() if remotes or not one.remote]
    default = workspace.config.default_branch
    names = {one.name for one in listed}
    trunk = workspace.branch(default) if default in names else None
    found: list[_Branch] = []
    seen: set[tuple[RevisionId, ...]] = set()
    for one in sorted(listed, key=lambda one: (not one.current, one.name != default, one.remote)):
        branch = _branch(workspace, one.name, current=one.current)
        if branch.problem is None:
            heads = branch.tree.dag.heads()
            merged = trunk is not None and all(head in trunk.dag for head in heads)
            if heads in seen or (merged and one.name != default and not one.current):
                continue
            seen.add(heads)
        found.append(branch)
    return found


def _branch(workspace: Workspace, name: str, *, current: bool = False) -> _Branch:
    tree = workspace.tree if current else workspace.branch(name)
    assert tree is not None
    try:
        return _Branch(name, tree, current, one_head(tree.dag, name))
    except SchemaOpsError as error:
        return _Branch(name, tree, current, problem=error.message)


def _planned(
    many: _Many,
    target: _Branch,
    one: _Branch,
    with_target: dict[str, Between],
    among: dict[tuple[str, str], Between],
) -> BranchPlan:
    own, safe, blocked = many.points(target, one)
    others = tuple(its for pair, its in among.items() if one.name in pair and not its.clean)
    return BranchPlan(one.name, one.head, own, with_target[one.name], others, safe, blocked)


def _unsound(one: _Branch) -> BranchPlan:
    return replace(BranchPlan(one.name), problem=one.problem)


def _named(branches: Iterable[_Branch], name: str) -> _Branch:
    return next(one for one in branches if one.name == name)


def _weight(found: Between) -> int:
    return len(found.conflicts) or int(found.problem is not None)
