"""An explanation: the page of a code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.reports.text import Text, ident, line, title

__all__ = ["ExplanationReport", "ExplanationShape"]


class ExplanationShape(TypedDict):
    """What a code means, and what to do about it."""

    format: Literal["schemaops.explanation/1"]
    code: str
    name: str
    page: str


@dataclass(frozen=True, slots=True)
class ExplanationReport:
    """The page of one code."""

    code: str
    name: str
    page: str

    @property
    def decision(self) -> bool:
        """Nothing is left to decide."""
        return False

    def shape(self) -> ExplanationShape:
        """Return the page as plain data."""
        return {
            "format": "schemaops.explanation/1",
            "code": self.code,
            "name": self.name,
            "page": self.page,
        }

    def text(self) -> Text:
        """Return the page as lines."""
        head = line(ident(self.code), " ", title(self.name))
        return (head, (), *(line(row) for row in self.page.splitlines()))
