"""Recognise PostgreSQL's CREATE, ALTER and DROP DOMAIN."""

from __future__ import annotations

from dataclasses import replace

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Rename
from schemaops.schema.expressions import Expression, Piece
from schemaops.schema.objects import Domain, DomainCheck, Options
from schemaops.schema.state import MissingObject
from schemaops.sql import dropping, expressions, grants, moving
from schemaops.sql.cursor import Cursor
from schemaops.sql.dialects.postgres import domain_check_name
from schemaops.sql.reading import Named, NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood, Relation, Resolver, Scope, ScopeColumn

__all__ = ["alter_domain", "collation", "create_domain", "domain_check", "drop_domain"]

_STOPS = ("COLLATE", "DEFAULT", "CONSTRAINT", "NOT", "NULL", "CHECK")


def domain_check(text: str, at: Address, base: Expression, resolver: Resolver) -> Expression:
    """Return what a domain checks; the value is a word in it, of the domain's base type."""
    value = at.child(Kind.COLUMN, "value")
    scope = Scope(resolver, Relation(at, (ScopeColumn(value, base),)))
    read = expressions.read(text, "postgres", scope)
    for problem in read.problems:
        raise problem.error()
    found = read.expression
    return Expression(_filled(found.normal, value), _filled(found.written, value))


def _filled(pieces: tuple[Piece, ...], value: Address) -> tuple[Piece, ...]:
    joined: list[Piece] = []
    for piece in pieces:
        text = "VALUE" if piece == value else piece
        if isinstance(text, str) and joined and isinstance(joined[-1], str):
            joined[-1] += text
        else:
            joined.append(text)
    return tuple(joined)


def create_domain(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE DOMAIN."""
    parts = cursor.qualified()
    at = Address(Kind.DOMAIN, reading.path(parts))
    reading.mention_path(parts, at)
    cursor.take("AS")
    domain = Domain(at, reading.type(cursor.until(*_STOPS)))
    for base in map(reading.schema.get, domain.type.addresses()):
        if isinstance(base, Domain) and domain.type.normal == (base.at,):
            domain = replace(domain, default=base.default)
    while not cursor.done:
        named = cursor.identifier() if cursor.take("CONSTRAINT") else None
        if named is None and cursor.take("COLLATE"):
            domain = replace(domain, collation=collation(cursor))
        elif named is None and cursor.take("DEFAULT"):
            value = cursor.until("COLLATE", "CONSTRAINT", "NOT", "NULL", "CHECK")
            if cursor.word() == "NULL" and cursor.at == value.at:
                cursor.at += 1  # DEFAULT NULL is none
                domain = replace(domain, default=None)
                continue
            default = reading.expression(value, target=domain.type)
            domain = replace(domain, default=_unless_null(default))
        elif cursor.take("NOT", "NULL"):
            domain = replace(domain, nullable=False)
        elif cursor.take("NULL"):
            if not domain.nullable:
                raise NotAllowed(f"domain {at} is both NULL and NOT NULL", at)
        elif cursor.take("CHECK"):
            inner = cursor.inside()
            domain = _with_check(reading, domain, inner, named, ())
        else:
            raise cursor.refuse()
    reading.emit(Create(domain))


def collation(cursor: Cursor) -> str | None:
    """Take a collation's name; return it as the catalogue has it, None for the default one."""
    names = [name.spelling for name, _ in cursor.qualified()]
    if names[0] == "pg_catalog":
        del names[0]
    return None if names == ["default"] else ".".join(names)


def _unless_null(value: Expression) -> Expression | None:
    return None if expressions.is_null(value, "postgres") else value


def _with_check(
    reading: Reading, domain: Domain, inner: Cursor, named: Named | None, options: Options
) -> Domain:
    start, text = inner.start, inner.text()
    base = reading.base_type(domain.type)
    value = domain.at.child(Kind.COLUMN, "value")
    scope = reading.scope(Relation(domain.at, (ScopeColumn(value, base),)))
    read = expressions.read(text, "postgres", scope)
    reading.noted([m for m in read.mentions if m.address != value], read.problems, start)
    expression = domain_check(text, domain.at, base, scope.resolver)
    taken = {check.name for check in domain.checks}
    if named is None:
        name = domain_check_name(reading.schema, domain.at, taken)
    else:
        name = named[0]
        if name in taken:
            raise NotAllowed(f"domain {domain.at} has a constraint {name} already", domain.at)
    made = DomainCheck(name, expression, options)
    return replace(domain, checks=_by_name((*domain.checks, made)))


def _by_name(checks: tuple[DomainCheck, ...]) -> tuple[DomainCheck, ...]:
    return tuple(sorted(checks, key=lambda check: check.name))


def alter_domain(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER DOMAIN."""
    parts = cursor.qualified()
    at = reading.existing(parts, Kind.DOMAIN)
    domain = reading.schema.at(at)
    assert isinstance(domain, Domain)
    new = domain
    if cursor.take("SET", "DEFAULT"):
        value = Cursor(cursor.statement, cursor.dialect, cursor.at, cursor.stop)
        cursor.at = cursor.stop
        default = reading.expression(value, target=domain.type)
        new = replace(domain, default=_unless_null(default))
    elif cursor.take("DROP", "DEFAULT"):
        new = replace(domain, default=None)
    elif cursor.take("SET", "NOT", "NULL"):
        new = replace(domain, nullable=False)
    elif cursor.take("DROP", "NOT", "NULL"):
        new = replace(domain, nullable=True)
    elif cursor.take("ADD"):
        named = cursor.identifier() if cursor.take("CONSTRAINT") else None
        if cursor.take("NOT", "NULL"):
            new = replace(domain, nullable=False)
        else:
            cursor.need("CHECK")
            inner = cursor.inside()
            options: Options = (("not valid", "true"),) if cursor.take("NOT", "VALID") else ()
            new = _with_check(reading, domain, inner, named, options)
    elif cursor.take("DROP", "CONSTRAINT"):
        new = _without(reading, cursor, domain)
    elif cursor.take("VALIDATE", "CONSTRAINT"):
        check = _check(domain, cursor.identifier()[0])
        new = _replaced(domain, check, replace(check, options=()))
    elif cursor.take("RENAME", "CONSTRAINT"):
        check = _check(domain, cursor.identifier()[0])
        cursor.need("TO")
        name = cursor.identifier()[0]
        if any(other.name == name for other in domain.checks):
            raise NotAllowed(f"domain {at} has a constraint {name} already", at)
        new = _replaced(domain, check, replace(check, name=name))
        if any(thing.at.kind is Kind.COMMENT for thing in reading.schema.referrers(at)):
            raise cursor.refuse()
    elif cursor.take("RENAME", "TO"):
        called = cursor.identifier()
        cursor.end()
        reading.emit(Rename(at, at.sibling(called[0])))
        reading.mention(called[1], at.sibling(called[0]))
        return
    elif cursor.take("SET", "SCHEMA"):
        space, token = cursor.identifier()
        cursor.end()
        reading.mention(token, Address(Kind.SCHEMA, (space,)))
        moving.to_schema(reading, at, space)
        return
    elif cursor.take("OWNER", "TO"):
        grants.owner_to(reading, cursor, at)
    else:
        raise cursor.refuse()
    cursor.end()
    for fact in ("nullable", "default", "checks"):
        old, value = getattr(domain, fact), getattr(new, fact)
        if old != value:
            reading.emit(Alter(at, fact, old, value))


def _check(domain: Domain, name: Name) -> DomainCheck:
    for check in domain.checks:
        if check.name == name:
            return check
    raise MissingObject(domain.at.child(Kind.CHECK, name))


def _replaced(domain: Domain, old: DomainCheck, new: DomainCheck) -> Domain:
    rest = tuple(check for check in domain.checks if check != old)
    return replace(domain, checks=_by_name((*rest, new)))


def _without(reading: Reading, cursor: Cursor, domain: Domain) -> Domain:
    guarded = cursor.take("IF", "EXISTS")
    name = cursor.identifier()[0]
    cursor.one_of("CASCADE", "RESTRICT")
    if guarded:
        reading.masks.add("IF EXISTS")
    rest = tuple(check for check in domain.checks if check.name != name)
    if rest == domain.checks:
        if not domain.nullable:
            # Since version 17 a NOT NULL has a name, by which it can be dropped.
            raise NotUnderstood(f"{name} may be the NOT NULL of {domain.at}")
        if not guarded:
            raise MissingObject(domain.at.child(Kind.CHECK, name))
    return replace(domain, checks=rest)


def drop_domain(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP DOMAIN."""
    named, guarded, cascade = dropping.clause(reading, cursor)
    for parts in named:
        at = reading.find(tuple(name for name, _ in parts), (Kind.DOMAIN,))
        if at is None:
            if guarded:
                continue
            raise MissingObject(Address(Kind.DOMAIN, reading.path(parts)))
        reading.mention_path(parts, at)
        dropping.drop_type(reading, at, cascade=cascade)
