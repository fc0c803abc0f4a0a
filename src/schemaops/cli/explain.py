"""``schemaops explain``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli.options import Json, show

__all__ = ["explain"]


def explain(
    code: Annotated[str, typer.Argument(help="Such as SO301; a hazard's dotted name will do too.")],
    json: Json = False,
) -> None:
    """Explain a code: an error, a conflict or a hazard."""
    from schemaops.commands import explain as use

    show(use.explain(code), json)
