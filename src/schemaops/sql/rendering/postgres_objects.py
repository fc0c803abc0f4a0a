"""PostgreSQL's objects one by one: made, dropped, renamed, owned and commented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from schemaops.names import Address, Kind
from schemaops.operations import Drop, Rename
from schemaops.schema.objects import (
    Check,
    Column,
    Comment,
    Composite,
    DefaultPrivileges,
    Domain,
    Enum,
    EventTrigger,
    Extension,
    ForeignKey,
    Grant,
    Index,
    Inheritance,
    Namespace,
    Object,
    PartitionKey,
    Policy,
    PrimaryKey,
    Range,
    Routine,
    Statistics,
    Sundry,
    Table,
    Trigger,
    Unique,
    Unmodelled,
    View,
)
from schemaops.schema.objects import Sequence as SequenceObject
from schemaops.schema.state import Schema
from schemaops.sql.rendering import postgres_lineage, postgres_storage
from schemaops.sql.rendering.clumps import Clump
from schemaops.sql.rendering.lowering import Lowering, Unwritable
from schemaops.sql.rendering.postgres_access import Access
from schemaops.sql.rendering.postgres_routines import RoutineStatements
from schemaops.sql.rendering.spelling import option
from schemaops.sql.split import split
from schemaops.sql.sundry_kinds import KINDS
from schemaops.sql.unmodelled import phrase

__all__ = ["PostgresObjects"]


class PostgresObjects(Lowering):
    """Writes what concerns one object of PostgreSQL as a whole."""

    dialect = "postgres"

    def __init__(self) -> None:
        super().__init__()
        self.routines = RoutineStatements(self.spell)
        self.access = Access(self.spell)

    def create(self, clump: Clump) -> Iterator[str]:
        """Yield what creates an object."""
        thing = clump.created()[0]
        yield from self.make(thing, clump.before)
        if isinstance(thing, SequenceObject) and thing.owner is not None:
            yield self.owned(thing)

    def make(self, thing: Object, schema: Schema) -> Iterator[str]:
        """Yield what creates an object that is no table and no column."""
        match thing:
            case Namespace():
                yield f"CREATE SCHEMA {self.spell.name(thing.at.name)}"
            case Extension():
                yield f"CREATE EXTENSION {self.spell.name(thing.at.name)}"
            case Enum():
                yield self.write.enum(thing)
            case Domain():
                yield self.write.domain(thing)
                for check in thing.checks:
                    if check.options:
                        head = f"ALTER DOMAIN {self.spell.at(thing.at)} ADD"
                        yield f"{head} {self.write.domain_check(check)}"
            case Policy():
                yield self.write.policy(thing)
            case Statistics():
                yield self.write.statistics(thing)
                if thing.target is not None:
                    yield self.target(thing)
            case Comment():
                yield self.access.comment(thing, schema)
            case Grant() | DefaultPrivileges():
                yield self.access.given(thing)
            case Composite():
                yield self.write.composite(thing)
            case Range():
                yield self.write.range(thing)
            case SequenceObject():
                yield self.write.sequence(thing)
            case PrimaryKey() | Unique() | Check() | ForeignKey():
                table = Address(Kind.TABLE, thing.at.path[:-1])
                yield f"ALTER TABLE {self.spell.at(table)} ADD {self.write.constraint(thing)}"
                yield from postgres_storage.marks(self.spell, thing)
            case Inheritance():
                yield postgres_lineage.joined(self.spell, thing)
            case Index():
                yield self.write.index(thing)
                yield from postgres_storage.marks(self.spell, thing)
            case View():
                yield self.write.view(thing, schema)
            case Routine():
                yield from self.routines.make(thing, schema)
                if thing.comment is not None:
                    yield self.routines.comment(thing)
            case Trigger():
                yield from self.routines.trigger(thing)
            case EventTrigger():
                yield from self.routines.event_trigger(thing)
            case Sundry():
                for statement in split(self.spell.expression(thing.definition), "postgres"):
                    yield statement.text
            case Unmodelled():
                yield from self.create_unmodelled(thing)
            case PartitionKey():
                raise Unwritable(f"a table that stands cannot be parted: {thing.at}")
            case Table() | Column():
                raise AssertionError(thing)

    def drop(self, clump: Clump) -> Iterator[str]:
        """Yield what drops an object."""
        chief = clump.chief
        assert isinstance(chief, Drop)
        if isinstance(chief.thing, Comment):
            yield self.access.comment(chief.thing, clump.before, gone=True)
        else:
            yield from self.unmake(chief.thing)

    def unmake(self, thing: Object) -> Iterator[str]:
        """Yield what drops an object that is no table and no column."""
        match thing:
            case PrimaryKey() | Unique() | Check() | ForeignKey():
                table = Address(Kind.TABLE, thing.at.path[:-1])
                yield (
                    f"ALTER TABLE {self.spell.at(table)} "
                    f"DROP CONSTRAINT {self.spell.name(thing.at.name)}"
                )
            case Index(table=table) if option(thing.options, "exclude"):
                name = self.spell.name(thing.at.name)
                yield f"ALTER TABLE {self.spell.at(table)} DROP CONSTRAINT {name}"
            case Inheritance():
                yield postgres_lineage.detached(self.spell, thing)
            case PartitionKey():
                raise Unwritable(f"table {thing.at} cannot be parted in another way")
            case View() if option(thing.options, "materialized"):
                yield f"DROP MATERIALIZED VIEW {self.spell.at(thing.at)}"
            case Policy():
                on = self.spell.at(Address(Kind.TABLE, thing.at.path[:-1]))
                yield f"DROP POLICY {self.spell.name(thing.at.name)} ON {on}"
            case Routine():
                yield f"DROP {self.routines.called(thing)}"
            case Trigger() | EventTrigger():
                yield f"DROP {self.routines.named(thing)}"
            case Sundry():
                yield f"DROP {phrase(thing.at)}"
            case Unmodelled():
                yield from self.drop_unmodelled(thing)
            case _:
                yield f"DROP {_WORDS[thing.at.kind]} {self.spell.at(thing.at)}"

    def rename(self, clump: Clump) -> Iterator[str]:
        """Yield ALTER … RENAME, or SET SCHEMA where an object moves to another."""
        chief = clump.chief
        assert isinstance(chief, Rename)
        old, new = chief.old, chief.new
        name = self.spell.name(new.name)
        match old.kind:
            case Kind.COLUMN if old not in clump.before:
                view = clump.before.at(Address(Kind.VIEW, old.path[:-1]))
                word = self._view_word(view)
                yield f"ALTER {word} {self.spell.at(view.at)} RENAME COLUMN {self.spell.at(old)} TO {name}"
            case Kind.COLUMN:
                table = self.spell.at(Address(Kind.TABLE, old.path[:-1]))
                yield f"ALTER TABLE {table} RENAME COLUMN {self.spell.at(old)} TO {name}"
            case Kind.PRIMARY_KEY | Kind.UNIQUE | Kind.CHECK | Kind.FOREIGN_KEY:
                table = self.spell.at(Address(Kind.TABLE, old.path[:-1]))
                yield f"ALTER TABLE {table} RENAME CONSTRAINT {self.spell.at(old)} TO {name}"
            case Kind.POLICY:
                table = self.spell.at(Address(Kind.TABLE, old.path[:-1]))
                yield f"ALTER POLICY {self.spell.name(old.name)} ON {table} RENAME TO {name}"
            case Kind.TRIGGER:
                trigger = clump.before.at(old)
                assert isinstance(trigger, Trigger)
                yield f"ALTER {self.routines.named(trigger)} RENAME TO {name}"
            case Kind.FUNCTION | Kind.PROCEDURE:
                yield from self._rename_routine(clump, old, new)
            case Kind.RULE:
                yield f"ALTER {phrase(old)} RENAME TO {name}"
            case _ if old.kind in KINDS:
                here = old
                if old.path[:-1] != new.path[:-1]:
                    yield f"ALTER {phrase(old)} SET SCHEMA {self.spell.name(new.path[0])}"
                    here = Address(old.kind, (*new.path[:-1], old.name))
                if here.bare != new.bare:
                    yield f"ALTER {phrase(here)} RENAME TO {self.spell.name(new.bare)}"
            case Kind.UNMODELLED:
                raise self.refused(chief, "what is not modelled is not renamed")
            case _:
                word = _WORDS[old.kind]
                thing = clump.before.at(old)
                if isinstance(thing, View):
                    word = self._view_word(thing)
                here = old
                if old.path[:-1] != new.path[:-1] and _goes_along(thing):
                    here = new
                elif old.path[:-1] != new.path[:-1]:
                    yield (
                        f"ALTER {word} {self.spell.at(old)} "
                        f"SET SCHEMA {self.spell.name(new.path[0])}"
                    )
                    here = Address(old.kind, (*new.path[:-1], old.name))
                if here.name != new.name:
                    yield f"ALTER {word} {self.spell.at(here)} RENAME TO {name}"

    def _view_word(self, view: Object) -> str:
        assert isinstance(view, View)
        return "MATERIALIZED VIEW" if option(view.options, "materialized") else "VIEW"

    def _rename_routine(self, clump: Clump, old: Address, new: Address) -> Iterator[str]:
        routine = clump.before.at(old)
        assert isinstance(routine, Routine)
        if old.path[:-1] != new.path[:-1]:
            space = self.spell.name(new.path[0])
            yield f"ALTER {self.routines.called(routine)} SET SCHEMA {space}"
            routine = replace(routine, at=Address(old.kind, (*new.path[:-1], old.name)))
        if old.bare != new.bare:
            yield f"ALTER {self.routines.called(routine)} RENAME TO {self.spell.name(new.bare)}"

    def change_sundry(self, before: Sundry, after: Sundry, schema: Schema) -> Iterator[str]:
        """Yield what gives an object another definition: a configuration's mappings one by one."""
        old = [one.text for one in split(self.spell.expression(before.definition), "postgres")]
        new = [one.text for one in split(self.spell.expression(after.definition), "postgres")]
        if len(old) > 1 and old[0] == new[0]:
            heads = [one.partition(" WITH ")[0] for one in new]
            gone = [one.partition(" WITH ")[0] for one in old[1:]]
            for head in gone:
                if head not in heads:
                    yield head.replace(" ADD MAPPING ", " DROP MAPPING ")
            for head, text in zip(heads, new, strict=True):
                if text not in old:
                    yield text.replace(" ADD ", " ALTER ", 1) if head in gone else text
            return
        if before.at.kind is Kind.RULE:
            yield new[0].replace("CREATE RULE", "CREATE OR REPLACE RULE", 1)
            return
        yield from self.unmake(before)
        yield from self.make(after, schema)
        yield from self.access.again(after, schema)

    def target(self, statistics: Statistics) -> str:
        """Return what sets how much statistics keep."""
        head = f"ALTER STATISTICS {self.spell.at(statistics.at)} SET STATISTICS"
        return f"{head} {'-1' if statistics.target is None else statistics.target}"

    # -- what stands in the way of a change

    def without(self, obstacles: Sequence[Object]) -> Iterator[str]:
        """Yield what drops what stands in the way."""
        for thing in reversed(obstacles):
            if isinstance(thing, Column):
                table = self.spell.at(thing.table)
                yield f"ALTER TABLE {table} DROP COLUMN {self.spell.at(thing.at)}"
            else:
                yield from self.unmake(thing)

    def again(self, obstacles: Sequence[Object], after: Schema) -> Iterator[str]:
        """Yield what makes it again, as it is in `after`."""
        for thing in obstacles:
            there = after.get(thing.at)
            if there is None:
                continue
            if isinstance(there, Column):
                table = self.spell.at(there.table)
                yield f"ALTER TABLE {table} ADD COLUMN {self.write.column(there)}"
                yield from postgres_storage.column_settings(self.spell, there)
                if there.comment is not None:
                    yield self.comment("COLUMN", there.at, there.comment)
            else:
                yield from self.make(there, after)
            yield from self.access.again(there, after)

    # -- pieces

    def owned(self, sequence: SequenceObject) -> str:
        """Return what says whose a sequence is."""
        owner = "NONE"
        if sequence.owner is not None:
            table = Address(Kind.TABLE, sequence.owner.path[:-1])
            owner = f"{self.spell.at(table)}.{self.spell.at(sequence.owner)}"
        return f"ALTER SEQUENCE {self.spell.at(sequence.at)} OWNED BY {owner}"

    def comment(self, what: str, at: Address, comment: Any) -> str:
        """Return COMMENT ON."""
        name = self.spell.at(at)
        if at.kind is Kind.COLUMN:
            name = f"{self.spell.at(Address(Kind.TABLE, at.path[:-1]))}.{name}"
        text = "NULL" if comment is None else self.spell.literal(comment)
        return f"COMMENT ON {what} {name} IS {text}"


def _goes_along(thing: Object) -> bool:
    """Whether another takes an object along when it moves to another schema."""
    return isinstance(thing, Index) or (
        isinstance(thing, SequenceObject) and thing.owner is not None
    )


_WORDS = {
    Kind.SCHEMA: "SCHEMA",
    Kind.EXTENSION: "EXTENSION",
    Kind.ENUM: "TYPE",
    Kind.DOMAIN: "DOMAIN",
    Kind.COMPOSITE: "TYPE",
    Kind.RANGE: "TYPE",
    Kind.STATISTICS: "STATISTICS",
    Kind.SEQUENCE: "SEQUENCE",
    Kind.TABLE: "TABLE",
    Kind.INDEX: "INDEX",
    Kind.VIEW: "VIEW",
    Kind.EVENT_TRIGGER: "EVENT TRIGGER",
}
