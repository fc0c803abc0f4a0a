"""Repeating: a data statement that finds what it found on its own side does there what it did.

Each table has a version: it changes with every statement that writes a row, or may have. What a
statement finds is the versions of all that it can reach, the schema there, and the counters that it
can take numbers of. So what cannot be followed, and whether an engine takes it, is known all the same
where the other side left alone what it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemaops.canonical import digest
from schemaops.names import Address, Kind
from schemaops.operations import Rows
from schemaops.schema.objects import (
    ForeignKey,
    Inheritance,
    Object,
    Routine,
    Trigger,
    View,
    references,
)
from schemaops.schema.state import Schema
from schemaops.sql.contents.frames import Row
from schemaops.sql.contents.state import STAY, State, table_of
from schemaops.sql.texts import words_of

__all__ = ["Done", "counted", "found", "named_by", "outcome", "repeat", "triggers_of"]


@dataclass(frozen=True, slots=True)
class Done:
    """What a statement did: the rows of the tables it wrote (None where they are not known), their
    versions, and the counters it could take numbers of."""

    rows: Mapping[Address, tuple[Row, ...] | None]
    versions: Mapping[Address, bytes | None]
    counters: Mapping[Address, int | None]


def outcome(state: State, rows: Rows, situation: bytes | None) -> Done:
    """Return what a statement has just done, and give the tables that it wrote new versions."""
    for at in state.written:
        state.versions[at] = (
            None if situation is None else digest((situation.hex(), str(at.kind), at.path))
        )
    known = {at: state.tables.get(at) for at in state.written}
    return Done(
        {at: None if r is None else tuple(dict(row) for row in r) for at, r in known.items()},
        {at: state.versions[at] for at in state.written},
        {at: state.counters.get(at) for at in _counters(state, rows)},
    )


def repeat(state: State, done: Done) -> None:
    """Do once more what a statement did."""
    for at, rows in done.rows.items():
        state.touched.add(at)
        if rows is None:
            state.tables.pop(at, None)
        else:
            state.tables[at] = [dict(row) for row in rows]
    state.versions.update(done.versions)
    for at, last in done.counters.items():
        if last is None:
            state.counters.pop(at, None)
        else:
            state.counters[at] = last


def found(state: State, rows: Rows) -> bytes | None:
    """Return what a data statement finds, None where that cannot be told."""
    schema = state.schema
    if words_of("".join(map(str, rows.text.normal)), schema.dialect) & _VOLATILE:
        return None
    around = _Around(schema)
    if not around.take(rows):
        return None
    versions = {at: state.version(at) for at in around.tables}
    numbers = _counters(state, rows) if rows.verb in ("insert", "truncate") else set()
    if around.fires:
        numbers |= {at for table in around.written for at in counted(schema, table)}
    if None in versions.values() or numbers - state.counters.keys():
        return None
    things = around.things | {at for thing in around.things for at in _referred(schema, thing)}
    return digest(
        (
            rows.verb,
            rows.table.path,
            rows.text,
            tuple((at.path, (version or b"").hex()) for at, version in sorted(versions.items())),
            str(sum(schema.digest_at(at) for at in things)),
            tuple((at.path, state.counters[at]) for at in sorted(numbers)),
        )
    )


# Words of what gives another value each time, or by what was done before.
_VOLATILE = frozenset(
    re.findall(
        r"\w+",
        "random rand randomblob now current_timestamp current_time current_date localtime "
        "localtimestamp clock_timestamp statement_timestamp timeofday sysdate gen_random_uuid uuid "
        "uuid_short nextval setval currval lastval last_insert_rowid last_insert_id changes "
        "total_changes row_count found_rows datetime julianday strftime unixepoch curdate curtime "
        "utc_timestamp utc_date utc_time set_config current_setting user session_user current_user "
        "dblink execute prepare",
    )
)


class _Around:
    """All that a data statement can reach: the tables whose rows matter, and the objects of the schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.tables: set[Address] = set()
        self.written: set[Address] = set()
        self.things: set[Address] = set()
        self.fires = False

    def take(self, rows: Rows) -> bool:
        """Go through all that a statement reaches; return whether it could be told."""
        left = [(rows.table, True)]
        left += [(at, False) for at in (*rows.reads, *rows.columns, *rows.text.addresses())]
        while left:
            at, written = left.pop()
            if at.kind in (Kind.COLUMN, Kind.VIEW):
                table = at if at.kind is Kind.VIEW else Address(Kind.TABLE, at.path[:-1])
                at = Address(Kind.TABLE, table.path)
            if at.kind is not Kind.TABLE:
                if at.kind in (Kind.FUNCTION, Kind.PROCEDURE) or at.family is not None:
                    return False
                self.things.add(at)
                continue
            if at in (self.written if written else self.tables):
                continue
            more = self._relation(at, written=written)
            if more is None:
                return False
            left += more
        return True

    def _relation(self, at: Address, *, written: bool) -> list[tuple[Address, bool]] | None:
        view = self._schema.get(Address(Kind.VIEW, at.path))
        if isinstance(view, View):
            if written or "materialized" in dict(view.options):
                return None
            self.things.add(view.at)
            self.tables.add(at)
            return [(other, False) for other in view.query.addresses()]
        if at not in self._schema or list(_kin(self._schema, at)):
            return None
        self.tables.add(at)
        self.things.add(at)
        self.things |= {thing.at for thing in self._schema.contents(at)}
        if not written:
            return []
        self.written.add(at)
        found: list[tuple[Address, bool]] = []
        found += [(key.table, False) for key in self._schema.parts(at, ForeignKey)]
        for key in self._schema.referrers(at):
            if isinstance(key, ForeignKey) and key.table == at:
                moves = key.on_delete not in STAY or key.on_update not in STAY
                found.append((table_of(key.at), moves))
        for trigger in triggers_of(self._schema, at):
            self.fires = True
            named = named_by(self._schema, trigger)
            if named is None:
                return None
            self.things |= {trigger.at} if trigger.function is None else {trigger.function}
            found += [(table, True) for table in named]
        return found


def triggers_of(schema: Schema, table: Address) -> Iterator[Trigger]:
    """Yield the triggers of a table."""
    for thing in schema.referrers(table) if table in schema else ():
        if isinstance(thing, Trigger) and thing.table == table:
            yield thing


def named_by(schema: Schema, trigger: Trigger) -> set[Address] | None:
    """Return the tables that a trigger's body names, None where it may write others."""
    text = "" if trigger.body is None else trigger.body.text(lambda at: str(at.name))
    if trigger.function is not None:
        function = schema.get(trigger.function)
        if not isinstance(function, Routine) or function.language not in ("sql", "plpgsql"):
            return None
        text = function.body
    words = words_of(text, schema.dialect)
    routines = {
        str(thing.at.name).partition("(")[0].lower()
        for kind in (Kind.FUNCTION, Kind.PROCEDURE)
        for thing in schema.of_kind(kind)
    }
    views = {str(thing.at.name).lower() for thing in schema.of_kind(Kind.VIEW)}
    if words & (_VOLATILE | routines | views):
        return None
    return {thing.at for thing in schema.of_kind(Kind.TABLE) if str(thing.at.name).lower() in words}


def _kin(schema: Schema, table: Address) -> Iterator[Object]:
    yield from schema.parts(table, Inheritance)
    for thing in schema.referrers(table):
        if isinstance(thing, Inheritance) and thing.parent == table:
            yield thing


def _referred(schema: Schema, at: Address) -> Iterator[Address]:
    thing = schema.get(at)
    if thing is not None:
        yield from references(thing)


def _counters(state: State, rows: Rows) -> set[Address]:
    return set(counted(state.schema, rows.table))


def counted(schema: Schema, table: Address) -> Iterator[Address]:
    """Yield the counters that rows of a table take numbers of."""
    if table.kind is not Kind.TABLE or table not in schema:
        return
    for column in schema.columns(table):
        if column.identity is not None or column.auto_increment:
            yield column.at
        if column.default is not None:
            yield from (at for at in column.default.addresses() if at.kind is Kind.SEQUENCE)
