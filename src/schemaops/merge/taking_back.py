"""Some revisions of a line taken back at its end, as what undoes them reads there.

The newest statements go first. What undoes them is merged with what came since: where the two are at
odds, what came since needs them, and its revisions are named.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from schemaops.history.revision import RevisionId
from schemaops.merge.carry import Line, carry
from schemaops.merge.conflicts import Conflict
from schemaops.merge.lines import Entry
from schemaops.merge.three_way import merge_lines
from schemaops.operations.group import Group
from schemaops.operations.opaque import Opaque
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Effect, Interpretation, Interpreter
from schemaops.sql.rebuilding import folded
from schemaops.sql.split import split

__all__ = ["TakenBack", "Undo", "take_back"]

Undo = Callable[[Sequence[Entry], Schema], Interpretation]
"""What undoes neighbouring statements, given the schema before them."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The statements that take revisions back, and the schema then; or what needs them, as pairs of
    the revision and why. `left` is what does not read the same without them."""

    statements: tuple[str, ...] = ()
    after: Schema | None = None
    needing: tuple[tuple[RevisionId, Conflict], ...] = ()
    left: tuple[RevisionId, ...] = field(default=())


def take_back(
    base: Schema, entries: Sequence[Entry], gone: Collection[RevisionId], undo: Undo
) -> TakenBack:
    """Return what takes the revisions `gone` back at the end of a line that leaves `base`."""
    line = [entry for entry in entries if entry.group is not None]
    statements: list[str] = []
    after = _after(base, line)
    for start, stop in _runs(line, gone):
        before = _after(base, line[:start])
        run, since = line[start:stop], line[stop:]
        mid = _after(before, run)
        back = undo(run, before)
        found = merge_lines(mid, _interpretation(mid, since), back)
        if not found.clean:
            pairs = [(since[one.ours].of[-1], one) for one in found.conflicts]
            return TakenBack(needing=tuple(pairs))
        undoing = [one.sql for one in found.ours_to_merged if one.sql is not None]
        if not undoing:
            continue  # what came since has undone it already
        statements += undoing
        after = found.schema
        reduced, left = _without(base, line, range(start, stop))
        if left or _after(base, reduced) != after:
            return TakenBack(left=left or tuple(dict.fromkeys(e.of[-1] for e in since)))
        line = reduced
    return TakenBack(tuple(statements), after)


def _runs(line: Sequence[Entry], gone: Collection[RevisionId]) -> Iterator[tuple[int, int]]:
    """Yield where neighbouring statements of the revisions begin and end, the last first."""
    stop = None
    for number in range(len(line) - 1, -2, -1):
        out = number >= 0 and not set(gone).isdisjoint(line[number].of)
        if out and stop is None:
            stop = number + 1
        elif not out and stop is not None:
            yield number + 1, stop
            stop = None


def _without(
    base: Schema, line: Sequence[Entry], out: range
) -> tuple[list[Entry], tuple[RevisionId, ...]]:
    """Return a line without some statements, and the revisions that do not read without them."""
    read = _interpretation(base, line)
    carried = carry(
        Line.of(folded(read.groups, base), read.after), Line.of((), base), frozenset(out)
    )
    if carried.troubles:
        return [], tuple(dict.fromkeys(line[one.origin].of[-1] for one in carried.troubles))
    interpreter = Interpreter(base, _effects(read.groups))
    reduced: list[Entry] = []
    for step in carried.steps:
        origin = line[step.origin]
        for statement in split(step.sql or "", base.dialect):
            group = interpreter.read(statement)
            if not isinstance(group, Group):
                return [], origin.of[-1:]
            reduced.append(Entry(origin.of, origin.kept, group))
    return reduced, ()


def _after(base: Schema, line: Sequence[Entry]) -> Schema:
    for entry in line:
        if entry.group is not None:
            base = entry.group.apply(base)
    return base


def _interpretation(base: Schema, line: Sequence[Entry]) -> Interpretation:
    groups = tuple(entry.group for entry in line if entry.group is not None)
    return Interpretation(groups, _after(base, line))


def _effects(groups: Sequence[Group]) -> dict[str, Effect]:
    return {
        operation.text: Effect(operation.effect, operation.how)
        for group in groups
        for operation in group.operations
        if isinstance(operation, Opaque) and operation.effect is not None
    }
