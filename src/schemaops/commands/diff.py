"""``diff``: the operations that lead from one schema to another."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from schemaops.commands.hazards import assessed_diff
from schemaops.commands.schema import opaque_statements
from schemaops.commands.specs import schemas_at
from schemaops.diff import diff as diff_schemas
from schemaops.diff import likely_renames, settled
from schemaops.reports.diff import DiffReport
from schemaops.reports.schema import OpaqueStatement
from schemaops.sql.render import render

__all__ = ["diff"]


def diff(
    a: str,
    b: str,
    *,
    dialect: str | None = None,
    renames: Sequence[str] = (),
    strict: bool = False,
) -> DiffReport:
    """Return what leads from the schema at `a` to the one at `b`; `renames` settle what is one."""
    command = f"schemaops diff {shlex.quote(a)} {shlex.quote(b)}"
    before, after = schemas_at(a, b, dialect=dialect, retry=command)
    moves = [settled(text, before.schema) for text in renames]
    operations = diff_schemas(before.schema, after.schema, moves, strict=strict)
    settled_olds = {old for old, _ in moves}
    likely = tuple(
        one for one in likely_renames(before.schema, after.schema) if one.old not in settled_olds
    )
    opaque = (opaque_statements(before), opaque_statements(after))
    given = "".join(f" --rename {shlex.quote(text)}" for text in renames)
    if dialect is not None:
        given += f" --dialect {dialect}"
    return DiffReport(
        dialect=before.schema.dialect,
        a=before.name,
        b=after.name,
        operations=operations,
        statements=render(operations, before.schema),
        hazards=assessed_diff(operations, before.schema),
        likely=likely,
        hints=tuple(f"{command}{given} --rename {shlex.quote(str(one))}" for one in likely),
        opaque=tuple(one for side in opaque for one in side),
        in_doubt=_unknown(opaque[0]) != _unknown(opaque[1]),
        default_schema="public" if before.schema.dialect == "postgres" else None,
    )


def _unknown(opaque: tuple[OpaqueStatement, ...]) -> list[str]:
    return [one.sql for one in opaque if one.how == "unknown"]
