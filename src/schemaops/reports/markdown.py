"""Markdown as forges render it: headings, tables, code that may hold anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

__all__ = ["Document", "code", "escaped", "fenced"]


@dataclass
class Document:
    """Markdown that is being written, block by block."""

    blocks: list[str] = field(default_factory=list)

    def heading(self, level: int, text: str) -> None:
        """Add a heading."""
        self.blocks.append(f"{'#' * level} {text}")

    def paragraph(self, text: str) -> None:
        """Add a paragraph."""
        self.blocks.append(text)

    def item(self, text: str) -> None:
        """Add an item of a list."""
        if self.blocks and self.blocks[-1].startswith("- "):
            self.blocks[-1] += f"\n- {text}"
        else:
            self.blocks.append(f"- {text}")

    def block(self, text: str, language: str) -> None:
        """Add a block of code."""
        self.blocks.append(fenced(text, language))

    def details(self, summary: str, inside: str) -> None:
        """Add something that is folded away."""
        self.blocks.append(
            f"<details><summary>{summary}</summary>\n\n{inside.strip()}\n\n</details>"
        )

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Add a table."""
        lines = [head, ["---"] * len(head), *rows]
        self.blocks.append("\n".join(f"| {' | '.join(map(_cell, row))} |" for row in lines))

    def text(self) -> str:
        """Return the whole document."""
        return "\n\n".join(self.blocks) + "\n"


def code(text: str) -> str:
    """Return text as code within a line, whatever backticks it holds."""
    flat = re.sub(r"\s+", " ", text).strip()
    longest = max((len(run) for run in re.findall(r"`+", flat)), default=0)
    ticks = "`" * (longest + 1)
    space = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{ticks}{space}{flat}{space}{ticks}"


def fenced(text: str, language: str) -> str:
    """Return text as a block of code, behind a fence that it cannot close."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    body = text if text.endswith("\n") else text + "\n"
    return f"{fence}{language}\n{body}{fence}"


def escaped(text: str) -> str:
    """Return text that stands for itself in Markdown: on one line, and nobody's name or number is
    made a link of."""
    flat = re.sub(r"\s+", " ", text).strip()
    marked = re.sub(r"([\\`*_{}\[\]<>|#~])", r"\\\1", flat)
    # A forge looks for people and for issues in what it rendered, so a backslash is no help.
    return re.sub(r"@(?=\w)|#(?=\d)", lambda found: f"{found[0]}<!-- -->", marked)


def _cell(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|")
