"""Keeping: whether rows keep the checks and unique keys of their table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from schemaops.names import Address, Kind
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Index, IndexKey, PrimaryKey, Unique
from schemaops.schema.state import Schema
from schemaops.sql.contents.evaluator import Evaluator, parsed_expression
from schemaops.sql.contents.frames import Frame, Row, Seen
from schemaops.sql.contents.storing import legible
from schemaops.sql.contents.values import UNKNOWN, Kept, Unknown, Value, compared, truth

__all__ = ["Doubt", "Keys", "holds"]


class Doubt(Exception):
    """What a statement does to rows cannot be told."""


def holds(check: Callable[[Row], Value], row: Row) -> Value:
    """Return whether a row keeps a check: one that gives NULL is kept."""
    found = check(row)
    if found is None or isinstance(found, bool):
        return found is not False
    return UNKNOWN if isinstance(found, Unknown | str) else found != 0


Part = Callable[[Row], Value]


@dataclass(frozen=True, slots=True)
class _Key:
    at: Address
    parts: tuple[Part, ...]
    columns: tuple[Address, ...] | None
    where: Part | None = None
    nulls_meet: bool = False
    operators: tuple[str, ...] = ()


@dataclass(slots=True)
class Keys:
    """The unique keys of a table, or one of them."""

    schema: Schema
    table: Address
    only: Address | None = None
    _found: list[_Key] = field(init=False)

    def __post_init__(self) -> None:
        self._found = [k for k in self._all() if self.only is None or k.at == self.only]

    def plain(self) -> Iterator[tuple[Address, tuple[Address, ...]]]:
        """Yield the keys over plain columns of all rows, with their columns sorted."""
        for key in self._found:
            if key.columns is not None and key.where is None:
                yield key.at, tuple(sorted(key.columns))

    def meeting(self, row: Row, others: Sequence[Row]) -> list[tuple[Address, Row]]:
        """Return the rows that `row` meets, each with the key; raise Doubt."""
        found = []
        for key in self._found:
            mine = self._cells(key, row)
            if mine is None:
                continue
            for other in others:
                its = self._cells(key, other)
                if its is None:
                    continue
                same = self._same(key, mine, its)
                if isinstance(same, Unknown):
                    raise Doubt(f"whether two rows meet in {key.at}")
                if same is True:
                    found.append((key.at, other))
        return found

    def _cells(self, key: _Key, row: Row) -> list[Value] | None:
        """Return a row's cells of a key, None where the key is not for it."""
        if key.where is not None:
            test = truth(key.where(row), self.schema.dialect)
            if isinstance(test, Unknown):
                raise Doubt(f"whether {key.at} is for a row")
            if test is not True:
                return None
        return [part(row) for part in key.parts]

    def _same(self, key: _Key, mine: list[Value], its: list[Value]) -> Value:
        found: Value = True
        if any(cell is None for cell in (*mine, *its)) and key.operators:
            return False
        for n, (one, other) in enumerate(zip(mine, its, strict=True)):
            if key.operators and key.operators[n] != "=":
                found = UNKNOWN
                continue
            if one is None and other is None and key.nulls_meet:
                continue
            if one is None or other is None:
                return False
            same = compared("=", one, other, self.schema.dialect)
            if same is False:
                return False
            if same is not True:
                found = UNKNOWN
        return found

    def _all(self) -> Iterator[_Key]:
        constraints: list[PrimaryKey | Unique] = [
            *self.schema.parts(self.table, PrimaryKey),
            *self.schema.parts(self.table, Unique),
        ]
        for thing in constraints:
            yield _Key(
                thing.at,
                tuple(map(self._column, thing.columns)),
                thing.columns,
                nulls_meet="nulls not distinct" in dict(thing.options),
            )
        for index in self.schema.parts(self.table, Index):
            if index.selective:
                columns = [k.expression.normal[0] for k in index.keys if _is_column(k)]
                plain = tuple(c for c in columns if isinstance(c, Address))
                yield _Key(
                    index.at,
                    tuple(map(self._part, index.keys)),
                    plain if index.unique and len(plain) == len(index.keys) else None,
                    None if index.where is None else self._evaluated(index.where),
                    "nulls not distinct" in dict(index.options),
                    index.excludes,
                )

    def _column(self, at: Address) -> Part:
        column = self.schema.column(at)
        known = legible(column, self.schema.dialect)

        def part(row: Row) -> Value:
            value = row.get(at, UNKNOWN)
            return value if known or value is None else Kept((str(column.type), value))

        return part

    def _part(self, key: IndexKey) -> Part:
        whole = key.expression.normal[0] if key.expression.normal else None
        if _is_column(key) and isinstance(whole, Address):
            part = self._column(whole)
        else:
            part = self._evaluated(key.expression)
        if key.length is None and key.collation is None:
            return part

        def unsure(row: Row) -> Value:
            value = part(row)
            return value if value is None else UNKNOWN

        return unsure

    def _evaluated(self, expression: Expression) -> Part:
        read = parsed_expression(expression, self.schema.dialect)
        if read is None:
            return lambda _: UNKNOWN
        node, holes = read
        evaluator = Evaluator(self.schema, holes)
        return lambda row: evaluator.of(node, Frame((Seen(row),)))


def _is_column(key: IndexKey) -> bool:
    normal = key.expression.normal
    return len(normal) == 1 and isinstance(normal[0], Address) and normal[0].kind is Kind.COLUMN
