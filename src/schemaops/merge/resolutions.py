"""Resolutions: what a person decided for a conflict id, and the merge that follows from it.

A decision for one side takes the other side's statement out of its line; what that statement did is
undone on the databases that ran it. A decision for an order takes the later statement out and puts it
at the end, on both ways, with what cannot stand before it. An edited statement takes both out and
stands at the end. Then the lines are merged again, so that a decision never hides what it does not
settle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from schemaops.errors import SchemaOpsError
from schemaops.merge.carry import Line, Trouble, carry
from schemaops.merge.conflicts import Conflict, Decision
from schemaops.merge.course import Course, Gone
from schemaops.merge.known import KnownRows
from schemaops.merge.renaming import Renamed, object_named, renamed_line
from schemaops.merge.three_way import Merge, MergedStatement, merge_lines
from schemaops.names import Address, Kind
from schemaops.operations import Drop, Opaque, Operation, Rows
from schemaops.operations.group import Group
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Effect, Interpretation, Interpreter
from schemaops.sql.rebuilding import folded
from schemaops.sql.render import render
from schemaops.sql.split import split

__all__ = [
    "Between",
    "Edited",
    "Renamed",
    "Resolution",
    "Resolutions",
    "Unresolved",
    "merge_resolved",
]


Between = Callable[[Schema, Schema, Iterable[tuple[Address, Address]]], tuple[Operation, ...]]
"""The diff, handed in because neighbours in a layer do not know each other: what leads from one schema
to another, and what of that is a rename."""


class Unresolved(SchemaOpsError):
    """A decision cannot be carried out: what it leaves does not apply.

    Take another decision for the conflict, or edit the statement so that it applies.
    """

    code = "SO320"


@dataclass(frozen=True, slots=True)
class Edited:
    """A decision that replaces both statements by others."""

    sql: str


Resolution = Decision | Edited | Renamed
Resolutions = Mapping[str, Resolution]


def merge_resolved(
    base: Schema,
    ours: Interpretation,
    theirs: Interpretation,
    rows: KnownRows | None,
    resolutions: Resolutions,
    between: Between,
) -> Merge:
    """Return the merge of two lines with the conflicts settled that were decided; raise Unresolved."""
    found = merge_lines(base, ours, theirs, rows)
    decided = tuple(c for c in found.conflicts if c.id in resolutions)
    if not decided:
        return found
    left = tuple(c for c in found.conflicts if c.id not in resolutions)
    # Under another name, what is left may be at odds no more.
    if left and not any(isinstance(resolutions[c.id], Renamed) for c in decided):
        return replace(found, conflicts=left, decided=decided)
    return _Resolver(base, ours, theirs, rows, resolutions, between).run(decided)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A line without some of its statements: what is left, each with its number in the line; those
    taken out that are to come at the end, and those that are given up."""

    whole: Interpretation
    line: Interpretation
    numbers: tuple[int, ...]
    postponed: frozenset[int]
    waiting: frozenset[int]

    @property
    def later(self) -> frozenset[int]:
        """The statements that are to come at the end, where they apply there."""
        return self.postponed | self.waiting

    @property
    def out(self) -> tuple[int, ...]:
        """The statements that are no longer in the line."""
        left = set(self.numbers)
        return tuple(i for i in range(len(self.whole.groups)) if i not in left)


class _Resolver:
    def __init__(
        self,
        base: Schema,
        ours: Interpretation,
        theirs: Interpretation,
        rows: KnownRows | None,
        known: Resolutions,
        between: Between,
    ) -> None:
        self._base = base
        beside = (base, ours.after, theirs.after)
        self._ours = Interpretation(folded(ours.groups, base, beside), ours.after)
        self._theirs = Interpretation(folded(theirs.groups, base, beside), theirs.after)
        self._rows = rows
        self._known = known
        self._between = between

    def run(self, decided: tuple[Conflict, ...]) -> Merge:
        for conflict in decided:
            resolution = self._known[conflict.id]
            if isinstance(resolution, Renamed):
                return self._renamed(conflict, resolution, decided)
        out: dict[str, set[int]] = {"ours": set(), "theirs": set()}
        later: dict[str, set[int]] = {"ours": set(), "theirs": set()}
        edited: dict[tuple[int, str], None] = {}
        for conflict in decided:
            match self._known[conflict.id]:
                case Decision.OURS:
                    out["theirs"].add(conflict.theirs)
                case Decision.THEIRS:
                    out["ours"].add(conflict.ours)
                case Decision.OURS_FIRST:
                    later["theirs"].add(conflict.theirs)
                case Decision.THEIRS_FIRST:
                    later["ours"].add(conflict.ours)
                case Edited(sql=sql):
                    out["ours"].add(conflict.ours)
                    out["theirs"].add(conflict.theirs)
                    edited[conflict.ours, sql] = None
        sides = {
            name: self._without(line, out[name], later[name] - out[name], waits=bool(edited))
            for name, line in (("ours", self._ours), ("theirs", self._theirs))
        }
        ours, theirs = sides["ours"], sides["theirs"]
        inner = merge_resolved(
            self._base, ours.line, theirs.line, self._rows, self._known, self._between
        )
        if not inner.clean:
            return replace(inner, decided=decided)
        tail = tuple((f"ours:{number + 1}", sql) for number, sql in edited)
        end = _ended(sides, inner, tail)
        ways = []
        for name, other, way in (
            ("ours", "theirs", inner.ours_to_merged),
            ("theirs", "ours", inner.theirs_to_merged),
        ):
            side = sides[name]
            back, gone = self._undone(name, side)
            straight = None if edited else _straight(name, side, other, sides[other], end, gone)
            if straight is not None:
                ways.append((*(() if side.later else back), *straight))
                continue
            ways.append(
                (
                    *back,
                    *(_renumbered(one, sides) for one in way),
                    *(one for one in end.statements if not _stays(one, name, side, gone)),
                )
            )
        within = (
            replace(one, ours=ours.numbers[one.ours], theirs=theirs.numbers[one.theirs])
            for one in inner.decided
        )
        gone_too = (_moved(origin, sides) for origin in inner.given_up)
        given_up = [f"{name}:{i + 1}" for name, side in sides.items() for i in side.out]
        return Merge(
            (),
            (),
            ways[0],
            ways[1],
            end.schema,
            tuple({one.id: one for one in (*decided, *within)}.values()),
            tuple(one for one in dict.fromkeys((*given_up, *gone_too)) if one not in end.origins),
        )

    def _renamed(self, conflict: Conflict, how: Renamed, decided: tuple[Conflict, ...]) -> Merge:
        """Return the merge of the lines with one side's object under another name."""
        own = how.side == "ours"
        line, number = (self._ours, conflict.ours) if own else (self._theirs, conflict.theirs)
        at = object_named(line.groups[number], conflict.address)
        made = None if at is None else renamed_line(self._base, line, number, at, how.name)
        if made is None:
            raise Unresolved(
                f"`{line.groups[number].text[:60]}` cannot be brought to the name {how.name}"
            )
        again, statements = made
        ours, theirs = (again, self._theirs) if own else (self._ours, again)
        known = {name: one for name, one in self._known.items() if name != conflict.id}
        inner = merge_resolved(self._base, ours, theirs, self._rows, known, self._between)
        moved = tuple(
            MergedStatement(text, f"{how.side}:{number + 1}", carried=True) for text in statements
        )
        return replace(
            inner,
            ours_to_merged=(*moved, *inner.ours_to_merged) if own else inner.ours_to_merged,
            theirs_to_merged=inner.theirs_to_merged if own else (*moved, *inner.theirs_to_merged),
            decided=tuple({one.id: one for one in (*decided, *inner.decided)}.values()),
        )

    def _without(
        self, line: Interpretation, out: set[int], later: set[int], *, waits: bool
    ) -> _Kept:
        """Return a line without some statements and those that cannot stand without them; what
        followed a rename that is taken out speaks of the old name again."""
        whole = Line.of(line.groups, line.after)
        carried = carry(whole, Line.of((), self._base), frozenset(out | later))
        interpreter = Interpreter(self._base, _effects(line))
        kept = []
        for step in carried.steps:
            file = line.groups[step.origin].place.file
            for statement in split(step.sql or "", self._base.dialect, file=file):
                interpreter.read(statement, file)
                kept.append(step.origin)
        read = interpreter.interpretation()
        waiting = {one.origin for one in carried.troubles} if later or waits else set()
        return _Kept(
            line,
            Interpretation(read.groups, read.after),
            tuple(kept),
            frozenset(later),
            frozenset(waiting),
        )

    def _undone(
        self, name: str, side: _Kept
    ) -> tuple[tuple[MergedStatement, ...], frozenset[Address]]:
        """Return the statements that take back, at the end of a line, what was taken out of it, and
        the tables and columns whose values go with it."""
        for i in side.out:
            group = side.whole.groups[i]
            if group.unknown and i not in side.later:
                raise Unresolved(f"nobody knows how to take back `{group.text[:60]}`")
        if side.whole.after == side.line.after:
            return (), frozenset()
        statements, operations = _way_back(side, self._between)
        gone = frozenset(one.thing.at for one in operations if isinstance(one, Drop))
        last = f"{name}:{side.out[-1] + 1}"
        return tuple(MergedStatement(text, last, carried=True) for text in statements), gone


def _ended(sides: Mapping[str, _Kept], inner: Merge, tail: Iterable[tuple[str, str]]) -> _End:
    """Return the end of a merge with all there that decisions put there; raise Unresolved."""
    ways = {"ours": inner.ours_to_merged, "theirs": inner.theirs_to_merged}
    refused: Unresolved | None = None
    # What one side has at the end may need what the other has there.
    for names in (("ours", "theirs"), ("theirs", "ours")):
        end = _End(inner.schema)
        for origin, sql in tail:
            end.edited(origin, sql)
        try:
            for name in names:
                end.postponed(name, sides[name], ways[name])
        except Unresolved as error:
            refused = refused or error
        else:
            return end
    assert refused is not None
    raise refused


class _End:
    """The end of a merge: what decisions put there, each statement as it reads there."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.statements: list[MergedStatement] = []

    @property
    def origins(self) -> frozenset[str]:
        """The statements that stand here, as they read here or edited."""
        return frozenset(one.origin for one in self.statements)

    def edited(self, origin: str, text: str) -> None:
        """Put statements here that a person wrote; raise Unresolved."""
        interpreter = Interpreter(self.schema)
        for statement in split(text, self.schema.dialect):
            interpreter.read(statement)
            self.statements.append(MergedStatement(statement.text, origin, carried=True))
        read = interpreter.interpretation()
        for fault in read.faults:
            raise Unresolved(
                f"`{fault.text[:60]}` does not apply at the end of the merge: {fault.error.message}"
            )
        self.schema = read.after

    def postponed(self, name: str, side: _Kept, way: Iterable[MergedStatement]) -> None:
        """Put a side's statements here that are to come after the other's, and those that waited for
        them; raise Unresolved where one of the former does not apply."""
        if not side.later:
            return
        line = side.whole
        reader = Interpreter(side.line.after, _effects(line))
        for text in (*_texts(way), *_texts(self.statements)):
            for statement in split(text, self.schema.dialect):
                reader.read(statement)
        over = (*side.line.groups, *reader.interpretation().groups)
        held = frozenset(range(len(line.groups))) - side.later
        past = _past(over, reader.schema)
        carried = carry(Line.of(line.groups, line.after), past, held, side.postponed)
        for trouble in carried.troubles:
            if trouble.origin in side.postponed:
                raise Unresolved(
                    f"`{line.groups[trouble.origin].text[:60]}` does not apply at the end of the "
                    f"merge{_why(trouble)}"
                )
        for step in carried.steps:
            if step.sql is not None:
                origin = f"{name}:{step.origin + 1}"
                self.statements.append(MergedStatement(step.sql, origin, carried=True))
        self.schema = carried.after


def _why(trouble: Trouble) -> str:
    if trouble.gone is not None:
        return f": there is no {trouble.gone.kind} {trouble.gone} any more"
    return "" if trouble.error is None else f": {trouble.error.message}"


def _straight(
    name: str, side: _Kept, other: str, line: _Kept, end: _End, gone: frozenset[Address]
) -> tuple[MergedStatement, ...] | None:
    """Return the way from a side on which the other's statements come in their own order; None where
    there is none, or none is called for.

    The side's own that are to come last need not be undone and done again where that would cost what
    rows hold and is not needed for the rest to apply.
    """
    if side.later:
        unknown = any(one.unknown for kept in (side, line) for one in kept.whole.groups)
        if not gone or unknown or set(side.out) - side.later:
            return None
        before, numbers = side.whole, tuple(range(len(side.whole.groups)))
    elif line.later:
        before, numbers = side.line, side.numbers
    else:
        return None
    given_up = frozenset(i for i in line.out if f"{other}:{i + 1}" not in end.origins)
    past = Line.of(before.groups, before.after)
    whole = Line.of(line.whole.groups, line.whole.after)
    carried = carry(whole, past, given_up, line.postponed)
    again = any(step.sql is None and step.origin in line.postponed for step in carried.steps)
    if carried.troubles or again or carried.after != end.schema:
        return None
    return tuple(
        MergedStatement(
            step.sql,
            f"{other}:{step.origin + 1}",
            step.carried,
            None if step.once is None else f"{name}:{numbers[step.once] + 1}",
        )
        for step in carried.steps
    )


def _past(groups: tuple[Group, ...], after: Schema) -> Line:
    """Return a line to carry past whose changes of rows nothing is taken to have made already."""
    line = Line.of(groups, after)
    homes = (tuple(o for o in made if not isinstance(o, Rows)) for made in line.homes)
    return replace(line, homes=tuple(homes))


def _texts(way: Iterable[MergedStatement]) -> Iterator[str]:
    return (one.sql for one in way if one.sql is not None)


def _stays(one: MergedStatement, name: str, side: _Kept, gone: frozenset[Address]) -> bool:
    """Whether a statement at the end was run on this side already and cannot be taken back: run
    again, it would do to the rows twice what it does."""
    own, number = one.origin.split(":")
    if own != name or int(number) - 1 not in side.later:
        return False
    group = side.whole.groups[int(number) - 1]
    return _irrevocable(group) and not any(
        at in gone
        for operation in group.operations
        if isinstance(operation, Rows)
        for at in (operation.table, *(at for at, _ in operation.sets))
    )


def _irrevocable(group: Group) -> bool:
    """Whether a statement changes rows alone, or nobody knows what: nothing takes that back."""
    return group.unknown or all(isinstance(operation, Rows) for operation in group.operations)


def _renumbered(one: MergedStatement, sides: Mapping[str, _Kept]) -> MergedStatement:
    return replace(one, origin=_moved(one.origin, sides), once=one.once and _moved(one.once, sides))


def _moved(origin: str, sides: Mapping[str, _Kept]) -> str:
    """Return a statement of a line that something was taken out of as the whole line numbers it."""
    side, number = origin.split(":")
    return f"{side}:{sides[side].numbers[int(number) - 1] + 1}"


def _effects(line: Interpretation) -> dict[str, Effect]:
    return {
        o.text: Effect(o.effect, o.how)
        for group in line.groups
        for o in group.operations
        if isinstance(o, Opaque) and o.effect is not None
    }


def _way_back(side: _Kept, between: Between) -> tuple[tuple[str, ...], tuple[Operation, ...]]:
    """Return the statements, and what they come to, that lead from the end of a line to where it ends
    without what was taken out; raise Unresolved."""
    line, wanted = side.whole, side.line.after
    named = f"`{line.groups[side.out[0]].text[:60]}`"
    error: SchemaOpsError | None = None
    # Two names that were exchanged are not given back one after the other.
    for renames in (tuple(_renames(line, side.line)), ()):
        try:
            operations = between(line.after, wanted, renames)
            statements = render(operations, line.after)
        except SchemaOpsError as failed:
            error = failed
            continue
        interpreter = Interpreter(line.after)
        for text in statements:
            for statement in split(text, wanted.dialect):
                interpreter.read(statement)
        if interpreter.schema == wanted:
            return statements, operations
    why = "" if error is None else f": {error.message}"
    raise Unresolved(f"what {named} did cannot be taken back on its own{why}") from error


def _renames(line: Interpretation, kept: Interpretation) -> Iterator[tuple[Address, Address]]:
    """Yield what is called otherwise at the end of a line than it is where statements are left out."""
    here, there = Course(), Course()
    for course, groups in ((here, line.groups), (there, kept.groups)):
        for group in groups:
            for operation in group.operations:
                course.advance(operation)
    for thing in line.after:
        if thing.at.kind not in _RENAMABLE:
            continue
        try:
            place = there.place(here.home(thing.at))
        except Gone:
            continue
        if place.name != thing.at.name and place in kept.after:
            yield thing.at, place


_RENAMABLE = (Kind.TABLE, Kind.VIEW, Kind.COLUMN, Kind.INDEX, Kind.ENUM, Kind.DOMAIN, Kind.SEQUENCE)
