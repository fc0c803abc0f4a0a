"""``schemaops verify``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, Scratch, show

__all__ = ["verify"]


def verify(
    chosen: Annotated[
        str | None,
        typer.Argument(metavar="[SPEC..SPEC]", help="A range; the whole history if left out."),
    ] = None,
    *,
    scratch: Scratch = None,
    json: Json = False,
) -> None:
    """Run each migration and its reversal on a scratch database."""
    from schemaops.cli.console import progress
    from schemaops.commands import verify as use
    from schemaops.commands.workspace import open_workspace

    with progress("verifying") as advance:
        report = use.verify(open_workspace(), chosen, url=scratch, progress=advance)
    show(report, json)
