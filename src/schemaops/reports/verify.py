"""What verifying came to: for each migration, what was read of it and how exact its way back is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from schemaops.reports.errors import hint_lines
from schemaops.reports.shortfalls import Shortfall, ShortfallShape
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
    sql_lines,
    warn,
)

__all__ = ["RowsKept", "Verified", "VerifyReport", "VerifyShape", "Written"]

Interpreted = Literal["equal", "differs", "opaque"]
Reversal = Literal["exact", "differs", "fails", "irreversible"]
RowsKept = Literal["none", "restored", "lost", "refused", "differs"]


class WrittenShape(TypedDict):
    """A down that a person wrote: where it falls short on the engine, object by object, and the
    statements of the generated one, null where there is none that is exact."""

    shortfalls: list[ShortfallShape]
    generated: list[str] | None


class VerifiedShape(TypedDict):
    """One migration. `interpreted` compares the schema that was read with the one observed after
    it, `reversal` the one before it with what its way back leaves; each difference is a sentence.

    `rows` says what became of the rows that were in the tables before, there and back as lossless
    mode goes: `restored`, `lost` where that is listed as a loss, `refused` where the up does not run
    on rows, `differs`, or `none` where there were none; `notes` say more. `twice` is whether sending
    the way back once more changes nothing, null where it was not tried."""

    revision: str
    interpreted: Interpreted
    reversal: Reversal
    differences: list[str]
    title: str
    rows: RowsKept
    notes: list[str]
    twice: bool | None
    written: WrittenShape | None
    seconds: float


class VerifyShape(TypedDict):
    """Each migration on a scratch database. `scratch` is what it ran on, `lacking` what that refuses
    of the schemas to begin at, so that what needs it could not be looked at; `jobs` is how many
    databases were used beside each other, and `seconds` how long it took in all."""

    format: Literal["schemaops.verify/1"]
    scratch: str | None
    migrations: list[VerifiedShape]
    lacking: list[str]
    jobs: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Written:
    """How a down that a person wrote compares: where it falls short on the engine, and the generated
    statements, None where no exact reversal is known."""

    shortfalls: tuple[Shortfall, ...]
    generated: tuple[str, ...] | None

    def shape(self) -> WrittenShape:
        """Return it as plain data."""
        return {
            "shortfalls": [one.shape() for one in self.shortfalls],
            "generated": None if self.generated is None else list(self.generated),
        }


@dataclass(frozen=True, slots=True)
class Verified:
    """One migration as it went on a scratch database."""

    revision: str
    title: str
    interpreted: Interpreted
    reversal: Reversal
    differences: tuple[str, ...] = ()
    rows: RowsKept = "none"
    notes: tuple[str, ...] = ()
    twice: bool | None = None
    written: Written | None = None
    seconds: float = 0.0

    @property
    def differs(self) -> bool:
        """Whether it went otherwise than was read, or its way back does not restore the schema."""
        return self.interpreted == "differs" or self.reversal in ("differs", "fails")

    def shape(self) -> VerifiedShape:
        """Return it as plain data."""
        return {
            "revision": self.revision,
            "interpreted": self.interpreted,
            "reversal": self.reversal,
            "differences": list(self.differences),
            "title": self.title,
            "rows": self.rows,
            "notes": list(self.notes),
            "twice": self.twice,
            "written": None if self.written is None else self.written.shape(),
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What each migration came to, in the order of history."""

    scratch: str | None
    migrations: tuple[Verified, ...] = ()
    lacking: tuple[str, ...] = ()
    jobs: int = 1
    seconds: float = 0.0

    @property
    def decision(self) -> bool:
        """Whether a migration differs."""
        return any(one.differs for one in self.migrations)

    def shape(self) -> VerifyShape:
        """Return what was found as plain data."""
        return {
            "format": "schemaops.verify/1",
            "scratch": self.scratch,
            "migrations": [one.shape() for one in self.migrations],
            "lacking": list(self.lacking),
            "jobs": self.jobs,
            "seconds": round(self.seconds, 3),
        }

    def text(self) -> Text:
        """Return what was found as lines."""
        if not self.migrations:
            return (line("no migrations to verify"),)
        table = aligned(
            (
                ident(short(one.revision)),
                one.title,
                _marked(one.interpreted),
                _marked(one.reversal),
                _ROWS[one.rows],
                dim(_time(one.seconds)),
            )
            for one in self.migrations
        )
        rows: list[Line] = []
        for one, row in zip(self.migrations, table, strict=True):
            rows.append(row)
            # What falls short object by object need not be said as operations as well.
            told = one.written is not None and bool(one.written.shortfalls)
            left = [said for said in one.differences if not (told and said.startswith("down: "))]
            rows += (line("      ", bad(said)) for said in left)
            rows += (line("      ", warn("note"), f": {said}") for said in one.notes)
            if one.twice is False:
                rows.append(line("      ", warn("note"), ": sent twice, the way back does more"))
            if one.written is not None:
                rows += _written_lines(one.written)
        wrong = sum(one.differs for one in self.migrations)
        number = count(len(self.migrations), "migration")
        verdict = bad(f"{wrong} of {number} differ") if wrong else good(f"verified {number}")
        beside = f", {count(self.jobs, 'database')} beside each other" if self.jobs > 1 else ""
        took = dim(f" in {_time(self.seconds)}")
        rows.append(line(verdict, f" on {self.scratch}{beside}", took))
        rows += (line("  ", warn("lacking"), f": {one}") for one in self.lacking)
        if self.lacking:
            rows += hint_lines(("schemaops verify --scratch URL    on a server that has it",))
        return tuple(rows)


_ROWS: dict[RowsKept, Span] = {
    "none": dim("no rows"),
    "restored": good("rows restored"),
    "lost": warn("rows lost"),
    "refused": warn("empty tables only"),
    "differs": bad("rows differ"),
}


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _written_lines(written: Written) -> Text:
    rows: list[Line] = [
        line("      ", warn("shortfall"), f": {one.said}") for one in written.shortfalls
    ]
    if written.shortfalls and written.generated is not None:
        rows.append(line("      ", "the generated way back restores it:"))
        for text in written.generated or ("-- nothing",):
            rows += sql_lines(text + ";", indent="        ")
    return tuple(rows)


def _marked(verdict: str) -> Span:
    if verdict in ("equal", "exact"):
        return good(verdict)
    return warn(verdict) if verdict in ("opaque", "irreversible") else bad(verdict)
