"""Rebuilds: SQLite's way to alter a table, recognised as the change that it is.

What ALTER TABLE cannot do takes several statements there: a new table is made, the rows are copied, the
old one goes and the new one takes its name, and what stood on the old one is made again
(sqlite.org/lang_altertable.html, section 7). Read one by one they drop a table; taken together they
change columns and constraints of one that stays. `folded` puts such statements together: the last one
stands for all, the others say nothing, so that every statement keeps its number.

It is such a change only where every row is copied, once, and every column that stays has its values
copied; and where what it comes to leads to the very schema that the statements lead to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from schemaops.errors import SchemaOpsError
from schemaops.names import Address, Kind, Name, Relocation
from schemaops.operations import Alter, Create, Drop, Opaque, Operation, Rename, Reorder, Rows
from schemaops.operations.group import Group, Mention
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Column,
    ForeignKey,
    Index,
    Object,
    Table,
    Trigger,
    Unmodelled,
    View,
    container,
)
from schemaops.schema.state import Schema
from schemaops.sql.dialects import dialect as dialect_named
from schemaops.sql.rebuilds import rebuilds
from schemaops.sql.row_copies import Copied, Temporary, copied, temporary_table

__all__ = ["folded", "net_change"]

Copy = Mapping[Name, Address | Expression]
"""What each column of a table is filled with: a column of the table rebuilt, or what is made of them."""

# Statements that a rebuild takes, those of other tools between them included.
_REACH = 60


def folded(
    groups: Sequence[Group], before: Schema, beside: Sequence[Schema] = ()
) -> tuple[Group, ...]:
    """Return the groups of a line that leaves `before`, those of a rebuild in one.

    Where foreign keys are not switched off first, dropping the old table takes along what refers to
    its rows: a rebuild is left as it is where that may matter in one of the schemas `beside`.
    """
    if before.dialect != "sqlite":
        return tuple(groups)
    found: list[Group] = []
    schema, at, away = before, 0, False
    while at < len(groups):
        away = away or (not groups[at].operations and rebuilds((groups[at].text,)))
        one = _rebuild(groups, at, schema) if _may_begin(groups[at]) else None
        if one is not None and not away and any(_takes_along(one.table, s) for s in beside):
            one = None
        if one is None:
            found.append(groups[at])
            schema = groups[at].apply(schema)
            at += 1
            continue
        whole = _in_one(groups[at : one.stop], one.operations)
        found += [replace(part, text="", operations=(), mentions=()) for part in whole.parts[:-1]]
        found.append(whole)
        schema, at = one.after, one.stop
    return tuple(found)


def _in_one(parts: Sequence[Group], operations: tuple[Operation, ...]) -> Group:
    texts: list[str] = []
    mentions: list[Mention] = []
    start = 0
    for part in parts:
        mentions += (replace(m, start=m.start + start, end=m.end + start) for m in part.mentions)
        texts.append(part.text)
        start += len(part.text) + 2
    return Group(
        ";\n".join(texts),
        parts[0].place,
        operations,
        tuple(mentions),
        frozenset(mask for part in parts for mask in part.masks),
        parts=tuple(parts),
    )


# -- where a rebuild begins and ends


@dataclass(frozen=True, slots=True)
class _Rebuild:
    table: Address
    stop: int
    operations: tuple[Operation, ...]
    after: Schema


def _may_begin(group: Group) -> bool:
    if any(isinstance(o, Create) and isinstance(o.thing, Table) for o in group.operations):
        return True
    if any(isinstance(o, Rename) and o.old.kind is Kind.TABLE for o in group.operations):
        return True
    return not group.operations and temporary_table(group.text) is not None


def _rebuild(groups: Sequence[Group], start: int, before: Schema) -> _Rebuild | None:
    following = _Following(before)
    for stop in range(start, min(len(groups), start + _REACH)):
        if not following.take(groups[stop]):
            return None
        if following.done:
            break
    else:
        return None
    at, copy = following.result()
    stop, after = _made_again(groups, stop + 1, before, following.schema, at)
    operations = net_change(before, after, at, copy)
    return None if operations is None else _Rebuild(at, stop, operations, after)


def _takes_along(table: Address, schema: Schema) -> bool:
    """Whether rows of other tables go or change with the rows of a table."""
    return any(
        isinstance(key, ForeignKey)
        and key.table == table
        and container(key) != table
        and key.on_delete not in ("no action", "restrict")
        for key in schema.referrers(table)
    )


class _Following:
    """Follows where a table and its copies stand, statement by statement."""

    def __init__(self, before: Schema) -> None:
        self.schema = before
        self._before = before
        self._table: Address | None = None
        self._place: Address | None = None
        # The copies that stand, each with what fills it once that is known.
        self._copies: dict[Address, Copy | None] = {}
        self._aside: dict[Address, Temporary] = {}

    @property
    def done(self) -> bool:
        """Whether the table is gone, and one copy of it has its name."""
        return (
            self._table is not None
            and self._place is None
            and set(self._copies) == {self._table}
            and self._copies[self._table] is not None
        )

    def result(self) -> tuple[Address, Copy]:
        """Return the table, and what fills its columns."""
        assert self._table is not None
        copy = self._copies[self._table]
        assert copy is not None
        return self._table, copy

    def take(self, group: Group) -> bool:
        """Take a statement; return whether it may belong to a rebuild."""
        try:
            taken = self._taken(group)
        except SchemaOpsError:
            return False
        self.schema = group.apply(self.schema)
        return taken

    def _taken(self, group: Group) -> bool:
        if not group.operations:
            return self._beside(group)
        for operation in group.operations:
            match operation:
                case Opaque():
                    return False
                case Create(thing=Table(at=at)):
                    if None in self._copies.values():
                        return False
                    self._copies[at] = None
                case Create(thing=Trigger() | Unmodelled()) if None in self._copies.values():
                    return False  # it may fire while the rows are copied
                case Rename(old=old, new=new) if old.kind is Kind.TABLE:
                    if not self._moved(old, new):
                        return False
                case Drop(thing=Table(at=at)):
                    if not self._gone(at):
                        return False
                case Rows() as rows:
                    if rows.verb != "insert" or not self._filled(rows.table, group):
                        return False
                case _:
                    continue
        return True

    def _moved(self, old: Address, new: Address) -> bool:
        if old in self._copies:
            self._copies[new] = self._copies.pop(old)
            return True
        if self._table is None and old in self._before:
            self._table, self._place = old, new
            return True
        if old == self._place:
            self._place = new
            return True
        return False

    def _gone(self, at: Address) -> bool:
        if at in self._copies:
            return self._copies.pop(at) is not None and bool(self._copies)
        if self._table is None or at != self._place or not any(self._copies.values()):
            return False
        self._place = None
        return True

    # -- what fills what

    def _filled(self, target: Address, group: Group) -> bool:
        if self._copies.get(target, {}) is not None:
            return False
        found = copied(group.text, self.schema, self._aside)
        if found is None or found.target != target:
            return False
        made = self._traced(found)
        if made is not None:
            self._copies[target] = made
        return made is not None

    def _traced(self, found: Copied) -> Copy | None:
        """Return what a copy holds, in columns of the table as it was."""
        source = self._copies.get(found.source)
        if source is not None:
            return _through(found, source)
        if self._table is None and found.source in self._before:
            self._table = self._place = found.source
        if self._place is None or found.source != self._place:
            return None
        assert self._table is not None
        where = Relocation(((self._place, self._table),))
        return {
            name: where(value) if isinstance(value, Address) else value.relocated(where)
            for name, value in found.values.items()
        }

    def _beside(self, group: Group) -> bool:
        """Take what changes nothing of the schema: a temporary copy is made, filled or dropped."""
        made = temporary_table(group.text)
        if made is not None:
            if None in self._copies.values() or made.at in self.schema:
                return False
            self._aside[made.at] = made
            self._copies[made.at] = None
            if not made.filled:
                return True
        if not self._aside:
            return True
        found = copied(group.text, self.schema, self._aside)
        if found is not None:
            return self._filled(found.target, group)
        words = group.text.split()
        if [word.upper() for word in words[:2]] == ["DROP", "TABLE"]:
            gone = next(
                (at for at in self._aside if at.name == words[-1].strip('"`[]').lower()), None
            )
            if gone is None or not self._gone(gone):
                return False
            del self._aside[gone]
        return True


def _through(found: Copied, source: Copy) -> Copy | None:
    """Return what a copy of a copy holds; None where that cannot be told."""
    made: dict[Name, Address | Expression] = {}
    for name, value in found.values.items():
        if isinstance(value, Address):
            inner = source.get(value.name)
            if inner is None:
                return None
            made[name] = inner
            continue
        names = {at.name for at in value.addresses()}
        inside = {name: source.get(name) for name in names}
        if not all(isinstance(at, Address) for at in inside.values()):
            return None
        moved = {name: at for name, at in inside.items() if isinstance(at, Address)}
        made[name] = value.relocated(lambda at, moved=moved: moved[at.name])  # type: ignore[misc]
    return made


def _made_again(
    groups: Sequence[Group], stop: int, before: Schema, after: Schema, table: Address
) -> tuple[int, Schema]:
    """Return where the statements end that make again what stood on the table, and the schema then."""
    missing = {thing.at for thing in _standing(before, table) if thing.at not in after}
    schema = after
    for at in range(stop, min(len(groups), stop + _REACH)):
        if not missing:
            break
        group = groups[at]
        kinds = Index | Trigger | Unmodelled
        things = [o.thing for o in group.operations if isinstance(o, Create)]
        if len(things) < len(group.operations) or not all(isinstance(t, kinds) for t in things):
            break
        made = {thing.at for thing in things}
        schema = group.apply(schema)
        if made & missing:
            missing -= made
            stop, after = at + 1, schema
    return stop, after


def _standing(schema: Schema, table: Address) -> tuple[Object, ...]:
    """Return what stands in or on a table, its columns apart."""
    found = {thing.at: thing for thing in schema.contents(table) if not isinstance(thing, Column)}
    for thing in schema.referrers(table):
        if isinstance(thing, Unmodelled) and thing.what == "trigger" and thing.on[:1] == (table,):
            found[thing.at] = thing
    return tuple(found.values())


# -- what it comes to


def net_change(
    before: Schema, after: Schema, table: Address, copy: Copy
) -> tuple[Operation, ...] | None:
    """Return the operations on a table that lead from the one schema to the other where its rows were
    copied so; None where it is no such change."""
    try:
        return _Net(before, after, table, copy).operations()
    except SchemaOpsError:
        return None


class _Net:
    def __init__(self, before: Schema, after: Schema, table: Address, copy: Copy) -> None:
        self._after = after
        self._at = table
        self._copy = copy
        self._schema = before
        self._old = before.table(table)
        self._new = after.table(table)
        self._made: list[Operation] = []

    def operations(self) -> tuple[Operation, ...] | None:
        """Return the operations; None where they do not lead to the schema after."""
        if not self._keeps_every_column():
            return None
        moved = self._renamed()
        given = Counter(map(_compared, _standing(self._after, self._at)))
        for thing in _standing(self._schema, self._at):
            if given[_compared(thing)]:
                given[_compared(thing)] -= 1
            else:
                self._do(Drop(thing))
        self._created()
        self._written(moved)
        for name in self._schema.table(self._at).columns:
            if name not in self._new.columns:
                self._do(Drop(self._schema.column(self._at.child(Kind.COLUMN, name))))
        self._altered()
        for thing in _standing(self._after, self._at):
            if given[_compared(thing)]:
                given[_compared(thing)] -= 1
                self._do(Create(self._called(thing)))
        self._followed()
        now = self._schema.table(self._at).columns
        if now != self._new.columns:
            self._do(Reorder(self._at, now, self._new.columns))
        if self._schema.strict_fingerprint != self._after.strict_fingerprint:
            return None
        return tuple(self._made)

    def _do(self, operation: Operation) -> None:
        self._schema = operation.apply(self._schema)
        self._made.append(operation)

    def _keeps_every_column(self) -> bool:
        """Whether no column that stays is left out of the copy."""
        for name in self._new.columns:
            column = self._after.column(self._at.child(Kind.COLUMN, name))
            if name in self._old.columns and column.generated is None and name not in self._copy:
                return False
        return True

    def _renamed(self) -> Relocation:
        uses = Counter(
            at.name
            for value in self._copy.values()
            for at in ([value] if isinstance(value, Address) else set(value.addresses()))
        )
        moved = Relocation()
        for name in self._new.columns:
            source = self._copy.get(name)
            if name in self._old.columns or not isinstance(source, Address):
                continue
            if source.name in self._new.columns or uses[source.name] > 1:
                continue
            new = self._at.child(Kind.COLUMN, name)
            self._do(Rename(source, new))
            moved = moved.then(source, new)
        return moved

    def _created(self) -> None:
        for place, name in enumerate(self._new.columns):
            at = self._at.child(Kind.COLUMN, name)
            if at in self._schema:
                continue
            known = set(self._schema.table(self._at).columns)
            last = known.isdisjoint(self._new.columns[place + 1 :])
            behind = self._new.columns[place - 1] if place else Name("")
            self._do(Create(self._after.column(at), None if last else behind))

    def _written(self, moved: Relocation) -> None:
        """Emit the change of the rows that are not copied as they are."""
        sets: list[tuple[Address, Expression]] = []
        for name in self._new.columns:
            at = self._at.child(Kind.COLUMN, name)
            value = self._copy.get(name)
            if value is None or at == (moved(value) if isinstance(value, Address) else None):
                continue
            if isinstance(value, Address):
                pieces = (moved(value),)
                value = Expression(pieces, pieces)
            else:
                value = value.relocated(moved)
            if name in self._old.columns or not self._is_default(at, value):
                sets.append((at, value))
        if not sets:
            return
        pieces_: list[str | Address] = ["UPDATE ", self._at, " SET "]
        for at, value in sets:
            pieces_ += [", "] if len(pieces_) > 3 else []
            pieces_ += [at, " = ", *(value.written or value.normal)]
        reads = {at for _, value in sets for at in value.addresses()}
        text = Expression(tuple(pieces_), tuple(pieces_))
        self._do(
            Rows(
                "update",
                self._at,
                tuple(at for at, _ in sets),
                sets=tuple(sets),
                reads=tuple(sorted(reads)),
                text=text,
                copied=True,
            )
        )

    def _is_default(self, at: Address, value: Expression) -> bool:
        default = self._after.column(at).default
        if default is None:
            return str(value).upper() == "NULL"
        return value == default

    def _altered(self) -> None:
        table = self._schema.table(self._at)
        for fact in ("options", "comment"):
            self._alter(table, self._new, fact)
        for name in self._new.columns:
            at = self._at.child(Kind.COLUMN, name)
            for field in fields(Column):
                self._alter(self._schema.column(at), self._after.column(at), field.name)

    def _alter(self, one: Object, other: Object, fact: str) -> None:
        was, now = getattr(one, fact), getattr(other, fact)
        if fact != "at" and was != now:
            self._do(Alter(one.at, fact, was, now))

    def _called(self, thing: Object) -> Object:
        """Return a thing to create; one without a name under a place-holder that is free."""
        if getattr(thing, "named", True) or thing.at not in self._schema:
            return thing
        dialect = dialect_named("sqlite")
        name = dialect.implicit_name(self._schema, self._at, thing.at.kind, ())
        return replace(thing, at=self._at.child(thing.at.kind, name))

    def _followed(self) -> None:
        """Emit what views and foreign keys elsewhere come to mean."""
        for thing in list(self._schema.of_kind(Kind.VIEW)):
            other = self._after.get(thing.at)
            if isinstance(other, View):
                self._alter(thing, other, "columns")
        for thing in self._schema.referrers(self._at):
            other = self._after.get(thing.at)
            if isinstance(thing, ForeignKey) and isinstance(other, ForeignKey):
                self._alter(thing, other, "referred")


def _compared(thing: Object) -> Object:
    if getattr(thing, "named", True):
        return thing
    return replace(thing, at=Address(thing.at.kind, thing.at.path[:-1]))
