"""Who owns PostgreSQL's objects: what gives them back to the roles that they are to belong to."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.names import Kind, Name
from schemaops.schema.objects import Object, Sequence
from schemaops.schema.state import Schema
from schemaops.sql.names import quote
from schemaops.sql.rendering.postgres_access import Access

__all__ = ["handed_over"]

# A schema first, for whoever owns what is in it must be allowed there.
_KINDS = (
    Kind.SCHEMA,
    Kind.ENUM,
    Kind.DOMAIN,
    Kind.COMPOSITE,
    Kind.RANGE,
    Kind.SEQUENCE,
    Kind.TABLE,
    Kind.VIEW,
    Kind.FUNCTION,
    Kind.PROCEDURE,
    Kind.STATISTICS,
)


def handed_over(access: Access, standing: Schema, wanted: Schema) -> Iterator[str]:
    """Yield what gives each object of one schema to the role that owns it in another."""
    for kind in _KINDS:
        others = [one for one in wanted.of_kind(kind) if _is_of_another(standing.get(one.at), one)]
        for thing in sorted(others, key=lambda one: one.at):
            role = getattr(thing, "owning_role", None)
            if isinstance(thing, Sequence) and thing.owner is not None:
                continue  # it goes with its table
            name = "CURRENT_USER" if role is None else quote(Name(role), "postgres")
            yield f"ALTER {access.named(thing.at, wanted)} OWNER TO {name}"


def _is_of_another(there: Object | None, wanted: Object) -> bool:
    if there is None or there is wanted:
        return False
    return bool(getattr(there, "owning_role", None) != getattr(wanted, "owning_role", None))
