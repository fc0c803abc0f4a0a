"""Forge: where changes are reviewed, and where the one comment of a pull request is kept."""

from __future__ import annotations

from typing import Protocol

__all__ = ["MARK", "Forge"]

MARK = "<!-- schemaops -->"
"""Begins every comment of ours, so that it is found again and kept up to date."""


class Forge(Protocol):
    """A place that shows the comment of a pull request."""

    def comment(self, markdown: str) -> None:
        """Show the comment, in place of an earlier one of ours."""
        ...
