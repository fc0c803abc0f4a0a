"""A store in a dict: for tests, for importing, and for trying what a tree would be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemaops.history.revision import revision_id
from schemaops.store.base import Entry, Store

__all__ = ["MemoryStore"]


class MemoryStore(Store):
    """A store whose files are entries of a dict: path within the folder → bytes."""

    def __init__(self, files: Mapping[str, bytes] | None = None, shown: str = "memory") -> None:
        super().__init__(shown)
        self.files = dict(files or {})

    def _entries(self, folder: str) -> Iterator[Entry]:
        for path, data in self.files.items():
            within, _, name = path.rpartition("/")
            if within == folder:
                yield Entry(name, revision_id(data))

    def _get(self, path: str) -> bytes | None:
        return self.files.get(path)

    def _put(self, path: str, data: bytes) -> None:
        self.files[path] = data

    def _delete(self, path: str) -> None:
        if path not in self.files:
            raise self._missing(path)
        del self.files[path]
