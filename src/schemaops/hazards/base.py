"""Hazard, its severity, what a rule is and what it looks at.

A rule is a class whose docstring is its page: first what it warns of, then what to do instead. It
looks at one operation over the schema before it, and at what else the statement and the migration
say: a table that the migration itself makes has no rows, and nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from schemaops.names import Address, Kind
from schemaops.operations import Operation
from schemaops.schema.objects import Object, container
from schemaops.schema.state import Schema
from schemaops.sql.rendering.definitions import Definitions
from schemaops.sql.rendering.spelling import Spelling

__all__ = ["Change", "Hazard", "Rule", "Severity"]


class Severity(StrEnum):
    """How bad it is if the hazard comes true."""

    DANGER = "danger"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Hazard:
    """A risk of one operation: whom it concerns, why, and SQL that avoids it where there is some."""

    code: str
    name: str
    severity: Severity
    at: Address | None
    reason: str
    safer: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """An operation in its place: the schema before it, the dialect, the words of its statement that
    matter (`CONCURRENTLY`, `CASCADE`, …), and the objects that the migration itself made."""

    operation: Operation
    before: Schema
    dialect: str
    masks: frozenset[str] = frozenset()
    made: AbstractSet[Address] = frozenset()

    def is_new(self, at: Address) -> bool:
        """Whether the migration itself made what stands at an address, or its table."""
        table = Address(Kind.TABLE, at.path[:-1])
        return at in self.made or table in self.made

    def in_new_table(self, thing: Object) -> bool:
        """Whether an object stands in a table that the migration itself made."""
        table = container(thing)
        return table is not None and table in self.made


class Rule:
    """What finds hazards of one kind; each in a file of its own."""

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    dialects: ClassVar[tuple[str, ...]] = ("postgres", "mysql", "sqlite")

    def find(self, change: Change) -> Iterator[Hazard]:
        """Yield the hazards of a change."""
        raise NotImplementedError

    def hazard(self, at: Address | None, reason: str, safer: str | None = None) -> Hazard:
        """Return a hazard of this kind."""
        return Hazard(self.code, self.name, self.severity, at, reason, safer)

    def spelling(self, change: Change) -> Spelling:
        """Return how names are written in the change's dialect."""
        return Spelling(change.dialect)

    def write(self, change: Change) -> Definitions:
        """Return how definitions are written in the change's dialect."""
        return Definitions(change.dialect)


def table_of(at: Address) -> Address:
    """Return the table that a part at an address stands in."""
    return Address(Kind.TABLE, at.path[:-1])
