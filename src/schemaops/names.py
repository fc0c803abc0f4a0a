"""Names as a dialect folds them, and addresses: where an object stands.

A `Name` is its folded form and remembers how it was spelled; two names are equal when the dialect
takes them for one. An `Address` is a kind and the names that lead to the object:
``public.users.email`` in PostgreSQL, ``users.email`` in MySQL and SQLite. PostgreSQL tells the
functions of one name apart by the types of what they take: their last name has those in it,
``public.f(integer, public.mood)``, and follows where one of the types is renamed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "ARCHIVE",
    "TYPES",
    "Address",
    "Kind",
    "Name",
    "Relocation",
    "respelled",
    "signed",
    "type_spelling",
    "unique_name",
]

ARCHIVE = "schemaops_archive"
"""Where a database keeps what an up would have destroyed: a schema in PostgreSQL, elsewhere what
names begin with."""


class Name(str):
    """One part of an address: its value is the folded form, `spelling` what was written."""

    __slots__ = ("spelling",)
    spelling: str

    def __new__(cls, folded: str, spelling: str | None = None) -> Name:
        if spelling is None:
            spelling = folded.spelling if isinstance(folded, Name) else folded
        self = super().__new__(cls, folded)
        self.spelling = spelling
        return self

    def __reduce__(self) -> tuple[type[Name], tuple[str, str]]:
        return (Name, (str(self), self.spelling))

    def __repr__(self) -> str:
        return f"Name({str(self)!r})"


class Kind(StrEnum):
    """The kinds of object a schema holds, in the words of the glossary."""

    SCHEMA = "schema"
    EXTENSION = "extension"
    ENUM = "enum"
    DOMAIN = "domain"
    COMPOSITE = "composite type"
    RANGE = "range type"
    SEQUENCE = "sequence"
    TABLE = "table"
    COLUMN = "column"
    PRIMARY_KEY = "primary key"
    UNIQUE = "unique"
    CHECK = "check"
    FOREIGN_KEY = "foreign key"
    PARTITION_KEY = "partition key"
    INHERITANCE = "inheritance"
    INDEX = "index"
    VIEW = "view"
    FUNCTION = "function"
    PROCEDURE = "procedure"
    TRIGGER = "trigger"
    EVENT_TRIGGER = "event trigger"
    POLICY = "policy"
    STATISTICS = "statistics"
    GRANT = "grant"
    DEFAULT_PRIVILEGES = "default privileges"
    COMMENT = "comment"
    AGGREGATE = "aggregate"
    OPERATOR = "operator"
    CAST = "cast"
    COLLATION = "collation"
    TEXT_SEARCH_DICTIONARY = "text search dictionary"
    TEXT_SEARCH_CONFIGURATION = "text search configuration"
    WRAPPER = "foreign data wrapper"
    SERVER = "server"
    USER_MAPPING = "user mapping"
    RULE = "rule"
    PUBLICATION = "publication"
    UNMODELLED = "unmodelled"


# What is said about an object stands at its address and so many names more, the first its kind.
_ABOUT = {Kind.COMMENT: 1, Kind.GRANT: 3}
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*\Z")
_FOLDED = re.compile(r"[a-z_][a-z0-9_$]*\Z")
_SIGNED = frozenset({Kind.FUNCTION, Kind.PROCEDURE, Kind.AGGREGATE, Kind.OPERATOR})
_KINDS = {kind.value: kind for kind in Kind}
# Those that have no type of their own.
_ROUTINES = frozenset({"function", "procedure", "aggregate", "window function"})
TYPES = frozenset(
    {
        Kind.ENUM,
        Kind.DOMAIN,
        Kind.COMPOSITE,
        Kind.RANGE,
        Kind.TABLE,
        Kind.VIEW,
        Kind.UNMODELLED,
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where an object stands: its kind and the names that lead to it, outermost first."""

    kind: Kind
    path: tuple[Name, ...]

    @property
    def name(self) -> Name:
        """The last name of the path."""
        return self.path[-1]

    @property
    def bare(self) -> Name:
        """The last name, without the types of a function's arguments."""
        if self.kind not in _SIGNED or not self.name.endswith(")"):
            return self.name
        return Name(self.name.rpartition("(")[0])

    @property
    def signature(self) -> tuple[str, ...] | None:
        """The types of a function's arguments, None where its name has none in it."""
        if self.kind not in _SIGNED or not self.name.endswith(")"):
            return None
        inside = self.name.rpartition("(")[2][:-1]
        return tuple(inside.split(", ")) if inside else ()

    @property
    def family(self) -> Address | None:
        """Where all functions of the name stand for a call of it, None for what is no function."""
        if self.kind is Kind.UNMODELLED and self.path and self.path[0] in _ROUTINES:
            if not self.name.endswith(")"):
                return None
            return Address(Kind.FUNCTION, (*self.path[1:-1], Name(self.name.rpartition("(")[0])))
        if self.signature is None or self.kind is Kind.OPERATOR:
            return None
        return Address(Kind.FUNCTION, (*self.path[:-1], self.bare))

    def covers(self, other: Address) -> bool:
        """Whether `other` is this object or stands within it (a column within its table)."""
        if self == other or (self.kind is Kind.FUNCTION and self == other.family):
            return True
        n = len(self.path)
        if len(other.path) <= n or other.path[:n] != self.path:
            return False
        if len(other.path) - n == _ABOUT.get(other.kind):
            return str(other.path[n]) == self.kind.value
        if self.kind is Kind.DOMAIN:
            return other.kind in (Kind.CHECK, Kind.COMMENT)
        return self.kind in (Kind.TABLE, Kind.VIEW, Kind.SCHEMA)

    def child(self, kind: Kind, name: str) -> Address:
        """The address of a part of this object."""
        return Address(kind, (*self.path, name if isinstance(name, Name) else Name(name)))

    def sibling(self, name: str) -> Address:
        """This address with another last name."""
        return Address(self.kind, (*self.path[:-1], name if isinstance(name, Name) else Name(name)))

    def __str__(self) -> str:
        types = self.signature
        if types is not None:
            return f"{'.'.join(map(_shown, (*self.path[:-1], self.bare)))}({', '.join(types)})"
        return ".".join(map(_shown, self.path))


def type_spelling(at: Address) -> str:
    """Return how a type of the schema is spelled among the types of a function's arguments."""
    names = at.path[1:] if at.kind is Kind.UNMODELLED else at.path
    return ".".join(name if _FOLDED.match(name) else _quoted(name) for name in names)


def signed(name: str, types: Iterable[str]) -> Name:
    """Return a function's name with the types of its arguments."""
    return Name(f"{name}({', '.join(types)})")


def _shown(name: Name) -> str:
    return name.spelling if _PLAIN.match(name.spelling) else _quoted(name.spelling)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Relocation:
    """A function from old addresses to new ones: the moves of some renames, in order.

    A move of a table takes everything within it along.
    """

    moves: tuple[tuple[Address, Address], ...] = ()

    def __call__(self, address: Address) -> Address:
        for old, new in self.moves:
            address = _moved(address, old, new)
        return address

    def then(self, old: Address, new: Address) -> Relocation:
        """This relocation followed by one more move."""
        return Relocation((*self.moves, (old, new)))

    def back(self) -> Relocation:
        """The relocation that undoes this one."""
        return Relocation(tuple((new, old) for old, new in reversed(self.moves)))


def _moved(address: Address, old: Address, new: Address) -> Address:
    if address == old:
        return new
    if (behind := _ABOUT.get(address.kind)) and len(address.path) > behind:
        kind = _KINDS.get(str(address.path[-behind]))
        if kind in _SIGNED:
            about = _moved(Address(kind, address.path[:-behind]), old, new)
            return Address(address.kind, (*about.path, *address.path[-behind:]))
    if address.kind is Kind.USER_MAPPING and old.kind is Kind.SERVER:
        role, between, server = address.name.rpartition(" SERVER ")
        if server == old.name:
            return Address(address.kind, (Name(f"{role}{between}{new.name}"),))
    if address.kind in _SIGNED or address.kind is Kind.CAST:
        address = _moved_types(address, old, new)
        if address == old.family:
            return new.family or new
    if old.covers(address):
        return Address(address.kind, (*new.path, *address.path[len(old.path) :]))
    return address


def _moved_types(address: Address, old: Address, new: Address) -> Address:
    if old.kind in TYPES:
        was, now = type_spelling(old), type_spelling(new)
        return respelled(
            address,
            lambda kind: now + kind[len(was) :] if kind in (was, was + "[]") else kind,
        )
    if old.kind is Kind.SCHEMA:
        was, now = f"{old}.", f"{new}."
        return respelled(
            address, lambda kind: now + kind[len(was) :] if kind.startswith(was) else kind
        )
    return address


def respelled(address: Address, spell: Callable[[str], str]) -> Address:
    """Return a function's address with the types in its name spelled anew; any other as it is."""
    if address.kind is Kind.CAST:
        both = (spell(kind) for kind in address.name.split(" AS "))
        return Address(address.kind, (Name(" AS ".join(both)),))
    types = address.signature
    if not types:
        return address
    moved = tuple(map(spell, types))
    if moved == types:
        return address
    return Address(address.kind, (*address.path[:-1], signed(address.bare, moved)))


def unique_name(wanted: str, taken: Callable[[str], bool], numbered: Iterable[str]) -> str:
    """Return `wanted`, or the first of `numbered` that is not taken."""
    if not taken(wanted):
        return wanted
    return next(name for name in numbered if not taken(name))
