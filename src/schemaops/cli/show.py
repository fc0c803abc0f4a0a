"""``schemaops show``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json
from schemaops.cli.options import show as print_report

__all__ = ["show"]


def show(
    spec: Annotated[
        str, typer.Argument(metavar="[REV]", help="Which; the head if left out.")
    ] = "@",
    *,
    json: Json = False,
) -> None:
    """Show one revision: its SQL, operations, reversal and hazards."""
    from schemaops.commands import show as use
    from schemaops.commands.workspace import open_workspace

    print_report(use.show(open_workspace(), spec), json)
