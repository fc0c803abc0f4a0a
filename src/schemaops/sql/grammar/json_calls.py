"""SQL's own functions of JSON, which PostgreSQL has since versions 16 and 17."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from schemaops.sql import tree
from schemaops.sql.keywords import words
from schemaops.sql.lexer import Token, TokenKind
from schemaops.sql.tree import Node

if TYPE_CHECKING:
    from schemaops.sql.grammar.values import ValueReader

__all__ = ["JSON_CALLS", "json_call", "json_table"]

JSON_CALLS = words(
    """
    json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar
    json_serialize json_value
    """
)
_BY_PATH = words("json_exists json_query json_value")
_KEYED = words("json_object json_objectagg")
_BEHAVIORS = words("error null true false unknown")


@dataclass(slots=True)
class _Draft:
    """A `tree.Json` that is being read."""

    name: str
    operands: tuple[Node, ...] = ()
    path: tree.String | None = None
    called: Token | None = None
    passing: tuple[tuple[Node, Token], ...] = ()
    returning: tuple[Token, ...] = ()
    words: tuple[str, ...] = ()
    behaviors: tuple[tuple[str, str, Node | None], ...] = ()
    columns: tuple[tree.Json, ...] = ()
    order: tuple[tree.Sort, ...] = ()
    where: Node | None = None
    over: tree.Window | Token | None = None

    def node(self) -> tree.Json:
        """What was read."""
        return tree.Json(*(getattr(self, field.name) for field in fields(self)))


def json_call(reader: ValueReader) -> Node | None:
    """Read a call; None where it is one of the plain function json_object."""
    start = reader.at
    name = reader.next().text.lower()
    reader.expect("(")
    if name in _BY_PATH:
        return _by_path(reader, name)
    found = _Draft(name.upper())
    if name in _KEYED:
        pairs = [] if reader.key in _AFTER_PAIRS else _pairs(reader)
        if pairs is None:
            reader.at = start
            return None
        found.operands += tuple(pairs)
    elif reader.begins_query() and reader.key != "(":
        raise reader.wrong("an array of a query's rows is not known")
    elif reader.key not in words(") null absent returning"):
        found.operands += reader.separated(lambda: _value(reader))
    if reader.took("order", "by"):
        found.order = reader.separated(reader.sort)
    _constructor(reader, found)
    reader.expect(")")
    if name.endswith("agg"):
        if reader.ahead("filter", "("):
            reader.expect("filter", "(", "where")
            found.where = reader.expression()
            reader.expect(")")
        if reader.took("over"):
            found.over = reader.window() if reader.key == "(" else reader.name()
    return found.node()


_AFTER_PAIRS = words(") null absent with without returning")


def _pairs(reader: ValueReader) -> list[Node] | None:
    found: list[Node] = []
    while True:
        found.append(reader.expression())
        if not (reader.took(":") or reader.took("value")):
            return None
        found.append(_value(reader))
        if not reader.took(","):
            return found


def _value(reader: ValueReader) -> Node:
    value = reader.expression()
    if reader.key == "format":
        raise reader.wrong("the format of a value is not known")
    return value


def _constructor(reader: ValueReader, found: _Draft) -> None:
    """Read what may follow the values that JSON is made of."""
    nulls = "NULL ON NULL" if found.name.startswith("JSON_OBJECT") else "ABSENT ON NULL"
    for word in ("null", "absent"):
        if reader.took(word, "on", "null"):
            said = f"{word.upper()} ON NULL"
            found.words += (said,) if said != nulls else ()
    if reader.took("with", "unique"):
        reader.took("keys")
        found.words += ("WITH UNIQUE KEYS",)
    elif reader.took("without", "unique"):
        reader.took("keys")
    _returning(reader, found)


def _returning(reader: ValueReader, found: _Draft) -> None:
    if reader.took("returning"):
        found.returning = reader.type()
        if reader.key == "format":
            raise reader.wrong("the format of what is returned is not known")


def _by_path(reader: ValueReader, name: str) -> tree.Json:
    found = _Draft(name.upper(), (_value(reader),))
    reader.expect(",")
    found.path = _literal(reader)
    _passing(reader, found)
    _returning(reader, found)
    _wrapping(reader, found)
    _behaviors(reader, found, "FALSE" if name == "json_exists" else "NULL")
    reader.expect(")")
    return found.node()


def _literal(reader: ValueReader) -> tree.String:
    value = reader.string() if reader.kind() is TokenKind.STRING else None
    if not isinstance(value, tree.String):
        raise reader.wrong("a path that is no literal is not known")
    return value


def _passing(reader: ValueReader, found: _Draft) -> None:
    if not reader.took("passing"):
        return

    def passed() -> tuple[Node, Token]:
        value = _value(reader)
        reader.expect("as")
        return value, reader.name()

    found.passing = reader.separated(passed)


def _wrapping(reader: ValueReader, found: _Draft) -> None:
    if reader.took("without"):
        reader.took("array")
        reader.expect("wrapper")
    elif reader.took("with"):
        kind = "CONDITIONAL" if reader.took("conditional") else "UNCONDITIONAL"
        reader.took("unconditional")
        reader.took("array")
        reader.expect("wrapper")
        found.words += (f"WITH {kind} WRAPPER",)
    if reader.key in ("keep", "omit"):
        omits = reader.next().text.lower() == "omit"
        reader.expect("quotes")
        reader.took("on", "scalar", "string")
        found.words += ("OMIT QUOTES",) if omits else ()


def _behaviors(reader: ValueReader, found: _Draft, usual: str) -> None:
    """Read what comes where there is nothing, and where there is an error; `usual` is not noted."""
    while reader.key in _BEHAVIORS or reader.key in ("empty", "default"):
        value = None
        if reader.took("default"):
            said, value = "DEFAULT", reader.expression()
        elif reader.took("empty"):
            said = "EMPTY OBJECT" if reader.took("object") else "EMPTY ARRAY"
            reader.took("array")
        else:
            said = reader.next().text.upper()
        reader.expect("on")
        if reader.key not in ("empty", "error"):
            raise reader.wrong("ON EMPTY or ON ERROR is missing")
        event = reader.next().text.upper()
        if said != usual:
            found.behaviors += ((event, said, value),)


# -- JSON_TABLE


def json_table(reader: ValueReader) -> tree.Json:
    """Read JSON_TABLE(…)."""
    reader.expect("json_table", "(")
    found = _Draft("JSON_TABLE", (_value(reader),))
    reader.expect(",")
    _path(reader, found)
    _passing(reader, found)
    found.columns = _columns(reader)
    _behaviors(reader, found, "EMPTY ARRAY")
    reader.expect(")")
    return found.node()


def _path(reader: ValueReader, found: _Draft) -> None:
    found.path = _literal(reader)
    if reader.took("as"):
        found.called = reader.name()


def _columns(reader: ValueReader) -> tuple[tree.Json, ...]:
    reader.expect("columns", "(")
    found = reader.separated(lambda: _column(reader))
    reader.expect(")")
    return found


def _column(reader: ValueReader) -> tree.Json:
    if reader.key == "nested" and reader.kind(1) in (TokenKind.STRING, TokenKind.WORD):
        nested = _Draft("NESTED")
        reader.expect("nested")
        reader.took("path")
        _path(reader, nested)
        nested.columns = _columns(reader)
        return nested.node()
    name = reader.name()
    if reader.took("for", "ordinality"):
        return tree.Json("FOR ORDINALITY", called=name)
    column = _Draft("COLUMN", called=name, returning=reader.type())
    if reader.took("exists"):
        column.name = "EXISTS"
    elif reader.took("format", "json"):
        column.words += ("FORMAT JSON",)
    if reader.took("path"):
        column.path = _literal(reader)
    _wrapping(reader, column)
    _behaviors(reader, column, "FALSE" if column.name == "EXISTS" else "NULL")
    return column.node()
