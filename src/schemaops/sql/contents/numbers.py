"""What a column gets that is given no value: its default, the next number, what it is generated from."""

from __future__ import annotations

from decimal import Decimal

from schemaops.names import Address, Kind
from schemaops.schema.objects import Column, Options, PrimaryKey, Sequence
from schemaops.sql import tree
from schemaops.sql.contents.evaluator import Evaluator, parsed_expression
from schemaops.sql.contents.frames import Frame, Row
from schemaops.sql.contents.state import State
from schemaops.sql.contents.storing import stored
from schemaops.sql.contents.values import UNKNOWN, Value

__all__ = ["Numbers", "start"]


def start(options: Options) -> int:
    """Return the first number of a sequence of these options."""
    found = dict(options)
    return int(found.get("start", found.get("minimum", "1")))


class Numbers:
    """Defaults and counters of the columns of a state."""

    def __init__(self, state: State) -> None:
        self._state = state

    def default(self, column: Column, *, constant: bool = False) -> Value:
        """Return what a column gets by itself; `constant`: the same for all rows that are there."""
        if self.is_rowid(column):
            return UNKNOWN if constant else self._next_rowid(column)
        if column.identity is not None or column.auto_increment:
            return UNKNOWN if constant else self._next(column.at)
        if column.default is None:
            return None
        read = parsed_expression(column.default, self._state.dialect)
        if read is None:
            return UNKNOWN
        node, holes = read
        evaluator = Evaluator(self._state.schema, holes, call=None if constant else self._nextval)
        return stored(evaluator.of(node, Frame()), column, self._state.schema)

    def generated(self, column: Column, row: Row) -> Value:
        """Return what a generated column holds in a row."""
        assert column.generated is not None
        value = self._state.evaluated(column.generated.expression)(row)
        return stored(value, column, self._state.schema)

    def regenerate(self, table: Address, rows: list[dict[Address, Value]]) -> None:
        """Compute the generated columns of rows anew."""
        made = [c for c in self._state.schema.columns(table) if c.generated is not None]
        for row in rows:
            row.update(dict.fromkeys((column.at for column in made), UNKNOWN))
            for column in made:
                row[column.at] = self.generated(column, row)

    def gives(self, column: Column) -> bool:
        """Whether a column gives numbers one after another."""
        calls = column.default is not None and any(
            at.kind is Kind.SEQUENCE for at in column.default.addresses()
        )
        return bool(column.identity or column.auto_increment or calls or self.is_rowid(column))

    def is_rowid(self, column: Column) -> bool:
        """Whether a column is another name for SQLite's rowid."""
        schema = self._state.schema
        if schema.dialect != "sqlite" or str(column.type).lower() != "integer":
            return False
        if "without rowid" in dict(schema.table(column.table).options):
            return False
        return any(k.columns == (column.at,) for k in schema.parts(column.table, PrimaryKey))

    def asked(self, column: Column, value: Value) -> bool:
        """Whether a value written to a column asks for the next number."""
        if value is None:
            return self.is_rowid(column) or (
                column.auto_increment and self._state.dialect == "mysql"
            )
        return column.auto_increment and self._state.dialect == "mysql" and value == 0

    def note(self, column: Column, value: Value) -> None:
        """Let the counter of a column know of a number that was written to it."""
        counters = self._state.counters
        if not column.auto_increment or column.at not in counters:
            return
        if isinstance(value, Decimal):
            counters[column.at] = max(counters[column.at], int(value))
        else:
            del counters[column.at]

    def _nextval(self, node: tree.Call, evaluator: Evaluator, frame: Frame) -> Value:
        del frame
        if node.name[0].text.lower() != "nextval" or len(node.arguments) != 1:
            return UNKNOWN
        argument = node.arguments[0]
        if isinstance(argument, tree.Cast):
            argument = argument.operand
        if not isinstance(argument, tree.String):
            return UNKNOWN
        at = evaluator.holes.get(argument.value.split(".")[-1].strip('"'))
        return UNKNOWN if at is None else self._next(at)

    def _next(self, at: Address) -> Value:
        last = self._state.counters.get(at)
        if last is None:
            return UNKNOWN
        thing = self._state.schema.get(at)
        options: Options = ()
        if isinstance(thing, Sequence):
            options = thing.options
        elif isinstance(thing, Column) and thing.identity is not None:
            options = thing.identity.options
        first = last + 1 == start(options)
        self._state.counters[at] = last + (1 if first else int(dict(options).get("increment", "1")))
        return Decimal(self._state.counters[at])

    def _next_rowid(self, column: Column) -> Value:
        highest = 0
        for row in self._state.tables.get(column.table, ()):
            value = row.get(column.at)
            if not isinstance(value, Decimal):
                return UNKNOWN
            highest = max(highest, int(value))
        if column.auto_increment:
            last = self._state.counters.get(column.at)
            return UNKNOWN if last is None else Decimal(max(highest, last) + 1)
        return Decimal(highest + 1)
