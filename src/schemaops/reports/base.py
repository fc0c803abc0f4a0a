"""Report: what a command returns, to be shown as text, JSON or Markdown.

A report's class, the shape of its JSON and its text stand in one file a subject. The shape is a
`TypedDict`: the type checker holds the report to it, and its JSON Schema is made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from schemaops.reports.text import Text

__all__ = ["Report"]


class Report(Protocol):
    """What a command found out or did. It decides nothing and opens nothing."""

    @property
    def decision(self) -> bool:
        """Whether something is left that a person must decide; the exit code is 1 then."""
        ...

    def shape(self) -> Mapping[str, object]:
        """Return the report as plain data, its first key `format`."""
        ...

    def text(self) -> Text:
        """Return the report as lines for a person."""
        ...
