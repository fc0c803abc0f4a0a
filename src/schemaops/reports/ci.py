"""What a pull request should say: what it changes, what that conflicts with, risks and loses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.merge import Conflict
from schemaops.reports.hazards import HazardNote, HazardShape
from schemaops.reports.log import LogEntry, RevisionShape
from schemaops.reports.markdown import Document, code, escaped, fenced
from schemaops.reports.merge import ConflictShape, conflict_shape
from schemaops.reports.mermaid import picture
from schemaops.reports.text import Text, count, line, short

__all__ = ["CiReport", "CiShape", "NewRevision", "OtherBranch", "PendingEnvironment"]


class NewRevisionShape(TypedDict):
    """A revision that the pull request brings."""

    revision: RevisionShape
    up: str
    down: str | None
    losses: list[str]
    hazards: list[HazardShape]
    opaque: list[str]


class OtherBranchShape(TypedDict):
    """Another open branch, and how many conflicts a merge of the two would come to."""

    branch: str
    conflicts: int | None


class PendingShape(TypedDict):
    """An environment as last seen, and the revisions it would get."""

    environment: str
    revision: str | None
    pending: list[str]


class CiShape(TypedDict):
    """What the comment says."""

    format: Literal["schemaops.ci/1"]
    base: str
    head: str
    clean: bool
    heads: list[str]
    revisions: list[NewRevisionShape]
    conflicts: list[ConflictShape]
    others: list[OtherBranchShape]
    environments: list[PendingShape]
    problems: list[str]


@dataclass(frozen=True, slots=True)
class NewRevision:
    """A revision that the pull request brings."""

    entry: LogEntry
    up: str
    down: str | None
    losses: tuple[str, ...] = ()
    hazards: tuple[HazardNote, ...] = ()
    opaque: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherBranch:
    """Another open branch, and the conflicts with it; None where nobody can say."""

    branch: str
    conflicts: int | None


@dataclass(frozen=True, slots=True)
class PendingEnvironment:
    """An environment as last seen, and the revisions that it would get."""

    name: str
    revision: str | None
    pending: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CiReport:
    """What a pull request changes. `problems` are what keeps it from being looked at further."""

    base: str
    head: str
    heads: tuple[str, ...]
    revisions: tuple[NewRevision, ...]
    conflicts: tuple[Conflict, ...] = ()
    others: tuple[OtherBranch, ...] = ()
    environments: tuple[PendingEnvironment, ...] = ()
    problems: tuple[str, ...] = ()
    dialect: str = ""

    @property
    def decision(self) -> bool:
        """Whether a person must decide something before this is merged."""
        return bool(self.conflicts or self.problems)

    def shape(self) -> CiShape:
        """Return the report as plain data."""
        return {
            "format": "schemaops.ci/1",
            "base": self.base,
            "head": self.head,
            "clean": not self.decision,
            "heads": list(self.heads),
            "revisions": [
                {
                    "revision": one.entry.shape(),
                    "up": one.up,
                    "down": one.down,
                    "losses": list(one.losses),
                    "hazards": [hazard.shape() for hazard in one.hazards],
                    "opaque": list(one.opaque),
                }
                for one in self.revisions
            ],
            "conflicts": [conflict_shape(one) for one in self.conflicts],
            "others": [{"branch": o.branch, "conflicts": o.conflicts} for o in self.others],
            "environments": [
                {"environment": e.name, "revision": e.revision, "pending": list(e.pending)}
                for e in self.environments
            ],
            "problems": list(self.problems),
        }

    def text(self) -> Text:
        """Return the comment, which is Markdown, as lines."""
        return tuple(line(row) for row in self.markdown().splitlines())

    def markdown(self) -> str:
        """Return the comment."""
        document = Document()
        document.heading(2, f"Schema changes: {self._verdict()}")
        if not self.revisions and not self.problems:
            document.paragraph(
                f"{code(self.head)} changes nothing in the schema beside {code(self.base)}."
            )
            return document.text()
        for problem in self.problems:
            document.paragraph(f"**{escaped(problem)}**")
        self._conflicts(document)
        self._revisions(document)
        self._around(document)
        return document.text()

    def _verdict(self) -> str:
        if self.problems:
            return "not mergeable"
        if self.conflicts:
            return count(len(self.conflicts), "conflict")
        if not self.revisions:
            return "none"
        return f"{count(len(self.revisions), 'revision')}, merges cleanly"

    def _conflicts(self, document: Document) -> None:
        if not self.conflicts:
            return
        document.heading(3, f"Conflicts with {self.base}")
        for conflict in self.conflicts:
            document.paragraph(f"**{conflict.code}** {escaped(conflict.reason)}")
            document.table(
                ("side", "where", "statement"),
                [
                    (side, code(str(group.place)), code(group.text))
                    for side, group in (
                        (self.base, conflict.ours_group),
                        (self.head, conflict.theirs_group),
                    )
                ],
            )
            document.paragraph(f"Read more: {code(f'schemaops explain {conflict.code}')}")
        document.paragraph(
            "To settle them, merge the target into this branch and decide each: "
            f"{code(f'schemaops merge {self.base}')}, then `schemaops resolve`."
        )

    def _revisions(self, document: Document) -> None:
        if not self.revisions:
            return
        document.heading(3, "Revisions")
        for one in self.revisions:
            document.heading(4, f"{code(short(one.entry.id))} {escaped(one.entry.title)}")
            document.block(one.up, "sql")
            for hazard in one.hazards:
                where = "" if hazard.line is None else f" (line {hazard.line})"
                document.item(f"**{hazard.code}** {hazard.name}{where}: {escaped(hazard.reason)}")
                if hazard.safer is not None:
                    document.block(hazard.safer, "sql")
            for text in one.opaque:
                document.item(f"not understood: {code(text)}")
            for loss in one.losses:
                document.item(f"a revert cannot bring back the {escaped(loss)}")
            if one.down is None:
                document.item("**irreversible**: nothing undoes it")
            else:
                document.details("How it is undone", fenced(one.down, "sql"))
        ids = {one.entry.id for one in self.revisions}
        drawn = [(o.entry.id, o.entry.parents, o.entry.title) for o in self.revisions]
        document.block(picture(drawn, ids), "mermaid")

    def _around(self, document: Document) -> None:
        if self.others:
            document.heading(3, "Other open branches")
            said = {None: "cannot be said", 0: "merges cleanly"}
            document.table(
                ("branch", "with this one"),
                [
                    (
                        code(one.branch),
                        said.get(one.conflicts) or f"**{count(one.conflicts or 0, 'conflict')}**",
                    )
                    for one in self.others
                ],
            )
        if self.environments:
            document.heading(3, "Environments")
            document.table(
                ("environment", "stands at", "would get"),
                [
                    (
                        code(one.name),
                        code(short(one.revision)),
                        " ".join(map(_short_code, one.pending)),
                    )
                    for one in self.environments
                ],
            )


def _short_code(revision: str) -> str:
    return code(short(revision))
