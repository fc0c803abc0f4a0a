"""What two lines of change come to: used through `merge`, which gives a `Merge`, clean or not;
`merge_resolved` does with what a person has decided."""

from __future__ import annotations

from schemaops.merge.conflicts import Conflict, ConflictKind, Decision
from schemaops.merge.known import KnownRows
from schemaops.merge.resolutions import Edited, Resolution, Resolutions, Unresolved, merge_resolved
from schemaops.merge.three_way import Merge, MergedStatement
from schemaops.merge.three_way import merge_lines as merge

__all__ = [
    "Conflict",
    "ConflictKind",
    "Decision",
    "Edited",
    "KnownRows",
    "Merge",
    "MergedStatement",
    "Resolution",
    "Resolutions",
    "Unresolved",
    "merge",
    "merge_resolved",
]
