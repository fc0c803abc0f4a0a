"""References: rows that foreign keys tie to others, when either changes.

What NO ACTION asks for is looked at when the statement ends (`settle`): a row that is deleted may be
there again by then, or the one that refers to it gone too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from schemaops.names import Address
from schemaops.schema.objects import ForeignKey
from schemaops.sql.contents.frames import Row
from schemaops.sql.contents.keeping import Doubt
from schemaops.sql.contents.state import STAY, MutableRows, State, table_of
from schemaops.sql.contents.storing import Refused
from schemaops.sql.contents.values import UNKNOWN, Unknown, Value, compared, identical

__all__ = ["References"]

Change = tuple[dict[Address, Value], dict[Address, Value]]


class References:
    """The foreign keys of a state; `change` writes cells of a table's rows."""

    def __init__(self, state: State, change: Callable[[Address, Sequence[Change]], None]) -> None:
        self._state = state
        self._change = change
        self._pending: list[tuple[ForeignKey, Row]] = []

    def begin(self) -> None:
        """Begin a statement."""
        self._pending.clear()

    def settle(self) -> None:
        """Look at what was put off to the end of the statement; raise Refused, Doubt."""
        for key, row in self._pending:
            rows = self._state.tables.get(table_of(key.at), ())
            if any(row is there for there in rows):
                self.refer(key, row)
        self._pending.clear()

    # -- a row that refers

    def refer_all(self, table: Address, row: Row, written: set[Address] | None = None) -> None:
        """Hold a row to its foreign keys, those over `written` columns only; raise Refused, Doubt."""
        for key in self._state.schema.parts(table, ForeignKey):
            if written is None or written & set(key.columns):
                self.refer(key, row)

    def refer(self, key: ForeignKey, row: Row) -> None:
        """Hold a row to a foreign key; raise Refused, Doubt."""
        try:
            self._refer(key, row)
        except Doubt:
            if not self._state.trusted:
                raise

    def _refer(self, key: ForeignKey, row: Row) -> None:
        schema = self._state.schema
        if key.table not in schema and schema.dialect == "sqlite":
            raise Refused(f"there is no table {key.table}, which foreign key {key.at} names")
        if not key.referred or len(key.referred) != len(key.columns):
            raise Doubt(f"what foreign key {key.at} refers to")
        cells = [row[at] for at in key.columns]
        if any(cell is None for cell in cells):
            if len(cells) > 1 and any(cell is not None for cell in cells) and key.options:
                raise Doubt(f"whether a row keeps foreign key {key.at}")
            return
        if {"deferrable", "initially deferred", "not enforced"} & set(dict(key.options)):
            raise Doubt(f"when foreign key {key.at} is looked at")
        parents = self._state.tables.get(key.table)
        if parents is None:
            raise Doubt(f"the rows of {key.table}")
        found = [self._matches(key, row, parent) for parent in parents]
        if any(same is True for same in found):
            return
        if any(isinstance(same, Unknown) for same in found):
            raise Doubt(f"whether a row keeps foreign key {key.at}")
        raise Refused(f"a row breaks foreign key {key.at}")

    # -- rows that are referred to

    def remove(self, table: Address, chosen: Sequence[Row]) -> None:
        """Take rows out, and do to those that refer to them what their foreign keys say; raise
        Refused, Doubt."""
        if not chosen:
            return
        state = self._state
        state.wrote(table)
        left = [row for row in state.tables[table] if not any(row is one for one in chosen)]
        if state.dialect == "mysql" and self._refer_to_each_other(table, chosen):
            raise Doubt(f"the order in which rows of {table} are deleted")
        state.tables[table] = left
        for key in state.referring(table):
            orphans = self._orphans(key, chosen)
            if orphans:
                self._orphaned(key, orphans)

    def _orphans(self, key: ForeignKey, chosen: Sequence[Row]) -> MutableRows:
        child = table_of(key.at)
        rows = self._state.tables.get(child)
        if rows is None:
            raise Doubt(f"whether rows of {child} refer to what is deleted")
        orphans = []
        for row in rows:
            found = [self._matches(key, row, one) for one in chosen]
            if any(same is True for same in found):
                orphans.append(row)
            elif any(isinstance(same, Unknown) for same in found):
                raise Doubt(f"whether a row of {child} refers to what is deleted")
        return orphans

    def _orphaned(self, key: ForeignKey, orphans: MutableRows) -> None:
        child = table_of(key.at)
        match key.on_delete:
            case "cascade":
                self.remove(child, orphans)
            case "set null" if "set columns" not in dict(key.options):
                nulls: dict[Address, Value] = dict.fromkeys(key.columns)
                self._change(child, [(row, nulls) for row in orphans])
            case "no action" if self._state.dialect != "mysql":
                self._pending += [(key, row) for row in orphans]
            case "no action" | "restrict":
                raise Refused(f"a row of {child} refers to what is deleted")
            case _:
                raise Doubt(f"what becomes of rows of {child}")

    def _refer_to_each_other(self, table: Address, chosen: Sequence[Row]) -> bool:
        return any(
            self._matches(key, one, other) is not False
            for key in self._state.referring(table)
            if table_of(key.at) == table
            for one in chosen
            for other in chosen
        )

    def rekeyed(self, table: Address, old: Row, new: Row) -> None:
        """Do to the rows that refer to a row what its new key says; raise Refused, Doubt."""
        for key in self._state.referring(table):
            if all(identical(old[at], new[at]) for at in key.referred):
                continue
            child = table_of(key.at)
            rows = self._state.tables.get(child)
            if rows is None:
                raise Doubt(f"whether rows of {child} refer to what is changed")
            for row in rows:
                same = self._matches(key, row, old)
                if same is False:
                    continue
                if same is True and key.on_update in STAY:
                    if self._state.dialect == "mysql" or key.on_update == "restrict":
                        raise Refused(f"a row of {child} refers to what is changed")
                    self._pending.append((key, row))
                    continue
                if key.on_update in STAY and self._state.trusted:
                    continue
                raise Doubt(f"what becomes of rows of {child}")

    def _matches(self, key: ForeignKey, child: Row, parent: Row) -> Value:
        """Whether a row refers to another by a foreign key."""
        if len(key.referred) != len(key.columns):
            return UNKNOWN
        found: Value = True
        for mine, its in zip(key.columns, key.referred, strict=True):
            one, other = child.get(mine, UNKNOWN), parent.get(its, UNKNOWN)
            if one is None or other is None:
                return False
            same = compared("=", one, other, self._state.dialect)
            if same is False:
                return False
            if same is not True:
                found = UNKNOWN
        return found
