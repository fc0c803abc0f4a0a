"""A merge proven on scratch databases, from all its sides and with the base's rows.

A clean merge is proven when every way to it runs and ends in the schema that the merge has, with the
same rows. Conflicts are borne out when the two orders of the sides, as written, do not both run and
end alike; where they do, other rows may still tell them apart, so nothing is proven either way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from schemaops.commands.workspace import open_workspace
from schemaops.config import NoConfig
from schemaops.database.observe import observe
from schemaops.database.rows import RowsOf, differences, read_rows
from schemaops.database.scratch import scratch
from schemaops.database.sending import Refusal, send, server_name
from schemaops.diff import diff
from schemaops.errors import Cause, SchemaOpsError
from schemaops.merge import Merge, MergedStatement
from schemaops.names import Address
from schemaops.reports.objects import operation_words
from schemaops.reports.proof import Course, Proof
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Interpretation
from schemaops.store.directory import NoFolder

if TYPE_CHECKING:
    from schemaops.database.connect import Connection

__all__ = ["BaseRefused", "Bench", "Line", "configured_scratch", "proof"]

Line = tuple[str, ...]
"""Statements, run one after another."""


class BaseRefused(SchemaOpsError):
    """A scratch database refuses the script that builds the base, so nothing can be proven there.

    The message is the database's own. Where it lacks something (an extension, a role, a version),
    name another server: `schemaops merge-file BASE OURS THEIRS --prove URL`.
    """

    code = "SO340"
    cause = Cause.WORLD


@dataclass(frozen=True, slots=True)
class _Ended:
    """Where statements ended: the schema and the rows, or the statement that was refused."""

    schema: Schema
    rows: RowsOf
    refusal: Refusal | None = None


def configured_scratch(dialect: str, start: Path) -> str | None:
    """Return the server that the project around a place has for scratch databases, if any."""
    try:
        workspace = open_workspace(start)
        return workspace.scratch_url() if workspace.dialect == dialect else None
    except (NoFolder, NoConfig):
        return None


def proof(
    built: Interpretation,
    ours: Interpretation,
    theirs: Interpretation,
    merge: Merge,
    url: str | None = None,
) -> Proof:
    """Return what a scratch database says of a merge; raise BaseRefused, ScratchMissing."""
    texts = tuple(group.text for group in built.groups)

    def base(connection: Connection) -> None:
        refusal = send(connection, texts)
        if refusal is not None:
            server = server_name(connection)
            raise BaseRefused(f"the base cannot be built on {server}: {refusal}")

    bench = Bench(base, built.after.dialect, url)
    mine, its = (tuple(group.text for group in side.groups) for side in (ours, theirs))
    if not merge.clean:
        return bench.of_conflicts(mine, its)
    ways = {
        "ours": (mine, _texts(merge.ours_to_merged)),
        "theirs": (its, _texts(merge.theirs_to_merged)),
    }
    return bench.of_clean(ways, merge.schema)


class Bench:
    """Runs lines over one base, each on a scratch database of its own.

    `begin` puts the base into a new database; `own` says afterwards whether a side's own line was
    refused, before anything of the other's came: then the rows do not fit it.
    """

    def __init__(self, begin: Callable[[Connection], None], dialect: str, url: str | None) -> None:
        self._begin = begin
        self._dialect = dialect
        self._url = url
        self._server = ""
        self.own = False

    def of_clean(
        self, ways: Mapping[str, tuple[Line, ...]], wanted: Schema, *, rows: bool = True
    ) -> Proof:
        """Return whether all ways, each a side's own line and what leads on to the merge, end there,
        and with the same `rows` if that is asked."""
        ended = {name: self._ended(lines) for name, lines in ways.items()}
        against: list[str] = []
        for name, end in ended.items():
            if end.refusal is not None:
                against.append(f"the way from {name}: {end.refusal}")
            else:
                against += (f"the way from {name}: {one}" for one in _apart(wanted, end.schema))
        if not against and rows:
            (first, begun), *others = ended.items()
            for name, other in others:
                against += self._rows_apart((first, begun, ways[first]), (name, other))
        courses = tuple(_course(f"from {name}", end) for name, end in ended.items())
        return Proof(not against, self._server, courses, tuple(against))

    def of_conflicts(self, ours: Line, theirs: Line) -> Proof:
        """Return whether the two orders go otherwise."""
        names = ("ours, then theirs", "theirs, then ours")
        first, second = self._ended((ours, theirs)), self._ended((theirs, ours))
        against: list[str] = []
        if first.refusal is None and second.refusal is None:
            against += _apart(first.schema, second.schema)
            against += self._rows_apart((names[0], first, (ours, theirs)), (names[1], second))
        borne_out = bool(against or first.refusal or second.refusal)
        courses = (_course(names[0], first), _course(names[1], second))
        return Proof(borne_out or None, self._server, courses, tuple(against))

    def _rows_apart(
        self, first: tuple[str, _Ended, Sequence[Line]], second: tuple[str, _Ended]
    ) -> list[str]:
        """Return where two ends differ in their rows, but for what differs every time: the hour, or
        a number drawn by lot."""
        (name, one, lines), (other_name, other) = first, second
        found = differences(one.rows, other.rows)
        if found:
            again = self._ended(lines)
            found = differences(
                _steady(one.rows, one.rows, again.rows), _steady(other.rows, one.rows, again.rows)
            )
        return [each.said(f"from {name}", f"from {other_name}") for each in found]

    def _ended(self, lines: Sequence[Line]) -> _Ended:
        with (
            scratch(self._dialect, url=self._url) as database,
            database.connect(create=True) as connection,
        ):
            self._server = server_name(connection)
            self._begin(connection)
            refusal = None
            for within, texts in enumerate(lines):
                refusal = send(connection, texts)
                if refusal is not None:
                    self.own = self.own or within == 0
                    break
            schema = observe(connection)
            return _Ended(schema, read_rows(connection, schema), refusal)


def _steady(rows: RowsOf, once: RowsOf, again: RowsOf) -> RowsOf:
    """Return rows without the columns whose values were others when the same was run once more."""
    found: dict[Address, Counter[tuple[str, ...]]] = {}
    for table, counted in rows.items():
        mine, its = once.get(table, Counter()), again.get(table, Counter())
        varying = {
            cell.partition(" = ")[0]
            for row in (*(mine - its), *(its - mine))
            for cell in row
            if _column(mine, cell) != _column(its, cell)
        }
        kept: Counter[tuple[str, ...]] = Counter()
        for row, number in counted.items():
            kept[tuple(c for c in row if c.partition(" = ")[0] not in varying)] += number
        found[table] = kept
    return found


def _column(rows: Counter[tuple[str, ...]], like: str) -> Counter[str]:
    """Return the values of the column that a cell is of."""
    name = like.partition(" = ")[0]
    found: Counter[str] = Counter()
    for row, number in rows.items():
        for cell in row:
            if cell.partition(" = ")[0] == name:
                found[cell] += number
    return found


def _texts(way: Iterable[MergedStatement]) -> tuple[str, ...]:
    return tuple(one.sql for one in way if one.sql is not None)


def _apart(wanted: Schema, found: Schema) -> list[str]:
    if wanted == found:
        return []
    words = [operation_words(one) for one in diff(wanted, found)]
    return words or ["it ends in another schema"]


def _course(name: str, ended: _Ended) -> Course:
    if ended.refusal is not None:
        return Course(name, refused=str(ended.refusal))
    rows = sum(sum(counted.values()) for counted in ended.rows.values())
    return Course(name, ended.schema.fingerprint, rows)
