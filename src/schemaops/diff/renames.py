"""Renames: those that somebody settled, as operations; those that are likely, as hints.

A drop and an add of the same type look like a rename and may be two changes; which it is decides
about the values, so it is never guessed in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schemaops.errors import SchemaOpsError
from schemaops.names import Address, Kind, Name, Relocation
from schemaops.operations import Alter, Operation, Rename
from schemaops.schema.expressions import Expression, Piece, Pieces
from schemaops.schema.objects import Column, Table, View
from schemaops.schema.state import Schema
from schemaops.sql.names import fold, quote

__all__ = ["LikelyRename", "UnreadableRename", "likely_renames", "moves", "settled"]

_RENAMED = (
    Kind.SCHEMA,
    Kind.TABLE,
    Kind.VIEW,
    Kind.ENUM,
    Kind.DOMAIN,
    Kind.COMPOSITE,
    Kind.RANGE,
    Kind.SEQUENCE,
    Kind.COLUMN,
    Kind.INDEX,
)


class UnreadableRename(SchemaOpsError):
    """A rename does not say which object becomes which.

    Write the old address, `=` and the new name: `--rename users.email=mail`.
    """

    code = "SO107"


@dataclass(frozen=True, slots=True)
class LikelyRename:
    """A table or column that may have been renamed: one went, one alike came."""

    old: Address
    new: Address

    def __str__(self) -> str:
        return f"{self.old}={self.new.name}"


def settled(text: str, before: Schema) -> tuple[Address, Address]:
    """Return the addresses that `users.email=mail` speaks of; raise UnreadableRename."""
    old_text, equals, new_text = text.partition("=")
    old_path, new_path = _path(old_text, before.dialect), _path(new_text, before.dialect)
    if not equals or not old_path or not new_path:
        raise UnreadableRename(f"`{text}` is no rename")
    # In MySQL tables are told apart by case and columns are not.
    spelled = (old_path, tuple(part.lower() for part in old_path))
    for kind in _RENAMED:
        for thing in before:
            at = thing.at
            if at.kind is kind and tuple(map(str, at.path[-len(old_path) :])) in spelled:
                path = (*at.path[: -len(new_path)], *new_path)
                return at, Address(kind, path)
    raise UnreadableRename(f"there is no {old_text.strip()} to rename")


def _path(text: str, dialect: str) -> tuple[Name, ...]:
    kind = Kind.TABLE if dialect == "mysql" else Kind.COLUMN
    return tuple(fold(part.strip(), dialect, kind) for part in text.split(".") if part.strip())


def moves(
    before: Schema, after: Schema, renames: Iterable[tuple[Address, Address]]
) -> tuple[list[Operation], Schema]:
    """Return the operations of settled renames, and the schema after them."""
    operations: list[Operation] = []
    schema = before
    where = Relocation()
    for old, new in sorted(renames, key=lambda pair: (_RENAMED.index(pair[0].kind), pair[0].path)):
        here = where(old)
        there = Address(here.kind, (*where(old.sibling(new.name)).path[:-1], new.name))
        if here.kind is not Kind.COLUMN and new in after:
            there = new
        for operation in _rename(schema, here, there):
            operations.append(operation)
            schema = operation.apply(schema)
        where = where.then(here, there)
    return operations, schema


def _rename(schema: Schema, old: Address, new: Address) -> Iterator[Operation]:
    if schema.dialect == "mysql":
        for thing in schema.referrers(old):
            if isinstance(thing, View):
                yield Alter(
                    thing.at, "query", thing.query, _in_words(thing.query, old, schema.dialect)
                )
    yield Rename(old, new)


def _in_words(query: Expression, at: Address, dialect: str) -> Expression:
    """Return a view's query as MySQL keeps it past a rename: naming what is no longer there."""

    def told(piece: Piece) -> Piece:
        held = isinstance(piece, Address) and at.covers(piece)
        return quote(piece.name, dialect) if held and isinstance(piece, Address) else piece

    def joined(pieces: Pieces) -> Pieces:
        found: list[Piece] = []
        for piece in map(told, pieces):
            if found and isinstance(piece, str) and isinstance(found[-1], str):
                found[-1] += piece
            else:
                found.append(piece)
        return tuple(found)

    return Expression(joined(query.normal), joined(query.written))


def likely_renames(before: Schema, after: Schema) -> tuple[LikelyRename, ...]:
    """Return the drops and adds that look like one rename each, by address."""
    return (*_columns(before, after), *_tables(before, after))


def _columns(before: Schema, after: Schema) -> Iterator[LikelyRename]:
    for table in after:
        if not isinstance(table, Table) or table.at not in before:
            continue
        gone = [c for c in before.columns(table.at) if c.at not in after]
        came = [c for c in after.columns(table.at) if c.at not in before]
        for old in gone:
            alike = [new for new in came if _alike(old, new)]
            if len(alike) == 1 and sum(_alike(other, alike[0]) for other in gone) == 1:
                yield LikelyRename(old.at, alike[0].at)


def _alike(old: Column, new: Column) -> bool:
    return old.type == new.type and old.generated == new.generated


def _tables(before: Schema, after: Schema) -> Iterator[LikelyRename]:
    gone = [t for t in before if isinstance(t, Table) and t.at not in after]
    came = [t for t in after if isinstance(t, Table) and t.at not in before]
    for old in gone:
        shape = _shape(before, old)
        alike = [new for new in came if _shape(after, new) == shape]
        if len(alike) == 1 and sum(_shape(before, other) == shape for other in gone) == 1:
            yield LikelyRename(old.at, alike[0].at)


def _shape(schema: Schema, table: Table) -> frozenset[tuple[Name, Expression]]:
    return frozenset((column.at.name, column.type) for column in schema.columns(table.at))
