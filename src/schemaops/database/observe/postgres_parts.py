"""PostgreSQL observed by parts: some relations, or some of what stands in them, in one round trip.

The query is prepared once a session, since planning it costs more than running it. What the texts of
the catalogue depend on is set within a savepoint that is rolled back, so that whatever the session
has set is there again afterwards.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schemaops.database.observe.postgres import read_objects
from schemaops.database.observe.postgres_catalogue import SETTINGS, TYPES, relations
from schemaops.database.observe.source import Source
from schemaops.names import Address, Kind
from schemaops.schema.objects import (
    Check,
    Column,
    ForeignKey,
    Index,
    Object,
    PrimaryKey,
    Sequence,
    Table,
    Unique,
    View,
)

__all__ = ["READ", "Looked", "look"]

READ = (Table, View, Column, PrimaryKey, Unique, Check, ForeignKey, Index, Sequence)
"""What stands in relations, and so is read with them."""
_PARTS = (Column, PrimaryKey, Unique, Check, ForeignKey, Index)


@dataclass(frozen=True, slots=True)
class Looked:
    """The objects that were read, and of relations not read whole the names of what is in them."""

    things: Mapping[Address, Object]
    columns: Mapping[tuple[str, str], frozenset[str]]
    others: Mapping[tuple[str, str], frozenset[str]]


def look(
    source: Source,
    version: int,
    whole: Mapping[tuple[str, str], bool],
    parts: Iterable[str],
    kinds: Iterable[Kind],
) -> Looked:
    """Return some relations, by schema and name, whole or the named parts of them, which are of
    these kinds, from a server of this version (server_version_num); within a transaction."""
    sections = {"relations", *(_SECTIONS[kind] for kind in kinds if kind in _SECTIONS)}
    if any(whole.values()):
        sections |= {*TYPES, "sequences", *_SECTIONS.values()}
    if not all(whole.values()):
        sections.add("names")
    arguments = (
        _array(schema for schema, _ in whole),
        _array(name for _, name in whole),
        _array("t" if all_of_it else "f" for all_of_it in whole.values()),
        _array(parts),
    )
    text = source.query_each(
        (
            ("SAVEPOINT schemaops_look", ()),
            (_SET, ()),
            (relations(version, frozenset(sections)), arguments),
            ("ROLLBACK TO SAVEPOINT schemaops_look", ()),
            ("RELEASE SAVEPOINT schemaops_look", ()),
        )
    )[0][0]
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for section, found in json.loads(text).items():
        rows[section] = found or []
    names = rows.pop("names", [])
    read = READ if all(whole.values()) else _PARTS
    things = {thing.at: thing for thing in read_objects(rows) if isinstance(thing, read)}
    at = {row["oid"]: (row["schema"], row["name"]) for row in rows["relations"]}
    return Looked(
        things,
        {at[row["oid"]]: frozenset(row["columns"]) for row in names if row["oid"] in at},
        {
            at[row["oid"]]: frozenset((*row["constraints"], *row["indexes"]))
            for row in names
            if row["oid"] in at
        },
    )


_SECTIONS = {
    Kind.COLUMN: "columns",
    Kind.PRIMARY_KEY: "constraints",
    Kind.UNIQUE: "constraints",
    Kind.CHECK: "constraints",
    Kind.FOREIGN_KEY: "constraints",
    Kind.INDEX: "indexes",
}
_SET = "SELECT " + ", ".join(
    f"pg_catalog.set_config('{name}', '{value}', true)"
    for name, value in {
        **SETTINGS,
        "plan_cache_mode": "force_generic_plan",
        # All that is looked up has an index, and the plan outlives what the catalogue now holds.
        "enable_hashjoin": "off",
        "enable_seqscan": "off",
    }.items()
)


def _array(values: Iterable[str]) -> str:
    """Return an array as PostgreSQL writes it."""
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"
