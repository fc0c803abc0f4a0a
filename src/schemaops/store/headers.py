"""The headers of a store's revisions, remembered by id, and the DAG that they make.

A DAG needs no more of a header than its parents: the rest is read when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemaops.history.dag import Dag
from schemaops.history.format import header_bytes, read_header, read_parents
from schemaops.history.revision import Header, RevisionId
from schemaops.store.base import Store
from schemaops.store.cache import Cache

__all__ = ["Headers", "dag_of", "read_headers"]


class Headers(Mapping[RevisionId, Header]):
    """The header of every revision of a store."""

    def __init__(self, store: Store, raw: Mapping[RevisionId, bytes]) -> None:
        self._store = store
        self._raw = raw
        self._read: dict[RevisionId, Header] = {}
        self._dag: Dag | None = None

    def __len__(self) -> int:
        return len(self._raw)

    def __iter__(self) -> Iterator[RevisionId]:
        return iter(self._raw)

    def __contains__(self, revision: object) -> bool:
        return revision in self._raw

    def __getitem__(self, revision: RevisionId) -> Header:
        header = self._read.get(revision)
        if header is None:
            file = self._store.place_of(revision).file
            header = self._read[revision] = read_header(self._raw[revision], file=file)
        return header

    @property
    def dag(self) -> Dag:
        """The DAG of these revisions; what is before a checkpoint need not be here."""
        if self._dag is None:
            parents: dict[RevisionId, tuple[RevisionId, ...]] = {}
            beginnings: list[RevisionId] = []
            for revision, raw in self._raw.items():
                found = read_parents(raw)
                if found is None:
                    # Not as SchemaOps writes it: say what is wrong with it.
                    found = (self[revision].parents, self[revision].checkpoint)
                parents[revision] = found[0]
                if found[1]:
                    beginnings.append(revision)
            self._dag = Dag(parents, beginnings)
        return self._dag


def read_headers(store: Store, cache: Cache | None = None) -> Headers:
    """Return the header of every revision; only those not in the cache are read from the store."""
    ids = store.ids()
    known = cache.get_many("header", ids) if cache else {}
    fresh: dict[str, bytes] = {}
    raw: dict[RevisionId, bytes] = {}
    for revision in ids:
        data = known.get(revision)
        if data is None:
            data = fresh[revision] = header_bytes(store.read(revision))
        raw[revision] = data
    if cache and fresh:
        cache.put_many("header", fresh)
    return Headers(store, raw)


def dag_of(headers: Mapping[RevisionId, Header]) -> Dag:
    """Return the DAG of these revisions; what is before a checkpoint need not be here."""
    if isinstance(headers, Headers):
        return headers.dag
    return Dag(
        {revision: header.parents for revision, header in headers.items()},
        [revision for revision, header in headers.items() if header.checkpoint],
    )
