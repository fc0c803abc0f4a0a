"""Which of several tables, views or routines comes first: those that others need."""

from __future__ import annotations

from collections.abc import Sequence

from schemaops.names import Address, Kind
from schemaops.schema.objects import (
    Composite,
    Domain,
    Enum,
    ForeignKey,
    Inheritance,
    Range,
    Routine,
    Table,
    View,
    references,
)
from schemaops.schema.state import Schema
from schemaops.sql.bodies import names_in

__all__ = [
    "Type",
    "calling_order",
    "children_first",
    "parents_first",
    "reading_order",
    "types_first",
]


Type = Enum | Domain | Composite | Range


def parents_first(tables: Sequence[Table], schema: Schema) -> list[Table]:
    """Return tables, each after those that its foreign keys refer to, as far as that goes."""
    known = {table.at: table for table in tables}
    placed: dict[Address, Table] = {}

    def place(table: Table, above: frozenset[Address]) -> None:
        if table.at in placed or table.at in above:
            return
        for key in schema.parts(table.at, ForeignKey):
            if key.table in known:
                place(known[key.table], above | {table.at})
        for lineage in schema.parts(table.at, Inheritance):
            if lineage.parent in known:
                place(known[lineage.parent], above | {table.at})
        placed[table.at] = table

    for table in tables:
        place(table, frozenset())
    return list(placed.values())


def children_first(tables: Sequence[Table], schema: Schema) -> list[Table]:
    """Return tables, each before those that its foreign keys refer to, as far as that goes."""
    return list(reversed(parents_first(tables, schema)))


def types_first(types: Sequence[Type]) -> list[Type]:
    """Return types (or other objects), each after those that it is made of."""
    known = {thing.at: thing for thing in types}
    placed: dict[Address, Type] = {}

    def place(thing: Type, above: frozenset[Address]) -> None:
        if thing.at in placed or thing.at in above:
            return
        for at in references(thing):
            if at in known:
                place(known[at], above | {thing.at})
        placed[thing.at] = thing

    for thing in types:
        place(thing, frozenset())
    return list(placed.values())


def reading_order(views: Sequence[View]) -> list[View]:
    """Return views, each after those that it reads."""
    known = {view.at.path: view for view in views}
    placed: dict[Address, View] = {}

    def place(view: View, above: frozenset[Address]) -> None:
        if view.at in placed or view.at in above:
            return
        for at in references(view):
            path = at.path[:-1] if at.kind is Kind.COLUMN else at.path
            if path in known:
                place(known[path], above | {view.at})
        placed[view.at] = view

    for view in views:
        place(view, frozenset())
    return list(placed.values())


def calling_order(routines: Sequence[Routine]) -> list[Routine]:
    """Return routines, each after those that its body names, as far as that goes."""
    known: dict[str, list[Routine]] = {}
    for routine in routines:
        known.setdefault(routine.at.bare, []).append(routine)
    placed: dict[Address, Routine] = {}

    def place(routine: Routine, above: frozenset[Address]) -> None:
        if routine.at in placed or routine.at in above:
            return
        for name in sorted(names_in(routine)):
            for other in known.get(name, ()):
                place(other, above | {routine.at})
        placed[routine.at] = routine

    for routine in routines:
        place(routine, frozenset())
    return list(placed.values())
