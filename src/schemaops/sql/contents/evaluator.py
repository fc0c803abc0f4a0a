"""Expressions and simple queries evaluated over rows, as far as their text is followed.

Names stand for columns through `holes`, the addresses behind the marks that stand in the text for
them. A query is followed where it joins tables whose rows are all known, filters them, and lists
values or one row of aggregates; anything else gives UNKNOWN, or None for its rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from schemaops.errors import SchemaOpsError
from schemaops.names import Address
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Column
from schemaops.schema.state import Schema
from schemaops.sql import tree
from schemaops.sql.contents.storing import cast, legible
from schemaops.sql.contents.values import (
    UNKNOWN,
    Kept,
    Unknown,
    Value,
    chained,
    compared,
    computed,
    identical,
    negated,
    number,
    truth,
)
from schemaops.sql.grammar import parse_expression
from schemaops.sql.lexer import Token, UnreadableSql
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.tree import Node
from schemaops.sql.types import column_type

__all__ = ["Evaluator", "Frame", "Row", "Seen", "Tables", "marked", "parsed_expression"]

Row = Mapping[Address, Value]
Tables = Callable[[Address], Sequence[Row] | None]

_AGGREGATES = frozenset({"count", "sum", "min", "max", "avg"})


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


def marked(expression: Expression) -> tuple[str, dict[str, Address]]:
    """Return an expression's text with marks for its holes, and what they stand for."""
    holes: dict[str, Address] = {}
    text = []
    for piece in expression.written or expression.normal:
        if isinstance(piece, Address):
            mark = f"hole_{len(holes)}_"
            holes[mark] = piece
            text.append(mark)
        else:
            text.append(piece)
    return "".join(text), holes


def parsed_expression(
    expression: Expression, dialect: str
) -> tuple[Node, dict[str, Address]] | None:
    """Return the tree of an expression and what its marks stand for, None if it is not read."""
    text, holes = marked(expression)
    try:
        return parse_expression(text, dialect), holes
    except (NotUnderstood, UnreadableSql, RecursionError):
        return None


def _no_rows(at: Address) -> None:
    """Say that no table's rows are known."""
    del at


@dataclass(slots=True)
class Evaluator:
    """Evaluates nodes of one text over a schema and the rows of its tables."""

    schema: Schema
    holes: Mapping[str, Address]
    tables: Tables = _no_rows
    call: Callable[[tree.Call, Evaluator, Frame], Value] | None = None
    read: set[Address] = field(default_factory=set)
    """The tables whose rows were looked at."""

    @property
    def dialect(self) -> str:
        """The dialect of the text."""
        return self.schema.dialect

    def condition(self, node: Node, frame: Frame) -> Value:
        """Return a node's value as a condition."""
        return truth(self.of(node, frame), self.dialect)

    def of(self, node: Node, frame: Frame) -> Value:
        """Return a node's value."""
        match node:
            case tree.Number(text=text):
                return number(text)
            case tree.String(value=said):
                return said
            case tree.Constant(text=text):
                return _CONSTANTS.get(text.upper(), UNKNOWN)
            case tree.Column(parts=parts):
                at = self._address(parts)
                found = None if at is None else self._found(at, parts, frame)
                return UNKNOWN if found is None else self._legible(found[0], found[1])
            case tree.Unary(operator=operator, operand=operand):
                return self._unary(operator.upper(), operand, frame)
            case tree.Chain(operator=operator, terms=terms):
                return chained(operator.upper(), [self.condition(t, frame) for t in terms])
            case tree.Binary(operator=operator, left=left, right=right):
                return self._binary(operator, self.of(left, frame), self.of(right, frame))
            case tree.Is(operand=operand, what=what, negated=no):
                return _is(self.of(operand, frame), what.upper(), no, self.dialect)
            case tree.In():
                return self._in(node, frame)
            case tree.Between(operand=operand, low=low, high=high, negated=no, symmetric=False):
                at_ = self.of(operand, frame)
                found_ = chained(
                    "AND",
                    [
                        compared(">=", at_, self.of(low, frame), self.dialect),
                        compared("<=", at_, self.of(high, frame), self.dialect),
                    ],
                )
                return negated(found_) if no else found_
            case tree.Like():
                return self._like(node, frame)
            case tree.Cast(operand=operand, type=type_, literal=False):
                return self._cast(self.of(operand, frame), type_)
            case tree.Cast(operand=operand, literal=True):
                return self.of(operand, frame)
            case tree.Case():
                return self._case(node, frame)
            case tree.Call():
                return self._call(node, frame)
            case tree.Scalar(query=query):
                return self._scalar(query, frame)
            case tree.Exists(query=query):
                rows = self.rows(query, frame)
                return UNKNOWN if rows is None else bool(rows)
            case tree.Quantified(
                left=left, operator="=", quantifier=quantifier, right=tree.Array(items=items)
            ) if quantifier.upper() in ("ANY", "SOME"):
                value = self.of(left, frame)
                tests = [compared("=", value, self.of(i, frame), self.dialect) for i in items]
                return chained("OR", tests)
            case _:
                return UNKNOWN

    # -- names

    def _address(self, parts: Sequence[Token]) -> Address | None:
        return self.holes.get(parts[-1].text)

    def _found(
        self, at: Address, parts: Sequence[Token], frame: Frame
    ) -> tuple[Value, Address] | None:
        """Return what stands in a column for the innermost row that has it."""
        name = parts[-2].text if len(parts) > 1 else None
        table = self.holes.get(name) if name is not None else None
        here: Frame | None = frame
        while here is not None:
            matching = [
                seen for seen in here.seen if at in seen.row and _goes_by(seen, name, table)
            ]
            if len(matching) == 1:
                return matching[0].row[at], at
            if matching:
                return None
            here = here.outer
        return None

    def _legible(self, value: Value, at: Address) -> Value:
        column = self.schema.get(at)
        if value is None or not isinstance(column, Column):
            return value
        return value if legible(column, self.dialect) else Kept((str(column.type), value))

    # -- operators

    def _unary(self, operator: str, operand: Node, frame: Frame) -> Value:
        value = self.of(operand, frame)
        match operator:
            case "NOT":
                return negated(truth(value, self.dialect))
            case "-" if isinstance(value, Decimal):
                return -value
            case "+" if isinstance(value, Decimal):
                return value
            case "+" | "-":
                return None if value is None else UNKNOWN
            case _:
                return UNKNOWN

    def _binary(self, operator: str, left: Value, right: Value) -> Value:
        found = compared(operator, left, right, self.dialect)
        if isinstance(found, Unknown):
            return computed(operator, left, right, self.dialect)
        return found

    def _in(self, node: tree.In, frame: Frame) -> Value:
        value = self.of(node.operand, frame)
        if node.query is not None:
            rows = self.rows(node.query, frame)
            if rows is None or any(len(row) != 1 for row in rows):
                return UNKNOWN
            items = [row[0] for row in rows]
        elif node.table is not None:
            return UNKNOWN
        else:
            items = [self.of(item, frame) for item in node.items]
        found = chained("OR", [compared("=", value, item, self.dialect) for item in items])
        return negated(found) if node.negated else found

    def _like(self, node: tree.Like, frame: Frame) -> Value:
        left, right = self.of(node.left, frame), self.of(node.right, frame)
        if left is None or right is None:
            return None
        operator = node.operator.upper()
        if operator not in ("LIKE", "ILIKE") or node.escape is not None:
            return UNKNOWN
        if not isinstance(left, str) or not isinstance(right, str) or "\\" in right:
            return UNKNOWN
        if not (left + right).isascii():
            return UNKNOWN
        folds = operator == "ILIKE" or self.dialect != "postgres"
        pattern = "".join(".*" if c == "%" else "." if c == "_" else re.escape(c) for c in right)
        flags = re.DOTALL | (re.IGNORECASE if folds else re.NOFLAG)
        return bool(re.fullmatch(pattern, left, flags)) is not node.negated

    def _cast(self, value: Value, type_: Sequence[Token]) -> Value:
        text = "".join(
            f" {self.holes[token.text].name}" if token.text in self.holes else f" {token.text}"
            for token in type_
        )
        if any(token.text in self.holes for token in type_):
            return value if isinstance(value, str) else UNKNOWN
        try:
            return cast(value, column_type(text, self.dialect), self.schema)
        except SchemaOpsError:
            return UNKNOWN

    def _case(self, node: tree.Case, frame: Frame) -> Value:
        for when, then in node.whens:
            if node.operand is None:
                test = self.condition(when, frame)
            else:
                subject = self.of(node.operand, frame)
                test = compared("=", subject, self.of(when, frame), self.dialect)
            if isinstance(test, Unknown):
                return UNKNOWN
            if test is True:
                return self.of(then, frame)
        return None if node.otherwise is None else self.of(node.otherwise, frame)

    # -- functions

    def _call(self, node: tree.Call, frame: Frame) -> Value:
        if len(node.name) != 1 or not _is_simple(node):
            return UNKNOWN
        if self.call is not None:
            found = self.call(node, self, frame)
            if not isinstance(found, Unknown):
                return found
        name = node.name[0].text.lower()
        if name in ("coalesce", "ifnull"):
            return self._first(node.arguments, frame)
        values = [self.of(argument, frame) for argument in node.arguments]
        match name, values:
            case "nullif", [one, other]:
                same = compared("=", one, other, self.dialect)
                return UNKNOWN if isinstance(same, Unknown) else None if same is True else one
            case (("lower" | "upper" | "length" | "char_length" | "trim" | "abs"), [None]):
                return None
            case "lower", [str(text)] if text.isascii():
                return text.lower()
            case "upper", [str(text)] if text.isascii():
                return text.upper()
            case (("length" | "char_length"), [str(text)]) if text.isascii():
                return Decimal(len(text))
            case "trim", [str(text)]:
                return text.strip(" ")
            case "abs", [Decimal() as value]:
                return abs(value)
            case "concat", _ if values and all(isinstance(v, str) for v in values):
                return "".join(v for v in values if isinstance(v, str))
            case _:
                return UNKNOWN

    def _first(self, arguments: Sequence[Node], frame: Frame) -> Value:
        for argument in arguments:
            value = self.of(argument, frame)
            if isinstance(value, Unknown) and not isinstance(value, Kept):
                return UNKNOWN
            if value is not None:
                return value
        return None

    # -- queries

    def _scalar(self, query: tree.Query, frame: Frame) -> Value:
        rows = self.rows(query, frame)
        if rows is None or len(rows) > 1 or any(len(row) != 1 for row in rows):
            return UNKNOWN
        return rows[0][0] if rows else None

    def rows(self, query: tree.Query, frame: Frame) -> list[tuple[Value, ...]] | None:
        """Return the rows of a query in no order, None where they cannot be told."""
        plain = not (query.ctes or query.limit or query.offset or query.recursive)
        if isinstance(query.body, tree.Values) and plain:
            return [tuple(self.of(cell, frame) for cell in row) for row in query.body.rows]
        if isinstance(query.body, tree.Query) and plain:
            return self.rows(query.body, frame)
        if not plain or not isinstance(query.body, tree.Select):
            return None
        select = query.body
        if select.group or select.having or select.windows or select.distinct_on or select.rollup:
            return None
        frames = self._joined(select.sources, frame)
        if frames is None:
            return None
        chosen = []
        for inner in frames:
            test = True if select.where is None else self.condition(select.where, inner)
            if isinstance(test, Unknown):
                return None
            if test is True:
                chosen.append(inner)
        if any(_is_aggregate(item.value) for item in select.items):
            made = self._aggregates(select.items, chosen)
            return None if made is None else [made]
        listed = [self._listed(select.items, inner) for inner in chosen]
        if any(row is None for row in listed):
            return None
        rows = [row for row in listed if row is not None]
        return _distinct(rows) if select.distinct else rows

    def _joined(self, sources: Sequence[tree.From], frame: Frame) -> list[Frame] | None:
        frames = [Frame((), frame)]
        for source in sources:
            grown: list[Frame] = []
            for one in frames:
                found = self._with(source, one)
                if found is None:
                    return None
                grown += found
            frames = grown
        return frames

    def _with(self, source: tree.From, frame: Frame) -> list[Frame] | None:
        """Return a frame for each row of a source beside those already seen."""
        match source:
            case tree.Table(path=path, alias=alias, columns=(), only=False, options=()):
                at = self.holes.get(path[-1].text)
                rows = None if at is None else self.tables(at)
                if at is None or rows is None:
                    return None
                self.read.add(at)
                name = None if alias is None else alias.text
                return [Frame((*frame.seen, Seen(row, at, name)), frame.outer) for row in rows]
            case tree.Join(kind=kind, left=left, right=right, on=on, using=(), natural=False) if (
                kind in ("INNER", "CROSS")
            ):
                frames = self._joined_two(left, right, frame)
                if frames is None or on is None:
                    return frames
                tests = [(self.condition(on, one), one) for one in frames]
                if any(isinstance(test, Unknown) for test, _ in tests):
                    return None
                return [one for test, one in tests if test is True]
            case _:
                return None

    def _joined_two(self, left: tree.From, right: tree.From, frame: Frame) -> list[Frame] | None:
        found = self._with(left, frame)
        if found is None:
            return None
        frames: list[Frame] = []
        for one in found:
            more = self._with(right, one)
            if more is None:
                return None
            frames += more
        return frames

    def _listed(self, items: Sequence[tree.Item], frame: Frame) -> tuple[Value, ...] | None:
        row: list[Value] = []
        for item in items:
            if isinstance(item.value, tree.Star):
                found = self._starred(item.value, frame)
                if found is None:
                    return None
                row += found
            else:
                row.append(self._raw(item.value, frame))
        return tuple(row)

    def _raw(self, node: Node, frame: Frame) -> Value:
        """Return a node's value, kept as it is where it is a column and nothing else."""
        if isinstance(node, tree.Column):
            at = self._address(node.parts)
            found = None if at is None else self._found(at, node.parts, frame)
            return UNKNOWN if found is None else found[0]
        return self.of(node, frame)

    def _starred(self, star: tree.Star, frame: Frame) -> list[Value] | None:
        if star.parts or len(frame.seen) != 1 or frame.seen[0].table is None:
            return None
        seen = frame.seen[0]
        assert seen.table is not None
        return [seen.row.get(column.at, UNKNOWN) for column in self.schema.columns(seen.table)]

    def _aggregates(
        self, items: Sequence[tree.Item], frames: Sequence[Frame]
    ) -> tuple[Value, ...] | None:
        row = []
        for item in items:
            node = item.value
            if not isinstance(node, tree.Call) or not _is_aggregate(node):
                return None
            row.append(self._aggregate(node, frames))
        return tuple(row)

    def _aggregate(self, node: tree.Call, frames: Sequence[Frame]) -> Value:
        if node.star:
            return Decimal(len(frames))
        if len(node.arguments) != 1 or not _is_simple(node):
            return UNKNOWN
        values = [self.of(node.arguments[0], frame) for frame in frames]
        if any(isinstance(value, Unknown) for value in values):
            return UNKNOWN
        there = [value for value in values if value is not None]
        name = node.name[0].text.lower()
        if name == "count":
            return Decimal(len(there))
        if not there:
            return None
        numbers = [value for value in there if isinstance(value, Decimal)]
        if len(numbers) != len(there):
            return UNKNOWN
        match name:
            case "min":
                return min(numbers)
            case "max":
                return max(numbers)
            case "sum":
                total: Value = Decimal(0)
                for value in numbers:
                    total = computed("+", total, value, self.dialect)
                return total
            case _:
                return UNKNOWN


_CONSTANTS: dict[str, Value] = {"NULL": None, "TRUE": True, "FALSE": False}


def _goes_by(seen: Seen, name: str | None, table: Address | None) -> bool:
    if name is None:
        return not seen.aside
    if table is not None:
        return seen.table in (None, table) and not seen.aside and seen.name is None
    return seen.name is not None and seen.name.lower() == name.lower()


def _is(value: Value, what: str, no: bool, dialect: str) -> Value:
    if isinstance(value, Kept) and what == "NULL":
        return no
    if isinstance(value, Unknown):
        return UNKNOWN
    match what:
        case "NULL":
            found = value is None
        case "TRUE" | "FALSE":
            held = truth(value, dialect)
            if isinstance(held, Unknown):
                return UNKNOWN
            found = held is (what == "TRUE")
        case _:
            return UNKNOWN
    return found is not no


def _is_simple(node: tree.Call) -> bool:
    return not (
        node.distinct
        or node.variadic
        or node.order
        or node.separator
        or node.within
        or node.where
        or node.nulls
        or node.over
    )


def _is_aggregate(node: Node) -> bool:
    return (
        isinstance(node, tree.Call)
        and len(node.name) == 1
        and node.name[0].text.lower() in _AGGREGATES
        and (node.star or len(node.arguments) == 1)
    )


def _distinct(rows: list[tuple[Value, ...]]) -> list[tuple[Value, ...]] | None:
    found: list[tuple[Value, ...]] = []
    for row in rows:
        if any(isinstance(cell, Unknown | str) for cell in row):
            return None  # what is one string to a collation is not known here
        if not any(_all_identical(row, other) for other in found):
            found.append(row)
    return found


def _all_identical(one: tuple[Value, ...], other: tuple[Value, ...]) -> bool:
    return all(identical(a, b) for a, b in zip(one, other, strict=True))
