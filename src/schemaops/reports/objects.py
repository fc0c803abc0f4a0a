"""Objects and operations in words, and as plain data: what `schema`, `diff` and `show` print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, assert_never

from schemaops.names import Address, Kind, Name
from schemaops.operations import (
    Alter,
    Create,
    Drop,
    Opaque,
    Operation,
    Rename,
    Reorder,
    Rows,
)
from schemaops.reports.text import one_line
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    Column,
    Comment,
    Composite,
    DefaultPrivileges,
    Domain,
    Enum,
    ForeignKey,
    Grant,
    Index,
    Object,
    Policy,
    PrimaryKey,
    Range,
    Statistics,
    Table,
    Trigger,
    Unique,
    Unmodelled,
    View,
)

__all__ = [
    "fact_words",
    "facts",
    "object_shape",
    "operation_shape",
    "operation_words",
    "shown",
    "words",
]


def shown(at: Address, default_schema: str | None) -> str:
    """Return an address as people read it: without the default schema, and what has no name by
    the table it stands in."""
    if at.path and at.name.startswith("~"):
        at = Address(at.kind, at.path[:-1])
    if default_schema is not None and len(at.path) > 1 and at.path[0] == default_schema:
        return str(Address(at.kind, at.path[1:]))
    return str(at)


def object_shape(thing: Object) -> dict[str, object]:
    """Return an object as plain data: its address, its kind and its facts."""
    return {"address": str(thing.at), "kind": thing.at.kind.value, **facts(thing)}


def operation_shape(operation: Operation) -> dict[str, object]:
    """Return an operation as plain data, its first key `operation`."""
    verb = type(operation).__name__.lower()
    match operation:
        case Create(thing) | Drop(thing):
            return {"operation": verb, **object_shape(thing)}
        case Alter(at, fact, before, after):
            return {
                "operation": verb,
                "address": str(at),
                "kind": at.kind.value,
                "fact": fact,
                "before": _plain(before),
                "after": _plain(after),
            }
        case Rename(old, new):
            return {
                "operation": verb,
                "address": str(old),
                "kind": old.kind.value,
                "to": str(new),
            }
        case Reorder(at, before, after):
            return {
                "operation": verb,
                "address": str(at),
                "kind": at.kind.value,
                "before": [name.spelling for name in before],
                "after": [name.spelling for name in after],
            }
        case Rows():
            return {
                "operation": verb,
                "address": str(operation.table),
                "kind": operation.table.kind.value,
                "verb": operation.verb,
                "columns": [str(at) for at in operation.columns],
            }
        case Opaque(text, effect, how):
            return {
                "operation": verb,
                "sql": text,
                "how": how,
                "effect": None if effect is None else [operation_shape(one) for one in effect],
            }
        case _:
            assert_never(operation)


def operation_words(operation: Operation, default_schema: str | None = None) -> str:
    """Return an operation in one line of words."""
    match operation:
        case Create(thing):
            return f"create {words(thing, default_schema)}"
        case Drop(thing=Comment() | Grant() as thing):
            return f"drop {words(thing, default_schema)}"
        case Drop(thing):
            return f"drop {thing.at.kind} {shown(thing.at, default_schema)}"
        case Alter(at, fact, before, after):
            where = f"{at.kind} {shown(at, default_schema)}"
            change = f"{_value(before)} → {_value(after)}"
            return f"alter {where}: {fact.replace('_', ' ')} {change}"
        case Rename(old, new):
            return f"rename {old.kind} {shown(old, default_schema)} to {new.name.spelling}"
        case Reorder(at, _, after):
            names = ", ".join(name.spelling for name in after)
            return f"reorder the columns of {shown(at, default_schema)}: {names}"
        case Rows():
            verb = f"{operation.verb} rows of {shown(operation.table, default_schema)}"
            columns = ", ".join(at.name.spelling for at in operation.columns)
            return f"{verb} ({columns})" if columns else verb
        case Opaque(text, effect, how):
            known = "of unknown effect" if effect is None else f"with its effect {how}"
            return f"opaque, {known}: {one_line(text, 60)}"
        case _:
            assert_never(operation)


def words(thing: Object, default_schema: str | None = None) -> str:
    """Return an object in one line of words: kind, address and what matters most of it."""
    head = f"{thing.at.kind} {shown(thing.at, default_schema)}"
    match thing:
        case Column():
            return " ".join((head, *_of_column(thing)))
        case PrimaryKey(columns=columns) | Unique(columns=columns):
            return f"{head} ({_names(columns)})"
        case ForeignKey(columns=columns, table=table, referred=referred):
            to = f"{shown(table, default_schema)} ({_names(referred)})"
            return f"{head} ({_names(columns)}) references {to}"
        case Check(expression=expression):
            return f"{head}: {one_line(str(expression), 60)}"
        case Index(table=table, keys=keys, unique=unique, where=where):
            kind = "unique " if unique else ""
            on = ", ".join(str(key.expression) for key in keys)
            part = "" if where is None else f" where {one_line(str(where), 40)}"
            return f"{kind}{head} on {shown(table, default_schema)} ({on}){part}"
        case Enum(values=values):
            return f"{head} ({', '.join(values)})"
        case Table(columns=columns) if columns:
            return f"{head} ({', '.join(name.spelling for name in columns)})"
        case View(columns=columns):
            if ("materialized", "true") in thing.options:
                head = f"materialized {head}"
            return f"{head} ({', '.join(name.spelling for name in columns)})"
        case Trigger(table=table, timing=timing, events=events):
            on = shown(table, default_schema)
            return f"{head}: {timing} {' or '.join(events)} on {on}"
        case Domain(type=base, nullable=nullable):
            return f"{head} as {base}{'' if nullable else ' not null'}"
        case Composite(attributes=attributes):
            inside = ", ".join(f"{one.name.spelling} {one.type}" for one in attributes)
            return f"{head} ({inside})"
        case Range(subtype=subtype):
            return f"{head} of {subtype}"
        case Policy(command=command, roles=roles):
            return f"{head} for {command} to {', '.join(roles)}"
        case Statistics(table=table, keys=keys):
            on = ", ".join(str(key) for key in keys)
            return f"{head} on {shown(table, default_schema)} ({on})"
        case Grant(on=about, role=role, privilege=privilege, revoked=revoked):
            there = f"{about.kind} {shown(about, default_schema)}"
            return f"{'revoked ' if revoked else ''}grant of {privilege} on {there} to {role}"
        case DefaultPrivileges(role=role, privilege=privilege, revoked=revoked):
            space = f" in {thing.space}" if thing.space.name else ""
            what = f"{'revoked ' if revoked else ''}default privilege {privilege}"
            return f"{what} on {thing.kind}{space} to {role}"
        case Comment(on=about, text=text):
            return f"comment on {about.kind} {shown(about, default_schema)}: {one_line(text, 40)}"
        case Unmodelled(what=what):
            return f"{what} {shown(thing.at, default_schema)}"
        case _:
            return head


def facts(value: Any) -> dict[str, object]:
    """Return the facts of an object as plain data, those apart that say nothing."""
    return {
        field.name: _plain(getattr(value, field.name))
        for field in fields(value)
        if field.name != "at"
    }


def fact_words(wanted: Object, found: Object) -> tuple[str, ...]:
    """Return the facts in which an object differs from what was wanted, in words."""
    return tuple(
        f"{field.name.replace('_', ' ')} is {_value(there)}, was {_value(was)}"
        for field in fields(wanted)
        if field.name != "at" and field.compare
        for was, there in ((getattr(wanted, field.name), getattr(found, field.name)),)
        if was != there
    )


def _of_column(column: Column) -> Iterator[str]:
    yield str(column.type)
    if not column.nullable:
        yield "not null"
    if column.default is not None:
        yield f"default {one_line(str(column.default), 40)}"
    if column.generated is not None:
        yield f"generated as ({one_line(str(column.generated.expression), 40)})"
    if column.identity is not None:
        yield "identity"
    if column.auto_increment:
        yield "auto increment"


def _names(columns: tuple[Address, ...]) -> str:
    return ", ".join(at.name.spelling for at in columns)


def _value(value: Any) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case Address():
            return str(value)
        case Name():
            return value.spelling
        case tuple():
            return f"({', '.join(map(_value, value))})"
        case _ if is_dataclass(value) and not isinstance(value, Expression | type):
            return ", ".join(f"{key} {_value(part)}" for key, part in facts(value).items())
        case _:
            return one_line(str(value), 50)


def _plain(value: Any) -> object:
    match value:
        case Name():
            return value.spelling
        case Kind():
            return value.value
        case Address() | Expression():
            return str(value)
        case tuple():
            return [_plain(part) for part in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return facts(value)
        case _:
            return value
