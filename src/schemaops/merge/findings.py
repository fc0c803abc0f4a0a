"""Findings: every clash found between two lines, by the pair of statements, and the conflicts they make.

A pair of statements is one conflict, whatever number of clashes speak of it, and the one that names it
is chosen so that it is the same from either side.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from schemaops.merge.carry import Line, Trouble
from schemaops.merge.conflicts import Conflict, ConflictKind, Decision, conflict_id
from schemaops.merge.course import shown
from schemaops.merge.world import Clash
from schemaops.operations.group import Group
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Fault, Interpreter
from schemaops.sql.split import split

__all__ = ["Findings"]

Pair = tuple[int, int]

# Kinds in which one order or the other is but another word for whose statement wins.
_ONE_WINS = (
    ConflictKind.RENAME_RENAME,
    ConflictKind.CREATE_CREATE,
    ConflictKind.CHANGE_CHANGE,
)
_RANK = {kind: place for place, kind in enumerate(ConflictKind)}


class Findings:
    """The clashes between two lines: `sure` ones, those `of_rows` that the rows may clear, and those
    only `to_warn_of`."""

    def __init__(self, ours: Line, theirs: Line) -> None:
        self._ours = ours
        self._theirs = theirs
        self.sure: dict[Pair, list[Clash]] = defaultdict(list)
        self.of_rows: dict[Pair, list[Clash]] = defaultdict(list)
        self.to_warn_of: dict[Pair, list[Clash]] = defaultdict(list)
        self._fails: tuple[frozenset[int], frozenset[int]] | None = None
        self._stuck: tuple[Mapping[int, bool], Mapping[int, bool]] = ({}, {})

    def stuck(self, ours: Iterable[Trouble], theirs: Iterable[Trouble]) -> None:
        """Note which statements of each side cannot be carried past the other's."""
        self._stuck = (_lost(ours, self._theirs.after), _lost(theirs, self._ours.after))

    def note(self, i: int, j: int, clash: Clash) -> None:
        """Note a clash of our statement `i` with their statement `j`."""
        (self.of_rows if clash.of_rows else self.sure)[i, j].append(clash)

    def insist(self) -> None:
        """Take what depends on rows for sure."""
        for pair, clashes in self.of_rows.items():
            self.sure[pair] += clashes
        self.of_rows.clear()

    def certain(self) -> list[Clash]:
        """Return the clashes that are sure."""
        return [clash for clashes in self.sure.values() for clash in clashes]

    def yield_to_rows(self) -> None:
        """Take what is sure for what the rows have cleared."""
        for pair, clashes in self.sure.items():
            self.of_rows[pair] += clashes
        self.sure.clear()

    def conflicts(self) -> tuple[Conflict, ...]:
        """Return the conflicts of what is sure, in the order of the statements."""
        return tuple(self._conflict(*pair, self.sure[pair]) for pair in sorted(self.sure))

    def warnings(self) -> tuple[Conflict, ...]:
        """Return what only to warn of, in the shape of conflicts: also what depends on rows."""
        found = {pair: [*clashes] for pair, clashes in self.of_rows.items()}
        for pair, clashes in self.to_warn_of.items():
            if pair not in self.sure:
                found.setdefault(pair, []).extend(clashes)
        return tuple(self._conflict(*pair, found[pair]) for pair in sorted(found))

    def _conflict(self, i: int, j: int, clashes: Sequence[Clash]) -> Conflict:
        found = min(clashes, key=lambda c: (_RANK[c.kind], c.address, c.reason))
        ours, theirs = self._ours.groups[i], self._theirs.groups[j]
        orders = self._orders(i, j)
        return Conflict(
            conflict_id(found.kind, ours, theirs, self._ours.after.dialect),
            found.kind,
            shown(found.address) if found.address.path else None,
            found.reason,
            i,
            j,
            ours,
            theirs,
            orders[0].value.removeprefix("order ") if len(orders) == 1 else None,
            (
                Decision.OURS,
                Decision.THEIRS,
                *self._that_work(i, j, orders, carried=found.kind not in _ONE_WINS),
            ),
        )

    def _that_work(
        self, i: int, j: int, orders: tuple[Decision, ...], *, carried: bool
    ) -> tuple[Decision, ...]:
        """Return the orders in which both statements run as written, or `carried` as they read there;
        not those in which one means what is gone, whatever else has its name."""
        ours, theirs = self._stuck
        found = []
        for order, lost in (
            (Decision.OURS_FIRST, theirs.get(j)),
            (Decision.THEIRS_FIRST, ours.get(i)),
        ):
            if not lost and (order in orders or (carried and lost is None)):
                found.append(order)
        return tuple(found)

    def _orders(self, i: int, j: int) -> tuple[Decision, ...]:
        """Return the orders in which both statements run as written."""
        if self._fails is None:
            self._fails = (
                _failing(self._ours.groups, self._theirs.after),
                _failing(self._theirs.groups, self._ours.after),
            )
        found = []
        if j not in self._fails[1]:
            found.append(Decision.OURS_FIRST)
        if i not in self._fails[0]:
            found.append(Decision.THEIRS_FIRST)
        return tuple(found)


def _lost(troubles: Iterable[Trouble], over: Schema) -> dict[int, bool]:
    """Return the statements that are stuck, and whether what they mean is gone for good."""
    return {one.origin: one.gone is not None and one.gone not in over for one in troubles}


def _failing(groups: Sequence[Group], over: Schema) -> frozenset[int]:
    """Return the statements that fail when a line runs, as written, over another schema."""
    interpreter = Interpreter(over)
    found = set()
    for i, group in enumerate(groups):
        for statement in split(group.text, over.dialect):
            if isinstance(interpreter.read(statement), Fault):
                found.add(i)
    return frozenset(found)
