"""``merge-file``: two scripts of changes over one that builds the base, without a repository."""

from __future__ import annotations

from schemaops.commands.scripts import Script, interpreted
from schemaops.diff import diff
from schemaops.merge import KnownRows, merge
from schemaops.reports.merge import MergeFileReport
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Interpretation
from schemaops.sql.render import render, script

__all__ = ["merge_file"]


def merge_file(
    base: Script, ours: Script, theirs: Script, dialect: str, *, schemas: bool = False
) -> MergeFileReport:
    """Return what two scripts of changes come to; raise every fault of any of the three.

    With `schemas` all three are whole schemas, and the changes are the diffs to them.
    """
    empty = Schema.empty(dialect)
    built = interpreted(base, empty)
    mine, its = (
        _led_to(built.after, side, empty) if schemas else interpreted(side, built.after)
        for side in (ours, theirs)
    )
    return MergeFileReport(merge(built.after, mine, its, KnownRows.of(built)))


def _led_to(base: Schema, whole: Script, empty: Schema) -> Interpretation:
    wanted = interpreted(whole, empty).after
    changes = script(render(diff(base, wanted), base))
    return interpreted(Script(whole.name, changes), base)
