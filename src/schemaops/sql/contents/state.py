"""The state of tables on their way through statements: the schema, rows, counters, and doubts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from schemaops.names import Address, Kind
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import ForeignKey, View
from schemaops.schema.state import Schema
from schemaops.sql.contents.evaluator import Evaluator, marked, parsed_expression
from schemaops.sql.contents.frames import Frame, Row, Seen
from schemaops.sql.contents.values import UNKNOWN, Unknown, Value, identical
from schemaops.sql.grammar import parse_query
from schemaops.sql.lexer import UnreadableSql
from schemaops.sql.scope import NotUnderstood

__all__ = ["STAY", "Contents", "MutableRows", "State", "table_of"]

MutableRows = list[dict[Address, Value]]

STAY = ("no action", "restrict")
"""What foreign keys do that leave the referring rows as they are."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The rows of the tables whose every row is known, the last number each counter gave, what tells
    states of a table from each other (see `repeating`), and whether SQLite minds foreign keys."""

    tables: Mapping[Address, tuple[Row, ...]] = field(default_factory=dict)
    counters: Mapping[Address, int] = field(default_factory=dict)
    versions: Mapping[Address, bytes | None] = field(default_factory=dict)
    minds_keys: bool = True

    def alike(self, other: Contents, within: Iterable[Address]) -> bool | None:
        """Whether some tables hold the same rows in both, None where that cannot be told."""
        told: bool | None = True
        for at in within:
            mine, its = self.tables.get(at), other.tables.get(at)
            version = self.versions.get(at)
            if version is not None and version == other.versions.get(at):
                continue
            if mine is None or its is None:
                told = None
                continue
            same = _same_rows(mine, its)
            if same is False:
                return False
            if same is None:
                told = None
        return told


def _same_rows(one: Sequence[Row], other: Sequence[Row]) -> bool | None:
    left = list(other)
    missing: list[Row] = []
    for row in one:
        at = next((i for i, found in enumerate(left) if _same_row(row, found)), None)
        if at is None:
            missing.append(row)
        else:
            del left[at]
    if not missing and not left:
        return True
    unsure = any(isinstance(v, Unknown) for row in (*missing, *left) for v in row.values())
    return None if unsure and len(one) == len(other) else False


def _same_row(one: Row, other: Row) -> bool:
    return one.keys() == other.keys() and all(identical(one[at], other[at]) for at in one)


def table_of(at: Address) -> Address:
    """Return the table that a part of it stands in."""
    return Address(Kind.TABLE, at.path[:-1])


class State:
    """Tables on their way: those whose rows are known, by address. `touched` are those whose rows may
    have changed, `written` those that the last data statement wrote to; `doubts` say where the engine
    may refuse what is not known well enough. While it is `trusted` that statements run, what rows are
    held to is no doubt, and a cell that cannot be told is unknown."""

    def __init__(self, schema: Schema, contents: Contents) -> None:
        self.schema = schema
        self.tables: dict[Address, MutableRows] = {
            at: [dict(row) for row in rows] for at, rows in contents.tables.items()
        }
        self.counters: dict[Address, int] = dict(contents.counters)
        self.versions: dict[Address, bytes | None] = dict(contents.versions)
        self.touched: set[Address] = set()
        self.written: set[Address] = set()
        self.doubts: list[str] = []
        self.trusted = False
        self.minds_keys = contents.minds_keys

    @property
    def dialect(self) -> str:
        """The dialect of the schema."""
        return self.schema.dialect

    def contents(self) -> Contents:
        """Return what is known now."""
        tables = {at: tuple(rows) for at, rows in self.tables.items()}
        return Contents(tables, dict(self.counters), dict(self.versions), self.minds_keys)

    def version(self, table: Address) -> bytes | None:
        """Return what tells this state of a table from others, None where nothing does."""
        return self.versions.get(table, b"")

    def schema_tables(self) -> list[Address]:
        """Return the tables that there are, known or not."""
        return [thing.at for thing in self.schema.of_kind(Kind.TABLE)]

    def wrote(self, table: Address) -> None:
        """Note that a data statement wrote rows of a table."""
        self.touched.add(table)
        self.written.add(table)

    def known(self, at: Address, what: str) -> MutableRows:
        """Return a table's rows; doubt `what` where they are not known."""
        rows = self.tables.get(at)
        if rows is None:
            self.doubts.append(f"{what} over rows that are not known")
            return []
        return rows

    def lose(self, table: Address, seen: set[Address] | None = None) -> None:
        """Take the rows of a table as unknown, and those that foreign keys take along."""
        seen = set() if seen is None else seen
        if table in seen:
            return
        seen.add(table)
        self.wrote(table)
        self.tables.pop(table, None)
        if table not in self.schema:
            return
        if table.kind is not Kind.TABLE:
            # What is written through a view may stand in any table: its triggers write where they like.
            for other in list(self.tables):
                self.lose(other, seen)
            return
        for key in self.referring(table):
            if key.on_delete not in STAY or key.on_update not in STAY:
                self.lose(table_of(key.at), seen)
        for column in self.schema.columns(table):
            self.counters.pop(column.at, None)
            if column.default is not None:
                for at in column.default.addresses():
                    self.counters.pop(at, None)

    def referring(self, table: Address) -> list[ForeignKey]:
        """Return the foreign keys that refer to a table, its own included."""
        found = [*self.schema.referrers(table), *self.schema.parts(table, ForeignKey)]
        keys = [key for key in found if isinstance(key, ForeignKey) and key.table == table]
        return list(dict.fromkeys(keys))

    # -- reading

    def rows_of(self, at: Address) -> Sequence[Row] | None:
        """Return the rows of a table or view, None where they are not known."""
        view = self.schema.get(Address(Kind.VIEW, at.path))
        return self._shown(view) if isinstance(view, View) else self.tables.get(at)

    def _shown(self, view: View) -> Sequence[Row] | None:
        text, holes = marked(view.query)
        try:
            query = parse_query(text, self.dialect)
        except (NotUnderstood, UnreadableSql, RecursionError):
            return None
        rows = self.evaluator(holes).rows(query, Frame())
        columns = [view.at.child(Kind.COLUMN, name) for name in view.columns]
        if rows is None or any(len(row) != len(columns) for row in rows):
            return None
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def evaluator(self, holes: Mapping[str, Address]) -> Evaluator:
        """Return an evaluator of a text over what the tables hold now."""
        return Evaluator(self.schema, holes, self.rows_of)

    def evaluated(self, expression: Expression) -> Callable[[Row], Value]:
        """Return what an expression gives for a row."""
        read = parsed_expression(expression, self.dialect)
        if read is None:
            return lambda _: UNKNOWN
        node, holes = read
        evaluator = Evaluator(self.schema, holes)
        return lambda row: evaluator.of(node, Frame((Seen(row),)))
