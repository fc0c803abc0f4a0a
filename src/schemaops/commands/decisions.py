"""Resolutions in a store: what a person decided, by conflict id, naming the winning statement.

::

    -- schemaops resolution 1
    -- conflict: 7c1e03d2a4b5c6f7
    -- code: SO301
    -- winner: 5f1c…

`winner` and `first` name a statement by the digest of its tokens, never a side: the decision is found
again from either side and on any branch. `edited` is followed by the statements to put in place of
both.
"""

from __future__ import annotations

import re

from schemaops.errors import Place, SchemaOpsError
from schemaops.merge import Conflict, Decision, Edited, Resolution
from schemaops.merge.conflicts import statement_id
from schemaops.store.base import Store

__all__ = ["UnreadableResolution", "decided", "resolution_text", "write"]

_FIRST = "-- schemaops resolution 1\n"
_LINE = re.compile(r"-- (?P<key>[a-z]+): ?(?P<value>.*)\n")


class UnreadableResolution(SchemaOpsError):
    """A file among the resolutions is not one that SchemaOps wrote.

    Take it from git again, or remove it and decide anew: `schemaops merge` lists the conflict.
    """

    code = "SO330"


def decided(store: Store, conflict: Conflict, dialect: str) -> Resolution | None:
    """Return what was decided for a conflict, as it reads from this side; None where nothing was."""
    name = f"{conflict.id}.sql"
    if name not in store.resolutions():
        return None
    facts, rest = _read(store.read_resolution(name), f"{store.shown}/resolutions/{name}")
    if "edited" in facts:
        return Edited(rest)
    named = facts.get("winner") or facts.get("first")
    ours = statement_id(conflict.ours_group.text, dialect)
    theirs = statement_id(conflict.theirs_group.text, dialect)
    if named not in (ours, theirs):
        return None
    if "winner" in facts:
        return Decision.OURS if named == ours else Decision.THEIRS
    return Decision.OURS_FIRST if named == ours else Decision.THEIRS_FIRST


def write(store: Store, conflict: Conflict, resolution: Resolution, dialect: str) -> str:
    """Write what was decided for a conflict; return the name of its file."""
    name = f"{conflict.id}.sql"
    store.write_resolution(name, resolution_text(conflict, resolution, dialect).encode())
    return name


def resolution_text(conflict: Conflict, resolution: Resolution, dialect: str) -> str:
    """Return a decision as it is written down."""
    ours = statement_id(conflict.ours_group.text, dialect)
    theirs = statement_id(conflict.theirs_group.text, dialect)
    match resolution:
        case Edited(sql):
            said, rest = "edited: by hand", f"\n{sql.strip()}\n"
        case Decision.OURS | Decision.THEIRS:
            won, text = (
                (ours, conflict.ours_group.text)
                if resolution is Decision.OURS
                else (theirs, conflict.theirs_group.text)
            )
            said, rest = f"winner: {won}", _shown(text)
        case _:
            first, text = (
                (ours, conflict.ours_group.text)
                if resolution is Decision.OURS_FIRST
                else (theirs, conflict.theirs_group.text)
            )
            said, rest = f"first: {first}", _shown(text)
    return f"{_FIRST}-- conflict: {conflict.id}\n-- code: {conflict.code}\n-- {said}\n{rest}"


def _shown(text: str) -> str:
    return "\n" + "".join(f"--   {row}\n" for row in text.splitlines())


def _read(data: bytes, file: str) -> tuple[dict[str, str], str]:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise UnreadableResolution("the resolution is not UTF-8", place=Place(file)) from error
    if not text.startswith(_FIRST):
        raise UnreadableResolution(
            f"a resolution begins with `{_FIRST.strip()}`", place=Place(file, 1)
        )
    facts: dict[str, str] = {}
    at = len(_FIRST)
    while found := _LINE.match(text, at):
        facts[found["key"]] = found["value"]
        at = found.end()
    if not facts.keys() & {"winner", "first", "edited"}:
        raise UnreadableResolution(
            "the resolution does not say what was decided", place=Place(file)
        )
    return facts, text[at:]
