"""Schemas in the cache: pickled values of our own classes, and of no others."""

from __future__ import annotations

import importlib
import io
import pickle
from functools import cache
from pathlib import Path

import schemaops
from schemaops.canonical import digest
from schemaops.history.revision import RevisionId
from schemaops.history.states import Known
from schemaops.store.cache import Cache

__all__ = ["KeptSchemas"]

_KIND = "schema"


class KeptSchemas:
    """The schemas at revisions that earlier commands worked out."""

    def __init__(self, cache: Cache, dialect: str) -> None:
        self._cache = cache
        self._dialect = dialect

    def recall(self, revision: RevisionId) -> Known | None:
        """Return what is known of the schema at a revision, None where nothing is kept."""
        data = self._cache.get(_KIND, self._key(revision))
        if data is None:
            return None
        try:
            known = _OurOwn(io.BytesIO(data)).load()
        except (pickle.UnpicklingError, AttributeError, TypeError, ValueError, EOFError):
            # Written by another state of the code under one version: it is made again.
            return None
        return known if isinstance(known, Known) else None

    def remember(self, revision: RevisionId, known: Known) -> None:
        """Keep what is known of the schema at a revision."""
        self._cache.put(_KIND, self._key(revision), pickle.dumps(known, pickle.HIGHEST_PROTOCOL))

    def _key(self, revision: RevisionId) -> str:
        return f"{self._dialect} {revision} {_state_of_the_code()}"


@cache
def _state_of_the_code() -> str:
    # Two installations of one version may read SQL differently: those from a checkout, for one.
    package = Path(schemaops.__file__).parent
    stamps = sorted((str(file.relative_to(package)), file.stat()) for file in package.rglob("*.py"))
    return digest(tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stamps)).hex()[:16]


class _OurOwn(pickle.Unpickler):
    """Reads values of SchemaOps, and refuses whatever else a pickle could name."""

    def find_class(self, module: str, name: str) -> object:
        if module.partition(".")[0] not in ("schemaops", "immutables"):
            raise pickle.UnpicklingError(f"{module}.{name} is no value of SchemaOps")
        return getattr(importlib.import_module(module), name)
