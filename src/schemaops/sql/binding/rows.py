"""Data statements bound: which rows and columns they write, and what they read for it."""

from __future__ import annotations

import re
from dataclasses import replace

from schemaops.names import Address, Kind, Name
from schemaops.operations.rows import NOT_LITERAL, Literal
from schemaops.schema.expressions import Expression, Piece, Pieces
from schemaops.sql import tree
from schemaops.sql.binding.queries import QueryBinder
from schemaops.sql.binding.readings import binder_for, reading
from schemaops.sql.binding.sources import BoundColumn, Level, Source
from schemaops.sql.grammar import parse_rows
from schemaops.sql.lexer import Token, TokenKind, tokens
from schemaops.sql.names import fold, quote
from schemaops.sql.queries import RowStatement
from schemaops.sql.scope import NotUnderstood, Reading, Relation, Scope, Wrong
from schemaops.sql.tree import Node
from schemaops.sql.unread import merged, with_holes

__all__ = ["bind_rows", "literal"]


def bind_rows(
    text: str, dialect: str, scope: Scope, given: tuple[Token, ...] | None = None
) -> RowStatement:
    """Return what a data statement comes to, whose tokens may be given; raise NotUnderstood."""
    if given is None:
        given = tuple(tokens(text, dialect))
    node = parse_rows(text, dialect, given)
    rows = _Rows(text, given, dialect, scope)
    found = rows.truncate(node) if isinstance(node, tree.Truncate) else rows.statement(node)
    # All that is read is read by the statement as a whole.
    besides = tuple(
        replace(one, reading=replace(found.reading, expression=Expression(())))
        for one in rows.besides
    )
    return replace(found, besides=besides)


_ROWIDS = frozenset({"rowid", "oid", "_rowid_"})


class _Rows:
    def __init__(self, text: str, given: tuple[Token, ...], dialect: str, scope: Scope) -> None:
        self.text = text
        self.given = given
        self.dialect = dialect
        self.binder: QueryBinder = binder_for(text, dialect, scope)
        self.besides: list[RowStatement] = []
        self.around: Level | None = self.binder.row_level(scope) if scope.rows else None

    def statement(self, node: tree.Insert | tree.Update | tree.Delete | tree.Merge) -> RowStatement:
        """What a statement or a common table expression that writes comes to."""
        match node:
            case tree.Insert():
                return self.insert(node)
            case tree.Update():
                return self.update(node)
            case tree.Delete():
                return self.delete(node)
            case tree.Merge():
                return self.merge(node)

    # -- parts

    def target(self, node: tree.Table, level: Level) -> tuple[Address, Relation | None, Source]:
        """The relation written to, visible under its alias or name."""
        relation = self.binder.relation(node.path)
        if relation is None:
            path = tuple(self.binder.folded(part, Kind.TABLE) for part in node.path)
            source = Source(path[-1], (".".join(path),), None)
            level.sources.append(source)
            return Address(Kind.TABLE, path), None, source
        source = self.binder.source_of(relation, node.alias)
        level.sources.append(source)
        return relation.at, relation, source

    def written(self, token: Token, relation: Relation | None) -> Address | None:
        """The column that a target names, noted as mentioned and not as read."""
        if relation is None:
            return None
        name = self.binder.folded(token)
        column = relation.column(name)
        if column is None:
            if self.dialect != "sqlite" or name not in _ROWIDS:
                self.binder.problem(Wrong.COLUMN, (token,))
            return None
        self.binder.mention(token, column.at)
        self.binder.hole(token, token, column.at)
        return column.at

    def part(self, normal: Pieces, start: int, end: int) -> Expression:
        """A part of the statement as an expression of its own."""
        inside = [
            (first - start, last - start, at)
            for first, last, at in sorted(set(self.binder.holes), key=lambda hole: hole[:2])
            if start <= first and last <= end
        ]
        return Expression(normal, with_holes(self.text[start:end], inside))

    def where(self, item: tree.Item | None, level: Level) -> Expression | None:
        if item is None:
            return None
        term = self.binder.condition(item.value, level)
        return self.part(term.pieces, item.start, item.end)

    def assigned(
        self, sets: tuple[tree.SetItem, ...], level: Level, relation: Relation | None
    ) -> tuple[tuple[Address, Expression], ...]:
        """Assignments to columns of one relation, bound."""
        found: list[tuple[Address, Expression]] = []
        for item in sets:
            columns = [self.written(column.parts[-1], relation) for column in item.columns]
            for column in item.columns:
                self.qualifier(column, level)
            values = [item.value]
            if item.several and isinstance(item.value, tree.Row):
                values = list(item.value.items)
            terms = self.binder.all(values, level)
            if len(terms) != len(columns):
                terms = [terms[0]] * len(columns)
            for at, term in zip(columns, terms, strict=True):
                if at is not None:
                    found.append((at, self.part(term.pieces, item.start, item.end)))
        return tuple(found)

    def qualifier(self, column: tree.Column, level: Level) -> None:
        """Note a relation's name before a column that is assigned."""
        if len(column.parts) > 1:
            named = level.named(self.binder.folded(column.parts[-2], Kind.TABLE))
            if named is None:
                self.binder.problem(Wrong.COLUMN, column.parts)
            elif named[0].relation is not None:
                self.binder.refer(column.parts[:-1], named[0].relation)

    def rest(
        self,
        level: Level,
        order: tuple[tree.Sort, ...],
        limit: Node | None,
        returning: tuple[tree.Item, ...],
    ) -> None:
        """Bind what only reads: ORDER BY, LIMIT, RETURNING."""
        if order:
            self.binder.sorts(order, level)
        if limit is not None:
            self.binder.bind(limit, level)
        if returning and self.dialect == "postgres" and level.sources:
            target = level.sources[0]
            both = [Source(Name(row), target.pieces, target.columns) for row in ("old", "new")]
            level = replace(level, outer=Level(level.outer, both))
        for item in returning:
            self.binder.bind(item.value, level)

    def ctes(self, ctes: tuple[tree.Cte, ...]) -> Level:
        level = Level(self.around)
        for cte in ctes:
            if cte.statement is None:
                self.binder.cte(cte, level, recursive=cte.recursive)
                continue
            around, self.around = self.around, level
            self.besides.append(self.statement(cte.statement))
            self.around = around
            level.ctes[self.binder.folded(cte.name, Kind.TABLE)] = self._returned(cte)
        return level

    def _returned(self, cte: tree.Cte) -> tuple[BoundColumn, ...] | None:
        """Return what RETURNING gives a common table expression; None where that has no sure names."""
        found = []
        for item in getattr(cte.statement, "returning", ()):
            if item.alias is not None:
                found.append(self.binder.folded(item.alias, Kind.COLUMN))
            elif isinstance(item.value, tree.Column):
                found.append(self.binder.folded(item.value.parts[-1], Kind.COLUMN))
            else:
                return None
        return tuple(map(BoundColumn, found)) if found and not cte.columns else None

    def done(self) -> Reading:
        """What was read, with the whole statement as its expression."""
        holes = sorted(set(self.binder.holes), key=lambda hole: hole[:2])
        return reading(self.binder, _by_tokens(self.given, self.dialect, holes))

    # -- statements

    def insert(self, node: tree.Insert) -> RowStatement:
        outer = self.ctes(node.ctes)
        level = Level(outer)
        at, relation, source = self.target(node.table, level)
        named = [self.written(token, relation) for token in node.columns or ()]
        columns = tuple(column for column in named if column is not None)
        values = None
        width = 0
        if node.source is not None:
            body = node.source.body
            if isinstance(body, tree.Values):
                for row in body.rows:
                    self.binder.all(row, level if self.dialect == "mysql" else outer)
                width = len(body.rows[0])
                kept = tuple(tuple(literal(v, self.dialect) for v in row) for row in body.rows)
                # A rowid is written too, and is no column.
                places = [place for place, at in enumerate(named) if at is not None]
                if len(places) < len(named):
                    kept = tuple(tuple(row[p] for p in places if p < len(row)) for row in kept)
                values = kept
            else:
                bound = self.binder.query(node.source, outer)
                width = len(bound.outputs or ())
                if bound.outputs is None and relation is not None:
                    width = len([column for column in relation.columns if not column.hidden])
        positional = node.columns is None and node.source is not None
        if positional and relation is not None:
            seen = [column.at for column in relation.columns if not column.hidden]
            columns = tuple(seen[:width])
        conflict, updated = self.conflicts(node, level, relation, source)
        self.rest(level, (), None, node.returning)
        return RowStatement(
            "insert", at, columns, positional, values, (), None, conflict, updated, self.done()
        )

    def conflicts(
        self, node: tree.Insert, level: Level, relation: Relation | None, source: Source
    ) -> tuple[str | None, tuple[Address, ...]]:
        action = None
        updated: list[Address] = []
        inner = Level(level.outer)
        inner.sources.append(source)
        excluded = Source(Name("excluded"), ("excluded",), source.columns)
        if node.alias is not None:
            name = self.binder.folded(node.alias, Kind.TABLE)
            shown = [self.binder.folded(token) for token in node.columns or ()]
            listed = tuple(map(BoundColumn, shown)) or source.columns
            excluded = self.binder.renamed(Source(name, (str(name),), listed), node.names)
        for conflict in node.conflicts:
            action = conflict.action or action
            if conflict.targets:
                self.binder.all(conflict.targets, inner)
            if conflict.target_where is not None:
                self.binder.condition(conflict.target_where, inner)
            both = Level(level.outer)
            both.sources.append(source)
            if self.dialect != "mysql":
                both = _target_first(source, excluded, level.outer)
            elif node.alias is not None:
                both.sources.append(excluded)
            elif node.source is not None and isinstance(node.source.body, tree.Select):
                # What the query reads is seen too.
                for read in node.source.body.sources:
                    self.binder.source(read, both)
            sets = self.assigned(conflict.sets, both, relation)
            updated += [column for column, _ in sets]
            if conflict.where is not None:
                self.binder.condition(conflict.where, both)
        return action, tuple(dict.fromkeys(updated))

    def update(self, node: tree.Update) -> RowStatement:
        level = Level(self.ctes(node.ctes))
        if self.dialect == "mysql":
            for source in node.targets:
                self.binder.source(source, level)
            tables = list(_tables(node.targets))
            parted = self.by_table(node.sets, tables, level)
            *others, (table, items) = parted
            for other, assigned in others:
                found = self.found(other)
                its = found.at if found else Address(Kind.TABLE, self.path(other))
                changes = self.assigned(tuple(assigned), level, found)
                written = tuple(dict.fromkeys(column for column, _ in changes))
                self.besides.append(_plain("update", its, written, changes))
            node = replace(node, sets=tuple(items))
            relation = self.found(table)
            at = relation.at if relation else Address(Kind.TABLE, self.path(table))
        else:
            target = node.targets[0]
            if not isinstance(target, tree.Table):
                raise NotUnderstood("UPDATE of what is no table")
            at, relation, _ = self.target(target, level)
        for source in node.sources:
            self.binder.source(source, level)
        sets = self.assigned(node.sets, level, relation)
        where = self.where(node.where, level)
        self.rest(level, node.order, node.limit, node.returning)
        columns = tuple(dict.fromkeys(column for column, _ in sets))
        return RowStatement("update", at, columns, False, None, sets, where, None, (), self.done())

    def by_table(
        self, sets: tuple[tree.SetItem, ...], tables: list[tree.Table], level: Level
    ) -> list[tuple[tree.Table, list[tree.SetItem]]]:
        """The tables that an UPDATE assigns to, each with its assignments."""
        if len(tables) == 1:
            return [(tables[0], list(sets))]
        found: dict[int, list[tree.SetItem]] = {}
        for item in sets:
            owners = {
                owner for column in item.columns for owner in self.owners(column, tables, level)
            }
            if len(owners) != 1:
                raise NotUnderstood("an assignment whose table is not plain to see")
            found.setdefault(owners.pop(), []).append(item)
        return [(tables[place], items) for place, items in found.items()]

    def owners(self, column: tree.Column, tables: list[tree.Table], level: Level) -> set[int]:
        name = self.binder.folded(column.parts[-1])
        if len(column.parts) > 1:
            qualifier = self.binder.folded(column.parts[-2], Kind.TABLE)
            return {
                place
                for place, table in enumerate(tables)
                if self.binder.folded(table.alias or table.path[-1], Kind.TABLE) == qualifier
            }
        owners = set()
        for place, table in enumerate(tables):
            relation = self.found(table)
            if relation is None or relation.column(name) is not None:
                owners.add(place)
        del level
        return owners

    def path(self, table: tree.Table) -> tuple[Name, ...]:
        return tuple(self.binder.folded(part, Kind.TABLE) for part in table.path)

    def found(self, table: tree.Table) -> Relation | None:
        """A table's relation, without noting anything."""
        return self.binder.scope.resolver.relation(self.path(table))

    def delete(self, node: tree.Delete) -> RowStatement:
        level = Level(self.ctes(node.ctes))
        tables = list(_tables(node.sources))
        target = tables[0] if tables else None
        if node.named:
            targets = [self.named(path, tables) for path in node.named]
            target = targets[-1]
            for other in targets[:-1]:
                found = self.found(other)
                its = found.at if found else Address(Kind.TABLE, self.path(other))
                self.besides.append(_plain("delete", its))
        elif len(node.sources) != 1 or not isinstance(node.sources[0], tree.Table):
            raise NotUnderstood("a DELETE from what is no table")
        if target is None:
            raise NotUnderstood("a DELETE whose table is not among its sources")
        for source in (*node.sources, *node.using):
            self.binder.source(source, level)
        for path in node.named:
            named = level.named(fold(path[-1].text, self.dialect, Kind.TABLE))
            if named is not None and named[0].relation is not None:
                self.binder.refer(path, named[0].relation)
        relation = self.found(target)
        at = relation.at if relation else Address(Kind.TABLE, self.path(target))
        where = self.where(node.where, level)
        self.rest(level, node.order, node.limit, node.returning)
        return RowStatement("delete", at, (), False, None, (), where, None, (), self.done())

    def named(self, path: tuple[Token, ...], tables: list[tree.Table]) -> tree.Table:
        """The table among a DELETE's sources that goes by a name."""
        name = fold(path[-1].text, self.dialect, Kind.TABLE)
        for table in tables:
            if self.path(table)[-1] == name or _alias(table, self.dialect) == name:
                return table
        raise NotUnderstood("a DELETE whose table is not among its sources")

    def merge(self, node: tree.Merge) -> RowStatement:
        level = Level(self.ctes(node.ctes))
        at, relation, _ = self.target(node.table, level)
        self.binder.source(node.source, level)
        self.binder.condition(node.on, level)
        found: list[RowStatement] = []
        for branch in node.branches:
            if branch.condition is not None:
                self.binder.condition(branch.condition, level)
            sets = self.assigned(branch.sets, level, relation)
            columns = tuple(dict.fromkeys(column for column, _ in sets))
            if branch.action == "insert":
                named = [self.written(token, relation) for token in branch.columns or ()]
                columns = tuple(column for column in named if column is not None)
                self.binder.all(branch.values, level)
                if branch.columns is None and relation is not None:
                    columns = tuple(c.at for c in relation.columns[: len(branch.values)])
            if branch.action != "nothing":
                positional = branch.action == "insert" and branch.columns is None
                found.append(_plain(branch.action, at, columns, sets, positional=positional))
        self.rest(level, (), None, node.returning)
        if not found:
            raise NotUnderstood("a MERGE that does nothing")
        *others, last = found
        self.besides += others
        return replace(last, reading=self.done())

    def truncate(self, node: tree.Truncate) -> RowStatement:
        if "CASCADE" in node.options:
            raise NotUnderstood("a TRUNCATE with CASCADE takes along what the schema tells")
        found = [self.target(table, Level())[0] for table in node.tables]
        self.besides += [_plain("truncate", at) for at in found[:-1]]
        return replace(_plain("truncate", found[-1]), reading=self.done())


def _plain(
    verb: str,
    at: Address,
    columns: tuple[Address, ...] = (),
    sets: tuple[tuple[Address, Expression], ...] = (),
    *,
    positional: bool = False,
) -> RowStatement:
    nothing = Reading(Expression(()))
    return RowStatement(verb, at, columns, positional, None, sets, None, None, (), nothing)


def _target_first(target: Source, excluded: Source, outer: Level | None) -> Level:
    """A level where bare names are the target's, and `excluded` can be named."""
    around = Level(outer)
    around.sources.append(excluded)
    level = Level(around)
    level.sources.append(target)
    return level


def _tables(sources: tuple[tree.From, ...]) -> list[tree.Table]:
    found: list[tree.Table] = []
    for source in sources:
        if isinstance(source, tree.Table):
            found.append(source)
        elif isinstance(source, tree.Join):
            found += _tables((source.left, source.right))
    return found


def _alias(table: tree.Table, dialect: str) -> Name | None:
    return None if table.alias is None else fold(table.alias.text, dialect, Kind.TABLE)


_NUMBER = re.compile(r"-?(\d+)(\.\d*)?\Z")


def literal(node: Node, dialect: str) -> Literal:
    """Return a literal's value, or NOT_LITERAL for what is computed when the statement runs."""
    match node:
        case tree.Number(text=text):
            found = _NUMBER.match(text)
            if found is None:
                return NOT_LITERAL
            return float(text) if found[2] else int(text)
        case tree.String(value=value):
            return value
        case tree.Constant(text="NULL"):
            return None
        case tree.Constant(text="TRUE"):
            return True
        case tree.Constant(text="FALSE"):
            return False
        case tree.Constant(text=text) if text[:2] in {"X'", "x'"} and dialect != "postgres":
            digits = text[2:-1]
            return bytes.fromhex(digits) if len(digits) % 2 == 0 else NOT_LITERAL
        case tree.Cast(operand=tree.String(value=value), type=kind) if dialect == "postgres":
            plain = len(kind) == 1 and kind[0].text.lower() in {"text", "varchar", "uuid", "json"}
            return value if plain else NOT_LITERAL
    return NOT_LITERAL


def _by_tokens(
    given: tuple[Token, ...], dialect: str, holes: list[tuple[int, int, Address]]
) -> Pieces:
    """A statement's tokens, layout and case of words apart, with the holes in their places."""
    at = {start: (end, address) for start, end, address in holes}
    pieces: list[Piece] = []
    past = -1
    for token in given:
        if token.start < past:
            continue
        hole = at.get(token.start)
        if hole is not None:
            past = hole[0]
            pieces += [hole[1], " "]
        elif token.text == ";":
            continue
        elif token.kind is TokenKind.WORD:
            pieces += [token.text.lower(), " "]
        elif token.kind is TokenKind.QUOTED:
            pieces += [quote(fold(token.text, dialect), dialect), " "]
        else:
            pieces += [token.text, " "]
    return merged(pieces[:-1])
