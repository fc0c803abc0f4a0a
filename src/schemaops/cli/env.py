"""``schemaops env``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, command_group, show

__all__ = ["app"]

app = command_group("Add and list environments: the databases that are moved.")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Its name.")],
    *,
    url: Annotated[
        str, typer.Option("--url", help="Where it is: '$VARIABLE', in single quotes, or a URL.")
    ],
    protected: Annotated[
        bool, typer.Option("--protected", help="Take only what is committed in git.")
    ] = False,
    follow: Annotated[
        bool | None,
        typer.Option("--follow/--no-follow", help="Revert unasked what a branch does not have."),
    ] = None,
    lossless: Annotated[
        bool | None,
        typer.Option(
            "--lossless/--not-lossless", help="Keep what a revision takes away, to be put back."
        ),
    ] = None,
    after: Annotated[
        list[str] | None, typer.Option("--after", metavar="NAME", help="It comes after this one.")
    ] = None,
    json: Json = False,
) -> None:
    """Add an environment to the configuration."""
    from schemaops.commands import env as use
    from schemaops.commands.workspace import open_workspace
    from schemaops.config import environment

    added = environment(
        name, url, protected=protected, follow=follow, lossless=lossless, after=tuple(after or ())
    )
    show(use.add(open_workspace(), added), json)


@app.command("list")
def listed(*, json: Json = False) -> None:
    """List the environments, in the order of a rollout."""
    from schemaops.commands import env as use
    from schemaops.commands.workspace import open_workspace

    show(use.listed(open_workspace()), json)
