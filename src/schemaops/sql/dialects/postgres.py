"""PostgreSQL: what is particular to it.

Implicit names follow `makeObjectName`, `ChooseRelationName` and `ChooseConstraintName` (PostgreSQL
source, commands/indexcmds.c and catalog/pg_constraint.c): `table_columns_label`, the longer of the
first two parts cut until all fits 63 bytes, numbered on collision.
"""

from __future__ import annotations

from collections.abc import Sequence

from schemaops.names import Address, Kind, Name
from schemaops.schema.state import Schema
from schemaops.sql.dialects.base import Dialect

__all__ = ["NAME_BYTES", "POSTGRES", "cut_name", "exclusion_name"]

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

    def taken(name: Name) -> bool:
        in_relations = schema.holder(("relation", (space, name))) is not None
        on_table = schema.holder(("constraint", (*table.path, name))) is not None
        match kind:
            case Kind.INDEX | Kind.SEQUENCE:
                return in_relations
            case Kind.PRIMARY_KEY | Kind.UNIQUE:
                return in_relations or on_table
            case _:
                return on_table

    number = 0
    while True:
        label = _LABELS[kind] + (str(number) if number else "")
        name = Name(_object_name(table.name, second, label))
        if not taken(name):
            return name
        number += 1


def exclusion_name(schema: Schema, table: Address, columns: Sequence[Name]) -> Name:
    """Return the name that the server gives an EXCLUDE constraint, which is that of its index."""
    number = 0
    while True:
        label = "excl" + (str(number) if number else "")
        name = Name(_object_name(table.name, _columns_part(columns), label))
        in_relations = schema.holder(("relation", (table.path[0], name))) is not None
        if not in_relations and schema.holder(("constraint", (*table.path, name))) is None:
            return name
        number += 1


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
