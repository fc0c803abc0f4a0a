"""MySQL's and MariaDB's normal form: the author's text and what the catalogue made of it.

The catalogue shows one name of a function that has several, NOT pushed into what it negates, IN of
one value as a comparison, columns in conditions compared with 0, named windows spelled out, RIGHT
JOIN and USING rewritten. Here both texts are brought to the same; MySQL 8, which rewrites less, meets
them there.
"""

from __future__ import annotations

import re
from dataclasses import replace

from schemaops.names import Name
from schemaops.schema.expressions import Expression, Pieces
from schemaops.sql import tree
from schemaops.sql.binding.mysql_literals import stored
from schemaops.sql.binding.queries import Bound, Part, QueryBinder
from schemaops.sql.binding.sources import Exposed, Level
from schemaops.sql.binding.terms import ATOM, SIGN, Term, joined, listed
from schemaops.sql.lexer import Token, TokenKind
from schemaops.sql.scope import Scope
from schemaops.sql.strings import string_literal
from schemaops.sql.tree import Node
from schemaops.sql.types import TypeName, parsed, type_name

__all__ = ["MysqlBinder"]

_SYNONYMS = {
    "octet_length": "length",
    "character_length": "char_length",
    "lcase": "lower",
    "ucase": "upper",
    "substring": "substr",
    "mid": "substr",
    "pow": "power",
    "ceil": "ceiling",
    "stddev": "std",
    "stddev_pop": "std",
    "var_pop": "variance",
    "nvl": "ifnull",
    "day": "dayofmonth",
    "schema": "database",
    "sha1": "sha",
    "atan2": "atan",
    "now": "current_timestamp",
    "localtime": "current_timestamp",
    "localtimestamp": "current_timestamp",
    "current_date": "curdate",
    "current_time": "curtime",
    "session_user": "user",
    "system_user": "user",
    "adddate": "date_add",
    "subdate": "date_sub",
}
_CLOCKS = {
    "CURRENT_TIMESTAMP": "current_timestamp()",
    "LOCALTIME": "current_timestamp()",
    "LOCALTIMESTAMP": "current_timestamp()",
    "CURRENT_DATE": "curdate()",
    "CURRENT_TIME": "curtime()",
    "CURRENT_USER": "current_user()",
    "CURRENT_ROLE": "current_role()",
    "UTC_DATE": "utc_date()",
    "UTC_TIME": "utc_time()",
    "UTC_TIMESTAMP": "utc_timestamp()",
    "TRUE": "1",
    "FALSE": "0",
}
_OPPOSITES = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_CASTING = {"date": "date", "time": "time", "timestamp": "datetime"}
_TRIMS = {"LEADING": "ltrim", "TRAILING": "rtrim"}
_ZERO = tree.Number("0")
_CONSTANT = re.compile(r"-?[0-9.]+(?:e[+-]?[0-9]+)?\Z|NULL\Z|0x[0-9a-f]+\Z|X'[0-9A-F]*'\Z")


_BITS = re.compile(r"0b[01]+")


class MysqlBinder(QueryBinder):
    """Binds MySQL's and MariaDB's expressions and queries."""

    dialect = "mysql"
    turns = True

    def __init__(self, text: str, scope: Scope) -> None:
        super().__init__(text, scope)
        # Whether the next SELECT is one of EXISTS.
        self.asked_only = False
        self.windows: dict[Name, tree.Window] = {}

    # -- literals

    def assigned(self, term: Term, target: Expression | None) -> Term:
        """A value for a column of type `target`: a literal as the column's type stores it."""
        if target is None or len(term.pieces) != 1 or not isinstance(term.pieces[0], str):
            return term
        text = term.pieces[0]
        value = stored(text, term.literal, parsed(target, "mysql"))
        return term if value is None else Term((value,))

    def number(self, text: str) -> Term:
        """A number, without zeros before it."""
        text = text.lower()
        if text.startswith("0x"):
            self.unspelled |= self.scope.table is not None
            return Term((text,))
        if text.startswith("0b"):
            return self.constant(tree.Constant(f"B'{text[2:]}'"))
        sign = "-" if text.startswith("-") else ""
        digits = text.removeprefix("-").lstrip("0")
        digits = digits if digits[:1].isdigit() else f"0{digits}"
        sign = sign if digits != "0" else ""
        return Term((sign + digits,), SIGN if sign else ATOM)

    def string(self, node: tree.String) -> Term:
        """A string; the introducer of the usual character set says nothing."""
        text = node.token.text
        introducer = text[: min(text.find(quote) % (len(text) + 1) for quote in "'\"")].strip()
        said = "" if introducer.lower() in {"", "n", "_utf8mb4"} else f"{introducer.lower()} "
        self.unspelled |= bool(said)  # a server may convert what it introduces
        value = string_literal(node.value, "mysql")
        return Term((said + value,), literal=None if said else node.value)

    def constant(self, node: tree.Constant) -> Term:
        """NULL, CURRENT_TIMESTAMP, hexadecimal and binary literals, variables."""
        text = node.text
        # Within a table's expression the server shows the characters that the digits stand for.
        self.unspelled |= self.scope.table is not None and text[:2] in ("B'", "X'")
        if text[:2] == "B'":
            digits = text[2:-1]
            size = max(1, (len(digits) + 7) // 8)
            return Term((f"0x{int(digits or '0', 2):0{size * 2}x}",))
        if text[:2] == "X'":
            return Term((text.upper(),))
        return Term((_CLOCKS.get(text, text),))

    # -- conditions

    def condition(self, node: Node, level: Level) -> Term:
        """Bind an expression where a truth value is wanted: a bare column is compared with 0."""
        node = _pushed(node)
        if isinstance(node, tree.Column):
            node = tree.Binary("<>", node, _ZERO)
        return super().condition(node, level)

    def unary(self, node: tree.Unary, level: Level) -> Term:
        """A prefix operator."""
        pushed = _pushed(node)
        if pushed != node:
            return self.bind(pushed, level)
        match node.operator:
            case "NOT" | "!":
                return super().unary(replace(node, operator="NOT"), level)
            case "+":
                return self.bind(node.operand, level)
            case "-" if isinstance(node.operand, tree.Number):
                return self.number(node.operand.text.removeprefix("-"))
            case "BINARY":
                return self.cast_as(node.operand, "binary", level)
        return super().unary(node, level)

    def binary(self, node: tree.Binary, level: Level) -> Term:
        """An infix operator; an interval is always on the right."""
        if isinstance(node.left, tree.Row) or isinstance(node.right, tree.Row):
            self.unspelled = True  # MySQL compares them column by column
        if node.operator == "+" and isinstance(node.left, tree.Interval):
            node = tree.Binary("+", node.right, node.left)
        if (
            node.operator in {"=", "<>"}
            and node.left == _ZERO
            and isinstance(node.right, tree.Column)
        ):
            node = replace(node, left=node.right, right=node.left)
        if node.operator in {"->", "->>"}:
            found = self.all((node.left, node.right), level)
            value = joined("json_extract(", listed(found), ")")
            return Term(joined("json_unquote(", value, ")") if node.operator == "->>" else value)
        if node.operator == "XOR":
            left, right = _pushed(node.left), _pushed(node.right)
            return self.infix("XOR", self.bind(left, level), self.bind(right, level))
        if node.operator == "SOUNDS LIKE":
            terms = [
                Term(joined("soundex(", self.bind(side, level), ")"))
                for side in (node.left, node.right)
            ]
            return self.infix("=", *terms)
        return super().binary(node, level)

    def within_list(self, node: tree.In, level: Level) -> Term:
        """IN; of one value, a comparison."""
        if len(node.items) == 1:
            operator = "<>" if node.negated else "="
            return self.binary(tree.Binary(operator, node.operand, node.items[0]), level)
        return super().within_list(node, level)

    def quantified(self, node: tree.Quantified, level: Level) -> Term:
        """A comparison with any or all rows of a query."""
        if isinstance(node.right, tree.Query):
            match node.operator, node.quantifier:
                case "=", "ANY":
                    return self.within_list(tree.In(node.left, False, query=node.right), level)
                case "<>", "ALL":
                    return self.within_list(tree.In(node.left, True, query=node.right), level)
        return super().quantified(node, level)

    def is_test(self, node: tree.Is, level: Level) -> Term:
        """IS NULL, IS TRUE and their like."""
        if node.what == "UNKNOWN":
            node = replace(node, what="NULL")
        return super().is_test(node, level)

    # -- functions

    def function_name(self, path: tuple[Token, ...]) -> str:
        """A function's name, the one of its names that the normal form has."""
        name = super().function_name(path).lower().strip("`")
        return _SYNONYMS.get(name, name)

    def call(self, node: tree.Call, level: Level) -> Term:
        """A call, by the name that stands for all its names."""
        name = self.function_name(node.name)
        arguments = node.arguments
        if len(arguments) == 2 and name in {"date_add", "date_sub"}:
            return self.shifted(name, arguments[0], arguments[1], level)
        match name, arguments:
            case "count", (tree.Number(text="0" | "1"),) if not node.distinct:
                node = replace(node, arguments=(), star=True)
            case "mod", (left, right):
                return self.binary(tree.Binary("%", left, right), level)
            case "regexp_like", (operand, pattern):
                return self.like(tree.Like("REGEXP", False, operand, pattern, None), level)
            case "isnull", (operand,):
                return self.is_test(tree.Is(operand, "NULL", False), level)
            case (("date" | "time" | "timestamp"), (operand,)):
                return self.cast_as(operand, _CASTING[name], level)
            case "instr", (within_text, wanted):
                found = self.all((wanted, within_text), level)
                return self.called("locate", found, node, level)
            case "datediff", (one, other):
                days = [
                    self.called("to_days", [self.bind(d, level)], node, level) for d in (one, other)
                ]
                return self.infix("-", *days)
            case "yearweek", (day,):
                return self.called(name, [self.bind(day, level), Term(("0",))], node, level)
            case "bin" | "oct", (number,):
                bases = [Term(("10",)), Term(("2" if name == "bin" else "8",))]
                return self.called("conv", [self.bind(number, level), *bases], node, level)
            case "current_timestamp" | "curtime", (tree.Number(text="0"),):
                node = replace(node, arguments=())
            case "group_concat", _ if node.separator is None:
                comma = tree.String(",", Token(TokenKind.STRING, "','", 0))
                node = replace(node, separator=comma)
            case "chr", (code,):
                value = self.bind(code, level)
                return Term(joined("CHAR(", value, " USING utf8mb4)"))
        if isinstance(node.over, Token):
            window = self.windows.get(self.folded(node.over))
            node = node if window is None else replace(node, over=window)
        elif isinstance(node.over, tree.Window) and node.over.base is not None:
            node = replace(node, over=self.spelled_out(node.over))
        return self.called(name, self.all(node.arguments, level), node, level)

    def spelled_out(self, window: tree.Window) -> tree.Window:
        """A window that builds on a named one, without the name."""
        base = None if window.base is None else self.windows.get(self.folded(window.base))
        if base is None:
            return window
        return tree.Window(
            None, base.partition, window.order or base.order, window.frame or base.frame
        )

    def shifted(self, name: str, day: Node, amount: Node, level: Level) -> Term:
        """A date moved by an interval."""
        if not isinstance(amount, tree.Interval):
            amount = tree.Interval(amount, "DAY")
        return self.binary(tree.Binary("+" if name == "date_add" else "-", day, amount), level)

    def special(self, node: tree.Special, level: Level) -> Term:
        """A function with words between its arguments, as the call that it is where it is one."""
        parts = node.parts
        nodes = [part for part in parts if not isinstance(part, str)]
        match node.name:
            case "CHAR":
                codes = node.parts[0]
                assert isinstance(codes, tree.Row)
                values = listed(self.all(codes.items, level))
                return Term(joined("CHAR(", values, f" USING {node.parts[2]})"))
            case "POSITION":
                return Term(joined("locate(", listed(self.all(nodes, level)), ")"))
            case "SUBSTRING":
                return Term(joined("substr(", listed(self.all(nodes, level)), ")"))
            case "TRIM" if len(nodes) == 1:
                name = _TRIMS.get(str(parts[0]), "trim")
                return Term(joined(name, "(", self.bind(nodes[0], level), ")"))
            case "TIMESTAMPADD":
                unit, amount, day = parts
                assert isinstance(unit, str)
                assert not isinstance(amount, str)
                assert not isinstance(day, str)
                return self.shifted("date_add", day, tree.Interval(amount, unit), level)
        return super().special(node, level)

    def cast(self, node: tree.Cast, level: Level) -> Term:
        """A cast; `date '…'` stays a literal."""
        words = [token.text.lower() for token in node.type]
        if node.literal:
            operand = self.bind(node.operand, level)
            name = {"timestamp": "datetime"}.get(words[0], words[0])
            kind = TypeName(name, ("6",) if "." in (operand.literal or "") else ())
            value = stored("", operand.literal, kind)
            return Term(joined(words[0].upper(), value if value is not None else operand))
        return self.cast_as(node.operand, self.cast_type(node.type, words), level)

    def cast_type(self, found: tuple[Token, ...], words: list[str]) -> str:
        """A cast's type, with what goes without saying left out."""
        if words[0] in {"signed", "unsigned"}:
            return words[0]
        if words[0] in {"integer", "int"}:
            return "signed"
        name, end = type_name(found, 0, "mysql", self.scope)
        rest = words[end:]
        charset = "utf8mb3" if words[0] in {"nchar", "national"} else ""
        if rest[:2] == ["character", "set"]:
            charset = rest[2]
        elif rest[:1] == ["charset"]:
            charset = rest[1]
        elif rest:
            charset = rest[0]
        length = f"({','.join(name.arguments)})" if len(words) > 1 and "(" in words else ""
        base = str(name.base)
        if base in {"char", "binary"}:
            if charset == "binary" or base == "binary":
                return f"binary{length}"
            return f"char{length}" + (
                f" charset {charset}" if charset not in {"", "utf8mb4"} else ""
            )
        return "".join(map(str, name.pieces()))

    def cast_as(self, operand: Node, kind: str, level: Level) -> Term:
        return Term(joined("CAST(", self.bind(operand, level), f" AS {kind})"))

    # -- queries

    def use(self, token: Token, found: Exposed, level: Level) -> Term:
        """A column that was found; in a query the server writes its relation's name before it."""
        source = found.source
        before = () if source is None else (source.relation or self.quoted(source.name), ".")
        if before and not level.bare and not self.text[: token.start].rstrip().endswith("."):
            own = found.column.at or self.quoted(found.column.name)
            self.stars.append((token.start, token.end, (*before, own)))
        return super().use(token, found, level)

    def not_a_column(self, parts: tuple[Token, ...], name: Name, level: Level) -> Term:
        """A bare name that is no column's: in HAVING and the like, one of the result's."""
        if len(parts) == 1 and _BITS.fullmatch(parts[0].text):
            return self.number(parts[0].text)  # the lexer knows no such numbers
        output = level.outputs.get(name)
        return super().not_a_column(parts, name, level) if output is None else output

    def existing(self, query: tree.Query, level: Level) -> Pieces:
        """A query asked only whether it has rows: what it selects says nothing."""
        body = query.body
        if isinstance(body, tree.Select) and not (body.group or body.having or body.distinct):
            some = query.limit is None or _is_some(query.limit)
            if some and query.offset is None and not any(map(_may_gather, body.items)):
                self.asked_only = True
                query = replace(query, limit=None, order=())
        return self.subquery(query, level)[0]

    def query(
        self,
        query: tree.Query,
        outer: Level | None,
        *,
        named: bool = True,
        names: tuple[Name, ...] = (),
    ) -> Bound:
        """Bind a query; MariaDB keeps its locks, and MySQL does not."""
        self.unspelled |= bool(query.locks)
        return super().query(query, outer, named=named, names=names)

    def select(
        self, node: tree.Select, outer: Level, *, named: bool, names: tuple[Name, ...]
    ) -> tuple[Bound, Level]:
        """Bind a SELECT, its named windows spelled out where they are used."""
        around, self.asked_only, asked_only = self.windows, False, self.asked_only
        self.unspelled |= node.rollup  # MySQL writes functions of its own around what is grouped
        self.windows = {**around, **{self.folded(name): w for name, w in node.windows}}
        for name, window in node.windows:
            self.windows[self.folded(name)] = self.spelled_out(window)
        bound, level = super().select(replace(node, windows=()), outer, named=named, names=names)
        self.windows = around
        if asked_only and bound.shown is not None:
            bound = replace(bound, pieces=bound.shown([("1",)]))
            start, end = node.items[0].start, node.items[-1].end
            self.stars = [star for star in self.stars if not start <= star[0] < end]
            self.stars.append((start, end, ("1",)))
        return bound, level

    def keyed(self, value: Term, *, order: bool = False) -> Term:
        """A value that rows are sorted or grouped by; sorting by a constant says nothing."""
        text = value.pieces[0] if len(value.pieces) == 1 else None
        constant = value.literal is not None or (isinstance(text, str) and _CONSTANT.match(text))
        return Term(("''",)) if order and constant else value

    def compounded(self, node: tree.Compound, left: Bound, right: Bound) -> Bound:
        """A set operation; what servers make of several kinds at once is not the same on all."""
        sides = (side for side in (node.left, node.right) if isinstance(side, tree.Compound))
        self.unspelled |= any(side.operator != node.operator for side in sides)
        return super().compounded(node, left, right)

    def listed_sources(self, parts: list[Part]) -> Pieces:
        """Sources with commas between them, which are joins without a condition."""
        first, *others = parts
        for part in others:
            first = Part(self.joining("INNER", first, part, ()), None, is_join=True)
        return first.pieces

    def joining(self, kind: str, left: Part, right: Part, condition: Pieces) -> Pieces:
        """Two elements joined; a RIGHT JOIN is a LEFT JOIN the other way round."""
        if kind == "RIGHT":
            return super().joining("LEFT", right, left, condition)
        if kind == "CROSS":
            kind = "INNER"
        return super().joining(kind, left, right, condition)

    def merged_on(self, using: tuple[Name, ...], left: Part, right: Part, level: Level) -> Pieces:
        """What USING says, as a condition."""
        terms = []
        for name in using:
            pair = [
                next((e for e in part.exposed or () if e.column.name == name), None)
                for part in (left, right)
            ]
            if pair[0] is not None and pair[1] is not None:
                one, other = self.shown(pair[0], level), self.shown(pair[1], level)
                terms.append(self.infix("=", one, other))
        return joined(" ON ", self.chain("AND", terms)) if terms else ()


def _is_some(limit: Node) -> bool:
    return isinstance(limit, tree.Number) and limit.text.isdigit() and int(limit.text) > 0


def _may_gather(item: tree.Item) -> bool:
    """Whether a selected expression may be an aggregate, which makes a row of no rows."""
    return not isinstance(
        item.value, tree.Number | tree.Constant | tree.String | tree.Star | tree.Column
    )


def _pushed(node: Node) -> Node:
    """Return a condition with NOT pushed into what it negates, as the servers do."""
    while isinstance(node, tree.Unary) and node.operator == "+":
        node = node.operand
    if isinstance(node, tree.Unary) and node.operator in {"NOT", "!"}:
        return _negated(node.operand) or node
    return node


def _negated(node: Node) -> Node | None:
    """The opposite of a condition; None where it has none but NOT."""
    match node:
        case tree.Unary(operator="NOT" | "!", operand=operand):
            inner = _pushed(operand)
            return inner if _is_truth(inner) else tree.Binary("<>", inner, _ZERO)
        case tree.Binary(operator=operator, left=left, right=right) if operator in _OPPOSITES:
            return tree.Binary(_OPPOSITES[operator], left, right)
        case tree.Binary(operator="XOR", left=left, right=right):
            if not _turns(left) and _turns(right):
                return tree.Binary("XOR", left, _not(right))
            return tree.Binary("XOR", _not(left), right)
        case tree.Chain(operator=operator, terms=terms):
            other = "OR" if operator == "AND" else "AND"
            return tree.Chain(other, tuple(_not(term) for term in terms))
        case tree.Is() | tree.Between() | tree.In() | tree.Like():
            return replace(node, negated=not node.negated)
        case tree.Column():
            return tree.Binary("=", node, _ZERO)
        case tree.Constant(text="TRUE"):
            return tree.Number("0")
        case tree.Constant(text="FALSE"):
            return tree.Number("1")
        case tree.Call(name=(name,), arguments=(operand,)) if name.text.lower() == "isnull":
            return tree.Is(operand, "NULL", True)
        case tree.Call(name=(name,), arguments=(operand, other)) if _is_regexp(name):
            return tree.Like("REGEXP", True, operand, other, None)
    return None


def _is_regexp(name: Token) -> bool:
    return name.text.lower() == "regexp_like"


def _not(node: Node) -> Node:
    """The opposite of a term among others, where two NOTs are none."""
    if isinstance(node, tree.Unary) and node.operator in {"NOT", "!"}:
        return node.operand
    return _negated(node) or tree.Unary("NOT", node)


def _turns(node: Node) -> bool:
    """Whether the servers have an opposite for a condition, where they look for one to turn."""
    match node:
        case tree.Is(what=what):
            return what in {"NULL", "UNKNOWN"}
        case tree.Column() | tree.Constant():
            return False
        case tree.Like(operator=operator):
            return operator == "LIKE"
    return _negated(node) is not None


def _is_truth(node: Node) -> bool:
    match node:
        case tree.Binary(operator=operator):
            return operator in _OPPOSITES or operator in {"<=>", "XOR"}
        case tree.Unary(operator=operator):
            return operator in {"NOT", "!"}
    return isinstance(
        node,
        tree.Chain | tree.Is | tree.Between | tree.In | tree.Like | tree.Exists | tree.Quantified,
    )
