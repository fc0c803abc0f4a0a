"""``schemaops branch``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["branch"]


def branch(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Make this one; list, if left out.")
    ] = None,
    *,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="SPEC", help="Where it begins; here if left out."),
    ] = None,
    remotes: Annotated[
        bool, typer.Option("-a", "--all", help="List the branches of remotes too.")
    ] = False,
    conflicts: Annotated[
        bool, typer.Option("--conflicts", help="Show what every pair of open branches comes to.")
    ] = False,
    json: Json = False,
) -> None:
    """List branches and whether they merge, or make one."""
    from schemaops.commands import branch as use
    from schemaops.commands.workspace import open_workspace

    if conflicts:
        from schemaops.commands.matrix import matrix

        if name is not None or start is not None:
            raise typer.BadParameter("--conflicts lists branches and makes none")
        show(matrix(open_workspace(), remotes=remotes), json)
    elif name is None:
        show(use.listed(open_workspace(), remotes=remotes), json)
    else:
        show(use.create(open_workspace(), name, start), json)
