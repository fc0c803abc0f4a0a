"""``revert``: a new revision that undoes an earlier one."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

from schemaops.commands.authors import author, now
from schemaops.commands.commit import sealed_report
from schemaops.commands.hazards import assessed, refuse
from schemaops.commands.scripts import Script
from schemaops.commands.sealing import NOTHING, Sealing
from schemaops.commands.specs import revision_named, working_head
from schemaops.commands.workspace import Workspace
from schemaops.diff import diff
from schemaops.errors import Cause, SchemaOpsError
from schemaops.history.revision import Header, Revision, RevisionId, file_name, short
from schemaops.history.states import States
from schemaops.merge.lines import Entry, line_between
from schemaops.merge.taking_back import TakenBack, take_back
from schemaops.reports.commit import CommitReport
from schemaops.reports.text import one_line
from schemaops.reverse import reverse
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Interpretation
from schemaops.sql.render import script
from schemaops.sql.split import split

__all__ = ["BuiltUpon", "NotRevertible", "Wanted", "revert"]


class NotRevertible(SchemaOpsError):
    """A revision cannot be undone by another one.

    It has no reversal, or nothing of it is left, or it is a merge or a checkpoint, or it is none of
    this branch's. What a merge brought is undone by reverting its revisions, newest first. Write
    what you want as a migration: `schemaops new 'Undo …'`.
    """

    code = "SO336"


class BuiltUpon(SchemaOpsError):
    """Later revisions use or change what this one did, so it cannot be undone beneath them.

    The details name them. Revert those first, newest first; or all of them in one revision:
    `schemaops revert REV --with-dependants`.
    """

    code = "SO337"
    cause = Cause.DECISION

    def __init__(self, message: str, *, details: tuple[str, ...], hints: tuple[str, ...]) -> None:
        super().__init__(message, hints=hints)
        self.details = details


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be undone, and how."""

    spec: str
    message: str | None = None
    with_dependants: bool = False
    rehearse: bool = True
    accepted: tuple[str, ...] = ()


def revert(workspace: Workspace, wanted: Wanted) -> CommitReport:
    """Seal, at the head, what undoes a revision as it reads after all that came since.

    Raise NotRevertible, BuiltUpon, and whatever sealing raises.
    """
    head = working_head(workspace)
    revision = _revertible(workspace, head, wanted.spec)
    assert head is not None
    states = workspace.states()
    gone = {revision}
    while True:
        found = _taken_back(states, revision, head, gone)
        needing = dict.fromkeys(one for one, _ in found.needing)
        if found.left:
            raise NotRevertible(
                f"{', '.join(_name(one) for one in found.left)} would read otherwise without it",
                hints=(f"schemaops show {_name(found.left[0])}",),
            )
        if not needing:
            break
        if not wanted.with_dependants:
            raise _built_upon(workspace, wanted, revision, found)
        for one in needing:
            if workspace.tree.headers[one].is_merge or one in gone:
                raise NotRevertible(
                    f"the merge {_name(one)} decided what depends on it",
                    hints=("schemaops log --graph",),
                )
        gone |= needing.keys()
    if not found.statements:
        raise NotRevertible(
            f"nothing that {_name(revision)} did is left that a statement can take back",
            hints=(f"schemaops show {_name(revision)}",),
        )
    ordered = [one for one in reversed(workspace.dag.order) if one in gone]
    return _sealed(workspace, wanted, states, head, ordered, script(found.statements))


def _revertible(workspace: Workspace, head: RevisionId | None, spec: str) -> RevisionId:
    revision = revision_named(workspace, spec).revision
    if revision is None or head is None:
        raise NotRevertible("base is no revision", hints=("schemaops log",))
    if revision not in workspace.dag or not workspace.dag.is_ancestor(revision, head):
        raise NotRevertible(f"{_name(revision)} is not in this branch", hints=("schemaops log",))
    value = workspace.tree.read(revision)
    if value.is_merge or value.checkpoint:
        what = "a merge" if value.is_merge else "a checkpoint"
        raise NotRevertible(f"{_name(revision)} is {what}", hints=("schemaops log --graph",))
    return revision


def _taken_back(
    states: States, revision: RevisionId, head: RevisionId, gone: set[RevisionId]
) -> TakenBack:
    before = next(iter(states.dag.parents(revision)), None)
    # On from the revision itself: of two ways past a merge, the one that it lies on.
    entries = (
        *line_between(states, before, revision).entries,
        *line_between(states, revision, head).entries,
    )

    def undo(run: Sequence[Entry], start: Schema) -> Interpretation:
        return _undone(states, run, start)

    return take_back(states.schema(before), entries, gone, undo)


def _undone(states: States, run: Sequence[Entry], before: Schema) -> Interpretation:
    """Return what undoes statements: as the author wrote it, where they are one revision's and he
    did, else as it is worked out. Raise NotRevertible."""
    groups = [entry.group for entry in run if entry.group is not None]
    after = before
    for group in groups:
        after = group.apply(after)
    names = {one for entry in run for one in entry.of}
    if len(names) == 1:
        (name,) = names
        value = states.read(name)
        whole = [one.text for one in split(value.up, states.dialect)]
        if value.down is not None and not value.down_generated:
            if whole == [group.text for group in groups]:
                effects = states.effects(name)
                read = states.interpreted(value.down, after, effects, f"the down of {_name(name)}")
                if not read.faults and (read.after == before or read.blind):
                    return read
    reversal = reverse(groups, before, diff)
    if not reversal.exact:
        why = next(iter(reversal.irreversible), None)
        raise NotRevertible(
            f"{_name(next(iter(names)))} has no reversal" + (f": {why.reason}" if why else ""),
            hints=(f"schemaops show {_name(next(iter(names)))}",),
        )
    return states.interpreted(script(reversal.statements), after, reversal.effects, "the reversal")


def _built_upon(
    workspace: Workspace, wanted: Wanted, revision: RevisionId, found: TakenBack
) -> BuiltUpon:
    later = {one for one, _ in found.needing}
    ordered = [one for one in reversed(workspace.dag.order) if one in later]
    headers = workspace.tree.headers
    many = "a later revision builds" if len(later) == 1 else f"{len(later)} later revisions build"
    return BuiltUpon(
        f"{many} on {_name(revision)}",
        details=tuple(
            f"{_name(one)} {headers[one].title}: {one_line(conflict.ours_group.text)}"
            for one, conflict in found.needing
        ),
        hints=(
            *(f"schemaops revert {_name(one)}" for one in ordered if not headers[one].is_merge),
            f"schemaops revert {shlex.quote(wanted.spec)} --with-dependants",
        ),
    )


def _sealed(
    workspace: Workspace,
    wanted: Wanted,
    states: States,
    head: RevisionId,
    gone: Sequence[RevisionId],
    up: str,
) -> CommitReport:
    sealing = Sealing(
        states.at(head),
        scratch=workspace.scratch_url(),
        rehearse=wanted.rehearse,
        search_path=workspace.config.search_path,
    )
    headers = workspace.tree.headers
    sealed = sealing.seal(
        Revision(
            parents=(head,),
            message=wanted.message or _message(gone, [headers[one] for one in gone]),
            author=author(workspace),
            date=now(workspace),
        ),
        Script(f"the reversal of {_name(gone[-1])}", up or NOTHING),
    )
    hazards = assessed(sealed.groups, states.schema(head))
    refuse(hazards, workspace.config.policy, wanted.accepted)
    store = workspace.writing()
    file = file_name(sealed.id, sealed.revision)
    store.add(file, sealed.data)
    workspace.refresh()
    workspace.states().keep(sealed.id, sealed.known)
    report = sealed_report(sealed, store.place(file).file, workspace.default_schema)
    followers = [one.name for one in workspace.config.environments.values() if one.follow]
    hints = (f"schemaops show {_name(sealed.id)}", *(f"schemaops replay {f}" for f in followers))
    return replace(report, hazards=hazards, hints=hints)


def _message(gone: Sequence[RevisionId], headers: Sequence[Header]) -> str:
    first = f'Revert "{headers[-1].title}"'
    if len(gone) > 1:
        first += f" and {len(gone) - 1} that build on it"
    undone = "\n".join(
        f"This undoes {one} ({header.title})." for one, header in zip(gone, headers, strict=True)
    )
    return f"{first}\n\n{undone}"


def _name(revision: RevisionId) -> str:
    return short(revision)[:7]
