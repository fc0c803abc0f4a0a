"""What a statement's places in the archive are called, and the texts that copy, compare and put back.

A row is told from others by a key (`kept.id = users.id`) where the table has one, and by all that it
holds (`digest`) where it has none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemaops.names import ARCHIVE, Address, Kind, Name
from schemaops.operations import Create, Drop
from schemaops.operations.group import Group
from schemaops.schema.objects import (
    Column,
    ForeignKey,
    Inheritance,
    PrimaryKey,
    Sundry,
    Trigger,
    Unique,
    container,
)
from schemaops.schema.objects import Sequence as SequenceObject
from schemaops.schema.state import Schema
from schemaops.sql.names import quote
from schemaops.sql.render import render

__all__ = ["ARCHIVE", "DIGEST", "NUMBER", "Kept", "NotKept", "Words"]

DIGEST, NUMBER = f"{ARCHIVE}_d", f"{ARCHIVE}_n"
# Types whose equality overlooks nothing, and those whose collation may.
_PLAIN = ("int", "bigint", "smallint", "bool", "uuid", "date", "timestamp", "serial", "bigserial")
_TEXTUAL = ("char", "text", "enum", "set", "json")


@dataclass(frozen=True, slots=True)
class Kept:
    """One statement as it is executed, and what takes it back. `sure` is unset where more may be
    done than what is kept, by triggers that cannot be followed."""

    up: tuple[str, ...]
    down: tuple[str, ...]
    sure: bool = True


@dataclass(frozen=True, slots=True)
class NotKept:
    """Why a statement is executed as it was written, and what it destroys is not kept."""

    reason: str


class Words:
    """Names and texts for one statement and the schema before it. `locking` says that nobody may write
    meanwhile, `looks_away` that the migration has SQLite's foreign keys off."""

    def __init__(
        self,
        before: Schema,
        group: Group,
        number: int,
        mark: str,
        *,
        locking: bool,
        looks_away: bool,
    ) -> None:
        self.before = before
        self.group = group
        self.dialect = before.dialect
        self.locking = locking
        self.looks_away = looks_away
        self._mark = mark
        self._number = number
        self._tags = 0

    # -- names

    def name(self, at: Address) -> str:
        """Return what a table or type is called in a statement."""
        path = at.path[1:] if at.path[:1] == (Name("public"),) and len(at.path) > 1 else at.path
        return ".".join(quote(name, self.dialect) for name in path)

    def q(self, at: Address) -> str:
        """Return a column's name, quoted where it must be."""
        return quote(at.name, self.dialect)

    def spelled(self, at: Address) -> str:
        """Return what stands for an address in an expression."""
        return self.q(at) if at.kind is Kind.COLUMN else self.name(at)

    def place(self, at: Address) -> str:
        """Return another place for what is of a table."""
        separator = "." if self.dialect == "postgres" else "_"
        return f"{ARCHIVE}{separator}{self.tag(at)}"

    def tag(self, at: Address) -> str:
        """Return another name within the archive."""
        self._tags += 1
        said = f"{self._mark}{self._number}:{self._tags}:{self.group.text}"
        digits = hashlib.sha256(said.encode()).hexdigest()[:10]
        stem = "".join(c if c.isascii() and c.isalnum() else "_" for c in at.name.lower())[:30]
        return f"{stem}_{digits}"

    def archive(self) -> tuple[str, ...]:
        """Return what makes the archive, where it is a schema."""
        return (f"CREATE SCHEMA IF NOT EXISTS {ARCHIVE}",) if self.dialect == "postgres" else ()

    def chosen(self, table: Address, key: Sequence[Address], columns: Sequence[Address]) -> str:
        """Return the columns of a row that are kept, its key first."""
        names = [self.saved(at) for at in (*key, *columns)]
        if self.by_rowid(table, key):
            names.append(f"rowid AS {ARCHIVE}_row")
        return ", ".join(names)

    def matched(self, table: Address, key: Sequence[Address], alias: str = "kept") -> str:
        """Return that a row is the one that is kept."""
        name = self.name(table)
        if not self.by_rowid(table, key):
            return " AND ".join(f"{self.value(at, alias)} = {name}.{self.q(at)}" for at in key)
        alike = " AND ".join(f"{alias}.{self.q(at)} IS {name}.{self.q(at)}" for at in key)
        known = " AND ".join(f"{name}.{self.q(at)} IS NOT NULL" for at in key)
        return f"{alike} AND ({known} OR {alias}.{ARCHIVE}_row = {name}.rowid)"

    def noted(self, table: Address, key: Sequence[Address]) -> str:
        """Return that a kept row and one called `since` are of one row."""
        if not self.by_rowid(table, key):
            return " AND ".join(f"since.{self.q(at)} = kept.{self.q(at)}" for at in key)
        alike = " AND ".join(f"since.{self.q(at)} IS kept.{self.q(at)}" for at in key)
        known = " AND ".join(f"kept.{self.q(at)} IS NOT NULL" for at in key)
        return f"{alike} AND ({known} OR since.{ARCHIVE}_row = kept.{ARCHIVE}_row)"

    def by_rowid(self, table: Address, key: Sequence[Address]) -> bool:
        """Whether rows may have NULL for a key, as SQLite allows, so that it takes the rowid as well."""
        if self.dialect != "sqlite" or not self.may_be_null(key):
            return False
        whole = len(key) == 1 and str(self.before.column(key[0]).type).lower() == "integer"
        return not whole and "without rowid" not in dict(self.before.table(table).options)

    def may_be_null(self, columns: Iterable[Address]) -> bool:
        """Return whether one of the columns takes NULL."""
        return any(self.before.column(at).nullable for at in columns)

    def key(self, table: Address, without: Sequence[Address]) -> tuple[Address, ...] | None:
        """Return the columns that tell the rows of a table apart, `without` some of them."""
        keys: list[PrimaryKey | Unique] = [*self.before.parts(table, PrimaryKey)]
        keys += self.before.parts(table, Unique)
        for key in keys:
            sure = isinstance(key, PrimaryKey) or not self.may_be_null(key.columns)
            if sure and not set(key.columns) & set(without):
                return key.columns
        return None

    def waits(self, table: Address) -> bool:
        """Whether a key to or from the table is checked at the end of a transaction; until then
        PostgreSQL alters nothing about the table."""
        keys = [*self.before.parts(table, ForeignKey), *self.before.referrers(table)]
        return any(
            isinstance(key, ForeignKey) and "initially deferred" in dict(key.options)
            for key in keys
        )

    def quietly(self, table: Address, statements: Sequence[str]) -> Iterator[str]:
        """Yield statements that put rows back, with the table's own triggers off meanwhile: what is
        put back is what was there, and no trigger's work is done a second time."""
        triggers = [*self.fired(table, ("insert", "update", "delete", "truncate"))]
        if self.dialect == "postgres":
            name = self.name(table)
            rules = [one for one in self.before.parts(table, Sundry) if one.at.kind is Kind.RULE]
            for one in triggers:
                yield f"ALTER TABLE {name} DISABLE TRIGGER {self.q(one.at)}"
            for rule in rules:
                yield f"ALTER TABLE {name} DISABLE RULE {self.q(rule.at)}"
            yield from statements
            for rule in rules:
                yield f"ALTER TABLE {name} ENABLE RULE {self.q(rule.at)}"
            if triggers and self.waits(table):
                yield "SET CONSTRAINTS ALL IMMEDIATE"
            for one in triggers:
                always = "ALWAYS " if dict(one.options).get("enabled") == "always" else ""
                yield f"ALTER TABLE {name} ENABLE {always}TRIGGER {self.q(one.at)}"
            return
        bare = self.before
        for one in triggers:
            yield from render((Drop(one),), bare)
            bare = bare.removing(one.at)
        yield from statements
        yield from render(tuple(Create(one) for one in triggers), bare) if triggers else ()

    def new_names(self, key: Sequence[Address], columns: Sequence[Address]) -> dict[Address, str]:
        """Return what the values that the statement writes are called where they are kept."""
        taken = {at.name.lower() for at in (*key, *columns)}
        found: dict[Address, str] = {}
        for number, at in enumerate(columns, 1):
            plain = f"new_{at.name}"
            long = len(plain.encode()) > 60 or plain.lower() in taken
            name = f"{ARCHIVE}_new_{number}" if long else plain
            found[at] = quote(name, self.dialect)
        return found

    def alike(
        self,
        table: Address,
        columns: Iterable[Address],
        called: Mapping[Address, str] | None = None,
        *,
        exactly: bool = False,
        alias: str = "kept",
    ) -> str:
        """Return that a row holds what is kept of it, to the byte and NULL for NULL."""
        alike = []
        for at in columns:
            one = f"{self.name(table)}.{self.q(at)}"
            other = f"{alias}.{called[at] if called else self.q(at)}"
            said = str(self.before.column(at).type).lower()
            match self.dialect:
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

    def keyed(self, table: Address, key: Sequence[Address]) -> str:
        """Return that a row has the key of a kept one, where no rowid was kept with it."""
        name = self.name(table)
        same = "IS" if self.by_rowid(table, key) else "="
        return " AND ".join(f"{self.value(at)} {same} {name}.{self.q(at)}" for at in key)

    def checked_late(self, table: Address) -> bool:
        """Return whether a key of the table may be checked at the end of a transaction."""
        rules: list[PrimaryKey | Unique] = [
            *self.before.parts(table, PrimaryKey),
            *self.before.parts(table, Unique),
        ]
        late = any("deferrable" in dict(one.options) for one in rules)
        return self.dialect == "postgres" and late

    def put_back(
        self, table: Address, place: str, condition: str, columns: Sequence[Address]
    ) -> Iterator[str]:
        """Yield what gives rows the kept values of columns where a condition holds, triggers off."""
        yield from self.quietly(table, [self.given_back(table, place, condition, columns)])

    def given_back(
        self, table: Address, place: str, condition: str, columns: Sequence[Address]
    ) -> str:
        """Return what gives rows the kept values of columns where a condition holds."""
        name = self.name(table)
        if self.dialect == "mysql":
            given = [f"{name}.{self.q(at)} = kept.{self.q(at)}" for at in columns]
            # A column that notes each update would note this one.
            stamped = (c.at for c in self.before.columns(table) if c.on_update is not None)
            stands = [f"{name}.{self.q(at)}" for at in stamped if at not in columns]
            sets = ", ".join((*given, *(f"{one} = {one}" for one in stands)))
            return f"UPDATE {name} JOIN {place} AS kept ON {condition} SET {sets}"
        sets = ", ".join(f"{self.q(at)} = {self.value(at)}" for at in columns)
        return f"UPDATE {name} SET {sets} FROM {place} AS kept WHERE {condition}"

    def inserted(
        self, table: Address, place: str, columns: Sequence[Address], conditions: Sequence[str]
    ) -> str:
        """Return what puts kept rows into a table where the conditions hold and no key is taken."""
        names = ", ".join(map(self.q, columns))
        values = ", ".join(map(self.value, columns))
        unless = "" if self.dialect == "mysql" else " ON CONFLICT DO NOTHING"
        where = " AND ".join(conditions) or ("true" if self.dialect == "sqlite" else "")
        if self.checked_late(table):
            # PostgreSQL takes no ON CONFLICT there.
            unless = ""
        verb = "INSERT IGNORE" if self.dialect == "mysql" else "INSERT"
        return (
            f"{verb} INTO {self.name(table)} ({names}) {self.over(columns)}SELECT {values} "
            f"FROM {place} AS kept{f' WHERE {where}' if where else ''}{unless}"
        )

    def taken_out(self, place: str, condition: str) -> str:
        """Return what takes rows out of a place of the archive."""
        of = "kept FROM" if self.dialect == "mysql" else "FROM"
        return f"DELETE {of} {place} AS kept WHERE {condition}"

    def lock(self, table: Address, mode: str) -> tuple[str, ...]:
        """Return what lets nobody write meanwhile, where PostgreSQL is told so."""
        if not self.locking or self.dialect != "postgres":
            return ()
        return (f"LOCK TABLE {self.name(table)} IN {mode} MODE",)

    def copied(
        self, table: Address, place: str, names: str, where: str
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return what makes a place, and what copies rows into it so that nobody changes them
        before the statement does."""
        name = self.name(table)
        copy = f"CREATE TABLE {place} AS SELECT {names} FROM {name}"
        if self.dialect == "mysql":
            # Every CREATE TABLE ends a transaction, so the copy is made within the statement's own.
            filled = f"INSERT INTO {place} SELECT {names} FROM {name}{where} FOR UPDATE"
            return (f"{copy} WHERE FALSE",), (filled,)
        return (), (*self.lock(table, "SHARE ROW EXCLUSIVE"), f"{copy}{where}")

    # -- columns

    def columns(self, table: Address) -> tuple[Address, ...]:
        """Return the columns of a table whose values are stored and not computed."""
        return tuple(c.at for c in self.before.columns(table) if c.generated is None)

    def saved(self, at: Address, called: str | None = None) -> str:
        """Return a column as it is kept: of a type that may go while it is, its text."""
        name = self.q(at)
        said = f"{name}::text" if self._of_own_type(at) else name
        return said if said == (called or name) else f"{said} AS {called or name}"

    def as_saved(self, table: str, at: Address) -> str:
        """Return the value of a table's column as it is kept."""
        return f"{table}.{self.q(at)}{'::text' if self._of_own_type(at) else ''}"

    def value(self, at: Address, alias: str = "kept") -> str:
        """Return the value that was kept of a column, in the column's type."""
        name = f"{alias}.{self.q(at)}"
        if not self._of_own_type(at):
            return name
        return f"{name}::{self.before.column(at).type.text(self.name)}"

    def again(self, at: Address) -> str:
        """Return a value of another type in the type that the column has before the statement."""
        name = self.q(at)
        if self.dialect != "postgres":
            return name
        return f"{name}::text::{self.before.column(at).type.text(self.name)}"

    def _of_own_type(self, at: Address) -> bool:
        column = self.before.get(at)
        if self.dialect != "postgres" or not isinstance(column, Column):
            return False
        return bool(tuple(column.type.addresses()))

    def indexed(self, key: Sequence[Address]) -> str:
        """Return an index for a key, without which MySQL compares every row with every other."""
        types = [str(self.before.column(at).type).lower() for at in key]
        if self.dialect != "mysql" or any("text" in said or "blob" in said for said in types):
            return ""
        return f" (KEY ({', '.join(map(self.q, key))}))" if key else ""

    def over(self, columns: Iterable[Address]) -> str:
        """Return what an INSERT must say that gives values to these columns."""
        identities = (self.before.column(at).identity for at in columns)
        always = any(identity is not None and identity.always for identity in identities)
        return "OVERRIDING SYSTEM VALUE " if always else ""

    def digest(self, alias: str, columns: Sequence[Address]) -> str:
        """Return one text that is the same for two rows if, and only if, they hold the same."""
        names = [f"{alias}.{self.q(at)}" for at in columns]
        match self.dialect:
            case "postgres":
                return f"ROW({', '.join(names)})::text"
            case "mysql":
                whole = (
                    f"{name} + 0e0" if self._is_float(at) else name
                    for name, at in zip(names, columns, strict=True)
                )
                cells = (f"ifnull(hex(CAST({one} AS BINARY)), '-')" for one in whole)
                return f"md5(concat_ws(',', {', '.join(cells) or chr(39) * 2}))"
            case _:
                return " || ',' || ".join(f"quote({name})" for name in names) or "''"

    def numbered(
        self, table: str, columns: Sequence[Address], by: Sequence[Address] | None = None
    ) -> str:
        """Return a table's rows, those that are alike (`by` some columns) numbered from one."""
        said = self.digest(table, columns if by is None else by)
        names = "".join(f"{self.q(at)}, " for at in columns)
        number = f"row_number() OVER (PARTITION BY {said})"
        return f"(SELECT {names}{said} AS {DIGEST}, {number} AS {NUMBER} FROM {table})"

    def counted(self, table: str, columns: Sequence[Address]) -> str:
        """Return how often each row is in a table."""
        said = self.digest(table, columns)
        return f"(SELECT {said} AS {DIGEST}, count(*) AS {NUMBER} FROM {table} GROUP BY {said})"

    # -- sequences

    def counting(self, columns: Iterable[Column]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return what notes how far PostgreSQL's sequences of columns have come, and what brings
        them there again."""
        noted: list[str] = []
        back: list[str] = []
        sequences = (self.before.get(one.at) for one in self.before.of_kind(Kind.SEQUENCE))
        owned = {one.owner for one in sequences if isinstance(one, SequenceObject)}
        for column in columns:
            if self.dialect != "postgres" or not (column.identity or column.at in owned):
                continue
            table, place = self.name(column.table), self.place(column.table)
            sequence = f"pg_get_serial_sequence({_said(table)}, {_said(str(column.at.name))})"
            last = f"pg_sequence_last_value({sequence}::regclass)"
            made = f"SELECT 0::bigint AS last_value FROM {table} WHERE FALSE"
            noted += (f"CREATE TABLE {place} AS {made}", f"INSERT INTO {place} SELECT {last}")
            back.append(
                f"SELECT setval({sequence}, greatest(kept.last_value, {last})) "
                f"FROM {place} AS kept WHERE kept.last_value IS NOT NULL"
            )
            back.append(f"DROP TABLE {place}")
        return tuple(noted), tuple(back)

    def _is_float(self, at: Address) -> bool:
        return str(self.before.column(at).type).lower().startswith("float")

    # -- what keys ask for

    def with_parents(
        self, table: Address, place: str, columns: Iterable[Address], *, others: bool = False
    ) -> Iterator[str]:
        """Yield conditions that the rows to which a kept one refers are there, or come along from
        the same place; with `others`, only of other tables."""
        chosen = set(columns)
        for number, key in enumerate(self.before.parts(table, ForeignKey)):
            if len(key.columns) != len(key.referred) or not chosen & set(key.columns):
                continue
            if not all(at in self.before for at in (key.table, *key.referred)):
                # SQLite lets a key name what is not there.
                continue
            if others and key.table == table:
                continue
            parent = f"parent{number}"
            null = " OR ".join(f"kept.{self.q(at)} IS NULL" for at in key.columns)
            pairs = tuple(zip(key.columns, key.referred, strict=True))
            same = " AND ".join(f"{parent}.{self.q(to)} = {self.value(at)}" for at, to in pairs)
            there = f"EXISTS (SELECT 1 FROM {self.name(key.table)} AS {parent} WHERE {same})"
            if key.table == table:
                along = " AND ".join(
                    f"{self.value(to, parent)} = {self.value(at)}" for at, to in pairs
                )
                there += f" OR EXISTS (SELECT 1 FROM {place} AS {parent} WHERE {along})"
            yield f"({null} OR {there})"

    def without_children(self, table: Address, place: str, key: Sequence[Address]) -> Iterator[str]:
        """Yield conditions that no row refers to one of the table, but for rows that go with it."""
        for number, other in enumerate(self.before.referrers(table)):
            if not isinstance(other, ForeignKey) or other.table != table:
                continue
            owner = container(other)
            if len(other.columns) != len(other.referred) or owner is None:
                continue
            child, name = f"child{number}", self.name(owner)
            pairs = zip(other.columns, other.referred, strict=True)
            same = " AND ".join(
                f"{child}.{self.q(at)} = {self.name(table)}.{self.q(to)}" for at, to in pairs
            )
            if owner == table:
                wanted = ", ".join(map(self.q, dict.fromkeys((*key, *other.columns))))
                # MySQL does not look into the table that it deletes from but through a copy.
                name = f"(SELECT DISTINCT {wanted} FROM {name})"
                along = " AND ".join(
                    f"{self.value(at, 'also')} = {child}.{self.q(at)}" for at in key
                )
                same += f" AND NOT EXISTS (SELECT 1 FROM {place} AS also WHERE {along})"
            yield f"NOT EXISTS (SELECT 1 FROM {name} AS {child} WHERE {same})"

    def referring(self, table: Address) -> Iterator[ForeignKey]:
        """Yield the keys of other tables that refer to one."""
        for one in self.before.referrers(table):
            if isinstance(one, ForeignKey) and one.table == table and container(one) != table:
                yield one

    def refers_to_itself(self, table: Address) -> bool:
        """Return whether rows of the table refer to others of it."""
        return any(key.table == table for key in self.before.parts(table, ForeignKey))

    def in_any_order(self, table: Address, statements: Sequence[str]) -> tuple[str, ...]:
        """Return statements that put rows back, where MySQL looks at each by itself."""
        if self.dialect != "mysql" or not self.refers_to_itself(table):
            return tuple(statements)
        off, on = (f"SET foreign_key_checks = {switch}" for switch in (0, 1))
        return (off, *statements, on)

    def has_heirs(self, table: Address) -> bool:
        """Return whether tables inherit from it, so that its rows are not all its own."""
        return any(
            isinstance(one, Inheritance) and one.parent == table and one.bound is None
            for one in self.before.referrers(table)
        )

    def fired(self, table: Address, verbs: Iterable[str]) -> Iterator[Trigger]:
        """Yield the triggers of a table that fire on one of the verbs."""
        wanted = set(verbs)
        for one in self.before.parts(table, Trigger) if table in self.before else ():
            disabled = dict(one.options).get("enabled") in ("disabled", "replica")
            if wanted & set(one.events) and not disabled:
                yield one


def _said(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
