"""One revision taken out of a line: what it comes to where the rest of the line was never made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from schemaops.history.revision import Kept, RevisionId
from schemaops.merge.carry import Line, carry
from schemaops.merge.lines import Entry, Fork, RevisionLine
from schemaops.operations.group import Group
from schemaops.operations.opaque import Opaque
from schemaops.sql.interpret import Effect, Interpreter
from schemaops.sql.rebuilding import folded
from schemaops.sql.split import split

__all__ = ["Picked", "picked"]


@dataclass(frozen=True, slots=True)
class Picked:
    """A fork of which one line holds the one revision alone; or the revisions that it needs."""

    fork: Fork | None = None
    needing: tuple[RevisionId, ...] = ()


def picked(
    fork: Fork, way: int, revision: RevisionId, search_path: Sequence[str] = ()
) -> Picked | None:
    """Return the fork with nothing but a revision's statements on one of its lines; None where the
    line has none of its own, because the other has made them too."""
    line = fork.lines[way]
    stated = line.stated
    own = [number for number, entry in enumerate(stated) if entry.of == (revision,)]
    if not own:
        return None
    read = line.interpretation
    held = frozenset(range(len(stated))) - frozenset(own)
    base = fork.base.schema
    carried = carry(Line.of(folded(read.groups, base), read.after), Line.of((), base), held)
    if carried.troubles:
        stuck = [trouble.origin for trouble in carried.troubles]
        return Picked(needing=_needed(stated, stuck, held))
    reader = Interpreter(base, _effects(read.groups), tuple(search_path))
    entries: list[Entry] = []
    for step in carried.steps:
        origin = stated[step.origin]
        assert origin.group is not None
        for statement in split(step.sql or "", base.dialect):
            group = reader.read(statement, origin.group.place.file)
            if not isinstance(group, Group):
                return Picked(needing=_needed(stated, [step.origin], held))
            kept = Kept.CARRIED if step.carried else origin.kept
            entries.append(Entry(origin.of, kept, replace(group, place=origin.group.place)))
    alone = RevisionLine(tuple(entries), reader.schema, fork.base.certain)
    lines = (alone, fork.lines[1]) if way == 0 else (fork.lines[0], alone)
    return Picked(replace(fork, lines=lines))


def _needed(
    stated: Sequence[Entry], stuck: Sequence[int], held: frozenset[int]
) -> tuple[RevisionId, ...]:
    """Return the revisions left out that touch what the statements that are stuck touch; all that
    come before where none does."""
    found: list[RevisionId] = []
    for number in stuck:
        group = stated[number].group
        assert group is not None
        mine = group.footprint()
        before = [(n, stated[n].group) for n in sorted(held) if n < number]
        met = [n for n, other in before if other and not mine.clear_of(other.footprint())]
        found += (one for n in met or [n for n, _ in before] for one in stated[n].of)
    return tuple(dict.fromkeys(found))


def _effects(groups: Sequence[Group]) -> dict[str, Effect]:
    return {
        operation.text: Effect(operation.effect, operation.how)
        for group in groups
        for operation in group.operations
        if isinstance(operation, Opaque) and operation.effect is not None
    }
