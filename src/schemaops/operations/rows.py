"""Rows: a data change, with the rows and columns that it reads and writes.

It leaves the schema as it is. Its inverse is told apart by `undone`: what a rehearsal or an archive can
put back is for `reverse` to say, since a schema holds no rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from schemaops.names import Address, Kind
from schemaops.operations.footprint import ROWS, VALUES, Footprint, Place
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import View, relocated
from schemaops.schema.state import Schema

__all__ = ["NOT_LITERAL", "Literal", "NotLiteral", "Rows"]


@dataclass(frozen=True, slots=True)
class NotLiteral:
    """Stands for a value that is computed when the statement runs."""


NOT_LITERAL = NotLiteral()
Literal = str | int | float | bool | bytes | None | NotLiteral


@dataclass(frozen=True, slots=True)
class Rows:
    """One data statement.

    `verb` is insert, update, delete or truncate. `columns` are those written, in the statement's
    order; `values` the literal rows of an INSERT … VALUES; `sets` the assignments of an UPDATE;
    `reads` every column and relation that is read. `positional` says that an INSERT names no columns;
    `conflict` is what it does about rows that exist (`nothing`, `update`, `replace`), None for fail.
    `copied` says that an UPDATE is made while the table's rows are copied into its new form.
    """

    verb: str
    table: Address
    columns: tuple[Address, ...] = ()
    values: tuple[tuple[Literal, ...], ...] | None = None
    sets: tuple[tuple[Address, Expression], ...] = ()
    where: Expression | None = None
    reads: tuple[Address, ...] = ()
    positional: bool = False
    conflict: str | None = None
    text: Expression = field(default_factory=lambda: Expression(()))
    undone: bool = False
    copied: bool = False

    @property
    def at(self) -> Address:
        """The table whose rows change."""
        return self.table

    def apply(self, before: Schema) -> Schema:
        """Return the schema as it is; raise MissingObject where a table or column is not there."""
        before.at(self.table)
        for at in self.columns:
            view = before.get(Address(Kind.VIEW, at.path[:-1]))
            if not isinstance(view, View) or at.name not in view.columns:
                before.at(at)
        return before

    def invert(self, before: Schema) -> Rows:  # noqa: ARG002 -- one shape for all operations
        """Return the same statement marked as undone (or no longer)."""
        return replace(self, undone=not self.undone)

    def footprint(self) -> Footprint:
        """Return the rows and columns it reads and writes."""
        reads = {Place(self.table), *map(Place, self.columns)}
        for at in self.reads:
            reads.add(Place(at))
            reads.add(Place(at, VALUES) if at.kind is Kind.COLUMN else Place(at, ROWS))
        writes = {Place(at, VALUES) for at in self.columns}
        if self.verb != "update":
            writes.add(Place(self.table, ROWS))
        return Footprint(frozenset(reads), frozenset(writes))

    def relocated(self, where: Callable[[Address], Address]) -> Rows:
        """Return the statement reworded for moved addresses."""
        return replace(
            self,
            table=where(self.table),
            columns=relocated(self.columns, where),
            sets=relocated(self.sets, where),
            where=relocated(self.where, where),
            reads=tuple(sorted(relocated(self.reads, where))),
            text=relocated(self.text, where),
        )
