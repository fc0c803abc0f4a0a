"""What stands over an object and goes before it changes, in the order in which it comes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemaops.names import Address, Kind
from schemaops.schema.objects import (
    Check,
    Column,
    Composite,
    ForeignKey,
    Index,
    Object,
    Policy,
    PrimaryKey,
    Routine,
    Trigger,
    Unique,
    Unmodelled,
    View,
    attached,
    container,
    references,
)
from schemaops.schema.state import Schema

__all__ = [
    "in_order",
    "keys_over",
    "keys_to",
    "over_columns",
    "over_relation",
    "over_routine",
    "over_type",
]

# These go with what they stand on, and their definition makes them again.
_ATTACHED = frozenset({"trigger", "rule", "policy"})


def over_columns(
    schema: Schema, columns: Iterable[Address], *, strange: Iterable[Address] = ()
) -> tuple[Object, ...]:
    """Return what stands over columns whose type changes: views, generated columns, expressions
    (which the server would keep with the casts that the old type needed), and what is over those;
    over the `strange`, whose new type means something else, foreign keys too."""
    found: dict[Address, Object] = {}
    odd = set(strange)
    for at in columns:
        for thing in schema.referrers(at):
            match thing:
                case View():
                    _with_dependants(schema, thing, found)
                case Column() if thing.generated and at in set(
                    thing.generated.expression.addresses()
                ):
                    found[thing.at] = thing
                    for over in over_columns(schema, (thing.at,)):
                        found[over.at] = over
                    for over in keys_over(schema, thing.at):
                        found[over.at] = over
                case Check() | Index() if _in_expression(thing, at):
                    found[thing.at] = thing
                case Policy():
                    found[thing.at] = thing
                case ForeignKey() if at in odd:
                    found[thing.at] = thing
                case Unmodelled() if thing.what in _ATTACHED and at in thing.on:
                    found[thing.at] = thing
                case Trigger():
                    found[thing.at] = thing
    return in_order(found.values())


def over_type(schema: Schema, at: Address) -> tuple[Object, ...]:
    """Return what is made with a type and holds no rows: routines that take or give it, what calls
    those, and composite types with an attribute of it that no column is of."""
    found: dict[Address, Object] = {}
    for thing in schema.referrers(at):
        if isinstance(thing, Routine):
            found[thing.at] = thing
            found |= {over.at: over for over in over_routine(schema, thing)}
        elif isinstance(thing, Composite):
            over = (*over_type(schema, thing.at), *schema.referrers(thing.at))
            if not any(isinstance(one, Column) for one in over):
                found |= {one.at: one for one in (thing, *over) if not attached(one)}
    return tuple(found.values())


def over_relation(schema: Schema, at: Address) -> tuple[Object, ...]:
    """Return what stands over a view: views, and what is attached to it and to them."""
    found: dict[Address, Object] = {}
    view = schema.at(at)
    _with_dependants(schema, view, found)
    del found[at]
    return in_order(found.values())


def over_routine(schema: Schema, routine: Routine) -> tuple[Object, ...]:
    """Return what stands over a function: triggers, and what calls it."""
    found: dict[Address, Object] = {}
    family = routine.at.family
    callers = () if family is None else schema.referrers(family)
    for thing in (*schema.referrers(routine.at), *callers):
        match thing:
            case View():
                _with_dependants(schema, thing, found)
            case Check() | Index() | Trigger():
                found[thing.at] = thing
            case Column() if thing.generated is not None:
                found[thing.at] = thing
    return in_order(found.values())


def keys_over(schema: Schema, column: Address) -> tuple[Object, ...]:
    """Return the constraints and indexes of a column, and the foreign keys that refer to those."""
    found: dict[Address, Object] = {}
    for thing in schema.referrers(column):
        match thing:
            case PrimaryKey() | Unique():
                found[thing.at] = thing
                for key in keys_to(schema, thing):
                    found[key.at] = key
            case Check() | Index() | ForeignKey() | Policy():
                found[thing.at] = thing
    return in_order(found.values())


def keys_to(schema: Schema, key: Object) -> tuple[Object, ...]:
    """Return the foreign keys that refer to what a primary key or unique constraint keeps."""
    assert isinstance(key, PrimaryKey | Unique)
    table = container(key)
    assert table is not None
    return tuple(
        thing
        for thing in schema.referrers(table)
        if isinstance(thing, ForeignKey)
        and thing.table == table
        and set(thing.referred) == set(key.columns)
    )


def _with_dependants(schema: Schema, thing: Object, found: dict[Address, Object]) -> None:
    if thing.at in found:
        return
    found[thing.at] = thing
    for over in schema.referrers(thing.at):
        if isinstance(over, View):
            _with_dependants(schema, over, found)
        elif (isinstance(over, Unmodelled) and over.what in _ATTACHED) or (
            isinstance(over, Index | Policy | Trigger)
        ):
            found[over.at] = over


def _in_expression(thing: Check | Index, at: Address) -> bool:
    if isinstance(thing, Check):
        return at in set(thing.expression.addresses())
    if thing.where is not None and at in set(thing.where.addresses()):
        return True
    return any(
        at in set(key.expression.addresses())
        and (key.opclass is not None or key.expression.normal != (at,))
        for key in thing.keys
    )


_RANK: dict[Kind, int] = {
    kind: rank
    for rank, kind in enumerate(
        (
            Kind.COMPOSITE,
            Kind.FUNCTION,
            Kind.PROCEDURE,
            Kind.COLUMN,
            Kind.PRIMARY_KEY,
            Kind.UNIQUE,
            Kind.CHECK,
            Kind.FOREIGN_KEY,
            Kind.VIEW,
            Kind.INDEX,
            Kind.POLICY,
            Kind.TRIGGER,
            Kind.UNMODELLED,
        )
    )
}


def in_order(things: Iterable[Object]) -> tuple[Object, ...]:
    """Return objects in an order in which each can be made: views after those that they read."""
    ranked = sorted(things, key=lambda thing: (_RANK[thing.at.kind], thing.at.path))
    views = {_relation(thing.at): thing for thing in ranked if isinstance(thing, View)}
    placed: dict[Address, Object] = {}
    for thing in ranked:
        if isinstance(thing, View):
            for each in _reads_first(thing, views, placed):
                placed[each.at] = each
        else:
            placed[thing.at] = thing
    return tuple(placed.values())


def _reads_first(
    view: View, views: dict[Address, View], placed: dict[Address, Object]
) -> Iterator[View]:
    if view.at in placed:
        return
    for at in references(view):
        name = at if at.kind is not Kind.COLUMN else Address(Kind.TABLE, at.path[:-1])
        other = views.get(_relation(name))
        if other is not None and other is not view:
            yield from _reads_first(other, views, placed)
    yield view


def _relation(at: Address) -> Address:
    return Address(Kind.TABLE, at.path)
