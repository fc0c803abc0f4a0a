"""PostgreSQL's storage parameters: which there are for what, and which values they take.

One that is not known may be of another version or of an extension, and what is said of it is not
understood; a value that a known one cannot have is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from schemaops.sql.keywords import words
from schemaops.sql.reading import NotAllowed
from schemaops.sql.scope import NotUnderstood

__all__ = [
    "METHODS",
    "must_be_of_column",
    "must_be_of_index",
    "must_be_of_table",
    "must_be_of_view",
]

_INT = 2**31 - 1
_BOOLEAN = words("true tru tr t false fals fal fa f on off of yes ye y no n 1 0")
_Values = tuple[float, float] | frozenset[str]
_VACUUM: dict[str, _Values] = {
    "autovacuum_enabled": _BOOLEAN,
    "autovacuum_vacuum_threshold": (0, _INT),
    "autovacuum_vacuum_max_threshold": (-1, _INT),
    "autovacuum_vacuum_insert_threshold": (-1, _INT),
    "autovacuum_vacuum_scale_factor": (0, 100),
    "autovacuum_vacuum_insert_scale_factor": (0, 100),
    "autovacuum_vacuum_cost_delay": (0, 100),
    "autovacuum_vacuum_cost_limit": (1, 10_000),
    "autovacuum_freeze_min_age": (0, 1_000_000_000),
    "autovacuum_freeze_max_age": (100_000, 2_000_000_000),
    "autovacuum_freeze_table_age": (0, 2_000_000_000),
    "autovacuum_multixact_freeze_min_age": (0, 1_000_000_000),
    "autovacuum_multixact_freeze_max_age": (10_000, 2_000_000_000),
    "autovacuum_multixact_freeze_table_age": (0, 2_000_000_000),
    "log_autovacuum_min_duration": (-1, _INT),
    "vacuum_index_cleanup": _BOOLEAN | {"auto"},
    "vacuum_truncate": _BOOLEAN,
    "vacuum_max_eager_freeze_failure_rate": (0, 1),
}
_TABLE: dict[str, _Values] = {
    **_VACUUM,
    **{f"toast.{name}": values for name, values in _VACUUM.items()},
    "fillfactor": (10, 100),
    "toast_tuple_target": (128, 8160),
    "parallel_workers": (0, 1024),
    "autovacuum_analyze_threshold": (0, _INT),
    "autovacuum_analyze_scale_factor": (0, 100),
    "user_catalog_table": _BOOLEAN,
}
_FILLED: dict[str, _Values] = {"fillfactor": (10, 100)}
METHODS: dict[str, dict[str, _Values]] = {
    "btree": {**_FILLED, "deduplicate_items": _BOOLEAN},
    "hash": _FILLED,
    "gist": {**_FILLED, "buffering": words("on off auto")},
    "spgist": _FILLED,
    "gin": {"fastupdate": _BOOLEAN, "gin_pending_list_limit": (64, _INT)},
    "brin": {"pages_per_range": (1, 131_072), "autosummarize": _BOOLEAN},
}
_VIEW: dict[str, _Values] = {
    "security_barrier": _BOOLEAN,
    "security_invoker": _BOOLEAN,
    "check_option": words("local cascaded"),
}
_COLUMN: dict[str, _Values] = {"n_distinct": (-1, 2**63), "n_distinct_inherited": (-1, 2**63)}


def must_be_of_table(given: Mapping[str, str | None]) -> None:
    """Raise NotUnderstood, or NotAllowed, for parameters that no table has so."""
    _must_be(given, _TABLE)


def must_be_of_index(given: Mapping[str, str | None], method: str | None) -> None:
    """Raise NotUnderstood, or NotAllowed, for parameters that no index of that method has so."""
    known = METHODS.get(method or "btree")
    if known is not None:
        _must_be(given, known)


def must_be_of_view(given: Mapping[str, str | None]) -> None:
    """Raise NotUnderstood, or NotAllowed, for options that no view has so."""
    _must_be(given, _VIEW)


def must_be_of_column(given: Mapping[str, str | None]) -> None:
    """Raise NotUnderstood, or NotAllowed, for options that no column has so."""
    _must_be(given, _COLUMN)


def _must_be(given: Mapping[str, str | None], known: Mapping[str, _Values]) -> None:
    for name, value in given.items():
        values = known.get(name)
        if values is None:
            raise NotUnderstood(f"there is no parameter {name} that we know")
        if value is not None and not _fits(value, values):
            raise NotAllowed(f"parameter {name} cannot be {value}")


def _fits(value: str, values: _Values) -> bool:
    if isinstance(values, frozenset):
        return value in values
    try:
        number = float(value)
    except ValueError:
        return False
    return values[0] <= number <= values[1]
