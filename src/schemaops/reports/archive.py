"""What a database in lossless mode keeps, and what was purged of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.reports.errors import hint_lines
from schemaops.reports.text import Span, Text, aligned, count, dim, ident, line, short, title, warn

__all__ = ["ArchiveReport", "ArchiveShape", "KeptLine", "PurgeReport", "PurgeShape"]


_SHOWN = 20
"""So many keys are named in text; JSON names up to a thousand."""


class KeptShape(TypedDict):
    """One table in the archive: where it is, what it was taken from and by which revision, how many
    rows (an estimate on servers) and bytes it has, and whether a revert would put it back;
    `not_put_back` are the keys of the rows that a revert could not put back and left there."""

    place: str
    table: str | None
    what: Literal["table", "rows"]
    revision: str | None
    message: str | None
    since: str | None
    rows: int | None
    bytes: int | None
    needed: bool
    not_put_back: list[str]


class ArchiveShape(TypedDict):
    """What the database of an environment keeps of what was taken away, the oldest first."""

    format: Literal["schemaops.archive/1"]
    environment: str
    kept: list[KeptShape]


class PurgeShape(TypedDict):
    """What was purged, or would be."""

    format: Literal["schemaops.purge/1"]
    environment: str
    older_than: str
    purged: bool
    kept: list[KeptShape]


@dataclass(frozen=True, slots=True)
class KeptLine:
    """One table in the archive."""

    place: str
    table: str | None
    what: Literal["table", "rows"]
    revision: str | None
    message: str | None
    since: str | None
    rows: int | None
    size: int | None
    needed: bool
    age: str | None
    not_put_back: tuple[str, ...] = ()

    def shape(self) -> KeptShape:
        """Return it as plain data."""
        return {
            "place": self.place,
            "table": self.table,
            "what": self.what,
            "revision": self.revision,
            "message": self.message,
            "since": self.since,
            "rows": self.rows,
            "bytes": self.size,
            "needed": self.needed,
            "not_put_back": list(self.not_put_back),
        }


@dataclass(frozen=True, slots=True)
class ArchiveReport:
    """What a database keeps."""

    environment: str
    kept: tuple[KeptLine, ...]

    @property
    def decision(self) -> bool:
        """Nothing is left to decide."""
        return False

    def shape(self) -> ArchiveShape:
        """Return it as plain data."""
        return {
            "format": "schemaops.archive/1",
            "environment": self.environment,
            "kept": [one.shape() for one in self.kept],
        }

    def text(self) -> Text:
        """Return what is kept, one a line."""
        if not self.kept:
            return (line(f"{self.environment} keeps nothing in its archive"),)
        return (line(title(self.environment), " keeps:"), *_lines(self.kept))


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """What was purged, or with `purged` unset would be."""

    environment: str
    older_than: str
    purged: bool
    kept: tuple[KeptLine, ...]
    hints: tuple[str, ...] = ()

    @property
    def decision(self) -> bool:
        """Whether a yes is wanted."""
        return bool(self.kept) and not self.purged

    def shape(self) -> PurgeShape:
        """Return it as plain data."""
        return {
            "format": "schemaops.purge/1",
            "environment": self.environment,
            "older_than": self.older_than,
            "purged": self.purged,
            "kept": [one.shape() for one in self.kept],
        }

    def text(self) -> Text:
        """Return what was purged, one a line."""
        if not self.kept:
            return (line(f"{self.environment} keeps nothing that is older than {self.older_than}"),)
        said = "purged from" if self.purged else warn("would be purged for good from")
        return (
            line(said, " ", title(self.environment), ":"),
            *_lines(self.kept),
            *hint_lines(self.hints),
        )


def _lines(kept: tuple[KeptLine, ...]) -> Text:
    rows = []
    for one in kept:
        size = [] if one.rows is None else [count(one.rows, "row")]
        if one.size is not None:
            size.append(f"{one.size:,} bytes")
        by = ident(short(one.revision)) if one.revision else dim("nobody knows")
        rows.append(
            (
                one.table or one.place,
                "the table" if one.what == "table" else "its rows",
                ", ".join(size),
                by,
                one.message or "",
                dim("" if one.age is None else f"{one.age} ago"),
                _use(one),
            )
        )
    return aligned(rows)


def _use(one: KeptLine) -> Span:
    if one.not_put_back:
        more = (one.rows or 0) - len(one.not_put_back[:_SHOWN])
        keys = "; ".join(one.not_put_back[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
        return warn(f"not put back, since others wrote to them: {keys}")
    return warn("a revert would put it back") if one.needed else dim("not needed by a revert")
