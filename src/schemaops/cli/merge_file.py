"""``schemaops merge-file``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from schemaops.cli.options import Dialect, Json, show

__all__ = ["merge_file"]


def merge_file(
    base: Annotated[str, typer.Argument(metavar="BASE", help="A script that builds the base.")],
    ours: Annotated[str, typer.Argument(metavar="OURS", help="One side's changes on it.")],
    theirs: Annotated[str, typer.Argument(metavar="THEIRS", help="The other side's.")],
    *,
    dialect: Dialect = None,
    schemas: Annotated[
        bool, typer.Option("--schemas", help="OURS and THEIRS are whole schemas, like BASE.")
    ] = False,
    json: Json = False,
) -> None:
    """Merge two scripts over a third, without a repository."""
    from schemaops.commands import merge_file as use
    from schemaops.commands.scripts import dialect_for, read_script

    name = dialect_for(dialect, Path.cwd(), f"schemaops merge-file {base} {ours} {theirs}")
    show(
        use.merge_file(
            read_script(base), read_script(ours), read_script(theirs), name, schemas=schemas
        ),
        json,
    )
