"""``hook``: install git hooks, and what they check when git runs them.

A hook looks at what git is about to commit: the index, and of that only the projects that the commit
touches and the files that it brings. Everything else was looked at when it was committed.
"""

from __future__ import annotations

import re
import shlex
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from schemaops.commands.workspace import Workspace
from schemaops.errors import SchemaOpsError
from schemaops.reports.done import DoneReport
from schemaops.reports.findings import FindingsReport
from schemaops.store.base import FOLDER

if TYPE_CHECKING:
    from schemaops.store.git import Repository

__all__ = [
    "HOOKS",
    "ForeignHooks",
    "HookThere",
    "UnknownHook",
    "install",
    "run",
    "uninstall",
]

HOOKS = ("pre-commit", "pre-merge-commit")
"""The hooks of git that are installed; a merge that git makes by itself runs the second alone."""

MARK = "# Installed by schemaops hook install."
KEPT = "before-schemaops"
"""What the name of a hook ends with that was there before ours, which calls it first."""


class HookThere(SchemaOpsError):
    """Git has a hook of this name that another tool manages, and it would write over ours.

    It was left alone. Where it is the pre-commit framework's, name SchemaOps in
    `.pre-commit-config.yaml`: its repository has a hook `schemaops`. In every other tool's
    configuration add the command `schemaops hook run pre-commit`.
    """

    code = "SO450"


class UnknownHook(SchemaOpsError):
    """There is no hook of this name among those of SchemaOps.

    `pre-commit` and `pre-merge-commit` check what is about to be committed.
    """

    code = "SO451"


class ForeignHooks(SchemaOpsError):
    """Git looks for this repository's hooks in a folder that is not its own.

    `core.hooksPath` names a folder that other repositories use too, or that is committed here: a hook
    written there would not be this work tree's alone. Nothing was written. Add the command
    `schemaops hook run pre-commit` to the hook `pre-commit` in that folder yourself, and likewise
    to `pre-merge-commit`.
    """

    code = "SO454"


def install(workspace: Workspace) -> DoneReport:
    """Write git's hooks of this repository; those that are there are kept, and called first. Raise
    HookThere, ForeignHooks."""
    repository = workspace.repository()
    folder = _folder(repository)
    files = [folder / name for name in HOOKS]
    for file in files:
        _refuse_managed(file)
    folder.mkdir(parents=True, exist_ok=True)
    notes, facts = [], {}
    for file in files:
        if file.exists() and not _is_ours(file):
            kept = _kept(file)
            file.rename(kept)
            notes.append(f"kept {kept}, which is run first")
        file.write_text(_script(file.name), encoding="utf-8")
        file.chmod(file.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        notes.append(f"installed {file}")
        facts[file.name] = str(file)
    return DoneReport("hook install", tuple(notes), facts)


def uninstall(workspace: Workspace) -> DoneReport:
    """Remove our hooks, and put those back that were there before."""
    folder = _folder(workspace.repository())
    notes, facts = [], {}
    for name in HOOKS:
        file = folder / name
        if not _is_ours(file):
            continue
        file.unlink()
        notes.append(f"removed {file}")
        facts[name] = str(file)
        if _kept(file).exists():
            _kept(file).rename(file)
            notes.append(f"put back {file} as it was before")
    return DoneReport("hook uninstall", tuple(notes) or ("no hook of ours is installed",), facts)


def run(start: Path, environ: Mapping[str, str], name: str) -> FindingsReport:
    """Return what is wrong with what git is about to commit, in every project that it touches."""
    if name not in HOOKS:
        raise UnknownHook(
            f"there is no hook {name}", hints=tuple(f"schemaops hook run {one}" for one in HOOKS)
        )
    from schemaops.store.git import IndexStore, Repository, TreeStore

    repository = Repository.discover(start, environ)
    paths = repository.staged()
    folders = dict.fromkeys(found[1] for path in paths if (found := _PROJECT.match(path)))
    checked = "what is about to be committed"
    if not folders:
        return FindingsReport(checked, 0, quiet=True)
    from schemaops.commands.brought import Brought

    findings: list[SchemaOpsError] = []
    revisions = 0
    for folder in folders:
        workspace = Workspace(repository.work_tree() / folder, environ)
        brought = Brought(
            workspace,
            TreeStore.at(repository, "HEAD", folder),
            IndexStore(repository, folder),
            branch=repository.branch(),
        )
        findings += brought.findings()
        revisions += len(brought.revisions)
    return FindingsReport(checked, revisions, tuple(findings))


_PROJECT = re.compile(rf"((?:.*/)?{re.escape(FOLDER)})/")
_MANAGERS = {"pre-commit.com": "pre-commit", "lefthook": "lefthook", "overcommit": "overcommit"}


def _folder(repository: Repository) -> Path:
    folder = repository.hooks().resolve()
    if not folder.is_relative_to(repository.common.resolve()):
        raise ForeignHooks(
            f"git looks for hooks in {folder}", hints=("git config --show-origin core.hooksPath",)
        )
    return folder


def _refuse_managed(file: Path) -> None:
    if not file.exists() or _is_ours(file):
        return
    text = file.read_text(encoding="utf-8", errors="replace")
    for mark, manager in _MANAGERS.items():
        if mark in text:
            raise HookThere(f"{file} is managed by {manager}", hints=("schemaops explain SO450",))
    if _kept(file).exists():
        raise HookThere(f"{file} is not ours, and {_kept(file).name} is there already")


def _is_ours(file: Path) -> bool:
    return file.exists() and MARK in file.read_text(encoding="utf-8", errors="replace")


def _kept(file: Path) -> Path:
    return file.with_name(f"{file.name}.{KEPT}")


def _script(name: str) -> str:
    # The program that installs the hook is at hand even where a graphical git knows no PATH.
    program = shlex.quote(sys.executable)
    return f"""\
#!/bin/sh
{MARK}
if [ -x "$0.{KEPT}" ]; then
    "$0.{KEPT}" "$@" || exit
fi
if [ -x {program} ]; then
    exec {program} -m schemaops hook run {name}
fi
command -v schemaops >/dev/null || {{
    echo 'schemaops is not installed; without its checks: git commit --no-verify' >&2
    exit 1
}}
exec schemaops hook run {name}
"""
