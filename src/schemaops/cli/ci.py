"""``schemaops ci``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli import console
from schemaops.cli.options import Json, show

__all__ = ["ci"]


def ci(
    *,
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            metavar="REV",
            help="What to merge into; the CI system's word, else the default branch.",
        ),
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(
            "--head", metavar="REV", help="What to merge; the CI system's word, else HEAD."
        ),
    ] = None,
    others: Annotated[
        list[str] | None,
        typer.Option(
            "--others",
            metavar="BRANCH",
            help="An open branch to compare with; all of them if left out.",
        ),
    ] = None,
    no_others: Annotated[
        bool, typer.Option("--no-others", help="Compare with no other open branch.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 for conflicts with other open branches too.")
    ] = False,
    live: Annotated[
        bool, typer.Option("--live", help="Connect to the environments for their plans.")
    ] = False,
    json: Json = False,
) -> None:
    """Print what a pull request should say, as Markdown."""
    from schemaops.commands import ci as use
    from schemaops.commands.workspace import open_workspace

    if others and no_others:
        raise typer.BadParameter("--others and --no-others exclude each other")
    among = () if no_others else tuple(others) if others else None
    report = use.ci(open_workspace(), use.Wanted(base, head, among, live, strict))
    if json:
        show(report, json)
        return
    from schemaops.forge.base import mark
    from schemaops.forge.print import PrintForge
    from schemaops.reports.comment import comment

    PrintForge(console.write_raw).comment(f"{mark(report.project)}\n{comment(report)}")
    if report.decision:
        raise typer.Exit(1)
