"""Resolutions: what a person decided for a conflict id, and the merge that follows from it.

A decision for one side takes the other side's statement out of its line; what that statement did is
undone on the databases that ran it. A decision for an order takes the later statement out and puts it
at the end, on both ways. An edited statement takes both out and stands at the end. Then the lines are
merged again, so that a decision never hides what it does not settle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from schemaops.errors import SchemaOpsError
from schemaops.merge.carry import Line, carry
from schemaops.merge.conflicts import Conflict, Decision
from schemaops.merge.course import Course, Gone
from schemaops.merge.known import KnownRows
from schemaops.merge.renaming import Renamed, object_named, renamed_line
from schemaops.merge.three_way import Merge, MergedStatement, merge_lines
from schemaops.names import Address
from schemaops.operations import Create, Drop, Opaque, Operation, Rename, Rows
from schemaops.operations.group import Group
from schemaops.operations.opaque import Irreversible
from schemaops.schema.objects import relocated
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Effect, Interpretation, Interpreter
from schemaops.sql.rebuilding import folded
from schemaops.sql.render import render
from schemaops.sql.split import split

__all__ = ["Edited", "Renamed", "Resolution", "Resolutions", "Unresolved", "merge_resolved"]


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
    rows: KnownRows | None = None,
    resolutions: Resolutions | None = None,
) -> Merge:
    """Return the merge of two lines with the conflicts settled that were decided; raise Unresolved."""
    found = merge_lines(base, ours, theirs, rows)
    known = resolutions or {}
    decided = tuple(c for c in found.conflicts if c.id in known)
    if not decided:
        return found
    left = tuple(c for c in found.conflicts if c.id not in known)
    # Under another name, what is left may be at odds no more.
    if left and not any(isinstance(known[c.id], Renamed) for c in decided):
        return replace(found, conflicts=left, decided=decided)
    return _Resolver(base, ours, theirs, rows, known).run(decided)


class _Resolver:
    def __init__(
        self,
        base: Schema,
        ours: Interpretation,
        theirs: Interpretation,
        rows: KnownRows | None,
        known: Resolutions,
    ) -> None:
        self._base = base
        beside = (base, ours.after, theirs.after)
        self._ours = Interpretation(folded(ours.groups, base, beside), ours.after)
        self._theirs = Interpretation(folded(theirs.groups, base, beside), theirs.after)
        self._rows = rows
        self._known = known

    def run(self, decided: tuple[Conflict, ...]) -> Merge:
        for conflict in decided:
            resolution = self._known[conflict.id]
            if isinstance(resolution, Renamed):
                return self._renamed(conflict, resolution, decided)
        out_of_ours: set[int] = set()
        out_of_theirs: set[int] = set()
        tail: dict[str, str] = {}
        for conflict in decided:
            match self._known[conflict.id]:
                case Decision.OURS:
                    out_of_theirs.add(conflict.theirs)
                case Decision.THEIRS:
                    out_of_ours.add(conflict.ours)
                case Decision.OURS_FIRST:
                    out_of_theirs.add(conflict.theirs)
                    tail[f"theirs:{conflict.theirs + 1}"] = conflict.theirs_group.text
                case Decision.THEIRS_FIRST:
                    out_of_ours.add(conflict.ours)
                    tail[f"ours:{conflict.ours + 1}"] = conflict.ours_group.text
                case Edited(sql=sql):
                    out_of_ours.add(conflict.ours)
                    out_of_theirs.add(conflict.theirs)
                    tail[f"ours:{conflict.ours + 1}"] = sql
        ours, kept_ours = self._without(self._ours, out_of_ours)
        theirs, kept_theirs = self._without(self._theirs, out_of_theirs)
        inner = merge_resolved(self._base, ours, theirs, self._rows, self._known)
        if not inner.clean:
            return replace(inner, decided=decided)
        schema, ends = self._tail(inner.schema, tail)
        kept = {"ours": kept_ours, "theirs": kept_theirs}
        return Merge(
            (),
            (),
            (
                *self._undone(self._ours, ours.after, kept_ours, "ours", tail),
                *(_renumbered(one, kept) for one in inner.ours_to_merged),
                *(one for one in ends if not self._stays(one, "ours")),
            ),
            (
                *self._undone(self._theirs, theirs.after, kept_theirs, "theirs", tail),
                *(_renumbered(one, kept) for one in inner.theirs_to_merged),
                *(one for one in ends if not self._stays(one, "theirs")),
            ),
            schema,
            decided,
            (
                *_given_up(self._ours, kept_ours, "ours", tail),
                *_given_up(self._theirs, kept_theirs, "theirs", tail),
            ),
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
        inner = merge_resolved(self._base, ours, theirs, self._rows, known)
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
        self, line: Interpretation, out: set[int]
    ) -> tuple[Interpretation, tuple[int, ...]]:
        """Return a line without some statements and those that cannot stand without them; what
        followed a rename that is taken out speaks of the old name again."""
        whole = Line.of(line.groups, line.after)
        carried = carry(whole, Line.of((), self._base), frozenset(out))
        interpreter = Interpreter(self._base, _effects(line))
        kept = []
        for step in carried.steps:
            file = line.groups[step.origin].place.file
            for statement in split(step.sql or "", self._base.dialect, file=file):
                interpreter.read(statement, file)
                kept.append(step.origin)
        read = interpreter.interpretation()
        return Interpretation(read.groups, read.after), tuple(kept)

    def _tail(
        self, schema: Schema, tail: Mapping[str, str]
    ) -> tuple[Schema, tuple[MergedStatement, ...]]:
        interpreter = Interpreter(schema)
        ends = []
        for origin, text in tail.items():
            for statement in split(text, schema.dialect):
                interpreter.read(statement)
                ends.append(MergedStatement(statement.text, origin, carried=True))
        read = interpreter.interpretation()
        for fault in read.faults:
            raise Unresolved(
                f"`{fault.text[:60]}` does not apply at the end of the merge: {fault.error.message}"
            )
        return read.after, tuple(ends)

    def _stays(self, one: MergedStatement, side: str) -> bool:
        """Whether a statement at the end was run on this side already and cannot be taken back: run
        again, it would do to the rows twice what it does."""
        own, number = one.origin.split(":")
        line = self._ours if own == "ours" else self._theirs
        group = line.groups[int(number) - 1]
        return own == side and group.text == one.sql and _irrevocable(group)

    def _undone(
        self,
        line: Interpretation,
        wanted: Schema,
        kept: tuple[int, ...],
        side: str,
        tail: Mapping[str, str],
    ) -> tuple[MergedStatement, ...]:
        """Return the statements that take back, at the end of a line, what was taken out of it."""
        out = [
            i
            for i in range(len(line.groups))
            if i not in set(kept)
            and not (
                tail.get(f"{side}:{i + 1}") == line.groups[i].text and _irrevocable(line.groups[i])
            )
        ]
        if not out:
            return ()
        operations = _inverses(self._base, line.groups, out)
        try:
            statements = render(operations, line.after) if operations else ()
        except SchemaOpsError as error:
            raise Unresolved(
                f"`{line.groups[out[0]].text[:60]}` cannot be taken back: {error.message}"
            ) from error
        interpreter = Interpreter(line.after)
        for text in statements:
            for statement in split(text, wanted.dialect):
                interpreter.read(statement)
        if interpreter.schema != wanted:
            raise Unresolved(
                f"what `{line.groups[out[0]].text[:60]}` did cannot be taken back on its own"
            )
        last = f"{side}:{out[-1] + 1}"
        return tuple(MergedStatement(text, last, carried=True) for text in statements)


def _irrevocable(group: Group) -> bool:
    """Whether a statement changes rows alone, or nobody knows what: nothing takes that back."""
    return group.unknown or all(isinstance(operation, Rows) for operation in group.operations)


def _given_up(
    line: Interpretation, kept: tuple[int, ...], side: str, tail: Mapping[str, str]
) -> tuple[str, ...]:
    out = (f"{side}:{i + 1}" for i in range(len(line.groups)) if i not in set(kept))
    return tuple(origin for origin in out if origin not in tail)


def _renumbered(one: MergedStatement, kept: Mapping[str, tuple[int, ...]]) -> MergedStatement:
    def back(origin: str | None) -> str | None:
        if origin is None:
            return None
        side, number = origin.split(":")
        return f"{side}:{kept[side][int(number) - 1] + 1}"

    return replace(one, origin=back(one.origin) or one.origin, once=back(one.once))


def _effects(line: Interpretation) -> dict[str, Effect]:
    return {
        o.text: Effect(o.effect, o.how)
        for group in line.groups
        for o in group.operations
        if isinstance(o, Opaque) and o.effect is not None
    }


def _inverses(base: Schema, groups: tuple[Group, ...], out: list[int]) -> tuple[Operation, ...]:
    """Return the inverses of some groups, as they read at the end of the line, newest first."""
    course, schema = Course(), base
    undone: list[tuple[Operation, Course]] = []
    for i, group in enumerate(groups):
        for operation in group.operations:
            after = operation.apply(schema)
            if i in out and not isinstance(operation, Rows):
                try:
                    inverse: Operation = operation.invert(schema)
                except Irreversible as error:
                    raise Unresolved(error.message) from error
                here = course.copy()
                here.advance(operation)
                undone.append((inverse, here))
            course.advance(operation)
            schema = after
    made = []
    for inverse, here in reversed(undone):
        try:
            made.append(_placed(inverse, here, course, schema))
        except Gone:
            continue  # a later statement, taken out too, dropped it
    return tuple(made)


def _placed(inverse: Operation, here: Course, end: Course, after: Schema) -> Operation:
    def where(at: Address) -> Address:
        return end.place(here.home(at))

    match inverse:
        case Drop(thing=thing):
            return Drop(after.at(where(thing.at)))
        case Create(thing=thing):
            at = thing.at
            return replace(inverse, thing=relocated(thing, lambda a: at if a == at else where(a)))
        case Rename(old=old, new=new):
            return Rename(where(old), where(old).sibling(new.name))
        case _:
            return inverse.relocated(where)
