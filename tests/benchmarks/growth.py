"""Interpreting: how its cost grows with the statements and with the schema."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from schemaops.schema.state import Schema
from schemaops.sql.interpret import interpret
from tests.benchmarks.measure import Ratio, exponent

__all__ = ["run"]

_GOAL = 1.1


def run(_folder: Path, runs: int) -> list[Ratio]:
    """Return the fitted exponents, as ratios to linear growth."""
    return [
        _grown("interpret 1,000 to 10,000 statements", (1000, 10000), _statements, runs),
        _grown("200 statements over 100 to 2,000 tables", (100, 2000), _tables, runs),
    ]


def _grown(what: str, sizes: tuple[int, int], cost: object, runs: int) -> Ratio:
    assert callable(cost)
    times = [statistics.median(cost(size) for _ in range(max(runs // 2, 1))) for size in sizes]
    return Ratio(f"{what}: exponent", exponent(sizes, times), "linear", 1.0, _GOAL)


def _script(tables: int) -> str:
    return ";\n".join(
        f"CREATE TABLE t{i} (id bigint PRIMARY KEY, name varchar(40) NOT NULL DEFAULT 'x', "
        f"n int CHECK (n > 0), up bigint REFERENCES t{max(0, i - 1)} (id));\n"
        f"CREATE INDEX i{i} ON t{i} (name)"
        for i in range(tables)
    )


def _statements(count: int) -> float:
    text = _script(count // 2)
    began = time.perf_counter()
    interpret(text, None, "postgres")
    return time.perf_counter() - began


_BASES: dict[int, Schema] = {}


def _tables(count: int) -> float:
    if count not in _BASES:
        _BASES[count] = interpret(_script(count), None, "postgres").after
    base = _BASES[count]
    changes = ";\n".join(
        f"ALTER TABLE t{i % count} ADD COLUMN more_{i} integer" for i in range(200)
    )
    began = time.perf_counter()
    interpret(changes, base)
    return time.perf_counter() - began
