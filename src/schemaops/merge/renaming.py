"""One side's object under another name: what a line comes to where both sides gave one name away.

The side's statements are read again with the new name from where the object is made, so that all that
followed speaks of it by that; on databases that have run them the object is renamed, and with it what
the engine had named after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemaops.names import Address, Kind, Relocation
from schemaops.operations import Create, Operation, Rename
from schemaops.operations.group import Group
from schemaops.operations.opaque import Opaque
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Effect, Fault, Interpretation, Interpreter
from schemaops.sql.names import fold, quote
from schemaops.sql.render import render
from schemaops.sql.split import split

__all__ = ["Renamed", "object_named", "renamed_line"]


@dataclass(frozen=True, slots=True)
class Renamed:
    """A decision that keeps both statements: what one side's makes is called by another name."""

    side: Literal["ours", "theirs"]
    name: str

    def swapped(self) -> Renamed:
        """Return the decision as it reads from the other side."""
        return Renamed("theirs" if self.side == "ours" else "ours", self.name)


_NAMED_AFTER = (
    Kind.PRIMARY_KEY,
    Kind.UNIQUE,
    Kind.CHECK,
    Kind.FOREIGN_KEY,
    Kind.INDEX,
    Kind.SEQUENCE,
)


def object_named(group: Group, at: Address | None) -> Address | None:
    """Return the object that a statement gives the name of `at` to, None where it gives it to none."""
    made = [
        operation.new if isinstance(operation, Rename) else operation.at
        for operation in group.operations
        if isinstance(operation, Create | Rename)
    ]
    if at is not None:
        for one in made:
            if one == at or one.path == at.path or one.name == at.name:
                return one
    return made[0] if len(made) == 1 else None


def renamed_line(
    base: Schema, line: Interpretation, number: int, old: Address, name: str
) -> tuple[Interpretation, tuple[str, ...]] | None:
    """Return a line whose statement `number` and those after it call an object `name`, and the
    statements that bring a database there which has run the line; None where that cannot be."""
    dialect = base.dialect
    new = Address(old.kind, (*old.path[:-1], fold(name, dialect, old.kind)))
    where = Relocation(((old, new),))
    reader = Interpreter(base, _effects(line))
    for place, group in enumerate(line.groups):
        text = group.text
        if place >= number:
            text = group.reworded(where, lambda at: quote(at.name, dialect))
        if place == number and text == group.text:
            return None
        for statement in split(text, dialect, file=group.place.file):
            if isinstance(reader.read(statement, group.place.file), Fault):
                return None
    read = reader.interpretation()
    after = Interpretation(read.groups, read.after)
    operations = _moves(line.after, read.after, old, new)
    if operations is None or len(read.groups) != len(line.groups):
        return None
    return after, tuple(render(operations, line.after))


def _moves(before: Schema, wanted: Schema, old: Address, new: Address) -> list[Operation] | None:
    """Return the renames that lead from one schema to another; None where there is more to it."""
    if old not in before:
        # A later statement has dropped it, or called it otherwise itself.
        return [] if before == wanted else None
    operations: list[Operation] = [Rename(old, new)]
    schema = operations[0].apply(before)
    for thing in tuple(schema):
        at = thing.at
        if at.kind not in _NAMED_AFTER or at in wanted or not at.name.startswith(old.name):
            continue
        there = at.sibling(str(new.name) + str(at.name)[len(old.name) :])
        if there in wanted and there not in schema:
            operations.append(Rename(at, there))
            schema = operations[-1].apply(schema)
    return operations if schema == wanted else None


def _effects(line: Interpretation) -> dict[str, Effect]:
    return {
        o.text: Effect(o.effect, o.how)
        for group in line.groups
        for o in group.operations
        if isinstance(o, Opaque) and o.effect is not None
    }
