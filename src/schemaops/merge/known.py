"""What is known of rows: those that the base's own INSERTs wrote, where literals tell all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schemaops.merge.course import Course
from schemaops.names import Address
from schemaops.operations import Create, Opaque, Rows
from schemaops.operations.group import Group
from schemaops.operations.rows import Literal
from schemaops.schema.objects import Column, Table

__all__ = ["KnownRow", "KnownRows", "inserted"]

KnownRow = dict[Address, Literal]


@dataclass(frozen=True, slots=True)
class KnownRows:
    """The rows of the base, for the tables whose every row is known."""

    tables: dict[Address, tuple[KnownRow, ...]]

    @classmethod
    def of(cls, groups: Iterable[Group]) -> KnownRows:
        """Return what the groups that built the base tell of its rows."""
        tables: dict[Address, tuple[KnownRow, ...]] = {}
        course = Course()
        for group in groups:
            for operation in group.operations:
                course.advance(operation)
                match operation:
                    case Create(thing=Table(at=at)):
                        tables[at] = ()
                    case Create(thing=Column() as column) if tables.get(column.table):
                        # What it holds in the rows that stand is its default: not followed.
                        tables.pop(column.table)
                    case Rows(verb="insert", conflict=None, values=values) if values is not None:
                        if operation.table in tables:
                            tables[operation.table] += tuple(inserted(operation))
                    case Rows():
                        tables.pop(operation.table, None)
                    case Opaque():
                        tables.clear()
        return cls(tables)

    def rows(self, table: Address) -> tuple[KnownRow, ...] | None:
        """Return every row of a table, None where they are not all known."""
        return self.tables.get(table)


def inserted(rows: Rows) -> list[KnownRow]:
    """Return the rows of an INSERT … VALUES, column by column; those not literal are marked."""
    return [dict(zip(rows.columns, row, strict=False)) for row in rows.values or ()]
