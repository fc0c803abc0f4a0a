"""Text for people: lines of spans, each span with a style that a terminal may colour.

Text is aligned here and coloured at the edge, so that it reads alike in a pipe, a file and a test.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "Line",
    "Span",
    "Style",
    "Text",
    "aligned",
    "bad",
    "count",
    "dim",
    "good",
    "ident",
    "line",
    "one_line",
    "plain",
    "short",
    "sql_lines",
    "title",
    "warn",
]


class Style(StrEnum):
    """What a span is; the edge decides how that looks."""

    PLAIN = "plain"
    ID = "id"
    SQL = "sql"
    TITLE = "title"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    DIM = "dim"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line in one style."""

    text: str
    style: Style = Style.PLAIN


Line = tuple[Span, ...]
Text = tuple[Line, ...]


def line(*parts: str | Span) -> Line:
    """Return one line; bare strings are plain."""
    return tuple(Span(part) if isinstance(part, str) else part for part in parts)


def ident(text: str) -> Span:
    """Return a span that is an id."""
    return Span(text, Style.ID)


def title(text: str) -> Span:
    """Return a span that heads what follows."""
    return Span(text, Style.TITLE)


def good(text: str) -> Span:
    """Return a span that says all is well."""
    return Span(text, Style.GOOD)


def warn(text: str) -> Span:
    """Return a span to look at."""
    return Span(text, Style.WARN)


def bad(text: str) -> Span:
    """Return a span that says something is wrong."""
    return Span(text, Style.BAD)


def dim(text: str) -> Span:
    """Return a span in the background."""
    return Span(text, Style.DIM)


def short(revision: str | None) -> str:
    """Return a revision id as people type it; the base by its name."""
    return "base" if revision is None else revision[:7]


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def one_line(sql: str, width: int = 72) -> str:
    """Return SQL on one line, cut where it is longer than `width`."""
    flat = re.sub(r"\s+", " ", sql).strip()
    return flat if len(flat) <= width else flat[: width - 1].rstrip() + "…"


def sql_lines(sql: str, indent: str = "    ") -> Text:
    """Return SQL as it stands, indented."""
    return tuple(
        line(indent, Span(row, Style.SQL)) if row else () for row in sql.rstrip("\n").split("\n")
    )


def aligned(rows: Iterable[Sequence[str | Span]], indent: str = "  ", gap: str = "  ") -> Text:
    """Return rows with their cells in columns as wide as each needs; the last is left as it is."""
    table = [line(*row) for row in rows]
    widths: dict[int, int] = {}
    for row in table:
        for place, cell in enumerate(row[:-1]):
            widths[place] = max(widths.get(place, 0), len(cell.text))
    return tuple(_padded(row, widths, indent, gap) for row in table)


def _padded(row: Line, widths: dict[int, int], indent: str, gap: str) -> Line:
    spans = [Span(indent)] if indent else []
    last = max((place for place, cell in enumerate(row) if cell.text), default=0)
    for place, cell in enumerate(row[: last + 1]):
        spans.append(cell)
        if place < last:
            spans.append(Span(" " * (widths[place] - len(cell.text)) + gap))
    return tuple(spans)


def plain(text: Text) -> str:
    """Return the text without styles, each line ended."""
    return "".join("".join(span.text for span in row).rstrip() + "\n" for row in text)
