"""Lowering: from clumps to statements, the part that every dialect shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemaops.errors import SchemaOpsError
from schemaops.operations import Alter, Create, Drop, Opaque, Operation, Rename, Reorder, Rows
from schemaops.schema.objects import (
    Check,
    Column,
    ForeignKey,
    Index,
    PrimaryKey,
    Table,
    Unique,
    Unmodelled,
)
from schemaops.sql.rendering.clumps import Clump
from schemaops.sql.rendering.definitions import Constraint, Definitions
from schemaops.sql.rendering.spelling import Spelling
from schemaops.sql.split import split
from schemaops.sql.unmodelled import dropping

__all__ = ["Lowering", "Unwritable", "constraints_of", "indexes_of"]


class Unwritable(SchemaOpsError):
    """An operation has no SQL in this dialect.

    The change has to be written by hand; the message names what cannot be written.
    """

    code = "SO230"


class Lowering:
    """Writes the clumps of a line in one dialect; each dialect fills in what is its own."""

    dialect = ""

    def __init__(self) -> None:
        self.write = Definitions(self.dialect)
        self.spell: Spelling = self.write.spelling

    def lower(self, line: Iterable[Clump]) -> Iterator[str]:
        """Yield the statements of clumps in order."""
        for clump in line:
            yield from self.statements(clump)

    def statements(self, clump: Clump) -> Iterator[str]:
        """Yield the statements of a clump."""
        match clump.chief:
            case Create(thing=Table()):
                yield from self.make_table(clump)
            case Create(thing=Column()):
                yield from self.add_column(clump)
            case Create():
                yield from self.create(clump)
            case Drop(thing=Table(at=at)):
                yield f"DROP TABLE {self.spell.at(at)}"
            case Drop(thing=Column()):
                yield from self.drop_column(clump)
            case Drop():
                yield from self.drop(clump)
            case Alter():
                yield from self.alter(clump)
            case Rename():
                yield from self.rename(clump)
            case Reorder():
                yield from self.reorder(clump)
            case Rows() as rows:
                yield self.rows(rows)
            case Opaque(text=text):
                yield text

    def rows(self, rows: Rows) -> str:
        """Return a data statement's text; raise Unwritable for one that is undone."""
        if rows.undone or not rows.text.normal:
            raise Unwritable(f"what a {rows.verb} of {rows.table} did to its rows is not kept here")
        return self.spell.expression(rows.text)

    # -- each dialect's own

    def make_table(self, clump: Clump) -> Iterator[str]:
        """Yield what creates a table with its parts."""
        raise NotImplementedError

    def add_column(self, clump: Clump) -> Iterator[str]:
        """Yield what adds a column."""
        raise NotImplementedError

    def drop_column(self, clump: Clump) -> Iterator[str]:
        """Yield what drops a column."""
        raise NotImplementedError

    def create(self, clump: Clump) -> Iterator[str]:
        """Yield what creates an object that is no table and no column."""
        raise NotImplementedError

    def drop(self, clump: Clump) -> Iterator[str]:
        """Yield what drops an object that is no table and no column."""
        raise NotImplementedError

    def alter(self, clump: Clump) -> Iterator[str]:
        """Yield what changes a fact of an object that is no column."""
        raise NotImplementedError

    def rename(self, clump: Clump) -> Iterator[str]:
        """Yield what renames an object."""
        raise NotImplementedError

    def reorder(self, clump: Clump) -> Iterator[str]:  # noqa: ARG002
        """Yield what reorders columns: nothing, where only a rebuild could."""
        yield from ()

    # -- shared

    def refused(self, operation: Operation, why: str) -> Unwritable:
        """Return the error for an operation that this dialect has no SQL for."""
        at = operation.at if not isinstance(operation, Opaque) else operation.text
        return Unwritable(f"{type(operation).__name__.lower()} of {at}: {why}")

    def create_unmodelled(self, thing: Unmodelled) -> Iterator[str]:
        """Yield an unmodelled object's own definition."""
        if self.dialect == "postgres":
            for statement in split(thing.text, "postgres"):
                yield statement.text
        else:
            yield thing.text.rstrip().rstrip(";")

    def drop_unmodelled(self, thing: Unmodelled) -> Iterator[str]:
        """Yield what drops an unmodelled object."""
        if self.dialect == "postgres":
            yield from dropping(thing)
        else:
            if thing.what == "partitions":
                yield f"ALTER TABLE {self.spell.name(thing.at.name)} REMOVE PARTITIONING"
                return
            word = "TABLE" if thing.what == "virtual table" else thing.what.upper()
            yield f"DROP {word} {self.spell.name(thing.at.name)}"


def constraints_of(clump: Clump) -> list[Constraint]:
    """Return the constraints that a clump creates."""
    kinds = PrimaryKey | Unique | Check | ForeignKey
    return [thing for thing in clump.created() if isinstance(thing, kinds)]


def indexes_of(clump: Clump) -> list[Index]:
    """Return the indexes that a clump creates."""
    return [thing for thing in clump.created() if isinstance(thing, Index)]
