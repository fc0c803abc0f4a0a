"""Merging git branches up to, and not with, the commit: `git merge --no-commit`, and its abort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pygit2
from pygit2.enums import CheckoutStrategy

from schemaops.store.git.errors import (
    DirtyWorkTree,
    GitConflict,
    NeedsGitItself,
    NoMergeInProgress,
)
from schemaops.store.git.repository import Repository, translated

__all__ = [
    "GitMerge",
    "MergedTree",
    "abort_merge",
    "begin_merge",
    "begin_octopus",
    "conflicts",
    "merged_tree",
]


@dataclass(frozen=True, slots=True)
class GitMerge:
    """What merging a branch came to: `up to date`, `fast-forward` or `merged`, not committed."""

    how: str
    ours: str | None
    theirs: str


@dataclass(frozen=True, slots=True)
class MergedTree:
    """What a merge of two commits would be: its tree, None where these files conflict."""

    tree: str | None
    conflicts: tuple[str, ...] = ()


def begin_merge(repository: Repository, name: str) -> GitMerge:
    """Merge a branch into the work tree and the index, and leave the commit to be made.

    Raise DirtyWorkTree before anything changes, and GitConflict when everything that git can merge
    is merged and the files named are left with conflict markers.
    """
    repository.work_tree()
    repository.refuse_half_done()
    raw = repository.raw
    ours, theirs = repository.head(), repository.commit_of(name)
    instead = f"git merge --no-commit {name}"
    base = repository.merge_base(ours, theirs) if ours else None
    if ours and base == theirs:
        return GitMerge("up to date", ours, theirs)
    if ours is None or base == ours:
        repository.refuse_filters(ours, theirs, instead)
        repository.check_out(theirs)
        with translated("the branch cannot be moved forward"):
            target = raw.lookup_reference("HEAD").target
            if isinstance(target, str):
                moved = f"merge {name}: Fast-forward"
                raw.create_reference(target, pygit2.Oid(hex=theirs), force=True, message=moved)
            else:
                raw.set_head(pygit2.Oid(hex=theirs))
        return GitMerge("fast-forward", ours, theirs)
    if base is None:
        raise NeedsGitItself(
            f"{name} shares no history with the current branch",
            hints=(f"{instead} --allow-unrelated-histories",),
        )
    repository.refuse_filters(base, theirs, instead)
    staged = repository.staged()
    if staged:
        raise DirtyWorkTree(
            f"{len(staged)} staged changes are not committed: {_listed(staged)}", staged
        )
    _merge(repository, name, base, theirs)
    left = conflicts(repository)
    if left:
        raise GitConflict(f"git cannot merge {_listed(left)}", left)
    return GitMerge("merged", ours, theirs)


def begin_octopus(repository: Repository, names: Sequence[str]) -> None:
    """Merge several branches into the work tree and the index, and leave the one commit to be made.

    Raise DirtyWorkTree, or GitConflict where git cannot merge them, before anything changes.
    """
    repository.work_tree()
    repository.refuse_half_done()
    raw, ours = repository.raw, repository.head()
    instead = f"git merge --no-commit {' '.join(names)}"
    if ours is None:
        raise NeedsGitItself("there is no commit yet to merge into", hints=(instead,))
    theirs = [repository.commit_of(name) for name in names]
    staged = repository.staged()
    if staged:
        raise DirtyWorkTree(
            f"{len(staged)} staged changes are not committed: {_listed(staged)}", staged
        )
    tree, head = raw[pygit2.Oid(hex=ours)].tree.id, pygit2.Oid(hex=ours)
    for name, one in zip(names, theirs, strict=True):
        base = repository.merge_base(ours, one)
        if base is None:
            raise NeedsGitItself(f"{name} shares no history with the current branch")
        repository.refuse_filters(base, one, instead)
        with translated("these commits cannot be merged"):
            other = raw[pygit2.Oid(hex=one)].tree.id
            index = raw.merge_trees(raw[pygit2.Oid(hex=base)].tree.id, tree, other)
        if index.conflicts is not None:
            left = {next(s.path for s in sides if s is not None) for sides in index.conflicts}
            raise GitConflict(f"git cannot merge {name} with the others", tuple(sorted(left)))
        tree = index.write_tree(raw)
    nobody = pygit2.Signature("schemaops", "schemaops", 0, 0)
    # A commit that no reference names: what is checked out must be one.
    made = raw.create_commit(None, nobody, nobody, instead, tree, [head])
    repository.check_out(str(made))
    told = ", ".join(f"'{name}'" for name in names[:-1]) + f" and '{names[-1]}'"
    for file, text in (
        ("MERGE_HEAD", "".join(f"{one}\n" for one in theirs)),
        ("MERGE_MODE", ""),
        ("MERGE_MSG", f"Merge branches {told}\n"),
    ):
        (repository.own / file).write_text(text, encoding="utf-8")


def abort_merge(repository: Repository) -> None:
    """Bring index and work tree back to the current commit, as they were before the merge.

    Changes to files that the merge did not touch stay. Raise DirtyWorkTree where a file that it did
    touch was edited since, conflicts apart.
    """
    raw = repository.raw
    if not raw.listall_mergeheads():
        raise NoMergeInProgress("there is no merge to give up", hints=("git status",))
    top = repository.work_tree()
    left = conflicts(repository)
    touched = {*repository.staged(), *left}
    edited = tuple(sorted((touched & set(repository.unstaged())) - set(left)))
    if edited:
        raise DirtyWorkTree(f"edited since the merge began: {_listed(edited)}", edited)
    tree = repository.tree(repository.head())
    assert tree is not None
    kept = [path for path in touched if path in tree]
    with translated("the merge cannot be given up"):
        index = raw.index
        if kept:
            strategy = CheckoutStrategy.FORCE | CheckoutStrategy.DISABLE_PATHSPEC_MATCH
            raw.checkout_tree(  # type: ignore[no-untyped-call]
                tree, strategy=strategy, paths=kept
            )
        for path in touched - set(kept):
            (top / path).unlink(missing_ok=True)
            _remove_empty(repository, path)
        index.read(force=True)
        index.read_tree(tree.id)
        index.write()
        raw.state_cleanup()


def conflicts(repository: Repository) -> tuple[str, ...]:
    """Return the paths that the index holds as conflicts."""
    index = repository.raw.index
    index.read(force=False)
    return tuple(
        sorted(
            {
                next(side.path for side in sides if side is not None)
                for sides in index.conflicts or ()
            }
        )
    )


def merged_tree(repository: Repository, ours: str, theirs: str) -> MergedTree:
    """Return the tree that merging two commits gives, without touching anything."""
    raw = repository.raw
    with translated("these commits cannot be merged"):
        index = raw.merge_commits(pygit2.Oid(hex=ours), pygit2.Oid(hex=theirs))
        if index.conflicts is not None:
            left = {
                next(side.path for side in sides if side is not None) for sides in index.conflicts
            }
            return MergedTree(None, tuple(sorted(left)))
        return MergedTree(str(index.write_tree(raw)))


def _merge(repository: Repository, name: str, base: str, theirs: str) -> None:
    raw = repository.raw
    # A reference, where there is one, gives the commit message the branch's name.
    source = raw.branches.get(name) or pygit2.Oid(hex=theirs)
    try:
        with repository.all_or_nothing(repository.changed(base, theirs)):
            raw.merge(source)
    except pygit2.GitError as error:
        raw.state_cleanup()
        if "overwritten by merge" in str(error) or "conflict" in str(error):
            raise DirtyWorkTree("uncommitted changes would be overwritten by this merge") from error
        with translated("git cannot merge this"):
            raise


def _remove_empty(repository: Repository, path: str) -> None:
    top = repository.work_tree()
    for folder in (top / path).parents:
        if folder == top or not folder.is_dir() or any(folder.iterdir()):
            return
        folder.rmdir()


def _listed(paths: tuple[str, ...]) -> str:
    return ", ".join(paths[:5]) + (f" and {len(paths) - 5} more" if len(paths) > 5 else "")
