"""Casts: how values of one PostgreSQL type become values of another when a column changes."""

from __future__ import annotations

from schemaops.schema.expressions import Expression
from schemaops.sql.types import Family, family

__all__ = ["akin", "assignable", "castable", "numeric"]

_NUMBERS = frozenset({Family.INTEGER, Family.EXACT, Family.FLOAT})
_SAME_FAMILY = frozenset({Family.TEXT, Family.TIME, Family.TIMESTAMP, Family.JSON, Family.INTERVAL})
_MOMENTS = frozenset({Family.DATE, Family.TIMESTAMP})


def _family(kind: Expression) -> Family:
    return family(kind, "postgres")


def numeric(before: Expression, after: Expression) -> bool:
    """Whether both are numbers."""
    return _family(before) in _NUMBERS and _family(after) in _NUMBERS


def akin(before: Expression, after: Expression) -> bool:
    """Whether expressions over the one type mean the same over the other."""
    return _family(before) == _family(after) or numeric(before, after)


def assignable(before: Expression, after: Expression) -> bool:
    """Whether the server casts by itself when a value is assigned."""
    families = (_family(before), _family(after))
    if families[0] == families[1]:
        return families[0] in _NUMBERS or families[0] in _SAME_FAMILY
    if families[1] is Family.TEXT:
        return True
    return families[0] in _NUMBERS and families[1] in _NUMBERS


def castable(before: Expression, after: Expression) -> bool:
    """Whether a cast from the one to the other is sure to exist; through text there always is one."""
    families = {_family(before), _family(after)}
    return Family.TEXT in families or families <= _NUMBERS or families <= _MOMENTS
