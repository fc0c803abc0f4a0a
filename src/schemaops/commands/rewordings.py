"""Conflicts as they read before their statements were carried elsewhere.

A rebase, a pick or an earlier merge may have reworded a statement; what was decided for it before is
kept under the id that the conflict had then. The former words stand in the revision that it was
carried from, which git has even where no branch holds it any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from schemaops.commands.workspace import Tree, Workspace
from schemaops.errors import SchemaOpsError
from schemaops.history.format import from_bytes
from schemaops.history.revision import Revision, RevisionId
from schemaops.merge.conflicts import Conflict, conflict_id
from schemaops.merge.lines import Fork, RevisionLine
from schemaops.operations.group import Group
from schemaops.sql.split import split

__all__ = ["Rewordings"]


class Rewordings:
    """The former words of the statements of a fork."""

    def __init__(self, workspace: Workspace, trees: Sequence[Tree], fork: Fork) -> None:
        self._workspace = workspace
        self._trees = trees
        self._fork = fork

    def before(self, conflict: Conflict) -> Iterator[Conflict]:
        """Yield a conflict as it read earlier, the latest first."""
        first, second = (
            self._wordings(line, group)
            for line, group in zip(
                self._fork.lines, (conflict.ours_group, conflict.theirs_group), strict=True
            )
        )
        dialect = self._workspace.dialect
        for ours, theirs in product(first, second):
            if (ours, theirs) != (conflict.ours_group, conflict.theirs_group):
                former = conflict_id(conflict.kind, ours, theirs, dialect)
                yield replace(conflict, id=former, ours_group=ours, theirs_group=theirs)

    def _wordings(self, line: RevisionLine, group: Group) -> list[Group]:
        """Return a statement of a line as it is now, and as it was."""
        found = [group]
        for entry in line.stated:
            if entry.group is None or len(entry.of) != 1:
                continue
            if (entry.group.place, entry.group.text) != (group.place, group.text):
                continue
            own = [one for one in line.stated if one.of == entry.of]
            number = next(n for n, one in enumerate(own) if one is entry)
            for value in self._carried(entry.of[0]):
                texts = [one.text for one in split(value.up, self._workspace.dialect)]
                if len(texts) == len(own) and texts[number] not in {one.text for one in found}:
                    found.append(replace(group, text=texts[number]))
            break
        return found

    def _carried(self, revision: RevisionId) -> Iterator[Revision]:
        """Yield a revision, and those that it was carried from, the latest first."""
        value = self._read(revision)
        if value is None:
            return
        yield value
        for former, _ in reversed(value.carried_from):
            earlier = self._read(former)
            if earlier is not None:
                yield earlier

    def _read(self, revision: RevisionId) -> Revision | None:
        for tree in self._trees:
            if revision in tree.headers:
                return tree.read(revision)
        if self._workspace.git is None:
            return None
        try:
            return from_bytes(self._workspace.repository().blob(revision))
        except SchemaOpsError:
            return None  # a clone without all of git's objects: then it is decided anew
