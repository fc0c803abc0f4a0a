"""A git repository: its branches, commits, index and work tree, through libgit2.

Everything that SchemaOps asks of git is asked here; nothing here knows revisions.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

import pygit2
from pygit2.enums import (
    BranchType,
    CheckoutStrategy,
    DeltaStatus,
    DiffOption,
    FileMode,
    ObjectType,
    RepositoryOpenFlag,
    RepositoryState,
    SortMode,
)

from schemaops.store.git.errors import (
    BranchExists,
    DirtyWorkTree,
    MergeInProgress,
    NeedsGitItself,
    NotARepository,
    NoWorkTree,
    UnknownBranch,
    UnusableBranchName,
    UnusableRepository,
)
from schemaops.store.gitdir import author_of

__all__ = ["Change", "GitBranch", "Repository", "translated"]


@dataclass(frozen=True, slots=True)
class GitBranch:
    """A branch: its name as typed, the commit it is at, and whether it is a remote's or current."""

    name: str
    commit: str
    remote: bool = False
    current: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A file that differs between two commits: `added`, `deleted` or `modified`."""

    path: str
    how: str


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise what libgit2 raises as UnusableRepository."""
    try:
        yield
    except (pygit2.GitError, OSError) as error:
        raise UnusableRepository(f"{doing}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text.strip().rstrip(".").replace("\n", " ") or type(error).__name__


class Repository:
    """One repository, opened. `top` is its work tree, None where it is bare.

    `own` is git's folder for this work tree alone, `common` the one that all work trees share.
    """

    def __init__(self, opened: pygit2.Repository) -> None:
        self.raw = opened
        self.own = Path(opened.path)
        shared = self.own / "commondir"
        self.common = (
            (self.own / shared.read_text().strip()).resolve() if shared.is_file() else self.own
        )
        self.top = Path(opened.workdir) if opened.workdir else None

    @classmethod
    def discover(cls, start: Path, environ: Mapping[str, str] | None = None) -> Repository:
        """Return the repository that `start` is in; raise NotARepository.

        With `environ` git's own variables are minded, as in a hook: GIT_DIR, GIT_INDEX_FILE.
        """
        given = (environ or {}).get("GIT_DIR")
        found = given or pygit2.discover_repository(os.fspath(start.absolute()))
        if found is None:
            raise NotARepository(f"{start} is not in a git repository", hints=("git init",))
        flags = RepositoryOpenFlag.FROM_ENV if environ else RepositoryOpenFlag(0)
        with translated("this repository cannot be opened"):
            return cls(pygit2.Repository(found, flags))

    @classmethod
    def create(cls, folder: Path, branch: str = "main") -> Repository:
        """Return a new repository in `folder`, whose first branch will be `branch`."""
        with translated("no repository can be made here"):
            return cls(pygit2.init_repository(os.fspath(folder), initial_head=branch))

    def branch(self) -> str | None:
        """Return the name of the current branch, born or not; None where HEAD is detached."""
        if self.raw.head_is_detached:
            return None
        with translated("HEAD cannot be read"):
            target = self.raw.lookup_reference("HEAD").target
        return str(target).removeprefix("refs/heads/")

    def head(self) -> str | None:
        """Return the commit that is checked out, None before the first."""
        return None if self.raw.head_is_unborn else str(self.raw.head.target)

    def branches(self) -> tuple[GitBranch, ...]:
        """Return the local branches and then those of remotes, each by name."""
        current = self.branch()
        found = []
        with translated("the branches cannot be listed"):
            for name in sorted(self.raw.listall_branches(BranchType.LOCAL)):
                commit = self._peeled(f"refs/heads/{name}")
                if commit:
                    found.append(GitBranch(name, commit, current=name == current))
            for name in sorted(self.raw.listall_branches(BranchType.REMOTE)):
                commit = self._peeled(f"refs/remotes/{name}")
                if commit and not name.endswith("/HEAD"):
                    found.append(GitBranch(name, commit, remote=True))
        return tuple(found)

    def commit_of(self, name: str) -> str:
        """Return the commit that a branch, a tag, `HEAD` or a full commit id is at.

        A branch that only one remote has is found by its bare name.
        """
        commit = self.find_commit(name)
        if commit is None:
            near = get_close_matches(name, [one.name for one in self.branches()], n=1)
            advice = f" (did you mean {near[0]}?)" if near else ""
            raise UnknownBranch(
                f"there is no branch {name}{advice}", hints=("schemaops branch", "git fetch")
            )
        return commit

    def find_commit(self, name: str) -> str | None:
        """Return the commit that `commit_of` would, None where there is none."""
        if name == "HEAD":
            return self.head()
        if re.fullmatch(r"[0-9a-f]{40}", name):
            found = self.raw.get(name)
            return name if found is not None and found.type == ObjectType.COMMIT else None
        for prefix in ("refs/heads/", "refs/remotes/", "refs/tags/", ""):
            if prefix or name.startswith("refs/"):
                commit = self._peeled(prefix + name)
                if commit:
                    return commit
        tracking = self._tracking(name)
        return self._peeled(f"refs/remotes/{tracking}") if tracking else None

    def merge_base(self, a: str, b: str) -> str | None:
        """Return a best common ancestor of two commits, None where they share no history."""
        with translated("no merge base can be found"):
            found = self.raw.merge_base(pygit2.Oid(hex=a), pygit2.Oid(hex=b))
        return str(found) if found else None

    def ahead_behind(self, a: str, b: str) -> tuple[int, int]:
        """Return how many commits `a` has that `b` has not, and the other way round."""
        with translated("these commits cannot be compared"):
            return self.raw.ahead_behind(pygit2.Oid(hex=a), pygit2.Oid(hex=b))

    def changed(self, a: str | None, b: str, under: str = "") -> tuple[Change, ...]:
        """Return the files that differ from commit `a` (None: from nothing) to `b`, by path."""
        with translated("these commits cannot be compared"):
            before, after = self.tree(a), self.tree(b)
            assert after is not None
            if before is None:
                diff = after.diff_to_tree(swap=True)
            else:
                diff = before.diff_to_tree(after)
            changes = {
                Change(delta.new_file.path or delta.old_file.path, _HOW[delta.status])
                for delta in diff.deltas
            }
        inside = under.rstrip("/") + "/" if under else ""
        return tuple(
            sorted(
                (one for one in changes if one.path.startswith(inside)), key=lambda one: one.path
            )
        )

    def file_at(self, commit: str, path: str) -> bytes | None:
        """Return the bytes of a file in a commit, None where it has none there."""
        with translated(f"{path} cannot be read"):
            tree = self.tree(commit)
            try:
                found = tree[path] if tree is not None else None
            except KeyError:
                return None
            return self.data(found) if isinstance(found, pygit2.Blob) else None

    def files_in(self, commit: str, folder: str) -> dict[str, str]:
        """Return the files of a folder in a commit, by their paths within it, with their blobs' ids."""
        with translated(f"{folder} cannot be listed"):
            tree = self.tree(commit)
            if tree is not None and folder not in ("", "."):
                try:
                    found = tree[folder]
                except KeyError:
                    return {}
                tree = found if isinstance(found, pygit2.Tree) else None
            return {} if tree is None else dict(_blobs(tree, ""))

    def beginnings(self, folder: str) -> dict[str, tuple[str, str]]:
        """Return who added each file of a folder of the current commit, and when, by its path within.

        A file that was taken out and added again counts from the first time."""
        found: dict[str, tuple[str, str]] = {}
        head = self.head()
        if head is None:
            return found
        with translated("the commits cannot be walked"):
            for commit in self.raw.walk(
                pygit2.Oid(hex=head), SortMode.TOPOLOGICAL | SortMode.REVERSE
            ):
                here = _subtree(commit.tree, folder)
                before = [_subtree(parent.tree, folder) for parent in commit.parents]
                if here is None or any(one is not None and one.id == here.id for one in before):
                    continue
                known = [dict(_blobs(one, "")) for one in before if one is not None]
                who = f"{commit.author.name} <{commit.author.email}>"
                zone = timezone(timedelta(minutes=commit.author.offset))
                when = datetime.fromtimestamp(commit.author.time, zone).isoformat()
                for path, _ in _blobs(here, ""):
                    if not any(path in one for one in known):
                        found.setdefault(path, (who, when))
        return found

    def blob(self, named: str) -> bytes:
        """Return the bytes of a blob by its id."""
        with translated(f"object {named[:12]} cannot be read"):
            found = self.raw.get(named)
        if found is None:
            raise UnusableRepository(
                f"object {named[:12]} is not here", hints=("git fsck", "git fetch")
            )
        return self.data(found)

    def data(self, blob: pygit2.Object) -> bytes:
        """Return the bytes of a blob, which are loaded only now."""
        try:
            held = blob.peel(pygit2.Blob)
            return held.data
        except (KeyError, pygit2.GitError) as error:
            raise UnusableRepository(
                f"object {str(blob.id)[:12]} is not here or damaged", hints=("git fsck",)
            ) from error

    def first_parents(self) -> Iterator[str]:
        """Yield the current commit, its first parent, the first parent of that, and so on."""
        step = self.head()
        while step is not None:
            yield step
            with translated(f"commit {step[:12]} cannot be read"):
                parents = self.raw[step].peel(pygit2.Commit).parent_ids
            step = str(parents[0]) if parents else None

    def commits_with(self, path: str) -> Iterator[str]:
        """Yield the commits of all branches that have a file at a path, each before its parents."""
        with translated("the commits cannot be walked"):
            walker = self.raw.walk(None, SortMode.TOPOLOGICAL | SortMode.TIME)
            for branch in self.branches():
                walker.push(pygit2.Oid(hex=branch.commit))
            for commit in walker:
                if path in commit.tree:
                    yield str(commit.id)

    def hooks(self) -> Path:
        """Return the folder that git looks for hooks in."""
        given = self._setting("core.hooksPath")
        if given is None:
            return self.common / "hooks"
        return (self.top or self.own) / Path(given).expanduser()

    def tree(self, commit: str | None) -> pygit2.Tree | None:
        """Return the tree of a commit, None for none."""
        if commit is None:
            return None
        found = self.raw.get(commit)
        if found is None:
            raise UnusableRepository(f"commit {commit[:12]} is not here", hints=("git fetch",))
        return found.peel(pygit2.Tree)

    def inside(self, folder: Path) -> str:
        """Return where a folder is within the work tree, as git writes paths."""
        top = self.work_tree().resolve()
        try:
            return PurePosixPath(folder.resolve().relative_to(top)).as_posix()
        except ValueError as error:
            raise NotARepository(f"{folder} is not in the work tree {top}") from error

    def work_tree(self) -> Path:
        """Return the top of the work tree; raise NoWorkTree where there is none."""
        if self.top is None:
            raise NoWorkTree(f"{self.own} is a bare repository")
        return self.top

    def author(self, environ: Mapping[str, str]) -> str | None:
        """Return the author that git would name, `Name <address>`; None where it would ask."""
        return author_of(self._setting, environ)

    def create_branch(self, name: str, at: str | None = None) -> GitBranch:
        """Create a branch at a commit (the current one where none is given)."""
        if not pygit2.reference_is_valid_name(f"refs/heads/{name}") or name.startswith("-"):
            raise UnusableBranchName(f"git allows no branch named `{name}`")
        if name in self.raw.branches.local:
            raise BranchExists(
                f"there is a branch {name} already", hints=(f"schemaops switch {name}",)
            )
        commit = at or self.head()
        if commit is None:
            raise UnknownBranch("there is no commit yet that a branch could begin at")
        with translated(f"the branch {name} cannot be made"):
            self.raw.create_branch(name, self.raw[commit].peel(pygit2.Commit))
        return GitBranch(name, commit)

    def switch(self, name: str) -> GitBranch:
        """Check a branch out; raise DirtyWorkTree where local changes would be lost.

        A branch that only one remote has is made here first, tracking it.
        """
        self.work_tree()
        self.refuse_half_done()
        remote = None if name in self.raw.branches.local else self._tracking(name)
        commit = self._peeled(f"refs/remotes/{remote}" if remote else f"refs/heads/{name}")
        if commit is None:
            self.commit_of(name)
            raise UnknownBranch(f"{name} is not a local branch", hints=("schemaops branch",))
        if not remote and name != self.branch():
            held = self.raw.lookup_branch(name)
            if held.is_checked_out():
                raise DirtyWorkTree(f"{name} is checked out in another work tree")
        self.refuse_filters(self.head(), commit, f"git switch {name}")
        self.check_out(commit)
        with translated(f"the branch {name} cannot be made current"):
            if remote:
                made = self.raw.create_branch(name, self.raw[commit].peel(pygit2.Commit))
                made.upstream = self.raw.branches.remote[remote]
            self.raw.set_head(f"refs/heads/{name}")
        return GitBranch(name, commit, current=True)

    def stage(self, files: Mapping[str, bytes]) -> None:
        """Put these very bytes into the index under their paths, past git's filters."""
        first = next(iter(files), "nothing")
        with translated(f"{first} cannot be staged"):
            index = self.raw.index
            index.read(force=False)
            for path, data in files.items():
                blob = self.raw.create_blob(data)
                index.add(pygit2.IndexEntry(path, blob, FileMode.BLOB))
            index.write()

    def unstage(self, path: str) -> None:
        """Take a path out of the index, where it is in it."""
        with translated(f"{path} cannot be unstaged"):
            index = self.raw.index
            index.read(force=False)
            if path in index:
                index.remove(path)
                index.write()

    def staged(self) -> tuple[str, ...]:
        """Return the paths at which the index differs from the current commit."""
        with translated("the index cannot be compared"):
            index = self.raw.index
            index.read(force=False)
            tree = self.tree(self.head())
            if tree is None:
                return tuple(sorted({entry.path for entry in index}))
            return _paths(index.diff_to_tree(tree))

    def unstaged(self) -> tuple[str, ...]:
        """Return the paths at which the work tree differs from the index, untracked files apart."""
        with translated("the work tree cannot be compared"):
            index = self.raw.index
            index.read(force=False)
            return _paths(index.diff_to_workdir(DiffOption.IGNORE_SUBMODULES))

    def check_out(self, commit: str) -> None:
        """Bring the work tree and the index from the current commit to another; HEAD stays."""
        strategy = CheckoutStrategy.SAFE | CheckoutStrategy.DONT_OVERWRITE_IGNORED
        try:
            with self.all_or_nothing(self.changed(self.head(), commit)):
                self.raw.checkout_tree(  # type: ignore[no-untyped-call]
                    self.tree(commit), strategy=strategy
                )
        except pygit2.GitError as error:
            if "conflict" in str(error):
                raise DirtyWorkTree(
                    "local changes would be lost by checking this branch out",
                    self._in_the_way(commit),
                ) from error
            raise UnusableRepository(f"nothing was checked out: {_reason(error)}") from error

    @contextmanager
    def all_or_nothing(self, changes: Iterable[Change]) -> Iterator[None]:
        """Bring back the files that another commit changes where writing them fails half way. Those
        that were edited here before are left alone: nothing is written over them."""
        top, tree = self.work_tree(), self.tree(self.head())
        touched = {one.path for one in changes}
        new = {path for path in touched if not os.path.lexists(top / path)}
        kept = list(touched - new - {*self.staged(), *self.unstaged()})
        try:
            yield
        except (pygit2.GitError, OSError) as error:
            if "conflict" in str(error) or "overwritten" in str(error):
                raise
            for path in new:
                (top / path).unlink(missing_ok=True)
            kept = [path for path in kept if tree is not None and path in tree]
            if kept:
                strategy = CheckoutStrategy.FORCE | CheckoutStrategy.DISABLE_PATHSPEC_MATCH
                self.raw.checkout_tree(  # type: ignore[no-untyped-call]
                    tree, strategy=strategy, paths=kept
                )
            raise

    def _in_the_way(self, commit: str) -> tuple[str, ...]:
        touched = {one.path for one in self.changed(self.head(), commit)}
        local = {*self.staged(), *self.unstaged()}
        top = self.work_tree()
        local.update(
            path for path in touched if path not in self.raw.index and (top / path).exists()
        )
        return tuple(sorted(touched & local))

    def refuse_half_done(self) -> None:
        """Raise MergeInProgress where a merge, rebase or the like is half done."""
        state = self.raw.state()
        if state != RepositoryState.NONE:
            doing = RepositoryState(state).name.lower().replace("_", " ")
            raise MergeInProgress(
                f"a {doing} is half done here", hints=("schemaops merge --abort", "git status")
            )

    def refuse_filters(self, a: str | None, b: str, instead: str) -> None:
        """Raise NeedsGitItself where files between two commits are none that libgit2 can write."""
        if self._setting("core.sparseCheckout") == "true":
            raise NeedsGitItself("this work tree is sparse", hints=(instead,))
        for change in self.changed(a, b):
            driver = self.raw.get_attr(change.path, "filter")
            if isinstance(driver, str) and any(
                self._setting(f"filter.{driver}.{how}") for how in ("process", "smudge", "clean")
            ):
                raise NeedsGitItself(
                    f"{change.path} goes through the filter {driver}", hints=(instead,)
                )

    def _peeled(self, reference: str) -> str | None:
        try:
            return str(self.raw.lookup_reference(reference).peel(pygit2.Commit).id)
        except (KeyError, ValueError, pygit2.GitError):
            # No such reference, or one that no name can be, or a tag of something else.
            return None

    def _tracking(self, name: str) -> str | None:
        found = [
            f"{remote.name}/{name}"
            for remote in self.raw.remotes
            if f"{remote.name}/{name}" in self.raw.branches.remote
        ]
        return found[0] if len(found) == 1 else None

    def _setting(self, key: str) -> str | None:
        with translated("git's configuration cannot be read"):
            try:
                return self.raw.config[key]
            except KeyError:
                return None


_HOW = {
    DeltaStatus.ADDED: "added",
    DeltaStatus.DELETED: "deleted",
    DeltaStatus.MODIFIED: "modified",
    DeltaStatus.TYPECHANGE: "modified",
}


def _subtree(tree: pygit2.Tree, folder: str) -> pygit2.Tree | None:
    if folder in ("", "."):
        return tree
    try:
        found = tree[folder]
    except KeyError:
        return None
    return found if isinstance(found, pygit2.Tree) else None


def _blobs(tree: pygit2.Tree, within: str) -> Iterator[tuple[str, str]]:
    for entry in tree:
        path = f"{within}{entry.name}"
        if isinstance(entry, pygit2.Tree):
            yield from _blobs(entry, f"{path}/")
        elif isinstance(entry, pygit2.Blob):
            yield path, str(entry.id)


def _paths(diff: pygit2.Diff) -> tuple[str, ...]:
    return tuple(sorted({delta.new_file.path or delta.old_file.path for delta in diff.deltas}))
