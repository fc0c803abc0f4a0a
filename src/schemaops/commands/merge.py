"""``merge``: another branch into this one, or the heads that a merge of git left."""

from __future__ import annotations

from dataclasses import dataclass

from schemaops.commands import merging
from schemaops.commands.authors import author, now
from schemaops.commands.decisions import write
from schemaops.commands.merged import Decide, Heads, Merged, merge_heads
from schemaops.commands.merging import UnderWay
from schemaops.commands.specs import revision_named
from schemaops.commands.workspace import Tree, Workspace
from schemaops.errors import SchemaOpsError
from schemaops.history.revision import RevisionId, file_name
from schemaops.history.spec import SeveralHeads, one_head
from schemaops.merge import Conflict, Decision, Resolution
from schemaops.reports.merged import MergedReport, Way

__all__ = ["MergeOptions", "NoMerge", "Wanted", "merge"]


class NoMerge(SchemaOpsError):
    """No merge is under way here, so there is nothing to continue, to decide or to give up.

    `schemaops merge BRANCH` begins one; `schemaops merge` merges the heads that a `git merge` left.
    """

    code = "SO332"


class MergeOptions(SchemaOpsError):
    """Options of `merge` were given that do not go together.

    A branch is named to begin a merge; `--continue` and `--abort` are for one that is under way, and
    `--ours` and `--theirs` exclude each other.
    """

    code = "SO333"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be merged, and how conflicts that nobody decided are settled."""

    branch: str | None = None
    ours: bool = False
    theirs: bool = False
    continuing: bool = False
    abort: bool = False
    dry_run: bool = False


def merge(workspace: Workspace, wanted: Wanted) -> MergedReport:
    """Merge, and report the revision made or every conflict with its ways out."""
    _refuse_nonsense(wanted)
    if wanted.abort:
        return _aborted(workspace)
    if wanted.dry_run:
        return _tried(workspace, wanted)
    state = merging.under_way(workspace)
    if wanted.continuing:
        if state is None:
            raise NoMerge("no merge is under way", hints=("schemaops status",))
        return _go_on(workspace, state, wanted)
    if state is not None and wanted.branch is None:
        return _go_on(workspace, state, wanted)
    if wanted.branch is None:
        heads = workspace.dag.heads()
        if len(heads) < 2:
            return MergedReport("the work tree", "nothing to merge", head=next(iter(heads), None))
        ours = _head_before(workspace, heads)
        theirs = next(one for one in heads if one != ours)
        return _go_on(workspace, UnderWay(_name_of(workspace, theirs), ours, theirs), wanted)
    return _begun(workspace, wanted.branch, wanted)


def _begun(workspace: Workspace, branch: str, wanted: Wanted) -> MergedReport:
    from schemaops.store.git import GitConflict, begin_merge

    before = one_head(workspace.dag, "the working tree")
    repository = workspace.repository()
    repository.commit_of(branch)
    try:
        how = begin_merge(repository, branch).how
    except GitConflict as conflict:
        merging.begin(workspace, UnderWay(branch, before or "", "", git=True))
        return MergedReport(
            branch, "git conflict", ours=before, git_conflicts=conflict.paths, hints=conflict.hints
        )
    workspace.refresh()
    heads = workspace.dag.heads()
    if how != "merged" or len(heads) < 2:
        hints = ("git commit --no-edit",) if how == "merged" else ()
        return MergedReport(branch, how, head=next(iter(heads), None), ours=before, hints=hints)
    ours = before if before in heads else heads[0]
    theirs = next(one for one in heads if one != ours)
    return _go_on(workspace, UnderWay(branch, ours, theirs, git=True), wanted)


def _go_on(workspace: Workspace, state: UnderWay, wanted: Wanted) -> MergedReport:
    _refuse_git_conflicts(workspace)
    heads = workspace.dag.heads()
    if len(heads) < 2:
        merging.end(workspace)
        return MergedReport(state.name, "up to date", head=next(iter(heads), None))
    ours = RevisionId(state.ours) if state.ours in heads else heads[0]
    found: Merged | None = None
    for theirs in [one for one in heads if one != ours]:
        found = merge_heads(
            workspace,
            (workspace.tree,),
            Heads(ours, theirs),
            decide=_decider(wanted),
            signed=lambda: (author(workspace), now(workspace)),
        )
        if found.id is None or found.revision is None:
            merging.begin(workspace, UnderWay(state.name, ours, theirs, git=state.git))
            return _report(workspace, state.name, found)
        _keep_decisions(workspace, found)
        workspace.writing().add(file_name(found.id, found.revision), found.data)
        workspace.refresh()
        if found.known is not None:
            workspace.states().keep(found.id, found.known)
        ours = found.id
    merging.end(workspace)
    assert found is not None
    return _report(workspace, state.name, found, hints=_next(workspace))


def _tried(workspace: Workspace, wanted: Wanted) -> MergedReport:
    """Return what merging would come to; nothing is written."""
    git: tuple[str, ...] = ()
    if wanted.branch is None:
        heads = workspace.dag.heads()
        if len(heads) < 2:
            return MergedReport("the work tree", "nothing to merge", dry_run=True)
        ours: RevisionId | None = _head_before(workspace, heads)
        theirs: RevisionId | None = next(one for one in heads if one != ours)
        trees: tuple[Tree, ...] = (workspace.tree,)
        name = _name_of(workspace, theirs or "")
    else:
        ours = one_head(workspace.dag, "the working tree")
        target = revision_named(workspace, wanted.branch)
        theirs, trees, name = target.revision, (workspace.tree, target.tree), wanted.branch
        git = _git_conflicts(workspace, wanted.branch)
    dag = workspace.states(*trees).dag
    if theirs is None or (ours is not None and dag.is_ancestor(theirs, ours)):
        return MergedReport(name, "up to date", ours, ours, dry_run=True, git_conflicts=git)
    if ours is None or dag.is_ancestor(ours, theirs):
        return MergedReport(name, "fast-forward", theirs, ours, dry_run=True, git_conflicts=git)
    found = merge_heads(workspace, trees, Heads(ours, theirs), decide=_decider(wanted))
    return _report(workspace, name, found, dry_run=True, git=git)


def _aborted(workspace: Workspace) -> MergedReport:
    state = merging.under_way(workspace)
    if workspace.git is not None:
        from schemaops.store.git import NoMergeInProgress, abort_merge

        try:
            abort_merge(workspace.repository())
        except NoMergeInProgress:
            if state is None:
                raise
    elif state is None:
        raise NoMerge("no merge is under way", hints=("schemaops status",))
    merging.end(workspace)
    workspace.refresh()
    heads = workspace.dag.heads()
    return MergedReport(
        state.name if state else "the merge", "given up", head=next(iter(heads), None)
    )


def _report(
    workspace: Workspace,
    name: str,
    found: Merged,
    *,
    dry_run: bool = False,
    git: tuple[str, ...] = (),
    hints: tuple[str, ...] = (),
) -> MergedReport:
    ways = []
    for section in found.revision.sections if found.revision else ():
        up = tuple((piece.of, piece.kept.value, piece.text.rstrip(";\n")) for piece in section.up)
        ways.append(Way(section.parent, up))
    made = None if dry_run else found.id
    if found.merge.conflicts and not dry_run:
        hints = (
            "schemaops merge --continue    when all are decided",
            "schemaops merge --abort    goes back to before the merge",
        )
    return MergedReport(
        name,
        "conflicts" if found.merge.conflicts else "merged",
        head=found.id,
        ours=found.heads.ours,
        revision=made,
        file=None if made is None else workspace.store.place_of(made).file,
        conflicts=found.merge.conflicts,
        decided=tuple(found.resolutions),
        ways=tuple(ways),
        dry_run=dry_run,
        git_conflicts=git,
        hints=hints,
    )


def _decider(wanted: Wanted) -> Decide:
    def decide(conflict: Conflict) -> Resolution | None:
        del conflict
        if wanted.ours:
            return Decision.OURS
        return Decision.THEIRS if wanted.theirs else None

    return decide


def _keep_decisions(workspace: Workspace, found: Merged) -> None:
    store = workspace.writing()
    held = {name.removesuffix(".sql") for name in store.resolutions()}
    for conflict in found.merge.decided:
        resolution = found.resolutions.get(conflict.id)
        if resolution is not None and conflict.id not in held:
            # In id order the sides of the decided conflicts may be swapped.
            turned = found.heads.ours > found.heads.theirs and isinstance(resolution, Decision)
            said = (
                resolution.swapped() if turned and isinstance(resolution, Decision) else resolution
            )
            write(store, conflict, said, workspace.dialect)


def _refuse_nonsense(wanted: Wanted) -> None:
    if wanted.ours and wanted.theirs:
        raise MergeOptions("--ours and --theirs exclude each other")
    if wanted.branch is not None and (wanted.continuing or wanted.abort):
        raise MergeOptions("a branch is named to begin a merge, not to continue or give one up")


def _refuse_git_conflicts(workspace: Workspace) -> None:
    if workspace.git is None:
        return
    from schemaops.store.git import GitConflict, conflicts

    left = conflicts(workspace.repository())
    if left:
        raise GitConflict(f"git's own conflicts are left: {', '.join(left[:5])}", left)


def _git_conflicts(workspace: Workspace, branch: str) -> tuple[str, ...]:
    if workspace.git is None:
        return ()
    from schemaops.store.git import merged_tree

    repository = workspace.repository()
    head, theirs = repository.head(), repository.find_commit(branch)
    if head is None or theirs is None:
        return ()
    return merged_tree(repository, head, theirs).conflicts


def _head_before(workspace: Workspace, heads: tuple[RevisionId, ...]) -> RevisionId:
    """Return the head that was the current branch's before git merged: that of HEAD while the merge
    is not committed, else of HEAD's first parent."""
    for name in ("HEAD", "HEAD^1") if workspace.git is not None else ():
        tree = workspace.branch(name)
        try:
            head = None if tree is None else one_head(tree.dag, name)
        except SeveralHeads:
            continue
        if head in heads:
            return head
    return heads[0]


def _name_of(workspace: Workspace, revision: str) -> str:
    if workspace.git is not None:
        for branch in workspace.repository().branches():
            tree = workspace.branch(branch.name)
            if tree is not None and not branch.current and revision in tree.dag.heads():
                return branch.name
    return revision[:7]


def _next(workspace: Workspace) -> tuple[str, ...]:
    followers = [one.name for one in workspace.config.environments.values() if one.follow]
    hints = ["git commit --no-edit"] if workspace.git is not None else []
    return (*hints, *(f"schemaops replay {name}" for name in followers))
