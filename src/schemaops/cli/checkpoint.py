"""``schemaops checkpoint``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["checkpoint"]


def checkpoint(
    spec: Annotated[
        str | None,
        typer.Argument(metavar="[REV]", help="What to stand for; the latest that can be."),
    ] = None,
    *,
    message: Annotated[
        str | None, typer.Option("-m", "--message", help="In place of the usual one.")
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="ENV", help="Leave an environment out of account."),
    ] = None,
    no_rehearsal: Annotated[
        bool, typer.Option("--no-rehearsal", help="Do not try it on a scratch database.")
    ] = False,
    json: Json = False,
) -> None:
    """Seal one revision that stands for all before it."""
    from schemaops.commands import checkpoint as use
    from schemaops.commands.workspace import open_workspace

    wanted = use.Wanted(spec, message, tuple(without or ()), not no_rehearsal)
    show(use.checkpoint(open_workspace(), wanted), json)
