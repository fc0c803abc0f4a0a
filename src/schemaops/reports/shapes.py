"""Every shape that a command prints with `--json`, by the name in its format."""

from __future__ import annotations

from schemaops.reports.branches import BranchesShape
from schemaops.reports.ci import CiShape
from schemaops.reports.commit import CommitShape
from schemaops.reports.diff import DiffShape
from schemaops.reports.done import DoneShape
from schemaops.reports.environments import EnvironmentsShape
from schemaops.reports.errors import ErrorShape
from schemaops.reports.explanation import ExplanationShape
from schemaops.reports.findings import FindingsShape
from schemaops.reports.log import LogShape
from schemaops.reports.merge import MergeShape
from schemaops.reports.merged import MergedShape
from schemaops.reports.plan import PlanShape
from schemaops.reports.replay import ReplayShape
from schemaops.reports.reversal import ReversalShape
from schemaops.reports.schema import SchemaShape
from schemaops.reports.show import ShowShape
from schemaops.reports.status import StatusShape
from schemaops.reports.verify import VerifyShape

__all__ = ["SHAPES"]

SHAPES: tuple[type, ...] = (
    BranchesShape,
    CiShape,
    CommitShape,
    DiffShape,
    DoneShape,
    EnvironmentsShape,
    ErrorShape,
    ExplanationShape,
    FindingsShape,
    LogShape,
    MergeShape,
    MergedShape,
    PlanShape,
    ReplayShape,
    ReversalShape,
    SchemaShape,
    ShowShape,
    StatusShape,
    VerifyShape,
)
