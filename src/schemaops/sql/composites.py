"""Recognise PostgreSQL's composite and range types: CREATE TYPE … AS (…), AS RANGE, and ALTER TYPE."""

from __future__ import annotations

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Rename
from schemaops.schema.objects import (
    Attribute,
    Column,
    Composite,
    Range,
    Routine,
    Unmodelled,
    attached,
)
from schemaops.schema.state import MissingObject
from schemaops.sql import grants, moving
from schemaops.sql.cursor import Cursor
from schemaops.sql.domains import collation
from schemaops.sql.dropping import must_hold_plainly
from schemaops.sql.names import quote
from schemaops.sql.reading import Named, NotAllowed, Reading, StillNeeded
from schemaops.sql.scope import NotUnderstood

__all__ = ["alter_composite", "alter_range", "create_composite", "create_range", "multirange_name"]


def create_composite(reading: Reading, at: Address, inner: Cursor) -> None:
    """Take the attributes in CREATE TYPE … AS (…)."""
    order: list[Name] = []
    attributes: list[Attribute] = []
    for part in inner.parts():
        name = part.identifier()[0]
        if name in order:
            raise NotAllowed(f"type {at} has an attribute {name} twice", at)
        order.append(name)
        attributes.append(_attribute(reading, part, name))
    reading.emit(Create(Composite(at, _by_name(attributes), tuple(order))))


def _attribute(reading: Reading, cursor: Cursor, name: Name) -> Attribute:
    kind = reading.type(cursor.until("COLLATE", "CASCADE", "RESTRICT"))
    return Attribute(name, kind, collation(cursor) if cursor.take("COLLATE") else None)


def _by_name(attributes: list[Attribute]) -> tuple[Attribute, ...]:
    return tuple(sorted(attributes, key=lambda attribute: attribute.name))


def alter_composite(reading: Reading, cursor: Cursor, at: Address) -> None:
    """Take what follows the name in ALTER TYPE, for a composite type."""
    if renames_or_moves(reading, cursor, at):
        return
    if cursor.take("RENAME", "ATTRIBUTE"):
        old = cursor.identifier()
        cursor.need("TO")
        new = cursor.identifier()
        cursor.one_of("CASCADE", "RESTRICT")
        cursor.end()
        must_hold_plainly(reading, at)
        _rename(reading, at, old, new)
        return
    for part in cursor.parts():
        _action(reading, part, at)


def _composite(reading: Reading, at: Address) -> Composite:
    found = reading.schema.at(at)
    assert isinstance(found, Composite)
    for thing in reading.schema.referrers(at):
        if isinstance(thing, Unmodelled):
            raise NotUnderstood(f"what {thing.what} {thing.at.name} makes of it is not understood")
    return found


def _action(reading: Reading, part: Cursor, at: Address) -> None:
    composite = _composite(reading, at)
    attributes, order = list(composite.attributes), composite.names
    if part.take("ADD", "ATTRIBUTE"):
        _must_not_be_written(reading, at)
        name = part.identifier()[0]
        if name in order:
            raise NotAllowed(f"type {at} has an attribute {name} already", at)
        attributes.append(_attribute(reading, part, name))
        order = (*order, name)
    elif part.take("DROP", "ATTRIBUTE"):
        guarded = part.take("IF", "EXISTS")
        name = part.identifier()[0]
        if guarded:
            reading.masks.add("IF EXISTS")
        if name not in order:
            if not guarded:
                raise MissingObject(at.child(Kind.COLUMN, name))
            part.one_of("CASCADE", "RESTRICT")
            part.end()
            return
        must_hold_plainly(reading, at)
        attributes = [attribute for attribute in attributes if attribute.name != name]
        order = tuple(other for other in order if other != name)
    elif part.take("ALTER", "ATTRIBUTE"):
        name = part.identifier()[0]
        part.take("SET", "DATA")
        part.need("TYPE")
        if name not in order:
            raise MissingObject(at.child(Kind.COLUMN, name))
        made = _attribute(reading, part, name)
        for thing in reading.schema.referrers(at):
            if isinstance(thing, Column):
                raise StillNeeded(at, thing.at)
        must_hold_plainly(reading, at)
        attributes = [made if attribute.name == name else attribute for attribute in attributes]
    else:
        raise part.refuse()
    part.one_of("CASCADE", "RESTRICT")
    part.end()
    new = _by_name(attributes)
    if new != composite.attributes:
        reading.emit(Alter(at, "attributes", composite.attributes, new))
    if order != composite.order:
        reading.emit(Alter(at, "order", composite.order, order))


def _must_not_be_written(reading: Reading, at: Address) -> None:
    """Raise NotUnderstood where a row of the type is written: it has a field more from now on."""
    for thing in reading.schema.referrers(at):
        if isinstance(thing, Column):
            generated = None if thing.generated is None else thing.generated.expression
            texts = (one for one in (thing.default, generated) if one is not None)
            if not any(at in text.addresses() for text in texts):
                continue
        elif isinstance(thing, Composite | Routine) or attached(thing):
            continue
        raise NotUnderstood(f"what {thing.at.kind} {thing.at} makes of it is not understood")


def _rename(reading: Reading, at: Address, old: Named, new: Named) -> None:
    composite = _composite(reading, at)
    if old[0] not in composite.names:
        raise MissingObject(at.child(Kind.COLUMN, old[0]))
    if new[0] in composite.names:
        raise NotAllowed(f"type {at} has an attribute {new[0]} already", at)
    renamed = [
        Attribute(new[0], a.type, a.collation) if a.name == old[0] else a
        for a in composite.attributes
    ]
    order = tuple(new[0] if name == old[0] else name for name in composite.names)
    reading.emit(Alter(at, "attributes", composite.attributes, _by_name(renamed)))
    reading.emit(Alter(at, "order", composite.order, order))


def create_range(reading: Reading, at: Address, inner: Cursor) -> None:
    """Take the settings in CREATE TYPE … AS RANGE (…)."""
    given = {}
    for part in inner.parts():
        name = part.identifier()[0].lower()
        part.need_symbol("=")
        given[name] = part
    subtype = given.pop("subtype", None)
    if subtype is None or given.keys() - {"subtype_diff", "multirange_type_name"}:
        raise inner.refuse()
    options = {"multirange": multirange_name(at.name)}
    if "subtype_diff" in given:
        names = tuple(name for name, _ in given["subtype_diff"].qualified())
        if len(names) > 1 and names[0] != "pg_catalog":
            raise inner.refuse()
        if any(thing.at.bare == names[-1] for thing in reading.schema.of_kind(Kind.FUNCTION)):
            raise inner.refuse()
        options["subtype diff"] = quote(names[-1], "postgres")
    if "multirange_type_name" in given:
        names = tuple(name for name, _ in given["multirange_type_name"].qualified())
        options["multirange"] = str(names[-1])
        if len(names) > 1 and names[0] != at.path[0]:
            options["multirange"] = ".".join(quote(name, "postgres") for name in names)
    reading.emit(Create(Range(at, reading.type(subtype), tuple(sorted(options.items())))))


def multirange_name(name: Name) -> str:
    """Return what the server calls the multirange type of a range type."""
    made = name.replace("range", "multirange", 1) if "range" in name else f"{name}_multirange"
    if len(made.encode()) > 63:
        raise NotUnderstood("the name that the server gives the multirange type is cut")
    return made


def alter_range(reading: Reading, cursor: Cursor, at: Address) -> None:
    """Take what follows the name in ALTER TYPE, for a range type."""
    space = cursor.sees("SET", "SCHEMA")
    if not renames_or_moves(reading, cursor, at):
        raise cursor.refuse()
    if space and at not in reading.schema:
        there = reading.operations[-1]
        assert isinstance(there, Rename)
        moved = reading.schema.at(there.new)
        assert isinstance(moved, Range)
        _leave_multirange(reading, moved, at.path[0])


def _leave_multirange(reading: Reading, moved: Range, space: Name) -> None:
    """Emit that the multirange type stays in the schema that its range type leaves."""
    options = dict(moved.options)
    name = options["multirange"]
    own, _, rest = name.partition(".")
    if rest:
        options["multirange"] = rest if own == quote(moved.at.path[0], "postgres") else name
    else:
        options["multirange"] = f"{quote(space, 'postgres')}.{quote(name, 'postgres')}"
    new = tuple(sorted(options.items()))
    if new != moved.options:
        reading.emit(Alter(moved.at, "options", moved.options, new))


def renames_or_moves(reading: Reading, cursor: Cursor, at: Address) -> bool:
    """Take RENAME TO, SET SCHEMA or OWNER TO; return whether one of them came."""
    if cursor.take("RENAME", "TO"):
        name = cursor.identifier()
        cursor.end()
        reading.emit(Rename(at, at.sibling(name[0])))
        reading.mention(name[1], at.sibling(name[0]))
    elif cursor.take("SET", "SCHEMA"):
        space, token = cursor.identifier()
        cursor.end()
        reading.mention(token, Address(Kind.SCHEMA, (space,)))
        moving.to_schema(reading, at, space)
    elif cursor.take("OWNER", "TO"):
        grants.owner_to(reading, cursor, at)
        cursor.end()
    else:
        return False
    return True
