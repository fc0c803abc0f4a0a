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
    json: Json = False,
) -> None:
    """List branches and whether they merge, or make one."""
    from schemaops.commands import branch as use
    from schemaops.commands.workspace import open_workspace

    if name is None:
        show(use.listed(open_workspace(), remotes=remotes), json)
    else:
        show(use.create(open_workspace(), name, start), json)
