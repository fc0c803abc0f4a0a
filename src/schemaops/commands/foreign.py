"""A foreign history made ready to be revisions: read, its SQL cleared of what a replay does itself.

Transactions are the replay's, and lines for `psql` are not SQL; what is left keeps its lines, so that
every message names the tool's own file. A migration without a statement has no revision of its own:
the revision before it bears its id as well.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from schemaops.database.failures import DatabaseFailure
from schemaops.database.statements import ends_transaction
from schemaops.errors import Place, SchemaOpsError
from schemaops.history.sealing import sealed_text
from schemaops.interop.base import (
    DiskFiles,
    Files,
    ForeignHistory,
    ForeignMigration,
    Format,
    MalformedForeignFile,
    NotSql,
    Passage,
    Settings,
)
from schemaops.interop.folder import FOLDER
from schemaops.interop.formats import UnknownFormat, detected, format_named
from schemaops.interop.programs import PROGRAMS
from schemaops.sql.lexer import TokenKind, UnreadableSql, tokens
from schemaops.sql.split import split

__all__ = [
    "Clean",
    "ClientCommand",
    "Prepared",
    "files_at",
    "foreign_ids",
    "found_in",
    "message_of",
    "prepared",
    "read_foreign",
    "read_with_scratch",
]


class ClientCommand(SchemaOpsError):
    r"""A migration of another tool has a line that is meant for a client, not for the database.

    `psql` and its like understand lines that begin with a backslash, and rows behind `COPY … FROM
    stdin`; no database does. Write it as SQL: `\\i FILE` as what the file says, `\\copy` as INSERT.
    """

    code = "SO477"


@dataclass(frozen=True, slots=True)
class Clean:
    """SQL as it will be sealed, and where in the tool's file it begins."""

    text: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A migration ready to be sealed. `ids` are the tool's ids that it stands for, its own first."""

    source: ForeignMigration
    ids: tuple[str, ...]
    parents: tuple[str, ...]
    up: Clean
    down: Clean | None
    notes: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The tool's id."""
        return self.source.id

    @property
    def joins(self) -> bool:
        """Whether it only joins lines: it has several parents and no statement."""
        return len(self.parents) > 1 and not self.up.text.strip()


def files_at(path: Path, shown: str) -> Files:
    """Return the files of a folder, or of the folder that a file stands in; raise UnknownFormat."""
    if path.is_dir():
        return DiskFiles(path, shown.rstrip("/") or "/")
    if path.is_file():
        folder = shown.rpartition("/")[0] or "."
        return DiskFiles(path.parent, folder, path.name)
    raise UnknownFormat(f"there is no folder {shown}")


def found_in(path: Path, shown: str) -> tuple[Files, Format]:
    """Return the files of the folder named and the format that they have; raise UnknownFormat.

    Where a project is named and not the folder of its migrations, they are looked for below it.
    """
    files = files_at(path, shown)
    named = detected(files)
    if named is not FOLDER or files.focus is not None:
        return files, named
    inner = {one.rpartition("/")[0] for one in files.paths if one.endswith(".sql")}
    below = os.path.commonpath(inner) if "" not in inner else ""
    if below:
        deeper = files_at(path / below, f"{files.shown}/{below}".removeprefix("./"))
        within = detected(deeper)
        if within is not FOLDER:
            return deeper, within
    return files, named


def read_foreign(files: Files, tool: str | None, settings: Settings) -> ForeignHistory:
    """Return the history that a folder holds; raise what is wrong with it."""
    chosen = detected(files) if tool is None else format_named(tool)
    found = chosen.read(files, settings)
    if not found.migrations and not settings.skip:
        raise UnknownFormat(
            f"{files.shown} holds no migration of {chosen.name}",
            hints=(f"schemaops import {files.shown}",),
        )
    return found


@contextmanager
def scratch_for(dialect: str, url: str | None) -> Iterator[Mapping[str, str]]:
    """Give a scratch database for a tool that needs one to write its SQL down."""
    if dialect == "sqlite":
        yield {"NAME": ":memory:"}
        return
    from schemaops.database.embedded import find
    from schemaops.database.scratch import scratch

    with scratch(dialect, url=url) as database:
        at = database.url
        host, port = at.host, at.port
        if at.directory is not None:
            running = find(at.directory)
            host, port = (running.host, running.port) if running else (host, port)
        yield {
            "NAME": at.name or "",
            "HOST": host or "",
            "PORT": port or "",
            "USER": at.user or "",
            "PASSWORD": at.password.reveal() if at.password else "",
        }


def read_with_scratch(
    files: Files, tool: str, settings: Settings, dialect: str, url: str | None
) -> ForeignHistory:
    """Return the history that a folder holds, the tool given a scratch database where it needs one."""
    if tool not in PROGRAMS:
        return read_foreign(files, tool, settings)
    if tool == "alembic":
        try:
            return read_foreign(files, tool, settings)
        except NotSql as error:
            # It may look at the database: then it is shown one.
            try:
                with scratch_for(dialect, url) as given:
                    return read_foreign(files, tool, replace(settings, scratch=given))
            except DatabaseFailure:
                raise error from None
    with scratch_for(dialect, url) as given:
        return read_foreign(files, tool, replace(settings, scratch=given))


def prepared(history: ForeignHistory, dialect: str) -> tuple[Prepared, ...]:
    """Return the migrations that become revisions, in order; raise everything wrong with their SQL."""
    cleaner = _Cleaner(dialect)
    errors: list[SchemaOpsError] = []
    made: dict[str, Prepared] = {}
    # What has no statement is known by what it builds on.
    stands: dict[str, str | None] = {}
    waiting: list[str] = []
    for one in history.migrations:
        try:
            up, notes = cleaner.clean(one.up)
            down, more = (None, ()) if one.down is None else cleaner.clean(one.down)
        except SchemaOpsError as error:
            errors.append(error)
            continue
        parents = _known(stands, one.parents)
        if not up.text.strip() and len(parents) < 2:
            held = parents[0] if parents else None
            stands[one.id] = held
            if held is None:
                waiting += [one.id, *one.stands_for]
            else:
                before = made[held]
                made[held] = replace(before, ids=(*before.ids, one.id, *one.stands_for))
            continue
        ids = (one.id, *one.stands_for, *waiting)
        waiting = []
        stands[one.id] = one.id
        made[one.id] = Prepared(one, ids, parents, up, down, (*one.notes, *notes, *more))
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ExceptionGroup(f"{len(errors)} files cannot be taken over", errors)
    return tuple(made.values())


def _known(stands: Mapping[str, str | None], parents: Iterable[str]) -> tuple[str, ...]:
    found = (stands.get(one) for one in parents)
    return tuple(dict.fromkeys(one for one in found if one is not None))


_TRAILER = re.compile(r"^Imported from (?P<format>[a-z-]+): (?P<id>.+)$", re.MULTILINE)


def message_of(one: Prepared, tool: str) -> str:
    """Return the message of the revision that a migration becomes: its title, and the tool's ids."""
    listed = "\n".join(f"Imported from {tool}: {each}" for each in one.ids)
    title = " ".join(one.source.title.split()) or one.id
    return f"{title}\n\n{listed}"


def foreign_ids(message: str) -> tuple[tuple[str, str], ...]:
    """Return the format and id of each migration of another tool that a message names."""
    return tuple((found["format"], found["id"]) for found in _TRAILER.finditer(message))


@dataclass
class _Cleaner:
    dialect: str
    notes: list[str] = field(default_factory=list)

    def clean(self, passage: Passage) -> tuple[Clean, tuple[str, ...]]:
        """Return the SQL that is to be sealed, and what is to be said of it."""
        try:
            text = self._sealable(passage)
            text = self._without_client_lines(text, passage)
            text, notes = self._without_transactions(text, passage)
        except UnreadableSql as error:
            line = (error.place.line if error.place else None) or 1
            error.place = Place(passage.file, passage.line + line - 1)
            raise
        blank = next(split(text, self.dialect), None) is None
        start = 0 if blank else len(text) - len(text.lstrip("\n"))
        kept = "" if blank else text[start:].rstrip() + "\n"
        return Clean(kept, passage.file, passage.line + text.count("\n", 0, start)), notes

    def _sealable(self, passage: Passage) -> str:
        try:
            return sealed_text(passage.text.encode(), self.dialect, file=passage.file)
        except SchemaOpsError as error:
            if error.place is not None and error.place.line is not None:
                error.place = Place(passage.file, error.place.line + passage.line - 1)
            raise

    def _without_client_lines(self, text: str, passage: Passage) -> str:
        if self.dialect != "postgres" or "\\" not in text:
            return text
        for start, end in reversed(list(_client_lines(text, self.dialect))):
            line = text[start:end]
            if not _HARMLESS.match(line):
                raise ClientCommand(
                    f"`{line.strip()[:40]}` is meant for psql",
                    place=Place(passage.file, passage.line + text.count("\n", 0, start)),
                    hints=("schemaops explain SO477",),
                )
            text = text[:start] + text[end:]
        return text

    def _without_transactions(self, text: str, passage: Passage) -> tuple[str, tuple[str, ...]]:
        found = [
            one
            for one in split(text, self.dialect, file=passage.file)
            if ends_transaction(one.text, self.dialect, transactional=False)
        ]
        for one in reversed(found):
            if one.text.split()[0].upper() in ("ROLLBACK", "ABORT", "PREPARE"):
                raise MalformedForeignFile(
                    f"`{' '.join(one.text.split())[:40]}` takes back what stands before it",
                    place=Place(passage.file, passage.line + one.line - 1),
                )
            end = one.start + len(one.text)
            behind = re.match(r"\s*;", text[end:])
            stop = end + (behind.end() if behind else 0)
            text = text[: one.start] + "\n" * text.count("\n", one.start, stop) + text[stop:]
        if len(found) > 2:
            return text, (
                (
                    f"{passage.file}:{passage.line} has several transactions: a replay makes one of them "
                    "where it can"
                ),
            )
        return text, ()


_HARMLESS = re.compile(
    r"\\(?:restrict|unrestrict|echo|qecho|timing|pset|encoding|set\s+ON_ERROR_|unset|x\b|q\b)"
)


def _client_lines(text: str, dialect: str) -> Iterator[tuple[int, int]]:
    """Yield where lines for psql start and end: those that begin with a backslash, literals apart."""
    done = 0
    at = 0
    while True:
        for token in tokens(text, dialect, start=at):
            if token.kind is not TokenKind.SYMBOL or not token.text.startswith("\\"):
                continue
            start = text.rfind("\n", 0, token.start) + 1
            if token.start < done or text[start : token.start].strip():
                continue
            end = text.find("\n", token.start)
            done = end = len(text) if end < 0 else end
            yield token.start, end
            # What stands on such a line need not be SQL at all.
            at = end
            break
        else:
            return
