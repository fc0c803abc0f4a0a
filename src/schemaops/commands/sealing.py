"""Sealing: a text and its place in history into a revision, checked, reversed and rehearsed.

Whatever is wrong is raised before anything is written: statements that the database would refuse, a
hand-written down that does not lead back, statements that would end the replay's own transaction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from schemaops.commands.scripts import Script, interpreted, raise_faults
from schemaops.database.failures import DatabaseFailure
from schemaops.database.statements import ends_transaction
from schemaops.diff import diff
from schemaops.errors import Cause, Place, SchemaOpsError
from schemaops.history.format import to_bytes
from schemaops.history.revision import Effect as WrittenEffect
from schemaops.history.revision import Revision, RevisionId, migration_id, revision_id, statement_id
from schemaops.history.sealing import sealed_text
from schemaops.history.states import Known
from schemaops.operations.group import Group
from schemaops.operations.lines import to_lines
from schemaops.reports.shortfalls import shortfalls
from schemaops.reverse import Judgement, Loss, judge, reverse
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Effect, Interpretation
from schemaops.sql.render import script
from schemaops.sql.split import Statement, split

if TYPE_CHECKING:
    from schemaops.commands.rehearsal import Refused, Stage, Stages

__all__ = [
    "EmptyMigration",
    "FallsShort",
    "RefusedOnScratch",
    "Sealed",
    "Sealing",
    "TransactionInMigration",
]

NOTHING = "-- nothing to undo\n"


class EmptyMigration(SchemaOpsError):
    """There is no statement to seal.

    Write at least one into the draft, before `-- down` if it has one.
    """

    code = "SO718"


class TransactionInMigration(SchemaOpsError):
    """A migration begins or ends a transaction itself.

    A replay runs each revision in a transaction of its own where the engine can, together with the
    ledger's row. Leave BEGIN, COMMIT, ROLLBACK and START TRANSACTION out of the migration.
    """

    code = "SO719"


class FallsShort(SchemaOpsError):
    """A hand-written down does not restore the schema that was there before.

    The details name each object that is missing, left behind or different then, and the reversal
    that SchemaOps would write. Complete the section `-- down`, or remove it, and that one is taken.
    """

    code = "SO720"
    cause = Cause.DECISION

    def __init__(self, message: str, *, place: Place | None, details: tuple[str, ...]) -> None:
        super().__init__(message, place=place)
        self.details = details


class RefusedOnScratch(SchemaOpsError):
    """A scratch database refuses a statement that was about to be sealed.

    The message is the database's own. Where it is the scratch database that lacks something (an
    extension, a role, a version), name another server as `scratch = "$VARIABLE"` in
    `.schemaops/config.toml`, or seal without a rehearsal: `schemaops commit --no-rehearsal`.
    """

    code = "SO721"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A revision with its bytes, what its statements come to, and what is to be said of it."""

    revision: Revision
    data: bytes
    groups: tuple[Group, ...]
    known: Known
    losses: tuple[Loss, ...] = ()
    rehearsed: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def id(self) -> RevisionId:
        """The id that its bytes have."""
        return revision_id(self.data)


@dataclass(frozen=True, slots=True)
class _Up:
    source: Script
    found: Interpretation
    effects: Mapping[str, Effect]


@dataclass(frozen=True, slots=True)
class _Down:
    text: str | None
    generated: bool = False
    losses: tuple[Loss, ...] = ()
    effects: Mapping[str, Effect] | None = None
    notes: tuple[str, ...] = ()


class Sealing:
    """Seals over what is known of the schema before; `scratch` is a server to rehearse on, and `stages`
    gives those of whoever seals many.

    `importing` seals what has run already: only what is opaque is rehearsed, and where a hand-written
    down falls short, or a scratch database refuses something, that is said and not raised.
    """

    def __init__(
        self,
        before: Known,
        *,
        scratch: str | None = None,
        rehearse: bool = True,
        search_path: tuple[str, ...] = (),
        importing: bool = False,
        stages: Callable[[], Stages] | None = None,
    ) -> None:
        self._before = before
        self._stages = stages
        self._dialect = before.schema.dialect
        self._scratch = scratch
        self._rehearse = rehearse
        self._importing = importing
        self.shortfalls: tuple[str, ...] = ()
        self._search_path = search_path
        self._notes: list[str] = []
        self._closely = False
        self._server: str | None = None

    def seal(
        self,
        head: Revision,
        up: Script,
        down: Script | None = None,
        known: Mapping[str, Effect] | None = None,
    ) -> Sealed:
        """Return `head` with the migration in it; raise everything that is wrong with it.

        `known` are effects of its statements that need not be seen again. A `head` that has a
        migration id keeps it: it was carried here from elsewhere.
        """
        text = sealed_text(up.text.encode(), self._dialect, file=up.name)
        sealing = replace(up, text=text)
        declared = {**(known or {}), **dict(self._declared(sealing))}
        read = _Up(sealing, self._read(sealing, declared), declared)
        if not read.found.groups:
            raise EmptyMigration("there is no statement to seal", place=Place(up.name))
        if head.checkpoint:
            # What a history begins with is not undone: it would drop all that there is.
            back = _Down(None)
        else:
            read, back = self._both_ways(read, down)
        unknown = [group for group in read.found.groups if group.unknown]
        self._notes += (
            f"the effect of line {group.place.line} is not known ({group.why}): name a server that "
            'can run it as `scratch = "$VARIABLE"` in config.toml, or declare it in a comment '
            "before it, `-- effect: none`"
            for group in unknown
        )
        revision = replace(
            head,
            migration=None
            if head.checkpoint
            else head.migration or migration_id(text, self._dialect),
            dialect=self._dialect,
            up=text,
            down=back.text,
            down_generated=back.generated and back.text is not None,
            effects=tuple(self._written(read, back)),
            losses=tuple(dict.fromkeys(map(_loss_line, back.losses))),
        )
        return Sealed(
            revision,
            to_bytes(revision),
            read.found.groups,
            Known(read.found.after, self._before.certain and not unknown),
            back.losses,
            self._server,
            (*self._notes, *back.notes),
        )

    # -- reading

    def _statements(self, source: Script) -> Iterator[Statement]:
        for statement in split(source.text, self._dialect, file=source.name):
            if ends_transaction(statement.text, self._dialect, transactional=False):
                raise TransactionInMigration(
                    f"`{' '.join(statement.text.split())[:40]}` begins or ends a transaction",
                    place=source.place(statement.line),
                )
            yield statement

    def _read(self, source: Script, effects: Mapping[str, Effect]) -> Interpretation:
        def read(*, blind: bool) -> Interpretation:
            return interpreted(
                source,
                self._before.schema,
                effects,
                self._search_path,
                blind=blind,
                statements=self._statements(source),
            )

        if not self._importing:
            return read(blind=not self._before.certain)
        try:
            return read(blind=not self._before.certain)
        except (SchemaOpsError, ExceptionGroup):
            # It has run all the same: then it is not known what it does.
            return read(blind=True)

    def _declared(self, source: Script) -> Iterator[tuple[str, Effect]]:
        if _EFFECT.search(source.text) is None:
            return
        end = 0
        for statement in self._statements(source):
            found = _EFFECT.findall(source.text[end : statement.start])
            end = statement.start + len(statement.text)
            if found:
                said = "" if found == ["none"] else "\n".join(found)
                meant = interpreted(
                    Script(source.name, said, source.first_line + statement.line - 1),
                    self._before.schema,
                )
                operations = tuple(one for group in meant.groups for one in group.operations)
                yield statement.text, Effect(operations, "declared")

    # -- rehearsing

    def _both_ways(self, read: _Up, down: Script | None) -> tuple[_Up, _Down]:
        wanted = self._scratch is not None or self._dialect == "sqlite"
        wanted = wanted and not self._importing
        wanted = wanted or any(group.unknown for group in read.found.groups)
        if not (self._rehearse and self._before.certain and wanted):
            return read, self._way_back(read, down)
        from schemaops.commands.rehearsal import Stages

        if self._stages is not None:
            return self._on_a_stage(self._stages(), read, down)
        with Stages(self._scratch, self._search_path) as stages:
            return self._on_a_stage(stages, read, down)

    def _on_a_stage(self, stages: Stages, read: _Up, down: Script | None) -> tuple[_Up, _Down]:
        from schemaops.commands.rehearsal import Astray

        for closely in (False, True):
            noted = len(self._notes)
            try:
                with stages.holding(self._before.schema) as stage:
                    if stage.schema != self._before.schema:
                        self._notes.append(
                            f"not rehearsed: {stage.server} does not hold what the history comes to"
                        )
                        return read, self._way_back(read, down)
                    self._closely = closely
                    return self._on(stage, read, down)
            except Astray:
                # Some statement did what was not read from it: look after each which one it is.
                del self._notes[noted:]
            except DatabaseFailure as failure:
                self._notes.append(f"not rehearsed: {failure.message}")
                break
        return read, self._way_back(read, down)

    def _on(self, stage: Stage, read: _Up, down: Script | None) -> tuple[_Up, _Down]:
        seen = stage.rehearse(
            read.source.text, read.effects, read=read.found, closely=self._closely
        )
        for line in seen.corrected:
            self._notes.append(
                f"line {line} does on {stage.server} what was not read from it: what it "
                "did is written down as its effect"
            )
        if seen.effects != read.effects:
            read = _Up(read.source, self._read(read.source, seen.effects), seen.effects)
        back = self._way_back(read, down, stage if seen.refused is None else None)
        if seen.refused is not None:
            self._refused(seen.refused, read)
        else:
            self._server = stage.server
        return read, back

    def _refused(self, refused: Refused, read: _Up) -> None:
        opaque = any(group.text == refused.text and group.opaque for group in read.found.groups)
        if not self._importing and (
            refused.is_nonsense or not (opaque or refused.for_want_of_rows)
        ):
            raise RefusedOnScratch(
                f"the scratch database refuses the statement: {refused.failure.answer}",
                place=read.source.place(refused.line),
            )
        self._notes.append(f"line {refused.line} could not be rehearsed: {refused.failure.answer}")

    # -- the way back

    def _way_back(self, read: _Up, down: Script | None, stage: Stage | None = None) -> _Down:
        if down is not None:
            return self._hand_written(read, down, stage)
        reversal = reverse(read.found.groups, self._before.schema, diff)
        notes = tuple(
            f"line {one.line or '?'} has no way back: {one.reason}" for one in reversal.irreversible
        )
        if not reversal.exact:
            if not notes:
                notes = ("no reversal was found that restores the schema exactly",)
            return _Down(None, losses=reversal.losses, notes=notes)
        text = script(reversal.statements) or NOTHING
        effects = reversal.effects
        if stage is not None:
            seen = stage.rehearse(text, effects, read=reversal.read, closely=self._closely)
            if seen.refused is not None and not seen.refused.for_want_of_rows:
                said = f"{stage.server} refuses the reversal: {seen.refused.failure.answer}"
                return _Down(None, losses=reversal.losses, notes=(said,))
            if seen.refused is None and seen.after != self._before.schema:
                said = f"the reversal does not restore the schema on {stage.server}"
                return _Down(None, losses=reversal.losses, notes=(said,))
            effects = seen.effects
        return _Down(text, True, reversal.losses, effects)

    def _hand_written(self, read: _Up, down: Script, stage: Stage | None) -> _Down:
        text = sealed_text(down.text.encode(), self._dialect, file=down.name)
        source = replace(down, text=text)
        effects: Mapping[str, Effect] = dict(self._declared(source))
        judged = self._judged(read, source, effects)
        if stage is not None:
            seen = stage.rehearse(text, effects, read=judged.read, closely=self._closely)
            if seen.refused is not None and not seen.refused.for_want_of_rows:
                error = RefusedOnScratch(
                    f"the scratch database refuses the down: {seen.refused.failure.answer}",
                    place=source.place(seen.refused.line),
                )
                if not self._importing:
                    raise error
                self.shortfalls += (f"{error.place}: {error.message}",)
            if seen.effects != effects:
                effects = seen.effects
                judged = self._judged(read, source, effects)
        if self._importing:
            self._fallen_short(judged, source)
        else:
            raise_faults(judged.faults, source)
        generated = reverse(read.found.groups, self._before.schema, diff)
        if not self._importing and not judged.exact and not judged.opaque:
            raise FallsShort(
                "the down does not restore the schema that was there before",
                place=source.place(),
                details=(
                    *self._shortfalls(judged.restored),
                    *(f"generated: {text}" for text in generated.statements if generated.exact),
                ),
            )
        notes = tuple(
            f"whether the down restores the schema is not known: `{group.text[:40]}` is opaque"
            for group in judged.opaque
        )
        return _Down(text, False, generated.losses, effects, notes)

    def _judged(self, read: _Up, down: Script, effects: Mapping[str, Effect]) -> Judgement:
        statements = self._statements(down)
        return judge(statements, read.found.after, self._before.schema, diff, effects)

    def _shortfalls(self, restored: Schema) -> Iterator[str]:
        """Yield where a down falls short, object by object."""
        default_schema = "public" if self._dialect == "postgres" else None
        for one in shortfalls(self._before.schema, restored, default_schema):
            yield f"{one.what}: {one.said}"

    def _fallen_short(self, judged: Judgement, source: Script) -> None:
        """Note what a hand-written down of a history that is imported does not bring back."""
        for fault in judged.faults:
            place = source.place((fault.error.place or fault.place).line)
            self.shortfalls += (f"{place}: {fault.error.message}",)
        if not judged.exact and not judged.opaque and not judged.faults:
            self.shortfalls += tuple(
                f"{source.place()}: {one}" for one in self._shortfalls(judged.restored)
            )
        self.shortfalls = tuple(dict.fromkeys(self.shortfalls))

    def _written(self, read: _Up, back: _Down) -> Iterator[WrittenEffect]:
        effects = {**(back.effects or {}), **read.effects}
        unknown = {group.text for group in read.found.groups if group.unknown}
        if not effects and not unknown:
            return
        written: set[str] = set()
        texts = (read.source.text, back.text or "")
        for statement in (one for text in texts for one in split(text, self._dialect)):
            known = effects.get(statement.text)
            if known is None and statement.text not in unknown:
                continue
            name = statement_id(statement.tokens)
            if name in written:
                continue
            if known is not None:
                yield WrittenEffect(name, known.how, to_lines(known.operations))
            else:
                yield WrittenEffect(name, "unknown")
            written.add(name)


_EFFECT = re.compile(r"^[ \t]*-- effect: ?(.+?)[ \t]*$", re.MULTILINE)


def _loss_line(loss: Loss) -> str:
    where = "" if loss.line is None else f", line {loss.line}"
    return f"{loss.what} of {'tables unknown' if loss.at is None else loss.at}{where}"
