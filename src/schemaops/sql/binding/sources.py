"""Where a column's name is looked for: the sources of a query, level by level outwards."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemaops.names import Address, Name
from schemaops.schema.expressions import Pieces
from schemaops.sql.binding.coercion import PgType
from schemaops.sql.binding.terms import Term

__all__ = ["BoundColumn", "Exposed", "Level", "Source"]


@dataclass(frozen=True, slots=True)
class BoundColumn:
    """A column that can be named; the address is None where it is of no relation of the schema.

    `shown` is what an alias list renamed: it stands in the normal form, and the name mentions nothing.
    `row` is the composite type of its values, `rows` that of its arrays' items.
    One that is `hidden` no `*` shows.
    """

    name: Name
    at: Address | None = None
    type: PgType | None = None
    limit: tuple[str, ...] = ()
    shown: str | None = None
    row: Address | None = None
    rows: Address | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """What stands in FROM under one name.

    `pieces` qualify its columns in the normal form. `relation` is set where it goes by its own
    name, so that mentioning it mentions the relation. The columns are None where not known.
    """

    name: Name
    pieces: Pieces
    columns: tuple[BoundColumn, ...] | None
    relation: Address | None = None

    def column(self, name: Name) -> BoundColumn | None:
        """Return the column of that name, if it is known."""
        for column in self.columns or ():
            if column.name == name:
                return column
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Exposed:
    """A column as a source or join shows it; no source stands for one merged by a FULL JOIN."""

    column: BoundColumn
    source: Source | None


@dataclass(slots=True, eq=False)
class Level:
    """One query's sources, and the level around it.

    `bare` columns print without qualifier: those of the one table that an expression belongs to.
    """

    outer: Level | None = None
    sources: list[Source] = field(default_factory=list)
    merged: dict[Name, Exposed] = field(default_factory=dict)
    outputs: dict[Name, Term] = field(default_factory=dict)
    ctes: dict[Name, tuple[BoundColumn, ...] | None] = field(default_factory=dict)
    bare: bool = False

    def cte(self, name: Name) -> tuple[bool, tuple[BoundColumn, ...] | None]:
        """Return whether a common table expression has that name, and its columns."""
        level: Level | None = self
        while level is not None:
            if name in level.ctes:
                return True, level.ctes[name]
            level = level.outer
        return False, None

    def named(self, name: Name) -> tuple[Source, Level] | None:
        """Return the source of that name nearest to here, and its level."""
        level: Level | None = self
        while level is not None:
            for source in level.sources:
                if source.name == name:
                    return source, level
            level = level.outer
        return None

    def having(self, name: Name) -> list[Exposed]:
        """Return the columns of that name at this level; more than one are ambiguous."""
        merged = self.merged.get(name)
        if merged is not None:
            return [merged]
        found = []
        for source in self.sources:
            column = source.column(name)
            if column is not None:
                found.append(Exposed(column, source))
        return found

    def is_open(self) -> bool:
        """Whether a source's columns are not known, so that any name may be one."""
        return any(source.columns is None for source in self.sources)
