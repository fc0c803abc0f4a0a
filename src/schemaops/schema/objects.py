"""The kinds of object a schema holds, each a frozen value that knows its own address.

An object's facts are its fields. Every address in a field (a key's columns, the holes of an
expression) is a reference; `references` finds them and `relocated` moves them, for all kinds alike.
Column order is kept in `Table.columns` and is no part of equality; nor is `owning_role`, the role that
owns an object where it is not the one at work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
from typing import Any, TypeGuard, TypeVar

from schemaops.names import Address, Kind, Name
from schemaops.schema.expressions import Expression

__all__ = [
    "Attribute",
    "Check",
    "Column",
    "Comment",
    "Composite",
    "DefaultPrivileges",
    "Domain",
    "DomainCheck",
    "Enum",
    "EventTrigger",
    "Extension",
    "ForeignKey",
    "Generated",
    "Grant",
    "Identity",
    "Index",
    "IndexKey",
    "Inheritance",
    "Namespace",
    "Object",
    "Options",
    "Parameter",
    "PartitionKey",
    "Policy",
    "PrimaryKey",
    "Range",
    "Routine",
    "Sequence",
    "Statistics",
    "Sundry",
    "Table",
    "Trigger",
    "Unique",
    "Unmodelled",
    "View",
    "attached",
    "commented",
    "container",
    "granted",
    "references",
    "relocated",
    "subject",
]

Options = tuple[tuple[str, str], ...]
_UNSEEN = {"canonical": False}


@dataclass(frozen=True, slots=True)
class Namespace:
    """A schema in PostgreSQL's sense: a place for other objects."""

    at: Address
    owning_role: str | None = field(default=None, compare=False, metadata=_UNSEEN)


@dataclass(frozen=True, slots=True)
class Extension:
    """A PostgreSQL extension; what it brings is outside the schema."""

    at: Address
    options: Options = ()


@dataclass(frozen=True, slots=True)
class Enum:
    """A PostgreSQL enum type: its labels in order."""

    at: Address
    values: tuple[str, ...]
    owning_role: str | None = field(default=None, compare=False, metadata=_UNSEEN)


@dataclass(frozen=True, slots=True)
class DomainCheck:
    """A constraint of a domain; the value checked is `VALUE` in its expression."""

    name: Name
    expression: Expression
    options: Options = ()


@dataclass(frozen=True, slots=True)
class Domain:
    """A PostgreSQL domain: a type, and what its values must be. Its checks stand by name."""

    at: Address
    type: Expression
    nullable: bool = True
    default: Expression | None = None
    collation: str | None = None
    checks: tuple[DomainCheck, ...] = ()
    owning_role: str | None = field(default=None, compare=False, metadata=_UNSEEN)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a composite type."""

    name: Name
    type: Expression
    collation: str | None = None


@dataclass(frozen=True, slots=True)
class Composite:
    """A PostgreSQL composite type: its attributes by name, and the order in which they stand."""

    at: Address
    attributes: tuple[Attribute, ...] = ()
    order: tuple[Name, ...] = field(default=(), compare=False, metadata=_UNSEEN)
    owning_role: str | None = field(default=None, compare=False, metadata=_UNSEEN)

    @property
    def names(self) -> tuple[Name, ...]:
        """The names of its attributes in order; what changed them may not have told the order."""
        there = [attribute.name for attribute in self.attributes]
        known = [name for name in self.order if name in there]
        return (*known, *(name for name in there if name not in known))


@dataclass(frozen=True, slots=True)
class Range:
    """A PostgreSQL range type: what it ranges over, and the options that differ from the defaults."""

    at: Address
    subtype: Expression
    options: Options = ()
    owning_role: str | None = field(default=None, compare=False, metadata=_UNSEEN)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence: the options that differ from its type's defaults, and the column that owns it."""

    at: Address
    type: str = "bigint"
    options: Options = ()
    owner: Address | None = None
    owning_role: str | None = field(default=None, compare=False, metadata=_UNSEEN)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its options (sorted), and the order of its columns."""

    at: Address
    columns: tuple[Name, ...] = field(default=(), metadata=_UNSEEN)
    options: Options = ()
    comment: str | None = None
    row_security: bool = False
    forced_row_security: bool = False
    owning_role: str | None = field(default=None, compare=False, metadata=_UNSEEN)


@dataclass(frozen=True, slots=True)
class Identity:
    """GENERATED … AS IDENTITY with the sequence options that differ from the defaults."""

    always: bool
    options: Options = ()


@dataclass(frozen=True, slots=True)
class Generated:
    """A generated column's expression, and whether its values are stored."""

    expression: Expression
    stored: bool = True


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; its type is an expression, since a type may be an object of the schema.

    `not_null_name` is the name that its NOT NULL was given, which PostgreSQL keeps since version 18.
    """

    at: Address
    type: Expression
    nullable: bool = True
    default: Expression | None = None
    generated: Generated | None = None
    identity: Identity | None = None
    auto_increment: bool = False
    collation: str | None = None
    on_update: Expression | None = None
    comment: str | None = None
    settings: Options = ()
    inherited: bool = False
    not_null_name: str | None = field(default=None, compare=False, metadata=_UNSEEN)

    @property
    def table(self) -> Address:
        """The table it stands in."""
        return Address(Kind.TABLE, self.at.path[:-1])


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """A table's primary key. An unnamed constraint's address is a place-holder and is not compared."""

    at: Address
    columns: tuple[Address, ...]
    named: bool = True
    options: Options = ()
    include: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Unique:
    """A unique constraint (in MySQL a unique index; both words name one thing there)."""

    at: Address
    columns: tuple[Address, ...]
    named: bool = True
    options: Options = ()
    include: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A check constraint. `of` is the column in whose definition it stands, where that is known."""

    at: Address
    expression: Expression
    named: bool = True
    options: Options = ()
    of: Address | None = field(default=None, compare=False, metadata=_UNSEEN)


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key; actions in the catalogue's words, `no action` where none is given.

    `implied` says that the columns it refers to were not named; SQLite keeps it so, and they are
    the table's primary key whenever it is looked at.
    """

    at: Address
    columns: tuple[Address, ...]
    table: Address
    referred: tuple[Address, ...]
    on_delete: str = "no action"
    on_update: str = "no action"
    named: bool = True
    options: Options = ()
    of: Address | None = field(default=None, compare=False, metadata=_UNSEEN)
    implied: bool = field(default=False, compare=False, metadata=_UNSEEN)


@dataclass(frozen=True, slots=True)
class PartitionKey:
    """What a partitioned table's rows are told apart by: `range`, `list` or `hash` of its keys."""

    at: Address
    strategy: str
    keys: tuple[IndexKey, ...]


@dataclass(frozen=True, slots=True)
class Inheritance:
    """That a table stands below another: as a partition with its bound, or inheriting from it."""

    at: Address
    parent: Address
    bound: Expression | None = None


@dataclass(frozen=True, slots=True)
class IndexKey:
    """One key of an index: a column or an expression, with what differs from the defaults."""

    expression: Expression
    descending: bool = False
    nulls: str | None = None
    collation: str | None = None
    opclass: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """An index that is not the implementation of a constraint.

    `implicit` says that MySQL made it for a foreign key, and sheds it when another covers it."""

    at: Address
    table: Address
    keys: tuple[IndexKey, ...]
    unique: bool = False
    where: Expression | None = None
    method: str | None = None
    include: tuple[Address, ...] = ()
    options: Options = ()
    implicit: bool = field(default=False, compare=False, metadata=_UNSEEN)

    @property
    def excludes(self) -> tuple[str, ...]:
        """The operators of an EXCLUDE constraint, one a key; none where the index is not that of one."""
        said = dict(self.options).get("exclude")
        return () if said is None else tuple(said.split(", "))

    @property
    def selective(self) -> bool:
        """Whether it says which rows may stand beside each other."""
        return self.unique or bool(self.excludes)


@dataclass(frozen=True, slots=True)
class View:
    """A view: the names of its columns and its query. A materialised one has the option so called."""

    at: Address
    columns: tuple[Name, ...]
    query: Expression
    options: Options = ()
    owning_role: str | None = field(default=None, compare=False, metadata=_UNSEEN)

    @property
    def keeps_rows(self) -> bool:
        """Whether it is a materialised one."""
        return "materialized" in dict(self.options)


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a routine takes or gives: mode (in, out, inout, variadic, table), name, type, default."""

    type: Expression
    name: str | None = None
    mode: str = "in"
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class Routine:
    """A function or procedure, as the kind of its address says; its body is plain text.

    The last name in PostgreSQL has the types of the arguments in it. `options` hold what differs
    from the defaults, in the words of the dialect. `tree` is a body that the server has read itself
    and keeps so: RETURN …, or BEGIN ATOMIC … END.
    """

    at: Address
    parameters: tuple[Parameter, ...] = ()
    returns: Expression | None = None
    language: str = "sql"
    body: str = ""
    options: Options = ()
    comment: str | None = None
    tree: Expression | None = None
    owning_role: str | None = field(default=None, compare=False, metadata=_UNSEEN)


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger of a table or view: when it fires, and what it then does.

    `timing` is before, after or instead of; `events` in the order insert, delete, update, truncate;
    `columns` those of UPDATE OF; `for_each` row or statement. What it does is a function with
    literal arguments (PostgreSQL), or a body (MySQL, SQLite).
    """

    at: Address
    table: Address
    timing: str
    events: tuple[str, ...]
    columns: tuple[Address, ...] = ()
    for_each: str = "row"
    when: Expression | None = None
    function: Address | None = None
    arguments: tuple[str, ...] = ()
    body: Expression | None = None
    options: Options = ()
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class EventTrigger:
    """A trigger of PostgreSQL that fires on statements: on which event, and for which commands."""

    at: Address
    event: str
    function: Address
    tags: tuple[str, ...] = ()
    options: Options = ()
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy of row security: the command it is for, the roles, and what it lets them see and write."""

    at: Address
    command: str = "all"
    roles: tuple[str, ...] = ("public",)
    using: Expression | None = None
    check: Expression | None = None
    permissive: bool = True


@dataclass(frozen=True, slots=True)
class Statistics:
    """Extended statistics: over which columns and expressions of a table, and of which kinds (empty
    for all that there are)."""

    at: Address
    table: Address
    keys: tuple[Expression, ...]
    kinds: tuple[str, ...] = ()
    target: str | None = None
    owning_role: str | None = field(default=None, compare=False, metadata=_UNSEEN)


@dataclass(frozen=True, slots=True)
class Grant:
    """One privilege that a role has on an object, beyond what it has from the first; `ALL` for all that
    there are. `grantable` ones can be passed on; `revoked` says that PUBLIC lacks what it had."""

    at: Address
    on: Address
    role: str
    privilege: str
    grantable: bool = False
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class DefaultPrivileges:
    """A privilege that a role will have on objects of one kind that are created from now on.

    `space` is the schema that they are created in (that of no name stands for all), `kind` what they
    are, in the plural; `creator` whose they are, empty for the database's owner.
    """

    at: Address
    space: Address
    kind: str
    role: str
    privilege: str
    grantable: bool = False
    revoked: bool = False
    creator: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on an object that does not hold it as a fact of its own."""

    at: Address
    on: Address
    text: str


@dataclass(frozen=True, slots=True)
class Sundry:
    """An object of one of PostgreSQL's kinds that are seldom used, as its address tells which.

    The definition is the statements that make it, parted by `; `, with a hole for whatever they name,
    itself too. `on` names what it depends on besides, where the definition is but the catalogue's text.
    """

    at: Address
    definition: Expression
    on: tuple[Address, ...] = field(default=(), compare=False, metadata=_UNSEEN)

    @property
    def unread(self) -> bool:
        """Whether the definition is but the catalogue's text."""
        return bool(self.on) or not any(True for _ in self.definition.addresses())


@dataclass(frozen=True, slots=True)
class Unmodelled:
    """An object of the catalogue that has no type of its own yet.

    `what` is the catalogue's word for it (function, trigger, policy, …); the definition is the
    catalogue's text. `on` names what it depends on, as far as the catalogue tells. Where the
    definition is a normal form, which no engine reads, `written` is the text that one does.
    """

    at: Address
    what: str
    definition: str
    on: tuple[Address, ...] = field(default=(), metadata=_UNSEEN)
    written: str | None = field(default=None, compare=False, metadata=_UNSEEN)

    @property
    def text(self) -> str:
        """The SQL that makes it."""
        return self.definition if self.written is None else self.written


Object = (
    Namespace
    | Extension
    | Enum
    | Domain
    | Composite
    | Range
    | Sequence
    | Table
    | Column
    | PrimaryKey
    | Unique
    | Check
    | ForeignKey
    | PartitionKey
    | Inheritance
    | Index
    | View
    | Routine
    | Trigger
    | EventTrigger
    | Policy
    | Statistics
    | Grant
    | DefaultPrivileges
    | Comment
    | Sundry
    | Unmodelled
)


def _by_fields(value: Any) -> tuple[type, tuple[Any, ...]]:
    kind: type = type(value)
    return kind, tuple(getattr(value, name) for name in _field_names(kind))


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


# Schemas are kept by the thousand objects: a dataclass' own way to be pickled takes ten times longer.
for _kind in [one for one in globals().values() if is_dataclass(one) and isinstance(one, type)]:
    setattr(_kind, "__reduce__", _by_fields)  # noqa: B010

_PARTS = frozenset(
    {
        Kind.COLUMN,
        Kind.PRIMARY_KEY,
        Kind.UNIQUE,
        Kind.CHECK,
        Kind.FOREIGN_KEY,
        Kind.PARTITION_KEY,
        Kind.INHERITANCE,
        Kind.POLICY,
        Kind.RULE,
    }
)

T = TypeVar("T")


def container(thing: Object) -> Address | None:
    """Return the table (or view) that `thing` cannot exist without, if it is part of one."""
    if isinstance(thing, Index | Trigger):
        return thing.table
    if isinstance(thing, Sundry) and thing.at.kind is Kind.RULE:
        named = (*thing.definition.addresses(), *thing.on)
        above = (at for at in named if at.path == thing.at.path[:-1])
        return next(above, Address(Kind.TABLE, thing.at.path[:-1]))
    if thing.at.kind in _PARTS:
        return Address(Kind.TABLE, thing.at.path[:-1])
    return None


def granted(on: Address, role: str, privilege: str) -> Address:
    """Return the address of a privilege on an object."""
    return Address(Kind.GRANT, (*on.path, Name(on.kind.value), Name(role), Name(privilege)))


def commented(on: Address) -> Address:
    """Return the address of the comment on an object."""
    return Address(Kind.COMMENT, (*on.path, Name(on.kind.value)))


def attached(thing: object) -> TypeGuard[Comment | Grant | DefaultPrivileges]:
    """Whether an object is but said about another, and goes when that one goes."""
    return isinstance(thing, Comment | Grant | DefaultPrivileges)


def subject(thing: Comment | Grant | DefaultPrivileges) -> Address:
    """Return what such an object is about."""
    return thing.space if isinstance(thing, DefaultPrivileges) else thing.on


def references(thing: Object) -> Iterator[Address]:
    """Yield every address that the object's facts name, itself apart; some come twice."""
    kind: type = type(thing)
    for name in _fact_names(kind):
        found = _within(getattr(thing, name))
        yield from (at for at in found if at != thing.at) if kind is Sundry else found


def relocated(value: T, where: Callable[[Address], Address]) -> T:
    """Return `value` (an object, or any part of one) with each address mapped by `where`."""
    moved: Any = value
    match value:
        case Address():
            moved = where(value)
        case Expression():
            moved = value.relocated(where)
        case tuple():
            moved = tuple(relocated(part, where) for part in value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            changes = {}
            for name in ("at", *_fact_names(type(value))):
                fact = getattr(value, name, None)
                if isinstance(fact, Address | Expression | tuple) or is_dataclass(fact):
                    new = relocated(fact, where)
                    if new is not fact:
                        changes[name] = new
            moved = replace(value, **changes) if changes else value
    return moved  # type: ignore[no-any-return]


def _within(value: object) -> Iterator[Address]:
    match value:
        case Address():
            yield value
        case Expression():
            yield from value.addresses()
        case tuple():
            for part in value:
                yield from _within(part)
        case IndexKey() | Generated() | Parameter() | DomainCheck() | Attribute():
            kind: type = type(value)
            for name in _fact_names(kind):
                yield from _within(getattr(value, name))


@cache
def _fact_names(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.name != "at")
