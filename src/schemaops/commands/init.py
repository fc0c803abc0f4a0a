"""``init``: begin to keep a schema's history in a folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from schemaops.commands.workspace import Workspace
from schemaops.config import (
    DIALECTS,
    LiteralPassword,
    adding_environment,
    environment,
    expand,
    new_config,
    refuse_literal_password,
)
from schemaops.errors import Cause, SchemaOpsError
from schemaops.history.revision import file_name
from schemaops.reports.done import DoneReport
from schemaops.store.base import FOLDER
from schemaops.store.gitdir import find_git

__all__ = ["AlreadyBegun", "BareRepository", "DialectWanted", "Wanted", "init"]


class AlreadyBegun(SchemaOpsError):
    """This folder has a `.schemaops` already.

    Nothing was changed. `schemaops status` shows what it holds.
    """

    code = "SO727"


class DialectWanted(SchemaOpsError):
    """A project has one dialect, and `init` was not told which.

    `schemaops init --dialect postgres` (or `mysql`, `sqlite`). With `--from URL` the database says
    it.
    """

    code = "SO728"
    cause = Cause.USAGE


class BareRepository(SchemaOpsError):
    """The folder is a bare repository: it has no files that a person reviews.

    Begin in a clone of it, or in a work tree.
    """

    code = "SO754"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a project is to begin: its dialect, where `dev` is, and a database that has tables."""

    dialect: str | None = None
    dev: str | None = None
    from_url: str | None = None
    from_name: str = "origin"


def init(top: Path, wanted: Wanted, environ: Mapping[str, str]) -> DoneReport:
    """Write `.schemaops` in a folder (and make it a repository where it is in none); stage it. What
    goes wrong leaves nothing of either."""
    made = [path for path in (top / FOLDER, top / ".git") if not path.exists()]
    try:
        return _begun(top, wanted, environ)
    except BaseException:
        for path in made:
            if path.is_dir():
                shutil.rmtree(path)
        raise


def _begun(top: Path, wanted: Wanted, environ: Mapping[str, str]) -> DoneReport:
    folder = top / FOLDER
    # One without a configuration was left by an init that was killed.
    if (folder / "config.toml").exists():
        raise AlreadyBegun(f"there is a {FOLDER} here already", hints=("schemaops status",))
    dialect = _dialect(wanted, environ)
    dev = wanted.dev or _embedded(dialect)
    if dev is not None:
        refuse_literal_password(dev, "dev")
    begun = None
    if wanted.from_url is not None:
        from schemaops.commands.adopting import Beginning

        begun = Beginning.look(expand(wanted.from_url, environ), top)
    branch, made = _repository(top)
    workspace = Workspace(folder, environ)
    sealed = None
    if begun is not None:
        sealed = begun.sealed(workspace, wanted.from_name)
        begun.record(workspace, wanted.from_name, sealed)
    notes = [f"began {FOLDER} for {dialect}" + (" in a new git repository" if made else "")]
    hints = ["schemaops new 'First tables'"]
    facts = {"folder": str(folder), "dialect": dialect}
    if dev is None:
        notes.append("there is no environment dev yet: it needs a server of yours")
        hints.insert(0, "schemaops env add dev --url '$DEV_URL'")
    else:
        notes.append(f"the environment dev is {dev}")
        facts["dev"] = dev
    config = new_config(dialect, dev, default_branch=branch)
    if begun is not None and wanted.from_url is not None:
        try:
            refuse_literal_password(wanted.from_url, wanted.from_name)
        except LiteralPassword as literal:
            notes.append("the URL has a password in it, so it is not written down")
            hints += literal.hints
        else:
            config = adding_environment(config, environment(wanted.from_name, wanted.from_url))
    store = workspace.writing()
    store.write_git_attributes()
    if begun is not None and sealed is not None:
        store.add(file_name(sealed.id, sealed.revision), sealed.data)
        notes += (
            f"sealed what {begun.shown} holds as {sealed.id[:7]}, and recorded it there as applied",
            *sealed.notes,
        )
        facts["revision"] = sealed.id
        hints[0] = "schemaops status --live"
    # It comes last: a folder that has one is whole.
    store.write_config(config)
    notes.append("staged for git: commit it with what comes next")
    return DoneReport("init", tuple(notes), facts, tuple(hints))


def _dialect(wanted: Wanted, environ: Mapping[str, str]) -> str:
    if wanted.dialect is not None:
        from schemaops.sql.dialects import dialect

        return dialect(wanted.dialect).name
    if wanted.from_url is not None:
        from schemaops.database.urls import read_url

        return read_url(expand(wanted.from_url, environ)).dialect
    raise DialectWanted(
        "which dialect?", hints=tuple(f"schemaops init --dialect {one}" for one in DIALECTS)
    )


def _embedded(dialect: str) -> str | None:
    match dialect:
        case "sqlite":
            return "sqlite:///.git/schemaops/dev.sqlite3"
        case "postgres":
            return "postgres-embedded:///.git/schemaops/dev-postgres?database=dev"
        case _:
            return None


def _repository(top: Path) -> tuple[str, bool]:
    top.mkdir(parents=True, exist_ok=True)
    git = find_git(top)
    if git is not None:
        return git.branch() or "main", False
    if (top / "HEAD").is_file() and (top / "objects").is_dir() and (top / "refs").is_dir():
        raise BareRepository(f"{top} is a bare repository", hints=("git worktree add ../work",))
    from schemaops.store.git import Repository

    Repository.create(top, "main")
    return "main", True
