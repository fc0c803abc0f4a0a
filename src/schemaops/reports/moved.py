"""Revisions moved to another parent: rebased or picked, with what was reworded for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.reports.errors import hint_lines
from schemaops.reports.text import (
    Line,
    Span,
    Style,
    Text,
    count,
    dim,
    good,
    ident,
    line,
    one_line,
    short,
    warn,
)

__all__ = ["MovedReport", "MovedRevision", "MovedShape"]


class MovedRevisionShape(TypedDict):
    """A revision: `to` is null where nothing was left of it. `before` and `carried` are its statements
    where they were reworded, and empty where the author's bytes stand."""

    former: str
    to: str | None
    title: str
    before: list[str]
    carried: list[str]
    rehearsed: str | None
    notes: list[str]


class MovedShape(TypedDict):
    """What `rebase` or `cherry-pick` came to; where there are conflicts they print a merge instead."""

    format: Literal["schemaops.moved/1"]
    command: str
    how: str
    name: str
    onto: str | None
    head: str | None
    revisions: list[MovedRevisionShape]
    decided: list[str]
    hints: list[str]


@dataclass(frozen=True, slots=True)
class MovedRevision:
    """One revision: where it was, and what it is now."""

    former: str
    made: str | None
    title: str
    before: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    rehearsed: str | None = None
    notes: tuple[str, ...] = ()

    def shape(self) -> MovedRevisionShape:
        """Return it as plain data."""
        return {
            "former": self.former,
            "to": self.made,
            "title": self.title,
            "before": list(self.before),
            "carried": list(self.carried),
            "rehearsed": self.rehearsed,
            "notes": list(self.notes),
        }

    def lines(self) -> Text:
        """Return it as lines: where it went, and what was reworded."""
        if self.made is None:
            return (
                line("  ", ident(short(self.former)), f" {self.title}: ", warn("nothing is left")),
            )
        state = "reworded" if self.carried else "as it stands"
        rows: list[Line] = [
            line(
                "  ",
                ident(short(self.former)),
                " is now ",
                ident(short(self.made)),
                f" {self.title}",
                dim(f"  {state}"),
            )
        ]
        kept = set(self.before) & set(self.carried)
        rows += (line("    - ", Span(one_line(s), Style.DIM)) for s in self.before if s not in kept)
        rows += (
            line("    + ", Span(one_line(s), Style.SQL)) for s in self.carried if s not in kept
        )
        rows += (line("    ", warn("note"), f": {note}") for note in self.notes)
        return tuple(rows)


@dataclass(frozen=True, slots=True)
class MovedReport:
    """What moving revisions came to."""

    command: str
    how: str
    name: str
    onto: str | None = None
    head: str | None = None
    revisions: tuple[MovedRevision, ...] = ()
    decided: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def decision(self) -> bool:
        """Nothing is left to decide."""
        return False

    def shape(self) -> MovedShape:
        """Return it as plain data."""
        return {
            "format": "schemaops.moved/1",
            "command": self.command,
            "how": self.how,
            "name": self.name,
            "onto": self.onto,
            "head": self.head,
            "revisions": [one.shape() for one in self.revisions],
            "decided": list(self.decided),
            "hints": [hint.partition("    ")[0] for hint in self.hints],
        }

    def text(self) -> Text:
        """Return it as lines."""
        moved = sum(one.made is not None for one in self.revisions)
        if not self.revisions:
            return (line(good(self.how), f": {self.name}"), *hint_lines(self.hints))
        number = count(moved, "revision")
        where = f" {number} onto " if self.command == "rebase" else f" {self.name} onto "
        rows: list[Line] = [line(good(self.how), where, ident(short(self.onto)))]
        for one in self.revisions:
            rows += one.lines()
        if self.decided:
            rows.append(line(good("decided"), f": {', '.join(one[:8] for one in self.decided)}"))
        rehearsed = next((one.rehearsed for one in self.revisions if one.rehearsed), None)
        if rehearsed is not None:
            rows.append(line("  ", good("rehearsed"), f" forth and back on {rehearsed}"))
        rows += hint_lines(self.hints)
        return tuple(rows)
