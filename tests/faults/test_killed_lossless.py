"""A lossless replay that is killed, there or on its way back: nothing is lost, nothing half kept."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from schemaops.commands import archive as use
from schemaops.commands.replay import Wanted, replay
from schemaops.commands.workspace import Workspace
from schemaops.database.connect import Database, open_database
from schemaops.database.observe import observe
from schemaops.database.rows import RowsOf, differences, read_rows
from tests.databases.test_archive import project
from tests.engines import Server, fresh_database
from tests.faults.test_killed import counting, in_a_child

BASE = """CREATE TABLE depot (id int PRIMARY KEY, town varchar(30), room int);
CREATE TABLE parcel (id int PRIMARY KEY, depot int, note varchar(40), weight bigint,
    FOREIGN KEY (depot) REFERENCES depot (id) ON DELETE CASCADE);
CREATE TABLE heap (a int, b int);
INSERT INTO depot VALUES (1, 'Ulm', 5), (2, 'Bonn', NULL), (3, 'Jena', 1);
INSERT INTO parcel VALUES (1, 1, 'glass', 7), (2, 2, NULL, 9), (3, NULL, 'books', 4);
INSERT INTO heap VALUES (1, 2), (1, 2), (NULL, 3);
"""
DOWN = "DROP TABLE parcel;\nDROP TABLE heap;\nDROP TABLE depot;\n"
CHANGE = {
    "sqlite": "DELETE FROM depot WHERE id = 2;\nUPDATE parcel SET weight = weight + 1;\n"
    "INSERT INTO depot (id, town, room) VALUES (4, 'Kiel', 4);\n"
    "DELETE FROM heap WHERE a = 1;\nDROP TABLE heap;\n",
    "postgres": "DELETE FROM depot WHERE id = 2;\nUPDATE parcel SET weight = weight + 1;\n"
    "INSERT INTO depot (id, town, room) VALUES (4, 'Kiel', 4);\nALTER TABLE heap DROP COLUMN b;\n"
    "ALTER TABLE parcel ALTER COLUMN weight TYPE smallint;\n"
    "ALTER TABLE depot DROP COLUMN town;\nDROP TABLE parcel;\n",
    "mysql": "DELETE FROM depot WHERE id = 2;\nUPDATE parcel SET weight = weight + 1;\n"
    "INSERT INTO depot (id, town, room) VALUES (4, 'Kiel', 4);\nALTER TABLE heap DROP COLUMN b;\n"
    "ALTER TABLE parcel MODIFY weight smallint;\nALTER TABLE depot DROP COLUMN town;\n"
    "DROP TABLE parcel;\nTRUNCATE heap;\n",
}
POINTS = {"sqlite": 4, "postgres": 4, "mysql": 11}


def test_killed_anywhere_nothing_is_lost(
    tmp_path: Path, engine_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialect = engine_server.dialect
    last = 0

    def count(number: int) -> None:
        nonlocal last
        last = number

    with fresh_database(engine_server) as url:
        workspace = project(tmp_path, dialect, url, (BASE, DOWN), (CHANGE[dialect], "SELECT 1;\n"))
        first, head = workspace.dag.order[0], workspace.dag.order[-1]
        database = open_database(url)
        replay(workspace, "prod", Wanted(to=first))
        before = _rows(database)
        with monkeypatch.context() as patched:
            counting(patched, count)
            replay(workspace, "prod", Wanted(to=head))
            there = last
            replay(workspace, "prod", Wanted(to=first))
        assert not differences(before, _rows(database))
        apart = max(1, last // POINTS[dialect])
        for point in range(1, last + 1, apart):
            to = head if point <= there else first
            # MariaDB adds and drops a column at once only so many times.
            replay(workspace, "prod", Wanted(to="base", accept_losses=True))
            replay(workspace, "prod", Wanted(to=first))
            if to == first:
                replay(workspace, "prod", Wanted(to=head))
            at = point if to == head else point - there
            child = in_a_child(_dying(workspace, to, at, monkeypatch))
            assert child in (-signal.SIGKILL, 0)
            replay(workspace, "prod", Wanted(to=to, resume=True))
            replay(workspace, "prod", Wanted(to=first))
            said = f"killed before {point} of {last}"
            assert not differences(before, _rows(database)), said
            assert use.archived(workspace, "prod") == [], said
        database.close()


def _dying(
    workspace: Workspace, to: str, point: int, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    def die(number: int) -> None:
        if number == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def act() -> None:
        counting(monkeypatch, die)
        replay(workspace, "prod", Wanted(to=to))

    return act


def _rows(database: Database) -> RowsOf:
    with database.connect() as connection:
        return read_rows(connection, observe(connection))
