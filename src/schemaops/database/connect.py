"""A URL → a Database, and new sessions with it; the only place that opens connections.

No secret gets out: a `Database` shows its URL masked, and a driver's error is never raised on.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import cast
from urllib.parse import quote

from schemaops.database import embedded
from schemaops.database.failures import NoSuchDatabase, StatementRefused, failure_of
from schemaops.database.sessions import (
    Connection,
    Limits,
    MySqlConnection,
    PostgresConnection,
    Row,
    Server,
    SqliteConnection,
)
from schemaops.database.urls import Secret, Url, UrlNotUnderstood, read_url
from schemaops.errors import SchemaOpsError

__all__ = ["Connection", "Database", "Limits", "Row", "Server", "open_database"]

_CONNECT_SECONDS = 10


class Database:
    """A database by its URL; nothing is connected before it is asked for."""

    def __init__(self, url: Url) -> None:
        self.url = url
        self._kept: sqlite3.Connection | None = None

    @property
    def dialect(self) -> str:
        """The dialect the database speaks."""
        return self.url.dialect

    @property
    def shown(self) -> str:
        """Its URL, without the password."""
        return self.url.shown

    def connect(self, *, create: bool = False, read_only: bool = False) -> Connection:
        """Return a new session; raise DatabaseFailure. Only with `create` a missing SQLite file, or
        database of an embedded server, is made."""
        match self.dialect:
            case "sqlite":
                connection: Connection = self._sqlite(create)
                connection.execute(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")
            case "mysql":
                connection = _mysql(self.url)
                if read_only:
                    connection.execute("SET SESSION TRANSACTION READ ONLY")
            case _:
                connection = _postgres(self.url, create=create, read_only=read_only)
        return connection

    def close(self) -> None:
        """Forget a database in memory."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def __repr__(self) -> str:
        return f"Database({self.shown!r})"

    def _sqlite(self, create: bool) -> SqliteConnection:
        if self.url.name is None:
            if self._kept is None:
                self._kept = sqlite3.connect(":memory:", isolation_level=None)
            return SqliteConnection(self.url, self._kept, kept=True)
        return _sqlite_file(self.url, Path(self.url.name), create)


def open_database(url: str, *, relative_to: Path | None = None) -> Database:
    """Return the database of a URL, paths in it being `relative_to` a directory; raise
    UrlNotUnderstood."""
    return Database(read_url(url, relative_to=relative_to))


def _sqlite_file(url: Url, file: Path, create: bool) -> SqliteConnection:
    if not create and not file.exists():
        raise NoSuchDatabase(f"{url.shown}: there is no such file")
    raw = None
    try:
        if create:
            file.parent.mkdir(parents=True, exist_ok=True)
        where = f"file:{quote(str(file))}?mode={'rwc' if create else 'rw'}"
        raw = sqlite3.connect(where, uri=True, isolation_level=None)
        # SQLite opens anything, and finds out what it is when it first reads.
        raw.execute("PRAGMA schema_version").fetchall()
        return SqliteConnection(url, raw, kept=False)
    except (sqlite3.Error, OSError) as error:
        failure = failure_of(error, url, connecting=True)
    if raw is not None:
        raw.close()
    raise failure


def _mysql(url: Url) -> MySqlConnection:
    import pymysql

    options = dict(url.options)
    encryption: dict[str, object] = {
        key: options[key] for key in ("ssl_ca", "ssl_cert", "ssl_key") if key in options
    }
    if "unix_socket" in options and not encryption:
        # Nobody listens in on a socket, and reading the system's certificates takes a while.
        encryption["ssl_disabled"] = True
    try:
        raw = pymysql.connect(
            host=url.host or "localhost",
            port=int(url.port or 3306),
            user=url.user,
            password=url.password.reveal() if url.password else "",
            database=url.name,
            unix_socket=cast("str | None", options.get("unix_socket")),
            charset=str(options.get("charset", "utf8mb4")),
            connect_timeout=int(str(options.get("connect_timeout", _CONNECT_SECONDS))),
            autocommit=True,
            program_name="schemaops",
            **encryption,
        )
        return MySqlConnection(url, raw)
    except (pymysql.err.MySQLError, OSError, RuntimeError, ValueError, LookupError) as error:
        failure = failure_of(error, url, connecting=True)
    raise failure


def _postgres(url: Url, *, create: bool = False, read_only: bool = False) -> PostgresConnection:
    if url.directory is None:
        return _postgres_at(url, url.host, url.port, read_only)
    running = embedded.find(url.directory)
    if running is None:
        if not create and not (url.directory / "PG_VERSION").exists():
            raise NoSuchDatabase(f"{url.shown}: there is no server in that directory")
        running = embedded.start(url.directory)
    try:
        return _postgres_at(url, running.host, running.port, read_only)
    except NoSuchDatabase:
        if not create:
            raise
    with _postgres_at(url.on("postgres"), running.host, running.port, False) as connection:
        quoted = (url.name or "").replace('"', '""')
        try:
            connection.execute(f'CREATE DATABASE "{quoted}" TEMPLATE template0')
        except StatementRefused as refused:
            # Another process was first: it exists, or is being made under the same name.
            if refused.sqlstate not in ("42P04", "23505"):
                raise
    return _postgres_at(url, running.host, running.port, read_only)


def _postgres_at(
    url: Url, host: str | None, port: str | None, read_only: bool
) -> PostgresConnection:
    import psycopg
    from psycopg.conninfo import make_conninfo

    try:
        raw = psycopg.connect(
            make_conninfo("", **_parameters(url, host, port, read_only)),
            autocommit=True,
            prepare_threshold=None,
        )
        return PostgresConnection(url, raw)
    except psycopg.ProgrammingError as error:
        answer = failure_of(error, url, connecting=True).message
        failure: SchemaOpsError = UrlNotUnderstood(answer)
    except psycopg.Error as error:
        failure = failure_of(error, url, connecting=True)
    raise failure


def _parameters(url: Url, host: str | None, port: str | None, read_only: bool) -> dict[str, str]:
    wanted: dict[str, str | Secret | None] = {
        "connect_timeout": str(_CONNECT_SECONDS),
        "application_name": "schemaops",
        "client_encoding": "UTF8",
        "host": host,
        "port": port,
        "user": url.user,
        "password": url.password,
        "dbname": url.name,
        **dict(url.options),
    }
    if read_only:
        given = wanted.get("options") or ""
        wanted["options"] = f"{given} -c default_transaction_read_only=on".strip()
    return {
        key: value.reveal() if isinstance(value, Secret) else value
        for key, value in wanted.items()
        if value is not None
    }
