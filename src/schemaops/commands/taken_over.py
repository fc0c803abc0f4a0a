"""A foreign history as revisions: sealed one after another over what is known, lines of it merged.

In place nothing is rehearsed and nothing generated: the bytes follow from the tool's files alone, so
that everybody who reads them finds the same ids. An import rehearses what is opaque and writes the
ways back that nobody wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from schemaops.commands.foreign import Prepared, message_of
from schemaops.commands.merged import Heads, merge_heads
from schemaops.commands.scripts import Script
from schemaops.commands.sealing import Sealed, Sealing
from schemaops.commands.workspace import Tree, Workspace
from schemaops.errors import SchemaOpsError
from schemaops.history.format import to_bytes
from schemaops.history.revision import (
    Revision,
    RevisionId,
    file_name,
    migration_id,
    revision_id,
)
from schemaops.history.states import Known, States, effects_of
from schemaops.schema.state import Schema
from schemaops.store.memory import MemoryStore

if TYPE_CHECKING:
    from schemaops.commands.rehearsal import Stages

__all__ = ["Made", "Maker", "NotMerged", "Source"]


class NotMerged(SchemaOpsError):
    """Two lines of another tool's history conflict, so no revision can stand for their merge.

    The tool runs both in an order of its own and does not ask. Take its history as one line, in that
    order: `schemaops import FORMAT DIR --linear`.
    """

    code = "SO478"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a revision comes from: the tool's ids and file, and the line its up begins on there."""

    ids: tuple[str, ...]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Made:
    """A revision that was made, with its bytes, where it comes from, and what is to be said of it."""

    id: RevisionId
    name: str
    revision: Revision
    data: bytes
    source: Source
    known: Known | None = None
    opaque: tuple[tuple[int, str, str], ...] = ()
    shortfalls: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


_EMPTY = ("the down that was there is empty, so the reversal is generated",)

Signed = Callable[[Prepared], tuple[str | None, str | None]]
"""Who wrote a migration, and when."""


@dataclass
class Maker:
    """Makes revisions of the migrations of one tool. With `plainly` from their text alone."""

    workspace: Workspace
    dialect: str
    format: str
    plainly: bool = False
    rehearse: bool = True
    mend: bool = False
    signed: Signed = lambda _: (None, None)
    made: list[Made] = field(default_factory=list)
    _by_id: dict[str, RevisionId] = field(default_factory=dict)
    _store: MemoryStore = field(default_factory=MemoryStore)
    _known: dict[RevisionId, Known] = field(default_factory=dict)
    _exits: ExitStack = field(default_factory=ExitStack)
    _stages: Stages | None = None

    def stands(self, revision: RevisionId, data: bytes, name: str, ids: Iterable[str]) -> None:
        """Take note of a revision that was imported before."""
        self._store.add(name, data)
        for one in ids:
            self._by_id[one] = revision

    def knows(self, known: States, revision: RevisionId) -> None:
        """Take over the schema at a revision that was imported before."""
        self._known[revision] = known.at(revision)

    def make(self, migrations: Iterable[Prepared]) -> None:
        """Make the revisions of migrations, in order; raise what keeps one from being made."""
        with self._exits:
            for one in migrations:
                self._make(one)

    def _make(self, one: Prepared) -> None:
        parents = tuple(dict.fromkeys(self._by_id[parent] for parent in one.parents))
        parent = self._one_parent(one, parents)
        if one.joins:
            self._by_id |= dict.fromkeys(one.ids, parent) if parent is not None else {}
            return
        made = self._plain(one, parent) if self.plainly else self._sealed(one, parent)
        self._keep(made, one.ids)

    def _keep(self, made: Made, ids: Iterable[str]) -> None:
        self.made.append(made)
        self._store.add(made.name, made.data)
        if made.known is not None:
            self._known[made.id] = made.known
        for each in ids:
            self._by_id[each] = made.id

    def _head(self, one: Prepared, parent: RevisionId | None) -> Revision:
        author, date = self.signed(one)
        return Revision(
            parents=() if parent is None else (parent,),
            message=message_of(one, self.format),
            author=author,
            date=date,
            dialect=self.dialect,
            checkpoint=one.source.whole,
        )

    def _plain(self, one: Prepared, parent: RevisionId | None) -> Made:
        head = self._head(one, parent)
        # What nobody wrote is no way back.
        down = (one.down.text or None) if one.down is not None else None
        revision = replace(
            head,
            up=one.up.text,
            down=None if head.checkpoint else down,
            migration=None if head.checkpoint else migration_id(one.up.text, self.dialect),
        )
        return _made(revision, one)

    # -- sealed

    def _sealed(self, one: Prepared, parent: RevisionId | None) -> Made:
        before = self._at(parent)
        sealing = Sealing(
            before,
            scratch=self.workspace.scratch_url() if self.rehearse else None,
            rehearse=self.rehearse,
            search_path=self.workspace.config.search_path,
            importing=True,
            stages=self._on_stages,
        )
        up = Script(one.up.file, one.up.text, one.up.line)
        empty = one.down is not None and not one.down.text
        down = None
        if one.down is not None and not empty:
            down = Script(one.down.file, one.down.text, one.down.line)
        sealed = sealing.seal(self._head(one, parent), up, down)
        shortfalls = sealing.shortfalls
        if shortfalls and self.mend:
            again = Sealing(
                before,
                rehearse=False,
                search_path=self.workspace.config.search_path,
                importing=True,
            )
            known = effects_of(sealed.revision, self.dialect)
            generated = again.seal(self._head(one, parent), up, None, known)
            if generated.revision.down is not None:
                sealed = generated
                shortfalls = ()
        return replace(
            _made(sealed.revision, one),
            known=sealed.known,
            opaque=tuple(_opaque(sealed, one)),
            shortfalls=shortfalls,
            notes=(*one.notes, *(_EMPTY if empty else ()), *sealed.notes),
        )

    def _on_stages(self) -> Stages:
        if self._stages is None:
            # A scratch database is opened by what rehearses alone.
            from schemaops.commands.rehearsal import Stages

            given = Stages(self.workspace.scratch_url(), self.workspace.config.search_path)
            self._stages = self._exits.enter_context(given)
        return self._stages

    def _at(self, revision: RevisionId | None) -> Known:
        if revision is None:
            return Known(Schema.empty(self.dialect))
        if revision not in self._known:
            self._known[revision] = self._states().at(revision)
        return self._known[revision]

    def _states(self) -> States:
        self._store.refresh()
        tree = Tree("import", self._store)
        states = self.workspace.states(tree)
        for revision, known in self._known.items():
            states.keep(revision, known)
        return states

    # -- merging

    def _one_parent(self, one: Prepared, parents: tuple[RevisionId, ...]) -> RevisionId | None:
        if len(parents) < 2:
            return parents[0] if parents else None
        states = self._states()
        left = sorted(
            each
            for each in parents
            if not any(other != each and states.dag.is_ancestor(each, other) for other in parents)
        )
        while len(left) > 1:
            first, second, *rest = left
            made = self._merge(one, first, second, last=not rest)
            self._keep(made, made.source.ids)
            left = sorted([made.id, *rest])
        return left[0]

    def _merge(self, one: Prepared, first: RevisionId, second: RevisionId, *, last: bool) -> Made:
        tree = Tree("import", self._store)
        states = self._states()
        found = merge_heads(
            self.workspace, (tree,), Heads(first, second), states=states, stored=False
        )
        if found.revision is None:
            said = found.conflicts[0].reason if found.conflicts else "they conflict"
            raise NotMerged(
                f"{one.id} joins lines that conflict: {said}",
                hints=(f"schemaops import {self.format} DIR --linear",),
            )
        names = one.joins and last
        revision = replace(found.revision, message=message_of(one, self.format)) if names else None
        merged = revision or found.revision
        data = to_bytes(merged)
        name = revision_id(data)
        return Made(
            name,
            file_name(name, merged),
            merged,
            data,
            Source(one.ids if names else (), one.up.file, one.up.line),
            found.known,
            notes=found.notes,
        )


def _made(revision: Revision, one: Prepared) -> Made:
    data = to_bytes(revision)
    name = revision_id(data)
    source = Source(one.ids, one.up.file, one.up.line)
    return Made(name, file_name(name, revision), revision, data, source)


def _opaque(sealed: Sealed, one: Prepared) -> Iterable[tuple[int, str, str]]:
    for group in sealed.groups:
        if group.opaque:
            line = (group.place.line or 1) + one.up.line - 1
            yield line, group.text, "unknown" if group.unknown else "observed"
