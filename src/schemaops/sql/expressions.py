"""Expressions read: a default, check, generated expression, index key or predicate, with its holes.

    read(text, dialect, scope, target=None) -> Reading
    expression(text, dialect, scope, target=None) -> Expression

`target` is the type of the column that the value goes to (of a default or a generated column): what
the engine casts to it by itself is no part of the normal form. A Reading also tells the columns and
relations read, the mentions (for patching the author's text), the problems (unknown columns …), and
whether the text was understood.
"""

from __future__ import annotations

from schemaops.schema.expressions import Expression
from schemaops.sql.scope import NOWHERE, Reading, Scope
from schemaops.sql.unread import by_tokens

__all__ = ["expression", "read"]


def read(
    text: str, dialect: str, scope: Scope = NOWHERE, target: Expression | None = None
) -> Reading:
    """Return what an expression's text comes to."""
    return by_tokens(text, dialect, scope)


def expression(
    text: str, dialect: str, scope: Scope = NOWHERE, target: Expression | None = None
) -> Expression:
    """Return the expression that a text stands for."""
    return read(text, dialect, scope, target).expression
