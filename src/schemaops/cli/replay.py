"""``schemaops replay``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from schemaops.cli import console
from schemaops.cli.options import Json, show

if TYPE_CHECKING:
    from schemaops.database.moves import Progress

__all__ = ["replay"]


def replay(
    environment: Annotated[str, typer.Argument(metavar="ENV", help="The environment.")],
    *,
    to: Annotated[
        str | None, typer.Option("--to", metavar="REV", help="Where to; the head if left out.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Finish a move that was cut short, then go on.")
    ] = False,
    took_effect: Annotated[
        bool | None,
        typer.Option("--took-effect/--did-not", help="Say so of the statement in doubt."),
    ] = None,
    on_failure: Annotated[
        str,
        typer.Option("--on-failure", metavar="stop|revert", help="When a move fails."),
    ] = "stop",
    accept_losses: Annotated[
        bool, typer.Option("--accept-losses", help="Revert even where rows' values are lost.")
    ] = False,
    adopt: Annotated[
        str | None,
        typer.Option("--adopt", metavar="REV", help="Record that the database holds REV."),
    ] = None,
    json: Json = False,
) -> None:
    """Move a database to a revision, forwards or backwards."""
    if on_failure not in ("stop", "revert"):
        raise typer.BadParameter("stop or revert", param_hint="--on-failure")
    from schemaops.commands import replay as use
    from schemaops.commands.workspace import open_workspace

    wanted = use.Wanted(to, resume, took_effect, on_failure, accept_losses, adopt)
    with console.progress(environment) as advance:

        def tell(happened: Progress) -> None:
            advance(happened.number, happened.of, f"{happened.move.revision[:7]} {happened.what}")

        report = use.replay(open_workspace(), environment, wanted, tell)
    show(report, json)
