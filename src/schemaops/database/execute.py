"""Carry out a plan: under the lock, in the state it was made for, move by move; and go on after
a crash.

with database.connect() … execute(database, plan, observe=…, clock=…, who=…)
a move was cut short?   resume(database, …), then plan anew from the ledger
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from schemaops.database import ledger
from schemaops.database.archive import NotPutBack
from schemaops.database.connect import Database
from schemaops.database.failures import ConnectionLost
from schemaops.database.ledger import Direction, Entry
from schemaops.database.lock import describe_holder, locked
from schemaops.database.moves import Observe, Progress, Replaying
from schemaops.database.sessions import Limits
from schemaops.database.stops import MoveStopped, NothingInDoubt, refuse_transaction_statements
from schemaops.database.units import is_undoing
from schemaops.errors import Cause, SchemaOpsError
from schemaops.plan.steps import EMPTY_LEDGER, Move, Plan

__all__ = [
    "Executed",
    "MoveInFlight",
    "OnFailure",
    "PlanOutdated",
    "StateDiffers",
    "execute",
    "resume",
]


class PlanOutdated(SchemaOpsError):
    """The database's ledger says something else than when the plan was made.

    Another replay has moved the database since. The plan is for the state it names and no other, so
    nothing was executed: plan again.
    """

    code = "SO520"
    cause = Cause.WORLD


class StateDiffers(SchemaOpsError):
    """The database does not hold what it held when the plan was made, or what its ledger says it
    must.

    Somebody changed it without SchemaOps (drift). Executing the plan would build on something that
    nobody has looked at, so nothing was executed. Look at what differs, and reconcile it.
    """

    code = "SO521"
    cause = Cause.DECISION


class MoveInFlight(SchemaOpsError):
    """An earlier replay was cut short in the middle of a revision.

    The revision's statements could not share a transaction, so some of them have remained; the
    database holds a note of what was done, and of all it takes to finish. Resume; with
    `--on-failure revert` what was done is taken back instead.
    """

    code = "SO522"
    cause = Cause.WORLD


class OnFailure(StrEnum):
    """What becomes of the moves before the one that failed."""

    STOP = "stop"
    REVERT = "revert"


@dataclass(frozen=True, slots=True)
class Executed:
    """What a replay did: the rows it added to the ledger, where the database stands now, and what
    of the archive could not be put back because others wrote there meanwhile."""

    entries: tuple[Entry, ...]
    position: str
    fingerprint: str | None
    left: tuple[NotPutBack, ...] = ()


def execute(
    database: Database,
    plan: Plan,
    *,
    observe: Observe,
    clock: Callable[[], datetime],
    who: str,
    limits: Limits = Limits(),  # noqa: B008 — a frozen value
    progress: Callable[[Progress], None] | None = None,
    on_failure: OnFailure = OnFailure.STOP,
    create: bool = False,
    together: Callable[[Move], bool] = lambda _: False,
    moment: str | None = None,
) -> Executed:
    """Return what was done; raise PlanOutdated, StateDiffers, MoveInFlight or ReplayRunning before
    anything is, MoveStopped when a move fails. A missing SQLite file or database of an embedded
    server is made when `create` says so. `together` says of a move that it is understood, so that
    its statements, and the commit before them, may be sent at once with what checks them.
    `moment` is when the plan's fingerprint was seen: it is not looked at again where the server says
    that nothing was written since."""
    for move in plan.moves:
        refuse_transaction_statements(move, plan.dialect)
    with _replaying(
        database,
        environment=plan.environment,
        observe=observe,
        clock=clock,
        who=who,
        limits=limits,
        progress=progress,
        create=create,
        together=together,
    ) as replaying:
        _refuse_another_state(replaying, plan, moment)
        if not plan.moves:
            return _executed(replaying)
        ledger.ensure(replaying.connection)
        replaying.introduce()
        for index, move in enumerate(plan.moves):
            following = plan.moves[index + 1 : index + 3]
            try:
                replaying.carry_out(
                    move, plan.before(index), whole=not following, following=following
                )
            except MoveStopped as stopped:
                if on_failure is OnFailure.STOP:
                    raise
                raise _gone_back(replaying, plan, replaying.done, stopped) from None
        return _executed(replaying)


def resume(
    database: Database,
    *,
    environment: str,
    observe: Observe,
    clock: Callable[[], datetime],
    who: str,
    limits: Limits = Limits(),  # noqa: B008 — a frozen value
    progress: Callable[[Progress], None] | None = None,
    took_effect: bool | None = None,
    direction: Direction = Direction.DO,
) -> Executed:
    """Finish the move that was cut short, or take it back; without one, do nothing. Raise
    StatementInDoubt where a person must say whether a statement took effect, and MoveStopped."""
    with _replaying(
        database,
        environment=environment,
        observe=observe,
        clock=clock,
        who=who,
        limits=limits,
        progress=progress,
    ) as replaying:
        in_flight = ledger.read(replaying.connection).in_flight
        if in_flight is None:
            if took_effect is not None:
                raise NothingInDoubt("no statement is in doubt")
            return _executed(replaying)
        replaying.introduce()
        in_flight = replaying.settle(in_flight, took_effect)
        # What has begun to be taken back is not half there, half gone: it goes on that way.
        if direction is Direction.UNDO or is_undoing(in_flight):
            replaying.take_back(in_flight)
        else:
            replaying.finish(in_flight)
        return _executed(replaying)


@contextmanager
def _replaying(
    database: Database,
    *,
    environment: str,
    observe: Observe,
    clock: Callable[[], datetime],
    who: str,
    limits: Limits,
    progress: Callable[[Progress], None] | None,
    create: bool = False,
    together: Callable[[Move], bool] = lambda _: False,
) -> Iterator[Replaying]:
    hint = (f"schemaops replay {environment} --resume",)
    with database.connect(create=create) as connection:
        replaying = Replaying(
            connection,
            environment=environment,
            observe=observe,
            clock=clock,
            who=who,
            limits=limits,
            progress=progress,
            together=together,
        )
        holder = describe_holder(who, replaying.now())
        try:
            with locked(connection, holder, wait=limits.replay, hints=hint):
                connection.fresh(limits)
                replaying.last = ledger.last_entry(connection)
                yield replaying
        except ConnectionLost as lost:
            lost.hints = hint
            raise


def _refuse_another_state(replaying: Replaying, plan: Plan, moment: str | None) -> None:
    connection = replaying.connection
    environment = plan.environment
    if ledger.is_in_flight(connection):
        raise MoveInFlight(
            "an earlier replay was cut short in the middle of a revision",
            hints=(f"schemaops replay {environment} --resume",),
        )
    stands = replaying.last.position if replaying.last else EMPTY_LEDGER
    if stands != plan.position:
        raise PlanOutdated(
            f"{environment} has moved since the plan was made",
            hints=(f"schemaops plan {environment}",),
        )
    if moment is not None and moment == connection.moment():
        replaying.fingerprint = plan.fingerprint
        return
    replaying.fingerprint = replaying.observed()
    if plan.fingerprint is not None and replaying.fingerprint != plan.fingerprint:
        raise StateDiffers(
            f"{environment} does not hold what the plan was made for",
            hints=("schemaops status --live",),
        )


def _gone_back(replaying: Replaying, plan: Plan, index: int, stopped: MoveStopped) -> MoveStopped:
    """Take the plan's moves back to where it started; return the error that tells so."""
    environment = plan.environment
    try:
        in_flight = ledger.read(replaying.connection).in_flight
        if in_flight is not None:
            replaying.take_back(replaying.settle(in_flight, None))
        for done in reversed(range(index)):
            undone = plan.moves[done].undone(plan.before(done))
            if undone is None:
                return stopped.told(
                    f"the database could be taken back to revision "
                    f"{plan.moves[done].revision[:12]} and no further",
                    (f"schemaops plan {environment}",),
                )
            replaying.carry_out(undone, plan.moves[done].fingerprint, whole=done == 0)
    except MoveStopped as second:
        return stopped.told(
            f"and the way back stopped too: {second.message}",
            second.hints or (f"schemaops replay {environment} --resume",),
        )
    return stopped.told(
        "the database was taken back to where it was", (f"schemaops plan {environment}",)
    )


def _executed(replaying: Replaying) -> Executed:
    last = replaying.last
    return Executed(
        tuple(replaying.entries),
        last.position if last else EMPTY_LEDGER,
        replaying.fingerprint,
        tuple(replaying.left),
    )
