"""``python -m tests.benchmarks [NAME …]``: run the benchmarks and print one table each.

Every figure is a ratio of medians against a peer or a floor measured in the same run, in turn with
ours, so that it holds on a slow machine and a busy one. A goal that is missed is printed as missed.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
from pathlib import Path

from schemaops.cli.app import COLLECTING
from tests.benchmarks import branching, growth, keeping, merging, replaying, starting
from tests.benchmarks.measure import Ratio, table

BENCHMARKS = {
    "starting": starting.run,
    "status": starting.run_status,
    "replaying": replaying.run,
    "growth": growth.run,
    "merging": merging.run,
    "keeping": keeping.run,
    "branching": branching.run,
}


def main() -> int:
    """Run what was named, or everything; return 1 where a goal was missed."""
    gc.set_threshold(*COLLECTING)
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []])
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each command")
    asked = parser.parse_args()
    found: list[Ratio] = []
    for name in asked.names or BENCHMARKS:
        with tempfile.TemporaryDirectory() as folder:
            rows = BENCHMARKS[name](Path(folder), asked.runs)
        print(table(name, rows), flush=True)
        found += rows
    return int(any(row.missed for row in found))


if __name__ == "__main__":
    sys.exit(main())
