"""An import: which migrations of another tool became which revisions, and what is to be said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.reports.errors import hint_lines
from schemaops.reports.text import Line, Text, count, dim, ident, line, short, title, warn

__all__ = ["ImportReport", "ImportShape", "Imported"]


class OpaqueShape(TypedDict):
    """An opaque statement of a migration, and whether its effect is known."""

    line: int
    sql: str
    effect: str


class ImportedShape(TypedDict):
    """A revision that was made. `ids` are how the tool names it, `source` the tool's file, `file` the
    revision's (null in place); `down` is `kept`, `generated` or null, and `shortfalls` are what the
    way back that was kept does not restore."""

    id: str
    parents: list[str]
    message: str
    kind: Literal["migration", "merge", "checkpoint"]
    ids: list[str]
    source: str
    author: str | None
    date: str | None
    file: str | None
    down: Literal["kept", "generated"] | None
    shortfalls: list[str]
    opaque: list[OpaqueShape]
    notes: list[str]


class ImportShape(TypedDict):
    """What an import made, or with `dry_run` would make; `already` counts what was there before."""

    format: Literal["schemaops.import/1"]
    tool: str
    dir: str
    dialect: str
    dry_run: bool
    in_place: bool
    already: int
    revisions: list[ImportedShape]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Imported:
    """A revision that was made of a migration of another tool."""

    id: str
    parents: tuple[str, ...]
    message: str
    kind: Literal["migration", "merge", "checkpoint"]
    ids: tuple[str, ...]
    source: str
    author: str | None
    date: str | None
    file: str | None
    down: Literal["kept", "generated"] | None
    shortfalls: tuple[str, ...] = ()
    opaque: tuple[tuple[int, str, str], ...] = ()
    notes: tuple[str, ...] = ()

    def shape(self) -> ImportedShape:
        """Return it as plain data."""
        return {
            "id": self.id,
            "parents": list(self.parents),
            "message": self.message,
            "kind": self.kind,
            "ids": list(self.ids),
            "source": self.source,
            "author": self.author,
            "date": self.date,
            "file": self.file,
            "down": self.down,
            "shortfalls": list(self.shortfalls),
            "opaque": [{"line": at, "sql": sql, "effect": how} for at, sql, how in self.opaque],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import made, or would make."""

    tool: str
    dir: str
    dialect: str
    revisions: tuple[Imported, ...]
    dry_run: bool = False
    in_place: bool = False
    already: int = 0
    notes: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def decision(self) -> bool:
        """Nothing is left to decide: what cannot be taken over was an error."""
        return False

    def shape(self) -> ImportShape:
        """Return the import as plain data."""
        return {
            "format": "schemaops.import/1",
            "tool": self.tool,
            "dir": self.dir,
            "dialect": self.dialect,
            "dry_run": self.dry_run,
            "in_place": self.in_place,
            "already": self.already,
            "revisions": [one.shape() for one in self.revisions],
            "notes": list(self.notes),
        }

    def text(self) -> Text:
        """Return the import as lines."""
        would = "would " if self.dry_run else ""
        verb = "read in place" if self.in_place else f"{would}import" + ("" if would else "ed")
        rows: list[Line] = []
        for one in self.revisions:
            ids = f"  {', '.join(one.ids[:3])}{' …' if len(one.ids) > 3 else ''}"
            name = one.message.partition("\n")[0] or one.kind
            rows.append(line(ident(short(one.id)), " ", title(name), dim(ids)))
            rows += (line("  ", warn("falls short"), f" {said}") for said in one.shortfalls)
            rows += (
                line(
                    "  ",
                    warn("opaque"),
                    f" {one.source.partition(':')[0]}:{at}: its effect is {how}",
                )
                for at, _, how in one.opaque
            )
            rows += (line("  ", warn("note"), f": {note}") for note in one.notes)
        rows += (line(warn("note"), f": {note}") for note in self.notes)
        before = f" ({self.already} were there already)" if self.already else ""
        rows.append(
            line(
                f"{verb}: {count(len(self.revisions), 'revision')} of {self.tool} {self.dir}{before}"
            )
        )
        short_of = sum(1 for one in self.revisions if one.shortfalls)
        if short_of:
            rows.append(
                line(
                    f"{count(short_of, 'way')} back that was written by hand falls short"
                    if short_of == 1
                    else f"{short_of} ways back that were written by hand fall short"
                )
            )
        rows += hint_lines(self.hints)
        return tuple(rows)
