"""``log``: the revisions that lead to a revision, newest first."""

from __future__ import annotations

from collections import defaultdict

from schemaops.commands.places import last_place
from schemaops.commands.specs import revision_named
from schemaops.commands.workspace import Tree, Workspace
from schemaops.history.revision import Header, RevisionId
from schemaops.reports.log import Kind, LogEntry, LogReport

__all__ = ["entry", "kind_of", "log"]


def log(
    workspace: Workspace,
    spec: str | None = None,
    *,
    graph: bool = False,
    everything: bool = False,
    limit: int | None = None,
) -> LogReport:
    """Return the revisions that lead to `spec`: to the heads of the work tree where it is None, of
    all branches with `everything`."""
    trees = [workspace.tree]
    if spec is not None and not everything:
        target = revision_named(workspace, spec)
        trees = [target.tree]
        ends = [] if target.revision is None else [target.revision]
        dag = target.tree.dag
    else:
        if everything and workspace.git is not None:
            names = [one.name for one in workspace.repository().branches()]
            trees += filter(None, map(workspace.branch, names))
        dag = trees[0].dag
        for tree in trees[1:]:
            dag = dag.union(tree.dag)
        ends = list(dag.heads())
    chosen = dag.beyond((), ends)[::-1]
    here = _here(workspace, trees if everything else [trees[0]])
    return LogReport(
        tuple(entry(_holding(trees, one), one, here[one]) for one in chosen[:limit]), graph
    )


def entry(tree: Tree, revision: RevisionId, here: tuple[str, ...] = ()) -> LogEntry:
    """Return a revision as the log shows it."""
    header = tree.headers[revision]
    return LogEntry(
        id=revision,
        parents=header.parents,
        title=header.title,
        message=header.message,
        migration=header.migration,
        kind=kind_of(header),
        author=header.author,
        date=header.date,
        file=tree.store.place_of(revision).file,
        here=here,
    )


def kind_of(header: Header) -> Kind:
    """Return what kind of revision has this header."""
    return "merge" if header.is_merge else "checkpoint" if header.checkpoint else "migration"


def _holding(trees: list[Tree], revision: RevisionId) -> Tree:
    return next(tree for tree in trees if revision in tree.headers)


def _here(workspace: Workspace, trees: list[Tree]) -> defaultdict[str, tuple[str, ...]]:
    here: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    current = None if workspace.git is None else workspace.git.branch()
    for tree in trees:
        name = (current or "HEAD") if tree is workspace.tree else tree.name
        for head in tree.dag.heads():
            if name not in here[head]:
                here[head] += (name,)
    for name in workspace.config.environments:
        place = last_place(workspace, name)
        if place is not None and place.revision is not None:
            here[place.revision] += (f"env:{name}",)
    return here
