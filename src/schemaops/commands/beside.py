"""What stands in a database beside the schema: the tables of other tools, which are left out of it."""

from __future__ import annotations

from collections.abc import Iterable

from schemaops.names import Address, Kind
from schemaops.schema.objects import Sequence
from schemaops.schema.state import Schema

__all__ = ["without"]


def without(schema: Schema, names: Iterable[str]) -> Schema:
    """Return the schema without these tables and what belongs to them alone.

    A name is a table's, with its schema where that is not the default one; `sqitch.*` is all of a
    schema, and the schema itself.
    """
    wanted = {_path(one, schema.dialect) for one in names}
    if not wanted:
        return schema
    spaces = {path[0] for path in wanted if path[-1] == "*"}
    for thing in tuple(schema.of_kind(Kind.TABLE)):
        path = tuple(str(part).lower() for part in thing.at.path)
        if path in wanted or (len(path) > 1 and path[0] in spaces):
            schema = _removed(schema, thing.at)
    if spaces:
        for thing in sorted(schema, key=lambda one: one.at.kind is Kind.SCHEMA):
            if str(thing.at.path[0]).lower() in spaces and thing.at in schema:
                schema = schema.removing(thing.at)
    return schema


def _path(name: str, dialect: str) -> tuple[str, ...]:
    path = tuple(name.lower().split("."))
    return ("public", *path) if dialect == "postgres" and len(path) == 1 else path


def _removed(schema: Schema, table: Address) -> Schema:
    owned = [
        thing
        for thing in schema.of_kind(Kind.SEQUENCE)
        if isinstance(thing, Sequence)
        and thing.owner is not None
        and thing.owner.path[:-1] == table.path
    ]
    for part in (*schema.contents(table), *owned):
        if part.at in schema:
            schema = schema.removing(part.at)
    return schema.removing(table)
