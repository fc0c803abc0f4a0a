"""Every shape that a command prints with `--json`, and the JSON Schemas of their formats."""

from __future__ import annotations

from collections import defaultdict
from typing import get_args, get_type_hints

from schemaops.reports.adopting import AdoptShape
from schemaops.reports.archive import ArchiveShape, PurgeShape
from schemaops.reports.branches import BranchesShape
from schemaops.reports.checkpoint import CheckpointShape
from schemaops.reports.ci import CiShape
from schemaops.reports.commit import CommitShape
from schemaops.reports.diff import DiffShape
from schemaops.reports.done import DoneShape
from schemaops.reports.drift import DriftShape
from schemaops.reports.environments import EnvironmentsShape
from schemaops.reports.errors import ErrorShape
from schemaops.reports.explanation import ExplanationShape
from schemaops.reports.findings import FindingsShape
from schemaops.reports.importing import ImportShape
from schemaops.reports.json import json_schema
from schemaops.reports.log import LogShape
from schemaops.reports.matrix import MatrixShape, MergePlanShape
from schemaops.reports.merge import MergeShape
from schemaops.reports.merged import MergedShapeOfHeads
from schemaops.reports.moved import MovedShape
from schemaops.reports.plan import PlanShape
from schemaops.reports.replay import ReplayShape
from schemaops.reports.reversal import ReversalShape
from schemaops.reports.schema import SchemaShape
from schemaops.reports.show import ShowShape
from schemaops.reports.status import StatusShape
from schemaops.reports.verify import VerifyShape

__all__ = ["SHAPES", "schemas"]

SHAPES: tuple[type, ...] = (
    AdoptShape,
    ArchiveShape,
    BranchesShape,
    CheckpointShape,
    CiShape,
    CommitShape,
    DiffShape,
    DoneShape,
    DriftShape,
    EnvironmentsShape,
    ErrorShape,
    ExplanationShape,
    FindingsShape,
    ImportShape,
    LogShape,
    MatrixShape,
    MergePlanShape,
    MergeShape,
    MergedShapeOfHeads,
    MovedShape,
    PlanShape,
    PurgeShape,
    ReplayShape,
    ReversalShape,
    SchemaShape,
    ShowShape,
    StatusShape,
    VerifyShape,
)


def schemas() -> dict[str, dict[str, object]]:
    """Return the JSON Schema of every format, by its name: `schemaops.log/1`."""
    by_format: defaultdict[str, list[type]] = defaultdict(list)
    for shape in SHAPES:
        (name,) = get_args(get_type_hints(shape)["format"])
        by_format[name].append(shape)
    return {name: json_schema(*shapes) for name, shapes in sorted(by_format.items())}
