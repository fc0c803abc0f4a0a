"""Frames: the rows in which names can be found while an expression is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from schemaops.names import Address
from schemaops.sql.contents.values import Value

__all__ = ["Frame", "Row", "Seen", "Tables"]

Row = Mapping[Address, Value]
Tables = Callable[[Address], Sequence[Row] | None]


@dataclass(frozen=True, slots=True)
class Seen:
    """A row that names can be found in: its table, and the name it goes by. One that is `aside`
    (EXCLUDED) is found by that name only."""

    row: Row
    table: Address | None = None
    name: str | None = None
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """The rows that names can be found in, and those around them."""

    seen: tuple[Seen, ...] = ()
    outer: Frame | None = None
