"""``schemaops merge``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["merge"]


def merge(
    branches: Annotated[
        list[str] | None,
        typer.Argument(metavar="[BRANCH]…", help="What to merge; the heads here if left out."),
    ] = None,
    *,
    ours: Annotated[
        bool, typer.Option("--ours", help="Decide all that is left for this side.")
    ] = False,
    theirs: Annotated[
        bool, typer.Option("--theirs", help="Decide all that is left for the other side.")
    ] = False,
    go_on: Annotated[
        bool, typer.Option("--continue", help="Go on when conflicts are decided.")
    ] = False,
    abort: Annotated[bool, typer.Option("--abort", help="Go back to before the merge.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what it would come to.")
    ] = False,
    prove: Annotated[
        bool, typer.Option("--prove", help="Prove it on a scratch database first, with rows.")
    ] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Only show what is under way, and what is left of it.")
    ] = False,
    plan: Annotated[
        bool,
        typer.Option("--plan", help="Only say in which order these, or all, merge best."),
    ] = False,
    json: Json = False,
) -> None:
    """Merge other branches, or the heads of this one."""
    from schemaops.commands import merge as use
    from schemaops.commands.workspace import open_workspace

    if plan:
        from schemaops.commands.matrix import merge_plan

        if ours or theirs or go_on or abort or prove:
            raise typer.BadParameter("--plan merges nothing")
        show(merge_plan(open_workspace(), branches or ()), json)
        return
    if status:
        from schemaops.commands.resolve import merge_status

        if branches or ours or theirs or go_on or abort or dry_run or prove:
            raise typer.BadParameter("--status decides nothing")
        show(merge_status(open_workspace()), json)
        return
    named = branches or []
    first = named[0] if named else None
    wanted = use.Wanted(first, ours, theirs, go_on, abort, dry_run, tuple(named[1:]), prove)
    show(use.merge(open_workspace(), wanted), json)
