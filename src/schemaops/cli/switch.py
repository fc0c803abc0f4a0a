"""``schemaops switch``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["switch"]


def switch(
    branch: Annotated[str, typer.Argument(help="The branch to go to.")],
    *,
    create: Annotated[bool, typer.Option("-c", "--create", help="Make it first.")] = False,
    json: Json = False,
) -> None:
    """Make another branch the current one, in files only."""
    from schemaops.commands import switch as use
    from schemaops.commands.workspace import open_workspace

    show(use.switch(open_workspace(), branch, create=create), json)
