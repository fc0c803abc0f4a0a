"""The forge that prints: for CI systems that have no place for comments, and for people."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["PrintForge"]


class PrintForge:
    """Hands the comment to whatever writes."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def comment(self, markdown: str) -> None:
        """Write the comment."""
        self._write(markdown)
