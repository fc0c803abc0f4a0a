"""Forge: where changes are reviewed, and where the one comment of a pull request is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Change", "Forge", "mark"]


def mark(project: str) -> str:
    """Return the hidden line that begins every comment of ours on a project, so that it is found
    again and kept up to date; a repository may hold several projects."""
    # Two hyphens would end it.
    return f"<!-- schemaops {project.replace('--', '- -')} -->"


@dataclass(frozen=True, slots=True)
class Change:
    """A pull request as a CI system names it. `base` and `head` are what to look for in the clone,
    the likeliest first; `branch` is what people call the head."""

    base: tuple[str, ...]
    head: tuple[str, ...]
    branch: str
    number: str | None = None


class Forge(Protocol):
    """A place that shows the comment of a pull request."""

    def comment(self, markdown: str) -> None:
        """Show the comment, in place of an earlier one of ours."""
        ...
