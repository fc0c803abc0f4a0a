"""Heads into one: their lines merged, decisions carried out, and the merge revision made.

It is made with its sides in id order, whoever merges: two people who make the same merge that needed
no decision make the same bytes. So nothing that a scratch database says goes into them; it may refuse
the merge, and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from schemaops.commands.rewordings import Rewordings
from schemaops.commands.sealing import NOTHING, RefusedOnScratch
from schemaops.commands.workspace import Tree, Workspace
from schemaops.database.failures import DatabaseFailure
from schemaops.diff import diff
from schemaops.errors import Cause, Place, SchemaOpsError
from schemaops.history.format import to_bytes
from schemaops.history.revision import (
    Effect as WrittenEffect,
)
from schemaops.history.revision import (
    Kept,
    Piece,
    Revision,
    RevisionId,
    Section,
    revision_id,
    short,
    statement_id,
)
from schemaops.history.states import Known, States, section_text
from schemaops.merge.bases import fork, settled, with_revision
from schemaops.merge.conflicts import Conflict, Decision
from schemaops.merge.decisions import Verdict, verdict_from, verdict_of
from schemaops.merge.lines import Fork
from schemaops.merge.resolutions import Renamed, Resolution, Unresolved
from schemaops.merge.revisions import sections_up
from schemaops.merge.three_way import Merge
from schemaops.operations.group import Group
from schemaops.operations.lines import to_lines
from schemaops.operations.rows import Rows
from schemaops.reports.text import one_line
from schemaops.reverse import Loss, judge, reverse
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Effect, Interpreter
from schemaops.sql.split import split

__all__ = [
    "Decide",
    "Heads",
    "MergeDisputed",
    "Merged",
    "Signature",
    "fork_of",
    "merge_heads",
    "merge_revision",
    "must_lead",
    "settle_fork",
    "turned",
]


class MergeDisputed(SchemaOpsError):
    """A merge was clean, and its ways from the two sides do not lead to one schema.

    The merge is not made. Where a scratch database says so, it does with one of the statements what
    SchemaOps did not read from it: seal that statement again on that database (`schemaops commit
    --amend`), so that its effect is written down. Otherwise please report it with the two revisions.
    A decision for one of the sides (`schemaops merge --ours`) avoids it.
    """

    code = "SO331"
    cause = Cause.DECISION


@dataclass(frozen=True, slots=True)
class Heads:
    """Two revisions to merge; `ours` is the current branch's."""

    ours: RevisionId
    theirs: RevisionId

    @property
    def swapped(self) -> bool:
        """Whether ours comes second in id order."""
        return self.ours > self.theirs


@dataclass(frozen=True, slots=True)
class Signature:
    """Who decided, when, and what the merge is called; a merge that needed no decision has none."""

    author: str | None
    date: str
    message: str


@dataclass(frozen=True, slots=True)
class Merged:
    """What two heads come to: conflicts left, as they read from ours, or the revision that merges
    them. `verdicts` are the decisions that were carried out, `rehearsed` where it was tried, `joined`
    ours where more than two heads are merged in one."""

    heads: Heads
    fork: Fork
    merge: Merge
    conflicts: tuple[Conflict, ...] = ()
    settled: tuple[tuple[Conflict, Resolution], ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    revision: Revision | None = None
    data: bytes = b""
    known: Known | None = None
    rehearsed: str | None = None
    notes: tuple[str, ...] = ()
    joined: RevisionId | None = None

    @property
    def id(self) -> RevisionId | None:
        """The id of the merge revision, None where there are conflicts."""
        return None if self.revision is None else revision_id(self.data)


Decide = Callable[[Conflict], Resolution | None]
"""What is decided for a conflict that has no resolution yet, as it reads from ours."""


def merge_heads(
    workspace: Workspace,
    trees: Sequence[Tree],
    heads: Heads,
    *,
    decide: Decide = lambda _: None,
    signed: Callable[[], Signature] | None = None,
    rehearse: bool = False,
    states: States | None = None,
    stored: bool = True,
) -> Merged:
    """Return what two heads of these trees come to.

    Decisions are the resolutions of the trees (unless `stored` says to look at none), or made by
    `decide`; `signed` signs a merge that needed one, `rehearse` tries it on a scratch database.
    """
    states = states or workspace.states(*trees)
    written = _Written(trees if stored else (), workspace.dialect)
    forked = fork(states, heads.ours, heads.theirs, diff, written.on, _places(trees))
    found, decided = _settled(workspace, trees, heads, forked, written, decide)
    merged = found.merge
    if merged.conflicts:
        return found
    maker = _Maker(states, forked, merged)
    revision = maker.revision(signed() if signed is not None and decided else None)
    made = replace(
        found,
        revision=revision,
        data=to_bytes(revision),
        known=Known(merged.schema, maker.certain),
        notes=(*_unamended(forked), *_done_already(found), *maker.notes),
    )
    maker.check(revision)
    return maker.rehearsed(made, workspace.scratch_url()) if rehearse else made


def settle_fork(
    workspace: Workspace,
    trees: Sequence[Tree],
    heads: Heads,
    forked: Fork,
    *,
    decide: Decide = lambda _: None,
    stored: bool = True,
) -> Merged:
    """Return what the lines of a fork come to, with all decided that is; no revision is made."""
    written = _Written(trees if stored else (), workspace.dialect)
    return _settled(workspace, trees, heads, forked, written, decide)[0]


def fork_of(workspace: Workspace, trees: Sequence[Tree], heads: Heads) -> Fork:
    """Return two heads of these trees over what they share."""
    states = workspace.states(*trees)
    written = _Written(trees, workspace.dialect)
    return fork(states, heads.ours, heads.theirs, diff, written.on, _places(trees))


def _settled(
    workspace: Workspace,
    trees: Sequence[Tree],
    heads: Heads,
    forked: Fork,
    written: _Written,
    decide: Decide,
) -> tuple[Merged, bool]:
    """Return what a fork comes to, and whether a decision was needed for it."""
    rewordings = Rewordings(workspace, trees, forked)

    def settle(conflict: Conflict) -> Resolution | None:
        known = written.on(conflict)
        if known is None and written.any:
            formerly = (written.on(one) for one in rewordings.before(conflict))
            known = next((one for one in formerly if one is not None), None)
        if known is not None:
            return known
        decision = decide(turned(conflict) if heads.swapped else conflict)
        if heads.swapped and isinstance(decision, Decision | Renamed):
            return decision.swapped()
        return decision

    try:
        merged, decisions = settled(forked, diff, settle)
    except Unresolved as error:
        error.hints = error.hints or ("schemaops resolve", "schemaops merge --abort")
        raise
    found = Merged(
        heads,
        forked,
        merged,
        tuple(map(turned, merged.conflicts)) if heads.swapped else merged.conflicts,
        tuple(_turned_pair(pair) if heads.swapped else pair for pair in decisions.values()),
        tuple(verdict_of(one, made, workspace.dialect) for one, made in decisions.values()),
    )
    return found, bool(decisions)


def _unamended(found: Fork) -> Iterator[str]:
    for amended, before in found.unamended:
        yield (
            f"{short(amended)[:7]} was sealed in place of {short(before)[:7]}, on which the other side "
            "builds: what it left out is there again"
        )


def _done_already(found: Merged) -> Iterator[str]:
    """Yield what a decision cannot change, since rows are not taken back."""
    heads = found.heads
    for conflict, decision in found.settled:
        sides = ((heads.ours, conflict.ours_group), (heads.theirs, conflict.theirs_group))
        if decision in (Decision.OURS_FIRST, Decision.THEIRS_FIRST):
            head, group = sides[decision is Decision.OURS_FIRST]
            if any(isinstance(operation, Rows) for operation in group.operations):
                text = one_line(group.text, 50)
                yield f"databases at {short(head)[:7]} have run `{text}` first already"
            continue
        lost = [side for side, won in zip(sides, _WINNERS, strict=True) if decision is not won]
        for head, group in lost:
            if any(isinstance(operation, Rows) for operation in group.operations):
                text = one_line(group.text, 50)
                yield f"databases at {short(head)[:7]} keep what `{text}` did to their rows"


_WINNERS = (Decision.OURS, Decision.THEIRS)


def turned(conflict: Conflict) -> Conflict:
    """Return a conflict as it reads from the other side."""
    order = conflict.order
    if order is not None:
        order = "theirs-first" if order == "ours-first" else "ours-first"
    decisions = {one.swapped() for one in conflict.decisions}
    return replace(
        conflict,
        ours=conflict.theirs,
        theirs=conflict.ours,
        ours_group=conflict.theirs_group,
        theirs_group=conflict.ours_group,
        order=order,
        decisions=tuple(one for one in Decision if one in decisions),
    )


def _turned_pair(pair: tuple[Conflict, Resolution]) -> tuple[Conflict, Resolution]:
    conflict, made = pair
    return turned(conflict), made.swapped() if isinstance(made, Decision | Renamed) else made


class _Written:
    """The resolutions that some trees have, the first tree's first."""

    def __init__(self, trees: Sequence[Tree], dialect: str) -> None:
        self._dialect = dialect
        self._stores = [(tree.store, frozenset(tree.store.resolutions())) for tree in trees]

    @property
    def any(self) -> bool:
        """Whether there are resolutions at all."""
        return any(names for _, names in self._stores)

    def on(self, conflict: Conflict) -> Resolution | None:
        """Return what was decided for a conflict."""
        for store, names in self._stores:
            if conflict.id in names:
                file = f"{store.shown}/resolutions/{conflict.id}"
                verdict = verdict_from(store.read_resolution(conflict.id), file)
                return verdict.on(conflict, self._dialect)
        return None


def _places(trees: Sequence[Tree]) -> Callable[[RevisionId], str]:
    def file(revision: RevisionId) -> str:
        for tree in trees:
            if revision in tree.headers:
                return tree.store.place_of(revision).file
        return short(revision)

    return file


def merge_revision(
    states: States, found: Fork, merged: Merge, signature: Signature | None = None
) -> Revision:
    """Return the revision of a clean merge, ways back included; raise MergeDisputed."""
    maker = _Maker(states, found, merged)
    revision = maker.revision(signature)
    maker.check(revision)
    return revision


def must_lead(states: States, revision: Revision, schema: Schema) -> None:
    """Raise MergeDisputed unless the sections of a merge revision lead to a schema."""
    name = revision_id(to_bytes(revision))
    states = with_revision(states, name, revision)
    effects = states.effects(name)
    for section in revision.sections:
        before = states.at(section.parent)
        read = states.interpreted(
            section_text(section), before.schema, effects, certain=before.certain
        )
        if read.faults or read.after != schema:
            raise MergeDisputed(
                f"the way from {short(section.parent)[:7]} does not lead where the merge does",
                hints=("schemaops fsck",),
            )


@dataclass
class _Maker:
    """Makes the revision of a clean merge, and sees that it does what it says."""

    states: States
    fork: Fork
    merge: Merge
    notes: list[str] = field(default_factory=list)

    @property
    def certain(self) -> bool:
        """Whether nothing of unknown effect leads to the merge."""
        return self.fork.base.certain and all(line.certain for line in self.fork.lines)

    def revision(self, signature: Signature | None) -> Revision:
        """Return the merge revision."""
        sections, losses, effects = [], [], dict[str, Effect]()
        for section in sections_up(self.fork, self.merge, self.states.dag):
            back = _Back(self.states, self.fork, section, self.merge.schema)
            sections.append(replace(section, down=back.pieces()))
            losses += back.losses
            effects |= back.effects
            if not back.exact:
                self.notes.append(f"nothing undoes the way from {short(section.parent)[:7]}")
        return Revision(
            parents=self.fork.heads,
            message=signature.message if signature else "",
            author=signature.author if signature else None,
            date=signature.date if signature else None,
            dialect=self.states.dialect,
            fingerprint=self.merge.schema.fingerprint if self.certain else None,
            losses=tuple(dict.fromkeys(losses)),
            sections=tuple(sections),
            effects=tuple(_written(sections, effects, self.states.dialect)),
        )

    def check(self, revision: Revision) -> None:
        """Raise MergeDisputed unless both sections, read from the revision, lead where they must."""
        must_lead(self.states, revision, self.merge.schema)

    def rehearsed(self, made: Merged, scratch: str | None) -> Merged:
        """Return the merge as tried on a scratch database from both sides, where one is at hand;
        raise RefusedOnScratch, MergeDisputed."""
        revision, name = made.revision, made.id
        assert revision is not None
        assert name is not None
        if not self.certain or (scratch is None and self.states.dialect != "sqlite"):
            return made
        effects = with_revision(self.states, name, revision).effects(name)
        notes, server = list(made.notes), None
        try:
            for section in revision.sections:
                server = self._tried(section, effects, scratch, notes)
        except DatabaseFailure as failure:
            notes.append(f"not rehearsed: {failure.message}")
            server = None
        return replace(made, rehearsed=server, notes=tuple(notes))

    def _tried(
        self,
        section: Section,
        effects: Mapping[str, Effect],
        scratch: str | None,
        notes: list[str],
    ) -> str | None:
        # A scratch database is opened by what rehearses alone.
        from schemaops.commands.rehearsal import Stages

        before, side = self.states.schema(section.parent), short(section.parent)[:7]
        dialect = self.states.dialect
        with Stages(scratch, self.states.search_path) as stages, stages.holding(before) as stage:
            if stage.schema != before:
                notes.append(f"not rehearsed: {stage.server} does not hold what {side} comes to")
                return None
            seen = stage.rehearse(section_text(section), effects)
            if seen.refused is not None:
                answer, text = seen.refused.failure.answer, seen.refused.text
                if seen.refused.for_want_of_rows or text in effects:
                    notes.append(f"not rehearsed from {side} to the end: {answer}")
                    return None
                raise RefusedOnScratch(
                    f"the scratch database refuses the way from {side}: {answer}",
                    place=Place("-", seen.refused.line),
                )
            if seen.after != self.merge.schema:
                raise MergeDisputed(
                    f"on {stage.server} the way from {side} does not lead where the merge does",
                    hints=("schemaops fsck",),
                )
            down = _text(section.down)
            undone = stage.rehearse(down, effects) if any(split(down, dialect)) else None
            if undone is not None and (undone.refused or undone.after != before):
                notes.append(f"on {stage.server} the way back to {side} does not restore it")
                return None
            return stage.server


@dataclass(frozen=True, slots=True)
class _Step:
    piece: Piece
    before: Schema
    groups: tuple[Group, ...]


class _Back:
    """The way back along a section: run by run of the same revisions, each as its author undoes it
    where that fits, and otherwise as it is worked out."""

    def __init__(self, states: States, found: Fork, section: Section, merged: Schema) -> None:
        self.losses: list[str] = []
        self.effects: dict[str, Effect] = {}
        self.exact = True
        self._states = states
        self._section = section
        self._merged = merged
        other = next(one for one in found.heads if one != section.parent)
        self._gained = {short(one): one for one in states.dag.beyond((section.parent,), (other,))}
        self._known: dict[str, Effect] = {}
        for one in self._gained.values():
            self._known |= states.effects(one)

    def pieces(self) -> tuple[Piece, ...]:
        """Return the way back, newest first; nothing where there is none."""
        steps = self._steps()
        found: list[Piece] = []
        after = self._merged
        for of, run in reversed(_runs(steps)):
            start = run[0].before
            back = self._run(of, run, after)
            if back is None:
                return self._whole(steps)
            found += back
            after = start
        if steps and not found:
            found.append(Piece(steps[-1].piece.of, steps[-1].piece.kept, NOTHING))
        return tuple(found)

    def _steps(self) -> list[_Step]:
        before = self._states.at(self._section.parent)
        reader = Interpreter(
            before.schema, self._known, self._states.search_path, blind=not before.certain
        )
        steps: list[_Step] = []
        for piece in self._section.up:
            start, known = reader.schema, len(reader.interpretation().groups)
            for statement in split(piece.text, self._states.dialect):
                reader.read(statement)
            if piece.text:
                steps.append(_Step(piece, start, reader.interpretation().groups[known:]))
        return steps

    def _run(self, of: tuple[str, ...], run: list[_Step], after: Schema) -> list[Piece] | None:
        start = run[0].before
        own = self._own(of, run, after)
        if own is not None:
            return [Piece(of, Kept.VERBATIM, own)]
        reversal = reverse([one for step in run for one in step.groups], start, diff)
        if not reversal.exact:
            return None
        self.losses += map(_loss_words, reversal.losses)
        self.effects |= reversal.effects
        kept = run[-1].piece.kept if run[-1].piece.kept is not Kept.VERBATIM else Kept.CARRIED
        return [Piece(of, kept, f"{text};\n") for text in reversal.statements]

    def _own(self, of: tuple[str, ...], run: list[_Step], after: Schema) -> str | None:
        """Return the down that its author wrote by hand for the revision that stands here whole."""
        if len(of) > 1 or any(step.piece.kept is not Kept.VERBATIM for step in run):
            return None
        value = self._states.read(self._gained[of[0]])
        if value.is_merge or value.down is None or value.down_generated:
            return None
        texts = [one.text for one in split(value.up, self._states.dialect)]
        if texts != [one.text for step in run for one in step.groups]:
            return None
        effects = self._states.effects(self._gained[of[0]])
        judged = judge(value.down, after, run[0].before, diff, effects)
        unknown = any(group.unknown for step in run for group in step.groups)
        if judged.exact or (unknown and not judged.faults):
            self.losses += value.losses
            self.effects |= effects
            return value.down
        return None

    def _whole(self, steps: list[_Step]) -> tuple[Piece, ...]:
        """Return one way back from all of it, where there is none run by run."""
        self.losses.clear()
        self.effects.clear()
        groups = [one for step in steps for one in step.groups]
        reversal = reverse(groups, steps[0].before, diff)
        self.exact = reversal.exact
        if not reversal.exact:
            return ()
        self.losses += map(_loss_words, reversal.losses)
        self.effects |= reversal.effects
        of = tuple(dict.fromkeys(one for step in steps for one in step.piece.of))
        text = "".join(f"{one};\n" for one in reversal.statements) or NOTHING
        return (Piece(of, Kept.COMBINED if len(of) > 1 else Kept.CARRIED, text),)


def _runs(steps: list[_Step]) -> list[tuple[tuple[str, ...], list[_Step]]]:
    runs: list[tuple[tuple[str, ...], list[_Step]]] = []
    for step in steps:
        if runs and runs[-1][0] == step.piece.of:
            runs[-1][1].append(step)
        else:
            runs.append((step.piece.of, [step]))
    return runs


def _loss_words(loss: Loss) -> str:
    return f"{loss.what} of {'unknown tables' if loss.at is None else loss.at}"


def _text(pieces: Iterable[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def _written(
    sections: Iterable[Section], effects: Mapping[str, Effect], dialect: str
) -> Iterator[WrittenEffect]:
    """Yield the effects of the ways back, which no other revision has written down."""
    named: set[str] = set()
    for section in sections:
        for statement in split(_text(section.down), dialect):
            name = statement_id(statement.tokens)
            if statement.text in effects and name not in named:
                named.add(name)
                known = effects[statement.text]
                yield WrittenEffect(name, known.how, to_lines(known.operations))
