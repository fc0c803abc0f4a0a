"""A merge of scripts proven on a scratch database, from both sides and with the base's rows.

A clean merge is proven when both ways to it run and end in the schema that the merge has, with the
same rows. Conflicts are borne out when the two orders of the sides, as written, do not both run and
end alike; where they do, other rows may still tell them apart, so nothing is proven either way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from schemaops.commands.workspace import open_workspace
from schemaops.config import NoConfig
from schemaops.database.observe import observe
from schemaops.database.rows import RowsOf, differences, read_rows
from schemaops.database.scratch import scratch
from schemaops.database.sending import Refusal, send, server_name
from schemaops.diff import diff
from schemaops.errors import Cause, SchemaOpsError
from schemaops.merge import Merge, MergedStatement
from schemaops.reports.objects import operation_words
from schemaops.reports.proof import Course, Proof
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Interpretation
from schemaops.store.directory import NoFolder

__all__ = ["BaseRefused", "configured_scratch", "proof"]


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
    bench = _Bench(built, url)
    mine, its = (tuple(group.text for group in side.groups) for side in (ours, theirs))
    if not merge.clean:
        return bench.of_conflicts(mine, its)
    return bench.of_clean(
        (mine, _texts(merge.ours_to_merged)), (its, _texts(merge.theirs_to_merged)), merge.schema
    )


class _Bench:
    """Runs lines over one base, each on a scratch database of its own."""

    def __init__(self, built: Interpretation, url: str | None) -> None:
        self._base = tuple(group.text for group in built.groups)
        self._dialect = built.after.dialect
        self._url = url
        self._server = ""

    def of_clean(
        self, ours: tuple[tuple[str, ...], ...], theirs: tuple[tuple[str, ...], ...], wanted: Schema
    ) -> Proof:
        """Return whether both ways end in the merge."""
        first, second = self._ended(ours), self._ended(theirs)
        against: list[str] = []
        for name, ended in (("ours", first), ("theirs", second)):
            if ended.refusal is not None:
                against.append(f"the way from {name}: {ended.refusal}")
            else:
                against += (f"the way from {name}: {one}" for one in _apart(wanted, ended.schema))
        if not against:
            against += _rows_apart(first, second)
        courses = (_course("from ours", first), _course("from theirs", second))
        return Proof(not against, self._server, courses, tuple(against))

    def of_conflicts(self, ours: tuple[str, ...], theirs: tuple[str, ...]) -> Proof:
        """Return whether the two orders go otherwise."""
        first, second = self._ended((ours, theirs)), self._ended((theirs, ours))
        against: list[str] = []
        if first.refusal is None and second.refusal is None:
            against += _apart(first.schema, second.schema)
            against += _rows_apart(first, second)
        borne_out = bool(against or first.refusal or second.refusal)
        courses = (_course("ours, then theirs", first), _course("theirs, then ours", second))
        return Proof(borne_out or None, self._server, courses, tuple(against))

    def _ended(self, lines: Iterable[tuple[str, ...]]) -> _Ended:
        with (
            scratch(self._dialect, url=self._url) as database,
            database.connect(create=True) as connection,
        ):
            self._server = server_name(connection)
            refusal = send(connection, self._base)
            if refusal is not None:
                raise BaseRefused(f"the base cannot be built on {self._server}: {refusal}")
            for texts in lines:
                refusal = refusal or send(connection, texts)
            schema = observe(connection)
            return _Ended(schema, read_rows(connection, schema), refusal)


def _texts(way: Iterable[MergedStatement]) -> tuple[str, ...]:
    return tuple(one.sql for one in way if one.sql is not None)


def _apart(wanted: Schema, found: Schema) -> list[str]:
    if wanted == found:
        return []
    words = [operation_words(one) for one in diff(wanted, found)]
    return words or ["it ends in another schema"]


def _rows_apart(first: _Ended, second: _Ended) -> list[str]:
    apart = differences(first.rows, second.rows)
    return [one.said("the first way", "the second") for one in apart]


def _course(name: str, ended: _Ended) -> Course:
    if ended.refusal is not None:
        return Course(name, refused=str(ended.refusal))
    rows = sum(sum(counted.values()) for counted in ended.rows.values())
    return Course(name, ended.schema.fingerprint, rows)
