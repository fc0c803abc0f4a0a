"""``ci``: what a pull request changes, and whether it merges with its target and others."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.commands.branch import mergeable
from schemaops.commands.hazards import assessed
from schemaops.commands.log import entry
from schemaops.commands.places import last_place
from schemaops.commands.workspace import Tree, Workspace
from schemaops.errors import SchemaOpsError
from schemaops.history.revision import RevisionId
from schemaops.history.states import States
from schemaops.merge import Conflict
from schemaops.plan.standing import applied_units, match
from schemaops.reports.ci import CiReport, NewRevision, OtherBranch, PendingEnvironment

__all__ = ["ci"]


def ci(workspace: Workspace, base: str, head: str) -> CiReport:
    """Return what merging `head` into `base` would bring: both branches, tags or commits."""
    ours, theirs = _tree(workspace, base), _tree(workspace, head)
    problems = list(_problems(theirs, head)) + list(_problems(ours, base))
    known = frozenset(ours.dag)
    fresh = [one for one in theirs.dag.order if one not in known]
    conflicts: tuple[Conflict, ...] = ()
    if not problems:
        conflicts = _conflicts(workspace, ours, theirs)
    states = workspace.states(theirs, ours)
    return CiReport(
        base=base,
        head=head,
        heads=theirs.dag.heads(),
        revisions=tuple(_revision(states, theirs, one) for one in fresh),
        conflicts=conflicts,
        others=tuple(_others(workspace, base, head, theirs)) if fresh and not problems else (),
        environments=tuple(_environments(workspace, theirs)),
        problems=tuple(problems),
        dialect=workspace.dialect,
    )


def _tree(workspace: Workspace, name: str) -> Tree:
    tree = workspace.branch(name)
    if tree is None:
        workspace.repository().commit_of(name)
        raise AssertionError(name)
    return tree


def _problems(tree: Tree, name: str) -> Iterator[str]:
    heads = tree.dag.heads()
    if len(heads) > 1:
        yield f"{name} has {len(heads)} heads: merge them with `schemaops merge`"


def _conflicts(workspace: Workspace, ours: Tree, theirs: Tree) -> tuple[Conflict, ...]:
    mine, its = ours.dag.heads(), theirs.dag.heads()
    if not mine or not its or its[0] in ours.dag or mine[0] in theirs.dag:
        return ()
    from schemaops.commands.merged import Heads, merge_heads

    return merge_heads(workspace, (ours, theirs), Heads(mine[0], its[0])).conflicts


def _revision(states: States, tree: Tree, revision: RevisionId) -> NewRevision:
    value = tree.read(revision)
    groups = states.groups(revision)
    first = next(iter(tree.dag.parents(revision)), None)
    if value.is_merge:
        section = value.sections[0]
        up = "".join(piece.text for piece in section.up)
        down: str | None = "".join(piece.text for piece in section.down)
    else:
        up, down = value.up, value.down
    return NewRevision(
        entry(tree, revision),
        up,
        down,
        value.losses,
        assessed(groups, states.schema(None if value.checkpoint else first)),
        tuple(group.text for group in groups if group.unknown),
    )


def _others(workspace: Workspace, base: str, head: str, theirs: Tree) -> Iterator[OtherBranch]:
    seen = {one.dag.heads() for one in (theirs, _tree(workspace, base))}
    for branch in workspace.repository().branches():
        tree = workspace.branch(branch.name)
        if tree is None or branch.name in (base, head) or tree.dag.heads() in seen:
            continue
        seen.add(tree.dag.heads())
        if tree.dag.heads() and all(one in theirs.dag for one in tree.dag.heads()):
            continue
        try:
            yield OtherBranch(branch.name, mergeable(workspace, theirs, tree))
        except SchemaOpsError:
            # What is wrong with another branch is said where that branch is looked at.
            yield OtherBranch(branch.name, None)


def _environments(workspace: Workspace, tree: Tree) -> Iterator[PendingEnvironment]:
    dag, headers = tree.dag, tree.headers
    wanted = dag.beyond((), dag.heads())
    for environment in workspace.config.rollout():
        place = last_place(workspace, environment.name)
        if place is not None:
            units = applied_units(place.applied())
            found = match(units, wanted, headers.__getitem__)
            stands = units[-1].revision if units else None
            yield PendingEnvironment(environment.name, stands, found.missing)
