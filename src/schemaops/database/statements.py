"""What a statement does to the session and the transaction it is sent in, by its first words.

Only that: what it does to the schema is known from interpreting it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from schemaops.sql.lexer import TokenKind, tokens

__all__ = ["changes_role", "copied", "ends_transaction", "sets_session"]

_CONTROL = frozenset({"BEGIN", "COMMIT", "END", "ABORT", "ROLLBACK"})
_MAY_END = _CONTROL | {"START", "PREPARE", "SET"}
_FIRST = re.compile(r"[A-Za-z]+")
# Everything else on MySQL commits by itself before it begins.
_MYSQL_KEEPS = frozenset(
    {
        "DELETE",
        "DO",
        "EXPLAIN",
        "INSERT",
        "RELEASE",
        "REPLACE",
        "ROLLBACK",
        "SAVEPOINT",
        "SELECT",
        "SET",
        "SHOW",
        "TABLE",
        "UPDATE",
        "USE",
        "VALUES",
        "WITH",
    }
)
_CONDITIONAL = re.compile(r"/\*M?!\d*(.*)\*/\Z", re.DOTALL)


def ends_transaction(sql: str, dialect: str, *, transactional: bool) -> bool:
    """Return whether the statement begins or ends a transaction itself, which is not its to do;
    in a `transactional` step also where it does so implicitly."""
    plain = _FIRST.match(sql)
    if dialect != "mysql" and plain and plain[0].upper() not in _MAY_END:
        return False
    first, second, third = _words(sql, dialect)
    match first, second:
        case "ROLLBACK", _:
            return "TO" not in (second, third)
        case "START" | "PREPARE", "TRANSACTION":
            return True
        case "SET", _ if dialect == "mysql" and transactional:
            return "AUTOCOMMIT" in (second, third)
        case "CREATE" | "DROP", "TEMPORARY":
            return False
    if first in _CONTROL:
        return True
    return dialect == "mysql" and transactional and first not in _MYSQL_KEEPS


def sets_session(sql: str, dialect: str) -> bool:
    """Return whether the statement sets up the session for those after it, and may be sent
    again."""
    first, _, _ = _words(sql, dialect)
    if dialect == "sqlite":
        return first == "PRAGMA"
    return first in {"PREPARE", "RESET", "SET", "USE"} or (
        dialect == "postgres" and first == "SELECT" and "set_config" in sql.lower()
    )


def copied(sql: str) -> tuple[str, str | None]:
    """Return a PostgreSQL statement and the rows behind it, where it is a COPY that brings them."""
    if not sql.endswith("\\.") or sql[:4].upper() != "COPY":
        return sql, None
    *_, semicolon, rows = tokens(sql, "postgres")
    return sql[: semicolon.start], rows.text[: -len("\\.")]


def changes_role(sql: str, dialect: str) -> bool:
    """Return whether the session may have another user's rights after the statement."""
    text = sql.lower()
    return dialect == "postgres" and ("role" in text or "authorization" in text)


def _words(sql: str, dialect: str) -> tuple[str, str, str]:
    found = [*islice(_spelled(sql, dialect), 3), "", "", ""]
    return found[0], found[1], found[2]


def _spelled(sql: str, dialect: str) -> Iterator[str]:
    for token in tokens(sql, dialect):
        conditional = _CONDITIONAL.match(token.text) if token.kind is TokenKind.HINT else None
        if conditional:
            yield from _spelled(conditional[1], dialect)
        elif token.kind in (TokenKind.WORD, TokenKind.PARAMETER):
            # A variable counts by its last name: @@session.autocommit.
            yield token.text.upper().rpartition(".")[2].lstrip("@")
