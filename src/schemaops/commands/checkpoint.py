"""``checkpoint``: one revision that stands for all before it, where every environment has passed.

It is sealed over a dominator of the history, a revision that every way from base to the head goes by.
Where revisions came after that one, a merge joins the checkpoint with them: a database past it goes
on as it would have, a new one begins at the checkpoint and executes what came since.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace

from schemaops.commands import merging
from schemaops.commands.authors import author, now
from schemaops.commands.merge import next_hints
from schemaops.commands.merged import Heads, Merged, merge_heads
from schemaops.commands.merging import UnderWay
from schemaops.commands.places import last_place
from schemaops.commands.scripts import Script
from schemaops.commands.sealing import Sealed, Sealing
from schemaops.commands.specs import revision_named, working_head
from schemaops.commands.standing import found, planner
from schemaops.commands.workspace import Workspace
from schemaops.config import Environment
from schemaops.diff import diff
from schemaops.errors import Cause, SchemaOpsError
from schemaops.history.revision import Revision, RevisionId, file_name, short
from schemaops.history.states import Known
from schemaops.operations.rows import Rows
from schemaops.plan.back import stands_at
from schemaops.plan.standing import Unit, applied_units
from schemaops.reports.checkpoint import CheckpointReport, Passed
from schemaops.reports.objects import operation_words
from schemaops.reports.text import count
from schemaops.reverse.invert import effects_of
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Effect
from schemaops.sql.render import render, script

__all__ = ["NoSafePoint", "NotWritable", "Wanted", "checkpoint"]


class NoSafePoint(SchemaOpsError):
    """There is no place for a checkpoint that every environment has passed.

    A checkpoint may only stand for what every database has applied: for a revision that every way
    from base to the head goes by. The details say where each environment stands. Replay those that
    are behind first, or name an earlier revision: `schemaops checkpoint REV`. An environment that
    cannot be reached, and was never looked at, is left out of account with `--without ENV`.
    """

    code = "SO741"
    cause = Cause.DECISION

    def __init__(self, message: str, *, details: tuple[str, ...], hints: tuple[str, ...]) -> None:
        super().__init__(message, hints=hints)
        self.details = details


class NotWritable(SchemaOpsError):
    """The schema at the revision cannot all be written down as statements that build it.

    The details name what is missing. An effect that nobody knows is one reason: name a server that can
    run it as `scratch = "$VARIABLE"` in `.schemaops/config.toml`.
    """

    code = "SO742"
    cause = Cause.DECISION

    def __init__(self, message: str, *, details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.details = details


@dataclass(frozen=True, slots=True)
class Wanted:
    """The revision to stand for (None: the latest that every environment has passed), the message,
    and environments to leave out of account."""

    spec: str | None = None
    message: str | None = None
    without: tuple[str, ...] = ()
    rehearse: bool = True


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an environment stands: what it has applied, how that is known, or why it is not."""

    name: str
    known: str
    units: tuple[Unit, ...] = ()
    at: str | None = None
    problem: str | None = None

    def words(self) -> str:
        """Return it in a clause."""
        if self.problem is not None:
            return f"{self.name}: {self.problem}"
        return f"{self.name} is at {'base' if self.at is None else self.at[:7]}"


def checkpoint(workspace: Workspace, wanted: Wanted) -> CheckpointReport:
    """Seal a checkpoint and report it; raise NoSafePoint, NotWritable."""
    head = working_head(workspace)
    if head is None:
        raise NoSafePoint("there is no revision yet", details=(), hints=("schemaops status",))
    places = tuple(_places(workspace, wanted))
    at = _point(workspace, head, wanted, places)
    sealed, notes = _sealed(workspace, at, wanted)
    name = file_name(sealed.id, sealed.revision)
    writing = merging.Writing(workspace, UnderWay("a checkpoint", head))
    writing.revision(name, sealed.data)
    workspace.refresh()
    workspace.states().keep(sealed.id, sealed.known)
    joined: Merged | None = None
    if at != head:
        try:
            joined = merge_heads(workspace, (workspace.tree,), Heads(head, sealed.id))
        except BaseException:
            merging.undo(workspace, writing.state)
            merging.end(workspace)
            raise
        assert joined.revision is not None, "nothing is at odds with a checkpoint"
        assert joined.id is not None
        writing.revision(file_name(joined.id, joined.revision), joined.data)
        workspace.refresh()
    merging.end(workspace)
    return CheckpointReport(
        sealed.id,
        workspace.store.place(name).file,
        at,
        workspace.tree.headers[at].title,
        len(workspace.dag.ancestors(at)) + 1,
        sum(1 for _ in sealed.known.schema),
        None if joined is None else joined.id,
        tuple(Passed(one.name, one.known, one.at) for one in places if one.problem is None),
        (*sealed.notes, *notes),
        next_hints(workspace, "Checkpoint"),
    )


def _places(workspace: Workspace, wanted: Wanted) -> Iterator[_Place]:
    for environment in workspace.config.environments.values():
        if environment.name not in wanted.without:
            yield _place(workspace, environment)


def _place(workspace: Workspace, environment: Environment) -> _Place:
    try:
        seen = found(workspace, environment)
        return _Place(environment.name, "now", seen.units, stands_at(seen.facts))
    except SchemaOpsError as error:
        known = last_place(workspace, environment.name)
        if known is None:
            return _Place(environment.name, "unknown", problem=error.message)
        units = applied_units(known.applied())
        return _Place(environment.name, f"as of {known.seen}", units, known.revision)


def _point(
    workspace: Workspace, head: RevisionId, wanted: Wanted, places: tuple[_Place, ...]
) -> RevisionId:
    headers = workspace.tree.headers
    safe = workspace.dag.dominators((head,))
    unknown = [one for one in places if one.problem is not None]
    if unknown:
        names = ", ".join(one.name for one in unknown)
        raise NoSafePoint(
            f"it is not known where {names} stands",
            details=tuple(one.words() for one in unknown),
            hints=tuple(f"schemaops checkpoint --without {one.name}" for one in unknown),
        )
    replay = planner(workspace)
    passed = {one.name: replay.matched(one.units, head).found for one in places}

    def behind(at: RevisionId) -> list[_Place]:
        # A database that has nothing yet begins at the checkpoint.
        return [one for one in places if one.units and at not in passed[one.name]]

    if wanted.spec is not None:
        at = revision_named(workspace, wanted.spec).revision
        if at is None or at not in safe:
            listed = ", ".join(short(one)[:7] for one in safe[-3:])
            raise NoSafePoint(
                f"not every way to the head goes by {wanted.spec}",
                details=(f"every way goes by {listed}",),
                hints=tuple(f"schemaops checkpoint {short(one)[:7]}" for one in safe[-1:]),
            )
        late = behind(at)
        if late:
            raise _late(wanted, late, headers[at].title)
    else:
        chosen = next((one for one in reversed(safe) if not behind(one)), None)
        if chosen is None:
            raise _late(wanted, behind(safe[0]), headers[safe[0]].title)
        at = chosen
    there = [one for one in (at, *workspace.dag.children(at)) if headers[one].checkpoint]
    if there:
        raise NoSafePoint(
            f"{short(there[0])[:7]} is a checkpoint for that already",
            details=tuple(one.words() for one in places),
            hints=(f"schemaops show {short(there[0])[:7]}",),
        )
    return at


def _late(wanted: Wanted, late: list[_Place], title: str) -> NoSafePoint:
    names = ", ".join(one.name for one in late)
    has = "has" if len(late) == 1 else "have"
    at = "" if wanted.spec is None else f" {wanted.spec}"
    return NoSafePoint(
        f"{names} {has} not passed{at or f' {title}'}",
        details=tuple(one.words() for one in late),
        hints=tuple(f"schemaops replay {shlex.quote(one.name)}" for one in late),
    )


def _sealed(workspace: Workspace, at: RevisionId, wanted: Wanted) -> tuple[Sealed, tuple[str, ...]]:
    states = workspace.states()
    known = states.at(at)
    if not known.certain:
        raise NotWritable("an effect on the way there is not known")
    empty = Schema.empty(workspace.dialect)
    statements = render(diff(empty, known.schema), empty)
    effects = {
        text: Effect(effect.operations, "declared")
        for text, effect in effects_of(statements, empty, known.schema).items()
    }
    title = workspace.tree.headers[at].title
    head = Revision(
        parents=(at,),
        message=wanted.message or f"Checkpoint: all up to {title}",
        author=author(workspace),
        date=now(workspace),
        checkpoint=True,
    )
    sealing = Sealing(Known(empty), rehearse=False, search_path=workspace.config.search_path)
    sealed = sealing.seal(head, Script("the checkpoint", script(statements)), known=effects)
    if sealed.known.schema != known.schema:
        apart = diff(sealed.known.schema, known.schema)
        raise NotWritable(
            f"{count(len(apart), 'operation')} cannot be written as statements",
            details=tuple(operation_words(one, workspace.default_schema) for one in apart),
        )
    notes: tuple[str, ...] = ()
    if wanted.rehearse:
        sealed, notes = _rehearsed(workspace, sealed, statements, known.schema)
    return sealed, (*notes, *_rows(workspace, at))


def _rehearsed(
    workspace: Workspace, sealed: Sealed, statements: tuple[str, ...], schema: Schema
) -> tuple[Sealed, tuple[str, ...]]:
    """Return the checkpoint as built on a scratch database; raise NotWritable where that differs."""
    from schemaops.database.failures import DatabaseFailure
    from schemaops.database.observe import observe
    from schemaops.database.scratch import scratch
    from schemaops.database.sending import send, server_name

    url = workspace.scratch_url()
    if url is None and workspace.dialect != "sqlite":
        return sealed, ()
    try:
        with (
            scratch(workspace.dialect, url=url) as database,
            database.connect(create=True) as connection,
        ):
            refusal = send(connection, statements, workspace.config.search_path)
            if refusal is not None:
                return sealed, (f"not rehearsed to the end: {refusal}",)
            there = observe(connection)
            if there != schema:
                raise NotWritable(
                    "on a scratch database the checkpoint does not build what it stands for",
                    details=tuple(operation_words(one) for one in diff(schema, there)),
                )
            return replace(sealed, rehearsed=server_name(connection)), ()
    except DatabaseFailure as failure:
        return sealed, (f"not rehearsed: {failure.message}",)


def _rows(workspace: Workspace, at: RevisionId) -> Iterator[str]:
    """Yield that what data statements wrote before is not in the checkpoint."""
    states = workspace.states()
    writing = [
        one
        for one in workspace.dag.between(None, at)
        if not workspace.tree.headers[one].is_merge
        and any(
            isinstance(operation, Rows)
            for group in states.groups(one)
            for operation in group.operations
        )
    ]
    if writing:
        listed = ", ".join(short(one)[:7] for one in writing[:5])
        more = f" and {len(writing) - 5} more" if len(writing) > 5 else ""
        yield (
            f"rows that {listed}{more} wrote are not in it: seal those that new databases need as a "
            "migration of its own"
        )
