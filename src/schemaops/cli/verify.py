"""``schemaops verify``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, Scratch, show

__all__ = ["verify"]


def verify(
    given: Annotated[
        str | None,
        typer.Argument(metavar="[REV..REV]", help="Which; all that lead here if left out."),
    ] = None,
    *,
    scratch: Scratch = None,
    json: Json = False,
) -> None:
    """Run each migration and its reversal on a scratch database."""
    from schemaops.commands import verify as use
    from schemaops.commands.workspace import open_workspace

    show(use.verify(open_workspace(), given, scratch), json)
