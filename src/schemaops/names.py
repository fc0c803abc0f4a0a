"""Names as a dialect folds them, and addresses: where an object stands.

A `Name` is its folded form and remembers how it was spelled; two names are equal when the dialect
takes them for one. An `Address` is a kind and the names that lead to the object:
``public.users.email`` in PostgreSQL, ``users.email`` in MySQL and SQLite.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Address", "Kind", "Name", "Relocation"]


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
    SEQUENCE = "sequence"
    TABLE = "table"
    COLUMN = "column"
    PRIMARY_KEY = "primary key"
    UNIQUE = "unique"
    CHECK = "check"
    FOREIGN_KEY = "foreign key"
    INDEX = "index"
    VIEW = "view"
    UNMODELLED = "unmodelled"


_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*\Z")


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where an object stands: its kind and the names that lead to it, outermost first."""

    kind: Kind
    path: tuple[Name, ...]

    @property
    def name(self) -> Name:
        """The last name of the path."""
        return self.path[-1]

    def covers(self, other: Address) -> bool:
        """Whether `other` is this object or stands within it (a column within its table)."""
        if self == other:
            return True
        n = len(self.path)
        within = self.kind in (Kind.TABLE, Kind.VIEW, Kind.SCHEMA)
        return within and len(other.path) > n and other.path[:n] == self.path

    def child(self, kind: Kind, name: str) -> Address:
        """The address of a part of this object."""
        return Address(kind, (*self.path, name if isinstance(name, Name) else Name(name)))

    def sibling(self, name: str) -> Address:
        """This address with another last name."""
        return Address(self.kind, (*self.path[:-1], name if isinstance(name, Name) else Name(name)))

    def __str__(self) -> str:
        return ".".join(map(_shown, self.path))


def _shown(name: Name) -> str:
    return (
        name.spelling
        if _PLAIN.match(name.spelling)
        else '"' + name.spelling.replace('"', '""') + '"'
    )


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
    if old.covers(address):
        return Address(address.kind, (*new.path, *address.path[len(old.path) :]))
    return address


def unique_name(wanted: str, taken: Callable[[str], bool], numbered: Iterable[str]) -> str:
    """Return `wanted`, or the first of `numbered` that is not taken."""
    if not taken(wanted):
        return wanted
    return next(name for name in numbered if not taken(name))
