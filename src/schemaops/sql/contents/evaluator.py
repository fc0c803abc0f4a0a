"""Expressions evaluated over rows, as far as their text is followed; UNKNOWN where it is not.

Names stand for columns through `holes`, the addresses behind the marks that stand in the text for
them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from schemaops.errors import SchemaOpsError
from schemaops.names import Address, Kind, Name
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Column
from schemaops.schema.state import Schema
from schemaops.sql import tree
from schemaops.sql.contents.frames import Frame, Row, Seen, Tables
from schemaops.sql.contents.selecting import Selection, is_simple
from schemaops.sql.contents.storing import cast, legible
from schemaops.sql.contents.values import (
    UNKNOWN,
    Kept,
    Unknown,
    Value,
    chained,
    compared,
    computed,
    negated,
    number,
    truth,
)
from schemaops.sql.grammar import parse_expression
from schemaops.sql.lexer import Token, UnreadableSql
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.tree import Node
from schemaops.sql.types import affinity, column_type

__all__ = ["Evaluator", "marked", "parsed_expression"]


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
    made: dict[Address, tuple[list[Row], frozenset[Address]]] = field(default_factory=dict)
    """What WITH names: its rows, and the tables that they are of."""
    local: dict[str, Address] = field(default_factory=dict)

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
                at = self.address(parts)
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

    def named(self, text: str) -> Address | None:
        """Return what a name stands for, one that WITH gives included."""
        found = self.holes.get(text)
        return self.local.get(text.strip('"`').lower()) if found is None else found

    def address(self, parts: Sequence[Token]) -> Address | None:
        """Return what the last of some names stands for."""
        return self.named(parts[-1].text)

    def rows_of(self, at: Address) -> Sequence[Row] | None:
        """Return the rows of a table or view, or of what WITH names, None where they are not known."""
        if at in self.made:
            rows, tables = self.made[at]
            self.read |= tables
            return rows
        self.read.add(at)
        return self.tables(at)

    def define(self, ctes: Sequence[tree.Cte]) -> bool:
        """Evaluate what WITH names, now; return whether all of it can be told."""
        for cte in ctes:
            body = cte.query.body
            if cte.statement is not None or not isinstance(body, tree.Select):
                return False
            names: list[str | None] = [token.text for token in cte.columns]
            names = names or [self._called(item) for item in body.items]
            before, self.read = self.read, set()
            rows = self.rows(cte.query, Frame())
            tables, self.read = frozenset(self.read), before
            if rows is None or None in names or any(len(row) != len(names) for row in rows):
                return False
            columns = [_local(str(name)) for name in names]
            at = _local(cte.name.text, Kind.TABLE)
            if len(set(columns)) < len(columns) or at.name in self.local:
                return False
            self.local |= {str(column.name): column for column in columns} | {str(at.name): at}
            self.made[at] = [dict(zip(columns, row, strict=True)) for row in rows], tables
        return True

    def _called(self, item: tree.Item) -> str | None:
        """Return what an entry of a select list is called."""
        if item.alias is not None:
            return item.alias.text
        if not isinstance(item.value, tree.Column):
            return None
        at = self.address(item.value.parts)
        return None if at is None else str(at.name)

    def _found(
        self, at: Address, parts: Sequence[Token], frame: Frame
    ) -> tuple[Value, Address] | None:
        """Return what stands in a column for the innermost row that has it."""
        name = parts[-2].text if len(parts) > 1 else None
        table = self.named(name) if name is not None else None
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

    def raw(self, node: Node, frame: Frame) -> Value:
        """Return a node's value, kept as it is where it is a column and nothing else."""
        if isinstance(node, tree.Column):
            at = self.address(node.parts)
            found = None if at is None else self._found(at, node.parts, frame)
            return UNKNOWN if found is None else found[0]
        return self.of(node, frame)

    # -- operators

    def _unary(self, operator: str, operand: Node, frame: Frame) -> Value:
        value = self.of(operand, frame)
        match operator:
            case "NOT":
                return negated(truth(value, self.dialect))
            case "-" if isinstance(value, Decimal):
                return value.copy_negate() if value else value
            case "+" if isinstance(value, Decimal):
                return value
            case "+" | "-":
                return None if value is None else UNKNOWN
            case _:
                return UNKNOWN

    def _binary(self, operator: str, left: Value, right: Value) -> Value:
        found = compared(operator, left, right, self.dialect)
        if isinstance(found, Unknown):
            if operator == "||" and self.dialect == "sqlite" and not self._has_fractions():
                left, right = _spelled(left), _spelled(right)
            return computed(operator, left, right, self.dialect)
        return found

    def _has_fractions(self) -> bool:
        """Whether a number may be one that SQLite spells with a fraction, though it has none."""
        columns = (self.schema.get(at) for at in self.holes.values())
        return any(isinstance(c, Column) and affinity(c.type) == "real" for c in columns)

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
        if len(node.name) != 1 or not is_simple(node):
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
                return value.copy_abs()
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

    def rows(self, query: tree.Query, frame: Frame) -> list[tuple[Value, ...]] | None:
        """Return the rows of a query in no order, None where they cannot be told."""
        return Selection(self).rows(query, frame)

    def joined(self, sources: Sequence[tree.From], frame: Frame) -> list[Frame] | None:
        """Return the frames of sources joined to one, None where they cannot be told."""
        return Selection(self).joined(sources, frame)

    def _scalar(self, query: tree.Query, frame: Frame) -> Value:
        rows = self.rows(query, frame)
        if rows is None or len(rows) > 1 or any(len(row) != 1 for row in rows):
            return UNKNOWN
        return rows[0][0] if rows else None


def _spelled(value: Value) -> Value:
    whole = isinstance(value, Decimal) and value.as_tuple().exponent == 0
    return str(value) if whole else value


_CONSTANTS: dict[str, Value] = {"NULL": None, "TRUE": True, "FALSE": False}


def _local(text: str, kind: Kind = Kind.COLUMN) -> Address:
    """Return an address for what WITH names: its columns are told apart by the rows they are in."""
    return Address(kind, (Name("with"), Name(text.strip('"`').lower())))


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
