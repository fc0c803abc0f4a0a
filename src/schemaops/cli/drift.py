"""``schemaops drift``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli import console
from schemaops.cli.options import Json, show

__all__ = ["drift"]


def drift(
    environment: Annotated[str, typer.Argument(metavar="ENV", help="The environment.")],
    *,
    sql: Annotated[
        bool, typer.Option("--sql", help="Print a script that takes the database back.")
    ] = False,
    draft: Annotated[
        str | None,
        typer.Option(
            "--draft", metavar="MESSAGE", help="Open a draft that does what was done by hand."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Show what was changed in a database past SchemaOps."""
    if sql and draft is not None:
        raise typer.BadParameter("--sql and --draft do not go together")
    from schemaops.commands import drift as use
    from schemaops.commands.workspace import open_workspace

    workspace = open_workspace()
    report = use.drift(workspace, environment)
    if draft is not None:
        show(use.draft_of(workspace, report, draft), json)
    elif sql and not json:
        console.write_exactly(report.script)
        if report.decision:
            raise typer.Exit(1)
    else:
        show(report, json)
