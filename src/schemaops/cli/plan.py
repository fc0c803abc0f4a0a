"""``schemaops plan``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["plan"]


def plan(
    environment: Annotated[str, typer.Argument(metavar="ENV", help="The environment.")],
    *,
    to: Annotated[
        str | None, typer.Option("--to", metavar="REV", help="Where to; the head if left out.")
    ] = None,
    json: Json = False,
) -> None:
    """Show what a replay would execute."""
    from schemaops.commands import plan as use
    from schemaops.commands.workspace import open_workspace

    show(use.plan(open_workspace(), environment, to), json)
