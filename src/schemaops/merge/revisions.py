"""A merge as the sections of the revision that is sealed: which statement stands for which revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemaops.history.dag import Dag
from schemaops.history.revision import Kept, Piece, RevisionId, Section, short
from schemaops.merge.conflicts import Conflict
from schemaops.merge.lines import Entry, Fork
from schemaops.merge.three_way import Merge, MergedStatement

__all__ = ["sections_up"]

_SIDES = ("ours", "theirs")


def sections_up(fork: Fork, merge: Merge, dag: Dag) -> tuple[Section, Section]:
    """Return the sections of a clean merge of a fork, ways back apart; the first head is `ours`."""
    ours, theirs = (_Writer(fork, merge, dag, way) for way in (0, 1))
    return ours.section(), theirs.section()


class _Writer:
    """Writes the way from one head: it names every revision of the other, and no others."""

    def __init__(self, fork: Fork, merge: Merge, dag: Dag, way: int) -> None:
        self._fork = fork
        self._merge = merge
        self._dag = dag
        self._way = way
        self._head = fork.heads[way]
        self._other = fork.heads[1 - way]
        # In order; a mapping is quicker to look in than a tuple.
        self._gained = dict.fromkeys(dag.beyond((self._head,), (self._other,)))

    def section(self) -> Section:
        statements = (self._merge.ours_to_merged, self._merge.theirs_to_merged)[self._way]
        pieces = [self._piece(one) for one in statements]
        pieces += self._silent({name for piece in pieces for name in piece.of})
        return Section(self._head, tuple(pieces), ())

    def _piece(self, one: MergedStatement) -> Piece:
        side, number = _place(one.origin)
        entry = self._fork.lines[side].stated[number]
        if side == self._way:
            # What takes back, or replaces, a statement of this head stands for what won over it.
            return Piece(self._winners(side, number), Kept.DECIDED, f"{one.sql};\n")
        of = self._named(entry.of)
        if one.sql is None:
            return Piece(of, Kept.ONCE)
        if any(_of_conflict(c, side) == number for c in self._merge.decided):
            kept = Kept.DECIDED
        elif one.carried and entry.kept is Kept.VERBATIM:
            kept = Kept.CARRIED
        else:
            kept = entry.kept
        return Piece(of, kept, f"{one.sql};\n")

    def _silent(self, named: set[str]) -> Iterator[Piece]:
        """Yield pieces for the revisions of which nothing is left to execute."""
        given_up = {
            revision for origin in self._merge.given_up for revision in self._entry(origin).of
        }
        kept: dict[RevisionId, Kept] = {}
        for entry in self._fork.lines[1 - self._way].entries:
            for revision in entry.of:
                if entry.group is None:
                    kept.setdefault(revision, entry.kept)
        for revision in self._gained:
            if short(revision) in named or len(self._dag.parents(revision)) > 1:
                continue
            how = Kept.DECIDED if revision in given_up else kept.get(revision, Kept.ONCE)
            yield Piece((short(revision),), how)

    def _winners(self, side: int, number: int) -> tuple[str, ...]:
        against = [
            self._fork.lines[1 - side].stated[_of_conflict(conflict, 1 - side)]
            for conflict in self._merge.decided
            if _of_conflict(conflict, side) == number
        ]
        return self._named(revision for entry in against for revision in entry.of)

    def _named(self, revisions: Iterable[RevisionId]) -> tuple[str, ...]:
        gained = [one for one in dict.fromkeys(revisions) if one in self._gained]
        # What an earlier merge decided of revisions that this head has too is that merge's own.
        return tuple(map(short, gained)) or (short(self._other),)

    def _entry(self, origin: str) -> Entry:
        side, number = _place(origin)
        return self._fork.lines[side].stated[number]


def _place(origin: str) -> tuple[int, int]:
    side, number = origin.split(":")
    return _SIDES.index(side), int(number) - 1


def _of_conflict(conflict: Conflict, side: int) -> int:
    return (conflict.ours, conflict.theirs)[side]
