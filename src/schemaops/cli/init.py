"""``schemaops init``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["init"]


def init(
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIRECTORY]", help="Where; here if left out.")
    ] = None,
    *,
    dialect: Annotated[
        str | None, typer.Option("--dialect", help="postgres, mysql or sqlite.")
    ] = None,
    dev: Annotated[
        str | None,
        typer.Option("--dev", metavar="URL", help="The database for development."),
    ] = None,
    from_url: Annotated[
        str | None,
        typer.Option("--from", metavar="URL", help="Begin with what this database holds."),
    ] = None,
    name: Annotated[
        str, typer.Option("--as", metavar="NAME", help="The environment that --from becomes.")
    ] = "origin",
    json: Json = False,
) -> None:
    """Begin to keep a schema's history in this folder."""
    from schemaops.commands import init as use

    wanted = use.Wanted(dialect, dev, from_url, name)
    show(use.init((directory or Path.cwd()).absolute(), wanted, os.environ), json)
