"""``schemaops ci``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli import console
from schemaops.cli.options import Json, show

__all__ = ["ci"]


def ci(
    *,
    base: Annotated[str, typer.Option("--base", metavar="REV", help="The branch to merge into.")],
    head: Annotated[
        str, typer.Option("--head", metavar="REV", help="The branch to merge.")
    ] = "HEAD",
    json: Json = False,
) -> None:
    """Print what a pull request should say, as Markdown."""
    from schemaops.commands import ci as use
    from schemaops.commands.workspace import open_workspace

    report = use.ci(open_workspace(), base, head)
    if json:
        show(report, json)
        return
    from schemaops.forge.print import PrintForge

    PrintForge(console.write_raw).comment(report.markdown())
    if report.decision:
        raise typer.Exit(1)
