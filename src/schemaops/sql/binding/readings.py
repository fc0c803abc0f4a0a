"""Texts parsed, bound and summed up as readings."""

from __future__ import annotations

from schemaops.names import Address, Name
from schemaops.schema.expressions import Expression, Piece, Pieces
from schemaops.sql.binding import coercion
from schemaops.sql.binding.mysql import MysqlBinder
from schemaops.sql.binding.postgres import PostgresBinder
from schemaops.sql.binding.queries import Bound, QueryBinder
from schemaops.sql.binding.sources import BoundColumn
from schemaops.sql.binding.sqlite import SqliteBinder
from schemaops.sql.grammar import parse_expression, parse_query
from schemaops.sql.scope import Reading, Scope
from schemaops.sql.unread import merged, with_holes

__all__ = ["binder_for", "read_expression", "read_query", "reading", "type_expression"]

_BINDERS: dict[str, type[QueryBinder]] = {
    "postgres": PostgresBinder,
    "mysql": MysqlBinder,
    "sqlite": SqliteBinder,
}


def binder_for(text: str, dialect: str, scope: Scope) -> QueryBinder:
    """Return a binder for a text of a dialect."""
    return _BINDERS[dialect](text, scope)


def read_expression(text: str, dialect: str, scope: Scope, target: Expression | None) -> Reading:
    """Return what an expression's text comes to; raise NotUnderstood."""
    node = parse_expression(text, dialect)
    binder = binder_for(text, dialect, scope)
    level = binder.own_level(scope.table) if not scope.rows else binder.row_level(scope)
    term = binder.assigned(binder.bind(node, level), target)
    return reading(binder, term.pieces, type_expression(BoundColumn(Name(""), None, term.type)))


def read_returned(text: str, scope: Scope) -> Reading:
    """Return what the value comes to that a function's body returns; raise NotUnderstood."""
    binder = PostgresBinder(text, scope)
    level = binder.own_level(None)
    term = binder.texted(binder.bind(parse_expression(text, "postgres"), level))
    return reading(binder, term.pieces)


def read_unnamed(text: str, scope: Scope) -> Reading:
    """Return what a query comes to whose columns nobody names; raise NotUnderstood."""
    binder = PostgresBinder(text, scope)
    pieces, _ = binder.subquery(parse_query(text, "postgres"), binder.own_level(None))
    return reading(binder, pieces)


def read_query(
    text: str, dialect: str, scope: Scope, names: tuple[Name, ...]
) -> tuple[Reading, Bound]:
    """Return what a query's text comes to, and the query bound; raise NotUnderstood."""
    binder = binder_for(text, dialect, scope)
    outer = None if scope.table is None else binder.own_level(scope.table)
    if scope.rows:
        outer = binder.row_level(scope)
    bound = binder.query(parse_query(text, dialect), outer, names=names)
    return reading(binder, bound.pieces), bound


def reading(binder: QueryBinder, normal: Pieces, kind: Expression | None = None) -> Reading:
    """Return what a binder found out, with the normal form that it came to."""
    holes = sorted(set(binder.holes), key=lambda hole: hole[:2])
    mentions = sorted(set(binder.mentions), key=lambda mention: mention.start)
    apart = _apart(holes)
    return Reading(
        Expression(normal, with_holes(binder.text, apart), _without_stars(binder, apart)),
        frozenset(binder.columns),
        frozenset(binder.relations),
        tuple(mentions),
        tuple(dict.fromkeys(binder.problems)),
        kind,
        understood=not binder.vague,
        spelled=not binder.unspelled,
    )


def _without_stars(binder: QueryBinder, holes: list[tuple[int, int, Address]]) -> Pieces:
    """Return a text with its holes and all that is spelled out, nothing where that is none."""
    if not binder.stars:
        return ()
    text, pieces, at = binder.text, list[Piece](), 0
    kept = [(start, end, (there,)) for start, end, there in holes if not _is_in(start, binder)]
    # What is bound twice is noted twice.
    stars = {start: (start, end, shown) for start, end, shown in binder.stars}
    for start, end, shown in sorted((*kept, *stars.values()), key=lambda one: one[0]):
        pieces += (text[at:start], *shown)
        at = end
    return merged([*pieces, text[at:]])


def _is_in(place: int, binder: QueryBinder) -> bool:
    """Whether a place is within what stands for columns, as in `t.*`."""
    return any(start <= place < end for start, end, _ in binder.stars)


def _apart(holes: list[tuple[int, int, Address]]) -> list[tuple[int, int, Address]]:
    """Holes that do not overlap: of those at one place, the first."""
    kept: list[tuple[int, int, Address]] = []
    for hole in holes:
        if not kept or hole[0] >= kept[-1][1]:
            kept.append(hole)
    return kept


def type_expression(column: BoundColumn) -> Expression | None:
    """Return a column's type in its normal spelling, where it is known."""
    if column.type is None or column.type == coercion.UNKNOWN:
        return None
    return Expression(coercion.spelled(column.type))
