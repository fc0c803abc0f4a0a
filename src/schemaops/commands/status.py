"""``status``: heads, drafts, and where each environment stands; connects only when asked to."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from schemaops.commands.places import last_place
from schemaops.commands.workspace import Workspace
from schemaops.config import Environment
from schemaops.errors import SchemaOpsError
from schemaops.history.revision import RevisionId
from schemaops.plan.standing import Match, Unit, applied_units, match
from schemaops.reports.status import EnvironmentStatus, Head, StatusReport

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["merging_branch", "status"]


def status(workspace: Workspace, *, live: bool = False) -> StatusReport:
    """Return the state of the work tree, and of the environments as last seen or, `live`, as they
    are."""
    dag, headers = workspace.dag, workspace.tree.headers
    heads = dag.heads()
    look = _live if live else _last_seen
    drafts = workspace.store.drafts()
    hints: list[str] = []
    if len(heads) > 1:
        under = merging_branch(workspace) is not None
        hints.append("schemaops merge --status" if under else "schemaops merge")
    hints += (f"schemaops commit {drafts[0]}",) if len(drafts) == 1 else ()
    environments = tuple(look(workspace, one) for one in workspace.config.rollout())
    hints += (
        f"schemaops drift {shlex.quote(one.name)}"
        for one in environments
        if one.drift and one.problem is None
    )
    return StatusReport(
        branch=None if workspace.git is None else workspace.git.branch(),
        dialect=workspace.dialect,
        heads=tuple(Head(one, headers[one].title) for one in heads),
        revisions=len(dag),
        drafts=drafts,
        merging=merging_branch(workspace),
        doing=_doing(workspace),
        environments=environments,
        hints=tuple(hints),
    )


def merging_branch(workspace: Workspace) -> str | None:
    """Return what is being merged, None where no merge is under way."""
    from schemaops.commands.merging import under_way

    state = under_way(workspace)
    return None if state is None else state.name


def _doing(workspace: Workspace) -> str:
    """Return what is under way, as a participle."""
    from schemaops.commands.merging import under_way

    state = under_way(workspace)
    kinds = {"rebase": "rebasing behind", "pick": "picking"}
    return kinds.get("merge" if state is None else state.kind, "merging")


def _last_seen(workspace: Workspace, environment: Environment) -> EnvironmentStatus:
    blank = _blank(environment)
    place = last_place(workspace, environment.name)
    if place is None:
        return blank
    units = applied_units(place.applied())
    known = _against(workspace, blank, units, place.revision)
    return replace(known, seen=place.seen, drift=place.drift)


def _live(workspace: Workspace, environment: Environment) -> EnvironmentStatus:
    from schemaops.commands.standing import found, note_place, planner
    from schemaops.plan.back import stands_at

    blank = replace(_blank(environment), live=True)
    try:
        seen = found(workspace, environment)
        drift = seen.drifted(planner(workspace)) if seen.exists else False
    except SchemaOpsError as error:
        return replace(blank, problem=error.message)
    if seen.exists:
        note_place(workspace, seen, drift)
    problem = None
    if seen.ledger.in_flight is not None:
        problem = "a replay was cut short: resume it"
    elif not seen.ledger.exists and len(seen.observed):
        problem = "it has tables and no ledger"
    known = _against(workspace, blank, seen.units, stands_at(seen.facts))
    return replace(known, drift=drift, problem=problem)


def _blank(environment: Environment) -> EnvironmentStatus:
    return EnvironmentStatus(
        environment.name,
        environment.url,
        protected=environment.protected,
        follow=environment.follow,
    )


def _against(
    workspace: Workspace, blank: EnvironmentStatus, units: Sequence[Unit], stands: str | None
) -> EnvironmentStatus:
    found = _match(workspace, units)
    return replace(
        blank,
        known=True,
        revision=stands,
        ahead=sum(len(unit.facts) for unit in found.extra),
        pending=found.missing,
    )


def _match(workspace: Workspace, units: Sequence[Unit]) -> Match:
    dag, headers = workspace.dag, workspace.tree.headers
    wanted: tuple[RevisionId, ...] = dag.beyond((), dag.heads())
    beginnings = {
        one: dag.ancestors(one) for one in wanted if headers[one].checkpoint and dag.parents(one)
    }
    return match(units, wanted, headers.__getitem__, beginnings)
