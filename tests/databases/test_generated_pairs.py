"""Merging held against engines: generated pairs of changes, run in both orders (see `tests/pairs.py`).

`GENERATED_PAIRS=5000 make test ARGS='tests/databases/test_generated_pairs.py'` runs more of them, and
`GENERATED_PAIRS_SEED` others; `python -m tools.score_pairs` prints what is wrong, by cause.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass

import pytest

from tests.engines import Server
from tests.outcomes import bench
from tests.pairs import Change, Changes, Judgement, judged, script

_COUNT = int(os.environ.get("GENERATED_PAIRS", "0"))
_SEED = int(os.environ.get("GENERATED_PAIRS_SEED", "2024"))
# A database a run is slow on MariaDB, whose DDL commits.
_COUNTS = {"sqlite": 500, "postgres": 500, "mysql": 40}
_WIDE_COUNTS = {"sqlite": 120, "postgres": 120, "mysql": 15}


@dataclass(frozen=True)
class Run:
    dialect: str
    pairs: tuple[tuple[Change, Change, Judgement], ...]

    def misses(self, *kinds: str) -> list[str]:
        return [
            f"{miss.kind}: {miss.cause}\n  ours    {script(ours)}\n  theirs  {script(theirs)}\n"
            + "".join(f"    {line}\n" for line in miss.detail)
            for ours, theirs, found in self.pairs
            for miss in found.misses
            if miss.kind in kinds
        ]


def _run(server: Server, count: int, *, wide: bool = False) -> Run:
    changes = Changes(server.dialect, _SEED, wide=wide)
    with bench(server, changes.base) as on:
        return Run(
            server.dialect,
            tuple(
                (ours, theirs, judged(on, changes, ours, theirs))
                for ours, theirs in changes.pairs(count, on)
            ),
        )


@pytest.fixture(scope="module")
def run(engine_server: Server) -> Run:
    return _run(engine_server, _COUNT or _COUNTS[engine_server.dialect])


def test_what_few_schemas_have_is_called_clean_only_where_it_is(engine_server: Server) -> None:
    found = _run(engine_server, _COUNT or _WIDE_COUNTS[engine_server.dialect], wide=True)
    assert found.misses("false clean", "unproven", "lost", "uneven", "crash") == []


def test_no_pair_is_clean_that_the_engine_shows_to_be_at_odds(run: Run) -> None:
    assert run.misses("false clean") == []


def test_clean_means_one_schema_and_the_same_rows_both_ways_round(run: Run) -> None:
    assert run.misses("unproven", "lost") == []


def test_swapping_the_sides_swaps_the_answer(run: Run) -> None:
    assert run.misses("uneven") == []


def test_every_pair_gets_a_verdict(run: Run) -> None:
    assert run.misses("crash", "fault") == []


def test_few_of_the_pairs_that_end_alike_are_conflicts(run: Run) -> None:
    alike = [found for _, _, found in run.pairs if found.label.alike]
    conflicts = [found for found in alike if found.verdict == "conflict"]
    said = run.misses("false conflict", "unknown")
    assert len(conflicts) <= max(3, 0.03 * len(alike)), "\n".join(said)


def test_the_pairs_are_of_every_kind(run: Run) -> None:
    alike = [found.label.alike for _, _, found in run.pairs]
    clean = [found.verdict != "conflict" for _, _, found in run.pairs]
    if len(alike) < 500:
        return  # a smaller sample says nothing of shares
    for kinds in (alike, clean):
        assert len(kinds) / 5 <= sum(kinds) <= len(kinds) * 4 / 5
    labels = Counter(found.label.verdict for _, _, found in run.pairs)
    assert labels.keys() >= {"same", "differ", "fail", "ours-first", "theirs-first"}
