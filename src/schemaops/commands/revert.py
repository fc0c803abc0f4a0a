"""``revert``: a new revision that undoes an earlier one, a range of them, or what a merge brought."""

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
from schemaops.history.spec import parse_range
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

__all__ = ["BuiltUpon", "NotRevertible", "Wanted", "WhichSide", "revert"]


class NotRevertible(SchemaOpsError):
    """A revision cannot be undone by another one.

    It has no reversal, or nothing of it is left, or it is a checkpoint, or it is none of this
    branch's. Write what you want as a migration: `schemaops new 'Undo …'`.
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


class WhichSide(SchemaOpsError):
    """A merge has several parents, and it is not said which side stays.

    Reverting a merge takes back what came with its other side. Name the parent whose side is kept:
    `schemaops revert MERGE --keep PARENT`; `schemaops show MERGE` names its parents.
    """

    code = "SO343"
    cause = Cause.DECISION


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be undone, and how; of a merge, `keep` is the parent whose side stays."""

    spec: str
    message: str | None = None
    with_dependants: bool = False
    rehearse: bool = True
    accepted: tuple[str, ...] = ()
    keep: str | None = None


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What is to be undone: the revisions, where the line begins that has them all, the revision that
    it goes by, and how that is called."""

    gone: frozenset[RevisionId]
    start: RevisionId | None
    by: RevisionId | None
    name: str


def revert(workspace: Workspace, wanted: Wanted) -> CommitReport:
    """Seal, at the head, what undoes revisions as they read after all that came since.

    Raise NotRevertible, WhichSide, BuiltUpon, and whatever sealing raises.
    """
    head = working_head(workspace)
    chosen = _chosen(workspace, head, wanted)
    assert head is not None
    states = workspace.states()
    gone = set(chosen.gone)
    while True:
        found = _taken_back(states, chosen, head, gone)
        needing = dict.fromkeys(one for one, _ in found.needing)
        if found.left:
            fresh = {one for one in found.left if not workspace.tree.headers[one].is_merge} - gone
            if fresh and wanted.with_dependants:
                # It says the same without them, and it would have nothing to say it of.
                gone |= fresh
                continue
            raise NotRevertible(
                f"{', '.join(_name(one) for one in found.left)} would read otherwise without it",
                hints=(f"schemaops show {_name(found.left[0])}",),
            )
        if not needing:
            break
        if not wanted.with_dependants:
            raise _built_upon(workspace, wanted, chosen, found)
        for one in needing:
            if workspace.tree.headers[one].is_merge or one in gone:
                raise NotRevertible(
                    f"the merge {_name(one)} decided what depends on it",
                    hints=("schemaops log --graph",),
                )
        gone |= needing.keys()
    if not found.statements:
        raise NotRevertible(
            f"nothing that {chosen.name} did is left that a statement can take back",
            hints=(f"schemaops show {_name(next(iter(chosen.gone)))}",),
        )
    ordered = [one for one in reversed(workspace.dag.order) if one in gone]
    return _sealed(workspace, wanted, states, head, ordered, script(found.statements), chosen)


def _chosen(workspace: Workspace, head: RevisionId | None, wanted: Wanted) -> _Chosen:
    if ".." in wanted.spec:
        return _range(workspace, head, wanted.spec)
    revision = _revertible(workspace, head, wanted.spec)
    headers, dag = workspace.tree.headers, workspace.dag
    if not headers[revision].is_merge:
        if wanted.keep is not None:
            raise NotRevertible(f"{_name(revision)} is no merge: it has no sides")
        before = next(iter(dag.parents(revision)), None)
        return _Chosen(frozenset((revision,)), before, revision, _name(revision))
    kept = _kept_side(workspace, revision, wanted)
    gone = frozenset(dag.between(kept, revision))
    return _Chosen(gone, kept, revision, f"the merge {_name(revision)}")


def _kept_side(workspace: Workspace, merge: RevisionId, wanted: Wanted) -> RevisionId:
    parents, headers = workspace.dag.parents(merge), workspace.tree.headers
    retry = f"schemaops revert {shlex.quote(wanted.spec)} --keep"
    hints = tuple(
        f"{retry} {_name(one)}    keep {headers[one].title or 'that side'}" for one in parents
    )
    if wanted.keep is None:
        raise WhichSide(f"{_name(merge)} is a merge: which side stays?", hints=hints)
    side = revision_named(workspace, wanted.keep).revision
    sides = [one for one in parents if workspace.dag.is_ancestor(side, one)]
    if side in parents:
        return RevisionId(side or "")
    if side is None or side not in workspace.dag or len(sides) != 1:
        raise WhichSide(f"{wanted.keep} is not on one side of {_name(merge)}", hints=hints)
    return sides[0]


def _range(workspace: Workspace, head: RevisionId | None, spec: str) -> _Chosen:
    parse_range(spec)
    before, _, end = spec.partition("..")
    since, until = (revision_named(workspace, text or "@").revision for text in (before, end))
    dag = workspace.dag
    for one in (since, until):
        if one is not None and (one not in dag or not dag.is_ancestor(one, head)):
            raise NotRevertible(f"{_name(one)} is not in this branch", hints=("schemaops log",))
    gone = frozenset(dag.between(since, until))
    if not gone or head is None:
        raise NotRevertible(f"there is no revision in {spec}", hints=("schemaops log",))
    for one in gone:
        if workspace.tree.headers[one].checkpoint:
            raise NotRevertible(f"{_name(one)} is a checkpoint", hints=("schemaops log",))
    bases = dag.merge_bases(since, until)
    start = since if dag.is_ancestor(since, until) else next(iter(bases), None)
    called = (
        f"{'base' if since is None else _name(since)}..{'base' if until is None else _name(until)}"
    )
    return _Chosen(gone, start, until, called)


def _revertible(workspace: Workspace, head: RevisionId | None, spec: str) -> RevisionId:
    revision = revision_named(workspace, spec).revision
    if revision is None or head is None:
        raise NotRevertible("base is no revision", hints=("schemaops log",))
    if revision not in workspace.dag or not workspace.dag.is_ancestor(revision, head):
        raise NotRevertible(f"{_name(revision)} is not in this branch", hints=("schemaops log",))
    if workspace.tree.headers[revision].checkpoint:
        raise NotRevertible(f"{_name(revision)} is a checkpoint", hints=("schemaops log --graph",))
    return revision


def _taken_back(
    states: States, chosen: _Chosen, head: RevisionId, gone: set[RevisionId]
) -> TakenBack:
    # On from the revision itself: of two ways past a merge, the one that it lies on.
    entries = (
        *line_between(states, chosen.start, chosen.by).entries,
        *line_between(states, chosen.by, head).entries,
    )

    def undo(run: Sequence[Entry], start: Schema) -> Interpretation:
        return _undone(states, run, start)

    return take_back(states.schema(chosen.start), entries, gone, undo)


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
    workspace: Workspace, wanted: Wanted, chosen: _Chosen, found: TakenBack
) -> BuiltUpon:
    later = {one for one, _ in found.needing}
    ordered = [one for one in reversed(workspace.dag.order) if one in later]
    headers = workspace.tree.headers
    keep = "" if wanted.keep is None else f" --keep {shlex.quote(wanted.keep)}"
    many = "a later revision builds" if len(later) == 1 else f"{len(later)} later revisions build"
    return BuiltUpon(
        f"{many} on {chosen.name}",
        details=tuple(
            f"{_name(one)} {headers[one].title}: {one_line(conflict.ours_group.text)}"
            for one, conflict in found.needing
        ),
        hints=(
            *(f"schemaops revert {_name(one)}" for one in ordered if not headers[one].is_merge),
            f"schemaops revert {shlex.quote(wanted.spec)}{keep} --with-dependants",
        ),
    )


def _sealed(
    workspace: Workspace,
    wanted: Wanted,
    states: States,
    head: RevisionId,
    gone: Sequence[RevisionId],
    up: str,
    chosen: _Chosen,
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
            message=wanted.message or _message(gone, [headers[one] for one in gone], chosen),
            author=author(workspace),
            date=now(workspace),
        ),
        Script(f"the reversal of {chosen.name}", up or NOTHING),
    )
    hazards = assessed(sealed.groups, states.schema(head))
    refuse(hazards, workspace.config.policy, wanted.accepted)
    store = workspace.writing()
    file = file_name(sealed.id, sealed.revision)
    store.add(file, sealed.data)
    workspace.refresh()
    workspace.states().keep(sealed.id, sealed.known, sealed.groups)
    report = sealed_report(sealed, store.place(file).file, workspace.default_schema)
    followers = [one.name for one in workspace.config.environments.values() if one.follow]
    hints = (f"schemaops show {_name(sealed.id)}", *(f"schemaops replay {f}" for f in followers))
    return replace(report, hazards=hazards, hints=hints)


def _message(gone: Sequence[RevisionId], headers: Sequence[Header], chosen: _Chosen) -> str:
    more = sum(one not in chosen.gone for one in gone)
    if len(chosen.gone) == 1:
        first = f'Revert "{headers[-1].title}"'
    else:
        first = f"Revert {chosen.name}"
    if more:
        first += f" and {more} that build on it"
    undone = "\n".join(
        f"This undoes {one} ({header.title})." for one, header in zip(gone, headers, strict=True)
    )
    return f"{first}\n\n{undone}"


def _name(revision: RevisionId) -> str:
    return short(revision)[:7]
