"""Lossless mode held against engines: generated lines of changes over a base with rows, there and back.

The engine's own catalogue and rows are compared, read without the code that is judged (`tests/outcomes.py`).
`GENERATED_LINES=2000` runs more of them, and `GENERATED_LINES_SEED` others.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from schemaops.diff import diff
from schemaops.reverse import lossless
from schemaops.reverse.losses import COLUMN_ORDER
from schemaops.sql.interpret import interpret
from tests.engines import Server
from tests.outcomes import Bench, State, bench
from tests.pairs import Change, Changes

_COUNT = int(os.environ.get("GENERATED_LINES", "0"))
_SEED = int(os.environ.get("GENERATED_LINES_SEED", "5"))
# Numbers that a sequence gave out stay given out; how a catalogue is spelled is held elsewhere.
_PASSED_OVER = re.compile(r"[+-] |rows of \S+_seq:")
_COUNTS = {"sqlite": 250, "postgres": 200, "mysql": 12}


def test_generated_lines_come_back_with_their_rows(engine_server: Server) -> None:
    dialect = engine_server.dialect
    changes = Changes(dialect, _SEED)
    count = _COUNT or _COUNTS[dialect]
    accepted = 0
    with bench(engine_server, changes.base) as on:
        before = on.outcome(_prelude(dialect))
        assert isinstance(before, State)
        wrong = []
        for change in _valid(changes, on, count):
            read = interpret(";\n".join(change), changes.schema, blind=changes.blind)
            way = lossless(read.groups, changes.schema, diff)
            lost = [loss for loss in way.losses if loss.what != COLUMN_ORDER]
            if read.faults or way.irreversible or lost:
                continue
            accepted += 1
            wrong += _wrong(on, before, change, way.up, way.down)
    assert not wrong, "\n".join(wrong)
    assert accepted > count * 0.8


def _valid(changes: Changes, on: Bench, count: int) -> Iterator[Change]:
    for _ in range(count * 3):
        change = changes.change()
        end = on.outcome(change)
        if isinstance(end, State) and not end.broken:
            yield change
            count -= 1
            if not count:
                return


def _prelude(dialect: str) -> tuple[str, ...]:
    return ("CREATE SCHEMA schemaops_archive",) if dialect == "postgres" else ()


def _wrong(
    on: Bench, before: State, change: Change, up: tuple[str, ...], down: tuple[str, ...]
) -> Iterator[str]:
    """Yield what is not as it must be after the up, and after the way back."""
    said = "; ".join(change)
    there = on.outcome((*_prelude(on.dialect), *up))
    plain = on.outcome((*_prelude(on.dialect), *change))
    assert isinstance(plain, State)
    if not isinstance(there, State):
        yield f"{said}\n  refused in lossless mode: {there.message}\n    {up[there.index - 1][:300]}"
        return
    gone = {name: rows for name, rows in there.rows if "schemaops_archive" not in name}
    for name, rows in plain.rows:
        if gone.get(name) != rows and not name.endswith("_seq"):
            yield f"{said}\n  up: rows of {name}: {rows} / {gone.get(name)}"
    back = on.outcome((*_prelude(on.dialect), *up, *down))
    if not isinstance(back, State):
        sent = (*_prelude(on.dialect), *up, *down)
        yield f"{said}\n  the way back is refused: {back.message}\n    {sent[back.index][:400]}"
        return
    found = [line for line in before.differences(back) if not _PASSED_OVER.match(line)]
    if found:
        yield "\n  ".join((said, *found))
