"""The comment on a pull request, as Markdown that every forge renders.

What stands first is what a person must decide. Where the whole would be longer than forges take, the
SQL is left out first, and then what is far down in long lists.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar

from schemaops.reports.ci import Against, CiReport, Foreseen, NewRevision
from schemaops.reports.errors import error_report
from schemaops.reports.markdown import Document, code, escaped, fenced
from schemaops.reports.merged import resolve_hints
from schemaops.reports.text import count, plain, short

__all__ = ["LONGEST", "comment"]

LONGEST = 60_000
"""How many characters a comment has at most; GitHub takes 65,536."""

_MOST = 25
T = TypeVar("T")


def comment(report: CiReport, longest: int = LONGEST) -> str:
    """Return what there is to say, in no more than `longest` characters."""
    text = ""
    for brief in (0, 1, 2):
        text = _Comment(report, brief).text()
        if len(text) <= longest:
            return text
    end = "\n\n… (cut: `schemaops ci` prints all of it)\n"
    return text[: longest - len(end)].rpartition("\n\n")[0] + end


class _Comment:
    """Writes one comment; `brief` leaves out SQL (1), and the ends of long lists (2)."""

    def __init__(self, report: CiReport, brief: int) -> None:
        self._report = report
        self._brief = brief
        self._document = Document()

    def text(self) -> str:
        """Return the comment."""
        report, document = self._report, self._document
        document.heading(2, f"Schema changes: {self._verdict()}")
        document.paragraph(f"{code(report.head.name)} into {code(report.base.name)}")
        if report.findings:
            self._findings()
            return document.text()
        self._target()
        self._others()
        self._revisions()
        self._environments()
        if report.picture:
            document.heading(3, "Where they stand")
            document.block(report.picture, "mermaid")
        if self._brief:
            document.paragraph("This comment is shortened: `schemaops ci` prints all of it.")
        return document.text()

    def _verdict(self) -> str:
        report = self._report
        if report.findings:
            return f"{count(len(report.findings), 'finding')} in the history"
        if report.target.conflicts:
            return count(len(report.target.conflicts), "conflict")
        if report.target.problem is not None:
            return "it cannot be told whether they merge"
        if not report.revisions:
            return "none"
        beside = sum(bool(one.conflicts) for one in report.others)
        further = (
            f", {count(beside, 'other branch', 'other branches')} in conflict" if beside else ""
        )
        return f"{count(len(report.revisions), 'revision')}, clean{further}"

    def _findings(self) -> None:
        for finding in self._report.findings:
            shown = error_report(finding)
            where = "" if shown.file is None else f" in {code(shown.file)}"
            self._document.paragraph(f"**{shown.code}** {escaped(shown.message)}{where}")
            rows = [hint.partition("    ")[0] for hint in shown.hints]
            self._document.block("\n".join((*rows, f"schemaops explain {shown.code}")), "sh")

    def _target(self) -> None:
        report = self._report
        target = report.target
        if target.problem is not None:
            self._document.paragraph(f"**{escaped(target.problem)}**")
        if target.conflicts:
            self._document.heading(3, f"Conflicts with {code(target.branch)}")
            self._conflicts(self._document, target)
            self._document.paragraph(
                "They are decided on this branch: "
                + ", ".join(map(code, _steps(report.head.name, target.branch)))
                + "."
            )
        for warning in self._cut(target.warnings):
            places = ", ".join(
                code(str(group.place)) for group in (warning.ours_group, warning.theirs_group)
            )
            self._document.item(f"look at **{warning.code}** {escaped(warning.reason)} ({places})")

    def _conflicts(self, document: Document, against: Against) -> None:
        for conflict in self._cut(against.conflicts):
            document.paragraph(f"**{conflict.code}** {escaped(conflict.reason)}")
            sides = (
                (self._report.head.name, conflict.ours_group),
                (against.branch, conflict.theirs_group),
            )
            rows = [(code(name), code(str(it.place)), code(it.text)) for name, it in sides]
            document.table(("branch", "where", "statement"), rows)
            for hint in resolve_hints(conflict):
                command, _, meaning = hint.partition("    ")
                word, tick, statement = meaning.partition("`")
                what = f"{word}{code(statement.removesuffix('`'))}" if tick else escaped(meaning)
                document.item(f"{code(command)}: {what}")
        self._more(document, against.conflicts, "conflicts")

    def _others(self) -> None:
        others = self._report.others
        if not others:
            return
        self._document.heading(3, "Other open branches")
        self._document.table(
            ("branch", "with this one"),
            [(code(one.branch), _said(one)) for one in self._cut(others)],
        )
        self._more(self._document, others, "branches")
        for one in self._cut(others):
            if one.conflicts:
                inside = Document()
                self._conflicts(inside, one)
                inside.paragraph("Whichever of the two is merged second decides them.")
                self._document.details(f"Conflicts with {_html(one.branch)}", inside.text())

    def _revisions(self) -> None:
        revisions = self._report.revisions
        if not revisions:
            self._document.paragraph("The schema has nothing here that the target has not.")
            return
        document = self._document
        document.heading(3, "Revisions")
        for one in self._cut(revisions):
            self._revision(one)
        self._more(document, revisions, "revisions")

    def _revision(self, one: NewRevision) -> None:
        document = self._document
        document.heading(4, f"{code(short(one.entry.id))} {escaped(one.entry.title)}")
        if not self._brief:
            document.block(one.up, "sql")
        for hazard in one.hazards:
            where = "" if hazard.line is None else f" (line {hazard.line})"
            document.item(f"**{hazard.code}** {hazard.name}{where}: {escaped(hazard.reason)}")
            if hazard.safer is not None and not self._brief:
                document.details("a safer way", fenced(hazard.safer, "sql"))
        for text in one.opaque:
            document.item(f"nobody knows what this does: {code(text)}")
        for loss in one.losses:
            document.item(f"a revert cannot bring back the {escaped(loss)}")
        if one.down is None:
            document.item("**irreversible**: nothing undoes it")
        elif not self._brief:
            document.details("How it is undone", fenced(one.down, "sql"))

    def _environments(self) -> None:
        environments = self._report.environments
        if not environments:
            return
        self._document.heading(3, "What the environments will run")
        alike: defaultdict[str, list[Foreseen]] = defaultdict(list)
        for one in environments:
            alike[_plan_text(one)].append(one)
        for text, group in alike.items():
            names = ", ".join(f"**{escaped(one.environment)}** ({_standing(one)})" for one in group)
            if group[0].problem is not None:
                self._document.paragraph(f"{names}: {escaped(group[0].problem)}")
            elif group[0].plan is not None and not group[0].plan.moves:
                self._document.paragraph(f"{names}: nothing")
            else:
                self._document.paragraph(names)
                if not self._brief:
                    self._document.details("the plan", fenced(text, "text"))

    def _cut(self, listed: Sequence[T]) -> Sequence[T]:
        return listed[:_MOST] if self._brief > 1 else listed

    def _more(self, document: Document, listed: Sequence[object], what: str) -> None:
        left = len(listed) - len(self._cut(listed))
        if left:
            document.paragraph(f"… and {left} more {what}.")


def _steps(head: str, target: str) -> tuple[str, ...]:
    return (
        f"git switch {shlex.quote(head)}",
        f"schemaops merge {shlex.quote(target)}",
        "schemaops resolve …",
        "schemaops merge --continue",
        "git commit --no-edit",
    )


def _said(one: Against) -> str:
    if one.problem is not None:
        return escaped(one.problem)
    return f"**{count(len(one.conflicts), 'conflict')}**" if one.conflicts else "merges cleanly"


def _standing(one: Foreseen) -> str:
    match one.standing:
        case "live":
            return "looked at now"
        case "seen":
            return f"as of {one.seen}"
        case _:
            return "taken to be where the target is"


def _plan_text(one: Foreseen) -> str:
    """Return the plan as `schemaops plan` prints it, without the environment's name."""
    if one.plan is None:
        return one.problem or ""
    return plain(one.plan.text()).replace(f"{one.environment}: ", "", 1)


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
