"""One revision: its statements and what each comes to, its reversal, what it loses and risks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NotRequired, TypedDict

from schemaops.history.revision import Piece, Revision, Section
from schemaops.operations import Operation
from schemaops.reports.commit import down_lines
from schemaops.reports.diff import operation_line
from schemaops.reports.hazards import HazardNote, HazardShape
from schemaops.reports.log import LogEntry, RevisionShape
from schemaops.reports.objects import operation_shape
from schemaops.reports.text import Line, Text, dim, good, ident, line, short, sql_lines, title, warn

__all__ = ["ShowReport", "ShowShape", "proven_on"]


class StatementShape(TypedDict):
    """A statement, the operations it comes to, and whether it was not understood."""

    sql: str
    operations: list[dict[str, object]]
    opaque: bool


class PieceShape(TypedDict):
    """A statement of a merge, and the revisions that it stands for."""

    of: list[str]
    kept: str
    sql: str


class SectionShape(TypedDict):
    """The way from one parent of a merge to it, and back."""

    parent: str
    up: list[PieceShape]
    down: list[PieceShape]


class ShowShape(TypedDict):
    """One revision."""

    format: Literal["schemaops.revision/1"]
    revision: RevisionShape
    statements: list[StatementShape]
    down: str | None
    down_generated: bool
    sections: NotRequired[list[SectionShape]]
    losses: list[str]
    hazards: list[HazardShape]
    fingerprint: str
    proofs: NotRequired[list[str]]


@dataclass(frozen=True, slots=True)
class ShowReport:
    """One revision; a merge's statements are those of its first section."""

    entry: LogEntry
    revision: Revision
    operations: tuple[tuple[Operation, ...], ...]
    statements: tuple[str, ...]
    opaque: tuple[bool, ...]
    fingerprint: str
    hazards: tuple[HazardNote, ...] = ()
    default_schema: str | None = None
    proofs: tuple[str, ...] = ()

    @property
    def decision(self) -> bool:
        """Nothing is left to decide."""
        return False

    def shape(self) -> ShowShape:
        """Return the revision as plain data."""
        shape: ShowShape = {
            "format": "schemaops.revision/1",
            "revision": self.entry.shape(),
            "statements": [
                {
                    "sql": sql,
                    "operations": [operation_shape(one) for one in operations],
                    "opaque": opaque,
                }
                for sql, operations, opaque in zip(
                    self.statements, self.operations, self.opaque, strict=True
                )
            ],
            "down": self.revision.down,
            "down_generated": self.revision.down_generated,
            "losses": list(self.revision.losses),
            "hazards": [one.shape() for one in self.hazards],
            "fingerprint": self.fingerprint,
        }
        if self.proofs:
            shape["proofs"] = list(self.proofs)
        if self.revision.sections:
            shape["sections"] = [_section_shape(one) for one in self.revision.sections]
        return shape

    def text(self) -> Text:
        """Return the revision as lines."""
        rows = [*self._head(), ()]
        if self.revision.sections:
            for section in self.revision.sections:
                rows += _section_lines(section)
        else:
            rows.append(line(title("up")))
            rows += sql_lines(self.revision.up, indent="  ")
        if any(self.operations):
            rows.append(line(title("operations")))
        for operations in self.operations:
            rows += (operation_line(one, self.default_schema) for one in operations)
        if not self.revision.sections:
            rows += down_lines(self.revision.down, generated=self.revision.down_generated)
        rows += (line("  ", warn("loss"), f": the {loss}") for loss in self.revision.losses)
        rows += (line("  ", good("proven"), f" {proof}") for proof in self.proofs)
        for hazard in self.hazards:
            rows += hazard.lines()
        return tuple(rows)

    def _head(self) -> list[Line]:
        entry, header = self.entry, self.revision
        rows = [line(f"{entry.kind} ", ident(entry.id))]
        for name, value in (
            ("parents", " ".join(map(short, entry.parents)) or "base"),
            ("author", entry.author),
            ("date", entry.date),
            ("migration", header.migration and header.migration[:15]),
            ("replaces", header.replaces and short(header.replaces)),
            ("file", entry.file),
        ):
            if value:
                rows.append(line(dim(f"{name:<10}"), value))
        if entry.message:
            rows += ((), *(line("    ", title(row)) for row in entry.message.splitlines()))
        return rows


def proven_on(text: str) -> str:
    """Return what a file that keeps the proof of a merge says, in a line."""
    said = dict(row.removeprefix("-- ").partition(": ")[::2] for row in text.splitlines())
    return f"on {said.get('on', 'a scratch database')}, with rows {said.get('rows', '')}".rstrip()


def _section_shape(section: Section) -> SectionShape:
    return {
        "parent": section.parent,
        "up": [_piece_shape(one) for one in section.up],
        "down": [_piece_shape(one) for one in section.down],
    }


def _piece_shape(piece: Piece) -> PieceShape:
    return {"of": list(piece.of), "kept": piece.kept.value, "sql": piece.text}


def _section_lines(section: Section) -> Text:
    rows: list[Line] = []
    for head, pieces in (("up from", section.up), ("down to", section.down)):
        rows.append(line(title(f"{head} {short(section.parent)}")))
        for piece in pieces:
            rows.append(line(dim(f"  -- of {' '.join(map(short, piece.of))}, {piece.kept}")))
            if piece.text:
                rows += sql_lines(piece.text, indent="  ")
    return tuple(rows)
