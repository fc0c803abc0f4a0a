"""What goes and comes again though it is the same on both sides: it stands in the way of a change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Rename, Reorder
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    Column,
    EventTrigger,
    ForeignKey,
    Index,
    Inheritance,
    Object,
    PartitionKey,
    Policy,
    PrimaryKey,
    Routine,
    Sequence,
    Statistics,
    Table,
    Trigger,
    Unique,
    Unmodelled,
    View,
    attached,
    container,
    subject,
)
from schemaops.schema.state import Schema
from schemaops.sql.rendering.around import over_columns
from schemaops.sql.rendering.views import same_text

__all__ = ["MAKES", "Difference", "take_along"]

# What other objects are made with; everything else that is not modelled stands on something.
MAKES = frozenset({"function", "procedure", "aggregate", "domain", "type", "composite type"})


@dataclass(slots=True)
class Difference:
    """What leads from one schema to another, before it is put in order."""

    before: Schema
    after: Schema
    renamed: list[Rename] = field(default_factory=list)
    dropped: dict[Address, Object] = field(default_factory=dict)
    created: dict[Address, Object] = field(default_factory=dict)
    altered: list[Alter] = field(default_factory=list)
    reordered: list[Reorder] = field(default_factory=list)


def make_anew(found: Difference) -> None:
    """Add to a difference the tables that become partitioned or cease to be: no statement does that,
    so they go, with all that is in them, and come again."""
    before, after = found.before, found.after
    keys = [*found.dropped.values(), *found.created.values()]
    tables = {container(key) for key in keys if isinstance(key, PartitionKey)}
    for table in tables:
        if table is None or table not in before or table not in after:
            continue
        for thing in _held(before, table):
            found.dropped[thing.at] = thing
        for thing in _held(after, table):
            found.created[thing.at] = thing
        for lineage in before.referrers(table):
            if isinstance(lineage, Inheritance):
                found.dropped[lineage.at] = lineage
                if lineage.at in after:
                    found.created[lineage.at] = after.at(lineage.at)
        found.altered[:] = [one for one in found.altered if one.at not in found.dropped]


def _held(schema: Schema, table: Address) -> Iterator[Object]:
    """Yield a table, what is in it, and what stands on it alone."""
    yield schema.at(table)
    yield from schema.contents(table)
    for thing in schema.referrers(table):
        if isinstance(thing, Index | Policy | Statistics | Trigger) and not attached(thing):
            yield thing
    for column in schema.columns(table):
        for thing in schema.referrers(column.at):
            if isinstance(thing, Sequence) and thing.owner == column.at:
                yield thing


def take_along(found: Difference) -> None:
    """Add to a difference what has to make way for it."""
    before, after = found.before, found.after
    again: dict[Address, Object] = {}
    if before.dialect != "mysql":
        for change in list(found.altered):
            if change.at.kind is Kind.VIEW and change.fact != "options":
                if before.dialect == "sqlite" and _is_bound_anew(change.at, before, after):
                    continue
                again[change.at] = before.at(change.at)
        for thing in (*found.dropped.values(), *again.values()):
            if isinstance(thing, View | Routine | Table) and before.dialect == "postgres":
                _over(before, thing, again)
    if before.dialect == "postgres":
        for thing in [*found.dropped.values(), *again.values()]:
            if isinstance(thing, Routine):
                _without_default(found, thing)
        _bodies_over(found, again)
        for change in found.altered:
            if change.at.kind is Kind.TRIGGER and change.fact not in ("options", "comment"):
                again[change.at] = before.at(change.at)
            if change.fact == "generated" and change.after is not None:
                # Only another column of the name becomes generated.
                _column_anew(before, change.at, again)
    if before.dialect == "postgres":
        for change in list(found.altered):
            if change.at.kind is Kind.COLUMN and change.fact == "type":
                _reworded(found, change.at, again)
    if before.dialect != "sqlite":
        for thing in (*found.dropped.values(), *again.values()):
            _foreign_keys_to(before, thing, again)
    if before.dialect == "mysql":
        for change in found.altered:
            if change.at.kind is Kind.COLUMN and change.fact in ("type", "collation"):
                for thing in before.referrers(change.at):
                    if isinstance(thing, ForeignKey):
                        again[thing.at] = thing
    if before.dialect == "mysql":
        for thing in list(again.values()):
            if isinstance(thing, ForeignKey):
                again |= {index.at: index for index in _indexes_for(before, thing)}
    for at, thing in again.items():
        other = after.get(at)
        if at in found.dropped or other is None:
            continue
        found.dropped[at] = thing
        found.created[at] = other
    for at in [at for at in found.dropped if at in found.created]:
        for thing in before.referrers(at):
            other = after.get(thing.at)
            if attached(thing) and other is not None and _goes_with(thing, at):
                found.dropped[thing.at], found.created[thing.at] = thing, other
    found.altered[:] = [change for change in found.altered if change.at not in found.dropped]


def _indexes_for(schema: Schema, key: ForeignKey) -> Iterator[Index]:
    """Yield the indexes that MySQL may have made for a foreign key: added anew under its name it makes
    one of that name, and gives up the other."""
    table = container(key)
    assert table is not None
    for index in schema.parts(table, Index):
        columns = tuple(at for one in index.keys for at in one.expression.normal)
        if columns == key.columns and index.at.name != key.at.name and not index.unique:
            yield index


def _column_anew(schema: Schema, at: Address, again: dict[Address, Object]) -> None:
    """Take a column along, and what stands over it."""
    again[at] = schema.at(at)
    for thing in schema.referrers(at):
        if not isinstance(thing, Sequence) and thing.at not in again:
            again[thing.at] = thing
            _over(schema, thing, again)


def _reworded(found: Difference, column: Address, again: dict[Address, Object]) -> None:
    """Take along what is over a column and says the same with other casts: each side's are for the
    type that the column has there."""
    before, after = found.before, found.after
    for thing in over_columns(before, (column,)):
        other = after.get(thing.at)
        if isinstance(thing, Check | Index | Policy | View | Trigger) and other is not None:
            if list(_written(thing)) != list(_written(other)):
                again[thing.at] = thing
    here, there = before.column(column), after.column(column)
    if here.default is not None and here.default == there.default:
        if here.default.written != there.default.written:
            found.altered.append(Alter(column, "default", here.default, there.default))


def _written(value: object) -> Iterator[object]:
    """Yield every expression in an object as its side has it written."""
    match value:
        case Expression():
            yield value.written
        case tuple():
            for part in value:
                yield from _written(part)
        case _ if is_dataclass(value) and not isinstance(value, type):
            for fact in fields(value):
                yield from _written(getattr(value, fact.name))


def _without_default(found: Difference, routine: Routine) -> None:
    """Take the defaults that call a routine from their columns, and give them again."""
    family = routine.at.family
    for thing in () if family is None else found.before.referrers(family):
        other = found.after.get(thing.at)
        if not isinstance(thing, Column) or not isinstance(other, Column) or thing.default is None:
            continue
        calls = other.default is not None and family in set(other.default.addresses())
        if thing.at in found.dropped or not calls or family not in set(thing.default.addresses()):
            continue
        changes = (one for one in found.altered if (one.at, one.fact) != (thing.at, "default"))
        found.altered[:] = [
            *changes,
            Alter(thing.at, "default", thing.default, None),
            Alter(thing.at, "default", None, other.default),
        ]


def _bodies_over(found: Difference, again: dict[Address, Object]) -> None:
    """Add the functions whose bodies are kept read, and hold what goes or changes its type."""
    retyped = {change.at for change in found.altered if change.fact in ("type", "generated")}
    for at in (*found.dropped, *retyped):
        for thing in found.before.referrers(at):
            if isinstance(thing, Routine) and thing.tree is not None and thing.at not in again:
                if at in thing.tree.addresses():
                    again[thing.at] = thing
                    _over(found.before, thing, again)


def _is_bound_anew(view: Address, before: Schema, after: Schema) -> bool:
    """Whether a view is one text on both sides: what its words stand for follows from the rest."""
    one, other = before.at(view), after.at(view)
    return isinstance(one, View) and isinstance(other, View) and same_text(one, other)


def _goes_with(thing: Object, at: Address) -> bool:
    about = subject(thing) if attached(thing) else None
    return about is not None and (about == at or about.path[:-1] == at.path)


def _over(schema: Schema, thing: Object, again: dict[Address, Object]) -> None:
    family = thing.at.family
    callers = () if family is None else schema.referrers(family)
    for over in (*schema.referrers(thing.at), *callers):
        if over.at not in again and (
            isinstance(over, View | Index | Policy | Trigger | EventTrigger)
            or (isinstance(over, Check) and isinstance(thing, Routine))
            or (isinstance(over, Unmodelled) and over.what not in MAKES)
        ):
            again[over.at] = over
            _over(schema, over, again)
        elif isinstance(thing, Routine) and isinstance(over, Column):
            if over.generated is not None and over.at not in again:
                _column_anew(schema, over.at, again)


def _foreign_keys_to(schema: Schema, key: Object, again: dict[Address, Object]) -> None:
    if not isinstance(key, PrimaryKey | Unique | Index):
        return
    table = container(key)
    assert table is not None
    if isinstance(key, Index):
        held = {at for one in key.keys for at in one.expression.addresses()}
    else:
        held = set(key.columns)
    for thing in schema.referrers(table):
        if isinstance(thing, ForeignKey) and thing.table == table and set(thing.referred) == held:
            again[thing.at] = thing
