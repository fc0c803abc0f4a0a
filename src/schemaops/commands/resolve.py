"""``resolve``: decide a conflict of the merge under way."""

from __future__ import annotations

from dataclasses import dataclass

from schemaops.commands import merging
from schemaops.commands.decisions import write
from schemaops.commands.merge import NoMerge
from schemaops.commands.merged import Heads, merge_heads
from schemaops.commands.scripts import read_script
from schemaops.commands.workspace import Workspace
from schemaops.errors import SchemaOpsError
from schemaops.history.revision import RevisionId
from schemaops.merge import Conflict, Decision, Edited, Resolution
from schemaops.reports.merged import MergedReport

__all__ = ["NoDecision", "UnknownConflict", "Wanted", "resolve"]


class UnknownConflict(SchemaOpsError):
    """No conflict that is left has an id that begins so, or several have.

    `schemaops merge` lists the conflicts that are left, each with its id in the hints.
    """

    code = "SO334"


class NoDecision(SchemaOpsError):
    """A conflict was named, and not one decision for it.

    Say one of `--ours`, `--theirs`, `--order ours-first`, `--order theirs-first`, or
    `--edit FILE` with the statements to put in the place of both.
    """

    code = "SO335"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A decision for the conflict whose id begins with `id`."""

    id: str
    ours: bool = False
    theirs: bool = False
    order: str | None = None
    edit: str | None = None


def resolve(workspace: Workspace, wanted: Wanted) -> MergedReport:
    """Write a decision down, and return what is left to decide."""
    state = merging.under_way(workspace)
    if state is None:
        raise NoMerge("no merge is under way", hints=("schemaops status",))
    heads = Heads(RevisionId(state.ours), RevisionId(state.theirs))
    found = merge_heads(workspace, (workspace.tree,), heads)
    conflict = _conflict(found.merge.conflicts, wanted.id)
    resolution = _resolution(wanted, conflict)
    write(workspace.writing(), conflict, resolution, workspace.dialect)
    again = merge_heads(workspace, (workspace.tree,), heads)
    hints = (
        ("schemaops merge --continue",)
        if again.merge.clean
        else ("schemaops merge --continue    when all are decided",)
    )
    return MergedReport(
        state.name,
        f"{conflict.id[:8]} is decided" + ("" if again.merge.conflicts else ", nothing is left"),
        ours=heads.ours,
        conflicts=again.merge.conflicts,
        decided=tuple(again.resolutions),
        hints=hints,
    )


def _conflict(conflicts: tuple[Conflict, ...], prefix: str) -> Conflict:
    found = [one for one in conflicts if prefix and one.id.startswith(prefix.lower())]
    if len(found) != 1:
        what = "no conflict" if not found else f"{len(found)} conflicts"
        raise UnknownConflict(
            f"{what} of those left begins with {prefix}", hints=("schemaops merge --dry-run",)
        )
    return found[0]


def _resolution(wanted: Wanted, conflict: Conflict) -> Resolution:
    given: list[Resolution] = []
    if wanted.ours:
        given.append(Decision.OURS)
    if wanted.theirs:
        given.append(Decision.THEIRS)
    if wanted.order is not None:
        given += (one for one in Decision if one.value == f"order {wanted.order}")
    if wanted.edit is not None:
        given.append(Edited(read_script(wanted.edit).text))
    retry = f"schemaops resolve {conflict.id[:8]}"
    if len(given) != 1:
        raise NoDecision(
            "say one decision", hints=tuple(f"{retry} --{one.value}" for one in conflict.decisions)
        )
    (resolution,) = given
    if isinstance(resolution, Decision) and resolution not in conflict.decisions:
        raise NoDecision(
            f"{resolution.value} does not settle this conflict",
            hints=tuple(f"{retry} --{one.value}" for one in conflict.decisions),
        )
    return resolution
