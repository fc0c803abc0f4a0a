"""Lossless: the same migration, executed so that what it would destroy is kept, and its way back.

A dropped table is moved into the archive instead; the values of a dropped or narrowed column and the
former rows of a DELETE or UPDATE are copied there first, with the table's key. The way back takes each
statement back by itself, the last first, and puts the rows where they were. What the mode does not
accept (a table without a key, a DELETE that cascades) is done as written, and stays listed as a loss.

Others may write in between. The way back touches only rows that still hold what the up wrote, and takes
out of the archive what stands again as it was; what is left there could not be put back because of what
others wrote, and whoever executes the way back leaves such a place in the archive instead of dropping it.

The archive is the schema `schemaops_archive` in PostgreSQL and a prefix of that name elsewhere; both are
outside every schema.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop, Operation, Rename, Rows
from schemaops.operations.group import Group
from schemaops.reverse.invert import Between, Hindrance, reverse
from schemaops.reverse.losses import COLUMN_ORDER, Loss
from schemaops.schema.objects import (
    Check,
    Column,
    ForeignKey,
    Index,
    Inheritance,
    PrimaryKey,
    Table,
    Trigger,
    Unique,
    container,
    references,
)
from schemaops.schema.state import Schema
from schemaops.sql.names import quote
from schemaops.sql.render import render
from schemaops.sql.types import widens

__all__ = ["ARCHIVE", "Lossless", "lossless"]

ARCHIVE = "schemaops_archive"
BY_TRIGGERS = "work of triggers elsewhere"
# Types whose equality overlooks nothing, and those whose collation may.
_PLAIN = ("int", "bigint", "smallint", "bool", "uuid", "date", "timestamp", "serial", "bigserial")
_TEXTUAL = ("char", "text", "enum", "set", "json")


@dataclass(frozen=True, slots=True)
class Lossless:
    """A migration as it is executed so that nothing is lost, its way back, and what is lost all the
    same. `counts` says how many statements of the up each of the migration's own comes to."""

    up: tuple[str, ...]
    down: tuple[str, ...]
    losses: tuple[Loss, ...]
    irreversible: tuple[Hindrance, ...]
    counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kept:
    """One statement as it is executed, and what takes it back; None where nothing can be kept."""

    up: tuple[str, ...]
    down: tuple[str, ...]


def lossless(
    groups: Sequence[Group],
    before: Schema,
    between: Between,
    mark: str = "",
    *,
    locking: bool = False,
) -> Lossless:
    """Return a migration that leaves `before` with everything kept that it would destroy; `mark`
    tells its places in the archive from those of another with the same statements. With `locking`
    PostgreSQL lets nobody write between the copy and the statement, which takes a transaction."""
    counts: list[int] = []
    up: list[str] = []
    downs: list[tuple[str, ...]] = []
    lost: list[Loss] = []
    hindrances: list[Hindrance] = []
    schema = before
    for number, group in enumerate(groups):
        plain = reverse((group,), schema, between)
        keeper = _Keeper(schema, group, number, mark, locking)
        standing = len(up)
        kept = keeper.keep(plain.operations, plain.statements)
        if kept is None:
            up.append(group.text)
            downs.append(plain.statements)
            lost += plain.losses
        else:
            up += kept.up
            downs.append(kept.down)
            lost += [loss for loss in plain.losses if loss.what == COLUMN_ORDER]
            lost += [loss for loss in keeper.fired() if loss.at is not None and loss.at in before]
        hindrances += plain.irreversible
        counts.append(len(up) - standing)
        schema = group.apply(schema)
    down = tuple(text for one in reversed(downs) for text in one)
    return Lossless(tuple(up), down, tuple(dict.fromkeys(lost)), tuple(hindrances), tuple(counts))


class _Keeper:
    """Keeps what one statement would destroy."""

    def __init__(self, before: Schema, group: Group, number: int, mark: str, locking: bool) -> None:
        self._mark = mark
        self._locking = locking
        self._before = before
        self._group = group
        self._number = number
        self._dialect = before.dialect
        self._tags = 0

    def keep(self, inverse: tuple[Operation, ...], statements: tuple[str, ...]) -> _Kept | None:
        """Return the statement so executed that all is kept, None where the mode does not take it."""
        operations = self._group.operations
        if any(isinstance(o, Rows) for o in operations):
            return self._rows(operations, statements)
        tables = [o.thing for o in operations if isinstance(o, Drop) and isinstance(o.thing, Table)]
        if tables:
            return self._tables(tables, operations)
        columns = list(self._columns(operations))
        if not columns:
            return _Kept((self._group.text,), statements)
        return self._values(columns, inverse)

    # -- tables

    def _tables(self, tables: Iterable[Table], operations: Sequence[Operation]) -> _Kept | None:
        gone = {table.at for table in tables}
        others = [o for o in operations if not _falls_with(o, gone)]
        beside = [o for o in others if isinstance(o, Drop | Alter)]
        if len(beside) < len(others):
            return None
        # What ties a table to others, or holds a name that others share, goes and comes back.
        falling = [o for o in operations if _falls_with(o, gone) and self._must_go(o)]
        loose = [o for o in falling if isinstance(o, Drop)]
        schema = self._before
        # A schema goes when its tables are out of it, and is there again before they come back.
        spaces = [o for o in beside if o.at.kind is Kind.SCHEMA]
        first: list[Drop | Alter] = [*(o for o in beside if o not in spaces), *loose]
        if spaces and {at for o in first for at in (o.at, o.at.family)} & set(self._needed(gone)):
            return None
        inverse: list[Operation] = []
        for operation in first:
            inverse.append(operation.invert(schema))
            schema = operation.apply(schema)
        up = list(render(first, self._before))
        down: list[str] = list(
            render(tuple(o.invert(self._before) for o in spaces), Schema.empty(self._dialect))
        )
        for at in sorted(gone):
            away, back = self._moved(at)
            up += away
            down += (*back, *self._own_indexes(at))
        up += (f"DROP SCHEMA {quote(o.at.name, self._dialect)}" for o in spaces)
        down += render(tuple(reversed(inverse)), schema)
        return _Kept((*self._archive(), *up), tuple(down))

    def _needed(self, tables: Iterable[Address]) -> Iterator[Address]:
        """Yield what the columns and rules of tables use, which cannot go while they are kept."""
        for table in tables:
            for column in self._before.columns(table):
                yield from references(column)
            for check in self._before.parts(table, Check):
                yield from references(check)

    def _own_indexes(self, table: Address) -> Iterator[str]:
        """Yield what makes an index that MySQL made for a foreign key one of the table's own: else the
        key, when it comes back, would replace it by one of another name."""
        if self._dialect != "mysql":
            return
        keys = {key.columns for key in self._before.parts(table, ForeignKey)}
        for index in self._before.parts(table, Index):
            columns = tuple(at for key in index.keys for at in key.expression.addresses())
            if tuple(dict.fromkeys(columns)) in keys and not index.unique:
                names = ", ".join(map(self._q, dict.fromkeys(columns)))
                name = quote(index.at.name, self._dialect)
                yield f"ALTER TABLE {self._name(table)} DROP INDEX {name}, ADD INDEX {name} ({names})"

    def _must_go(self, operation: Operation) -> bool:
        if not isinstance(operation, Drop):
            return False
        ties = ForeignKey | Inheritance
        tied = isinstance(operation.thing, ties) and self._dialect != "sqlite"
        return tied or (isinstance(operation.thing, Index) and self._dialect == "sqlite")

    def _moved(self, at: Address) -> tuple[tuple[str, ...], tuple[str, ...]]:
        table, name = self._name(at), quote(at.name, self._dialect)
        if self._dialect == "postgres":
            tag, space = self._tag(at), quote(at.path[0], "postgres")
            return (
                (
                    f"ALTER TABLE {table} SET SCHEMA {ARCHIVE}",
                    f"ALTER TABLE {ARCHIVE}.{name} RENAME TO {tag}",
                ),
                (
                    f"ALTER TABLE {ARCHIVE}.{tag} RENAME TO {name}",
                    f"ALTER TABLE {ARCHIVE}.{name} SET SCHEMA {space}",
                ),
            )
        place = self._place(at)
        away, back = (
            f"ALTER TABLE {table} RENAME TO {place}",
            f"ALTER TABLE {place} RENAME TO {table}",
        )
        if self._dialect == "sqlite":
            # So that the keys of other tables go on naming the table that is no longer there.
            held, let = (
                ("PRAGMA foreign_keys = OFF", "PRAGMA legacy_alter_table = ON"),
                ("PRAGMA legacy_alter_table = OFF", "PRAGMA foreign_keys = ON"),
            )
            return (*held, away, *let), (*held, back, *let)
        return (away,), (back,)

    # -- values of columns

    def _columns(self, operations: Iterable[Operation]) -> Iterator[Column]:
        for operation in operations:
            match operation:
                case Drop(thing=Column() as column) if column.generated is None:
                    yield column
                case Alter(at=at, fact="type", before=old, after=new) if not widens(
                    old, new, self._dialect
                ):
                    yield self._before.column(at)

    def _values(self, columns: Sequence[Column], inverse: tuple[Operation, ...]) -> _Kept | None:
        up: list[str] = [*self._archive()]
        noted: list[str] = []
        since: list[str] = []
        fill: list[str] = []
        renamed = any(isinstance(o, Rename) for o in self._group.operations)
        gone = {o.at for o in self._group.operations if isinstance(o, Drop)}
        for table in dict.fromkeys(column.table for column in columns):
            mine = [column.at for column in columns if column.table == table]
            key = self._key(table, mine)
            if key is None:
                return None
            place = self._place(table)
            names = self._chosen(table, key, mine)
            up += self._lock(table, "ACCESS EXCLUSIVE")
            up.append(f"CREATE TABLE {place} AS SELECT {names} FROM {self._name(table)}")
            narrowed = [] if renamed else [at for at in mine if at not in gone]
            if not narrowed:
                fill += self._filled(table, place, key, mine)
                continue
            narrow, sorted_out, back = self._narrowed(table, place, key, mine, narrowed)
            noted.append(narrow)
            since.append(sorted_out)
            fill += back
        up += (self._group.text, *noted)
        after = self._group.apply(self._before)
        first, rest = _split(inverse)
        middle = after
        for operation in first:
            middle = operation.apply(middle)
        return _Kept(
            tuple(up),
            (*since, *render(first, after), *fill, *(render(rest, middle) if rest else ())),
        )

    def _narrowed(
        self,
        table: Address,
        place: str,
        key: Sequence[Address],
        columns: Sequence[Address],
        narrowed: Sequence[Address],
    ) -> tuple[str, str, tuple[str, ...]]:
        """Return what notes the values of narrowed columns, what finds, before they are wide again,
        the rows that hold something else since, and what fills the others."""
        name, narrow = self._name(table), self._place(table)
        keyed = self._matched(table, key)
        as_noted = f"{keyed} AND {self._alike(table, narrowed, exactly=True)}"
        there = f"SELECT 1 FROM {name} WHERE {as_noted.replace('kept.', 'since.')}"
        of = "since FROM" if self._dialect == "mysql" else "FROM"
        by_key = " AND ".join(f"since.{self._q(at)} = kept.{self._q(at)}" for at in key)
        untouched = f"{keyed} AND NOT EXISTS (SELECT 1 FROM {narrow} AS since WHERE {by_key})"
        back = f"{keyed} AND {self._alike(table, narrowed)}"
        dropped = [at for at in columns if at not in narrowed]
        return (
            f"CREATE TABLE {narrow} AS SELECT {self._chosen(table, key, narrowed)} FROM {name}",
            f"DELETE {of} {narrow} AS since WHERE EXISTS ({there})",
            (
                *(self._put_back(table, place, keyed, dropped) if dropped else ()),
                *self._put_back(table, place, untouched, narrowed),
                f"DROP TABLE {narrow}",
                self._taken_out(place, f"EXISTS (SELECT 1 FROM {name} WHERE {back})"),
                f"DROP TABLE {place}",
            ),
        )

    def _filled(
        self, table: Address, place: str, key: Sequence[Address], columns: Sequence[Address]
    ) -> tuple[str, ...]:
        name = self._name(table)
        fill = []
        if columns:
            keyed = self._matched(table, key)
            if self._dialect == "mysql":
                sets = ", ".join(f"{name}.{self._q(at)} = kept.{self._q(at)}" for at in columns)
                fill.append(f"UPDATE {name} JOIN {place} AS kept ON {keyed} SET {sets}")
            else:
                sets = ", ".join(f"{self._q(at)} = kept.{self._q(at)}" for at in columns)
                fill.append(f"UPDATE {name} SET {sets} FROM {place} AS kept WHERE {keyed}")
            fill = [*self._quietly(table, fill)]
        return (*fill, f"DROP TABLE {place}")

    # -- rows

    def _rows(self, operations: Sequence[Operation], statements: tuple[str, ...]) -> _Kept | None:
        if len(operations) != 1:
            return None
        (rows,) = operations
        assert isinstance(rows, Rows)
        if rows.conflict is not None or rows.table not in self._before:
            return None
        match rows.verb:
            case "insert":
                if statements:
                    return _Kept((self._group.text,), statements)
                return self._inserted(rows)
            case "update":
                return self._updated(rows)
            case _:
                return self._deleted(rows)

    def _inserted(self, rows: Rows) -> _Kept | None:
        key = self._key(rows.table, ())
        if key is None:
            return None
        table = self._name(rows.table)
        known, place = self._place(rows.table), self._place(rows.table)
        keys = self._chosen(rows.table, key, ())
        columns = [c.at for c in self._before.columns(rows.table) if c.generated is None]
        names = self._chosen(rows.table, key, [at for at in columns if at not in key])
        keyed = self._matched(rows.table, key)
        added = f"NOT EXISTS (SELECT 1 FROM {known} AS kept WHERE {keyed})"
        began, copied = self._copied(rows.table, known, keys, "")
        if self._dialect == "mysql":
            # What is added is noted in the transaction that adds it: every CREATE TABLE ends one.
            began += (f"CREATE TABLE {place} AS SELECT {names} FROM {table} WHERE FALSE",)
            noted = f"INSERT INTO {place} SELECT {names} FROM {table} WHERE {added}"
        else:
            noted = f"CREATE TABLE {place} AS SELECT {names} FROM {table} WHERE {added}"
        alike = self._alike(rows.table, [at for at in columns if at not in key])
        same = " AND ".join([keyed, *([alike] if alike else [])])
        there = f"EXISTS (SELECT 1 FROM {place} AS kept WHERE {same})"
        return _Kept(
            (*self._archive(), *began, *copied, self._group.text, noted, f"DROP TABLE {known}"),
            (
                *self._quietly(rows.table, [f"DELETE FROM {table} WHERE {there}"]),
                self._taken_out(place, f"NOT EXISTS (SELECT 1 FROM {table} WHERE {keyed})"),
                f"DROP TABLE {place}",
            ),
        )

    def _updated(self, rows: Rows) -> _Kept | None:
        written = [at for at, _ in rows.sets]
        key = self._key(rows.table, written)
        if (
            key is None
            or not written
            or self._reads_others(rows)
            or self._cascades(rows.table, written)
        ):
            return None
        if self._fired(rows.table, "update"):
            # What a trigger writes into the row is to be put back as well.
            columns = [c.at for c in self._before.columns(rows.table) if c.generated is None]
            written = [at for at in columns if at not in key]
        stamped = [c.at for c in self._before.columns(rows.table) if c.on_update is not None]
        written += [at for at in stamped if at not in (*written, *key)]
        table, place = self._name(rows.table), self._place(rows.table)
        new = self._new_names(key, written)
        names = self._chosen(rows.table, key, written)
        names += "".join(f", {self._q(at)} AS {name}" for at, name in new.items())
        began, copied = self._copied(rows.table, place, names, self._where(rows))
        keyed = self._matched(rows.table, key)
        if self._dialect == "mysql":
            sets = ", ".join(f"kept.{name} = {table}.{self._q(at)}" for at, name in new.items())
            # The copy of a column that is stamped on every update is stamped as well.
            sets += "".join(
                f", kept.{self._q(at)} = kept.{self._q(at)}" for at in written if at in stamped
            )
            noted = f"UPDATE {place} AS kept JOIN {table} ON {keyed} SET {sets}"
        else:
            sets = ", ".join(f"{name} = {table}.{self._q(at)}" for at, name in new.items())
            noted = f"UPDATE {place} AS kept SET {sets} FROM {table} WHERE {keyed}"
        untouched = f"{keyed} AND {self._alike(rows.table, written, new)}"
        back = f"{keyed} AND {self._alike(rows.table, written)}"
        return _Kept(
            (*self._archive(), *began, *copied, self._group.text, noted),
            (
                *self._put_back(rows.table, place, untouched, written),
                self._taken_out(place, f"EXISTS (SELECT 1 FROM {table} WHERE {back})"),
                f"DROP TABLE {place}",
            ),
        )

    def _deleted(self, rows: Rows) -> _Kept | None:
        if self._reads_others(rows) or self._cascades(rows.table, ()):
            return None
        table, place = self._name(rows.table), self._place(rows.table)
        columns = [c for c in self._before.columns(rows.table) if c.generated is None]
        names = ", ".join(self._q(column.at) for column in columns)
        always = any(column.identity and column.identity.always for column in columns)
        over = "OVERRIDING SYSTEM VALUE " if always else ""
        began, copied = self._copied(rows.table, place, names, self._where(rows))
        up = (*self._archive(), *began, *copied, self._group.text)
        key = self._key(rows.table, ())
        if key is None:
            # Nothing tells whether a row stands again: all are put back, or none.
            put = f"INSERT INTO {table} ({names}) {over}SELECT {names} FROM {place}"
            return _Kept(up, (*self._quietly(rows.table, [put]), f"DROP TABLE {place}"))
        unless = "" if self._dialect == "mysql" else " ON CONFLICT DO NOTHING"
        every = " WHERE true" if self._dialect == "sqlite" else ""
        if self._checked_late(rows.table):
            # PostgreSQL takes no ON CONFLICT there.
            taken = f"SELECT 1 FROM {table} WHERE {self._keyed(rows.table, key)}"
            every, unless = f" AS kept WHERE NOT EXISTS ({taken})", ""
        verb = "INSERT IGNORE" if self._dialect == "mysql" else "INSERT"
        put = f"{verb} INTO {table} ({names}) {over}SELECT {names} FROM {place}{every}{unless}"
        same = [self._keyed(rows.table, key)]
        same += [self._alike(rows.table, [c.at for c in columns if c.at not in key])]
        there = " AND ".join(one for one in same if one)
        return _Kept(
            up,
            (
                *self._quietly(rows.table, [put]),
                self._taken_out(place, f"EXISTS (SELECT 1 FROM {table} WHERE {there})"),
                f"DROP TABLE {place}",
            ),
        )

    # -- what others write meanwhile

    def _copied(
        self, table: Address, place: str, names: str, where: str
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return what makes a place, and what copies rows into it so that nobody changes them
        before the statement does."""
        name = self._name(table)
        copy = f"CREATE TABLE {place} AS SELECT {names} FROM {name}"
        if self._dialect == "mysql":
            # Every CREATE TABLE ends a transaction, so the copy is made within the statement's own.
            filled = f"INSERT INTO {place} SELECT {names} FROM {name}{where} FOR UPDATE"
            return (f"{copy} WHERE FALSE",), (filled,)
        return (), (*self._lock(table, "SHARE ROW EXCLUSIVE"), f"{copy}{where}")

    def _lock(self, table: Address, mode: str) -> tuple[str, ...]:
        if not self._locking or self._dialect != "postgres":
            return ()
        return (f"LOCK TABLE {self._name(table)} IN {mode} MODE",)

    def _taken_out(self, place: str, condition: str) -> str:
        of = "kept FROM" if self._dialect == "mysql" else "FROM"
        return f"DELETE {of} {place} AS kept WHERE {condition}"

    def _put_back(
        self, table: Address, place: str, condition: str, columns: Sequence[Address]
    ) -> Iterator[str]:
        name = self._name(table)
        if self._dialect == "mysql":
            sets = ", ".join(f"{name}.{self._q(at)} = kept.{self._q(at)}" for at in columns)
            fill = f"UPDATE {name} JOIN {place} AS kept ON {condition} SET {sets}"
        else:
            sets = ", ".join(f"{self._q(at)} = kept.{self._q(at)}" for at in columns)
            fill = f"UPDATE {name} SET {sets} FROM {place} AS kept WHERE {condition}"
        yield from self._quietly(table, [fill])

    def _checked_late(self, table: Address) -> bool:
        rules: list[PrimaryKey | Unique] = [
            *self._before.parts(table, PrimaryKey),
            *self._before.parts(table, Unique),
        ]
        late = any("deferrable" in dict(one.options) for one in rules)
        return self._dialect == "postgres" and late

    def _keyed(self, table: Address, key: Sequence[Address]) -> str:
        """Return that a row has the key of a kept one, where no rowid was kept with it."""
        name = self._name(table)
        same = "IS" if self._by_rowid(table, key) else "="
        return " AND ".join(f"kept.{self._q(at)} {same} {name}.{self._q(at)}" for at in key)

    def _alike(
        self,
        table: Address,
        columns: Iterable[Address],
        called: Mapping[Address, str] | None = None,
        *,
        exactly: bool = False,
    ) -> str:
        """Return that a row holds what is kept of it, to the byte and NULL for NULL."""
        alike = []
        for at in columns:
            one = f"{self._name(table)}.{self._q(at)}"
            other = f"kept.{called[at] if called else self._q(at)}"
            said = str(self._before.column(at).type).lower()
            match self._dialect:
                case "postgres":
                    # Some types have no equality, and others have one that overlooks a difference.
                    plain = said.startswith(_PLAIN) and not said.endswith("]") and not exactly
                    cast = "" if plain else "::text"
                    alike.append(f"{one}{cast} IS NOT DISTINCT FROM {other}{cast}")
                case "mysql" if exactly or any(word in said for word in _TEXTUAL):
                    alike.append(f"CAST({one} AS BINARY) <=> CAST({other} AS BINARY)")
                case "mysql":
                    alike.append(f"{one} <=> {other}")
                case _:
                    alike.append(f"{one} IS {other} COLLATE BINARY")
        return " AND ".join(alike)

    def _new_names(self, key: Sequence[Address], columns: Sequence[Address]) -> dict[Address, str]:
        """Return what the values that the statement writes are called where they are kept."""
        taken = {at.name.lower() for at in (*key, *columns)}
        found: dict[Address, str] = {}
        for number, at in enumerate(columns, 1):
            plain = f"new_{at.name}"
            long = len(plain.encode()) > 60 or plain.lower() in taken
            name = f"{ARCHIVE}_new_{number}" if long else plain
            found[at] = quote(name, self._dialect)
        return found

    def _quietly(self, table: Address, statements: Sequence[str]) -> Iterator[str]:
        """Yield statements that put rows back, with the table's own triggers off meanwhile: what is
        put back is what was there, and no trigger's work is done a second time."""
        triggers = [
            one
            for one in self._before.parts(table, Trigger)
            if dict(one.options).get("enabled") not in ("disabled", "replica")
        ]
        if self._dialect == "postgres":
            name = self._name(table)
            for one in triggers:
                yield f"ALTER TABLE {name} DISABLE TRIGGER {self._q(one.at)}"
            yield from statements
            if triggers and self._waits(table):
                yield "SET CONSTRAINTS ALL IMMEDIATE"
            for one in triggers:
                always = "ALWAYS " if dict(one.options).get("enabled") == "always" else ""
                yield f"ALTER TABLE {name} ENABLE {always}TRIGGER {self._q(one.at)}"
            return
        bare = self._before
        for one in triggers:
            yield from render((Drop(one),), bare)
            bare = bare.removing(one.at)
        yield from statements
        yield from render(tuple(Create(one) for one in triggers), bare) if triggers else ()

    def fired(self) -> Iterator[Loss]:
        """Yield that what triggers did elsewhere is not kept, where the statement set off some."""
        for operation in self._group.operations:
            if isinstance(operation, Rows) and self._fired(operation.table, operation.verb):
                yield Loss(operation.table, BY_TRIGGERS, self._group.place.line)

    def _fired(self, table: Address, verb: str) -> bool:
        return table in self._before and any(
            verb in one.events and dict(one.options).get("enabled") not in ("disabled", "replica")
            for one in self._before.parts(table, Trigger)
        )

    def _waits(self, table: Address) -> bool:
        """Whether a key to or from the table is checked at the end of a transaction; until then
        PostgreSQL alters nothing about the table."""
        keys = [*self._before.parts(table, ForeignKey), *self._before.referrers(table)]
        return any(
            isinstance(key, ForeignKey) and "initially deferred" in dict(key.options)
            for key in keys
        )

    def _where(self, rows: Rows) -> str:
        if rows.where is None:
            return ""
        return f" WHERE {rows.where.text(self._spelled)}"

    def _reads_others(self, rows: Rows) -> bool:
        return any(at.kind is not Kind.COLUMN and at != rows.table for at in rows.reads) or any(
            at.kind is Kind.COLUMN and at.path[:-1] != rows.table.path for at in rows.reads
        )

    def _cascades(self, table: Address, written: Sequence[Address]) -> bool:
        """Whether a change of the table's rows changes rows of others."""
        for key in self._before.referrers(table):
            if not isinstance(key, ForeignKey) or key.table != table:
                continue
            action = key.on_update if written else key.on_delete
            touched = not written or bool(set(written) & set(key.referred))
            if touched and action in ("cascade", "set null", "set default"):
                return True
        return False

    # -- names

    def _key(self, table: Address, without: Sequence[Address]) -> tuple[Address, ...] | None:
        """Return the columns that tell the rows of a table apart, `without` some of them."""
        keys: list[PrimaryKey | Unique] = [*self._before.parts(table, PrimaryKey)]
        keys += self._before.parts(table, Unique)
        for key in keys:
            sure = isinstance(key, PrimaryKey) or not self._may_be_null(key.columns)
            if sure and not set(key.columns) & set(without):
                return key.columns
        return None

    def _may_be_null(self, columns: Iterable[Address]) -> bool:
        return any(self._before.column(at).nullable for at in columns)

    def _by_rowid(self, table: Address, key: Sequence[Address]) -> bool:
        """Whether rows may have NULL for a key, as SQLite allows, so that it takes the rowid as well."""
        if self._dialect != "sqlite" or not self._may_be_null(key):
            return False
        whole = len(key) == 1 and str(self._before.column(key[0]).type).lower() == "integer"
        return not whole and "without rowid" not in dict(self._before.table(table).options)

    def _chosen(self, table: Address, key: Sequence[Address], columns: Sequence[Address]) -> str:
        names = [self._q(at) for at in (*key, *columns)]
        if self._by_rowid(table, key):
            names.append(f"rowid AS {ARCHIVE}_row")
        return ", ".join(names)

    def _matched(self, table: Address, key: Sequence[Address]) -> str:
        name = self._name(table)
        if not self._by_rowid(table, key):
            return " AND ".join(f"kept.{self._q(at)} = {name}.{self._q(at)}" for at in key)
        alike = " AND ".join(f"kept.{self._q(at)} IS {name}.{self._q(at)}" for at in key)
        known = " AND ".join(f"{name}.{self._q(at)} IS NOT NULL" for at in key)
        return f"{alike} AND ({known} OR kept.{ARCHIVE}_row = {name}.rowid)"

    def _archive(self) -> tuple[str, ...]:
        return (f"CREATE SCHEMA IF NOT EXISTS {ARCHIVE}",) if self._dialect == "postgres" else ()

    def _tag(self, at: Address) -> str:
        self._tags += 1
        said = f"{self._mark}{self._number}:{self._tags}:{self._group.text}"
        digits = hashlib.sha256(said.encode()).hexdigest()[:10]
        stem = "".join(c if c.isascii() and c.isalnum() else "_" for c in at.name.lower())[:30]
        return f"{stem}_{digits}"

    def _place(self, at: Address) -> str:
        separator = "." if self._dialect == "postgres" else "_"
        return f"{ARCHIVE}{separator}{self._tag(at)}"

    def _q(self, at: Address) -> str:
        return quote(at.name, self._dialect)

    def _name(self, at: Address) -> str:
        path = at.path[1:] if at.path[:1] == (Name("public"),) and len(at.path) > 1 else at.path
        return ".".join(quote(name, self._dialect) for name in path)

    def _spelled(self, at: Address) -> str:
        return self._q(at) if at.kind is Kind.COLUMN else self._name(at)


def _falls_with(operation: Operation, gone: set[Address]) -> bool:
    """Whether an operation drops a table of these, or what stands within one."""
    if not isinstance(operation, Drop):
        return False
    thing = operation.thing
    owner = getattr(thing, "owner", None)
    owned = isinstance(owner, Address) and any(table.covers(owner) for table in gone)
    return thing.at in gone or container(thing) in gone or owned


def _split(inverse: Sequence[Operation]) -> tuple[tuple[Operation, ...], tuple[Operation, ...]]:
    """Return what brings columns and their types back, and what may follow once they are filled:
    the rest, and that a column without a default must have a value."""
    last = max(
        (
            i
            for i, o in enumerate(inverse)
            if (isinstance(o, Create) and isinstance(o.thing, Column))
            or (isinstance(o, Alter) and o.fact == "type")
        ),
        default=-1,
    )
    first: list[Operation] = []
    rest: list[Operation] = []
    for operation in inverse[: last + 1]:
        match operation:
            case Create(thing=Column() as column) if _must_be_given(column):
                first.append(replace(operation, thing=replace(column, nullable=True)))
                rest.append(Alter(column.at, "nullable", True, False))
            case _:
                first.append(operation)
    return tuple(first), (*rest, *inverse[last + 1 :])


def _must_be_given(column: Column) -> bool:
    """Whether a row must be given a value for the column."""
    given = column.default or column.generated or column.identity or column.auto_increment
    return not column.nullable and not given
