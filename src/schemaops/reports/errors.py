"""An error as something to read: what, where, the ways out as commands, and where to read more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NotRequired, TypedDict

from schemaops.errors import SchemaOpsError
from schemaops.reports.text import Span, Text, bad, dim, line

__all__ = ["ErrorReport", "ErrorShape", "FaultShape", "error_report", "error_shape", "hint_lines"]


class PlaceShape(TypedDict):
    """A line of a file."""

    file: str
    line: int | None


class FaultShape(TypedDict):
    """One of several errors."""

    code: str
    message: str
    place: PlaceShape | None
    hints: list[str]
    exit: int
    details: NotRequired[list[str]]


class ErrorShape(TypedDict):
    """Why a command did not succeed; it goes to standard error. Where there are several errors, this is
    the first, `exit` is the greatest of theirs, and `errors` lists them all."""

    format: Literal["schemaops.error/1"]
    code: str
    message: str
    place: PlaceShape | None
    hints: list[str]
    exit: int
    details: NotRequired[list[str]]
    errors: NotRequired[list[FaultShape]]


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """One error. A hint is a command; where it helps, what it comes to follows four spaces."""

    code: str
    message: str
    exit_code: int
    file: str | None = None
    line: int | None = None
    hints: tuple[str, ...] = ()
    details: tuple[str, ...] = ()

    @property
    def decision(self) -> bool:
        """Whether a person must decide something."""
        return self.exit_code == 1

    def shape(self) -> ErrorShape:
        """Return the error as plain data."""
        return error_shape((self,))

    def fault(self) -> FaultShape:
        """Return the error as plain data, as one of several."""
        place: PlaceShape | None = None
        if self.file is not None:
            place = {"file": self.file, "line": self.line}
        shape: FaultShape = {
            "code": self.code,
            "message": self.message,
            "place": place,
            "hints": [hint.partition("    ")[0] for hint in self.hints],
            "exit": self.exit_code,
        }
        if self.details:
            shape["details"] = list(self.details)
        return shape

    def text(self) -> Text:
        """Return the error as lines."""
        rows = [line(bad(f"error[{self.code}]"), f": {self.message}")]
        if self.file is not None:
            where = self.file if self.line is None else f"{self.file}:{self.line}"
            rows.append(line("  at: ", where))
        rows += (line("  ", detail) for detail in self.details)
        rows += hint_lines(
            tuple(one for one in self.hints if one != f"schemaops explain {self.code}")
        )
        rows.append(line(dim(f"  more: schemaops explain {self.code}")))
        return tuple(rows)


def error_shape(reports: Sequence[ErrorReport]) -> ErrorShape:
    """Return one error, or several, as one object."""
    every = [one.fault() for one in reports]
    shape: ErrorShape = {"format": "schemaops.error/1", **every[0]}  # type: ignore[typeddict-item]
    if len(every) > 1:
        shape["exit"] = max(one["exit"] for one in every)
        shape["errors"] = every
    return shape


def hint_lines(hints: tuple[str, ...], indent: str = "  ") -> Text:
    """Return hints, one a line, the first one headed."""
    wide = max((len(hint.partition("    ")[0]) for hint in hints), default=0)
    rows = []
    for place, hint in enumerate(hints):
        command, _, meaning = hint.partition("    ")
        head = "hint: " if place == 0 else "      "
        spans: list[str | Span] = [indent + head, command]
        if meaning:
            spans += (" " * (wide - len(command) + 4), dim(meaning.strip()))
        rows.append(line(*spans))
    return tuple(rows)


def error_report(error: SchemaOpsError) -> ErrorReport:
    """Return the report of an error."""
    place = error.place
    return ErrorReport(
        code=error.code,
        message=error.message,
        exit_code=int(error.cause),
        file=None if place is None else place.file,
        line=None if place is None else place.line,
        hints=error.hints,
        details=tuple(getattr(error, "details", ())),
    )
