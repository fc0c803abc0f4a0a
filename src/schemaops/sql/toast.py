"""How PostgreSQL keeps the values of its types where a column says nothing of it."""

from __future__ import annotations

from schemaops.schema.objects import Column

__all__ = ["usual_storage"]

_STORAGES = {
    # Of the types that a schema names plainly, how their values are kept where nothing is said.
    "main": ("numeric", "inet", "cidr", "tsquery"),
    "plain": (
        "smallint",
        "integer",
        "bigint",
        "real",
        "double precision",
        "boolean",
        "date",
        "time",
        "timestamp",
        "interval",
        "uuid",
        "money",
        "oid",
        '"char"',
        "name",
    ),
    "extended": (
        "text",
        "character varying",
        "character",
        "bytea",
        "json",
        "jsonb",
        "xml",
        "bit",
        "tsvector",
    ),
}


def usual_storage(column: Column) -> str | None:
    """Return how a column's values are kept where nothing is said; None where that is not known."""
    kind = str(column.type)
    if kind.endswith("[]"):
        return "extended"
    for storage, names in _STORAGES.items():
        if any(kind == name or kind.startswith((f"{name}(", f"{name} ")) for name in names):
            return storage
    return None
