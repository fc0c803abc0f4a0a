"""``schemaops merge``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["merge"]


def merge(
    branch: Annotated[
        str | None,
        typer.Argument(metavar="[BRANCH]", help="What to merge; the heads here if left out."),
    ] = None,
    *,
    ours: Annotated[
        bool, typer.Option("--ours", help="Decide all that is left for this side.")
    ] = False,
    theirs: Annotated[
        bool, typer.Option("--theirs", help="Decide all that is left for the other side.")
    ] = False,
    go_on: Annotated[
        bool, typer.Option("--continue", help="Go on when conflicts are decided.")
    ] = False,
    abort: Annotated[bool, typer.Option("--abort", help="Go back to before the merge.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what it would come to.")
    ] = False,
    json: Json = False,
) -> None:
    """Merge another branch, or the heads of this one."""
    from schemaops.commands import merge as use
    from schemaops.commands.workspace import open_workspace

    wanted = use.Wanted(branch, ours, theirs, go_on, abort, dry_run)
    show(use.merge(open_workspace(), wanted), json)
