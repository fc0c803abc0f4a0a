"""``revert``: a new revision that undoes an earlier one."""

from __future__ import annotations

from dataclasses import replace

from schemaops.commands.authors import author, now
from schemaops.commands.commit import sealed_report
from schemaops.commands.hazards import assessed
from schemaops.commands.lines import line_between
from schemaops.commands.scripts import Script
from schemaops.commands.sealing import Sealing
from schemaops.commands.specs import revision_named, working_head
from schemaops.commands.workspace import Workspace
from schemaops.errors import Cause, SchemaOpsError
from schemaops.history.revision import Revision, RevisionId, file_name, short
from schemaops.merge import merge
from schemaops.reports.commit import CommitReport

__all__ = ["BuiltUpon", "NotRevertible", "revert"]


class NotRevertible(SchemaOpsError):
    """A revision cannot be undone by another one.

    It has no reversal, or is a merge or a checkpoint, or it is none of this branch's. What a merge
    brought is undone by reverting its revisions, newest first. Write what you want as a migration:
    `schemaops new 'Undo …'`.
    """

    code = "SO336"


class BuiltUpon(SchemaOpsError):
    """Later revisions use or change what this one did, so it cannot be undone beneath them.

    The details name them. Revert those first, newest first.
    """

    code = "SO337"
    cause = Cause.DECISION

    def __init__(self, message: str, *, details: tuple[str, ...], hints: tuple[str, ...]) -> None:
        super().__init__(message, hints=hints)
        self.details = details


def revert(workspace: Workspace, spec: str, message: str | None = None) -> CommitReport:
    """Seal, at the head, what undoes a revision, as it reads after all that came since."""
    target = revision_named(workspace, spec)
    head = working_head(workspace)
    revision = target.revision
    if revision is None or head is None:
        raise NotRevertible("base is no revision", hints=("schemaops log",))
    name = short(revision)[:7]
    if revision not in workspace.dag or not workspace.dag.is_ancestor(revision, head):
        raise NotRevertible(f"{name} is not in this branch", hints=("schemaops log",))
    value = workspace.tree.read(revision)
    if value.is_merge or value.checkpoint:
        what = "a merge" if value.is_merge else "a checkpoint"
        raise NotRevertible(f"{name} is {what}", hints=("schemaops log --graph",))
    if value.down is None:
        raise NotRevertible(f"{name} has no reversal", hints=(f"schemaops show {name}",))
    up = value.down if revision == head else _carried(workspace, revision, head, value.down)
    states = workspace.states()
    sealing = Sealing(
        states.at(head),
        scratch=workspace.scratch_url(),
        search_path=workspace.config.search_path,
    )
    sealed = sealing.seal(
        Revision(
            parents=(head,),
            message=message or f'Revert "{value.title}"\n\nThis undoes {revision}.',
            author=author(workspace),
            date=now(workspace),
        ),
        Script(f"the reversal of {name}", up),
    )
    store = workspace.writing()
    file = file_name(sealed.id, sealed.revision)
    store.add(file, sealed.data)
    workspace.refresh()
    workspace.states().keep(sealed.id, sealed.known)
    report = sealed_report(sealed, store.place(file).file, workspace.default_schema)
    return replace(report, hazards=assessed(sealed.groups, states.schema(head)))


def _carried(workspace: Workspace, revision: RevisionId, head: RevisionId, down: str) -> str:
    """Return the way back from a revision as it reads after all that came since."""
    states = workspace.states()
    before = states.schema(revision)
    since = line_between((workspace.tree,), states, revision, head)
    back = states.interpreted(down, before, states.effects(revision), "the reversal")
    found = merge(before, since.interpretation, back)
    if not found.clean:
        pairs = [(since.of[one.ours][0], one) for one in found.conflicts]
        later = sorted({of for of, _ in pairs}, key=workspace.dag.order.index, reverse=True)
        raise BuiltUpon(
            f"{len(later)} later revisions build on {short(revision)[:7]}",
            details=tuple(f"{short(of)[:7]}: {one.reason}" for of, one in pairs),
            hints=tuple(f"schemaops revert {short(of)[:7]}" for of in later),
        )
    return "".join(f"{one.sql};\n" for one in found.ours_to_merged if one.sql is not None)
