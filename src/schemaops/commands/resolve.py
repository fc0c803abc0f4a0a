"""``resolve``: decide a conflict of the merge under way, or list what is left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from schemaops.commands import merging
from schemaops.commands.cherry_pick import found_pick
from schemaops.commands.merge import COMMANDS, NoMerge, merged_report, merging_now, write
from schemaops.commands.merged import Merged, join
from schemaops.commands.scripts import UnreadableFile
from schemaops.commands.workspace import Workspace
from schemaops.errors import Place, SchemaOpsError
from schemaops.history.revision import RevisionId
from schemaops.history.sealing import sealed_text
from schemaops.merge.conflicts import Conflict, Decision
from schemaops.merge.decisions import Verdict, verdict_of
from schemaops.merge.resolutions import Edited, Resolution, Unresolved
from schemaops.reports.merged import MergedReport

__all__ = ["NoDecision", "UnknownConflict", "Wanted", "resolve"]


class UnknownConflict(SchemaOpsError):
    """No conflict of the merge under way has an id that begins so, or several have.

    `schemaops resolve` lists the conflicts that are left, each with its id in the hints.
    """

    code = "SO334"


class NoDecision(SchemaOpsError):
    """A conflict was named, and not one decision that settles it.

    Say one of `--ours`, `--theirs`, `--order ours-first`, `--order theirs-first` (where that order
    works), or `--edit FILE` with the statements to put in the place of both.
    """

    code = "SO335"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A decision for the conflict whose id begins with `id`; None to see what is left."""

    id: str | None = None
    ours: bool = False
    theirs: bool = False
    order: str | None = None
    edit: str | None = None

    @property
    def given(self) -> bool:
        """Whether there is a decision."""
        return self.ours or self.theirs or self.order is not None or self.edit is not None


def resolve(workspace: Workspace, wanted: Wanted) -> MergedReport:
    """Write a decision down, and return what is left to decide."""
    state = merging_now(workspace)
    if state is None or (len(workspace.dag.heads()) < 2 and state.kind != "pick"):
        raise NoMerge("no merge is under way", hints=("schemaops status",))
    if wanted.id is not None:
        conflict = _conflict(_all(workspace, state), wanted.id)
        resolution = _resolution(workspace, wanted, conflict)
        verdict = verdict_of(conflict, resolution, workspace.dialect)
        _try(workspace, state, verdict)
    elif wanted.given:
        raise NoDecision("the conflict is not named", hints=("schemaops resolve",))
    made = _made(workspace, state)
    command = COMMANDS[state.kind]
    hints = [f"schemaops {command} --continue"]
    if made[-1].conflicts:
        hints = [f"{hints[0]}    when all are decided", f"schemaops {command} --abort"]
    report = merged_report(state.name, made, hints=tuple(hints))
    return replace(report, made=(), losses=(), notes=(), how="everything is decided")


def _try(workspace: Workspace, state: merging.UnderWay, verdict: Verdict) -> None:
    """Write a decision down; where it cannot be carried out, take it back and raise Unresolved."""
    store, name = workspace.writing(), verdict.conflict
    before = store.read_resolution(name) if name in store.resolutions() else None
    write(workspace, merging.Writing(workspace, state), verdict)
    workspace.refresh()
    try:
        _made(workspace, state)
    except Unresolved:
        if before is None:
            store.remove_resolution(name)
        else:
            store.write_resolution(name, before)
        raise


def _made(
    workspace: Workspace, state: merging.UnderWay, *, stored: bool = True
) -> tuple[Merged, ...]:
    if state.kind == "pick":
        found = found_pick(workspace, state, stored=stored)
        if found is None:
            raise NoMerge("the revision to pick is here", hints=("schemaops cherry-pick --abort",))
        return (found,)
    ours = None if state.ours is None else RevisionId(state.ours)
    return join(workspace, (workspace.tree,), workspace.dag.heads(), ours, stored=stored)


def _all(workspace: Workspace, state: merging.UnderWay) -> tuple[Conflict, ...]:
    """Return the conflicts that are left, and those that are decided."""
    try:
        made = _made(workspace, state)
    except Unresolved:
        # A decision that cannot be carried out is to be taken anew.
        made = _made(workspace, state, stored=False)
    found = [*made[-1].conflicts, *(one for step in made for one, _ in step.settled)]
    return tuple({one.id: one for one in found}.values())


def _conflict(conflicts: tuple[Conflict, ...], prefix: str) -> Conflict:
    found = [one for one in conflicts if prefix and one.id.startswith(prefix.lower())]
    if len(found) != 1:
        what = "no conflict" if not found else f"{len(found)} conflicts"
        begin = "has an id that begins" if len(found) < 2 else "have ids that begin"
        raise UnknownConflict(f"{what} here {begin} with {prefix}", hints=("schemaops resolve",))
    return found[0]


def _resolution(workspace: Workspace, wanted: Wanted, conflict: Conflict) -> Resolution:
    given: list[Resolution] = []
    if wanted.ours:
        given.append(Decision.OURS)
    if wanted.theirs:
        given.append(Decision.THEIRS)
    if wanted.order is not None:
        given += (one for one in Decision if one.value == f"order {wanted.order}")
    if wanted.edit is not None:
        given.append(Edited(_edited(wanted.edit, workspace.dialect)))
    retry = f"schemaops resolve {conflict.id[:8]}"
    hints = tuple(f"{retry} --{one.value}" for one in conflict.decisions)
    if len(given) != 1:
        raise NoDecision("say one decision", hints=hints)
    (resolution,) = given
    if isinstance(resolution, Decision) and resolution not in conflict.decisions:
        raise NoDecision(f"--{resolution.value} does not settle this conflict", hints=hints)
    return resolution


def _edited(path: str, dialect: str) -> str:
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnreadableFile(f"{path} cannot be read: {reason}", place=Place(path)) from error
    return sealed_text(data, dialect, file=path)
