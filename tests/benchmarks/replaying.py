"""Applying 1,000 revisions, against Alembic and against the same SQL piped into the client."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg

from tests.benchmarks.histories import BIN, alembic_project, schemaops_project, script
from tests.benchmarks.measure import Command, Ratio, compared
from tests.engines import fresh_database, running

__all__ = ["run"]

_COUNT = 1000


def run(folder: Path, runs: int) -> list[Ratio]:
    """Return the applying of a whole history on SQLite and on PostgreSQL."""
    return [*_sqlite(folder, runs), *_postgres(folder, runs)]


def _sqlite(folder: Path, runs: int) -> list[Ratio]:
    files = {name: folder / f"{name}.sqlite3" for name in ("ours", "alembic", "client")}

    def without(name: str) -> Callable[[], None]:
        return lambda: files[name].unlink(missing_ok=True)

    mine = schemaops_project(folder / "ours", "sqlite", _COUNT, f"sqlite:///{files['ours']}")
    its = alembic_project(folder / "alembic", _COUNT, f"sqlite:///{files['alembic']}")
    sql = script(folder / "all.sql", _COUNT)
    ours = Command((str(BIN / "schemaops"), "replay", "bench"), mine, before=without("ours"))
    peers: dict[str, tuple[Command, float | None]] = {
        "alembic upgrade head": (
            Command((str(BIN / "alembic"), "upgrade", "head"), its, before=without("alembic")),
            1.0,
        )
    }
    if shutil.which("sqlite3"):
        client = ("sqlite3", "-bail", str(files["client"]))
        floor = Command(client, folder, stdin=sql, before=without("client"))
        peers["sqlite3 (the floor)"] = (floor, None)
    return compared(f"apply {_COUNT:,} revisions, SQLite", ours, peers, runs)


def _postgres(folder: Path, runs: int) -> list[Ratio]:
    with (
        running("postgres") as server,
        fresh_database(server) as mine,
        fresh_database(server) as its,
        fresh_database(server) as plain,
    ):
        project = schemaops_project(folder / "pg-ours", "postgres", _COUNT, "$BENCH_URL")
        alembic = alembic_project(folder / "pg-alembic", _COUNT, its.replace("%", "%%"))
        ours = Command(
            (str(BIN / "schemaops"), "replay", "bench"),
            project,
            before=_emptied(mine),
            env={"BENCH_URL": mine},
        )
        peers: dict[str, tuple[Command, float | None]] = {
            "alembic upgrade head": (
                Command((str(BIN / "alembic"), "upgrade", "head"), alembic, before=_emptied(its)),
                1.0,
            )
        }
        if shutil.which("psql"):
            client = ("psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", _libpq(plain))
            sql = script(folder / "pg.sql", _COUNT)
            peers["psql (the floor)"] = (
                Command(client, folder, stdin=sql, before=_emptied(plain)),
                None,
            )
        return compared(f"apply {_COUNT:,} revisions, PostgreSQL", ours, peers, runs)


def _libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def _emptied(url: str) -> Callable[[], None]:
    def empty() -> None:
        with psycopg.connect(_libpq(url), autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS schemaops CASCADE")
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")

    return empty
