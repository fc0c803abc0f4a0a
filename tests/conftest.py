"""What every test runs in: a hermetic environment, hypothesis profiles, engines, a closing word.

Environment variables that matter: ``SCHEMAOPS_REQUIRE=mysql`` (a list of dialects) makes a missing
engine a failure where it would be a skip; ``SCHEMAOPS_POSTGRES_URL`` and ``SCHEMAOPS_MARIADB_URL``
name servers to use in place of private ones.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import engines
from tests.engines import AbsentError, Server, fresh_database

_NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL", "mysql": "MariaDB"}
_NOT_HERE = "is not here: "
_OURS = {"SCHEMAOPS_REQUIRE", "SCHEMAOPS_POSTGRES_URL", "SCHEMAOPS_MARIADB_URL"}


def _shut_the_user_out() -> None:
    """Leave nothing of the user's own: git's configuration, a hook's git variables, colours."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "SCHEMAOPS_")) and name not in _OURS:
            del os.environ[name]
    home = Path(tempfile.gettempdir(), f"schemaops-home-{os.getuid()}")
    runtime = home / "run"
    for directory in (home, runtime, runtime / "python_PostgresServer"):
        directory.mkdir(mode=0o700, exist_ok=True)
        directory.chmod(0o700)
    os.environ.update(
        HOME=str(home),
        XDG_CONFIG_HOME=str(home / "config"),
        XDG_CACHE_HOME=str(home / "cache"),
        # The embedded server keeps its lock there, and else in a file that all users would share.
        XDG_RUNTIME_DIR=str(runtime),
        GIT_CONFIG_NOSYSTEM="1",
        GIT_CONFIG_GLOBAL=os.devnull,
        GIT_AUTHOR_NAME="Ada Example",
        GIT_AUTHOR_EMAIL="ada@example.org",
        GIT_COMMITTER_NAME="Ada Example",
        GIT_COMMITTER_EMAIL="ada@example.org",
        GIT_TERMINAL_PROMPT="0",
        COLUMNS="100",
        NO_COLOR="1",
        TERM="dumb",
        LC_ALL="C.UTF-8",
        TZ="UTC",
    )
    os.environ.pop("FORCE_COLOR", None)


_shut_the_user_out()

# No database of earlier examples and no clock: the suite gives the same answer everywhere.
settings.register_profile(
    "suite",
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# `make test ARGS=--hypothesis-profile=deep`: new examples every time, and many of them.
settings.register_profile(
    "deep",
    max_examples=2_000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let cases be written anew from what the code does now."""
    parser.addoption(
        "--update-cases", action="store_true", help="rewrite the outputs in fixtures/; review them"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a requirement that no fixture would look at, and make what workers would race for."""
    unknown = _required() - _NAMES.keys()
    if unknown:
        raise pytest.UsageError(
            f"SCHEMAOPS_REQUIRE names {', '.join(sorted(unknown))}; it takes {', '.join(_NAMES)}"
        )
    if not hasattr(config, "workerinput"):
        engines.ensure_postgres_user()


def _required() -> set[str]:
    return {name.strip() for name in os.environ.get("SCHEMAOPS_REQUIRE", "").split(",")} - {""}


def _started(dialect: str) -> Iterator[Server]:
    try:
        server = engines.start(dialect)
    except AbsentError as absent:
        reason = f"{_NAMES[dialect]} {_NOT_HERE}{absent}"
        if dialect in _required():
            pytest.fail(f"{reason} (SCHEMAOPS_REQUIRE asks for it)", pytrace=False)
        pytest.skip(reason)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def sqlite_server() -> Iterator[Server]:
    """A folder for SQLite's files, in the shape of a server."""
    yield from _started("sqlite")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL of this test process."""
    yield from _started("postgres")


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[Server]:
    """A MariaDB of this test process; skips, or fails where it is required."""
    yield from _started("mysql")


@pytest.fixture(scope="session", params=engines.DIALECTS)
def engine_server(request: pytest.FixtureRequest) -> Server:
    """Each engine in turn; property tests take databases from it with `fresh_database`."""
    names = {"sqlite": "sqlite_server", "postgres": "postgres_server", "mysql": "mariadb_server"}
    server = request.getfixturevalue(names[request.param])
    assert isinstance(server, Server)
    return server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a new, empty SQLite database."""
    return f"sqlite:///{tmp_path / 'database.sqlite'}"


@pytest.fixture
def postgres_url(postgres_server: Server) -> Iterator[str]:
    """The URL of a new, empty PostgreSQL database."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture
def mysql_url(mariadb_server: Server) -> Iterator[str]:
    """The URL of a new, empty MariaDB database."""
    with fresh_database(mariadb_server) as url:
        yield url


@pytest.fixture
def engine_url(engine_server: Server) -> Iterator[str]:
    """The URL of a new, empty database, on each engine in turn."""
    with fresh_database(engine_server) as url:
        yield url


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end which engines were not there, and how much was skipped for it."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and _NOT_HERE in report.longrepr[2]
    )
    for reason, count in sorted(reasons.items()):
        engine, way = reason.split(f" {_NOT_HERE}")
        noun = "test" if count == 1 else "tests"
        terminalreporter.write_line(
            f"{engine}: not here, {count} {noun} skipped ({way})", yellow=True, bold=True
        )
