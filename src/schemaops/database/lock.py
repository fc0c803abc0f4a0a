"""One replay at a time: a lock that the database, or the system, gives back when its holder dies.

On PostgreSQL and MySQL it belongs to the session that executes, so it is also held while a server
still works for a client that was killed. Beside an SQLite file it is a file.
"""

from __future__ import annotations

import hashlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from schemaops.database import ledger
from schemaops.database.failures import DatabaseFailure, NoRights
from schemaops.database.filelock import FileLock
from schemaops.database.sessions import Connection

__all__ = ["ReplayRunning", "describe_holder", "locked"]

# Advisory locks have numbers: this is ours, in every database.
_NUMBER = 0x5C4E_3A05_0002
_BETWEEN_LOOKS = 0.05


class ReplayRunning(DatabaseFailure):
    """Another replay is working on this database.

    Two at once would each stand on what the other changes, so the second waits a little and gives
    up. Wait for the other to end. One that was killed gives the lock back at once on SQLite; on a
    server, when the server has ended the statement that was under way.
    """

    code = "SO523"

    def __init__(self, holder: str | None, hints: tuple[str, ...] = ()) -> None:
        by = f" by {holder}" if holder else ""
        super().__init__(f"another replay{by} is working on this database")
        self.hints = hints
        self.holder = holder


def describe_holder(who: str, at: str) -> str:
    """Return what others are told of who holds the lock."""
    return f"{who}, on {socket.gethostname()}, process {os.getpid()}, since {at}"


@contextmanager
def locked(
    connection: Connection, holder: str, *, wait: float, hints: tuple[str, ...] = ()
) -> Iterator[None]:
    """Hold the database's lock for a block; raise ReplayRunning when it is not free in `wait`
    seconds."""
    match connection.dialect:
        case "sqlite":
            with _file_locked(connection, holder, wait, hints):
                yield
            return
        case "postgres":
            take = f"SELECT pg_try_advisory_lock({_NUMBER})"
            give = f"SELECT pg_advisory_unlock({_NUMBER})"
        case _:
            name = _name(connection)
            take, give = f"SELECT GET_LOCK('{name}', 0)", f"SELECT RELEASE_LOCK('{name}')"
    if not _within(wait, lambda: bool(connection.query(take)[0][0])):
        raise ReplayRunning(ledger.holder(connection), hints)
    try:
        yield
    finally:
        try:
            connection.query(give)
        except DatabaseFailure:
            # The session is over, and the lock with it.
            connection.close()


@contextmanager
def _file_locked(
    connection: Connection, holder: str, wait: float, hints: tuple[str, ...]
) -> Iterator[None]:
    if connection.url.name is None:
        yield
        return
    file = Path(connection.url.name).resolve()
    lock = FileLock(file.with_name(f"{file.name}.schemaops-lock"))
    try:
        taken = _within(wait, lock.take_alone)
    except OSError:
        taken = None
    if taken is None:
        raise NoRights(f"no file can be written beside {connection.url.shown}")
    if not taken:
        raise ReplayRunning(lock.read() or None, hints)
    try:
        lock.write(holder)
        yield
    finally:
        lock.release(remove=True)


def _within(wait: float, take: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + wait
    while not take():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_BETWEEN_LOOKS)
    return True


def _name(connection: Connection) -> str:
    # Names of locks are the server's, of 64 characters at most, and without case.
    return "schemaops-" + hashlib.sha256((connection.url.name or "").encode()).hexdigest()[:40]
