"""A store whose revisions are another tool's files, read in place; the rest stands in the folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemaops.errors import Place, SchemaOpsError
from schemaops.history.revision import RevisionId
from schemaops.store.base import Entry, Store

__all__ = ["ForeignStore", "InPlace", "ReadInPlace"]


class ReadInPlace(SchemaOpsError):
    """The history is another tool's, read in place, and a revision was about to be added to it.

    Write the migration as the tool wants it: it is read with the others. To leave the tool, import
    its history: remove `[history]` from `.schemaops/config.toml`, then `schemaops import FORMAT DIR`.
    """

    code = "SO479"


@dataclass(frozen=True, slots=True)
class InPlace:
    """A revision made of a tool's file: its name, its bytes, and where the tool's file has it."""

    id: RevisionId
    name: str
    data: bytes
    place: Place


class ForeignStore(Store):
    """A store with the revisions of another tool's folder, and everything else of `folder`."""

    def __init__(self, folder: Store, revisions: Iterable[InPlace]) -> None:
        super().__init__(folder.shown)
        self._folder = folder
        self._revisions: Mapping[str, InPlace] = {one.name: one for one in revisions}
        self._places = {one.id: one.place for one in self._revisions.values()}

    def over(self, folder: Store) -> ForeignStore:
        """Return the same revisions over another store of the folder."""
        return ForeignStore(folder, self._revisions.values())

    def place(self, name: str) -> Place:
        """Return where the tool's file has the revision of this name."""
        found = self._revisions.get(name)
        return super().place(name) if found is None else found.place

    def place_of(self, revision: RevisionId) -> Place:
        """Return where the tool's file has this revision."""
        found = self._places.get(revision)
        return super().place_of(revision) if found is None else found

    def _entries(self, folder: str) -> Iterable[Entry]:
        if folder == "revisions":
            return [Entry(one.name, one.id) for one in self._revisions.values()]
        return self._folder._entries(folder)

    def _get(self, path: str) -> bytes | None:
        within, _, name = path.rpartition("/")
        if within == "revisions":
            found = self._revisions.get(name)
            return None if found is None else found.data
        return self._folder._get(path)

    def _put(self, path: str, data: bytes) -> None:
        self._refuse(path)
        self._folder._put(path, data)

    def _put_all(self, files: Mapping[str, bytes]) -> None:
        for path in files:
            self._refuse(path)
        self._folder._put_all(files)

    def _delete(self, path: str) -> None:
        self._refuse(path)
        self._folder._delete(path)

    def _refuse(self, path: str) -> None:
        if path.startswith("revisions/"):
            raise ReadInPlace(
                "the history is read in place, and no revision is added to it",
                hints=("schemaops explain SO479",),
            )
