"""The root of every error: a stable code, a place, and hints that can be typed.

Only the root lives here; each error class sits beside the code that raises it, and its docstring is
the page that ``schemaops explain CODE`` prints. Text for a person is made at the edge, in `cli`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

__all__ = ["Cause", "Place", "SchemaOpsError"]


class Cause(IntEnum):
    """Why a command did not succeed; the value is its exit code."""

    DECISION = 1
    USAGE = 2
    WORLD = 3
    BUG = 70


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, as a reader would look for it."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


class SchemaOpsError(Exception):
    """An error that SchemaOps foresaw; subclasses give it a code and a page."""

    code: ClassVar[str] = "SO000"
    cause: ClassVar[Cause] = Cause.USAGE

    def __init__(
        self, message: str, *, place: Place | None = None, hints: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.hints = hints
