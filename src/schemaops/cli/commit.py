"""``schemaops commit``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["commit"]


def commit(
    source: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="A draft or a file of SQL; the one draft, if any."),
    ] = None,
    *,
    message: Annotated[
        str | None, typer.Option("-m", "--message", help="What is changed, in a few words.")
    ] = None,
    sql: Annotated[
        str | None, typer.Option("--sql", metavar="SQL", help="Seal these statements.")
    ] = None,
    amend: Annotated[
        bool, typer.Option("--amend", help="Replace the revision at the head.")
    ] = False,
    no_rehearsal: Annotated[
        bool, typer.Option("--no-rehearsal", help="Do not try it on a scratch database.")
    ] = False,
    no_replay: Annotated[
        bool, typer.Option("--no-replay", help="Leave the databases that follow where they are.")
    ] = False,
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept", metavar="CODE", help="Accept a hazard that the policy refuses."),
    ] = None,
    json: Json = False,
) -> None:
    """Seal a draft, or SQL given here, as a revision."""
    from schemaops.commands import commit as use
    from schemaops.commands.workspace import open_workspace

    wanted = use.Wanted(
        source, sql, message, amend, not no_rehearsal, tuple(accept or ()), not no_replay
    )
    show(use.commit(open_workspace(), wanted), json)
