"""``branch``: branches with their heads, how far they are ahead and behind, whether they merge."""

from __future__ import annotations

from schemaops.commands.matrix import conflicts_between
from schemaops.commands.specs import revision_named
from schemaops.commands.workspace import Tree, Workspace
from schemaops.errors import SchemaOpsError
from schemaops.history.revision import RevisionId
from schemaops.reports.branches import BranchesReport, BranchLine
from schemaops.reports.done import DoneReport

__all__ = ["create", "listed", "mergeable"]


def listed(workspace: Workspace, *, remotes: bool = False) -> BranchesReport:
    """Return the branches, and what merging each into the current one would come to."""
    current = workspace.repository().branch()
    here = workspace.tree
    lines = []
    for branch in workspace.repository().branches():
        if branch.remote and not remotes:
            continue
        tree = here if branch.current else workspace.branch(branch.name)
        if tree is None:
            continue
        try:
            lines.append(_line(workspace, branch.name, tree, here, current=branch.current))
        except SchemaOpsError as error:
            lines.append(BranchLine(branch.name, current=branch.current, problem=error.message))
    return BranchesReport(current, tuple(lines))


def create(workspace: Workspace, name: str, start: str | None = None) -> DoneReport:
    """Make a branch at a branch, tag or commit, or at the last commit whose head is a revision."""
    repository = workspace.repository()
    commit = None
    if start is not None:
        commit = repository.find_commit(start)
        if commit is None:
            target = revision_named(workspace, start)
            commit = _commit_at(workspace, target.tree, target.revision, start)
    made = repository.create_branch(name, commit)
    return DoneReport(
        "branch",
        (f"made the branch {made.name} at commit {made.commit[:7]}",),
        {"branch": made.name, "commit": made.commit},
        (f"schemaops switch {made.name}",),
    )


def mergeable(workspace: Workspace, ours: Tree, theirs: Tree) -> int | None:
    """Return how many conflicts merging the one head of `theirs` into that of `ours` comes to; None
    where one of them has several heads."""
    found = conflicts_between(workspace, ours, theirs)
    return None if found is None else len(found)


def _line(workspace: Workspace, name: str, tree: Tree, here: Tree, *, current: bool) -> BranchLine:
    heads = tree.dag.heads()
    mine, its = frozenset(here.dag), frozenset(tree.dag)
    return BranchLine(
        name,
        current=current,
        heads=heads,
        titles=tuple(tree.headers[head].title for head in heads),
        ahead=len(its - mine),
        behind=len(mine - its),
        conflicts=0 if current else mergeable(workspace, here, tree),
    )


def _commit_at(workspace: Workspace, tree: Tree, revision: RevisionId | None, start: str) -> str:
    from schemaops.store.git import UnknownBranch

    path = "config.toml" if revision is None else f"revisions/{tree.store.ids()[revision]}"
    wanted = () if revision is None else (revision,)
    for commit in workspace.repository().commits_with(f"{workspace.within}/{path}"):
        found = workspace.branch(commit)
        if found is not None and found.dag.heads() == wanted:
            return commit
    raise UnknownBranch(
        f"no commit has {start} as its head",
        hints=("schemaops branch", "git log -- .schemaops/revisions"),
    )
