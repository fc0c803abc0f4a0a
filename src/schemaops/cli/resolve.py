"""``schemaops resolve``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["resolve"]


def resolve(
    conflict: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID|OBJECT]",
            help="A conflict's id or its start, or an object; lists them all.",
        ),
    ] = None,
    *,
    ours: Annotated[bool, typer.Option("--ours", help="Keep this side's statement.")] = False,
    theirs: Annotated[
        bool, typer.Option("--theirs", help="Keep the other side's statement.")
    ] = False,
    order: Annotated[
        str | None,
        typer.Option("--order", metavar="ours-first|theirs-first", help="Keep both, so ordered."),
    ] = None,
    edit: Annotated[
        str | None,
        typer.Option("--edit", metavar="FILE", help="Put these statements in place of both."),
    ] = None,
    rename: Annotated[
        str | None,
        typer.Option("--rename", metavar="[SIDE=]NAME", help="Keep both; theirs is called so."),
    ] = None,
    json: Json = False,
) -> None:
    """Decide a conflict of the merge under way."""
    from schemaops.commands import resolve as use
    from schemaops.commands.workspace import open_workspace

    wanted = use.Wanted(conflict, ours, theirs, order, edit, rename)
    show(use.resolve(open_workspace(), wanted), json)
