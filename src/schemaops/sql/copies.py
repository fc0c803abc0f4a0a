"""Recognise tables that are made after others or from a query: CREATE TABLE … (LIKE …), CREATE TABLE AS,
SELECT INTO."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from schemaops.names import Address, Kind, Name, Relocation
from schemaops.operations import Create, Rows
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    Column,
    Comment,
    Index,
    Object,
    Options,
    PrimaryKey,
    Statistics,
    Table,
    Unique,
    Unmodelled,
    relocated,
)
from schemaops.sql import columns, exclusions, temporary
from schemaops.sql.columns import Definition
from schemaops.sql.cursor import Cursor
from schemaops.sql.dialects.postgres import exclusion_name
from schemaops.sql.reading import NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood

__all__ = ["is_made_of_query", "like", "made_of_query", "select_into"]

Work = Callable[[], None]

_COPIED = frozenset(
    [
        "COMMENTS",
        "COMPRESSION",
        "CONSTRAINTS",
        "DEFAULTS",
        "GENERATED",
        "IDENTITY",
        "INDEXES",
        "STATISTICS",
        "STORAGE",
    ]
)


def like(reading: Reading, cursor: Cursor, table: Address) -> tuple[list[Definition], list[Work]]:
    """Take LIKE and what it includes; return the columns, and what is to be done once they stand."""
    cursor.need("LIKE")
    source = reading.existing(cursor.qualified(), Kind.TABLE, Kind.VIEW)
    if source.kind is Kind.VIEW:
        raise NotUnderstood("a table like a view is not understood")
    wanted: set[str] = set()
    while not cursor.done:
        adding = cursor.one_of("INCLUDING", "EXCLUDING") == "INCLUDING"
        word = cursor.one_of("ALL", *_COPIED)
        if not word:
            raise cursor.refuse()
        named = set(_COPIED) if word == "ALL" else {word}
        wanted = wanted | named if adding else wanted - named
    where = Relocation(((source, table),))
    made = [_column(reading, one, where, wanted) for one in reading.schema.columns(source)]
    later: list[Work] = []
    things = reading.schema.contents(source)
    for thing in things if "CONSTRAINTS" in wanted else ():
        if isinstance(thing, Check):
            later.append(_copied(reading, thing, where))
    if "INDEXES" in wanted:
        later += _keys(reading, source, table, where)
    _must_be_all(reading, source, wanted)
    return made, later


def _must_be_all(reading: Reading, source: Address, wanted: set[str]) -> None:
    """Raise NotUnderstood where something is copied whose copy is not known."""
    for thing in reading.schema.referrers(source):
        statistics = isinstance(thing, Statistics) and "STATISTICS" in wanted
        comment = isinstance(thing, Comment) and "COMMENTS" in wanted
        other = isinstance(thing, Unmodelled) and thing.what in ("constraint", "statistics")
        if statistics or comment or other:
            raise NotUnderstood(f"what becomes of {thing.at} in a copy is not understood")


def _column(reading: Reading, column: Column, where: Relocation, wanted: set[str]) -> Definition:
    copy = relocated(column, where)
    assert isinstance(copy, Column)
    if copy.generated is not None and "GENERATED" not in wanted:
        copy = replace(copy, generated=None)
    if "DEFAULTS" not in wanted:
        copy = replace(copy, default=None)
    if copy.identity is not None:
        own = tuple(pair for pair in copy.identity.options if pair[0] != "sequence name")
        identity = None
        if "IDENTITY" in wanted:
            own = _as_copied(copy, own)
            identity = columns.identity(reading, copy.at, copy.identity.always, own)
        copy = replace(copy, identity=identity)
    kept = [word.lower() for word in ("STORAGE", "COMPRESSION") if word in wanted]
    settings = tuple(pair for pair in copy.settings if pair[0] in kept)
    comment = copy.comment if "COMMENTS" in wanted else None
    return Definition(replace(copy, settings=settings, comment=comment))


_MOST = {"smallint": "32767", "integer": "2147483647"}


def _as_copied(column: Column, options: Options) -> Options:
    """Return the options of a copied identity: its sequence is a bigint, and ends where it did."""
    said = dict(options)
    if str(column.type) == "bigint":
        return options
    if str(column.type) not in _MOST or said.get("increment", "1").startswith("-"):
        raise NotUnderstood(f"the sequence of {column.at} is not known")
    return tuple(sorted({"maximum": _MOST[str(column.type)], "type": "bigint", **said}.items()))


def _copied(reading: Reading, check: Check, where: Relocation) -> Work:
    gone = ("inherited", "not valid")
    options = tuple(pair for pair in check.options if pair[0] not in gone)
    copy = replace(relocated(check, where), options=options)
    return lambda: reading.emit(Create(copy))


def _keys(reading: Reading, source: Address, table: Address, where: Relocation) -> list[Work]:
    found: list[Work] = []
    names: list[Name] = []
    things = reading.schema.contents(source)
    for thing in sorted(things, key=lambda thing: not isinstance(thing, PrimaryKey)):
        if not isinstance(thing, PrimaryKey | Unique | Index):
            continue
        copy = relocated(thing, where)
        own = _places(copy)
        if any(a is None for a in own):
            raise NotUnderstood(f"the name that the copy of {thing.at} gets is not known")
        places = [a for a in own if a is not None]
        if exclusions.is_exclusion(copy):
            name = exclusion_name(reading.schema, table, places)
        else:
            name = reading.dialect.implicit_name(reading.schema, table, copy.at.kind, places)
        if name in names:
            raise NotUnderstood(f"several copies would be called {name}")
        names.append(name)
        at = copy.at.sibling(name)
        if isinstance(copy, Index):
            at = Address(Kind.INDEX, (*table.path[:-1], name))
        marks = ("clustered", "replica identity", "inherited", "invalid")
        options = tuple(pair for pair in copy.options if pair[0] not in marks)
        found.append(_creating(reading, replace(copy, at=at, options=options)))
    return found


def _creating(reading: Reading, thing: PrimaryKey | Unique | Index) -> Work:
    return lambda: reading.emit(Create(thing))


def _places(thing: PrimaryKey | Unique | Index) -> list[Name | None]:
    """Return the names after which a key is called; None where they are not known."""
    if isinstance(thing, PrimaryKey):
        return []
    if isinstance(thing, Unique):
        return [at.name for at in (*thing.columns, *thing.include)]
    named: list[Name | None] = []
    for key in thing.keys:
        normal = key.expression.normal
        plain = len(normal) == 1 and isinstance(normal[0], Address)
        named.append(normal[0].name if plain and isinstance(normal[0], Address) else None)
    return named + [at.name for at in thing.include]


# -- from a query


def is_made_of_query(cursor: Cursor) -> bool:
    """Return whether what follows a table's name is a query, with its columns' names before it."""
    if cursor.symbol() != "(":
        return cursor.word() in ("AS", "USING", "WITH", "ON", "TABLESPACE")
    probe = Cursor(cursor.statement, cursor.dialect, cursor.at, cursor.stop)
    inner = probe.inside()
    plain = all(part.stop - part.at == 1 and part.sees_identifier() for part in inner.parts())
    return plain and probe.word() in ("AS", "USING", "WITH", "ON", "TABLESPACE")


def made_of_query(reading: Reading, table: Table, names: list[Name], cursor: Cursor) -> None:
    """Take the query of CREATE TABLE AS, and emit the table that it makes."""
    inner = Cursor(cursor.statement, cursor.dialect, cursor.at, cursor.stop)
    filled = True
    ending = [
        token.text.upper() for token in inner.tokens[max(inner.at, inner.stop - 3) : inner.stop]
    ]
    if ending[-2:] == ["WITH", "DATA"]:
        inner.stop -= 2
    elif ending == ["WITH", "NO", "DATA"]:
        inner.stop -= 3
        filled = False
    if inner.word() not in ("SELECT", "WITH", "VALUES", "TABLE") and inner.symbol() != "(":
        raise inner.refuse()
    cursor.at = cursor.stop
    _make(reading, table, names, inner.text(), inner.start, filled=filled)


def _make(
    reading: Reading, table: Table, names: list[Name], text: str, start: int, *, filled: bool = True
) -> None:
    from schemaops.sql import queries

    found = queries.query(text, reading.dialect.name, reading.scope())
    if not found.complete or not found.reading.understood:
        raise NotUnderstood("the columns of the query are not known")
    reading.noted(found.reading.mentions, found.reading.problems, start)
    outputs = found.outputs
    if len(names) > len(outputs):
        raise NotAllowed(f"table {table.at} is given more columns than the query has", table.at)
    reading.emit(Create(table))
    made = []
    for place, output in enumerate(outputs):
        name = names[place] if place < len(names) else output.name
        if output.type is None:
            raise NotUnderstood(f"the type of column {name} is not known")
        source = None if output.source is None else reading.schema.get(output.source)
        collation = source.collation if isinstance(source, Column) else None
        if source is None and any(
            map(_is_collated, map(reading.schema.get, found.reading.columns))
        ):
            raise NotUnderstood(f"the collation of column {name} is not known")
        kind = _limited(output.type, output.limit)
        at = table.at.child(Kind.COLUMN, name)
        columns.emit(reading, Column(at, kind, collation=collation))
        made.append(at)
    if not filled or temporary.is_temporary(table.at):
        return
    read = found.reading
    reads = read.columns | {r for r in read.relations if r.kind is not Kind.COLUMN}
    pieces = ("insert into ", table.at, " ", *read.expression.normal)
    reading.emit(
        Rows(
            "insert",
            table.at,
            tuple(made),
            reads=tuple(sorted(one for one in reads if not temporary.is_temporary(one))),
            positional=True,
            text=Expression(pieces, pieces),
        )
    )


def _is_collated(thing: Object | None) -> bool:
    return isinstance(thing, Column) and thing.collation is not None


def _limited(kind: Expression, limit: tuple[str, ...]) -> Expression:
    """Return a type with the length that its values keep."""
    if not limit or len(kind.normal) != 1 or not isinstance(kind.normal[0], str):
        return Expression(kind.normal, kind.normal)
    if limit[0].startswith("interval"):
        raise NotUnderstood("an interval of some fields")
    name, zone, rest = kind.normal[0].partition(" with")
    if name == "interval":
        raise NotUnderstood("an interval of some fields, it may be")
    # What has no length is spelled otherwise.
    name = {"bpchar": "character", '"bit"': "bit"}.get(name, name)
    text = f"{name}({','.join(limit)}){zone}{rest}"
    return Expression((text,), (text,))


def select_into(reading: Reading, cursor: Cursor) -> None:
    """Take SELECT … INTO, which makes a table of its query."""
    depth, place = 0, cursor.at
    while place < cursor.stop:
        token = cursor.tokens[place]
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.text.upper() == "INTO":
            break
        place += 1
    said = Cursor(cursor.statement, cursor.dialect, place, cursor.stop)
    said.need("INTO")
    own = bool(said.one_of("TEMP", "TEMPORARY"))
    unlogged = said.take("UNLOGGED")
    said.take("TABLE")
    parts = said.qualified()
    cursor.at = cursor.stop
    at = Address(Kind.TABLE, (temporary.SPACE, parts[-1][0]) if own else reading.path(parts))
    options = (("unlogged", "true"),) if unlogged else ()
    # Blanks in its place keep every other word where it is.
    text = cursor.statement.text
    first, last = cursor.tokens[place].start, cursor.tokens[said.at - 1].end
    query = text[:first] + " " * (last - first) + text[last:]
    if own:
        temporary.made(reading, at, lambda: _make(reading, Table(at), [], query, 0))
        return
    reading.mention_path(parts, at)
    _make(reading, Table(at, (), options), [], query, 0)
