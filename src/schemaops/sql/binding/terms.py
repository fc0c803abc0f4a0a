"""Terms: bound expressions, as pieces of the normal form with what is known of their value.

Operators print with as few parentheses as one fixed order of binding allows, the same for all
dialects: the form is compared, and read by people, never executed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from schemaops.names import Address
from schemaops.schema.expressions import Piece, Pieces
from schemaops.sql.binding.coercion import PgType
from schemaops.sql.lexer import Token
from schemaops.sql.unread import merged

__all__ = [
    "ADD",
    "AND",
    "ATOM",
    "CAST",
    "COLLATE",
    "COMPARE",
    "IS",
    "MULTIPLY",
    "NOT",
    "OR",
    "OTHER",
    "POWER",
    "SIGN",
    "SUBSCRIPT",
    "TEST",
    "ZONE",
    "Term",
    "joined",
    "listed",
    "within",
]

(
    OR,
    AND,
    NOT,
    IS,
    COMPARE,
    TEST,
    OTHER,
    ADD,
    MULTIPLY,
    POWER,
    ZONE,
    COLLATE,
    SIGN,
    SUBSCRIPT,
    CAST,
    ATOM,
) = range(16)


@dataclass(frozen=True, slots=True)
class Term:
    """A bound expression.

    `type` is PostgreSQL's, None where unknown. `literal` is the value of a string literal, of type
    unknown or of a given one, and `token` where it was written; `inner` is what a cast is of, and
    `modifiers` its length or the like; `collated` is what a COLLATE is of.
    `limit` is the length that the value is known to keep, `items` are an array's that is written out.
    `row` is the composite type of the value, `rows` that of an array's items.
    """

    pieces: Pieces
    level: int = ATOM
    type: PgType | None = None
    literal: str | None = None
    inner: Term | None = None
    modifiers: tuple[str, ...] = ()
    null: bool = False
    token: Token | None = None
    collated: Term | None = None
    limit: tuple[str, ...] = ()
    items: tuple[Term, ...] = ()
    row: Address | None = None
    rows: Address | None = None

    def typed(self, kind: PgType | None) -> Term:
        """Return the term with another type."""
        return replace(self, type=kind)


Part = str | Address | Term | Pieces


def joined(*parts: Part | Iterable[Part]) -> Pieces:
    """Return parts as pieces, neighbouring texts made one."""
    out: list[Piece] = []
    _add(out, parts)
    return merged(out)


def _add(out: list[Piece], parts: Iterable[object]) -> None:
    for part in parts:
        if isinstance(part, str | Address):
            out.append(part)
        elif isinstance(part, Term):
            out.extend(part.pieces)
        else:
            assert isinstance(part, Iterable)
            _add(out, part)


def within(term: Term, level: int) -> Pieces:
    """Return a term's pieces, in parentheses where it binds less tightly than `level`."""
    return term.pieces if term.level >= level else joined("(", term, ")")


def listed(terms: Iterable[Part], between: str = ", ") -> Pieces:
    """Return terms with a text between them."""
    parts: list[Part] = []
    for term in terms:
        if parts:
            parts.append(between)
        parts.append(term)
    return joined(*parts)
