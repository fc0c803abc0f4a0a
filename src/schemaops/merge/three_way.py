"""Merge: what two lines from one base come to, and the way there from either side.

Clean only if three derivations agree: theirs carried past ours, ours carried past theirs, and the merged
snapshots; and if no rule finds the two sides at odds where both orders would run. Every conflict is
reported, not the first: what conflicts is held back with what depends on it, and the rest is carried.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from schemaops.merge.as_written import as_written
from schemaops.merge.carry import Carried, Line, Trouble, alike, carry, is_once
from schemaops.merge.combine import combined_thing
from schemaops.merge.conflicts import Conflict, ConflictKind
from schemaops.merge.copies import asked, counters, drawing, restarted
from schemaops.merge.course import shown
from schemaops.merge.cut_names import cut_alike, longer
from schemaops.merge.event_triggers import fired_at
from schemaops.merge.filled import filled
from schemaops.merge.findings import Findings
from schemaops.merge.known import KnownRows
from schemaops.merge.labels import renamed_labels
from schemaops.merge.lax import cut
from schemaops.merge.mysql_parts import parted
from schemaops.merge.overloads import called
from schemaops.merge.partitions import divided
from schemaops.merge.rowwise import Told, rows_alike
from schemaops.merge.sessions import sets_session
from schemaops.merge.silent import clash
from schemaops.merge.snapshots import disagreements
from schemaops.merge.spelled import spelled
from schemaops.merge.typed import typed
from schemaops.merge.warnings import warnings
from schemaops.merge.world import Clash, World, said
from schemaops.names import Address, Kind
from schemaops.operations import Alter, Create, Drop, Opaque, Operation, Rename, Rows, seen_through
from schemaops.operations.footprint import Footprint, union
from schemaops.operations.group import Group
from schemaops.schema.objects import Object, Table
from schemaops.schema.state import Schema, TakenName
from schemaops.sql.interpret import Interpretation
from schemaops.sql.rebuilding import folded

__all__ = ["Merge", "MergedStatement", "merge_lines"]


@dataclass(frozen=True, slots=True)
class MergedStatement:
    """A statement of the way to the merge: `origin` names the statement it stands for (`theirs:2`, the
    second of theirs); `sql` is None where the other side's statement `once` made the same change."""

    sql: str | None
    origin: str
    carried: bool = False
    once: str | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """What two lines come to: the way from either side, the schema there, every conflict.

    `decided` are the conflicts that a resolution settled, `given_up` the statements it took out.
    """

    conflicts: tuple[Conflict, ...]
    warnings: tuple[Conflict, ...]
    ours_to_merged: tuple[MergedStatement, ...]
    theirs_to_merged: tuple[MergedStatement, ...]
    schema: Schema
    decided: tuple[Conflict, ...] = ()
    given_up: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing is left to decide."""
        return not self.conflicts


def merge_lines(
    base: Schema,
    ours: Interpretation,
    theirs: Interpretation,
    rows: KnownRows | None = None,
) -> Merge:
    """Return what the lines `ours` and `theirs`, both read over `base`, come to."""
    known = rows or KnownRows()
    ours, theirs = (
        Interpretation(
            folded(one.groups, base, (base, ours.after, theirs.after)), one.after, one.faults
        )
        for one in (ours, theirs)
    )
    common = _common(ours.groups, theirs.groups)
    for group in ours.groups[:common]:
        known = known.after(group, base)
        base = group.apply(base)
    mine = Line.of(ours.groups[common:], ours.after)
    its = Line.of(theirs.groups[common:], theirs.after)
    shared = [
        group.text if not group.operations and _OF_TRANSACTION.match(group.text) else None
        for group in ours.groups[:common]
    ]
    return _shifted(_Merger(World(base, known), mine, its).run(), shared)


def _common(ours: Sequence[Group], theirs: Sequence[Group]) -> int:
    """Return how many statements both lines begin with: made on one state, they are made once."""
    n = 0
    for mine, its in zip(ours, theirs, strict=False):
        if mine.operations != its.operations or sets_session(mine):
            break
        if (mine.opaque or not mine.operations) and mine.text.split() != its.text.split():
            break
        if mine.text != its.text and longer(mine) != longer(its):
            break
        n += 1
    # What both drop and make anew has an ancestor in the base, not behind the drop.
    one, other = (
        {o.at for group in line[n:] for o in group.operations if isinstance(o, Create)}
        for line in (ours, theirs)
    )
    anew = one & other
    for i, group in enumerate(ours[:n]):
        if any(isinstance(o, Drop) and o.at in anew for o in group.operations):
            return i
    # A group that stands for others is not taken from them.
    while n and ours[n - 1].hollow:
        n -= 1
    return n


# What holds for a transaction: it is said on either way.
_OF_TRANSACTION = re.compile(
    r"(?i)\s*(BEGIN|START|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE|LOCK|UNLOCK)\b"
)


def _shifted(merge: Merge, shared: Sequence[str | None]) -> Merge:
    """Return the merge of two lines that statements on both sides come before, `shared` those of them
    that are said on either way."""
    by = len(shared)
    if not by:
        return merge

    def later(steps: tuple[MergedStatement, ...], side: str, other: str) -> list[MergedStatement]:
        first = [
            MergedStatement(None, f"{side}:{n + 1}", once=f"{other}:{n + 1}")
            if text is None
            else MergedStatement(text, f"{side}:{n + 1}")
            for n, text in enumerate(shared)
        ]
        return first + [
            replace(s, origin=_behind(s.origin, by), once=s.once and _behind(s.once, by))
            for s in steps
        ]

    def moved(conflict: Conflict) -> Conflict:
        return replace(conflict, ours=conflict.ours + by, theirs=conflict.theirs + by)

    return replace(
        merge,
        conflicts=tuple(map(moved, merge.conflicts)),
        warnings=tuple(map(moved, merge.warnings)),
        ours_to_merged=tuple(later(merge.ours_to_merged, "theirs", "ours")),
        theirs_to_merged=tuple(later(merge.theirs_to_merged, "ours", "theirs")),
    )


def _behind(origin: str, by: int) -> str:
    side, number = origin.split(":")
    return f"{side}:{int(number) + by}"


_FINDERS = (
    asked,
    filled,
    counters,
    drawing,
    restarted,
    typed,
    divided,
    parted,
    fired_at,
    cut,
    cut_alike,
    called,
)


class _Merger:
    def __init__(self, world: World, ours: Line, theirs: Line) -> None:
        self._world = world
        self._ours = ours
        self._theirs = theirs
        self._found = Findings(ours, theirs)
        self._remade = frozenset((*_remade(ours), *_remade(theirs)))
        self._in_one = frozenset(_in_one(world.base, ours, theirs))

    def run(self) -> Merge:
        self._clashes()
        self._unknowns()
        self._spelled()
        to_ours = carry(self._theirs, self._ours)
        to_theirs = carry(self._ours, self._theirs)
        self._found.stuck(to_theirs.troubles, to_ours.troubles)
        blamed = frozenset(self._found.sure)
        self._troubles(to_ours.troubles, self._theirs, self._ours, blamed, swapped=False)
        self._troubles(to_theirs.troubles, self._ours, self._theirs, blamed, swapped=True)
        if not self._found.sure:
            self._divergences(to_ours, to_theirs)
        self._told(to_ours, to_theirs)
        if (both := self._as_written()) is not None:
            to_ours, to_theirs = both
        for i, j, found in warnings(self._world.base, self._ours, self._theirs):
            self._found.to_warn_of[i, j].append(found)
        if self._found.sure:
            to_ours = carry(self._theirs, self._ours, frozenset(j for _, j in self._found.sure))
            to_theirs = carry(self._ours, self._theirs, frozenset(i for i, _ in self._found.sure))
        return Merge(
            self._found.conflicts(),
            self._found.warnings(),
            _statements(to_ours, "theirs", "ours"),
            _statements(to_theirs, "ours", "theirs"),
            to_ours.after,
        )

    def _told(self, to_ours: Carried, to_theirs: Carried) -> None:
        """Let the known rows decide what the rules doubt."""
        told = Told(None)
        if not self._found.sure:
            told = rows_alike(
                self._world.base, self._world.rows, self._ours, self._theirs, to_ours, to_theirs
            )
        if told.alike is not True:
            self._found.insist()
        if told.alike is False and not self._found.sure:
            i, j = _last_with_rows(self._ours), _last_with_rows(self._theirs)
            rowful = self._ours if _has_rows(self._ours.groups[i]) else self._theirs
            at = _first_address(rowful.groups[i if rowful is self._ours else j])
            reason = f"of the rows that are known: {told.why}"
            self._found.note(i, j, Clash(ConflictKind.ROWS_ROWS, at, reason))

    def _as_written(self) -> tuple[Carried, Carried] | None:
        """Return the ways to the merge where both sides run as they stand and end alike; what rules say
        against that is then only to warn of."""
        clashes = self._found.certain()
        if not clashes:
            return None
        world = self._world
        both = as_written(world.base, world.rows, self._ours, self._theirs, clashes)
        if both is not None:
            self._found.yield_to_rows()
        return both

    # -- pairs that a rule finds at odds

    def _clashes(self) -> None:
        index: dict[Address, list[tuple[int, Operation]]] = defaultdict(list)
        for i, operations in enumerate(self._ours.homes):
            for operation in seen_through(operations):
                for at in self._near(operation):
                    index[at].append((i, operation))
        # What both sides did the same is no conflict with what else both did.
        shared = {o for group in self._ours.homes for o in group if not _is_plain_rows(o)}
        shared &= {o for group in self._theirs.homes for o in group}
        shared -= self._remade
        for j, operations in enumerate(self._theirs.homes):
            for theirs in seen_through(operations):
                seen: set[tuple[int, int]] = set()
                for at in sorted(self._near(theirs)):
                    for i, ours in index.get(at, ()):
                        if (i, id(ours)) in seen:
                            continue
                        seen.add((i, id(ours)))
                        if ours in shared and theirs in shared:
                            self._same_table(i, j, ours, theirs)
                        else:
                            self._pair(i, j, ours, theirs)

    def _same_table(self, i: int, j: int, ours: Operation, theirs: Operation) -> None:
        """Note that both create a table of one name, and not the same one."""
        if ours != theirs or not isinstance(ours, Create) or not isinstance(ours.thing, Table):
            return
        if not alike(self._ours.homes[i], self._theirs.homes[j], self._world.dialect):
            reason = f"both sides create {said(ours.at)}, differently"
            self._found.note(i, j, Clash(ConflictKind.CREATE_CREATE, ours.at, reason))

    def _near(self, operation: Operation) -> set[Address]:
        found = _places(operation)
        return found | self._world.nearby(operation) if isinstance(operation, Rows) else found

    def _pair(self, i: int, j: int, ours: Operation, theirs: Operation) -> None:
        if isinstance(ours, Rows) and isinstance(theirs, Rows) and self._same_rows(i, j):
            return
        found = clash(ours, theirs, self._world, remade=self._remade, in_one=self._in_one)
        if found is not None:
            self._found.note(i, j, found)

    def _same_rows(self, i: int, j: int) -> bool:
        """Whether the two statements are one data change, made by both sides."""
        return is_once(self._theirs.homes[j], self._ours.homes[i])

    def _unknowns(self) -> None:
        for j, group in enumerate(self._theirs.groups):
            if group.unknown and self._ours.groups:
                self._unknown(0, j, group)
        for i, group in enumerate(self._ours.groups):
            if group.unknown and self._theirs.groups:
                self._unknown(i, 0, group)
        mine = [i for i, group in enumerate(self._ours.groups) if _touches_rows(group)]
        its = [j for j, group in enumerate(self._theirs.groups) if _touches_rows(group)]
        for i in mine:
            for j in its:
                ours, theirs = self._ours.groups[i], self._theirs.groups[j]
                if ours.opaque or theirs.opaque:
                    self._unknown(i, j, ours if ours.opaque else theirs)

    def _spelled(self) -> None:
        for find in _FINDERS:
            for i, j, found_ in find(self._world, self._ours, self._theirs):
                self._found.note(i, j, found_)
        for found in spelled(self._world, self._ours, self._theirs):
            if found.warning:
                self._found.to_warn_of[found.ours, found.theirs].append(found.clash)
            else:
                self._found.note(found.ours, found.theirs, found.clash)

    def _unknown(self, i: int, j: int, group: Group) -> None:
        reason = f"the effect of `{_first_line(group.text)}` is not known"
        self._found.note(i, j, Clash(ConflictKind.UNKNOWN, Address(Kind.UNMODELLED, ()), reason))

    # -- statements that could not be carried

    def _troubles(
        self,
        troubles: Sequence[Trouble],
        line: Line,
        over: Line,
        blamed: frozenset[tuple[int, int]],
        *,
        swapped: bool,
    ) -> None:
        stuck: list[int] = []
        for trouble in troubles:
            k = trouble.origin
            if any(self._depends(line, k, earlier) for earlier in stuck):
                stuck.append(k)
                continue
            stuck.append(k)
            if any(k == pair[not swapped] for pair in blamed):
                continue
            other = self._culprit(trouble, line, over)
            if other is None:
                continue
            pair = (k, other) if swapped else (other, k)
            found = self._trouble_clash(trouble, line.groups[k], over.groups[other])
            self._found.note(*pair, found)

    def _depends(self, line: Line, later: int, earlier: int) -> bool:
        return not _footprint(line, later).clear_of(_footprint(line, earlier))

    def _culprit(self, trouble: Trouble, line: Line, over: Line) -> int | None:
        if isinstance(trouble.error, TakenName):
            for i in range(len(over.groups) - 1, -1, -1):
                for operation in over.groups[i].operations:
                    placed = _placed(operation)
                    if placed in (trouble.error.holder, trouble.error.at):
                        return i
        if trouble.label is not None:
            return next(i for i, homes in enumerate(over.homes) if renamed_labels(homes))
        mine = _footprint(line, trouble.origin)
        touching = [i for i in range(len(over.groups)) if not mine.clear_of(_footprint(over, i))]
        if touching:
            return touching[-1]
        differing = {operation.at for operation in trouble.differing if hasattr(operation, "at")}
        for i in range(len(over.groups) - 1, -1, -1):
            if any(
                _placed(operation) in differing or getattr(operation, "at", None) in differing
                for operation in over.groups[i].operations
            ):
                return i
        return len(over.groups) - 1 if over.groups else None

    def _trouble_clash(self, trouble: Trouble, group: Group, other: Group) -> Clash:
        said = _first_line(group.text)
        at = trouble.gone or getattr(trouble.error, "at", None) or _first_address(group)
        if trouble.gone is not None:
            return Clash(
                ConflictKind.DROP_USE,
                trouble.gone,
                f"`{said}` needs {trouble.gone.kind} {trouble.gone}, which the other side drops",
            )
        if trouble.label is not None:
            return Clash(
                ConflictKind.ORDER,
                at,
                f"`{said}` may mean the value '{trouble.label}', which the other side renames",
            )
        if isinstance(trouble.error, TakenName):
            return Clash(
                ConflictKind.NAME_TAKEN,
                trouble.error.at,
                f"`{said}` gives a name that the other side gave to another object",
            )
        if trouble.error is not None:
            return Clash(
                ConflictKind.ORDER,
                at,
                f"`{said}` does not apply after `{_first_line(other.text)}`: {trouble.error.message}",
            )
        kind = ConflictKind.MASKED if group.masks or other.masks else ConflictKind.ORDER
        return Clash(kind, at, f"`{said}` does something else after `{_first_line(other.text)}`")

    # -- derivations that do not agree

    def _divergences(self, to_ours: Carried, to_theirs: Carried) -> None:
        homes = {
            *disagreements(self._world.base, self._ours, self._theirs, to_ours),
            *disagreements(self._world.base, self._theirs, self._ours, to_theirs),
        }
        if to_ours.after != to_theirs.after and not homes:
            homes = set(self._differing(to_ours, to_theirs))
        for home in sorted(homes):
            i, j = _last_touching(self._ours, home), _last_touching(self._theirs, home)
            reason = f"the ways to merge do not agree on {said(home)}"
            self._found.note(i, j, Clash(ConflictKind.DIVERGE, home, reason))

    def _differing(self, to_ours: Carried, to_theirs: Carried) -> Iterable[Address]:
        one, other = to_ours.after, to_theirs.after
        places = {thing.at for thing in one} | {thing.at for thing in other}
        differing = [at for at in sorted(places) if one.digest_at(at) != other.digest_at(at)]
        return [to_ours.course.home(at) for at in differing]


def _in_one(base: Schema, ours: Line, theirs: Line) -> Iterable[Address]:
    """Yield the homes of what both sides change, or make anew in the place of one object, and that
    combines."""
    mine, its = _made(base, ours), _made(base, theirs)
    for home in mine.keys() & its.keys():
        ancestor = base.get(shown(home))
        if mine[home] != its[home]:
            if combined_thing(ancestor, mine[home], its[home], base.dialect) is not None:
                yield home


def _made(base: Schema, line: Line) -> dict[Address, Object]:
    """Return, by home, what a line makes in the place of something of the base, and views it changes."""
    found: dict[Address, Object] = {}
    for homes in line.homes:
        for operation in homes:
            match operation:
                case Create(thing=thing) if shown(thing.at) != thing.at:
                    found[thing.at] = thing
                case Alter(at=at, fact=fact, after=after) if at.kind is Kind.VIEW and at in base:
                    found[at] = replace(found.get(at, base.at(at)), **{fact: after})
                case _:
                    continue
    return found


def _remade(line: Line) -> Iterable[Alter]:
    """Yield the changes of types that compute the values anew, beyond casting them."""
    for group, homes in zip(line.groups, line.homes, strict=True):
        _, using, made = group.text.upper().partition("USING")
        if using and not _CASTS.fullmatch(made):
            yield from (o for o in homes if isinstance(o, Alter) and o.fact == "type")


_CASTS = re.compile(r"[\s\w\".]+(::[\s\w(),]+)*(,.*)?", re.DOTALL)


def _is_plain_rows(operation: Operation) -> bool:
    """Whether an operation is a data change of its own, and no part of a rebuild."""
    return isinstance(operation, Rows) and not operation.copied


def _last_with_rows(line: Line) -> int:
    found = [i for i, group in enumerate(line.groups) if _has_rows(group)]
    return found[-1] if found else len(line.groups) - 1


def _has_rows(group: Group) -> bool:
    return any(isinstance(operation, Rows) for operation in group.operations)


def _places(operation: Operation) -> set[Address]:
    """Return the addresses under which an operation meets others: its own, and what they were before
    something new came to stand there."""
    found = operation.footprint().addresses()
    return {*found, *map(shown, found)}


def _touches_rows(group: Group) -> bool:
    return any(
        isinstance(o, Rows) or (isinstance(o, Opaque) and not o.how.startswith("declared"))
        for o in group.operations
    )


def _footprint(line: Line, i: int) -> Footprint:
    return union(operation.footprint() for operation in line.homes[i])


def _placed(operation: Operation) -> Address | None:
    match operation:
        case Create():
            return operation.at
        case Rename():
            return operation.new
        case _:
            return None


def _first_address(group: Group) -> Address:
    for operation in group.operations:
        at = getattr(operation, "at", None)
        if isinstance(at, Address):
            return at
    return group.mentions[0].at if group.mentions else Address(Kind.UNMODELLED, ())


def _last_touching(line: Line, home: Address) -> int:
    for i in range(len(line.homes) - 1, -1, -1):
        touched = _footprint(line, i).addresses()
        if home in touched or any(home.covers(at) or at.covers(home) for at in touched):
            return i
    return len(line.homes) - 1


def _statements(carried: Carried, side: str, other: str) -> tuple[MergedStatement, ...]:
    return tuple(
        MergedStatement(
            step.sql,
            f"{side}:{step.origin + 1}",
            step.carried,
            None if step.once is None else f"{other}:{step.once + 1}",
        )
        for step in carried.steps
    )


def _first_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "…"
