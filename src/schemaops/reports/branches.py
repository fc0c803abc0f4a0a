"""Branches: where each stands against the current one, and whether the two merge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

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
    warn,
)

__all__ = ["BranchLine", "BranchesReport", "BranchesShape"]


class BranchShape(TypedDict):
    """One branch. `ahead` and `behind` count revisions against the current branch; `conflicts` is
    what a merge of the two comes to, null where one of them has several heads."""

    name: str
    current: bool
    heads: list[str]
    ahead: int
    behind: int
    conflicts: int | None
    problem: str | None


class BranchesShape(TypedDict):
    """The branches of the repository."""

    format: Literal["schemaops.branches/1"]
    current: str | None
    branches: list[BranchShape]


@dataclass(frozen=True, slots=True)
class BranchLine:
    """One branch against the current one."""

    name: str
    current: bool = False
    heads: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    ahead: int = 0
    behind: int = 0
    conflicts: int | None = 0
    problem: str | None = None

    def cells(self) -> tuple[str | Span, ...]:
        """Return the branch as the cells of a row."""
        name = good(f"* {self.name}") if self.current else f"  {self.name}"
        if self.problem is not None:
            return (name, "", bad(self.problem))
        if len(self.heads) > 1:
            state: str | Span = bad(f"{len(self.heads)} heads")
        elif self.current:
            state = ""
        elif self.conflicts:
            state = bad(count(self.conflicts, "conflict"))
        elif self.conflicts is None:
            state = warn("several heads")
        else:
            state = good("merges cleanly" if self.ahead else "nothing to merge")
        apart = [f"{n} {word}" for n, word in ((self.ahead, "ahead"), (self.behind, "behind")) if n]
        heads = " ".join(map(short, self.heads)) or "base"
        return (name, ident(heads), ", ".join(apart), state, dim("; ".join(self.titles)))


@dataclass(frozen=True, slots=True)
class BranchesReport:
    """The branches of the repository."""

    current: str | None
    branches: tuple[BranchLine, ...]

    @property
    def decision(self) -> bool:
        """Listing decides nothing."""
        return False

    def shape(self) -> BranchesShape:
        """Return the branches as plain data."""
        return {
            "format": "schemaops.branches/1",
            "current": self.current,
            "branches": [
                {
                    "name": one.name,
                    "current": one.current,
                    "heads": list(one.heads),
                    "ahead": one.ahead,
                    "behind": one.behind,
                    "conflicts": one.conflicts,
                    "problem": one.problem,
                }
                for one in self.branches
            ],
        }

    def text(self) -> Text:
        """Return the branches, one a line."""
        if not self.branches:
            return (line("no branch has a commit yet"),)
        return aligned((one.cells() for one in self.branches), indent="")
