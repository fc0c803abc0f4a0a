"""``schemaops schema``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Dialect, Json, show

__all__ = ["schema"]


def schema(
    spec: Annotated[
        str,
        typer.Argument(
            metavar="SPEC",
            help="A revision, branch, env:NAME, database URL, file:PATH or models:MODULE:BASE.",
        ),
    ],
    *,
    strict: Annotated[
        bool, typer.Option("--strict", help="Let the fingerprint mind the order of columns.")
    ] = False,
    dialect: Dialect = None,
    json: Json = False,
) -> None:
    """Print a schema, object by object."""
    from schemaops.commands import schema as use

    show(use.schema(spec, dialect=dialect, strict=strict), json)
