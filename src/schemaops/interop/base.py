"""A history that another tool keeps, as a value: its migrations, their SQL, and where that stands.

A reader of a tool's files never guesses: what the tool itself would refuse is an error with its
file and line, and so is what is not SQL.
"""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from schemaops.errors import Cause, Place, SchemaOpsError

__all__ = [
    "ENGINES",
    "DiskFiles",
    "Files",
    "ForeignFileAltered",
    "ForeignHistory",
    "ForeignMigration",
    "Format",
    "MalformedForeignFile",
    "NotSql",
    "Passage",
    "Settings",
    "TwinMigrations",
    "chained",
    "for_dialect",
    "natural",
    "refuse_twins",
    "titled",
]


class MalformedForeignFile(SchemaOpsError):
    """A file of another tool's history is not as that tool writes it.

    The message says what is wrong and where. Mend the file, or name the format that it has:
    `schemaops import FORMAT DIR`. Nothing was written.
    """

    code = "SO471"


class TwinMigrations(SchemaOpsError):
    """Two migrations of another tool's history have one version.

    The tool itself would refuse them, or run only one of them: mostly two branches took the same
    number. Give one of them a number of its own, as the tool wants it, and import again.
    """

    code = "SO472"
    cause = Cause.DECISION


class NotSql(SchemaOpsError):
    """A migration of another tool's history is not written in SQL.

    What a program does can be known only by running it. Write the migration's SQL into a file of the
    tool's own form beside it, or leave the migration out: `schemaops import FORMAT DIR --skip ID`.
    """

    code = "SO473"
    cause = Cause.DECISION


class ForeignFileAltered(SchemaOpsError):
    """A file is not the one that another tool's sum file vouches for.

    Somebody edited a migration after it was added, or two branches met. Look at the file; if it is
    as it should be, let the tool write the sums again (`atlas migrate hash`). Nothing was written.
    """

    code = "SO474"
    cause = Cause.DECISION


@dataclass(frozen=True, slots=True)
class Passage:
    """SQL as it stands in a file, and the line on which it begins."""

    text: str
    file: str
    line: int = 1

    def place(self, offset: int = 0) -> Place:
        """Return where a character of the text is."""
        return Place(self.file, self.line + self.text.count("\n", 0, offset))


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignMigration:
    """One migration of another tool. `id` is how the tool's version table names it, `parents` are
    the ids it builds on; `whole` says that it holds the schema of all ids in `stands_for`."""

    id: str
    title: str
    up: Passage
    down: Passage | None = None
    parents: tuple[str, ...] = ()
    author: str | None = None
    date: str | None = None
    checksum: str | None = None
    whole: bool = False
    stands_for: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForeignHistory:
    """The migrations of another tool in the order in which it runs them, and what is to be said."""

    format: str
    migrations: tuple[ForeignMigration, ...]
    dialect: str | None = None
    notes: tuple[str, ...] = ()


class Files(ABC):
    """The files of a folder. `shown` is the folder as messages name it, `focus` the one file that
    was named in place of the folder."""

    def __init__(self, shown: str, focus: str | None = None) -> None:
        self.shown = shown
        self.focus = focus

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The paths of all files within the folder, in order, parts apart by `/`."""
        return tuple(sorted(self._listed(), key=natural))

    @abstractmethod
    def _listed(self) -> Iterable[str]:
        """Return the paths of all files."""

    @abstractmethod
    def data(self, path: str) -> bytes:
        """Return a file's bytes."""

    @property
    def folder(self) -> Path | None:
        """Where the folder is on disk, None where it is in a tree of git."""
        return None

    def name(self, path: str) -> str:
        """Return a file's name as messages have it."""
        return path if self.shown in ("", ".") else f"{self.shown}/{path}"

    def text(self, path: str) -> str:
        """Return a file's text; raise MalformedForeignFile where it is not UTF-8."""
        data = self.data(path).removeprefix(b"\xef\xbb\xbf")
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise MalformedForeignFile(
                f"the byte 0x{data[error.start]:02x} is not UTF-8",
                place=Place(self.name(path), line),
            ) from error

    def passage(self, path: str) -> Passage:
        """Return a whole file as a passage."""
        return Passage(self.text(path), self.name(path))

    def named(self, pattern: str) -> Iterator[tuple[str, re.Match[str]]]:
        """Yield the files of the folder itself whose names fit, with the match."""
        for path in self.paths:
            found = re.fullmatch(pattern, path)
            if found and "/" not in path:
                yield path, found


_PASSED_OVER = frozenset({"node_modules", "__pycache__", "target", "venv", "site-packages"})


class DiskFiles(Files):
    """The files of a folder on disk."""

    def __init__(self, folder: Path, shown: str, focus: str | None = None) -> None:
        super().__init__(shown, focus)
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where the folder is."""
        return self._folder

    def _listed(self) -> Iterator[str]:
        for at, folders, names in os.walk(self._folder):
            folders[:] = [
                one for one in folders if not one.startswith(".") and one not in _PASSED_OVER
            ]
            within = Path(at).relative_to(self._folder)
            yield from ((within / name).as_posix() for name in names)

    def data(self, path: str) -> bytes:
        """Return a file's bytes."""
        try:
            return (self._folder / path).read_bytes()
        except OSError as error:
            raise MalformedForeignFile(
                f"it cannot be read: {(error.strerror or str(error)).lower()}",
                place=Place(self.name(path)),
            ) from error


@dataclass(frozen=True, slots=True)
class Settings:
    """What a reader may be told: the dialect where it is known, values of placeholders, ids to leave
    out, and how the tool's own program is called."""

    dialect: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    skip: frozenset[str] = frozenset()
    program: tuple[str, ...] = ()
    scratch: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """A tool's way to keep a history: its name, whether files look like it, and its reader."""

    name: str
    fits: Callable[[Files], bool]
    read: Callable[[Files, Settings], ForeignHistory]


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key by which 2 comes before 10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", text)
    return tuple((0, int(one), one) if one.isdigit() else (1, 0, one) for one in parts)


def titled(name: str) -> str:
    """Return a file's words as a title."""
    words = re.sub(r"[_\-\s]+", " ", name).strip()
    return words[:1].upper() + words[1:] if words else ""


ENGINES = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "pg": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
}
"""What folders and files are called that are meant for one dialect."""


def for_dialect(paths: Iterable[str], dialect: str | None) -> list[str]:
    """Return the paths without those in folders that are meant for other dialects."""
    listed = list(paths)
    meant = {path: _meant_for(path) for path in listed}
    if dialect is None or len(set(meant.values()) - {None}) < 2:
        return listed
    return [path for path in listed if meant[path] in (None, dialect)]


def _meant_for(path: str) -> str | None:
    found = (ENGINES.get(part.lower()) for part in path.split("/")[:-1])
    return next((one for one in found if one is not None), None)


def chained(migrations: Iterable[ForeignMigration]) -> tuple[ForeignMigration, ...]:
    """Return the migrations, each built on the one before it."""
    found: list[ForeignMigration] = []
    for one in migrations:
        found.append(replace(one, parents=(found[-1].id,) if found else ()))
    return tuple(found)


def refuse_twins(found: Iterable[tuple[str, str]], what: str = "version") -> None:
    """Raise TwinMigrations where two files (each with its version) have one version."""
    seen: dict[str, str] = {}
    for version, file in found:
        if version in seen:
            raise TwinMigrations(
                f"{what} {version} is also that of {seen[version]}", place=Place(file)
            )
        seen[version] = file


def kept(migrations: Iterable[ForeignMigration], skip: frozenset[str]) -> list[ForeignMigration]:
    """Return the migrations without those to leave out."""
    return [one for one in migrations if one.id not in skip]


def refuse_programs(files: Files, pattern: str, skip: frozenset[str], language: str) -> None:
    """Raise NotSql for the first file of the folder that is a migration in another language."""
    for path in files.paths:
        found = re.fullmatch(pattern, path.rpartition("/")[2])
        if found and found["version"] not in skip and not path.endswith("_test.go"):
            raise NotSql(
                f"migration {found['version']} is written in {language}",
                place=Place(files.name(path)),
                hints=(f"schemaops import {files.shown} --skip {found['version']}",),
            )
