"""What PostgreSQL's statements say about other objects: comments and privileges."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop, Operation
from schemaops.schema.objects import (
    Comment,
    DefaultPrivileges,
    Domain,
    Grant,
    Object,
    View,
    attached,
    subject,
)
from schemaops.schema.privileges import given_by_default
from schemaops.schema.state import Schema
from schemaops.sql.names import quote
from schemaops.sql.rendering.clumps import Clump
from schemaops.sql.rendering.spelling import Spelling, option
from schemaops.sql.unmodelled import phrase

__all__ = ["Access", "without_implied"]

_Privilege = Grant | DefaultPrivileges
_TYPES = (Kind.ENUM, Kind.DOMAIN, Kind.COMPOSITE, Kind.RANGE)


def without_implied(line: Sequence[Clump]) -> Iterator[Clump]:
    """Yield clumps, those apart that take off what goes with its object."""
    going = {
        operation.thing.at: place
        for place, clump in enumerate(line)
        for operation in clump.operations
        if isinstance(operation, Drop)
    }
    for place, clump in enumerate(line):
        chief = clump.chief
        if isinstance(chief, Drop) and attached(chief.thing):
            about = subject(chief.thing)
            above = Address(Kind.VIEW, about.path[:-1])
            if any(going.get(at, -1) > place for at in (about, above)):
                continue
        yield clump


class Access:
    """Writes COMMENT ON, GRANT and REVOKE."""

    def __init__(self, spell: Spelling) -> None:
        self.spell = spell

    def comment(self, thing: Comment, schema: Schema, *, gone: bool = False) -> str:
        """Return COMMENT ON for an object."""
        text = "NULL" if gone else self.spell.literal(thing.text)
        return f"COMMENT ON {self._phrase(thing.on, schema)} IS {text}"

    def named(self, on: Address, schema: Schema) -> str:
        """Return an object's kind and name as ALTER has them."""
        if on.kind is Kind.TABLE:
            return f"TABLE {self.spell.at(on)}"
        return self._phrase(on, schema)

    def _phrase(self, on: Address, schema: Schema) -> str:
        here = self.spell.at(on)
        above = on.path[:-1]
        match on.kind:
            case Kind.VIEW:
                view = schema.get(on)
                kept = isinstance(view, View) and option(view.options, "materialized")
                return f"{'MATERIALIZED VIEW' if kept else 'VIEW'} {here}"
            case Kind.COLUMN:
                return f"COLUMN {self.spell.at(Address(Kind.TABLE, above))}.{here}"
            case Kind.CHECK if isinstance(schema.get(Address(Kind.DOMAIN, above)), Domain):
                return f"CONSTRAINT {here} ON DOMAIN {self.spell.at(Address(Kind.DOMAIN, above))}"
            case Kind.PRIMARY_KEY | Kind.UNIQUE | Kind.CHECK | Kind.FOREIGN_KEY:
                return f"CONSTRAINT {here} ON {self.spell.at(Address(Kind.TABLE, above))}"
            case Kind.POLICY:
                return f"POLICY {self.spell.name(on.name)} ON {self.spell.at(Address(Kind.TABLE, above))}"
            case _:
                return phrase(on)

    def privileges(self, clumps: Iterable[Clump]) -> Iterator[str]:
        """Yield the statements of changes of privileges, alike ones together."""
        for _, run in groupby(clumps, key=_alike):
            together = list(run)
            change = together[0].chief
            names = [_name(clump) for clump in together]
            yield from self._statements(change, _thing(together[0]), names)
            if isinstance(change, Drop) and isinstance(change.thing, Grant):
                yield from self._columns_again(change.thing, names, together[0].before)

    def given(self, thing: _Privilege) -> str:
        """Return the statement that makes a privilege what it is."""
        if thing.revoked:
            return self._said("REVOKE", thing, [thing.privilege])
        return self._said("GRANT", thing, [thing.privilege], option=thing.grantable)

    def _statements(self, change: Operation, thing: _Privilege, names: list[str]) -> Iterator[str]:
        if isinstance(change, Alter):
            if change.after:
                yield self._said("GRANT", thing, names, option=True)
            else:
                yield self._said("REVOKE", thing, names, only_option=True)
            return
        giving = isinstance(change, Create) != thing.revoked
        option = giving and thing.grantable
        yield self._said("GRANT" if giving else "REVOKE", thing, names, option=option)

    def _columns_again(self, thing: Grant, names: list[str], schema: Schema) -> Iterator[str]:
        """Yield what a role may do with columns, where taking it from the table takes that too."""
        if thing.on.kind not in (Kind.TABLE, Kind.VIEW):
            return
        for other in schema.referrers(thing.on):
            if (
                isinstance(other, Grant)
                and other.on.kind is Kind.COLUMN
                and other.role == thing.role
            ):
                if "ALL" in names or other.privilege in (*names, "ALL"):
                    yield self.given(other)

    def _said(
        self,
        verb: str,
        thing: _Privilege,
        names: list[str],
        *,
        option: bool = False,
        only_option: bool = False,
    ) -> str:
        role = "PUBLIC" if thing.role == "public" else quote(Name(thing.role), "postgres")
        words = [verb]
        if only_option:
            words.append("GRANT OPTION FOR")
        column = isinstance(thing, Grant) and thing.on.kind is Kind.COLUMN
        tail = f" ({self.spell.at(thing.on)})" if column and isinstance(thing, Grant) else ""
        words.append(", ".join(name + tail for name in names))
        words.append(f"ON {self._on(thing)} {'TO' if verb == 'GRANT' else 'FROM'} {role}")
        if option:
            words.append("WITH GRANT OPTION")
        return self._head(thing) + " ".join(words)

    def _on(self, thing: _Privilege) -> str:
        if isinstance(thing, DefaultPrivileges):
            return thing.kind.upper()
        on = thing.on
        if on.kind is Kind.COLUMN:
            return f"TABLE {self.spell.at(Address(Kind.TABLE, on.path[:-1]))}"
        if on.kind in (Kind.TABLE, Kind.VIEW):
            return f"TABLE {self.spell.at(on)}"
        if on.kind in _TYPES:
            return f"TYPE {self.spell.at(on)}"
        if on.kind is Kind.AGGREGATE:
            # Without arguments it is written as a function here.
            return phrase(on).replace("AGGREGATE", "FUNCTION", 1).replace("(*)", "()")
        if on.kind is Kind.SERVER:
            return f"FOREIGN {phrase(on)}"
        return phrase(on)

    def _head(self, thing: _Privilege) -> str:
        if isinstance(thing, Grant):
            return ""
        creator = f"FOR ROLE {quote(Name(thing.creator), 'postgres')} " if thing.creator else ""
        space = f"IN SCHEMA {self.spell.at(thing.space)} " if thing.space.name else ""
        return f"ALTER DEFAULT PRIVILEGES {creator}{space}"

    def not_by_default(self, clump: Clump, granted: Collection[Address]) -> Iterator[str]:
        """Yield what takes privileges off that objects come with and are not to have."""
        for thing in clump.created():
            for grant in given_by_default(thing, clump.before):
                if grant.at not in granted:
                    yield from self._statements(Drop(grant), grant, [grant.privilege])

    def again(self, thing: Object, schema: Schema) -> Iterator[str]:
        """Yield what is said about an object, and about its columns, after it was made again."""
        for grant in given_by_default(thing, schema):
            if grant.at not in schema:
                yield from self._statements(Drop(grant), grant, [grant.privilege])
        for other in schema.referrers(thing.at):
            if not attached(other) or thing.at not in (subject(other), _above(subject(other))):
                continue
            at = subject(other)
            if isinstance(thing, View) and at != thing.at and at.name not in thing.columns:
                continue
            if isinstance(other, Comment):
                yield self.comment(other, schema)
            else:
                yield self.given(other)


def _above(at: Address) -> Address:
    return Address(Kind.VIEW, at.path[:-1])


def _thing(clump: Clump) -> _Privilege:
    chief = clump.chief
    found = chief.thing if isinstance(chief, Create | Drop) else None
    if found is None and isinstance(chief, Alter):
        found = clump.before.at(chief.at)
    assert isinstance(found, Grant | DefaultPrivileges)
    return found


def _name(clump: Clump) -> str:
    return _thing(clump).privilege


def _alike(clump: Clump) -> tuple[object, ...]:
    chief, thing = clump.chief, _thing(clump)
    change = chief.after if isinstance(chief, Alter) else None
    where = thing.on if isinstance(thing, Grant) else thing.space
    kind = (thing.kind, thing.creator) if isinstance(thing, DefaultPrivileges) else ""
    flags = (None, None) if isinstance(chief, Alter) else (thing.grantable, thing.revoked)
    return (type(chief), where, kind, thing.role, change, flags)
