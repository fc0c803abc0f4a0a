"""Whether a script looks away from SQLite's foreign keys, as one that rebuilds a table must."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["bare", "rebuilds"]

# Within a transaction it has no effect: whoever begins the transaction looks away for the script.
_LOOKS_AWAY = re.compile(r"\s*PRAGMA\s+foreign_keys\s*[=(]\s*(?:off|0|no|false)\b", re.IGNORECASE)
_COMMENTS = re.compile(
    r"\A(?:\s+|--[^\n]*(?:\n|\Z)|#[^\n]*(?:\n|\Z)|/\*(?![!+M]).*?\*/)+", re.DOTALL
)
_DROPPED = re.compile(
    r"\s*DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?(\"(?:[^\"]|\"\")+\"|`[^`]+`|\[[^\]]+\]|[\w.]+)",
    re.IGNORECASE,
)
_RENAMED = re.compile(
    r"\s*ALTER\s+TABLE\s+.*?\bRENAME\s+TO\s+(\"(?:[^\"]|\"\")+\"|`[^`]+`|\[[^\]]+\]|[\w.]+)\s*\Z",
    re.IGNORECASE | re.DOTALL,
)


def bare(statement: str) -> str:
    """Return a statement without the comments before it."""
    return _COMMENTS.sub("", statement)


def rebuilds(statements: Iterable[str]) -> bool:
    """Return whether a table is dropped and another takes its name, SQLite's way to alter one, or
    foreign keys are not to be minded."""
    dropped: set[str] = set()
    for one in statements:
        text = bare(one)
        if _LOOKS_AWAY.match(text):
            return True
        if drop := _DROPPED.match(text):
            dropped.add(_bare_name(drop[1]))
        elif (rename := _RENAMED.match(text)) and _bare_name(rename[1]) in dropped:
            return True
    return False


def _bare_name(name: str) -> str:
    return name.rpartition(".")[2].strip('"`[]').lower()
