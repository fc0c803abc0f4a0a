"""``fsck``: every id, parent, name and section of the history, and that all of it can be read."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.commands.workspace import Workspace
from schemaops.errors import Cause, Place, SchemaOpsError
from schemaops.history.revision import RevisionId, file_name, short
from schemaops.history.states import States, UnreadableHistory, section_text
from schemaops.reports.findings import FindingsReport

__all__ = ["AstraySection", "WrongName", "fsck"]


class WrongName(SchemaOpsError):
    """The words in a revision's file name are not those of its message.

    The digits are right, so nothing is lost: give the file the name that the message says, since two
    people who seal the same bytes must give them the same name.
    """

    code = "SO440"
    cause = Cause.DECISION


class AstraySection(SchemaOpsError):
    """A section of a merge revision does not lead where the merge does.

    All sections of a merge lead to one schema, whose fingerprint the merge records. Make the merge
    anew: remove the file, and `schemaops merge`.
    """

    code = "SO441"
    cause = Cause.DECISION


def fsck(workspace: Workspace) -> FindingsReport:
    """Return everything that is wrong with the history in the work tree."""
    store = workspace.store
    found = list(store.faults(workspace.dialect))
    listed = len(store.listing())
    if not found:
        found += _misnamed(workspace)
        found += _unreadable(workspace)
    for error in found:
        # Here is where that hint leads.
        error.hints = tuple(hint for hint in error.hints if hint != "schemaops fsck")
    hints = ("git status", "git diff HEAD -- .schemaops/revisions") if found else ()
    return FindingsReport(store.shown, listed, tuple(found), hints)


def _misnamed(workspace: Workspace) -> Iterator[SchemaOpsError]:
    for revision, name in workspace.store.ids().items():
        wanted = file_name(revision, workspace.tree.headers[revision])
        if name != wanted:
            yield WrongName(
                f"this file should be named {wanted}", place=workspace.store.place(name)
            )


def _unreadable(workspace: Workspace) -> Iterator[SchemaOpsError]:
    states = workspace.states()
    for name in states.dag.order:
        try:
            states.at(name)
        except UnreadableHistory as error:
            yield error
            # What comes after it would only say the same.
            return
        if len(states.dag.parents(name)) > 1:
            yield from _astray(states, name, workspace.store.place_of(name))


def _astray(states: States, merge: RevisionId, place: Place) -> Iterator[AstraySection]:
    wanted, revision = states.at(merge), states.read(merge)
    if revision.fingerprint not in (None, wanted.schema.fingerprint):
        yield AstraySection("the fingerprint is not that of the merge", place=place)
    for section in revision.sections:
        before = states.at(section.parent)
        text, effects = section_text(section), states.effects(merge)
        found = states.interpreted(text, before.schema, effects, certain=before.certain)
        side = short(section.parent)
        for fault in found.faults:
            yield AstraySection(f"the section from {side}: {fault.error.message}", place=place)
        if not found.faults and found.after != wanted.schema:
            yield AstraySection(f"the section from {side} leads to another schema", place=place)
