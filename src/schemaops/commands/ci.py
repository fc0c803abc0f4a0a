"""``ci``: what a pull request brings, what that conflicts with, and what it makes databases run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemaops.commands.branch import mergeable
from schemaops.commands.brought import Brought
from schemaops.commands.foreign import foreign_ids
from schemaops.commands.foreseen import Merging, foreseen
from schemaops.commands.hazards import assessed
from schemaops.commands.log import entry
from schemaops.commands.merged import Heads, Merged, merge_heads, turned
from schemaops.commands.workspace import Tree, Workspace
from schemaops.errors import Cause, SchemaOpsError
from schemaops.forge.base import Change
from schemaops.forge.variables import change_of
from schemaops.history.revision import RevisionId
from schemaops.history.spec import SeveralHeads, one_head
from schemaops.history.states import States
from schemaops.reports.ci import Against, BranchAt, CiReport, Foreseen, NewRevision
from schemaops.reports.mermaid import Drawn, Role, picture
from schemaops.store.git import TreeStore, UnknownBranch

__all__ = ["EditedMigration", "NotFetched", "Wanted", "ci"]


class NotFetched(SchemaOpsError):
    """A side of the pull request is not in this clone.

    CI systems often fetch nothing but the commit under test. Let yours fetch all branches: on GitHub
    `fetch-depth: 0` for `actions/checkout`, on GitLab `GIT_DEPTH: 0`, on Bitbucket
    `clone: depth: full`; and name the sides where they are called otherwise: `schemaops ci
    --base origin/main --head HEAD`.
    """

    code = "SO455"


class EditedMigration(SchemaOpsError):
    """A migration of another tool, read in place, was changed or taken out after others had it.

    Databases may have run it as it was, and the tool itself mostly refuses it from then on. Bring
    it back to what it was; what is wanted becomes a migration of its own.
    """

    code = "SO481"
    cause = Cause.DECISION


@dataclass(frozen=True, slots=True)
class Wanted:
    """The sides, by the CI system's variables where they are left out; the other branches to look
    at (None: all there are); whether to connect to the environments; whether other branches count.
    """

    base: str | None = None
    head: str | None = None
    others: tuple[str, ...] | None = None
    live: bool = False
    strict: bool = False


@dataclass(frozen=True, slots=True)
class _Side:
    """A side as it is called, the commit it is at, and its revisions."""

    name: str
    commit: str
    tree: Tree

    def at(self) -> BranchAt:
        """Return it for the report, without its heads."""
        return BranchAt(self.name, self.commit)


def ci(workspace: Workspace, wanted: Wanted) -> CiReport:
    """Return what merging a head into a base would bring; raise NotFetched."""
    change = change_of(workspace.environ) or Change(
        (workspace.config.default_branch, f"origin/{workspace.config.default_branch}"),
        ("HEAD",),
        workspace.repository().branch() or "HEAD",
    )
    base = _side(workspace, (wanted.base,) if wanted.base else change.base)
    head = _side(
        workspace,
        (wanted.head,) if wanted.head else change.head,
        None if wanted.head else change.branch,
    )
    findings = tuple(_findings(workspace, base, head))
    if findings:
        return CiReport(
            workspace.within, base.at(), head.at(), Against(base.name), findings=findings
        )
    return _Pull(workspace, base, head, wanted).report()


def _side(workspace: Workspace, names: tuple[str, ...], called: str | None = None) -> _Side:
    repository = workspace.repository()
    for name in names:
        commit = repository.find_commit(name)
        tree = None if commit is None else workspace.branch(name)
        if commit is not None and tree is not None:
            return _Side(called or _called(workspace, name), commit, tree)
    try:
        repository.commit_of(names[0])
    except UnknownBranch as error:
        raise NotFetched(
            f"{error.message[0].lower()}{error.message[1:]} in this clone",
            hints=("git fetch --unshallow", "schemaops branch"),
        ) from error
    raise AssertionError(names)


def _called(workspace: Workspace, name: str) -> str:
    if len(name) == 40 and name.isalnum():
        at = (one.name for one in workspace.repository().branches() if one.commit == name)
        return next(at, name[:12])
    return name


def _findings(workspace: Workspace, base: _Side, head: _Side) -> Iterator[SchemaOpsError]:
    repository = workspace.repository()
    former = repository.merge_base(base.commit, head.commit)
    if workspace.in_place is not None:
        yield from _edited(workspace, former, head)
        return
    folder = workspace.within
    before = (
        TreeStore(repository, None, folder)
        if former is None
        else TreeStore.at(repository, former, folder)
    )
    found = Brought(workspace, before, head.tree.store, former=(former or "HEAD")[:12]).findings()
    wrong = list(found)
    yield from wrong
    for side in (head, base) if not wrong else ():
        try:
            one_head(side.tree.dag, side.name)
        except SeveralHeads as error:
            yield error


def _edited(workspace: Workspace, former: str | None, head: _Side) -> Iterator[SchemaOpsError]:
    """Yield the migrations of a folder read in place that no longer say what they did."""
    tree = None if former is None else workspace.branch(former)
    if tree is None:
        return
    now = {
        one: revision
        for revision, header in head.tree.headers.items()
        for one in foreign_ids(header.message)
    }
    for revision, header in tree.headers.items():
        for tool, name in foreign_ids(header.message)[:1]:
            after = now.get((tool, name))
            if name.startswith("R__"):
                continue
            if after is None:
                yield EditedMigration(f"{tool} {name} is gone", place=tree.store.place_of(revision))
            elif head.tree.headers[after].migration != header.migration:
                yield EditedMigration(
                    f"{tool} {name} does not say what it did",
                    place=head.tree.store.place_of(after),
                    hints=(f"git log {head.tree.store.place_of(after).file}",),
                )


class _Pull:
    """A pull request whose sides are sound, each with at most one head."""

    def __init__(self, workspace: Workspace, base: _Side, head: _Side, wanted: Wanted) -> None:
        self._workspace = workspace
        self._base = base
        self._head = head
        self._wanted = wanted
        self._ours = one_head(head.tree.dag, head.name)
        self._theirs = one_head(base.tree.dag, base.name)
        self._brought = [one for one in head.tree.dag.order if one not in base.tree.dag]
        self._met = [one for one in base.tree.dag.order if one not in head.tree.dag]

    def report(self) -> CiReport:
        """Return all there is to say."""
        workspace, base, head = self._workspace, self._base, self._head
        target, merged = self._against(base.name, base.tree)
        states = workspace.states(head.tree)
        told = {conflict.id for conflict in target.conflicts}
        return CiReport(
            workspace.within,
            BranchAt(base.name, base.commit, base.tree.dag.heads()),
            BranchAt(head.name, head.commit, head.tree.dag.heads()),
            target,
            revisions=tuple(self._revision(states, one) for one in self._brought),
            others=tuple(self._others(told)) if self._brought else (),
            environments=tuple(self._environments(target, merged)),
            picture=self._picture(merged) if self._brought else "",
            default_schema=workspace.default_schema,
            strict=self._wanted.strict,
        )

    def _against(self, name: str, tree: Tree) -> tuple[Against, Merged | None]:
        ours, dag = self._ours, tree.dag
        try:
            theirs = one_head(dag, name)
            if (
                ours is None
                or theirs is None
                or theirs in self._head.tree.dag
                or ours in dag
                or (
                    mergeable(self._workspace, self._head.tree, tree) == 0
                    and tree is not self._base.tree
                )
            ):
                return Against(name), None
            trees = (self._head.tree, tree)
            found = merge_heads(self._workspace, trees, Heads(ours, theirs))
        except SchemaOpsError as error:
            return Against(name, problem=error.message), None
        warnings = found.merge.warnings
        if found.heads.swapped:
            warnings = tuple(map(turned, warnings))
        return Against(name, found.conflicts, warnings), found

    def _others(self, told: set[str]) -> Iterator[Against]:
        """Yield what other open branches come to; what the target says already is not said again."""
        for name, tree in self._open():
            found, _ = self._against(name, tree)
            left = tuple(one for one in found.conflicts if one.id not in told)
            yield Against(name, left, problem=found.problem)

    def _open(self) -> Iterator[tuple[str, Tree]]:
        base, head = self._base, self._head
        repository = self._workspace.repository()
        chosen = self._wanted.others
        seen = {head.tree.dag.heads(), base.tree.dag.heads()}
        listed = repository.branches()
        names = [one.name for one in listed] if chosen is None else list(chosen)
        for name in names:
            if chosen is not None:
                repository.commit_of(name)
            tree = self._workspace.branch(name)
            if tree is None:
                continue
            try:
                heads = tree.dag.heads()
            except SchemaOpsError:
                # It is said where that branch is looked at; here it only cannot be compared.
                yield name, tree
                continue
            merged = all(one in base.tree.dag or one in head.tree.dag for one in heads)
            if heads in seen or (merged and chosen is None):
                continue
            seen.add(heads)
            yield name, tree

    def _environments(self, target: Against, merged: Merged | None) -> Iterator[Foreseen]:
        trees = (self._head.tree, self._base.tree)
        if not self._brought or target.conflicts or target.problem is not None:
            return
        if merged is not None:
            after = Merging(trees, self._theirs, merged.id, merged.revision)
        else:
            after = Merging(trees, self._theirs, self._ours)
        yield from foreseen(self._workspace, after, live=self._wanted.live)

    def _revision(self, states: States, revision: RevisionId) -> NewRevision:
        tree = self._head.tree
        value = tree.read(revision)
        groups = states.groups(revision)
        first = next(iter(tree.dag.parents(revision)), None)
        up, down = value.up, value.down
        if value.is_merge:
            section = value.sections[0]
            up, down = (
                "".join(one.text for one in pieces) for pieces in (section.up, section.down)
            )
        return NewRevision(
            entry(tree, revision),
            up,
            down if down or not up else None,
            value.losses,
            assessed(groups, states.schema(None if value.checkpoint else first)),
            tuple(group.text for group in groups if group.unknown),
        )

    def _picture(self, merged: Merged | None) -> str:
        base, head = self._base, self._head
        drawn = [
            Drawn(one, side.tree.dag.parents(one), side.tree.headers[one].title, role)
            for side, listed, role in (
                (base, self._met, Role.MET),
                (head, self._brought, Role.BROUGHT),
            )
            for one in listed
        ]
        if merged is not None and merged.id is not None:
            drawn.append(Drawn(merged.id, merged.fork.heads, "", Role.MADE))
        named = [
            (side.name, at)
            for side, at in ((base, self._theirs), (head, self._ours))
            if at is not None
        ]
        return picture(drawn, named)
