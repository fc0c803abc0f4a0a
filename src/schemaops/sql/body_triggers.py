"""Triggers that hold what they do: those of SQLite and of MySQL.

SQLite keeps the text of a trigger and rewrites it when a table or column is renamed, so a body there
is an expression with a hole for every table and column that it names. MySQL keeps the text and never
looks at it before the trigger fires: the normal form is the text, and only the written form has
holes, for whoever asks what it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop
from schemaops.schema.expressions import Expression, Piece
from schemaops.schema.objects import Trigger, Unmodelled
from schemaops.schema.state import MissingObject, Schema, TakenName
from schemaops.sql import expressions, queries
from schemaops.sql.cursor import Cursor
from schemaops.sql.lexer import Token, TokenKind, tokens
from schemaops.sql.names import fold, quote
from schemaops.sql.reading import NotAllowed, Reading
from schemaops.sql.scope import Mention, NotUnderstood, Relation, Scope
from schemaops.sql.scope import Reading as Read
from schemaops.sql.strings import string_literal, string_value
from schemaops.sql.unread import by_tokens, merged, with_holes

__all__ = [
    "break_triggers",
    "create_trigger",
    "drop_trigger",
    "must_be_understood",
    "mysql_body",
    "ranked",
    "rebind",
    "stands",
]

_ROWS = ("old", "new")
_ORDER = "order"


def create_trigger(reading: Reading, cursor: Cursor, *, instead: bool = False) -> None:
    """Take what follows CREATE TRIGGER."""
    is_mysql = reading.dialect.name == "mysql"
    guarded = cursor.take("IF", "NOT", "EXISTS")
    parts = cursor.qualified()
    at = Address(Kind.TRIGGER, reading.path(parts))
    timing = _timing(cursor)
    event = cursor.one_of("INSERT", "DELETE", "UPDATE").lower()
    if not event or (is_mysql and timing == "instead of"):
        raise cursor.refuse()
    named = []
    if event == "update" and not is_mysql and cursor.take("OF"):
        named.append(cursor.identifier())
        while cursor.take_symbol(","):
            named.append(cursor.identifier())
    cursor.need("ON")
    table = reading.existing(cursor.qualified(), Kind.TABLE, Kind.VIEW)
    if not cursor.take("FOR", "EACH", "ROW") and is_mysql:
        raise cursor.refuse()
    columns = tuple(_column(reading, table, one) for one in named)
    trigger = Trigger(at, table, timing, (event,), columns)
    behind = cursor.one_of("FOLLOWS", "PRECEDES") if is_mysql else ""
    neighbour = cursor.identifier(Kind.TABLE)[0] if behind else None
    if is_mysql:
        trigger = replace(trigger, body=_mysql_rest(reading, cursor, table))
    else:
        relation = reading.relation_at(table)
        when = None
        if cursor.take("WHEN"):
            when = _when(reading, _until_begin(cursor), relation)
        trigger = replace(trigger, when=when, body=_sqlite_rest(reading, cursor, relation))
    reading.mention_path(parts, at)
    if guarded:
        reading.masks.add("IF NOT EXISTS")
        if at in reading.schema:
            return
    if at in reading.schema:
        if not instead:
            raise TakenName(at, at)
        reading.masks.add("OR REPLACE")
        _drop(reading, at)
    _place(reading, trigger, behind, neighbour)


def _timing(cursor: Cursor) -> str:
    if cursor.take("INSTEAD", "OF"):
        return "instead of"
    found = cursor.one_of("BEFORE", "AFTER").lower()
    if not found and cursor.dialect == "mysql":
        raise cursor.refuse()
    return found or "before"


def _column(reading: Reading, table: Address, named: tuple[Name, Token]) -> Address:
    at = table.child(Kind.COLUMN, named[0])
    if table.kind is Kind.TABLE and at not in reading.schema:
        # SQLite does not ask whether there are such columns.
        raise NotUnderstood(f"a trigger fires on changes of {at}, which is not there")
    reading.mention(named[1], at)
    return at


def drop_trigger(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP TRIGGER."""
    guarded = cursor.take("IF", "EXISTS")
    parts = cursor.qualified()
    cursor.end()
    if guarded:
        reading.masks.add("IF EXISTS")
    name = parts[-1][0]
    at = reading.find((name,), (Kind.TRIGGER,))
    if name in reading.own_triggers:
        reading.own_triggers.discard(name)
        return
    if at is None:
        for thing in reading.schema.of_kind(Kind.UNMODELLED):
            if isinstance(thing, Unmodelled) and thing.what == "trigger" and thing.at.name == name:
                raise NotUnderstood(f"trigger {name} is not understood")
        if guarded:
            return
        raise MissingObject(Address(Kind.TRIGGER, reading.path(parts)))
    reading.mention_path(parts, at)
    _drop(reading, at)


# -- the order in which MySQL's triggers of one moment fire


def ranked(trigger: Trigger, rank: int) -> Trigger:
    """Return a trigger that fires in that place among those of its moment, the first being 1."""
    return replace(trigger, options=((_ORDER, str(rank)),) if rank > 1 else ())


def _rank(trigger: Trigger) -> int:
    return int(dict(trigger.options).get(_ORDER, "1"))


def _of_moment(schema: Schema, trigger: Trigger) -> list[Trigger]:
    """Return the triggers of one moment of a table in the order in which they fire."""
    found = [
        one
        for one in schema.parts(trigger.table, Trigger)
        if (one.timing, one.events) == (trigger.timing, trigger.events) and one.at != trigger.at
    ]
    return sorted(found, key=_rank)


def _place(reading: Reading, trigger: Trigger, behind: str, neighbour: Name | None) -> None:
    if reading.dialect.name != "mysql":
        reading.emit(Create(trigger))
        return
    line = _of_moment(reading.schema, trigger)
    place = len(line)
    if neighbour is not None:
        names = [one.at.name for one in line]
        if neighbour not in names:
            raise MissingObject(trigger.at.sibling(neighbour))
        place = names.index(neighbour) + (behind == "FOLLOWS")
    for rank, other in enumerate(line[place:], place + 2):
        _move(reading, other, rank)
    reading.emit(Create(ranked(trigger, place + 1)))


def _drop(reading: Reading, at: Address) -> None:
    trigger = reading.schema.at(at)
    assert isinstance(trigger, Trigger)
    reading.emit(Drop(trigger))
    if reading.dialect.name == "mysql":
        for rank, other in enumerate(_of_moment(reading.schema, trigger), 1):
            _move(reading, other, rank)


def _move(reading: Reading, trigger: Trigger, rank: int) -> None:
    after = ranked(trigger, rank).options
    if after != trigger.options:
        reading.emit(Alter(trigger.at, "options", trigger.options, after))


# -- MySQL's bodies


def _mysql_rest(reading: Reading, cursor: Cursor, table: Address) -> Expression:
    if cursor.done:
        raise cursor.refuse()
    start, text = cursor.start, cursor.text()
    cursor.at = cursor.stop
    found = list(_named(text, reading, table))
    reading.noted(found, (), start)
    _rows_must_have(reading, text, table)
    holes = [(mention.start, mention.end, mention.address) for mention in found]
    return Expression(mysql_body(text).normal, with_holes(text, holes))


def _rows_must_have(reading: Reading, text: str, table: Address) -> None:
    """Raise MissingObject where a body names a column of NEW or OLD that the table has not."""
    found = tuple(tokens(text, "mysql"))
    columns = set(reading.schema.table(table).columns)
    for place in range(len(found) - 2):
        row, dot, column = found[place : place + 3]
        if row.text.upper() in ("NEW", "OLD") and dot.text == ".":
            before = found[place - 1].text if place else ""
            name = fold(column.text, "mysql")
            if before != "." and name not in columns:
                raise MissingObject(table.child(Kind.COLUMN, name))


def mysql_body(text: str) -> Expression:
    """Return the body of a trigger of MySQL, layout, comments and the escapes of strings apart."""
    return Expression((" ".join(map(_plain, tokens(text, "mysql"))),), (text,))


def _plain(token: Token) -> str:
    """Return a token's text; servers show strings with escapes of their own."""
    if token.kind is TokenKind.STRING and token.text[0] in "'\"":
        return string_literal(string_value(token.text, "mysql"), "mysql")
    return token.text


_BEFORE_TABLE = frozenset({"FROM", "JOIN", "INTO", "UPDATE", "TABLE", "IGNORE", "REPLACE"})


def _named(text: str, reading: Reading, table: Address) -> Iterator[Mention]:
    """Yield the names in a body that are those of tables and of their columns.

    A bare name that a DECLARE makes a variable's is none."""
    found = tuple(tokens(text, "mysql"))
    relations: dict[Address, Relation] = {}
    for place, token in enumerate(found):
        if place and found[place - 1].text.upper() in _BEFORE_TABLE:
            at = _relation(reading, token)
            if at is not None:
                relations[at] = reading.relation_at(at)
                yield Mention(token.start, token.end, at)
    rows = reading.relation_at(table)
    declared = _declared(found)
    for place, token in enumerate(found):
        if token.kind not in (TokenKind.WORD, TokenKind.QUOTED):
            continue
        if place + 1 < len(found) and found[place + 1].text in ("(", "."):
            continue
        name = fold(token.text, "mysql")
        candidates = list(relations.values())
        if place > 1 and found[place - 1].text == ".":
            qualifier = found[place - 2].text.strip("`")
            candidates = [rows] if qualifier.lower() in _ROWS else []
            candidates += [one for one in relations.values() if one.at.name == qualifier]
        elif name in declared:
            continue
        columns = [c.at for one in candidates if (c := one.column(name)) is not None]
        if len(columns) == 1 and not any(m.start == token.start for m in _tables(found, reading)):
            yield Mention(token.start, token.end, columns[0])


def _tables(found: tuple[Token, ...], reading: Reading) -> Iterator[Token]:
    for place, token in enumerate(found):
        if place and found[place - 1].text.upper() in _BEFORE_TABLE:
            if _relation(reading, token) is not None:
                yield token


def _relation(reading: Reading, token: Token) -> Address | None:
    if token.kind not in (TokenKind.WORD, TokenKind.QUOTED):
        return None
    name = fold(token.text, "mysql", Kind.TABLE)
    if name in reading.temporary:
        return None
    return reading.find((name,), (Kind.TABLE, Kind.VIEW))


def _declared(found: tuple[Token, ...]) -> set[Name]:
    names: set[Name] = set()
    for place, token in enumerate(found):
        if token.text.upper() == "DECLARE":
            for one in found[place + 1 :]:
                if one.kind in (TokenKind.WORD, TokenKind.QUOTED):
                    names.add(fold(one.text, "mysql"))
                after = found[min(found.index(one) + 1, len(found) - 1)]
                if one.text != "," and after.text != ",":
                    break
    return names


def break_triggers(reading: Reading, at: Address) -> None:
    """Emit that bodies go on naming what is no longer so called; only MySQL leaves them so."""
    for thing in reading.schema.referrers(at):
        if isinstance(thing, Trigger) and thing.body is not None:
            told = Expression(
                thing.body.normal,
                tuple(
                    quote(piece.name, "mysql")
                    if isinstance(piece, Address) and at.covers(piece)
                    else piece
                    for piece in thing.body.written
                ),
            )
            if told.written != thing.body.written:
                reading.emit(Alter(thing.at, "body", thing.body, told))


# -- SQLite's bodies


def _until_begin(cursor: Cursor) -> Cursor:
    start = cursor.at
    while not cursor.done and cursor.word() != "BEGIN":
        cursor.at += 1
    return Cursor(cursor.statement, cursor.dialect, start, cursor.at)


def _scope(reading: Reading, relation: Relation) -> Scope:
    return replace(reading.scope(relation), rows=_ROWS)


def _when(reading: Reading, inner: Cursor, relation: Relation) -> Expression:
    start, text = inner.start, inner.text()
    read = expressions.read(text, "sqlite", _scope(reading, relation))
    reading.noted(read.mentions, (), start)
    return read.expression


def _sqlite_rest(reading: Reading, cursor: Cursor, relation: Relation) -> Expression:
    cursor.need("BEGIN")
    stop = cursor.stop
    if cursor.tokens[stop - 1].text.upper() != "END":
        raise cursor.refuse()
    start, text = cursor.start, cursor.text()
    cursor.at = stop
    body = text[: text.upper().rindex("END")]
    if not body.rstrip().endswith(";") and "--" not in body and "/*" not in body:
        raise cursor.refuse()
    normal: list[Piece] = []
    written: list[Piece] = []
    for offset, part in _statements(body):
        read = _statement(reading, part, relation)
        reading.noted(read.mentions, (), start + offset)
        normal += [*read.expression.normal, "; "]
        written += [*(read.expression.written or read.expression.normal), "; "]
    if not normal:
        raise cursor.refuse()
    return Expression(merged(normal[:-1]), merged(written[:-1]))


def _statements(body: str) -> Iterator[tuple[int, str]]:
    """Yield the statements of a body, with where they start."""
    first: Token | None = None
    last: Token | None = None
    for token in tokens(body, "sqlite"):
        if token.text == ";" and token.kind is TokenKind.SYMBOL:
            if first is not None and last is not None:
                yield first.start, body[first.start : last.end]
            first = None
            continue
        first = first or token
        last = token
    if first is not None and last is not None:
        yield first.start, body[first.start : last.end]


def _statement(reading: Reading, text: str, relation: Relation) -> Read:
    """Return a statement of a body read; not understood where a name in it stands for nothing."""
    scope = _scope(reading, relation)
    try:
        if text.split(None, 1)[0].upper() in ("SELECT", "VALUES"):
            read = queries.query(text, "sqlite", scope).reading
        else:
            read = queries.row_statement(text, "sqlite", scope).reading
    except NotUnderstood:
        return by_tokens(text, "sqlite", reading.scope(relation))
    if read.problems:
        return replace(read, understood=False)
    return read


def _body_text(expression: Expression) -> str:
    return expression.text(lambda at: quote(at.name, "sqlite"))


def must_be_understood(reading: Reading, at: Address) -> None:
    """Raise NotUnderstood where a trigger names a table whose body does not read: what SQLite makes
    of it when that is renamed is not known."""
    for thing in reading.schema.referrers(at):
        if isinstance(thing, Trigger) and not stands(reading, thing):
            raise NotUnderstood(f"what becomes of trigger {thing.at} is not understood")


def must_find_rows(reading: Reading) -> None:
    """Raise NotAllowed where a trigger on a view asks its rows for a column that the view has no more:
    SQLite then alters nothing."""
    for thing in reading.schema.of_kind(Kind.TRIGGER):
        if not isinstance(thing, Trigger) or thing.table.kind is not Kind.VIEW or not thing.body:
            continue
        names = {str(one.at.name).lower() for one in reading.relation_at(thing.table).columns}
        for found in _ASKED.finditer(_body_text(thing.body)):
            if found[1].lower() not in names | _ROWIDS:
                raise NotAllowed(f"error in trigger {thing.at}: no such column: {found[0]}")


_ASKED = re.compile(r"(?i)\b(?:new|old)\s*\.\s*(\w+)")
_ROWIDS = {"rowid", "oid", "_rowid_"}


def stands(reading: Reading, trigger: Trigger) -> bool:
    """Return whether the body of a trigger of SQLite is understood, and all that it names is there."""
    if trigger.body is None:
        return True
    relation = reading.relation_at(trigger.table)
    parts = _statements(_body_text(trigger.body))
    return all(_statement(reading, part, relation).understood for _, part in parts)


def rebind(reading: Reading, touched: set[Name]) -> None:
    """Emit what the bodies of triggers come to mean that name a relation of these names."""
    for thing in reading.schema.of_kind(Kind.TRIGGER):
        if not isinstance(thing, Trigger) or thing.body is None:
            continue
        text = _body_text(thing.body)
        words = {
            fold(token.text, "sqlite")
            for token in tokens(text, "sqlite")
            if token.kind in (TokenKind.WORD, TokenKind.QUOTED)
        }
        if touched.isdisjoint({*words, thing.table.name}) or thing.table not in reading.schema:
            continue
        relation = reading.relation_at(thing.table)
        normal: list[Piece] = []
        written: list[Piece] = []
        for _, part in _statements(text):
            read = _statement(reading, part, relation)
            normal += [*read.expression.normal, "; "]
            written += [*(read.expression.written or read.expression.normal), "; "]
        body = Expression(merged(normal[:-1]), merged(written[:-1]))
        if body != thing.body:
            reading.emit(Alter(thing.at, "body", thing.body, body))
