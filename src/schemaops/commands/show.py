"""``show``: one revision, its statements, what they come to, and what undoes them."""

from __future__ import annotations

from schemaops.commands.hazards import assessed
from schemaops.commands.log import entry
from schemaops.commands.specs import revision_named
from schemaops.commands.workspace import Workspace
from schemaops.history.revision import short
from schemaops.history.spec import UnknownRevision
from schemaops.reports.show import ShowReport, proven_on

__all__ = ["show"]


def show(workspace: Workspace, spec: str) -> ShowReport:
    """Return all there is to know of the revision that `spec` names."""
    target = revision_named(workspace, spec)
    revision = target.revision
    if revision is None:
        raise UnknownRevision(
            "base is the empty schema: it has no revision", hints=("schemaops log",)
        )
    value = target.tree.read(revision)
    states = workspace.states(target.tree)
    groups = states.groups(revision)
    first = next(iter(target.tree.dag.parents(revision)), None)
    before = states.schema(None if value.checkpoint else first)
    store = target.tree.store
    proofs = (store.read_proof(name) for name in store.proofs() if name.startswith(short(revision)))
    return ShowReport(
        entry=entry(target.tree, revision),
        revision=value,
        operations=tuple(tuple(group.operations) for group in groups),
        statements=tuple(group.text for group in groups),
        opaque=tuple(group.opaque for group in groups),
        fingerprint=states.schema(revision).fingerprint,
        hazards=assessed(groups, before),
        default_schema=workspace.default_schema,
        proofs=tuple(proven_on(data.decode("utf-8", "replace")) for data in proofs),
    )
