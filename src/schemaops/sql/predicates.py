"""Predicates over one known row: whether a condition holds, as far as literals tell.

Three-valued as SQL is, and a fourth answer, UNKNOWN, wherever the text goes beyond what is followed.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from schemaops.names import Address
from schemaops.operations.rows import NOT_LITERAL, Literal, NotLiteral
from schemaops.schema.expressions import Expression
from schemaops.schema.state import Schema
from schemaops.sql import tree
from schemaops.sql.contents.evaluator import Evaluator, parsed_expression
from schemaops.sql.contents.frames import Frame, Seen
from schemaops.sql.contents.values import UNKNOWN, Unknown, Value, number

__all__ = ["UNKNOWN", "Row", "Unknown", "Value", "known", "literal", "pinned", "value"]

Row = Mapping[Address, Literal]


def value(expression: Expression, row: Row, schema: Schema) -> Value:
    """Return the value of an expression over a row of a schema: a str, Decimal, bool, None for NULL,
    or UNKNOWN."""
    read = parsed_expression(expression, schema.dialect)
    if read is None:
        return UNKNOWN
    node, holes = read
    cells = {at: known(cell) for at, cell in row.items()}
    return Evaluator(schema, holes).of(node, Frame((Seen(cells),)))


def pinned(expression: Expression, schema: Schema) -> dict[Address, frozenset[Value]]:
    """Return, for each column that a condition pins to literals, the values that it may have."""
    read = parsed_expression(expression, schema.dialect)
    if read is None:
        return {}
    node, holes = read
    terms = node.terms if isinstance(node, tree.Chain) and node.operator == "AND" else (node,)
    evaluator = Evaluator(schema, holes)
    found: dict[Address, frozenset[Value]] = {}
    for term in terms:
        match term:
            case tree.Binary(operator="=", left=tree.Column(parts=parts), right=right):
                values = [evaluator.of(right, Frame())]
            case tree.In(operand=tree.Column(parts=parts), negated=False, items=items, query=None):
                values = [evaluator.of(item, Frame()) for item in items]
            case _:
                continue
        at = holes.get(parts[-1].text)
        if at is not None and values and not any(v is None or _is_unknown(v) for v in values):
            folded = (v.lower() if isinstance(v, str) else v for v in values)
            found[at] = frozenset(folded)
    return found


def _is_unknown(at: Value) -> bool:
    return isinstance(at, Unknown)


def known(literal: Literal) -> Value:
    """Return a literal as a value to compare, UNKNOWN where it is none."""
    match literal:
        case NotLiteral() | bytes():
            return UNKNOWN
        case bool() | None | str():
            return literal
        case _:
            return number(str(literal))


def literal(at: Value) -> Literal:
    """Return a value as a literal of a row, NOT_LITERAL where it is not known."""
    match at:
        case Unknown():
            return NOT_LITERAL
        case Decimal():
            return int(at) if at == at.to_integral_value() else float(at)
        case _:
            return at
