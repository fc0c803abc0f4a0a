"""What a database will be after statements that were not executed yet, as far as can be known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemaops.history.states import States
from schemaops.operations.footprint import Footprint, union
from schemaops.operations.group import Group
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Effect

__all__ = ["Foresight", "Seen", "touched"]

Effects = Mapping[str, Effect]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a text comes to: a group a statement, and the fingerprint after each."""

    groups: tuple[Group, ...]
    afters: tuple[str, ...]


class Foresight:
    """A schema that goes along with planned statements; None once an effect is not known."""

    def __init__(self, states: States, schema: Schema | None) -> None:
        self._states = states
        self.schema = schema

    @property
    def fingerprint(self) -> str | None:
        """The fingerprint that the database must have here; None where nobody can know."""
        return None if self.schema is None else self.schema.fingerprint

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


def touched(groups: tuple[Group, ...]) -> Footprint | None:
    """Return what groups touch together; None where one of them was not understood."""
    if any(group.opaque for group in groups):
        return None
    return union(group.footprint() for group in groups)
