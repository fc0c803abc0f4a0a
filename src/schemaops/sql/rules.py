"""Recognise PostgreSQL's rules: what is done in place of, or besides, a statement on a table or view."""

from __future__ import annotations

from schemaops.names import Address, Kind
from schemaops.operations import Rename
from schemaops.schema.expressions import Piece, Pieces
from schemaops.schema.objects import Sundry
from schemaops.schema.state import MissingObject
from schemaops.sql import expressions, queries, sundry
from schemaops.sql.cursor import Cursor
from schemaops.sql.keywords import words
from schemaops.sql.reading import Reading
from schemaops.sql.scope import Mention, NotUnderstood, Problem, Scope
from schemaops.sql.sundry import Names

__all__ = ["alter_rule", "create_rule", "drop_rule", "named", "rule"]

_ROWS = ("old", "new")


def rule(names: Names, cursor: Cursor) -> Sundry:
    """Return what follows CREATE RULE."""
    name, token = cursor.identifier()
    cursor.need("AS", "ON")
    event = cursor.one_of("INSERT", "UPDATE", "DELETE")
    if not event:
        raise cursor.refuse()
    cursor.need("TO")
    relation = names.relation(cursor.qualified())
    at = relation.at.child(Kind.RULE, name)
    names.note(token, at)
    scope = Scope(names.resolver, relation, rows=_ROWS)
    pieces: list[Piece] = ["CREATE RULE ", at, f" AS ON {event} TO ", relation.at]
    if cursor.take("WHERE"):
        inner = cursor.until("DO")
        read = expressions.read(inner.text(), "postgres", scope)
        if not read.understood:
            raise NotUnderstood("the condition of the rule is not understood")
        _note(names, inner, read.mentions, read.problems)
        pieces += [" WHERE (", *read.expression.normal, ")"]
    cursor.need("DO")
    instead = cursor.take("INSTEAD")
    if not instead:
        cursor.take("ALSO")
    pieces.append(" DO INSTEAD " if instead else " DO ALSO ")
    actions = _actions(names, cursor, scope)
    cursor.end()
    if len(actions) > 1:
        pieces.append("(")
        for place, action in enumerate(actions):
            pieces += ["; ", *action] if place else action
        pieces.append(")")
    else:
        pieces += actions[0]
    return sundry.defined(at, tuple(pieces))


def _actions(names: Names, cursor: Cursor, scope: Scope) -> list[Pieces]:
    if cursor.take("NOTHING"):
        return [("NOTHING",)]
    whole = Cursor(cursor.statement, cursor.dialect, cursor.at, cursor.stop)
    if cursor.symbol() == "(":
        whole = cursor.inside()
    else:
        cursor.at = cursor.stop
    found, start, depth = [], whole.at, 0
    while not whole.done:
        symbol = whole.symbol()
        depth += (symbol == "(") - (symbol == ")")
        if symbol == ";" and depth == 0:
            found.append(Cursor(whole.statement, whole.dialect, start, whole.at))
            start = whole.at + 1
        whole.at += 1
    found.append(Cursor(whole.statement, whole.dialect, start, whole.stop))
    return [_action(names, one, scope) for one in found if not one.done]


def _action(names: Names, cursor: Cursor, scope: Scope) -> Pieces:
    """Take a statement that a rule does; return it in one spelling."""
    found = {token.text.upper() for token in cursor.tokens[cursor.at : cursor.stop]}
    if found & _BESIDES:
        raise NotUnderstood("what a rule does besides is not understood")
    if cursor.take("INSERT", "INTO"):
        return _insert(names, cursor, scope)
    if cursor.word() not in ("UPDATE", "DELETE"):
        raise cursor.refuse()
    said = queries.row_statement(cursor.text(), "postgres", scope)
    read = said.reading
    if not read.understood or said.besides:
        raise cursor.refuse()
    _note(names, cursor, read.mentions, read.problems)
    pieces: list[Piece] = ["DELETE FROM ", said.table]
    if said.verb == "update":
        pieces = ["UPDATE ", said.table]
        if "FROM" in found:
            raise NotUnderstood("what a rule reads besides is not understood")
        for place, (at, value) in enumerate(sorted(said.sets, key=lambda pair: pair[0])):
            pieces += [", " if place else " SET ", at, " = ", *value.normal]
    if said.where is not None:
        pieces += [" WHERE ", *said.where.normal]
    return tuple(pieces)


# What a statement may have that the spelling of a rule's has no place for.
_BESIDES = words("RETURNING USING AS SELECT WITH CONFLICT DEFAULT ONLY")


def _insert(names: Names, cursor: Cursor, scope: Scope) -> Pieces:
    relation = names.relation(cursor.qualified())
    columns = list(relation.columns)
    if cursor.symbol() == "(":
        columns = []
        for name, token in cursor.names():
            column = relation.column(name)
            if column is None:
                raise MissingObject(relation.at.child(Kind.COLUMN, name))
            names.note(token, column.at)
            columns.append(column)
    cursor.need("VALUES")
    parts = cursor.inside().parts()
    cursor.end()
    if len(parts) > len(columns):
        raise NotUnderstood("a rule that gives more values than there are columns")
    order = {column.at: place for place, column in enumerate(relation.columns)}
    given: list[tuple[int, Address, Pieces]] = []
    for column, part in zip(columns, parts, strict=False):
        read = expressions.read(part.text(), "postgres", scope, column.type)
        if not read.understood:
            raise NotUnderstood("a value that a rule gives is not understood")
        _note(names, part, read.mentions, read.problems)
        given.append((order[column.at], column.at, read.expression.normal))
    given.sort(key=lambda one: one[0])
    pieces: list[Piece] = ["INSERT INTO ", relation.at]
    for place, (_, at, _value) in enumerate(given):
        pieces += [", " if place else " (", at]
    for place, (_, _at, value) in enumerate(given):
        pieces += [", " if place else ") VALUES (", *value]
    return (*pieces, ")")


def _note(
    names: Names, cursor: Cursor, mentions: tuple[Mention, ...], problems: tuple[Problem, ...]
) -> None:
    for problem in problems:
        raise problem.error()
    tokens = {token.start: token for token in cursor.tokens}
    start = cursor.tokens[cursor.at].start if cursor.at < len(cursor.tokens) else 0
    for mention in mentions:
        token = tokens.get(start + mention.start)
        if token is not None:
            names.note(token, mention.address)


def create_rule(reading: Reading, cursor: Cursor, *, instead: bool = False) -> None:
    """Take what follows CREATE [OR REPLACE] RULE."""
    sundry.make(reading, rule(sundry.of_reading(reading), cursor), instead=instead)


def named(reading: Reading, cursor: Cursor) -> Address:
    """Take `name ON table`; return the address of the rule."""
    name, token = cursor.identifier()
    cursor.need("ON")
    table = reading.existing(cursor.qualified(), Kind.TABLE, Kind.VIEW)
    at = table.child(Kind.RULE, name)
    if at not in reading.schema:
        raise MissingObject(at)
    reading.mention(token, at)
    return at


def alter_rule(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER RULE."""
    at = named(reading, cursor)
    cursor.need("RENAME", "TO")
    name, token = cursor.identifier()
    cursor.end()
    reading.emit(Rename(at, at.sibling(name)))
    reading.mention(token, at.sibling(name))


def drop_rule(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP RULE."""
    guarded = sundry.guarded(reading, cursor, "IF", "EXISTS")
    probe = Cursor(cursor.statement, cursor.dialect, cursor.at, cursor.stop)
    name = probe.identifier()[0]
    probe.need("ON")
    table = reading.find(tuple(one for one, _ in probe.qualified()), (Kind.TABLE, Kind.VIEW))
    if guarded and (table is None or table.child(Kind.RULE, name) not in reading.schema):
        cursor.at = cursor.stop
        return
    at = named(reading, cursor)
    cursor.one_of("CASCADE", "RESTRICT")
    cursor.end()
    sundry.drop(reading, at)
