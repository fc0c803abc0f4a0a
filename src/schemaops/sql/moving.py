"""What PostgreSQL's ALTER … SET SCHEMA moves: an object, its indexes and the sequences it owns."""

from __future__ import annotations

from schemaops.names import Address, Kind, Name
from schemaops.operations import Rename
from schemaops.schema.objects import Index, Sequence
from schemaops.schema.state import MissingObject
from schemaops.sql import exclusions
from schemaops.sql.reading import Reading
from schemaops.sql.scope import NotUnderstood

__all__ = ["to_schema"]


def to_schema(reading: Reading, at: Address, space: Name) -> None:
    """Emit that an object goes to another schema, with what goes along."""
    if at.path[0] == space:
        return
    if space.startswith("pg_") or space == "information_schema":
        raise NotUnderstood(f"what stands in {space} is no part of the schema")
    if space != "public" and Address(Kind.SCHEMA, (space,)) not in reading.schema:
        raise MissingObject(Address(Kind.SCHEMA, (space,)))
    along: list[Sequence | Index] = [
        thing
        for thing in reading.schema.referrers(at)
        if isinstance(thing, Sequence) and thing.owner is not None and at.covers(thing.owner)
    ]
    along += reading.schema.parts(at, Index)
    for thing in along:
        if exclusions.is_exclusion(thing):
            exclusions.must_not_be_quoted(reading, thing.at)
    reading.emit(Rename(at, Address(at.kind, (space, *at.path[1:]))))
    for thing in along:
        reading.emit(Rename(thing.at, Address(thing.at.kind, (space, thing.at.name))))
