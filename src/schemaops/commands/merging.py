"""A merge half done: what is being merged, and what was there before, kept under git's folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from schemaops.commands.workspace import Workspace

__all__ = ["UnderWay", "begin", "end", "under_way"]


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A merge that waits for decisions: the name of theirs, both heads, whether SchemaOps began the
    merge of git as well, and the decisions so far by conflict id."""

    name: str
    ours: str
    theirs: str
    git: bool = False
    decisions: Mapping[str, str] = field(default_factory=dict)


def begin(workspace: Workspace, state: UnderWay) -> None:
    """Keep a merge that is half done."""
    file = _file(workspace)
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(".half")
    half.write_text(json.dumps({**asdict(state), "decisions": dict(state.decisions)}))
    half.replace(file)


def under_way(workspace: Workspace) -> UnderWay | None:
    """Return the merge that is half done, None where there is none."""
    try:
        return UnderWay(**json.loads(_file(workspace).read_text()))
    except (FileNotFoundError, NotADirectoryError):
        return None


def end(workspace: Workspace) -> None:
    """Forget the merge that was half done."""
    _file(workspace).unlink(missing_ok=True)


def _file(workspace: Workspace) -> Path:
    return workspace.own / "merging.json"
