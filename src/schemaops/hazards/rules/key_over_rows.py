"""The rule breaks-code.new-unique."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.hazards.base import Change, Hazard, Rule, Severity, table_of
from schemaops.operations import Create
from schemaops.schema.objects import Index, Unique

__all__ = ["KeyOverRows"]


class KeyOverRows(Rule):
    """A column or several must be unique from now on, and nobody has looked whether they are.

    A duplicate among the rows fails the migration; afterwards code that writes one fails. Look first;
    the safer way names the query.
    """

    code = "BC04"
    name = "breaks-code.new-unique"
    severity = Severity.WARNING

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazard of uniqueness over rows that are there."""
        match change.operation:
            case Create(thing=Unique() as key) if not change.in_new_table(key):
                columns = key.columns
                table = table_of(key.at)
            case Create(thing=Index(unique=True) as key) if not change.in_new_table(key):
                columns = tuple(at for one in key.keys for at in one.expression.addresses())
                table = key.table
            case _:
                return
        columns = tuple(dict.fromkeys(columns))
        if not columns or any(at in change.made for at in columns):
            return
        s = self.spelling(change)
        listed = s.names(columns)
        yield self.hazard(
            key.at,
            f"rows of {table} may be alike in {', '.join(at.name for at in columns)}",
            f"SELECT {listed}, count(*) FROM {s.at(table)} GROUP BY {listed} HAVING count(*) > 1;",
        )
