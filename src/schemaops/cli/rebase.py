"""``schemaops rebase``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["rebase"]


def rebase(
    onto: Annotated[
        str | None,
        typer.Argument(metavar="[BRANCH]", help="What to go behind; the other head if left out."),
    ] = None,
    *,
    ours: Annotated[
        bool, typer.Option("--ours", help="Decide all that is left for this branch.")
    ] = False,
    theirs: Annotated[
        bool, typer.Option("--theirs", help="Decide all that is left for the other one.")
    ] = False,
    go_on: Annotated[
        bool, typer.Option("--continue", help="Go on when conflicts are decided.")
    ] = False,
    abort: Annotated[bool, typer.Option("--abort", help="Go back to before the rebase.")] = False,
    no_rehearsal: Annotated[
        bool, typer.Option("--no-rehearsal", help="Do not try it on a scratch database.")
    ] = False,
    json: Json = False,
) -> None:
    """Put this branch's own revisions behind another branch's."""
    from schemaops.commands import rebase as use
    from schemaops.commands.workspace import open_workspace

    if (onto is not None) + go_on + abort > 1 or (ours and theirs):
        raise typer.BadParameter("these do not go together")
    wanted = use.Rebase(onto, ours, theirs, go_on, abort, not no_rehearsal)
    show(use.rebase(open_workspace(), wanted), json)
