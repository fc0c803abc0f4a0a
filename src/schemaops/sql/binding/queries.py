"""Queries bound: their sources, what they select under which names, and their normal form."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from schemaops.names import Address, Kind, Name
from schemaops.schema.expressions import Pieces
from schemaops.sql import tree
from schemaops.sql.binding.binder import Binder
from schemaops.sql.binding.naming import output_name
from schemaops.sql.binding.sources import BoundColumn, Exposed, Level, Source
from schemaops.sql.binding.terms import ATOM, Term, joined, listed, within
from schemaops.sql.lexer import Token
from schemaops.sql.tree import Node

__all__ = ["Bound", "Part", "QueryBinder", "Selected"]


@dataclass(frozen=True, slots=True)
class Selected:
    """A column of a result: its name, its value, the column it shows if it is one just so.

    `labels` is how often each relation had come before it.
    """

    name: Name
    value: Term
    shows: BoundColumn | None = None
    labels: dict[str | Address, int] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound query: its normal form and its result's columns; None where they are not known.

    `shown` gives the form with other values in the columns' places, where that can be.
    """

    pieces: Pieces
    outputs: tuple[Selected, ...] | None
    shown: Callable[[Sequence[Selected | Pieces]], Pieces] | None = field(
        default=None, compare=False
    )

    def columns(self, names: Sequence[Name] = ()) -> tuple[BoundColumn, ...] | None:
        """The result's columns, the first ones under other names."""
        if self.outputs is None:
            return tuple(map(BoundColumn, names)) if names else None
        given = [*names, *(o.name for o in self.outputs[len(names) :])]
        return tuple(
            BoundColumn(name, None, output.value.type, row=output.value.row, rows=output.value.rows)
            for name, output in zip(given, self.outputs, strict=False)
        )


@dataclass(frozen=True, slots=True)
class Part:
    """An element of FROM: its normal form and the columns that `*` shows of it."""

    pieces: Pieces
    exposed: tuple[Exposed, ...] | None
    is_join: bool = False


class QueryBinder(Binder, ABC):
    """Binds queries."""

    # Whether `*` stands for the columns of the moment, as where the engine stores it expanded.
    expands = True
    # Whether a RIGHT JOIN is turned round, so that its right side comes first.
    turns = False

    def subquery(self, query: tree.Query, level: Level) -> tuple[Pieces, tuple[BoundColumn, ...]]:
        """Bind a query within an expression; its result's columns have no name there."""
        bound = self.query(query, level, named=False)
        return bound.pieces, bound.columns() or ()

    def query(
        self,
        query: tree.Query,
        outer: Level | None,
        *,
        named: bool = True,
        names: tuple[Name, ...] = (),
    ) -> Bound:
        """Bind a query; `names` rename its first columns, and without `named` none is shown."""
        level = Level(outer)
        parts: list[Pieces] = []
        if query.ctes:
            # In SQLite every one may name itself.
            recursive = query.recursive or self.dialect == "sqlite"
            ctes = [self.cte(cte, level, recursive=recursive) for cte in query.ctes]
            word = "WITH RECURSIVE " if query.recursive else "WITH "
            parts.append(joined(word, listed(ctes), " "))
        body, inner = self.body(query.body, level, named=named, names=names)
        parts.append(body.pieces)
        if query.order:
            order = self.ordered(query.order, inner, body, query.body)
            parts.append(joined(" ORDER BY ", order))
        if query.limit is not None:
            limit = self.count(query.limit, inner)
            parts.append(joined(" LIMIT ", limit, " WITH TIES" if query.ties else ""))
        if query.offset is not None:
            parts.append(joined(" OFFSET ", self.count(query.offset, inner)))
        for lock in query.locks:
            parts.append((f" {lock}",))
        return Bound(joined(*parts), body.outputs)

    def existing(self, query: tree.Query, level: Level) -> Pieces:
        """Bind a query that is asked only whether it has rows."""
        return self.subquery(query, level)[0]

    def count(self, node: Node, level: Level) -> Term:
        """A number of rows."""
        return self.bind(node, level)

    def cte(self, node: tree.Cte, level: Level, *, recursive: bool) -> Pieces:
        name = self.folded(node.name, Kind.TABLE)
        given = tuple(map(self.folded, node.columns))
        inner = Level(level)
        body = node.query.body
        if recursive and isinstance(body, tree.Compound) and not node.query.ctes:
            # The part that does not recurse says what the columns are.
            left, _ = self.body(body.left, inner, named=True, names=given)
            level.ctes[name] = left.columns(given)
            right, _ = self.body(body.right, inner, named=False, names=())
            bound = self.compounded(body, left, right)
            if node.query.order or node.query.limit is not None:
                self.vague = True
        else:
            if recursive:
                level.ctes[name] = tuple(map(BoundColumn, given)) if given else None
            bound = self.query(node.query, level, names=given)
        level.ctes[name] = bound.columns(given)
        columns = joined("(", listed([self.quoted(n) for n in given]), ")") if given else ""
        materialized = f"{node.materialized} " if node.materialized else ""
        return joined(self.quoted(name), columns, f" AS {materialized}(", bound.pieces, ")")

    def body(
        self, body: tree.Body, outer: Level, *, named: bool, names: tuple[Name, ...]
    ) -> tuple[Bound, Level]:
        """Bind a query's body; return it, and the level that its ORDER BY sees."""
        match body:
            case tree.Select():
                return self.select(body, outer, named=named, names=names)
            case tree.Compound():
                left, _ = self.body(body.left, outer, named=named, names=names)
                right, _ = self.body(body.right, outer, named=False, names=())
                bound = self.compounded(body, left, right)
                level = Level(outer)
                for output in bound.outputs or ():
                    level.outputs[output.name] = Term((self.quoted(output.name),))
                return bound, level
            case tree.Values():
                return self.values(body, outer), Level(outer)
            case tree.Query():
                bound = self.query(body, outer, named=named, names=names)
                return Bound(joined("(", bound.pieces, ")"), bound.outputs), Level(outer)

    def compounded(self, node: tree.Compound, left: Bound, right: Bound) -> Bound:
        """A set operation between two bound bodies."""
        left, right = self.matched(left, right)
        word = f" {node.operator} ALL " if node.every else f" {node.operator} "
        left_pieces, right_pieces = left.pieces, right.pieces
        if isinstance(node.left, tree.Compound) and node.left.operator != node.operator:
            left_pieces = joined("(", left_pieces, ")")
        if isinstance(node.right, tree.Compound):
            right_pieces = joined("(", right_pieces, ")")
        return Bound(joined(left_pieces, word, right_pieces), self.united(left, right))

    def matched(self, left: Bound, right: Bound) -> tuple[Bound, Bound]:
        """The sides of a set operation, each in the light of the other."""
        return left, right

    def united(self, left: Bound, right: Bound) -> tuple[Selected, ...] | None:
        """The columns of a set operation's result."""
        del right
        if left.outputs is None:
            return None
        return tuple(replace(output, shows=None) for output in left.outputs)

    def values(self, node: tree.Values, outer: Level) -> Bound:
        rows = [self.all(row, outer) for row in node.rows]
        return self.value_rows(rows)

    def value_rows(self, rows: list[list[Term]]) -> Bound:
        shown = [joined("(", listed(row), ")") for row in rows]
        outputs = tuple(
            Selected(Name(f"column{place}"), value) for place, value in enumerate(rows[0], 1)
        )
        return Bound(joined("VALUES ", listed(shown)), outputs)

    # -- SELECT

    def select(
        self, node: tree.Select, outer: Level, *, named: bool, names: tuple[Name, ...]
    ) -> tuple[Bound, Level]:
        level = Level(outer)
        parts = [self.source(source, level) for source in node.sources]
        outputs, items = self.items(node, level, parts, names)
        before: list[str | Pieces] = ["SELECT "]
        if node.distinct_on:
            keys = [self.grouped(key, level, outputs) for key in node.distinct_on]
            before += ["DISTINCT ON (", listed(keys), ") "]
        elif node.distinct:
            before.append("DISTINCT ")
        pieces: list[str | Pieces] = []
        if parts:
            pieces += [" FROM ", self.listed_sources(parts)]
        for output in outputs or ():
            level.outputs.setdefault(output.name, output.value)
        if node.where is not None:
            pieces += [" WHERE ", self.condition(node.where, level).pieces]
        if node.group:
            keys = [self.grouped(key, level, outputs) for key in _apart(node.group)]
            if self.dialect == "postgres":
                keys = list(dict.fromkeys(keys))
            pieces += [" GROUP BY ", listed(keys), " WITH ROLLUP" if node.rollup else ""]
        if node.having is not None:
            pieces += [" HAVING ", self.having(node.having, level).pieces]
        if node.windows:
            windows = [
                joined(self.quoted(self.folded(name)), " AS (", self.window(window, level), ")")
                for name, window in node.windows
            ]
            pieces += [" WINDOW ", listed(windows)]

        def shown(listing: Sequence[Selected | Pieces]) -> Pieces:
            return joined(*before, self.listed_items(listing, named=named), *pieces)

        return Bound(
            shown(items), outputs, shown if len(items) == len(outputs or ()) else None
        ), level

    def listed_items(self, items: Sequence[Selected | Pieces], *, named: bool) -> Pieces:
        """What SELECT lists, with the columns' names where they count."""
        listing = []
        for item in items:
            if not isinstance(item, Selected):
                listing.append(item)
            elif named:
                listing.append(joined(self.output(item), " AS ", self.label(item)))
            else:
                listing.append(self.output(item))
        return listed(listing)

    def output(self, item: Selected) -> Pieces:
        """A column of the result as it stands in the normal form."""
        return item.value.pieces

    def label(self, item: Selected) -> str | Pieces:
        """The name of a column of the result as it stands in the normal form."""
        return self.quoted(item.name)

    def listed_sources(self, parts: list[Part]) -> Pieces:
        """Sources with commas between them."""
        return listed([part.pieces for part in parts])

    def items(
        self, node: tree.Select, level: Level, parts: list[Part], names: tuple[Name, ...]
    ) -> tuple[tuple[Selected, ...] | None, list[Selected | Pieces]]:
        """The result's columns (None where `*` shows what is not known), and what is listed."""
        outputs: list[Selected] = []
        shown: list[Selected | Pieces] = []
        known = True
        for item in node.items:
            if not isinstance(item.value, tree.Star):
                selected = self.item(item, level, names[len(outputs) : len(outputs) + 1])
                outputs.append(selected)
                shown.append(selected)
                continue
            exposed = self.starred(item.value, level, parts)
            if exposed is not None and self.expands and item.end:
                self.stars.append((item.start, item.end, self.each_named(exposed, level)))
            if exposed is None:
                known = False
                self.vague = True
                shown.append(self.bind(item.value, level).pieces)
                continue
            columns = [
                self.exposed(e, level, names, len(outputs) + i) for i, e in enumerate(exposed)
            ]
            outputs += columns
            if self.expands or names:
                shown += columns
            else:
                shown.append(self.kept_star(item.value, level))
        return (tuple(outputs) if known else None), shown

    def each_named(self, exposed: tuple[Exposed, ...], level: Level) -> Pieces:
        """What an author would write for the columns that `*` shows."""
        names = [e.column.at or self.quoted(e.column.name) for e in exposed]
        return listed(
            [
                joined(self.qualifier(shown, level), (name,))
                for shown, name in zip(exposed, names, strict=True)
            ]
        )

    def qualifier(self, shown: Exposed, level: Level) -> Pieces:
        """What is to stand before a column that `*` shows."""
        source = shown.source
        if source is None or not str(source.name):
            return ()
        if shown.column.name in level.merged and self.dialect != "mysql":
            return ()
        return (source.relation or self.quoted(source.name), ".")

    def kept_star(self, star: tree.Star, level: Level) -> Pieces:
        """`*` where the engine keeps it."""
        if not star.parts:
            return ("*",)
        found = level.named(self.folded(star.parts[-1], Kind.TABLE))
        return ("*",) if found is None else joined(found[0].pieces, ".*")

    def exposed(
        self, shown: Exposed, level: Level, names: tuple[Name, ...], place: int
    ) -> Selected:
        """A column that `*` shows."""
        given = place < len(names)
        name = names[place] if given else shown.column.name
        return Selected(name, self.shown(shown, level), None if given else shown.column)

    def starred(
        self, star: tree.Star, level: Level, parts: list[Part]
    ) -> tuple[Exposed, ...] | None:
        """The columns that `*` or `t.*` shows."""
        if star.parts:
            found = level.named(self.folded(star.parts[-1], Kind.TABLE))
            if found is None:
                return None
            source = found[0]
            if source.columns is None:
                return None
            if source.relation is not None:
                self.refer(star.parts, source.relation)
            return tuple(Exposed(column, source) for column in source.columns if not column.hidden)
        exposed: list[Exposed] = []
        for part in parts:
            if part.exposed is None:
                return None
            exposed += (one for one in part.exposed if not one.column.hidden)
        return tuple(exposed)

    def item(self, item: tree.Item, level: Level, given: tuple[Name, ...]) -> Selected:
        labels = dict(self.labels)
        value = self.bind(item.value, level)
        name = given[0] if given else output_name(item, self.dialect, self.text)
        shows = None
        if isinstance(item.value, tree.Column) and not given and item.alias is None:
            shows = self.seen(item.value, level)
            if shows is not None and self.dialect == "sqlite":
                name = shows.name
        return Selected(name, value, shows, labels)

    def seen(self, node: tree.Column, level: Level) -> BoundColumn | None:
        """The column that a reference stands for, without noting anything."""
        name = self.folded(node.parts[-1])
        if len(node.parts) > 1:
            named = level.named(self.folded(node.parts[-2], Kind.TABLE))
            return None if named is None else named[0].column(name)
        here: Level | None = level
        while here is not None:
            found = here.having(name)
            if found:
                return found[0].column
            here = here.outer
        return None

    def ordered(
        self, order: tuple[tree.Sort, ...], level: Level, body: Bound, node: tree.Body
    ) -> Pieces:
        """The terms of a query's ORDER BY: places and names of the result are looked up."""
        terms = []
        for sort in order:
            value = self.by_place(sort.value, body)
            name = self.bare_name(sort.value)
            if value is None and name is not None:
                value = level.outputs.get(name)
            if value is None or not isinstance(node, tree.Select):
                value = self.by_number(sort.value, body) or value
            if value is None:
                value = self.again(sort.value, level, body.outputs or ())
            terms.append(self.sorted(sort, self.keyed(value, order=True)))
        return listed(terms)

    def again(self, node: Node, level: Level, outputs: Sequence[Selected]) -> Term:
        """An expression of ORDER BY or GROUP BY; one that is selected, as it stands there.

        What is counted within it would else be counted twice.
        """
        if _asks(node):
            labels = self.labels
            for output in outputs:
                if output.labels is not None:
                    self.labels = dict(output.labels)
                    term = self.bind(node, level)
                    self.labels = labels
                    if term.pieces == output.value.pieces:
                        return output.value
        return self.bind(node, level)

    def by_number(self, node: Node, body: Bound) -> Term | None:
        """A set operation's column by its place, however it was named."""
        name = self.bare_name(node)
        for place, output in enumerate(body.outputs or (), 1):
            if name is not None and output.name == name:
                return Term((str(place),))
        if isinstance(node, tree.Number):
            return Term((node.text,))
        return None

    def by_place(self, node: Node, body: Bound) -> Term | None:
        """The column of the result at a place."""
        if isinstance(node, tree.Number) and node.text.isdigit() and body.outputs:
            place = int(node.text)
            if 1 <= place <= len(body.outputs):
                return body.outputs[place - 1].value
        return None

    def bare_name(self, node: Node) -> Name | None:
        if isinstance(node, tree.Column) and len(node.parts) == 1:
            return self.folded(node.parts[0])
        return None

    def grouped(self, node: Node, level: Level, outputs: tuple[Selected, ...] | None) -> Pieces:
        """A key of GROUP BY: a source's column before the result's, a number for its place."""
        if isinstance(node, tree.Special) and node.name in {"ROLLUP", "CUBE", "GROUPING SETS"}:
            inner = [
                self.grouped(part, level, outputs)
                for part in node.parts
                if not isinstance(part, str)
            ]
            if node.name == "GROUPING SETS":
                return joined("GROUPING SETS (", listed(inner), ")")
            return joined(node.name, " ", listed(inner))
        if isinstance(node, tree.Row):
            return joined("(", listed([self.grouped(i, level, outputs) for i in node.items]), ")")
        value = self.by_place(node, Bound((), outputs))
        name = self.bare_name(node)
        if value is None and name is not None and not self.is_visible(name, level):
            value = level.outputs.get(name)
        if value is None:
            value = self.again(node, level, outputs or ())
        return within(self.keyed(value), ATOM)

    def keyed(self, value: Term, *, order: bool = False) -> Term:
        """A value that rows are grouped or, in `order`, sorted by."""
        del order
        return value

    def is_visible(self, name: Name, level: Level) -> bool:
        """Whether a source of this level has a column of that name."""
        return bool(level.having(name))

    def having(self, node: Node, level: Level) -> Term:
        """The condition of HAVING."""
        return self.condition(node, level)

    # -- FROM

    def source(self, node: tree.From, level: Level) -> Part:
        """Bind an element of FROM, and make its sources visible."""
        match node:
            case tree.Table():
                pieces, source = self.table(node, level)
                level.sources.append(source)
                return Part(pieces, self.exposing(source))
            case tree.Derived():
                return self.derived(node, level)
            case tree.Function():
                return self.function_source(node, level)
            case tree.Join():
                return self.join(node, level)

    def exposing(self, source: Source) -> tuple[Exposed, ...] | None:
        if source.columns is None:
            return None
        return tuple(Exposed(column, source) for column in source.columns)

    def table(self, node: tree.Table, level: Level) -> tuple[Pieces, Source]:
        """Bind a relation that is named where a source may stand."""
        name = self.folded(node.path[-1], Kind.TABLE)
        called = name if node.alias is None else self.folded(node.alias, Kind.TABLE)
        is_cte, columns = level.cte(name) if len(node.path) == 1 else (False, None)
        relation = None if is_cte else self.relation(node.path)
        if relation is not None:
            source = self.source_of(relation, node.alias)
        else:
            spelled = ".".join(self.quoted(self.folded(p, Kind.TABLE)) for p in node.path)
            source = Source(called, self.label_for(spelled), columns)
        source = self.renamed(source, node.columns)
        only = "ONLY " if node.only else ""
        options = listed(self.mixed(node.options, level), " ")
        return joined(only, source.pieces, " " if options else "", options), source

    def renamed(self, source: Source, columns: tuple[Token, ...]) -> Source:
        """A source with its first columns renamed by an alias list.

        The normal form shows them by their own names: PostgreSQL makes up lists where names clash.
        """
        names = tuple(map(self.folded, columns))
        if source.columns is None:
            return source if not names else replace(source, columns=tuple(map(BoundColumn, names)))
        own = [column.shown or column.name for column in source.columns]
        found = []
        for place, column in enumerate(source.columns):
            # Names that come twice say nothing without their place.
            shown = own[place] if own.count(own[place]) == 1 else f"{own[place]}@{place + 1}"
            if place < len(names) and names[place] != column.name:
                column = replace(column, name=names[place], shown=shown)
            elif shown != column.name:
                column = replace(column, shown=shown)
            found.append(column)
        return replace(source, columns=tuple(found))

    def derived(self, node: tree.Derived, level: Level) -> Part:
        bound = self.query(node.query, level if node.lateral else level.outer)
        name = Name("") if node.alias is None else self.folded(node.alias, Kind.TABLE)
        source = Source(name, self.label_for(""), bound.columns())
        source = self.renamed(source, node.columns)
        level.sources.append(source)
        lateral = "LATERAL " if node.lateral else ""
        pieces = joined(lateral, "(", bound.pieces, ") AS ", source.pieces)
        return Part(pieces, self.exposing(source))

    def function_source(self, node: tree.Function, level: Level) -> Part:
        names = tuple(map(self.folded, node.columns))
        if isinstance(node.call, tree.Json) and node.call.columns:
            return self.json_table(node, node.call, level)
        call = self.bind(node.call, level)
        path = node.call.name if isinstance(node.call, tree.Call) else ()
        own = self.folded(path[-1]) if path else Name("")
        name = own if node.alias is None else self.folded(node.alias, Kind.TABLE)
        columns: tuple[BoundColumn, ...] | None = None
        shown: Pieces = ()
        if node.types:
            columns = tuple(map(BoundColumn, names))
            shown = listed(
                [
                    joined(self.quoted(n), " ", self.type_pieces(t))
                    for n, t in zip(names, node.types, strict=True)
                ]
            )
        else:
            columns = self.function_columns(call, name, names, ordinality=node.ordinality)
            shown = listed([self.quoted(c.name) for c in columns or ()])
        source = Source(name, self.label_for(""), columns)
        level.sources.append(source)
        ordinality = " WITH ORDINALITY" if node.ordinality else ""
        alias = joined(" AS ", source.pieces, joined("(", shown, ")") if shown else "")
        return Part(joined(call, ordinality, alias), self.exposing(source))

    def json_table(self, node: tree.Function, call: tree.Json, level: Level) -> Part:
        """JSON_TABLE in FROM, which PostgreSQL alone has here."""
        raise NotImplementedError

    def function_columns(
        self, call: Term, name: Name, names: tuple[Name, ...], *, ordinality: bool
    ) -> tuple[BoundColumn, ...] | None:
        """The columns of a function in FROM, where they are known."""
        del call, name, ordinality
        return tuple(map(BoundColumn, names)) if names else None

    def join(self, node: tree.Join, level: Level) -> Part:
        """Bind a join; its condition sees its own two sides and what is around the query."""
        before, merged = len(level.sources), set(level.merged)
        if self.turns and node.kind == "RIGHT":
            right = self.source(node.right, level)
            left = self.source(node.left, level)
        else:
            left = self.source(node.left, level)
            right = self.source(node.right, level)
        using: tuple[Name, ...] = ()
        if node.natural:
            using = self.shared(left, right)
        elif node.using:
            using = tuple(map(self.folded, node.using))
            for token, name in zip(node.using, using, strict=True):
                for part in (left, right):
                    self.merging(token, name, part)
        exposed = self.joined_columns(node.kind, left, right, using, level)
        kind = node.kind
        condition: Pieces = ()
        if node.on is not None:
            sides = Level(level.outer, level.sources[before:])
            sides.merged = {n: e for n, e in level.merged.items() if n not in merged}
            condition = joined(" ON ", self.condition(node.on, sides))
        elif using:
            condition = self.merged_on(using, left, right, level)
            if node.alias is not None:
                condition = joined(condition, " AS ", self.quoted(self.folded(node.alias)))
        return Part(self.joining(kind, left, right, condition), exposed, is_join=True)

    def merged_on(self, using: tuple[Name, ...], left: Part, right: Part, level: Level) -> Pieces:
        """What USING says, in the words of the left side."""
        del right, level
        parts: list[Pieces] = []
        for name in using:
            found = [e.column for e in left.exposed or () if e.column.name == name]
            at = found[0].at if found else None
            parts.append((self.quoted(name),) if at is None else (at,))
        return joined(" USING (", listed(parts), ")")

    def joining(self, kind: str, left: Part, right: Part, condition: Pieces) -> Pieces:
        """Two elements joined, as they stand in the normal form."""
        if kind == "INNER" and not condition:
            kind = "CROSS"
        word = {"INNER": " JOIN ", "STRAIGHT": " STRAIGHT_JOIN "}.get(kind, f" {kind} JOIN ")
        right_pieces = joined("(", right.pieces, ")") if right.is_join else right.pieces
        return joined(left.pieces, word, right_pieces, condition)

    def shared(self, left: Part, right: Part) -> tuple[Name, ...]:
        """The columns that both sides of a NATURAL JOIN have."""
        if left.exposed is None or right.exposed is None:
            self.vague = True
            return ()
        there = {one.column.name for one in right.exposed if not one.column.hidden}
        shared = (e.column for e in left.exposed if e.column.name in there)
        return tuple(column.name for column in shared if not column.hidden)

    def merging(self, token: Token, name: Name, part: Part) -> None:
        """Note that USING names a side's column."""
        for exposed in part.exposed or ():
            if exposed.column.name == name:
                at = exposed.column.at
                if at is not None:
                    self.columns.add(at)
                    self.mention(token, at)

    def joined_columns(
        self, kind: str, left: Part, right: Part, using: tuple[Name, ...], level: Level
    ) -> tuple[Exposed, ...] | None:
        """The columns that a join shows; those merged come first, and count once."""
        if left.exposed is None or right.exposed is None:
            return None
        merged = []
        for name in using:
            side = right if kind == "RIGHT" else left
            found = next((e for e in side.exposed or () if e.column.name == name), None)
            if found is None:
                continue
            if kind == "FULL":
                found = Exposed(BoundColumn(name, None, found.column.type), None)
            level.merged[name] = found
            merged.append(found)
        rest = [e for e in (*left.exposed, *right.exposed) if e.column.name not in using]
        return (*merged, *rest)


def _asks(node: object) -> bool:
    """Whether a query stands anywhere in an expression."""
    if isinstance(node, tree.Query):
        return True
    if isinstance(node, tuple):
        return any(map(_asks, node))
    fields = getattr(type(node), "__dataclass_fields__", None)
    if fields is None or isinstance(node, Token):
        return False
    return any(_asks(getattr(node, name)) for name in fields)


def _apart(keys: Iterable[Node]) -> Iterator[Node]:
    """Yield the keys of GROUP BY, those in a parenthesis one by one."""
    for key in keys:
        if isinstance(key, tree.Row) and not key.explicit:
            yield from _apart(key.items)
        else:
            yield key
