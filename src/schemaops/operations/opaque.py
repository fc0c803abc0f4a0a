"""Opaque: SQL that is not understood, with the effect that was observed or declared, or none known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from schemaops.errors import SchemaOpsError
from schemaops.names import Address
from schemaops.operations.footprint import EXISTS, Footprint, Place, union
from schemaops.schema.state import Schema

if TYPE_CHECKING:
    from schemaops.operations import Operation

__all__ = ["Irreversible", "Opaque"]


class Irreversible(SchemaOpsError):
    """A statement has no inverse: what it does is neither understood, observed nor declared.

    Seal it on a scratch database that can run it, so that its effect is observed, or declare the
    effect; a hand-written down settles it too.
    """

    code = "SO104"

    def __init__(self, text: str) -> None:
        super().__init__(f"the effect of `{text[:60]}` is not known, so it has no inverse")


@dataclass(frozen=True, slots=True)
class Opaque:
    """A statement we do not interpret. `effect` is None where it is unknown; `how` says whence it is
    known: `observed on …` or `declared`."""

    text: str
    effect: tuple[Operation, ...] | None = None
    how: str = "unknown"
    reads: tuple[Address, ...] = ()

    def apply(self, before: Schema) -> Schema:
        """Return the schema after the effect, as far as that is known."""
        for operation in self.effect or ():
            before = operation.apply(before)
        return before

    def invert(self, before: Schema) -> Opaque:
        """Return the inverse of the effect; raise Irreversible where it is unknown."""
        if self.effect is None:
            raise Irreversible(self.text)
        undone = []
        for operation in self.effect:
            undone.append(operation.invert(before))
            before = operation.apply(before)
        return replace(self, effect=tuple(reversed(undone)))

    def footprint(self) -> Footprint:
        """Return the effect's footprint; what it does to rows nobody knows."""
        known = union(operation.footprint() for operation in self.effect or ())
        return Footprint(known.reads | {Place(at, EXISTS) for at in self.reads}, known.writes)

    def relocated(self, where: Callable[[Address], Address]) -> Opaque:
        """Return the effect reworded; the text is the author's and stays."""
        if self.effect is None:
            return self
        return replace(self, effect=tuple(operation.relocated(where) for operation in self.effect))
