"""A store in a plain folder, as in a work tree or a deploy image; git is not needed.

Ids come from the bytes. What was hashed once is remembered with the file's size, times and inode,
in the cache if one is given, so that listing a thousand revisions costs a thousand `stat`s.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from schemaops.errors import Cause, Place, SchemaOpsError
from schemaops.history.revision import RevisionId, revision_id
from schemaops.store.base import FOLDER, Entry, InaccessibleStore, Store
from schemaops.store.cache import Cache

__all__ = ["DirectoryStore", "NoFolder", "find_folder"]


class NoFolder(SchemaOpsError):
    """There is no folder `.schemaops` here or above.

    `schemaops init --dialect postgres` makes one (or `mysql`, `sqlite`). In a project that has one,
    change to its folder first. `merge-file`, `reverse-file`, and `diff` and `schema` on files, need
    none.
    """

    code = "SO419"
    cause = Cause.USAGE


def find_folder(start: Path) -> Path:
    """Return the nearest `.schemaops` at or above `start`; raise NoFolder where there is none."""
    here = start.absolute()
    for folder in (here, *here.parents):
        if (folder / FOLDER).is_dir():
            return folder / FOLDER
    raise NoFolder(
        f"there is no {FOLDER} in {here} or above",
        hints=tuple(f"schemaops init --dialect {one}" for one in ("postgres", "mysql", "sqlite")),
    )


_Stat = tuple[int, int, int, int]
# A file changed so recently may be changed again without its times showing it.
_SETTLED_NS = 2_000_000_000
# To write a file takes less by far, on whatever machine.
_STALE = 600.0


class DirectoryStore(Store):
    """A store whose files stand in a folder."""

    def __init__(self, folder: Path, *, cache: Cache | None = None, shown: str = FOLDER) -> None:
        super().__init__(shown)
        self.folder = folder
        self._cache = cache
        self._tidied: set[Path] = set()

    def _entries(self, folder: str) -> Iterator[Entry]:
        remembered = self._remembered(folder)
        seen: dict[str, tuple[_Stat, RevisionId]] = {}
        now = time.time_ns()
        try:
            with os.scandir(self.folder / folder) as files:
                found = sorted(files, key=lambda file: file.name)
            for file in found:
                if file.name.startswith("."):
                    continue
                facts = file.stat(follow_symlinks=False)
                if not stat.S_ISREG(facts.st_mode):
                    yield Entry(file.name, revision_id(file.name.encode()), regular=False)
                    continue
                times = (facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)
                known = remembered.get(file.name)
                if known is not None and known[0] == times:
                    revision = known[1]
                else:
                    revision = revision_id(Path(file.path).read_bytes())
                if now - max(facts.st_mtime_ns, facts.st_ctime_ns) > _SETTLED_NS:
                    seen[file.name] = (times, revision)
                yield Entry(file.name, revision)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._inaccessible(folder, error) from error
        if seen != remembered:
            self._remember(folder, seen)

    def _get(self, path: str) -> bytes | None:
        try:
            return (self.folder / path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._inaccessible(path, error) from error

    def _put(self, path: str, data: bytes) -> None:
        target = self.folder / path
        half = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._tidy(target.parent)
            try:
                with half.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                half.replace(target)
            finally:
                half.unlink(missing_ok=True)
        except OSError as error:
            raise self._inaccessible(path, error) from error

    def _delete(self, path: str) -> None:
        try:
            (self.folder / path).unlink()
        except FileNotFoundError as error:
            raise self._missing(path) from error
        except OSError as error:
            raise self._inaccessible(path, error) from error

    def _tidy(self, folder: Path) -> None:
        """Remove what a process that was killed in the middle of writing left in a folder."""
        if folder in self._tidied:
            return
        self._tidied.add(folder)
        now = time.time()
        for half in folder.glob(".*.[0-9]*"):
            if half.suffix[1:].isdecimal() and now - half.stat().st_mtime > _STALE:
                half.unlink(missing_ok=True)

    def _inaccessible(self, path: str, error: OSError) -> InaccessibleStore:
        reason = (error.strerror or str(error)).lower()
        return InaccessibleStore(
            f"the operating system says: {reason}", place=Place(f"{self.shown}/{path}")
        )

    def _remembered(self, folder: str) -> dict[str, tuple[_Stat, RevisionId]]:
        data = self._cache.get("stat", self._key(folder)) if self._cache else None
        if data is None:
            return {}
        return {
            name: ((size, modified, changed, inode), RevisionId(revision))
            for name, (size, modified, changed, inode, revision) in json.loads(data).items()
        }

    def _remember(self, folder: str, seen: dict[str, tuple[_Stat, RevisionId]]) -> None:
        if self._cache:
            listed = {name: (*times, revision) for name, (times, revision) in seen.items()}
            self._cache.put("stat", self._key(folder), json.dumps(listed).encode())

    def _key(self, folder: str) -> str:
        return hashlib.sha256(os.fsencode((self.folder / folder).absolute())).hexdigest()
