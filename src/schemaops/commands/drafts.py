"""Drafts: migrations being written, as files of SQL with a message and, if wanted, a down.

::

    -- message: Add orders

    CREATE TABLE orders (id BIGINT PRIMARY KEY);

    -- down
    DROP TABLE orders;

Only the message and the marker are ours; what stands between is the author's, byte for byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemaops.history.revision import Header, RevisionId, file_name

__all__ = ["Draft", "draft_name", "read_draft", "template"]

_MESSAGE = re.compile(r"\A\s*-- message: ?(?P<first>.*)\n(?P<rest>(?:--   .*\n|--\n)*)")
_DOWN = re.compile(r"^-- down[ \t]*$\n?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a draft says: its message, the migration, and a hand-written down where there is one,
    with the lines on which the two begin."""

    message: str
    up: str
    down: str | None = None
    up_line: int = 1
    down_line: int = 1


def read_draft(text: str) -> Draft:
    """Return what the text of a draft says."""
    message, start = "", 0
    found = _MESSAGE.match(text)
    if found:
        rest = [row[5:] for row in found["rest"].splitlines()]
        message, start = "\n".join((found["first"].strip(), *rest)).strip(), found.end()
    marker = _DOWN.search(text, start)
    up, up_line = _section(text, start, marker.start() if marker else len(text))
    if marker is None:
        return Draft(message, up, None, up_line)
    down, down_line = _section(text, marker.end(), len(text))
    return Draft(message, up, down, up_line, down_line)


def _section(text: str, start: int, end: int) -> tuple[str, int]:
    whole = text[start:end]
    kept = whole.strip("\n")
    skipped = len(whole) - len(whole.lstrip("\n"))
    return (f"{kept}\n" if kept else ""), 1 + text.count("\n", 0, start + skipped)


def draft_name(message: str, taken: tuple[str, ...]) -> str:
    """Return a file name for a draft with this message that is not taken."""
    slug = file_name(RevisionId("0" * 40), Header(message=message)).partition("-")[2]
    stem = slug.removesuffix(".sql")
    name, number = f"{stem}.sql", 2
    while name in taken:
        name, number = f"{stem}-{number}.sql", number + 1
    return name


def template(message: str) -> str:
    """Return what a new draft begins with."""
    first, *rest = message.split("\n")
    lines = [f"-- message: {first}", *(f"--   {row}" if row else "--" for row in rest), "", ""]
    return "\n".join(lines)
