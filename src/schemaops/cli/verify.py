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
    jobs: Annotated[
        int | None,
        typer.Option("-j", "--jobs", metavar="N", help="Databases to use beside each other."),
    ] = None,
    junit: Annotated[
        str | None, typer.Option("--junit", metavar="FILE", help="Write JUnit's XML there, too.")
    ] = None,
    json: Json = False,
) -> None:
    """Run each migration and its reversal on a scratch database."""
    from schemaops.cli.console import progress
    from schemaops.commands import verify as use
    from schemaops.commands.workspace import open_workspace

    with progress("verifying") as advance:
        wanted = use.Wanted(chosen, scratch, jobs, junit)
        report = use.verify(open_workspace(), wanted, progress=advance)
    show(report, json)
