"""Recognise EXCLUDE constraints of PostgreSQL: an exclusion is the index that holds it, with the
option `exclude` for the operators of its keys, and its name is one of the table's constraints."""

from __future__ import annotations

from collections.abc import Callable

from schemaops.names import Address, Kind, Name
from schemaops.operations import Create
from schemaops.schema.objects import Index, Unmodelled
from schemaops.sql.cursor import Cursor
from schemaops.sql.dialects.postgres import exclusion_name
from schemaops.sql.options import storage_options
from schemaops.sql.parameters import must_be_of_index
from schemaops.sql.reading import Named, Reading
from schemaops.sql.scope import NotUnderstood

__all__ = ["exclude", "found_exclusion", "is_exclusion", "must_not_be_quoted"]


def is_exclusion(thing: object) -> bool:
    """Whether an index is that of an EXCLUDE constraint."""
    return isinstance(thing, Index) and bool(thing.excludes)


def found_exclusion(reading: Reading, table: Address, name: Name) -> Address | None:
    """Return the index of a table's EXCLUDE constraint of that name; None where there is none."""
    at = Address(Kind.INDEX, (*table.path[:-1], name))
    thing = reading.schema.get(at)
    if isinstance(thing, Index) and thing.table == table and is_exclusion(thing):
        return at
    return None


def must_not_be_quoted(reading: Reading, at: Address) -> None:
    """Raise NotUnderstood where the text of what has no type of its own names what is renamed."""
    for thing in reading.schema.referrers(at):
        if isinstance(thing, Unmodelled):
            raise NotUnderstood(f"what {thing.what} {thing.at.name} says of {at} changes with it")


def exclude(
    reading: Reading, cursor: Cursor, table: Address, named: Named | None
) -> Callable[[], None]:
    """Take what follows EXCLUDE; return what emits the constraint."""
    from schemaops.sql import constraints, indexes

    method = cursor.identifier()[0].lower() if cursor.take("USING") else "btree"
    elements = []
    for part in cursor.inside().parts():
        key = part.until("WITH")
        part.need("WITH")
        elements.append((key, _operator(part)))
    included = cursor.inside() if cursor.take("INCLUDE") else None
    options = storage_options(cursor.inside()) if cursor.take("WITH") else {}
    must_be_of_index(options, method)
    if cursor.take("USING", "INDEX", "TABLESPACE"):
        cursor.identifier()
    where = cursor.inside() if cursor.take("WHERE") else None
    options |= dict(constraints.deferring(cursor))
    options["exclude"] = ", ".join(operator for _, operator in elements)

    def work() -> None:
        if reading.partitioned(table):
            raise NotUnderstood(
                f"what excludes rows of the partitions of {table} is not understood"
            )
        relation = reading.relation_at(table)
        keys = []
        names: list[Name] = []
        for part, _ in elements:
            key, name = indexes.index_key(reading, part, table, relation)
            indexes.must_have_class(reading, key, method)
            keys.append(key)
            names.append(indexes.distinct(name, names))
        include = tuple(
            reading.column(table, part.identifier())
            for part in (included.parts() if included else ())
        )
        predicate = None if where is None else reading.expression(where, relation)
        for column in include:
            names.append(indexes.distinct(column.name, names))
        if named is None:
            name = exclusion_name(reading.schema, table, names)
        else:
            name = named[0]
        at = Address(Kind.INDEX, (*table.path[:-1], name))
        if named is not None:
            reading.mention(named[1], at)
        reading.emit(
            Create(
                Index(
                    at,
                    table,
                    tuple(keys),
                    where=predicate,
                    method=None if method == "btree" else method,
                    include=include,
                    options=tuple(sorted(options.items())),
                )
            )
        )

    return work


def _operator(part: Cursor) -> str:
    """Take an operator, or OPERATOR(schema.operator), to the end; return it without its schema."""
    if part.take("OPERATOR"):
        inner = part.inside()
        part.end()
        while inner.sees_identifier() and inner.symbol(1) == ".":
            inner.at += 2
        part = inner
    found = part.text().strip()
    part.at = part.stop
    if not found or any(sign.isspace() or sign.isalnum() for sign in found):
        raise NotUnderstood("an operator that excludes rows is not understood")
    return found
