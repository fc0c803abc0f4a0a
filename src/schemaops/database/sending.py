"""Statements sent as a replay would send them, without a ledger: for scratch databases.

What can share a transaction does; what is refused takes back what shared one with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass

from schemaops.database.failures import ConnectionLost, DatabaseFailure, StatementRefused
from schemaops.database.sessions import Connection, Limits
from schemaops.plan.steps import PlannedStatement, Step
from schemaops.plan.transactions import in_steps

__all__ = ["Refusal", "send", "server_name"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The statement (from 0) that a database refused, and its answer."""

    index: int
    sql: str
    answer: str

    def __str__(self) -> str:
        flat = " ".join(self.sql.split())
        return f"`{flat if len(flat) <= 60 else flat[:59] + '…'}` is refused: {self.answer}"


def server_name(connection: Connection) -> str:
    """Return what a database runs on, as people call it: `postgresql 18`, `sqlite 3.40`."""
    server = connection.server
    parts = 1 if server.product == "PostgreSQL" else 2
    return f"{server.product.lower()} {'.'.join(map(str, server.number[:parts]))}"


def send(
    connection: Connection, texts: Iterable[str], search_path: Iterable[str] = ()
) -> Refusal | None:
    """Return the first statement that the database refuses, None where it takes all of them."""
    planned = [PlannedStatement(text) for text in texts]
    connection.fresh(Limits())
    path = ", ".join('"' + name.replace('"', '""') + '"' for name in search_path)
    if path:
        connection.execute(f"SET search_path = {path}")
    sent = 0
    for step in in_steps(planned, connection.dialect):
        try:
            sent = _send_step(connection, step, sent)
        except _Refused as refused:
            return refused.refusal
    return None


class _Refused(Exception):
    """Ends the transaction that a refused statement was sent in."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


def _send_step(connection: Connection, step: Step, sent: int) -> int:
    looks_away = connection.dialect == "sqlite" and step.rebuilds
    if looks_away:
        connection.execute("PRAGMA foreign_keys = OFF")
    with connection.transaction() if step.transactional else nullcontext():
        before = _broken(connection) if looks_away else None
        for planned in step.statements:
            try:
                connection.execute(planned.sql)
            except ConnectionLost:
                raise
            except DatabaseFailure as failure:
                raise _Refused(Refusal(sent, planned.sql, failure.answer or failure.message)) from (
                    None
                )
            sent += 1
        if before is not None:
            for (child, parent), rows in (_broken(connection) - before).items():
                answer = f"it leaves {rows} rows of {child} without theirs in {parent}"
                raise _Refused(Refusal(sent - 1, step.statements[-1].sql, answer))
    if looks_away:
        connection.execute("PRAGMA foreign_keys = ON")
    return sent


def _broken(connection: Connection) -> Counter[tuple[str, str]]:
    try:
        rows = connection.query("PRAGMA foreign_key_check")
    except StatementRefused as refused:
        # A key refers to columns that are not unique: no row of it can be checked.
        return Counter({("", refused.answer): 1})
    return Counter((str(child), str(parent)) for child, _, parent, _ in rows)
