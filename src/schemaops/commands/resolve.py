"""``resolve``: decide a conflict of the merge under way, or list what is left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from schemaops.commands import merging
from schemaops.commands.cherry_pick import found_pick
from schemaops.commands.joining import join
from schemaops.commands.merge import COMMANDS, NoMerge, merged_report, merging_now, write
from schemaops.commands.merged import Merged
from schemaops.commands.scripts import UnreadableFile
from schemaops.commands.workspace import Workspace
from schemaops.errors import Place, SchemaOpsError
from schemaops.history.revision import RevisionId
from schemaops.history.sealing import sealed_text
from schemaops.merge.conflicts import Conflict, ConflictKind, Decision
from schemaops.merge.decisions import Verdict, verdict_of
from schemaops.merge.resolutions import Edited, Renamed, Resolution, Unresolved
from schemaops.operations import Rename
from schemaops.reports.merged import MergedReport
from schemaops.reports.objects import shown
from schemaops.sql.render import render

__all__ = ["NoDecision", "UnknownConflict", "Wanted", "merge_status", "resolve"]


class UnknownConflict(SchemaOpsError):
    """No conflict of the merge under way has an id that begins so, or several have.

    `schemaops resolve` lists the conflicts that are left, each with its id in the hints.
    """

    code = "SO334"


class NoDecision(SchemaOpsError):
    """A conflict was named, and not one decision that settles it.

    Say one of `--ours`, `--theirs`, `--order ours-first`, `--order theirs-first` (where that order
    works), `--rename NAME` (where both sides give one name away, what the other side makes gets this
    one; `--rename ours=NAME` renames ours), or `--edit FILE` with the statements to put in the place
    of both.
    """

    code = "SO335"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A decision for the conflict whose id begins with `id`, or for every one of the object that is
    called so; None to see what is left."""

    id: str | None = None
    ours: bool = False
    theirs: bool = False
    order: str | None = None
    edit: str | None = None
    rename: str | None = None

    @property
    def given(self) -> bool:
        """Whether there is a decision."""
        named = (self.order, self.edit, self.rename)
        return self.ours or self.theirs or any(one is not None for one in named)


def resolve(workspace: Workspace, wanted: Wanted) -> MergedReport:
    """Write a decision down, and return what is left to decide."""
    state = merging_now(workspace)
    if state is None or (len(workspace.dag.heads()) < 2 and state.kind != "pick"):
        raise NoMerge("no merge is under way", hints=("schemaops status",))
    if wanted.id is not None:
        chosen = _conflicts(workspace, _all(workspace, state), wanted.id)
        if wanted.rename is not None:
            # Of all that is said of an object, what is about its name.
            chosen = tuple(pair for pair in chosen if pair[0].kind in _OF_NAMES) or chosen
        verdicts = tuple(
            verdict_of(one, _resolution(workspace, wanted, one, made), workspace.dialect)
            for one, made in chosen
        )
        _try(workspace, state, verdicts)
    elif wanted.given:
        raise NoDecision("the conflict is not named", hints=("schemaops resolve",))
    made = _made(workspace, state)
    command = COMMANDS[state.kind]
    hints = [f"schemaops {command} --continue"]
    if made[-1].conflicts:
        hints = [f"{hints[0]}    when all are decided", f"schemaops {command} --abort"]
    report = merged_report(state.name, made, hints=tuple(hints))
    return replace(report, made=(), losses=(), notes=(), how="everything is decided")


def merge_status(workspace: Workspace) -> MergedReport:
    """Return what is under way: what is decided, what is left, and how it goes on."""
    state = merging_now(workspace)
    if state is None or (len(workspace.dag.heads()) < 2 and state.kind != "pick"):
        if state is not None:
            hints = ("git commit --no-edit", "schemaops merge --abort")
            return MergedReport(state.name, "merged by git, not committed", hints=hints)
        head = next(iter(workspace.dag.heads()), None)
        return MergedReport("the work tree", "no merge is under way", head)
    report = resolve(workspace, Wanted())
    return replace(report, how=f"{COMMANDS[state.kind]} under way")


def _try(workspace: Workspace, state: merging.UnderWay, verdicts: tuple[Verdict, ...]) -> None:
    """Write decisions down; where they cannot be carried out, take them back and raise Unresolved."""
    store = workspace.writing()
    names = store.resolutions()
    before = {
        one.conflict: store.read_resolution(one.conflict) if one.conflict in names else None
        for one in verdicts
    }
    writing = merging.Writing(workspace, state)
    for one in verdicts:
        write(workspace, writing, one)
    workspace.refresh()
    try:
        _made(workspace, state)
    except Unresolved:
        for name, data in before.items():
            if data is None:
                store.remove_resolution(name)
            else:
                store.write_resolution(name, data)
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


def _all(workspace: Workspace, state: merging.UnderWay) -> tuple[tuple[Conflict, Merged], ...]:
    """Return the conflicts that are left, and those that are decided, each with its merge."""
    try:
        made = _made(workspace, state)
    except Unresolved:
        # A decision that cannot be carried out is to be taken anew.
        made = _made(workspace, state, stored=False)
    found = [(one, made[-1]) for one in made[-1].conflicts]
    found += ((one, step) for step in made for one, _ in step.settled)
    return tuple({one.id: (one, step) for one, step in found}.values())


def _conflicts(
    workspace: Workspace, conflicts: tuple[tuple[Conflict, Merged], ...], text: str
) -> tuple[tuple[Conflict, Merged], ...]:
    """Return the one conflict whose id begins so, or all that are about an object of that name."""
    found = tuple(pair for pair in conflicts if text and pair[0].id.startswith(text.lower()))
    if len(found) == 1:
        return found
    about = tuple(pair for pair in conflicts if _is_about(workspace, pair[0], text))
    if about:
        return about
    what = "no conflict" if not found else f"{len(found)} conflicts"
    begin = "has an id that begins" if len(found) < 2 else "have ids that begin"
    raise UnknownConflict(
        f"{what} here {begin} with {text}, or is about an object of that name",
        hints=("schemaops resolve",),
    )


def _is_about(workspace: Workspace, conflict: Conflict, text: str) -> bool:
    if conflict.address is None or not conflict.address.path:
        return False
    names = [str(conflict.address), shown(conflict.address, workspace.default_schema)]
    wanted = text.lower()
    return any(one.lower() == wanted or one.lower().startswith(f"{wanted}.") for one in names)


def _resolution(
    workspace: Workspace, wanted: Wanted, conflict: Conflict, made: Merged
) -> Resolution:
    given: list[Resolution] = []
    if wanted.ours:
        given.append(Decision.OURS)
    if wanted.theirs:
        given.append(Decision.THEIRS)
    if wanted.order is not None:
        given += (one for one in Decision if one.value == f"order {wanted.order}")
    if wanted.edit is not None:
        given.append(Edited(_edited(wanted.edit, workspace.dialect)))
    if wanted.rename is not None:
        given.append(_renaming(wanted.rename, conflict, made))
    retry = f"schemaops resolve {conflict.id[:8]}"
    hints = tuple(f"{retry} --{one.value}" for one in conflict.decisions)
    if len(given) != 1:
        raise NoDecision("say one decision", hints=hints)
    (resolution,) = given
    if isinstance(resolution, Decision) and resolution not in conflict.decisions:
        raise NoDecision(f"--{resolution.value} does not settle this conflict", hints=hints)
    return resolution


def _renaming(text: str, conflict: Conflict, made: Merged) -> Resolution:
    """Return the decision that gives something another name; raise NoDecision."""
    side, equals, name = text.partition("=")
    if not equals:
        side, name = "theirs", text
    retry = f"schemaops resolve {conflict.id[:8]}"
    if side not in ("ours", "theirs") or not name:
        raise NoDecision(f"`{text}` is no name", hints=(f"{retry} --rename NAME",))
    if conflict.kind is ConflictKind.RENAME_RENAME and conflict.address is not None:
        at = conflict.address
        texts = render((Rename(at, at.sibling(name)),), made.fork.base.schema)
        return Edited("".join(f"{one};\n" for one in texts))
    if conflict.kind not in _OF_NAMES:
        raise NoDecision(
            "another name does not settle this conflict",
            hints=tuple(f"{retry} --{one.value}" for one in conflict.decisions),
        )
    return Renamed("ours" if side == "ours" else "theirs", name)


_OF_NAMES = (ConflictKind.RENAME_RENAME, ConflictKind.CREATE_CREATE, ConflictKind.NAME_TAKEN)


def _edited(path: str, dialect: str) -> str:
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnreadableFile(f"{path} cannot be read: {reason}", place=Place(path)) from error
    return sealed_text(data, dialect, file=path)
