"""``merge-file``: two scripts of changes over one that builds the base, without a repository."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from schemaops.commands.scripts import Script, interpreted
from schemaops.diff import diff
from schemaops.merge import KnownRows, merge
from schemaops.reports.merge import MergeFileReport
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Interpretation
from schemaops.sql.render import render, script

if TYPE_CHECKING:
    from schemaops.reports.proof import ProvenReport

__all__ = ["merge_file"]


def merge_file(
    base: Script,
    ours: Script,
    theirs: Script,
    dialect: str,
    *,
    schemas: bool = False,
    prove: str | None = None,
) -> MergeFileReport | ProvenReport:
    """Return what two scripts of changes come to; raise every fault of any of the three.

    With `schemas` all three are whole schemas, and the changes are the diffs to them. `prove` is the
    server of the scratch databases to prove it on, "" for the configured or else our own.
    """
    empty = Schema.empty(dialect)
    built = interpreted(base, empty)
    mine, its = (
        _led_to(built.after, side, empty) if schemas else interpreted(side, built.after)
        for side in (ours, theirs)
    )
    found = merge(built.after, mine, its, KnownRows.of(built))
    if prove is None:
        return MergeFileReport(found)
    from schemaops.commands.prove import configured_scratch, proof
    from schemaops.reports.proof import ProvenReport

    said = proof(built, mine, its, found, prove or configured_scratch(dialect, Path.cwd()))
    scripts = {"base": base.text, "ours": ours.text, "theirs": theirs.text}
    return ProvenReport(MergeFileReport(found, said.proven), said, dialect, scripts)


def _led_to(base: Schema, whole: Script, empty: Schema) -> Interpretation:
    wanted = interpreted(whole, empty).after
    changes = script(render(diff(base, wanted), base))
    return interpreted(Script(whole.name, changes), base)
