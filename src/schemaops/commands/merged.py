"""Two heads into one: their lines merged, decisions carried out, and the merge revision made.

The revision is made with its sides in id order, whoever merges: two people who make the same merge
that needed no decision make the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from schemaops.commands.decisions import decided
from schemaops.commands.lines import RevisionLine, line_between
from schemaops.commands.sealing import NOTHING
from schemaops.commands.workspace import Tree, Workspace
from schemaops.diff import diff
from schemaops.errors import Cause, SchemaOpsError
from schemaops.history.format import to_bytes
from schemaops.history.revision import (
    Kept,
    Piece,
    Revision,
    RevisionId,
    Section,
    revision_id,
    short,
)
from schemaops.history.states import Known, States
from schemaops.merge import Conflict, Decision, Merge, MergedStatement, Resolution, merge
from schemaops.operations.group import Group
from schemaops.reverse import judge, reverse
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Interpreter
from schemaops.sql.split import split

__all__ = ["Heads", "MergeDisputed", "Merged", "merge_heads"]


class MergeDisputed(SchemaOpsError):
    """A merge was clean, and its ways from the two sides do not lead to one schema.

    The merge is not made. This should not happen: please report it with the two revisions. A
    decision for one of the sides (`schemaops merge --ours`) avoids it.
    """

    code = "SO331"
    cause = Cause.DECISION


@dataclass(frozen=True, slots=True)
class Heads:
    """Two revisions to merge; `ours` is the current branch's."""

    ours: RevisionId
    theirs: RevisionId


@dataclass(frozen=True, slots=True)
class Merged:
    """What two heads come to: conflicts left, or the revision that merges them."""

    heads: Heads
    merge: Merge
    resolutions: Mapping[str, Resolution] = field(default_factory=dict)
    revision: Revision | None = None
    data: bytes = b""
    known: Known | None = None

    @property
    def id(self) -> RevisionId | None:
        """The id of the merge revision, None where there are conflicts."""
        return None if self.revision is None else revision_id(self.data)


Decide = Callable[[Conflict], Resolution | None]


def merge_heads(
    workspace: Workspace,
    trees: tuple[Tree, ...],
    heads: Heads,
    *,
    decide: Decide = lambda _: None,
    signed: Callable[[], tuple[str | None, str]] | None = None,
) -> Merged:
    """Return what two heads of these trees come to.

    Decisions are found in the store of the work tree, or made by `decide`; `signed` gives author
    and date of a merge that needed one.
    """
    states = workspace.states(*trees)
    base = _base(states, heads)
    lines = {one: line_between(trees, states, base, one) for one in (heads.ours, heads.theirs)}
    before = states.schema(base)
    resolutions: dict[str, Resolution] = {}

    ours, theirs = lines[heads.ours].interpretation, lines[heads.theirs].interpretation
    found = merge(before, ours, theirs)
    while True:
        fresh = {
            conflict.id: resolution
            for conflict in found.conflicts
            if conflict.id not in resolutions
            and (
                resolution := decided(workspace.store, conflict, workspace.dialect)
                or decide(conflict)
            )
        }
        if not fresh:
            break
        # What is left once these are carried out may be other conflicts, decided or not.
        resolutions |= fresh
        found = merge(before, ours, theirs, None, resolutions)
    if not found.clean:
        return Merged(heads, found, resolutions)
    first, second = sorted((heads.ours, heads.theirs))
    swapped = first != heads.ours
    if swapped:
        turned = {
            name: one.swapped() if isinstance(one, Decision) else one
            for name, one in resolutions.items()
        }
        found = merge(before, theirs, ours, None, turned)
    made = _Maker(states, lines, found, (first, second)).revision(
        signed() if signed is not None and resolutions else None
    )
    certain = states.at(first).certain and states.at(second).certain
    return Merged(heads, found, resolutions, made, to_bytes(made), Known(found.schema, certain))


def _base(states: States, heads: Heads) -> RevisionId | None:
    bases = states.dag.merge_bases(heads.ours, heads.theirs)
    while len(bases) > 1:
        # Lines from where the bases part hold what both sides share twice, and a change that both
        # sides make is made once.
        first, second, *rest = bases
        lower = states.dag.merge_bases(first, second)
        bases = tuple(sorted({*lower, *rest})) if lower else ()
    return bases[0] if bases else None


class _Maker:
    """Makes the merge revision of two sides, given in id order."""

    def __init__(
        self,
        states: States,
        lines: Mapping[RevisionId, RevisionLine],
        found: Merge,
        sides: tuple[RevisionId, RevisionId],
    ) -> None:
        self._states = states
        self._lines = lines
        self._merge = found
        self._sides = sides
        self._names = {"ours": sides[0], "theirs": sides[1]}
        self._settled = {
            f"{name}:{getattr(one, name) + 1}" for one in found.decided for name in self._names
        }

    def revision(self, signature: tuple[str | None, str] | None) -> Revision:
        """Return the merge revision; raise MergeDisputed."""
        sections = tuple(
            self._section(side, way)
            for side, way in zip(
                self._sides, (self._merge.ours_to_merged, self._merge.theirs_to_merged), strict=True
            )
        )
        author, date = signature or (None, None)
        return Revision(
            parents=self._sides,
            dialect=self._states.dialect,
            author=author,
            date=date,
            fingerprint=self._merge.schema.fingerprint,
            sections=sections,
        )

    def _section(self, side: RevisionId, way: tuple[MergedStatement, ...]) -> Section:
        other = next(one for one in self._sides if one != side)
        name = next(name for name, one in self._names.items() if one == other)
        up = [self._piece(one, name) for one in way]
        up += (
            Piece(self._of(origin, name), Kept.DECIDED)
            for origin in self._merge.given_up
            if origin.startswith(f"{name}:")
        )
        before = self._states.schema(side)
        effects = {
            text: effect
            for one in self._states.dag.between(side, other)
            for text, effect in self._states.effects(one).items()
        }
        reader = Interpreter(before, effects, self._states.search_path)
        ups: list[_Step] = []
        for piece in up:
            start, known = reader.schema, len(reader.interpretation().groups)
            for statement in split(piece.text, self._states.dialect):
                reader.read(statement)
            if piece.text:
                ups.append(_Step(piece, start, reader.interpretation().groups[known:]))
        read = reader.interpretation()
        if read.faults or read.after != self._merge.schema:
            raise MergeDisputed(
                f"the way from {short(side)} does not lead where the merge does",
                hints=("schemaops merge --dry-run",),
            )
        return Section(side, tuple(up), tuple(self._back(ups, read.after)))

    def _piece(self, one: MergedStatement, other: str) -> Piece:
        of = self._of(one.origin, other)
        if one.sql is None:
            return Piece(of, Kept.ONCE)
        if one.origin in self._settled or not one.origin.startswith(f"{other}:"):
            kept = Kept.DECIDED
        else:
            kept = Kept.VERBATIM if one.sql == self._original(one.origin) else Kept.CARRIED
        return Piece(of, kept, f"{one.sql};\n")

    def _of(self, origin: str, other: str) -> tuple[str, ...]:
        """Return the revisions of the other side that a statement stands for: its own, or, where a
        decision takes back what this side did, those whose statement won."""
        name, number = origin.split(":")
        index = int(number) - 1
        if name != other:
            index = next(
                (getattr(one, other) for one in self._merge.decided if getattr(one, name) == index),
                getattr(self._merge.decided[0], other),
            )
        return tuple(map(short, self._lines[self._names[other]].of[index]))

    def _original(self, origin: str) -> str:
        name, number = origin.split(":")
        return self._lines[self._names[name]].interpretation.groups[int(number) - 1].text

    def _back(self, ups: list[_Step], after: Schema) -> Iterator[Piece]:
        """Yield the way back, run by run, each run the statements of the same revisions."""
        found: list[Piece] = []
        for of, steps in reversed(_runs(ups)):
            start = steps[0].before
            down = self._own_down(of, steps, after, start)
            if down is not None:
                found.append(Piece(of, Kept.VERBATIM, down))
            else:
                reversal = reverse([one for step in steps for one in step.groups], start, diff)
                if not reversal.exact:
                    # A way back that would stop halfway is none: the section is irreversible.
                    return
                found += (Piece(of, Kept.CARRIED, f"{text};\n") for text in reversal.statements)
            after = start
        if not found and ups:
            found.append(Piece(ups[-1].piece.of, Kept.CARRIED, NOTHING))
        yield from found

    def _own_down(
        self, of: tuple[str, ...], steps: list[_Step], after: Schema, before: Schema
    ) -> str | None:
        """Return the down of the one revision that stands here as it was sealed, if it fits."""
        if len(of) > 1 or any(step.piece.kept is not Kept.VERBATIM for step in steps):
            return None
        (revision,) = (
            one for one in self._states.dag.beyond((), self._sides) if short(one) == of[0]
        )
        value = self._states.read(revision)
        texts = [one.text for one in split(value.up, self._states.dialect)]
        if value.down is None or texts != [one.text for step in steps for one in step.groups]:
            return None
        judged = judge(value.down, after, before, diff, self._states.effects(revision))
        return value.down if judged.exact else None


@dataclass(frozen=True, slots=True)
class _Step:
    piece: Piece
    before: Schema
    groups: tuple[Group, ...]


def _runs(ups: list[_Step]) -> list[tuple[tuple[str, ...], list[_Step]]]:
    runs: list[tuple[tuple[str, ...], list[_Step]]] = []
    for step in ups:
        if runs and runs[-1][0] == step.piece.of:
            runs[-1][1].append(step)
        else:
            runs.append((step.piece.of, [step]))
    return runs
