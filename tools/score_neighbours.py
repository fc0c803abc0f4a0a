"""Score merging over real histories: neighbouring migrations taken for branches that met.

``python -m tools.score_neighbours DIR…`` takes, at each state of a history, the next migration for one
side's change and one that came a little later for the other's, where each runs on that state by itself;
an engine runs both orders, and what it says is held against the merge as `score_pairs` does. Every state
is built anew, so a long history takes its time.

It exits 1 where there is anything but false conflicts.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pymysql

from schemaops.merge import KnownRows
from schemaops.schema.state import Schema
from schemaops.sql.interpret import interpret
from schemaops.sql.split import Statement, split
from tests.engines import Server
from tests.outcomes import Refused, bench
from tests.pairs import Change, judged
from tools.replay_history import History, is_transaction, read_history, with_servers

_REFUSALS = (sqlite3.Error, psycopg.Error, pymysql.Error)
_MOST = 60
"""The most statements of a migration that is taken for a change."""


@dataclass(frozen=True)
class State:
    """A state of a history, as the script of all migrations so far builds it."""

    schema: Schema
    blind: bool
    rows: KnownRows


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the scores of histories; return the exit code."""
    parser = argparse.ArgumentParser(prog="score_neighbours", description=__doc__.split("\n")[0])
    parser.add_argument("directories", type=Path, nargs="+")
    parser.add_argument("--dialect")
    parser.add_argument("--url", help="an administrator's URL of a server, instead of a new one")
    parser.add_argument("--apart", type=int, default=2, help="how far apart neighbours may be")
    parser.add_argument("--limit", type=int, help="of the migrations of each history")
    options = parser.parse_args(arguments)
    wrong = 0
    with ExitStack() as stack:
        read = (read_history(directory, options.dialect) for directory in options.directories)
        for history, server in with_servers(stack, read, options.url):
            counts = _scores(history, server, options.apart, options.limit)
            said = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
            print(f"{history.name}: {said}", flush=True)
            wrong += sum(n for name, n in counts.items() if name in _WRONG)
    return int(wrong > 0)


_WRONG = frozenset(
    {"!! false clean", "!! unproven", "!! lost", "!! uneven", "!! fault", "!! crash"}
)


def _scores(history: History, server: Server, apart: int, limit: int | None) -> Counter[str]:
    counts: Counter[str] = Counter()
    texts = [_statements(migration.text, history.dialect) for migration in history.migrations]
    texts = texts[:limit]
    for here in range(1, len(texts) - 1):
        base = ";\n".join(text for change in texts[:here] for text in change) + ";\n"
        built = interpret(base, None, history.dialect)
        state = State(built.after, built.blind, KnownRows.of(built))
        with ExitStack() as stack:
            try:
                on = stack.enter_context(bench(server, base))
                on.outcome(())
            except _REFUSALS as refusal:
                print(f"stopped before {history.migrations[here].name}: {refusal}")
                break
            for there in range(here + 1, min(here + 1 + apart, len(texts))):
                ours, theirs = texts[here], texts[there]
                if not all(0 < len(side) <= _MOST for side in (ours, theirs)):
                    continue
                ends = [on.outcome(side) for side in (ours, theirs)]
                if any(isinstance(end, Refused) or end.broken for end in ends):
                    counts["dependent"] += 1
                    continue
                found = judged(on, state, ours, theirs)
                counts[f"{found.label.verdict} {found.verdict}"] += 1
                for miss in found.misses:
                    counts[f"!! {miss.kind}"] += 1
                    names = f"{history.migrations[here].name} x {history.migrations[there].name}"
                    print(f"{miss.kind}: {names}: {miss.cause}", *miss.detail, sep="\n    ")
    return counts


def _statements(text: str, dialect: str) -> Change:
    return tuple(
        _within(statement)
        for statement in split(text, dialect)
        if statement.tokens and not is_transaction(statement)
    )


def _within(statement: Statement) -> str:
    """Return a statement as it may run within a transaction."""
    return "".join(_pieces(statement))


def _pieces(statement: Statement) -> Iterator[str]:
    done = 0
    for token in statement.tokens:
        if token.text.upper() == "CONCURRENTLY":
            yield statement.text[done : token.start]
            done = token.end
    yield statement.text[done:]


if __name__ == "__main__":
    sys.exit(main())
