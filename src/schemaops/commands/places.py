"""The last known place of each environment: what a command saw when it last looked at the database.

One small file an environment, under git's folder; `status` reads these and connects to nothing.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from schemaops.commands.workspace import Workspace
from schemaops.plan.steps import Fact, MoveKind

__all__ = ["Place", "last_place", "remember_place"]


@dataclass(frozen=True, slots=True)
class Place:
    """What was seen of a database: when, at which revision it stood, what was applied there (each as
    its revision, migration and merge), the fingerprint, and whether it was the one expected."""

    seen: str
    revision: str | None
    position: str
    fingerprint: str | None
    drift: bool | None
    facts: tuple[tuple[str, str | None, str | None], ...] = ()

    def applied(self) -> tuple[Fact, ...]:
        """Return the applied facts, without the statements."""
        return tuple(
            Fact(MoveKind.APPLY, revision, migration, merge=merge)
            for revision, migration, merge in self.facts
        )


def remember_place(workspace: Workspace, environment: str, place: Place) -> None:
    """Keep what was seen of an environment; that it cannot be kept is no failure of the command."""
    file = _file(workspace, environment)
    half = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        half.write_text(json.dumps(asdict(place)), encoding="utf-8")
        half.replace(file)
    except OSError:
        half.unlink(missing_ok=True)


def last_place(workspace: Workspace, environment: str) -> Place | None:
    """Return what was last seen of an environment, None where nobody looked yet."""
    try:
        value = json.loads(_file(workspace, environment).read_text(encoding="utf-8"))
        facts = tuple(tuple(fact) for fact in value.pop("facts"))
        return Place(facts=facts, **value)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _file(workspace: Workspace, environment: str) -> Path:
    return workspace.own / "places" / f"{environment}.json"
