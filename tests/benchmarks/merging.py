"""Merging: how the cost of a merge grows with its lines and with the base."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from schemaops.merge import merge
from schemaops.sql.interpret import interpret
from tests.benchmarks.measure import Ratio, exponent

__all__ = ["run"]


def run(_folder: Path, runs: int) -> list[Ratio]:
    """Return the fitted exponents of merging, by the length of the lines and the size of the base."""
    few = max(runs // 2, 1)
    lengths = (50, 400)
    by_length = [statistics.median(_merged(200, n) for _ in range(few)) for n in lengths]
    sizes = (100, 1000)
    by_size = [statistics.median(_merged(n, 100) for _ in range(few)) for n in sizes]
    return [
        Ratio(
            "merge lines of 50 to 400: exponent", exponent(lengths, by_length), "linear", 1.0, 1.2
        ),
        Ratio(
            "merge over 100 to 1,000 tables: exponent",
            exponent(sizes, by_size),
            "constant",
            1.0,
            0.2,
        ),
    ]


def _merged(tables: int, length: int) -> float:
    base = interpret(
        ";\n".join(
            f"CREATE TABLE t{i} (id bigint PRIMARY KEY, name varchar(40), n int)"
            for i in range(tables)
        ),
        None,
        "postgres",
    ).after
    lines = [
        interpret(
            ";".join(
                f"ALTER TABLE t{(i * step) % tables} ADD COLUMN {side}{i} int"
                for i in range(length)
            ),
            base,
        )
        for side, step in (("a", 1), ("b", 7))
    ]
    began = time.perf_counter()
    found = merge(base, *lines)
    taken = time.perf_counter() - began
    if not found.clean:
        raise RuntimeError("these lines should merge")
    return taken
