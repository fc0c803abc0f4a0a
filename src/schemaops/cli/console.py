"""Where output goes and how it looks: width, colour, progress; secrets are struck out on the way.

Without a terminal nothing is coloured and rich is not even imported.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, TypeVar

from schemaops.reports.text import Style, Text, plain

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["colours", "progress", "redacted", "width", "write", "write_raw"]

_LOOKS = {
    Style.PLAIN: "",
    Style.ID: "yellow",
    Style.SQL: "cyan",
    Style.TITLE: "bold",
    Style.GOOD: "green",
    Style.WARN: "yellow",
    Style.BAD: "bold red",
    Style.DIM: "dim",
}

_SECRETS = (
    (re.compile(r"(\b[\w+.-]+://[^\s:/@]*):\S*@"), r"\1:***@"),
    (re.compile(r"(?i)\b(password|passwd|pwd)(\s*=\s*)('[^']*'|(?!\*\*\*)[^\s&;,)]+)"), r"\1\2***"),
)


_ADDRESS = re.compile(r"[\w+.-]+://")

T = TypeVar("T")


def redacted(text: str) -> str:
    """Return the text with the password of every address in it struck out."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def width() -> int:
    """Return how many columns there are to write in."""
    return shutil.get_terminal_size((100, 24)).columns


def colours(stream: TextIO) -> bool:
    """Return whether a stream takes colours: NO_COLOR and FORCE_COLOR first, then what it is."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def write(text: Text, *, error: bool = False) -> None:
    """Write lines to standard output, or to standard error."""
    stream = sys.stderr if error else sys.stdout
    if not colours(stream):
        write_raw(plain(text), error=error)
        return
    from rich.console import Console
    from rich.text import Text as Coloured

    console = Console(file=stream, force_terminal=True, highlight=False, soft_wrap=True)
    for row in text:
        console.print(
            Coloured.assemble(*((redacted(span.text), _LOOKS[span.style]) for span in row))
        )


def write_raw(text: str, *, error: bool = False) -> None:
    """Write text as it is, but for secrets."""
    stream = sys.stderr if error else sys.stdout
    stream.write(redacted(text))
    stream.flush()


def write_exactly(text: str) -> None:
    """Write to standard output what a machine reads: SQL in it is somebody's, and stays as it is."""
    sys.stdout.write(text)
    sys.stdout.flush()


def without_addresses(value: T) -> T:
    """Return plain data with the password of each address that is a value of its own struck out."""
    if isinstance(value, str):
        return redacted(value) if _ADDRESS.match(value) else value  # type: ignore[return-value]
    if isinstance(value, dict):
        return {key: without_addresses(one) for key, one in value.items()}  # type: ignore[return-value]
    if isinstance(value, list):
        return [without_addresses(one) for one in value]  # type: ignore[return-value]
    return value


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int, str], None]]:
    """Give a function to call with (done, total, now); it shows a bar where a person looks on."""
    if not colours(sys.stderr):
        yield _unseen
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(what, total=None)

        def advance(done: int, total: int, now: str) -> None:
            shown.update(task, completed=done, total=total, description=f"{what} {redacted(now)}")

        yield advance


def _unseen(done: int, total: int, now: str) -> None:
    """Show nothing: nobody looks on."""
