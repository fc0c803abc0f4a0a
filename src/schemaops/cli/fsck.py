"""``schemaops fsck``."""

from __future__ import annotations

from schemaops.cli.options import Json, show

__all__ = ["fsck"]


def fsck(*, json: Json = False) -> None:
    """Check every id, parent, name and section of the history."""
    from schemaops.commands import fsck as use
    from schemaops.commands.workspace import open_workspace

    show(use.fsck(open_workspace()), json)
