"""Sessions with a database, one class a driver; made by `connect`.

A session does what it is told and nothing beside: it is in no transaction unless `begin` was
called, and `execute` sends its text byte for byte (`%`, `:name` and `?` are nobody's
placeholders). Drivers are used directly, because a layer above them would begin, bind and quote
on its own account.

Whatever goes wrong is raised as one of the errors of `failures`, without the driver's own
beneath it.
"""

from __future__ import annotations

import re
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, Self, TypeVar

from schemaops.database.failures import DatabaseFailure, StatementRefused, failure_of
from schemaops.database.pipeline import Message, answers, refusal
from schemaops.database.statements import copied
from schemaops.database.urls import Url

if TYPE_CHECKING:
    import psycopg
    import pymysql
    from psycopg.pq.abc import PGresult

__all__ = [
    "Connection",
    "Limits",
    "MySqlConnection",
    "PostgresConnection",
    "Row",
    "Server",
    "SqliteConnection",
]

Row = tuple[Any, ...]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a replay waits and how often it tries, in seconds: `lock` for what another session
    holds, `statement` for one statement, `replay` for another replay; `attempts` at a transaction,
    the first included, with `pause` after the first, twice that after the second."""

    lock: float = 5.0
    statement: float | None = None
    replay: float = 10.0
    attempts: int = 4
    pause: float = 0.5


@dataclass(frozen=True, slots=True)
class Server:
    """What a database runs on, as it names itself."""

    dialect: str
    product: str
    version: str

    @property
    def number(self) -> tuple[int, ...]:
        """The version as numbers, to be compared."""
        return tuple(int(part) for part in re.findall(r"\d+", self.version))

    @property
    def transactional_ddl(self) -> bool:
        """Whether changes to the schema take part in transactions."""
        return self.dialect != "mysql"

    def __str__(self) -> str:
        return f"{self.product} {self.version}"


class Connection(ABC):
    """A session with a database. Closing it rolls back what was not committed."""

    mark = "%s"
    """What stands for a parameter in `query`."""

    def __init__(self, url: Url, server: Server) -> None:
        self.url = url
        self.server = server
        self._limits = Limits()

    @property
    def dialect(self) -> str:
        """The dialect the database speaks."""
        return self.url.dialect

    def execute(self, sql: str) -> None:
        """Send one statement, byte for byte; raise DatabaseFailure."""
        if "\0" in sql:
            raise StatementRefused("a statement cannot hold a NUL character")
        self._guarded(lambda: self._execute(sql))

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Return the rows, if any, of a statement of our own; in one with parameters `%` is written
        `%%`. PostgreSQL takes several at once, without parameters: the rows are of the last that
        gives any."""
        return self._guarded(lambda: self._query(sql, parameters))

    def query_each(self, queries: Sequence[tuple[str, tuple[str, ...]]]) -> list[Row]:
        """Return the rows of the last of some queries of our own, with their parameters, that gives
        any; on PostgreSQL all are text, and a parameter is written `$1`."""
        rows: list[Row] = []
        for text, parameters in queries:
            rows = self.query(text, parameters) or rows
        return rows

    def query_last(self, sql: str, parameters: Sequence[object]) -> None:
        """Send a statement of our own at the end of a transaction: where the engine takes both at
        once, together with the commit."""
        self.query(sql, parameters)

    def send(self, sql: str, about: object) -> None:
        """Send a statement, byte for byte, in a transaction: where the engine takes several at
        once, together with what is asked next. Its failure says what it is `about`."""
        try:
            self.execute(sql)
        except DatabaseFailure as failure:
            raise failure.regarding(about) from None

    def meanwhile(self, work: Callable[[], None]) -> None:  # noqa: B027 - most engines wait
        """Take what there is to do while the server next works on several statements at once; it is
        not done where no engine works meanwhile, and must not ask this session anything."""

    def moment(self) -> str | None:
        """Return what stays the same as long as nobody writes to the database; None where there is
        no such thing, or somebody is writing."""
        return None

    def flush(self) -> None:  # noqa: B027 - most engines send at once
        """Send what waits for the commit now."""

    def begin(self, *, reading: bool = False) -> None:
        """Begin a transaction; a `reading` one sees the database at one moment."""
        self.execute(self._begin(reading))

    def commit(self) -> None:
        """Commit the transaction; raise DatabaseFailure."""
        self.execute("COMMIT")

    def expect_another(self) -> None:  # noqa: B027 - most engines begin when they are told
        """Take it that a transaction follows the one that is open; where the engine takes both at
        once, it begins with the commit of this one."""

    def rollback(self) -> None:
        """Roll back the transaction, if there is one; a lost connection has done so itself."""
        try:
            if self.in_transaction:
                self.execute("ROLLBACK")
        except DatabaseFailure:
            self.close()

    def commit_ahead(self, committed: Callable[[], None]) -> None:
        """Commit the transaction and begin another; where the engine takes several at once, together
        with what is asked in that one. The failure of that is about `committed`, which is called
        once it is."""
        self.commit()
        committed()

    @contextmanager
    def transaction(
        self, *, reading: bool = False, ahead: Callable[[], None] | None = None
    ) -> Iterator[None]:
        """Commit what the block does, or roll it back when it raises; `ahead` as in
        `commit_ahead`."""
        self.begin(reading=reading)
        try:
            yield
            if ahead is None:
                self.commit()
            else:
                self.commit_ahead(ahead)
        except BaseException:
            self.rollback()
            raise

    @property
    @abstractmethod
    def in_transaction(self) -> bool:
        """Whether a transaction is open, as far as the server has said."""

    @abstractmethod
    def fresh(self, limits: Limits) -> None:
        """Bring the session back to how it began, with these limits: what one move sets (a search
        path, a mode) must not reach the next."""

    @abstractmethod
    def close(self) -> None:
        """End the session."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url.shown!r})"

    def _guarded(self, action: Callable[[], Result]) -> Result:
        try:
            return action()
        except self._errors() as error:
            failure = failure_of(error, self.url)
        # Outside the handler, so that the driver's error, and what it knows, does not come along.
        raise failure

    @abstractmethod
    def _errors(self) -> tuple[type[Exception], ...]: ...

    @abstractmethod
    def _execute(self, sql: str) -> None: ...

    @abstractmethod
    def _query(self, sql: str, parameters: Sequence[object]) -> list[Row]: ...

    @abstractmethod
    def _begin(self, reading: bool) -> str: ...


_LONG = 200
_FORGETS = re.compile(r"\b(?:deallocate|discard\s+all)\b", re.IGNORECASE)
_TRANSACTION = ("isolation", "read_only", "deferrable")
_COMMIT = b"COMMIT"
# What libpq calls PQTRANS_INTRANS and PQTRANS_INERROR.
_OPEN = (2, 3)


class PostgresConnection(Connection):
    """A session with PostgreSQL."""

    def __init__(self, url: Url, raw: psycopg.Connection[Row]) -> None:
        said = raw.info.parameter_status("server_version") or str(raw.info.server_version)
        super().__init__(url, Server("postgres", "PostgreSQL", said.split()[0]))
        self._raw = raw
        # A server that looks after its client stops working for one that was killed.
        self._watches = self.server.number >= (14,)
        self._goes_on = self._ahead = False
        self._is_known = False
        self._begins = "BEGIN"
        self._settings: list[str] = []
        self._first: list[str] = []
        self._began_with: list[str] = []
        self._last: list[tuple[str, tuple[object, ...]]] = []
        self._waiting: list[Message] = []
        self._committed: Callable[[], None] | None = None
        self._meanwhile: Callable[[], None] | None = None
        self._names: dict[str, bytes] = {}
        self._numbers = count(1)

    @property
    def in_transaction(self) -> bool:
        return not self._ahead and self._raw.pgconn.transaction_status in _OPEN

    def fresh(self, limits: Limits) -> None:
        if self._ahead and limits == self._limits:
            return
        self._step_back()
        self._limits = limits
        self._settings = _settings(limits, watches=self._watches)
        if self._is_known:
            # It goes with the next that is sent, in one round trip.
            self._first = self._settings
            return
        try:
            self.execute("; ".join(self._settings))
        except StatementRefused:
            if not self._watches:
                raise
            # Some platforms cannot watch.
            self._watches = False
            self._settings = _settings(limits, watches=False)
            self.execute("; ".join(self._settings))
        self._know()

    def _know(self) -> None:
        asked = ", ".join(f"current_setting('default_transaction_{one}')" for one in _TRANSACTION)
        isolation, read_only, deferrable = self.query(f"SELECT {asked}")[0]
        # Said outright, since what the last move has set by default still holds when one begins.
        self._begins = (
            f"BEGIN ISOLATION LEVEL {isolation} READ {'ONLY' if read_only == 'on' else 'WRITE'} "
            f"{'' if deferrable == 'on' else 'NOT '}DEFERRABLE"
        )
        self._is_known = True

    def begin(self, *, reading: bool = False) -> None:
        """Begin a transaction, in a session as `fresh` wants it."""
        if self._ahead and not reading:
            self._ahead = False
            return
        self._step_back()
        first, self._first, self._last = self._first, [], []
        text = "; ".join((self._begin(reading), *first))
        try:
            self._guarded(lambda: self._execute(text))
        except DatabaseFailure:
            self._first = first
            raise
        self._began_with = first

    def execute(self, sql: str) -> None:
        """Send one statement, byte for byte; raise DatabaseFailure."""
        self._freshen()
        super().execute(sql)

    def send(self, sql: str, about: object) -> None:
        """Keep a statement, byte for byte, to be sent together with what is asked next."""
        if not self.in_transaction or "\0" in sql:
            self.execute(sql)
            return
        self._waiting.append(Message(sql.encode(), about=about))

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Return the rows of statements of our own."""
        self._freshen()
        return super().query(sql, parameters)

    def query_each(self, queries: Sequence[tuple[str, tuple[str, ...]]]) -> list[Row]:
        """Return the rows, as text, of the last of some queries of our own that gives any; what
        waits, and all of them, in one round trip."""
        if not self.in_transaction:
            self._freshen()
        for text, parameters in queries:
            self._waits_for(text, parameters)
        for result in reversed(self._answered()):
            if result.ntuples:
                columns, encoding = range(result.nfields), self._raw.info.encoding
                return [
                    tuple(
                        None if value is None else value.decode(encoding)
                        for value in (result.get_value(row, column) for column in columns)
                    )
                    for row in range(result.ntuples)
                ]
        return []

    def query_last(self, sql: str, parameters: Sequence[object]) -> None:
        """Keep a statement of our own for the commit, to be sent with it."""
        if self.in_transaction:
            self._last.append((sql, tuple(parameters)))
        else:
            self.query(sql, parameters)

    def meanwhile(self, work: Callable[[], None]) -> None:
        """Take what there is to do while the server works on what is sent next."""
        self._meanwhile = work

    def moment(self) -> str | None:
        """Return the state of the server's transactions, None where one is under way."""
        ((text,),) = self.query("SELECT pg_catalog.txid_current_snapshot()::text")
        first, next_one, under_way = str(text).split(":")
        return None if under_way or first != next_one else str(text)

    def flush(self) -> None:
        """Send what waits for the commit now."""
        last, self._last = self._last, []
        if last:
            written = self._written(last)
            self._freshen()
            self._guarded(lambda: self._query("; ".join(written), ()))

    def commit(self) -> None:
        """Commit the transaction, with what waited for it; raise DatabaseFailure."""
        self._freshen()
        last, self._last = self._written(self._last), []
        goes_on, self._goes_on = self._goes_on, False
        ahead = [self._begin(False), *self._settings] if goes_on else []
        self._guarded(lambda: self._query("; ".join((*last, "COMMIT", *ahead)), ()))
        self._ahead, self._began_with = goes_on, [*ahead[1:]]

    def commit_ahead(self, committed: Callable[[], None]) -> None:
        """Keep the commit, to be sent together with what is asked in the next transaction."""
        if not self._is_known or self._committed is not None:
            super().commit_ahead(committed)
            return
        last, self._last = self._last, []
        for sql, parameters in last:
            self._waits_for(_numbered(sql), parameters, committed)
        self._waiting.append(Message(_COMMIT, about=committed))
        self._waiting += _messages((self._begin(False), *self._settings))
        self._ahead, self._goes_on, self._committed = True, False, committed
        self._began_with = [*self._settings]

    def expect_another(self) -> None:
        """Let the next transaction begin with the commit of this one, in one round trip."""
        self._goes_on = self._is_known

    def rollback(self) -> None:
        """Roll back the transaction, if there is one, and forget what waited for its commit; that of
        the one before is sent, if it still waits."""
        self._last, self._goes_on = [], False
        try:
            self._commit_alone()
        except DatabaseFailure:
            self.close()
        super().rollback()
        # What set the session up was part of the transaction.
        self._first, self._began_with = self._began_with, []

    def close(self) -> None:
        self._raw.close()

    def _step_back(self) -> None:
        """Leave a transaction that began ahead and is not wanted."""
        if not self._ahead:
            return
        self._ahead = False
        self._first, self._began_with = self._began_with, []
        if self._committed is None:
            self._guarded(lambda: self._execute("ROLLBACK"))
        else:
            self._commit_alone()

    def _waits_for(self, sql: str, parameters: Sequence[object] = (), about: object = None) -> None:
        """Keep a statement of ours to be sent with the next that is asked."""
        if len(sql) <= _LONG:
            self._waiting.append(_message(sql, tuple(map(_said, parameters)), about))
            return
        # Reading and planning it costs more than running it, and it will come again.
        new = sql not in self._names
        name = self._names.setdefault(sql, b"schemaops_%d" % next(self._numbers))
        text = sql.encode() if new else b""
        self._waiting.append(Message(text, tuple(map(_said, parameters)), about, name, new))

    def _commit_alone(self) -> None:
        """Send the commit that waits, if one does, and nothing that waits behind it."""
        about = self._committed
        self._waiting = [] if about is None else [m for m in self._waiting if m.about is about]
        # What is not sent is not prepared.
        self._names.clear()
        self._answered()

    def _answered(self) -> list[PGresult]:
        """Send what waits, and return the answers; raise DatabaseFailure."""
        waiting, self._waiting = self._waiting, []
        committed, self._committed = self._committed, None
        if not waiting:
            return []
        # Behind what is refused nothing is prepared.
        names, self._names = self._names, {}
        work, self._meanwhile = self._meanwhile, None
        found = self._guarded(lambda: answers(self._raw, waiting, work))
        # Nothing is answered behind what is refused.
        error = refusal(found[-1])
        if committed is not None:
            done = waiting[: len(found) - (error is not None)]
            if any(one.about is committed and one.sql == _COMMIT for one in done):
                committed()
        if error is not None:
            raise failure_of(error, self.url).regarding(waiting[len(found) - 1].about)
        self._names = names
        return found

    def _freshen(self) -> None:
        self._step_back()
        first, self._first = self._first, []
        if first:
            self._guarded(lambda: self._execute("; ".join(first)))
        self._answered()

    def _written(self, last: Iterable[tuple[str, tuple[object, ...]]]) -> list[str]:
        from psycopg import ClientCursor

        cursor = ClientCursor(self._raw)
        return [cursor.mogrify(sql.encode(), parameters) for sql, parameters in last]

    def _errors(self) -> tuple[type[Exception], ...]:
        import psycopg

        return (psycopg.Error,)

    def _execute(self, sql: str) -> None:
        from psycopg.pq import TransactionStatus

        if _FORGETS.search(sql):
            self._names.clear()
        try:
            head, rows = copied(sql)
            if rows is None:
                self._raw.execute(head.encode())
            else:
                with self._raw.cursor() as cursor, cursor.copy(head.encode()) as copy:
                    copy.write(rows.encode())
        finally:
            # COPY FROM STDIN leaves a session that waits for data, and takes nothing else.
            if self._raw.info.transaction_status is TransactionStatus.ACTIVE:
                self._raw.close()

    def _query(self, sql: str, parameters: Sequence[object]) -> list[Row]:
        encoding = self._raw.info.encoding
        data = sql.encode("utf-8" if encoding == "ascii" else encoding)
        cursor = self._raw.execute(data, tuple(parameters) or None)
        rows: list[Row] = []
        while True:
            if cursor.description:
                rows = cursor.fetchall()
            if not cursor.nextset():
                return rows

    def _begin(self, reading: bool) -> str:
        return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if reading else self._begins


def _settings(limits: Limits, *, watches: bool) -> list[str]:
    wanted = {
        "lock_timeout": round(limits.lock * 1000),
        "statement_timeout": round((limits.statement or 0) * 1000),
    }
    if watches:
        wanted["client_connection_check_interval"] = 1000
    calls = (f"pg_catalog.set_config('{name}', '{value}', false)" for name, value in wanted.items())
    return [
        "RESET SESSION AUTHORIZATION",
        "RESET ALL",
        "DISCARD TEMP",
        f"SELECT {', '.join(calls)}",
    ]


@lru_cache(maxsize=8)
def _messages(texts: tuple[str, ...]) -> tuple[Message, ...]:
    return tuple(Message(text.encode()) for text in texts)


@lru_cache(maxsize=32)
def _message(sql: str, parameters: tuple[bytes | None, ...], about: object) -> Message:
    return Message(sql.encode(), parameters, about)


@lru_cache(maxsize=8)
def _numbered(sql: str) -> str:
    """Return a statement of ours as PostgreSQL itself writes parameters."""
    first, *others = sql.replace("%%", "%").split("%s")
    return "".join((first, *(f"${n}{text}" for n, text in enumerate(others, 1))))


def _said(value: object) -> bytes | None:
    return None if value is None else str(value).encode()


class MySqlConnection(Connection):
    """A session with MySQL or MariaDB."""

    _KEPT = (
        "sql_mode",
        "foreign_key_checks",
        "unique_checks",
        "time_zone",
        "autocommit",
        "sql_safe_updates",
        "character_set_client",
        "character_set_results",
        "character_set_connection",
        "collation_connection",
    )
    _IN_TRANSACTION = 1

    def __init__(self, url: Url, raw: pymysql.connections.Connection[Any]) -> None:
        said = raw.get_server_info().removeprefix("5.5.5-")
        product = "MariaDB" if "mariadb" in said.lower() else "MySQL"
        super().__init__(url, Server("mysql", product, re.split(r"[-+~ ]", said)[0]))
        self._raw = raw
        self._began_with: Row | None = None

    @property
    def in_transaction(self) -> bool:
        return bool(self._raw.open) and bool(self._raw.server_status & self._IN_TRANSACTION)

    def rollback(self) -> None:
        """Roll back; after an error the server has not said whether a transaction is open."""
        try:
            if self._raw.open:
                self.execute("ROLLBACK")
        except DatabaseFailure:
            self.close()

    def fresh(self, limits: Limits) -> None:
        self._limits = limits
        if self._began_with is None:
            asked = ", ".join(f"@@SESSION.{name}" for name in self._KEPT)
            self._began_with = self.query(f"SELECT {asked}")[0]
        lock = max(1, round(limits.lock))
        settings = [f"{name} = %s" for name in self._KEPT]
        settings += [f"lock_wait_timeout = {lock}", f"innodb_lock_wait_timeout = {lock}"]
        if self.server.product == "MariaDB":
            settings.append(f"max_statement_time = {limits.statement or 0}")
        self.query(f"SET SESSION {', '.join(settings)}", self._began_with)
        if self.url.name is not None:
            name = self.url.name
            self._guarded(lambda: self._raw.select_db(name))

    def close(self) -> None:
        if self._raw.open:
            self._raw.close()

    def _errors(self) -> tuple[type[Exception], ...]:
        import pymysql

        return (pymysql.err.MySQLError, OSError, RuntimeError)

    def _execute(self, sql: str) -> None:
        with self._raw.cursor() as cursor:
            cursor.execute(sql)
            while cursor.nextset():
                pass

    def _query(self, sql: str, parameters: Sequence[object]) -> list[Row]:
        with self._raw.cursor() as cursor:
            cursor.execute(sql, tuple(parameters) or None)
            return list(cursor.fetchall())

    def _begin(self, reading: bool) -> str:
        if not reading:
            return "START TRANSACTION"
        return "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"


class SqliteConnection(Connection):
    """A session with an SQLite file; one in memory is kept by its Database."""

    mark = "?"
    _STEPS_BETWEEN_LOOKS = 10_000

    def __init__(self, url: Url, raw: sqlite3.Connection, *, kept: bool) -> None:
        super().__init__(url, Server("sqlite", "SQLite", sqlite3.sqlite_version))
        self._raw = raw
        self._kept = kept

    @property
    def in_transaction(self) -> bool:
        return self._raw.in_transaction

    def fresh(self, limits: Limits) -> None:
        self._limits = limits
        self.execute(f"PRAGMA busy_timeout = {round(limits.lock * 1000)}")
        self.execute("PRAGMA foreign_keys = ON")
        self.execute("PRAGMA legacy_alter_table = OFF")

    def close(self) -> None:
        if self._kept:
            self.rollback()
        else:
            self._raw.close()

    def _errors(self) -> tuple[type[Exception], ...]:
        return (sqlite3.Error,)

    def _execute(self, sql: str) -> None:
        if self._limits.statement is None:
            self._finish(sql)
            return
        deadline = time.monotonic() + self._limits.statement
        self._raw.set_progress_handler(
            lambda: time.monotonic() > deadline, self._STEPS_BETWEEN_LOOKS
        )
        try:
            self._finish(sql)
        finally:
            self._raw.set_progress_handler(None, 0)

    def _finish(self, sql: str) -> None:
        # A statement that gives rows is done only when all of them were asked for.
        for _ in self._raw.execute(sql):
            pass

    def _query(self, sql: str, parameters: Sequence[object]) -> list[Row]:
        return self._raw.execute(sql, tuple(parameters)).fetchall()

    def _begin(self, reading: bool) -> str:
        return "BEGIN" if reading else "BEGIN IMMEDIATE"
