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

__all__ = ["spread"]

_RUN = re.compile(r"/\*!(\d{5,6})?(?!\d)")
_LAST_FOR_ALL = 50699
_NEVER = 999999
_NEVER_RUN = re.compile(rf"/\*M?!{_NEVER}")


def spread(statement: Statement) -> Statement:
    """Return a statement with its comments that every server runs as plain text, in their places."""
    if all(token.kind is not TokenKind.HINT for token in statement.tokens):
        return statement
    text = statement.text
    for token in statement.tokens:
        if token.kind is TokenKind.HINT:
            text = text[: token.start] + _plain(token) + text[token.end :]
    found = tuple(tokens(text, "mysql"))
    if any(token.kind is TokenKind.HINT for token in found):
        return statement
    return replace(statement, text=text, tokens=found)


def _plain(token: Token) -> str:
    """Return the code in a comment, spaces in place of the rest; the comment where it is not run."""
    if _NEVER_RUN.match(token.text):
        return " " * len(token.text)
    found = _RUN.match(token.text)
    if found is None or (found[1] is not None and int(found[1]) > _LAST_FOR_ALL):
        return token.text
    return " " * found.end() + token.text[found.end() : -2] + "  "
