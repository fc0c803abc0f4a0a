"""Which names an object claims, and where: what may not have one name in each dialect.

PostgreSQL keeps tables, views, indexes and sequences of a schema in one namespace (a constraint's
index included), types and tables in another, constraints one a table. MySQL keeps tables and views
in one, keys one a table, foreign keys and checks one a database. SQLite keeps tables, views and
indexes in one. PostgreSQL's functions and procedures share a namespace, in which their arguments'
types count, and its triggers have one a table; elsewhere triggers have one for all.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.names import Address, Kind, Name
from schemaops.schema.objects import (
    Check,
    Column,
    Composite,
    Domain,
    Enum,
    ForeignKey,
    Identity,
    Index,
    Object,
    PrimaryKey,
    Range,
    Routine,
    Sequence,
    Statistics,
    Sundry,
    Table,
    Trigger,
    Unique,
    View,
)

__all__ = ["Claim", "claims"]

Claim = tuple[str, tuple[Name, ...]]


def claims(thing: Object, dialect: str) -> Iterator[Claim]:
    """Yield each (namespace, names) that the object claims for itself."""
    at = thing.at
    path = tuple(Name(part.lower()) for part in at.path) if dialect == "mysql" else at.path
    match dialect:
        case "postgres":
            match thing:
                case Table() | View():
                    yield "relation", path
                    yield "type", path
                case Index(table=table, options=options):
                    yield "relation", path
                    if any(key == "exclude" for key, _ in options):
                        yield "constraint", (*table.path, path[-1])
                case Sequence():
                    yield "relation", path
                case Column(identity=Identity(options=options)):
                    for key, value in options:
                        if key == "sequence name":
                            yield "relation", (path[0], Name(value))
                case Composite():
                    # Its attributes are kept as those of a relation.
                    yield "relation", path
                    yield "type", path
                case Enum() | Domain():
                    yield "type", path
                case Range(options=options):
                    yield "type", path
                    for key, value in options:
                        if key == "multirange" and "." not in value:
                            yield "type", (path[0], Name(value))
                case Statistics():
                    yield "statistics", path
                case PrimaryKey() | Unique():
                    yield "relation", (path[0], path[-1])
                    yield "constraint", path
                case Check() | ForeignKey():
                    yield "constraint", path
                case Routine() | Sundry(at=Address(kind=Kind.AGGREGATE)):
                    yield "routine", path
                case Trigger():
                    yield "trigger", path
        case "mysql":
            match thing:
                case Table() | View():
                    yield "relation", at.path
                case Index() | Unique():
                    yield "key", path
                case ForeignKey():
                    yield "foreign key", path[-1:]
                case Check():
                    yield "check", path
                case Routine():
                    yield at.kind.value, path
                case Trigger():
                    yield "trigger", at.path
        case _:
            match thing:
                case Table() | View() | Index():
                    yield "relation", path
                case Trigger():
                    yield "trigger", path
    if at.kind is Kind.PRIMARY_KEY:
        yield "primary key", at.path[:-1]
