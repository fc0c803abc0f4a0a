"""Recognise PostgreSQL's CREATE, ALTER and DROP POLICY, and what ALTER TABLE says of row security."""

from __future__ import annotations

from dataclasses import replace

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Rename
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Policy, Table
from schemaops.schema.state import MissingObject
from schemaops.sql.cursor import Cursor
from schemaops.sql.lexer import TokenKind
from schemaops.sql.reading import Named, NotAllowed, Reading

__all__ = ["alter_policy", "create_policy", "drop_policy", "role", "roles", "row_security"]

_SPECIAL = ("CURRENT_USER", "CURRENT_ROLE", "SESSION_USER")


def role(cursor: Cursor) -> str:
    """Take a role's name, `public` for everybody; raise NotUnderstood for whoever is at work."""
    token = cursor.token
    if token is not None and token.kind is TokenKind.WORD:
        if token.text.upper() in _SPECIAL:
            raise cursor.refuse()
        if token.text.upper() == "PUBLIC":
            cursor.at += 1
            return "public"
    return str(cursor.identifier()[0])


def roles(cursor: Cursor) -> tuple[str, ...]:
    """Take roles with commas between; return their names sorted."""
    found = {role(cursor)}
    while cursor.take_symbol(","):
        found.add(role(cursor))
    return ("public",) if "public" in found else tuple(sorted(found))


def create_policy(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE POLICY."""
    named = cursor.identifier()
    cursor.need("ON")
    table = reading.table(cursor.qualified())
    policy = Policy(table.child(Kind.POLICY, named[0]))
    reading.mention(named[1], policy.at)
    if cursor.take("AS"):
        word = cursor.one_of("PERMISSIVE", "RESTRICTIVE")
        if not word:
            raise cursor.refuse()
        policy = replace(policy, permissive=word == "PERMISSIVE")
    if cursor.take("FOR"):
        word = cursor.one_of("ALL", "SELECT", "INSERT", "UPDATE", "DELETE")
        if not word:
            raise cursor.refuse()
        policy = replace(policy, command=word.lower())
    policy = _with_clauses(reading, cursor, policy, table)
    reading.emit(Create(policy))


def _with_clauses(reading: Reading, cursor: Cursor, policy: Policy, table: Address) -> Policy:
    if cursor.take("TO"):
        policy = replace(policy, roles=roles(cursor))
    if cursor.take("USING"):
        policy = replace(policy, using=_condition(reading, cursor, table))
    if cursor.take("WITH", "CHECK"):
        policy = replace(policy, check=_condition(reading, cursor, table))
    cursor.end()
    at, command = policy.at, policy.command
    if policy.using is not None and command == "insert":
        raise NotAllowed(f"policy {at} is for INSERT, which has no USING", at)
    if policy.check is not None and command in ("select", "delete"):
        raise NotAllowed(f"policy {at} is for {command.upper()}, which has no WITH CHECK", at)
    return policy


def _condition(reading: Reading, cursor: Cursor, table: Address) -> Expression:
    return reading.expression(cursor.inside(), reading.relation_at(table))


def alter_policy(reading: Reading, cursor: Cursor) -> None:
    """Take what follows ALTER POLICY."""
    named = cursor.identifier()
    cursor.need("ON")
    table = reading.table(cursor.qualified())
    policy = _existing(reading, table, named)
    if cursor.take("RENAME", "TO"):
        new = cursor.identifier()
        cursor.end()
        reading.emit(Rename(policy.at, policy.at.sibling(new[0])))
        reading.mention(new[1], policy.at.sibling(new[0]))
        return
    after = _with_clauses(reading, cursor, policy, table)
    for fact in ("roles", "using", "check"):
        old, value = getattr(policy, fact), getattr(after, fact)
        if old != value:
            reading.emit(Alter(policy.at, fact, old, value))


def _existing(reading: Reading, table: Address, named: Named) -> Policy:
    at = table.child(Kind.POLICY, named[0])
    policy = reading.schema.get(at)
    if not isinstance(policy, Policy):
        raise MissingObject(at)
    reading.mention(named[1], at)
    return policy


def drop_policy(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP POLICY."""
    guarded = cursor.take("IF", "EXISTS")
    named = cursor.identifier()
    cursor.need("ON")
    parts = cursor.qualified()
    cursor.one_of("CASCADE", "RESTRICT")
    cursor.end()
    if guarded:
        reading.masks.add("IF EXISTS")
        table = reading.find(tuple(name for name, _ in parts), (Kind.TABLE,))
        if table is None or table.child(Kind.POLICY, named[0]) not in reading.schema:
            return
    reading.emit(Drop(_existing(reading, reading.table(parts), named)))


def row_security(reading: Reading, cursor: Cursor, at: Address) -> None:
    """Take ENABLE, DISABLE, FORCE or NO FORCE ROW LEVEL SECURITY."""
    fact = "row_security" if cursor.word() in ("ENABLE", "DISABLE") else "forced_row_security"
    value = not (cursor.take("DISABLE") or cursor.take("NO"))
    cursor.one_of("ENABLE", "FORCE")
    cursor.need("ROW", "LEVEL", "SECURITY")
    table = reading.schema.table(at)
    assert isinstance(table, Table)
    if getattr(table, fact) != value:
        reading.emit(Alter(at, fact, not value, value))
