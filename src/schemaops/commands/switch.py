"""``switch``: make another branch the current one. Files only: no database is touched."""

from __future__ import annotations

from schemaops.commands.workspace import Workspace
from schemaops.reports.done import DoneReport

__all__ = ["switch"]


def switch(workspace: Workspace, name: str, *, create: bool = False) -> DoneReport:
    """Check a branch out, made first where `create` says so."""
    repository = workspace.repository()
    if create:
        repository.create_branch(name)
    made = repository.switch(name)
    workspace.refresh()
    heads = workspace.dag.heads()
    stands = ", ".join(one[:7] for one in heads) or "base"
    followers = [one.name for one in workspace.config.environments.values() if one.follow]
    return DoneReport(
        "switch",
        (f"on branch {made.name}, at {stands}; no database was touched",),
        {"branch": made.name, "commit": made.commit, "heads": " ".join(heads)},
        tuple(f"schemaops replay {one}" for one in followers),
    )
