"""PostgreSQL: what is particular to it.

Implicit names follow `makeObjectName`, `ChooseRelationName` and `ChooseConstraintName` (PostgreSQL
source, commands/indexcmds.c and catalog/pg_constraint.c): `table_columns_label`, the longer of the
first two parts cut until all fits 63 bytes, numbered on collision.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import count

from schemaops.names import Address, Kind, Name
from schemaops.schema.state import Schema
from schemaops.sql.dialects.base import Dialect

__all__ = ["NAME_BYTES", "POSTGRES", "cut_name", "domain_check_name", "exclusion_name"]

NAME_BYTES = 63

_LABELS = {
    Kind.PRIMARY_KEY: "pkey",
    Kind.UNIQUE: "key",
    Kind.FOREIGN_KEY: "fkey",
    Kind.CHECK: "check",
    Kind.INDEX: "idx",
    Kind.SEQUENCE: "seq",
}


def cut_name(text: str) -> str:
    """Return a name as the server cuts it: to 63 bytes, at a character."""
    data = text.encode()
    return text if len(data) <= NAME_BYTES else data[:NAME_BYTES].decode(errors="ignore")


def _object_name(first: str, second: str, label: str) -> str:
    one, two = first.encode(), second.encode()
    room = NAME_BYTES - len(label.encode()) - 1 - (1 if two else 0)
    a, b = len(one), len(two)
    while a + b > room:
        if a > b:
            a -= 1
        else:
            b -= 1
    parts = [one[:a].decode(errors="ignore"), two[:b].decode(errors="ignore"), label]
    return "_".join(part for part in parts if part)


def _columns_part(columns: Sequence[Name]) -> str:
    part = ""
    for column in columns:
        part += ("_" if part else "") + column
        if len(part.encode()) >= NAME_BYTES + 1:
            break
    return part


def _implicit_name(schema: Schema, table: Address, kind: Kind, columns: Sequence[Name]) -> Name:
    second = "" if kind is Kind.PRIMARY_KEY else _columns_part(columns)
    space = table.path[0]
    relations = (Kind.INDEX, Kind.SEQUENCE, Kind.PRIMARY_KEY, Kind.UNIQUE)

    def taken(name: Name) -> bool:
        # Names of constraints are chosen so that none has one's name in all the schema, though
        # those that are given need not be.
        if kind in relations and schema.holder(("relation", (space, name))) is not None:
            return True
        return kind not in relations[:2] and schema.has_constraint(space, name)

    return _first_free(table.name, second, _LABELS[kind], taken)


def exclusion_name(schema: Schema, table: Address, columns: Sequence[Name]) -> Name:
    """Return the name that the server gives an EXCLUDE constraint, which is that of its index."""
    space = table.path[0]

    def taken(name: Name) -> bool:
        held = schema.holder(("relation", (space, name))) is not None
        return held or schema.has_constraint(space, name)

    return _first_free(table.name, _columns_part(columns), "excl", taken)


def domain_check_name(schema: Schema, domain: Address, own: Collection[Name]) -> Name:
    """Return the name that the server gives a domain's check, when it has checks of `own` names."""

    def taken(name: Name) -> bool:
        return name in own or schema.has_constraint(domain.path[0], name)

    return _first_free(domain.name, "", _LABELS[Kind.CHECK], taken)


def _first_free(first: str, second: str, label: str, taken: Callable[[Name], bool]) -> Name:
    """Return the first name that is not taken."""
    names = (
        Name(_object_name(first, second, label + (str(number) if number else "")))
        for number in count()
    )
    return next(name for name in names if not taken(name))


POSTGRES = Dialect(
    name="postgres",
    default_schema=Name("public"),
    implicit_name=_implicit_name,
    transactional_ddl=True,
    views_follow_renames=True,
    views_block_drops=True,
    binds_views_late=False,
    alters_constraints=True,
    index_in_table=False,
)
