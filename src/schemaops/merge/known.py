"""What is known of rows: those that the base's own statements wrote, where their text tells all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from schemaops.names import Address
from schemaops.operations import Rows
from schemaops.operations.group import Group
from schemaops.operations.rows import Literal
from schemaops.schema.state import Schema
from schemaops.sql.contents.following import Contents, Follower
from schemaops.sql.contents.storing import Refused
from schemaops.sql.interpret import Interpretation
from schemaops.sql.predicates import literal

__all__ = ["KnownRow", "KnownRows", "inserted"]

KnownRow = dict[Address, Literal]


@dataclass(frozen=True, slots=True)
class KnownRows:
    """The rows of the base, for the tables whose every row is known."""

    contents: Contents = field(default_factory=Contents)

    @classmethod
    def of(cls, built: Interpretation) -> KnownRows:
        """Return what the script that built the base tells of its rows."""
        follower = Follower(Schema.empty(built.after.dialect), Contents())
        try:
            for group in built.groups:
                follower.take(group)
        except Refused:
            return cls()  # an engine took the script, so it is we who read it wrongly
        found = replace(follower.contents(), minds_keys=True)  # each side has a session of its own
        # A base without any rows says nothing of rows, and not that there are none.
        return cls(found) if any(found.tables.values()) else cls()

    def after(self, group: Group, base: Schema) -> KnownRows:
        """Return what is known after one more statement over `base`."""
        follower = Follower(base, self.contents)
        try:
            follower.take(group)
        except Refused:
            return KnownRows()
        return KnownRows(follower.contents())

    def rows(self, table: Address) -> tuple[KnownRow, ...] | None:
        """Return every row of a table, None where they are not all known."""
        found = self.contents.tables.get(table)
        if found is None:
            return None
        return tuple({at: literal(value) for at, value in row.items()} for row in found)


def inserted(rows: Rows) -> list[KnownRow]:
    """Return the rows of an INSERT … VALUES, column by column; those not literal are marked."""
    return [dict(zip(rows.columns, row, strict=False)) for row in rows.values or ()]
