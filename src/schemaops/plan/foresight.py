"""What a database will be after statements that were not executed yet, as far as can be known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemaops.history.revision import RevisionId
from schemaops.history.states import States
from schemaops.names import ARCHIVE, Kind
from schemaops.operations.footprint import Footprint, union
from schemaops.operations.group import Group
from schemaops.schema.state import Schema

if TYPE_CHECKING:
    from schemaops.sql.interpret import Effect

    Effects = Mapping[str, Effect]

__all__ = ["Foresight", "Seen", "Walk", "touched"]

# What leaves the schema as it is: rows, and the places in the archive that they are copied to.
_KEEPS = re.compile(
    rf"(?:CREATE SCHEMA|(?:CREATE|DROP) TABLE {ARCHIVE}[._]|(?:UN)?LOCK|INSERT|DELETE|UPDATE|SELECT"
    r"|REPLACE|SET) ?"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a text comes to: a group a statement, and the fingerprint after each."""

    groups: tuple[Group, ...]
    afters: tuple[str, ...]


class Foresight:
    """A schema that goes along with planned statements; None once an effect is not known."""

    def __init__(self, states: States, schema: Schema | None) -> None:
        self._states = states
        self._schema = schema
        self._at: tuple[RevisionId | None, str | None] | None = None

    @property
    def schema(self) -> Schema | None:
        """The schema here; None where nobody can know."""
        if self._at is not None:
            known = self._states.at(self._at[0], keep=False)
            self._schema, self._at = known.schema if known.certain else None, None
        return self._schema

    @schema.setter
    def schema(self, schema: Schema | None) -> None:
        self._schema, self._at = schema, None

    def stand_at(self, revision: RevisionId | None, fingerprint: str | None) -> None:
        """Go on from a revision with this fingerprint; its schema is looked up when asked for."""
        self._at = (revision, fingerprint)

    @property
    def fingerprint(self) -> str | None:
        """The fingerprint that the database must have here; None where nobody can know."""
        if self._at is not None:
            return self._at[1]
        return None if self._schema is None else self._schema.fingerprint

    def through(self, text: str, effects: Effects) -> Seen | None:
        """Go past the statements of a text; return what they come to, None where nobody knows."""
        if self.schema is None:
            return None
        interpretation = self._states.interpreted(text, self.schema, effects)
        if interpretation.faults or any(group.unknown for group in interpretation.groups):
            self.schema = None
            return None
        afters = []
        schema = self.schema
        for group in interpretation.groups:
            schema = group.apply(schema)
            afters.append(schema.fingerprint)
        self.schema = interpretation.after
        return Seen(interpretation.groups, tuple(afters))


class Walk:
    """A schema that goes along with statements of lossless mode on MySQL, where each is a step of its
    own; with the tables that were renamed into the archive, which no observed schema shows."""

    def __init__(self, states: States, schema: Schema | None) -> None:
        self._states = states
        self.schema = schema

    def shown(self) -> Schema | None:
        """Return what is observed of the schema; None where nobody knows."""
        if self.schema is None:
            return None
        kept = f"{ARCHIVE}_"
        if not any(str(at.at.name).startswith(kept) for at in self.schema.of_kind(Kind.TABLE)):
            return self.schema
        things = (one for one in self.schema if not str(one.at.path[0]).startswith(kept))
        return Schema.of(self.schema.dialect, things)

    def past(self, text: str, effects: Effects) -> str | None:
        """Go past a statement; return the fingerprint after it, None where nobody knows."""
        if self.schema is not None and not _KEEPS.match(text):
            read = self._states.interpreted(text, self.schema, effects)
            unknown = read.faults or any(group.unknown for group in read.groups)
            self.schema = None if unknown else read.after
        shown = self.shown()
        return None if shown is None else shown.fingerprint


def touched(groups: tuple[Group, ...]) -> Footprint | None:
    """Return what groups touch together; None where one of them was not understood."""
    if any(group.opaque for group in groups):
        return None
    return union(group.footprint() for group in groups)
