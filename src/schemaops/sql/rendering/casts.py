"""Casts: how values of one PostgreSQL type become values of another when a column changes."""

from __future__ import annotations

from schemaops.schema.expressions import Expression
from schemaops.sql.types import Family, family

__all__ = ["akin", "assignable", "cast", "numeric"]

_NUMBERS = frozenset({Family.INTEGER, Family.EXACT, Family.FLOAT})
_SAME_FAMILY = frozenset({Family.TEXT, Family.TIME, Family.TIMESTAMP, Family.JSON, Family.INTERVAL})
_MOMENTS = frozenset({Family.DATE, Family.TIMESTAMP})
_SPANS = _MOMENTS | {Family.TIME, Family.INTERVAL}


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


def cast(name: str, kind: str, before: Expression, after: Expression) -> str:
    """Return the values of a column of one type in the other, called `kind`, through text where nothing
    nearer is sure to exist. A number stands for seconds or truth, and that there is a moment for truth."""
    old, new = _family(before), _family(after)
    families = {old, new}
    if Family.TEXT in families or families <= _NUMBERS or families <= _MOMENTS:
        return f"{name}::{kind}"
    if new in _NUMBERS and old in _SPANS:
        return f"extract(epoch FROM {name})::{kind}"
    if new in _NUMBERS and old is Family.BOOLEAN:
        return f"{name}::int::{kind}"
    if old in _NUMBERS and new in _MOMENTS:
        return f"to_timestamp({name})::{kind}"
    if old in _NUMBERS and new is Family.INTERVAL:
        return f"make_interval(secs => {name})::{kind}"
    if old in _NUMBERS and new is Family.BOOLEAN:
        return f"{name} <> 0"
    if old in _MOMENTS and new is Family.BOOLEAN:
        return f"{name} IS NOT NULL"
    if old is Family.BOOLEAN and new in _MOMENTS:
        return f"CASE WHEN {name} THEN CURRENT_TIMESTAMP END::{kind}"
    return f"{name}::text::{kind}"
