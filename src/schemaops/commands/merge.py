"""``merge``: another branch into this one, or the heads that a merge of git left."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import combinations, zip_longest

from schemaops.commands import merging
from schemaops.commands.authors import author, now
from schemaops.commands.joining import join
from schemaops.commands.merged import Heads, Merged, Signature, merge_heads, turned
from schemaops.commands.merging import UnderWay
from schemaops.commands.workspace import Tree, Workspace
from schemaops.errors import Cause, SchemaOpsError
from schemaops.history.dag import MissingParent
from schemaops.history.revision import Kept, RevisionId, file_name, short
from schemaops.history.spec import SeveralHeads, one_head
from schemaops.merge.bases import with_revision
from schemaops.merge.conflicts import Conflict, Decision
from schemaops.merge.decisions import Verdict
from schemaops.merge.resolutions import Resolution
from schemaops.reports.merged import Attempt, Made, MergedReport, Stated, Way

__all__ = [
    "COMMANDS",
    "MergeOptions",
    "NoMerge",
    "NotTogether",
    "Wanted",
    "merge",
    "merged_report",
    "merging_now",
    "next_hints",
    "write",
]


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


class NotTogether(SchemaOpsError):
    """Several branches were to be merged in one, and some of them are at odds.

    The message names the pairs, with the number of conflicts of each. Nothing was changed. Merge those
    that are at odds one after the other, deciding as you go, and the rest in one.
    """

    code = "SO344"
    cause = Cause.DECISION


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be merged, with `more` branches beside the first, how conflicts that nobody decided
    are settled, and whether it is proven on a scratch database first."""

    branch: str | None = None
    ours: bool = False
    theirs: bool = False
    continuing: bool = False
    abort: bool = False
    dry_run: bool = False
    more: tuple[str, ...] = ()
    prove: bool = False

    @property
    def branches(self) -> tuple[str, ...]:
        """The branches that are named."""
        return (() if self.branch is None else (self.branch,)) + self.more

    def decide(self, _: Conflict) -> Resolution | None:
        """Return the decision for all that is left, if there is one."""
        if self.ours:
            return Decision.OURS
        return Decision.THEIRS if self.theirs else None


def merge(workspace: Workspace, wanted: Wanted) -> MergedReport:
    """Merge, and report the revision made or every conflict with its ways out."""
    _refuse_nonsense(wanted)
    if wanted.abort:
        return _aborted(workspace)
    if wanted.dry_run:
        return _tried(workspace, wanted)
    _refuse_others(merging.under_way(workspace))
    if workspace.in_place is not None:
        # Its files are merged by git, and after that they are one history.
        from schemaops.store.foreign import ReadInPlace

        raise ReadInPlace(
            "the history is read in place, so its files are merged by git",
            hints=(f"schemaops merge {wanted.branch or 'BRANCH'} --dry-run", "git merge BRANCH"),
        )
    if wanted.more:
        return _begun_together(workspace, wanted)
    if wanted.branch is not None:
        return _begun(workspace, wanted.branch, wanted)
    if merging.under_way(workspace) is None:
        by_git = merging.merge_of_git(workspace)
        merging.bring_back(workspace, UnderWay("the work tree", None, git=by_git))
    state = merging_now(workspace)
    if state is not None:
        return _go_on(workspace, state, wanted)
    if wanted.continuing:
        raise NoMerge("no merge is under way", hints=("schemaops status",))
    proven = _proven(workspace) if wanted.prove else None
    if proven is not None:
        return proven
    heads = workspace.dag.heads()
    return MergedReport("the work tree", "nothing to merge", head=next(iter(heads), None))


def _refuse_others(state: UnderWay | None) -> None:
    if state is not None and state.kind != "merge":
        what = COMMANDS[state.kind]
        raise MergeOptions(
            f"a {what} is under way",
            hints=(f"schemaops {what} --continue", f"schemaops {what} --abort"),
        )


COMMANDS = {"merge": "merge", "rebase": "rebase", "pick": "cherry-pick"}
"""The command that goes on with what is under way, by its kind."""


def merging_now(workspace: Workspace) -> UnderWay | None:
    """Return the merge under way: one that waits for decisions, or else what git has brought
    together in the work tree; None where there is neither."""
    state = merging.under_way(workspace)
    if state is not None:
        return state
    heads = workspace.dag.heads()
    if len(heads) < 2 and not merging.merge_of_git(workspace):
        return None
    ours = _head_before(workspace, heads)
    theirs = [one for one in heads if one != ours]
    return UnderWay(_name_of(workspace, theirs), ours, git=merging.merge_of_git(workspace))


def _begun(workspace: Workspace, branch: str, wanted: Wanted) -> MergedReport:
    from schemaops.store.git import GitConflict, begin_merge

    repository = workspace.repository()
    before = one_head(workspace.dag, "the working tree")
    repository.commit_of(branch)
    repository.refuse_half_done()
    state = UnderWay(branch, before, git=True)
    merging.begin(workspace, state)
    try:
        how = begin_merge(repository, branch).how
    except GitConflict as conflict:
        return MergedReport(
            branch, "git conflict", ours=before, git_conflicts=conflict.paths, hints=conflict.hints
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
        return _go_on(workspace, state, wanted)
    merging.end(workspace)
    hints = ("git commit --no-edit",) if how == "merged" else ()
    head = next(iter(workspace.dag.heads()), None)
    return MergedReport(branch, how, head=head, ours=before, hints=hints)


def _begun_together(workspace: Workspace, wanted: Wanted) -> MergedReport:
    """Merge several branches in one, if none of them is at odds with another."""
    from schemaops.store.git import begin_octopus

    repository = workspace.repository()
    before = one_head(workspace.dag, "the working tree")
    repository.refuse_half_done()
    names = _to_merge(workspace, wanted.branches)
    if len(names) < 2:
        name = next(iter(names), wanted.branches[0])
        return _begun(workspace, name, replace(wanted, branch=name, more=()))
    _must_be_apart(workspace, names)
    state = UnderWay(", ".join(names), before, git=True)
    merging.begin(workspace, state)
    try:
        begin_octopus(repository, names)
    except SchemaOpsError:
        merging.end(workspace)
        raise
    workspace.refresh()
    return _go_on(workspace, merging.bring_back(workspace, state), wanted)


def _to_merge(workspace: Workspace, names: Sequence[str]) -> tuple[str, ...]:
    """Return the branches that have what neither the current one nor another of them has."""
    repository = workspace.repository()
    commits = {name: repository.commit_of(name) for name in dict.fromkeys(names)}
    found: dict[str, str] = {}
    for name, commit in commits.items():
        others = {repository.head(), *found, *(c for n, c in commits.items() if n != name)}
        above = (one for one in others if one is not None and one != commit)
        if commit in found or commit == repository.head():
            continue
        if not any(repository.merge_base(commit, one) == commit for one in above):
            found[commit] = name
    return tuple(found.values())


def _must_be_apart(workspace: Workspace, names: Sequence[str]) -> None:
    """Raise NotTogether where two of the branches, or one and the current one, are at odds."""
    trees = {name: tree for name in names if (tree := workspace.branch(name)) is not None}
    heads = {"this branch": one_head(workspace.dag, "the working tree")}
    heads |= {name: one_head(tree.dag, name) for name, tree in trees.items()}
    every = (workspace.tree, *trees.values())
    dag = workspace.states(*every).dag
    apart: list[str] = []
    for one, other in combinations(heads, 2):
        ours, theirs = heads[one], heads[other]
        if ours is None or theirs is None:
            continue
        if dag.is_ancestor(ours, theirs) or dag.is_ancestor(theirs, ours):
            continue
        left = len(merge_heads(workspace, every, Heads(ours, theirs)).conflicts)
        if left:
            apart.append(f"{one} and {other} ({left} conflict{'s' if left > 1 else ''})")
    if not apart:
        top = [one for one in heads.values() if one is not None]
        top = [one for one in top if not any(one != o and dag.is_ancestor(one, o) for o in top)]
        made = join(workspace, every, sorted(set(top)))
        if not made or made[-1].id is not None:
            return
        apart.append("all of them together, though no two of them")
    raise NotTogether(
        f"at odds: {'; '.join(apart)}",
        hints=(
            f"schemaops merge --plan {' '.join(map(shlex.quote, names))}",
            *(f"schemaops merge {shlex.quote(name)}" for name in names),
        ),
    )


def _go_on(workspace: Workspace, state: UnderWay, wanted: Wanted) -> MergedReport:
    _refuse_git_conflicts(workspace)
    heads = workspace.dag.heads()
    if len(heads) < 2:
        merging.end(workspace)
        head = next(iter(heads), None)
        return MergedReport(state.name, "one head", head=head, hints=_next(workspace))

    def signed() -> Signature:
        return Signature(author(workspace), now(workspace), f"Merge {state.name}")

    ours = RevisionId(state.ours) if state.ours in heads else _head_before(workspace, heads)
    made = join(
        workspace,
        (workspace.tree,),
        heads,
        ours,
        decide=wanted.decide,
        signed=signed,
        rehearse=True,
    )
    state = replace(state, ours=ours)
    proofs = _proofs(workspace, (workspace.tree,), made) if wanted.prove else ()
    if made[-1].id is None or any(one.proof.proven is False for one, _ in proofs):
        merging.begin(workspace, state)
        report = merged_report(state.name, made, hints=_ways_out())
        return replace(report, proofs=tuple(one for one, _ in proofs))
    return _sealed(workspace, state, made, proofs)


Tested = tuple[Attempt, tuple[str, bytes] | None]
"""What a scratch database says of a merge, and the file that keeps it, if there is one to keep."""


def _proofs(
    workspace: Workspace, trees: Sequence[Tree], made: Sequence[Merged]
) -> tuple[Tested, ...]:
    """Return what a scratch database says of each merge, or of what is left at odds."""
    from schemaops.commands.proving import proof_file, prove_conflicts, prove_merge

    states, url = workspace.states(*trees), workspace.scratch_url()
    found: list[Tested] = []
    for one in made:
        if one.id is None or one.revision is None:
            found.append((prove_conflicts(one, url), None))
            continue
        states = with_revision(states, one.id, one.revision)
        said = prove_merge(states, one.id, one.revision, url)
        found.append((said, proof_file(states, one.id, one.revision, said)))
    return tuple(found)


def _proven(workspace: Workspace) -> MergedReport | None:
    """Prove the merge that is the head here and keep what came of it; None where it is no merge."""
    from schemaops.commands.proving import proof_file, prove_merge

    heads = workspace.dag.heads()
    if len(heads) != 1 or not workspace.tree.headers[heads[0]].is_merge:
        return None
    states, (head,) = workspace.states(), heads
    revision = workspace.tree.read(head)
    said = prove_merge(states, head, revision, workspace.scratch_url())
    if said.proof.proven:
        workspace.writing().write_proof(*proof_file(states, head, revision, said))
    name = short(head)[:7]
    return MergedReport(name, "merged already", head, proofs=(said,))


def _sealed(
    workspace: Workspace, state: UnderWay, made: Sequence[Merged], proofs: Sequence[Tested] = ()
) -> MergedReport:
    """Write what was decided, the revisions that were made, and what proves them."""
    writing = merging.Writing(workspace, state)
    for _, file in proofs:
        if file is not None:
            writing.proof(*file)
    files = []
    for found in made:
        assert found.id is not None
        assert found.revision is not None
        for verdict in found.verdicts:
            write(workspace, writing, verdict)
        name = file_name(found.id, found.revision)
        writing.revision(name, found.data)
        files.append(workspace.store.place(name).file)
    workspace.refresh()
    states = workspace.states()
    for found in made:
        if found.id is not None and found.known is not None:
            states.keep(found.id, found.known)
    merging.end(workspace)
    report = merged_report(state.name, made, files=tuple(files), hints=_next(workspace))
    return replace(report, proofs=tuple(one for one, _ in proofs))


def write(workspace: Workspace, writing: merging.Writing, verdict: Verdict) -> None:
    """Write a decision into the work tree's resolutions, unless it stands there."""
    store, data = workspace.store, verdict.text().encode()
    if verdict.conflict in store.resolutions() and store.read_resolution(verdict.conflict) == data:
        return
    writing.resolution(verdict.conflict, data)


def merged_report(
    name: str,
    made: Sequence[Merged],
    *,
    files: tuple[str, ...] = (),
    dry_run: bool = False,
    git_conflicts: tuple[str, ...] = (),
    hints: tuple[str, ...] = (),
) -> MergedReport:
    """Return the report of merges, the last one with the conflicts that are left."""
    last = made[-1]
    ways = [_stated(last, side) for side in (0, 1)]
    ours, theirs = reversed(ways) if last.heads.swapped else ways
    if last.joined is not None:
        ours, theirs = _of_section(last, last.joined), ()
    return MergedReport(
        name,
        "conflicts" if last.conflicts else "merged",
        head=last.id,
        ours=last.joined or last.heads.ours,
        made=tuple(
            Made(one.id, _parents(one), tuple(sorted(_ways(one), key=lambda w: w.side)), file)
            for one, file in zip_longest(made, files)
            if one.id is not None
        ),
        conflicts=last.conflicts,
        warnings=tuple(map(turned, last.merge.warnings))
        if last.heads.swapped
        else last.merge.warnings,
        decided=tuple(verdict.conflict for one in made for verdict in one.verdicts),
        ours_to_merged=ours,
        theirs_to_merged=theirs,
        fingerprint=last.merge.schema.fingerprint,
        losses=tuple(
            dict.fromkeys(
                loss for one in made if one.revision is not None for loss in one.revision.losses
            )
        ),
        rehearsed=last.rehearsed,
        notes=tuple(note for one in made for note in one.notes),
        dry_run=dry_run,
        git_conflicts=git_conflicts,
        hints=hints,
    )


def _parents(one: Merged) -> tuple[RevisionId, ...]:
    return one.fork.heads if one.revision is None else one.revision.parents


def _of_section(one: Merged, parent: RevisionId) -> tuple[Stated, ...]:
    """Return the way from a parent of a merge of many heads, as its section has it."""
    assert one.revision is not None
    section = next(found for found in one.revision.sections if found.parent == parent)
    found = []
    for number, piece in enumerate(section.up, start=1):
        once = "ours" if piece.kept is Kept.ONCE else None
        text = piece.text.strip().removesuffix(";") or None
        carried = piece.kept is not Kept.VERBATIM
        found.append(Stated(text, f"theirs:{number}", carried, once, piece.of, "", None))
    return tuple(found)


def _ways(one: Merged) -> Iterator[Way]:
    for section in one.revision.sections if one.revision is not None else ():
        side = "ours" if section.parent == (one.joined or one.heads.ours) else "theirs"
        up = ((piece.of, piece.kept.value, piece.text.rstrip("\n")) for piece in section.up)
        yield Way(section.parent, side, tuple(up))


def _stated(one: Merged, way: int) -> tuple[Stated, ...]:
    names = {"ours": "theirs", "theirs": "ours"} if one.heads.swapped else {}

    def named(origin: str) -> str:
        side, colon, number = origin.partition(":")
        return f"{names.get(side, side)}{colon}{number}"

    found = []
    for stated in (one.merge.ours_to_merged, one.merge.theirs_to_merged)[way]:
        side, _, number = stated.origin.partition(":")
        entry = one.fork.lines[side == "theirs"].stated[int(number) - 1]
        assert entry.group is not None
        place = entry.group.place
        found.append(
            Stated(
                stated.sql,
                named(stated.origin),
                stated.carried,
                None if stated.once is None else named(stated.once),
                entry.of,
                place.file,
                place.line,
            )
        )
    return tuple(found)


def _tried(workspace: Workspace, wanted: Wanted) -> MergedReport:
    """Return what merging would come to; nothing is written."""
    trees: tuple[Tree, ...] = (workspace.tree,)
    git: tuple[str, ...] = ()
    heads = workspace.dag.heads()
    if wanted.more:
        return _tried_together(workspace, wanted)
    if wanted.branch is None:
        ours = _head_before(workspace, heads) if heads else None
        name, again = _name_of(workspace, [one for one in heads if one != ours]), "schemaops merge"
        if len(heads) < 2:
            return MergedReport("the work tree", "nothing to merge", ours, ours, dry_run=True)
    else:
        name = wanted.branch
        again = f"schemaops merge {shlex.quote(name)}"
        ours = one_head(workspace.dag, "the working tree")
        workspace.repository().commit_of(name)
        tree = workspace.branch(name)
        assert tree is not None
        trees = (workspace.tree, tree)
        git = _git_conflicts(workspace, name)
        dag = workspace.dag.union(tree.dag)
        theirs, heads = tree.dag.heads(), dag.heads()
        if len(heads) < 2:
            how = "up to date" if all(one in workspace.dag for one in theirs) else "fast-forward"
            head = next(iter(heads), None)
            return MergedReport(name, how, head, ours, dry_run=True, git_conflicts=git)
    made = join(workspace, trees, heads, ours, decide=wanted.decide)
    return _would(workspace, wanted, trees, made, name, git=git, again=again)


def _would(
    workspace: Workspace,
    wanted: Wanted,
    trees: Sequence[Tree],
    made: Sequence[Merged],
    name: str,
    *,
    git: tuple[str, ...] = (),
    again: str,
) -> MergedReport:
    report = merged_report(name, made, dry_run=True, git_conflicts=git, hints=(again,))
    proofs = _proofs(workspace, trees, made) if wanted.prove else ()
    return replace(report, proofs=tuple(one for one, _ in proofs))


def _tried_together(workspace: Workspace, wanted: Wanted) -> MergedReport:
    """Return what merging several branches in one would come to."""
    ours = one_head(workspace.dag, "the working tree")
    names = _to_merge(workspace, wanted.branches)
    if len(names) < 2:
        name = next(iter(names), wanted.branches[0])
        return _tried(workspace, replace(wanted, branch=name, more=()))
    _must_be_apart(workspace, names)
    trees = tuple(tree for name in names if (tree := workspace.branch(name)) is not None)
    dag = workspace.states(workspace.tree, *trees).dag
    heads = dag.heads()
    name = ", ".join(names)
    again = f"schemaops merge {' '.join(map(shlex.quote, names))}"
    if len(heads) < 2:
        return MergedReport(name, "fast-forward", next(iter(heads), None), ours, dry_run=True)
    every = (workspace.tree, *trees)
    made = join(workspace, every, heads, ours)
    return _would(workspace, wanted, every, made, name, again=again)


def _aborted(workspace: Workspace) -> MergedReport:
    state = merging.under_way(workspace)
    of_git = merging.merge_of_git(workspace)
    if state is None and not of_git:
        raise NoMerge("no merge is under way", hints=("schemaops status",))
    if state is not None:
        merging.undo(workspace, state)
    if of_git:
        from schemaops.store.git import abort_merge

        abort_merge(workspace.repository())
    merging.end(workspace)
    workspace.refresh()
    name = state.name if state is not None else "the merge"
    return MergedReport(name, "given up", head=next(iter(workspace.dag.heads()), None))


def _refuse_nonsense(wanted: Wanted) -> None:
    if wanted.ours and wanted.theirs:
        raise MergeOptions("--ours and --theirs exclude each other")
    begins = wanted.branch is not None or wanted.dry_run
    if (begins + wanted.continuing + wanted.abort) > 1:
        raise MergeOptions("a merge is begun, continued or given up, one at a time")
    if wanted.abort and (wanted.ours or wanted.theirs):
        raise MergeOptions("a merge that is given up decides nothing")


def _refuse_git_conflicts(workspace: Workspace) -> None:
    if workspace.git is None:
        return
    from schemaops.store.git import GitConflict, conflicts

    left = conflicts(workspace.repository())
    if left:
        raise GitConflict(f"git's own conflicts are left: {', '.join(left[:5])}", left)


def _git_conflicts(workspace: Workspace, branch: str) -> tuple[str, ...]:
    from schemaops.store.git import merged_tree

    repository = workspace.repository()
    head, theirs = repository.head(), repository.commit_of(branch)
    if head is None or repository.merge_base(head, theirs) is None:
        return ()
    return merged_tree(repository, head, theirs).conflicts


def _head_before(workspace: Workspace, heads: Sequence[RevisionId]) -> RevisionId:
    """Return the head that was the current branch's before git merged: that of the last commit, on
    the way back along first parents, whose revisions have one of these heads and not the others."""
    if workspace.git is not None:
        repository = workspace.repository()
        for commit in repository.first_parents():
            tree = workspace.branch(commit)
            assert tree is not None
            try:
                head = one_head(tree.dag, commit)
            except (SeveralHeads, MissingParent):
                continue
            if head is None:
                break
            return head if head in heads else min(heads)
    return min(heads)


def _name_of(workspace: Workspace, theirs: Sequence[RevisionId]) -> str:
    if workspace.git is not None and len(theirs) == 1:
        for branch in workspace.repository().branches():
            tree = workspace.branch(branch.name)
            if tree is None or branch.current:
                continue
            with suppress(MissingParent):
                if theirs[0] in tree.dag.heads():
                    return branch.name
    return ", ".join(one[:7] for one in theirs) or "the work tree"


def _ways_out() -> tuple[str, ...]:
    return (
        "schemaops merge --continue    when all are decided",
        "schemaops merge --abort    goes back to before the merge",
    )


def _next(workspace: Workspace) -> tuple[str, ...]:
    return next_hints(workspace, "Merge schema changes")


def next_hints(workspace: Workspace, message: str) -> tuple[str, ...]:
    """Return what may be typed when revisions were made: the commit in git, the replay."""
    followers = [one.name for one in workspace.config.environments.values() if one.follow]
    replays = tuple(f"schemaops replay {name}" for name in followers)
    if workspace.git is None:
        return replays
    by_git = merging.merge_of_git(workspace)
    committed = "--no-edit" if by_git else f"-m {shlex.quote(message)}"
    return (f"git commit {committed}", *replays)
