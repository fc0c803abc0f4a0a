"""Scripts as the plumbing takes them: read from a file or standard input, and interpreted."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from schemaops.commands.workspace import open_workspace
from schemaops.config import DIALECTS, NoConfig
from schemaops.errors import Cause, Place, SchemaOpsError
from schemaops.store.directory import NoFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from schemaops.schema.state import Schema
    from schemaops.sql.interpret import Effect, Fault, Interpretation
    from schemaops.sql.split import Statement

__all__ = [
    "NoDialect",
    "Script",
    "UnreadableFile",
    "dialect_for",
    "interpreted",
    "raise_faults",
    "read_bytes",
    "read_script",
]


class UnreadableFile(SchemaOpsError):
    """A file that was named cannot be read, or is not text in UTF-8.

    Look at the path, and at the rights of the file; `-` stands for standard input.
    """

    code = "SO711"


class NoDialect(SchemaOpsError):
    """A command has to read SQL and was not told of which dialect.

    Add `--dialect postgres` (or `mysql`, `sqlite`). Within a project the configuration
    (`.schemaops/config.toml`) says it once and for all.
    """

    code = "SO712"
    cause = Cause.USAGE


@dataclass(frozen=True, slots=True)
class Script:
    """A text of SQL, the name of the file it is in (`-` for standard input), and the line of that
    file on which it begins."""

    name: str
    text: str
    first_line: int = 1

    def place(self, line: int | None = 1) -> Place:
        """Return where in the file a line of the text is."""
        return Place(self.name, None if line is None else line + self.first_line - 1)


def read_bytes(path: str) -> bytes:
    """Return what a file or standard input holds; raise UnreadableFile."""
    try:
        return _standard_input() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnreadableFile(f"{path} cannot be read: {reason}", place=Place(path)) from error


_read: list[object] = []


def _standard_input() -> bytes:
    """Return what standard input holds; raise UnreadableFile where it was read before."""
    if any(each is sys.stdin for each in _read):
        raise UnreadableFile("standard input can be read once only", place=Place("-"))
    _read[:] = [sys.stdin]
    return sys.stdin.buffer.read()


def read_script(path: str) -> Script:
    """Return the script at a path, without a byte order mark; raise UnreadableFile."""
    data = read_bytes(path)
    nul = data.find(b"\0")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UnreadableFile(f"{path} is not text in UTF-8", place=Place(path, line)) from error
    if nul >= 0:
        place = Place(path, data.count(b"\n", 0, nul) + 1)
        raise UnreadableFile(f"{path} has a NUL byte, so it is no text of SQL", place=place)
    return Script(path, text)


def interpreted(
    script: Script,
    before: Schema,
    effects: Mapping[str, Effect] | None = None,
    search_path: tuple[str, ...] = (),
    *,
    blind: bool = False,
    statements: Iterable[Statement] | None = None,
) -> Interpretation:
    """Return what a script comes to; raise every fault of it at once. `statements` are its own, where
    it is split already."""
    from schemaops.sql.interpret import interpret

    found = interpret(
        script.text if statements is None else statements,
        before,
        effects=effects,
        file=script.name,
        search_path=search_path,
        blind=blind,
    )
    raise_faults(found.faults, script)
    return found


def raise_faults(faults: Iterable[Fault], script: Script) -> None:
    """Raise the errors of all statements that the database would refuse, where there are any."""
    errors = []
    for fault in faults:
        fault.error.place = script.place((fault.error.place or fault.place).line)
        errors.append(fault.error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ExceptionGroup(f"{len(errors)} statements are at fault", errors)


def dialect_for(given: str | None, start: Path, retry: str) -> str:
    """Return the dialect given, or else the configuration's; raise NoDialect, UnknownDialect.

    `retry` is the command as it was typed, to be typed again with a dialect.
    """
    from schemaops.sql.dialects import dialect

    if given is not None:
        return dialect(given).name
    try:
        return open_workspace(start).dialect
    except (NoFolder, NoConfig):
        raise NoDialect(
            "the dialect of the SQL is not known",
            hints=tuple(f"{retry} --dialect {one}" for one in DIALECTS),
        ) from None
