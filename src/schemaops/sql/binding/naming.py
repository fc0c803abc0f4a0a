"""What the columns of a query's result are called where no alias says so.

PostgreSQL: the column, function or type that the expression ends in. SQLite: the column's name, or
the expression's text. MySQL: likewise.
"""

from __future__ import annotations

from schemaops.names import Name
from schemaops.sql import tree
from schemaops.sql.grammar import parse_expression
from schemaops.sql.lexer import Token
from schemaops.sql.names import fold
from schemaops.sql.scope import NOWHERE
from schemaops.sql.strings import string_value
from schemaops.sql.tree import Node
from schemaops.sql.types import type_name

__all__ = ["key_name", "output_name"]

_TYPE_NAMES = {
    "integer": "int4",
    "smallint": "int2",
    "bigint": "int8",
    "real": "float4",
    "double precision": "float8",
    "boolean": "bool",
    "character varying": "varchar",
    "character": "bpchar",
    "bit varying": "varbit",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
    "time with time zone": "timetz",
    "time without time zone": "time",
}
_TRIMS = {"BOTH": "btrim", "LEADING": "ltrim", "TRAILING": "rtrim"}


def output_name(item: tree.Item, dialect: str, text: str) -> Name:
    """Return the name of a column of the result; `text` is the query's."""
    if item.alias is not None:
        if item.alias.text[0] in "'\"" and dialect == "mysql":
            value = string_value(item.alias.text, dialect)
            return Name(value.lower(), value)
        if item.alias.text[0] == "'":
            return fold('"' + item.alias.text[1:-1].replace("''", "'") + '"', dialect)
        return fold(item.alias.text, dialect)
    if dialect == "postgres":
        return _figured(item.value)[0]
    if isinstance(item.value, tree.Column):
        return fold(item.value.parts[-1].text, dialect)
    if dialect == "mysql":
        if isinstance(item.value, tree.String):
            name = item.value.value
        else:
            name = text[item.start : item.end].strip()
        return Name(name.lower(), name)
    return fold('"' + text[item.start : item.end].strip().replace('"', '""') + '"', dialect)


def key_name(text: str) -> Name:
    """Return what PostgreSQL calls the key of an index that is an expression; raise NotUnderstood."""
    name = _figured(parse_expression(text, "postgres"))[0]
    return Name("expr") if name == "?column?" else name


def _figured(node: Node | None) -> tuple[Name, int]:
    """The name, and how good it is: 2 of its own, 1 a type's, 0 none."""
    match node:
        case tree.Column():
            return fold(node.parts[-1].text, "postgres"), 2
        case tree.Field(name=Token() as field):
            return fold(field.text, "postgres"), 2
        case tree.Field() | tree.Subscript():
            return _figured(node.operand)
        case tree.Call():
            return fold(node.name[-1].text, "postgres"), 2
        case tree.Json():
            return Name(node.name.lower()), 2
        case tree.Special():
            if node.name == "TRIM":
                return Name(_TRIMS[str(node.parts[0])]), 2
            if node.name == "COLLATION FOR":
                return Name("pg_collation_for"), 2
            return Name(node.name.lower()), 2
        case tree.AtZone():
            return Name("timezone"), 2
        case tree.Is(what=what, negated=False) if what.endswith("NORMALIZED"):
            return Name("is_normalized"), 2
        case tree.Binary(operator="OVERLAPS"):
            return Name("overlaps"), 2
        case tree.Cast():
            name, strength = _figured(node.operand)
            return (name, strength) if strength == 2 else (_type(node), 1)
        case tree.Collate():
            return _figured(node.operand)
        case tree.Exists():
            return Name("exists"), 2
        case tree.Array():
            return Name("array"), 2
        case tree.Row(explicit=explicit) if explicit or len(node.items) > 1:
            return Name("row"), 2
        case tree.Scalar():
            return _of_query(node.query)
        case tree.Case():
            name, strength = _figured(node.otherwise)
            return (name, strength) if strength == 2 else (Name("case"), 1)
        case tree.Constant(text=text):
            return _constant(text)
    return Name("?column?"), 0


def _constant(text: str) -> tuple[Name, int]:
    word = text.lower()
    if text in {"NULL", "TRUE", "FALSE"} or not word.isidentifier():
        return Name("?column?"), 0
    return Name(word), 2


def _type(node: tree.Cast) -> Name:
    name, _ = type_name(node.type, 0, "postgres", NOWHERE)
    spelling = str(name.base) + name.suffix
    if spelling.startswith("interval"):
        return Name("interval")
    return Name(_TYPE_NAMES.get(spelling, spelling).rsplit(".", 1)[-1].strip('"'))


def _of_query(query: tree.Query) -> tuple[Name, int]:
    body: tree.Body = query.body
    while isinstance(body, tree.Compound | tree.Query):
        body = body.left if isinstance(body, tree.Compound) else body.body
    if isinstance(body, tree.Select) and body.items:
        item = body.items[0]
        if item.alias is not None:
            return fold(item.alias.text, "postgres"), 2
        return _figured(item.value)
    return Name("column1"), 2
