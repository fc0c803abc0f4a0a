"""SQLite's statements.

What ALTER TABLE cannot do is done by the rebuild of sqlite.org/lang_altertable.html, section 7: a
new table is made, the rows are copied, the old one is dropped and the new one takes its name.
Foreign keys must be off meanwhile, or dropping the old table deletes the children's rows; that
switch does nothing inside a transaction, so the statements say it first and whoever executes them
says it before BEGIN.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Operation, Rename, Reorder, Rows
from schemaops.schema.expressions import Expression, Piece
from schemaops.schema.objects import (
    Check,
    Column,
    ForeignKey,
    Index,
    Object,
    PrimaryKey,
    Table,
    Trigger,
    Unique,
    Unmodelled,
    View,
    container,
)
from schemaops.schema.state import Schema
from schemaops.sql.rendering.bodies import sqlite_trigger
from schemaops.sql.rendering.clumps import Clump
from schemaops.sql.rendering.lowering import Lowering, Unwritable, constraints_of, indexes_of
from schemaops.sql.rendering.spelling import option
from schemaops.sql.rendering.views import all_stand, same_text

__all__ = ["FOREIGN_KEYS_OFF", "FOREIGN_KEYS_ON", "Sqlite"]

FOREIGN_KEYS_OFF = "PRAGMA foreign_keys = OFF"
FOREIGN_KEYS_ON = "PRAGMA foreign_keys = ON"

_CONSTANT = re.compile(
    r"""(?:[+-]?\s*(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[xX]?'(?:[^']|'')*'|true|false)\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_CONSTRAINTS = PrimaryKey | Unique | Check | ForeignKey


class Sqlite(Lowering):
    """Writes SQLite."""

    dialect = "sqlite"

    def lower(self, line: Iterable[Clump]) -> Iterator[str]:
        """Yield the statements of clumps; neighbours that rebuild one table rebuild it once."""
        statements: list[str] = []
        rebuilt = False
        own = [clump for clump in line if not _follows(clump)]
        for table, found in groupby(own, key=_changed_table):
            together = list(found)
            if table is None or all(map(self._is_native, together)):
                for clump in together:
                    statements += self.statements(clump)
            else:
                rebuilt = True
                for some in _without_return(together):
                    changes = [operation for clump in some for operation in _in_order(clump)]
                    statements += self.rebuild(table, some[0].before, changes)
        if rebuilt:
            statements = [FOREIGN_KEYS_OFF, *statements, FOREIGN_KEYS_ON]
        yield from statements

    # -- what ALTER TABLE can do

    def _is_native(self, clump: Clump) -> bool:
        match clump.chief:
            case Create(thing=Column() as column, after=after):
                last = after in (None, *clump.before.table(column.table).columns[-1:])
                return last and self._can_add(column, clump.created()[1:])
            case Drop(thing=Column() as column):
                return _can_drop(clump.before, column, clump.others) and all_stand(clump.before)
            case Create(thing=Index()) | Drop(thing=Index()):
                return True
            case Alter(at=at) | Rename(old=at):
                return at.kind is Kind.INDEX
            case _:
                return False

    def _can_add(self, column: Column, with_it: Sequence[Object]) -> bool:
        default = None if column.default is None else self.spell.default(column.default)
        constant = default is not None and bool(_CONSTANT.match(default))
        if column.auto_increment or (default is not None and not constant):
            return False
        if column.generated is not None:
            return not column.generated.stored and column.nullable
        if any(isinstance(thing, ForeignKey) for thing in with_it) and default is not None:
            return False
        return column.nullable or constant

    def make_table(self, clump: Clump) -> Iterator[str]:
        """Yield CREATE TABLE and its indexes."""
        made = clump.created()
        table = made[0]
        assert isinstance(table, Table)
        columns = [thing for thing in made if isinstance(thing, Column)]
        yield self.write.table(table, columns, constraints_of(clump))
        for index in indexes_of(clump):
            yield self.write.index(index)

    def add_column(self, clump: Clump) -> Iterator[str]:
        """Yield ADD COLUMN, with the constraints that stand behind it."""
        made = clump.created()
        column = made[0]
        assert isinstance(column, Column)
        own = [thing for thing in made if isinstance(thing, Check | ForeignKey)]
        yield (
            f"ALTER TABLE {self.spell.at(column.table)} "
            f"ADD COLUMN {self.write.column(column, own=own)}"
        )

    def drop_column(self, clump: Clump) -> Iterator[str]:
        """Yield DROP COLUMN."""
        assert isinstance(clump.chief, Drop)
        at = clump.chief.at
        table = Address(Kind.TABLE, at.path[:-1])
        yield f"ALTER TABLE {self.spell.at(table)} DROP COLUMN {self.spell.at(at)}"

    def create(self, clump: Clump) -> Iterator[str]:
        """Yield what creates an index, a view or what is not modelled."""
        yield from self._create(clump.created()[0], clump.before)

    def _create(self, thing: Object, schema: Schema) -> Iterator[str]:
        match thing:
            case Index():
                yield self.write.index(thing)
            case View():
                yield self.write.view(thing, schema)
            case Trigger():
                yield sqlite_trigger(self.spell, thing)
            case Unmodelled():
                yield from self.create_unmodelled(thing)
            case _:
                raise AssertionError(thing)

    def drop(self, clump: Clump) -> Iterator[str]:
        """Yield what drops an index, a view or what is not modelled."""
        assert isinstance(clump.chief, Drop)
        yield from self._drop(clump.chief.thing)

    def _drop(self, thing: Object) -> Iterator[str]:
        match thing:
            case Index() | View() | Trigger():
                yield f"DROP {thing.at.kind.upper()} {self.spell.at(thing.at)}"
            case Unmodelled():
                yield from self.drop_unmodelled(thing)
            case _:
                raise AssertionError(thing)

    def alter(self, clump: Clump) -> Iterator[str]:
        """Yield what drops and creates: SQLite alters neither indexes nor views."""
        assert isinstance(clump.chief, Alter)
        thing = clump.before.at(clump.chief.at)
        after = clump.changed(thing)
        if isinstance(thing, View) and isinstance(after, View):
            # Where only what a view's words stand for changes, the words are all that SQLite keeps.
            if same_text(thing, after):
                return
        if isinstance(thing, Trigger) and isinstance(after, Trigger):
            if sqlite_trigger(self.spell, thing) == sqlite_trigger(self.spell, after):
                return
        yield from self._drop(thing)
        yield from self._create(after, clump.before)
        yield from self._triggers(clump.before, thing.at)

    def _triggers(self, schema: Schema, at: Address) -> Iterator[str]:
        """Yield the triggers of a view that was dropped and made again."""
        if at.kind is Kind.VIEW:
            for trigger in schema.parts(at, Trigger):
                yield sqlite_trigger(self.spell, trigger)

    def rename(self, clump: Clump) -> Iterator[str]:
        """Yield the rename of a table or column; of an index or view, that it is made anew."""
        chief = clump.chief
        assert isinstance(chief, Rename)
        name = self.spell.name(chief.new.name)
        match chief.old.kind:
            case Kind.TABLE:
                yield f"ALTER TABLE {self.spell.at(chief.old)} RENAME TO {name}"
            case Kind.COLUMN:
                table = self.spell.at(Address(Kind.TABLE, chief.old.path[:-1]))
                yield f"ALTER TABLE {table} RENAME COLUMN {self.spell.at(chief.old)} TO {name}"
            case _:
                yield from self._drop(clump.before.at(chief.old))
                schema = chief.apply(clump.before)
                yield from self._create(schema.at(chief.new), schema)
                yield from self._triggers(schema, chief.new)

    # -- the rebuild

    def rebuild(
        self,
        at: Address,
        before: Schema,
        line: Iterable[Operation],
        there: Address | None = None,
    ) -> Iterator[str]:
        """Yield the rebuild of a table that makes the changes of a line to it; raise Unwritable.

        The new one is called `there` until it takes the name.
        """
        after = before
        copy = _Copy(before, at)
        for operation in line:
            copy.take(operation)
            after = operation.apply(after)
        table = after.table(at)
        columns = after.columns(at)
        inside = [t for t in after.contents(at) if isinstance(t, _CONSTRAINTS)]
        constraints = [_without_qualifiers(c) if isinstance(c, Check) else c for c in inside]
        name = self.spell.at(at)
        there = there or at.sibling(f"{at.name.spelling}__new")
        while there in before or Address(Kind.VIEW, there.path) in before:
            there = at.sibling(f"{there.name.spelling}_")
        new = self.spell.at(there)
        yield self.write.table(table, columns, constraints, name=new)
        filled = [(c.at, copy.values[c.at]) for c in columns if c.at in copy.values]
        pairs = [
            (self.spell.at(to), self.spell.expression(value))
            for to, value in filled
            if not after.column(to).generated
        ]
        if _keeps_rowids(before, after, at):
            pairs.insert(0, ("rowid", "rowid"))
        if pairs:
            names, values = (", ".join(some) for some in zip(*pairs, strict=True))
            yield f"INSERT INTO {new} ({names}) SELECT {values} FROM {name}"
        if _counts(before, at) and _counts(after, at):
            own = self.spell.literal(there.name.spelling)
            other = self.spell.literal(at.name.spelling)
            yield f"DELETE FROM sqlite_sequence WHERE name = {own}"
            yield (
                f"INSERT INTO sqlite_sequence (name, seq) "
                f"SELECT {own}, seq FROM sqlite_sequence WHERE name = {other}"
            )
        yield f"DROP TABLE {name}"
        # Else the rename looks into every view and trigger, which name a table that is not there.
        yield "PRAGMA legacy_alter_table = ON"
        yield f"ALTER TABLE {new} RENAME TO {name}"
        yield "PRAGMA legacy_alter_table = OFF"
        for index in after.parts(at, Index):
            yield self.write.index(index)
        for thing in after.referrers(at):
            if isinstance(thing, Unmodelled) and thing.what == "trigger" and thing.on[:1] == (at,):
                yield from self.create_unmodelled(thing)
            if isinstance(thing, Trigger) and thing.table == at:
                yield sqlite_trigger(self.spell, thing)


class _Copy:
    """What each column of a table that is rebuilt is filled with, in columns of the old one."""

    def __init__(self, before: Schema, table: Address) -> None:
        self._table = table
        self.values = {
            c.at: Expression((c.at,), (c.at,)) for c in before.columns(table) if not c.generated
        }

    def take(self, operation: Operation) -> None:
        """Take a change of the table into account."""
        match operation:
            case Rename(old=old, new=new) if old in self.values:
                self.values[new] = self.values.pop(old)
            case Drop(thing=Column(at=at)):
                self.values.pop(at, None)
            case Rows(copied=True, table=table, sets=sets) if table == self._table:
                self.values.update({at: self._first(value) for at, value in sets})
            case _:
                return

    def _first(self, value: Expression) -> Expression:
        """Return an expression in columns of the old table."""
        pieces = value.written or value.normal
        found: list[Piece] = []
        for piece in pieces:
            if not isinstance(piece, Address) or piece.kind is not Kind.COLUMN:
                found.append(piece)
                continue
            inner = self.values.get(piece)
            if inner is None:
                raise Unwritable(f"column {piece} has no values while the rows are copied")
            plain = len(inner.normal) == 1 and isinstance(inner.normal[0], Address)
            found += inner.normal if plain else ("(", *(inner.written or inner.normal), ")")
        return Expression(tuple(found), tuple(found))


def _without_qualifiers(check: Check) -> Check:
    """Return a check that names columns without their table, which has another name while it is
    rebuilt."""
    found = check.expression
    if any(isinstance(piece, Address) and piece.kind is Kind.TABLE for piece in found.written):
        return replace(check, expression=Expression(found.normal, found.normal))
    return check


def _follows(clump: Clump) -> bool:
    """Return whether a change needs no statement: SQLite looks such foreign keys up anew."""
    match clump.chief:
        case Alter(at=at, fact="referred"):
            thing = clump.before.get(at)
            return isinstance(thing, ForeignKey) and thing.implied
    return False


def _changed_table(clump: Clump) -> Address | None:
    """The table that a clump changes, where that may take a rebuild."""
    match clump.chief:
        case Create(thing=Trigger()) | Drop(thing=Trigger()):
            return None
        case Alter(at=at) | Rename(old=at) if at.kind is Kind.TRIGGER:
            return None
        case Create(thing=thing) | Drop(thing=thing):
            return container(thing)
        case Alter(at=at):
            thing = clump.before.at(at)
            return at if isinstance(thing, Table) else container(thing)
        case Rows(copied=True, table=table):
            return table
        case Rename(old=at) if at.kind not in (Kind.TABLE, Kind.COLUMN):
            return container(clump.before.at(at))
        case Reorder(at=at):
            return at
        case _:
            return None


def _can_drop(schema: Schema, column: Column, with_it: Sequence[Operation]) -> bool:
    own = {o.at for o in with_it if isinstance(o, Drop)}
    others = [thing for thing in schema.referrers(column.at) if thing.at not in own]
    foreign = [t for t in others if isinstance(t, ForeignKey) and column.at not in t.columns]
    return len(others) == len(foreign)


def _without_return(found: Sequence[Clump]) -> Iterator[list[Clump]]:
    """Yield runs of clumps in none of which a column that went comes again: its values are gone."""
    run: list[Clump] = []
    gone: set[Address] = set()
    for clump in found:
        back = {thing.at for thing in clump.created()} & gone
        if back and run:
            yield run
            run, gone = [], set()
        run.append(clump)
        gone |= {o.at for o in clump.operations if isinstance(o, Drop) and _is_column(o.at)}
    if run:
        yield run


def _is_column(at: Address) -> bool:
    return at.kind is Kind.COLUMN


def _in_order(clump: Clump) -> tuple[Operation, ...]:
    if isinstance(clump.chief, Drop):
        return (*clump.others, clump.chief)
    return clump.operations


def _rowid_alias(schema: Schema, at: Address) -> Address | None:
    """The column that is another name of the rowid, if there is one."""
    keys = schema.parts(at, PrimaryKey)
    if not keys or len(keys[0].columns) != 1 or option(keys[0].options, "descending"):
        return None
    column = keys[0].columns[0]
    return column if str(schema.column(column).type).lower() == "integer" else None


def _keeps_rowids(before: Schema, after: Schema, at: Address) -> bool:
    """Whether the rows' numbers must be copied by themselves: nothing else holds them."""
    for schema in (before, after):
        if option(schema.table(at).options, "without rowid") is not None:
            return False
        if any(name.lower() == "rowid" for name in schema.table(at).columns):
            return False
    return _rowid_alias(after, at) is None


def _counts(schema: Schema, at: Address) -> bool:
    return any(column.auto_increment for column in schema.columns(at))
