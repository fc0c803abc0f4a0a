"""``schema``: the schema at a SPEC, object by object."""

from __future__ import annotations

import shlex

from schemaops.commands.specs import At, schemas_at
from schemaops.reports.schema import OpaqueStatement, SchemaReport

__all__ = ["opaque_statements", "schema"]


def schema(spec: str, *, dialect: str | None = None, strict: bool = False) -> SchemaReport:
    """Return the schema that a SPEC names."""
    retry = f"schemaops schema {shlex.quote(spec)}"
    (at,) = schemas_at(spec, dialect=dialect, retry=retry, all_opaque=True)
    return SchemaReport(
        at.schema,
        opaque_statements(at),
        strict,
        "public" if at.schema.dialect == "postgres" else None,
    )


def opaque_statements(at: At) -> tuple[OpaqueStatement, ...]:
    """Return the opaque statements that led to a schema, each with how its effect is known."""
    return tuple(
        OpaqueStatement(
            group.place.file,
            group.place.line,
            group.text,
            next((getattr(one, "how", "") for one in group.operations), "unknown"),
        )
        for group in at.opaque
    )
