"""Together: facts of a column that each side may change, and that hardly any row can have both."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.merge.carry import Line
from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.world import Clash, said
from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Operation
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    ForeignKey,
    Grant,
    Index,
    Policy,
    PrimaryKey,
    Sundry,
    Unique,
)
from schemaops.schema.state import Schema
from schemaops.sql.predicates import Unknown, literal, value

__all__ = ["worn_out"]


def worn_out(base: Schema, ours: Line, theirs: Line) -> Iterator[tuple[int, int, Clash]]:
    """Yield where a default, a key or a required value of one side leaves a rule of the other none."""
    for mine, its, swapped in ((ours, theirs, False), (theirs, ours, True)):
        facts = [(i, o) for i, homes in enumerate(mine.homes) for o in homes if _is_fact(o)]
        if not facts:
            continue
        for j, homes in enumerate(its.homes):
            for rule in homes:
                if not isinstance(rule, Create):
                    continue
                for i, fact in facts:
                    reason = _worn(fact, rule, base)
                    if reason is not None:
                        clash = Clash(ConflictKind.CONTRADICTION, rule.at, reason)
                        yield (j, i, clash) if swapped else (i, j, clash)


def _is_fact(operation: Operation) -> bool:
    match operation:
        case Alter(fact="default") | Alter(fact="nullable", after=False):
            return True
        case Drop(thing=Grant() | PrimaryKey()):
            return True
        case Create(thing=PrimaryKey()) | Alter(fact="row_security", after=False):
            return True
        case _:
            return False


def _worn(fact: Operation, rule: Create, base: Schema) -> str | None:
    match fact, rule.thing:
        case Alter(at=at, fact="default", after=Expression() as made), Check() as check:
            return _against_check(at, made, check, base)
        case Alter(at=at, fact="default", after=Expression() as made), (Unique() | Index()) as key:
            if _single(key) == at and not isinstance(value(made, {}, base), Unknown | None):
                return f"{said(key.at)} takes the default of {said(at)} only once"
        case Drop(thing=Grant() as gone), Grant() as given if not given.revoked:
            if gone.on == given.on and gone.role == given.role:
                return f"one side takes privileges on {said(gone.on)} from {gone.role}, the other gives one"
        case Drop(thing=PrimaryKey() as gone), Sundry() as thing:
            table = Address(Kind.TABLE, gone.at.path[:-1])
            if thing.at.kind is Kind.PUBLICATION and table in set(thing.definition.addresses()):
                return f"{said(thing.at)} tells rows of {said(table)} apart by {said(gone.at)}"
        case Alter(at=at, fact="row_security"), Policy() as policy:
            if at.path == policy.at.path[:-1]:
                return f"{said(policy.at)} is for {said(at)}, whose row security is switched off"
        case Alter(at=at, fact="nullable"), Check() as check:
            if value(check.expression, {at: "x"}, base) is False and _only_null(check, at, base):
                return f"{said(check.at)} wants {said(at)} to be NULL, which it can no longer be"
        case ((Alter(fact="nullable") | Create()), ForeignKey() as key):
            required = {fact.at} if isinstance(fact, Alter) else set(_columns(fact))
            if "set null" in (key.on_delete, key.on_update) and required & set(key.columns):
                column = min(required & set(key.columns))
                return f"{said(key.at)} sets {said(column)} to NULL, which it can no longer be"
    return None


def _columns(operation: Operation) -> tuple[Address, ...]:
    thing = getattr(operation, "thing", None)
    return thing.columns if isinstance(thing, PrimaryKey) else ()


def _single(key: Unique | Index) -> Address | None:
    if isinstance(key, Unique):
        return key.columns[0] if len(key.columns) == 1 else None
    if not key.unique or key.where is not None or len(key.keys) != 1:
        return None
    (normal, *others) = key.keys[0].expression.normal
    return normal if isinstance(normal, Address) and not others else None


def _against_check(at: Address, made: Expression, check: Check, base: Schema) -> str | None:
    if at not in set(check.expression.addresses()):
        return None
    given = value(made, {}, base)
    if isinstance(given, Unknown) or given is None:
        return None
    if value(check.expression, {at: literal(given)}, base) is False:
        return f"the default of {said(at)} does not keep {said(check.at)}"
    return None


def _only_null(check: Check, at: Address, base: Schema) -> bool:
    """Whether a check holds for NULL and for neither text nor number."""
    return (
        value(check.expression, {at: None}, base) is True
        and value(check.expression, {at: 1}, base) is False
    )
