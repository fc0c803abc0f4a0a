"""Whole processes timed in turn with a peer, medians compared; and the table that says so."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Command", "Ratio", "compared", "exponent", "table", "timed"]


@dataclass(frozen=True, slots=True)
class Command:
    """A process to time: its words, where it runs, what it reads, and what is done before each run."""

    words: tuple[str, ...]
    cwd: Path
    stdin: Path | None = None
    before: Callable[[], None] | None = None
    env: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ours against a peer: medians in seconds, and the greatest ratio that would be well."""

    what: str
    ours: float
    peer: str
    theirs: float
    goal: float | None = None

    @property
    def value(self) -> float:
        """Ours divided by the peer's."""
        return self.ours / self.theirs

    @property
    def missed(self) -> bool:
        """Whether there was a goal and it was not reached."""
        return self.goal is not None and self.value > self.goal


def timed(command: Command) -> float:
    """Return how long a process took, in seconds; raise CalledProcessError where it failed."""
    if command.before is not None:
        command.before()
    stdin = command.stdin.open("rb") if command.stdin else None
    try:
        began = time.perf_counter()
        subprocess.run(
            command.words,
            cwd=command.cwd,
            stdin=stdin or subprocess.DEVNULL,
            capture_output=True,
            env={**_environment(), **(command.env or {})},
            check=True,
        )
        return time.perf_counter() - began
    except subprocess.CalledProcessError as error:
        raise RuntimeError(
            f"{' '.join(command.words)} failed:\n{error.stdout.decode()}{error.stderr.decode()}"
        ) from error
    finally:
        if stdin is not None:
            stdin.close()


def _environment() -> dict[str, str]:
    # An installed program has its bytecode; one that runs from a checkout gets it by the warm-up.
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def compared(
    what: str,
    ours: Command,
    peers: Mapping[str, tuple[Command, float | None]],
    runs: int,
) -> list[Ratio]:
    """Return ours against each peer, all run in turn after one warm-up each."""
    commands = [ours, *(command for command, _ in peers.values())]
    for command in commands:
        timed(command)
    taken: list[list[float]] = [[] for _ in commands]
    for _ in range(runs):
        for times, command in zip(taken, commands, strict=True):
            times.append(timed(command))
    medians = [statistics.median(times) for times in taken]
    return [
        Ratio(what, medians[0], name, theirs, goal)
        for (name, (_, goal)), theirs in zip(peers.items(), medians[1:], strict=True)
    ]


def exponent(sizes: Sequence[float], times: Sequence[float]) -> float:
    """Return the exponent of the power law through two measurements."""
    import math

    return math.log(times[-1] / times[0]) / math.log(sizes[-1] / sizes[0])


def table(title: str, rows: Sequence[Ratio]) -> str:
    """Return rows as a Markdown table."""
    lines = [
        f"### {title}",
        "",
        "| what | ours | peer | theirs | ratio | goal |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        goal = "" if row.goal is None else f"≤ {row.goal:g}" + (" **missed**" if row.missed else "")
        lines.append(
            f"| {row.what} | {row.ours:.3f} | {row.peer} | {row.theirs:.3f} | {row.value:.2f} | {goal} |"
        )
    return "\n".join((*lines, ""))
