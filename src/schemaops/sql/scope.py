"""What the names in a piece of SQL stand for, and what reading one tells.

    Scope(resolver, table)   a Resolver finds relations, types and sequences by name; `table` is
                             the relation whose columns an expression sees without naming it
    Reading                  what `expressions.read` and `queries.query` found out about a text

A hole in an expression's normal or written form covers a reference: a column's own name; a
relation's, type's or sequence's name, and its schema if it was written. A Mention covers a single
identifier.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol

from schemaops.errors import Place, SchemaOpsError
from schemaops.names import Address, Kind, Name
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Routine

__all__ = [
    "NOTHING",
    "NOWHERE",
    "AmbiguousColumn",
    "Callee",
    "Mention",
    "NotUnderstood",
    "Problem",
    "Reading",
    "Relation",
    "Resolver",
    "Scope",
    "ScopeColumn",
    "UnknownColumn",
    "UnknownFunction",
    "UnknownRelation",
    "Wrong",
    "callee",
]


class NotUnderstood(SchemaOpsError):
    """A statement is of a form that SchemaOps does not read.

    Nothing about it is guessed: it is treated as an opaque operation, whose effect is observed on a
    scratch database or declared.
    """

    code = "SO210"


class UnknownColumn(SchemaOpsError):
    """An expression or query names a column that no relation it reads has.

    Look at the spelling, and at what earlier statements renamed or dropped.
    """

    code = "SO211"


class UnknownRelation(SchemaOpsError):
    """A query names a table or view that does not exist at that point.

    Look at the spelling and at the schema it is looked for in; it may have been renamed or dropped
    by an earlier statement.
    """

    code = "SO212"


class UnknownFunction(SchemaOpsError):
    """An expression or query calls a function that does not exist at that point.

    Neither the database itself nor an earlier statement has one of that name. Look at the spelling,
    and at what earlier statements renamed or dropped; what an extension brings is there once CREATE
    EXTENSION is.
    """

    code = "SO214"


class AmbiguousColumn(SchemaOpsError):
    """A column's bare name fits more than one relation of the query.

    Write the relation's name or alias and a dot before it.
    """

    code = "SO213"


@dataclass(frozen=True, slots=True)
class ScopeColumn:
    """A column that can be named: its address, its type where that is known, and whether `*` and an
    INSERT without names pass it over."""

    at: Address
    type: Expression | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view that can be named, with its columns in order."""

    at: Address
    columns: tuple[ScopeColumn, ...]

    def column(self, name: Name) -> ScopeColumn | None:
        """Return the column of that name, if there is one."""
        return next((c for c in self.columns if c.at.name == name), None)


@dataclass(frozen=True, slots=True)
class Callee:
    """A function that can be called: what calls of it go by, and where no other has its name, what
    it takes and what it gives; `shows` says that its parameters name what it gives."""

    at: Address
    taken: tuple[Expression, ...] | None = None
    gives: Expression | None = None
    shows: bool = False


def callee(found: Iterable[Routine]) -> Callee | None:
    """Return the functions of one name as one that can be called; None where there are none."""
    every = list(found)
    named = [one for one in every if one.at.kind is Kind.FUNCTION]
    at = named[0].at.family if named else None
    if at is None:
        return None
    taken = [one for one in named[0].parameters if one.mode not in ("out", "table")]
    if len(every) > 1 or any(one.mode == "variadic" for one in taken):
        return Callee(at)
    shows = any(one.mode in ("out", "inout", "table") for one in named[0].parameters)
    return Callee(at, tuple(one.type for one in taken), named[0].returns, shows)


class Resolver(Protocol):
    """Finds what a name stands for; paths have one part, or more where the schema was written."""

    def relation(self, path: tuple[Name, ...]) -> Relation | None:
        """Return the table or view of that name."""

    def type(self, path: tuple[Name, ...]) -> Address | None:
        """Return the enum or domain of that name."""

    def attributes(self, at: Address) -> tuple[tuple[Name, Expression], ...]:
        """Return the attributes of a composite type in order, with their types."""

    def sequence(self, path: tuple[Name, ...]) -> Address | None:
        """Return the sequence of that name."""

    def sundry(self, path: tuple[Name, ...], kind: Kind) -> Address | None:
        """Return the object of that name that is of one of the kinds seldom used."""

    def function(self, path: tuple[Name, ...]) -> Callee | None:
        """Return the schema's function of that name."""

    def lacks_function(self, path: tuple[Name, ...]) -> bool:
        """Whether it is sure that there is no function of that name."""


@dataclass(frozen=True, slots=True)
class _Nothing:
    def relation(self, path: tuple[Name, ...]) -> Relation | None:  # noqa: ARG002
        return None

    def type(self, path: tuple[Name, ...]) -> Address | None:  # noqa: ARG002
        return None

    def attributes(self, at: Address) -> tuple[tuple[Name, Expression], ...]:  # noqa: ARG002
        return ()

    def sequence(self, path: tuple[Name, ...]) -> Address | None:  # noqa: ARG002
        return None

    def sundry(self, path: tuple[Name, ...], kind: Kind) -> Address | None:  # noqa: ARG002
        return None

    def function(self, path: tuple[Name, ...]) -> Callee | None:  # noqa: ARG002
        return None

    def lacks_function(self, path: tuple[Name, ...]) -> bool:  # noqa: ARG002
        return False


NOTHING: Resolver = _Nothing()


@dataclass(frozen=True, slots=True)
class Scope:
    """What names in a text can stand for.

    `search_path` names the schemas whose functions go by their bare names (PostgreSQL). Where there
    are `rows`, the table's columns are seen by these names only (`old` and `new` of a trigger). The
    body of a function sees what it takes, by name or number, and by the function's name before it.
    """

    resolver: Resolver = NOTHING
    table: Relation | None = None
    search_path: tuple[str, ...] = ("public",)
    rows: tuple[str, ...] = ()
    called: Name | None = None
    taken: tuple[tuple[str | None, Expression], ...] = ()


NOWHERE = Scope()


@dataclass(frozen=True, slots=True)
class Mention:
    """An identifier in a text (characters `start` to `end`) that names the object at an address."""

    start: int
    end: int
    address: Address


class Wrong(StrEnum):
    """What is wrong with a reference."""

    COLUMN = "unknown column"
    RELATION = "unknown relation"
    FUNCTION = "unknown function"
    AMBIGUOUS = "ambiguous column"


@dataclass(frozen=True, slots=True)
class Problem:
    """A reference that stands for nothing, or for too much, and where it was written."""

    wrong: Wrong
    name: str
    start: int
    end: int

    _ERRORS: ClassVar[dict[Wrong, type[SchemaOpsError]]] = {
        Wrong.COLUMN: UnknownColumn,
        Wrong.RELATION: UnknownRelation,
        Wrong.FUNCTION: UnknownFunction,
        Wrong.AMBIGUOUS: AmbiguousColumn,
    }

    def error(self, place: Place | None = None) -> SchemaOpsError:
        """Return the problem as an error to raise."""
        said = {
            Wrong.COLUMN: f"there is no column {self.name}",
            Wrong.RELATION: f"there is no table or view {self.name}",
            Wrong.FUNCTION: f"there is no function {self.name}",
            Wrong.AMBIGUOUS: f"column {self.name} may be of more than one relation",
        }
        return self._ERRORS[self.wrong](said[self.wrong], place=place)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text comes to: its expression, what it reads and mentions, and what is wrong with it.

    Where `understood` is false, no grammar of ours fits the text: the normal form was made from its
    tokens alone, and every column whose name appears is taken for read. Where it is not `spelled`,
    PostgreSQL and MySQL may show the text otherwise than in its normal form.
    """

    expression: Expression
    columns: frozenset[Address] = frozenset()
    relations: frozenset[Address] = frozenset()
    mentions: tuple[Mention, ...] = ()
    problems: tuple[Problem, ...] = ()
    type: Expression | None = None
    understood: bool = True
    spelled: bool = True
