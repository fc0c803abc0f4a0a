"""What both sides may want to know of though nothing is at odds: each order runs and ends alike, and yet
what one side meant may no longer hold."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from schemaops.merge.carry import Line
from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.likeness import alike_names, alike_tables
from schemaops.merge.together import worn_out
from schemaops.merge.world import Clash, said
from schemaops.names import Address, Kind
from schemaops.operations import Create
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Check, Column, ForeignKey, Index, PrimaryKey, Unique
from schemaops.schema.state import Schema
from schemaops.sql import tree
from schemaops.sql.contents.evaluator import Evaluator, parsed_expression
from schemaops.sql.contents.frames import Frame
from schemaops.sql.contents.values import Unknown, Value
from schemaops.sql.texts import words_of
from schemaops.sql.types import family

__all__ = ["warnings"]

Found = tuple[int, int, Clash]


def warnings(base: Schema, ours: Line, theirs: Line) -> Iterator[Found]:
    """Yield what to warn of, each with the two statements."""
    mine, its = _created(ours), _created(theirs)
    for table in sorted(mine.keys() & its.keys()):
        for i, one in mine[table]:
            for j, other in its[table]:
                clash = _pair(one, other, base)
                if clash is not None:
                    yield i, j, clash
    yield from _loops(base, ours, theirs)
    yield from worn_out(base, ours, theirs)
    yield from alike_tables(ours, theirs)
    yield from _left_out(ours, theirs)


Thing = Check | ForeignKey | PrimaryKey | Unique | Index | Column


def _created(line: Line) -> dict[Address, list[tuple[int, Thing]]]:
    found: dict[Address, list[tuple[int, Thing]]] = defaultdict(list)
    for i, operations in enumerate(line.homes):
        for operation in operations:
            if isinstance(operation, Create) and isinstance(operation.thing, Thing):
                found[_table(operation.thing)].append((i, operation.thing))
    return found


_TO_ALL = re.compile(
    r"(?is)\s*GRANT\b.*\bON\s+ALL\s+(TABLES|SEQUENCES|FUNCTIONS|PROCEDURES|ROUTINES)\s+IN\s+SCHEMA\b(.*)\bTO\b"
)
_ALL = {
    "TABLES": (Kind.TABLE, Kind.VIEW),
    "SEQUENCES": (Kind.SEQUENCE,),
    "FUNCTIONS": (Kind.FUNCTION,),
    "PROCEDURES": (Kind.PROCEDURE,),
    "ROUTINES": (Kind.FUNCTION, Kind.PROCEDURE),
}


def _left_out(ours: Line, theirs: Line) -> Iterator[Found]:
    """Yield where one side grants on all that is there, and the other side makes more of it."""
    for mine, its, swapped in ((ours, theirs, False), (theirs, ours, True)):
        for i, group in enumerate(mine.groups):
            found = _TO_ALL.match(group.text)
            if found is None:
                continue
            spaces = words_of(found[2], "postgres")
            for j, made in enumerate(its.groups):
                for one in made.operations:
                    if not isinstance(one, Create) or one.at.kind not in _ALL[found[1].upper()]:
                        continue
                    if str(one.at.path[0]).lower() in spaces:
                        reason = (
                            f"one side grants on all that stood there, and {said(one.at)} is new"
                        )
                        clash = Clash(ConflictKind.ORDER, one.at, reason)
                        yield (j, i, clash) if swapped else (i, j, clash)


def _table(thing: Thing) -> Address:
    return thing.table if isinstance(thing, Index) else Address(Kind.TABLE, thing.at.path[:-1])


def _pair(one: Thing, other: Thing, base: Schema) -> Clash | None:
    match one, other:
        case Check(), Check():
            return _contradiction(one, other, base)
        case ForeignKey(), ForeignKey():
            return _two_actions(one, other)
        case Column(), Column():
            return _two_names(one, other, base)
        case _:
            return _narrower(one, other)


# -- rules that together leave no row


@dataclass(frozen=True, slots=True)
class _Range:
    """The values that a condition leaves for a column: within bounds, or of a list."""

    low: Decimal | None = None
    above: bool = False
    high: Decimal | None = None
    below: bool = False
    listed: frozenset[Value] | None = None
    other_than: Value = None
    null: bool | None = None

    def meets(self, other: _Range) -> bool:
        if self.null is not None and other.null is not None:
            return self.null == other.null
        for one, two in ((self, other), (other, self)):
            if one.listed is not None and two.other_than is not None:
                return one.listed != frozenset([two.other_than])
        if self.listed is not None and other.listed is not None:
            return bool(self.listed & other.listed)
        for values, bounds in ((self.listed, other), (other.listed, self)):
            if values is not None:
                return any(not isinstance(v, Decimal) or bounds.holds(v) for v in values)
        return self._reaches(other) and other._reaches(self)

    def holds(self, value: Decimal) -> bool:
        if self.low is not None and (value < self.low or (self.above and value == self.low)):
            return False
        return self.high is None or value < self.high or (value == self.high and not self.below)

    def _reaches(self, other: _Range) -> bool:
        if self.high is None or other.low is None:
            return True
        if self.high == other.low:
            return not (self.below or other.above)
        return self.high > other.low


def _contradiction(one: Check, other: Check, base: Schema) -> Clash | None:
    mine, its = _ranges(one.expression, base), _ranges(other.expression, base)
    for what in sorted(mine.keys() & its.keys()):
        if any(not a.meets(b) for a in mine[what] for b in its[what]):
            reason = f"no value of {what} keeps both {said(one.at)} and {said(other.at)}"
            return Clash(ConflictKind.CONTRADICTION, min(one.at, other.at), reason)
    return None


def _ranges(expression: Expression, base: Schema) -> dict[str, list[_Range]]:
    read = parsed_expression(expression, base.dialect)
    if read is None:
        return {}
    node, holes = read
    terms = node.terms if isinstance(node, tree.Chain) and node.operator == "AND" else (node,)
    evaluator = Evaluator(base, holes)
    found: dict[str, list[_Range]] = defaultdict(list)
    for term in terms:
        what, made = _range(term, evaluator)
        if what is not None and made is not None:
            found[what].append(made)
    return found


_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}


def _range(term: tree.Node, evaluator: Evaluator) -> tuple[str | None, _Range | None]:
    match term:
        case tree.Binary(operator=operator, left=left, right=right):
            what = _subject(left, evaluator)
            if what is not None:
                return what, _bound(operator, evaluator.of(right, Frame()))
            mirrored = _MIRRORED.get(operator, "")
            return _subject(right, evaluator), _bound(mirrored, evaluator.of(left, Frame()))
        case tree.Is(operand=operand, what=what, negated=negated) if what.upper() == "NULL":
            return _subject(operand, evaluator), _Range(null=not negated)
        case tree.In(operand=column, negated=False, items=items, query=None):
            values = [evaluator.of(item, Frame()) for item in items]
            if not values or any(isinstance(value, Unknown) for value in values):
                return None, None
            return _subject(column, evaluator), _Range(listed=frozenset(values))
        case tree.Between(operand=column, low=low, high=high, negated=False):
            least, most = evaluator.of(low, Frame()), evaluator.of(high, Frame())
            if isinstance(least, Decimal) and isinstance(most, Decimal):
                return _subject(column, evaluator), _Range(low=least, high=most)
    return None, None


def _subject(node: tree.Node, evaluator: Evaluator) -> str | None:
    """Return what a condition is about: a column, or what a function makes of one."""
    match node:
        case tree.Column(parts=parts):
            at = evaluator.holes.get(parts[-1].text)
            return None if at is None else said(at)
        case tree.Call(name=name, arguments=(argument,)):
            inner = _subject(argument, evaluator)
            called = "".join(token.text for token in name).lower()
            return None if inner is None else f"{called} of {inner}"
        case _:
            return None


def _bound(operator: str, value: Value) -> _Range | None:
    if operator == "=" and value is not None and not isinstance(value, Unknown):
        return _Range(listed=frozenset([value]))
    if operator == "<>" and value is not None and not isinstance(value, Unknown):
        return _Range(other_than=value)
    if not isinstance(value, Decimal):
        return None
    match operator:
        case ">" | ">=":
            return _Range(low=value, above=operator == ">")
        case "<" | "<=":
            return _Range(high=value, below=operator == "<")
        case _:
            return None


def _two_actions(one: ForeignKey, other: ForeignKey) -> Clash | None:
    if (one.columns, one.table) != (other.columns, other.table):
        return None
    if (one.on_delete, one.on_update) == (other.on_delete, other.on_update):
        return _twice(one, other)
    reason = f"{said(one.at)} and {said(other.at)} do different things to the same rows"
    return Clash(ConflictKind.CONTRADICTION, one.table, reason)


# -- one purpose twice


def _twice(one: Thing, other: Thing) -> Clash | None:
    if one.at == other.at:
        return None
    return Clash(
        ConflictKind.DUPLICATE,
        min(one.at, other.at),
        f"{said(one.at)} and {said(other.at)} are alike",
    )


def _narrower(one: Thing, other: Thing) -> Clash | None:
    mine, its = _key(one), _key(other)
    if mine is None or its is None or one.at == other.at:
        return None
    if set(mine) == set(its):
        return _twice(one, other)
    if set(mine) < set(its) or set(its) < set(mine):
        less, more = (one, other) if len(mine) < len(its) else (other, one)
        reason = f"{said(less.at)} leaves {said(more.at)} nothing to say: it is over fewer columns"
        return Clash(ConflictKind.DUPLICATE, less.at, reason)
    return None


def _key(thing: Thing) -> tuple[Address, ...] | None:
    match thing:
        case PrimaryKey(columns=columns) | Unique(columns=columns):
            return columns
        case Index(unique=True, where=None, keys=keys):
            plain = [key.expression.normal for key in keys if key.length is None]
            columns = tuple(p[0] for p in plain if len(p) == 1 and isinstance(p[0], Address))
            return columns if len(columns) == len(keys) else None
        case _:
            return None


def _two_names(one: Column, other: Column, base: Schema) -> Clash | None:
    kinds = (family(one.type, base.dialect), family(other.type, base.dialect))
    if kinds[0] is not kinds[1] or one.at == other.at:
        return None
    if not alike_names(one.at, other.at):
        return None
    reason = f"{said(one.at)} and {said(other.at)} may be meant for the same thing"
    return Clash(ConflictKind.DUPLICATE, min(one.at, other.at), reason)


# -- rows that cannot be begun


def _loops(base: Schema, ours: Line, theirs: Line) -> Iterator[Found]:
    """Yield the pairs of new foreign keys that close a loop of columns that must have a value."""
    mine, its = _needs(ours), _needs(theirs)
    if not mine or not its:
        return
    there: dict[Address, set[Address]] = defaultdict(set)
    for thing in base.of_kind(Kind.FOREIGN_KEY):
        if isinstance(thing, ForeignKey) and all(_required(base, at) for at in thing.columns):
            there[_table(thing)].add(thing.table)
    for i, one in mine:
        for j, other in its:
            links = {**there}
            for key in (*(k for _, k in mine), *(k for _, k in its)):
                links[_table(key)] = links.get(_table(key), set()) | {key.table}
            first, second = _table(one), _table(other)
            if _leads(links, one.table, second) and _leads(links, other.table, first):
                reason = (
                    f"{said(one.at)} and {said(other.at)} need each other's rows to be there first"
                )
                yield i, j, Clash(ConflictKind.CONTRADICTION, min(first, second), reason)


def _needs(line: Line) -> list[tuple[int, ForeignKey]]:
    required = {
        operation.at
        for operations in line.homes
        for operation in operations
        if isinstance(operation, Create)
        and isinstance(operation.thing, Column)
        and not operation.thing.nullable
    }
    return [
        (i, operation.thing)
        for i, operations in enumerate(line.homes)
        for operation in operations
        if isinstance(operation, Create)
        and isinstance(operation.thing, ForeignKey)
        and set(operation.thing.columns) <= required
    ]


def _required(base: Schema, at: Address) -> bool:
    column = base.get(at)
    return isinstance(column, Column) and not column.nullable


def _leads(links: dict[Address, set[Address]], start: Address, end: Address) -> bool:
    seen: set[Address] = set()
    left = [start]
    while left:
        at = left.pop()
        if at == end:
            return True
        if at not in seen:
            seen.add(at)
            left += links.get(at, set())
    return False
