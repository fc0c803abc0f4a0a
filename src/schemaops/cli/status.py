"""``schemaops status``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["status"]


def status(
    *,
    live: Annotated[
        bool, typer.Option("--live", help="Connect to the environments and look.")
    ] = False,
    json: Json = False,
) -> None:
    """Show heads, drafts, and where each environment stands."""
    from schemaops.commands import status as use
    from schemaops.commands.workspace import open_workspace

    show(use.status(open_workspace(), live=live), json)
