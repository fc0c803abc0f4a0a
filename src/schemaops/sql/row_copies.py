"""The copying of all rows of a table into another in SQLite, as rebuilds of tables do it: which column
is filled with what. What leaves rows out, joins or counts them, is no such copying."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemaops.errors import SchemaOpsError
from schemaops.names import Address, Kind, Name
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Table
from schemaops.schema.state import Schema
from schemaops.sql import expressions, queries
from schemaops.sql.cursor import Cursor
from schemaops.sql.dialects import dialect as dialect_named
from schemaops.sql.keywords import words
from schemaops.sql.lexer import TokenKind
from schemaops.sql.reading import Reading
from schemaops.sql.scope import NotUnderstood, Relation, Scope, ScopeColumn
from schemaops.sql.split import split

__all__ = ["Copied", "Temporary", "copied", "temporary_table"]


@dataclass(frozen=True, slots=True)
class Copied:
    """What a statement fills a table with: by column, one of the source's or what is made of them."""

    target: Address
    source: Address
    values: Mapping[Name, Address | Expression]


@dataclass(frozen=True, slots=True)
class Temporary:
    """A temporary table, its columns in order, and whether a query fills it at once."""

    at: Address
    columns: tuple[Name, ...] = ()
    filled: bool = False


# What makes one value of several rows, or looks at other rows.
_GATHERS = words(
    """
    avg count group_concat json_group_array json_group_object jsonb_group_array jsonb_group_object
    string_agg sum total median percentile percentile_cont percentile_disc over select exists raise
    """
)
_OF_SEVERAL = words("min max")
_CONSTRAINTS = words("constraint primary unique check foreign")
_TEMPORARY = (("TEMP",), ("TEMPORARY",))


def temporary_table(text: str) -> Temporary | None:
    """Return the temporary table that a statement makes, None where it makes none."""
    if text[:6].upper() != "CREATE":
        return None
    cursor = _cursor(text)
    if cursor is None or not cursor.take("CREATE"):
        return None
    if not any(cursor.take(*one) for one in _TEMPORARY) or not cursor.take("TABLE"):
        return None
    cursor.take("IF", "NOT", "EXISTS")
    try:
        at = Address(Kind.TABLE, (cursor.qualified()[-1][0],))
        if cursor.sees("AS"):
            return Temporary(at, filled=True)
        parts = cursor.inside().parts()
        names = [part.identifier()[0] for part in parts if part.word().lower() not in _CONSTRAINTS]
    except NotUnderstood:
        return None
    return Temporary(at, tuple(names))


def copied(text: str, schema: Schema, aside: Mapping[Address, Temporary]) -> Copied | None:
    """Return what a statement copies, `aside` being temporary tables; None where it is no such copying."""
    cursor = _cursor(text)
    if cursor is None:
        return None
    try:
        return _copied(cursor, schema, aside)
    except (NotUnderstood, SchemaOpsError):
        return None


def _cursor(text: str) -> Cursor | None:
    statements = list(split(text, "sqlite"))
    return Cursor(statements[0], "sqlite") if len(statements) == 1 else None


def _copied(cursor: Cursor, schema: Schema, aside: Mapping[Address, Temporary]) -> Copied | None:
    into: tuple[Name, ...] | None = None
    if cursor.take("CREATE"):
        any(cursor.take(*one) for one in _TEMPORARY)
        cursor.need("TABLE")
        cursor.take("IF", "NOT", "EXISTS")
        target = Address(Kind.TABLE, (cursor.qualified()[-1][0],))
        cursor.need("AS")
        made = True
    else:
        cursor.need("INSERT")
        if cursor.take("OR") and not cursor.one_of("ABORT", "FAIL", "ROLLBACK"):
            return None
        cursor.need("INTO")
        target = Address(Kind.TABLE, (cursor.qualified()[-1][0],))
        made = False
        if cursor.symbol() == "(":
            into = tuple(name for name, _ in cursor.names())
    query = cursor.text()
    cursor.need("SELECT")
    cursor.take("ALL")
    items = _items(cursor)
    cursor.need("FROM")
    source = Address(Kind.TABLE, (cursor.qualified()[-1][0],))
    called = source.name
    if cursor.take("AS") or (cursor.sees_identifier() and cursor.word() not in ("ORDER", "WHERE")):
        called = cursor.identifier()[0]
    if not _takes_every_row(cursor):
        return None
    columns = _columns_of(schema, aside, source)
    if columns is None:
        return None
    relation = Relation(source.sibling(called), columns)
    values = _values(items, relation, source, schema, query)
    if values is None:
        return None
    if into is None:
        own = [name for name, _ in values] if made else _insertable(schema, aside, target)
        if own is None or len(own) != len(values):
            return None
        into = tuple(Name(name) if made else name for name in own)
    if len(into) != len(values):
        return None
    pairs = zip(into, (value for _, value in values), strict=True)
    return Copied(target, source, {name: value for name, value in pairs if value is not None})


def _items(cursor: Cursor) -> list[Cursor]:
    found = []
    while True:
        found.append(cursor.until("FROM"))
        if not cursor.take_symbol(","):
            return found


def _takes_every_row(cursor: Cursor) -> bool:
    if cursor.take("WHERE"):
        token = cursor.token
        if token is None or token.text.lower() not in ("1", "true"):
            return False
        cursor.at += 1
    if cursor.take("ORDER", "BY"):
        while not cursor.done:
            if cursor.word() in ("LIMIT", "OFFSET", "UNION", "INTERSECT", "EXCEPT"):
                return False
            cursor.at += 1
    return cursor.done


def _columns_of(
    schema: Schema, aside: Mapping[Address, Temporary], at: Address
) -> tuple[ScopeColumn, ...] | None:
    if at in aside:
        return tuple(ScopeColumn(at.child(Kind.COLUMN, name)) for name in aside[at].columns) or None
    if not isinstance(schema.get(at), Table):
        return None
    return tuple(ScopeColumn(column.at, column.type) for column in schema.columns(at))


def _insertable(
    schema: Schema, aside: Mapping[Address, Temporary], at: Address
) -> list[Name] | None:
    if at in aside:
        return list(aside[at].columns)
    if not isinstance(schema.get(at), Table):
        return None
    return [column.at.name for column in schema.columns(at) if column.generated is None]


def _values(
    items: Sequence[Cursor], relation: Relation, source: Address, schema: Schema, query: str
) -> list[tuple[Name, Address | Expression | None]] | None:
    """Return what the items of a SELECT come to, by their names; None for a rowid."""
    found: list[tuple[Name, Address | Expression | None]] = []
    scope = Reading(schema, dialect_named("sqlite"), ()).scope(relation)
    for item in items:
        if item.stop > item.at and item.tokens[item.stop - 1].text == "*":
            if item.stop - item.at not in (1, 3):
                return None
            found += ((column.at.name, column.at) for column in relation.columns)
            continue
        one = _value(item, relation, scope)
        if one is None:
            return None
        found.append(one)
    read = queries.query(query, "sqlite", Scope(_Only(scope, source, relation)))
    if read.reading.problems or not read.reading.understood or len(read.outputs) != len(found):
        return None
    return found


def _value(
    item: Cursor, relation: Relation, scope: Scope
) -> tuple[Name, Address | Expression | None] | None:
    name = Name("")
    if item.stop - item.at > 2 and item.tokens[item.stop - 2].text.upper() == "AS":
        last = Cursor(item.statement, "sqlite", item.stop - 1, item.stop)
        name = last.identifier()[0]
        item = Cursor(item.statement, "sqlite", item.at, item.stop - 2)
    tokens = item.tokens[item.at : item.stop]
    for place, token in enumerate(tokens):
        called = tokens[place + 1 : place + 2]
        if token.kind is not TokenKind.WORD:
            continue
        if token.text.lower() in _GATHERS:
            return None
        if token.text.lower() in _OF_SEVERAL and called and called[0].text == "(":
            return None
    bare = _bare(item, relation)
    if bare is not None:
        return name or bare.name, bare
    if len(tokens) == 1 and tokens[0].text.lower() in ("rowid", "oid", "_rowid_"):
        return Name("rowid"), None
    read = expressions.read(item.text(), "sqlite", scope)
    if read.problems or not read.understood or read.relations - {relation.at}:
        return None
    return name, read.expression


def _bare(item: Cursor, relation: Relation) -> Address | None:
    """Return the column that an item is and nothing else."""
    probe = Cursor(item.statement, "sqlite", item.at, item.stop)
    if not probe.sees_identifier():
        return None
    parts = probe.qualified(Kind.COLUMN)
    if not probe.done or (len(parts) > 1 and parts[-2][0] != relation.at.name):
        return None
    column = relation.column(parts[-1][0])
    return None if column is None else column.at


@dataclass(frozen=True, slots=True)
class _Only:
    """Finds the one table that is copied, and the rest as it is."""

    scope: Scope
    source: Address
    its: Relation

    def relation(self, path: tuple[Name, ...]) -> Relation | None:
        """Return the table of that name."""
        if path[-1] == self.source.name:
            return Relation(self.source, self.its.columns)
        return self.scope.resolver.relation(path)

    def type(self, path: tuple[Name, ...]) -> Address | None:
        """Return the type of that name."""
        return self.scope.resolver.type(path)

    def attributes(self, at: Address) -> tuple[tuple[Name, Expression], ...]:
        """Return the attributes of a composite type in order, with their types."""
        return self.scope.resolver.attributes(at)

    def sundry(self, path: tuple[Name, ...], kind: Kind) -> Address | None:
        """Return the object of that name that is of one of the kinds seldom used."""
        return self.scope.resolver.sundry(path, kind)

    def sequence(self, path: tuple[Name, ...]) -> Address | None:
        """Return the sequence of that name."""
        return self.scope.resolver.sequence(path)

    def function(self, path: tuple[Name, ...]) -> None:  # noqa: ARG002
        """Return None: SQLite has functions of its own alone."""
        return

    def lacks_function(self, path: tuple[Name, ...]) -> bool:
        """Whether it is sure that there is no function of that name."""
        return self.scope.resolver.lacks_function(path)
