"""``rebase``: this branch's own revisions, one after another, behind another branch's head."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace

from schemaops.commands import merging
from schemaops.commands.merge import NoMerge, Wanted, merge, merged_report, merging_now, next_hints
from schemaops.commands.merge import write as write_verdict
from schemaops.commands.merged import Heads, Merged, merge_heads
from schemaops.commands.merging import UnderWay
from schemaops.commands.moving import NotMovable, carried_from, in_order, sealed_anew
from schemaops.commands.workspace import Workspace
from schemaops.errors import SchemaOpsError
from schemaops.history.revision import RevisionId, file_name, short
from schemaops.history.spec import SeveralHeads, one_head
from schemaops.reports.merged import MergedReport
from schemaops.reports.moved import MovedReport

__all__ = ["Rebase", "rebase"]


@dataclass(frozen=True, slots=True)
class Rebase:
    """What to go behind, and how conflicts that nobody decided are settled."""

    onto: str | None = None
    ours: bool = False
    theirs: bool = False
    continuing: bool = False
    abort: bool = False
    rehearse: bool = True


def rebase(workspace: Workspace, wanted: Rebase) -> MovedReport | MergedReport:
    """Give this branch's own revisions new parents; return what became of them, or every conflict.

    Raise NotMovable, NoMerge, and whatever sealing raises.
    """
    deciding = Wanted(ours=wanted.ours, theirs=wanted.theirs)
    if wanted.abort:
        _refuse_others(merging.under_way(workspace))
        return merge(workspace, Wanted(abort=True))
    state = merging.under_way(workspace)
    _refuse_others(state)
    if wanted.onto is not None:
        return _begun(workspace, wanted, deciding)
    if state is None:
        if wanted.continuing:
            raise NoMerge("no rebase is under way", hints=("schemaops status",))
        state = merging_now(workspace)
        if state is None:
            head = next(iter(workspace.dag.heads()), None)
            return MovedReport("rebase", "nothing to rebase", "the work tree", head, head)
        state = replace(state, kind="rebase")
    return _go_on(workspace, state, wanted, deciding)


def _refuse_others(state: UnderWay | None) -> None:
    if state is not None and state.kind != "rebase":
        what = {"pick": "cherry-pick"}.get(state.kind, state.kind)
        raise NoMerge(
            f"a {what} is under way, no rebase",
            hints=(f"schemaops {what} --continue", f"schemaops {what} --abort"),
        )


def _begun(workspace: Workspace, wanted: Rebase, deciding: Wanted) -> MovedReport | MergedReport:
    from schemaops.store.git import GitConflict, begin_merge

    name = wanted.onto
    assert name is not None
    repository = workspace.repository()
    before = one_head(workspace.dag, "the working tree")
    repository.commit_of(name)
    tree = workspace.branch(name)
    assert tree is not None
    onto = one_head(tree.dag, name)
    repository.refuse_half_done()
    state = UnderWay(name, before, git=True, kind="rebase")
    merging.begin(workspace, state)
    try:
        how = begin_merge(repository, name).how
    except GitConflict as conflict:
        return MergedReport(
            name,
            "git conflict",
            ours=before,
            git_conflicts=conflict.paths,
            hints=("schemaops rebase --continue", "schemaops rebase --abort"),
        )
    except SchemaOpsError:
        if not merging.merge_of_git(workspace):
            merging.end(workspace)
        raise
    workspace.refresh()
    if how != "merged":
        state = replace(state, git=False)
    state = merging.bring_back(workspace, state)
    if len(workspace.dag.heads()) > 1:
        return _go_on(workspace, state, wanted, deciding)
    merging.end(workspace)
    hints = ("git commit --no-edit",) if how == "merged" else ()
    head = next(iter(workspace.dag.heads()), None)
    return MovedReport("rebase", how, name, onto, head, hints=hints)


def _go_on(
    workspace: Workspace, state: UnderWay, wanted: Rebase, deciding: Wanted
) -> MovedReport | MergedReport:
    if workspace.git is not None:
        from schemaops.store.git import GitConflict, conflicts

        left = conflicts(workspace.repository())
        if left:
            raise GitConflict(f"git's own conflicts are left: {', '.join(left[:5])}", left)
    heads = workspace.dag.heads()
    if len(heads) > 2:
        raise SeveralHeads(f"there are {len(heads)} heads", heads)
    if len(heads) < 2:
        merging.end(workspace)
        head = next(iter(heads), None)
        return MovedReport("rebase", "one head", state.name, head, head, hints=_next(workspace))
    ours = RevisionId(state.ours) if state.ours in heads else heads[0]
    onto = next(one for one in heads if one != ours)
    state = replace(state, ours=ours)
    found = merge_heads(workspace, (workspace.tree,), Heads(ours, onto), decide=deciding.decide)
    if found.revision is None:
        merging.begin(workspace, state)
        hints = (
            "schemaops rebase --continue    when all are decided",
            "schemaops rebase --abort    goes back to before the rebase",
        )
        return merged_report(state.name, (found,), hints=hints)
    return _moved(workspace, state, found, wanted)


def _moved(workspace: Workspace, state: UnderWay, found: Merged, wanted: Rebase) -> MovedReport:
    ours, onto = found.heads.ours, found.heads.theirs
    states, headers = workspace.states(), workspace.tree.headers
    own = workspace.dag.between(onto, ours)
    plain = [one for one in own if not headers[one].is_merge]
    for one in plain:
        if headers[one].checkpoint:
            raise NotMovable(
                f"{short(one)[:7]} is a checkpoint",
                hints=(f"schemaops merge {shlex.quote(state.name)}",),
            )
    assert found.revision is not None
    section = next(one for one in found.revision.sections if one.parent == onto)
    carried = carried_from(states, section, plain)
    try:
        made, told = sealed_anew(
            workspace, states, onto, carried, found.merge.schema, rehearse=wanted.rehearse
        )
    except SchemaOpsError as error:
        if in_order(section, plain):
            raise
        raise NotMovable(
            "what was decided puts statements in another order than their revisions have: "
            f"{error.message}",
            hints=("schemaops rebase --abort", f"schemaops merge {shlex.quote(state.name)}"),
        ) from error
    writing = merging.Writing(workspace, state)
    for verdict in found.verdicts:
        write_verdict(workspace, writing, verdict)
    for sealed in made:
        writing.revision(file_name(sealed.id, sealed.revision), sealed.data)
    for one in own:
        writing.removal(one)
    workspace.refresh()
    fresh = workspace.states()
    for sealed in made:
        fresh.keep(sealed.id, sealed.known, sealed.groups)
    merging.end(workspace)
    return MovedReport(
        "rebase",
        "rebased",
        state.name,
        onto,
        made[-1].id if made else onto,
        tuple(told),
        tuple(verdict.conflict for verdict in found.verdicts),
        _next(workspace),
    )


def _next(workspace: Workspace) -> tuple[str, ...]:
    return next_hints(workspace, "Rebase schema changes")
