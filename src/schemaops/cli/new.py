"""``schemaops new``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["new"]


def new(
    message: Annotated[str, typer.Argument(help="What is changed, in a few words.")],
    *,
    json: Json = False,
) -> None:
    """Open a draft: a migration being written."""
    from schemaops.commands import new as use
    from schemaops.commands.workspace import open_workspace

    show(use.new(open_workspace(), message), json)
