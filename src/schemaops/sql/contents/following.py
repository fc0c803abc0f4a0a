"""Following: tables taken through the operations of statements, rows and all.

    follower = Follower(schema, contents)
    for group in line:
        follower.take(group)
    follower.contents()

What it cannot follow makes the tables that it may write unknown. Where it cannot tell whether the
engine would refuse a statement, that is a doubt; where it can tell, `Refused` is raised. A statement
that is known to `run` leaves no doubt, and none is left where it finds the same once more: followers
share what was `done` for that.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from decimal import Decimal

from schemaops.canonical import digest
from schemaops.names import Address, Kind, Relocation
from schemaops.operations import Alter, Create, Drop, Opaque, Operation, Rename, Reorder, Rows
from schemaops.operations.group import Group
from schemaops.schema.objects import (
    Check,
    Column,
    Enum,
    ForeignKey,
    Index,
    Object,
    PrimaryKey,
    Table,
    Trigger,
    Unique,
)
from schemaops.schema.objects import Sequence as SequenceObject
from schemaops.schema.state import Schema
from schemaops.sql.contents.keeping import Doubt, Keys, holds
from schemaops.sql.contents.numbers import Numbers, start
from schemaops.sql.contents.repeating import (
    Done,
    counted,
    found,
    named_by,
    outcome,
    repeat,
    triggers_of,
)
from schemaops.sql.contents.state import Contents, State, table_of
from schemaops.sql.contents.storing import Refused, stored
from schemaops.sql.contents.values import UNKNOWN, Unknown, Value
from schemaops.sql.contents.writing import Writer

__all__ = ["Contents", "Follower"]


class Follower:
    """Takes tables through statements, one after another."""

    def __init__(
        self,
        schema: Schema,
        contents: Contents,
        done: MutableMapping[bytes, Done] | None = None,
    ) -> None:
        self._state = State(schema, contents)
        self._done = {} if done is None else done
        self._numbers = Numbers(self._state)
        self._writer = Writer(self._state, self._numbers)

    @property
    def schema(self) -> Schema:
        """The schema as it is now."""
        return self._state.schema

    @property
    def touched(self) -> set[Address]:
        """The tables whose rows may have changed."""
        return self._state.touched

    @property
    def doubts(self) -> Sequence[str]:
        """Where the engine may refuse, or do otherwise with, what is not known well enough."""
        return self._state.doubts

    def counts(self) -> dict[Address, int | None]:
        """Return the counters of the tables whose rows may have changed, and all that are known."""
        state = self._state
        found: dict[Address, int | None] = dict(state.counters)
        for table in state.touched:
            found.update((at, state.counters.get(at)) for at in counted(state.schema, table))
        return found

    def contents(self) -> Contents:
        """Return what is known now."""
        return self._state.contents()

    def take(self, group: Group, *, runs: bool = False) -> None:
        """Take the tables through a statement, one that is known to run or not; raise Refused."""
        for part in group.parts:
            self.take(part, runs=runs)
        if group.parts:
            return
        if not group.operations and (said := _FOREIGN_KEYS.match(group.text)):
            self._state.minds_keys = said[1].lower() in ("on", "1", "true", "yes")
        self._state.trusted, doubts = runs, len(self._state.doubts)
        for operation in group.operations:
            if isinstance(operation, Drop) and isinstance(operation.thing, Table):
                self._dropping(operation.at)
        for operation in group.operations:
            self._operation(operation, group)
        if runs:
            del self._state.doubts[doubts:]

    def _operation(self, operation: Operation, group: Group) -> None:
        match operation:
            case Rows():
                self._write(operation)
                return
            case Opaque():
                self._opaque(operation, group)
                return
        before = self._state.schema
        self._state.schema = operation.apply(before)
        self._changed(operation)
        match operation:
            case Create(thing=thing):
                self._created(thing)
            case Drop(thing=thing):
                self._dropped(thing)
            case Rename():
                self._renamed(operation)
            case Alter():
                self._altered(operation, before, group)
            case Reorder():
                return

    def _changed(self, operation: Operation) -> None:
        """Give the table of a column that changes another version."""
        at = operation.at if isinstance(operation, Create | Drop | Alter | Reorder) else None
        if at is None or at.kind not in (Kind.TABLE, Kind.COLUMN):
            return
        table = at if at.kind is Kind.TABLE else table_of(at)
        version = self._state.version(table)
        if version is not None:
            self._state.versions[table] = digest((version.hex(), operation))

    def _write(self, rows: Rows) -> None:
        state = self._state
        state.touched.add(rows.table)
        situation = found(state, rows)
        done = None if situation is None else self._done.get(situation)
        if done is not None:
            repeat(state, done)
            return
        state.written.clear()
        try:
            self._writer.write(rows)
        except Doubt as doubt:
            state.doubts.append(str(doubt))
            state.lose(rows.table)
        self._fired(rows)
        done = outcome(state, rows, situation)
        if state.trusted and situation is not None:
            self._done[situation] = done

    def _fired(self, rows: Rows) -> None:
        """Take what the triggers of written tables may write as unknown."""
        state = self._state
        left = {at: _events(rows, at, state) for at in (rows.table, *state.written)}
        seen: set[tuple[Address, str]] = set()
        while left:
            table, events = left.popitem()
            new = {event for event in events if (table, event) not in seen}
            seen |= {(table, event) for event in new}
            for trigger in triggers_of(state.schema, table):
                if new & set(trigger.events) and self._fires(trigger, rows):
                    left.update(dict.fromkeys(self._set_off(trigger), _EVENTS))

    def _set_off(self, trigger: Trigger) -> list[Address]:
        """Take what a trigger may write as unknown; return the tables that it may write."""
        state = self._state
        state.doubts.append(f"what {trigger.at} does")
        if trigger.timing != "after":
            state.lose(trigger.table)
        named = named_by(state.schema, trigger)
        if named is None:
            for at in state.schema_tables():
                state.lose(at)
            state.versions.update(dict.fromkeys(state.schema_tables()))
            state.counters.clear()
            return []
        for at in sorted(named):
            state.lose(at)
        return sorted(state.written)

    def _fires(self, trigger: Trigger, rows: Rows) -> bool:
        if trigger.table in self._state.written or trigger.for_each == "statement":
            return True
        # What meets a row that is there sets off triggers before it is passed over.
        return trigger.table == rows.table and rows.conflict is not None

    def _opaque(self, operation: Opaque, group: Group) -> None:
        if operation.effect is not None and operation.how.startswith("declared"):
            for inner in operation.effect:
                self._operation(inner, group)
            return
        self._state.touched.update(self._state.tables)
        self._state.versions.update(dict.fromkeys(self._state.schema_tables()))
        self._state.tables.clear()
        self._state.counters.clear()
        self._state.schema = operation.apply(self._state.schema)
        self._state.doubts.append("a statement that is not understood")

    # -- what comes

    def _created(self, thing: Object) -> None:
        match thing:
            case Table(at=at):
                self._state.tables[at] = []
                self._state.touched.add(at)
            case Column():
                self._new_column(thing)
            case SequenceObject(at=at):
                self._state.counters[at] = start(thing.options) - 1
            case Check() | ForeignKey() if "not valid" not in dict(thing.options):
                self._hold(thing)
            case PrimaryKey() | Unique() | Index(selective=True):
                self._hold(thing)
            case _:
                return

    def _new_column(self, column: Column) -> None:
        if column.identity is not None:
            self._state.counters[column.at] = start(column.identity.options) - 1
        elif column.auto_increment:
            self._state.counters[column.at] = 0
        rows = self._state.tables.get(column.table)
        if not rows:
            return
        self._state.touched.add(column.table)
        value: Value = UNKNOWN
        if column.identity is None and not column.auto_increment and column.generated is None:
            value = self._numbers.default(column, constant=True)
            if not column.nullable and value is None:
                if self._state.dialect == "postgres":
                    raise Refused(f"column {column.at} has no value for the rows that are there")
                value = UNKNOWN
        for row in rows:
            row[column.at] = value
        if column.generated is not None:
            self._numbers.regenerate(column.table, rows)
        if column.auto_increment or column.identity is not None:
            self._state.counters.pop(column.at, None)

    # -- what rows are held to

    def _hold(self, thing: Check | ForeignKey | PrimaryKey | Unique | Index) -> None:
        """Hold the rows that are there to a rule; raise Refused."""
        table = thing.table if isinstance(thing, Index) else table_of(thing.at)
        if not isinstance(self._state.schema.get(table), Table):
            self._state.doubts.append(f"whether the rows of {table} keep {thing.at}")
            return
        rows = self._state.known(table, f"{thing.at.kind} {thing.at}")
        keys = Keys(self._state.schema, table, only=thing.at)
        for i, row in enumerate(rows):
            try:
                match thing:
                    case Check():
                        self._check(thing, row)
                    case ForeignKey():
                        self._writer.references.refer(thing, row)
                    case PrimaryKey() if self._state.dialect != "sqlite":
                        self._not_null(thing.columns, row)
                if keys.meeting(row, rows[:i]):
                    raise Refused(f"two rows of {table} meet in {thing.at}")
            except Doubt as doubt:
                self._state.doubts.append(str(doubt))

    def _check(self, check: Check, row: dict[Address, Value]) -> None:
        kept = holds(self._state.evaluated(check.expression), row)
        if kept is False:
            raise Refused(f"a row breaks check {check.at}")
        if isinstance(kept, Unknown):
            self._state.doubts.append(f"whether a row keeps check {check.at}")

    def _not_null(self, columns: Sequence[Address], row: dict[Address, Value]) -> None:
        for at in columns:
            if row[at] is None:
                raise Refused(f"{at} is NULL in a row")
            if row[at] is UNKNOWN:
                self._state.doubts.append(f"whether {at} is NULL in a row")

    # -- what goes

    def _dropping(self, table: Address) -> None:
        """Do to the rows of others what dropping a table does (SQLite deletes its rows first)."""
        state = self._state
        if state.dialect != "sqlite" or table not in state.schema or not state.referring(table):
            return
        if not state.minds_keys:
            return
        state.written.clear()
        if table not in state.tables:
            state.doubts.append(f"what dropping {table} does to rows that refer to it")
            state.lose(table)
            state.versions.update(dict.fromkeys(state.written))
            return
        self._writer.references.begin()
        try:
            self._writer.references.remove(table, list(state.tables[table]))
            self._writer.references.settle()
        except Doubt as doubt:
            state.doubts.append(str(doubt))
            state.lose(table)
        state.versions.update(dict.fromkeys(state.written))

    def _dropped(self, thing: Object) -> None:
        match thing:
            case Table(at=at):
                self._state.tables.pop(at, None)
                self._state.touched.discard(at)
            case Column(at=at):
                for row in self._state.tables.get(thing.table, ()):
                    row.pop(at, None)
            case _:
                pass
        self._state.counters.pop(thing.at, None)

    # -- what changes

    def _renamed(self, operation: Rename) -> None:
        where = Relocation(((operation.old, operation.new),))
        state = self._state
        state.tables = {
            where(at): [{where(c): v for c, v in row.items()} for row in rows]
            for at, rows in state.tables.items()
        }
        state.counters = {where(at): last for at, last in state.counters.items()}
        state.versions = {where(at): version for at, version in state.versions.items()}
        state.touched = {where(at) for at in state.touched}

    def _altered(self, operation: Alter, before: Schema, group: Group) -> None:
        thing = self._state.schema.get(operation.at)
        match thing:
            case Enum() if operation.fact == "values":
                self._relabelled(thing, operation)
            case SequenceObject():
                self._state.counters.pop(thing.at, None)
            case Check() | ForeignKey() if operation.fact == "options":
                if "not valid" not in dict(thing.options):
                    self._hold(thing)
            case Column():
                self._altered_column(thing, operation, before, group)
            case _:
                return

    def _altered_column(
        self, column: Column, operation: Alter, before: Schema, group: Group
    ) -> None:
        state, at = self._state, column.at
        if operation.fact in ("identity", "auto_increment"):
            state.counters.pop(at, None)
            if column.identity is not None:
                state.counters[at] = start(column.identity.options) - 1
        rows = state.tables.get(column.table)
        if rows is None:
            if operation.fact in ("type", "nullable"):
                state.doubts.append(f"the rows of {column.table}")
            return
        match operation.fact:
            case "nullable" if not column.nullable:
                for row in rows:
                    self._not_null((at,), row)
            case "type" if rows:
                state.touched.add(column.table)
                plain = _casts_only(group.text)
                for row in rows:
                    row[at] = self._converted(row[at], column, before) if plain else UNKNOWN
                self._numbers.regenerate(column.table, rows)
                self._hold_again(column)
            case "generated" | "collation" if rows:
                state.touched.add(column.table)
                for row in rows:
                    row[at] = UNKNOWN
            case _:
                return

    def _hold_again(self, column: Column) -> None:
        schema = self._state.schema
        for thing in schema.contents(column.table):
            if isinstance(thing, Check | PrimaryKey | Unique) or (
                isinstance(thing, Index) and thing.selective
            ):
                self._hold(thing)

    def _relabelled(self, enum: Enum, operation: Alter) -> None:
        if len(operation.before) != len(operation.after):
            return
        pairs = zip(operation.before, operation.after, strict=True)
        names = {old: new for old, new in pairs if old != new}
        for table, rows in self._state.tables.items():
            columns = self._state.schema.columns(table)
            typed = [c.at for c in columns if enum.at in set(c.type.addresses())]
            for row in rows:
                for at in typed:
                    value = row[at]
                    if isinstance(value, str):
                        row[at] = names.get(value, value)

    def _converted(self, value: Value, column: Column, before: Schema) -> Value:
        if value is None or isinstance(value, Unknown):
            return value if value is None else UNKNOWN
        old, new = str(before.column(column.at).type), str(column.type)
        if self._state.dialect == "mysql" and isinstance(value, str):
            if new.startswith(("int", "bigint", "smallint", "decimal", "tinyint")):
                return UNKNOWN  # it cuts what does not fit, or refuses, as the mode says
        if isinstance(value, Decimal) and old.startswith(("numeric", "decimal")):
            if new.startswith(("text", "character", "varchar")):
                return UNKNOWN
        return stored(value, column, self._state.schema)


_EVENTS = ("insert", "delete", "update", "truncate")


def _events(rows: Rows, table: Address, state: State) -> tuple[str, ...]:
    """Return what a data statement may do to rows of a table, as triggers call it."""
    others = ("update", "delete")
    if table != rows.table:
        return others
    direct = {"update": ("update",), "replace": ("delete",)}.get(rows.conflict or "", ())
    own = any(table_of(key.at) == table for key in state.referring(table))
    return (rows.verb, *direct, *(others if own else ()))


_FOREIGN_KEYS = re.compile(r"(?i)\s*PRAGMA\s+(?:\w+\.)?foreign_keys\s*[=(]\s*'?(\w+)")
_CASTS = re.compile(r"[\s\w\".]+(::[\s\w(),]+)*(,.*)?", re.DOTALL)


def _casts_only(text: str) -> bool:
    """Whether a change of a type takes the values as they are, but for casts."""
    _, using, made = text.upper().partition("USING")
    return not using or bool(_CASTS.fullmatch(made))
