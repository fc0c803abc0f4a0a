"""Simple queries followed over rows: tables joined, filtered, listed, grouped.

None stands for rows that cannot be told: of a table that is not known, or of a query that does more.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from schemaops.sql import tree
from schemaops.sql.contents.frames import Frame, Seen
from schemaops.sql.contents.values import UNKNOWN, Unknown, Value, compared, computed, identical
from schemaops.sql.tree import Node

if TYPE_CHECKING:
    from schemaops.sql.contents.evaluator import Evaluator

__all__ = ["Selection", "is_simple"]

_AGGREGATES = frozenset({"count", "sum", "min", "max", "avg"})


class Selection:
    """Queries of a text, over what its evaluator knows of the tables."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def rows(self, query: tree.Query, frame: Frame) -> list[tuple[Value, ...]] | None:
        """Return the rows of a query in no order, None where they cannot be told."""
        plain = not (query.limit or query.offset or query.recursive)
        if plain and query.ctes and not self._evaluator.define(query.ctes):
            return None
        if isinstance(query.body, tree.Values) and plain:
            return [
                tuple(self._evaluator.of(cell, frame) for cell in row) for row in query.body.rows
            ]
        if isinstance(query.body, tree.Query) and plain:
            return self.rows(query.body, frame)
        if not plain or not isinstance(query.body, tree.Select):
            return None
        select = query.body
        if select.having or select.windows or select.distinct_on or select.rollup:
            return None
        frames = self.joined(select.sources, Frame((), frame))
        if frames is None:
            return None
        chosen = []
        for inner in frames:
            test = True if select.where is None else self._evaluator.condition(select.where, inner)
            if isinstance(test, Unknown):
                return None
            if test is True:
                chosen.append(inner)
        if select.group:
            return self._grouped(select, chosen)
        if any(_is_aggregate(item.value) for item in select.items):
            made = self._aggregates(select.items, chosen)
            return None if made is None else [made]
        listed = [self._listed(select.items, inner) for inner in chosen]
        if any(row is None for row in listed):
            return None
        rows = [row for row in listed if row is not None]
        return _distinct(rows) if select.distinct else rows

    def joined(self, sources: Sequence[tree.From], frame: Frame) -> list[Frame] | None:
        """Return the frames of sources joined to one, None where they cannot be told."""
        frames = [frame]
        for source in sources:
            grown: list[Frame] = []
            for one in frames:
                found = self._with(source, one)
                if found is None:
                    return None
                grown += found
            frames = grown
        return frames

    def _with(self, source: tree.From, frame: Frame) -> list[Frame] | None:
        """Return a frame for each row of a source beside those already seen."""
        match source:
            case tree.Table(path=path, alias=alias, columns=(), only=False, options=()):
                at = self._evaluator.named(path[-1].text)
                rows = None if at is None else self._evaluator.rows_of(at)
                if at is None or rows is None:
                    return None
                name = None if alias is None else alias.text
                return [Frame((*frame.seen, Seen(row, at, name)), frame.outer) for row in rows]
            case tree.Join(kind=kind, left=left, right=right, on=on, using=(), natural=False) if (
                kind in ("INNER", "CROSS")
            ):
                frames = self._joined_two(left, right, frame)
                if frames is None or on is None:
                    return frames
                tests = [(self._evaluator.condition(on, one), one) for one in frames]
                if any(isinstance(test, Unknown) for test, _ in tests):
                    return None
                return [one for test, one in tests if test is True]
            case _:
                return None

    def _joined_two(self, left: tree.From, right: tree.From, frame: Frame) -> list[Frame] | None:
        nothing = isinstance(left, tree.Table) and not left.path
        found = [frame] if nothing else self._with(left, frame)
        if found is None:
            return None
        frames: list[Frame] = []
        for one in found:
            more = self._with(right, one)
            if more is None:
                return None
            frames += more
        return frames

    def _listed(self, items: Sequence[tree.Item], frame: Frame) -> tuple[Value, ...] | None:
        row: list[Value] = []
        for item in items:
            if isinstance(item.value, tree.Star):
                found = self._starred(item.value, frame)
                if found is None:
                    return None
                row += found
            else:
                row.append(self._evaluator.raw(item.value, frame))
        return tuple(row)

    def _starred(self, star: tree.Star, frame: Frame) -> list[Value] | None:
        if star.parts or len(frame.seen) != 1 or frame.seen[0].table is None:
            return None
        seen = frame.seen[0]
        assert seen.table is not None
        if seen.table in self._evaluator.made:
            return list(seen.row.values())
        return [
            seen.row.get(column.at, UNKNOWN)
            for column in self._evaluator.schema.columns(seen.table)
        ]

    def _grouped(
        self, select: tree.Select, frames: Sequence[Frame]
    ) -> list[tuple[Value, ...]] | None:
        groups: list[tuple[list[Value], list[Frame]]] = []
        for frame in frames:
            key = [self._evaluator.of(node, frame) for node in select.group]
            if any(isinstance(value, Unknown) for value in key):
                return None
            for there, members in groups:
                same = [self._grouped_together(a, b) for a, b in zip(there, key, strict=True)]
                if any(isinstance(test, Unknown) for test in same):
                    return None
                if all(same):
                    members.append(frame)
                    break
            else:
                groups.append((key, [frame]))
        rows = []
        for _, members in groups:
            row = []
            for item in select.items:
                if isinstance(item.value, tree.Call) and _is_aggregate(item.value):
                    row.append(self._aggregate(item.value, members))
                elif item.value in select.group or self._names_one(item.value, select.group):
                    row.append(self._evaluator.raw(item.value, members[0]))
                else:
                    return None
            rows.append(tuple(row))
        return None if select.distinct else rows

    def _names_one(self, node: Node, group: Sequence[Node]) -> bool:
        """Whether a column is one of those grouped by, however each is qualified."""
        if not isinstance(node, tree.Column):
            return False
        named = [self._evaluator.address(g.parts) for g in group if isinstance(g, tree.Column)]
        return self._evaluator.address(node.parts) in named and len(named) == len(set(named))

    def _grouped_together(self, one: Value, other: Value) -> Value:
        if one is None or other is None:
            return one is other
        return compared("=", one, other, self._evaluator.dialect)

    def _aggregates(
        self, items: Sequence[tree.Item], frames: Sequence[Frame]
    ) -> tuple[Value, ...] | None:
        row = []
        for item in items:
            node = item.value
            if not isinstance(node, tree.Call) or not _is_aggregate(node):
                return None
            row.append(self._aggregate(node, frames))
        return tuple(row)

    def _aggregate(self, node: tree.Call, frames: Sequence[Frame]) -> Value:
        if node.star:
            return Decimal(len(frames))
        if len(node.arguments) != 1 or not is_simple(node):
            return UNKNOWN
        values = [self._evaluator.of(node.arguments[0], frame) for frame in frames]
        if any(isinstance(value, Unknown) for value in values):
            return UNKNOWN
        there = [value for value in values if value is not None]
        name = node.name[0].text.lower()
        if name == "count":
            return Decimal(len(there))
        if not there:
            return None
        numbers = [value for value in there if isinstance(value, Decimal)]
        if len(numbers) != len(there):
            return UNKNOWN
        match name:
            case "min":
                return min(numbers)
            case "max":
                return max(numbers)
            case "sum":
                total: Value = Decimal(0)
                for value in numbers:
                    total = computed("+", total, value, self._evaluator.dialect)
                return total
            case _:
                return UNKNOWN


def is_simple(node: tree.Call) -> bool:
    """Whether a call has nothing but a name and arguments."""
    return not (
        node.distinct
        or node.variadic
        or node.order
        or node.separator
        or node.within
        or node.where
        or node.nulls
        or node.over
    )


def _is_aggregate(node: Node) -> bool:
    return (
        isinstance(node, tree.Call)
        and len(node.name) == 1
        and node.name[0].text.lower() in _AGGREGATES
        and (node.star or len(node.arguments) == 1)
    )


def _distinct(rows: list[tuple[Value, ...]]) -> list[tuple[Value, ...]] | None:
    found: list[tuple[Value, ...]] = []
    for row in rows:
        if any(isinstance(cell, Unknown | str) for cell in row):
            return None  # what is one string to a collation is not known here
        if not any(_all_identical(row, other) for other in found):
            found.append(row)
    return found


def _all_identical(one: tuple[Value, ...], other: tuple[Value, ...]) -> bool:
    return all(identical(a, b) for a, b in zip(one, other, strict=True))
