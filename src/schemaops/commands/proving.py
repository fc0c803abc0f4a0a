"""A merge of revisions proven on scratch databases, with rows that are made to fit.

From the last revision that all sides share, a database goes along each side and on to the merge: all
must end there, with the same rows. The rows are put in at the start: plain ones, NULLs, the longest
values, the same twice, some that nothing refers to. Where a side's own statements refuse them, plain
rows are tried, then none. What came of it is kept as a small file beside the revisions:

::

    -- schemaops proof 1
    -- merge: 7c1e03d2a4b5… 1f0c… 5b2a…
    -- from: 9d0e…
    -- on: postgresql 18
    -- rows: 12 in 3 tables
    -- outcome: proven
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemaops.commands.merged import Merged
from schemaops.commands.prove import Bench, Line
from schemaops.commands.rehearsal import build
from schemaops.database.filling import fill
from schemaops.database.rows import read_rows
from schemaops.diff import diff
from schemaops.history.revision import Kept, Revision, RevisionId, short
from schemaops.history.states import States, section_text
from schemaops.merge.lines import line_between
from schemaops.reports.merged import Attempt
from schemaops.schema.objects import Table
from schemaops.schema.state import Schema
from schemaops.sql.render import render, script
from schemaops.sql.split import split

if TYPE_CHECKING:
    from schemaops.database.connect import Connection

__all__ = ["proof_file", "prove_conflicts", "prove_merge"]


@dataclass
class _Rows:
    """Puts rows into a scratch database, and counts them."""

    schema: Schema
    edges: bool | None
    number: int = 0
    tables: int = 0

    def __call__(self, connection: Connection) -> None:
        build(connection, self.schema)
        if self.edges is None:
            return
        chosen = [thing.at for thing in self.schema if isinstance(thing, Table)]
        fill(connection, self.schema, chosen, edges=self.edges)
        found = read_rows(connection, self.schema)
        self.number = sum(sum(rows.values()) for rows in found.values())
        self.tables = sum(bool(rows) for rows in found.values())


def prove_merge(states: States, name: RevisionId, revision: Revision, url: str | None) -> Attempt:
    """Return what a scratch database says of a merge revision, of which `states` know."""
    base = states.dag.parting(revision.parents)
    before, wanted = states.schema(base), states.schema(name)
    ways: dict[str, tuple[Line, ...]] = {}
    decided = False
    for section in revision.sections:
        own = line_between(states, base, section.parent)
        decided = decided or any(entry.kept is Kept.DECIDED for entry in own.entries)
        decided = decided or any(piece.kept is Kept.DECIDED for piece in section.up)
        texts = tuple(text for entry in own.stated if entry.group for text in entry.group.texts)
        on = tuple(one.text for one in split(section_text(section), states.dialect))
        ways[short(section.parent)[:7]] = (texts, on)
    for edges in (True, False, None):
        rows = _Rows(before, edges)
        bench = Bench(rows, states.dialect, url)
        proof = bench.of_clean(ways, wanted, rows=not decided)
        if not bench.own:
            break
    note = "whose rows need not be alike, since something was decided" if decided else ""
    scripts = _scripts(before, ways)
    return Attempt(proof, rows.number, rows.tables, scripts, states.dialect, note)


def prove_conflicts(found: Merged, url: str | None) -> Attempt:
    """Return whether the two orders of what is at odds go otherwise on a scratch database."""
    before = found.fork.base.schema
    first, second = (
        tuple(text for entry in line.stated if entry.group for text in entry.group.texts)
        for line in found.fork.lines
    )
    ours, theirs = (second, first) if found.heads.swapped else (first, second)
    for edges in (True, False, None):
        rows = _Rows(before, edges)
        bench = Bench(rows, before.dialect, url)
        proof = bench.of_conflicts(ours, theirs)
        if not bench.own:
            break
    scripts = _scripts(before, {"ours": (ours,), "theirs": (theirs,)})
    return Attempt(proof, rows.number, rows.tables, scripts, before.dialect)


def _scripts(before: Schema, ways: Mapping[str, tuple[Line, ...]]) -> dict[str, str]:
    empty = Schema.empty(before.dialect)
    found = {"base": script(render(diff(empty, before), empty))}
    for name, (own, *on) in ways.items():
        found[name] = script(own)
        found |= {f"{name}_to_merged": script(texts) for texts in on}
    return found


def proof_file(
    states: States, name: RevisionId, revision: Revision, made: Attempt
) -> tuple[str, bytes]:
    """Return the name and the bytes of the file that keeps what came of proving a merge."""
    base = states.dag.parting(revision.parents)
    rows = f"{made.rows} in {made.tables} tables"
    said: Iterable[tuple[str, str]] = (
        ("merge", " ".join((name, *revision.parents))),
        ("from", base or "base"),
        ("on", made.proof.server),
        ("rows", rows + (f", {made.note}" if made.note else "")),
        ("outcome", "proven" if made.proof.proven else "contradicted"),
    )
    text = "".join(f"-- {key}: {value}\n" for key, value in said)
    server = re.sub(r"[^a-z0-9.]+", "-", made.proof.server)
    return f"{short(name)}-{server}", f"-- schemaops proof 1\n{text}".encode()
