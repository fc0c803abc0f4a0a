"""``verify``: each migration and its reversal on a scratch database."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.commands.rehearsal import Stage, stage_with
from schemaops.commands.specs import revision_named
from schemaops.commands.workspace import Workspace
from schemaops.diff import diff
from schemaops.history.dag import Dag
from schemaops.history.revision import RevisionId
from schemaops.history.spec import parse_range, parse_spec
from schemaops.history.states import States
from schemaops.plan.route import Leg, route
from schemaops.plan.way import leg_up
from schemaops.reports.objects import operation_words
from schemaops.reports.verify import Interpreted, Reversal, Verified, VerifyReport
from schemaops.schema.state import Schema
from schemaops.sql.split import split

__all__ = ["verify"]


def verify(
    workspace: Workspace, given: str | None = None, scratch: str | None = None
) -> VerifyReport:
    """Return, for each migration of a range, whether the engine agrees with what was interpreted
    and whether its reversal leads back."""
    since, until = _ends(workspace, given)
    states = workspace.states()
    url = scratch or workspace.scratch_url()
    entries: list[Verified] = []
    for leg in _legs(states.dag, since, until):
        entries.append(_verified(workspace, states, leg, url))
    return VerifyReport(tuple(entries))


def _ends(workspace: Workspace, given: str | None) -> tuple[RevisionId | None, RevisionId | None]:
    if given is None:
        since, until = "base", "@"
    elif ".." in given:
        left, _, right = given.partition("..")
        parse_range(given)
        since, until = left or "@", right or "@"
    else:
        parse_spec(given)
        since, until = f"{given}~1", given
    return revision_named(workspace, since).revision, revision_named(workspace, until).revision


def _legs(dag: Dag, since: RevisionId | None, until: RevisionId | None) -> tuple[Leg, ...]:
    """Return the way to `until`, from `since` where that is on it, else from where the two part."""
    path = dag.path(since, until)
    kept = dag.closure(() if until is None else (until,)) - frozenset(path.forth)
    way = route(dag, kept, until)
    if way is None:
        return tuple(
            leg
            for one in path.forth
            if (found := route(dag, dag.closure(dag.parents(one)[:1]), one)) is not None
            for leg in found.legs[-1:]
        )
    return way.legs


def _verified(workspace: Workspace, states: States, leg: Leg, url: str | None) -> Verified:
    revision = states.read(leg.revision)
    first = next(iter(states.dag.parents(leg.revision)), None)
    side = leg.side if leg.side is not None else (None if revision.checkpoint else first)
    before, wanted = states.schema(side), states.at(leg.revision)
    up, down = leg_up(states, leg), _down(states, leg)
    with stage_with(before, url, workspace.config.search_path) as stage:
        start = stage.schema
        if start != before:
            said = tuple(f"before: {one}" for one in _differences(before, start))
            return Verified(leg.revision, revision.title, "differs", "fails", said)
        refused = _run(stage, up)
        if refused is not None:
            return Verified(leg.revision, revision.title, "differs", "fails", (refused,))
        after = stage.schema
        interpreted: Interpreted = "equal" if after == wanted.schema else "differs"
        if not wanted.certain:
            interpreted = "opaque"
        differences = [f"up: {one}" for one in _differences(wanted.schema, after)]
        if interpreted == "opaque":
            differences = []
        reversal, said = _reversed(stage, up, down, before, after)
    return Verified(leg.revision, revision.title, interpreted, reversal, (*differences, *said))


def _reversed(
    stage: Stage, up: str, down: str | None, before: Schema, after: Schema
) -> tuple[Reversal, tuple[str, ...]]:
    if down is None:
        return "irreversible", ()
    refused = _run(stage, down)
    if refused is not None:
        return "fails", (f"down: {refused}",)
    if stage.schema != before:
        return "differs", tuple(f"down: {one}" for one in _differences(before, stage.schema))
    refused = _run(stage, up)
    if refused is not None:
        return "differs", (f"up again: {refused}",)
    if stage.schema != after:
        return "differs", tuple(f"up again: {one}" for one in _differences(after, stage.schema))
    return "exact", ()


def _run(stage: Stage, text: str) -> str | None:
    """Send a text; return why the database refuses it, None where it does not."""
    seen = stage.rehearse(tuple(split(text, stage.schema.dialect)), {})
    if seen.refused is None:
        return None
    return f"line {seen.refused.statement.line}: {seen.refused.failure.answer}"


def _down(states: States, leg: Leg) -> str | None:
    value = states.read(leg.revision)
    if leg.side is None:
        return value.down
    section = next(one for one in value.sections if one.parent == leg.side)
    return "".join(piece.text for piece in section.down)


def _differences(wanted: Schema, there: Schema) -> Iterator[str]:
    return map(operation_words, diff(wanted, there))
