"""MySQL's partitions against rows: those of a partition that is dropped, and those that no partition
takes any more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from schemaops.merge.carry import Line
from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.rows_and_rows import rows_made
from schemaops.merge.world import Clash, World, said
from schemaops.names import Address
from schemaops.operations import Alter, Create, Drop, Rename, Rows
from schemaops.operations.group import Group
from schemaops.operations.rows import Literal, NotLiteral
from schemaops.schema.objects import Unmodelled
from schemaops.sql.mysql_partitions import Partitioning, drops_partitions, partitioning
from schemaops.sql.names import fold, quote

__all__ = ["parted"]

_NAMES_PARTS = re.compile(r"(?i)\bPARTITION\s*\(")
_BOUND = re.compile(r" VALUES (LESS THAN|IN) \(?(.*?)\)?(?: COMMENT .*)?", re.DOTALL)
_COLUMNS = re.compile(r"`(?:[^`]|``)+`|\w+(?!\w*\()")
_VALUES = re.compile(r"'(?:[^']|'')*'|[^,'\s]+")


@dataclass(frozen=True, slots=True)
class _Change:
    """How a table's partitions change: None for a table that has none."""

    table: Address
    before: Partitioning | None
    after: Partitioning | None
    drops: bool

    @property
    def gone(self) -> frozenset[str]:
        """The partitions that are there before and not after."""
        return _names(self.before) - _names(self.after)


def parted(world: World, ours: Line, theirs: Line) -> Iterator[tuple[int, int, Clash]]:
    """Yield where one side changes a MySQL table's partitions and the other uses its rows."""
    if world.dialect != "mysql":
        return
    for mine, its, swapped in ((ours, theirs, False), (theirs, ours, True)):
        for i, change in _changes(world, mine):
            for j, (group, operations) in enumerate(zip(its.groups, its.homes, strict=True)):
                if any(
                    isinstance(rows, Rows) and _meet(world, change, rows, group)
                    for rows in operations
                ):
                    reason = f"one side changes the partitions of {said(change.table)}, "
                    reason += "and the other side uses its rows"
                    clash = Clash(ConflictKind.CONSTRAINT_ROWS, change.table, reason)
                    yield (j, i, clash) if swapped else (i, j, clash)


def _changes(world: World, line: Line) -> Iterator[tuple[int, _Change]]:
    for i, (group, operations) in enumerate(zip(line.groups, line.homes, strict=True)):
        for operation in operations:
            match operation:
                case Alter(at=at, fact="definition", before=before, after=after):
                    thing = world.base.get(at)
                    if _divides(thing) and not any(isinstance(o, Rename) for o in operations):
                        yield (
                            i,
                            _Change(
                                thing.on[0],
                                partitioning(before),
                                partitioning(after),
                                drops_partitions(group.text),
                            ),
                        )
                case Create(thing=thing) if _divides(thing) and thing.on[0] in world.base:
                    yield i, _Change(thing.on[0], None, partitioning(thing.definition), False)
                case Drop(thing=thing) if _divides(thing):
                    yield i, _Change(thing.on[0], partitioning(thing.definition), None, False)
                case _:
                    continue


def _meet(world: World, change: _Change, rows: Rows, group: Group) -> bool:
    reach = world.reach(rows)
    if change.table not in reach.tables | reach.reads | reach.cascaded:
        return False
    if change.gone and _NAMES_PARTS.search(group.text):
        return True
    if change.drops and change.table in reach.reads:
        return True
    if change.table in reach.cascaded:
        return True
    if change.table not in reach.tables or not _is_bounded(change.after):
        return False
    if not change.drops and _is_wider(change):
        return False
    if rows.verb == "update" and not _keyed(change) & {str(at.name) for at, _ in rows.sets}:
        return False
    if rows.verb in ("delete", "truncate"):
        return False
    if rows.verb != "insert" or rows.values is None or rows.table != change.table:
        return True
    return not all(_stands(change, cell) for cell in _cells(world, change, rows))


def _keyed(change: _Change) -> set[str]:
    """Return the columns that say in which partition a row stands."""
    return {
        str(fold(name, "mysql"))
        for made in (change.before, change.after)
        if made is not None
        for name in _COLUMNS.findall(made.over)
    }


def _is_bounded(made: Partitioning | None) -> bool:
    """Whether a row may find no partition."""
    return made is not None and made.method.split()[0] in ("RANGE", "LIST")


def _is_wider(change: _Change) -> bool:
    """Whether every value that found a partition does so after the change."""
    before, after = change.before, change.after
    if before is None or after is None:
        return after is None
    if (before.method, before.over) != (after.method, after.over):
        return False
    if before.method.startswith("RANGE"):
        ends = [_bounds(made)[-1:] for made in (before, after)]
        return _last(after) == "MAXVALUE" or ends[0] == ends[1] or _rises(*ends)
    return set(_listed(before)) <= set(_listed(after))


def _rises(before: list[Literal], after: list[Literal]) -> bool:
    if len(before) != 1 or len(after) != 1:
        return False
    return _below(after[0], before[0]) is False


def _last(made: Partitioning) -> str:
    found = _BOUND.fullmatch(made.parts[-1][1]) if made.parts else None
    return "" if found is None else found[2].upper()


def _bounds(made: Partitioning) -> list[Literal]:
    found = [_BOUND.fullmatch(bound) for _, bound in made.parts]
    return [_literal(one[2]) for one in found if one is not None]


def _listed(made: Partitioning) -> list[str]:
    found = [_BOUND.fullmatch(bound) for _, bound in made.parts]
    return [value for one in found if one is not None for value in _VALUES.findall(one[2])]


def _literal(text: str) -> Literal:
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return text[1:-1].replace("''", "'") if text.startswith("'") else NotLiteral()


def _cells(world: World, change: _Change, rows: Rows) -> Iterator[Literal]:
    """Yield the values of an INSERT's rows that choose the partition, as far as they are plain."""
    made = change.after
    assert made is not None
    columns = [at for at in rows.columns if quote(at.name, "mysql") == made.over]
    for row in rows_made(rows, world):
        yield row.get(columns[0], NotLiteral()) if columns else NotLiteral()


def _stands(change: _Change, cell: Literal) -> bool:
    """Whether a row of the value finds a partition, and one whose rows are kept."""
    assert change.after is not None
    if isinstance(cell, NotLiteral | bool | float | bytes) or cell is None:
        return False
    if not change.drops:
        return _part(change.after, cell) is not None
    if change.before is None:
        return False
    stood = _part(change.before, cell)
    return stood is not None and stood not in change.gone


def _part(made: Partitioning, cell: int | str) -> str | None:
    """Return the partition in which a row of the value stands, None where that is not known."""
    for name, bound in made.parts:
        found = _BOUND.fullmatch(bound)
        if found is None:
            return None
        if found[1] == "IN":
            if cell in [_literal(text) for text in _VALUES.findall(found[2])]:
                return name
        elif found[2].upper() == "MAXVALUE":
            return name
        elif (below := _below(cell, _literal(found[2]))) is not False:
            return name if below else None
    return None


def _below(cell: Literal, end: Literal) -> bool | None:
    """Whether a value is less than another, None where that is not known."""
    if isinstance(cell, int) and isinstance(end, int):
        return cell < end
    if isinstance(cell, str) and isinstance(end, str) and len(cell) == len(end):
        return cell < end  # dates, as a rule
    return None


def _names(made: Partitioning | None) -> frozenset[str]:
    return frozenset(() if made is None else (name for name, _ in made.parts))


def _divides(thing: object) -> TypeGuard[Unmodelled]:
    return isinstance(thing, Unmodelled) and thing.what == "partitions" and bool(thing.on)
