"""A DAG drawn with characters, children above their parents, one line a revision and more to join.

Lanes are columns; each waits for one revision. A revision stands in the leftmost lane that waits
for it; further lanes that do are joined to it above, and further parents open lanes beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

__all__ = ["drawn"]

T = TypeVar("T")


def drawn(revisions: Iterable[tuple[str, Sequence[str]]]) -> Iterator[tuple[str, str | None]]:
    """Yield (drawing, revision) for revisions with their parents, newest first.

    A line that only joins or forks has no revision.
    """
    lanes: list[str] = []
    for revision, parents in revisions:
        if revision not in lanes:
            lanes.append(revision)
        at = lanes.index(revision)
        while lanes.count(revision) > 1:
            joined = len(lanes) - 1 - lanes[::-1].index(revision)
            yield _joining(len(lanes), at, joined), None
            del lanes[joined]
        yield " ".join("*" if lane == at else "|" for lane in range(len(lanes))), revision
        if not parents:
            if at < len(lanes) - 1:
                yield _closing(len(lanes), at), None
            del lanes[at]
            continue
        lanes[at] = parents[0]
        for further, parent in enumerate(parents[1:], start=1):
            yield _forking(len(lanes), at + further - 1), None
            lanes.insert(at + further, parent)


def _joining(lanes: int, into: int, joined: int) -> str:
    row = [" "] * (2 * lanes)
    for lane in range(joined):
        row[2 * lane] = "|"
    for lane in range(into, joined - 1):
        row[2 * lane + 1] = "_"
    for lane in range(joined, lanes):
        row[2 * lane - 1] = "/"
    return "".join(row).rstrip()


def _closing(lanes: int, closed: int) -> str:
    row = [" "] * (2 * lanes)
    for lane in range(closed):
        row[2 * lane] = "|"
    for lane in range(closed + 1, lanes):
        row[2 * lane - 1] = "/"
    return "".join(row).rstrip()


def _forking(lanes: int, beside: int) -> str:
    row = [" "] * (2 * lanes + 1)
    for lane in range(beside + 1):
        row[2 * lane] = "|"
    for lane in range(beside, lanes):
        row[2 * lane + 1] = "\\"
    return "".join(row).rstrip()
