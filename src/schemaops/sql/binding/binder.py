"""A binder: finds what names stand for, and brings expressions to their normal form.

What is common to the dialects, and all that SQLite needs. Binding notes every column and relation
read, every identifier that mentions one, the holes of the text, and what cannot be found.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from schemaops.names import Address, Kind, Name
from schemaops.schema.expressions import Expression, Pieces
from schemaops.sql import tree
from schemaops.sql.binding.sources import BoundColumn, Exposed, Level, Source
from schemaops.sql.binding.terms import (
    ADD,
    AND,
    ATOM,
    COLLATE,
    COMPARE,
    IS,
    MULTIPLY,
    NOT,
    OR,
    OTHER,
    POWER,
    SIGN,
    TEST,
    Term,
    joined,
    listed,
    within,
)
from schemaops.sql.lexer import Token
from schemaops.sql.names import fold, quote
from schemaops.sql.scope import Mention, Problem, Relation, Scope, ScopeColumn, Wrong
from schemaops.sql.strings import string_literal
from schemaops.sql.tree import Node
from schemaops.sql.types import type_name

__all__ = ["Binder"]

_LEVELS = {
    **dict.fromkeys(("<", ">", "=", "<=", ">=", "<>", "<=>", "IS", "IS NOT"), COMPARE),
    **dict.fromkeys(("IS DISTINCT FROM", "IS NOT DISTINCT FROM"), COMPARE),
    **dict.fromkeys(("+", "-"), ADD),
    **dict.fromkeys(("*", "/", "%", "DIV"), MULTIPLY),
    "^": POWER,
}
# Columns that every table has without declaring them.
_SYSTEM_COLUMNS = {
    "postgres": frozenset({"ctid", "oid", "xmin", "xmax", "cmin", "cmax", "tableoid"}),
    "sqlite": frozenset({"rowid", "oid", "_rowid_"}),
    "mysql": frozenset({"_rowid"}),
}
# Relations of the server's own.
_SYSTEM_SCHEMAS = frozenset(
    {"pg_catalog", "information_schema", "mysql", "performance_schema", "sys"}
)
_SYSTEM_RELATIONS = {"postgres": "pg_", "sqlite": "sqlite_"}


class Binder:
    """Binds the names of one text; what it finds is collected in its attributes."""

    dialect = "sqlite"

    def __init__(self, text: str, scope: Scope) -> None:
        self.text = text
        self.scope = scope
        self.mentions: list[Mention] = []
        self.holes: list[tuple[int, int, Address]] = []
        # What is spelled out, where it begins and ends: each `*` that stands for columns, and in MySQL
        # each column without its relation's name.
        self.stars: list[tuple[int, int, Pieces]] = []
        self.columns: set[Address] = set()
        self.relations: set[Address] = set()
        self.problems: list[Problem] = []
        self.labels: dict[str | Address, int] = {}
        # Whether some source's columns are not known, so that what is read is not all known.
        self.vague = False
        # Whether the server writes something in words that are not known here.
        self.unspelled = False

    # -- noting

    def mention(self, token: Token, at: Address) -> None:
        """Note that an identifier names the object at an address."""
        self.mentions.append(Mention(token.start, token.end, at))

    def hole(self, first: Token, last: Token, at: Address) -> None:
        """Note that the text from one token to another is a reference."""
        self.holes.append((first.start, last.end, at))

    def problem(self, wrong: Wrong, parts: tuple[Token, ...]) -> None:
        """Note a reference that stands for nothing."""
        name = ".".join(part.text for part in parts)
        self.problems.append(Problem(wrong, name, parts[0].start, parts[-1].end))

    # -- names

    def folded(self, token: Token, kind: Kind = Kind.COLUMN) -> Name:
        """The name that an identifier stands for."""
        return fold(token.text, self.dialect, kind)

    def quoted(self, name: str) -> str:
        """A name as it stands in the normal form."""
        return quote(str(name), self.dialect)

    def own_level(self, table: Relation | None) -> Level:
        """The level of an expression that sees one table's columns bare."""
        level = Level(bare=True)
        if table is not None:
            level.sources.append(self.source_of(table, None))
        return level

    def row_level(self, scope: Scope) -> Level:
        """The level of an expression that sees a table's rows under names of their own."""
        columns = () if scope.table is None else tuple(map(self.column_of, scope.table.columns))
        return Level(sources=[Source(Name(row), (row,), columns) for row in scope.rows])

    def source_of(self, relation: Relation, alias: Token | None) -> Source:
        """A relation as a source, under an alias or its own name."""
        columns = tuple(map(self.column_of, relation.columns))
        label = self.label_for(relation.at)
        if alias is not None:
            return Source(self.folded(alias, Kind.TABLE), label, columns)
        return Source(Name(relation.at.name), label, columns, relation.at)

    def label_for(self, what: str | Address) -> Pieces:
        """What a source is called in the normal form: what it is, and a number if that comes again.

        Aliases say nothing about meaning, and PostgreSQL changes them where they are used twice.
        """
        count = self.labels[what] = self.labels.get(what, 0) + 1
        return (what,) if what and count == 1 else joined(what, f"#{count}")

    def column_of(self, column: ScopeColumn) -> BoundColumn:
        """A relation's column as one that can be named."""
        return BoundColumn(column.at.name, column.at, hidden=column.hidden)

    def relation(self, path: tuple[Token, ...]) -> Relation | None:
        """Return the relation of that name, and note that it is read; note its absence."""
        names = tuple(self.folded(part, Kind.TABLE) for part in path)
        found = self.scope.resolver.relation(names)
        if found is None and self.scope.table is not None and len(names) == 1:
            own = self.scope.table
            found = own if own.at.name == names[0] else None
        if found is None:
            if not self.is_system(names):
                self.problem(Wrong.RELATION, path)
            self.vague = True
            return None
        self.relations.add(found.at)
        self.refer(path, found.at)
        return found

    def is_system(self, names: tuple[Name, ...]) -> bool:
        """Whether a relation is one of the server's own."""
        if len(names) > 1 and self.dialect != "sqlite":
            return names[-2] in _SYSTEM_SCHEMAS
        prefix = _SYSTEM_RELATIONS.get(self.dialect)
        return prefix is not None and names[-1].startswith(prefix)

    def refer(self, path: tuple[Token, ...], at: Address) -> None:
        """Note a reference to a relation: its name, the schema's, and the hole over both."""
        self.hole(path[0], path[-1], at)
        self.mention(path[-1], at)
        if len(path) == 2 and self.dialect == "postgres":
            self.mention(path[0], Address(Kind.SCHEMA, at.path[:1]))

    def column(self, node: tree.Column, level: Level) -> Term:
        """Bind a reference to a column."""
        parts = node.parts
        if len(parts) > 1:
            return self.qualified(parts, level)
        name = self.folded(parts[0])
        here: Level | None = level
        while here is not None:
            found = here.having(name)
            if len(found) > 1:
                self.problem(Wrong.AMBIGUOUS, parts)
            if found:
                return self.use(parts[0], found[0], here)
            if here.is_open():
                self.vague = True
                return Term((self.quoted(name),))
            here = here.outer
        return self.not_a_column(parts, name, level)

    def not_a_column(self, parts: tuple[Token, ...], name: Name, level: Level) -> Term:
        """What a bare name is that is no column's."""
        if name in _SYSTEM_COLUMNS[self.dialect]:
            return Term((str(name),))
        if self.dialect == "sqlite" and parts[0].text.startswith('"'):
            # SQLite takes a quoted name that is none for a string.
            value = name.spelling
            return Term((string_literal(value),), literal=value)
        found = level.named(name)
        if found is not None and self.dialect == "postgres":
            return self.whole_row(parts, *found)
        self.problem(Wrong.COLUMN, parts)
        return Term((self.quoted(name),))

    def whole_row(self, parts: tuple[Token, ...], source: Source, level: Level) -> Term:
        """A source's name used for its row."""
        del level
        for column in source.columns or ():
            if column.at is not None:
                self.columns.add(column.at)
        if source.relation is not None:
            self.refer(parts, source.relation)
        self.vague = self.vague or source.columns is None
        return Term(joined(source.pieces, ".*"))

    def qualified(self, parts: tuple[Token, ...], level: Level) -> Term:
        """Bind `source.column`."""
        found = level.named(self.folded(parts[-2], Kind.TABLE))
        name = self.folded(parts[-1])
        if found is None:
            self.problem(Wrong.COLUMN, parts)
            return Term((".".join(self.quoted(self.folded(part)) for part in parts),))
        source, there = found
        if source.relation is not None:
            self.refer(parts[:-1], source.relation)
        column = source.column(name)
        if column is not None:
            return self.use(parts[-1], Exposed(column, source), there)
        if source.columns is None:
            self.vague = True
        elif name not in _SYSTEM_COLUMNS[self.dialect]:
            self.problem(Wrong.COLUMN, parts)
        return Term(joined(() if there.bare else (source.pieces, "."), self.quoted(name)))

    def use(self, token: Token, found: Exposed, level: Level) -> Term:
        """A column that was found, noted as mentioned and read."""
        if found.column.at is not None and found.column.shown is None:
            self.mention(token, found.column.at)
            self.hole(token, token, found.column.at)
        return self.shown(found, level)

    def shown(self, found: Exposed, level: Level) -> Term:
        """A column as it stands in the normal form, noted as read."""
        column = found.column
        if column.at is not None:
            self.columns.add(column.at)
        own: str | Address = self.quoted(column.shown or column.name)
        if column.at is not None:
            own = column.at
        qualifier: Pieces = ()
        if not level.bare and found.source is not None:
            qualifier = joined(found.source.pieces, ".")
        return Term(
            joined(qualifier, own),
            type=column.type,
            limit=column.limit,
            row=column.row,
            rows=column.rows,
        )

    # -- expressions

    def bind(self, node: Node, level: Level) -> Term:
        """Return an expression's normal form."""
        match node:
            case tree.Number():
                return self.number(node.text)
            case tree.String():
                return self.string(node)
            case tree.Constant():
                return self.constant(node)
            case tree.Column():
                return self.column(node, level)
            case tree.Star():
                return self.star(node, level)
            case tree.Unary():
                return self.unary(node, level)
            case tree.Binary():
                return self.binary(node, level)
            case tree.Chain():
                return self.chain(node.operator, [self.condition(t, level) for t in node.terms])
            case tree.Like():
                return self.like(node, level)
            case tree.Between():
                return self.between(node, level)
            case tree.In():
                return self.within_list(node, level)
            case tree.Quantified():
                return self.quantified(node, level)
            case tree.Is():
                return self.is_test(node, level)
            case tree.Exists():
                return Term(joined("EXISTS (", self.existing(node.query, level), ")"))
            case tree.Scalar():
                return self.scalar(node, level)
            case tree.Case():
                return self.case(node, level)
            case tree.Cast():
                return self.cast(node, level)
            case tree.Collate():
                return self.collate(node, level)
            case tree.Named():
                value = self.bind(node.value, level)
                return Term(joined(self.quoted(self.folded(node.name)), " => ", value))
            case tree.Call():
                return self.call(node, level)
            case tree.Special():
                return self.special(node, level)
            case tree.Json():
                return self.json(node, level)
            case tree.Row():
                return self.row(node, level)
            case tree.Array():
                return self.array(node, level)
            case tree.Subscript():
                return self.subscript(node, level)
            case tree.Field():
                return self.field(node, level)
            case tree.Interval():
                value = self.bind(node.value, level)
                return Term(joined("INTERVAL ", within(value, ATOM), f" {node.unit}"))
            case tree.AtZone():
                return self.at_zone(node, level)
        assert_never(node)

    def all(self, nodes: Iterable[Node], level: Level) -> list[Term]:
        """Bind several expressions."""
        return [self.bind(node, level) for node in nodes]

    def condition(self, node: Node, level: Level) -> Term:
        """Bind an expression where a truth value is wanted."""
        return self.bind(node, level)

    def assigned(self, term: Term, target: Expression | None) -> Term:
        """A value for a column of type `target`, as the engine keeps it."""
        del target
        return term

    def number(self, text: str) -> Term:
        return Term((text.lower(),), SIGN if text.startswith("-") else ATOM)

    def string(self, node: tree.String) -> Term:
        return Term((string_literal(node.value, self.dialect),), literal=node.value)

    def constant(self, node: tree.Constant) -> Term:
        text = node.text
        return Term((text if text[:1] in "xXbB:@$?" else text.upper(),))

    def star(self, node: tree.Star, level: Level) -> Term:
        if not node.parts:
            return Term(("*",))
        found = level.named(self.folded(node.parts[-1], Kind.TABLE))
        if found is None:
            self.problem(Wrong.RELATION, node.parts)
            return Term((".".join(part.text for part in node.parts) + ".*",))
        return self.whole_row(node.parts, *found)

    def unary(self, node: tree.Unary, level: Level) -> Term:
        if node.operator == "NOT":
            operand = self.condition(node.operand, level)
            return Term(joined("NOT ", within(operand, NOT)), NOT)
        operand = self.bind(node.operand, level)
        space = " " if node.operator.isalpha() else ""
        # `- -1` without the space would begin a comment.
        return Term(joined(node.operator, space, within(operand, ATOM)), SIGN)

    def binary(self, node: tree.Binary, level: Level) -> Term:
        left, right = self.bind(node.left, level), self.bind(node.right, level)
        return self.infix(node.operator, left, right)

    def infix(self, operator: str, left: Term, right: Term) -> Term:
        """Two terms with an operator between them; operators group to the left."""
        level = _LEVELS.get(operator, OTHER)
        least = level + 1 if level == COMPARE else level
        return Term(joined(within(left, least), f" {operator} ", within(right, level + 1)), level)

    def chain(self, operator: str, terms: Iterable[Term]) -> Term:
        """AND or OR between terms; chains within chains are one."""
        level = AND if operator == "AND" else OR
        # A term of just this level is such a chain itself, and opens up without parentheses.
        parts = listed([within(term, level) for term in terms], f" {operator} ")
        return Term(parts, level)

    def like(self, node: tree.Like, level: Level) -> Term:
        left, right = self.bind(node.left, level), self.bind(node.right, level)
        operator = f" NOT {node.operator} " if node.negated else f" {node.operator} "
        parts = joined(within(left, TEST + 1), operator, within(right, TEST + 1))
        if node.escape is not None:
            parts = joined(parts, " ESCAPE ", within(self.bind(node.escape, level), TEST + 1))
        return Term(parts, TEST)

    def between(self, node: tree.Between, level: Level) -> Term:
        operand, low, high = self.all((node.operand, node.low, node.high), level)
        word = " NOT BETWEEN " if node.negated else " BETWEEN "
        bounds = joined(within(low, TEST + 1), " AND ", within(high, TEST + 1))
        return Term(joined(within(operand, TEST + 1), word, bounds), TEST)

    def within_list(self, node: tree.In, level: Level) -> Term:
        operand = self.bind(node.operand, level)
        if node.query is not None:
            items = self.subquery(node.query, level)[0]
        elif node.table is not None:
            table, _ = self.table(node.table, level)
            word = " NOT IN " if node.negated else " IN "
            return Term(joined(within(operand, TEST + 1), word, table), TEST)
        else:
            items = listed(self.all(node.items, level))
        word = " NOT IN (" if node.negated else " IN ("
        return Term(joined(within(operand, TEST + 1), word, items, ")"), TEST)

    def quantified(self, node: tree.Quantified, level: Level) -> Term:
        left = self.bind(node.left, level)
        if isinstance(node.right, tree.Query):
            right = self.subquery(node.right, level)[0]
        else:
            right = self.bind(node.right, level).pieces
        word = f" {node.operator} {node.quantifier} ("
        return Term(joined(within(left, TEST + 1), word, right, ")"), TEST)

    def is_test(self, node: tree.Is, level: Level) -> Term:
        operand = self.bind(node.operand, level)
        return self.is_what(operand, node.what, negated=node.negated)

    def is_what(self, operand: Term, what: str, *, negated: bool) -> Term:
        word = f" IS NOT {what}" if negated else f" IS {what}"
        return Term(joined(within(operand, IS + 1), word), IS)

    def scalar(self, node: tree.Scalar, level: Level) -> Term:
        pieces, outputs = self.subquery(node.query, level)
        kind = outputs[0].type if outputs else None
        return Term(joined("(", pieces, ")"), type=kind)

    def case(self, node: tree.Case, level: Level) -> Term:
        parts: list[str | Pieces] = ["CASE"]
        if node.operand is not None:
            parts += [" ", self.bind(node.operand, level).pieces]
        for test, value in node.whens:
            bound = self.bind(test, level) if node.operand else self.condition(test, level)
            parts += [" WHEN ", bound.pieces, " THEN ", self.bind(value, level).pieces]
        if node.otherwise is not None:
            parts += [" ELSE ", self.bind(node.otherwise, level).pieces]
        return Term(joined(*parts, " END"))

    def cast(self, node: tree.Cast, level: Level) -> Term:
        operand = self.bind(node.operand, level)
        return Term(joined("CAST(", operand, " AS ", self.type_pieces(node.type), ")"))

    def type_pieces(self, found: tuple[Token, ...]) -> Pieces:
        name, end = type_name(found, 0, self.dialect, self.scope)
        del end
        return name.pieces()

    def collate(self, node: tree.Collate, level: Level) -> Term:
        operand = self.bind(node.operand, level)
        name = ".".join(self.quoted(self.folded(part)) for part in node.name)
        return Term(joined(within(operand, COLLATE), " COLLATE ", name.lower()), COLLATE)

    def function_name(self, path: tuple[Token, ...]) -> str:
        """A function's name in the normal form."""
        return ".".join(self.quoted(self.folded(part)) for part in path)

    def call(self, node: tree.Call, level: Level) -> Term:
        arguments: list[Term] = self.all(node.arguments, level)
        return self.called(self.function_name(node.name), arguments, node, level)

    def called(
        self, name: str | Pieces, arguments: list[Term], node: tree.Call, level: Level
    ) -> Term:
        """A call with its arguments bound, and all that may follow them."""
        parts: list[str | Pieces] = [name, "("]
        if node.star:
            parts.append("*")
        if node.distinct:
            parts.append("DISTINCT ")
        if node.variadic:
            before, last = arguments[:-1], arguments[-1]
            parts.append(listed([*before, joined("VARIADIC ", last)]))
        else:
            parts.append(listed(arguments))
        if node.order:
            parts += [" ORDER BY ", self.sorts(node.order, level)]
        if node.separator is not None:
            parts += [" SEPARATOR ", self.bind(node.separator, level).pieces]
        parts.append(")")
        if node.within:
            parts += [" WITHIN GROUP (ORDER BY ", self.sorts(node.within, level), ")"]
        if node.where is not None:
            parts += [" FILTER (WHERE ", self.condition(node.where, level).pieces, ")"]
        if node.nulls:
            parts += [" ", node.nulls]
        if isinstance(node.over, tree.Window):
            parts += [" OVER (", self.window(node.over, level), ")"]
        elif node.over is not None:
            parts += [" OVER ", self.quoted(self.folded(node.over))]
        return Term(joined(*parts))

    def window(self, node: tree.Window, level: Level) -> Pieces:
        """A window's definition."""
        parts: list[Pieces] = []
        if node.base is not None:
            parts.append((self.quoted(self.folded(node.base)),))
        if node.partition:
            parts.append(joined("PARTITION BY ", listed(self.all(node.partition, level))))
        if node.order:
            parts.append(joined("ORDER BY ", self.sorts(node.order, level)))
        if node.frame:
            parts.append(listed(self.mixed(node.frame, level), " "))
        return listed(parts, " ")

    def mixed(self, parts: tuple[str | Node, ...], level: Level) -> list[str | Pieces]:
        """Words and expressions in turn, the expressions bound."""
        return [
            part if isinstance(part, str) else self.bind(part, level).pieces
            for part in parts
            if part != ""
        ]

    def sorts(self, order: tuple[tree.Sort, ...], level: Level) -> Pieces:
        """The terms of an ORDER BY within an expression."""
        return listed([self.sorted(term, self.bind(term.value, level)) for term in order])

    def sorted(self, node: tree.Sort, value: Term) -> Pieces:
        """A term of ORDER BY; NULLS FIRST and LAST only where they are not what goes without."""
        # PostgreSQL's nulls are greater than all, SQLite's and MySQL's less.
        without = "FIRST" if node.descending == (self.dialect == "postgres") else "LAST"
        nulls = f" NULLS {node.nulls}" if node.nulls and node.nulls != without else ""
        using = f" USING {node.using}" if node.using else ""
        return joined(value, using, " DESC" if node.descending else "", nulls)

    def special(self, node: tree.Special, level: Level) -> Term:
        parts = self.mixed(node.parts, level)
        return Term(joined(node.name, "(", listed(parts, " "), ")"))

    def json(self, node: tree.Json, level: Level) -> Term:
        """One of SQL's own functions of JSON, which PostgreSQL alone has."""
        raise NotImplementedError

    def row(self, node: tree.Row, level: Level) -> Term:
        return Term(joined("(", listed(self.all(node.items, level)), ")"))

    def array(self, node: tree.Array, level: Level) -> Term:
        if node.query is not None:
            return Term(joined("ARRAY(", self.subquery(node.query, level)[0], ")"))
        return Term(joined("ARRAY[", listed(self.all(node.items, level)), "]"))

    def subscript(self, node: tree.Subscript, level: Level) -> Term:
        operand = self.bind(node.operand, level)
        low = "" if node.low is None else self.bind(node.low, level).pieces
        high = "" if node.high is None else self.bind(node.high, level).pieces
        index = joined(low, ":", high) if node.slice else joined(low)
        return Term(joined(within(operand, ATOM), "[", index, "]"))

    def field(self, node: tree.Field, level: Level) -> Term:
        operand = self.bind(node.operand, level)
        name = "*" if node.name is None else self.quoted(self.folded(node.name))
        return Term(joined("(", operand, ").", name))

    def at_zone(self, node: tree.AtZone, level: Level) -> Term:
        operand = self.bind(node.operand, level)
        if node.zone is None:
            return Term(joined(within(operand, ATOM), " AT LOCAL"), OTHER)
        zone = self.bind(node.zone, level)
        return Term(joined(within(operand, ATOM), " AT TIME ZONE ", within(zone, ATOM)), OTHER)

    # -- what is bound with queries

    def subquery(self, query: tree.Query, level: Level) -> tuple[Pieces, tuple[BoundColumn, ...]]:
        """Bind a query within an expression; its result's columns have no name there."""
        raise NotImplementedError

    def existing(self, query: tree.Query, level: Level) -> Pieces:
        """Bind a query that is asked only whether it has rows."""
        raise NotImplementedError

    def table(self, node: tree.Table, level: Level) -> tuple[Pieces, Source]:
        """Bind a relation that is named where a source may stand."""
        raise NotImplementedError
