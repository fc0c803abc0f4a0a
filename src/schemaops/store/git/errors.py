"""What may go wrong with git, as errors."""

from __future__ import annotations

from schemaops.errors import Cause, SchemaOpsError

__all__ = [
    "BranchExists",
    "DirtyWorkTree",
    "GitConflict",
    "MergeInProgress",
    "NeedsGitItself",
    "NoMergeInProgress",
    "NoWorkTree",
    "NotARepository",
    "UnknownBranch",
    "UnusableBranchName",
    "UnusableRepository",
]


class NotARepository(SchemaOpsError):
    """This place is not inside a git repository.

    Branches, merging and sealing against what is committed need git. `git init` makes a repository
    here; `schemaops init` makes one too. Reading and replaying work from the folder `.schemaops`
    alone.
    """

    code = "SO420"
    cause = Cause.WORLD


class UnusableRepository(SchemaOpsError):
    """Git's repository is here, and it cannot be opened, read or written.

    The message is libgit2's own. Another git process may hold the index (then try again), the
    folder may belong to somebody else (`git config --global --add safe.directory FOLDER`), objects
    may be missing (a partial clone, a damaged disk: `git fsck`), or the repository uses a format
    that libgit2 does not read, such as SHA-256 object names.
    """

    code = "SO421"
    cause = Cause.WORLD


class DirtyWorkTree(SchemaOpsError):
    """Changes in the work tree or the index stand in the way and would be lost.

    Nothing was changed. Commit them (`git commit`), or put them away (`git stash`), and try again.
    """

    code = "SO422"
    cause = Cause.DECISION

    def __init__(self, message: str, paths: tuple[str, ...] = ()) -> None:
        super().__init__(message, hints=("git status",))
        self.paths = paths


class UnknownBranch(SchemaOpsError):
    """There is no branch of this name, here or on a remote.

    `schemaops branch` lists the branches. One that somebody pushed since the last fetch is found
    after `git fetch`.
    """

    code = "SO423"


class GitConflict(SchemaOpsError):
    """Git itself cannot merge these files; SchemaOps merges revisions after that.

    Edit the files between the conflict markers, `git add` them, and go on with `schemaops merge
    --continue`; or give the merge up with `schemaops merge --abort`.
    """

    code = "SO424"
    cause = Cause.DECISION

    def __init__(self, message: str, paths: tuple[str, ...]) -> None:
        super().__init__(
            message, hints=("git status", "schemaops merge --continue", "schemaops merge --abort")
        )
        self.paths = paths


class BranchExists(SchemaOpsError):
    """A branch of this name is there already.

    `schemaops switch NAME` goes to it; choose another name for a new one.
    """

    code = "SO425"


class MergeInProgress(SchemaOpsError):
    """A merge, rebase or the like is half done in this work tree.

    Finish it (`schemaops merge --continue`, `git commit`) or give it up (`schemaops merge --abort`)
    first.
    """

    code = "SO426"
    cause = Cause.DECISION


class NoMergeInProgress(SchemaOpsError):
    """There is no merge to finish or to give up.

    `schemaops merge BRANCH` begins one.
    """

    code = "SO427"


class NeedsGitItself(SchemaOpsError):
    """This needs something that git can do and libgit2 cannot.

    Files that go through a filter program (git-lfs, git-crypt) and sparse work trees are git's own
    business: SchemaOps would write such files wrongly, so it does not. Run the git command that the
    hint names; after a `git merge --no-commit`, `schemaops merge` goes on from there.
    """

    code = "SO428"


class UnusableBranchName(SchemaOpsError):
    """Git does not allow a branch to have this name.

    Names have no spaces, no `..`, `~`, `^`, `:`, `?`, `*`, `[` or backslash, and do not begin with
    a hyphen or end in `.lock` or `/`.
    """

    code = "SO429"


class NoWorkTree(SchemaOpsError):
    """This repository is bare: it has no files checked out.

    Revisions can be read from its branches; what changes files needs a clone with a work tree.
    """

    code = "SO431"
