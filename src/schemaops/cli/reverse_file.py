"""``schemaops reverse-file``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from schemaops.cli.options import Dialect, Json, show

__all__ = ["reverse_file"]


def reverse_file(
    base: Annotated[str, typer.Argument(metavar="BASE", help="A script that builds the base.")],
    up: Annotated[str, typer.Argument(metavar="UP", help="The script of changes to reverse.")],
    *,
    dialect: Dialect = None,
    lossless: Annotated[
        bool,
        typer.Option("--lossless", help="Keep what the changes would destroy, and put it back."),
    ] = False,
    json: Json = False,
) -> None:
    """Write the reversal of a script, without a repository."""
    from schemaops.commands import reverse_file as use
    from schemaops.commands.scripts import dialect_for, read_script

    name = dialect_for(dialect, Path.cwd(), f"schemaops reverse-file {base} {up}")
    report = use.reverse_file(read_script(base), read_script(up), name, keeping=lossless)
    show(report, json)
