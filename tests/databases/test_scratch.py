"""Scratch databases are empty, one's own, and gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemaops.database import embedded
from schemaops.database.connect import Database, open_database
from schemaops.database.scratch import PREFIX, ScratchMissing, scratch
from schemaops.errors import Cause
from tests.engines import Server


def _exists(database: Database) -> bool:
    name = database.url.name
    asked = {
        "postgres": "SELECT count(*) FROM pg_database WHERE datname = %s",
        "mysql": "SELECT count(*) FROM information_schema.schemata WHERE schema_name = %s",
    }
    with Database(
        database.url.on("postgres" if database.dialect == "postgres" else None)
    ).connect() as administrator:
        ((count,),) = administrator.query(asked[database.dialect], [name])
    return bool(count)


@pytest.fixture(params=["postgres_server", "mariadb_server"])
def server(request: pytest.FixtureRequest) -> Server:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Server)
    return found


def test_in_memory() -> None:
    with scratch("sqlite") as one, scratch("sqlite") as two:
        with one.connect() as connection:
            connection.execute("CREATE TABLE t (id)")
        with two.connect() as connection:
            assert connection.query("SELECT count(*) FROM sqlite_master") == [(0,)]


def test_on_a_server_that_is_given(server: Server) -> None:
    url = server.url.render_as_string(hide_password=False)
    with scratch(server.dialect, url=url) as one:
        assert (one.url.name or "").startswith(PREFIX)
        with one.connect() as connection:
            connection.execute("CREATE TABLE t (id INT)")
            assert _exists(one)
    assert not _exists(one)


def test_it_is_gone_when_the_block_raises(server: Server) -> None:
    url = server.url.render_as_string(hide_password=False)
    with pytest.raises(ZeroDivisionError), scratch(server.dialect, url=url) as one:
        raise ZeroDivisionError
    assert not _exists(one)


def test_there_is_none() -> None:
    with pytest.raises(ScratchMissing) as caught, scratch("mysql"):
        pass
    assert caught.value.cause is Cause.WORLD
    elsewhere = scratch("postgres", url="mysql://root@localhost/")
    with pytest.raises(ScratchMissing, match="for mysql"), elsewhere:
        pass


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    directory = tmp_path / "schemaops" / f"scratch-postgres-{embedded.release()}"
    yield directory
    embedded.stop(directory)


_USES_ONE = """
import sys
from schemaops.database.scratch import scratch
with scratch("postgres") as database:
    with database.connect() as connection:
        connection.execute("CREATE TABLE t (id int)")
    print(database.url.name, flush=True)
    sys.stdin.readline()
"""


def _start() -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _USES_ONE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_processes_share_a_server_that_ends_with_the_last(cache: Path) -> None:
    one, first = _start()
    two, second = _start()
    assert first.startswith(PREFIX)
    assert second.startswith(PREFIX)
    assert first != second
    one.communicate("\n")
    assert one.returncode == 0
    assert embedded.find(cache) is not None
    two.communicate("\n")
    assert two.returncode == 0
    assert embedded.find(cache) is None


def test_what_a_killed_process_left_is_tidied_away(cache: Path) -> None:
    killed, left = _start()
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    server = open_database(f"postgres-embedded:///{cache}?database={left}")
    assert _exists(server)

    next_one, _ = _start()
    assert not _exists(server)
    next_one.communicate("\n")
    assert next_one.returncode == 0
    assert embedded.find(cache) is None
