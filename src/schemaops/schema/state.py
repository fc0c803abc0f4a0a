"""Schema: every object that exists at one moment, as an immutable value.

Objects lie flat in a persistent map from address to object; beside it lie two maps kept in step:
who refers to what, and which names are claimed in which namespace. Adding, removing, replacing and
moving cost what is touched, never the size of the schema, and so does the fingerprint: it is a sum of
the objects' digests (AdHash: Bellare and Micciancio, "A New Paradigm for Collision-Free Hashing",
EUROCRYPT 1997), so that equal sets of objects have equal fingerprints whichever way they came about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from immutables import Map

from schemaops.canonical import digest
from schemaops.errors import SchemaOpsError
from schemaops.names import Address, Kind, Name, Relocation
from schemaops.schema.namespaces import Claim, claims
from schemaops.schema.objects import (
    Check,
    Column,
    Comment,
    Domain,
    ForeignKey,
    Index,
    Object,
    PrimaryKey,
    Table,
    Unique,
    View,
    container,
    references,
    relocated,
)

__all__ = ["FINGERPRINT_FORM", "MissingObject", "Schema", "TakenName"]

FINGERPRINT_FORM = "f1"
_MODULUS = 1 << 256

T = TypeVar("T")


class MissingObject(SchemaOpsError):
    """A statement names an object that is not in the schema at that point.

    Look at the spelling and at the order of the statements; the object may have been dropped or
    renamed by an earlier one.
    """

    code = "SO101"

    def __init__(self, at: Address) -> None:
        super().__init__(f"there is no {at.kind} {at}")
        self.at = at


class TakenName(SchemaOpsError):
    """A statement creates or renames to a name that another object has already.

    Choose another name, or drop or rename the object that has it.
    """

    code = "SO102"

    def __init__(self, at: Address, holder: Address) -> None:
        super().__init__(f"{at.kind} {at} cannot be made: {holder.kind} {holder} has the name")
        self.at = at
        self.holder = holder


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """An immutable schema of one dialect. Equal schemas have equal fingerprints.

    `search_path` says where a project looks bare names up; it is carried along and never compared.
    """

    dialect: str
    _objects: Map[Address, tuple[Object, int]]
    _referrers: Map[Address, frozenset[Address]]
    _claims: Map[Claim, Address]
    _kinds: Map[Kind, Map[Address, None]]
    _sum: int = 0
    search_path: tuple[str, ...] = ()

    @classmethod
    def empty(cls, dialect: str) -> Schema:
        """Return the schema with nothing in it."""
        return cls(dialect, Map(), Map(), Map(), Map())

    @classmethod
    def of(cls, dialect: str, things: Iterable[Object]) -> Schema:
        """Return the schema that holds `things`, as adding each in turn would make it; raise
        TakenName, MissingObject."""
        objects: dict[Address, tuple[Object, int]] = {}
        columns: dict[Address, list[Name]] = {}
        referrers: dict[Address, set[Address]] = defaultdict(set)
        held: dict[Claim, Address] = {}
        kinds: dict[Kind, dict[Address, None]] = defaultdict(dict)
        total = 0
        for thing in things:
            at = thing.at
            its = tuple(claims(thing, dialect))
            for claim in its:
                if claim in held:
                    raise TakenName(at, held[claim])
            if at in objects:
                raise TakenName(at, at)
            if isinstance(thing, Column):
                if thing.table not in columns:
                    raise MissingObject(thing.table)
                columns[thing.table].append(at.name)
            elif isinstance(thing, Table):
                columns[at] = list(thing.columns)
            amount = _amount(thing)
            objects[at] = thing, amount
            total += amount
            for key in _keys(thing):
                referrers[key].add(at)
            held.update(dict.fromkeys(its, at))
            kinds[at.kind][at] = None
        for at, names in columns.items():
            table, amount = objects[at]
            if isinstance(table, Table) and len(names) > len(table.columns):
                objects[at] = replace(table, columns=tuple(names)), amount
        return cls(
            dialect,
            Map(objects),
            Map({key: frozenset(its) for key, its in referrers.items()}),
            Map(held),
            Map({kind: Map(its) for kind, its in kinds.items()}),
            total % _MODULUS,
        )

    # -- looking up

    def __contains__(self, at: Address) -> bool:
        return at in self._objects

    def __iter__(self) -> Iterator[Object]:
        """Yield the objects in the order of their addresses' kinds and paths."""
        return iter(sorted((entry[0] for entry in self._objects.values()), key=_order))

    def __len__(self) -> int:
        return len(self._objects)

    def __eq__(self, other: object) -> bool:
        """Whether the two are equal: alike in everything but column order."""
        return isinstance(other, Schema) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash((self.dialect, self._sum))

    def of_kind(self, kind: Kind) -> Iterator[Object]:
        """Yield the objects of one kind, in no order."""
        return (self._objects[at][0] for at in self._kinds.get(kind, Map()))

    def get(self, at: Address) -> Object | None:
        """Return the object at an address, if there is one."""
        entry = self._objects.get(at)
        return None if entry is None else entry[0]

    def at(self, at: Address) -> Object:
        """Return the object at an address; raise MissingObject."""
        entry = self._objects.get(at)
        if entry is None:
            raise MissingObject(at)
        return entry[0]

    def table(self, at: Address) -> Table:
        """Return the table at an address; raise MissingObject."""
        thing = self.get(at)
        if not isinstance(thing, Table):
            raise MissingObject(at)
        return thing

    def column(self, at: Address) -> Column:
        """Return the column at an address; raise MissingObject."""
        thing = self.get(at)
        if not isinstance(thing, Column):
            raise MissingObject(at)
        return thing

    def columns(self, table: Address) -> tuple[Column, ...]:
        """Return the columns of a table, in order."""
        return tuple(self.column(table.child(Kind.COLUMN, n)) for n in self.table(table).columns)

    def holder(self, claim: Claim) -> Address | None:
        """Return the object that has a name in a namespace."""
        return self._claims.get(claim)

    def has_constraint(self, space: Name, name: Name) -> bool:
        """Return whether a constraint in a schema of PostgreSQL has a name, whatever it constrains."""
        return _constraint_called(space, name) in self._referrers

    def parts(self, table: Address, kind: type[T]) -> tuple[T, ...]:
        """Return the objects of one kind that stand within a table, by name."""
        found = (
            self.at(at)
            for at in self._referrers.get(_key(table), frozenset())
            if at in self._objects
        )
        return tuple(
            sorted(
                (t for t in found if isinstance(t, kind) and container(t) == table),
                key=_order,
            )
        )

    def contents(self, table: Address) -> tuple[Object, ...]:
        """Return everything that stands within a table: its columns, constraints and indexes."""
        found = (self.at(at) for at in self._referrers.get(_key(table), frozenset()))
        return tuple(sorted((t for t in found if container(t) == table), key=_order))

    def inside(self, table: Address) -> Iterator[Address]:
        """Yield where everything that stands within a table is, in no order."""
        for at in self._referrers.get(_key(table), frozenset()):
            if container(self.at(at)) == table:
                yield at

    def referrers(self, at: Address) -> tuple[Object, ...]:
        """Return the objects that name `at` (for a table or view: it or anything within it)."""
        found = (self.at(other) for other in self._referrers.get(_key(at), frozenset()))
        return tuple(sorted((t for t in found if t.at != at), key=_order))

    def _called(self, at: Address) -> tuple[Object, ...]:
        """Return the objects that call a function by its name alone."""
        family = at.family
        return () if family is None else self.referrers(family)

    # -- changing

    def adding(self, thing: Object, after: Name | None = None) -> Schema:
        """Return the schema with `thing`; a column goes last, or behind the column `after`
        (first, where that is the empty name). Raise TakenName, MissingObject."""
        for claim in claims(thing, self.dialect):
            holder = self._claims.get(claim)
            if holder is not None:
                raise TakenName(thing.at, holder)
        if thing.at in self._objects:
            raise TakenName(thing.at, thing.at)
        schema = self
        if isinstance(thing, Column):
            table = self.table(thing.table)
            columns = list(table.columns)
            if after and after not in columns:
                raise MissingObject(table.at.child(Kind.COLUMN, after))
            place = len(columns) if after is None else columns.index(after) + 1 if after else 0
            columns.insert(place, thing.at.name)
            schema = self._ordered(table, tuple(columns))
        return schema._put(thing)

    def removing(self, at: Address) -> Schema:
        """Return the schema without the object at `at`; raise MissingObject."""
        thing = self.at(at)
        schema = self
        if isinstance(thing, Column) and thing.table in self._objects:
            table = self.table(thing.table)
            schema = self._ordered(table, tuple(n for n in table.columns if n != at.name))
        return schema._without(thing)

    def replacing(self, thing: Object) -> Schema:
        """Return the schema with `thing` in place of what stands at its address."""
        self.at(thing.at)
        return self._put(thing)

    def moving(self, old: Address, new: Address) -> Schema:
        """Return the schema with the object at `old` at `new`, everything in it and every
        reference to it along. Raise MissingObject, TakenName."""
        if old.kind is Kind.COLUMN and old not in self._objects:
            return self._moving_in_view(old, new)
        moved = self.at(old)
        if new != old and new in self._objects:
            raise TakenName(new, new)
        where = Relocation(((old, new),))
        affected = {old: moved}
        if old.kind is Kind.SCHEMA:
            # Whatever stands in it, or names what does.
            for thing, _ in self._objects.values():
                if relocated(thing, where) != thing or where(thing.at) != thing.at:
                    affected[thing.at] = thing
        for thing in (*self.referrers(old), *self.contents(old), *self._called(old)):
            affected[thing.at] = thing
            if where(thing.at) != thing.at:
                # A function's name has its arguments' types in it; what calls it follows.
                for caller in self.referrers(thing.at):
                    affected.setdefault(caller.at, caller)
        schema = self
        for thing in affected.values():
            schema = schema._without(thing)
        if old.kind is Kind.COLUMN:
            table = schema.table(Address(Kind.TABLE, old.path[:-1]))
            names = tuple(new.name if n == old.name else n for n in table.columns)
            schema = schema._ordered(table, names)
        for thing in affected.values():
            there: Object = relocated(thing, where)
            for claim in claims(there, self.dialect):
                holder = schema._claims.get(claim)
                if holder is not None:
                    raise TakenName(there.at, holder)
            schema = schema._put(there)
        return schema

    def _moving_in_view(self, old: Address, new: Address) -> Schema:
        """Return the schema with a view's column, which is no object, under another name."""
        view = self.get(Address(Kind.VIEW, old.path[:-1]))
        if not isinstance(view, View) or old.name not in view.columns:
            raise MissingObject(old)
        if new != old and new.name in view.columns:
            raise TakenName(new, view.at)
        names = tuple(new.name if name == old.name else name for name in view.columns)
        where = Relocation(((old, new),))
        schema = self._put(replace(view, columns=names))
        for thing in self.referrers(old):
            schema = schema._without(thing)._put(relocated(thing, where))
        return schema

    def _ordered(self, table: Table, columns: tuple[Name, ...]) -> Schema:
        # The order is no part of a table's digest, of what it refers to or of the names it claims.
        entry = replace(table, columns=columns), self._objects[table.at][1]
        return replace(self, _objects=self._objects.set(table.at, entry))

    def _put(self, thing: Object) -> Schema:
        before = self._objects.get(thing.at)
        schema = self if before is None else self._without(before[0])
        amount = _amount(thing)
        referrers = schema._referrers
        with referrers.mutate() as changing:
            for key in _keys(thing):
                changing[key] = changing.get(key, frozenset()) | {thing.at}
            referrers = changing.finish()
        held = schema._claims
        for claim in claims(thing, self.dialect):
            held = held.set(claim, thing.at)
        kind = thing.at.kind
        return Schema(
            self.dialect,
            schema._objects.set(thing.at, (thing, amount)),
            referrers,
            held,
            schema._kinds.set(kind, schema._kinds.get(kind, Map()).set(thing.at, None)),
            (schema._sum + amount) % _MODULUS,
            self.search_path,
        )

    def _without(self, thing: Object) -> Schema:
        amount = self._objects[thing.at][1]
        with self._referrers.mutate() as changing:
            for key in _keys(thing):
                left = changing.get(key, frozenset()) - {thing.at}
                if left:
                    changing[key] = left
                elif key in changing:
                    del changing[key]
            referrers = changing.finish()
        held = self._claims
        for claim in claims(thing, self.dialect):
            if held.get(claim) == thing.at:
                held = held.delete(claim)
        kind = thing.at.kind
        return Schema(
            self.dialect,
            self._objects.delete(thing.at),
            referrers,
            held,
            self._kinds.set(kind, self._kinds[kind].delete(thing.at)),
            (self._sum - amount) % _MODULUS,
            self.search_path,
        )

    # -- comparing

    @property
    def fingerprint(self) -> str:
        """The versioned digest of the schema, column order apart."""
        return f"{FINGERPRINT_FORM}:{digest((self.dialect, f'{self._sum:064x}')).hex()}"

    @property
    def strict_fingerprint(self) -> str:
        """The same with column order: identical schemas have equal strict fingerprints."""
        tables = sorted(self.of_kind(Kind.TABLE), key=_order)
        order = tuple(
            (thing.at.path, thing.columns) for thing in tables if isinstance(thing, Table)
        )
        return f"{FINGERPRINT_FORM}s:{digest((self.fingerprint, order)).hex()}"

    def equals_but_for(self, other: Schema, places: Iterable[Address]) -> bool:
        """Return whether the two are equal where everything at `places` is left out of both."""
        apart = sum(self.digest_at(at) - other.digest_at(at) for at in frozenset(places))
        return self.dialect == other.dialect and (self._sum - other._sum - apart) % _MODULUS == 0

    def digest_at(self, at: Address) -> int:
        """Return the digest of the object at `at`, 0 where there is none."""
        entry = self._objects.get(at)
        return 0 if entry is None else entry[1]


def _amount(thing: Object) -> int:
    return int.from_bytes(digest(_compared(thing)), "big")


def _compared(thing: Object) -> object:
    # An unnamed constraint is known by what it says, not by the place-holder we gave it.
    if getattr(thing, "named", True):
        return thing
    return replace(thing, at=Address(thing.at.kind, thing.at.path[:-1]))


def _key(at: Address) -> Address:
    return Address(Kind.TABLE, at.path) if at.kind is Kind.VIEW else at


def _keys(thing: Object) -> set[Address]:
    keys = set()
    inside = container(thing)
    if inside is not None:
        keys.add(_key(inside))
    family = thing.at.family
    if family is not None:
        keys.add(family)
    keys.update(_constraint_called(thing.at.path[0], name) for name in _constraints_of(thing))
    for at in references(thing):
        keys.add(_key(at))
        if at.kind is Kind.COLUMN:
            keys.add(Address(Kind.TABLE, at.path[:-1]))
    if isinstance(thing, Comment) and len(thing.on.path) > 2:
        # What has no table as its container, or is no object, goes where its own goes.
        keys.update(Address(kind, thing.on.path[:-1]) for kind in (Kind.TABLE, Kind.DOMAIN))
    keys.discard(_key(thing.at))
    return keys


def _constraint_called(space: Name, name: Name) -> Address:
    """Return the key under which whatever brings a constraint of that name is found."""
    return Address(Kind.CHECK, (space, name))


def _constraints_of(thing: Object) -> tuple[Name, ...]:
    """Return the names of the constraints that come with an object of PostgreSQL."""
    match thing:
        case PrimaryKey(at=at) | Unique(at=at) | Check(at=at) | ForeignKey(at=at):
            return at.path[2:]
        case Index(at=at, options=options) if any(key == "exclude" for key, _ in options):
            return (at.name,)
        case Domain(checks=checks):
            return tuple(check.name for check in checks)
        case Column(not_null_name=str() as name):
            return (Name(name),)
        case _:
            return ()


_KIND_ORDER = {kind: place for place, kind in enumerate(Kind)}


def _order(thing: Object) -> tuple[int, tuple[Name, ...]]:
    return _KIND_ORDER[thing.at.kind], thing.at.path
