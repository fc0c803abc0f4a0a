"""``schemaops adopt``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["adopt"]


def adopt(
    environment: Annotated[str, typer.Argument(metavar="ENV", help="Which environment.")],
    *,
    source: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--from", metavar="FORMAT DIR", help="Import this first, or compare its checksums."
        ),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option("--table", metavar="NAME", help="What the tool calls its version table."),
    ] = None,
    accept_differences: Annotated[
        bool, typer.Option("--accept-differences", help="Record it as it is; they show as drift.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say where it stands.")] = False,
    json: Json = False,
) -> None:
    """Take a database over from another tool where it stands."""
    from schemaops.commands import adopt as use
    from schemaops.commands.workspace import open_workspace

    wanted = use.Wanted(source, table, accept_differences, dry_run)
    show(use.adopt(open_workspace(), environment, wanted), json)
