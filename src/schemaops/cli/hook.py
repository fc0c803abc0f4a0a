"""``schemaops hook``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, command_group, show

__all__ = ["app"]

app = command_group("Install and run git hooks.")


@app.command()
def install(*, json: Json = False) -> None:
    """Write git's hooks of this repository; hooks that are there are kept."""
    from schemaops.commands import hook as use
    from schemaops.commands.workspace import open_workspace

    show(use.install(open_workspace()), json)


@app.command()
def uninstall(*, json: Json = False) -> None:
    """Remove the hooks, and put back those that were there before."""
    from schemaops.commands import hook as use
    from schemaops.commands.workspace import open_workspace

    show(use.uninstall(open_workspace()), json)


@app.command()
def run(
    name: Annotated[
        str, typer.Argument(help="The hook: pre-commit or pre-merge-commit.")
    ] = "pre-commit",
    *,
    json: Json = False,
) -> None:
    """Check what git is about to commit."""
    import os
    from pathlib import Path

    from schemaops.commands import hook as use

    show(use.run(Path.cwd(), os.environ, name), json)
