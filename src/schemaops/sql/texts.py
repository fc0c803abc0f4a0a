"""Texts that nobody binds: the names that stand in them, as far as their words tell."""

from __future__ import annotations

import re

from schemaops.sql.lexer import TokenKind, UnreadableSql, tokens
from schemaops.sql.names import fold

__all__ = ["words_of"]

_WORD = re.compile(r"\w+")


def words_of(text: str, dialect: str) -> frozenset[str]:
    """Return the names in a text as the dialect folds them, those within its strings too."""
    found: set[str] = set()
    try:
        for token in tokens(text, dialect):
            if token.kind in (TokenKind.WORD, TokenKind.QUOTED):
                found.add(str(fold(token.text, dialect)).lower())
            elif token.kind in (TokenKind.STRING, TokenKind.HINT):
                found |= {word.lower() for word in _WORD.findall(token.text)}
    except UnreadableSql:
        found |= {word.lower() for word in _WORD.findall(text)}
    return frozenset(found)
