"""Order: the operations of a difference so that each applies, and so that an engine takes each.

What goes is before what comes, since names are free only then: views, foreign keys, tables, keys.
Then types, tables and columns are made, columns changed and dropped; then keys, foreign keys and
views come. SQLite and MySQL take a table's changes together, so that one rebuild does them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Sequence as Listed
from dataclasses import replace
from typing import TypeVar

from schemaops.diff.along import MAKES, Difference, take_along
from schemaops.diff.firing import anew, rank
from schemaops.diff.ranks import (
    Type,
    calling_order,
    children_first,
    parents_first,
    reading_order,
    types_first,
)
from schemaops.errors import SchemaOpsError
from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop, Operation, Rename, Reorder
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    Column,
    EventTrigger,
    Extension,
    ForeignKey,
    Index,
    Inheritance,
    Namespace,
    Object,
    PartitionKey,
    Policy,
    PrimaryKey,
    Routine,
    Sequence,
    Statistics,
    Sundry,
    Table,
    Trigger,
    Unique,
    Unmodelled,
    View,
    attached,
    container,
    references,
)
from schemaops.schema.state import Schema
from schemaops.sql.bodies import names_in

__all__ = ["ordered"]

# What stands on tables, and goes before them; the others are what tables and views are made with.
_RULING = (Kind.RULE, Kind.PUBLICATION, Kind.USER_MAPPING)
_WORDS = (
    Kind.COLLATION,
    Kind.TEXT_SEARCH_DICTIONARY,
    Kind.TEXT_SEARCH_CONFIGURATION,
    Kind.WRAPPER,
    Kind.SERVER,
)
_KEY_KINDS = (Kind.PRIMARY_KEY, Kind.UNIQUE, Kind.CHECK, Kind.FOREIGN_KEY, Kind.INDEX)
_IN_TABLE = (*_KEY_KINDS, Kind.COLUMN)

T = TypeVar("T")


def ordered(found: Difference) -> tuple[Operation, ...]:
    """Return the operations of a difference in an order in which each applies."""
    take_along(found)
    return _applicable(_Order(found).operations(), found.before)


# -- the order


class _Order:
    """Takes the pieces of a difference one after another; what was taken is not taken again."""

    def __init__(self, found: Difference) -> None:
        self.found = found
        self.before, self.after = found.before, found.after
        self.dialect = found.before.dialect
        self.gone = dict(found.dropped)
        self.new = dict(found.created)
        self.altered = list(found.altered)
        self.line: list[Operation] = []

    def operations(self) -> list[Operation]:
        """Return the line."""
        if self.dialect != "postgres":
            self._take_triggers()
        self._drop(t for t in self._going(Sundry) if t.at.kind in _RULING)
        self._drop(t for t in self._going(Unmodelled) if t.what not in MAKES)
        self._drop([thing for thing in self.gone.values() if attached(thing)])
        self._drop(self._going(Policy))
        self._drop(self._going(Statistics))
        self._drop(self._going(EventTrigger))
        self._drop(self._going(Trigger))
        views = self._going(View)
        over = {view.at for view in views}
        self._drop(t for t in self._going(Index) if t.table in over)
        self._drop_routines_over(Kind.VIEW)
        self._drop(reversed(reading_order(views)))
        self._drop_routines_over(Kind.TABLE)
        self._drop(t for t in self._going(Inheritance) if container(t) not in self.gone)
        self._drop_tables()
        self._drop(self._going(Inheritance))
        if self.dialect == "sqlite":
            self._drop(self._going(Index))
        self.line += self.found.renamed
        self._make_types()
        self._make_early_routines()
        self._make_tables()
        self._change_tables()
        self._create_foreign_keys()
        self._make_routines()
        self._make_views()
        if self.dialect == "mysql":
            self._alter(lambda change: change.at.kind is Kind.TRIGGER)
        triggers: list[Trigger] = sorted(self._coming(Trigger), key=rank)
        self._create(triggers)
        self._create(self._coming(EventTrigger))
        self._drop_types()
        self._create([thing for thing in self.new.values() if attached(thing)])
        return self.line

    def _take_triggers(self) -> None:
        """Drop the triggers that go, and those that are to be made again."""
        for at in anew(self.found, self.altered):
            self.gone[at], self.new[at] = self.before.at(at), self.after.at(at)
            self.altered = [change for change in self.altered if change.at != at]
        self._drop(self._going(Trigger))

    def _going(self, kind: type[T]) -> list[T]:
        return [thing for thing in self.gone.values() if isinstance(thing, kind)]

    def _coming(self, kind: type[T]) -> list[T]:
        return [thing for thing in self.new.values() if isinstance(thing, kind)]

    def _keys_going(self) -> list[Object]:
        kinds: tuple[type, ...] = (PrimaryKey, Unique, Check, Index)
        if self.dialect == "sqlite":
            kinds = (*kinds, ForeignKey)
        return [thing for thing in self.gone.values() if isinstance(thing, kinds)]

    def _drop(self, things: Iterable[Object]) -> None:
        for thing in list(things):
            del self.gone[thing.at]
            self.line.append(Drop(thing))

    def _create(self, things: Iterable[Object]) -> None:
        for thing in list(things):
            del self.new[thing.at]
            self.line.append(Create(thing, self._place(thing)))

    def _alter(self, wanted: Callable[[Alter], bool]) -> None:
        self.line += [change for change in self.altered if wanted(change)]
        self.altered = [change for change in self.altered if not wanted(change)]

    def _place(self, thing: Object) -> Name | None:
        """Where a column is put, where the dialect can put it: behind one that is there."""
        if self.dialect == "postgres" or not isinstance(thing, Column):
            return None
        if thing.table not in self.before:
            return None
        names = self.after.table(thing.table).columns
        for name in reversed(names[: names.index(thing.at.name)]):
            at = thing.table.child(Kind.COLUMN, name)
            if at in self.before or at not in self.new:
                return name
        return Name("")

    # -- tables that go, and all that stands in the way

    def _drop_tables(self) -> None:
        tables = self._going(Table)
        gone_in = _by_home(self.gone.values())
        going = {table.at for table in tables}
        order = children_first(tables, self.before)
        rank = {table.at: place for place, table in enumerate(order)}
        for key in self._going(ForeignKey) if self.dialect != "sqlite" else []:
            home = container(key)
            if home is None or home not in going or rank.get(key.table, len(rank)) < rank[home]:
                self._drop([key])
        for table in order:
            inside = [t for t in gone_in.get(table.at, ()) if t.at in self.gone]
            self._keep_sequences(table.at)
            self._drop(t for t in inside if not isinstance(t, Column))
            self._drop(reversed([t for t in inside if isinstance(t, Column)]))
            self._drop([table])

    def _keep_sequences(self, table: Address) -> None:
        """Take sequences that stay from a table that goes, before it takes them along."""
        for change in list(self.altered):
            if change.fact == "owner" and _within(change.before, table):
                self.altered.remove(change)
                self.line.append(replace(change, after=None))
                if change.after is not None:
                    self.altered.append(replace(change, before=None))

    # -- types and tables that come

    def _make_types(self) -> None:
        self._create(self._coming(Namespace))
        self._create(self._coming(Extension))
        self._create(t for t in self._coming(Sundry) if t.at.kind in _WORDS)
        self._create(types_first([t for t in self.new.values() if isinstance(t, Type)]))
        self._create(
            t
            for t in self._coming(Unmodelled)
            if t.what in MAKES and not any(at in self.new for at in t.on)
        )
        self._alter(lambda change: change.at.kind is Kind.UNMODELLED and self._is_ready(change.at))
        grown: set[Address] = set()
        for change in list(self.altered):
            if change.at.kind is Kind.ENUM and change.at not in grown:
                grown.add(change.at)
                if set(change.before) <= set(change.after):
                    self.line.append(change)
                    self.altered.remove(change)
        self._create(
            s
            for s in self._coming(Sequence)
            if s.owner is None or (s.owner in self.before and s.owner not in self.new)
        )

    def _is_ready(self, at: Address) -> bool:
        """Whether what an unmodelled object needs is there before any table is made."""
        thing = self.after.at(at)
        return isinstance(thing, Unmodelled) and not any(used in self.new for used in thing.on)

    def _drop_routines_over(self, kind: Kind) -> None:
        """Drop the routines that take or give rows of a table, or of a view, which goes, or whose bodies
        hold it or its columns."""
        gone = {at for at in self.gone if at.kind is kind}
        if kind is Kind.TABLE:
            gone |= {at for at in self.gone if at.kind is Kind.COLUMN}
            gone |= {change.at for change in self.altered if change.fact in ("type", "generated")}
        self._drop(r for r in self._going(Routine) if gone & set(references(r)))

    def _make_early_routines(self) -> None:
        """Create the routines that the parts of tables call; others come when tables are there."""
        parts = (Column, Check, Index)
        things = [t for t in self.new.values() if isinstance(t, parts)]
        called = {at for t in things for at in references(t)}
        called |= {at for change in self.altered for at in _addresses(change.after)}
        self._create(
            r
            for r in calling_order(self._coming(Routine))
            if r.at.family in called and not any(at in self.new for at in references(r))
        )

    def _make_routines(self) -> None:
        """Create the routines that do not name a view which is still to come."""
        views = {view.at.name: view.at for view in self._coming(View)}
        late: set[Address] = set()
        names: set[str] = set(views)
        ordered = calling_order(self._coming(Routine))
        for routine in ordered:
            if names & names_in(routine) or set(views.values()) & set(references(routine)):
                late.add(routine.at)
                names.add(routine.at.bare)
        self._create(routine for routine in ordered if routine.at not in late)
        self._alter(lambda change: change.at.kind in (Kind.FUNCTION, Kind.PROCEDURE))

    def _make_tables(self) -> None:
        tables = self._coming(Table)
        new_in = _by_home(self.new.values())
        made: set[Address] = set()
        for table in parents_first(tables, self.after):
            made.add(table.at)
            inside = [t for t in new_in.get(table.at, ()) if t.at in self.new]
            sequences = [t for t in inside if isinstance(t, Sequence)]
            columns = [self.after.column(c.at) for c in self.after.columns(table.at)]
            self.line.append(Create(replace(table, columns=())))
            del self.new[table.at]
            self._create(sequences)
            self._create(columns)
            parts = (PartitionKey, PrimaryKey, Unique, Check, Index, ForeignKey, Inheritance)
            for kind in parts:
                self._create(
                    t
                    for t in inside
                    if isinstance(t, kind)
                    and not (isinstance(t, Index) and t.implicit)
                    and (not isinstance(t, ForeignKey) or self._can_refer(t, made))
                    and (not isinstance(t, Inheritance) or self._stays_as_it_is(t.parent))
                    and t.at in self.new
                )
                if kind is ForeignKey:
                    self._create(t for t in inside if isinstance(t, Index) and t.implicit)

    def _stays_as_it_is(self, table: Address) -> bool:
        """Whether nothing in a table is still to be changed."""
        things = (*self.new.values(), *self.gone.values())
        return not any(container(thing) == table for thing in things) and not any(
            _table_of(change.at) == table for change in self.altered
        )

    def _can_refer(self, key: ForeignKey, made: set[Address]) -> bool:
        if self.dialect == "sqlite" or key.table in made:
            return True
        if key.table not in self.before or key.table in self.new:
            return False
        # What it refers to may itself only be in the making.
        return not any(at in self.new for at in key.referred) and not any(
            isinstance(thing, PrimaryKey | Unique | Index) and container(thing) == key.table
            for thing in self.new.values()
        )

    # -- tables that stay

    def _change_tables(self) -> None:
        if self.dialect == "postgres":
            self._change_parts(None)
            return
        touched = [container(t) for t in (*self.gone.values(), *self.new.values()) if container(t)]
        touched += [_table_of(change.at) for change in self.altered]
        touched += [change.at for change in self.found.reordered]
        for at in dict.fromkeys(touched):
            if at is not None and at in self.after:
                self._change_parts(at)

    def _change_parts(self, table: Address | None) -> None:
        def here(at: Address | None) -> bool:
            return table is None or at == table

        lost = {(c.table, c.at) for c in self._going(Column)}
        count = self._counting(here)
        self._alter(lambda change: change.at in count and change.before is True)
        self._drop(
            t
            for t in self._keys_going()
            if here(container(t)) and not any((container(t), at) in lost for at in references(t))
        )
        columns = [c for c in self._coming(Column) if here(c.table)]
        counters = [c for c in columns if c.auto_increment and self.dialect == "mysql"]
        for column in sorted(columns, key=lambda c: c.generated is not None):
            if column not in counters:
                self._create([column])
                self._create(s for s in self._coming(Sequence) if s.owner == column.at)
        self._change_counters(counters, here)
        self._alter_columns(here, count)
        gone = [c for c in self._going(Column) if here(c.table)]
        for column in sorted(gone, key=lambda c: c.generated is None):
            self._drop_column(column)
        self._alter(lambda change: change.at.kind is Kind.TABLE and here(change.at))
        self.line += [change for change in self.found.reordered if here(change.at)]
        for kind in (PrimaryKey, Unique, Check):
            coming: list[Object] = [t for t in self.new.values() if isinstance(t, kind)]
            self._create(t for t in coming if here(container(t)))
        if self.dialect == "sqlite":
            self._create(t for t in self._coming(ForeignKey) if here(container(t)))
        self._create(t for t in self._coming(Index) if here(container(t)) and not t.implicit)
        self._alter(lambda change: change.at in count)
        self._alter(lambda change: here(_table_of(change.at)) and change.at.kind in _KEY_KINDS)

    def _drop_column(self, column: Column) -> None:
        inside = [t for t in self._keys_going() if container(t) == column.table]
        self._drop(t for t in inside if column.at in set(references(t)))
        self._drop(s for s in self._going(Sequence) if s.owner == column.at)
        self._drop([column])

    def _change_counters(
        self, counters: Listed[Column], here: Callable[[Address | None], bool]
    ) -> None:
        """Exchange MySQL's counting columns, of which a table has one, with their keys."""
        for column in counters:
            self._create([column])
            self._drop(key for key in self._going(PrimaryKey) if container(key) == column.table)
            for old in self._going(Column):
                if old.auto_increment and here(old.table):
                    self._drop_column(old)
            keys: list[Object] = [
                t for t in self.new.values() if isinstance(t, PrimaryKey | Unique | Index)
            ]
            mine = [t for t in keys if container(t) == column.table]
            self._create(t for t in mine if column.at in set(references(t)))

    def _counting(self, here: Callable[[Address | None], bool]) -> set[Address]:
        """The columns that begin or cease to count, which in MySQL needs a key all the while."""
        if self.dialect != "mysql":
            return set()
        return {
            change.at
            for change in self.altered
            if change.fact == "auto_increment" and here(_table_of(change.at))
        }

    def _alter_columns(self, here: Callable[[Address | None], bool], count: set[Address]) -> None:
        self._alter(lambda change: change.at.kind is Kind.SEQUENCE and change.fact != "owner")
        columns = [change.at for change in self.altered if change.at.kind is Kind.COLUMN]
        changed = [at for at in columns if at not in count and here(_table_of(at))]
        for at in dict.fromkeys(changed):
            self._free_names_for_identity(at)
            self._alter(lambda change, at=at: change.at == at)  # type: ignore[misc]
        self._alter(lambda change: change.at.kind is Kind.SEQUENCE)

    def _free_names_for_identity(self, column: Address) -> None:
        """Drop the sequence that a column counts by where its identity's own is to have the name."""
        for change in self.altered:
            if change.at == column and change.fact == "identity" and change.after is not None:
                name = dict(change.after.options).get("sequence name")
                taken = [
                    s for s in self._going(Sequence) if s.owner == column and s.at.name == name
                ]
                if taken:
                    self._alter(lambda other: other.at == column and other.fact == "default")
                    self._drop(taken)
                return

    def _create_foreign_keys(self) -> None:
        for key in self._coming(ForeignKey):
            self._create([key])
            made = [i for i in self._coming(Index) if i.implicit and _columns(i) == key.columns]
            self._create(index for index in made if index.table == container(key))
        self._create(t for t in self._coming(Index) if t.table.kind is not Kind.VIEW)
        self._create(self._coming(Inheritance))

    # -- views, and the types that go

    def _make_views(self) -> None:
        self._create(t for t in self._coming(Sundry) if t.at.kind not in _RULING)
        rest = self._coming(Unmodelled)
        self._create(t for t in rest if t.what in MAKES)
        changed = {change.at for change in self.altered if change.at.kind is Kind.VIEW}
        views = [*self._coming(View), *(self.after.at(at) for at in changed)]
        late = {routine.at.family for routine in self._coming(Routine)}
        in_order = reading_order([v for v in views if isinstance(v, View)])
        # Those that call what names a view come behind the others, and what reads them too.
        behind: set[tuple[Name, ...]] = set()
        for view in in_order:
            read = set(references(view))
            paths = {at.path if at.kind is not Kind.COLUMN else at.path[:-1] for at in read}
            if not late.isdisjoint(read) or behind & paths:
                behind.add(view.at.path)
        for view in sorted(in_order, key=lambda view: view.at.path in behind):
            if view.at in self.new:
                called = {at for at in references(view) if at.kind is Kind.FUNCTION}
                if not late.isdisjoint(called):
                    self._create_named_by(called)
                self._create([view])
            else:
                self._alter(lambda change, at=view.at: change.at == at)  # type: ignore[misc]
        self._create(calling_order(self._coming(Routine)))
        self._create(self._coming(Index))
        self._create(self._coming(Policy))
        self._create(self._coming(Statistics))
        # What is said of another comes behind it.
        last: list[Unmodelled] = sorted(
            self._coming(Unmodelled), key=lambda thing: any(at in self.new for at in thing.on)
        )
        self._create(last)
        self._create(self._coming(Sundry))

    def _create_named_by(self, called: set[Address]) -> None:
        """Create the routines that a view calls, and those that they name."""
        ordered = calling_order(self._coming(Routine))
        wanted = {routine.at for routine in ordered if routine.at.family in called}
        for routine in reversed(ordered):
            if routine.at in wanted:
                words = names_in(routine)
                wanted |= {other.at for other in ordered if other.at.bare in words}
        self._create(routine for routine in ordered if routine.at in wanted)

    def _drop_types(self) -> None:
        self._drop(self._going(Sequence))
        self._alter(lambda change: change.at.kind is not Kind.ENUM)
        self._drop(t for t in self._going(Unmodelled))
        self._drop(reversed(self._going(Sundry)))
        self._drop(reversed(calling_order(self._going(Routine))))
        types = [t for t in self.gone.values() if isinstance(t, Type)]
        self._drop(reversed(types_first(types)))
        self._alter(lambda _: True)
        self._drop(self._going(Extension))
        self._drop(self._going(Namespace))


def _addresses(value: object) -> set[Address]:
    return set(value.addresses()) if isinstance(value, Expression) else set()


def _by_home(things: Iterable[Object]) -> dict[Address, list[Object]]:
    """Return objects by the table that they stand in, or whose column owns them."""
    found: dict[Address, list[Object]] = {}
    for thing in things:
        home = container(thing)
        if isinstance(thing, Sequence) and thing.owner is not None:
            home = _table_of(thing.owner)
        if home is not None:
            found.setdefault(home, []).append(thing)
    return found


def _table_of(at: Address) -> Address | None:
    if at.kind is Kind.TABLE:
        return at
    return Address(Kind.TABLE, at.path[:-1]) if at.kind in _IN_TABLE else None


def _within(at: object, table: Address) -> bool:
    return isinstance(at, Address) and table.covers(at)


def _columns(index: Index) -> tuple[Address, ...]:
    return tuple(
        piece for key in index.keys for piece in key.expression.normal if isinstance(piece, Address)
    )


# -- a last look


def _applicable(line: Listed[Operation], before: Schema) -> tuple[Operation, ...]:
    """Return the line with what cannot be applied yet put off until it can."""
    schema, placed, waiting = before, [], list(line)
    keys: dict[Address | None, list[Object]] = {}
    for one in line:
        if isinstance(one, Create) and isinstance(one.thing, PrimaryKey | Unique):
            keys.setdefault(container(one.thing), []).append(one.thing)
    while waiting:
        late: list[Operation] = []
        missing: set[Address] = set()
        for operation in waiting:
            needed = _needed(operation, keys)
            if missing & needed:
                late.append(operation)
                missing |= _made(operation)
                continue
            try:
                schema = operation.apply(schema)
            except SchemaOpsError:
                late.append(operation)  # a name that is still taken; it is tried again below
                missing |= _made(operation)
            else:
                placed.append(operation)
        if len(late) == len(waiting):
            late[0].apply(schema)
        waiting = late
    return tuple(placed)


def _needed(operation: Operation, keys: Mapping[Address | None, list[Object]]) -> set[Address]:
    match operation:
        case Create(thing=ForeignKey() as key):
            referred = {each.at for each in keys.get(key.table, ()) if _serves(each, key)}
            return referred | {at for at in (container(key), *references(key)) if at is not None}
        case Create(thing=thing):
            return {at for at in (container(thing), *references(thing)) if at is not None}
        case Alter(at=at, after=after):
            return {at, *_addresses(after)}
        case Reorder(at=at) | Rename(old=at):
            return {at}
        case _:
            return set()


def _serves(key: Object, foreign: ForeignKey) -> bool:
    """Whether a key of the table that a foreign key refers to is the one it refers to."""
    return isinstance(key, PrimaryKey | Unique) and set(key.columns) == set(foreign.referred)


def _made(operation: Operation) -> set[Address]:
    match operation:
        case Create(thing=thing):
            family = thing.at.family
            return {thing.at} if family is None else {thing.at, family}
        case Rename(new=new):
            return {new}
        case _:
            return set()
