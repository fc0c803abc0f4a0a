"""``drift``: what a database holds beside what its ledger says, and the ways out."""

from __future__ import annotations

import shlex

from schemaops.commands.drafts import draft_name, template
from schemaops.commands.hazards import assessed_diff
from schemaops.commands.plan import refuse_unfit
from schemaops.commands.specs import working_head
from schemaops.commands.standing import found, note_place, planner
from schemaops.commands.workspace import Workspace
from schemaops.diff import diff
from schemaops.plan.back import stands_at
from schemaops.reports.done import DoneReport
from schemaops.reports.drift import DriftReport
from schemaops.sql.render import client_script, render

__all__ = ["draft_of", "drift"]


def drift(workspace: Workspace, name: str) -> DriftReport:
    """Return what was changed in an environment's database past SchemaOps; raise what keeps from
    saying it."""
    environment = workspace.config.environment(name)
    seen = found(workspace, environment)
    refuse_unfit(workspace, seen, working_head(workspace))
    replay = planner(workspace)
    expected = replay.expected(seen.units)
    certain = expected if expected is not None and expected.certain else None
    drifted = seen.drifted(replay) if seen.exists else False
    if seen.exists:
        note_place(workspace, seen, drifted)
    operations = diff(certain.schema, seen.observed) if certain and drifted else ()
    back = diff(seen.observed, certain.schema) if certain and drifted else ()
    ways: tuple[str, ...] = ()
    if operations:
        word = shlex.quote(name)
        ways = (
            f"schemaops drift {word} --sql    prints the way back",
            f"schemaops drift {word} --draft 'By hand'    makes it a migration",
        )
    return DriftReport(
        environment=name,
        url=seen.database.shown,
        dialect=workspace.dialect,
        revision=stands_at(seen.facts),
        exists=seen.exists,
        drift=drifted,
        expected=certain.schema.fingerprint if certain else None,
        observed=seen.observed.fingerprint,
        operations=operations,
        statements=render(operations, certain.schema) if certain else (),
        back=render(back, seen.observed),
        hazards=assessed_diff(back, seen.observed),
        hints=ways,
        default_schema=workspace.default_schema,
    )


def draft_of(workspace: Workspace, report: DriftReport, message: str) -> DoneReport:
    """Write a draft that does what was done by hand, and return what is next."""
    store, name = workspace.store, report.environment
    if not report.operations:
        return DoneReport("drift", (f"{name} has not drifted: there is no draft to write",))
    draft = draft_name(message, store.drafts())
    text = template(message) + client_script(report.statements, report.dialect)
    store.write_draft(draft, text.encode())
    file = store.draft_place(draft).file
    return DoneReport(
        "drift",
        (f"opened the draft {file}: it does what was done by hand",),
        {"draft": draft, "file": file},
        (
            f"schemaops commit {draft} --no-replay    seals it",
            f"schemaops replay {shlex.quote(name)} --adopt @    then records that it is there",
        ),
    )
