"""A merge of heads: the revision that it made, or what is left to decide and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from schemaops.merge.conflicts import Conflict, ConflictKind
from schemaops.reports.errors import hint_lines
from schemaops.reports.merge import (
    ConflictShape,
    MergedShape,
    MergeShape,
    conflict_lines,
    conflict_shape,
)
from schemaops.reports.proof import Proof, bug_report, proof_lines
from schemaops.reports.text import (
    Line,
    Text,
    bad,
    count,
    dim,
    good,
    ident,
    line,
    one_line,
    short,
    sql_lines,
    warn,
)

__all__ = [
    "Attempt",
    "Made",
    "MergedReport",
    "MergedShapeOfHeads",
    "Stated",
    "Way",
    "resolve_hints",
]


class MadeShape(TypedDict):
    """A merge revision that was made."""

    id: str
    parents: list[str]
    file: str | None


class MergedShapeOfHeads(MergeShape):
    """What merging heads came to: beside what two scripts would come to, the heads and the
    revisions made, none while there are conflicts or where there was nothing to merge."""

    theirs: str
    how: str
    dry_run: bool
    ours: str | None
    head: str | None
    revisions: list[MadeShape]
    decided: list[str]
    losses: list[str]
    rehearsed: str | None
    notes: list[str]
    git_conflicts: list[str]


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement of the way to the merge, as the merge has it."""

    sql: str | None
    origin: str
    carried: bool
    once: str | None
    of: tuple[str, ...]
    file: str
    line: int | None

    def shape(self) -> MergedShape:
        """Return it as plain data."""
        shape: MergedShape = {
            "sql": self.sql,
            "origin": self.origin,
            "carried": self.carried,
            "of": list(self.of),
            "file": self.file,
            "line": self.line,
        }
        if self.once is not None:
            shape["once"] = self.once
        return shape


@dataclass(frozen=True, slots=True)
class Way:
    """What a database at one head executes, as (of, kept, sql)."""

    parent: str
    side: str
    up: tuple[tuple[tuple[str, ...], str, str], ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A merge revision, and the ways to it; it has no file where nothing was written."""

    id: str
    parents: tuple[str, ...]
    ways: tuple[Way, ...]
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a scratch database says of a merge: with how many rows in how many tables, along which
    `scripts`; `note` says what was not asked of it."""

    proof: Proof
    rows: int
    tables: int
    scripts: Mapping[str, str]
    dialect: str
    note: str = ""

    def lines(self, *, clean: bool) -> Text:
        """Return it as lines."""
        same = self.note or f"with {count(self.rows, 'row')} in {count(self.tables, 'table')} alike"
        said = f"all ways end in the merge, {same}"
        report = bug_report(self.proof, self.dialect, self.scripts)
        return proof_lines(self.proof, report, said if clean else None)


@dataclass(frozen=True, slots=True)
class MergedReport:
    """What merging came to; `theirs` is what was merged, `ours` the head before, `head` the one
    there is then."""

    theirs: str
    how: str
    head: str | None = None
    ours: str | None = None
    made: tuple[Made, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    warnings: tuple[Conflict, ...] = ()
    decided: tuple[str, ...] = ()
    ours_to_merged: tuple[Stated, ...] = ()
    theirs_to_merged: tuple[Stated, ...] = ()
    fingerprint: str = ""
    losses: tuple[str, ...] = ()
    rehearsed: str | None = None
    notes: tuple[str, ...] = ()
    dry_run: bool = False
    git_conflicts: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    proofs: tuple[Attempt, ...] = ()

    @property
    def decision(self) -> bool:
        """Whether conflicts are left, or a scratch database contradicts the merge."""
        return bool(self.conflicts or self.git_conflicts) or self.proven is False

    @property
    def proven(self) -> bool | None:
        """Whether a scratch database bears it out; None where none was asked, or none could tell."""
        said = [one.proof.proven for one in self.proofs]
        if not said or None in said:
            return None if False not in said else False
        return all(said)

    def shape(self) -> MergedShapeOfHeads:
        """Return the merge as plain data."""
        return {
            "format": "schemaops.merge/1",
            "clean": not (self.conflicts or self.git_conflicts),
            "proven": self.proven,
            "conflicts": self._shapes(self.conflicts),
            "warnings": self._shapes(self.warnings),
            "ours_to_merged": [one.shape() for one in self.ours_to_merged],
            "theirs_to_merged": [one.shape() for one in self.theirs_to_merged],
            "fingerprint": self.fingerprint,
            "theirs": self.theirs,
            "how": self.how,
            "dry_run": self.dry_run,
            "ours": self.ours,
            "head": self.head,
            "revisions": [
                {"id": one.id, "parents": list(one.parents), "file": one.file} for one in self.made
            ],
            "decided": list(self.decided),
            "losses": list(self.losses),
            "rehearsed": self.rehearsed,
            "notes": list(self.notes),
            "git_conflicts": list(self.git_conflicts),
        }

    def text(self) -> Text:
        """Return the merge as lines."""
        rows: list[Line] = [line(bad("git conflict"), f": {file}") for file in self.git_conflicts]
        hint = (lambda _: ()) if self.dry_run else resolve_hints
        for conflict in self.conflicts:
            rows += conflict_lines(conflict, hint)
        for warning in self.warnings:
            rows += conflict_lines(warning, warning=True)
        if self.decided:
            rows.append(line(good("decided"), f": {', '.join(one[:8] for one in self.decided)}"))
        if self.conflicts:
            left = count(len(self.conflicts), "conflict")
            rows.append(line(bad(left), f" between {self.theirs} and here"))
        for made in self.made if not self.conflicts else ():
            verb = "would merge" if self.dry_run else "merged"
            several = len(self.made) > 1
            what = " and ".join(map(short, made.parents)) if several else self.theirs
            rows.append(line(good(verb), f" {what} as ", ident(short(made.id))))
            if made.file is not None:
                rows.append(line(dim(f"  {made.file}")))
            for way in made.ways:
                rows += _way_lines(way, "" if several else f"{way.side} ")
        if not self.made and not self.decision:
            rows.append(line(good(self.how), f": {self.theirs}"))
        rows += (line("  ", warn("loss"), f": the {loss}") for loss in self.losses)
        if self.rehearsed is not None:
            rows.append(
                line("  ", good("rehearsed"), f" from both sides and back on {self.rehearsed}")
            )
        for proof in self.proofs:
            rows += proof.lines(clean=not self.conflicts)
        rows += (line("  ", warn("note"), f": {note}") for note in self.notes)
        rows += hint_lines(self.hints)
        return tuple(rows)

    @staticmethod
    def _shapes(conflicts: tuple[Conflict, ...]) -> list[ConflictShape]:
        return [conflict_shape(one) for one in conflicts]


def resolve_hints(conflict: Conflict) -> tuple[str, ...]:
    """Return the ways out of a conflict, as commands."""
    meaning = {
        "ours": f"keep `{one_line(conflict.ours_group.text, 50)}`",
        "theirs": f"keep `{one_line(conflict.theirs_group.text, 50)}`",
        "order ours-first": "keep both, ours first",
        "order theirs-first": "keep both, theirs first",
    }
    found = tuple(
        f"schemaops resolve {conflict.id[:8]} --{decision.value}    {meaning[decision.value]}"
        for decision in conflict.decisions
    )
    if conflict.kind in (ConflictKind.CREATE_CREATE, ConflictKind.NAME_TAKEN) and conflict.address:
        name = f"{conflict.address.name}_2"
        if name.isidentifier():
            meant = "keep both, theirs by another name"
            found += (f"schemaops resolve {conflict.id[:8]} --rename {name}    {meant}",)
    return found


def _way_lines(way: Way, side: str) -> Text:
    rows: list[Line] = [line(f"  from {side}", ident(short(way.parent)), ":")]
    for of, kept, sql in way.up:
        rows.append(line(dim(f"    -- of {' '.join(map(short, of))}, {kept}")))
        if sql:
            rows += sql_lines(sql)
    return tuple(rows)
