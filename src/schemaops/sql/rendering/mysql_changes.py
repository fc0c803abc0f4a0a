"""What MySQL's ALTER TABLE statements are made of: clauses, and which of them must be said together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Operation, Rename, Reorder
from schemaops.schema.objects import Check, Column, Index, Object, PrimaryKey, Unique, View
from schemaops.sql import charsets
from schemaops.sql.rendering.clumps import Clump

__all__ = [
    "COUNTER",
    "PLAIN_OPTIONS",
    "Change",
    "changed_table",
    "columns_of",
    "created",
    "dropped",
    "joined",
    "merged",
    "must_be_anew",
    "part_of",
    "same_words",
    "table_of",
]

COUNTER = "counter"
PLAIN_OPTIONS = {
    "engine": "InnoDB",
    "collate": charsets.DEFAULT,
    **dict.fromkeys(("avg_row_length", "checksum", "delay_key_write", "key_block_size"), "0"),
    **dict.fromkeys(("max_rows", "min_rows"), "0"),
}
_IN_TABLE = frozenset(
    {Kind.COLUMN, Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.CHECK, Kind.FOREIGN_KEY, Kind.INDEX}
)


@dataclass(slots=True)
class Change:
    """Clauses of one ALTER TABLE; `part` is what they are to a larger one: `counter` for a column
    that counts and so needs a key, `add` or `drop` for a key."""

    table: Address
    clauses: list[str] = field(default_factory=list)
    part: str = ""


def changed_table(clump: Clump) -> Address | None:
    """The table that a clump changes by ALTER TABLE, if that is what it does."""
    match clump.chief:
        case Create(thing=thing) | Drop(thing=thing) if thing.at.kind in _IN_TABLE:
            return Address(Kind.TABLE, thing.at.path[:-1])
        case Alter(at=at) | Reorder(at=at) | Rename(old=at):
            if at.kind in _IN_TABLE:
                return Address(Kind.TABLE, at.path[:-1])
            return at if at.kind is Kind.TABLE else None
        case _:
            return None


def merged(found: Sequence[Clump]) -> Iterator[Clump]:
    """Yield the clumps, those that shed or take back a server-made index joined to their cause."""
    waiting: Clump | None = None
    for clump in found:
        if waiting is not None and _is_shed(clump.chief, waiting.chief):
            waiting = replace(waiting, others=(*waiting.others, *clump.operations))
            continue
        if waiting is not None:
            yield waiting
        waiting = clump
    if waiting is not None:
        yield waiting


def _is_shed(operation: Operation, before: Operation) -> bool:
    return (
        isinstance(operation, Drop)
        and isinstance(operation.thing, Index)
        and operation.thing.implicit
        and isinstance(before, Create)
        and isinstance(before.thing, Index | Unique | PrimaryKey)
    )


def joined(table: Address, changes: Sequence[Change]) -> Iterator[Change]:
    """Yield the changes of a table, those made one that must be said in one statement."""
    for bound, found in groupby(changes, key=lambda change: bool(change.part)):
        run = list(found)
        parts = {change.part for change in run}
        if bound and (COUNTER in parts or len(parts) > 1):
            clauses = [clause for change in run for clause in change.clauses]
            yield Change(table, sorted(clauses, key=lambda c: not c.startswith("ADD COLUMN")))
        else:
            yield from run


def part_of(thing: Object, what: str) -> str:
    """Return what the change of an object is to a larger one: `what` for a key."""
    return what if isinstance(thing, PrimaryKey | Unique | Index) else ""


def dropped(operations: Iterable[Operation]) -> list[Object]:
    """The objects dropped, save a column's own checks: those go with it unsaid."""
    things = [operation.thing for operation in operations if isinstance(operation, Drop)]
    return [t for t in things if not (isinstance(t, Check) and not t.named)]


def created(clump: Clump) -> Address | None:
    """Return what a clump chiefly creates."""
    match clump.chief:
        case Create(thing=thing):
            return thing.at
        case _:
            return None


def same_words(one: View, other: View) -> bool:
    """Whether what one view holds and the other does not, the other names in words."""
    if one.columns != other.columns or one.options != other.options:
        return False
    held, kept = set(_held(one)), set(_held(other))
    if not (held < kept or kept < held):
        return False
    words = _words(other if kept < held else one)
    return all(at.name.lower() in words for at in held ^ kept)


def _held(view: View) -> Iterator[Address]:
    return (piece for piece in view.query.normal if isinstance(piece, Address))


def _words(view: View) -> set[str]:
    said = " ".join(piece for piece in view.query.normal if isinstance(piece, str))
    return {word.lower() for pair in re.findall(r"`([^`]+)`|([\w$]+)", said) for word in pair}


def table_of(thing: Object) -> Address:
    """Return the table that an object stands in."""
    return Address(Kind.TABLE, thing.at.path[:-1])


def columns_of(index: Index) -> tuple[Address, ...]:
    """Return the columns that are keys of an index."""
    return tuple(
        piece for key in index.keys for piece in key.expression.normal if isinstance(piece, Address)
    )


def must_be_anew(before: Column, after: Column) -> bool:
    """Whether a column must be dropped and added: virtual ones neither come nor go by MODIFY."""
    old, new = before.generated, after.generated
    if (old is None) == (new is None) and (old is None or new is None or old.stored == new.stored):
        return False
    return not ((old is None or old.stored) and (new is None or new.stored))
