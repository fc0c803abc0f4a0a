"""Privileges: which there are for each kind of object, and what objects come with when created.

PostgreSQL (manual, 5.8): PUBLIC may execute functions and use types from the first; what is granted by
default in a schema comes on top of that, what is so in all schemas takes its place.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.names import Address, Kind, Name
from schemaops.schema.objects import DefaultPrivileges, Grant, Object, granted
from schemaops.schema.state import Schema

__all__ = ["ALL", "EVERYWHERE", "PRIVILEGES", "canonical_set", "given_by_default", "of_public"]

ALL = "ALL"
EVERYWHERE = Address(Kind.SCHEMA, (Name(""),))

_ON_TABLES = frozenset(
    ["DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"]
)
_ON_COLUMNS = frozenset(["INSERT", "REFERENCES", "SELECT", "UPDATE"])
_USAGE = frozenset({"USAGE"})
_EXECUTE = frozenset({"EXECUTE"})

# Since version 17 there is MAINTAIN too; it is told where a role has not all the others.
PRIVILEGES: dict[Kind, frozenset[str]] = {
    Kind.TABLE: _ON_TABLES,
    Kind.VIEW: _ON_TABLES,
    Kind.COLUMN: _ON_COLUMNS,
    Kind.SEQUENCE: frozenset({"SELECT", "UPDATE", "USAGE"}),
    Kind.SCHEMA: frozenset({"CREATE", "USAGE"}),
    Kind.FUNCTION: _EXECUTE,
    Kind.PROCEDURE: _EXECUTE,
    Kind.ENUM: _USAGE,
    Kind.DOMAIN: _USAGE,
    Kind.COMPOSITE: _USAGE,
    Kind.RANGE: _USAGE,
    Kind.AGGREGATE: _EXECUTE,
    Kind.SERVER: _USAGE,
    Kind.WRAPPER: _USAGE,
}

_PLURALS: dict[Kind, str] = {
    Kind.TABLE: "tables",
    Kind.VIEW: "tables",
    Kind.SEQUENCE: "sequences",
    Kind.FUNCTION: "functions",
    Kind.PROCEDURE: "functions",
    Kind.ENUM: "types",
    Kind.DOMAIN: "types",
    Kind.COMPOSITE: "types",
    Kind.RANGE: "types",
    Kind.SCHEMA: "schemas",
    Kind.AGGREGATE: "functions",
}


_NOT_PUBLIC = (
    Kind.TABLE,
    Kind.VIEW,
    Kind.COLUMN,
    Kind.SEQUENCE,
    Kind.SCHEMA,
    Kind.SERVER,
    Kind.WRAPPER,
)


def of_public(on: Address) -> frozenset[str]:
    """Return what PUBLIC may do with an object from the first."""
    if on == Address(Kind.SCHEMA, (Name("public"),)):
        return _USAGE
    if on.kind in _NOT_PUBLIC:
        return frozenset()
    return PRIVILEGES.get(on.kind, frozenset())


def canonical_set(kind: Kind, held: dict[str, bool]) -> dict[str, bool]:
    """Return privileges, and whether each can be passed on, with ALL for all that there are."""
    base = PRIVILEGES[kind]
    if len(base) > 1 and base <= held.keys() and len({held[name] for name in base}) == 1:
        return {ALL: held[min(base)]}
    return held


def given_by_default(thing: Object, schema: Schema, creator: str = "") -> Iterator[Grant]:
    """Yield what an object comes with because of the default privileges of the schema, where
    `creator` makes it."""
    kind = _PLURALS.get(thing.at.kind)
    if kind is None:
        return
    on = thing.at
    first = of_public(on)
    held: dict[str, dict[str, bool]] = {"public": dict.fromkeys(first, False)}
    places = [EVERYWHERE]
    if on.kind is not Kind.SCHEMA:
        places.append(Address(Kind.SCHEMA, on.path[:1]))
    for place in places:
        for rule in schema.referrers(place):
            if not isinstance(rule, DefaultPrivileges):
                continue
            if rule.kind == kind and rule.creator == creator:
                mine = held.setdefault(rule.role, {})
                for name in PRIVILEGES[on.kind] if rule.privilege == ALL else {rule.privilege}:
                    if rule.revoked:
                        mine.pop(name, None)
                    else:
                        mine[name] = mine.get(name, False) or rule.grantable
    for role, mine in sorted(held.items()):
        of_all = first if role == "public" else frozenset()
        for name, grantable in sorted(canonical_set(on.kind, mine).items()):
            if name not in of_all or grantable:
                yield Grant(granted(on, role, name), on, role, name, grantable)
        for name in sorted(of_all - mine.keys()):
            yield Grant(granted(on, role, name), on, role, name, revoked=True)
