"""A throwaway database to rehearse in: SQLite in memory, a PostgreSQL of our own, a server given.

Our own PostgreSQL is one a user, in the user's cache directory. Every process that uses it holds a
shared lock on a file; the last one to end stops it.
"""

from __future__ import annotations

import atexit
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemaops.database import embedded
from schemaops.database.connect import Database, open_database
from schemaops.database.failures import DatabaseFailure
from schemaops.database.filelock import FileLock
from schemaops.database.urls import Url, read_url

__all__ = ["PREFIX", "ScratchMissing", "scratch"]

PREFIX = "schemaops_scratch_"
"""What the names of the databases begin with that are made here, used, and dropped."""


class ScratchMissing(DatabaseFailure):
    """There is no scratch database for the dialect.

    SQLite needs nothing, and PostgreSQL comes with SchemaOps. For MySQL and MariaDB, or where
    another PostgreSQL is wanted (its version, its extensions), name a server in
    `.schemaops/config.toml` as `scratch = "$VARIABLE"`, whose user may create databases.
    SchemaOps creates one of its own there and drops it again; it touches no other.
    """

    code = "SO613"


@contextmanager
def scratch(dialect: str, *, url: str | None = None) -> Iterator[Database]:
    """Give a new, empty database that is gone after the block, on the server of `url` where one is
    given; raise ScratchMissing where there is none."""
    if dialect == "sqlite":
        database = open_database("sqlite://")
        try:
            yield database
        finally:
            database.close()
        return
    if url is not None:
        server = read_url(url)
        if server.dialect != dialect:
            raise ScratchMissing(f"the scratch server is for {server.dialect}, not for {dialect}")
    elif dialect == "postgres":
        server = _our_own(_cache() / f"scratch-postgres-{embedded.release()}")
    else:
        raise ScratchMissing(f"no server is configured for scratch databases of {dialect}")
    with _database_on(server) as database:
        yield database


@contextmanager
def _database_on(server: Url) -> Iterator[Database]:
    name = f"{PREFIX}{secrets.token_hex(8)}"
    if server.dialect == "mysql":
        create, drop = f"CREATE DATABASE {name}", f"DROP DATABASE {name}"
        administrator = Database(server)
    else:
        create = f"CREATE DATABASE {name} TEMPLATE template0"
        drop = f"DROP DATABASE {name} WITH (FORCE)"
        administrator = Database(server if server.name else server.on("postgres"))
        if server.directory is not None:
            create += " ENCODING 'UTF8' LOCALE 'C'"
    with administrator.connect() as connection:
        connection.execute(create)
    try:
        yield Database(server.on(name))
    finally:
        with administrator.connect() as connection:
            connection.execute(drop)


_USED: dict[Path, FileLock] = {}


def _our_own(directory: Path) -> Url:
    server = read_url(f"postgres-embedded:///{directory}?database=postgres")
    lock = FileLock(directory.with_name(f"{directory.name}.lock"))
    if directory in _USED:
        if embedded.find(directory) is None:
            embedded.start(directory)
        return server
    directory.parent.mkdir(parents=True, exist_ok=True)
    if lock.take_alone():
        embedded.start(directory)
        _tidy(server)
        lock.release()
    lock.take_shared()
    _USED[directory] = lock
    atexit.register(_leave, directory, os.getpid())
    if embedded.find(directory) is None:
        embedded.start(directory)
    return server


def _tidy(server: Url) -> None:
    """Drop what killed processes left, and trade durability, which nobody needs here, for speed."""
    with Database(server).connect() as connection:
        left = connection.query(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", [PREFIX + "%"]
        )
        for (name,) in left:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


def _leave(directory: Path, process: int) -> None:
    # A child that was forked inherits the list of what to do at the end, but not the use.
    if process != os.getpid():
        return
    lock = _USED.pop(directory)
    # Of two that leave in one moment each sees the other; so look again after having left.
    lock.release()
    if lock.take_alone():
        embedded.stop(directory)
        lock.release()


def _cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "schemaops"
