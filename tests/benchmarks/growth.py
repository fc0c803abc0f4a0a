"""Interpreting: how its cost grows with the statements, with the schema, and with a history."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import sqlglot

from schemaops.diff import diff
from schemaops.reverse import reverse
from schemaops.schema.state import Schema
from schemaops.sql.interpret import interpret
from tests.benchmarks.histories import BIN, branched_project
from tests.benchmarks.measure import Command, Ratio, exponent, timed

__all__ = ["run"]

_GOAL = 1.1
_REVISIONS = (1_000, 10_000)
_TABLES = 1_000


def run(folder: Path, runs: int) -> list[Ratio]:
    """Return the fitted exponents, as ratios to linear growth, and the pace of interpreting."""
    few = max(runs // 2, 1)
    return [
        _pace(few),
        _grown("interpret 1,000 to 10,000 statements", (1000, 10000), _statements, few),
        _grown("200 statements over 100 to 2,000 tables", (100, 2000), _tables, few),
        _grown("read and reverse 1,000 to 8,000 INSERTs", (1000, 8000), _inserts, few),
        _grown("read and reverse 2,000 to 16,000 rows of one INSERT", (2000, 16000), _long, few),
        *_histories(folder, few),
    ]


def _grown(what: str, sizes: tuple[int, int], cost: Callable[[int], float], runs: int) -> Ratio:
    times = [statistics.median(cost(size) for _ in range(runs)) for size in sizes]
    return Ratio(f"{what}: exponent", exponent(sizes, times), "linear", 1.0, _GOAL)


def _pace(runs: int) -> Ratio:
    """Return interpreting against parsing alone: what it takes to understand what was read."""
    text = _script(1_000)
    ours, theirs = [], []
    for _ in range(runs + 1):
        ours.append(_timed(lambda: interpret(text, None, "postgres")))
        theirs.append(_timed(lambda: sqlglot.parse(text, read="postgres")))
    name = "interpret 2,000 statements"
    return Ratio(name, min(ours), "sqlglot parses them", min(theirs))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _script(tables: int) -> str:
    return ";\n".join(
        f"CREATE TABLE t{i} (id bigint PRIMARY KEY, name varchar(40) NOT NULL DEFAULT 'x', "
        f"n int CHECK (n > 0), up bigint REFERENCES t{max(0, i - 1)} (id));\n"
        f"CREATE INDEX i{i} ON t{i} (name)"
        for i in range(tables)
    )


def _statements(count: int) -> float:
    text = _script(count // 2)
    return _timed(lambda: interpret(text, None, "postgres"))


def _inserts(count: int) -> float:
    return _reversed("".join(f"INSERT INTO t VALUES ({i}, 'name {i}');\n" for i in range(count)))


def _long(count: int) -> float:
    rows = ", ".join(f"({i}, 'name {i}')" for i in range(count))
    return _reversed(f"INSERT INTO t VALUES {rows}")


def _reversed(text: str) -> float:
    before = interpret("CREATE TABLE t (id int PRIMARY KEY, name text)", None, "postgres").after
    return _timed(lambda: reverse(interpret(text, before).groups, before, diff))


_BASES: dict[int, Schema] = {}


def _tables(count: int) -> float:
    if count not in _BASES:
        _BASES[count] = interpret(_script(count), None, "postgres").after
    base = _BASES[count]
    changes = ";\n".join(
        f"ALTER TABLE t{i % count} ADD COLUMN more_{i} integer" for i in range(200)
    )
    return _timed(lambda: interpret(changes, base))


def _histories(folder: Path, runs: int) -> list[Ratio]:
    """Return how working out the schema of a head grows with the revisions: the time with nothing
    kept, the time with it, and the memory (its floor is that of `--help`)."""
    cold, warm, memory = [], [], []
    for count in _REVISIONS:
        project, _ = branched_project(folder / str(count), count, _TABLES, 0, 0)
        kept = project / ".git" / "schemaops"
        command = (str(BIN / "schemaops"), "schema", "HEAD", "--json")

        def forget(kept: Path = kept) -> None:
            shutil.rmtree(kept, ignore_errors=True)

        asking = Command(command, project)
        cold.append(statistics.median(timed(_forgetting(asking, forget)) for _ in range(runs)))
        warm.append(statistics.median(timed(asking) for _ in range(runs)))
        forget()
        memory.append(_peak(command, project) - _peak((command[0], "--help"), project))
    name = "schema of a head, 1,000 to 10,000 revisions over 1,000 tables"
    per_thousand = (memory[1] - memory[0]) / (_REVISIONS[1] - _REVISIONS[0]) * 1_000
    return [
        Ratio(f"{name}, cold: exponent", exponent(_REVISIONS, cold), "linear", 1.0, _GOAL),
        Ratio(f"{name}, warm: exponent", exponent(_REVISIONS, warm), "linear", 1.0, _GOAL),
        Ratio(f"{name}, memory: exponent", exponent(_REVISIONS, memory), "linear", 1.0, _GOAL),
        Ratio("memory a thousand revisions, MB", per_thousand / 1e6, "one MB", 1.0),
    ]


def _forgetting(command: Command, forget: Callable[[], None]) -> Command:
    return Command(command.words, command.cwd, before=forget)


_MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def _peak(words: tuple[str, ...], cwd: Path) -> float:
    """Return the greatest memory that a process took, in bytes."""
    measured = subprocess.run(
        [sys.executable, "-c", _MEASURED, *words],
        cwd=cwd,
        check=True,
        capture_output=True,
        text=True,
    )
    unit = 1 if sys.platform == "darwin" else 1024
    return float(measured.stdout) * unit
