"""A merge of scripts with what a scratch database says of it; where they disagree, a bug report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemaops import __version__
from schemaops.reports.merge import MergeFileReport, MergeShape
from schemaops.reports.text import Line, Text, aligned, bad, count, dim, good, line, plain, warn

__all__ = ["Course", "Proof", "ProvenReport", "bug_report", "proof_lines"]


@dataclass(frozen=True, slots=True)
class Course:
    """How one way went: where it ended, or what was refused."""

    name: str
    fingerprint: str = ""
    rows: int = 0
    refused: str | None = None

    def __str__(self) -> str:
        if self.refused is not None:
            return self.refused
        return f"ends in {self.fingerprint} with {count(self.rows, 'row')}"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a scratch database says: it bears the verdict out, contradicts it, or (None) cannot tell.

    `apart` says what differs: from the merge in a clean one, between the two orders in others.
    """

    proven: bool | None
    server: str
    courses: tuple[Course, ...]
    apart: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProvenReport:
    """A merge of scripts, and its proof. `scripts` are the texts by their names."""

    found: MergeFileReport
    proof: Proof
    dialect: str
    scripts: Mapping[str, str]

    @property
    def decision(self) -> bool:
        """Whether there are conflicts, or the database contradicts the merge."""
        return self.found.decision

    def shape(self) -> MergeShape:
        """Return the merge as plain data."""
        return self.found.shape()

    def text(self) -> Text:
        """Return the merge as lines, then what the database says."""
        rows = list(MergeFileReport(self.found.merge).text())
        said = "both ways end in the merge, with the same rows"
        rows += proof_lines(self.proof, self.report(), said if self.found.merge.clean else None)
        return tuple(rows)

    def report(self) -> str:
        """Return a bug report that has all there is to know, as Markdown."""
        ways = (
            ("ours_to_merged", self.found.merge.ours_to_merged),
            ("theirs_to_merged", self.found.merge.theirs_to_merged),
        )
        texts = {
            name: "".join(f"-- {one.origin}\n{one.sql};\n" for one in way if one.sql)
            for name, way in ways
        }
        return bug_report(self.proof, self.dialect, {**self.scripts, **texts})


def proof_lines(proof: Proof, report: str, clean: str | None) -> Text:
    """Return what a scratch database says: of a merge said to be clean what `clean` says, of others
    whether that is borne out; with the report of a bug where it contradicts."""
    server, proven = proof.server, proof.proven
    if proven is False:
        return _refuted(proof, report)
    if clean is not None:
        return (line(good("proven"), f" on {server}: {clean}"),)
    rows = [
        line(good("borne out"), f" on {server}:")
        if proven
        else line(warn("not borne out"), f" on {server}: both orders end alike here"),
        *_courses(proof),
    ]
    if proven is None:
        rows.append(line(dim("  with other rows they may not; nothing is proven")))
    return tuple(rows)


def bug_report(proof: Proof, dialect: str, scripts: Mapping[str, str]) -> str:
    """Return the report of a merge that was said to be clean and is not, as Markdown."""
    parts = [
        "# A clean merge that the database contradicts",
        f"schemaops {__version__}, {dialect}, {proof.server}",
        plain(_courses(proof)).rstrip(),
    ]
    for name, text in scripts.items():
        fence = "`" * max(3, _longest_run(text) + 1)
        parts.append(f"{fence}sql {name}\n{text.rstrip()}\n{fence}")
    return "\n\n".join(parts) + "\n"


def _courses(proof: Proof) -> Text:
    rows: list[Line] = list(aligned((one.name, str(one)) for one in proof.courses))
    rows += (line("  apart: ", one) for one in proof.apart)
    return tuple(rows)


def _refuted(proof: Proof, report: str) -> Text:
    rows = [
        line(
            bad("NOT PROVEN"),
            f" on {proof.server}: this was said to merge cleanly, and it does not",
        ),
        *_courses(proof),
        line(bad("this is a bug of SchemaOps"), ": do not use this merge, and please report it."),
        line("The report is ready; look through it for what must not leave your house:"),
        (),
    ]
    rows += (line(f"    {row}") if row else () for row in report.splitlines())
    return tuple(rows)


def _longest_run(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest
