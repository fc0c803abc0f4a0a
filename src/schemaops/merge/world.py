"""The world that rules look at: the base, what is known of its rows, and how far a data statement
reaches — through views to the tables below them, and through foreign keys to the rows of others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.course import shown
from schemaops.merge.known import KnownRows
from schemaops.names import Address, Kind
from schemaops.operations import Rows
from schemaops.schema.objects import Column, ForeignKey, Inheritance, Routine, Table, Trigger, View
from schemaops.schema.state import Schema
from schemaops.sql.texts import words_of

__all__ = ["Clash", "Reach", "World", "columns_of", "events", "said"]

_STAY = ("no action", "restrict")
_ALONG = {"update", "delete"}


@dataclass(frozen=True, slots=True)
class Clash:
    """Why two operations are at odds: the kind, what it is about, one sentence; `of_rows` says that it
    depends on the rows that are there."""

    kind: ConflictKind
    address: Address
    reason: str
    of_rows: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """What the rules may look at beside the two operations: the base, and what is known of its rows."""

    base: Schema
    rows: KnownRows

    @property
    def dialect(self) -> str:
        """The dialect of both sides."""
        return self.base.dialect

    def below(self, relations: Iterable[Address]) -> frozenset[Address]:
        """Return tables with views replaced by the tables that they show, and the columns they show; one
        that keeps rows of its own stays."""
        found: set[Address] = set()
        left = list(relations)
        seen: set[Address] = set()
        while left:
            at = left.pop()
            if at in seen:
                continue
            seen.add(at)
            view = self.base.get(Address(Kind.VIEW, at.path))
            if isinstance(view, View) and not view.keeps_rows:
                left += [a for a in view.query.addresses() if a.kind in _READ]
            else:
                found.add(at)
                left += self._kin(at)
        return frozenset(found)

    def _kin(self, table: Address) -> Iterable[Address]:
        """Yield the tables that a table has rows in common with: partitions, heirs, and what they are of."""
        for thing in self.base.of_kind(Kind.INHERITANCE) if table.kind is Kind.TABLE else ():
            if isinstance(thing, Inheritance):
                child = Address(Kind.TABLE, thing.at.path[:-1])
                if table in (child, thing.parent):
                    yield thing.parent if table == child else child

    def referring(self, table: Address) -> list[ForeignKey]:
        """Return the foreign keys of the base that refer to a table."""
        if table not in self.base:
            return []
        found = [*self.base.referrers(table), *self.base.parts(table, ForeignKey)]
        keys = [key for key in found if isinstance(key, ForeignKey) and key.table == table]
        return list(dict.fromkeys(keys))

    def reach(self, rows: Rows) -> Reach:
        """Return how far a data statement reaches."""
        relations = {at for at in rows.reads if at.kind in (Kind.TABLE, Kind.VIEW)}
        if not _twice(rows):
            relations.discard(rows.table)
        columns = {at for at in rows.reads if at.kind is Kind.COLUMN}
        tables = self.below([rows.table])
        own = frozenset(at for at in tables if at.kind is not Kind.COLUMN)
        read = self.below([*relations, *columns])
        if rows.table.kind is Kind.VIEW:
            read |= tables
        return Reach(
            own,
            frozenset(at for at in read if at.kind is not Kind.COLUMN),
            frozenset(at for at in read if at.kind is Kind.COLUMN),
            self._cascaded(rows, own),
        )

    def _cascaded(self, rows: Rows, own: frozenset[Address]) -> frozenset[Address]:
        found: set[Address] = set()
        if rows.copied:
            return frozenset()
        left = list(self._set_off(own))
        for table in own:
            for key in self.referring(table):
                if _takes_along(rows, key):
                    left.append(Address(Kind.TABLE, key.at.path[:-1]))
        while left:
            table = left.pop()
            if table not in found:
                found.add(table)
                left += [
                    Address(Kind.TABLE, key.at.path[:-1])
                    for key in self.referring(table)
                    if key.on_delete not in _STAY or key.on_update not in _STAY
                ]
        return frozenset(found)

    def through(self, rows: Rows) -> frozenset[Address]:
        """Return the views through which a data statement writes or reads."""
        found: set[Address] = set()
        left = [rows.table, *rows.reads]
        while left:
            at = left.pop()
            view = self.base.get(at) if at.kind is Kind.VIEW else None
            if isinstance(view, View) and at not in found:
                found.add(at)
                left += view.query.addresses()
        return frozenset(found)

    def fired(self, rows: Rows) -> Iterable[Trigger]:
        """Yield the triggers of the base that a data statement sets off."""
        if rows.copied:
            return  # it writes into a table that has none yet
        reach = self.reach(rows)
        # A foreign key changes and deletes rows; only a trigger makes some.
        along = {"insert", "update", "delete"} if any(self._set_off(reach.tables)) else _ALONG
        through = self.through(rows)
        for table in sorted(reach.tables | reach.cascaded | through):
            for trigger in self.base.referrers(table) if table in self.base else ():
                if not isinstance(trigger, Trigger) or trigger.table != table:
                    continue
                own = table in reach.tables or table in through
                happens = set(events(rows)) if own else set()
                happens |= along if table in reach.cascaded else set()
                if happens & set(trigger.events):
                    yield trigger

    def _set_off(self, own: Iterable[Address]) -> Iterable[Address]:
        """Yield the tables that the triggers of tables may write, by the names in their bodies."""
        for table in own:
            for trigger in self.base.referrers(table) if table in self.base else ():
                if not isinstance(trigger, Trigger) or trigger.table != table:
                    continue
                text = "" if trigger.body is None else trigger.body.text(lambda at: str(at.name))
                if trigger.function is not None:
                    function = self.base.get(trigger.function)
                    text = function.body if isinstance(function, Routine) else ""
                words = words_of(text, self.dialect)
                for thing in self.base.of_kind(Kind.TABLE):
                    if str(thing.at.name).lower() in words:
                        yield thing.at

    def nearby(self, rows: Rows) -> set[Address]:
        """Return the addresses beside its own at which a data statement meets others."""
        reach = self.reach(rows)
        found = {*reach.tables, *reach.reads, *reach.columns, *reach.cascaded, *self.through(rows)}
        found |= {at for at in rows.text.addresses() if at.kind is Kind.FUNCTION}
        for trigger in self.fired(rows):
            found |= {trigger.at} if trigger.function is None else {trigger.at, trigger.function}
        for table in reach.tables | reach.cascaded:
            if not isinstance(self.base.get(table), Table):
                continue
            found |= {key.table for key in self.base.parts(table, ForeignKey)}
            referring = self.referring(table)
            found |= {Address(Kind.TABLE, k.at.path[:-1]) for k in referring}
            found |= {
                at
                for k in referring
                if "set default" in (k.on_delete, k.on_update)
                for at in k.columns
            }
            for column in self.base.columns(table):
                found |= set(column.type.addresses())
                if column.default is not None:
                    found |= set(column.default.addresses())
        return found


@dataclass(frozen=True, slots=True)
class Reach:
    """The tables a statement writes, those whose rows it reads (its own where a query in it does), the
    columns it reads, and the tables whose rows foreign keys change along."""

    tables: frozenset[Address]
    reads: frozenset[Address]
    columns: frozenset[Address]
    cascaded: frozenset[Address]


_READ = (Kind.TABLE, Kind.VIEW, Kind.COLUMN)


def _twice(rows: Rows) -> bool:
    """Whether a statement names its own table once more: its rows are read as a relation's."""
    # An upsert names it for the row that is there.
    named = sum(1 for piece in rows.text.written if piece == rows.table)
    return named > (2 if rows.conflict == "update" else 1)


def _takes_along(rows: Rows, key: ForeignKey) -> bool:
    if rows.verb in ("delete", "truncate") or rows.conflict == "replace":
        return key.on_delete not in _STAY
    written = {at for at, _ in rows.sets} | (set(rows.columns) if rows.conflict else set())
    return bool(written & set(key.referred)) and key.on_update not in _STAY


def events(rows: Rows) -> tuple[str, ...]:
    """Return the events of triggers that a data statement is."""
    match rows.conflict:
        case "update":
            return ("insert", "update")
        case "replace":
            return ("insert", "delete")
        case _:
            return (rows.verb,)


def said(at: Address) -> str:
    """Return an address as a reason names it."""
    return f"{at.kind} {shown(at)}"


def columns_of(world: World, table: Address) -> tuple[Column, ...]:
    """Return the columns of a table of the base, none where it is not in it."""
    return world.base.columns(table) if isinstance(world.base.get(table), Table) else ()
