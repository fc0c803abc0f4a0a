"""Queries: SELECT, set operations, common table expressions, FROM and its joins."""

from __future__ import annotations

from schemaops.sql import tree
from schemaops.sql.grammar.json_calls import json_table
from schemaops.sql.grammar.values import ValueReader
from schemaops.sql.grammar.vocabulary import (
    AFTER_ITEM,
    AFTER_TABLE,
    JOIN_WORDS,
    SELECT_OPTIONS,
)
from schemaops.sql.lexer import Token, TokenKind
from schemaops.sql.names import unquoted
from schemaops.sql.tree import Node

__all__ = ["QueryReader"]


class QueryReader(ValueReader):
    """Reads queries."""

    def query(self) -> tree.Query:
        """Read a whole query."""
        recursive = False
        ctes: tuple[tree.Cte, ...] = ()
        if self.took("with"):
            recursive = self.took("recursive")
            ctes = self.separated(self.cte)
        body = self.compound(0)
        order: tuple[tree.Sort, ...] = ()
        if self.took("order", "by"):
            order = self.separated(self.sort)
        limit, offset, ties = self.limits()
        locks = self.locks()
        if not ctes and not order and limit is None and offset is None and not locks:
            if isinstance(body, tree.Query):
                return body
        return tree.Query(body, ctes, recursive, order, limit, offset, ties, locks)

    def cte(self) -> tree.Cte:
        name = self.name()
        columns = self.names_in_parentheses() if self.key == "(" else ()
        self.expect("as")
        materialized = ""
        if self.took("materialized"):
            materialized = "MATERIALIZED"
        elif self.took("not", "materialized"):
            materialized = "NOT MATERIALIZED"
        self.expect("(")
        if not self.begins_query():
            raise self.wrong("a common table expression that is no query")
        query = self.query()
        self.expect(")")
        if self.key in {"search", "cycle"}:
            raise self.wrong("SEARCH and CYCLE are not known")
        return tree.Cte(name, columns, query, materialized)

    def compound(self, least: int) -> tree.Body:
        """Read set operations; INTERSECT binds tighter, except in SQLite."""
        left = self.simple_query()
        while True:
            operator = self.key.upper()
            if operator not in {"UNION", "INTERSECT", "EXCEPT"}:
                return left
            level = 2 if operator == "INTERSECT" and self.dialect != "sqlite" else 1
            if level <= least:
                return left
            self.at += 1
            every = self.took("all")
            if not every:
                self.took("distinct")
            right = self.compound(level)
            left = tree.Compound(operator, every, left, right)

    def simple_query(self) -> tree.Body:
        if self.took("("):
            query = self.query()
            self.expect(")")
            plain = not (query.ctes or query.order or query.limit or query.offset or query.locks)
            return query.body if plain else query
        if self.took("values"):
            return tree.Values(self.separated(self.value_row))
        if self.dialect == "postgres" and self.took("table"):
            self.took("only")
            table = tree.Table(self.path())
            return tree.Select((tree.Item(tree.Star(), None, 0, 0),), (table,))
        return self.select()

    def value_row(self) -> tuple[Node, ...]:
        if self.dialect == "mysql":
            self.took("row")
        self.expect("(")
        items = () if self.key == ")" else self.separated(self.expression)
        self.expect(")")
        return items

    def select(self) -> tree.Select:
        self.expect("select")
        distinct = False
        distinct_on: tuple[Node, ...] = ()
        while True:
            if self.took("distinct") or (self.dialect == "mysql" and self.took("distinctrow")):
                distinct = True
                if self.dialect == "postgres" and self.took("on"):
                    self.expect("(")
                    distinct_on = self.separated(self.expression)
                    self.expect(")")
            elif self.dialect == "mysql" and self.key in SELECT_OPTIONS:
                self.at += 1
            elif not self.took("all"):
                break
        items: tuple[tree.Item, ...] = ()
        if self.at < len(self.found) and self.key not in {"from", "where", ")"}:
            items = self.separated(self.item)
        elif self.dialect != "postgres":
            raise self.wrong("a SELECT of nothing")
        sources: tuple[tree.From, ...] = ()
        if self.took("from"):
            if self.dialect == "mysql" and self.took("dual"):
                pass
            else:
                sources = self.separated(self.source_joined)
        where = self.expression() if self.took("where") else None
        group: tuple[Node, ...] = ()
        rollup = False
        if self.took("group", "by"):
            if self.took("distinct"):
                raise self.wrong("GROUP BY DISTINCT is not known")
            self.took("all")
            group = self.separated(self.grouping)
            rollup = self.dialect == "mysql" and self.took("with", "rollup")
        having = self.expression() if self.took("having") else None
        windows: tuple[tuple[Token, tree.Window], ...] = ()
        if self.took("window"):
            windows = self.separated(self.named_window)
        if self.key == "into":
            raise self.wrong("SELECT INTO is no query")
        return tree.Select(
            items, sources, where, group, rollup, having, windows, distinct, distinct_on
        )

    def grouping(self) -> Node:
        if self.dialect == "postgres":
            if self.key in {"rollup", "cube"} and self.keys[self.at + 1] == "(":
                name = self.next().text.upper()
                self.at += 1
                items = self.separated(self.expression)
                self.expect(")")
                return tree.Special(name, (tree.Row(items),))
            if self.took("grouping", "sets"):
                self.expect("(")
                items = self.separated(self.grouping_set)
                self.expect(")")
                return tree.Special("GROUPING SETS", items)
            if self.ahead("(", ")"):
                self.at += 2
                return tree.Row(())
        return self.expression()

    def grouping_set(self) -> Node:
        if self.ahead("(", ")"):
            self.at += 2
            return tree.Row(())
        return self.grouping()

    def named_window(self) -> tuple[Token, tree.Window]:
        name = self.name()
        self.expect("as")
        return name, self.window()

    def item(self) -> tree.Item:
        start = self.found[self.at].start if self.at < len(self.found) else 0
        value = self.expression()
        end = self.found[self.at - 1].end
        return tree.Item(value, self.alias(AFTER_ITEM, strings=True), start, end)

    def alias(self, stop: frozenset[str], *, strings: bool = False) -> Token | None:
        """Read an alias, with AS or without."""
        strings = strings and self.dialect != "postgres"
        if self.took("as"):
            if strings and self.kind() is TokenKind.STRING:
                return self.next()
            return self.name()
        if strings and self.kind() is TokenKind.STRING:
            return self.next()
        return self.next() if self.is_name(unless=stop) else None

    def limits(self) -> tuple[Node | None, Node | None, bool]:
        limit = offset = None
        ties = False
        while True:
            if self.took("limit"):
                if self.took("all"):
                    continue
                limit = self.expression()
                if self.dialect != "postgres" and self.took(","):
                    offset, limit = limit, self.expression()
            elif self.took("offset"):
                offset = self.expression()
                self.took("rows") or self.took("row")
            elif self.took("fetch"):
                self.took("first") or self.took("next")
                limit = tree.Number("1")
                if self.key not in {"row", "rows"}:
                    limit = self.primary()
                self.took("rows") or self.took("row")
                if not self.took("only"):
                    self.expect("with", "ties")
                    ties = True
            else:
                return limit, offset, ties

    def locks(self) -> tuple[str, ...]:
        found = []
        while self.key in {"for", "lock"} and self.dialect != "sqlite":
            parts: list[str] = []
            while self.at < len(self.found) and self.key not in {")", ";"}:
                if self.key == "for" and parts:
                    break
                parts.append(self.next().text.upper())
            found.append(" ".join(parts))
        return tuple(found)

    def source_joined(self) -> tree.From:
        """Read a source with all that is joined to it."""
        left = self.source()
        while self.key in JOIN_WORDS:
            left = self.join(left)
        return left

    def join(self, left: tree.From) -> tree.From:
        natural = self.took("natural")
        kind = "INNER"
        if self.key in {"left", "right", "full"}:
            kind = self.next().text.upper()
            self.took("outer")
        elif self.took("cross"):
            kind = "CROSS"
        elif self.took("straight_join"):
            kind = "STRAIGHT"
        else:
            self.took("inner")
        if kind != "STRAIGHT":
            self.expect("join")
        right = self.source()
        # In `a JOIN b JOIN c ON … ON …` the condition that comes first is the inner join's.
        while self.key in JOIN_WORDS and self.nested_join():
            right = self.join(right)
        on = None
        using: tuple[Token, ...] = ()
        alias = None
        if self.took("on"):
            on = self.expression()
        elif self.took("using"):
            using = self.names_in_parentheses()
            if self.dialect == "postgres" and self.took("as"):
                alias = self.name()
        return tree.Join(kind, left, right, on, using, natural, alias)

    def nested_join(self) -> bool:
        """Whether the join that begins here lies within the one before: two conditions follow."""
        depth, joins, here = 0, 0, self.at
        while here < len(self.found):
            key = self.keys[here]
            if key in {"(", ")"}:
                depth += 1 if key == "(" else -1
                if depth < 0:
                    return False
            elif depth == 0:
                if key in {"join", "straight_join"}:
                    before = self.keys[here - 1]
                    unconditional = before == "cross" or self.keys[max(here - 2, 0)] == "natural"
                    joins += not unconditional and before != "natural"
                elif key in {"on", "using"}:
                    joins -= 1
                    if joins < 0:
                        return True
                    if joins == 0:
                        # This join has its condition; another one right behind belongs outside.
                        return self.condition_follows(here)
                elif key in {"where", "group", "order", "limit", "union", ",", "having", ";"}:
                    return False
            here += 1
        return False

    def condition_follows(self, here: int) -> bool:
        saved = self.at
        self.at = here
        try:
            if self.took("using"):
                self.names_in_parentheses()
            else:
                self.expect("on")
                self.expression()
            return self.key in {"on", "using"}
        finally:
            self.at = saved

    def source(self) -> tree.From:
        lateral = self.took("lateral")
        if self.took("("):
            if self.begins_query():
                query = self.query()
                self.expect(")")
                alias, columns = self.table_alias()
                return tree.Derived(query, alias, columns, lateral)
            inner = self.source_joined()
            if self.key == "," and self.dialect == "mysql":
                while self.took(","):
                    inner = tree.Join("CROSS", inner, self.source_joined())
            self.expect(")")
            if self.is_name(unless=AFTER_TABLE):
                raise self.wrong("a join with an alias of its own")
            return inner
        if self.key in {"rows", "json_table", "xmltable", "unnest"} and self.ahead("rows", "from"):
            raise self.wrong("ROWS FROM is not known")
        only = self.dialect == "postgres" and self.took("only")
        if only and self.took("("):
            path = self.path()
            self.expect(")")
        elif only:
            path = self.path()
        else:
            start = self.at
            path = self.path() if self.is_name() else (self.next(),)
            if self.key == "(":
                self.at = start
                return self.function_source(lateral=lateral)
        if self.dialect == "postgres":
            self.took("*")
        options: list[str | Node] = []
        if self.dialect == "mysql" and self.took("partition"):
            options += ["PARTITION", *(t.text for t in self.names_in_parentheses())]
        alias, columns = self.table_alias()
        options += self.table_options()
        return tree.Table(path, alias, columns, only, tuple(options))

    def table_alias(self) -> tuple[Token | None, tuple[Token, ...]]:
        alias = self.alias(AFTER_TABLE)
        columns: tuple[Token, ...] = ()
        if alias is not None and self.key == "(" and self.dialect != "sqlite":
            columns = self.names_in_parentheses()
        return alias, columns

    def table_options(self) -> list[str | Node]:
        options: list[str | Node] = []
        if self.dialect == "postgres" and self.took("tablesample"):
            options += ["TABLESAMPLE", self.primary()]
            if self.took("repeatable"):
                options += ["REPEATABLE", self.parenthesized()]
        if self.dialect == "sqlite":
            if self.took("indexed", "by"):
                options += ["INDEXED BY", self.name().text]
            elif self.took("not", "indexed"):
                options += ["NOT INDEXED"]
        while self.dialect == "mysql" and self.key in {"use", "ignore", "force"}:
            options.append(self.next().text.upper())
            while self.key != "(":
                options.append(self.next().text.upper())
            names = self.names_in_parentheses()
            options.append(f"({', '.join(unquoted(t.text, self.dialect) for t in names)})")
        return options

    def function_source(self, *, lateral: bool) -> tree.From:
        if self.key == "xmltable" or (self.key == "json_table" and self.dialect != "postgres"):
            raise self.wrong(f"{self.key} has a grammar that is not known")
        call = json_table(self) if self.key == "json_table" else self.primary()
        ordinality = self.took("with", "ordinality")
        alias = self.alias(AFTER_TABLE)
        columns: list[Token] = []
        types: list[tuple[Token, ...]] = []
        if self.took("("):
            while True:
                columns.append(self.name())
                if self.key not in {",", ")"}:
                    types.append(self.type())
                if not self.took(","):
                    break
            self.expect(")")
        return tree.Function(call, alias, tuple(columns), tuple(types), ordinality, lateral)
