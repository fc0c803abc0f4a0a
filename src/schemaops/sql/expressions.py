"""Expressions read: a default, check, generated expression, index key or predicate, with its holes.

    read(text, dialect, scope, target=None) -> Reading
    expression(text, dialect, scope, target=None) -> Expression
    is_null(expression) -> bool          whether a default says no more than NULL

`target` is the type of the column that the value goes to (of a default or a generated column): what
the engine casts to it by itself is no part of the normal form. A Reading also tells the columns and
relations read, the mentions (for patching the author's text), the problems (unknown columns …), and
whether the text was understood.
"""

from __future__ import annotations

import re
from functools import lru_cache

from schemaops.schema.expressions import Expression
from schemaops.sql.lexer import UnreadableSql
from schemaops.sql.scope import NOWHERE, NotUnderstood, Reading, Scope
from schemaops.sql.unread import by_tokens

__all__ = ["expression", "is_null", "read"]

# What means the same in every dialect and scope, and needs no grammar.
_SIMPLE = re.compile(r"-?(?:0|[1-9]\d{0,8})\Z|(?i:null|true|false)\Z")


def expression(
    text: str, dialect: str, scope: Scope = NOWHERE, target: Expression | None = None
) -> Expression:
    """Return the expression that a text stands for."""
    return read(text, dialect, scope, target).expression


def read(
    text: str, dialect: str, scope: Scope = NOWHERE, target: Expression | None = None
) -> Reading:
    """Return what an expression's text comes to."""
    from schemaops.sql.binding.readings import read_expression

    try:
        return read_expression(text, dialect, scope, target)
    except (NotUnderstood, UnreadableSql, RecursionError):
        return by_tokens(text, dialect, scope)


@lru_cache(maxsize=64)
def _null(dialect: str) -> Expression:
    return expression("NULL", dialect)


def is_null(value: Expression, dialect: str) -> bool:
    """Whether a default says no more than NULL."""
    return value == _null(dialect)
