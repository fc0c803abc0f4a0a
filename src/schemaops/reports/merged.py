"""A merge of heads: the revision that it made, or what is left to decide and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.merge import Conflict
from schemaops.reports.errors import hint_lines
from schemaops.reports.merge import ConflictShape, conflict_lines, conflict_shape
from schemaops.reports.text import Line, Text, bad, count, dim, good, ident, line, short, sql_lines

__all__ = ["MergedReport", "MergedShape", "WayShape"]


class WayStatementShape(TypedDict):
    """A statement on the way from one head to the merge, the revisions it stands for, and how it
    was kept; an empty `sql` is nothing to execute."""

    of: list[str]
    kept: str
    sql: str


class WayShape(TypedDict):
    """What a database that stands at one head executes to reach the merge."""

    parent: str
    up: list[WayStatementShape]


class MergedShape(TypedDict):
    """What merging came to. `revision` is null while there are conflicts, with `dry_run`, and where
    there was nothing to merge."""

    format: Literal["schemaops.merged/1"]
    theirs: str
    how: str
    dry_run: bool
    clean: bool
    ours: str | None
    head: str | None
    revision: str | None
    file: str | None
    conflicts: list[ConflictShape]
    decided: list[str]
    ways: list[WayShape]
    git_conflicts: list[str]


@dataclass(frozen=True, slots=True)
class Way:
    """What a database at one head executes, as (of, kept, sql)."""

    parent: str
    up: tuple[tuple[tuple[str, ...], str, str], ...]


@dataclass(frozen=True, slots=True)
class MergedReport:
    """What merging came to; `head` is the one head then, `theirs` what was merged."""

    theirs: str
    how: str
    head: str | None = None
    ours: str | None = None
    revision: str | None = None
    file: str | None = None
    conflicts: tuple[Conflict, ...] = ()
    decided: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    dry_run: bool = False
    git_conflicts: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def decision(self) -> bool:
        """Whether conflicts are left."""
        return bool(self.conflicts or self.git_conflicts)

    def shape(self) -> MergedShape:
        """Return the merge as plain data."""
        return {
            "format": "schemaops.merged/1",
            "theirs": self.theirs,
            "how": self.how,
            "dry_run": self.dry_run,
            "clean": not self.decision,
            "ours": self.ours,
            "head": self.head,
            "revision": self.revision,
            "file": self.file,
            "conflicts": [conflict_shape(one) for one in self.conflicts],
            "decided": list(self.decided),
            "ways": [
                {
                    "parent": way.parent,
                    "up": [{"of": list(of), "kept": kept, "sql": sql} for of, kept, sql in way.up],
                }
                for way in self.ways
            ],
            "git_conflicts": list(self.git_conflicts),
        }

    def text(self) -> Text:
        """Return the merge as lines."""
        rows: list[Line] = []
        for file in self.git_conflicts:
            rows.append(line(bad("git conflict"), f": {file}"))
        for conflict in self.conflicts:
            rows += conflict_lines(conflict, resolve_hints)
        if self.conflicts:
            left = count(len(self.conflicts), "conflict")
            done = f", {len(self.decided)} decided" if self.decided else ""
            rows.append(line(bad(left), f" between {self.theirs} and here{done}"))
        elif self.ways:
            verb = "would merge" if self.dry_run else "merged"
            name = "" if self.revision is None else " as "
            rows.append(
                line(good(verb), f" {self.theirs}{name}", ident(short(self.revision)))
                if self.revision is not None
                else line(good(verb), f" {self.theirs}")
            )
            if self.file is not None:
                rows.append(line(dim(f"  {self.file}")))
            for way in self.ways:
                rows += _way_lines(way)
        else:
            rows.append(line(good(self.how), f": {self.theirs}"))
        rows += hint_lines(self.hints)
        return tuple(rows)


def resolve_hints(conflict: Conflict) -> tuple[str, ...]:
    """Return the ways out of a conflict, as commands."""
    meaning = {
        "ours": f"keep `{_brief(conflict.ours_group.text)}`",
        "theirs": f"keep `{_brief(conflict.theirs_group.text)}`",
        "order ours-first": "keep both, ours first",
        "order theirs-first": "keep both, theirs first",
    }
    return tuple(
        f"schemaops resolve {conflict.id[:8]} --{decision.value}    {meaning[decision.value]}"
        for decision in conflict.decisions
    )


def _brief(sql: str) -> str:
    flat = " ".join(sql.split())
    return flat if len(flat) <= 50 else flat[:49] + "…"


def _way_lines(way: Way) -> Text:
    rows: list[Line] = [line("  from ", ident(short(way.parent)), ":")]
    for of, kept, sql in way.up:
        names = " ".join(map(short, of))
        rows.append(line(dim(f"    -- of {names}, {kept}")))
        if sql:
            rows += sql_lines(sql)
    return tuple(rows)
