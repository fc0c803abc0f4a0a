"""Predicates over one known row: whether a condition holds, as far as literals tell.

Three-valued as SQL is, and a fourth answer, UNKNOWN, wherever the text goes beyond what is followed
here: comparisons, AND, OR, NOT, IN, BETWEEN, IS, arithmetic and a few functions over literals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from schemaops.names import Address
from schemaops.operations.rows import NOT_LITERAL, Literal, NotLiteral
from schemaops.schema.expressions import Expression
from schemaops.sql import tree
from schemaops.sql.grammar import parse_expression
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.tree import Node

__all__ = ["UNKNOWN", "Row", "Unknown", "Value", "known", "literal", "pinned", "value"]

Row = Mapping[Address, Literal]


class Unknown:
    """The answer where the text or the row does not tell."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()
Value = str | Decimal | bool | None | Unknown


def value(expression: Expression, row: Row, dialect: str) -> Value:
    """Return the value of an expression over a row: a str, Decimal, bool, None for NULL, or UNKNOWN."""
    read = _read(expression, dialect)
    return UNKNOWN if read is None else _Evaluator(read[1], row, dialect).of(read[0])


def pinned(expression: Expression, dialect: str) -> dict[Address, frozenset[Value]]:
    """Return, for each column that a condition pins to literals, the values that it may have."""
    read = _read(expression, dialect)
    if read is None:
        return {}
    node, holes = read
    terms = node.terms if isinstance(node, tree.Chain) and node.operator == "AND" else (node,)
    evaluator = _Evaluator(holes, {}, dialect)
    found: dict[Address, frozenset[Value]] = {}
    for term in terms:
        match term:
            case tree.Binary(operator="=", left=tree.Column(parts=parts), right=right):
                values = [evaluator.of(right)]
            case tree.In(operand=tree.Column(parts=parts), negated=False, items=items, query=None):
                values = [evaluator.of(item) for item in items]
            case _:
                continue
        at = holes.get(parts[-1].text)
        if at is not None and values and UNKNOWN not in values and None not in values:
            folded = (v.lower() if isinstance(v, str) else v for v in values)
            found[at] = frozenset(folded)
    return found


def _read(expression: Expression, dialect: str) -> tuple[Node, dict[str, Address]] | None:
    holes: dict[str, Address] = {}
    text = []
    for piece in expression.normal:
        if isinstance(piece, Address):
            mark = f"hole_{len(holes)}_"
            holes[mark] = piece
            text.append(mark)
        else:
            text.append(piece)
    try:
        node = parse_expression("".join(text), dialect)
    except NotUnderstood:
        return None
    return node, holes


class _Evaluator:
    def __init__(self, holes: Mapping[str, Address], row: Row, dialect: str) -> None:
        self._holes = holes
        self._row = row
        self._dialect = dialect

    def of(self, node: Node) -> Value:
        match node:
            case tree.Number(text=text):
                return _number(text)
            case tree.String(value=said):
                return said
            case tree.Constant(text=text):
                return _CONSTANTS.get(text.upper(), UNKNOWN)
            case tree.Column(parts=parts):
                at = self._holes.get(parts[-1].text)
                if at is None or at not in self._row:
                    return UNKNOWN
                return known(self._row[at])
            case tree.Unary(operator="NOT", operand=operand):
                return _not(self.of(operand))
            case tree.Unary(operator="-", operand=operand):
                inner = self.of(operand)
                return -inner if isinstance(inner, Decimal) else None if inner is None else UNKNOWN
            case tree.Chain(operator=operator, terms=terms):
                return _chain(operator.upper(), [self.of(term) for term in terms])
            case tree.Binary(operator=operator, left=left, right=right):
                return self._binary(operator, self.of(left), self.of(right))
            case tree.Is(operand=operand, what=what, negated=negated):
                return self._is(self.of(operand), what.upper(), negated)
            case tree.In(operand=operand, negated=negated, items=items, query=None, table=None):
                tests = [self._compare("=", self.of(operand), self.of(item)) for item in items]
                found = _chain("OR", tests)
                return _not(found) if negated else found
            case tree.Between(
                operand=operand, low=low, high=high, negated=negated, symmetric=False
            ):
                inner = self.of(operand)
                ends = (
                    self._compare(">=", inner, self.of(low)),
                    self._compare("<=", inner, self.of(high)),
                )
                found = _chain("AND", list(ends))
                return _not(found) if negated else found
            case tree.Cast(operand=operand, literal=True):
                return self.of(operand)
            case tree.Call(name=(name,), arguments=(argument,), over=None, where=None):
                return self._call(name.text.lower(), self.of(argument))
            case _:
                return UNKNOWN

    def _binary(self, operator: str, left: Value, right: Value) -> Value:
        if operator in _COMPARISONS:
            return self._compare(operator, left, right)
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return UNKNOWN
        if left is None or right is None:
            return None if operator in ("+", "-", "*", "||") else UNKNOWN
        if isinstance(left, Decimal) and isinstance(right, Decimal):
            match operator:
                case "+":
                    return left + right
                case "-":
                    return left - right
                case "*":
                    return left * right
        return UNKNOWN

    def _compare(self, operator: str, left: Value, right: Value) -> Value:
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return UNKNOWN
        if left is None or right is None:
            return None
        if isinstance(left, str) and isinstance(right, str):
            # Other collations order, and MySQL's also equate, strings otherwise than by code points.
            if operator not in ("=", "<>", "!=", "=="):
                return UNKNOWN
            if self._dialect == "mysql" and left != right and left.lower() == right.lower():
                return UNKNOWN
        elif type(left) is not type(right):
            return UNKNOWN
        return _COMPARISONS[operator](left, right)

    def _is(self, at: Value, what: str, negated: bool) -> Value:
        if isinstance(at, Unknown):
            return UNKNOWN
        match what:
            case "NULL":
                found = at is None
            case "TRUE":
                found = at is True
            case "FALSE":
                found = at is False
            case _:
                return UNKNOWN
        return found is not negated

    def _call(self, name: str, argument: Value) -> Value:
        if isinstance(argument, str) and argument.isascii():
            match name:
                case "lower":
                    return argument.lower()
                case "upper":
                    return argument.upper()
                case "length" | "char_length":
                    return Decimal(len(argument))
        return None if argument is None and name in ("lower", "upper", "length") else UNKNOWN


_CONSTANTS: dict[str, Value] = {"NULL": None, "TRUE": True, "FALSE": False}

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "==": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def known(literal: Literal) -> Value:
    """Return a literal as a value to compare, UNKNOWN where it is none."""
    match literal:
        case NotLiteral() | bytes():
            return UNKNOWN
        case bool() | None | str():
            return literal
        case _:
            return _number(str(literal))


def literal(at: Value) -> Literal:
    """Return a value as a literal of a row, NOT_LITERAL where it is not known."""
    match at:
        case Unknown():
            return NOT_LITERAL
        case Decimal():
            return int(at) if at == at.to_integral_value() else float(at)
        case _:
            return at


def _number(text: str) -> Value:
    try:
        return Decimal(text)
    except InvalidOperation:
        return UNKNOWN


def _not(at: Value) -> Value:
    if isinstance(at, Unknown) or at is None:
        return at
    return not at if isinstance(at, bool) else UNKNOWN


def _chain(operator: str, terms: list[Value]) -> Value:
    deciding = operator == "OR"
    if any(term is deciding for term in terms):
        return deciding
    if any(isinstance(term, Unknown) for term in terms):
        return UNKNOWN
    return None if any(term is None for term in terms) else not deciding
