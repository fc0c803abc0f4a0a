"""One migration verified: there and back on a scratch database, empty and with rows in its tables.

The plain way is gone without rows of ours, since a history's own rows may depend on there being no
others; it decides whether the migration is understood and its way back exact. Before that the tables
that the migration touches are given rows, and it is gone as lossless mode would go it, where that
takes it: then the rows must be there again, those apart that are listed as losses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from schemaops.commands.ground import Ground
from schemaops.database.filling import Filled, clear, fill, near
from schemaops.database.rows import RowsOf, differences
from schemaops.diff import diff
from schemaops.history.revision import RevisionId, short
from schemaops.history.states import States, section_text
from schemaops.names import Address, Kind
from schemaops.operations.footprint import union
from schemaops.reports.objects import operation_words
from schemaops.reports.shortfalls import Shortfall, shortfalls
from schemaops.reports.verify import RowsKept, Verified, Written
from schemaops.reverse import Loss, lossless, reverse
from schemaops.reverse.losses import COLUMN_ORDER
from schemaops.schema.objects import Table
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Interpretation

__all__ = ["Verifier"]

_Interpreted = Literal["equal", "differs", "opaque"]
_Reversal = Literal["exact", "differs", "fails", "irreversible"]
_INTERPRETED: tuple[_Interpreted, ...] = ("equal", "opaque", "differs")
_REVERSAL: tuple[_Reversal, ...] = ("exact", "irreversible", "differs", "fails")
_ROWS: tuple[RowsKept, ...] = ("none", "restored", "lost", "refused", "differs")

_WHOLE = 40
"""Up to so many tables a migration is tried with rows in all of them, not just in those near it."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Way:
    """Statements forth and back between a revision's parent and it; `down` is None where there is
    no way back, and `written` says that a person wrote it."""

    parent: RevisionId | None
    up: str
    down: str | None
    written: bool = False


@dataclass(frozen=True, slots=True)
class _Rows:
    """What became of rows: the verdict, and what is to be said of it."""

    kept: RowsKept = "none"
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """What one way came to."""

    interpreted: _Interpreted
    reversal: _Reversal
    lines: tuple[str, ...] = ()
    rows: _Rows = _Rows()
    twice: bool | None = None
    written: Written | None = None

    @property
    def is_sound(self) -> bool:
        """Whether nothing went otherwise than it should."""
        return self.interpreted != "differs" and self.reversal in ("exact", "irreversible")


class Verifier:
    """Verifies migrations; where `keeping`, rows that lossless mode does not bring back count."""

    def __init__(
        self, states: States, ground: Ground, default_schema: str | None, *, keeping: bool
    ) -> None:
        self._states = states
        self._ground = ground
        self._default_schema = default_schema
        self._keeping = keeping

    def verified(self, revision: RevisionId, title: str) -> Verified:
        """Return what a migration comes to, a merge by each of its sections."""
        ways = tuple(self._ways(revision))
        found = [self._on_any(revision, way) for way in ways]

        def told(lines: Iterable[tuple[_Way, Sequence[str]]]) -> tuple[str, ...]:
            return tuple(
                f"from {short(way.parent)}: {line}" if len(ways) > 1 and way.parent else line
                for way, its in lines
                for line in its
            )

        return Verified(
            revision,
            title,
            _worst(_INTERPRETED, (one.interpreted for one in found)),
            _worst(_REVERSAL, (one.reversal for one in found)),
            told((way, one.lines) for way, one in zip(ways, found, strict=True)),
            rows=_worst(_ROWS, (one.rows.kept for one in found)),
            notes=told((way, one.rows.lines) for way, one in zip(ways, found, strict=True)),
            twice=None if any(f.twice is None for f in found) else all(f.twice for f in found),
            written=next((one.written for one in found if one.written is not None), None),
        )

    def _ways(self, revision: RevisionId) -> Iterator[_Way]:
        value = self._states.read(revision)
        if not value.is_merge:
            parent = None if value.checkpoint else next(iter(value.parents), None)
            written = value.down is not None and not value.down_generated
            yield _Way(parent, value.up, value.down, written)
            return
        for section in value.sections:
            up = section_text(section)
            down = "".join(piece.text for piece in section.down)
            yield _Way(section.parent, up, down or ("" if not up else None))

    def _on_any(self, revision: RevisionId, way: _Way) -> _Found:
        self._ground.stand_at(way.parent)
        found = self._on(revision, way, filling=True)
        if found.is_sound or self._ground.pure:
            return found
        # Rows of another branch, or of ours, or none at all, may be the reason.
        if not self._ground.stand_purely_at(way.parent):
            return found
        again = self._on(revision, way, filling=False)
        kept = found.rows if found.rows.kept != "differs" or not self._keeping else again.rows
        return replace(again, rows=kept)

    def _on(self, revision: RevisionId, way: _Way, *, filling: bool) -> _Found:
        ground = self._ground
        pure, before = ground.pure, ground.schema
        effects = self._states.effects(revision)
        read = self._states.interpreted(way.up, before, effects, short(revision))
        if read.faults:
            ground.lost = True
            said = f"up: it cannot be interpreted: {read.faults[0].error.message}"
            return _Found("differs", "fails", (said,))
        ground.lost = True
        rows = _Rows()
        if filling or self._keeping:
            rows = self._with_rows(read, before, filling=filling)
            if ground.lost:
                ground.stand_purely_at(way.parent) if pure else ground.stand_at(way.parent)
        before, ground.lost = ground.schema, True
        found = self._plainly(way, read, before)
        if found.reversal in ("exact", "irreversible") and found.twice is not False:
            ground.at, ground.lost = revision, False
        if rows.kept == "differs" and self._keeping:
            worst = _worst(_REVERSAL, iter((found.reversal, "differs")))
            found = replace(found, reversal=worst, lines=(*found.lines, *rows.lines))
            rows = _Rows("differs")
        return replace(found, rows=rows)

    # -- without rows of ours

    def _plainly(self, way: _Way, read: Interpretation, before: Schema) -> _Found:
        ground, unknown = self._ground, read.blind
        refusal = ground.send(way.up)
        if refusal is not None:
            return _Found("opaque" if unknown else "differs", "fails", (f"up: {refusal}",))
        after = ground.schema
        lines = [] if unknown else self._apart("up", read.after, after)
        interpreted: _Interpreted = "opaque" if unknown else "differs" if lines else "equal"
        if way.down is None:
            return _Found(interpreted, "irreversible", tuple(lines))
        back = self._there_and_back(way.up, way.down, before, after)
        written = self._held(read, before, back.after_down) if way.written else None
        return _Found(
            interpreted,
            back.reversal,
            (*lines, *back.lines),
            twice=back.twice,
            written=written,
        )

    def _there_and_back(self, up: str, down: str, before: Schema, after: Schema) -> _Back:
        back = _Back("exact")
        for said, text, wanted in (
            ("down", down, before),
            ("up again", up, after),
            ("down again", down, before),
            ("up once more", up, after),
        ):
            refusal = self._ground.send(text)
            if said == "down":
                back = replace(back, after_down=self._ground.schema)
            if refusal is not None:
                return replace(back, reversal="fails", lines=(f"{said}: {refusal}",))
            lines = self._apart(said, wanted, self._ground.schema)
            if lines:
                return replace(back, reversal="differs", lines=tuple(lines))
            if said == "down again":
                back = replace(back, twice=self._harmless(down, before))
                if not back.twice:
                    # Going on from here would be going on from somewhere else.
                    return back
        return back

    def _harmless(self, down: str, before: Schema) -> bool:
        """Return whether a down that is sent where it was done already changes nothing, or is
        refused and changes nothing."""
        few = sum(1 for _ in before.of_kind(Kind.TABLE)) <= _WHOLE
        rows = self._ground.rows() if few else {}
        self._ground.send(down)
        if self._ground.schema != before:
            return False
        return not few or not differences(rows, self._ground.rows())

    def _held(self, read: Interpretation, before: Schema, back: Schema | None) -> Written:
        """Return how a down that a person wrote compares with the generated one."""
        generated = reverse(read.groups, before, diff)
        short_of: tuple[Shortfall, ...] = ()
        if back is not None:
            short_of = shortfalls(before, back, self._default_schema)
        return Written(
            short_of,
            generated.statements if generated.exact and not read.blind else None,
        )

    # -- with rows

    def _with_rows(self, read: Interpretation, before: Schema, *, filling: bool) -> _Rows:
        """Return what becomes of rows there and back; the ground is lost where it is not as before."""
        ground = self._ground
        texts = self._texts(read, before) if read.groups and not read.blind else None
        if texts is None:
            ground.lost = False
            return _Rows()
        up, down, lost = texts
        chosen = self._chosen(read, before)
        notes: tuple[str, ...] = ()
        # Where neither fits, the rows that the history itself wrote.
        for edges in (True, False, None) if filling else (None,):
            filled = Filled()
            if edges is not None:
                filled = fill(ground.connection, before, chosen, edges=edges)
                ground.pure = ground.pure and not filled.tables
            rows = ground.rows(chosen)
            if not any(rows.values()):
                notes = notes or _unfilled(filled)
                continue
            refusal = ground.send(up)
            if refusal is None:
                return self._back_with_rows(down, lost, read.after, before, rows, filled)
            notes = (f"with rows, up: {refusal}",)
            # What was refused may have gone half of the way.
            if ground.schema != before or not clear(ground.connection, filled):
                return _Rows("refused", notes)
        ground.lost = False
        return _Rows("refused" if notes and notes[0].startswith("with rows") else "none", notes)

    def _back_with_rows(
        self,
        down: tuple[str, ...],
        lost: tuple[Loss, ...],
        after: Schema,
        before: Schema,
        rows: RowsOf,
        filled: Filled,
    ) -> _Rows:
        ground = self._ground
        apart = self._apart("with rows, up", after, ground.schema)
        refusal = ground.send(down) if not apart else None
        if apart or refusal is not None:
            return _Rows("differs", tuple(apart) or (f"with rows, down: {refusal}",))
        apart = self._apart("with rows, down", before, ground.schema)
        if apart:
            return _Rows("differs", tuple(apart))
        found = differences(rows, ground.rows(frozenset(rows)))
        unsaid = [
            one
            for one in found
            if not any(loss.at is None or one.table.covers(loss.at) for loss in lost)
        ]
        lines = tuple(one.said("before", "after the way back") for one in unsaid)
        ground.lost = not clear(ground.connection, filled)
        if lines:
            ground.lost = True
            return _Rows("differs", tuple(f"lossless {one}" for one in lines))
        return _Rows("lost" if found else "restored", _unfilled(filled))

    def _texts(
        self, read: Interpretation, before: Schema
    ) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Loss, ...]] | None:
        """Return the statements forth and back as lossless mode has them, and what is lost all the
        same; None where there is no way back."""
        kept = lossless(read.groups, before, diff)
        if kept.irreversible:
            return None
        return kept.up, kept.down, tuple(one for one in kept.losses if one.what != COLUMN_ORDER)

    def _chosen(self, read: Interpretation, before: Schema) -> tuple[Address, ...]:
        tables = tuple(sorted(one.at for one in before.of_kind(Kind.TABLE)))
        if len(tables) <= _WHOLE:
            return tuple(at for at in tables if isinstance(before.get(at), Table))
        touched = union(group.footprint() for group in read.groups).addresses()
        return near(before, touched)

    def _apart(self, said: str, wanted: Schema, found: Schema) -> list[str]:
        if wanted == found:
            return []
        operations = diff(wanted, found)
        words = [operation_words(one, self._default_schema) for one in operations]
        return [f"{said}: {one}" for one in words or ["what is there is not what was expected"]]


@dataclass(frozen=True, slots=True)
class _Back:
    """How going there and back went: the schema after the first down, and whether a second one in a
    row was harmless."""

    reversal: _Reversal
    lines: tuple[str, ...] = ()
    after_down: Schema | None = None
    twice: bool | None = None


def _unfilled(filled: Filled) -> tuple[str, ...]:
    return tuple(
        f"no row was found that fits {at}: {answer}" for at, answer in filled.refused.items()
    )


def _worst(ranks: tuple[T, ...], found: Iterator[T]) -> T:
    return max(found, key=ranks.index)
