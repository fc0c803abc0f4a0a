"""Operators: what binds how tightly, and the tests (IS, IN, BETWEEN, LIKE)."""

from __future__ import annotations

from abc import ABC, abstractmethod

from schemaops.sql import tree
from schemaops.sql.grammar.reader import Reader
from schemaops.sql.grammar.vocabulary import (
    AND,
    ARITHMETIC,
    LIKES,
    OR,
    QUANTIFIERS,
)
from schemaops.sql.keywords import words
from schemaops.sql.lexer import Token, TokenKind
from schemaops.sql.tree import Node

__all__ = ["OperatorReader"]


class OperatorReader(Reader, ABC):
    """Reads operators; what they work on is read by the classes built on this one."""

    @abstractmethod
    def primary(self) -> Node:
        """Read a literal, a name, a call, or something in parentheses."""

    @abstractmethod
    def type(self) -> tuple[Token, ...]:
        """Read a type; return its tokens."""

    @abstractmethod
    def query(self) -> tree.Query:
        """Read a whole query."""

    @abstractmethod
    def begins_query(self) -> bool:
        """Whether a query comes next, within parentheses of its own or not."""

    def expression(self) -> Node:
        """Read an expression."""
        return self.binary(0)

    def binary(self, least: int) -> Node:
        """Read an expression whose outermost operator binds at level `least` or tighter."""
        left = self.prefix()
        while True:
            after = self.infix(left, least)
            if after is None:
                return left
            left = after

    def prefix(self) -> Node:
        key = self.key
        levels = self.levels
        if key == "not":
            if self.dialect == "sqlite" and self.ahead("not", "exists"):
                self.at += 1
                return tree.Unary("NOT", self.prefix())
            self.at += 1
            return tree.Unary("NOT", self.binary(levels["not"]))
        if self.kind() is TokenKind.SYMBOL:
            if key in {"-", "+"}:
                self.at += 1
                return _signed(key, self.binary(levels["sign"]))
            if key in {"~", "!"} and self.dialect != "postgres":
                self.at += 1
                return tree.Unary(key, self.binary(levels.get(key, levels["sign"])))
            if self.dialect == "postgres" and self.is_other(key):
                self.at += 1
                return tree.Unary(key, self.binary(levels["other"] + 1))
        if key == "operator" and self.dialect == "postgres" and self.keys[self.at + 1] == "(":
            operator = self.qualified_operator()
            return tree.Unary(operator, self.binary(levels["other"] + 1))
        if key == "binary" and self.dialect == "mysql":
            self.at += 1
            return tree.Unary("BINARY", self.binary(levels["binary"]))
        return self.primary()

    def is_other(self, key: str) -> bool:
        """Whether a symbol is one of PostgreSQL's operators without a precedence of its own."""
        return (
            self.kind() is TokenKind.SYMBOL
            and key not in ARITHMETIC
            and key[0] in "+-*/<>=~!@#%^&|`?"
            and key not in {"=>", ":="}
        )

    def infix(self, left: Node, least: int) -> Node | None:
        """Read one infix or postfix operator after `left`; None where none binds so tightly."""
        match self.dialect:
            case "postgres":
                return self.postgres_infix(left, least)
            case "mysql":
                return self.mysql_infix(left, least)
            case _:
                return self.sqlite_infix(left, least)

    def chain(self, left: Node, operator: str, level: int) -> Node:
        self.at += 1
        right = self.binary(level + 1)
        terms = (
            left.terms if isinstance(left, tree.Chain) and left.operator == operator else (left,)
        )
        return tree.Chain(operator, (*terms, right))

    def postgres_infix(self, left: Node, least: int) -> Node | None:
        key, levels = self.key, self.levels
        match key:
            case "or" if least <= OR:
                return self.chain(left, "OR", OR)
            case "and" if least <= AND:
                return self.chain(left, "AND", AND)
            case "::":
                self.at += 1
                return tree.Cast(left, self.type())
            case "[":
                return self.subscript(left)
            case "." if not isinstance(left, tree.Column):
                self.at += 1
                if self.took("*"):
                    return tree.Field(left, None)
                return tree.Field(left, self.name())
            case "at" if least <= levels["at"] and not self.plain:
                return self.at_zone(left)
            case "collate" if least <= levels["collate"] and not self.plain:
                self.at += 1
                return tree.Collate(left, self.path())
            case "isnull" | "notnull" if least <= levels["is"]:
                self.at += 1
                return tree.Is(left, "NULL", negated=key == "notnull")
            case "overlaps" if least <= levels["is"]:
                self.at += 1
                return tree.Binary("OVERLAPS", left, self.binary(levels["other"]))
            case "operator" if self.keys[self.at + 1] == "(" and least <= levels["other"]:
                operator = self.qualified_operator()
                return self.operated(left, operator, levels["other"] + 1)
        tested = self.test(left, least)
        if tested is not None:
            return tested
        if self.kind() is not TokenKind.SYMBOL:
            return None
        level = levels.get(key) if key in ARITHMETIC else None
        if level is None and self.is_other(key):
            level = levels["other"]
        if level is None or level < least:
            return None
        self.at += 1
        return self.operated(left, "<>" if key == "!=" else key, level + 1)

    def operated(self, left: Node, operator: str, least: int) -> Node:
        """Read the right side of an operator, quantified or not."""
        if self.key in QUANTIFIERS and self.keys[self.at + 1] == "(":
            return self.quantified(left, operator)
        return tree.Binary(operator, left, self.binary(least))

    def quantified(self, left: Node, operator: str) -> Node:
        quantifier = "ALL" if self.key == "all" else "ANY"
        self.at += 1
        self.expect("(")
        right: Node | tree.Query = self.query() if self.begins_query() else self.expression()
        self.expect(")")
        return tree.Quantified(left, operator, quantifier, right)

    def qualified_operator(self) -> str:
        self.expect("operator", "(")
        while self.kind() is not TokenKind.SYMBOL:
            # A catalogue names the schema of an extension's operator, where authors do not.
            self.next()
            self.expect(".")
        operator = self.next().text
        self.expect(")")
        return "<>" if operator == "!=" else operator

    def at_zone(self, left: Node) -> Node:
        self.at += 1
        if self.took("local"):
            return tree.AtZone(left, None)
        self.expect("time", "zone")
        return tree.AtZone(left, self.binary(self.levels["at"] + 1))

    def subscript(self, left: Node) -> Node:
        self.expect("[")
        low = None if self.key == ":" else self.expression()
        if not self.took(":"):
            self.expect("]")
            return tree.Subscript(left, low)
        high = None if self.key == "]" else self.expression()
        self.expect("]")
        return tree.Subscript(left, low, high, slice=True)

    def test(self, left: Node, least: int) -> Node | None:
        """Read IS, IN, BETWEEN, LIKE and their like after `left`."""
        levels, key = self.levels, self.key
        if key == "is":
            return self.is_test(left) if least <= levels["is"] else None
        negated = key == "not"
        word = self.keys[self.at + 1] if negated else key
        if least > levels["in"]:
            return None
        if word not in {"in", "between"} and word not in LIKES[self.dialect]:
            return None
        self.at += 2 if negated else 1
        above = levels["in"] + 1
        match word:
            case "in":
                return self.in_list(left, negated=negated)
            case "between":
                symmetric = self.took("symmetric")
                if not symmetric:
                    self.took("asymmetric")
                low = self.binary(above)
                self.expect("and")
                high = self.binary(above if self.dialect != "mysql" else levels["in"])
                return tree.Between(left, low, high, negated=negated, symmetric=symmetric)
            case "similar":
                self.expect("to")
                word = "similar to"
            case "rlike":
                word = "regexp"
        if self.key in QUANTIFIERS and self.dialect == "postgres":
            return self.quantified(left, ("NOT " if negated else "") + word.upper())
        right = self.binary(above)
        escape = self.binary(above) if self.took("escape") else None
        return tree.Like(word.upper(), negated, left, right, escape)

    def is_test(self, left: Node) -> Node:
        self.expect("is")
        negated = self.took("not")
        above = self.levels["is"] + 1
        if self.took("distinct", "from"):
            operator = f"IS {'NOT ' if negated else ''}DISTINCT FROM"
            return tree.Binary(operator, left, self.binary(above))
        if self.dialect == "sqlite":
            right = self.binary(above)
            if isinstance(right, tree.Constant) and right.text in {"TRUE", "FALSE", "NULL"}:
                return tree.Is(left, right.text, negated)
            return tree.Binary("IS NOT" if negated else "IS", left, right)
        if self.key in {"null", "true", "false", "unknown", "document"}:
            return tree.Is(left, self.next().text.upper(), negated)
        form = [self.next().text.upper()] if self.key in words("nfc nfd nfkc nfkd") else []
        if self.took("normalized"):
            return tree.Is(left, " ".join([*form, "NORMALIZED"]), negated)
        if self.took("json"):
            what = ["JSON"]
            if self.key in words("value scalar array object"):
                what.append(self.next().text.upper())
            if self.took("with", "unique"):
                self.took("keys")
                what.append("WITH UNIQUE KEYS")
            elif self.took("without", "unique"):
                self.took("keys")
            return tree.Is(left, " ".join(what), negated)
        raise self.wrong("this test is not known")

    def in_list(self, left: Node, *, negated: bool) -> Node:
        if self.dialect == "sqlite" and self.key != "(":
            return tree.In(left, negated, table=tree.Table(self.path()))
        self.expect("(")
        if self.begins_query():
            query = self.query()
            self.expect(")")
            return tree.In(left, negated, query=query)
        items = () if self.key == ")" else self.separated(self.expression)
        self.expect(")")
        return tree.In(left, negated, items)

    def mysql_infix(self, left: Node, least: int) -> Node | None:
        key, levels = self.key, self.levels
        match key:
            case "or" | "||":
                return self.chain(left, "OR", OR) if least <= OR else None
            case "and" | "&&":
                level = levels["and"]
                return self.chain(left, "AND", level) if least <= level else None
            case "collate":
                if least > levels["collate"]:
                    return None
                self.at += 1
                return tree.Collate(left, (self.next(),))
            case "sounds" if self.ahead("sounds", "like"):
                if least > levels["in"]:
                    return None
                self.at += 2
                return tree.Binary("SOUNDS LIKE", left, self.binary(levels["in"] + 1))
            case "member":
                if least > levels["in"]:
                    return None
                self.expect("member", "of")
                return tree.Binary("MEMBER OF", left, self.primary())
        tested = self.test(left, least)
        if tested is not None:
            # MariaDB reads `a LIKE b NOT LIKE c` from the right, MySQL not at all.
            following = self.keys[self.at + 1] if self.key == "not" else self.key
            if following in LIKES["mysql"] | {"in", "between"} and key != "is":
                raise self.wrong("tests in a row are not told apart")
            return tested
        if key in {"is", "in", "not", "binary", "sign"} or key not in levels:
            return None
        level = levels[key]
        if level < least:
            return None
        self.at += 1
        operator = {"!=": "<>", "mod": "%"}.get(key, key.upper())
        if self.key in QUANTIFIERS and self.keys[self.at + 1] == "(":
            return self.quantified(left, operator)
        return tree.Binary(operator, left, self.binary(level + 1))

    def sqlite_infix(self, left: Node, least: int) -> Node | None:
        key, levels = self.key, self.levels
        match key:
            case "or":
                return self.chain(left, "OR", OR) if least <= OR else None
            case "and":
                return self.chain(left, "AND", AND) if least <= AND else None
            case "collate":
                if least > levels["collate"]:
                    return None
                self.at += 1
                return tree.Collate(left, (self.next(),))
            case "isnull" | "notnull" if least <= levels["is"]:
                self.at += 1
                return tree.Is(left, "NULL", negated=key == "notnull")
            case "not" if self.ahead("not", "null") and least <= levels["is"]:
                self.at += 2
                return tree.Is(left, "NULL", negated=True)
        tested = self.test(left, least)
        if tested is not None:
            return tested
        if self.kind() is not TokenKind.SYMBOL or key not in levels or key == "~":
            return None
        level = levels[key]
        if level < least:
            return None
        self.at += 1
        operator = {"!=": "<>", "==": "="}.get(key, key)
        return tree.Binary(operator, left, self.binary(level + 1))

    def sqlite_default(self) -> Node:
        """Read what SQLite lets stand behind DEFAULT: a literal, a signed number, (expression)."""
        if self.key in {"-", "+"}:
            sign = self.next().text
            return _signed(sign, self.primary())
        if self.key == "(":
            return self.primary()
        token = self.next()
        return tree.Constant(token.text)


def _signed(sign: str, operand: Node) -> Node:
    if isinstance(operand, tree.Number):
        text = operand.text
        if sign == "+":
            return operand
        return tree.Number(text[1:] if text.startswith("-") else f"-{text}")
    return tree.Unary(sign, operand)
