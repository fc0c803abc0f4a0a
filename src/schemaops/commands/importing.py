"""``import``: the history of another tool as revisions, all of it or nothing."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from schemaops.commands.foreign import (
    Prepared,
    files_at,
    foreign_ids,
    found_in,
    prepared,
    read_foreign,
    read_with_scratch,
)
from schemaops.commands.init import DialectWanted, init
from schemaops.commands.init import Wanted as Beginning
from schemaops.commands.specs import OtherDialect
from schemaops.commands.taken_over import Made, Maker
from schemaops.commands.workspace import Workspace, folder_in, open_workspace
from schemaops.config import DIALECTS, ForeignFolder, reading_in_place
from schemaops.errors import Cause, Place, SchemaOpsError
from schemaops.history.revision import Header, RevisionId, migration_id
from schemaops.interop.alembic import alembic_dialect
from schemaops.interop.base import Files, ForeignHistory, Settings, chained
from schemaops.interop.django import django_dialect
from schemaops.reports.importing import Imported, ImportReport
from schemaops.store.directory import NoFolder
from schemaops.store.foreign import ReadInPlace
from schemaops.store.git import NotARepository

__all__ = ["HistoryThere", "OtherAfterImport", "Wanted", "import_history"]


class HistoryThere(SchemaOpsError):
    """The project has revisions, and none of them was imported from this tool.

    An import is the beginning of a history, or goes on with an earlier import. Import in a folder
    without revisions (`schemaops -C FOLDER import …`), or seal the other tool's newer migrations one
    by one: `schemaops commit FILE`.
    """

    code = "SO476"
    cause = Cause.DECISION


class OtherAfterImport(SchemaOpsError):
    """A migration of another tool says something else than when it was imported.

    What was imported is sealed, and databases may have it. Bring the tool's file back to what it
    was; a change that is wanted becomes a migration of its own.
    """

    code = "SO480"
    cause = Cause.DECISION


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be imported and how. `values` are those of placeholders, `skip` ids to leave out,
    `program` the interpreter or program to ask; `mend` takes generated downs where those written by
    hand fall short."""

    format: str | None
    dir: str
    dialect: str | None = None
    dry_run: bool = False
    in_place: bool = False
    linear: bool = False
    rehearse: bool = True
    mend: bool = False
    skip: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    program: tuple[str, ...] = ()


def import_history(start: Path, wanted: Wanted, environ: Mapping[str, str]) -> ImportReport:
    """Import the history of another tool, or read it in place; raise what keeps it from being."""
    if wanted.format is None:
        files, found = found_in(start / wanted.dir, wanted.dir)
        tool = found.name
    else:
        files, tool = files_at(start / wanted.dir, wanted.dir), wanted.format
    wanted = replace(wanted, dir=wanted.dir if files.focus else files.shown)
    workspace = _existing(start, environ)
    begun = workspace is None
    if workspace is None:
        dialect = wanted.dialect
        if dialect is None and tool in _ASKED:
            dialect = _ASKED[tool](files, _settings(wanted, None))
        elif dialect is None:
            history = read_foreign(files, tool, _settings(wanted, None))
            dialect = history.dialect or _dialect_of(history)
        if dialect is None:
            raise DialectWanted(
                "which dialect?",
                hints=tuple(
                    f"schemaops import {tool} {wanted.dir} --dialect {one}" for one in DIALECTS
                ),
            )
        there = {path for path in (start / ".git",) if path.exists()}
        init(start, Beginning(dialect), environ)
        workspace = Workspace(folder_in(start), environ)
    else:
        there = set()
    try:
        report = _imported(workspace, files, tool, wanted)
    except BaseException:
        if begun:
            _forget(workspace, start, there)
        raise
    if begun and wanted.dry_run:
        _forget(workspace, start, there)
    if begun and not wanted.dry_run:
        note = f"began .schemaops for {workspace.dialect}"
        report = replace(report, notes=(note, *report.notes))
    return report


def _existing(start: Path, environ: Mapping[str, str]) -> Workspace | None:
    try:
        workspace = open_workspace(start, environ)
    except NoFolder:
        return None
    # A folder without a configuration is what an import that was killed had begun.
    begun = workspace.folder == folder_in(start) and workspace.store.config() is None
    return None if begun else workspace


def _forget(workspace: Workspace, start: Path, there: set[Path]) -> None:
    """Take back what `init` made."""
    folder = folder_in(start)
    if (workspace.git is not None and start / ".git" in there) or not (start / ".git").exists():
        with suppress(NotARepository):
            repository = workspace.repository()
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    repository.unstage(f"{workspace.within}/{path.relative_to(folder).as_posix()}")
    workspace.cache.close()
    shutil.rmtree(folder, ignore_errors=True)
    if start / ".git" not in there and (start / ".git").is_dir():
        shutil.rmtree(start / ".git")


def _settings(wanted: Wanted, dialect: str | None) -> Settings:
    pairs = (one.partition("=") for one in wanted.values)
    return Settings(
        dialect=dialect,
        values={name: value for name, _, value in pairs},
        skip=frozenset(wanted.skip),
        program=wanted.program,
    )


def _imported(workspace: Workspace, files: Files, tool: str, wanted: Wanted) -> ImportReport:
    dialect = workspace.dialect
    if wanted.dialect is not None and wanted.dialect != dialect:
        raise OtherDialect(f"the project is {dialect}, and --dialect says {wanted.dialect}")
    if workspace.in_place is not None:
        raise ReadInPlace(
            f"the history is read in place, from {workspace.in_place.dir}",
            place=workspace.store.config_place(),
            hints=("schemaops explain SO479",),
        )
    if wanted.in_place:
        return _in_place(workspace, files, tool, wanted)
    settings = _settings(wanted, dialect)
    history = read_with_scratch(files, tool, settings, dialect, workspace.scratch_url())
    if wanted.linear:
        history = replace(history, migrations=chained(history.migrations))
    ready = prepared(history, dialect)
    maker = Maker(
        workspace,
        dialect,
        history.format,
        rehearse=wanted.rehearse,
        mend=wanted.mend,
        signed=_Signatures(workspace, files).of,
    )
    before, left = _already(workspace, history, ready, maker)
    maker.make(left)
    if not wanted.dry_run:
        _write(workspace, maker.made)
    store = workspace.store
    listed = tuple(
        _report(one, None if wanted.dry_run else store.place(one.name).file) for one in maker.made
    )
    hints = ["schemaops log"]
    if any(one.shortfalls for one in maker.made) and not wanted.mend:
        hints.append(f"schemaops import {tool} {wanted.dir} --mend-downs    write those anew")
        if not wanted.dry_run:
            hints.pop()
    # One that follows is ours to build; the others may have been the tool's until now.
    others = [one.name for one in workspace.config.environments.values() if not one.follow]
    hints += (f"schemaops adopt {name}" for name in others)
    if not others:
        hints.append("schemaops env add production --url '$PRODUCTION_URL'")
    return ImportReport(
        history.format,
        wanted.dir,
        dialect,
        listed,
        dry_run=wanted.dry_run,
        already=before,
        notes=history.notes,
        hints=() if wanted.dry_run else tuple(hints),
    )


def _in_place(workspace: Workspace, files: Files, tool: str, wanted: Wanted) -> ImportReport:
    if len(workspace.dag):
        raise HistoryThere("this project has a history of its own", hints=("schemaops log",))
    pairs = _settings(wanted, None).values
    at = (files.folder or workspace.top) / (files.focus or "")
    # The configuration counts from the project's top, wherever the command was typed.
    within = Path(os.path.relpath(at.resolve(), workspace.top.resolve())).as_posix()
    folder = ForeignFolder(tool, within, wanted.linear, wanted.skip, wanted.program, pairs)
    store = workspace.writing()
    data = store.config() or b""
    file = store.config_place().file
    written = reading_in_place(data, folder, file=file)
    from schemaops.commands.in_place import read_in_place

    found = read_in_place(workspace, workspace.store, folder)
    if not wanted.dry_run:
        store.write_config(written)
        workspace.reread()
    from schemaops.store.headers import read_headers

    headers = read_headers(found)
    from schemaops.history.dag import Dag

    order = Dag({one: headers[one].parents for one in headers}).order
    listed = tuple(_placed(one, headers[one], str(found.place_of(one))) for one in order)
    notes = (f"{file} names the folder: nothing was copied",)
    return ImportReport(
        tool,
        wanted.dir,
        workspace.dialect,
        listed,
        dry_run=wanted.dry_run,
        in_place=True,
        notes=notes,
        hints=("schemaops log", "schemaops verify"),
    )


def _placed(revision: RevisionId, header: Header, source: str) -> Imported:
    return Imported(
        revision,
        header.parents,
        header.message,
        "merge" if header.is_merge else "checkpoint" if header.checkpoint else "migration",
        tuple(one for _, one in foreign_ids(header.message)),
        source,
        header.author,
        header.date,
        None,
        None,
    )


# -- what was imported before


def _already(
    workspace: Workspace, history: ForeignHistory, ready: tuple[Prepared, ...], maker: Maker
) -> tuple[int, tuple[Prepared, ...]]:
    """Return how many migrations were imported before, and those that were not; raise HistoryThere,
    OtherAfterImport."""
    headers = workspace.tree.headers
    if not headers:
        return 0, ready
    known: dict[str, RevisionId] = {}
    for revision in workspace.dag.order:
        for tool, name in foreign_ids(headers[revision].message):
            if tool == history.format:
                known[name] = revision
    if not known:
        raise HistoryThere(
            f"none of the revisions here was imported from {history.format}",
            hints=("schemaops log",),
        )
    left: list[Prepared] = []
    states = workspace.states()
    for revision in workspace.dag.order:
        ids = [name for name, its in known.items() if its == revision]
        file = workspace.store.ids()[revision]
        maker.stands(revision, workspace.store.read(revision), file, ids)
    for one in ready:
        before = known.get(one.id)
        if before is None:
            if one.source.whole:
                raise HistoryThere(
                    f"{one.up.file} is a whole schema, and this history has begun already",
                    hints=("schemaops log",),
                )
            left.append(one)
            continue
        header = headers[before]
        its = header.migration
        if its is None or its == migration_id(one.up.text, workspace.dialect):
            maker.knows(states, before)
        elif one.id.startswith("R__"):
            # What may be repeated becomes a revision each time it changes.
            left.append(one)
        else:
            raise OtherAfterImport(
                f"{one.id} is not what was imported as {before[:7]}",
                place=Place(one.up.file, one.up.line),
                hints=(f"schemaops show {before[:7]}",),
            )
    tip = max(known, key=lambda name: workspace.dag.order.index(known[name]))
    return len(ready) - len(left), tuple(_onward(ready, left, tip))


def _onward(ready: tuple[Prepared, ...], left: list[Prepared], tip: str) -> Iterator[Prepared]:
    """Yield what is new; where the tool knows one line, after all that was imported before."""
    line = all(two.parents == (one.id,) for one, two in pairwise(ready))
    for one in left:
        yield replace(one, parents=(tip,)) if line else one
        tip = one.id


# -- writing


def _write(workspace: Workspace, made: list[Made]) -> None:
    """Add every revision, or none."""
    workspace.writing().add_all((one.name, one.data) for one in made)
    workspace.refresh()


def _report(one: Made, file: str | None) -> Imported:
    revision = one.revision
    down = None if revision.down is None else "generated" if revision.down_generated else "kept"
    return Imported(
        one.id,
        revision.parents,
        revision.message,
        "merge" if revision.is_merge else "checkpoint" if revision.checkpoint else "migration",
        one.source.ids,
        f"{one.source.file}:{one.source.line}",
        revision.author,
        revision.date,
        file,
        down,  # type: ignore[arg-type]
        one.shortfalls,
        one.opaque,
        one.notes,
    )


class _Signatures:
    """Who wrote each migration: as the tool says, else as git says of the file."""

    def __init__(self, workspace: Workspace, files: Files) -> None:
        self._found: dict[str, tuple[str, str]] = {}
        self._shown = files.shown
        self._files = files
        folder = files.folder
        if workspace.git is not None and folder is not None:
            repository = workspace.repository()
            with suppress(NotARepository):
                self._found = repository.beginnings(repository.inside(folder))

    def of(self, one: Prepared) -> tuple[str | None, str | None]:
        """Return the author of a migration and its date, None for what nobody says."""
        file = one.up.file
        if self._shown not in ("", "."):
            file = file.removeprefix(f"{self._shown}/")
        author, date = self._found.get(file, (None, None))
        return one.source.author or author, one.source.date or date


_ASKED = {"alembic": alembic_dialect, "django": django_dialect}

_SPEAKS = (
    ("postgres", r"\b(?:bigserial|serial|timestamptz|jsonb|plpgsql|bytea|pg_catalog)\b|\$\$|::\w"),
    ("mysql", r"\bauto_increment\b|\bengine\s*=|`\w+`"),
    ("sqlite", r"\bautoincrement\b|\bwithout\s+rowid\b|\bpragma\b"),
)


def _dialect_of(history: ForeignHistory) -> str | None:
    """Return the one dialect that the SQL has words of, None where it has those of none or several."""
    text = "\n".join(one.up.text for one in history.migrations).lower()
    said = [name for name, words in _SPEAKS if re.search(words, text)]
    return said[0] if len(said) == 1 else None
