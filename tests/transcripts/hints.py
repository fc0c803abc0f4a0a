"""Every hint that a command prints, typed: in a copy of the folder, as it was when it was printed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.transcripts.sessions import Session

__all__ = ["hints", "untypeable"]

_HINT = re.compile(r"^(?P<margin> *)hint: (?P<command>.+)$")
_IDS = re.compile(r"\b[0-9a-f]{7,40}\b")


def hints(printed: str) -> Iterator[str]:
    """Yield the commands of all hints in what was printed."""
    margin: str | None = None
    for row in printed.splitlines():
        found = _HINT.match(row)
        if found:
            margin = found["margin"] + " " * len("hint: ")
            yield found["command"].partition("    ")[0]
        elif margin is not None and row.startswith(margin) and row[len(margin) :].strip():
            yield row[len(margin) :].partition("    ")[0]
        else:
            margin = None


def untypeable(printed: str, session: Session, seen: set[str]) -> Iterator[str]:
    """Yield the hints that cannot be typed there; those alike were `seen` and are typed once."""
    for hint in hints(printed):
        form = _IDS.sub("ID", hint)
        if form in seen:
            continue
        seen.add(form)
        copy = session.folder.parent / "copies" / str(len(seen)) / session.folder.name
        shutil.copytree(session.folder, copy, symlinks=True)
        answer, code = Session(copy, _without_editors(session)).command(hint)
        # It may ask for a decision, or miss a server; it must be a command, and understood.
        if code in (70, 126, 127, 129) or "[SO790]" in answer:
            yield f"`{hint}` ended with {code}: {answer.strip()[:300]}"
        _remove(copy.parent)


def _without_editors(session: Session) -> dict[str, str]:
    return {**session.environ, "GIT_EDITOR": "true", "GIT_TERMINAL_PROMPT": "0"}


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
