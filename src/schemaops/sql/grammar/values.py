"""What operators work on: literals, columns, calls, and functions with a grammar of their own."""

from __future__ import annotations

from schemaops.sql import tree
from schemaops.sql.grammar.json_calls import JSON_CALLS, json_call
from schemaops.sql.grammar.operators import OperatorReader
from schemaops.sql.grammar.vocabulary import (
    AFTER_QUERY,
    CALLABLE,
    HARD_IN_SQLITE,
    NAMES_IN_POSTGRES,
    SOFT_IN_MYSQL,
    UNITS,
    VALUE_WORDS,
)
from schemaops.sql.keywords import RESERVED, words
from schemaops.sql.lexer import Token, TokenKind
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.strings import string_value
from schemaops.sql.tree import Node
from schemaops.sql.types import type_extent

__all__ = ["ValueReader"]


class ValueReader(OperatorReader):
    """Reads primaries."""

    def primary(self) -> Node:
        """Read a literal, a name, a call, or something in parentheses."""
        kind = self.kind()
        match kind:
            case TokenKind.NUMBER:
                return tree.Number(self.next().text)
            case TokenKind.STRING:
                return self.string()
            case TokenKind.PARAMETER:
                return tree.Constant(self.next().text)
            case TokenKind.QUOTED:
                return self.reference()
            case TokenKind.SYMBOL if self.key == "(":
                return self.parenthesized()
            case TokenKind.SYMBOL if self.key == "{" and self.dialect == "mysql":
                return self.odbc_literal()
            case TokenKind.SYMBOL if self.key == "*":
                self.at += 1
                return tree.Star()
            case TokenKind.WORD:
                return self.word()
        raise self.wrong("an expression is missing")

    def odbc_literal(self) -> Node:
        """Read `{d '2020-01-01'}`."""
        self.expect("{")
        kinds = {"d": "date", "t": "time", "ts": "timestamp"}
        word = self.next()
        if word.text.lower() not in kinds or self.kind() is not TokenKind.STRING:
            raise self.wrong("what stands in braces is no date")
        value = self.string()
        self.expect("}")
        kind = Token(TokenKind.WORD, kinds[word.text.lower()], word.start)
        return tree.Cast(value, (kind,), literal=True)

    def string(self) -> Node:
        token = self.next()
        text = token.text
        if (text[0] in "xXbB" and self.dialect != "sqlite") or text[0] in "xX":
            return tree.Constant(text[0].upper() + text[1:])
        value = string_value(text, self.dialect)
        # Neighbouring literals are one: in MySQL anywhere, in PostgreSQL on another line.
        while self.kind() is TokenKind.STRING and self.dialect != "sqlite":
            more = self.next()
            value += string_value(more.text, self.dialect)
            token = Token(token.kind, token.text + more.text, token.start)
        return tree.String(value, token)

    def parenthesized(self) -> Node:
        """Read what stands in parentheses: an expression, a row or a query."""
        self.expect("(")
        outside, self.plain = self.plain, False
        inner = self.within()
        self.plain = outside
        if isinstance(inner, tree.Column) and self.dialect == "postgres" and self.took("."):
            return tree.Field(inner, None if self.took("*") else self.name())
        return inner

    def within(self) -> Node:
        if self.begins_query():
            query = self.query()
            self.expect(")")
            return tree.Scalar(query)
        items = self.separated(self.expression)
        self.expect(")")
        return items[0] if len(items) == 1 else tree.Row(items)

    def begins_query(self) -> bool:
        """Whether a query comes next, within parentheses of its own or not."""
        ahead = 0
        while self.keys[self.at + ahead] == "(":
            ahead += 1
        word = self.keys[self.at + ahead]
        if word not in {"select", "with", "values", "table"}:
            return False
        if word == "values" and self.dialect == "mysql":
            following = self.keys[self.at + ahead + 1]
            return following == "row"
        if ahead == 0:
            return word != "table" or self.dialect == "postgres"
        # `((select 1) + 1)` begins with a query and is none.
        depth, here = 0, self.at
        while here < len(self.found):
            depth += {"(": 1, ")": -1}.get(self.keys[here], 0)
            if depth == 0:
                break
            here += 1
        behind = here + 1 - self.at
        after = self.keys[min(here + 1, len(self.keys) - 1)]
        if self.kind(behind) is TokenKind.QUOTED:
            return False
        return after in AFTER_QUERY

    def word(self) -> Node:
        key, following = self.key, self.keys[self.at + 1]
        special = self.special(key, following)
        if special is not None:
            return special
        if key in VALUE_WORDS[self.dialect] and following not in {"(", "."}:
            self.at += 1
            return tree.Constant(key.upper())
        if following == "(" and key in CALLABLE[self.dialect]:
            return self.call((self.next(),))
        if self.dialect == "postgres":
            literal = self.typed_literal()
            if literal is not None:
                return literal
        elif self.dialect == "mysql" and key in {"date", "time", "timestamp"}:
            if self.kind(1) is TokenKind.STRING:
                name = self.next()
                return tree.Cast(self.string(), (name,), literal=True)
        if key in RESERVED[self.dialect] and not self.names(key, following):
            raise self.wrong("an expression is missing")
        return self.reference()

    def names(self, key: str, following: str) -> bool:
        """Whether a keyword stands for a column here."""
        match self.dialect:
            case "postgres":
                return key in NAMES_IN_POSTGRES and following != "("
            case "mysql":
                return key in SOFT_IN_MYSQL
            case _:
                return key not in HARD_IN_SQLITE

    def special(self, key: str, following: str) -> Node | None:
        """Read what has a grammar of its own."""
        match key:
            case "case":
                return self.case()
            case "cast" if following == "(":
                return self.cast()
            case "exists" if following == "(":
                self.at += 2
                query = self.query()
                self.expect(")")
                return tree.Exists(query)
            case "row" if following == "(" and self.dialect != "sqlite":
                self.at += 2
                items = () if self.key == ")" else self.separated(self.expression)
                self.expect(")")
                return tree.Row(items, explicit=True)
        match self.dialect:
            case "postgres":
                return self.postgres_special(key, following)
            case "mysql":
                return self.mysql_special(key, following)
            case _:
                return self.raised() if key == "raise" and following == "(" else None

    def case(self) -> Node:
        self.expect("case")
        operand = None if self.key == "when" else self.expression()
        whens = []
        while self.took("when"):
            test = self.expression()
            self.expect("then")
            whens.append((test, self.expression()))
        otherwise = self.expression() if self.took("else") else None
        self.expect("end")
        return tree.Case(operand, tuple(whens), otherwise)

    def cast(self) -> Node:
        self.expect("cast", "(")
        operand = self.expression()
        self.expect("as")
        kind = self.cast_type()
        self.expect(")")
        return tree.Cast(operand, kind)

    def type(self) -> tuple[Token, ...]:
        """Read a type; return its tokens."""
        start = self.at
        self.at = type_extent(self.found, start, self.dialect)
        return tuple(self.found[start : self.at])

    def cast_type(self) -> tuple[Token, ...]:
        if self.dialect != "mysql":
            return self.type()
        start = self.at
        if self.key in {"signed", "unsigned"}:
            self.at += 1
            self.took("integer") or self.took("int")
        else:
            self.at = type_extent(self.found, start, self.dialect)
            while self.key in {"character", "charset", "ascii", "unicode", "binary"}:
                if self.took("character"):
                    self.expect("set")
                    self.next()
                elif self.took("charset"):
                    self.next()
                else:
                    self.at += 1
        return tuple(self.found[start : self.at])

    def postgres_special(self, key: str, following: str) -> Node | None:
        if key == "array" and following == "[":
            self.at += 1
            return self.array()
        if key == "array" and following == "(":
            self.at += 2
            query = self.query()
            self.expect(")")
            return tree.Array(query=query)
        if key == "interval" and self.kind(1) is TokenKind.STRING:
            return self.interval_literal()
        if following == "for" and key == "collation":
            self.at += 2
            self.expect("(")
            operand = self.expression()
            self.expect(")")
            return tree.Special("COLLATION FOR", (operand,))
        if following != "(":
            return None
        match key:
            case "extract":
                return self.extract()
            case "position":
                self.at += 2
                wanted = self.binary(self.levels["in"] + 1)
                self.expect("in")
                within = self.expression()
                self.expect(")")
                return tree.Special("POSITION", (wanted, "IN", within))
            case "substring":
                return self.with_words("SUBSTRING", ("from", "for", "similar", "escape"))
            case "overlay":
                return self.with_words("OVERLAY", ("placing", "from", "for"))
            case "trim":
                return self.trim()
            case "treat":
                raise self.wrong("TREAT is not known")
            case _ if key in JSON_CALLS:
                return json_call(self)
            case "normalize":
                return self.normalize()
            case _ if key.startswith(("xml", "json_")) and key in RESERVED["postgres"]:
                raise self.wrong(f"{key} has a grammar that is not known")
            case "current_time" | "current_timestamp" | "localtime" | "localtimestamp":
                return self.call((self.next(),))
        return None

    def normalize(self) -> Node:
        """Read normalize(text, form)."""
        self.at += 2
        parts: list[str | Node] = [self.expression()]
        if self.took(","):
            form = self.next().text.upper()
            if form not in words("NFC NFD NFKC NFKD"):
                raise self.wrong("the form of a text is not known")
            parts.append(form)
        self.expect(")")
        return tree.Special("NORMALIZE", tuple(parts))

    def array(self) -> Node:
        self.expect("[")

        def item() -> Node:
            return self.array() if self.key == "[" else self.expression()

        items = () if self.key == "]" else self.separated(item)
        self.expect("]")
        return tree.Array(items)

    def interval_literal(self) -> Node:
        word = self.next()
        value = self.string()
        fields = []
        while self.key in words("year month day hour minute second to"):
            fields.append(self.next())
            if self.key == "(":
                fields += [self.next(), self.next(), self.next()]
        return tree.Cast(value, (word, *fields), literal=True)

    def extract(self) -> Node:
        self.at += 2
        field = self.next()
        text = field.text
        if field.kind is TokenKind.STRING:
            text = string_value(text, self.dialect)
        self.expect("from")
        operand = self.expression()
        self.expect(")")
        return tree.Special("EXTRACT", (text.strip('"').lower(), "FROM", operand))

    def with_words(self, name: str, between: tuple[str, ...]) -> Node | None:
        """Read a function whose arguments have words between them; None for a plain call."""
        start = self.at
        self.at += 2
        parts: list[str | Node] = [self.expression()]
        while self.key in between:
            parts += [self.next().text.upper(), self.expression()]
        if len(parts) == 1 or not self.took(")"):
            self.at = start
            if name == "OVERLAY" or self.keys[self.at] in {"substring", "substr"}:
                return self.call((self.next(),))
            return None
        return tree.Special(name, tuple(parts))

    def trim(self) -> Node:
        self.at += 2
        side = self.next().text.upper() if self.key in words("both leading trailing") else "BOTH"
        parts: list[str | Node] = [side]
        if not self.took("from"):
            first = self.expression()
            if self.took("from"):
                parts += [first, "FROM", *self.separated(self.expression)]
            elif self.took(","):
                # PostgreSQL's trim(text, characters) is the other way round.
                parts += [self.expression(), "FROM", first]
            else:
                parts += ["FROM", first]
        else:
            value, *characters = self.separated(self.expression)
            parts += [*characters, "FROM", value]
        self.expect(")")
        return tree.Special("TRIM", tuple(parts))

    def mysql_special(self, key: str, following: str) -> Node | None:
        match key:
            case "interval":
                start = self.at
                self.at += 1
                value = self.expression()
                if following != "(" or self.key in UNITS or self.key.startswith("sql_tsi_"):
                    return tree.Interval(value, self.unit())
                # INTERVAL(n, …) is a function.
                self.at = start
            case "next" if self.ahead("next", "value", "for"):
                self.at += 3
                return tree.Special("NEXT VALUE FOR", (tree.Column(self.path()),))
            case "match" if following == "(" or self.kind(1) in {TokenKind.WORD, TokenKind.QUOTED}:
                return self.match_against()
        if following != "(":
            return None
        match key:
            case "extract":
                self.at += 2
                unit = self.unit()
                self.expect("from")
                operand = self.expression()
                self.expect(")")
                return tree.Special("EXTRACT", (unit, "FROM", operand))
            case "position":
                self.at += 2
                wanted = self.binary(self.levels["in"] + 1)
                self.expect("in")
                within = self.expression()
                self.expect(")")
                return tree.Special("POSITION", (wanted, "IN", within))
            case "substring" | "substr" | "mid":
                return self.with_words("SUBSTRING", ("from", "for"))
            case "trim":
                return self.trim()
            case "convert":
                return self.convert()
            case "timestampdiff" | "timestampadd":
                name = self.next()
                self.expect("(")
                unit = self.unit()
                self.expect(",")
                arguments = self.separated(self.expression)
                self.expect(")")
                return tree.Special(name.text.upper(), (unit, *arguments))
            case "char":
                return self.characters()
            case "get_format" | "weight_string" | "json_table":
                raise self.wrong(f"{key} has a grammar that is not known")
        return None

    def raised(self) -> Node:
        """Read RAISE(IGNORE) or RAISE(ABORT, message), which SQLite has in triggers."""
        name = self.next()
        self.expect("(")
        what: Node = tree.Constant(self.next().text.upper())
        messages = (self.expression(),) if self.took(",") else ()
        self.expect(")")
        return tree.Call((name,), (what, *messages))

    def characters(self) -> Node:
        """Read CHAR(codes USING charset)."""
        name = self.next()
        self.expect("(")
        codes = self.separated(self.expression)
        if not self.took("using"):
            self.expect(")")
            return tree.Call((name,), codes)
        charset = self.next().text.lower()
        self.expect(")")
        return tree.Special("CHAR", (tree.Row(codes), "USING", charset))

    def unit(self) -> str:
        word = self.next().text.lower()
        word = word.removeprefix("sql_tsi_")
        if word not in UNITS:
            raise self.wrong("a unit of time is missing")
        return word.upper()

    def match_against(self) -> Node:
        self.expect("match")
        inner = self.took("(")
        columns = self.separated(self.primary)
        if inner:
            self.expect(")")
        self.expect("against", "(")
        sought = self.binary(self.above_tests)
        mode = []
        while self.kind() is TokenKind.WORD:
            mode.append(self.next().text.upper())
        self.expect(")")
        text = " ".join(mode)
        if text == "IN NATURAL LANGUAGE MODE":
            text = ""
        return tree.Special("MATCH", (tree.Row(columns), "AGAINST", sought, text))

    def convert(self) -> Node:
        self.at += 2
        operand = self.expression()
        if self.took("using"):
            charset = self.next().text.lower()
            self.expect(")")
            return tree.Special("CONVERT", (operand, "USING", charset))
        self.expect(",")
        kind = self.cast_type()
        self.expect(")")
        return tree.Cast(operand, kind)

    def typed_literal(self) -> Node | None:
        """Read PostgreSQL's `type 'value'`, if that is what comes next."""
        if self.kind(1) is not TokenKind.STRING and self.key not in {
            "double",
            "timestamp",
            "time",
            "character",
            "national",
            "bit",
            "char",
            "varchar",
            "numeric",
        }:
            return None
        try:
            end = type_extent(self.found, self.at, self.dialect)
        except NotUnderstood:
            return None
        if end >= len(self.found) or self.found[end].kind is not TokenKind.STRING:
            return None
        kind = tuple(self.found[self.at : end])
        self.at = end
        return tree.Cast(self.string(), kind, literal=True)

    def reference(self) -> Node:
        """Read a column, `t.*`, or a call."""
        parts = [self.next()]
        while self.key == ".":
            if self.keys[self.at + 1] == "*":
                self.at += 2
                return tree.Star(tuple(parts))
            if not self.is_name(1):
                break
            self.at += 1
            parts.append(self.next())
        if self.key == "(":
            return self.call(tuple(parts))
        if self.dialect == "postgres" and self.kind() is TokenKind.STRING and len(parts) > 1:
            return tree.Cast(self.string(), _with_dots(parts), literal=True)
        return tree.Column(tuple(parts))

    def call(self, name: tuple[Token, ...]) -> Node:
        """Read a call's arguments and what follows them."""
        self.expect("(")
        outside, self.plain = self.plain, False
        called = self.called(name)
        self.plain = outside
        return called

    def called(self, name: tuple[Token, ...]) -> Node:
        star = distinct = variadic = False
        arguments: tuple[Node, ...] = ()
        order: tuple[tree.Sort, ...] = ()
        separator = None
        if self.took("*"):
            star = True
        elif self.key != ")":
            distinct = self.took("distinct")
            if not distinct:
                self.took("all")
            found = []
            while True:
                variadic = self.took("variadic") or variadic
                found.append(self.argument())
                if not self.took(","):
                    break
            arguments = tuple(found)
            if self.took("order", "by"):
                order = self.separated(self.sort)
            if self.dialect == "mysql" and self.took("separator"):
                separator = self.string()
        self.expect(")")
        within: tuple[tree.Sort, ...] = ()
        where = over = None
        nulls = ""
        if self.took("within", "group"):
            self.expect("(", "order", "by")
            within = self.separated(self.sort)
            self.expect(")")
        if self.ahead("filter", "("):
            self.expect("filter", "(", "where")
            where = self.expression()
            self.expect(")")
        if self.key in {"ignore", "respect"} and self.keys[self.at + 1] == "nulls":
            nulls = f"{self.next().text.upper()} NULLS"
            self.at += 1
        if self.took("over"):
            over = self.window() if self.key == "(" else self.name()
        return tree.Call(
            name, arguments, star, distinct, variadic, order, separator, within, where, nulls, over
        )

    def argument(self) -> Node:
        if self.dialect == "postgres" and self.is_name() and self.keys[self.at + 1] in {"=>", ":="}:
            name = self.next()
            self.at += 1
            return tree.Named(name, self.expression())
        if self.begins_query() and self.key != "(":
            return tree.Scalar(self.query())
        return self.expression()

    def sort(self) -> tree.Sort:
        """Read a term of ORDER BY."""
        value = self.expression()
        using = ""
        if self.took("using"):
            using = self.next().text
        descending = self.took("desc")
        if not descending:
            self.took("asc")
        nulls = ""
        if self.took("nulls"):
            nulls = self.next().text.upper()
        return tree.Sort(value, descending, nulls, using)

    def window(self) -> tree.Window:
        """Read a window in parentheses."""
        self.expect("(")
        base = None
        if self.is_name(unless=words("partition order rows range groups")) and self.key != ")":
            base = self.next()
        partition: tuple[Node, ...] = ()
        order: tuple[tree.Sort, ...] = ()
        if self.took("partition", "by"):
            partition = self.separated(self.expression)
        if self.took("order", "by"):
            order = self.separated(self.sort)
        frame: list[str | Node] = []
        if self.key in {"rows", "range", "groups"}:
            frame.append(self.next().text.upper())
            if self.took("between"):
                low = self.bound()
                self.expect("and")
                frame += ["BETWEEN", *low, "AND", *self.bound()]
            else:
                frame += ["BETWEEN", *self.bound(), "AND", "CURRENT ROW"]
            if self.took("exclude"):
                excluded = []
                while self.kind() is TokenKind.WORD:
                    excluded.append(self.next().text.upper())
                if excluded != ["NO", "OTHERS"]:
                    frame += ["EXCLUDE", *excluded]
        self.expect(")")
        return tree.Window(base, partition, order, tuple(frame))

    def bound(self) -> list[str | Node]:
        if self.took("current", "row"):
            return ["CURRENT ROW"]
        if self.took("unbounded"):
            return [f"UNBOUNDED {self.next().text.upper()}"]
        value = self.binary(self.above_tests)
        return [value, self.next().text.upper()]


def _with_dots(parts: list[Token]) -> tuple[Token, ...]:
    found = [parts[0]]
    for part in parts[1:]:
        found += [Token(TokenKind.SYMBOL, ".", part.start - 1), part]
    return tuple(found)
