"""``cherry-pick``: one revision of another branch, sealed again here, its SQL carried."""

from __future__ import annotations

from dataclasses import dataclass, replace

from schemaops.commands import merging
from schemaops.commands.merge import NoMerge, Wanted, merge, merged_report, next_hints
from schemaops.commands.merge import write as write_verdict
from schemaops.commands.merged import Decide, Heads, Merged, fork_of, settle_fork
from schemaops.commands.merging import UnderWay
from schemaops.commands.moving import NotMovable, carried_from, sealed_anew
from schemaops.commands.specs import Target, on_a_branch, revision_named, working_head
from schemaops.commands.workspace import Workspace
from schemaops.errors import Cause, SchemaOpsError
from schemaops.history.revision import RevisionId, file_name, short
from schemaops.merge.picking import picked
from schemaops.merge.revisions import sections_up
from schemaops.reports.merged import MergedReport
from schemaops.reports.moved import MovedReport

__all__ = ["NeedsOthers", "Pick", "cherry_pick", "found_pick"]


class NeedsOthers(SchemaOpsError):
    """The revision to pick builds on others that are not here.

    The details name them. Pick those first, oldest first, or merge the branch.
    """

    code = "SO342"
    cause = Cause.DECISION

    def __init__(self, message: str, *, details: tuple[str, ...], hints: tuple[str, ...]) -> None:
        super().__init__(message, hints=hints)
        self.details = details


@dataclass(frozen=True, slots=True)
class Pick:
    """What to pick, and how conflicts that nobody decided are settled."""

    spec: str | None = None
    ours: bool = False
    theirs: bool = False
    continuing: bool = False
    abort: bool = False
    rehearse: bool = True


def cherry_pick(workspace: Workspace, wanted: Pick) -> MovedReport | MergedReport:
    """Seal a revision of another branch over the head here; return what it became, or every conflict.

    Raise NotMovable, NeedsOthers, NoMerge, and whatever sealing raises.
    """
    state = merging.under_way(workspace)
    if state is not None and state.kind != "pick":
        raise NoMerge(
            f"a {state.kind} is under way, no cherry-pick",
            hints=(f"schemaops {state.kind} --continue", f"schemaops {state.kind} --abort"),
        )
    if wanted.abort:
        return merge(workspace, Wanted(abort=True))
    if wanted.spec is not None:
        target = _anywhere(workspace, wanted.spec)
        if target.revision is None:
            raise NotMovable("base is no revision", hints=("schemaops log",))
        state = UnderWay(
            short(target.revision)[:7],
            working_head(workspace),
            kind="pick",
            picked=target.revision,
        )
    if state is None:
        raise NoMerge("no cherry-pick is under way", hints=("schemaops status",))
    return _go_on(workspace, state, wanted)


def found_pick(
    workspace: Workspace, state: UnderWay, decide: Decide = lambda _: None, *, stored: bool = True
) -> Merged | None:
    """Return what the revision of a pick under way and the head here come to; None where it is here.

    Raise NeedsOthers.
    """
    assert state.picked is not None
    target = _anywhere(workspace, state.picked)
    revision, head = RevisionId(state.picked), working_head(workspace)
    assert head is not None
    trees = (workspace.tree, target.tree)
    forked = fork_of(workspace, trees, Heads(head, revision))
    found = picked(forked, forked.heads.index(revision), revision, workspace.config.search_path)
    if found is None:
        return None
    if found.fork is None:
        raise _needing(target, revision, found.needing)
    heads = Heads(head, revision)
    return settle_fork(workspace, trees, heads, found.fork, decide=decide, stored=stored)


def _needing(target: Target, revision: RevisionId, others: tuple[RevisionId, ...]) -> NeedsOthers:
    headers = target.tree.headers
    ordered = [one for one in target.tree.dag.order if one in others]
    many = "another revision" if len(ordered) == 1 else f"{len(ordered)} other revisions"
    return NeedsOthers(
        f"{short(revision)[:7]} builds on {many} that this branch lacks",
        details=tuple(f"{short(one)[:7]} {headers[one].title}" for one in ordered),
        hints=tuple(
            f"schemaops cherry-pick {short(one)[:7]}"
            for one in (*ordered, revision)
            if not headers[one].is_merge
        ),
    )


def _go_on(workspace: Workspace, state: UnderWay, wanted: Pick) -> MovedReport | MergedReport:
    revision = RevisionId(state.picked or "")
    target = _anywhere(workspace, revision)
    value = target.tree.read(revision)
    head = working_head(workspace)
    name = f"{short(revision)[:7]} {value.title}"
    if value.is_merge or value.checkpoint or value.migration is None:
        what = "a merge" if value.is_merge else "a checkpoint"
        raise NotMovable(f"{short(revision)[:7]} is {what}", hints=("schemaops log --graph",))
    if head is None:
        raise NotMovable("there is no revision here to pick onto", hints=("schemaops log",))
    if revision in workspace.dag:
        return MovedReport("cherry-pick", "already here", name, head, head)
    states = workspace.states(workspace.tree, target.tree)
    deciding = Wanted(ours=wanted.ours, theirs=wanted.theirs)
    found = found_pick(workspace, state, deciding.decide)
    if found is None:
        merging.end(workspace)
        return MovedReport("cherry-pick", "already here", name, head, head)
    if found.conflicts:
        merging.begin(workspace, state)
        hints = (
            "schemaops cherry-pick --continue    when all are decided",
            "schemaops cherry-pick --abort    goes back to before it",
        )
        return merged_report(state.name, (found,), hints=hints)
    sections = sections_up(found.fork, found.merge, states.dag)
    section = next(one for one in sections if one.parent == head)
    own = replace(
        section, up=tuple(one for one in section.up if one.text or short(revision) in one.of)
    )
    (carried,) = carried_from(states, own, (revision,))
    made, told = sealed_anew(
        workspace, states, head, (carried,), found.merge.schema, rehearse=wanted.rehearse
    )
    writing = merging.Writing(workspace, state)
    for verdict in found.verdicts:
        write_verdict(workspace, writing, verdict)
    for sealed in made:
        writing.revision(file_name(sealed.id, sealed.revision), sealed.data)
    workspace.refresh()
    for sealed in made:
        workspace.states().keep(sealed.id, sealed.known, sealed.groups)
    merging.end(workspace)
    return MovedReport(
        "cherry-pick",
        "picked" if made else "nothing is left",
        name,
        head,
        made[-1].id if made else head,
        tuple(told),
        tuple(verdict.conflict for verdict in found.verdicts),
        next_hints(workspace, f"Pick {value.title}") if made else (),
    )


def _anywhere(workspace: Workspace, spec: str) -> Target:
    """Return the revision that a spec names, looked for in every branch."""
    try:
        return revision_named(workspace, spec)
    except SchemaOpsError:
        found = on_a_branch(workspace, spec)
        if found is None:
            raise
        return found[1]
