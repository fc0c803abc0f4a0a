"""A status: the heads and drafts of the work tree, and where each environment stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.reports.errors import hint_lines
from schemaops.reports.text import (
    Span,
    Text,
    aligned,
    bad,
    count,
    dim,
    good,
    ident,
    line,
    short,
    title,
    warn,
)

__all__ = ["EnvironmentStatus", "Head", "StatusReport", "StatusShape"]


class HeadShape(TypedDict):
    """A revision that none here builds on."""

    id: str
    message: str


class EnvironmentShape(TypedDict):
    """Where an environment stands, as last seen or, with `live`, as it is.

    `revision` is null for a database without revisions, and `known` false where it was never looked
    at. `ahead` counts what is applied there and not wanted by the head, `behind` and `pending` what
    the head has and it has not; `drift` is null where nobody looked.
    """

    name: str
    url: str
    known: bool
    live: bool
    seen: str | None
    revision: str | None
    behind: int
    ahead: int
    pending: list[str]
    drift: bool | None
    problem: str | None
    protected: bool
    follow: bool


class StatusShape(TypedDict):
    """The heads and drafts of the work tree, and the environments."""

    format: Literal["schemaops.status/1"]
    branch: str | None
    dialect: str
    heads: list[HeadShape]
    revisions: int
    drafts: list[str]
    merging: str | None
    environments: list[EnvironmentShape]


@dataclass(frozen=True, slots=True)
class Head:
    """A revision that none here builds on, and its title."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class EnvironmentStatus:
    """Where one environment stands."""

    name: str
    url: str
    known: bool = False
    live: bool = False
    seen: str | None = None
    revision: str | None = None
    ahead: int = 0
    pending: tuple[str, ...] = ()
    drift: bool | None = None
    problem: str | None = None
    protected: bool = False
    follow: bool = False

    def shape(self) -> EnvironmentShape:
        """Return it as plain data."""
        return {
            "name": self.name,
            "url": self.url,
            "known": self.known,
            "live": self.live,
            "seen": self.seen,
            "revision": self.revision,
            "behind": len(self.pending),
            "ahead": self.ahead,
            "pending": list(self.pending),
            "drift": self.drift,
            "problem": self.problem,
            "protected": self.protected,
            "follow": self.follow,
        }

    def cells(self) -> tuple[str | Span, ...]:
        """Return it as the cells of a row."""
        if self.problem is not None:
            return (self.name, "", bad(self.problem))
        if not self.known:
            return (self.name, dim("?"), dim("not looked at yet"))
        parts = []
        if self.pending:
            parts.append(f"{count(len(self.pending), 'revision')} behind")
        if self.ahead:
            parts.append(f"{count(self.ahead, 'revision')} to revert")
        state = warn(", ".join(parts)) if parts else good("up to date")
        drift = bad("drifted") if self.drift else ""
        seen = "" if self.live or self.seen is None else dim(f"as of {self.seen}")
        return (self.name, ident(short(self.revision)), state, drift, seen)


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The state of a work tree. Nothing in it is an error: exit code 0 but for several heads."""

    branch: str | None
    dialect: str
    heads: tuple[Head, ...]
    revisions: int
    drafts: tuple[str, ...] = ()
    merging: str | None = None
    doing: str = "merging"
    environments: tuple[EnvironmentStatus, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def decision(self) -> bool:
        """Whether there are heads to merge, or a database that was looked at has drifted."""
        return len(self.heads) > 1 or any(one.drift for one in self.environments if one.live)

    def shape(self) -> StatusShape:
        """Return the status as plain data."""
        return {
            "format": "schemaops.status/1",
            "branch": self.branch,
            "dialect": self.dialect,
            "heads": [{"id": head.id, "message": head.title} for head in self.heads],
            "revisions": self.revisions,
            "drafts": list(self.drafts),
            "merging": self.merging,
            "environments": [one.shape() for one in self.environments],
        }

    def text(self) -> Text:
        """Return the status as lines."""
        where = "no branch" if self.branch is None else f"branch {self.branch}"
        rows = [line(title(where), f", {count(self.revisions, 'revision')} ({self.dialect})")]
        if len(self.heads) > 1:
            rows.append(line(bad(f"{len(self.heads)} heads"), ", to be merged:"))
        rows += (line("  head ", ident(short(one.id)), " ", one.title) for one in self.heads)
        if self.merging is not None:
            rows.append(line(warn(self.doing), f" {self.merging}"))
        if self.drafts:
            rows += (line("drafts:"), *(line("  ", warn(draft)) for draft in self.drafts))
        if self.environments:
            rows.append(line("environments:"))
            rows += aligned(one.cells() for one in self.environments)
        rows += hint_lines(self.hints)
        return tuple(rows)
