"""Files that hold both ways, apart by marker lines: what goose, dbmate and sql-migrate share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from schemaops.errors import Place
from schemaops.interop.base import MalformedForeignFile, Passage

__all__ = ["Marked", "Marker", "sections"]


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker line: its words in lower case, the line's number, and where it starts and ends."""

    words: tuple[str, ...]
    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Marked:
    """A file's two ways, and the words that stand behind their markers."""

    up: Passage | None
    down: Passage | None
    options: tuple[str, ...] = ()


def sections(passage: Passage, prefix: str) -> Marked:
    """Return the passages behind the markers `up` and `down`; raise MalformedForeignFile.

    `prefix` is the pattern of what stands before a marker's word. A statement between
    `StatementBegin` and `StatementEnd` that ends in no semicolon is given one.
    """
    found = list(_markers(passage.text, prefix))
    ways: dict[str, Passage] = {}
    options: list[str] = []
    heads = [one for one in found if one.words[:1] in (("up",), ("down",))]
    options += (" ".join(one.words) for one in found if one not in heads)
    for place, head in enumerate(heads):
        way = head.words[0]
        if way in ways:
            raise _wrong(passage, head, f"a second marker `{way}`")
        end = heads[place + 1].start if place + 1 < len(heads) else len(passage.text)
        text = passage.text[head.end : end]
        ways[way] = Passage(text, passage.file, passage.line + head.line)
        options += head.words[1:]
    for way, found_way in ways.items():
        ways[way] = _closed(found_way, prefix)
    if "down" in ways and "up" in ways and heads[0].words[0] == "down":
        raise _wrong(passage, heads[0], "`down` stands before `up`")
    return Marked(ways.get("up"), ways.get("down"), tuple(options))


def _closed(passage: Passage, prefix: str) -> Passage:
    """Return the passage with a semicolon behind every statement that its markers end."""
    text, depth = passage.text, 0
    inserts: list[int] = []
    for one in _markers(text, prefix):
        word = "".join(one.words[:1])
        if word == "statementbegin":
            depth += 1
        elif word == "statementend":
            if depth == 0:
                raise _wrong(passage, one, "`StatementEnd` without `StatementBegin`")
            depth -= 1
            before = text[: one.start].rstrip()
            if not before.endswith(";"):
                inserts.append(len(before))
    if depth:
        raise MalformedForeignFile(
            "`StatementBegin` has no `StatementEnd`", place=Place(passage.file, passage.line)
        )
    for at in reversed(inserts):
        line = text[text.rfind("\n", 0, at) + 1 : at]
        text = text[:at] + ("\n;" if "--" in line else ";") + text[at:]
    return Passage(text, passage.file, passage.line)


def _markers(text: str, prefix: str) -> Iterator[Marker]:
    for one in re.finditer(
        rf"^[ \t]*{prefix}[ \t]*(.*?)[ \t]*\r?$\n?", text, re.MULTILINE | re.IGNORECASE
    ):
        words = tuple(one[1].lower().split())
        line = text.count("\n", 0, one.start()) + 1
        yield Marker(words, line, one.start(), one.end())


def _wrong(passage: Passage, at: Marker, what: str) -> MalformedForeignFile:
    return MalformedForeignFile(
        f"{what} in one file" if what.startswith("a second") else what,
        place=Place(passage.file, passage.line + at.line - 1),
    )
