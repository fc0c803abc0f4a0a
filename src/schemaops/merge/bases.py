r"""Two heads of a history as a fork: what they share, and the line from there to each.

::

        one base             several bases               a migration picked
      o──────A             o──A1───x                     o──a──p──A
    base                     \ /   (V)─────A           base        (V)──a'──A
      o──────B               / \   (V)─────B             o──p──b──B (V)──b'──B
                           o──B1───y

Several bases are merged first, into a virtual base that nobody seals. A migration that both lines
have (picked, or rebased) and the revision that one line has amended are part of what is shared too:
they are brought to the front. Then each line is what is left of it, carried past what it did not
have at that point. Wherever that does not lead to the very head, it is not done: then the lines
stay as they are, and the merge sees both sides make the change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from schemaops.errors import Cause, SchemaOpsError
from schemaops.history.dag import Dag
from schemaops.history.format import to_bytes
from schemaops.history.revision import Kept, Revision, RevisionId, revision_id, short
from schemaops.history.states import Known, States
from schemaops.merge.carry import Line, carry
from schemaops.merge.conflicts import Conflict
from schemaops.merge.lines import Entry, Files, Fork, RevisionLine, line_between
from schemaops.merge.resolutions import Between, Resolution, merge_resolved
from schemaops.merge.revisions import sections_up
from schemaops.merge.three_way import Merge, merge_lines
from schemaops.operations import Drop, Opaque, Operation, Rows
from schemaops.operations.group import Group
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Effect, Fault, Interpretation, Interpreter
from schemaops.sql.rebuilding import folded
from schemaops.sql.render import render
from schemaops.sql.split import split

__all__ = ["DecidedApart", "Settle", "fork", "settled", "with_revision"]

Settle = Callable[[Conflict], Resolution | None]
"""What was decided for a conflict, as it reads from its own sides."""


def fork(
    states: States,
    one: RevisionId,
    other: RevisionId,
    between: Between,
    settle: Settle = lambda _: None,
    files: Files = short,
) -> Fork:
    """Return two heads, neither an ancestor of the other, as a fork; raise UnreadableHistory."""
    return _Forking(states, between, settle, files).fork(one, other)


def settled(
    found: Fork, between: Between, settle: Settle = lambda _: None
) -> tuple[Merge, dict[str, tuple[Conflict, Resolution]]]:
    """Return the merge of a fork with all decided that `settle` decides, and what that was."""
    base = found.base.schema
    first, second = (line.interpretation for line in found.lines)
    decisions: dict[str, tuple[Conflict, Resolution]] = {}
    merged = merge_lines(base, first, second)
    while True:
        fresh = {
            conflict.id: (conflict, decision)
            for conflict in merged.conflicts
            if conflict.id not in decisions and (decision := settle(conflict)) is not None
        }
        if not fresh:
            return merged, decisions
        # What is left once these are carried out may be other conflicts, decided or not.
        decisions |= fresh
        known = {name: decision for name, (_, decision) in decisions.items()}
        merged = merge_resolved(base, first, second, None, known, between)


def with_revision(states: States, revision: RevisionId, value: Revision) -> States:
    """Return the schemas of a history that has one more revision, which need not be sealed."""
    parents = dict.fromkeys(value.parents, ())
    return States(
        Dag({revision: value.parents, **parents}).union(states.dag),
        lambda name: value if name == revision else states.read(name),
        states.dialect,
        search_path=states.search_path,
        recall=lambda name: None if name == revision else states.at(name),
    )


class DecidedApart(SchemaOpsError):
    """Two heads merged the same revisions earlier and decided differently, and nothing is at odds.

    Which decision counts cannot be told from the statements. Undo one of the two: on its branch,
    seal a migration that makes the schema what the other merge decided, and merge again.
    """

    code = "SO338"
    cause = Cause.DECISION


class _Forking:
    def __init__(self, states: States, between: Between, settle: Settle, files: Files) -> None:
        self._states = states
        self._between = between
        self._settle = settle
        self._files = files

    def fork(self, one: RevisionId, other: RevisionId) -> Fork:
        first, second = sorted((one, other))
        bases = self._states.dag.merge_bases(first, second)
        if len(bases) > 1:
            found = self._over_virtual(first, second, bases) or self._below(first, second, bases)
        else:
            base = bases[0] if bases else None
            lines = (self._line(self._states, base, one) for one in (first, second))
            found = Fork((first, second), bases, self._states.at(base), (next(lines), next(lines)))
        return self._amended(self._picked(found))

    def _line(
        self, states: States, start: RevisionId | None, to: RevisionId | None
    ) -> RevisionLine:
        return line_between(states, start, to, self._files)

    # -- several bases

    def _below(self, first: RevisionId, second: RevisionId, bases: tuple[RevisionId, ...]) -> Fork:
        """Return the fork from where the bases part: what both sides share, both lines make.

        On one way through the bases one side's earlier decisions would look like the only change;
        so of all ways the one counts on which the sides are at odds.
        """
        base = self._states.dag.parting(bases)
        ways = [
            [self._line_through(base, middle, head) for middle in bases] for head in (first, second)
        ]
        ends: list[tuple[Fork, Schema]] = []
        for left in ways[0]:
            for right in ways[1]:
                found = Fork((first, second), bases, self._states.at(base), (left, right))
                merged = merge_lines(found.base.schema, left.interpretation, right.interpretation)
                if not merged.clean:
                    return found
                ends.append((found, merged.schema))
        chosen, schema = ends[0]
        if any(other != schema for _, other in ends):
            raise DecidedApart(
                f"{short(first)[:7]} and {short(second)[:7]} decided differently what they share",
                hints=tuple(f"schemaops show {short(one)[:7]}" for one in (first, second)),
            )
        return chosen

    def _line_through(
        self, base: RevisionId | None, middle: RevisionId, head: RevisionId
    ) -> RevisionLine:
        before = self._line(self._states, base, middle)
        after = self._line(self._states, middle, head)
        return replace(after, entries=(*before.entries, *after.entries))

    def _over_virtual(
        self, first: RevisionId, second: RevisionId, bases: tuple[RevisionId, ...]
    ) -> Fork | None:
        made = self._virtual(bases)
        if made is None:
            return None
        states, virtual = made
        lines = [self._from_virtual(states, virtual, bases, head) for head in (first, second)]
        left, right = lines
        if left is None or right is None:
            return None
        return Fork((first, second), bases, states.at(virtual), (left, right), virtual=True)

    def _virtual(self, bases: tuple[RevisionId, ...]) -> tuple[States, RevisionId] | None:
        """Return the history with the bases merged, and the name of that merge."""
        states, virtual = self._states, bases[0]
        for base in bases[1:]:
            forking = _Forking(states, self._between, self._settle, self._files)
            found = forking.fork(virtual, base)
            try:
                merged, _ = settled(found, self._between, self._settle)
            except SchemaOpsError:
                return None  # a decision that does not fit here
            if not merged.clean or not found.base.certain:
                return None
            value = Revision(
                parents=found.heads,
                dialect=states.dialect,
                fingerprint=merged.schema.fingerprint,
                sections=sections_up(found, merged, states.dag),
            )
            virtual = revision_id(to_bytes(value))
            states = with_revision(states, virtual, value)
        return states, virtual

    def _from_virtual(
        self, states: States, virtual: RevisionId, bases: tuple[RevisionId, ...], head: RevisionId
    ) -> RevisionLine | None:
        """Return the line from the virtual base to a head: that from one of the bases, without what
        the others have, as it reads after they are merged."""
        known = states.dag.closure((virtual,))
        for base in bases:
            over = self._line(states, base, virtual)
            whole = self._line(states, base, head)
            if _decided(whole, known) != _decided(over, known):
                continue  # on this way a person decided what the virtual base has otherwise
            held = frozenset(
                number for number, entry in enumerate(whole.stated) if known.issuperset(entry.of)
            )
            past = _past(states, states.schema(base), whole, over, held)
            if past is not None:
                return past
        return None

    # -- what both lines have

    def _picked(self, found: Fork) -> Fork:
        for pair in _pairs(self._states, found.lines):
            # One that was picked may have been reworded where it went.
            for origin in pair:
                brought = self._with_pick(found, origin, *pair)
                if brought is not None:
                    found = brought
                    break
        return found

    def _with_pick(
        self, found: Fork, origin: RevisionId, ours: RevisionId, theirs: RevisionId
    ) -> Fork | None:
        held = [
            _entries_of(line, one) for line, one in zip(found.lines, (ours, theirs), strict=True)
        ]
        if any(numbers is None for numbers in held):
            return None
        over = _told(self._states, found.base, self._states.read(origin).up, origin)
        if over is None or not all(
            _commutes(found.base.schema, line, numbers or [], over)
            for line, numbers in zip(found.lines, held, strict=True)
        ):
            return None
        lines = [
            _past(self._states, found.base.schema, line, over, frozenset(numbers or ()))
            for line, numbers in zip(found.lines, held, strict=True)
        ]
        left, right = lines
        if left is None or right is None:
            return None
        return replace(
            found,
            base=Known(over.after, found.base.certain),
            lines=(left, right),
            virtual=True,
            made_once=(*found.made_once, (ours, theirs)),
        )

    def _amended(self, found: Fork) -> Fork:
        for way in (0, 1):
            line, other = found.lines[way], found.lines[1 - way]
            revision = line.stated[0].of[0] if line.stated else None
            before = other.stated[0].of[0] if other.stated else None
            if revision is None or before is None:
                continue
            if self._states.read(revision).replaces == before:
                amended = self._with_amended(found, way, revision, before)
                return amended or replace(found, unamended=((revision, before),))
        return found

    def _with_amended(
        self, found: Fork, way: int, revision: RevisionId, before: RevisionId
    ) -> Fork | None:
        """Return the fork as one that shares the amended revision: the side that amended it goes on
        from there by the diff, where that loses nothing."""
        line, other = found.lines[way], found.lines[1 - way]
        mine, its = _entries_of(line, revision), _entries_of(other, before)
        if mine is None or its is None or [*mine, *its] != [*range(len(mine)), *range(len(its))]:
            return None
        amended = _told(self._states, found.base, self._states.read(revision).up, revision)
        shared = _told(self._states, found.base, self._states.read(before).up, before)
        if amended is None or shared is None or not (_plain(amended) and _plain(shared)):
            return None
        operations = self._between(shared.after, amended.after, ())
        if any(isinstance(operation, Drop) for operation in operations):
            return None
        bridge = _rendered(operations, shared, line.stated[0], revision)
        rest = other.stated[len(its) :]
        if bridge is None or bridge.after != amended.after:
            return None
        lines = [
            replace(line, entries=(*bridge.entries, *line.stated[len(mine) :])),
            replace(other, entries=rest),
        ]
        return replace(
            found,
            base=Known(shared.after, found.base.certain),
            lines=(lines[way], lines[1 - way]),
            virtual=True,
            made_once=(*found.made_once, (revision, before) if way == 0 else (before, revision)),
        )


def _decided(
    line: RevisionLine, known: frozenset[RevisionId]
) -> list[tuple[tuple[RevisionId, ...], str]]:
    return [
        (entry.of, "" if entry.group is None else entry.group.text)
        for entry in line.entries
        if entry.kept is Kept.DECIDED and not known.isdisjoint(entry.of)
    ]


def _commutes(base: Schema, line: RevisionLine, picked: list[int], over: RevisionLine) -> bool:
    """Whether what was picked could as well have come before all that comes before it in a line."""
    groups = [
        entry.group
        for number, entry in enumerate(line.stated[: picked[-1]])
        if number not in picked and entry.group is not None
    ]
    after = base
    for group in groups:
        after = group.apply(after)
    return merge_lines(base, Interpretation(tuple(groups), after), over.interpretation).clean


def _past(
    states: States, base: Schema, line: RevisionLine, over: RevisionLine, held: frozenset[int]
) -> RevisionLine | None:
    """Return a line less the statements in `held` as it reads after another, None where it does not
    end where it did."""
    ours, other = line.interpretation, over.interpretation
    mine, its = (Line.of(folded(one.groups, base), one.after) for one in (ours, other))
    carried = carry(mine, its, held)
    if carried.troubles or carried.after != line.after:
        return None
    reader = Interpreter(over.after, _effects(ours.groups), states.search_path)
    entries: list[Entry] = []
    for step in carried.steps:
        origin = line.stated[step.origin]
        if step.sql is None:
            entries.append(Entry(origin.of, Kept.ONCE))
            continue
        assert origin.group is not None
        for statement in split(step.sql, states.dialect):
            group = reader.read(statement, origin.group.place.file)
            if isinstance(group, Fault):
                return None
            kept = Kept.CARRIED if step.carried and origin.kept is Kept.VERBATIM else origin.kept
            placed = replace(group, place=origin.group.place)
            entries.append(Entry(origin.of, kept, placed))
    if reader.schema != line.after:
        return None
    return RevisionLine(tuple(entries), line.after, line.certain)


def _told(states: States, base: Known, text: str, revision: RevisionId) -> RevisionLine | None:
    """Return what a revision's text comes to over another schema, None where it does not apply."""
    read = states.interpreted(text, base.schema, states.effects(revision), certain=base.certain)
    if read.faults:
        return None
    return RevisionLine(
        tuple(Entry((revision,), group=group) for group in read.groups), read.after, base.certain
    )


def _rendered(
    operations: tuple[Operation, ...], before: RevisionLine, like: Entry, revision: RevisionId
) -> RevisionLine | None:
    try:
        texts = render(operations, before.after)
    except SchemaOpsError:
        return None  # what cannot be written is left to the merge
    assert like.group is not None
    reader = Interpreter(before.after)
    entries = []
    for text in texts:
        for statement in split(text, before.after.dialect):
            group = reader.read(statement)
            if isinstance(group, Fault):
                return None
            entries.append(Entry((revision,), Kept.CARRIED, replace(group, place=like.group.place)))
    return RevisionLine(tuple(entries), reader.schema)


def _plain(line: RevisionLine) -> bool:
    """Whether a line is understood and leaves rows alone."""
    return not any(
        isinstance(operation, Rows | Opaque)
        for entry in line.stated
        if entry.group is not None
        for operation in entry.group.operations
    )


def _entries_of(line: RevisionLine, revision: RevisionId) -> list[int] | None:
    """Return the numbers of a revision's statements, None where they are not wholly its own."""
    found = []
    for entry in line.entries:
        if revision in entry.of and (
            entry.of != (revision,) or entry.kept not in (Kept.VERBATIM, Kept.CARRIED)
        ):
            return None
    for number, entry in enumerate(line.stated):
        if revision in entry.of:
            found.append(number)
    return found or None


def _pairs(
    states: States, lines: tuple[RevisionLine, RevisionLine]
) -> Iterator[tuple[RevisionId, RevisionId]]:
    """Yield the revisions of two lines that are one migration, one to one, in history order."""
    ours, theirs = (
        list(dict.fromkeys(one for entry in line.entries for one in entry.of)) for line in lines
    )
    waiting: defaultdict[str, list[RevisionId]] = defaultdict(list)
    for revision in theirs:
        for name in _migrations(states, revision):
            waiting[name].append(revision)
    used: set[RevisionId] = set(ours) & set(theirs)
    for revision in ours:
        if revision in used:
            continue
        for name in _migrations(states, revision):
            left = [one for one in waiting[name] if one not in used]
            if left:
                used |= {revision, left[0]}
                yield revision, left[0]
                break


def _migrations(states: States, revision: RevisionId) -> Iterable[str]:
    value = states.read(revision)
    own = () if value.migration is None else (value.migration,)
    return dict.fromkeys((*own, *(migration for _, migration in value.carried_from)))


def _effects(groups: Iterable[Group]) -> dict[str, Effect]:
    return {
        operation.text: Effect(operation.effect, operation.how)
        for group in groups
        for operation in group.operations
        if isinstance(operation, Opaque) and operation.effect is not None
    }
