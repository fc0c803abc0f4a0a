"""Another tool's folder as a tree of revisions, read where it stands: on disk, or in a commit."""

from __future__ import annotations

import hashlib
import json
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from schemaops.commands.foreign import files_at, prepared, read_with_scratch
from schemaops.commands.taken_over import Made, Maker, NotMerged
from schemaops.config import ForeignFolder
from schemaops.errors import Place
from schemaops.history.revision import RevisionId
from schemaops.interop.base import Files, ForeignHistory, Settings, chained
from schemaops.interop.programs import PROGRAMS
from schemaops.store.foreign import ForeignStore, InPlace

if TYPE_CHECKING:
    from schemaops.commands.workspace import Workspace
    from schemaops.store.base import Store
    from schemaops.store.git import Repository

__all__ = ["GitFiles", "read_in_commit", "read_in_place"]

_FORM = "1"


class GitFiles(Files):
    """The files of a folder in a commit."""

    def __init__(
        self, repository: Repository, commit: str, within: str, shown: str, focus: str | None
    ) -> None:
        super().__init__(shown, focus)
        self._files = repository.files_in(commit, within)
        self._repository = repository

    def _listed(self) -> Iterable[str]:
        return self._files

    def data(self, path: str) -> bytes:
        """Return a file's bytes."""
        return self._repository.blob(self._files[path])


def read_in_place(workspace: Workspace, folder: Store, history: ForeignFolder) -> ForeignStore:
    """Return the store of the folder that the work tree's configuration names."""
    files = files_at(workspace.top / history.dir, history.dir)
    return ForeignStore(folder, _revisions(workspace, files, history))


def read_in_commit(
    workspace: Workspace, folder: Store, history: ForeignFolder, commit: str
) -> ForeignStore:
    """Return the store of the same folder as it is in a commit."""
    repository = workspace.repository()
    at = workspace.top / history.dir
    if history.format in PROGRAMS:
        # A program of the tool reads files, so it is given them.
        with tempfile.TemporaryDirectory(prefix="schemaops-") as top:
            for path, blob in repository.files_in(commit, "").items():
                target = Path(top) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(repository.blob(blob))
            inside = Path(top) / repository.inside(at)
            if not inside.exists():
                return ForeignStore(folder, ())
            files = files_at(inside, history.dir)
            return ForeignStore(folder, _revisions(workspace, files, history))
    within = repository.inside(at)
    focus = None
    shown = history.dir
    if at.is_file():
        within, _, focus = within.rpartition("/")
        shown = shown.rpartition("/")[0] or "."
    found = GitFiles(repository, commit, within, shown, focus)
    if not found.paths:
        return ForeignStore(folder, ())
    return ForeignStore(folder, _revisions(workspace, found, history))


def _revisions(workspace: Workspace, files: Files, history: ForeignFolder) -> tuple[InPlace, ...]:
    key = _key(workspace, files, history)
    kept = workspace.cache.get("in-place", key)
    if kept is not None:
        return tuple(
            InPlace(RevisionId(one), name, b64decode(data), Place(file, line))
            for one, name, data, file, line in json.loads(kept)
        )
    dialect = workspace.dialect
    settings = Settings(
        dialect=dialect,
        values=history.values,
        skip=frozenset(history.skip),
        program=history.program,
    )
    found = read_with_scratch(files, history.format, settings, dialect, workspace.scratch_url())
    try:
        made = _made(workspace, found, linear=history.linear)
    except NotMerged:
        # The tool runs them in an order of its own, and that is a history too.
        made = _made(workspace, found, linear=True)
    revisions = tuple(
        InPlace(one.id, one.name, one.data, Place(one.source.file, one.source.line)) for one in made
    )
    listed = [
        (one.id, one.name, b64encode(one.data).decode(), one.place.file, one.place.line)
        for one in revisions
    ]
    workspace.cache.put("in-place", key, json.dumps(listed).encode())
    return revisions


def _made(workspace: Workspace, found: ForeignHistory, *, linear: bool) -> list[Made]:
    history = found.migrations if not linear else chained(found.migrations)
    maker = Maker(workspace, workspace.dialect, found.format, plainly=True)
    ready = prepared(ForeignHistory(found.format, history), workspace.dialect)
    maker.make(ready)
    return maker.made


def _key(workspace: Workspace, files: Files, history: ForeignFolder) -> str:
    found = hashlib.sha256(
        repr((_FORM, workspace.dialect, workspace.config.search_path, history)).encode()
    )
    for path in files.paths:
        if path.endswith((".sql", ".py", ".xml", ".yaml", ".yml", ".json", ".toml", ".conf", ".plan",
                          ".sum", ".ini", ".go", ".java", ".kt", ".mako")):  # fmt: skip
            found.update(repr((files.name(path), len(data := files.data(path)))).encode())
            found.update(data)
    return found.hexdigest()
