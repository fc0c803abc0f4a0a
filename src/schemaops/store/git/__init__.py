"""Git as SchemaOps uses it; the only place that knows pygit2."""

from schemaops.store.git.errors import (
    BranchExists,
    DirtyWorkTree,
    GitConflict,
    MergeInProgress,
    NeedsGitItself,
    NoMergeInProgress,
    NotARepository,
    NoWorkTree,
    UnknownBranch,
    UnusableBranchName,
    UnusableRepository,
)
from schemaops.store.git.merging import (
    GitMerge,
    MergedTree,
    abort_merge,
    begin_merge,
    begin_octopus,
    conflicts,
    merged_tree,
)
from schemaops.store.git.repository import Change, GitBranch, Repository
from schemaops.store.git.stores import IndexStore, TreeStore, WorkTreeStore

__all__ = [
    "BranchExists",
    "Change",
    "DirtyWorkTree",
    "GitBranch",
    "GitConflict",
    "GitMerge",
    "IndexStore",
    "MergeInProgress",
    "MergedTree",
    "NeedsGitItself",
    "NoMergeInProgress",
    "NoWorkTree",
    "NotARepository",
    "Repository",
    "TreeStore",
    "UnknownBranch",
    "UnusableBranchName",
    "UnusableRepository",
    "WorkTreeStore",
    "abort_merge",
    "begin_merge",
    "begin_octopus",
    "conflicts",
    "merged_tree",
]
