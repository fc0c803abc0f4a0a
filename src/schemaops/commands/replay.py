"""``replay``: move a database to a revision; finish or take back a replay that was cut short."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace

from schemaops.commands.archive import refuse_purged
from schemaops.commands.authors import clock, who
from schemaops.commands.plan import Planned, planned, refuse_drift, told
from schemaops.commands.specs import revision_named
from schemaops.commands.standing import (
    Watching,
    WithoutLedger,
    fingerprinting,
    found,
    note,
    planner,
)
from schemaops.commands.workspace import Workspace
from schemaops.config import Environment
from schemaops.database import ledger
from schemaops.database.archive import NotPutBack
from schemaops.database.execute import Executed, OnFailure, execute, resume
from schemaops.database.ledger import Direction
from schemaops.database.moves import Progress
from schemaops.database.sessions import Limits
from schemaops.errors import Cause, SchemaOpsError
from schemaops.plan.back import stands_at
from schemaops.plan.replay import Standing
from schemaops.plan.steps import Move, MoveKind, Plan
from schemaops.reports.replay import ReplayedMove, ReplayReport, RowsNotPutBack
from schemaops.reports.text import count
from schemaops.schema.state import Schema

__all__ = ["Contradiction", "NotThere", "Wanted", "WouldLose", "WouldRevert", "replay"]


class WouldRevert(SchemaOpsError):
    """The replay would revert revisions that the target does not have.

    It does so unasked only where the environment says `follow = true`, as `dev` does. Elsewhere say
    where to go: `schemaops replay ENV --to REV`; `schemaops plan ENV` shows every statement first.
    """

    code = "SO505"
    cause = Cause.DECISION

    def __init__(self, message: str, *, details: tuple[str, ...], hints: tuple[str, ...]) -> None:
        super().__init__(message, hints=hints)
        self.details = details


class WouldLose(SchemaOpsError):
    """The replay would revert, and what rows hold would be lost.

    The details name what. Where nothing of it is needed any more, say `--accept-losses`.
    """

    code = "SO506"
    cause = Cause.DECISION

    def __init__(self, message: str, *, details: tuple[str, ...], hints: tuple[str, ...]) -> None:
        super().__init__(message, hints=hints)
        self.details = details


class NotThere(SchemaOpsError):
    """The database does not hold what the revision to adopt says.

    The details name what differs, from the revision to the database. Nothing was recorded. Name
    another revision, or bring the database to this one first.
    """

    code = "SO507"
    cause = Cause.DECISION

    def __init__(self, message: str, *, details: tuple[str, ...], hints: tuple[str, ...]) -> None:
        super().__init__(message, hints=hints)
        self.details = details


class Contradiction(SchemaOpsError):
    """Options were given that do not go together.

    `--took-effect` and `--did-not` answer one question, and only with `--resume`; `--adopt` records
    and executes nothing, so it goes with none of the others.
    """

    code = "SO508"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where to go, and what may be done for it."""

    to: str | None = None
    resume: bool = False
    took_effect: bool | None = None
    on_failure: str = "stop"
    accept_losses: bool = False
    adopt: str | None = None


Tell = Callable[[Progress], None]


def replay(
    workspace: Workspace, name: str, wanted: Wanted, tell: Tell | None = None
) -> ReplayReport:
    """Bring an environment's database to a revision and report the moves that were made."""
    if wanted.took_effect is not None and not wanted.resume:
        raise Contradiction("--took-effect and --did-not go with --resume")
    if wanted.adopt is not None and (wanted.resume or wanted.to is not None):
        raise Contradiction("--adopt goes with neither --resume nor --to")
    environment = workspace.config.environment(name)
    if wanted.adopt is not None:
        return _adopted(workspace, environment, wanted.adopt)
    finished: tuple[ReplayedMove, ...] = ()
    left: tuple[NotPutBack, ...] = ()
    if wanted.resume and found(workspace, environment).exists:
        resumed, finished = _resumed(workspace, environment, wanted, tell)
        left = resumed.left
        if wanted.on_failure == OnFailure.REVERT.value:
            its = _read(workspace, environment)
            return _report(workspace, environment, resumed, its, finished)
    made = planned(workspace, name, wanted.to)
    refuse_drift(made)
    _refuse_reverts(workspace, made, wanted)
    refuse_purged(workspace, made.plan)
    watching = Watching(workspace, made.plan)
    executed = execute(
        made.found.database,
        made.plan,
        observe=watching,
        together=watching.understands,
        moment=made.found.moment,
        clock=clock,
        who=who(workspace),
        limits=_limits(environment),
        progress=tell,
        on_failure=OnFailure(wanted.on_failure),
        create=True,
    )
    watching.keep()
    moves = tuple(
        ReplayedMove(move.kind.value, move.revision, move.message) for move in made.plan.moves
    )
    its = made.found.ledger.grown(executed.entries)
    return _report(workspace, environment, executed, its, (*finished, *moves), left)


def _resumed(
    workspace: Workspace, environment: Environment, wanted: Wanted, tell: Tell | None
) -> tuple[Executed, tuple[ReplayedMove, ...]]:
    back = wanted.on_failure == OnFailure.REVERT.value
    executed = resume(
        workspace.database(environment),
        environment=environment.name,
        observe=fingerprinting(workspace),
        clock=clock,
        who=who(workspace),
        limits=_limits(environment),
        progress=tell,
        took_effect=wanted.took_effect,
        direction=Direction.UNDO if back else Direction.DO,
    )
    moves = tuple(
        ReplayedMove(entry.fact.kind.value, entry.fact.revision, entry.fact.message)
        for entry in executed.entries
    )
    return executed, moves


def _adopted(workspace: Workspace, environment: Environment, spec: str) -> ReplayReport:
    target = revision_named(workspace, spec)
    seen = found(workspace, environment)
    states = workspace.states(target.tree, workspace.tree)
    expected: Schema = states.schema(target.revision)
    if expected != seen.observed:
        from schemaops.diff import diff
        from schemaops.reports.objects import operation_words

        raise NotThere(
            f"{environment.name} does not hold what {spec} says",
            details=tuple(map(operation_words, diff(expected, seen.observed))),
            hints=(f"schemaops diff {shlex.quote(spec)} env:{environment.name}",),
        )
    empty = Schema.empty(workspace.dialect)
    standing = (
        replace(seen.standing, observed=empty)
        if seen.ledger.entries
        else Standing(environment.name, observed=empty)
    )
    way = planner(workspace, target.tree).plan(standing, target.revision)
    if seen.ledger.entries and any(one.kind is not MoveKind.APPLY for one in way.moves):
        raise WithoutLedger(
            f"the ledger of {environment.name} has revisions that {spec} does not",
            hints=(f"schemaops plan {environment.name} --to {shlex.quote(spec)}",),
        )
    if seen.ledger.entries and not way.moves:
        raise WithoutLedger(
            f"{environment.name} has a ledger already: there is nothing to adopt",
            hints=(f"schemaops plan {environment.name}",),
        )
    moves = tuple(_recorded(move, expected.fingerprint) for move in way.moves)
    plan = Plan(
        environment.name,
        workspace.dialect,
        None,
        target.revision,
        seen.ledger.position,
        seen.observed.fingerprint,
        moves,
    )
    executed = execute(
        seen.database, plan, observe=fingerprinting(workspace), clock=clock, who=who(workspace)
    )
    done = tuple(ReplayedMove("adopt", move.revision, move.message) for move in moves)
    its = seen.ledger.grown(executed.entries)
    return _report(workspace, environment, executed, its, done)


def _recorded(move: Move, fingerprint: str) -> Move:
    facts = tuple(replace(fact, kind=MoveKind.ADOPT) for fact in move.facts)
    return replace(
        move, kind=MoveKind.ADOPT, steps=(), undo=(), facts=facts, fingerprint=fingerprint
    )


def _refuse_reverts(workspace: Workspace, made: Planned, wanted: Wanted) -> None:
    environment = made.found.environment
    reverts = [move for move in made.plan.moves if move.kind is MoveKind.REVERT]
    if environment.follow or not reverts:
        return
    to = wanted.to or _shown(made.plan.to)
    retry = f"schemaops replay {environment.name} --to {shlex.quote(to)}"
    if wanted.to is None:
        raise WouldRevert(
            f"the replay would revert {count(len(reverts), 'revision')} on {environment.name}",
            details=tuple(f"revert {_shown(one.revision)} {one.message}" for one in reverts),
            hints=(f"schemaops plan {environment.name}", retry),
        )
    if wanted.accept_losses:
        return
    lost = [
        (one.move, loss[0])
        for one in told(workspace, made)
        for loss in one.move.losses
        if one.move.kind is MoveKind.REVERT
    ]
    if lost:
        raise WouldLose(
            f"the replay would lose what rows of {environment.name} hold",
            details=tuple(f"reverting {_shown(move.revision)} loses {what}" for move, what in lost),
            hints=(f"{retry} --accept-losses",),
        )


def _report(
    workspace: Workspace,
    environment: Environment,
    executed: Executed,
    its: ledger.Ledger,
    moves: tuple[ReplayedMove, ...],
    before: tuple[NotPutBack, ...] = (),
) -> ReplayReport:
    # What was executed was checked to its end: there is no drift from it.
    note(workspace, environment.name, its, executed.fingerprint, drift=False)
    facts = tuple(entry.fact for entry in its.entries)
    left = tuple(
        RowsNotPutBack(one.table, one.count, one.keys, one.place)
        for one in dict.fromkeys((*before, *executed.left))
    )
    return ReplayReport(
        environment.name, stands_at(facts), its.position, executed.fingerprint, moves, left
    )


def _read(workspace: Workspace, environment: Environment) -> ledger.Ledger:
    with workspace.database(environment).connect(read_only=True) as connection:
        return ledger.read(connection)


def _limits(environment: Environment) -> Limits:
    limits = Limits()
    if environment.lock_timeout is not None:
        limits = replace(limits, lock=environment.lock_timeout / 1000)
    if environment.statement_timeout is not None:
        limits = replace(limits, statement=environment.statement_timeout / 1000 or None)
    return limits


def _shown(revision: str | None) -> str:
    return "base" if revision is None else revision[:7]
