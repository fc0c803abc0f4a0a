"""MySQL's comments that are code: `/*!40101 SET … */`, read as the servers read them.

Every MySQL and MariaDB of today runs what is marked with a version before 5.7. What is marked with a
later one is run by some of them only, and so is no more than text to us (MariaDB manual, "Comment
Syntax"); version 999999 is run by none.
"""

from __future__ import annotations

import re
from dataclasses import replace

from schemaops.sql.lexer import Token, TokenKind, tokens
from schemaops.sql.split import Statement

__all__ = ["SEEN", "UNSEEN", "spread"]

_RUN = re.compile(r"/\*!(\d{5,6})?(?!\d)")
_LAST_FOR_ALL = 50699
_NEVER = 999999
# What hides an index, and what shows it, in the words of either family of servers: each runs one of the two.
UNSEEN = "/*!80000 INVISIBLE */ /*M!100600 IGNORED */"
SEEN = "/*!80000 VISIBLE */ /*M!100600 NOT IGNORED */"
_NEVER_RUN = re.compile(rf"/\*M?!{_NEVER}")


def spread(statement: Statement) -> Statement:
    """Return a statement with its comments that every server runs as plain text, in their places."""
    if all(token.kind is not TokenKind.HINT for token in statement.tokens):
        return statement
    if (plain := _of_session(statement)) is not None:
        return plain
    text = statement.text.replace(UNSEEN, "INVISIBLE".ljust(len(UNSEEN)))
    text = text.replace(SEEN, "VISIBLE".ljust(len(SEEN)))
    for token in tokens(text, "mysql"):
        if token.kind is TokenKind.HINT:
            text = text[: token.start] + _plain(token) + text[token.end :]
    found = tuple(tokens(text, "mysql"))
    if any(token.kind is TokenKind.HINT for token in found):
        return statement
    return replace(statement, text=text, tokens=found)


def _of_session(statement: Statement) -> Statement | None:
    """Return a statement of which servers that run its comments and servers that do not make the same:
    a SET of nothing that statements are read by, or CREATE DATABASE; None for any other."""
    first, text = statement.tokens[0], statement.text
    head = tuple(token.text.upper() for token in statement.tokens[:2])
    if head in _DATABASES:
        for token in statement.tokens:
            if token.kind is TokenKind.HINT:
                text = text[: token.start] + " " * len(token.text) + text[token.end :]
    elif len(statement.tokens) == 1 and (found := _SESSION.match(first.text)) is not None:
        if _READ_BY.search(first.text) is not None:
            return None
        start = found.start("set")
        text = text[: first.start] + " " * start + first.text[start:-2] + "  " + text[first.end :]
    else:
        return None
    return replace(statement, text=text, tokens=tuple(tokens(text, "mysql")))


_DATABASES = (("CREATE", "DATABASE"), ("CREATE", "SCHEMA"))
_SESSION = re.compile(r"(?i)/\*M?!\d*\s*(?P<set>SET\s)")
_READ_BY = re.compile(r"(?i)sql_mode|_checks\b")


def _plain(token: Token) -> str:
    """Return the code in a comment, spaces in place of the rest; the comment where it is not run."""
    if _NEVER_RUN.match(token.text):
        return " " * len(token.text)
    found = _RUN.match(token.text)
    if found is None or (found[1] is not None and int(found[1]) > _LAST_FOR_ALL):
        return token.text
    return " " * found.end() + token.text[found.end() : -2] + "  "
