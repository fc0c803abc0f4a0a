"""A way written out as moves: statements in steps, what the ledger will say, what undoes each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from schemaops.errors import Cause, SchemaOpsError
from schemaops.history.format import piece_lines, up_line
from schemaops.history.revision import Header, RevisionId, Section, short
from schemaops.history.states import States
from schemaops.names import ARCHIVE
from schemaops.plan.back import Back, all_downs
from schemaops.plan.foresight import Foresight, Walk
from schemaops.plan.route import Leg
from schemaops.plan.steps import Fact, Move, MoveKind, PlannedStatement, Step
from schemaops.plan.transactions import alone, in_steps
from schemaops.plan.way import Way, leg_up
from schemaops.schema.state import Schema
from schemaops.sql.split import split

if TYPE_CHECKING:
    from schemaops.operations.group import Group
    from schemaops.reverse import Loss, Lossless
    from schemaops.sql.interpret import Effect

__all__ = ["BeforeCheckpoint", "NoWayBack", "Recall", "Remember", "Writer", "WrittenMove"]

_NOTHING = "-- nothing to undo\n"


class NoWayBack(SchemaOpsError):
    """A revision has to be reverted, and the ledger keeps no statements that undo it.

    It was sealed as irreversible. Nothing was changed. Go to a revision that has it
    (`schemaops replay ENV --to REV`), or bring the database back from a backup.
    """

    code = "SO501"
    cause = Cause.DECISION


class BeforeCheckpoint(SchemaOpsError):
    """The database began at a checkpoint, and the target is a revision before that.

    What the checkpoint stands for was never executed there one by one, so it cannot be taken back
    one by one. Go to the checkpoint, or to a later revision.
    """

    code = "SO502"
    cause = Cause.DECISION


@dataclass(frozen=True, slots=True)
class WrittenMove:
    """A move as it was written, and the fingerprint that it begins at; None where nobody knows."""

    before: str | None
    move: Move


Recall = Callable[[Iterable[str]], Mapping[str, WrittenMove]]
Remember = Callable[[Mapping[str, WrittenMove]], None]


class Writer:
    """Writes moves over one history; `place` says where a revision's file is. What was written
    before is recalled by name."""

    def __init__(
        self,
        states: States,
        header: Callable[[RevisionId], Header],
        place: Callable[[RevisionId], str],
        *,
        keeping: bool = False,
        recall: Recall = lambda _: {},
        remember: Remember = lambda _: None,
    ) -> None:
        self._keeping = keeping
        self._recall = recall
        self._remember = remember
        self._states = states
        self._dag = states.dag
        self._header = header
        self._place = place

    def moves(self, way: Way, observed: Schema | None) -> Iterator[Move]:
        """Yield the moves of a way from a database that holds `observed`."""
        sight = Foresight(self._states, observed)
        applied = frozenset(way.match.found)
        revisions = {*applied, *(one for back in way.reverts for one in back.revisions)}
        trail = _Trail(self._states, revisions)
        for back in way.reverts:
            trail.back(back)
            yield self._revert(back, sight, trail)
        kept = self._recall(map(self._name, way.route.legs))
        fresh: dict[str, WrittenMove] = {}
        for number, leg in enumerate(way.route.legs):
            begun = bool(trail.applied)
            follows = trail.forth(leg)
            if self._keeping and number == 0:
                # How rows are kept follows what was observed, and that may be in another order.
                follows = False
            name, before = self._name(leg), sight.fingerprint
            written = kept.get(name) if follows else None
            if written is not None and written.before == before:
                sight.stand_at(leg.revision, written.move.fingerprint)
                yield written.move
                continue
            move = self._apply(leg, sight, trail, begun)
            if follows:
                fresh[name] = WrittenMove(before, move)
            yield move
        self._remember(fresh)

    def _name(self, leg: Leg) -> str:
        """Return what a leg's move depends on, where it follows in order, beside where it begins."""
        mode = "keeping" if self._keeping else "plain"
        return f"{leg.revision} {leg.side or '-'} {mode} {self._place(leg.revision)}"

    def _revert(self, back: Back, sight: Foresight, trail: _Trail) -> Move:
        fact, revision = back.fact, back.revision
        if fact.up.strip() and not back.down.strip():
            if revision in self._dag and self._header(revision).checkpoint:
                raise BeforeCheckpoint(f"the database began at checkpoint {short(revision)}")
            raise NoWayBack(f"{short(revision)} {fact.message} has no reversal")
        effects = self._states.effects(revision) if revision in self._dag else {}
        origin = f"ledger:{short(revision)}"
        before = sight.schema
        statements = self._statements(back.down, origin)
        walked = self._walked(back, sight.schema, statements)
        if walked is None:
            steps = self._steps(statements, sight, trail, effects)
        else:
            sight.schema = walked[1]
            trail.settle(sight)
            steps = in_steps(statements, self._states.dialect, walked[0])
        return Move(
            kind=MoveKind.REVERT,
            revision=revision,
            migration=fact.migration,
            message=fact.message,
            steps=steps,
            facts=tuple(replace(one, kind=MoveKind.REVERT) for one in back.facts),
            fingerprint=sight.fingerprint,
            undo=self._done_again(back, sight.schema, before, effects, origin),
        )

    def _walked(
        self, back: Back, after: Schema | None, statements: Sequence[PlannedStatement]
    ) -> tuple[tuple[str | None, ...], Schema] | None:
        """Return where MySQL stands after each statement of a way back out of the archive; None where
        that cannot be known, or need not."""
        parents = self._dag.parents(back.revision) if back.revision in self._dag else ()
        is_plain = self._states.dialect == "mysql" and len(parents) < 2
        if not is_plain or ARCHIVE not in back.down or back.revision not in self._dag:
            return None
        effects = self._states.effects(back.revision)
        known = self._states.at(next(iter(parents), None), keep=False)
        walk = Walk(self._states, known.schema if known.certain else None)
        for one in split(back.fact.up, "mysql"):
            walk.past(one.text, effects)
        if after is None or walk.shown() != after:
            return None
        afters = tuple(walk.past(one.sql, effects) for one in statements)
        there = walk.shown()
        return None if there is None else (afters, there)

    def _done_again(
        self,
        back: Back,
        after: Schema | None,
        before: Schema | None,
        effects: Mapping[str, Effect],
        origin: str,
    ) -> tuple[Step, ...] | None:
        up = back.up
        if up is None and back.revision in self._dag:
            up = leg_up(self._states, Leg(back.revision, back.side))
        return None if up is None else self._undo(up, after, before, effects, origin)

    def _apply(self, leg: Leg, sight: Foresight, trail: _Trail, begun: bool) -> Move:
        revision = leg.revision
        header = self._header(revision)
        if leg.adopt or (header.checkpoint and begun):
            # What it does is there already.
            trail.settle(sight)
            return Move(
                kind=MoveKind.ADOPT,
                revision=revision,
                migration=header.migration,
                message=header.title,
                steps=(),
                facts=(self._fact(revision, MoveKind.ADOPT),),
                fingerprint=sight.fingerprint,
                undo=(),
            )
        effects = self._states.effects(revision)
        origin = self._place(revision)
        up, down = leg_up(self._states, leg), self._leg_down(leg)
        before = sight.schema
        written = self._written(leg, origin)
        kept = self._kept(leg, before, effects, written)
        if kept is not None:
            steps = self._kept_steps(kept, sight, trail)
            up, down = _script(kept.way.up), _script(kept.way.down)
        else:
            steps = self._steps(written, sight, trail, effects)
        losses = tuple((loss,) for loss in header.losses)
        if kept is not None:
            losses = tuple((_loss_words(loss),) for loss in kept.way.losses)
        return Move(
            kind=MoveKind.APPLY,
            revision=revision,
            migration=header.migration,
            message=header.title,
            steps=steps,
            facts=tuple(self._facts(leg, up, down or "")),
            fingerprint=sight.fingerprint,
            undo=None if down is None else self._undo(down, sight.schema, before, effects, origin),
            losses=losses,
        )

    def _kept(
        self,
        leg: Leg,
        before: Schema | None,
        effects: Mapping[str, Effect],
        written: tuple[PlannedStatement, ...],
    ) -> _Kept | None:
        """Return a leg so executed that what it would destroy is kept; None where nothing would be,
        or the mode is off or does not take it."""
        if not self._keeping or before is None:
            return None
        from schemaops.diff import diff
        from schemaops.reverse import lossless

        groups = self._states.interpreted(leg_up(self._states, leg), before, effects).groups
        if [group.text for group in groups] != [one.sql for one in written]:
            return None
        way = lossless(groups, before, diff, leg.revision, locking=True)
        if way.irreversible or way.up == tuple(group.text for group in groups):
            return None
        return _Kept(way, groups, before, written)

    def _kept_steps(self, kept: _Kept, sight: Foresight, trail: _Trail) -> tuple[Step, ...]:
        statements: list[PlannedStatement] = []
        afters: list[str | None] = []
        texts = iter(kept.way.up)
        schema = kept.before
        walk = Walk(self._states, schema if self._states.dialect == "mysql" else None)
        for group, count, written in zip(kept.groups, kept.way.counts, kept.written, strict=True):
            its = [next(texts) for _ in range(count)]
            reworded = its != [written.sql]
            for text in its:
                statements.append(
                    PlannedStatement(text, written.origin, written.sql if reworded else None)
                )
                if text == written.sql and walk.schema is not None:
                    walk.schema = group.apply(walk.schema)
                    shown = walk.shown()
                    afters.append(None if shown is None else shown.fingerprint)
                else:
                    afters.append(walk.past(text, {}))
            schema = group.apply(schema)
            afters[-1] = schema.fingerprint
        sight.schema = schema
        trail.settle(sight)
        return in_steps(statements, self._states.dialect, afters)

    def _steps(
        self,
        statements: tuple[PlannedStatement, ...],
        sight: Foresight,
        trail: _Trail,
        effects: Mapping[str, Effect],
    ) -> tuple[Step, ...]:
        apart = any(alone([one.sql for one in statements], self._states.dialect))
        before, seen = sight.schema, None
        if apart or not trail.known:
            seen = sight.through(_script(one.sql for one in statements), effects)
        trail.settle(sight)
        steps = in_steps(statements, self._states.dialect, () if seen is None else seen.afters)
        if not apart or seen is None or before is None:
            return steps
        return tuple(self._undoable(steps, seen.groups, before))

    def _undoable(
        self, steps: tuple[Step, ...], groups: tuple[Group, ...], before: Schema
    ) -> Iterator[Step]:
        """Yield the steps, each with what takes it back should the move stop behind it."""
        from schemaops.diff import diff
        from schemaops.reverse import reverse

        start = 0
        for step in steps:
            its = groups[start : start + len(step.statements)]
            start += len(its)
            reversal = reverse(its, before, diff)
            undo = None
            if reversal.exact:
                texts = [PlannedStatement(text) for text in reversal.statements]
                undo = in_steps(texts, self._states.dialect)
            yield replace(step, undo=undo)
            for group in its:
                before = group.apply(before)

    def _undo(
        self,
        text: str,
        after: Schema | None,
        before: Schema | None,
        effects: Mapping[str, Effect],
        origin: str,
    ) -> tuple[Step, ...]:
        statements = self._statements(text, origin)
        afters: tuple[str | None, ...] = ()
        if any(alone([one.sql for one in statements], self._states.dialect)):
            seen = Foresight(self._states, after).through(text, effects)
            afters = () if seen is None else seen.afters
        steps = in_steps(statements, self._states.dialect, afters)
        if before is None or not steps:
            return steps
        return (*steps[:-1], replace(steps[-1], after=before.fingerprint))

    def _statements(self, text: str, origin: str) -> tuple[PlannedStatement, ...]:
        return tuple(
            PlannedStatement(one.text, f"{origin}:{one.line}")
            for one in split(text, self._states.dialect, file=origin)
        )

    def _written(self, leg: Leg, file: str) -> tuple[PlannedStatement, ...]:
        """Return a leg's statements, each with the line of the file that it stands on."""
        value = self._states.read(leg.revision)
        if leg.side is None:
            texts = [(value.up, up_line(value))]
        else:
            section = next(one for one in value.sections if one.parent == leg.side)
            lines = piece_lines(value)[leg.side]
            texts = [(piece.text, line) for piece, line in zip(section.up, lines, strict=True)]
        return tuple(
            PlannedStatement(one.text, f"{file}:{one.line + line - 1}")
            for text, line in texts
            for one in split(text, self._states.dialect, file=file)
        )

    def _facts(self, leg: Leg, up: str, down: str) -> Iterator[Fact]:
        fact = self._fact(leg.revision, MoveKind.APPLY)
        if leg.side is None:
            yield replace(fact, up=up, down=down)
            return
        sections = self._states.read(leg.revision).sections
        up_pieces = next(one.up for one in sections if one.parent == leg.side)
        for one in self._dag.between(leg.side, leg.revision):
            if one != leg.revision:
                name = short(one)
                yield replace(
                    self._fact(one, MoveKind.APPLY),
                    up="".join(piece.text for piece in up_pieces if name in piece.of),
                    down=self._sealed_down(one),
                    merge=leg.revision,
                    side=leg.side,
                )
        yield replace(
            fact,
            up=up,
            down=all_downs(
                {
                    # As executed: what was kept on this way is put back on this way.
                    one.parent: down if one.parent == leg.side else _down_text(one) or ""
                    for one in sections
                }
            ),
            merge=leg.revision,
            side=leg.side,
        )

    def _sealed_down(self, revision: RevisionId) -> str:
        value = self._states.read(revision)
        if value.is_merge:
            return all_downs({one.parent: _down_text(one) or "" for one in value.sections})
        return value.down or ""

    def _fact(self, revision: RevisionId, kind: MoveKind) -> Fact:
        header = self._header(revision)
        return Fact(
            kind=kind,
            revision=revision,
            migration=header.migration,
            message=header.title,
            parents=self._dag.parents(revision),
        )

    def _leg_down(self, leg: Leg) -> str | None:
        value = self._states.read(leg.revision)
        if leg.side is None:
            return value.down
        return _down_text(next(one for one in value.sections if one.parent == leg.side))


def _script(statements: Iterable[str]) -> str:
    from schemaops.sql.render import script

    return script(statements)


def _down_text(section: Section) -> str | None:
    """Return a section's way down; None where something was done that nothing undoes."""
    text = "".join(piece.text for piece in section.down)
    if not text and not any(piece.text for piece in section.up):
        return _NOTHING
    return text or None


@dataclass(frozen=True, slots=True)
class _Kept:
    """A leg in lossless mode, and what it was made from."""

    way: Lossless
    groups: tuple[Group, ...]
    before: Schema
    written: tuple[PlannedStatement, ...]


def _loss_words(loss: Loss) -> str:
    at = "rows unknown" if loss.at is None else str(loss.at)
    why = "" if loss.why is None else f" ({loss.why})"
    return f"{loss.what} of {at}{why}"


class _Trail:
    """What is applied along the moves, and the revision it comes to, where it comes to one."""

    def __init__(self, states: States, applied: set[RevisionId]) -> None:
        self._states = states
        self._dag = states.dag
        self.applied = applied
        self.revision: RevisionId | None = None
        self.known = False
        self._look()

    def back(self, back: Back) -> None:
        """Take the revisions of a revert away."""
        self.applied.difference_update(back.revisions)
        if self.known and self.revision == back.revision:
            parents = self._dag.parents(back.revision)
            if back.side is not None or len(parents) <= 1:
                self.revision = back.side or next(iter(parents), None)
                return
        self._look()

    def forth(self, leg: Leg) -> bool:
        """Add the revisions of a leg; return whether it leads on from the revision before it."""
        parents = self._dag.parents(leg.revision)
        before = leg.side if leg.side is not None else next(iter(parents), None)
        if self.known and self.revision == before and not leg.adopt:
            self.applied.update(self._dag.between(before, leg.revision))
            self.revision = leg.revision
            return True
        self.applied.add(leg.revision)
        if leg.side is not None:
            self.applied.update(self._dag.between(leg.side, leg.revision))
        self._look()
        return False

    def settle(self, sight: Foresight) -> None:
        """Let foresight go on from the schema at the revision that all this comes to."""
        if self.known:
            known = self._states.at(self.revision, keep=False)
            sight.schema = known.schema if known.certain else None

    def _look(self) -> None:
        self.known = all(one in self._dag for one in self.applied)
        if self.known:
            heads = self._dag.heads(self.applied)
            self.known = len(heads) <= 1 and len(self._dag.closure(heads)) == len(self.applied)
            self.revision = heads[0] if heads else None
