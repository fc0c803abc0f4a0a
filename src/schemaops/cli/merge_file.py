"""``schemaops merge-file``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from schemaops.cli.options import Dialect, Json, show

__all__ = ["app", "merge_file"]

app = typer.Typer(add_completion=False, rich_markup_mode=None)


class _MayProve(TyperCommand):
    """Lets `--prove` stand alone: what follows it is its value only where it is a URL."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        given: list[str] = []
        for place, word in enumerate(args):
            given.append(word)
            after = args[place + 1] if place + 1 < len(args) else ""
            if word == "--prove" and "://" not in after:
                given.append("")
        return super().parse_args(ctx, given)


@app.command("merge-file", cls=_MayProve)
def merge_file(
    base: Annotated[str, typer.Argument(metavar="BASE", help="A script that builds the base.")],
    ours: Annotated[str, typer.Argument(metavar="OURS", help="One side's changes on it.")],
    theirs: Annotated[str, typer.Argument(metavar="THEIRS", help="The other side's.")],
    *,
    dialect: Dialect = None,
    schemas: Annotated[
        bool, typer.Option("--schemas", help="OURS and THEIRS are whole schemas, like BASE.")
    ] = False,
    prove: Annotated[
        str | None,
        typer.Option(
            "--prove",
            metavar="[URL]",
            help="Run it from both sides on scratch databases, on the server at URL or our own.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Merge two scripts over a third, without a repository."""
    from schemaops.commands import merge_file as use
    from schemaops.commands.scripts import dialect_for, read_script

    name = dialect_for(dialect, Path.cwd(), f"schemaops merge-file {base} {ours} {theirs}")
    scripts = (read_script(base), read_script(ours), read_script(theirs))
    show(use.merge_file(*scripts, name, schemas=schemas, prove=prove), json)
