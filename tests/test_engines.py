"""The engines that other tests stand on: each starts, gives empty databases, and leaves nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from tests.engines import Server, fresh_database


def test_a_fresh_database_is_empty_and_its_own(engine_server: Server) -> None:
    with fresh_database(engine_server) as one, fresh_database(engine_server) as two:
        assert one != two
        for url in (one, two):
            engine = create_engine(url)
            with engine.begin() as connection:
                assert inspect(connection).get_table_names() == []
                connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY)"))
            engine.dispose()


_SCHEMES = {"sqlite": "sqlite", "postgres": "postgresql+psycopg", "mysql": "mysql+pymysql"}


def test_a_url_names_its_driver(engine_server: Server, engine_url: str) -> None:
    assert engine_url.startswith(f"{_SCHEMES[engine_server.dialect]}:")


_KILLED = """
import os, signal
from tests import engines
server = engines.start({dialect!r})
print(server.url.query.get("host") or server.url.query["unix_socket"], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
def test_a_server_does_not_outlive_a_process_that_is_killed(
    dialect: str, request: pytest.FixtureRequest
) -> None:
    if dialect == "mysql":
        request.getfixturevalue("mariadb_server")
    ran = subprocess.run(
        [sys.executable, "-c", _KILLED.format(dialect=dialect)],
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "SCHEMAOPS_POSTGRES_URL": "", "SCHEMAOPS_MARIADB_URL": ""},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert ran.returncode == -signal.SIGKILL
    directory = Path(ran.stdout.strip()).parent
    assert directory.name.startswith("schemaops-")
    while directory.exists():
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("required", "code", "said"),
    [
        ("", 0, "MariaDB: not here, 1 test skipped (install mariadb-server, or set"),
        ("mysql", 1, "MariaDB is not here: install mariadb-server"),
        ("mariadb", 4, "SCHEMAOPS_REQUIRE names mariadb; it takes sqlite, postgres, mysql"),
    ],
)
def test_a_missing_engine_is_said_or_fails(
    tmp_path: Path, required: str, code: int, said: str
) -> None:
    (tmp_path / "without_mariadb.py").write_text(
        "import tests.engines\ntests.engines._program = lambda name: None\n"
    )
    root = Path(__file__).parent.parent
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "SCHEMAOPS_REQUIRE": required}
    environment.pop("SCHEMAOPS_MARIADB_URL", None)
    test = f"{__file__}::test_a_url_names_its_driver"
    options = ["-p", "without_mariadb", "-p", "no:cacheprovider", "-k", "mysql"]
    # Where it is left to choose, pytest closes its folder to the user that embedded servers run as.
    options.append(f"--basetemp={tmp_path / 'within'}")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, test],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == code, ran.stdout
    assert said in ran.stdout + ran.stderr
