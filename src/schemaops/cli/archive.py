"""``schemaops archive``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["archive"]


def archive(
    environment: Annotated[str, typer.Argument(metavar="ENV", help="The environment.")],
    *,
    json: Json = False,
) -> None:
    """List what a lossless database keeps of what was taken away."""
    from schemaops.commands import archive as use
    from schemaops.commands.workspace import open_workspace

    show(use.archive(open_workspace(), environment), json)
