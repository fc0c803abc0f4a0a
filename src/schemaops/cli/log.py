"""``schemaops log``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["log"]


def log(
    spec: Annotated[
        str | None,
        typer.Argument(metavar="[REV]", help="A branch or revision; the work tree if left out."),
    ] = None,
    *,
    graph: Annotated[bool, typer.Option("--graph", help="Draw the DAG.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Show the revisions of every branch.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option("-n", metavar="N", min=0, help="Show so many at most.")
    ] = None,
    json: Json = False,
) -> None:
    """Show the revisions that lead to a revision."""
    from schemaops.commands import log as use
    from schemaops.commands.workspace import open_workspace

    report = use.log(open_workspace(), spec, graph=graph, everything=everything, limit=limit)
    show(report, json)
