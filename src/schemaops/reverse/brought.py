"""Indexes that MySQL made for a foreign key, and that outlived it for some statements.

The index stays when its key is dropped, until a statement sheds it or drops it by name. The way back
would make it at that place, where the key is not there yet, and so as one of the table's own, which
the server keeps where it would shed the other. Taken as gone with its key, it comes back with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Opaque, Operation, Rename, Rows
from schemaops.operations.group import Group
from schemaops.schema.objects import ForeignKey, Index, container
from schemaops.schema.state import Schema

__all__ = ["gone_with_their_keys"]


def gone_with_their_keys(groups: Sequence[Group], before: Schema) -> tuple[Group, ...]:
    """Return the groups of a line that leaves `before`, each index that a foreign key brought, and that
    goes in a later group than its key, gone with the key."""
    found = list(groups)
    if before.dialect != "mysql":
        return tuple(found)
    schemas = [before]
    for group in groups:
        schemas.append(group.apply(schemas[-1]))
    for place, group in enumerate(groups):
        for operation in group.operations:
            if isinstance(operation, Drop) and isinstance(operation.thing, Index):
                index = operation.thing
                first = _with_key(groups, place, index, schemas) if index.implicit else None
                if first is not None:
                    rest = tuple(o for o in found[place].operations if o != operation)
                    found[place] = replace(found[place], operations=rest)
                    line = found[first].operations
                    at = next(i for i, o in enumerate(line) if _drops_key(o, index)) + 1
                    line = (*line[:at], operation, *line[at:])
                    found[first] = replace(found[first], operations=line)
    return tuple(found)


def _with_key(
    groups: Sequence[Group], place: int, index: Index, schemas: Sequence[Schema]
) -> int | None:
    """Return the place of the group that drops the key of an index, which nothing needs or names from
    then to the group at `place`; None where there is none."""
    if index.at not in schemas[place]:
        return None
    for earlier in range(place, -1, -1):
        line = groups[earlier].operations
        if any(_drops_key(operation, index) for operation in line):
            # Within one statement the server looks at the end.
            free = earlier == place or not _is_needed(index, schemas[earlier + 1])
            return earlier if free else None
        if earlier != place and any(_concerns(operation, index) for operation in line):
            return None
    return None


def _drops_key(operation: Operation, index: Index) -> bool:
    """Whether an operation drops a foreign key over the columns of an index."""
    match operation:
        case Drop(thing=ForeignKey() as key):
            return container(key) == index.table and key.columns == _columns(index)
        case Opaque(effect=effect):
            return any(_drops_key(one, index) for one in effect or ())
        case _:
            return False


def _concerns(operation: Operation, index: Index) -> bool:
    """Whether an operation needs an index, names it or what it stands on anew, or may."""
    match operation:
        case Create(thing=ForeignKey() as key):
            return index.table in (container(key), key.table)
        case Create(thing=thing) | Drop(thing=thing):
            return thing.at in (index.at, index.table)
        case Alter(at=at):
            return at == index.at
        case Rename(old=old):
            return old in (index.at, index.table, *_columns(index))
        case Rows():
            return False
        case Opaque(effect=effect):
            return effect is None or any(_concerns(one, index) for one in effect)
        case _:
            return index.table in set(operation.footprint().addresses())


def _is_needed(index: Index, schema: Schema) -> bool:
    """Whether a foreign key looks its values up in an index."""
    columns = _columns(index)
    for thing in (*schema.parts(index.table, ForeignKey), *schema.referrers(index.table)):
        if isinstance(thing, ForeignKey):
            for at, named in ((container(thing), thing.columns), (thing.table, thing.referred)):
                if at == index.table and columns[: len(named)] == named:
                    return True
    return False


def _columns(index: Index) -> tuple[Address, ...]:
    return tuple(
        at
        for key in index.keys
        for at in key.expression.normal
        if isinstance(at, Address) and at.kind is Kind.COLUMN
    )
