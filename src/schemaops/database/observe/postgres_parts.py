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

__all__ = ["READ", "Looked", "Prepared"]

READ = (Table, View, Column, PrimaryKey, Unique, Check, ForeignKey, Index, Sequence)
"""What stands in relations, and so is read with them."""
_PARTS = (Column, PrimaryKey, Unique, Check, ForeignKey, Index)


@dataclass(frozen=True, slots=True)
class Looked:
    """The objects that were read, and of relations not read whole the names of what is in them."""

    things: Mapping[Address, Object]
    columns: Mapping[tuple[str, str], frozenset[str]]
    others: Mapping[tuple[str, str], frozenset[str]]


class Prepared:
    """The query for some relations, prepared in a session; within a transaction."""

    def __init__(self) -> None:
        self._names: dict[frozenset[str], str] = {}
        self._number = 0
        self._version: int | None = None

    def forget(self) -> None:
        """Prepare anew: a statement may have told the session to forget."""
        self._names.clear()

    def look(
        self,
        source: Source,
        whole: Mapping[tuple[str, str], bool],
        parts: Iterable[str],
        kinds: Iterable[Kind],
    ) -> Looked:
        """Return some relations, by schema and name, whole or the named parts of them, which are of
        these kinds."""
        sections = {"relations", *(_SECTIONS[kind] for kind in kinds if kind in _SECTIONS)}
        if any(whole.values()):
            sections |= {*TYPES, "sequences", *_SECTIONS.values()}
        if not all(whole.values()):
            sections.add("names")
        name = self._name(source, frozenset(sections))
        arguments = ", ".join(
            (
                _texts(schema for schema, _ in whole),
                _texts(name for _, name in whole),
                f"ARRAY[{', '.join(str(all_of_it) for all_of_it in whole.values())}]::bool[]",
                _texts(parts),
            )
        )
        text = source.query_each(
            (
                "SAVEPOINT schemaops_look",
                _SET,
                f"EXECUTE {name}({arguments})",
                "ROLLBACK TO SAVEPOINT schemaops_look",
                "RELEASE SAVEPOINT schemaops_look",
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

    def _name(self, source: Source, sections: frozenset[str]) -> str:
        name = self._names.get(sections)
        if name is not None:
            return name
        if self._version is None:
            ((version,),) = source.query("SELECT current_setting('server_version_num')")
            self._version = int(version)
        self._number += 1
        name = self._names[sections] = f"schemaops_look_{self._number}"
        text = relations(self._version, sections)
        source.query(
            f"SAVEPOINT schemaops_look; {_SET}; "
            f"PREPARE {name}(text[], text[], bool[], text[]) AS {text}; "
            "ROLLBACK TO SAVEPOINT schemaops_look; RELEASE SAVEPOINT schemaops_look"
        )
        return name


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
    for name, value in {**SETTINGS, "plan_cache_mode": "force_generic_plan"}.items()
)


def _texts(values: Iterable[str]) -> str:
    return f"ARRAY[{', '.join(map(_literal, values))}]::text[]"


def _literal(text: str) -> str:
    quoted = text.replace("'", "''")
    if "\\" in quoted:
        # Whether a plain literal takes a backslash as it is depends on a setting.
        return "E'" + quoted.replace("\\", "\\\\") + "'"
    return f"'{quoted}'"
