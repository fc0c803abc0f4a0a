"""``plan``: what a replay would execute, and whether it may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from schemaops.commands.specs import revision_named, working_head
from schemaops.commands.standing import Drifted, Found, WithoutLedger, found, note_place, planner
from schemaops.commands.workspace import Tree, Workspace
from schemaops.database.execute import MoveInFlight
from schemaops.errors import Cause, SchemaOpsError
from schemaops.history.revision import RevisionId, short
from schemaops.history.states import States
from schemaops.names import ARCHIVE
from schemaops.plan.replay import Replay
from schemaops.plan.steps import Move, MoveKind, Plan, PlannedStatement
from schemaops.schema.state import Schema

if TYPE_CHECKING:
    from schemaops.operations import Operation
    from schemaops.reports.hazards import HazardNote
    from schemaops.reports.plan import PlannedMove, PlanReport
    from schemaops.reverse import Loss

__all__ = [
    "NotCommitted",
    "OtherEngine",
    "Planned",
    "plan",
    "planned",
    "refuse_drift",
    "refuse_unfit",
    "risks",
]


class NotCommitted(SchemaOpsError):
    """A protected environment takes only revisions that are committed in git, and this one is not.

    Commit it (`git commit`), and have it reviewed, before it goes where it cannot be taken back.
    """

    code = "SO503"
    cause = Cause.DECISION


class OtherEngine(SchemaOpsError):
    """The URL of an environment is for another dialect than the project's.

    Correct the URL, or `dialect` in `.schemaops/config.toml`.
    """

    code = "SO504"


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with what it was made from; `drift` leads from the expected schema to the observed."""

    plan: Plan
    found: Found
    replay: Replay
    tree: Tree
    drift: tuple[Operation, ...] | None


def plan(workspace: Workspace, name: str, to: str | None = None) -> PlanReport:
    """Return what a replay of an environment would do."""
    from schemaops.reports.plan import PlanReport

    made = planned(workspace, name, to)
    moves = told(workspace, made)
    retry = f"schemaops replay {name}" + (f" --to {to}" if to else "")
    return PlanReport(
        made.plan,
        moves,
        tuple(made.drift or ()),
        (f"schemaops drift {name}",) if made.drift else (retry,) if made.plan.moves else (),
        workspace.default_schema,
    )


def planned(workspace: Workspace, name: str, to: str | None = None) -> Planned:
    """Return the plan for an environment; raise what forbids one."""
    environment = workspace.config.environment(name)
    if to is None:
        revision, tree = working_head(workspace), workspace.tree
    else:
        target = revision_named(workspace, to)
        revision, tree = target.revision, target.tree
    seen = found(workspace, environment)
    refuse_unfit(workspace, seen, revision)
    if environment.protected:
        _refuse_uncommitted(workspace, tree, revision)
    replay = planner(workspace, tree, lossless=environment.lossless)
    drift = seen.drift(replay)
    if seen.exists:
        note_place(workspace, seen, bool(drift) if drift is not None else seen.drifted(replay))
    return Planned(replay.plan(seen.standing, revision), seen, replay, tree, drift)


def refuse_unfit(workspace: Workspace, seen: Found, revision: RevisionId | None) -> None:
    """Raise what keeps a database from being held against a history; `revision` is one that it may
    be taken over at."""
    name = seen.environment.name
    if seen.database.dialect != workspace.dialect:
        raise OtherEngine(f"{name} is {seen.database.dialect}, the project {workspace.dialect}")
    if seen.ledger.in_flight is not None:
        raise MoveInFlight(
            "an earlier replay was cut short in the middle of a revision",
            hints=(f"schemaops replay {name} --resume",),
        )
    if not seen.ledger.exists and len(seen.observed):
        raise WithoutLedger(
            f"{name} has tables and no ledger", hints=_ways_to_adopt(workspace, name, revision)
        )


def refuse_drift(made: Planned) -> None:
    """Raise Drifted where the database holds something else than its ledger says."""
    name = made.found.environment.name
    drifted = bool(made.drift) if made.drift is not None else made.found.drifted(made.replay)
    if drifted:
        from schemaops.reports.objects import operation_words

        stands = "base" if made.plan.from_ is None else made.plan.from_[:7]
        raise Drifted(
            f"{name} does not hold what {stands} says",
            details=tuple(map(operation_words, made.drift or ())),
            hints=(f"schemaops drift {name}",),
        )


def told(workspace: Workspace, made: Planned) -> tuple[PlannedMove, ...]:
    """Return the moves with what each risks and what it loses, as far as can be foreseen."""
    states = workspace.states(made.tree, workspace.tree)
    return tuple(risks(states, made.plan.moves, made.found.observed))


def risks(states: States, moves: Iterable[Move], schema: Schema | None) -> Iterator[PlannedMove]:
    """Yield moves with what each risks and what it loses, from a database that holds a schema."""
    from schemaops.commands.hazards import assessed
    from schemaops.diff import diff
    from schemaops.reports.plan import PlannedMove
    from schemaops.reverse import reverse
    from schemaops.reverse.losses import ROWS

    for move in moves:
        hazards: tuple[HazardNote, ...] = ()
        if schema is not None and move.steps:
            revision = RevisionId(move.revision)
            effects = states.effects(revision) if revision in states.dag else {}
            planned = [one for step in move.steps for one in step.statements]
            keeps = any(one.replaces is not None for one in planned)
            text = "".join(f"{one};\n" for one in _texts(states, move, planned))
            read = states.interpreted(text, schema, effects)
            if read.faults or any(group.unknown for group in read.groups):
                schema = None
            else:
                hazards = tuple(
                    one
                    for one in assessed(read.groups, schema)
                    if not (keeps and not move.losses and one.code.startswith("DL"))
                )
                if move.kind is MoveKind.REVERT:
                    lost = reverse(read.groups, schema, diff).losses
                    if any(ARCHIVE in one.sql for one in planned):
                        # Rows go only where they are still as the up had added them.
                        lost = tuple(one for one in lost if one.what != ROWS)
                    move = replace(move, losses=tuple((_loss_words(one),) for one in lost))
                schema = read.after
        yield PlannedMove(move, hazards)


def _texts(states: States, move: Move, planned: Sequence[PlannedStatement]) -> Iterator[str]:
    """Yield a move's statements as they would be without the archive: what one of lossless mode
    replaces, and for a revert the way back that only takes away what was made."""
    revision = RevisionId(move.revision)
    if any(ARCHIVE in one.sql for one in planned) and move.kind is MoveKind.REVERT:
        parents = states.dag.parents(revision) if revision in states.dag else ()
        if revision in states.dag and len(parents) < 2:
            from schemaops.diff import diff
            from schemaops.reverse import reverse

            before = states.schema(next(iter(parents), None))
            yield from reverse(states.groups(revision), before, diff).statements
            return
    last: PlannedStatement | None = None
    for one in planned:
        if one.replaces is None:
            yield one.sql
        elif last is None or (last.replaces, last.origin) != (one.replaces, one.origin):
            yield one.replaces
        last = one


def _loss_words(loss: Loss) -> str:
    return f"{loss.what} of {'tables unknown' if loss.at is None else loss.at}"


def _refuse_uncommitted(workspace: Workspace, tree: Tree, revision: RevisionId | None) -> None:
    if workspace.git is None or tree is not workspace.tree:
        return
    committed = workspace.branch("HEAD")
    known = frozenset[RevisionId]() if committed is None else frozenset(committed.store.ids())
    for one in tree.dag.between(None, revision):
        if one not in known:
            raise NotCommitted(
                f"{short(one)} {tree.headers[one].title} is not committed in git",
                place=tree.store.place_of(one),
                hints=("git status", "git commit"),
            )


def _ways_to_adopt(workspace: Workspace, name: str, revision: RevisionId | None) -> tuple[str, ...]:
    if revision is None:
        return ("schemaops explain SO620",)
    from schemaops.commands.foreign import foreign_ids

    if foreign_ids(workspace.tree.headers[revision].message):
        return (f"schemaops adopt {name}", f"schemaops replay {name} --adopt {revision[:7]}")
    return (f"schemaops replay {name} --adopt {revision[:7]}",)
