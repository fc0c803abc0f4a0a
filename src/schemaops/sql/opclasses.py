"""The operator classes that PostgreSQL takes for a column's type where none is named: naming them says
nothing, and the catalogue does not show them."""

from __future__ import annotations

import re

__all__ = ["is_default"]

_LENGTH = re.compile(r"\(\d+(,\d+)?\)")
_ORDERED = {
    "text": "text_ops",
    "character varying": "text_ops",
    "character": "bpchar_ops",
    "smallint": "int2_ops",
    "integer": "int4_ops",
    "bigint": "int8_ops",
    "numeric": "numeric_ops",
    "real": "float4_ops",
    "double precision": "float8_ops",
    "boolean": "bool_ops",
    "uuid": "uuid_ops",
    "date": "date_ops",
    "timestamp without time zone": "timestamp_ops",
    "timestamp with time zone": "timestamptz_ops",
    "time without time zone": "time_ops",
    "interval": "interval_ops",
    "bytea": "bytea_ops",
    "inet": "inet_ops",
    "jsonb": "jsonb_ops",
    "oid": "oid_ops",
}
_DEFAULTS = {
    "btree": _ORDERED,
    "hash": _ORDERED,
    "gin": {"jsonb": "jsonb_ops", "tsvector": "tsvector_ops"},
    "gist": {"tsvector": "tsvector_ops", "point": "point_ops", "box": "box_ops"},
}


def is_default(opclass: str, method: str, kind: str) -> bool:
    """Whether an index of that method has that operator class for a type without being told."""
    if kind.endswith("[]"):
        return opclass == "array_ops" and method in ("btree", "hash", "gin")
    return _DEFAULTS.get(method, {}).get(_LENGTH.sub("", kind)) == opclass
