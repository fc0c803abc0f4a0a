"""One move carried out: in one transaction where the engine can, else step by step, resumably.

    all of it transactional     BEGIN · statements · what is observed is as expected · facts ·
    COMMIT otherwise                   the move, and all it takes to end it, is written down
    first; then a transactional step    BEGIN · statements · "done" · COMMIT any other
    "started" · the statement · "done" and at the end what is observed, the facts, and nothing
    under way

Between "started" and "done" only the database knows whether the statement took effect. If what
is observed is what stood before it, it did not; if it is what must stand after it, it did. Where
neither tells, a person is asked; it is never sent twice by guess.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import count
from typing import Protocol

from schemaops.database import archive, ledger
from schemaops.database.archive import NotPutBack
from schemaops.database.failures import (
    Busy,
    ConnectionLost,
    DatabaseFailure,
    StatementRefused,
)
from schemaops.database.ledger import Entry, InFlight, Outcome, State
from schemaops.database.lock import describe_holder
from schemaops.database.sessions import Connection, Limits
from schemaops.database.statements import changes_role, sets_session
from schemaops.database.stops import (
    ForeignKeysBroken,
    NothingInDoubt,
    StatementFailed,
    StatementInDoubt,
    UnexpectedSchema,
    title,
)
from schemaops.database.units import Unit, backward, forward, is_undoing, remains
from schemaops.errors import SchemaOpsError
from schemaops.plan.steps import Fact, Move, PlannedStatement

__all__ = ["Happening", "Observe", "Progress", "Replaying"]


class Observe(Protocol):
    """Gives the fingerprint of what a database holds. After a move only what that touches need be
    looked at again, unless the `whole` is asked for; without one, everything."""

    def __call__(self, connection: Connection, move: Move | None, whole: bool, /) -> str: ...


class Happening(StrEnum):
    """What there is to tell while a plan is executed."""

    MOVE_BEGINS = "move begins"
    STATEMENT_BEGINS = "statement begins"
    STATEMENT_DONE = "statement done"  # not told of statements that are sent together
    WAITING = "waiting for a lock"
    MOVE_DONE = "move done"


@dataclass(frozen=True, slots=True)
class Progress:
    """Something that happened: in which move, at which of its statements (from 1)."""

    what: Happening
    move: Move
    number: int = 0
    of: int = 0
    statement: PlannedStatement | None = None


@dataclass(frozen=True, slots=True)
class _Looked:
    """What there is to know of a move before it is sent: whether it takes another role, whether its
    statements may be sent at once, and what it takes out of the archive."""

    move: Move
    takes_role: bool
    together: bool
    sorted_out: Mapping[str, tuple[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class _Waits:
    """A move whose commit is sent together with what the next one sends first."""

    move: Move
    whole: bool
    committed: Callable[[], None]


class Replaying:
    """The moves of one replay, carried out on one session under the lock."""

    def __init__(
        self,
        connection: Connection,
        *,
        environment: str,
        observe: Observe,
        clock: Callable[[], datetime],
        who: str,
        limits: Limits,
        progress: Callable[[Progress], None] | None,
        together: Callable[[Move], bool] = lambda _: False,
    ) -> None:
        self.connection = connection
        self.environment = environment
        self.observe = observe
        self.clock = clock
        self.who = who
        self.limits = limits
        self.progress = progress
        self.together = together
        self.last: Entry | None = None
        self.entries: list[Entry] = []
        self.done = 0
        self.fingerprint: str | None = None
        self.left: list[NotPutBack] = []
        self._added: tuple[Entry, ...] = ()
        self._waits: _Waits | None = None
        self._near: tuple[_Looked, ...] = ()
        self._now: tuple[int, PlannedStatement] | None = None

    def introduce(self) -> None:
        """Tell others who works here, where the lock itself does not."""
        if self.connection.dialect != "sqlite":
            ledger.record_holder(self.connection, describe_holder(self.who, self.now()))

    def observed(self) -> str:
        """Return the fingerprint of what is there, seen at one moment."""
        if self.connection.in_transaction:
            return self.observe(self.connection, None, True)
        with self.connection.transaction(reading=True):
            return self.observe(self.connection, None, True)

    def carry_out(
        self, move: Move, before: str | None, *, whole: bool, following: Sequence[Move] = ()
    ) -> None:
        """Carry out a move from the fingerprint `before`; at its end look at the `whole` schema, or
        at what the move touches; raise MoveStopped. What was found right is committed together with
        what the first move `following` sends first, where that can be; then it may be the move
        before that is stopped by what this one sends. While the server works, the next are looked
        at."""
        self._tell(Happening.MOVE_BEGINS, move)
        if move.is_one_transaction:
            together = self._looked(move).together
            ahead = bool(following) and self._looked(following[0]).together
            self.connection.meanwhile(lambda: self._look_ahead(following))
            self._in_one_transaction(move, whole=whole, together=together, ahead=ahead)
        else:
            self.connection.fresh(self.limits)
            with self.connection.transaction():
                in_flight = ledger.record_start(
                    self.connection, move, before=before, who=self.who, at=self.now()
                )
            self._run(in_flight, forward(in_flight), move.facts, move.fingerprint)

    def finish(self, in_flight: InFlight) -> None:
        """Do what is left of a move that was cut short; raise MoveStopped."""
        self._resume(in_flight)
        self._run(in_flight, forward(in_flight), in_flight.move.facts, in_flight.move.fingerprint)

    def take_back(self, in_flight: InFlight) -> None:
        """Undo what was done of a move; raise MoveStopped, or CannotUndo before anything is
        undone."""
        units = backward(in_flight)
        self.connection.fresh(self.limits)
        self._run(in_flight, units, (), in_flight.before)

    def settle(self, in_flight: InFlight, took_effect: bool | None) -> InFlight:
        """Return the move under way with no statement in doubt: as the database shows, or where it
        does not, as a person says; raise StatementInDoubt or NothingInDoubt."""
        units = [*forward(in_flight), *(backward(in_flight) if is_undoing(in_flight) else [])]
        last = in_flight.marks[-1] if in_flight.marks else None
        if last is None or last.state not in (State.STARTED, State.FAILED):
            if took_effect is not None:
                raise NothingInDoubt("no statement is in doubt")
            self._stands_where_it_was_left(in_flight, units)
            return in_flight
        unit = next(unit for unit in units if unit.mark(last.state) == last)
        shown = self._took_effect(unit)
        if shown and last.state is State.FAILED:
            # Then it was not the statement that made the database what it is.
            shown = None
        if shown is None and took_effect is None:
            raise self._in_doubt(in_flight.move, unit)
        if shown is None:
            return self._mark(in_flight, unit, State.SETTLED if took_effect else State.DENIED)
        if took_effect is not None and took_effect != shown:
            raise NothingInDoubt(
                f"what the database holds shows that the statement {'took' if shown else 'had no'} "
                "effect"
            )
        return self._mark(in_flight, unit, State.DONE) if shown else in_flight

    def now(self) -> str:
        """Return the time as it is recorded."""
        return self.clock().astimezone(UTC).isoformat(timespec="milliseconds")

    def _looked(self, move: Move) -> _Looked:
        for looked in self._near:
            if looked.move is move:
                return looked
        texts = tuple(_texts(move))
        takes_role = any(changes_role(text, self.connection.dialect) for text in texts)
        together = (
            move.is_one_transaction
            and self.together(move)
            and not takes_role
            and not any(_APART.search(text) for text in texts)
        )
        looked = _Looked(move, takes_role, together, archive.sorted_out(texts))
        self._near = (*self._near[-3:], looked)
        return looked

    def _look_ahead(self, following: Sequence[Move]) -> None:
        # What is wrong with one of them is raised when its turn comes.
        with suppress(SchemaOpsError):
            for move in following:
                self._looked(move)

    def _in_one_transaction(
        self, move: Move, *, whole: bool, together: bool = False, ahead: bool = False
    ) -> None:
        statements = [statement for step in move.steps for statement in step.statements]
        began = self.clock()

        committed = (lambda: self._keep(move)) if ahead else None

        def attempt() -> None:
            self.connection.fresh(self.limits)
            with self._transaction(move, rebuilds=move.rebuilds, ahead=committed):
                self._send(move, statements, 1, together=together)
                self._close(
                    move,
                    move.facts,
                    move.fingerprint,
                    began=began,
                    about=move,
                    whole=whole,
                    aftermath=_NOTHING_REMAINS,
                )
                if committed is not None:
                    self._waits = _Waits(move, whole, committed)
                elif not whole:
                    self.connection.expect_another()

        self._persistently(move, attempt, _NOTHING_REMAINS)
        if not ahead:
            self._keep(move)

    def _run(
        self,
        in_flight: InFlight,
        units: Sequence[Unit],
        facts: Sequence[Fact],
        expected: str | None,
    ) -> None:
        move = in_flight.move
        began = datetime.fromisoformat(in_flight.at)
        closed = False
        remaining = [unit for unit in units if not unit.is_done(in_flight)]

        def close() -> None:
            settled = any(mark.state in (State.SETTLED, State.DENIED) for mark in in_flight.marks)
            self._close(
                move,
                facts,
                expected,
                began=began,
                about=None,
                aftermath=remains(in_flight),
                outcome=Outcome.SETTLED if settled else Outcome.DONE,
            )
            ledger.record_end(self.connection)

        for unit in remaining:
            if not unit.step.transactional:
                in_flight = self._alone(in_flight, unit)
                continue
            closed = unit is remaining[-1]
            in_flight = self._together(in_flight, unit, close if closed else None)
        if not closed:
            with self._ours(move), self.connection.transaction():
                close()
        self._keep(move)

    def _together(
        self, in_flight: InFlight, unit: Unit, close: Callable[[], None] | None
    ) -> InFlight:
        move = in_flight.move
        after = in_flight

        def attempt() -> None:
            nonlocal after
            with self._transaction(move, rebuilds=unit.step.rebuilds):
                self._send(move, unit.step.statements, unit.number)
                with self._ours(move):
                    after = self._record(in_flight, unit, State.DONE)
                    if close is not None:
                        close()

        self._persistently(move, attempt, remains(in_flight))
        return after

    def _alone(self, in_flight: InFlight, unit: Unit) -> InFlight:
        move = in_flight.move
        for tried in count(1):
            in_flight = self._mark(in_flight, unit, State.STARTED)
            try:
                self._send(move, unit.step.statements, unit.number)
                break
            except ConnectionLost:
                raise
            except DatabaseFailure as failure:
                again = isinstance(failure, Busy) and tried < self.limits.attempts
                # Some statements leave half of what they do when they wait in vain.
                if not (again and self._took_effect(unit) is False):
                    in_flight = self._mark(in_flight, unit, State.FAILED)
                    raise self._failed(move, failure, remains(in_flight)) from failure
            self._wait(move, tried)
        return self._mark(in_flight, unit, State.DONE)

    def _persistently(self, move: Move, attempt: Callable[[], None], aftermath: str) -> None:
        standing = len(self.left)
        for tried in count(1):
            del self.left[standing:]
            try:
                attempt()
                return
            except ConnectionLost:
                raise
            except DatabaseFailure as failure:
                if self._waits is not None and failure.about is self._waits.committed:
                    self._commit_again(self._waits, failure)
                    continue
                if not isinstance(failure, Busy) or tried >= self.limits.attempts:
                    raise self._failed(move, failure, aftermath) from failure
            self._wait(move, tried)

    def _commit_again(self, waits: _Waits, failure: DatabaseFailure) -> None:
        """Carry out anew the move before, which could not be committed; raise MoveStopped."""
        self._waits = None
        if not isinstance(failure, Busy):
            raise self._failed(waits.move, failure, _NOTHING_REMAINS) from failure
        self._wait(waits.move, 1)
        self._in_one_transaction(waits.move, whole=waits.whole)

    def _wait(self, move: Move, tried: int) -> None:
        self._tell(Happening.WAITING, move)
        time.sleep(self.limits.pause * 2 ** (tried - 1))

    def _send(
        self,
        move: Move,
        statements: Sequence[PlannedStatement],
        first: int,
        *,
        together: bool = False,
    ) -> None:
        began_in_transaction = self.connection.in_transaction
        sorted_out = self._looked(move).sorted_out
        for number, statement in enumerate(statements, first):
            self._now = (number, statement)
            self._tell(Happening.STATEMENT_BEGINS, move)
            place = archive.dropped(statement.sql)
            left = None
            if place is not None and place in sorted_out:
                left = archive.left_over(self.connection, place, *sorted_out[place])
            if left is not None:
                # What could not be put back is not dropped.
                self.left.append(left)
            elif together:
                self.connection.send(statement.sql, self._now)
            else:
                self.connection.execute(statement.sql)
            if began_in_transaction and not self.connection.in_transaction:
                raise StatementRefused("the statement ended the transaction it was sent in")
            if not together:
                self._tell(Happening.STATEMENT_DONE, move)
        self._now = None

    def _close(
        self,
        move: Move,
        facts: Sequence[Fact],
        expected: str | None,
        *,
        began: datetime,
        about: Move | None,
        aftermath: str,
        whole: bool = True,
        outcome: Outcome = Outcome.DONE,
    ) -> None:
        with self._ours(move):
            found = self.observe(self.connection, about, whole)
            if expected is not None and found != expected:
                raise UnexpectedSchema(
                    f"after {title(move)} the database holds something else than it must",
                    move,
                    aftermath=aftermath,
                    hints=("schemaops status --live",),
                )
            ended = self.clock()
            self._added = ledger.record(
                self.connection,
                self.last,
                facts,
                who=self.who,
                at=ended.astimezone(UTC).isoformat(timespec="milliseconds"),
                took_ms=round((ended - began).total_seconds() * 1000),
                fingerprint=found,
                outcome=outcome,
            )
            self.fingerprint = found

    def _keep(self, move: Move) -> None:
        """Remember what was recorded of a move, now that it is committed."""
        self.entries += self._added
        self.last = self._added[-1] if self._added else self.last
        self._added = ()
        self._waits = None
        self.done += 1
        self._now, now = None, self._now
        self._tell(Happening.MOVE_DONE, move)
        self._now = now

    def _mark(self, in_flight: InFlight, unit: Unit, state: State) -> InFlight:
        # An explicit transaction, since a statement may have switched automatic commits off.
        with self._ours(in_flight.move), self.connection.transaction():
            return self._record(in_flight, unit, state)

    def _record(self, in_flight: InFlight, unit: Unit, state: State) -> InFlight:
        return ledger.record_mark(
            self.connection, in_flight, unit.mark(state), who=self.who, at=self.now()
        )

    @contextmanager
    def _transaction(
        self, move: Move, *, rebuilds: bool, ahead: Callable[[], None] | None = None
    ) -> Iterator[None]:
        sqlite = self.connection.dialect == "sqlite"
        if sqlite:
            # Within a transaction SQLite takes no notice of it.
            self.connection.execute(f"PRAGMA foreign_keys = {'OFF' if rebuilds else 'ON'}")
        with self.connection.transaction(ahead=ahead):
            looks_away = sqlite and rebuilds
            before = _violations(self.connection) if looks_away else None
            yield
            if before is None:
                return
            for (child, parent), broken in (_violations(self.connection) - before).items():
                raise ForeignKeysBroken(
                    f"{title(move)} leaves {broken} rows of {child} without theirs in {parent}",
                    move,
                    aftermath=_NOTHING_REMAINS,
                )

    @contextmanager
    def _ours(self, move: Move) -> Iterator[None]:
        """Write and look with our own rights, where the move took another role."""
        if not self._looked(move).takes_role:
            yield
            return
        ((role, user),) = self.connection.query(
            "SELECT current_setting('role'), quote_ident(session_user)"
        )
        self.connection.execute("RESET SESSION AUTHORIZATION")
        yield
        self.connection.flush()
        if user != self.connection.query("SELECT quote_ident(session_user)")[0][0]:
            self.connection.execute(f"SET SESSION AUTHORIZATION {user}")
        if role != "none":
            self.connection.query("SELECT set_config('role', %s, false)", [role])

    def _resume(self, in_flight: InFlight) -> None:
        """Set the session up as the statements that were done had left it."""
        self.connection.fresh(self.limits)
        for unit in forward(in_flight):
            for statement in unit.step.statements if unit.is_done(in_flight) else ():
                if sets_session(statement.sql, self.connection.dialect):
                    self.connection.execute(statement.sql)

    def _took_effect(self, unit: Unit) -> bool | None:
        kept = _KEPT.match(unit.step.statements[0].sql)
        if kept and len(unit.step.statements) == 1:
            return archive.is_kept(self.connection, kept[2]) == (kept[1] == "CREATE")
        if None in (unit.before, unit.after) or unit.before == unit.after:
            return None
        found = self.observed()
        return {unit.after: True, unit.before: False}.get(found)

    def _stands_where_it_was_left(self, in_flight: InFlight, units: Sequence[Unit]) -> None:
        done = [unit for unit in units if unit.is_done(in_flight)]
        expected = done[-1].after if done else in_flight.before
        if expected is not None and self.observed() != expected:
            raise UnexpectedSchema(
                f"the database changed after {title(in_flight.move)} was cut short",
                in_flight.move,
                aftermath=remains(in_flight),
                hints=("schemaops status --live",),
            )

    def _in_doubt(self, move: Move, unit: Unit) -> StatementInDoubt:
        resume = f"schemaops replay {self.environment} --resume"
        return StatementInDoubt(
            f"statement {unit.number} of {title(move)} may or may not have taken effect",
            move,
            aftermath="it is for you to say" + self._invalid_indexes(),
            statement=unit.step.statements[0],
            number=unit.number,
            hints=(f"{resume} --took-effect", f"{resume} --did-not"),
        )

    def _invalid_indexes(self) -> str:
        if self.connection.dialect != "postgres":
            return ""
        found = self.connection.query(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid ORDER BY 1"
        )
        names = ", ".join(name for (name,) in found)
        return f" (invalid indexes: {names})" if names else ""

    def _failed(self, move: Move, failure: DatabaseFailure, aftermath: str) -> StatementFailed:
        number, statement = self._now or (0, None)
        if isinstance(failure.about, tuple):
            number, statement = failure.about
        what = f"statement {number} of {title(move)}" if statement else title(move)
        return StatementFailed(
            f"{what} failed: {failure.answer}",
            move,
            aftermath=aftermath,
            statement=statement,
            number=number,
            hints=(f"schemaops replay {self.environment} --resume",),
        )

    def _tell(self, what: Happening, move: Move) -> None:
        if self.progress is None:
            return
        number, statement = self._now or (0, None)
        of = sum(len(step.statements) for step in move.steps)
        self.progress(Progress(what, move, number, of, statement))


_NOTHING_REMAINS = "nothing of it remains"
# What has a conversation of its own with the server, or forgets what was prepared in the session.
_APART = re.compile(rf"\b(?:copy|deallocate|discard|{archive.ARCHIVE})\b", re.IGNORECASE)
# Whether rows were copied into the archive, or taken from there, is not to be seen in the schema.
_KEPT = re.compile(
    rf"(CREATE|DROP) TABLE {archive.ARCHIVE}[._](\w+)(?: \(KEY [^)]*\)\))?(?: AS |\Z)"
)


def _texts(move: Move) -> Iterator[str]:
    for step in (*move.steps, *(move.undo or ())):
        for one in (step, *(step.undo or ())):
            for statement in one.statements:
                yield statement.sql


def _violations(connection: Connection) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    tables = connection.query("SELECT name FROM sqlite_master WHERE type = 'table'")
    for (table,) in tables:
        quoted = table.replace('"', '""')
        try:
            rows = connection.query(f'PRAGMA foreign_key_check("{quoted}")')
        except StatementRefused as refused:
            # A key refers to columns that are not unique, so its rows cannot be checked.
            found[table, refused.answer] += 1
            continue
        for child, _, parent, _ in rows:
            found[child, parent] += 1
    return found
