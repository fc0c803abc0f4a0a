"""``schemaops explain``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["explain"]


def explain(
    code: Annotated[
        str,
        typer.Argument(metavar="CODE", help="Such as SO301; a name such as rename-rename will do."),
    ],
    json: Json = False,
) -> None:
    """Explain a code: an error, a conflict or a hazard."""
    from schemaops.commands import explain as use

    show(use.explain(code), json)
