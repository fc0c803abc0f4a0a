"""``reverse-file``: the reversal of a script over a base, without a repository."""

from __future__ import annotations

from schemaops.commands.scripts import Script, interpreted
from schemaops.diff import diff
from schemaops.reports.reversal import ReversalReport
from schemaops.reverse import lossless, reverse
from schemaops.schema.state import Schema

__all__ = ["reverse_file"]


def reverse_file(
    base: Script, up: Script, dialect: str, *, keeping: bool = False
) -> ReversalReport:
    """Return what undoes `up` over the schema that `base` builds; raise every fault of either.

    With `keeping`, the up is the one that keeps what it would destroy, and its down puts it back.
    """
    before = interpreted(base, Schema.empty(dialect)).after
    groups = interpreted(up, before).groups
    if keeping:
        kept = lossless(groups, before, diff, alone=True)
        return ReversalReport(kept.up, kept.down, kept.losses, kept.irreversible)
    reversal = reverse(groups, before, diff)
    return ReversalReport(
        tuple(group.text for group in groups),
        reversal.statements,
        reversal.losses,
        reversal.irreversible,
    )
