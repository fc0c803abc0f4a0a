"""``schema``: the schema at a SPEC, object by object."""

from __future__ import annotations

from schemaops.commands.specs import schemas_at
from schemaops.reports.schema import OpaqueStatement, SchemaReport

__all__ = ["schema"]


def schema(spec: str, *, dialect: str | None = None, strict: bool = False) -> SchemaReport:
    """Return the schema that a SPEC names."""
    (at,) = schemas_at(spec, dialect=dialect, retry=f"schemaops schema {spec}")
    return SchemaReport(
        at.schema,
        tuple(
            OpaqueStatement(
                group.place.file,
                group.place.line,
                group.text,
                next((getattr(one, "how", "") for one in group.operations), "unknown"),
            )
            for group in at.opaque
        ),
        strict,
        "public" if at.schema.dialect == "postgres" else None,
    )
