"""``schemaops revert``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["revert"]


def revert(
    spec: Annotated[str, typer.Argument(metavar="REV", help="The revision to undo.")],
    *,
    message: Annotated[
        str | None, typer.Option("-m", "--message", help="In place of the usual one.")
    ] = None,
    json: Json = False,
) -> None:
    """Add a revision that undoes an earlier one."""
    from schemaops.commands import revert as use
    from schemaops.commands.workspace import open_workspace

    show(use.revert(open_workspace(), spec, message), json)
