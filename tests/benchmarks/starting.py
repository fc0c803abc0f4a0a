"""Start-up and `status`, against Alembic's start-up and `alembic heads`."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.histories import BIN, alembic_project, schemaops_project
from tests.benchmarks.measure import Command, Ratio, compared

__all__ = ["run", "run_status"]


def run(folder: Path, runs: int) -> list[Ratio]:
    """Return start-up: `--help` of both."""
    ours = Command((str(BIN / "schemaops"), "--help"), folder)
    alembic = Command((str(BIN / "alembic"), "--help"), folder)
    return compared("start-up (`--help`)", ours, {"alembic --help": (alembic, 0.5)}, runs)


def run_status(folder: Path, runs: int) -> list[Ratio]:
    """Return `status`, warm, against `alembic heads`, at 100 and 1,000 revisions."""
    rows = []
    for count in (100, 1000):
        file = folder / f"{count}.sqlite3"
        mine = schemaops_project(folder / f"s{count}", "sqlite", count, f"sqlite:///{file}")
        its = alembic_project(folder / f"a{count}", count, f"sqlite:///{file}")
        ours = Command((str(BIN / "schemaops"), "status"), mine)
        alembic = Command((str(BIN / "alembic"), "heads"), its)
        what = f"status, {count:,} revisions"
        rows += compared(what, ours, {"alembic heads": (alembic, 0.5)}, runs)
    return rows
