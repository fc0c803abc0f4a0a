"""``hook``: install git hooks, and what they check when git runs them."""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from schemaops.commands.workspace import Workspace
from schemaops.errors import Cause, Place, SchemaOpsError
from schemaops.history.format import MalformedRevision, read_header
from schemaops.history.revision import RevisionId, short
from schemaops.history.spec import SeveralHeads
from schemaops.reports.done import DoneReport
from schemaops.reports.findings import FindingsReport
from schemaops.store.headers import read_headers

if TYPE_CHECKING:
    from schemaops.store.git import IndexStore

__all__ = ["HookThere", "RemovedRevision", "StagedDraft", "UnknownHook", "install", "run"]

MARK = "# Installed by schemaops hook install."


class HookThere(SchemaOpsError):
    """Git has a hook of this name already, and it is not ours.

    It was left alone. Call ours from it with a line `schemaops hook run pre-commit || exit 1`, or
    use the pre-commit framework: SchemaOps offers its hooks there.
    """

    code = "SO450"


class UnknownHook(SchemaOpsError):
    """There is no hook of this name among those of SchemaOps.

    `pre-commit` checks what is about to be committed.
    """

    code = "SO451"


class StagedDraft(SchemaOpsError):
    """A draft is about to be committed to git.

    Nobody else could replay it, and it would be sealed twice. Seal it: `schemaops commit DRAFT`; or
    leave it out of this commit.
    """

    code = "SO452"
    cause = Cause.DECISION


class RemovedRevision(SchemaOpsError):
    """A sealed revision that the last git commit has would be gone with this one.

    Databases may have run it, and other branches may build on it. Bring it back; to undo what it
    did, `schemaops revert`. Where it was amended, the revision that replaces it must say so, as
    `schemaops commit --amend` does.
    """

    code = "SO453"
    cause = Cause.DECISION


def install(workspace: Workspace) -> DoneReport:
    """Write git's pre-commit hook; raise HookThere where another one is in its place."""
    folder = workspace.repository().hooks()
    file = folder / "pre-commit"
    if file.exists() and MARK not in file.read_text(errors="replace"):
        raise HookThere(f"there is a hook {file} already", hints=("schemaops hook run pre-commit",))
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{MARK}\nexec {_program()} hook run pre-commit\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return DoneReport("hook install", (f"installed {file}",), {"hook": str(file)})


def run(workspace: Workspace, name: str) -> FindingsReport:
    """Return what is wrong with what git is about to commit."""
    if name != "pre-commit":
        raise UnknownHook(f"there is no hook {name}", hints=("schemaops hook run pre-commit",))
    from schemaops.store.git import IndexStore

    index = IndexStore(workspace.repository(), workspace.within)
    found = list(index.faults(workspace.dialect))
    staged = frozenset(entry.id for entry in index.listing())
    found += _removed(workspace, index, staged)
    found += (
        StagedDraft(
            "a draft is staged",
            place=Place(f"{index.shown}/drafts/{draft}"),
            hints=(f"schemaops commit {draft}", f"git rm --cached {_path(workspace, draft)}"),
        )
        for draft in index.drafts()
    )
    if not found:
        found += _heads(workspace, index)
    return FindingsReport("what is about to be committed", len(staged), tuple(found))


def _removed(
    workspace: Workspace, index: IndexStore, staged: frozenset[RevisionId]
) -> Iterator[SchemaOpsError]:
    committed = workspace.branch("HEAD")
    gone = {} if committed is None else dict(committed.store.ids())
    gone = {name: file for name, file in gone.items() if name not in staged}
    replaced = _replaced(index) if gone else frozenset()
    for name, file in gone.items():
        if name not in replaced:
            path = f"{workspace.within}/revisions/{file}"
            yield RemovedRevision(
                f"revision {short(name)} is removed or edited",
                place=Place(path),
                hints=(f"git checkout HEAD -- {path}",),
            )


def _replaced(index: IndexStore) -> frozenset[RevisionId]:
    found = set()
    for _, data in index.contents():
        try:
            found.add(read_header(data).replaces)
        except MalformedRevision:
            # It is among the faults already.
            continue
    return frozenset(one for one in found if one is not None)


def _heads(workspace: Workspace, index: IndexStore) -> Iterator[SchemaOpsError]:
    branch = workspace.repository().branch()
    heads = read_headers(index).dag.heads()
    if branch == workspace.config.default_branch and len(heads) > 1:
        listed = ", ".join(short(one) for one in heads)
        yield SeveralHeads(f"{branch} would have {len(heads)} heads: {listed}", heads)


def _path(workspace: Workspace, draft: str) -> str:
    return f"{workspace.within}/drafts/{draft}"


def _program() -> str:
    found = shutil.which("schemaops")
    if found is not None:
        return "schemaops"
    return f'"{Path(sys.executable)}" -m schemaops'
