"""What a database answers instead of doing as it was told: drivers' errors made ours, and scrubbed.

A driver's error holds what the driver knew, and that may be the password. So it is never raised on,
never chained: `failure_of` makes one of ours from its text, which is raised outside the handler.
"""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING, Self

from schemaops.database.urls import Url, scrub
from schemaops.errors import Cause, SchemaOpsError

if TYPE_CHECKING:
    import psycopg
    import pymysql

__all__ = [
    "AuthenticationFailed",
    "Busy",
    "ConnectionLost",
    "DatabaseFailure",
    "DriverMissing",
    "NoRights",
    "NoSuchDatabase",
    "NotADatabase",
    "StatementRefused",
    "TimedOut",
    "Unreachable",
    "failure_of",
]


class DatabaseFailure(SchemaOpsError):
    """A database did not do what it was asked; `answer` is its own message, secrets masked."""

    cause = Cause.WORLD

    def __init__(self, message: str, answer: str = "", sqlstate: str | None = None) -> None:
        super().__init__(message)
        self.answer = answer or message
        self.sqlstate = sqlstate
        self.about: object = None

    def regarding(self, about: object) -> Self:
        """Return the failure, which is of what was sent for this."""
        self.about = about
        return self


class DriverMissing(DatabaseFailure):
    """A Python package is missing that the database's login needs.

    MySQL 8 with its `caching_sha2_password` login wants the package `cryptography` unless the
    connection is encrypted or a socket. Install it: `pip install cryptography`.
    """

    code = "SO602"


class Unreachable(DatabaseFailure):
    """No database answers where the URL points.

    See that the server runs and listens there, that host and port are right, and that no firewall
    stands between. A server that has no room for another connection answers like this too.
    """

    code = "SO603"


class AuthenticationFailed(DatabaseFailure):
    """The server does not accept the user or the password of the URL.

    See that the environment variable the URL comes from is set and current, that special
    characters in the password are percent-encoded, and that the server lets this user in from
    this machine.
    """

    code = "SO604"


class NoSuchDatabase(DatabaseFailure):
    """The server answers, but has no database of that name; or the SQLite file does not exist.

    SchemaOps does not create a database it was only asked to look at. Create it, or correct the
    name in the URL; `schemaops replay` creates the file of an SQLite environment.
    """

    code = "SO605"


class NotADatabase(DatabaseFailure):
    """The file is there, but it is no SQLite database, is encrypted, or is damaged.

    Correct the path in the URL. `sqlite3 FILE 'PRAGMA integrity_check'` tells more of a damaged
    one.
    """

    code = "SO606"


class NoRights(DatabaseFailure):
    """The user of the URL may not do this in the database.

    Replaying needs the right to create and alter what the migrations create and alter, and to
    create SchemaOps' own tables (on PostgreSQL: CREATE on the database, for the schema
    `schemaops`).
    """

    code = "SO607"


class StatementRefused(DatabaseFailure):
    """The database refused a statement; its own message says why.

    Nothing that shared the statement's transaction has remained.
    """

    code = "SO608"


class ConnectionLost(DatabaseFailure):
    """The connection to the database broke while it was in use.

    What was in a transaction has been rolled back, unless the connection broke in the very commit.
    `schemaops replay ENV --resume` reads from the database itself what remained, and goes on.
    """

    code = "SO609"


class Busy(DatabaseFailure):
    """Another session holds a lock that a statement waited for in vain.

    Or the two waited for each other. Replaying tries again a few times by itself, each time in a
    new transaction. If it still cannot, find the session that holds the lock (a long
    transaction, a backup), or replay at a quieter hour.
    """

    code = "SO610"


class TimedOut(DatabaseFailure):
    """A statement ran longer than it may, and was stopped.

    Raise the environment's statement timeout if the statement is known to take long.
    """

    code = "SO611"


def failure_of(error: BaseException, url: Url, *, connecting: bool = False) -> DatabaseFailure:
    """Return our error for a driver's: what it means by its code, what it says with secrets
    masked."""
    if isinstance(error, sqlite3.Error):
        kind, answer, sqlstate = _of_sqlite(error)
    elif url.dialect == "mysql":
        kind, answer, sqlstate = _of_mysql(error, connecting)
    else:
        kind, answer, sqlstate = _of_postgres(error, connecting)
    if connecting and kind is ConnectionLost:
        kind = Unreachable
    answer = scrub(" ".join(answer.split()), url.secrets)
    about = f"{url.shown}: {answer}" if connecting else answer
    return kind(about, answer, sqlstate)


Reading = tuple[type[DatabaseFailure], str, str | None]

_SQLITE: dict[str, type[DatabaseFailure]] = {
    "SQLITE_NOTADB": NotADatabase,
    "SQLITE_CORRUPT": NotADatabase,
    "SQLITE_CANTOPEN": Unreachable,
    "SQLITE_READONLY": NoRights,
    "SQLITE_PERM": NoRights,
    "SQLITE_AUTH": NoRights,
    "SQLITE_BUSY": Busy,
    "SQLITE_LOCKED": Busy,
    "SQLITE_INTERRUPT": TimedOut,
}


def _of_sqlite(error: sqlite3.Error) -> Reading:
    # Extended codes begin with the plain one: SQLITE_READONLY_DBMOVED.
    name = getattr(error, "sqlite_errorname", "")
    plain = "_".join(name.split("_")[:2])
    return _SQLITE.get(plain, StatementRefused), str(error), name or None


_POSTGRES: dict[str, type[DatabaseFailure]] = {
    "28": AuthenticationFailed,
    "3D000": NoSuchDatabase,
    "08": ConnectionLost,
    "42501": NoRights,
    "40001": Busy,
    "40P01": Busy,
    "55P03": Busy,
    "57014": TimedOut,
    "57P01": ConnectionLost,
    "57P02": ConnectionLost,
    "57P03": ConnectionLost,
    "57P04": ConnectionLost,
    "57P05": ConnectionLost,
}
# A refused connection has no code, only libpq's words; those of the server may be in any language.
_POSTGRES_CONNECTING = (
    (re.compile(r'database "[^"]*" does not exist'), NoSuchDatabase),
    (re.compile(r"permission denied for database"), NoRights),
    (
        re.compile(
            r"authentication failed|no password supplied|no pg_hba\.conf entry"
            r'|role "[^"]*" does not exist|is not permitted to log in'
        ),
        AuthenticationFailed,
    ),
)


def _of_postgres(error: BaseException, connecting: bool) -> Reading:
    import psycopg

    if not isinstance(error, psycopg.Error):
        return StatementRefused, str(error), None
    if error.sqlstate is None:
        return _without_sqlstate(error, connecting)
    kind = _POSTGRES.get(error.sqlstate) or _POSTGRES.get(error.sqlstate[:2], StatementRefused)
    said = [error.diag.message_primary or str(error)]
    if error.diag.message_detail:
        said.append(error.diag.message_detail)
    return kind, ": ".join(said), error.sqlstate


def _without_sqlstate(error: psycopg.Error, connecting: bool) -> Reading:
    import psycopg

    answer = str(error)
    if connecting:
        for pattern, kind in _POSTGRES_CONNECTING:
            if pattern.search(answer):
                return kind, answer, None
        return Unreachable, answer, None
    lost = isinstance(error, psycopg.OperationalError)
    return (ConnectionLost if lost else StatementRefused), answer, None


_MYSQL: dict[int, type[DatabaseFailure]] = {
    1040: Unreachable,
    1044: NoRights,
    1045: AuthenticationFailed,
    1049: NoSuchDatabase,
    1129: Unreachable,
    1130: AuthenticationFailed,
    1142: NoRights,
    1143: NoRights,
    1205: Busy,
    1213: Busy,
    1227: NoRights,
    1317: TimedOut,
    1370: NoRights,
    1698: AuthenticationFailed,
    1969: TimedOut,
    2006: ConnectionLost,
    2013: ConnectionLost,
    2055: ConnectionLost,
    3024: TimedOut,
    4031: ConnectionLost,
}


def _of_mysql(error: BaseException, connecting: bool) -> Reading:
    import pymysql

    if isinstance(error, RuntimeError):
        return DriverMissing, str(error), None
    if not isinstance(error, pymysql.err.MySQLError):
        return (Unreachable if connecting else ConnectionLost), str(error), None
    number, answer = _numbered(error)
    if connecting:
        return _MYSQL.get(number, Unreachable), answer, None
    # Number 0 is PyMySQL's own: the connection is closed.
    kind = ConnectionLost if number == 0 else _MYSQL.get(number, StatementRefused)
    return kind, answer, str(number)


def _numbered(error: pymysql.err.MySQLError) -> tuple[int, str]:
    if len(error.args) > 1 and isinstance(error.args[0], int):
        return error.args[0], str(error.args[1]) or "the connection is closed"
    return -1, str(error)
