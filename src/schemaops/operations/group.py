"""Group: the operations that one statement comes to, implicit consequences included.

A group keeps the author's bytes, is carried whole and inverts whole. Its mentions say which characters
of the text name which object, so that carrying it past a rename rewords the text in place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from schemaops.errors import Place
from schemaops.names import Address
from schemaops.operations import Operation
from schemaops.operations.footprint import Footprint, union
from schemaops.operations.opaque import Opaque
from schemaops.schema.state import Schema

__all__ = ["Group", "Mention"]


@dataclass(frozen=True, slots=True)
class Mention:
    """The characters `start` to `end` of a statement name the object at `at`."""

    start: int
    end: int
    at: Address


@dataclass(frozen=True, slots=True)
class Group:
    """What one statement comes to. `masks` are the words in it that hide a failure
    (`IF EXISTS`, `IF NOT EXISTS`, `OR REPLACE`, `CASCADE`); `why` says why it is opaque.

    `parts` are the statements that one group stands for (a rebuild of SQLite's, `sql/rebuilding.py`), the
    last of them in its place; those before it are left hollow, with no text of their own."""

    text: str
    place: Place
    operations: tuple[Operation, ...]
    mentions: tuple[Mention, ...] = ()
    masks: frozenset[str] = frozenset()
    why: str | None = None
    parts: tuple[Group, ...] = ()

    @property
    def hollow(self) -> bool:
        """Whether a later group stands for the statement."""
        return not self.text and not self.operations

    @property
    def texts(self) -> tuple[str, ...]:
        """The text of each statement that it stands for."""
        if self.hollow:
            return ()
        return tuple(part.text for part in self.parts) or (self.text,)

    @property
    def opaque(self) -> bool:
        """Whether the statement was not understood."""
        return any(isinstance(operation, Opaque) for operation in self.operations)

    @property
    def unknown(self) -> bool:
        """Whether nothing is known of its effect."""
        return any(isinstance(o, Opaque) and o.effect is None for o in self.operations)

    def apply(self, before: Schema) -> Schema:
        """Return the schema after all its operations."""
        for operation in self.operations:
            before = operation.apply(before)
        return before

    def footprint(self) -> Footprint:
        """Return the footprint of its operations taken together."""
        return union(operation.footprint() for operation in self.operations)

    def reworded(self, where: Callable[[Address], Address], spell: Callable[[Address], str]) -> str:
        """Return the text with each mention whose address moves spelled anew."""
        pieces: list[str] = []
        at = 0
        for mention in sorted(self.mentions, key=lambda m: m.start):
            moved = where(mention.at)
            if moved.path[-1] != mention.at.path[-1]:
                pieces += (self.text[at : mention.start], spell(moved))
                at = mention.end
        return "".join((*pieces, self.text[at:]))
