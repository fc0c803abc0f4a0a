"""What the bodies of functions, procedures and triggers name, as far as their words tell.

A body is text that the server reads when it runs (PL/pgSQL, MySQL) or once when it is made (SQL). Which
of its words are tables, columns and functions is not known here: every identifier in it is taken for
the name of whatever has that name.
"""

from __future__ import annotations

from functools import lru_cache

from schemaops.schema.objects import Routine
from schemaops.sql.lexer import TokenKind, UnreadableSql, tokens
from schemaops.sql.names import fold

__all__ = ["names_in", "words_of"]

_READ = frozenset({"sql", "plpgsql"})


def names_in(routine: Routine) -> frozenset[str]:
    """Return the names that stand in a routine's body; none where its language is not SQL."""
    if routine.language.lower() not in _READ:
        return frozenset()
    if routine.tree is not None:
        return words_of(routine.tree.text(), "postgres")
    return words_of(routine.body, "postgres")


@lru_cache(maxsize=1024)
def words_of(text: str, dialect: str) -> frozenset[str]:
    """Return the identifiers in a text, as the dialect folds them."""
    kinds = (TokenKind.WORD, TokenKind.QUOTED)
    try:
        return frozenset(
            str(fold(token.text, dialect)) for token in tokens(text, dialect) if token.kind in kinds
        )
    except UnreadableSql:
        return frozenset()
