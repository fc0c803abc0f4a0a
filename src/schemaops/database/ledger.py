"""The ledger: the record in a database of what was applied and reverted there.

A list of facts, one row a revision, only ever added to: each row's hash covers the row before
it, so a row that was changed, taken out or put in afterwards shows. The texts are kept as
executed, so that what another branch applied can be reverted when its file is gone.

    ledger     the facts
    progress   the one move that is under way and not in one transaction, mark by mark; else empty
    meta       the format of these tables, and who replays

They stand in the schema `schemaops` on PostgreSQL, elsewhere their names begin with `schemaops_`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from schemaops import __version__
from schemaops.canonical import digest
from schemaops.database.failures import DatabaseFailure, StatementRefused
from schemaops.database.sessions import Connection, Row
from schemaops.errors import Cause, SchemaOpsError
from schemaops.plan.steps import (
    EMPTY_LEDGER,
    Fact,
    Move,
    MoveKind,
    move_as_json,
    move_from_json,
)

__all__ = [
    "FORMAT",
    "PREFIX",
    "SCHEMA",
    "Direction",
    "Entry",
    "InFlight",
    "Ledger",
    "LedgerBroken",
    "LedgerTooNew",
    "Mark",
    "Outcome",
    "State",
    "ensure",
    "first_broken",
    "holder",
    "is_in_flight",
    "last_entry",
    "read",
    "record",
    "record_end",
    "record_holder",
    "record_mark",
    "record_start",
    "verify",
]

FORMAT = 1
SCHEMA = "schemaops"
PREFIX = "schemaops_"


class LedgerTooNew(DatabaseFailure):
    """The ledger in the database was written by a later SchemaOps, in a form that this one does not
    know.

    Use that version, or a later one; nothing was read or changed.
    """

    code = "SO614"


class LedgerBroken(SchemaOpsError):
    """A row of the ledger does not bear the hash that it must, or cannot be read at all: it was
    changed, taken out or put in by something other than SchemaOps.

    What the ledger says can no longer be trusted from that row on. Compare it with a backup; if the
    database itself is as it should be, adopt it anew.
    """

    code = "SO615"
    cause = Cause.DECISION

    def __init__(self, message: str, number: int | None = None) -> None:
        super().__init__(message)
        self.number = number


class Outcome(StrEnum):
    """How a move came to its end: by itself, or after a person said whether a statement took
    effect."""

    DONE = "done"
    SETTLED = "settled"


class Direction(StrEnum):
    """Whether the move under way is being done or taken back."""

    DO = "do"
    UNDO = "undo"


class State(StrEnum):
    """How far a step has come: it was about to be sent, it is known to be done, the database said
    that it failed, or a person said that it took effect (settled), or did not (denied)."""

    STARTED = "started"
    FAILED = "failed"
    DONE = "done"
    SETTLED = "settled"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger: a fact, with how it came about. `at` is ISO 8601, in UTC."""

    number: int
    fact: Fact
    who: str
    at: str
    took_ms: int
    fingerprint: str | None
    outcome: Outcome
    tool: str
    previous: str
    hash: str = ""

    def sealed(self) -> Entry:
        """Return the entry with the hash that it must bear."""
        return replace(self, hash=f"h1:{digest(_row_of(self)[:-1]).hex()}")

    @property
    def position(self) -> str:
        """Where a ledger stands whose last row this is."""
        return f"{self.number}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a step has come: of the move's steps, or, taking back, the part'th of a step's
    undo."""

    direction: Direction
    step: int
    part: int
    state: State


@dataclass(frozen=True, slots=True)
class InFlight:
    """A move that began and has not ended: what it was to do, from which fingerprint, and how
    far it came."""

    move: Move
    before: str | None
    who: str
    at: str
    marks: tuple[Mark, ...] = ()

    def marked(self, mark: Mark) -> InFlight:
        """Return it one mark further."""
        return replace(self, marks=(*self.marks, mark))


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the ledger of a database says; empty where there is none yet."""

    entries: tuple[Entry, ...] = ()
    in_flight: InFlight | None = None
    exists: bool = False

    @property
    def position(self) -> str:
        """The state of the ledger that a plan is made for."""
        return self.entries[-1].position if self.entries else EMPTY_LEDGER

    def grown(self, entries: Sequence[Entry]) -> Ledger:
        """Return the ledger with these rows added, and no move under way."""
        return Ledger((*self.entries, *entries), exists=True)

    @property
    def applied(self) -> tuple[Entry, ...]:
        """The rows by which the applied revisions came to be so, in order."""
        standing: dict[str, Entry] = {}
        for entry in self.entries:
            standing.pop(entry.fact.revision, None)
            if entry.fact.kind is not MoveKind.REVERT:
                standing[entry.fact.revision] = entry
        return tuple(standing.values())


_LEDGER_COLUMNS = (
    "number",
    "kind",
    "revision",
    "migration",
    "message",
    "up",
    "down",
    "parents",
    "merge",
    "side",
    "who",
    "at",
    "took_ms",
    "fingerprint",
    "outcome",
    "tool",
    "previous",
    "hash",
)
_NUMBERS = frozenset({"number", "took_ms", "step", "part"})
_OPTIONAL = frozenset({"migration", "merge", "side", "fingerprint", "step", "part", "body"})
_PROGRESS_COLUMNS = ("number", "kind", "step", "part", "state", "who", "at", "body")


def read(connection: Connection) -> Ledger:
    """Return what the ledger says; raise LedgerTooNew, LedgerBroken."""
    try:
        if connection.in_transaction:
            return _read(connection)
        with connection.transaction(reading=True):
            return _read(connection)
    except StatementRefused as error:
        raise LedgerBroken(f"the ledger cannot be read: {error.message}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise LedgerBroken("the ledger holds what SchemaOps never wrote there") from error


def last_entry(connection: Connection) -> Entry | None:
    """Return the last row, without reading all of them."""
    if not _has_tables(connection):
        return None
    rows = connection.query(
        f"SELECT {', '.join(_LEDGER_COLUMNS)} FROM {_table(connection, 'ledger')} "
        "ORDER BY number DESC LIMIT 1"
    )
    return _entry_of(rows[0]) if rows else None


def is_in_flight(connection: Connection) -> bool:
    """Return whether a move was cut short."""
    if not _has_tables(connection):
        return False
    asked = f"SELECT count(*) FROM {_table(connection, 'progress')}"
    return connection.query(asked) != [(0,)]


def first_broken(entries: Sequence[Entry]) -> int | None:
    """Return the number of the first row that does not follow from the one before it, if any."""
    previous = ""
    for number, entry in enumerate(entries, start=1):
        if (entry.number, entry.previous) != (number, previous) or entry.sealed() != entry:
            return entry.number
        previous = entry.hash
    return None


def verify(ledger: Ledger) -> None:
    """Raise LedgerBroken where a row does not follow from those before it."""
    broken = first_broken(ledger.entries)
    if broken is not None:
        said = f"row {broken} of the ledger does not follow from the rows before it"
        raise LedgerBroken(said, broken)


def ensure(connection: Connection) -> None:
    """Create the ledger where there is none; two processes may do so at once."""
    if _has_tables(connection) and _format(connection) is not None:
        return
    if connection.dialect == "mysql":
        # Every CREATE TABLE commits there, and each is done only once, whoever comes first.
        for statement in _creation(connection):
            connection.execute(statement)
        _write_format(connection)
        return
    with connection.transaction():
        if connection.dialect == "postgres":
            connection.query("SELECT pg_advisory_xact_lock(%s)", [_CREATION_LOCK])
            if connection.query("SELECT to_regnamespace('schemaops')") == [(None,)]:
                connection.execute(f"CREATE SCHEMA {SCHEMA}")
        for statement in _creation(connection):
            connection.execute(statement)
        _write_format(connection)


def record(
    connection: Connection,
    last: Entry | None,
    facts: Sequence[Fact],
    *,
    who: str,
    at: str,
    took_ms: int,
    fingerprint: str | None,
    outcome: Outcome = Outcome.DONE,
) -> tuple[Entry, ...]:
    """Return the rows added after `last`, within the transaction that makes them true; the
    fingerprint is of the last."""
    added: list[Entry] = []
    for index, fact in enumerate(facts, start=1):
        last = Entry(
            number=last.number + 1 if last else 1,
            fact=fact,
            who=who,
            at=at,
            took_ms=took_ms,
            fingerprint=fingerprint if index == len(facts) else None,
            outcome=outcome,
            tool=_TOOL,
            previous=last.hash if last else "",
        ).sealed()
        sql = _insertion(connection, "ledger", _LEDGER_COLUMNS, _row_of(last))
        connection.query_last(sql, _row_of(last))
        added.append(last)
    return tuple(added)


def record_start(
    connection: Connection, move: Move, *, before: str | None, who: str, at: str
) -> InFlight:
    """Record that a move begins which is not one transaction, and all that is needed to end it."""
    body = json.dumps({"move": move_as_json(move), "before": before}, ensure_ascii=False)
    _insert(
        connection, "progress", _PROGRESS_COLUMNS, (0, "move", None, None, "started", who, at, body)
    )
    return InFlight(move, before, who, at)


def record_mark(
    connection: Connection, in_flight: InFlight, mark: Mark, *, who: str, at: str
) -> InFlight:
    """Record how far a step has come."""
    number = len(in_flight.marks) + 1
    row = (number, mark.direction.value, mark.step, mark.part, mark.state.value, who, at, None)
    _insert(connection, "progress", _PROGRESS_COLUMNS, row)
    return in_flight.marked(mark)


def record_end(connection: Connection) -> None:
    """Record that no move is under way any more."""
    # MySQL can be told to refuse a DELETE that names no key.
    connection.execute(f"DELETE FROM {_table(connection, 'progress')} WHERE number >= 0")


def record_holder(connection: Connection, holder: str) -> None:
    """Record who replays, to be told to others who would."""
    _put(connection, "holder", holder)


def holder(connection: Connection) -> str | None:
    """Return who replays, or who last did."""
    return _meta(connection, "holder") if _has_tables(connection) else None


# Only its own advisory lock: any number that other programs are not likely to use.
_CREATION_LOCK = 0x5C4E_3A05_0001


def _read(connection: Connection) -> Ledger:
    found = _format(connection) if _has_tables(connection) else None
    if found is None:
        return Ledger()
    if found > FORMAT:
        raise LedgerTooNew(f"the ledger has format {found}; this SchemaOps knows {FORMAT}")
    entries = connection.query(
        f"SELECT {', '.join(_LEDGER_COLUMNS)} FROM {_table(connection, 'ledger')} ORDER BY number"
    )
    progress = connection.query(
        f"SELECT {', '.join(_PROGRESS_COLUMNS)} FROM {_table(connection, 'progress')} "
        "ORDER BY number"
    )
    return Ledger(tuple(map(_entry_of, entries)), _in_flight_of(progress), exists=True)


def _row_of(entry: Entry) -> Row:
    fact = entry.fact
    return (
        entry.number,
        fact.kind.value,
        fact.revision,
        fact.migration,
        fact.message,
        fact.up,
        fact.down,
        " ".join(fact.parents),
        fact.merge,
        fact.side,
        entry.who,
        entry.at,
        entry.took_ms,
        entry.fingerprint,
        entry.outcome.value,
        entry.tool,
        entry.previous,
        entry.hash,
    )


def _entry_of(row: Row) -> Entry:
    value = dict(zip(_LEDGER_COLUMNS, row, strict=True))
    return Entry(
        number=int(value["number"]),
        fact=Fact(
            kind=MoveKind(value["kind"]),
            revision=value["revision"],
            migration=value["migration"],
            message=value["message"],
            up=value["up"],
            down=value["down"],
            parents=tuple(value["parents"].split()),
            merge=value["merge"],
            side=value["side"],
        ),
        who=value["who"],
        at=value["at"],
        took_ms=int(value["took_ms"]),
        fingerprint=value["fingerprint"],
        outcome=Outcome(value["outcome"]),
        tool=value["tool"],
        previous=value["previous"],
        hash=value["hash"],
    )


def _in_flight_of(rows: Sequence[Row]) -> InFlight | None:
    if not rows:
        return None
    (_, _, _, _, _, who, at, body), *marks = rows
    value = json.loads(body)
    return InFlight(
        move_from_json(value["move"]),
        value["before"],
        who,
        at,
        tuple(
            Mark(Direction(kind), int(step), int(part), State(state))
            for _, kind, step, part, state, _, _, _ in marks
        ),
    )


def _table(connection: Connection, name: str) -> str:
    return f"{SCHEMA}.{name}" if connection.dialect == "postgres" else f"{PREFIX}{name}"


def _has_tables(connection: Connection) -> bool:
    name = _table(connection, "meta")
    match connection.dialect:
        case "postgres":
            asked = "SELECT count(*) FROM pg_catalog.pg_class WHERE oid = to_regclass(%s)"
        case "mysql":
            asked = (
                "SELECT count(*) FROM information_schema.tables "
                "WHERE table_schema = DATABASE() AND table_name = %s"
            )
        case _:
            asked = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.query(asked, [name]) != [(0,)]


def _format(connection: Connection) -> int | None:
    found = _meta(connection, "ledger_format")
    return None if found is None else int(found)


def _write_format(connection: Connection) -> None:
    _put(connection, "ledger_format", str(FORMAT))


def _meta(connection: Connection, name: str) -> str | None:
    rows = connection.query(
        f"SELECT value FROM {_table(connection, 'meta')} WHERE name = {connection.mark}", [name]
    )
    return str(rows[0][0]) if rows else None


def _put(connection: Connection, name: str, value: str) -> None:
    conflict = (
        "ON DUPLICATE KEY UPDATE value = VALUES(value)"
        if connection.dialect == "mysql"
        else "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    )
    row = (name, value)
    connection.query(f"{_insertion(connection, 'meta', ('name', 'value'), row)} {conflict}", row)


def _insert(connection: Connection, table: str, columns: tuple[str, ...], row: Row) -> None:
    connection.query(_insertion(connection, table, columns, row), row)


def _insertion(connection: Connection, table: str, columns: tuple[str, ...], row: Row) -> str:
    texts = (
        tuple(isinstance(value, str) for value in row) if connection.dialect == "mysql" else None
    )
    return _insertion_of(_table(connection, table), columns, connection.mark, texts)


@lru_cache(maxsize=16)
def _insertion_of(
    table: str, columns: tuple[str, ...], mark: str, texts: tuple[bool, ...] | None
) -> str:
    # A migration may have told MySQL that the session speaks latin1; what we send is UTF-8.
    said = ["_utf8mb4 " if text else "" for text in texts or (False,) * len(columns)]
    marks = ", ".join(f"{charset}{mark}" for charset in said)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"


def _creation(connection: Connection) -> list[str]:
    whole, text = ("BIGINT", "LONGTEXT") if connection.dialect == "mysql" else ("BIGINT", "TEXT")
    if connection.dialect == "sqlite":
        whole = "INTEGER"

    def table(name: str, columns: Sequence[str], key: str) -> str:
        written = []
        for column in columns:
            of = whole if column in _NUMBERS else text
            if column == key and of == text:
                of = "VARCHAR(64)"
            null = "" if column in _OPTIONAL else " NOT NULL"
            written.append(f"{column} {of}{null}{' PRIMARY KEY' if column == key else ''}")
        end = ""
        if connection.dialect == "mysql":
            end = " ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
        return f"CREATE TABLE IF NOT EXISTS {_table(connection, name)} ({', '.join(written)}){end}"

    # The format is written last, into the table that is looked for first.
    return [
        table("ledger", _LEDGER_COLUMNS, "number"),
        table("progress", _PROGRESS_COLUMNS, "number"),
        table("meta", ("name", "value"), "name"),
    ]


_TOOL = f"schemaops {__version__}"
