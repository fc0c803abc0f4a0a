"""A whole schema in one file, with the versions it stands for: Rails' `structure.sql` and its like."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemaops.interop.base import (
    Files,
    ForeignHistory,
    ForeignMigration,
    Format,
    Passage,
    Settings,
)

__all__ = ["STRUCTURE"]

_NAMES = ("structure.sql", "schema.sql")
_INSERT = re.compile(
    r"^INSERT\s+INTO\s+[`\"\w.]*schema_migrations[`\"]?\s*\(\s*[`\"]?version[`\"]?\s*\)\s*VALUES"
    r"\s*((?:\(\s*'[^']+'\s*\)[\s,]*)+);[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)


def _file(files: Files) -> str | None:
    if files.focus is not None and files.focus.endswith(".sql"):
        return files.focus
    return next((path for path in files.paths if path.rpartition("/")[2] in _NAMES), None)


def _fits(files: Files) -> bool:
    path = _file(files)
    return path is not None and (files.focus is not None or bool(_INSERT.search(files.text(path))))


def _read(files: Files, settings: Settings) -> ForeignHistory:
    path = _file(files)
    if path is None:
        return ForeignHistory("structure", ())
    passage = files.passage(path)
    versions = tuple(sorted(set(_versions(passage.text))))
    # What the tool writes into its own table it writes itself; line breaks stay.
    text = _INSERT.sub(lambda found: "\n" * found[0].count("\n"), passage.text)
    last = versions[-1] if versions else path.rpartition("/")[2]
    whole = ForeignMigration(
        id=last,
        title=f"The schema of {path.rpartition('/')[2]}",
        up=Passage(text, passage.file),
        whole=True,
        stands_for=versions[:-1],
    )
    notes = (f"it stands for {len(versions)} versions",) if versions else ()
    return ForeignHistory("structure", () if whole.id in settings.skip else (whole,), notes=notes)


def _versions(text: str) -> Iterator[str]:
    for found in _INSERT.finditer(text):
        yield from re.findall(r"'([^']+)'", found[1])


STRUCTURE = Format("structure", _fits, _read)
