"""Small things done: what was made or moved, and what to type next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypedDict

from schemaops.reports.errors import hint_lines
from schemaops.reports.text import Text, line

__all__ = ["DoneReport", "DoneShape"]


class DoneShape(TypedDict):
    """What a command did; `facts` names what it made."""

    format: Literal["schemaops.done/1"]
    command: str
    facts: dict[str, str]
    notes: list[str]
    hints: list[str]


@dataclass(frozen=True, slots=True)
class DoneReport:
    """What a command did, in sentences, and what may be typed next."""

    command: str
    notes: tuple[str, ...]
    facts: dict[str, str] = field(default_factory=dict)
    hints: tuple[str, ...] = ()

    @property
    def decision(self) -> bool:
        """Nothing is left to decide."""
        return False

    def shape(self) -> DoneShape:
        """Return it as plain data."""
        return {
            "format": "schemaops.done/1",
            "command": self.command,
            "facts": dict(self.facts),
            "notes": list(self.notes),
            "hints": [hint.partition("    ")[0] for hint in self.hints],
        }

    def text(self) -> Text:
        """Return it as lines."""
        return (*(line(note) for note in self.notes), *hint_lines(self.hints))
