"""What verifying came to: for each migration, what was read of it and how exact its way back is."""

from __future__ import annotations

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
    good,
    ident,
    line,
    short,
    warn,
)

__all__ = ["Verified", "VerifyReport", "VerifyShape"]

Interpreted = Literal["equal", "differs", "opaque"]
Reversal = Literal["exact", "differs", "fails", "irreversible"]


class VerifiedShape(TypedDict):
    """One migration. `interpreted` compares the schema that was read with the one observed after
    it, `reversal` the one before it with what its way back leaves; each difference is a sentence."""

    revision: str
    interpreted: Interpreted
    reversal: Reversal
    differences: list[str]


class VerifyShape(TypedDict):
    """Each migration on a scratch database. `scratch` is what it ran on, `lacking` what that refuses
    of the schemas to begin at, so that what needs it could not be looked at."""

    format: Literal["schemaops.verify/1"]
    scratch: str | None
    migrations: list[VerifiedShape]
    lacking: list[str]


@dataclass(frozen=True, slots=True)
class Verified:
    """One migration as it went on a scratch database."""

    revision: str
    title: str
    interpreted: Interpreted
    reversal: Reversal
    differences: tuple[str, ...] = ()

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
        }


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What each migration came to, in the order of history."""

    scratch: str | None
    migrations: tuple[Verified, ...] = ()
    lacking: tuple[str, ...] = ()

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
        }

    def text(self) -> Text:
        """Return what was found as lines."""
        if not self.migrations:
            return (line("no migrations to verify"),)
        table = aligned(
            (ident(short(one.revision)), one.title, _marked(one.interpreted), _marked(one.reversal))
            for one in self.migrations
        )
        rows: list[Line] = []
        for one, row in zip(self.migrations, table, strict=True):
            rows.append(row)
            rows += (line("      ", bad(said)) for said in one.differences)
        wrong = sum(one.differs for one in self.migrations)
        number = count(len(self.migrations), "migration")
        verdict = bad(f"{wrong} of {number} differ") if wrong else good(f"verified {number}")
        rows.append(line(verdict, f" on {self.scratch}"))
        rows += (line("  ", warn("lacking"), f": {one}") for one in self.lacking)
        if self.lacking:
            rows += hint_lines(("schemaops verify --scratch URL    on a server that has it",))
        return tuple(rows)


def _marked(verdict: str) -> Span:
    if verdict in ("equal", "exact"):
        return good(verdict)
    return warn(verdict) if verdict in ("opaque", "irreversible") else bad(verdict)
