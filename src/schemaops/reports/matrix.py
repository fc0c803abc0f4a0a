"""The conflict matrix of all open branches, and the order in which several of them merge best."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.reports.errors import hint_lines
from schemaops.reports.text import (
    Line,
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

__all__ = [
    "Between",
    "BranchPlan",
    "Found",
    "MatrixReport",
    "MatrixShape",
    "MergePlanReport",
    "MergePlanShape",
    "OpenBranch",
    "Point",
]


class FoundShape(TypedDict):
    """One conflict, in short; `schemaops merge BRANCH --dry-run` shows it whole."""

    id: str
    code: str
    address: str | None


class BetweenShape(TypedDict):
    """Two branches that are at odds, or of which that cannot be said."""

    branches: list[str]
    conflicts: list[FoundShape]
    codes: dict[str, int]
    problem: str | None


class OpenBranchShape(TypedDict):
    """An open branch; `head` is null where it has none or several."""

    name: str
    current: bool
    head: str | None
    problem: str | None


class MatrixShape(TypedDict):
    """Every pair of open branches that does not merge cleanly; the pairs not named do. `pairs` is how
    many there are, and `merged` how many of them touch the same and had to be merged to see."""

    format: Literal["schemaops.matrix/1"]
    branches: list[OpenBranchShape]
    conflicts: list[BetweenShape]
    pairs: int
    merged: int


class PointShape(TypedDict):
    """A revision, and how many of a branch's own come up to it."""

    revision: str
    title: str
    place: int


class BranchPlanShape(TypedDict):
    """A branch in a plan. `safe` is the last of its revisions up to which it merges cleanly into the
    target now, null where none does; `blocked` is the first that does not, null where all do."""

    name: str
    head: str | None
    own: int
    target: BetweenShape | None
    others: list[BetweenShape]
    safe: PointShape | None
    blocked: PointShape | None
    problem: str | None


class MergePlanShape(TypedDict):
    """Groups of branches in the order to merge them; those of one group go in any order. `clean` are
    the branches that merge, all of them, without a decision."""

    format: Literal["schemaops.mergeplan/1"]
    target: str
    head: str | None
    groups: list[list[str]]
    clean: list[str]
    branches: list[BranchPlanShape]


@dataclass(frozen=True, slots=True)
class Found:
    """A conflict in short."""

    id: str
    code: str
    address: str | None = None

    def shape(self) -> FoundShape:
        """Return it as plain data."""
        return {"id": self.id, "code": self.code, "address": self.address}


@dataclass(frozen=True, slots=True)
class Between:
    """What merging two branches comes to."""

    branches: tuple[str, str]
    conflicts: tuple[Found, ...] = ()
    problem: str | None = None

    @property
    def clean(self) -> bool:
        """Whether they merge."""
        return not self.conflicts and self.problem is None

    @property
    def codes(self) -> dict[str, int]:
        """How many conflicts of each code there are."""
        return dict(sorted(Counter(one.code for one in self.conflicts).items()))

    def words(self) -> str:
        """Return what there is, in a few words: `3 conflicts (SO301, SO303 twice)`."""
        if self.problem is not None:
            return self.problem
        if not self.conflicts:
            return "merges cleanly"
        said = ", ".join(f"{code} x{n}" if n > 1 else code for code, n in self.codes.items())
        return f"{count(len(self.conflicts), 'conflict')} ({said})"

    def shape(self) -> BetweenShape:
        """Return it as plain data."""
        return {
            "branches": list(self.branches),
            "conflicts": [one.shape() for one in self.conflicts],
            "codes": self.codes,
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True)
class OpenBranch:
    """An open branch."""

    name: str
    current: bool = False
    head: str | None = None
    problem: str | None = None

    def shape(self) -> OpenBranchShape:
        """Return it as plain data."""
        return {
            "name": self.name,
            "current": self.current,
            "head": self.head,
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True)
class MatrixReport:
    """Every pair of open branches."""

    branches: tuple[OpenBranch, ...]
    between: tuple[Between, ...]
    merged: int

    @property
    def decision(self) -> bool:
        """Whether a pair is at odds."""
        return any(not one.clean for one in self.between)

    def shape(self) -> MatrixShape:
        """Return the matrix as plain data."""
        number = len(self.branches)
        return {
            "format": "schemaops.matrix/1",
            "branches": [one.shape() for one in self.branches],
            "conflicts": [one.shape() for one in self.between if not one.clean],
            "pairs": number * (number - 1) // 2,
            "merged": self.merged,
        }

    def text(self) -> Text:
        """Return the matrix as a table, and what stands in it below."""
        if len(self.branches) < 2:
            return (line("there are no two open branches"),)
        wrong = {frozenset(one.branches): one for one in self.between if not one.clean}
        head: list[str | Span] = ["", "", *(title(str(n + 1)) for n in range(len(self.branches)))]
        table: list[list[str | Span]] = [head]
        for number, mine in enumerate(self.branches):
            name = good(f"* {mine.name}") if mine.current else f"  {mine.name}"
            row: list[str | Span] = [title(str(number + 1)), name]
            row += (
                _cell(mine, its, wrong.get(frozenset((mine.name, its.name))))
                for its in self.branches[: number + 1]
            )
            table.append(row)
        rows: list[Line] = list(aligned(table, indent=""))
        for one in self.branches:
            if one.problem is not None:
                rows.append(line(bad(one.name), f": {one.problem}"))
        for pair in self.between:
            if pair.clean:
                continue
            rows.append(line(f"{pair.branches[0]} and {pair.branches[1]}: ", bad(pair.words())))
            rows += (
                line(
                    "    ", warn(one.code), f" {one.address or ''}".rstrip(), dim(f"  {one.id[:8]}")
                )
                for one in pair.conflicts[:_SHOWN]
            )
            if len(pair.conflicts) > _SHOWN:
                rows.append(line(dim(f"    and {len(pair.conflicts) - _SHOWN} more")))
        number = len(self.branches)
        pairs = count(number * (number - 1) // 2, "pair")
        if not wrong:
            rows.append(line(good(f"{pairs} of branches merge cleanly")))
        else:
            rows.append(line(bad(f"{len(wrong)} of {pairs} at odds")))
            rows += hint_lines(("schemaops merge --plan",))
        return tuple(rows)


_SHOWN = 6


def _cell(mine: OpenBranch, its: OpenBranch, found: Between | None) -> Span:
    if mine.name == its.name:
        return dim("·")
    if mine.problem is not None or its.problem is not None:
        return warn("?")
    if found is None:
        return good("-")
    return warn("?") if found.problem is not None else bad(str(len(found.conflicts)))


@dataclass(frozen=True, slots=True)
class Point:
    """A revision of a branch, and its place among the branch's own, from 1."""

    revision: str
    title: str
    place: int

    def shape(self) -> PointShape:
        """Return it as plain data."""
        return {"revision": self.revision, "title": self.title, "place": self.place}


@dataclass(frozen=True, slots=True)
class BranchPlan:
    """A branch to merge: what it comes to with the target and with the others, how far it merges."""

    name: str
    head: str | None = None
    own: int = 0
    target: Between | None = None
    others: tuple[Between, ...] = ()
    safe: Point | None = None
    blocked: Point | None = None
    problem: str | None = None

    def shape(self) -> BranchPlanShape:
        """Return it as plain data."""
        return {
            "name": self.name,
            "head": self.head,
            "own": self.own,
            "target": None if self.target is None else self.target.shape(),
            "others": [one.shape() for one in self.others],
            "safe": None if self.safe is None else self.safe.shape(),
            "blocked": None if self.blocked is None else self.blocked.shape(),
            "problem": self.problem,
        }

    def lines(self) -> Text:
        """Return what is to be decided, and how far it merges, as lines."""
        rows: list[Line] = []
        if self.problem is not None:
            rows.append(line("       ", bad(self.problem)))
        if self.target is not None and not self.target.clean:
            rows.append(line(f"       with {self.target.branches[0]}: ", bad(self.target.words())))
        for one in self.others:
            other = next(name for name in one.branches if name != self.name)
            rows.append(line(f"       with {other}: ", warn(one.words())))
        if self.blocked is not None:
            upto = (
                ("merges cleanly up to ", ident(short(self.safe.revision)), f" {self.safe.title}")
                if self.safe is not None
                else ("nothing of it merges cleanly",)
            )
            rest = ("; not ", ident(short(self.blocked.revision)), f" {self.blocked.title}")
            rows.append(line("       ", *upto, *rest))
        return tuple(rows)


@dataclass(frozen=True, slots=True)
class MergePlanReport:
    """The order in which several branches merge with the fewest conflicts."""

    target: str
    head: str | None
    groups: tuple[tuple[str, ...], ...]
    clean: tuple[str, ...]
    branches: tuple[BranchPlan, ...]

    @property
    def decision(self) -> bool:
        """Whether a branch does not merge without a decision."""
        return len(self.clean) < len(self.branches)

    def shape(self) -> MergePlanShape:
        """Return the plan as plain data."""
        return {
            "format": "schemaops.mergeplan/1",
            "target": self.target,
            "head": self.head,
            "groups": [list(one) for one in self.groups],
            "clean": list(self.clean),
            "branches": [one.shape() for one in self.branches],
        }

    def text(self) -> Text:
        """Return the plan as lines: a group, its branches, what is to be decided."""
        if not self.branches:
            return (line(f"nothing to merge into {self.target}"),)
        named = {one.name: one for one in self.branches}
        rows: list[Line] = [line("into ", title(self.target), " at ", ident(short(self.head)))]
        for number, group in enumerate(self.groups, 1):
            order = ", in any order" if len(group) > 1 else ""
            state = good("cleanly") if set(group) <= set(self.clean) else bad("with decisions")
            rows.append(line(f"  {number}. ", state, order))
            for name in group:
                its = named[name]
                own = count(its.own, "revision")
                rows.append(line("     ", title(name), dim(f"  {own}")))
                rows += its.lines()
        unplanned = [one for one in self.branches if not any(one.name in g for g in self.groups)]
        for one in unplanned:
            rows.append(line("  -  ", title(one.name)))
            rows += one.lines()
        first = next(iter(self.groups), ())
        rows += hint_lines(tuple(f"schemaops merge {shlex.quote(name)}" for name in first[:1]))
        return tuple(rows)
