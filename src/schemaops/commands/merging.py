"""A merge half done: what is being merged, and what it wrote, kept under git's folder until its end.

It is written down before anything else is, so that a merge can be given up at whatever moment the
command that made it was killed.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import chain, islice
from pathlib import Path

from schemaops.commands.workspace import Tree, Workspace
from schemaops.errors import Cause, SchemaOpsError
from schemaops.history.revision import RevisionId

__all__ = [
    "UnderWay",
    "UnreadableMergeState",
    "Writing",
    "begin",
    "bring_back",
    "end",
    "under_way",
    "undo",
]


class UnreadableMergeState(SchemaOpsError):
    """What SchemaOps wrote down of the merge under way cannot be read.

    The message names the file, which lies under git's folder and holds nothing but notes. Remove
    it; `git merge --abort` then gives up the merge of git, if one is half done.
    """

    code = "SO339"
    cause = Cause.WORLD


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A merge that waits for decisions: what theirs is called and the head of ours before it.

    `git` says that git's own merge began with it; `written` are the files that were written since,
    by their path in the folder, each with what it held before, None where it did not exist. `kind`
    is the command that began it, `picked` the revision that a cherry-pick brings.
    """

    name: str
    ours: str | None
    git: bool = False
    written: Mapping[str, str | None] = field(default_factory=dict)
    kind: str = "merge"
    picked: str | None = None


def under_way(workspace: Workspace) -> UnderWay | None:
    """Return the merge that is half done, None where there is none; raise UnreadableMergeState."""
    file = _file(workspace)
    try:
        state = UnderWay(**json.loads(file.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        # Who may not look there began nothing here, and can write nothing either.
        return None
    except (OSError, ValueError, TypeError) as error:
        raise UnreadableMergeState(f"{file} cannot be read", hints=("git status",)) from error
    if state.git and not merge_of_git(workspace):
        # Git has finished or given up what this was the other half of.
        return None
    return state


def merge_of_git(workspace: Workspace) -> bool:
    """Return whether git itself has a merge half done here."""
    return workspace.git is not None and (workspace.git.own / "MERGE_HEAD").exists()


def begin(workspace: Workspace, state: UnderWay) -> None:
    """Keep a merge that is half done."""
    file = _file(workspace)
    half = file.with_suffix(".half")
    file.parent.mkdir(parents=True, exist_ok=True)
    half.write_text(json.dumps({**asdict(state), "written": dict(state.written)}), encoding="utf-8")
    half.replace(file)


def end(workspace: Workspace) -> None:
    """Forget the merge that was half done."""
    _file(workspace).unlink(missing_ok=True)


class Writing:
    """Writes and stages what belongs to a merge, each file noted first."""

    def __init__(self, workspace: Workspace, state: UnderWay) -> None:
        self._workspace = workspace
        self._store = workspace.writing()
        self.state = state

    def revision(self, name: str, data: bytes) -> None:
        """Write a revision."""
        self._note(f"revisions/{name}")
        self._store.add(name, data)

    def resolution(self, name: str, data: bytes) -> None:
        """Write a resolution."""
        self._note(f"resolutions/{name}")
        self._store.write_resolution(name, data)

    def proof(self, name: str, data: bytes) -> None:
        """Write what proves a merge."""
        self._note(f"proofs/{name}")
        self._store.write_proof(name, data)

    def removal(self, revision: RevisionId) -> None:
        """Remove a revision."""
        self._note(f"revisions/{self._store.ids()[revision]}")
        self._store.remove(revision)

    def _note(self, path: str) -> None:
        if path not in self.state.written:
            file = self._workspace.folder / path
            held = b64encode(file.read_bytes()).decode() if file.exists() else None
            self.state = replace(self.state, written={**self.state.written, path: held})
            begin(self._workspace, self.state)


def bring_back(workspace: Workspace, state: UnderWay) -> UnderWay:
    """Write again what others build on and git's merge took away, since one side had rebased or
    amended it; return what is under way then."""
    writing: Writing | None = None
    headers = dict(workspace.tree.headers)
    missing = [one for header in headers.values() for one in header.parents if one not in headers]
    while missing:
        revision = missing.pop()
        if revision in headers:
            continue
        tree = next((one for one in _beside(workspace) if revision in one.headers), None)
        if tree is None:
            continue  # whoever needs it says so
        writing = writing or Writing(workspace, state)
        writing.revision(tree.store.ids()[revision], tree.store.read(revision))
        headers[revision] = tree.headers[revision]
        missing += headers[revision].parents
    if writing is None:
        return state
    workspace.refresh()
    return writing.state


_FAR_ENOUGH = 20


def _beside(workspace: Workspace) -> Iterator[Tree]:
    """Yield the trees that git brought together here, then those of branches and earlier commits."""
    if workspace.git is None:
        return
    repository = workspace.repository()
    earlier = islice(repository.first_parents(), _FAR_ENOUGH)
    heads = workspace.git.own / "MERGE_HEAD"
    merged = heads.read_text(encoding="utf-8").split() if heads.exists() else []
    branches = (branch.name for branch in repository.branches())
    for name in dict.fromkeys(chain(islice(earlier, 1), merged, branches, earlier)):
        tree = workspace.branch(name)
        if tree is not None:
            yield tree


def undo(workspace: Workspace, state: UnderWay) -> None:
    """Bring back what a merge wrote over, and remove what it wrote."""
    store = workspace.writing()
    for path, held in state.written.items():
        file = workspace.folder / path
        for half in file.parent.glob(f".{file.name}.*"):
            half.unlink()
        if held is not None:
            if path.startswith("revisions/"):
                store.add(file.name, b64decode(held))
            elif path.startswith("proofs/"):
                store.write_proof(file.name, b64decode(held))
            else:
                store.write_resolution(file.name, b64decode(held))
            continue
        file.unlink(missing_ok=True)
        if workspace.git is not None:
            workspace.repository().unstage(f"{workspace.within}/{path}")
        if file.parent.is_dir() and not any(file.parent.iterdir()):
            file.parent.rmdir()


def _file(workspace: Workspace) -> Path:
    return workspace.own / "merging.json"
