"""A commit half done: what it seals, noted under git's folder before it writes anything.

A commit that is killed between the revision and what goes with it (the draft, the revision that is
amended) is finished by the next one, and nothing is sealed twice.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from schemaops.commands.workspace import Workspace
from schemaops.history.revision import RevisionId

__all__ = ["HalfDone", "begin", "end", "taken_up"]


@dataclass(frozen=True, slots=True)
class HalfDone:
    """The revision that a commit adds, the draft it makes it of, and the revision it replaces."""

    revision: RevisionId
    draft: str | None = None
    replaced: RevisionId | None = None


def begin(workspace: Workspace, half: HalfDone) -> None:
    """Note a commit before it writes."""
    file = _file(workspace)
    # Where nothing can be noted, a commit that is killed is no worse off than without.
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        written = file.with_name(f".{file.name}.{os.getpid()}")
        written.write_text(json.dumps(asdict(half)), encoding="utf-8")
        written.replace(file)


def end(workspace: Workspace) -> None:
    """Forget the commit that was half done."""
    with suppress(OSError):
        _file(workspace).unlink(missing_ok=True)


def taken_up(workspace: Workspace) -> HalfDone | None:
    """Return the commit that was killed after it had added its revision, now staged and without the one
    that it replaces; None where there is none."""
    try:
        half = HalfDone(**json.loads(_file(workspace).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    store = workspace.writing()
    if half.revision not in store.ids():
        end(workspace)
        return None
    if workspace.git is not None:
        path = f"{workspace.within}/revisions/{store.ids()[half.revision]}"
        workspace.repository().stage({path: store.read(half.revision)})
    if half.replaced is not None and half.replaced in store.ids():
        store.remove(half.replaced)
    end(workspace)
    workspace.refresh()
    return half


def _file(workspace: Workspace) -> Path:
    return workspace.own / "committing.json"
