"""How PostgreSQL keeps the values of its types where a column says nothing of it."""

from __future__ import annotations

from schemaops.names import Address
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Composite, Domain, Enum, Object, Range
from schemaops.schema.state import Schema

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


def usual_storage(kind: Expression, schema: Schema) -> str | None:
    """Return how values of a type are kept where nothing is said; None where that is not known."""
    match kind.normal:
        case (Address() as at,):
            return _made(schema.get(at), schema)
    text = str(kind)
    if text.endswith("[]"):
        return "extended"
    for storage, names in _STORAGES.items():
        if any(text == name or text.startswith((f"{name}(", f"{name} ")) for name in names):
            return storage
    return None


def _made(thing: Object | None, schema: Schema) -> str | None:
    match thing:
        case Domain(type=base):
            return usual_storage(base, schema)
        case Enum():
            return "plain"
        case Composite() | Range():
            return "extended"
        case _:
            return None
