"""A database observed again and again while its schema changes: at a cost that follows the change.

What a move must leave behind is worked out from schemas alone, so that it can be kept for the next
database that makes the same move; then no schema is needed to tell that all is as it must be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemaops.database.observe import observe
from schemaops.database.observe.source import Source
from schemaops.names import Address, Name
from schemaops.schema.objects import container
from schemaops.schema.state import Schema

if TYPE_CHECKING:
    from schemaops.database.observe.postgres_parts import Parts
    from schemaops.database.observe.sqlite import SqliteWatch

__all__ = ["Expected", "Touched", "Watch", "expected", "home_of"]


@dataclass(frozen=True, slots=True)
class Touched:
    """What a move touches: addresses in or of relations, and those of them that it makes where it
    makes things and does nothing else; then only these, and what stands beside them by name, need
    be read."""

    places: frozenset[Address]
    made: frozenset[Address] | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """The fingerprints before and after a move, and all that differs between the two: parts of
    PostgreSQL's catalogue, or tables of SQLite's; neither where everything is to be looked at."""

    before: str
    after: str
    parts: Parts | None = None
    tables: frozenset[Name] | None = None

    @property
    def is_known(self) -> bool:
        """Whether less than everything need be looked at."""
        return self.parts is not None or self.tables is not None


def expected(touched: Touched | None, before: Schema, after: Schema) -> Expected:
    """Return what a move must leave behind that leads from one schema to another."""
    parts = tables = None
    if touched is not None and after.dialect == "postgres":
        from schemaops.database.observe.postgres_parts import foreseen

        parts = foreseen(touched.places, touched.made, before, after)
    elif touched is not None and after.dialect == "sqlite" and touched.made is not None:
        if before.equals_but_for(after, touched.made):
            tables = frozenset(Name(home_of(at, after).path[0]) for at in touched.made)
    return Expected(before.fingerprint, after.fingerprint, parts, tables)


class Watch:
    """Looks at one database; `clearing` takes away what is none of ours, and `known` is the
    fingerprint that it has to begin with, where that is known.

    What is read by parts counts only where it is just as expected; where it is not, everything is
    looked at.
    """

    def __init__(
        self,
        dialect: str,
        clearing: Callable[[Schema], Schema] = lambda schema: schema,
        known: str | None = None,
    ) -> None:
        self._clearing = clearing
        self._sqlite = _sqlite_watch() if dialect == "sqlite" else None
        # What SQLite's catalogue says is compared with what it said before.
        self._fingerprint = known if self._sqlite is None else None
        self._version: int | None = None

    def everything(self, source: Source) -> str:
        """Return the fingerprint of all that the database holds now."""
        found = observe(source) if self._sqlite is None else self._sqlite.look(source)
        self._fingerprint = self._clearing(found).fingerprint
        return self._fingerprint

    def some(
        self,
        source: Source,
        expected: Expected,
        texts: Iterable[str],
        schema: Callable[[], Schema],
        *,
        whole: bool = False,
    ) -> str:
        """Return the fingerprint of what the database holds now, looking only where these statements
        may have changed it, or at the `whole`; `schema` gives the one that is expected."""
        if self._fingerprint == expected.before:
            if self._sqlite is not None:
                is_there = expected.tables is not None and self._sqlite.says(
                    source, None if whole else expected.tables, texts, schema
                )
            else:
                is_there = not whole and self._holds(source, expected.parts)
            if is_there:
                self._fingerprint = expected.after
                return expected.after
        return self.everything(source)

    def _holds(self, source: Source, parts: Parts | None) -> bool:
        if parts is None:
            return False
        from schemaops.database.observe.postgres_parts import holds

        if self._version is None:
            ((version,),) = source.query("SELECT current_setting('server_version_num')")
            self._version = int(version)
        return holds(source, self._version, parts)


def home_of(at: Address, schema: Schema) -> Address:
    """Return the relation that the object at an address stands in, or is."""
    thing = schema.get(at)
    return at if thing is None else container(thing) or at


def _sqlite_watch() -> SqliteWatch:
    from schemaops.database.observe.sqlite import SqliteWatch

    return SqliteWatch()
