"""Schemas in the cache: pickled values of our own classes, and of no others."""

from __future__ import annotations

import importlib
import io
import json
import pickle
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

import schemaops
from schemaops.canonical import digest
from schemaops.history.revision import RevisionId
from schemaops.history.states import Known, Read
from schemaops.store.cache import Cache

__all__ = ["KeptSchemas"]

_KIND = "schema"
_READ = "read"
Value = TypeVar("Value")


class KeptSchemas:
    """The schemas at revisions that earlier commands worked out, and what revisions come to."""

    def __init__(self, cache: Cache, dialect: str, search_path: tuple[str, ...] = ()) -> None:
        self._cache = cache
        self._read_as = " ".join((dialect, *(json.dumps(name) for name in search_path)))

    def recall(self, revision: RevisionId) -> Known | None:
        """Return what is known of the schema at a revision, None where nothing is kept."""
        return self._recalled(_KIND, revision, Known)

    def remember(self, revision: RevisionId, known: Known) -> None:
        """Keep what is known of the schema at a revision."""
        self._cache.put(_KIND, self._key(revision), pickle.dumps(known, pickle.HIGHEST_PROTOCOL))

    def recall_read(self, revision: RevisionId) -> Read | None:
        """Return what a revision's statements come to, None where nothing is kept."""
        return self._recalled(_READ, revision, Read)

    def remember_read(self, read: Mapping[RevisionId, Read]) -> None:
        """Keep what the statements of some revisions come to."""
        self._cache.put_many(
            _READ,
            {
                self._key(revision): pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
                for revision, value in read.items()
            },
        )

    def _recalled(self, kind: str, revision: RevisionId, of: type[Value]) -> Value | None:
        data = self._cache.get(kind, self._key(revision))
        if data is None:
            return None
        try:
            value = _OurOwn(io.BytesIO(data)).load()
        except (pickle.UnpicklingError, AttributeError, TypeError, ValueError, EOFError):
            # Written by another state of the code under one version: it is made again.
            return None
        return value if isinstance(value, of) else None

    def _key(self, revision: RevisionId) -> str:
        return f"{self._read_as} {revision} {_state_of_the_code()}"


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
