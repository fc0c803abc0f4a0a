"""Derived values by content id: schemas, headers, fingerprints that can always be made again.

One SQLite file, under the git directory or the user's cache directory. A value is kept with its
kind, its key, the version of the tool that made it, and a digest over all four; one that does not
check is not used. Nothing that happens to the file fails a command: what goes wrong is listed in
`faults`, and the value is worked out anew. The file may be deleted at any time, and two processes
may use it.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from schemaops.canonical import canonical

__all__ = ["Cache", "CacheFault", "cache_file"]


@dataclass(frozen=True, slots=True)
class CacheFault:
    """Something that kept the cache from being used, for whoever wonders why a command is slow."""

    doing: str
    reason: str


_TABLE = """
CREATE TABLE IF NOT EXISTS derived (
    kind TEXT NOT NULL,
    version TEXT NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (kind, version, key)
) WITHOUT ROWID
"""
_WAIT = 2.0
_MANY = 500
_LARGE = 512 * 2**20


def cache_file(git_folder: Path | None, store: Path, environ: Mapping[str, str]) -> Path:
    """Return where the cache of a store is kept: under git's folder, else in the user's cache."""
    if git_folder is not None:
        return git_folder / "schemaops" / "cache-1.sqlite"
    given = environ.get("XDG_CACHE_HOME")
    base = Path(given) if given else Path(environ.get("HOME", "")) / ".cache"
    place = hashlib.sha256(os.fsencode(store.absolute())).hexdigest()[:16]
    return base / "schemaops" / f"{place}-1.sqlite"


class Cache:
    """Derived values, kept in `file`; with None it remembers nothing.

    `version` is that of the tool: what another version derived is not used.
    """

    def __init__(self, file: Path | None, version: str) -> None:
        self.file = file
        self.version = version
        self.faults: list[CacheFault] = []
        self._connection: sqlite3.Connection | None = None
        self._closed = file is None
        self._read_only = False

    def get(self, kind: str, key: str) -> bytes | None:
        """Return a value, None where there is none that checks."""
        return self.get_many(kind, (key,)).get(key)

    def get_many(self, kind: str, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the values that there are for these keys."""
        wanted = set(keys)
        found: dict[str, bytes] = {}
        sql = "SELECT key, value, digest FROM derived WHERE kind = ? AND version = ?"
        arguments = [kind, self.version]
        # Past some number, reading all of a kind is quicker than looking each one up.
        if len(wanted) <= _MANY:
            sql += f" AND key IN ({', '.join('?' * len(wanted))})"
            arguments += wanted
        digest_of = self._digests(kind)
        for key, value, digest in self._ask(sql, tuple(arguments)):
            if key not in wanted:
                continue
            if digest == digest_of(key, value):
                found[key] = value
            else:
                self.faults.append(CacheFault(f"reading {kind} {key}", "its digest differs"))
        return found

    def put(self, kind: str, key: str, value: bytes) -> bool:
        """Keep a value; return whether it was kept."""
        return self.put_many(kind, {key: value})

    def put_many(self, kind: str, values: Mapping[str, bytes]) -> bool:
        """Keep several values at once; return whether they were kept."""
        digest_of = self._digests(kind)
        rows = [
            (kind, self.version, key, value, digest_of(key, value)) for key, value in values.items()
        ]
        return not rows or self._write(
            "INSERT OR REPLACE INTO derived (kind, version, key, value, digest)"
            " VALUES (?, ?, ?, ?, ?)",
            rows,
        )

    def prune(self) -> bool:
        """Forget what other versions of the tool derived; return whether that could be done."""
        return self._write("DELETE FROM derived WHERE version <> ?", [(self.version,)])

    def close(self) -> None:
        """Let go of the file; afterwards nothing is remembered."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._closed = True

    def __enter__(self) -> Cache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _digests(self, kind: str) -> Callable[[str, bytes], bytes]:
        begun = hashlib.blake2b(canonical((kind, self.version)), digest_size=16)

        def digest_of(key: str, value: bytes) -> bytes:
            digest = begun.copy()
            digest.update(b"%d:%b%b" % (len(key), key.encode(), value))
            return digest.digest()

        return digest_of

    def _ask(self, sql: str, arguments: tuple[str, ...]) -> list[tuple[str, bytes, bytes]]:
        for _ in range(2):
            connection = self._open()
            if connection is None:
                return []
            try:
                return connection.execute(sql, arguments).fetchall()
            except sqlite3.DatabaseError as error:
                self._met("reading", error)
        return []

    def _write(self, sql: str, rows: Sequence[tuple[str | bytes, ...]]) -> bool:
        for _ in range(2):
            connection = self._open()
            if connection is None or self._read_only:
                return False
            try:
                with connection:
                    connection.executemany(sql, rows)
                return True
            except sqlite3.OperationalError as error:
                # Locked for long, full, or not to be written: what is there can still be read.
                self.faults.append(CacheFault("writing", str(error)))
                self._read_only = True
            except sqlite3.DatabaseError as error:
                self._met("writing", error)
        return False

    def _open(self) -> sqlite3.Connection | None:
        if self._connection is not None or self._closed or self.file is None:
            return self._connection
        for _ in range(2):
            try:
                self._connection = self._connected(self.file)
                return self._connection
            except OSError as error:
                self._give_up("opening", error.strerror or str(error))
                return None
            except sqlite3.DatabaseError as error:
                self._met("opening", error)
        self._closed = True
        return None

    def _connected(self, file: Path) -> sqlite3.Connection:
        if not file.parent.is_dir():
            file.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        elif file.is_file() and file.stat().st_size > _LARGE:
            _remove(file)
        connection = sqlite3.connect(file, timeout=_WAIT)
        try:
            # Nothing is lost with a row of this file, and a torn one does not check.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(_TABLE)
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection

    def _met(self, doing: str, error: sqlite3.DatabaseError) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self.faults.append(CacheFault(doing, str(error)))
        if type(error) is not sqlite3.DatabaseError or self.file is None:
            # The file itself may be sound.
            self._closed = True
            return
        # What is not a database any more is worth nothing; whoever comes next begins a new one.
        try:
            _remove(self.file)
        except OSError as unlinked:
            self._give_up("removing a damaged file", unlinked.strerror or str(unlinked))

    def _give_up(self, doing: str, reason: str) -> None:
        self.faults.append(CacheFault(doing, reason))
        self._closed = True


def _remove(file: Path) -> None:
    # A journal left behind would be taken for the next file's.
    file.with_name(f"{file.name}-journal").unlink(missing_ok=True)
    file.unlink(missing_ok=True)
