"""PostgreSQL's statements.

A view over a column, a generated column and an expression that the new type does not fit stand in
the way of ALTER … TYPE; they are dropped before and made again after. A type's labels can be added
and renamed; any other change makes the type anew and casts the columns over through text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Drop, Rename
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import (
    Check,
    Column,
    Enum,
    Extension,
    ForeignKey,
    Identity,
    Index,
    Namespace,
    Object,
    PrimaryKey,
    Table,
    Unique,
    Unmodelled,
    View,
)
from schemaops.schema.objects import Sequence as SequenceObject
from schemaops.schema.state import Schema
from schemaops.sql.rendering import around
from schemaops.sql.rendering.clumps import Clump
from schemaops.sql.rendering.definitions import SEQUENCE_NAME, Constraint
from schemaops.sql.rendering.lowering import Lowering, constraints_of, indexes_of
from schemaops.sql.rendering.spelling import option
from schemaops.sql.types import Family, family

__all__ = ["Postgres"]

_NUMBERS = frozenset({Family.INTEGER, Family.EXACT, Family.FLOAT})


class Postgres(Lowering):
    """Writes PostgreSQL."""

    dialect = "postgres"

    # -- tables and columns

    def make_table(self, clump: Clump) -> Iterator[str]:
        """Yield CREATE TABLE, the sequences it needs before it, its indexes and comments after."""
        made = clump.created()
        table = made[0]
        assert isinstance(table, Table)
        columns = [thing for thing in made if isinstance(thing, Column)]
        sequences = [thing for thing in made if isinstance(thing, SequenceObject)]
        for sequence in sequences:
            yield self.write.sequence(sequence)
        constraints, rest = _told_apart(constraints_of(clump))
        yield self.write.table(table, columns, constraints)
        for constraint in rest:
            yield f"ALTER TABLE {self.spell.at(table.at)} ADD {self.write.constraint(constraint)}"
        for sequence in sequences:
            yield self._owned(sequence)
        for index in indexes_of(clump):
            yield self.write.index(index)
        if table.comment is not None:
            yield self._comment("TABLE", table.at, table.comment)
        for column in columns:
            if column.comment is not None:
                yield self._comment("COLUMN", column.at, column.comment)

    def add_column(self, clump: Clump) -> Iterator[str]:
        """Yield ADD COLUMN, with the sequence that it owns."""
        made = clump.created()
        column = made[0]
        assert isinstance(column, Column)
        sequences = [thing for thing in made if isinstance(thing, SequenceObject)]
        for sequence in sequences:
            yield self.write.sequence(sequence)
        yield f"ALTER TABLE {self.spell.at(column.table)} ADD COLUMN {self.write.column(column)}"
        for sequence in sequences:
            yield self._owned(sequence)
        if column.comment is not None:
            yield self._comment("COLUMN", column.at, column.comment)

    def drop_column(self, clump: Clump) -> Iterator[str]:
        """Yield DROP COLUMN, which takes along what stands in the table over the column."""
        at = clump.chief.at  # type: ignore[union-attr]
        table = Address(Kind.TABLE, at.path[:-1])
        yield f"ALTER TABLE {self.spell.at(table)} DROP COLUMN {self.spell.at(at)}"

    def lower(self, line: Iterable[Clump]) -> Iterator[str]:
        """Yield the statements of clumps; neighbouring changes of columns go around what is over
        them once, so that two columns that a foreign key ties change together."""
        for joint, found in groupby(line, key=_changes_column):
            if joint:
                yield from self._change_columns(list(found))
            else:
                for clump in found:
                    yield from self.statements(clump)

    def _change_columns(self, found: Sequence[Clump]) -> Iterator[str]:
        schema = found[0].before
        changed: dict[Address, Column] = {}
        for clump in found:
            at = clump.chief.at  # type: ignore[union-attr]
            facts = {o.fact: o.after for o in clump.operations if isinstance(o, Alter)}
            changed[at] = replace(changed.get(at) or schema.column(at), **facts)
        retyped, strange, anew = [], [], []
        for at, after in changed.items():
            before = schema.column(at)
            if after.generated not in (None, before.generated):
                anew.append(at)
            elif (after.type, after.collation) != (before.type, before.collation):
                retyped.append(at)
                if not _akin(before.type, after.type):
                    strange.append(at)
        over = {t.at: t for t in around.over_columns(schema, (*retyped, *anew), strange=strange)}
        for at in anew:
            over |= {t.at: t for t in around.keys_over(schema, at)}
        for at in changed:
            over.pop(at, None)
        obstacles = around.in_order(over.values())
        yield from self._without(obstacles)
        after_all = schema
        for at, after in changed.items():
            before = schema.column(at)
            yield from self._anew(before, after) if at in anew else self._facts(before, after)
            after_all = after_all.replacing(after)
        yield from self._again(obstacles, after_all)

    def _anew(self, before: Column, after: Column) -> Iterator[str]:
        table = self.spell.at(before.table)
        yield f"ALTER TABLE {table} DROP COLUMN {self.spell.at(before.at)}"
        yield f"ALTER TABLE {table} ADD COLUMN {self.write.column(after)}"
        if after.comment is not None:
            yield self._comment("COLUMN", after.at, after.comment)

    def _facts(self, before: Column, after: Column) -> Iterator[str]:
        name = self.spell.name(after.at.name)
        head = f"ALTER TABLE {self.spell.at(after.table)} ALTER COLUMN {name}"
        default = before.default
        if before.generated is not None and after.generated is None:
            yield f"{head} DROP EXPRESSION"
        if before.identity is not None and after.identity is None:
            yield f"{head} DROP IDENTITY"
        if (before.type, before.collation) != (after.type, after.collation):
            if default is not None and not _numeric(before.type, after.type):
                yield f"{head} DROP DEFAULT"
                default = None
            yield f"{head} TYPE {self._type(before, after)}"
        if default != after.default:
            if after.default is None:
                yield f"{head} DROP DEFAULT"
            else:
                yield f"{head} SET DEFAULT {self.spell.default(after.default)}"
        if before.nullable and not after.nullable:
            yield f"{head} SET NOT NULL"
        if after.identity is not None and before.identity != after.identity:
            yield from self._identity(head, before.identity, after)
        if not before.nullable and after.nullable:
            yield f"{head} DROP NOT NULL"
        if before.comment != after.comment:
            yield self._comment("COLUMN", after.at, after.comment)

    def _identity(self, head: str, before: Identity | None, column: Column) -> Iterator[str]:
        after = column.identity
        assert after is not None
        if before is None:
            yield f"{head} ADD {self.write.identity(column)}"
            return
        kind = "ALWAYS" if after.always else "BY DEFAULT"
        words = [f"SET GENERATED {kind}"] if before.always != after.always else []
        old = tuple(pair for pair in before.options if pair[0] != SEQUENCE_NAME)
        new = tuple(pair for pair in after.options if pair[0] != SEQUENCE_NAME)
        words += [f"SET {_DEFAULT_OPTIONS[k]}" for k, _ in old if option(new, k) is None]
        words += [f"SET {self.write.sequence_options((p,))}" for p in new if p not in old]
        if words:
            yield f"{head} {' '.join(words)}"
        names = option(before.options, SEQUENCE_NAME), option(after.options, SEQUENCE_NAME)
        if names[0] != names[1] and names[0] and names[1]:
            space = column.at.path[0]
            old_name = self.spell.at(Address(Kind.SEQUENCE, (space, Name(names[0]))))
            yield f"ALTER SEQUENCE {old_name} RENAME TO {self.spell.name(names[1])}"

    def _type(self, before: Column, after: Column) -> str:
        name, kind = self.spell.name(after.at.name), self.spell.expression(after.type)
        collate = f" COLLATE {self.write.collation(after.collation)}" if after.collation else ""
        if before.type == after.type or _assignable(before.type, after.type):
            return f"{kind}{collate}"
        through = "" if _castable(before.type, after.type) else "::text"
        return f"{kind}{collate} USING {name}{through}::{kind}"

    # -- what stands in the way

    def _without(self, obstacles: Sequence[Object]) -> Iterator[str]:
        for thing in reversed(obstacles):
            if isinstance(thing, Column):
                table = self.spell.at(thing.table)
                yield f"ALTER TABLE {table} DROP COLUMN {self.spell.at(thing.at)}"
            else:
                yield from self._drop(thing)

    def _again(self, obstacles: Sequence[Object], after: Schema) -> Iterator[str]:
        for thing in obstacles:
            there = after.get(thing.at)
            if there is None:
                continue
            if isinstance(there, Column):
                table = self.spell.at(there.table)
                yield f"ALTER TABLE {table} ADD COLUMN {self.write.column(there)}"
                if there.comment is not None:
                    yield self._comment("COLUMN", there.at, there.comment)
            else:
                yield from self._create(there, after)

    # -- other objects

    def create(self, clump: Clump) -> Iterator[str]:
        """Yield what creates an object."""
        thing = clump.created()[0]
        yield from self._create(thing, clump.before)
        if isinstance(thing, SequenceObject) and thing.owner is not None:
            yield self._owned(thing)

    def _create(self, thing: Object, schema: Schema) -> Iterator[str]:
        match thing:
            case Namespace():
                yield f"CREATE SCHEMA {self.spell.name(thing.at.name)}"
            case Extension():
                yield f"CREATE EXTENSION {self.spell.name(thing.at.name)}"
            case Enum():
                yield self.write.enum(thing)
            case SequenceObject():
                yield self.write.sequence(thing)
            case PrimaryKey() | Unique() | Check() | ForeignKey():
                table = Address(Kind.TABLE, thing.at.path[:-1])
                yield f"ALTER TABLE {self.spell.at(table)} ADD {self.write.constraint(thing)}"
            case Index():
                yield self.write.index(thing)
            case View():
                yield self.write.view(thing, schema)
            case Unmodelled():
                yield from self.create_unmodelled(thing)
            case Table() | Column():
                raise AssertionError(thing)

    def drop(self, clump: Clump) -> Iterator[str]:
        """Yield what drops an object."""
        chief = clump.chief
        assert isinstance(chief, Drop)
        yield from self._drop(chief.thing)

    def _drop(self, thing: Object) -> Iterator[str]:
        match thing:
            case PrimaryKey() | Unique() | Check() | ForeignKey():
                table = Address(Kind.TABLE, thing.at.path[:-1])
                yield (
                    f"ALTER TABLE {self.spell.at(table)} "
                    f"DROP CONSTRAINT {self.spell.name(thing.at.name)}"
                )
            case View() if option(thing.options, "materialized"):
                yield f"DROP MATERIALIZED VIEW {self.spell.at(thing.at)}"
            case Unmodelled():
                yield from self.drop_unmodelled(thing)
            case _:
                yield f"DROP {_WORDS[thing.at.kind]} {self.spell.at(thing.at)}"

    def alter(self, clump: Clump) -> Iterator[str]:
        """Yield what changes a fact of an object."""
        chief = clump.chief
        assert isinstance(chief, Alter)
        thing = clump.before.at(chief.at)
        after = clump.changed(thing)
        match thing, after:
            case Table(), Table():
                yield from self._table_facts(thing, after)
            case Enum(), Enum():
                yield from self._values(clump.before, thing, after)
            case SequenceObject(), SequenceObject():
                yield from self._sequence(thing, after)
            case View(), View():
                yield from self._view(clump.before, thing, after)
            case (Check() | ForeignKey(), _) if _validated(chief):
                table = self.spell.at(Address(Kind.TABLE, thing.at.path[:-1]))
                yield f"ALTER TABLE {table} VALIDATE CONSTRAINT {self.spell.name(thing.at.name)}"
            case (PrimaryKey() | Unique(), _):
                keys = around.keys_to(clump.before, thing)
                yield from self._without(keys)
                yield from self._drop(thing)
                yield from self._create(after, clump.before)
                yield from self._again(keys, clump.before)
            case (Check() | ForeignKey() | Index(), _):
                yield from self._drop(thing)
                yield from self._create(after, clump.before)
            case Unmodelled(), Unmodelled():
                if thing.definition != after.definition:
                    yield from self.create_unmodelled(after)
            case _:
                raise self.refused(chief, f"there is no statement for its {chief.fact}")

    def _table_facts(self, before: Table, after: Table) -> Iterator[str]:
        if before.comment != after.comment:
            yield self._comment("TABLE", after.at, after.comment)
        old, new = dict(before.options), dict(after.options)
        head = f"ALTER TABLE {self.spell.at(after.at)}"
        for key in sorted(old.keys() | new.keys()):
            if old.get(key) == new.get(key):
                continue
            if key == "unlogged":
                yield f"{head} SET {'UNLOGGED' if key in new else 'LOGGED'}"
            elif key in new:
                yield f"{head} SET ({key} = {new[key]})"
            else:
                yield f"{head} RESET ({key})"

    def _sequence(self, before: SequenceObject, after: SequenceObject) -> Iterator[str]:
        old, new = before.options, after.options
        words = [f"AS {after.type}"] if before.type != after.type else []
        words += [_DEFAULT_OPTIONS[key] for key, _ in old if option(new, key) is None]
        words += [self.write.sequence_options((pair,)) for pair in new if pair not in old]
        if words:
            yield f"ALTER SEQUENCE {self.spell.at(after.at)} {' '.join(words)}"
        if before.owner != after.owner:
            yield self._owned(after)

    def _view(self, schema: Schema, before: View, after: View) -> Iterator[str]:
        if option(before.options, "materialized") is None and before.columns == after.columns:
            if before.options != after.options and before.query == after.query:
                yield from self._view_options(before, after, schema)
                return
        obstacles = around.over_relation(schema, before.at)
        yield from self._without(obstacles)
        yield from self._drop(before)
        yield from self._create(after, schema)
        yield from self._again(obstacles, schema)

    def _view_options(self, before: View, after: View, schema: Schema) -> Iterator[str]:
        if option(before.options, "check option") != option(after.options, "check option"):
            yield self.write.view(after, schema, replace=True)
            return
        head = f"ALTER VIEW {self.spell.at(after.at)}"
        old, new = dict(before.options), dict(after.options)
        for key in sorted(old.keys() | new.keys()):
            if key not in new:
                yield f"{head} RESET ({key})"
            elif old.get(key) != new[key]:
                yield f"{head} SET ({key} = {new[key]})"

    def _values(self, schema: Schema, before: Enum, after: Enum) -> Iterator[str]:
        name = self.spell.at(before.at)
        literal = self.spell.literal
        old, new = before.values, after.values
        renamed = [(a, b) for a, b in zip(old, new, strict=False) if a != b]
        if len(old) == len(new) and not {b for _, b in renamed} & set(old):
            for a, b in renamed:
                yield f"ALTER TYPE {name} RENAME VALUE {literal(a)} TO {literal(b)}"
            return
        if tuple(value for value in new if value in set(old)) == old:
            for place, value in enumerate(new):
                if value not in old:
                    where = f" AFTER {literal(new[place - 1])}" if place else ""
                    if place == 0 and old:
                        where = f" BEFORE {literal(old[0])}"
                    if place == len(new) - 1:
                        where = ""
                    yield f"ALTER TYPE {name} ADD VALUE {literal(value)}{where}"
            return
        yield from self._type_anew(schema, before, after)

    def _type_anew(self, schema: Schema, before: Enum, after: Enum) -> Iterator[str]:
        name = self.spell.at(before.at)
        aside = before.at.sibling(f"{before.at.name}__old")
        columns = [
            thing
            for thing in schema.referrers(before.at)
            if isinstance(thing, Column) and before.at in set(thing.type.addresses())
        ]
        where = tuple(column.at for column in columns)
        obstacles = around.over_columns(schema, where, strange=where)
        yield from self._without(obstacles)
        yield f"ALTER TYPE {name} RENAME TO {self.spell.name(aside.name)}"
        yield self.write.enum(after)
        for column in columns:
            column_name = self.spell.name(column.at.name)
            head = f"ALTER TABLE {self.spell.at(column.table)} ALTER COLUMN {column_name}"
            kind = self.spell.expression(column.type)
            through = "text[]" if kind.endswith("]") else "text"
            if column.default is not None:
                yield f"{head} DROP DEFAULT"
            yield f"{head} TYPE {kind} USING {column_name}::{through}::{kind}"
            if column.default is not None:
                yield f"{head} SET DEFAULT {self.spell.default(column.default)}"
        yield f"DROP TYPE {self.spell.at(aside)}"
        yield from self._again(obstacles, schema)

    def rename(self, clump: Clump) -> Iterator[str]:
        """Yield ALTER … RENAME, or SET SCHEMA where an object moves to another."""
        chief = clump.chief
        assert isinstance(chief, Rename)
        old, new = chief.old, chief.new
        name = self.spell.name(new.name)
        match old.kind:
            case Kind.COLUMN:
                table = self.spell.at(Address(Kind.TABLE, old.path[:-1]))
                yield f"ALTER TABLE {table} RENAME COLUMN {self.spell.at(old)} TO {name}"
            case Kind.PRIMARY_KEY | Kind.UNIQUE | Kind.CHECK | Kind.FOREIGN_KEY:
                table = self.spell.at(Address(Kind.TABLE, old.path[:-1]))
                yield f"ALTER TABLE {table} RENAME CONSTRAINT {self.spell.at(old)} TO {name}"
            case Kind.UNMODELLED:
                raise self.refused(chief, "what is not modelled is not renamed")
            case _:
                word = _WORDS[old.kind]
                thing = clump.before.at(old)
                if isinstance(thing, View) and option(thing.options, "materialized"):
                    word = "MATERIALIZED VIEW"
                here = old
                if old.path[:-1] != new.path[:-1]:
                    yield (
                        f"ALTER {word} {self.spell.at(old)} "
                        f"SET SCHEMA {self.spell.name(new.path[0])}"
                    )
                    here = Address(old.kind, (*new.path[:-1], old.name))
                if here.name != new.name:
                    yield f"ALTER {word} {self.spell.at(here)} RENAME TO {name}"

    # -- pieces

    def _owned(self, sequence: SequenceObject) -> str:
        owner = "NONE"
        if sequence.owner is not None:
            table = Address(Kind.TABLE, sequence.owner.path[:-1])
            owner = f"{self.spell.at(table)}.{self.spell.at(sequence.owner)}"
        return f"ALTER SEQUENCE {self.spell.at(sequence.at)} OWNED BY {owner}"

    def _comment(self, what: str, at: Address, comment: Any) -> str:
        name = self.spell.at(at)
        if at.kind is Kind.COLUMN:
            name = f"{self.spell.at(Address(Kind.TABLE, at.path[:-1]))}.{name}"
        text = "NULL" if comment is None else self.spell.literal(comment)
        return f"COMMENT ON {what} {name} IS {text}"


_WORDS = {
    Kind.SCHEMA: "SCHEMA",
    Kind.EXTENSION: "EXTENSION",
    Kind.ENUM: "TYPE",
    Kind.DOMAIN: "DOMAIN",
    Kind.SEQUENCE: "SEQUENCE",
    Kind.TABLE: "TABLE",
    Kind.INDEX: "INDEX",
    Kind.VIEW: "VIEW",
}
_DEFAULT_OPTIONS = {
    "increment": "INCREMENT BY 1",
    "minimum": "NO MINVALUE",
    "maximum": "NO MAXVALUE",
    "start": "START WITH 1",
    "cache": "CACHE 1",
    "cycle": "NO CYCLE",
}


def _told_apart(constraints: Sequence[Constraint]) -> tuple[list[Constraint], list[Constraint]]:
    """Return the constraints to write within a table, and those after it: of two keys over the same
    columns in one CREATE TABLE the server makes but one."""
    within: list[Constraint] = []
    after: list[Constraint] = []
    seen: set[tuple[Address, ...]] = set()
    for thing in sorted(constraints, key=lambda c: not isinstance(c, PrimaryKey)):
        if not isinstance(thing, PrimaryKey | Unique):
            within.append(thing)
        elif thing.columns in seen:
            after.append(thing)
        else:
            seen.add(thing.columns)
            within.append(thing)
    return within, after


def _changes_column(clump: Clump) -> bool:
    return isinstance(clump.chief, Alter) and clump.chief.at.kind is Kind.COLUMN


def _validated(change: Alter) -> bool:
    if change.fact != "options":
        return False
    return bool(tuple(pair for pair in change.before if pair[0] != "not valid") == change.after)


def _family(kind: Expression) -> Family:
    return family(kind, "postgres")


def _numeric(before: Expression, after: Expression) -> bool:
    return _family(before) in _NUMBERS and _family(after) in _NUMBERS


def _akin(before: Expression, after: Expression) -> bool:
    """Whether expressions over the one type mean the same over the other."""
    return _family(before) == _family(after) or _numeric(before, after)


def _assignable(before: Expression, after: Expression) -> bool:
    families = (_family(before), _family(after))
    if families[0] == families[1]:
        return families[0] in _NUMBERS or families[0] in _SAME_FAMILY
    if families[1] is Family.TEXT:
        return True
    return families[0] in _NUMBERS and families[1] in _NUMBERS


_SAME_FAMILY = frozenset({Family.TEXT, Family.TIME, Family.TIMESTAMP, Family.JSON, Family.INTERVAL})


def _castable(before: Expression, after: Expression) -> bool:
    families = {_family(before), _family(after)}
    return Family.TEXT in families or families <= _NUMBERS or families <= _MOMENTS


_MOMENTS = frozenset({Family.DATE, Family.TIMESTAMP})
