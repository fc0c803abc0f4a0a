"""A verification: what an engine says of each migration and its reversal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

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
    warn,
)

__all__ = ["Interpreted", "Reversal", "Verified", "VerifyReport", "VerifyShape"]

Interpreted = Literal["equal", "differs", "opaque"]
Reversal = Literal["exact", "differs", "fails", "irreversible"]


class VerifiedShape(TypedDict):
    """What the engine says of one migration."""

    revision: str
    interpreted: Interpreted
    reversal: Reversal
    differences: list[str]


class VerifyShape(TypedDict):
    """What the engine says of each migration."""

    format: Literal["schemaops.verify/1"]
    entries: list[VerifiedShape]


@dataclass(frozen=True, slots=True)
class Verified:
    """What the engine says of one migration."""

    revision: str
    title: str
    interpreted: Interpreted
    reversal: Reversal
    differences: tuple[str, ...] = ()

    @property
    def is_well(self) -> bool:
        """Whether nothing about it needs a look."""
        return self.interpreted == "equal" and self.reversal == "exact"


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What the engine says of each migration."""

    entries: tuple[Verified, ...]

    @property
    def decision(self) -> bool:
        """Whether the engine and what was interpreted or sealed disagree."""
        return any(
            one.interpreted == "differs" or one.reversal in ("differs", "fails")
            for one in self.entries
        )

    def shape(self) -> VerifyShape:
        """Return the verification as plain data."""
        return {
            "format": "schemaops.verify/1",
            "entries": [
                {
                    "revision": one.revision,
                    "interpreted": one.interpreted,
                    "reversal": one.reversal,
                    "differences": list(one.differences),
                }
                for one in self.entries
            ],
        }

    def text(self) -> Text:
        """Return the verification as lines."""
        looks = {"equal": good, "exact": good, "opaque": warn, "irreversible": warn}
        cells: list[tuple[str | Span, ...]] = []
        for one in self.entries:
            interpreted = looks.get(one.interpreted, bad)(one.interpreted)
            reversal = looks.get(one.reversal, bad)(one.reversal)
            cells.append((ident(short(one.revision)), interpreted, reversal, one.title))
        rows: list[Line] = []
        for row, one in zip(aligned(cells, indent=""), self.entries, strict=True):
            rows.append(row)
            rows += (line(dim(f"    {said}")) for said in one.differences)
        well = sum(one.is_well for one in self.entries)
        rows.append(line(f"{count(well, 'migration')} of {len(self.entries)} equal and exact"))
        return tuple(rows)
