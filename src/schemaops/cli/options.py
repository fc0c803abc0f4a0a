"""Options and arguments that several commands share, and how their reports are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from schemaops.cli import console

if TYPE_CHECKING:
    from schemaops.reports.base import Report

__all__ = ["Dialect", "Json", "Scratch", "command_group", "show"]

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, for scripts.")]
Dialect = Annotated[
    str | None,
    typer.Option(
        "--dialect",
        metavar="DIALECT",
        help="postgres, mysql or sqlite; the configuration's where it is left out.",
    ),
]
Scratch = Annotated[
    str | None,
    typer.Option("--scratch", metavar="URL", help="A server to make scratch databases on."),
]


def command_group(help: str) -> typer.Typer:
    """Return a command that has commands of its own."""
    return typer.Typer(help=help, add_completion=False, rich_markup_mode=None, no_args_is_help=True)


def show(report: Report, json: bool = False) -> None:
    """Print a report, and end with exit code 1 where it leaves something to decide."""
    if json:
        from schemaops.reports.json import written

        console.write_exactly(written(console.without_addresses(report.shape())))
    else:
        console.write(report.text())
    if report.decision:
        raise typer.Exit(1)
