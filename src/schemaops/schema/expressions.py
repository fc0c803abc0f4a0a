"""An expression: SQL text with holes for addresses.

A default, a check, an index key, a view's body and a column's type are all kept so. `normal` is the
one form that the author's text and the catalogue's are both brought to; it alone decides equality.
`written` is a form that an engine reads back with the same meaning; reversals are made of it. Renaming
a column rewrites both by substitution: nothing here knows how to parse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from schemaops.names import Address

__all__ = ["Expression", "Piece", "Pieces"]

Piece = str | Address
Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Expression:
    """SQL text with holes; equal when the normal forms are.

    `bound`, where there is one, is the written form with every `*` spelled out, as it was when the
    text was read.
    """

    normal: Pieces
    written: Pieces = field(default=(), compare=False, metadata={"canonical": False})
    bound: Pieces = field(default=(), compare=False, metadata={"canonical": False})

    @classmethod
    def plain(cls, text: str) -> Expression:
        """Return an expression without holes whose text is already normal."""
        return cls((text,))

    def addresses(self) -> Iterator[Address]:
        """Yield every address in a hole, of any form."""
        for piece in (*self.normal, *self.written, *self.bound):
            if isinstance(piece, Address):
                yield piece

    def relocated(self, where: Callable[[Address], Address]) -> Expression:
        """Return the expression with each hole's address mapped by `where`."""
        return Expression(
            _moved(self.normal, where), _moved(self.written, where), _moved(self.bound, where)
        )

    def text(self, spell: Callable[[Address], str] = str) -> str:
        """Return the text to execute, each hole filled by `spell`."""
        pieces = self.written or self.normal
        return "".join(piece if isinstance(piece, str) else spell(piece) for piece in pieces)

    def __str__(self) -> str:
        return "".join(
            piece if isinstance(piece, str) else piece.name.spelling for piece in self.normal
        )


def _moved(pieces: Pieces, where: Callable[[Address], Address]) -> Pieces:
    return tuple(where(piece) if isinstance(piece, Address) else piece for piece in pieces)
