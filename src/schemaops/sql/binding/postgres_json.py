"""SQL's own functions of JSON in PostgreSQL's normal form: every type that they return said, and
nothing that goes without saying."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemaops.schema.expressions import Pieces
from schemaops.sql import tree
from schemaops.sql.binding import coercion
from schemaops.sql.binding.coercion import PgType, Resolved
from schemaops.sql.binding.postgres_literals import canonical
from schemaops.sql.binding.sources import BoundColumn, Level
from schemaops.sql.binding.terms import Part, Term, joined, listed
from schemaops.sql.lexer import Token
from schemaops.sql.strings import string_literal

if TYPE_CHECKING:
    from schemaops.sql.binding.postgres import PostgresBinder

__all__ = ["JsonBinder", "json_columns"]

# What each returns where nothing is said.
_RETURNS = {
    "JSON_EXISTS": "bool",
    "JSON_QUERY": "jsonb",
    "JSON_VALUE": "text",
    "JSON_SERIALIZE": "text",
}
_NOT_SAID = frozenset({"JSON", "JSON_EXISTS", "JSON_SCALAR"})
_KEYED = frozenset({"JSON_OBJECT", "JSON_OBJECTAGG"})
# Names that the server makes up for paths.
_MADE_UP = re.compile(r"json_table_path_\d+\Z")


class JsonBinder:
    """Binds these functions with the binder of the text that they stand in."""

    def __init__(self, binder: PostgresBinder) -> None:
        self.binder = binder

    def bound(self, node: tree.Json, level: Level) -> Term:
        """Return a call's normal form."""
        binder = self.binder
        kind: PgType | None = _RETURNS.get(node.name, "json")
        shown: Pieces = (str(kind),)
        if node.returning:
            name = binder.type_read(node.returning)
            kind, shown = binder.known(name), name.pieces()
        if node.name == "JSON":
            binder.unspelled = True  # in versions before 17 it is a cast
        parts: list[Part] = [self.operands(node, level)]
        if node.path is not None:
            parts += [", ", self.path(node.path)]
        parts.append(self.passing(node, level))
        if node.order:
            parts += [" ORDER BY ", binder.sorts(node.order, level)]
        if node.name not in _NOT_SAID:
            parts += [" RETURNING ", shown]
        parts.append(self.rest(node, kind, level))
        call: list[Part] = [f"{node.name}(", *parts, ")"]
        if node.where is not None:
            call += [" FILTER (WHERE ", binder.condition(node.where, level), ")"]
        if isinstance(node.over, tree.Window):
            call += [" OVER (", binder.window(node.over, level), ")"]
        elif node.over is not None:
            call += [" OVER ", binder.quoted(binder.folded(node.over))]
        return Term(joined(*call), type=kind)

    def operands(self, node: tree.Json, level: Level) -> Pieces:
        """What a call is of."""
        terms = [self.binder.texted(term) for term in self.binder.all(node.operands, level)]
        if node.name not in _KEYED:
            return listed(terms)
        pairs = zip(terms[::2], terms[1::2], strict=True)
        return listed([joined(key, ": ", value) for key, value in pairs])

    def path(self, node: tree.String) -> Pieces:
        """A path, as the catalogue writes it."""
        known = canonical(node.value, "jsonpath")
        self.binder.unspelled |= known is None
        return (string_literal(node.value if known is None else known),)

    def passing(self, node: tree.Json, level: Level) -> Pieces:
        """The values that a path names."""
        found = []
        for value, name in node.passing:
            term = self.binder.texted(self.binder.bind(value, level))
            found.append(joined(term, " AS ", self.binder.quoted(self.binder.folded(name))))
        return joined(" PASSING ", listed(found)) if found else ()

    def rest(self, node: tree.Json, kind: PgType | None, level: Level) -> Pieces:
        """What is said beyond the defaults."""
        parts: list[Part] = [f" {word}" for word in node.words]
        for event, said, value in sorted(node.behaviors, key=lambda one: one[0]):
            given: Pieces = ()
            if value is not None:
                given = joined(" ", self.converted(value, kind, level))
            parts += [f" {said}", given, f" ON {event}"]
        return joined(*parts)

    def converted(self, value: tree.Node, kind: PgType | None, level: Level) -> Term:
        """A DEFAULT, of the type that is returned."""

        def resolve(kinds: tuple[PgType, ...]) -> Resolved | None:
            if kind is None or not coercion.can_assign(kinds[0], kind):
                return None
            return Resolved((kind,), kind)

        (term,), settled = self.binder.settle([self.binder.bind(value, level)], resolve)
        self.binder.unspelled |= settled is None
        return term

    # -- JSON_TABLE

    def table(self, node: tree.Json, level: Level) -> Pieces:
        """Return the normal form of JSON_TABLE."""
        assert node.path is not None
        columns = listed([self.column(column, level) for column in node.columns])
        return joined(
            "JSON_TABLE(",
            self.operands(node, level),
            ", ",
            self.path(node.path),
            self.called(node.called),
            self.passing(node, level),
            joined(" COLUMNS (", columns, ")"),
            self.rest(node, None, level),
            ")",
        )

    def called(self, name: Token | None) -> str:
        """A path's name, where its author gave it."""
        if name is None or _MADE_UP.match(self.binder.folded(name)):
            return ""
        return f" AS {self.binder.quoted(self.binder.folded(name))}"

    def column(self, node: tree.Json, level: Level) -> Pieces:
        """A column, or those of a path within."""
        binder = self.binder
        if node.name == "NESTED":
            assert node.path is not None
            inner = listed([self.column(column, level) for column in node.columns])
            path = self.path(node.path)
            return joined("NESTED PATH ", path, self.called(node.called), " COLUMNS (", inner, ")")
        assert node.called is not None
        name = binder.folded(node.called)
        shown = binder.quoted(name)
        if node.name == "FOR ORDINALITY":
            return joined(shown, " FOR ORDINALITY")
        type_name = binder.type_read(node.returning)
        kind = binder.known(type_name)
        words = [word for word in node.words if word != "FORMAT JSON"]
        if len(words) < len(node.words) and kind not in ("json", "jsonb"):
            binder.unspelled = True
        literal = string_literal('$."' + name + '"')
        path = (literal,) if node.path is None else self.path(node.path)
        exists = " EXISTS" if node.name == "EXISTS" else ""
        if '"' in name or "\\" in name:
            binder.unspelled = True
        said = joined(*(f" {word}" for word in words))
        behaviors = tree.Json("", behaviors=node.behaviors)
        rest = self.rest(behaviors, kind, level)
        return joined(shown, " ", type_name.pieces(), exists, " PATH ", path, said, rest)


def json_columns(binder: PostgresBinder, node: tree.Json) -> tuple[BoundColumn, ...]:
    """Return the columns that JSON_TABLE shows."""
    found: list[BoundColumn] = []
    for column in node.columns:
        if column.name == "NESTED":
            found += json_columns(binder, column)
            continue
        assert column.called is not None
        kind: PgType | None = "int4"
        limit: tuple[str, ...] = ()
        if column.returning:
            name = binder.type_read(column.returning)
            kind, limit = binder.known(name), tuple(map(str, name.arguments))
        found.append(BoundColumn(binder.folded(column.called), None, kind, limit))
    return tuple(found)
