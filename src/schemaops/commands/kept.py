"""What revisions come to, in the cache: values of our own classes, and of no others."""

from __future__ import annotations

import importlib
import io
import json
import pickle
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

import schemaops
from schemaops.canonical import digest
from schemaops.database.observe.watch import Expected
from schemaops.history.revision import RevisionId
from schemaops.history.states import Known, Read
from schemaops.plan.moves import WrittenMove
from schemaops.plan.steps import move_as_json, move_from_json
from schemaops.store.cache import Cache

__all__ = ["KeptSchemas"]

_KIND = "schema"
_READ = "read"
_MOVE = "move"
_EXPECTED = "expected"
Value = TypeVar("Value")


class KeptSchemas:
    """The schemas at revisions that earlier commands worked out, and what revisions come to."""

    def __init__(self, cache: Cache, dialect: str, search_path: tuple[str, ...] = ()) -> None:
        self._cache = cache
        self._read_as = " ".join((dialect, *(json.dumps(name) for name in search_path)))

    def recall(self, revision: RevisionId) -> Known | None:
        """Return what is known of the schema at a revision, None where nothing is kept."""
        return _unpickled(self._cache.get(_KIND, self._key(revision)), Known)

    def remember(self, revision: RevisionId, known: Known) -> None:
        """Keep what is known of the schema at a revision."""
        self._cache.put(_KIND, self._key(revision), _pickled(known))

    def recall_read(self, revision: RevisionId) -> Read | None:
        """Return what a revision's statements come to, None where nothing is kept."""
        return _unpickled(self._cache.get(_READ, self._key(revision)), Read)

    def remember_read(self, read: Mapping[RevisionId, Read]) -> None:
        """Keep what the statements of some revisions come to."""
        self._remembered_many(_READ, {one: _pickled(value) for one, value in read.items()})

    def recall_moves(self, names: Iterable[str]) -> Mapping[str, WrittenMove]:
        """Return the moves that are kept under these names."""
        found = self._recalled_many(_MOVE, names)
        return {name: _read_move(data) for name, data in found.items()}

    def remember_moves(self, moves: Mapping[str, WrittenMove]) -> None:
        """Keep moves as they were written."""
        self._remembered_many(_MOVE, {name: _said(move) for name, move in moves.items()})

    def recall_expected(
        self, revisions: Iterable[RevisionId]
    ) -> Callable[[RevisionId], Expected | None]:
        """Return what gives what the move of one of these revisions must leave behind."""
        found = self._recalled_many(_EXPECTED, revisions)
        return lambda revision: _unpickled(found.get(revision), Expected)

    def remember_expected(self, expected: Mapping[RevisionId, Expected]) -> None:
        """Keep what moves must leave behind."""
        self._remembered_many(_EXPECTED, {one: _pickled(it) for one, it in expected.items()})

    def _recalled_many(self, kind: str, names: Iterable[str]) -> Mapping[str, bytes]:
        keys = {self._key(name): name for name in names}
        return {keys[key]: data for key, data in self._cache.get_many(kind, keys).items()}

    def _remembered_many(self, kind: str, values: Mapping[str, bytes]) -> None:
        self._cache.put_many(kind, {self._key(name): data for name, data in values.items()})

    def _key(self, name: str) -> str:
        return f"{self._read_as} {name} {_state_of_the_code()}"


def _pickled(value: object) -> bytes:
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def _unpickled(data: bytes | None, of: type[Value]) -> Value | None:
    if data is None:
        return None
    try:
        value = _OurOwn(io.BytesIO(data)).load()
    except (pickle.UnpicklingError, AttributeError, TypeError, ValueError, EOFError):
        # Written by another state of the code under one version: it is made again.
        return None
    return value if isinstance(value, of) else None


def _said(move: WrittenMove) -> bytes:
    return json.dumps((move.before, move_as_json(move.move))).encode()


def _read_move(data: bytes) -> WrittenMove:
    before, move = json.loads(data)
    return WrittenMove(before, move_from_json(move))


@cache
def _state_of_the_code() -> str:
    # Two installations of one version may read SQL differently: those from a checkout, for one.
    package = Path(schemaops.__file__).parent
    stamps = sorted((str(file.relative_to(package)), file.stat()) for file in package.rglob("*.py"))
    return digest(tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stamps)).hex()[:16]


@cache
def _named(module: str, name: str) -> object:
    return getattr(importlib.import_module(module), name)


class _OurOwn(pickle.Unpickler):
    """Reads values of SchemaOps, and refuses whatever else a pickle could name."""

    def find_class(self, module: str, name: str) -> object:
        if module.partition(".")[0] not in ("schemaops", "immutables"):
            raise pickle.UnpicklingError(f"{module}.{name} is no value of SchemaOps")
        return _named(module, name)
