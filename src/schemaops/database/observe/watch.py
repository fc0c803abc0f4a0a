"""A database observed again and again while its schema changes: at a cost that follows the change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from schemaops.database.observe import observe
from schemaops.database.observe.source import Source
from schemaops.names import Address, Kind, Name
from schemaops.schema.objects import Object, Sequence, references
from schemaops.schema.state import Schema

if TYPE_CHECKING:
    from schemaops.database.observe.sqlite import SqliteWatch

__all__ = ["Watch"]

_RELATIONS = (Kind.TABLE, Kind.VIEW)


class Watch:
    """Looks at one database; `expected` schemas say where a change may show."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self._schema: Schema | None = None
        self._sqlite = _sqlite_watch() if dialect == "sqlite" else None

    def everything(self, source: Source) -> Schema:
        """Return the schema that the database holds now."""
        if self._sqlite is not None:
            return self._sqlite.look(source)
        self._schema = observe(source)
        return self._schema

    def some(self, source: Source, touched: Iterable[Address], expected: Schema) -> Schema:
        """Return the schema as known, with the relations in `touched`, and what they name, as they are
        now. Only PostgreSQL is read by parts; other catalogues are looked at whole."""
        if self._dialect != "postgres" or self._schema is None:
            return self.everything(source)
        from schemaops.database.observe.postgres import observe_relations

        before = self._schema
        names = _names(touched, (before, expected))
        schema = before
        for schema_name, name in names:
            for kind in (*_RELATIONS, Kind.SEQUENCE):
                at = Address(kind, (Name(schema_name), Name(name)))
                if at in schema:
                    schema = _without(schema, at)
        for thing in observe_relations(source, names):
            if thing.at in schema:
                schema = schema.removing(thing.at)
            schema = schema.adding(thing)
        self._schema = schema
        return schema


def _sqlite_watch() -> SqliteWatch:
    from schemaops.database.observe.sqlite import SqliteWatch

    return SqliteWatch()


def _without(schema: Schema, at: Address) -> Schema:
    if at.kind in _RELATIONS:
        for part in schema.contents(at):
            schema = schema.removing(part.at)
    return schema.removing(at)


def _names(touched: Iterable[Address], schemas: Iterable[Schema]) -> frozenset[tuple[str, str]]:
    """Return the relations to read: those touched, their sequences, and what their facts name."""
    found: set[tuple[str, str]] = set()
    for at in touched:
        for schema in schemas:
            for thing in _around(schema, Address(Kind.TABLE, at.path[:2])):
                found.add((str(thing.path[0]), str(thing.path[1])))
    return frozenset(found)


def _around(schema: Schema, table: Address) -> Iterable[Address]:
    yield table
    things: list[Object] = []
    for kind in _RELATIONS:
        at = Address(kind, table.path)
        thing = schema.get(at)
        if thing is not None:
            things += [thing, *schema.contents(at)]
    for other in schema.referrers(table):
        # Views over it may change with it; its sequences stand beside it.
        if other.at.kind is Kind.VIEW or isinstance(other, Sequence):
            yield other.at
            things.append(other)
    for thing in things:
        for at in references(thing):
            if at.kind in (*_RELATIONS, Kind.SEQUENCE):
                yield at
            elif at.kind is Kind.COLUMN:
                yield Address(Kind.TABLE, at.path[:2])
