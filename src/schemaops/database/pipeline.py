"""Statements sent to PostgreSQL together and answered one by one: one round trip for all of them.

What is behind a refused one is not executed, a commit and what follows it included. Each is sent
byte for byte, as a message of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq.abc import PGconn, PGresult
    from psycopg.waiting import Ready, Wait

__all__ = ["Message", "answers", "refusal"]


@dataclass(frozen=True, slots=True)
class Message:
    """One statement with its parameters as text, and what it is sent for. One of ours may be
    prepared, under a name that the session keeps; its text counts where that is `new`."""

    sql: bytes
    parameters: tuple[bytes | None, ...] = ()
    about: object = None
    name: bytes = b""
    new: bool = False


def answers(
    raw: psycopg.Connection[tuple[object, ...]],
    messages: Sequence[Message],
    meanwhile: Callable[[], None] | None = None,
) -> list[PGresult]:
    """Return the answers to some messages, up to the first that is refused; raise psycopg.Error
    where the session is lost. What there is to do `meanwhile` is done while the server works."""
    from psycopg import OperationalError

    pgconn = raw.pgconn
    pgconn.enter_pipeline_mode()
    try:
        for message in messages:
            if not message.name:
                pgconn.send_query_params(message.sql, message.parameters or None)
                continue
            if message.new:
                pgconn.send_prepare(message.name, message.sql)
            pgconn.send_query_prepared(message.name, message.parameters or None)
        pgconn.pipeline_sync()
        if meanwhile is not None and not pgconn.flush():
            meanwhile()
        found = raw.wait(_conversation(pgconn))
    finally:
        try:
            pgconn.exit_pipeline_mode()
        except OperationalError:
            # Something is still to come, so that nobody could tell whose answer is whose.
            raw.close()
    return list(_of_each(messages, iter(found)))


def refusal(result: PGresult) -> psycopg.Error | None:
    """Return the error that an answer is, None where it is none."""
    from psycopg.errors import error_from_result
    from psycopg.pq import ExecStatus

    return error_from_result(result) if result.status == ExecStatus.FATAL_ERROR else None


def _of_each(messages: Sequence[Message], found: Iterator[PGresult]) -> Iterator[PGresult]:
    """Yield one answer a message: what was not even prepared has no other."""
    for message in messages:
        answer = next(found, None)
        if message.new and answer is not None and refusal(answer) is None:
            answer = next(found, None)
        if answer is None:
            return
        yield answer


def _conversation(pgconn: PGconn) -> Generator[Wait, Ready | int, list[PGresult]]:
    from psycopg import OperationalError
    from psycopg.pq import ExecStatus
    from psycopg.waiting import READY_R, WAIT_R, WAIT_RW

    found: list[PGresult] = []
    while True:
        # Nothing is said where the wait was interrupted, and goes on for what was cancelled.
        ready = yield (WAIT_RW if pgconn.flush() else WAIT_R)
        if not ready or not ready & READY_R:
            continue
        pgconn.consume_input()
        ended = False
        while not pgconn.is_busy():
            result = pgconn.get_result()
            if result is None:
                if ended:
                    raise OperationalError("the server closed the connection")
                ended = True
                continue
            ended = False
            match result.status:
                case ExecStatus.PIPELINE_SYNC:
                    return found
                case ExecStatus.PIPELINE_ABORTED:
                    pass
                case ExecStatus.COPY_IN | ExecStatus.COPY_OUT | ExecStatus.COPY_BOTH:
                    raise OperationalError("COPY cannot be sent with other statements")
                case _:
                    found.append(result)
