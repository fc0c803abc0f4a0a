"""What a pull request brings: revisions, conflicts, risks, and what each environment will run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from schemaops.errors import SchemaOpsError
from schemaops.merge import Conflict
from schemaops.reports.errors import ErrorShape, error_report
from schemaops.reports.hazards import HazardNote, HazardShape
from schemaops.reports.log import LogEntry, RevisionShape
from schemaops.reports.merge import ConflictShape, conflict_shape
from schemaops.reports.plan import PlanReport, PlanShape
from schemaops.reports.text import Text, line

__all__ = ["Against", "BranchAt", "CiReport", "CiShape", "Foreseen", "NewRevision"]


class BranchAtShape(TypedDict):
    """One of the two sides: what it was called, the commit it is at, its heads."""

    name: str
    commit: str
    heads: list[str]


class NewRevisionShape(TypedDict):
    """A revision that the pull request brings. `opaque` are the statements whose effect nobody
    knows."""

    revision: RevisionShape
    up: str
    down: str | None
    losses: list[str]
    hazards: list[HazardShape]
    opaque: list[str]


class AgainstShape(TypedDict):
    """What a merge with another branch comes to, the pull request being `ours`; `problem` says why
    nobody can tell."""

    branch: str
    conflicts: list[ConflictShape]
    warnings: list[ConflictShape]
    problem: str | None


class ForeseenShape(TypedDict):
    """What an environment will run once this is merged. `standing` says how it is known where it
    stands: looked at now, as last `seen`, or assumed to be where the target branch is."""

    environment: str
    standing: Literal["live", "seen", "assumed"]
    seen: str | None
    plan: PlanShape | None
    problem: str | None


class CiShape(TypedDict):
    """What the comment says. `clean` is false where a person must decide before this is merged."""

    format: Literal["schemaops.ci/1"]
    project: str
    base: BranchAtShape
    head: BranchAtShape
    clean: bool
    findings: list[ErrorShape]
    revisions: list[NewRevisionShape]
    target: AgainstShape
    others: list[AgainstShape]
    environments: list[ForeseenShape]
    picture: str


@dataclass(frozen=True, slots=True)
class BranchAt:
    """A side of a pull request, as it is called, and where it is."""

    name: str
    commit: str
    heads: tuple[str, ...] = ()

    def shape(self) -> BranchAtShape:
        """Return it as plain data."""
        return {"name": self.name, "commit": self.commit, "heads": list(self.heads)}


@dataclass(frozen=True, slots=True)
class NewRevision:
    """A revision that the pull request brings."""

    entry: LogEntry
    up: str
    down: str | None
    losses: tuple[str, ...] = ()
    hazards: tuple[HazardNote, ...] = ()
    opaque: tuple[str, ...] = ()

    def shape(self) -> NewRevisionShape:
        """Return it as plain data."""
        return {
            "revision": self.entry.shape(),
            "up": self.up,
            "down": self.down,
            "losses": list(self.losses),
            "hazards": [hazard.shape() for hazard in self.hazards],
            "opaque": list(self.opaque),
        }


@dataclass(frozen=True, slots=True)
class Against:
    """What a merge with another branch comes to; the pull request's side is ours."""

    branch: str
    conflicts: tuple[Conflict, ...] = ()
    warnings: tuple[Conflict, ...] = ()
    problem: str | None = None

    def shape(self) -> AgainstShape:
        """Return it as plain data."""
        return {
            "branch": self.branch,
            "conflicts": [conflict_shape(one) for one in self.conflicts],
            "warnings": [conflict_shape(one) for one in self.warnings],
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an environment will run once the pull request is merged, or why nobody can tell."""

    environment: str
    standing: Literal["live", "seen", "assumed"]
    seen: str | None = None
    plan: PlanReport | None = None
    problem: str | None = None

    def shape(self) -> ForeseenShape:
        """Return it as plain data."""
        plan: Any = None if self.plan is None else self.plan.shape()
        return {
            "environment": self.environment,
            "standing": self.standing,
            "seen": self.seen,
            "plan": plan,
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True)
class CiReport:
    """What a pull request brings. Where there are `findings` nothing further was looked at.

    `strict` makes conflicts with other open branches something to decide as well.
    """

    project: str
    base: BranchAt
    head: BranchAt
    target: Against
    findings: tuple[SchemaOpsError, ...] = ()
    revisions: tuple[NewRevision, ...] = ()
    others: tuple[Against, ...] = ()
    environments: tuple[Foreseen, ...] = ()
    picture: str = ""
    default_schema: str | None = None
    strict: bool = False

    @property
    def decision(self) -> bool:
        """Whether a person must decide something before this is merged."""
        if self.findings or self.target.conflicts or self.target.problem is not None:
            return True
        return self.strict and any(one.conflicts for one in self.others)

    def shape(self) -> CiShape:
        """Return the report as plain data."""
        return {
            "format": "schemaops.ci/1",
            "project": self.project,
            "base": self.base.shape(),
            "head": self.head.shape(),
            "clean": not self.decision,
            "findings": [error_report(one).shape() for one in self.findings],
            "revisions": [one.shape() for one in self.revisions],
            "target": self.target.shape(),
            "others": [one.shape() for one in self.others],
            "environments": [one.shape() for one in self.environments],
            "picture": self.picture,
        }

    def text(self) -> Text:
        """Return the comment, which is Markdown, as lines."""
        from schemaops.reports.comment import comment

        return tuple(line(row) for row in comment(self).splitlines())
