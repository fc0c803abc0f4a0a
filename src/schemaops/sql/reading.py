"""Reading: what a recogniser works on — the schema so far, and what the statement has come to.

A recogniser looks names up here, and emits operations; each is applied at once, so that what follows
in the statement sees it. A statement that fails or is not understood leaves no trace: the reading is
put back to where it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemaops.errors import SchemaOpsError
from schemaops.names import Address, Kind, Name
from schemaops.operations import Create, Drop, Operation, Rename
from schemaops.operations.group import Mention
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Column,
    Composite,
    Domain,
    Index,
    Inheritance,
    Object,
    PartitionKey,
    PrimaryKey,
    Routine,
    Sundry,
    Table,
    Unique,
    Unmodelled,
    View,
    attached,
    subject,
)
from schemaops.schema.privileges import given_by_default
from schemaops.schema.state import MissingObject, Schema, TakenName
from schemaops.sql import scope as scopes
from schemaops.sql import witness
from schemaops.sql.cursor import Cursor
from schemaops.sql.dialects import Dialect
from schemaops.sql.lexer import Token
from schemaops.sql.names import fold, quote
from schemaops.sql.types import is_built_in
from schemaops.sql.unread import is_unread

__all__ = ["Mark", "Named", "NotAllowed", "Reading", "StillNeeded", "in_full"]

Named = tuple[Name, Token]

_KEYS = (PrimaryKey, Unique, Index)
_MOST_KEYS = 64


class StillNeeded(SchemaOpsError):
    """A statement drops or changes what another object needs.

    Drop or change the object named first, or say CASCADE where the dialect has it (SchemaOps spells out
    whom that takes along).
    """

    code = "SO105"

    def __init__(self, at: Address, by: Address) -> None:
        super().__init__(f"{at.kind} {at} cannot go or change: {by.kind} {by} needs it")
        self.at = at
        self.by = by


class NotAllowed(SchemaOpsError):
    """A statement asks for what this dialect refuses on this schema.

    The message names the rule; the statement would fail on the database in the same way.
    """

    code = "SO106"

    def __init__(self, message: str, at: Address | None = None) -> None:
        super().__init__(message)
        self.at = at


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a transaction began (no name) or a savepoint was set: how many statements stood before,
    and the search path there."""

    name: Name | None
    place: int
    search_path: tuple[Name, ...]


class Reading:
    """The schema so far, and the operations, mentions and masks of the statement being read."""

    def __init__(self, schema: Schema, dialect: Dialect, search_path: tuple[Name, ...]) -> None:
        self.schema = schema
        self.dialect = dialect
        self.search_path = search_path
        self.operations: list[Operation] = []
        self.mentions: list[Mention] = []
        self.masks: set[str] = set()
        self.renames_blindly = False
        # What the session says of SQLite's foreign keys, None where it says nothing.
        self.minds_foreign_keys: bool | None = None
        self.owners: dict[Address, str] = {}
        # The role that the session works as, "" for that which it began with.
        self.role = ""
        # Whether something of unknown effect came before.
        self.blind = False
        self.checks_foreign_keys = True
        self.is_strict = True
        self.temporary: set[Name] = set()
        self.own_triggers: set[Name] = set()
        # The database that the session says it uses, and whether it went on to another.
        self.database: Name | None = None
        self.elsewhere = False
        self.attached = False
        self.touched = False
        self.keys: object = None
        # The path that a session begins with, and what stands in it alone.
        self.usual_path = search_path
        self.own_tables: dict[Name, scopes.Relation] = {}
        # Open transactions and savepoints, and what was done since the first of them.
        self.marks: list[Mark] = []
        self.past: list[tuple[Schema, tuple[Operation, ...]]] = []

    def begin(self) -> None:
        """Begin the next statement."""
        self.operations, self.mentions, self.masks = [], [], set()

    def emit(self, operation: Operation) -> None:
        """Take an operation to belong to the statement, and apply it; raise what that raises.

        What is said about an object goes before it, and what is its by default comes after it.
        """
        if isinstance(operation, Drop) and self.dialect.name == "postgres":
            for thing in self.schema.referrers(operation.at):
                if attached(thing) and _is_about(thing, operation.at):
                    self.emit(Drop(thing))
        if isinstance(operation, Rename) and self.dialect.name == "postgres":
            self._must_be_held(operation.old)
        if isinstance(operation, Rename) and operation.old == operation.new:
            if self.dialect.name == "postgres":
                raise TakenName(operation.new, operation.old)
        if isinstance(operation, Create) and self.role and hasattr(operation.thing, "owning_role"):
            owned: dict[str, Any] = {"owning_role": self.role}
            operation = replace(operation, thing=replace(operation.thing, **owned))
        if isinstance(operation, Create) and self.dialect.name == "mysql":
            self._must_have_room(operation.thing)
        self.touched = True
        self.schema = operation.apply(self.schema)
        self.operations.append(operation)
        if isinstance(operation, Create) and self.dialect.name == "postgres":
            if self.role:
                self.owners[operation.thing.at] = self.role
            for grant in given_by_default(operation.thing, self.schema, self.role):
                if grant.role != self.role:
                    self.emit(Create(grant))

    def _must_have_room(self, thing: Object) -> None:
        """Raise NotAllowed where a table has all the keys that MySQL keeps (manual 10.4.6)."""
        if not isinstance(thing, _KEYS):
            return
        table = Address(Kind.TABLE, thing.at.path[:1])
        if sum(len(self.schema.parts(table, kind)) for kind in _KEYS) >= _MOST_KEYS:
            raise NotAllowed(f"table {table} has all the keys that it can have", table)

    def _must_be_held(self, at: Address) -> None:
        """Raise NotUnderstood where a definition names what is renamed by its text alone."""
        itself = self.schema.get(at)
        if isinstance(itself, Sundry) and itself.unread:
            raise scopes.NotUnderstood(f"what {at.kind} {at} says changes with its name")
        for thing in (*self.schema.referrers(at), *self.schema.contents(at)):
            if isinstance(thing, View) and is_unread(thing.query):
                raise scopes.NotUnderstood(f"what {thing.at.kind} {thing.at} says changes with it")
            if isinstance(thing, Routine) and thing.tree is not None and is_unread(thing.tree):
                raise scopes.NotUnderstood(f"what {thing.at.kind} {thing.at} says changes with it")
            if isinstance(thing, Sundry) and thing.unread:
                raise scopes.NotUnderstood(f"what {thing.at.kind} {thing.at} says changes with it")

    def mention(self, token: Token, at: Address) -> None:
        """Note that a token of the statement names the object at `at`."""
        self.mentions.append(Mention(token.start, token.end, at))

    # -- names

    def path(self, parts: list[Named]) -> tuple[Name, ...]:
        """Return the path where a new object of this name would stand."""
        names = [name for name, _ in parts]
        self._must_be_ours(tuple(names))
        if self.dialect.default_schema is None:
            return (names[-1],)
        if len(names) == 1:
            return (self._creating_space(), names[0])
        return (names[-2], names[-1])

    def _creating_space(self) -> Name:
        """Return the schema in which a bare name comes to stand: the first of the path there is."""
        missing = Address(Kind.UNMODELLED, (Name("missing schema"), Name("public")))
        for name in self.search_path:
            there = Address(Kind.SCHEMA, (name,)) in self.schema
            if there or (name == "public" and missing not in self.schema):
                return name
        if self.search_path:
            return self.search_path[0]
        raise NotAllowed("no schema has been selected to create in")

    def find(self, names: tuple[Name, ...], kinds: Collection[Kind]) -> Address | None:
        """Return the address of an existing schema-level object of one of the kinds."""
        if names[-1] in self.temporary and Kind.TABLE in kinds:
            raise scopes.NotUnderstood(f"{names[-1]} is a temporary table")
        for path in self.paths(names):
            for kind in kinds:
                at = Address(kind, path)
                if at in self.schema:
                    return at
        return None

    def unmodelled(self, names: tuple[Name, ...], *whats: str) -> Address | None:
        """Return the address of an existing object that has no type of its own."""
        for path in self.paths(names):
            for what in whats:
                at = Address(Kind.UNMODELLED, (Name(what), *path))
                if at in self.schema:
                    return at
        return None

    def attributed(self, at: Address) -> bool:
        """Whether a table or column of MySQL has an attribute that is not modelled, as COMPRESSED."""
        if self.dialect.name != "mysql":
            return False
        own = self.schema.columns(at) if at.kind is Kind.TABLE else ()
        return any(
            isinstance(thing, Unmodelled) and thing.what == "column attribute"
            for one in (at, *(column.at for column in own))
            for thing in self.schema.referrers(one)
        )

    def multirange(self, names: tuple[Name, ...]) -> bool:
        """Whether a name is that of the multirange type that comes with a range type."""
        holders = (self.schema.holder(("type", path)) for path in self.paths(names))
        return any(at is not None and at.kind is Kind.RANGE for at in holders)

    def function(self, names: tuple[Name, ...]) -> scopes.Callee | None:
        """Return the function of that name, where there is one that is known."""
        if self.dialect.default_schema is None:
            return None
        for path in self.paths(names):
            found = self.overloads(Address(Kind.FUNCTION, path))
            callee = scopes.callee(one for one in found if isinstance(one, Routine))
            if callee is not None:
                return callee if len(found) == 1 else scopes.Callee(callee.at)
            if found:
                # Of one whose text is not understood only the name is known.
                return scopes.Callee(Address(Kind.FUNCTION, path))
            if any(isinstance(one, Sundry) for one in found):
                return scopes.Callee(Address(Kind.FUNCTION, path))
        return None

    def overloads(self, family: Address) -> list[Routine | Sundry | Unmodelled]:
        """Return the functions, procedures and aggregates of one name."""
        return [
            thing
            for thing in self.schema.referrers(family)
            if isinstance(thing, Routine | Sundry | Unmodelled) and thing.at.family == family
        ]

    def _must_be_ours(self, names: tuple[Name, ...]) -> None:
        """Raise NotUnderstood where a name is written with a database that may be another one."""
        ours = 1 if self.dialect.default_schema is None else 2
        if self.elsewhere:
            raise scopes.NotUnderstood("the session uses another database")
        if len(names) > ours:
            database = names[-ours - 1]
            if self.dialect.name == "sqlite" and database.lower() == "main":
                return
            if self._is_unknown(names):
                raise NotAllowed(f"there is no database {database}")
            if database != self.database:
                raise scopes.NotUnderstood(
                    f"{'.'.join(names)} stands in another database, it may be"
                )

    def _is_unknown(self, names: tuple[Name, ...]) -> bool:
        """Whether a name is written with a database that SQLite's session cannot know."""
        if self.dialect.name != "sqlite" or len(names) == 1 or self.attached:
            return False
        return names[-2].lower() not in ("main", "temp")

    def paths(self, names: tuple[Name, ...]) -> list[tuple[Name, ...]]:
        """Return where something of that name would be looked for."""
        if self._is_unknown(names):
            return []
        self._must_be_ours(names)
        if self.dialect.default_schema is None:
            return [names[-1:]]
        if len(names) == 1:
            return [(place, names[0]) for place in self.search_path]
        return [names[-2:]]

    def existing(self, parts: list[Named], *kinds: Kind) -> Address:
        """Return the address of an existing object and note the mention; raise MissingObject."""
        at = self.find(tuple(name for name, _ in parts), kinds)
        if at is None:
            if Kind.SEQUENCE in kinds and self.identity_called(parts) is not None:
                raise scopes.NotUnderstood(f"{parts[-1][0]} is the sequence of an identity column")
            raise MissingObject(Address(kinds[0], self.path(parts)))
        self.mention_path(parts, at)
        return at

    def identity_called(self, parts: list[Named]) -> Address | None:
        """Return the identity column whose sequence has that name; None where there is none."""
        if self.dialect.name != "postgres":
            return None
        for path in self.paths(tuple(name for name, _ in parts)):
            holder = self.schema.holder(("relation", path))
            if holder is not None:
                return holder if holder.kind is Kind.COLUMN else None
        return None

    def mention_path(self, parts: list[Named], at: Address) -> None:
        """Note the mention of a schema-level object, and of its schema where it is written."""
        self.mention(parts[-1][1], at)
        if len(parts) > 1 and len(at.path) > 1:
            self.mention(parts[-2][1], Address(Kind.SCHEMA, at.path[:1]))

    def table(self, parts: list[Named]) -> Address:
        """Return the address of an existing table and note the mention; raise MissingObject."""
        return self.existing(parts, Kind.TABLE)

    def column(self, table: Address, named: Named) -> Address:
        """Return the address of an existing column and note the mention; raise MissingObject."""
        name, token = named
        at = table.child(Kind.COLUMN, name)
        view = self.schema.get(table)
        if at not in self.schema and not (isinstance(view, View) and name in view.columns):
            raise MissingObject(at)
        self.mention(token, at)
        return at

    def columns(self, table: Address, named: list[Named]) -> tuple[Address, ...]:
        """Return the addresses of existing columns; raise MissingObject."""
        return tuple(self.column(table, one) for one in named)

    # -- expressions

    def below(self, at: Address) -> tuple[Address, ...]:
        """Return the tables that are partitions of a table or inherit from it, and those below them,
        parents first."""
        found: list[Address] = []
        for thing in self.schema.referrers(at) if self.dialect.name == "postgres" else ():
            if isinstance(thing, Inheritance) and thing.parent == at:
                child = Address(Kind.TABLE, thing.at.path[:-1])
                found += [child, *self.below(child)]
        return tuple(dict.fromkeys(found))

    def partitioned(self, at: Address) -> bool:
        """Return whether a table's rows stand in its partitions."""
        return bool(self.schema.parts(at, PartitionKey))

    def relation(self, names: tuple[Name, ...]) -> scopes.Relation | None:
        """Return the table or view of that name with its columns, for a scope."""
        if self.own_tables and names[-1] in self.own_tables:
            if len(names) == 1 or names[-2] == "pg_temp":
                return self.own_tables[names[-1]]
        at = self.find(names, (Kind.TABLE, Kind.VIEW))
        if at is not None:
            if self.attributed(at):
                raise scopes.NotUnderstood(f"which columns {at} shows is not known")
            return self.relation_at(at)
        other = self.unmodelled(
            names, "materialized view", "foreign table", "virtual table", "table", "view"
        )
        thing = None if other is None else self.schema.get(other)
        if isinstance(thing, Unmodelled) and thing.what == "virtual table":
            from schemaops.sql.virtual_tables import relation_of

            return relation_of(thing)
        if other is not None:
            raise scopes.NotUnderstood(f"the columns of {other.path[0]} {other.name} are not known")
        return None

    def relation_at(
        self, at: Address, more: Mapping[Name, Column] | None = None
    ) -> scopes.Relation:
        """Return a relation with its columns, `more` among them though not yet in the schema."""
        thing = self.schema.get(at)
        columns: list[scopes.ScopeColumn] = []
        if isinstance(thing, Table):
            columns = [
                scopes.ScopeColumn(
                    c.at, self.base_type(c.type), ("invisible", "true") in c.settings
                )
                for c in self.schema.columns(at)
            ]
        elif isinstance(thing, View):
            columns = [scopes.ScopeColumn(at.child(Kind.COLUMN, name)) for name in thing.columns]
        known = {column.at.name for column in columns}
        columns += [
            scopes.ScopeColumn(column.at, self.base_type(column.type))
            for name, column in (more or {}).items()
            if name not in known
        ]
        return scopes.Relation(at, tuple(columns))

    def shown_by(self, view: View) -> scopes.Relation:
        """Return a view with its columns, and their types as its query tells them."""
        from schemaops.sql import queries

        read = queries.query(
            view.query.text(in_full), self.dialect.name, self.scope(), view.columns
        )
        types = {output.name: output.type for output in read.outputs}
        return scopes.Relation(
            view.at,
            tuple(
                scopes.ScopeColumn(view.at.child(Kind.COLUMN, name), types.get(name))
                for name in view.columns
            ),
        )

    def scope(self, table: scopes.Relation | None = None) -> scopes.Scope:
        """Return the scope of a text in this statement."""
        return scopes.Scope(_Resolver(self), table)

    def expression(
        self,
        cursor: Cursor,
        table: scopes.Relation | None = None,
        target: Expression | None = None,
    ) -> Expression:
        """Take the rest of a cursor as an expression, whose value goes to a column of type
        `target`; raise what its problems are."""
        from schemaops.sql import expressions

        start, text = cursor.start, cursor.text()
        if not text:
            raise cursor.refuse()
        cursor.at = cursor.stop
        target = None if target is None else self.base_type(target)
        match () if target is None else target.normal:
            case (Address(kind=Kind.COMPOSITE | Kind.RANGE),) if text.lower() != "null":
                # The server keeps the value, in its own spelling.
                raise scopes.NotUnderstood("what the value of such a type is spelled like")
        read = expressions.read(text, self.dialect.name, self.scope(table), target)
        self.noted(read.mentions, read.problems, start)
        if not read.spelled and self.dialect.name != "sqlite":
            # SQLite keeps the text; the others what they make of it.
            raise scopes.NotUnderstood("what the server makes of an expression is not known")
        return read.expression

    def noted(
        self,
        mentions: Iterable[scopes.Mention],
        problems: Iterable[scopes.Problem],
        start: int,
    ) -> None:
        """Note the mentions of a text that starts at `start`; raise the first of its problems."""
        for problem in problems:
            raise problem.error()
        for mention in mentions:
            self.mentions.append(
                Mention(start + mention.start, start + mention.end, mention.address)
            )

    def witnessed(self, text: str, relations: Iterable[Address]) -> None:
        """Raise NotUnderstood unless a second reader finds the same tables and views in a text."""
        seen = witness.named_relations(text, self.dialect.name)
        if seen is not None and seen != frozenset(
            at.name.lower() for at in relations if at.kind in (Kind.TABLE, Kind.VIEW)
        ):
            raise scopes.NotUnderstood("two readers do not agree on which tables it names")

    def base_type(self, kind: Expression) -> Expression:
        """Return a type, or of a domain that which the server works with in its place."""
        match kind.normal:
            case (Address(kind=Kind.DOMAIN) as at,):
                domain = self.schema.get(at)
                if isinstance(domain, Domain):
                    return self.base_type(domain.type)
        return kind

    def type(self, cursor: Cursor) -> Expression:
        """Take the rest of a cursor as a column's type."""
        from schemaops.sql import types

        text = cursor.text()
        tokens = cursor.tokens[cursor.at : cursor.stop]
        cursor.at = cursor.stop
        found = types.column_type(text, self.dialect.name, self.scope())
        if self.dialect.name == "postgres" and types.is_unknown(found):
            self._must_be_a_type(tokens)
        for at in found.addresses():
            named = next(
                (t for t in reversed(tokens) if t.text.strip('"').lower() == at.name), None
            )
            if named is not None:
                self.mention(named, at)
        return found

    def _must_be_a_type(self, found: Sequence[Token]) -> None:
        """Raise MissingObject, unless an extension may have brought the type."""
        names = [fold(token.text, "postgres") for token in found[:1]]
        if len(found) > 2 and found[1].text == ".":
            names.append(fold(found[2].text, "postgres"))
        path = tuple(names)
        if (
            any(True for _ in self.schema.of_kind(Kind.EXTENSION))
            or path[0] == "information_schema"
        ):
            return
        raise MissingObject(Address(Kind.ENUM, path if len(path) > 1 else self.paths(path)[0]))


def in_full(at: Address) -> str:
    """Return how PostgreSQL's SQL names an object wherever it looks: a column by its own name."""
    path = at.path[-1:] if at.kind is Kind.COLUMN else at.path
    return ".".join(quote(name, "postgres") for name in path)


def _is_about(thing: Object, at: Address) -> bool:
    about = subject(thing) if attached(thing) else None
    if about is None or about == at:
        return about is not None
    # The columns of a view and the checks of a domain are no objects, and go with it.
    return at.kind is not Kind.TABLE and about.path[:-1] == at.path


class _Resolver:
    """Finds names in a reading's schema, for the readers of expressions and queries."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def relation(self, path: tuple[Name, ...]) -> scopes.Relation | None:
        """Return the table or view of that name."""
        return self._reading.relation(path)

    def type(self, path: tuple[Name, ...]) -> Address | None:
        """Return the enum of that name."""
        if len(path) == 1 and self._reading.dialect.name == "postgres" and is_built_in(path[0]):
            return None  # pg_catalog is looked through first
        found = self._reading.find(
            path, (Kind.ENUM, Kind.DOMAIN, Kind.COMPOSITE, Kind.RANGE)
        ) or self._reading.unmodelled(path, "base type")
        if found is None and self._reading.multirange(path):
            raise scopes.NotUnderstood(f"{path[-1]} is the multirange type of another")
        if found is None and (len(path) > 1 or not is_built_in(path[0])):
            return self._reading.find(path, (Kind.TABLE, Kind.VIEW))
        return found

    def attributes(self, at: Address) -> tuple[tuple[Name, Expression], ...]:
        """Return the attributes of a composite type in order, with their types."""
        thing = self._reading.schema.get(at)
        if not isinstance(thing, Composite):
            return ()
        types = {one.name: self._reading.base_type(one.type) for one in thing.attributes}
        return tuple((name, types[name]) for name in thing.names)

    def sequence(self, path: tuple[Name, ...]) -> Address | None:
        """Return the sequence of that name."""
        return self._reading.find(path, (Kind.SEQUENCE,))

    def sundry(self, path: tuple[Name, ...], kind: Kind) -> Address | None:
        """Return the object of that name that is of one of the kinds seldom used."""
        return self._reading.find(path, (kind,))

    def function(self, path: tuple[Name, ...]) -> scopes.Callee | None:
        """Return the function of that name."""
        return self._reading.function(path)

    def lacks_function(self, path: tuple[Name, ...]) -> bool:
        """Whether it is sure that there is no function of that name."""
        reading = self._reading
        if reading.blind or reading.dialect.name != "postgres" or path[0] == "information_schema":
            return False
        families = (Address(Kind.FUNCTION, place) for place in reading.paths(path))
        if any(reading.overloads(family) for family in families):
            return False
        # A type's name called is a cast, a column's name its value.
        if self.type(path) is not None or is_built_in(path[-1]):
            return False
        return not any(True for _ in reading.schema.of_kind(Kind.EXTENSION))
