"""``schemaops revert``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["revert"]


def revert(
    spec: Annotated[str, typer.Argument(metavar="REV|REV..REV", help="What to undo.")],
    *,
    message: Annotated[
        str | None, typer.Option("-m", "--message", help="In place of the usual one.")
    ] = None,
    with_dependants: Annotated[
        bool, typer.Option("--with-dependants", help="Undo with it what builds on it.")
    ] = False,
    keep: Annotated[
        str | None,
        typer.Option("--keep", metavar="PARENT", help="Of a merge, the parent whose side stays."),
    ] = None,
    no_rehearsal: Annotated[
        bool, typer.Option("--no-rehearsal", help="Do not try it on a scratch database.")
    ] = False,
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept", metavar="CODE", help="Accept a hazard that the policy refuses."),
    ] = None,
    json: Json = False,
) -> None:
    """Add a revision that undoes earlier ones."""
    from schemaops.commands import revert as use
    from schemaops.commands.workspace import open_workspace

    wanted = use.Wanted(spec, message, with_dependants, not no_rehearsal, tuple(accept or ()), keep)
    show(use.revert(open_workspace(), wanted), json)
