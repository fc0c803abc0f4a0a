"""What another type of a column brings with it in PostgreSQL: its default, and what is read again.

The server keeps a default as it was and casts it, drops what it cannot know of the new values, and
reads indexes and checks anew from the text that it wrote of them.
"""

from __future__ import annotations

import re
from dataclasses import replace

from schemaops.names import Address, Kind
from schemaops.operations import Alter
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    Column,
    Index,
    Object,
    PartitionKey,
    Policy,
    Routine,
    Statistics,
    Trigger,
    View,
)
from schemaops.sql import constraints, expressions
from schemaops.sql.binding import coercion
from schemaops.sql.cursor import Cursor
from schemaops.sql.reading import NotAllowed, Reading, StillNeeded, in_full
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.types import Family, family, parsed

__all__ = ["set_type"]


def set_type(
    reading: Reading,
    at: Address,
    kind: Cursor,
    using: Cursor | None,
    collation: str | None = None,
) -> None:
    """Emit what ALTER COLUMN … TYPE comes to."""
    column = reading.schema.column(at)
    made_of = None
    if using is not None:
        made_of = reading.expression(using, reading.relation_at(column.table))
    new = reading.type(kind)
    if column.identity is not None and str(new) not in ("smallint", "integer", "bigint"):
        raise NotAllowed(f"an identity column is of type smallint, integer or bigint: {at}")
    for part in reading.schema.parts(column.table, PartitionKey):
        if at in {a for one in part.keys for a in one.expression.addresses()}:
            raise NotAllowed(f"column {at} tells the rows of {column.table} apart", at)
    # PostgreSQL refuses these also where the type stays as it is.
    for thing in reading.schema.referrers(at):
        made = thing.generated if isinstance(thing, Column) else None
        if isinstance(thing, View | Policy | Trigger | Routine) or made is not None:
            raise StillNeeded(at, thing.at)
    if new != column.type and column.generated is not None and not _integers(column.type, new):
        # Where it rounds, the values that are there are not those that would be made anew.
        raise NotUnderstood(f"column {at} is generated; its new values are not understood")
    if new == column.type and made_of is not None and made_of.normal != (at,):
        raise NotUnderstood(f"the values of {at} are made anew, of the same type")
    _must_cast(reading, column, new, written=using is not None)
    default = _default_after(reading, column, new)
    # How values are stored and compressed goes with the type that they had.
    settings = tuple(p for p in column.settings if p[0] not in ("storage", "compression"))
    constraints.column_with(
        reading, at, type=new, collation=collation, default=default, settings=settings
    )
    for thing in tuple(reading.schema.referrers(at)):
        _read_anew(reading, thing, column)
        if isinstance(thing, Statistics) and thing.target is not None:
            # They are made anew, and how much they keep is forgotten.
            reading.emit(Alter(thing.at, "target", thing.target, None))


def _integers(*of: Expression) -> bool:
    return all(family(one, "postgres") is Family.INTEGER for one in of)


def _read_anew(reading: Reading, thing: Object, before: Column) -> None:
    """Emit what an index or a check comes to where PostgreSQL reads it again, a column of another
    type; raise NotUnderstood where what it wrote into it is not known here."""
    relation = reading.relation_at(before.table)

    def again(expression: Expression) -> Expression:
        if expression.normal == (before.at,) or before.at not in expression.addresses():
            return expression
        text = expression.text(in_full)
        new = reading.schema.column(before.at).type
        kinds = {str(kind).partition("(")[0] for kind in (before.type, new)}
        # A literal stays one of the type that it was compared with.
        cast = "'" in text or family(before.type, "postgres") in (Family.TEXT, Family.ENUM)
        if cast and kinds - _LIKE_TEXT:
            raise NotUnderstood(f"what becomes of {thing.at} is not understood")
        if len(kinds) > 1 and _keeps_casts(reading, before, text, expression):
            raise NotUnderstood(f"which casts {thing.at} keeps is not understood")
        found = expressions.expression(text, "postgres", reading.scope(relation))
        return expression if found.normal == expression.normal else found

    if isinstance(thing, Check):
        made = again(thing.expression)
        if made != thing.expression:
            reading.emit(Alter(thing.at, "expression", thing.expression, made))
    elif isinstance(thing, Index):
        keys = tuple(replace(key, expression=again(key.expression)) for key in thing.keys)
        if keys != thing.keys:
            reading.emit(Alter(thing.at, "keys", thing.keys, keys))
        where = None if thing.where is None else again(thing.where)
        if where != thing.where:
            reading.emit(Alter(thing.at, "where", thing.where, where))


def _keeps_casts(reading: Reading, before: Column, text: str, said: Expression) -> bool:
    """Whether PostgreSQL may have written a cast to a column's old type into what it now reads again:
    one of a number that stands beside it, or of another column."""
    columns = {at for at in said.addresses() if at.kind is Kind.COLUMN}
    if _NUMBER.search(text) is None:
        # Columns of one type meet without a cast, but as the text that each of them is.
        types = {reading.schema.column(at).type for at in columns - {before.at}}
        new = reading.schema.column(before.at).type
        if types == {new} and _widened(before.type, new):
            return False
        return len({str(kind).partition("(")[0] for kind in types | {before.type}}) > 1
    if family(before.type, "postgres") is not Family.INTEGER:
        return True
    # An operator has a form for integers of two sizes; a list has not, nor has a call.
    alone = str(before.type) == "integer" and len(columns) == 1
    return (_LIST if alone else _INSIDE).search(text) is not None


def _widened(old: Expression, new: Expression) -> bool:
    """Whether an integer becomes a larger one: what it was cast to beside such, it now is."""
    sizes = [_SIZES.index(str(kind)) for kind in (old, new) if str(kind) in _SIZES]
    return len(sizes) == 2 and sizes[0] < sizes[1]


_SIZES = ("smallint", "integer", "bigint")
_LIST = re.compile(r"(?i)\bIN \(|\bARRAY\b")
_INSIDE = re.compile(r"[()]")
_NUMBER = re.compile(r"(?<![\w\"$])[0-9.]")
_LIKE_TEXT = frozenset({"text", "character varying"})


def _must_cast(reading: Reading, column: Column, new: Expression, *, written: bool) -> None:
    """Raise NotAllowed where PostgreSQL would not cast values by itself, nor the default."""
    own = [parsed(reading.base_type(one), "postgres") for one in (column.type, new)]
    kinds = [coercion.type_of(name) for name in own if isinstance(name.base, str)]
    if len(kinds) != 2 or not all(map(coercion.is_built_in, kinds)):
        return
    one, other = kinds
    inside = coercion.element_of(one), coercion.element_of(other)
    if any(True for _ in reading.schema.of_kind(Kind.CAST)):
        return
    if inside[0] is not None and inside[1] is not None:
        one, other = inside
    if one is None or other is None or coercion.can_assign(one, other):
        return
    said = f"{column.at} cannot be cast automatically to {new}"
    if not written:
        raise NotAllowed(f"column {said}", column.at)
    if column.default is not None:
        raise NotAllowed(f"the default of {said}", column.at)


def _default_after(reading: Reading, column: Column, new: Expression) -> Expression | None:
    """Return a column's default where its type changes: it stays what it was, a literal one of the
    old type, and is cast whenever it is used."""
    if column.default is None or new == column.type:
        return column.default
    text = column.default.text(in_full)
    if _LITERAL.fullmatch(text):
        # It is read as the type's without a length, and then fitted to that.
        name = replace(parsed(column.type, "postgres"), arguments=())
        kind = "".join(p if isinstance(p, str) else in_full(p) for p in name.pieces())
        text = f"({text})::{_WITHOUT_LENGTH.get(kind, kind)}"
    return expressions.expression(text, "postgres", reading.scope(), new)


# What the bare words mean has a length of one.
_WITHOUT_LENGTH = {"character": "bpchar", "bit": '"bit"', "character[]": "bpchar[]"}
_LITERAL = re.compile(r"(?i:[eu]&?)?'(?:[^']|'')*'")
