"""Dropping a table and restoring it in lossless mode: the time must not grow with the rows."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from schemaops.database.connect import Connection, open_database
from schemaops.diff import diff
from schemaops.reverse import Lossless, lossless
from schemaops.sql.interpret import interpret
from tests.benchmarks.measure import Ratio
from tests.engines import AbsentError, fresh_database, running

__all__ = ["run"]

_FEW, _MANY = 10_000, 1_000_000
_TABLE = "CREATE TABLE parcel (id int PRIMARY KEY, note varchar(40) NOT NULL, weight int)"
_INDEX = "CREATE INDEX by_note ON parcel (note)"
_FILLED = {
    "postgres": "INSERT INTO parcel SELECT n, 'parcel ' || n, n % 100 FROM generate_series(1, {0}) n",
    "mysql": "INSERT INTO parcel WITH d AS (SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 "
    "UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 "
    "UNION ALL SELECT 8 UNION ALL SELECT 9), m AS (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + "
    "10000 * f.d + 100000 * g.d AS n FROM d a, d b, d c, d e, d f, d g) "
    "SELECT n, concat('parcel ', n), n % 100 FROM m WHERE n < {0}",
}


def run(_folder: Path, runs: int) -> list[Ratio]:
    """Return how the time of a drop and a restore grows from ten thousand rows to a million."""
    rows: list[Ratio] = []
    for dialect, name in (("postgres", "PostgreSQL"), ("mysql", "MariaDB")):
        try:
            rows += _grown(dialect, name, max(runs, 5))
        except AbsentError as absent:
            print(f"{name} left out: {absent}")
    return rows


def _grown(dialect: str, name: str, runs: int) -> list[Ratio]:
    built = interpret(f"{_TABLE};\n{_INDEX}", None, dialect)
    dropped = interpret("DROP TABLE parcel", built.after)
    way = lossless(dropped.groups, built.after, diff)
    taken: dict[int, list[tuple[float, float]]] = {}
    with running(dialect) as server:
        for count in (_FEW, _MANY):
            with fresh_database(server) as url, open_database(url).connect() as connection:
                for statement in (_TABLE, _INDEX, _FILLED[dialect].format(count)):
                    connection.execute(statement)
                _there(connection, count)
                _there_and_back(connection, way)
                taken[count] = [_there_and_back(connection, way) for _ in range(runs)]
                _there(connection, count)
    return [
        Ratio(
            f"{what} of {_MANY:,} rows, {name}",
            statistics.median(one[place] for one in taken[_MANY]),
            f"of {_FEW:,} rows",
            statistics.median(one[place] for one in taken[_FEW]),
            3.0,
        )
        for place, what in enumerate(("lossless drop of a table", "restoring it"))
    ]


def _there_and_back(connection: Connection, way: Lossless) -> tuple[float, float]:
    times = []
    for statements in (way.up, way.down):
        began = time.perf_counter()
        for statement in statements:
            connection.execute(statement)
        times.append(time.perf_counter() - began)
    return times[0], times[1]


def _there(connection: Connection, count: int) -> None:
    if connection.query("SELECT count(*) FROM parcel") != [(count,)]:
        raise RuntimeError("rows are missing")
