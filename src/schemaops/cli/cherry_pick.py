"""``schemaops cherry-pick``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["cherry_pick"]


def cherry_pick(
    spec: Annotated[
        str | None, typer.Argument(metavar="[REV]", help="The revision to bring here.")
    ] = None,
    *,
    ours: Annotated[
        bool, typer.Option("--ours", help="Decide all that is left for what is here.")
    ] = False,
    theirs: Annotated[
        bool, typer.Option("--theirs", help="Decide all that is left for the revision.")
    ] = False,
    go_on: Annotated[
        bool, typer.Option("--continue", help="Go on when conflicts are decided.")
    ] = False,
    abort: Annotated[bool, typer.Option("--abort", help="Go back to before it.")] = False,
    no_rehearsal: Annotated[
        bool, typer.Option("--no-rehearsal", help="Do not try it on a scratch database.")
    ] = False,
    json: Json = False,
) -> None:
    """Seal one revision of another branch here."""
    from schemaops.commands import cherry_pick as use
    from schemaops.commands.workspace import open_workspace

    if (spec is not None) + go_on + abort != 1 or (ours and theirs):
        raise typer.BadParameter("name one revision, or say --continue or --abort")
    wanted = use.Pick(spec, ours, theirs, go_on, abort, not no_rehearsal)
    show(use.cherry_pick(open_workspace(), wanted), json)
