"""``schemaops diff``."""

from __future__ import annotations

from typing import Annotated

import typer

from schemaops.cli import console
from schemaops.cli.options import Dialect, Json, show

__all__ = ["diff"]


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="The SPEC to come from.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The SPEC to come to.")],
    *,
    sql: Annotated[
        bool, typer.Option("--sql", help="Print a script that, run on A, gives B.")
    ] = False,
    rename: Annotated[
        list[str] | None,
        typer.Option("--rename", metavar="OLD=NEW", help="Settle that OLD became NEW."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Mind the order of columns too.")
    ] = False,
    dialect: Dialect = None,
    json: Json = False,
) -> None:
    """Show the operations that lead from one schema to another."""
    from schemaops.commands import diff as use

    report = use.diff(a, b, dialect=dialect, renames=rename or (), strict=strict)
    if json or not sql:
        show(report, json)
        return
    console.write_exactly(report.script)
    if report.opaque:
        console.write(report.not_understood(), error=True)
    if report.decision:
        raise typer.Exit(1)
