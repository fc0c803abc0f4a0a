"""``schemaops purge``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["purge"]


def purge(
    environment: Annotated[str, typer.Argument(metavar="ENV", help="The environment.")],
    *,
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="AGE", help="Only what is older: 30d, 12h, 2w.")
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without this it is only said what it would be.")
    ] = False,
    even_recent: Annotated[
        bool,
        typer.Option("--even-recent", help="Also what reverting the last revisions would need."),
    ] = False,
    json: Json = False,
) -> None:
    """Take away for good what an archive has kept for long."""
    from schemaops.commands import archive as use
    from schemaops.commands.workspace import open_workspace

    show(
        use.purge(open_workspace(), environment, older_than, yes=yes, recent=even_recent),
        json,
    )
