"""The schema at each revision, remembered.

A schema is interpreted from the nearest ancestor whose schema is known, forth along first parents,
so the cost follows what is new. A merge's schema is the one that its first section leads to, a
checkpoint's is its own. Behind a statement whose effect nobody knows it is no longer `certain`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from schemaops.errors import Cause, SchemaOpsError
from schemaops.history.dag import Dag
from schemaops.history.revision import Revision, RevisionId, Section, short, statement_id
from schemaops.schema.state import Schema
from schemaops.sql.split import split

if TYPE_CHECKING:
    from schemaops.operations.group import Group
    from schemaops.sql.interpret import Effect, Interpretation

__all__ = ["Known", "Read", "States", "UnreadableHistory", "effects_of", "section_text"]


class UnreadableHistory(SchemaOpsError):
    """A sealed revision cannot be interpreted over the schema before it.

    Sealing refuses what cannot be interpreted, so either the file came about otherwise, or this
    SchemaOps reads a statement more strictly than the one that sealed it. `schemaops fsck` checks
    every file; the message names the statement.
    """

    code = "SO414"
    cause = Cause.DECISION


@dataclass(frozen=True, slots=True)
class Known:
    """A schema, and whether it is all that a database would hold: no unknown effect on the way."""

    schema: Schema
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Read:
    """What a revision's statements come to, and the fingerprint of the schema behind them."""

    groups: tuple[Group, ...]
    fingerprint: str


# A kept schema costs as much as it is large; so many revisions are interpreted as fast as one is read.
_NEAR = 100
# Kept together, since to keep one costs nearly as much as to keep many.
_TOGETHER = 25


class States:
    """The schemas at the revisions of a DAG; None is base, the empty schema.

    `recall` gives what an earlier run kept, `remember` keeps; neither needs to. `recall_read` and
    `remember_read` do so with what revisions were read to be.
    """

    def __init__(
        self,
        dag: Dag,
        read: Callable[[RevisionId], Revision],
        dialect: str,
        *,
        search_path: tuple[str, ...] = (),
        recall: Callable[[RevisionId], Known | None] = lambda _: None,
        remember: Callable[[RevisionId, Known], None] = lambda _revision, _known: None,
        recall_read: Callable[[RevisionId], Read | None] = lambda _: None,
        remember_read: Callable[[Mapping[RevisionId, Read]], None] = lambda _: None,
    ) -> None:
        self.dag = dag
        self.dialect = dialect
        self.read = cache(read)
        self.search_path = search_path
        self._recall = recall
        self._remember = remember
        self._recall_read = recall_read
        self._remember_read = remember_read
        self._fresh: dict[RevisionId, Read] = {}
        self._known: dict[RevisionId | None, Known] = {None: Known(Schema.empty(dialect))}
        self._groups: dict[RevisionId, tuple[Group, ...]] = {}
        self._unkept: dict[RevisionId | None, int] = {}

    def schema(self, revision: RevisionId | None) -> Schema:
        """Return the schema at a revision; raise UnreadableHistory."""
        return self.at(revision).schema

    def at(self, revision: RevisionId | None, *, keep: bool = True) -> Known:
        """Return what is known of the schema at a revision; raise UnreadableHistory. Who walks along
        a line need not `keep` what stands on its way."""
        if revision in self._known:
            return self._known[revision]
        waiting: list[RevisionId] = []
        step = revision
        near = self._near(revision)
        while step not in self._known:
            assert step is not None
            before = self._before(step)
            known = None if near else self._recall(step)
            if known is not None:
                self._known[step] = known
                break
            waiting.append(step)
            step = before
        unkept = self._unkept.get(step, 0)
        for one in reversed(waiting):
            self._known[one] = self._after(one)
            unkept += 1
            self._unkept[one] = unkept
        if keep and waiting and revision is not None and unkept > _NEAR:
            self._remember(revision, self._known[revision])
            self._unkept[revision] = 0
        return self._known[revision]

    def _near(self, revision: RevisionId | None) -> bool:
        """Whether a schema known by now is so few revisions away that to read those is quicker than
        to read a whole schema that was kept."""
        for _ in range(_NEAR):
            if revision is None or revision in self._known:
                return True
            revision = self._before(revision)
        return False

    def keep(
        self, revision: RevisionId, known: Known, groups: Iterable[Group] | None = None
    ) -> None:
        """Take over the schema at a revision, and what its statements come to, from who has just worked
        it out."""
        self._known[revision] = known
        self._unkept[revision] = 0
        self._remember(revision, known)
        if groups is not None:
            placed = tuple(
                replace(group, place=replace(group.place, file=short(revision))) for group in groups
            )
            self._groups[revision] = placed
            self._remember_read({revision: Read(placed, known.schema.fingerprint)})

    def groups(self, revision: RevisionId) -> tuple[Group, ...]:
        """Return what a revision's statements come to; a merge's are those of its first section."""
        if revision not in self._groups:
            self._groups[revision] = self._interpreted(revision).groups
        return self._groups[revision]

    def interpreted(
        self,
        text: str,
        before: Schema,
        effects: Mapping[str, Effect],
        file: str = "-",
        *,
        certain: bool = True,
    ) -> Interpretation:
        """Return what a text comes to over a schema, as this history reads SQL."""
        # Who finds all of it in the cache need not load what reads SQL.
        from schemaops.sql.interpret import interpret

        return interpret(
            text,
            before,
            effects=effects,
            file=file,
            search_path=self.search_path,
            blind=not certain,
        )

    def effects(self, revision: RevisionId) -> dict[str, Effect]:
        """Return the known effects of a revision's opaque statements, by their text; those of a
        merge come from the revisions that its statements stand for as well."""
        value = self.read(revision)
        known: dict[str, Effect] = {}
        if value.is_merge:
            stands_for = {name for one in value.sections for p in one.up for name in p.of}
            for ancestor in self.dag.beyond((), value.parents):
                if short(ancestor) in stands_for:
                    known |= effects_of(self.read(ancestor), self.dialect)
        return known | effects_of(value, self.dialect)

    def _before(self, revision: RevisionId) -> RevisionId | None:
        if self.read(revision).checkpoint:
            return None
        return next(iter(self.dag.parents(revision)), None)

    def _after(self, revision: RevisionId) -> Known:
        before = self._known[self._before(revision)]
        after = self._read_before(revision, before.schema)
        if after is None:
            interpretation = self._interpreted(revision)
            for fault in interpretation.faults:
                raise UnreadableHistory(
                    f"{short(revision)} cannot be interpreted: {fault.error.message}",
                    place=fault.place,
                    hints=(f"schemaops show {short(revision)}", "schemaops fsck"),
                )
            after, groups = interpretation.after, interpretation.groups
            self._groups[revision] = groups
            self._fresh[revision] = Read(groups, after.fingerprint)
            if len(self._fresh) >= _TOGETHER:
                self._remember_read(self._fresh)
                self._fresh = {}
        unknown = any(group.unknown for group in self._groups[revision])
        return Known(after, before.certain and not unknown)

    def _read_before(self, revision: RevisionId, before: Schema) -> Schema | None:
        """Return the schema at a revision that an earlier run has read, None where none has."""
        read = self._recall_read(revision)
        if read is None:
            return None
        after = replace(before, search_path=self.search_path) if self.search_path else before
        for group in read.groups:
            after = group.apply(after)
        if after.fingerprint != read.fingerprint:
            return None
        self._groups[revision] = read.groups
        return after

    def _interpreted(self, revision: RevisionId) -> Interpretation:
        value = self.read(revision)
        text = section_text(value.sections[0]) if value.is_merge else value.up
        before = self.at(self._before(revision))
        # Where the effect of a statement was not known at sealing, it may have been refused as well.
        certain = before.certain and not any(one.how == "unknown" for one in value.effects)
        return self.interpreted(
            text, before.schema, self.effects(revision), short(revision), certain=certain
        )


def section_text(section: Section) -> str:
    """Return the statements of a section's way up, one after another."""
    return _joined(piece.text for piece in section.up)


def effects_of(revision: Revision, dialect: str) -> dict[str, Effect]:
    """Return the known effects that a revision writes down, by the statement's text."""
    written = {effect.statement: effect for effect in revision.effects if effect.how != "unknown"}
    if not written:
        return {}
    from schemaops.operations.lines import from_lines
    from schemaops.sql.interpret import Effect

    texts = [revision.up, *(p.text for one in revision.sections for p in (*one.up, *one.down))]
    found: dict[str, Effect] = {}
    for text in (*texts, revision.down or ""):
        for statement in split(text, dialect):
            effect = written.get(statement_id(statement.tokens))
            if effect is not None:
                found[statement.text] = Effect(from_lines(effect.operations), effect.how)
    return found


def _joined(texts: Iterable[str]) -> str:
    return "".join(text if text.endswith("\n") else text + "\n" for text in texts if text)
