"""``schemaops import``."""  # noqa: N999 - it bears the name of its command

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from schemaops.cli.options import Dialect, Json, show

__all__ = ["app", "import_history"]

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("import")
def import_history(
    format: Annotated[
        str, typer.Argument(metavar="[FORMAT]", help="The tool; detected if left out.")
    ],
    directory: Annotated[
        str | None, typer.Argument(metavar="DIR", help="Where its migrations are.")
    ] = None,
    *,
    dialect: Dialect = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what it would come to.")
    ] = False,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Copy nothing: read the folder where it is.")
    ] = False,
    linear: Annotated[
        bool, typer.Option("--linear", help="One line, in the order in which the tool runs them.")
    ] = False,
    no_rehearsal: Annotated[
        bool,
        typer.Option("--no-rehearsal", help="Do not try what is opaque on a scratch database."),
    ] = False,
    mend_downs: Annotated[
        bool, typer.Option("--mend-downs", help="Generate the downs that fall short.")
    ] = False,
    skip: Annotated[
        list[str] | None, typer.Option("--skip", metavar="ID", help="Leave a migration out.")
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="The value of a placeholder."),
    ] = None,
    program: Annotated[
        str | None,
        typer.Option("--program", metavar="PYTHON", help="The interpreter that has the tool."),
    ] = None,
    json: Json = False,
) -> None:
    """Take over the history of another tool."""
    from schemaops.commands import importing as use

    wanted = use.Wanted(
        None if directory is None else format,
        format if directory is None else directory,
        dialect,
        dry_run,
        in_place,
        linear,
        not no_rehearsal,
        mend_downs,
        tuple(skip or ()),
        tuple(values or ()),
        () if program is None else (program,),
    )
    show(use.import_history(Path.cwd(), wanted, os.environ), json)
