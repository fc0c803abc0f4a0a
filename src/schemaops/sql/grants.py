"""Recognise PostgreSQL's GRANT, REVOKE and ALTER DEFAULT PRIVILEGES.

What its owner and superusers may do with an object is outside the schema; of the roles that a statement
names, `postgres` is taken for one of those. Memberships, and privileges on what a cluster shares, are
outside too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop
from schemaops.schema.objects import DefaultPrivileges, Grant, Sequence, Table, View, granted
from schemaops.schema.privileges import (
    ALL,
    EVERYWHERE,
    PRIVILEGES,
    canonical_set,
    of_public,
)
from schemaops.schema.state import MissingObject
from schemaops.sql.binding.postgres_functions import is_of_server
from schemaops.sql.cursor import Cursor
from schemaops.sql.reading import Named, NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood

__all__ = [
    "OUTSIDE_ROLES",
    "alter_default_privileges",
    "grant",
    "named_role",
    "of_cluster",
    "owner_to",
    "reassign_owned",
    "revoke",
]

OUTSIDE_ROLES = frozenset({"postgres", "pg_database_owner"})
_WHOEVER = ("CURRENT_USER", "CURRENT_ROLE", "SESSION_USER")
_SHARED = (
    ("DATABASE",),
    ("TABLESPACE",),
    ("PARAMETER",),
    ("LARGE", "OBJECT"),
)
# Those of the server, of which no access list is shown.
_LANGUAGES = frozenset({"internal", "c", "sql", "plpgsql"})
_SERVERS = frozenset({"pg_catalog", "information_schema", "pg_toast"})
_TYPES = (Kind.ENUM, Kind.DOMAIN, Kind.COMPOSITE, Kind.RANGE)
_RELATIONS = (Kind.TABLE, Kind.VIEW, Kind.SEQUENCE)
_MANY: dict[str, tuple[Kind, ...]] = {
    "TABLES": (Kind.TABLE, Kind.VIEW),
    "SEQUENCES": (Kind.SEQUENCE,),
    "FUNCTIONS": (Kind.FUNCTION, Kind.AGGREGATE),
    "PROCEDURES": (Kind.PROCEDURE,),
    "ROUTINES": (Kind.FUNCTION, Kind.PROCEDURE, Kind.AGGREGATE),
}
_ROUTINES: dict[str, tuple[Kind, ...]] = {
    "FUNCTION": (Kind.FUNCTION, Kind.AGGREGATE),
    "PROCEDURE": (Kind.PROCEDURE,),
    "ROUTINE": (Kind.FUNCTION, Kind.PROCEDURE, Kind.AGGREGATE),
}
_DEFAULT_KINDS: dict[str, Kind] = {
    "TABLES": Kind.TABLE,
    "SEQUENCES": Kind.SEQUENCE,
    "FUNCTIONS": Kind.FUNCTION,
    "ROUTINES": Kind.FUNCTION,
    "TYPES": Kind.ENUM,
    "SCHEMAS": Kind.SCHEMA,
}


_NOT_MODELLED = frozenset(
    {"foreign table", "function", "procedure", "aggregate", "window function"}
)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a statement gives or takes: privileges with the columns each is for, and to whom."""

    privileges: tuple[tuple[str, tuple[Named, ...]], ...]
    giving: bool
    only_option: bool = False
    roles: tuple[str, ...] = ()
    option: bool = False


def grant(reading: Reading, cursor: Cursor) -> None:
    """Take what follows GRANT."""
    _give_or_take(reading, cursor, giving=True)


def revoke(reading: Reading, cursor: Cursor) -> None:
    """Take what follows REVOKE."""
    _give_or_take(reading, cursor, giving=False)


def of_cluster(reading: Reading, cursor: Cursor) -> None:
    """Take a statement about roles and the like: they are the cluster's, and no part of a schema."""
    if cursor.word() == "MAPPING":
        raise cursor.refuse()
    reading.masks.update(() if not cursor.take("IF", "EXISTS") else ("IF EXISTS",))
    cursor.at = cursor.stop


def owner_to(reading: Reading, cursor: Cursor, at: Address) -> None:
    """Take the role of OWNER TO: what it may do is outside the schema from then on."""
    _hand_over(reading, at, named_role(cursor))


def reassign_owned(reading: Reading, cursor: Cursor) -> None:
    """Take what follows REASSIGN OWNED: what is known to be one of the roles' changes hands."""
    cursor.need("BY")
    givers = [named_role(cursor)]
    while cursor.take_symbol(","):
        givers.append(named_role(cursor))
    cursor.need("TO")
    taker = named_role(cursor)
    cursor.end()
    for thing in sorted(reading.schema, key=lambda one: one.at):
        role = getattr(thing, "owning_role", None)
        if role is not None and role in givers:
            _hand_over(reading, thing.at, taker)


def _hand_over(reading: Reading, at: Address, role: str | None) -> None:
    owned = [at]
    owned += [
        thing.at
        for thing in reading.schema.referrers(at)
        if isinstance(thing, Sequence) and thing.owner is not None and at.covers(thing.owner)
    ]
    for on in owned:
        for thing in reading.schema.referrers(on) if role is not None else ():
            if isinstance(thing, Grant) and thing.role == role:
                if thing.on == on or on.covers(thing.on):
                    reading.emit(Drop(thing))
        if role is not None:
            reading.owners[on] = role
        # Last, so that undone it comes first: what an owner is granted is the next one's.
        before = getattr(reading.schema.get(on), "owning_role", role)
        if before != role:
            reading.emit(Alter(on, "owning_role", before, role))


def named_role(cursor: Cursor) -> str | None:
    """Return the role that comes next, None for the one at work."""
    if cursor.word() in _WHOEVER:
        cursor.at += 1
        return None
    return str(cursor.identifier()[0])


def _give_or_take(reading: Reading, cursor: Cursor, *, giving: bool) -> None:
    words = [token.text.upper() for token in cursor.tokens[cursor.at : cursor.stop]]
    if "ON" not in words:
        cursor.at = cursor.stop  # membership in a role
        return
    said = _privileges(cursor, giving=giving)
    cursor.need("ON")
    if any(cursor.take(*shared) for shared in _SHARED):
        cursor.at = cursor.stop
        return
    objects = _objects(reading, cursor)
    said = _roles(cursor, said)
    for on in objects:
        for role in said.roles:
            if reading.owners.get(on) == role:
                continue
            _apply(reading, on, role, said)


def _privileges(cursor: Cursor, *, giving: bool) -> _Said:
    only = not giving and cursor.take("GRANT", "OPTION", "FOR")
    found: list[tuple[str, tuple[Named, ...]]] = []
    while True:
        if cursor.take("ALL"):
            cursor.take("PRIVILEGES")
            name = ALL
        else:
            name = cursor.word()
            if not name:
                raise cursor.refuse()
            cursor.at += 1
            if name == "ALTER":
                cursor.need("SYSTEM")  # a privilege on parameters
        columns = tuple(cursor.names()) if cursor.symbol() == "(" else ()
        found.append((name, columns))
        if not cursor.take_symbol(","):
            return _Said(tuple(found), giving, only)


def _roles(cursor: Cursor, said: _Said) -> _Said:
    cursor.need("TO" if said.giving else "FROM")
    roles = []
    while True:
        cursor.take("GROUP")
        if cursor.word() in _WHOEVER:
            if not said.giving:
                raise cursor.refuse()
            cursor.at += 1  # whoever runs it owns what it makes
        elif cursor.take("PUBLIC"):
            roles.append("public")
        else:
            name = str(cursor.identifier()[0])
            if name not in OUTSIDE_ROLES:
                roles.append(name)
        if not cursor.take_symbol(","):
            break
    option = cursor.take("WITH", "GRANT", "OPTION")
    if cursor.take("GRANTED", "BY"):
        cursor.identifier()
    cursor.one_of("CASCADE", "RESTRICT")
    cursor.end()
    return replace(said, roles=tuple(dict.fromkeys(roles)), option=option)


def _objects(reading: Reading, cursor: Cursor) -> list[Address]:
    if cursor.take("ALL"):
        word = cursor.one_of(*_MANY)
        if not word:
            raise cursor.refuse()
        cursor.need("IN", "SCHEMA")
        spaces = list(_spaces(reading, cursor))
        return list(_all_in(reading, spaces, _MANY[word]))
    if cursor.take("SCHEMA"):
        return list(_spaces(reading, cursor))
    if cursor.sees("LANGUAGE") and cursor.word(1):
        cursor.at += 1
        if not {name for name, _ in _listed(cursor)} <= _LANGUAGES:
            raise cursor.refuse()
        return []
    kinds: tuple[Kind, ...] = _RELATIONS
    if cursor.take("SEQUENCE"):
        kinds = (Kind.SEQUENCE,)
    elif cursor.take("TYPE"):
        kinds = _TYPES
    elif cursor.take("DOMAIN"):
        kinds = (Kind.DOMAIN,)
    elif cursor.word() in _ROUTINES and cursor.sees_identifier() and not cursor.symbol(1):
        return _routines(reading, cursor, _ROUTINES[cursor.one_of(*_ROUTINES)])
    elif cursor.take("FOREIGN", "SERVER"):
        return _foreign(reading, cursor, Kind.SERVER)
    elif cursor.take("FOREIGN", "DATA", "WRAPPER"):
        return _foreign(reading, cursor, Kind.WRAPPER)
    elif cursor.word() == "FOREIGN" and cursor.word(1):
        raise cursor.refuse()
    else:
        cursor.take("TABLE")
    found = []
    while True:
        parts = cursor.qualified()
        names = tuple(name for name, _ in parts)
        at = reading.find(names, kinds)
        if at is None and kinds != _TYPES and _is_of_identity(reading, parts):
            at = None  # the sequence of an identity column is no object of its own
        elif at is None and reading.unmodelled(names, "foreign table", "base type") is not None:
            raise cursor.refuse()
        elif at is None and (names[0] in _SERVERS or (len(names) == 1 and names[0][:3] == "pg_")):
            at = None  # what the server brings is no part of a schema
        else:
            found.append(reading.existing(parts, *kinds))
        if not cursor.take_symbol(","):
            return found


def _foreign(reading: Reading, cursor: Cursor, kind: Kind) -> list[Address]:
    found = []
    for name, token in _listed(cursor):
        at = Address(kind, (name,))
        if at not in reading.schema:
            raise cursor.refuse()  # it may be of an extension
        reading.mention(token, at)
        found.append(at)
    return found


def _is_of_identity(reading: Reading, parts: list[Named]) -> bool:
    holder = reading.schema.holder(("relation", reading.path(parts)))
    return holder is not None and holder.kind is Kind.COLUMN


def _routines(reading: Reading, cursor: Cursor, kinds: tuple[Kind, ...]) -> list[Address]:
    from schemaops.sql.signatures import existing

    found = []
    while True:
        start = cursor.at
        names = [name for name, _ in cursor.qualified()]
        cursor.at = start
        at = existing(reading, cursor, kinds)
        if at is not None:
            found.append(at)
        elif names[0] != "pg_catalog" and not (len(names) == 1 and is_of_server(names[0])):
            raise cursor.refuse()  # it may be of an extension, or of a kind that is not modelled
        if not cursor.take_symbol(","):
            return found


def _listed(cursor: Cursor) -> list[Named]:
    found = [cursor.identifier()]
    while cursor.take_symbol(","):
        found.append(cursor.identifier())
    return found


def _spaces(reading: Reading, cursor: Cursor) -> Iterator[Address]:
    for named in _listed(cursor):
        if named[0] not in _SERVERS:
            yield _space(reading, named)


def _space(reading: Reading, named: Named) -> Address:
    at = Address(Kind.SCHEMA, (named[0],))
    if named[0] != "public" and at not in reading.schema:
        raise MissingObject(at)
    reading.mention(named[1], at)
    return at


def _all_in(reading: Reading, spaces: list[Address], kinds: tuple[Kind, ...]) -> Iterator[Address]:
    names = {space.name for space in spaces}
    for kind in kinds:
        for thing in sorted(reading.schema.of_kind(kind), key=lambda thing: thing.at.path):
            if thing.at.path[0] in names:
                yield thing.at
    for thing in reading.schema.of_kind(Kind.UNMODELLED):
        if thing.at.path[0] in _NOT_MODELLED and thing.at.path[1] in names:
            raise NotUnderstood(f"{thing.at.path[0]} {thing.at.name} is not modelled")


def _apply(reading: Reading, on: Address, role: str, said: _Said) -> None:
    for privilege, columns in said.privileges:
        if columns:
            for named in columns:
                _change(reading, reading.column(on, named), role, {privilege}, said)
            continue
        _change(reading, on, role, {privilege}, said)
        if not said.giving and on.kind in (Kind.TABLE, Kind.VIEW):
            # Taken from a table, a privilege is taken from each of its columns.
            for column in _columns(reading, on):
                if privilege == ALL or privilege in PRIVILEGES[Kind.COLUMN]:
                    _change(reading, column, role, {privilege}, said)


def _columns(reading: Reading, on: Address) -> list[Address]:
    thing = reading.schema.at(on)
    names = thing.columns if isinstance(thing, Table | View) else ()
    return [on.child(Kind.COLUMN, name) for name in names]


def _follow(held: dict[str, bool], wanted: set[str], said: _Said, *, of_all: bool) -> None:
    """Give or take privileges that a role holds (and whether it may pass them on), as it is said."""
    for privilege in wanted:
        if said.giving:
            held[privilege] = held.get(privilege, False) or said.option
        elif said.only_option:
            held.update({privilege: False} if privilege in held else {})
        else:
            held.pop(privilege, None)
    if of_all and not said.giving and not said.only_option:
        held.pop("MAINTAIN", None)


def _change(reading: Reading, on: Address, role: str, named: set[str], said: _Said) -> None:
    base = PRIVILEGES[on.kind]
    wanted = set(base) if ALL in named else named
    known = base | {"MAINTAIN"} if on.kind in (Kind.TABLE, Kind.VIEW) else base
    if not wanted <= known:
        raise NotAllowed(f"{min(wanted - known)} is no privilege on {on.kind} {on}", on)
    held = _held(reading, on, role)
    whole = base <= held.keys()
    _follow(held, wanted, said, of_all=ALL in named)
    if not said.giving and whole and held and not said.only_option and "MAINTAIN" not in base:
        if on.kind in (Kind.TABLE, Kind.VIEW):
            # Of all privileges, newer versions leave one that older ones do not have.
            raise NotUnderstood(f"what is left of all privileges on {on} is not known")
    _settle(reading, on, role, held)


def _held(reading: Reading, on: Address, role: str) -> dict[str, bool]:
    first = of_public(on) if role == "public" else frozenset()
    held = dict.fromkeys(first, False)
    for one in _grants(reading, on, role):
        names = PRIVILEGES[on.kind] if one.privilege == ALL else {one.privilege}
        for name in names:
            if one.revoked:
                held.pop(name, None)
            else:
                held[name] = one.grantable
    return held


def _grants(reading: Reading, on: Address, role: str) -> Iterator[Grant]:
    for name in (*sorted(PRIVILEGES[on.kind]), "MAINTAIN", ALL):
        one = reading.schema.get(granted(on, role, name))
        if isinstance(one, Grant):
            yield one


def _settle(reading: Reading, on: Address, role: str, held: dict[str, bool]) -> None:
    """Emit what makes the grants to a role those that it holds now."""
    first = of_public(on) if role == "public" else frozenset()
    wanted: dict[Address, Grant] = {}
    for name, grantable in canonical_set(on.kind, held).items():
        at = granted(on, role, name)
        if name not in first or grantable:
            wanted[at] = Grant(at, on, role, name, grantable)
    for name in first - held.keys():
        at = granted(on, role, name)
        wanted[at] = Grant(at, on, role, name, revoked=True)
    before = {one.at: one for one in _grants(reading, on, role)}
    for at, one in before.items():
        if at not in wanted:
            reading.emit(Drop(one))
    for at, one in wanted.items():
        old = before.get(at)
        if old is None:
            reading.emit(Create(one))
        else:
            _alter(reading, old, one)


def _alter(
    reading: Reading, old: Grant | DefaultPrivileges, new: Grant | DefaultPrivileges
) -> None:
    for fact in ("grantable", "revoked"):
        was, now = getattr(old, fact), getattr(new, fact)
        if was != now:
            reading.emit(Alter(old.at, fact, was, now))


# -- privileges by default


def alter_default_privileges(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER DEFAULT PRIVILEGES."""
    spaces = [EVERYWHERE]
    creators = [reading.role]
    while cursor.word() in ("FOR", "IN"):
        if cursor.take("FOR"):
            if not cursor.one_of("ROLE", "USER"):
                raise cursor.refuse()
            creators = [_creator(reading, cursor)]
            while cursor.take_symbol(","):
                creators.append(_creator(reading, cursor))
        else:
            cursor.need("IN", "SCHEMA")
            spaces = [_space(reading, named) for named in _listed(cursor)]
    giving = cursor.one_of("GRANT", "REVOKE")
    if not giving:
        raise cursor.refuse()
    said = _privileges(cursor, giving=giving == "GRANT")
    cursor.need("ON")
    if cursor.take("LARGE", "OBJECTS"):
        _roles(cursor, said)
        return
    word = cursor.one_of(*_DEFAULT_KINDS)
    if not word:
        raise cursor.refuse()
    kind = _DEFAULT_KINDS[word]
    said = _roles(cursor, said)
    names = {privilege for privilege, _ in said.privileges}
    for creator in dict.fromkeys(creators):
        for space in spaces:
            for role in said.roles:
                if role != creator:
                    _change_default(reading, _Rule(space, kind, role, creator), names, said)


def _creator(reading: Reading, cursor: Cursor) -> str:
    """Take a role whose objects are spoken of; "" for the one at work and its like."""
    if cursor.word() in _WHOEVER:
        cursor.at += 1
        return reading.role
    name = str(cursor.identifier()[0])
    return "" if name in OUTSIDE_ROLES else name


@dataclass(frozen=True, slots=True)
class _Rule:
    """Whose privileges are spoken of, on what, in which schema, and of whose making."""

    space: Address
    kind: Kind
    role: str
    creator: str


_PLURAL = {
    Kind.TABLE: "tables",
    Kind.SEQUENCE: "sequences",
    Kind.FUNCTION: "functions",
    Kind.ENUM: "types",
    Kind.SCHEMA: "schemas",
}


def _change_default(reading: Reading, rule: _Rule, names: set[str], said: _Said) -> None:
    kind = rule.kind
    base = PRIVILEGES[kind]
    wanted = set(base) if ALL in names else names
    known = base | {"MAINTAIN"} if kind is Kind.TABLE else base
    if not wanted <= known:
        raise NotAllowed(f"{min(wanted - known)} is no privilege on {_PLURAL[kind]}")
    first = _first_by_default(rule)
    held = dict.fromkeys(first, False)
    before: dict[Address, DefaultPrivileges] = {}
    for name in (*sorted(base), "MAINTAIN", ALL):
        one = reading.schema.get(_default_at(rule, name))
        if isinstance(one, DefaultPrivileges):
            before[one.at] = one
            for each in base if name == ALL else {name}:
                if one.revoked:
                    held.pop(each, None)
                else:
                    held[each] = one.grantable
    whole = base <= held.keys()
    _follow(held, wanted, said, of_all=ALL in names)
    if whole and held and not said.giving and kind is Kind.TABLE and not said.only_option:
        raise NotUnderstood("what is left of all privileges is not known")
    wanted_rules = _rules(rule, held, first)
    for at, one in before.items():
        if at not in wanted_rules:
            reading.emit(Drop(one))
    for at, one in wanted_rules.items():
        old = before.get(at)
        if old is None:
            reading.emit(Create(one))
        else:
            _alter(reading, old, one)


def _first_by_default(rule: _Rule) -> frozenset[str]:
    if rule.space != EVERYWHERE or rule.role != "public":
        return frozenset()
    return of_public(Address(rule.kind, ()))


def _rules(
    rule: _Rule, held: dict[str, bool], first: Iterable[str]
) -> dict[Address, DefaultPrivileges]:
    def one(name: str, *, grantable: bool = False, revoked: bool = False) -> DefaultPrivileges:
        at, plural = _default_at(rule, name), _PLURAL[rule.kind]
        return DefaultPrivileges(
            at, rule.space, plural, rule.role, name, grantable, revoked, rule.creator
        )

    found = [
        one(name, grantable=grantable)
        for name, grantable in canonical_set(rule.kind, held).items()
        if name not in first or grantable
    ]
    found += [one(name, revoked=True) for name in set(first) - held.keys()]
    return {thing.at: thing for thing in found}


def _default_at(rule: _Rule, privilege: str) -> Address:
    names = (rule.creator, _PLURAL[rule.kind], rule.role, privilege)
    return Address(Kind.DEFAULT_PRIVILEGES, (rule.space.name, *map(Name, names)))
