"""``schemaops hook``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, command_group, show

__all__ = ["app"]

app = command_group("Install and run git hooks.")


@app.command()
def install(*, json: Json = False) -> None:
    """Write git's pre-commit hook of this repository."""
    from schemaops.commands import hook as use
    from schemaops.commands.workspace import open_workspace

    show(use.install(open_workspace()), json)


@app.command()
def run(
    name: Annotated[str, typer.Argument(help="The hook: pre-commit.")] = "pre-commit",
    *,
    json: Json = False,
) -> None:
    """Check what git is about to commit."""
    from schemaops.commands import hook as use
    from schemaops.commands.workspace import open_workspace

    show(use.run(open_workspace(), name), json)
