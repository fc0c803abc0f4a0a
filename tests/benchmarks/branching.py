"""Merging as people do it, against git and Alembic: two branches of 100 revisions over a long history,
and every pair of 100 branches.

Alembic's `merge` looks at nothing but the names of revisions, and git's at nothing but files.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

from tests.benchmarks.histories import BIN, branched_alembic, branched_project
from tests.benchmarks.measure import Command, Ratio, compared, exponent

__all__ = ["run"]

_BASES = (1_000, 10_000)
_TABLES = 1_000
_LENGTH = 100
_BRANCHES = 100


def run(folder: Path, runs: int) -> list[Ratio]:
    """Return merging two branches against both peers, warm, and how it grows with the base."""
    rows, times = [], []
    for count in _BASES:
        ours, names = branched_project(folder / f"ours-{count}", count, _TABLES, 2, _LENGTH)
        theirs = branched_alembic(folder / f"alembic-{count}", count, 2, _LENGTH)
        merging = Command((str(BIN / "schemaops"), "merge", names[0], "--dry-run", "--json"), ours)
        peers = {
            "git merge-tree": (Command(("git", "merge-tree", *names), ours), None),
            "alembic merge": (
                Command((str(BIN / "alembic"), "merge", "heads"), theirs, before=_without(theirs)),
                1.0 if count == _BASES[-1] else None,
            ),
        }
        what = f"merge {_LENGTH} with {_LENGTH} revisions over {count:,}"
        found = compared(what, merging, peers, runs)
        times.append(found[0].ours)
        rows += found
    rows += _matrix(folder, runs)
    grown = exponent(_BASES, times)
    rows.append(
        Ratio("merge over 1,000 to 10,000 revisions: exponent", grown, "constant", 1.0, 0.5)
    )
    return rows


def _matrix(folder: Path, runs: int) -> list[Ratio]:
    """Return the matrix of all open branches against git's merges of as many pairs of trees."""
    project, names = branched_project(folder / "matrix", _BASES[0], _TABLES, _BRANCHES, 10)
    pairs = "".join(f"{one} {other}\n" for one, other in combinations(names, 2))
    script = folder / "pairs"
    script.write_text(pairs)
    each = ("xargs", "-L", "1", "git", "merge-tree")
    return compared(
        f"matrix of {_BRANCHES} branches of 10 revisions",
        Command((str(BIN / "schemaops"), "branch", "--conflicts", "--json"), project),
        {"git merge-tree of each pair": (Command(each, project, stdin=script), None)},
        max(runs // 2, 1),
    )


def _without(project: Path) -> Callable[[], None]:
    """Return what takes the merges away that an earlier run made."""
    versions = project / "migrations" / "versions"
    kept = {file.name for file in versions.glob("*.py")}

    def remove() -> None:
        for file in versions.glob("*.py"):
            if file.name not in kept:
                file.unlink()

    return remove
