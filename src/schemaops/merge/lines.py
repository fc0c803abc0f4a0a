"""The line from a revision to one that descends from it: what a database runs on that way.

Along a merge it is the section from the side that is gone along. Every statement knows the revisions
that it stands for, how a merge kept it, and its place in the file that holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from schemaops.history.format import piece_lines, up_line
from schemaops.history.revision import Kept, Revision, RevisionId, short
from schemaops.history.states import Known, States, UnreadableHistory
from schemaops.operations.group import Group
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Fault, Interpretation, Interpreter
from schemaops.sql.split import split

__all__ = ["Entry", "Files", "Fork", "RevisionLine", "line_between"]

Files = Callable[[RevisionId], str]
"""Says in which file a revision stands."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A statement of a line: the revisions that it stands for, how it is kept, and its group; None
    where there is nothing to execute for them."""

    of: tuple[RevisionId, ...]
    kept: Kept = Kept.VERBATIM
    group: Group | None = None


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """The entries of a line in order, the schema after it, and whether that is all there is."""

    entries: tuple[Entry, ...]
    after: Schema
    certain: bool = True

    @property
    def stated(self) -> tuple[Entry, ...]:
        """The entries that have a statement, as the groups of the interpretation number them."""
        return tuple(entry for entry in self.entries if entry.group is not None)

    @property
    def interpretation(self) -> Interpretation:
        """What the line's statements come to."""
        groups = tuple(entry.group for entry in self.entries if entry.group is not None)
        return Interpretation(groups, self.after)


@dataclass(frozen=True, slots=True)
class Fork:
    """Two heads in id order over what they share: the schema there, and the line to each.

    `bases` are their merge bases, `virtual` says that the base is no revision's. `made_once` are
    revisions of both lines that are one change, `unamended` those that one line has amended and
    the other builds on, where to follow the amendment would lose something.
    """

    heads: tuple[RevisionId, RevisionId]
    bases: tuple[RevisionId, ...]
    base: Known
    lines: tuple[RevisionLine, RevisionLine]
    virtual: bool = False
    made_once: tuple[tuple[RevisionId, RevisionId], ...] = ()
    unamended: tuple[tuple[RevisionId, RevisionId], ...] = ()


def line_between(
    states: States, start: RevisionId | None, to: RevisionId | None, files: Files = short
) -> RevisionLine:
    """Return the line from `start` to `to`, which descends from it; raise UnreadableHistory."""
    known = states.at(start)
    reader = _Reader(states, known.schema, files, certain=known.certain)
    for revision, side in reversed(tuple(_steps(states, start, to))):
        reader.read(revision, side)
    return RevisionLine(tuple(reader.entries), reader.schema, reader.certain)


def _steps(
    states: States, start: RevisionId | None, to: RevisionId | None
) -> Iterator[tuple[RevisionId, RevisionId | None]]:
    step = to
    while step != start:
        assert step is not None, "a line leads to a descendant"
        parents = states.dag.parents(step)
        side = next((one for one in parents if states.dag.is_ancestor(start, one)), None)
        yield step, side
        step = side


class _Reader:
    def __init__(self, states: States, schema: Schema, files: Files, *, certain: bool) -> None:
        self.schema = schema
        self.certain = certain
        self.entries: list[Entry] = []
        self._states = states
        self._files = files

    def read(self, revision: RevisionId, side: RevisionId | None) -> None:
        value = self._states.read(revision)
        if value.checkpoint and side is not None:
            # It stands for what a database has that comes this way.
            self.entries.append(Entry((revision,), Kept.ONCE))
            self.schema = self._states.schema(revision)
            return
        interpreter = Interpreter(
            self.schema,
            self._states.effects(revision),
            self._states.search_path,
            blind=not self.certain,
        )
        file = self._files(revision)
        for of, kept, text, line in self._texts(revision, value, side):
            if not text:
                self.entries.append(Entry(of, kept))
            for statement in split(text, self._states.dialect, file=file):
                placed = replace(statement, line=line + statement.line - 1)
                group = interpreter.read(placed, file)
                if isinstance(group, Fault):
                    raise UnreadableHistory(
                        f"{short(revision)} cannot be interpreted: {group.error.message}",
                        place=group.place,
                        hints=(f"schemaops show {short(revision)}", "schemaops fsck"),
                    )
                self.certain = self.certain and not group.unknown
                self.entries.append(Entry(of, kept, group))
        self.schema = interpreter.schema

    def _texts(
        self, revision: RevisionId, value: Revision, side: RevisionId | None
    ) -> Iterator[tuple[tuple[RevisionId, ...], Kept, str, int]]:
        if not value.is_merge:
            yield (revision,), Kept.VERBATIM, value.up, up_line(value)
            return
        section = next(one for one in value.sections if side in (None, one.parent))
        others = [one for one in value.parents if one != section.parent]
        way = {short(one): one for one in self._states.dag.beyond((section.parent,), others)}
        lines = piece_lines(value)[section.parent]
        for piece, line in zip(section.up, lines, strict=True):
            yield _full(piece.of, way) or (revision,), piece.kept, piece.text, line


def _full(names: Iterable[str], way: dict[str, RevisionId]) -> tuple[RevisionId, ...]:
    return tuple(way[name] for name in names if name in way)
