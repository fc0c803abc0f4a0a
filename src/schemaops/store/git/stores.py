"""Stores in git: a commit's tree, the index, and the work tree with what is added to it staged.

Trees and the index list ids with names, so that knowing every revision of a branch reads no file.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping
from pathlib import Path

import pygit2
from pygit2.enums import FileMode

from schemaops.history.revision import RevisionId
from schemaops.store.base import FOLDER, Entry, Store
from schemaops.store.cache import Cache
from schemaops.store.directory import DirectoryStore
from schemaops.store.git.errors import UnusableRepository
from schemaops.store.git.repository import Repository, translated

__all__ = ["IndexStore", "TreeStore", "WorkTreeStore"]

_REGULAR = frozenset({FileMode.BLOB, FileMode.BLOB_EXECUTABLE})


class TreeStore(Store):
    """A store in a tree of git; adding to it makes another tree, whose id is `tree`.

    No branch moves and no file is written: a tree is how a merge is tried out.
    """

    def __init__(
        self, repository: Repository, tree: str | None, folder: str = FOLDER, shown: str = FOLDER
    ) -> None:
        super().__init__(shown)
        self._repository = repository
        self._folder = folder
        self._tree = tree

    @classmethod
    def at(cls, repository: Repository, name: str, folder: str = FOLDER) -> TreeStore:
        """Return the store of a branch, a tag, `HEAD` or a commit; HEAD may be before the first."""
        unborn = name == "HEAD" and repository.head() is None
        tree = None if unborn else repository.tree(repository.commit_of(name))
        return cls(
            repository, str(tree.id) if tree is not None else None, folder, f"{name}:{folder}"
        )

    @property
    def tree(self) -> str | None:
        """The id of the whole tree, this store's folder included."""
        return self._tree

    def _entries(self, folder: str) -> Iterator[Entry]:
        found = self._object(folder)
        if isinstance(found, pygit2.Tree):
            for entry in found:
                assert entry.name is not None
                yield Entry(entry.name, RevisionId(str(entry.id)), entry.filemode in _REGULAR)

    def _get(self, path: str) -> bytes | None:
        found = self._object(path)
        return self._repository.data(found) if isinstance(found, pygit2.Blob) else None

    def _content(self, entry: Entry) -> bytes | None:
        return self._repository.blob(entry.id)

    def _put(self, path: str, data: bytes) -> None:
        with translated(f"{path} cannot be written"):
            blob = self._repository.raw.create_blob(data)
            self._tree = str(self._with(self._root(), f"{self._folder}/{path}".split("/"), blob))

    def _delete(self, path: str) -> None:
        if self._get(path) is None:
            raise self._missing(path)
        with translated(f"{path} cannot be removed"):
            tree = self._with(self._root(), f"{self._folder}/{path}".split("/"), None)
            self._tree = str(tree) if tree else None

    def _root(self) -> pygit2.Tree | None:
        if self._tree is None:
            return None
        found = self._repository.raw.get(self._tree)
        if not isinstance(found, pygit2.Tree):
            raise UnusableRepository(f"tree {self._tree[:12]} is not here", hints=("git fsck",))
        return found

    def _object(self, path: str) -> pygit2.Object | None:
        with translated(f"{path} cannot be read"):
            root = self._root()
            if root is None:
                return None
            try:
                entry = root[f"{self._folder}/{path}"]
            except KeyError:
                return None
            return entry

    def _with(
        self, tree: pygit2.Tree | None, path: list[str], blob: pygit2.Oid | None
    ) -> pygit2.Oid | None:
        raw = self._repository.raw
        builder = raw.TreeBuilder(tree) if tree is not None else raw.TreeBuilder()
        name, *rest = path
        below: pygit2.Oid | None = blob
        if rest:
            held = tree[name] if tree is not None and name in tree else None
            below = self._with(held if isinstance(held, pygit2.Tree) else None, rest, blob)
        if below is not None:
            builder.insert(name, below, FileMode.TREE if rest else FileMode.BLOB)
        elif builder.get(name) is not None:
            builder.remove(name)
        return builder.write() if len(builder) else None


class IndexStore(Store):
    """A store in git's index: what the next commit will hold, as a hook before it sees it."""

    def __init__(self, repository: Repository, folder: str = FOLDER) -> None:
        super().__init__(f":{folder}")
        self._repository = repository
        self._folder = folder

    def _entries(self, folder: str) -> Iterator[Entry]:
        index = self._index()
        prefix = f"{self._folder}/{folder}/"
        # Entries stand in the order of their paths' bytes, which is that of code points.
        places = range(len(index))
        start = bisect.bisect_left(places, prefix, key=lambda place: str(index[place].path))
        for place in places[start:]:
            entry = index[place]
            path = str(entry.path)
            if not path.startswith(prefix):
                return
            name = path.removeprefix(prefix)
            if "/" not in name:
                yield Entry(name, RevisionId(str(entry.id)), entry.mode in _REGULAR)

    def _get(self, path: str) -> bytes | None:
        index = self._index()
        with translated(f"{path} cannot be read"):
            try:
                entry = index[f"{self._folder}/{path}"]
            except KeyError:
                return None
        return self._repository.blob(str(entry.id)) if entry.mode in _REGULAR else None

    def _content(self, entry: Entry) -> bytes | None:
        return self._repository.blob(entry.id)

    def _put(self, path: str, data: bytes) -> None:
        self._repository.stage({f"{self._folder}/{path}": data})

    def _delete(self, path: str) -> None:
        if self._get(path) is None:
            raise self._missing(path)
        self._repository.unstage(f"{self._folder}/{path}")

    def _index(self) -> pygit2.Index:
        with translated("the index cannot be read"):
            index: pygit2.Index = self._repository.raw.index
            index.read(force=False)
        return index


class WorkTreeStore(DirectoryStore):
    """A store in the work tree of a repository: what is sealed or resolved is staged as well.

    Drafts are left to their author, and so is a configuration that git knows already.
    """

    def __init__(
        self,
        repository: Repository,
        folder: Path,
        *,
        cache: Cache | None = None,
        shown: str = FOLDER,
    ) -> None:
        super().__init__(folder, cache=cache, shown=shown)
        self._repository = repository
        self._within = repository.inside(folder)

    def _put(self, path: str, data: bytes) -> None:
        before = self._get(path)
        super()._put(path, data)
        staged = f"{self._within}/{path}"
        known = path == "config.toml" and staged in self._repository.raw.index
        if not path.startswith("drafts/") and not known:
            try:
                self._repository.stage({staged: data})
            except BaseException:
                if before is None:
                    super()._delete(path)
                else:
                    super()._put(path, before)
                raise

    def _put_all(self, files: Mapping[str, bytes]) -> None:
        # The index is written once: it is as long as the history.
        written: list[str] = []
        try:
            for path, data in files.items():
                super()._put(path, data)
                written.append(path)
            self._repository.stage({f"{self._within}/{path}": files[path] for path in written})
        except BaseException:
            for path in reversed(written):
                super()._delete(path)
            raise

    def _delete(self, path: str) -> None:
        super()._delete(path)
        if not path.startswith("drafts/"):
            self._repository.unstage(f"{self._within}/{path}")
