"""A database observed again and again while its schema changes: at a cost that follows the change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from schemaops.database.observe import observe
from schemaops.database.observe.source import Source
from schemaops.names import Address, Kind, Name
from schemaops.schema.objects import Object, Sequence, Table, container, references
from schemaops.schema.state import Schema

if TYPE_CHECKING:
    from schemaops.database.observe.postgres_parts import Looked
    from schemaops.database.observe.sqlite import SqliteWatch

__all__ = ["Touched", "Watch"]

_RELATIONS = (Kind.TABLE, Kind.VIEW)


@dataclass(frozen=True, slots=True)
class Touched:
    """What a move touches: addresses in or of relations, and those of them that it makes where it
    makes things and does nothing else; then only these, and what stands beside them by name, need
    be read."""

    places: frozenset[Address]
    made: frozenset[Address] | None = None
    texts: tuple[str, ...] = ()


class Watch:
    """Looks at one database; `clearing` takes away what is none of ours.

    `expected` schemas say where a change may show. What is read by parts counts only where it is
    just as expected; where it is not, everything is looked at.
    """

    def __init__(
        self, dialect: str, clearing: Callable[[Schema], Schema] = lambda schema: schema
    ) -> None:
        self._dialect = dialect
        self._clearing = clearing
        self._schema: Schema | None = None
        self._sqlite = _sqlite_watch() if dialect == "sqlite" else None
        self._version: int | None = None

    def everything(self, source: Source) -> Schema:
        """Return the schema that the database holds now."""
        found = observe(source) if self._sqlite is None else self._sqlite.look(source)
        self._schema = self._clearing(found)
        return self._schema

    def some(self, source: Source, touched: Touched, expected: Schema) -> Schema:
        """Return the schema that the database holds now, as known but for what a move touched."""
        known = self._schema
        if known is not None and self._dialect != "mysql":
            found = (
                self._relations(source, touched, known, expected)
                if self._sqlite is None
                else self._rows(self._sqlite, source, touched, known, expected)
            )
            if found is not None:
                self._schema = found
                return found
        return self.everything(source)

    def _rows(
        self,
        watch: SqliteWatch,
        source: Source,
        touched: Touched,
        known: Schema,
        expected: Schema,
    ) -> Schema | None:
        if touched.made is None or not known.equals_but_for(expected, touched.made):
            return None
        tables = (_home_of(at, expected).path[0] for at in touched.made)
        if not watch.says(source, tables, touched.texts):
            return None
        watch.known(expected)
        return expected

    def _relations(
        self, source: Source, touched: Touched, known: Schema, expected: Schema
    ) -> Schema | None:
        from schemaops.database.observe.postgres_parts import look

        made = touched.made
        if made is None:
            checked, named = _names(touched.places, (known, expected))
            whole = dict.fromkeys(checked | named, True)
            parts: list[str] = []
        else:
            # Where a table is new, whatever else is touched is read whole as well.
            all_of_it = any(at.kind is Kind.TABLE for at in made)
            whole = {_pair(_home_of(at, expected)): all_of_it for at in made}
            parts = [".".join((*_pair(_home_of(at, expected)), at.name)) for at in made]
            checked = frozenset(whole)
        kinds = {at.kind for at in made or ()}
        if self._version is None:
            ((version,),) = source.query("SELECT current_setting('server_version_num')")
            self._version = int(version)
        looked = look(source, self._version, whole, parts, kinds)
        places = {at for at, thing in looked.things.items() if _pair(_home(thing)) in checked}
        for schema, name in checked:
            if whole[schema, name]:
                places |= _within(schema, name, expected) | _within(schema, name, known)
        for at in places:
            if not _alike(looked.things.get(at), expected.get(at)):
                return None
        for (schema, name), all_of_it in whole.items():
            if not all_of_it and not _holds(looked, (schema, name), expected):
                return None
        return expected if known.equals_but_for(expected, {*places, *(made or ())}) else None


def _home(thing: Object) -> Address:
    """Return the relation that an object stands in, or is."""
    return container(thing) or thing.at


def _home_of(at: Address, schema: Schema) -> Address:
    thing = schema.get(at)
    return at if thing is None else _home(thing)


def _within(schema: str, name: str, whose: Schema) -> set[Address]:
    from schemaops.database.observe.postgres_parts import READ

    found: set[Address] = set()
    for kind in (*_RELATIONS, Kind.SEQUENCE):
        at = Address(kind, (Name(schema), Name(name)))
        if at in whose:
            found.add(at)
            if kind is Kind.TABLE:
                found |= {part.at for part in whose.contents(at) if isinstance(part, READ)}
    return found


def _alike(thing: Object | None, other: Object | None) -> bool:
    if isinstance(thing, Table) and isinstance(other, Table):
        return replace(thing, columns=()) == replace(other, columns=())
    return thing == other


def _holds(looked: Looked, relation: tuple[str, str], expected: Schema) -> bool:
    table = expected.get(Address(Kind.TABLE, (Name(relation[0]), Name(relation[1]))))
    if not isinstance(table, Table) or relation not in looked.columns:
        return False
    inside = {at.name for at in expected.inside(table.at) if at.kind in _KINDS_BY_NAME}
    return looked.columns[relation] == set(table.columns) and looked.others[relation] == inside


_KINDS_BY_NAME = (Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.CHECK, Kind.FOREIGN_KEY, Kind.INDEX)


def _sqlite_watch() -> SqliteWatch:
    from schemaops.database.observe.sqlite import SqliteWatch

    return SqliteWatch()


def _names(
    touched: Iterable[Address], schemas: Iterable[Schema]
) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]:
    """Return the relations that may have changed: those touched, the views over them and their
    sequences; and those that their facts name, without which they cannot be read."""
    changed: set[tuple[str, str]] = set()
    named: set[tuple[str, str]] = set()
    for at in touched:
        for schema in schemas:
            table = Address(Kind.TABLE, at.path[:2])
            around = [table, *_dependants(schema, table)]
            changed.update(map(_pair, around))
            for one in around:
                named.update(map(_pair, _named(schema, one)))
    return frozenset(changed), frozenset(named)


def _pair(at: Address) -> tuple[str, str]:
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
