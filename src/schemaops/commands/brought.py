"""What a commit, or a pull request, brings to one project: one store against an earlier one.

Names and ids come from git's index and trees; only the files that are brought are read, so the
check costs what is changed, and not the history.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from schemaops.commands.workspace import Tree, Workspace
from schemaops.config import Config, read_config
from schemaops.errors import Cause, Place, SchemaOpsError
from schemaops.history import fsck
from schemaops.history.dag import MissingParent
from schemaops.history.format import MalformedRevision, read_header
from schemaops.history.revision import Header, RevisionId, short
from schemaops.history.spec import SeveralHeads
from schemaops.store.base import FOLDER, AlteredRevision, Entry, Store, fault_of
from schemaops.store.git import UnusableRepository
from schemaops.store.headers import dag_of

__all__ = ["Brought", "RemovedRevision", "StagedDraft"]


class StagedDraft(SchemaOpsError):
    """A draft is about to be committed to git, or was.

    Nobody else could replay it, and it would be sealed twice. Seal it: `schemaops commit DRAFT`; or
    leave it out of this commit.
    """

    code = "SO452"
    cause = Cause.DECISION


class RemovedRevision(SchemaOpsError):
    """A sealed revision that was there before is gone in what is committed now.

    Databases may have run it, and other branches may build on it. Bring it back; to undo what it
    did, `schemaops revert`. Where it was amended, the revision that replaces it must say so, as
    `schemaops commit --amend` does.
    """

    code = "SO453"
    cause = Cause.DECISION


class Brought:
    """One project in two stores. `former` is what git calls the earlier one, `branch` the branch
    that must have one head, None where that is not asked."""

    def __init__(
        self,
        workspace: Workspace,
        before: Store,
        after: Store,
        *,
        former: str = "HEAD",
        branch: str | None = None,
    ) -> None:
        self._workspace = workspace
        self._repository = workspace.repository()
        self._folder = workspace.within
        self._before = before
        self._after = after
        self._former = former
        self._branch = branch

    @cached_property
    def revisions(self) -> tuple[Entry, ...]:
        """The files among the revisions that there will be."""
        return self._after.listing()

    def findings(self) -> Iterator[SchemaOpsError]:
        """Yield all that is wrong, with hints that fit where the project is."""
        for error in self._findings():
            error.hints = tuple(map(self._from_top, error.hints))
            yield error

    def _findings(self) -> Iterator[SchemaOpsError]:
        config = None
        # A project that is removed as a whole needs none.
        if self.revisions or self._after.config() is not None:
            try:
                config = read_config(self._after.config(), file=f"{self._folder}/config.toml")
            except SchemaOpsError as error:
                yield error
                return
        committed = {entry.name: entry for entry in self._before.listing()}
        sound: list[Entry] = []
        told: set[RevisionId] = set()
        for entry in self.revisions:
            if committed.get(entry.name) == entry:
                continue
            wrong = fault_of(entry, self._place(entry.name))
            if wrong is None:
                sound.append(entry)
            else:
                told.update(one.id for one in committed.values() if one.name == entry.name)
                yield self._altered(wrong, entry, committed)
        for entry, removed in self._removed(committed, sound):
            told.add(entry.id)
            yield removed
        yield from self._drafts()
        yield from self._resolutions()
        if config is not None:
            for fault in self._history(config, sound):
                # That its children miss it need not be said as well.
                if not (isinstance(fault, MissingParent) and fault.parent in told):
                    yield fault

    def _altered(
        self, wrong: SchemaOpsError, entry: Entry, committed: Mapping[str, Entry]
    ) -> SchemaOpsError:
        file = shlex.quote(self._place(entry.name).file)
        former = next((one.name for one in committed.values() if one.id == entry.id), None)
        if isinstance(wrong, AlteredRevision) and entry.name in committed:
            wrong.hints = (f"git checkout {self._former} -- {file}",)
        elif former is not None:
            wrong.hints = (f"git mv {file} {shlex.quote(self._place(former).file)}",)
        else:
            wrong.hints = (f"git rm --cached {file}",)
        return wrong

    def _removed(
        self, committed: Mapping[str, Entry], fresh: Iterable[Entry]
    ) -> Iterator[tuple[Entry, RemovedRevision]]:
        names = {entry.name for entry in self.revisions}
        there = {entry.id for entry in self.revisions}
        gone = [
            entry
            for entry in committed.values()
            if entry.id not in there and entry.name not in names
        ]
        replaced = self._replaced(fresh) if gone else frozenset()
        for entry in gone:
            place = self._place(entry.name)
            if entry.id not in replaced and fault_of(entry, place) is None:
                yield (
                    entry,
                    RemovedRevision(
                        f"revision {short(entry.id)} is removed",
                        place=place,
                        hints=(f"git checkout {self._former} -- {shlex.quote(place.file)}",),
                    ),
                )

    def _replaced(self, fresh: Iterable[Entry]) -> frozenset[RevisionId]:
        """Return what was amended or rebased, also by way of revisions that were never committed."""
        found: set[RevisionId] = set()
        waiting = [entry.id for entry in fresh]
        while waiting:
            try:
                header = read_header(self._repository.blob(waiting.pop()))
            except (MalformedRevision, UnusableRepository):
                # The first is a finding of its own; a blob that git has dropped says nothing.
                continue
            former = [one for one, _ in header.carried_from]
            former += [] if header.replaces is None else [header.replaces]
            waiting += (one for one in former if one not in found)
            found.update(former)
        return frozenset(found)

    def _drafts(self) -> Iterator[StagedDraft]:
        known = frozenset(self._before.drafts())
        for name in self._after.drafts():
            draft = self._after.read_draft(name)
            if name not in known or self._before.read_draft(name) != draft:
                path = f"{self._folder}/drafts/{name}"
                yield StagedDraft(
                    "a draft is no revision",
                    place=Place(path),
                    hints=(
                        f"schemaops commit {shlex.quote(name)}",
                        f"git rm --cached {shlex.quote(path)}",
                    ),
                )

    def _resolutions(self) -> Iterator[SchemaOpsError]:
        known = frozenset(self._before.resolutions())
        for name in self._after.resolutions():
            path = f"{self._folder}/resolutions/{name}"
            data = self._after.read_resolution(name)
            if name in known and self._before.read_resolution(name) == data:
                continue
            # All that merging needs comes with it.
            from schemaops.merge.decisions import UnreadableResolution, verdict_from

            try:
                verdict = verdict_from(data, path)
            except UnreadableResolution as error:
                yield error
                continue
            if verdict.conflict != name:
                yield UnreadableResolution(
                    f"this decides conflict {verdict.conflict}, and not the one it is named for",
                    place=Place(path),
                )

    def _history(self, config: Config, fresh: list[Entry]) -> Iterator[SchemaOpsError]:
        known = self._known(fresh)
        if known is None:
            # What was there before cannot be read: then nothing of it is taken for granted.
            yield from self._after.faults(config.dialect)
            return
        files = [
            fsck.File(entry.id, self._repository.blob(entry.id), self._place(entry.name))
            for entry in fresh
        ]
        faults = fsck.faults(files, config.dialect, known)
        yield from faults
        if faults or self._branch is None or self._branch != config.default_branch:
            return
        headers = {**known, **{file.id: read_header(file.data) for file in files}}
        heads = dag_of(headers).heads()
        if len(heads) > 1:
            listed = ", ".join(short(one)[:7] for one in heads)
            yield SeveralHeads(
                f"{config.default_branch} would have {len(heads)} heads: {listed}", heads
            )

    def _known(self, fresh: Iterable[Entry]) -> Mapping[RevisionId, Header] | None:
        kept = {entry.id for entry in self.revisions} - {entry.id for entry in fresh}
        try:
            headers = Tree(self._former, self._before, self._workspace.cache).headers
            return {one: headers[one] for one in headers if one in kept}
        except SchemaOpsError:
            return None

    def _place(self, name: str) -> Place:
        return Place(f"{self._folder}/revisions/{name}")

    def _from_top(self, hint: str) -> str:
        """Return a hint as it is typed at the top of the work tree."""
        top = self._folder.removesuffix(FOLDER).rstrip("/")
        if not top or not hint.startswith("schemaops ") or " explain " in hint:
            return hint
        return f"schemaops -C {shlex.quote(top)} {hint.removeprefix('schemaops ')}"
