"""PostgreSQL observed by parts: some relations, or some of what stands in them, in one round trip.

The query is prepared once a session, since planning it costs more than running it. What the texts of
the catalogue depend on is set within a savepoint that is rolled back, so that whatever the session
has set is there again afterwards.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from schemaops.database.observe.postgres import read_objects
from schemaops.database.observe.postgres_catalogue import SETTINGS, TYPES, relations
from schemaops.database.observe.source import Source
from schemaops.database.observe.watch import home_of
from schemaops.names import Address, Kind, Name
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
    container,
    references,
)
from schemaops.schema.state import Schema

__all__ = ["Parts", "foreseen", "holds"]

_RELATIONS = (Kind.TABLE, Kind.VIEW)
# What stands in relations, and so is read with them.
_READ = (Table, View, Column, PrimaryKey, Unique, Check, ForeignKey, Index, Sequence)
_PARTS = (Column, PrimaryKey, Unique, Check, ForeignKey, Index)
_KINDS_BY_NAME = (Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.CHECK, Kind.FOREIGN_KEY, Kind.INDEX)

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Parts:
    """What is to be read of some relations, by schema and name, each whole or the named parts of it;
    what must be found in those that are `checked`, and of relations not read whole the names of all
    columns, and of all else, that must be in them."""

    relations: tuple[tuple[str, str, bool], ...]
    named: tuple[str, ...]
    sections: frozenset[str]
    checked: frozenset[Pair]
    things: tuple[Object, ...]
    columns: tuple[tuple[Pair, frozenset[str]], ...] = ()
    others: tuple[tuple[Pair, frozenset[str]], ...] = ()


def foreseen(
    touched: Iterable[Address], made: frozenset[Address] | None, before: Schema, after: Schema
) -> Parts | None:
    """Return what must be found where things are touched, or only `made`; None where the schemas
    differ elsewhere too."""
    if made is not None and not any(at.kind is Kind.TABLE for at in made):
        return _of_made(made, before, after)
    if made is None:
        checked, beside = _names(touched, (before, after))
    else:
        # Where a table is new, whatever else is touched is read whole as well.
        checked, beside = frozenset(_pair(home_of(at, after)) for at in made), frozenset()
    places = {at for pair in checked for at in (*_within(*pair, before), *_within(*pair, after))}
    if not before.equals_but_for(after, places | (made or frozenset())):
        return None
    things = tuple(thing for thing in map(after.get, places) if thing is not None)
    return Parts(
        tuple((*pair, True) for pair in checked | beside),
        (),
        frozenset({"relations", "sequences", *TYPES, *_SECTIONS.values()}),
        checked,
        things,
    )


def _of_made(made: frozenset[Address], before: Schema, after: Schema) -> Parts | None:
    if not before.equals_but_for(after, made):
        return None
    named: dict[Pair, set[str]] = defaultdict(set)
    for at in made:
        named[_pair(home_of(at, after))].add(str(at.name))
    sections = {_SECTIONS[at.kind] for at in made if at.kind in _SECTIONS}
    things: list[Object] = []
    columns, others = [], []
    for pair, names in named.items():
        table = after.get(Address(Kind.TABLE, (Name(pair[0]), Name(pair[1]))))
        if not isinstance(table, Table):
            return None
        columns.append((pair, frozenset(map(str, table.columns))))
        inside = [at for at in after.inside(table.at) if at.kind in _SECTIONS]
        others.append((pair, frozenset(str(a.name) for a in inside if a.kind in _KINDS_BY_NAME)))
        read = (at for at in inside if str(at.name) in names and _SECTIONS[at.kind] in sections)
        things += map(after.at, read)
    return Parts(
        tuple((*pair, False) for pair in named),
        tuple(".".join((*pair, name)) for pair, names in named.items() for name in sorted(names)),
        frozenset({"relations", *sections, *(("names",) if named else ())}),
        frozenset(named),
        tuple(things),
        tuple(columns),
        tuple(others),
    )


def holds(source: Source, version: int, parts: Parts) -> bool:
    """Return whether a server of this version (server_version_num) holds just this, seen within a
    transaction."""
    by_name = "names" in parts.sections
    arguments = (
        _array(schema for schema, _, _ in parts.relations),
        _array(name for _, name, _ in parts.relations),
        _array("t" if whole else "f" for _, _, whole in parts.relations),
        _array(parts.named),
    )
    text = source.query_each(
        (
            ("SAVEPOINT schemaops_look", ()),
            (_SET, ()),
            (relations(version, parts.sections), arguments),
            ("ROLLBACK TO SAVEPOINT schemaops_look", ()),
            ("RELEASE SAVEPOINT schemaops_look", ()),
        )
    )[0][0]
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for section, found in json.loads(text).items():
        rows[section] = found or []
    names = rows.pop("names", [])
    if by_name:
        at = {row["oid"]: (row["schema"], row["name"]) for row in rows["relations"]}
        columns = {at[row["oid"]]: frozenset(row["columns"]) for row in names if row["oid"] in at}
        others = {
            at[row["oid"]]: frozenset((*row["constraints"], *row["indexes"]))
            for row in names
            if row["oid"] in at
        }
        if columns != dict(parts.columns) or others != dict(parts.others):
            return False
    read = _PARTS if by_name else _READ
    there = {
        thing.at: thing
        for thing in read_objects(rows)
        if isinstance(thing, read) and _pair(container(thing) or thing.at) in parts.checked
    }
    return len(there) == len(parts.things) and all(
        _alike(there.get(thing.at), thing) for thing in parts.things
    )


def _alike(thing: Object | None, other: Object) -> bool:
    if isinstance(thing, Table) and isinstance(other, Table):
        return replace(thing, columns=()) == replace(other, columns=())
    return thing == other


def _within(schema: str, name: str, whose: Schema) -> Iterator[Address]:
    for kind in (*_RELATIONS, Kind.SEQUENCE):
        at = Address(kind, (Name(schema), Name(name)))
        if at in whose:
            yield at
            if kind is Kind.TABLE:
                yield from (part.at for part in whose.contents(at) if isinstance(part, _READ))


def _names(
    touched: Iterable[Address], schemas: Iterable[Schema]
) -> tuple[frozenset[Pair], frozenset[Pair]]:
    """Return the relations that may have changed: those touched, the views over them and their
    sequences; and those that their facts name, without which they cannot be read."""
    changed: set[Pair] = set()
    named: set[Pair] = set()
    for at in touched:
        for schema in schemas:
            table = Address(Kind.TABLE, at.path[:2])
            around = [table, *_dependants(schema, table)]
            changed.update(map(_pair, around))
            for one in around:
                named.update(map(_pair, _named(schema, one)))
    return frozenset(changed), frozenset(named)


def _pair(at: Address) -> Pair:
    return str(at.path[0]), str(at.path[1])


def _dependants(schema: Schema, table: Address) -> Iterable[Address]:
    for other in schema.referrers(table):
        # Views over it may change with it; its sequences stand beside it.
        if other.at.kind is Kind.VIEW or isinstance(other, Sequence):
            yield other.at


def _named(schema: Schema, relation: Address) -> Iterable[Address]:
    things: list[Object] = []
    for kind in (*_RELATIONS, Kind.SEQUENCE):
        at = Address(kind, relation.path)
        thing = schema.get(at)
        if thing is not None:
            things += [thing, *(schema.contents(at) if kind is Kind.TABLE else ())]
    for thing in things:
        for at in references(thing):
            if at.kind in (*_RELATIONS, Kind.SEQUENCE):
                yield at
            elif at.kind is Kind.COLUMN:
                yield Address(Kind.TABLE, at.path[:2])


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
