"""Labels: values of enum types that one side renames, as the other side's statements spell them.

A label is a string like any other until its column is known. A statement is reworded where every string
of that text in it can only be the label; where another reading is possible, or where the statement
makes a text of what it reads, it cannot be carried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import pairwise
from typing import Any, TypeVar

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Operation, Rows
from schemaops.operations.group import Group
from schemaops.schema.expressions import Expression, Pieces
from schemaops.schema.objects import Column, View
from schemaops.schema.state import Schema
from schemaops.sql.lexer import Token, TokenKind, tokens
from schemaops.sql.strings import string_literal, string_value
from schemaops.sql.types import Family, family

__all__ = ["Ambiguous", "Labels", "followed", "relabelled", "renamed_labels"]

_STRING = re.compile(r"'(?:[^']|'')*'")
T = TypeVar("T")


class Ambiguous(Exception):
    """A statement spells a renamed label, or reads it as a text, so that nobody can reword it."""

    def __init__(self, at: Address, label: str) -> None:
        super().__init__(label)
        self.at = at
        self.label = label


def renamed_labels(operations: Iterable[Operation]) -> dict[Address, dict[str, str]]:
    """Return, by enum, what each label is called that the operations rename."""
    found: dict[Address, dict[str, str]] = {}
    for operation in operations:
        pair = _renaming(operation)
        if pair is None or not isinstance(operation, Alter):
            continue
        old, new = pair
        names = found.setdefault(operation.at, {})
        first = next((before for before, after in names.items() if after == old), old)
        names[first] = new
        if first == new:
            del names[first]
    return {at: names for at, names in found.items() if names}


def _renaming(operation: Operation) -> tuple[str, str] | None:
    if not isinstance(operation, Alter) or operation.at.kind is not Kind.ENUM:
        return None
    if operation.fact != "values" or len(operation.before) != len(operation.after):
        return None
    pairs = [p for p in zip(operation.before, operation.after, strict=True) if p[0] != p[1]]
    return pairs[0] if len(pairs) == 1 else None


def followed(operations: Sequence[Operation]) -> list[Operation]:
    """Return operations without the defaults that only follow a label to its new name."""
    pairs = [pair for pair in map(_renaming, operations) if pair is not None]
    if not pairs:
        return list(operations)
    return [
        o
        for o in operations
        if not (
            isinstance(o, Alter)
            and o.fact == "default"
            and any(relabelled(o.before, dict([pair])) == o.after for pair in pairs)
        )
    ]


def relabelled(value: T, names: dict[str, str]) -> T:
    """Return a value with the string literals in its expressions called by their new names."""
    made: Any = value
    match value:
        case Expression(normal=normal, written=written):
            made = Expression(_relabelled(normal, names), _relabelled(written, names))
        case Rows(values=values):
            made = replace(
                value,
                values=values and tuple(tuple(_cell(c, names) for c in row) for row in values),
                sets=relabelled(value.sets, names),
                where=relabelled(value.where, names),
                text=relabelled(value.text, names),
            )
        case tuple():
            made = tuple(relabelled(part, names) for part in value)
        case str() if not isinstance(value, Address):
            made = value
        case _ if is_dataclass(value) and not isinstance(value, type | Address):
            changes = {f.name: relabelled(getattr(value, f.name), names) for f in fields(value)}
            made = replace(value, **changes)
    return made  # type: ignore[no-any-return]


def _cell(cell: Any, names: dict[str, str]) -> Any:
    return names.get(cell, cell) if isinstance(cell, str) else cell


def _relabelled(pieces: Pieces, names: dict[str, str]) -> Pieces:
    def named(found: re.Match[str]) -> str:
        text = found[0][1:-1].replace("''", "'")
        return string_literal(names[text]) if text in names else found[0]

    return tuple(p if isinstance(p, Address) else _STRING.sub(named, p) for p in pieces)


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels that a line renamed: by enum, the names now for those before."""

    names: dict[Address, dict[str, str]]

    def reworded(
        self, text: str, group: Group, schema: Schema, place: Callable[[Address], Address]
    ) -> str:
        """Return a statement's text with its labels called by their new names; raise Ambiguous.

        `schema` is the one that it is carried to, and `place` says where there an address is.
        """
        touched = _touched(group, schema, place)
        for at, names in self.names.items():
            types = [(t, at in t.addresses()) for t in touched]
            if not any(own for _, own in types) and at not in _mentioned(group, place):
                continue
            found = list(tokens(text, "postgres"))
            spelled = [t for t in found if _label(t) in names]
            rows = any(isinstance(o, Rows) for o in group.operations)
            if not spelled:
                if rows and _as_text(group, schema, place, at, found):
                    raise Ambiguous(at, next(iter(names)))
                continue
            texts = [t for t, own in types if not own and _may_be_text(t)]
            if not rows:
                texts = []  # a definition's strings are its own column's
            if texts and not _all_cells(group, schema, place, at, names, spelled):
                raise Ambiguous(at, _label(spelled[0]) or "")
            if any(_is_argument(found, token) for token in spelled):
                raise Ambiguous(at, _label(spelled[0]) or "")
            for token in reversed(spelled):
                literal = string_literal(names[_label(token) or ""])
                text = f"{text[: token.start]}{literal}{text[token.end :]}"
        return text

    def of(self, operation: Operation, schema: Schema, *, spelled: bool) -> Operation:
        """Return an operation with its labels called by their new names; what a statement of rows
        says only where the statement was reworded."""
        for at, names in self.names.items():
            if isinstance(operation, Rows):
                operation = relabelled(operation, names) if spelled else operation
            elif isinstance(operation, Alter) and operation.at == at:
                operation = replace(
                    operation,
                    before=tuple(names.get(v, v) for v in operation.before),
                    after=tuple(names.get(v, v) for v in operation.after),
                )
            elif _is_of(operation, at, schema):
                operation = relabelled(operation, names)
        return operation


def _label(token: Token) -> str | None:
    return string_value(token.text, "postgres") if token.kind is TokenKind.STRING else None


def _is_of(operation: Operation, enum: Address, schema: Schema) -> bool:
    """Whether an operation is about a column of an enum type."""
    thing = getattr(operation, "thing", None)
    if thing is None:
        thing = schema.get(operation.at) if isinstance(operation, Alter) else None
    return isinstance(thing, Column) and enum in set(thing.type.addresses())


def _touched(group: Group, schema: Schema, place: Callable[[Address], Address]) -> list[Expression]:
    """Return the types of the columns that a statement names, through views too."""
    own = {o.at: o.thing for o in group.operations if isinstance(o, Create)}
    left = [p.at for o in group.operations for p in (*o.footprint().reads, *o.footprint().writes)]
    seen: set[Address] = set()
    found = []
    while left:
        at = left.pop()
        if at in seen:
            continue
        seen.add(at)
        thing = own.get(at) or schema.get(_placed(at, place)) or schema.get(at)
        if isinstance(thing, Column):
            found.append(_here(thing.type, place) if at in own else thing.type)
        elif isinstance(thing, View):
            left += list(thing.query.addresses())
    return found


def _placed(at: Address, place: Callable[[Address], Address]) -> Address:
    moved = place(at)
    return Address(at.kind, moved.path)


def _here(type_: Expression, place: Callable[[Address], Address]) -> Expression:
    return type_.relocated(place)


def _mentioned(group: Group, place: Callable[[Address], Address]) -> set[Address]:
    return {place(m.at) for m in group.mentions if m.at.kind is Kind.ENUM}


def _may_be_text(type_: Expression) -> bool:
    return family(type_, "postgres") not in (
        Family.BOOLEAN,
        Family.INTEGER,
        Family.EXACT,
        Family.FLOAT,
        Family.DATE,
        Family.TIME,
        Family.TIMESTAMP,
    )


def _all_cells(
    group: Group,
    schema: Schema,
    place: Callable[[Address], Address],
    enum: Address,
    names: dict[str, str],
    spelled: Sequence[Token],
) -> bool:
    """Whether every spelled label is a literal of an INSERT for a column of the type."""
    cells = []
    for operation in group.operations:
        if not isinstance(operation, Rows) or operation.values is None:
            return False
        for row in operation.values:
            for column, cell in zip(operation.columns, row, strict=False):
                thing = schema.get(place(column))
                own = isinstance(thing, Column) and enum in set(thing.type.addresses())
                if isinstance(cell, str) and cell in names:
                    cells.append(own)
    return all(cells) and len(cells) == len(spelled)


_MAKING = {"||", "::", "~", "~~", "!~", "~*"}
# fmt: off
_BEFORE = frozenset((
    "IN", "ANY", "ALL", "SOME", "VALUES", "CHECK", "DEFAULT", "AND", "OR", "NOT", "WHERE",
    "ON", "SET", "SELECT", "THEN", "ELSE", "WHEN", "CASE", "USING", "FROM", "AS", "BY",
    "RETURNING", "ENUM", "UNION", "EXISTS", "COALESCE", "NULLIF", "GREATEST", "LEAST",
))
# fmt: on


def _is_argument(found: Sequence[Token], token: Token) -> bool:
    """Whether a string stands in a call's parentheses, where it may mean anything."""
    depth = 0
    place = found.index(token)
    for i in range(place - 1, -1, -1):
        if found[i].text == ")":
            depth += 1
        elif found[i].text == "(":
            if depth == 0:
                ahead = found[i - 1] if i else None
                named = ahead is not None and ahead.kind in (TokenKind.WORD, TokenKind.QUOTED)
                if named and ahead is not None and ahead.text.upper() not in _BEFORE:
                    return True
            else:
                depth -= 1
    return False


def _as_text(
    group: Group,
    schema: Schema,
    place: Callable[[Address], Address],
    enum: Address,
    found: Sequence[Token],
) -> bool:
    """Whether a statement may write, or compare by, the text of a label that it reads."""
    reads = False
    writes = False
    for operation in group.operations:
        if not isinstance(operation, Rows):
            continue
        for at in operation.reads:
            thing = schema.get(_placed(at, place))
            reads = reads or (isinstance(thing, Column) and enum in set(thing.type.addresses()))
            reads = reads or isinstance(thing, View)
        for at in operation.columns:
            thing = schema.get(_placed(at, place))
            own = isinstance(thing, Column) and enum in set(thing.type.addresses())
            given = operation.values is None and operation.verb in ("insert", "update")
            writes = writes or (given and isinstance(thing, Column) and not own)
    if not reads:
        return False
    made = any(
        t.text in _MAKING or t.text.upper() in ("CAST", "LIKE", "ILIKE", "SIMILAR") for t in found
    )
    called = any(
        a.kind is TokenKind.WORD and b.text == "(" and a.text.upper() not in _BEFORE
        for a, b in pairwise(found)
    )
    values = {
        a
        for o in group.operations
        if isinstance(o, Rows)
        for _, made_of in o.sets
        for a in made_of.addresses()
    }
    shown = (schema.get(_placed(at, place)) for at in values)
    whole = any(isinstance(t, Column) and enum in set(t.type.addresses()) for t in shown)
    return made or called or (writes and (whole or "SELECT" in {t.text.upper() for t in found}))
