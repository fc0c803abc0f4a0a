"""MySQL and MariaDB: what is particular to them.

Implicit names as the servers give them: a key is named after its first column, then `column_2`, …;
a foreign key `table_ibfk_N`, one above the highest; a table check `CONSTRAINT_N` (MariaDB; MySQL's
`table_chk_N` is read as the name it is).
"""

from __future__ import annotations

from collections.abc import Sequence

from schemaops.names import Address, Kind, Name
from schemaops.schema.objects import Check, ForeignKey
from schemaops.schema.state import Schema
from schemaops.sql.dialects.base import Dialect

__all__ = ["MYSQL"]


def _implicit_name(schema: Schema, table: Address, kind: Kind, columns: Sequence[Name]) -> Name:
    match kind:
        case Kind.PRIMARY_KEY:
            return Name("PRIMARY")
        case Kind.FOREIGN_KEY:
            stem = f"{table.name}_ibfk_"
            numbers = [
                int(key.at.name[len(stem) :])
                for key in schema.parts(table, ForeignKey)
                if key.at.name.startswith(stem.lower()) and key.at.name[len(stem) :].isdigit()
            ]
            return _folded(f"{stem}{max(numbers, default=0) + 1}")
        case Kind.CHECK:
            names = {check.at.name.upper() for check in schema.parts(table, Check)}
            number = 1
            while f"CONSTRAINT_{number}" in names:
                number += 1
            return _folded(f"CONSTRAINT_{number}")
        case _:
            stem = columns[0].spelling if columns else "key"
            name, number = _folded(stem), 2
            path = tuple(Name(part.lower()) for part in table.path)
            while (
                schema.holder(("key", (*path, Name(name.lower())))) is not None
                or name.upper() == "PRIMARY"
            ):
                name, number = _folded(f"{stem}_{number}"), number + 1
            return name


def _folded(text: str) -> Name:
    return Name(text.lower(), text)


MYSQL = Dialect(
    name="mysql",
    default_schema=None,
    implicit_name=_implicit_name,
    transactional_ddl=False,
    views_follow_renames=False,
    views_block_drops=False,
    binds_views_late=True,
    alters_constraints=True,
    index_in_table=True,
)
