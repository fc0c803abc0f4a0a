"""The headers of a store's revisions, remembered by id, and the DAG that they make."""

from __future__ import annotations

from collections.abc import Mapping

from schemaops.history.dag import Dag
from schemaops.history.format import header_bytes, read_header
from schemaops.history.revision import Header, RevisionId
from schemaops.store.base import Store
from schemaops.store.cache import Cache

__all__ = ["dag_of", "read_headers"]


def read_headers(store: Store, cache: Cache | None = None) -> dict[RevisionId, Header]:
    """Return the header of every revision; only those not in the cache are read from the store."""
    ids = store.ids()
    known = cache.get_many("header", ids) if cache else {}
    fresh: dict[str, bytes] = {}
    headers: dict[RevisionId, Header] = {}
    for revision, name in ids.items():
        data = known.get(revision)
        if data is None:
            data = fresh[revision] = header_bytes(store.read(revision))
        headers[revision] = read_header(data, file=store.place(name).file)
    if cache and fresh:
        cache.put_many("header", fresh)
    return headers


def dag_of(headers: Mapping[RevisionId, Header]) -> Dag:
    """Return the DAG of these revisions; what is before a checkpoint need not be here."""
    return Dag(
        {revision: header.parents for revision, header in headers.items()},
        [revision for revision, header in headers.items() if header.checkpoint],
    )
