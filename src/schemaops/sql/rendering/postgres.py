"""PostgreSQL's statements.

A view over a column, a generated column and an expression that the new type does not fit stand in
the way of ALTER … TYPE; they are dropped before and made again after. A type's labels can be added
and renamed; any other change makes the type anew and casts the columns over through text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Opaque
from schemaops.schema.objects import (
    Check,
    Column,
    Comment,
    Composite,
    Domain,
    Enum,
    EventTrigger,
    ForeignKey,
    Identity,
    Index,
    Inheritance,
    Options,
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
from schemaops.sql.rendering import around, postgres_lineage, postgres_storage
from schemaops.sql.rendering.casts import akin, assignable, cast, numeric
from schemaops.sql.rendering.clumps import Clump
from schemaops.sql.rendering.definitions import SEQUENCE_NAME, Constraint
from schemaops.sql.rendering.lowering import constraints_of, indexes_of
from schemaops.sql.rendering.postgres_access import without_implied
from schemaops.sql.rendering.postgres_objects import PostgresObjects
from schemaops.sql.rendering.spelling import option
from schemaops.sql.rendering.views import only_names_columns
from schemaops.sql.routines import hindrance
from schemaops.sql.toast import usual_storage

__all__ = ["Postgres"]


class Postgres(PostgresObjects):
    """Writes PostgreSQL."""

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
        tail = [postgres_lineage.parted(self.spell, t) for t in made if isinstance(t, PartitionKey)]
        lineage = [thing for thing in made if isinstance(thing, Inheritance)]
        own = columns
        if any(column.inherited for column in columns):
            # What comes from the tables above is said by naming them.
            own = [column for column in columns if not column.inherited]
            constraints = [c for c in constraints if option(c.options, "inherited") is None]
            tail.append(f"INHERITS ({', '.join(self.spell.at(one.parent) for one in lineage)})")
            lineage = []
        yield self.write.table(table, own, constraints, tail=tail)
        for constraint in rest:
            yield f"ALTER TABLE {self.spell.at(table.at)} ADD {self.write.constraint(constraint)}"
        for sequence in sequences:
            yield self.owned(sequence)
        for index in indexes_of(clump):
            yield self.write.index(index)
        for policy in made:
            if isinstance(policy, Policy):
                yield self.write.policy(policy)
        yield from self._row_security(Table(table.at), table)
        for one in lineage:
            yield postgres_lineage.joined(self.spell, one)
        for thing in made:
            yield from postgres_storage.marks(self.spell, thing)
        yield from postgres_storage.table_kept(self.spell, table, columns)
        if table.comment is not None:
            yield self.comment("TABLE", table.at, table.comment)
        for column in columns:
            if column.comment is not None:
                yield self.comment("COLUMN", column.at, column.comment)

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
            yield self.owned(sequence)
        yield from postgres_storage.column_settings(self.spell, column)
        if column.comment is not None:
            yield self.comment("COLUMN", column.at, column.comment)

    def own_facts(self, columns: Iterable[Column]) -> Iterator[str]:
        """Yield what columns have for themselves that came from the tables above."""
        for column in columns:
            yield from postgres_storage.column_settings(self.spell, column)
            if column.comment is not None:
                yield self.comment("COLUMN", column.at, column.comment)

    def drop_column(self, clump: Clump) -> Iterator[str]:
        """Yield DROP COLUMN, which takes along what stands in the table over the column."""
        at = clump.chief.at  # type: ignore[union-attr]
        table = Address(Kind.TABLE, at.path[:-1])
        yield f"ALTER TABLE {self.spell.at(table)} DROP COLUMN {self.spell.at(at)}"

    def lower(self, line: Iterable[Clump]) -> Iterator[str]:
        """Yield the statements of clumps; neighbouring changes of columns go around what is over
        them once, so that two columns that a foreign key ties change together."""
        every = list(line)
        granted = {
            operation.at
            for clump in every
            for operation in clump.operations
            if isinstance(operation, Create) and operation.at.kind is Kind.GRANT
        }
        for joint, found in groupby(without_implied(every), key=_joint):
            if joint == "columns":
                yield from self._change_columns(list(found))
            elif joint == "privileges":
                yield from self.access.privileges(found)
            else:
                for clump in found:
                    yield from self.statements(clump)
                    yield from self.access.not_by_default(clump, granted)

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
                if not akin(before.type, after.type):
                    strange.append(at)
        over = {t.at: t for t in around.over_columns(schema, (*retyped, *anew), strange=strange)}
        for at in anew:
            over |= {t.at: t for t in around.keys_over(schema, at)}
        after_all = schema
        for at, after in changed.items():
            if at in over and after.generated is not None and at not in anew:
                anew.append(at)  # a column that it is worked out from changes its type
                over |= {t.at: t for t in around.over_columns(schema, (at,))}
                over |= {t.at: t for t in around.keys_over(schema, at)}
            after_all = after_all.replacing(after)
        for at in changed:
            over.pop(at, None)
        obstacles = around.in_order(over.values())
        yield from self.without(obstacles)
        for at in anew:
            table = self.spell.at(schema.column(at).table)
            yield f"ALTER TABLE {table} DROP COLUMN {self.spell.at(at)}"
        for at, after in changed.items():
            if at not in anew:
                yield from self._facts(schema.column(at), after, schema)
        yield from self.again([changed[at] for at in anew], after_all)
        yield from self.again(obstacles, after_all)

    def _facts(self, before: Column, after: Column, schema: Schema) -> Iterator[str]:
        name = self.spell.name(after.at.name)
        head = f"ALTER TABLE {self.spell.at(after.table)} ALTER COLUMN {name}"
        default = before.default
        if before.generated is not None and after.generated is None:
            yield f"{head} DROP EXPRESSION"
        if before.identity is not None and after.identity is None:
            yield f"{head} DROP IDENTITY"
        if (before.type, before.collation) != (after.type, after.collation):
            if default is not None and not numeric(before.type, after.type):
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
        names = before.not_null_name, after.not_null_name
        if all(names) and names[0] != names[1] and before.nullable == after.nullable:
            was, now = (self.spell.name(Name(name)) for name in names if name)
            yield f"ALTER TABLE {self.spell.at(after.table)} RENAME CONSTRAINT {was} TO {now}"
        settings = before.settings
        if before.type != after.type:
            settings = tuple(p for p in settings if p[0] not in ("storage", "compression"))
        yield from postgres_storage.column_settings(
            self.spell, after, settings, usual_storage(after.type, schema)
        )
        if before.comment != after.comment:
            yield self.comment("COLUMN", after.at, after.comment)

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
        if before.type == after.type or assignable(before.type, after.type):
            return f"{kind}{collate}"
        return f"{kind}{collate} USING {cast(name, kind, before.type, after.type)}"

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
            case Statistics(), Statistics() if thing == replace(after, target=thing.target):
                yield self.target(after)
            case Statistics(), Statistics():
                yield from self.unmake(thing)
                yield from self.make(after, clump.before)
                yield from self.access.again(after, clump.before)
            case Comment(), Comment():
                yield self.access.comment(after, clump.before)
            case Policy(), Policy():
                yield from self._policy(thing, after)
            case Domain(), Domain():
                yield from self._domain(chief, thing, after)
            case Range(), Range() if thing.subtype == after.subtype:
                return  # where its multirange type stands follows from where it goes itself
            case Composite(), Composite():
                yield from self._composite(thing, after)
            case SequenceObject(), SequenceObject():
                yield from self._sequence(thing, after)
            case View(), View():
                yield from self._view(clump.before, thing, after)
            case (Check() | ForeignKey(), Check() | ForeignKey()) if (
                chief.fact == "options" and _owned_alike(thing.options, after.options)
            ):
                return  # said by what puts its table below another
            case (Check() | ForeignKey(), _) if _validated(chief):
                table = self.spell.at(Address(Kind.TABLE, thing.at.path[:-1]))
                yield f"ALTER TABLE {table} VALIDATE CONSTRAINT {self.spell.name(thing.at.name)}"
            case (PrimaryKey() | Unique() | Index(), PrimaryKey() | Unique() | Index()) if (
                _differ_in_storage(thing, after)
            ):
                yield from postgres_storage.restored(self.spell, after, thing.options)
            case (PrimaryKey() | Unique(), _):
                keys = around.keys_to(clump.before, thing)
                yield from self.without(keys)
                yield from self.unmake(thing)
                yield from self.make(after, clump.before)
                yield from self.access.again(after, clump.before)
                yield from self.again(keys, clump.before)
            case (Check() | ForeignKey() | Index(), _):
                yield from self.unmake(thing)
                yield from self.make(after, clump.before)
                yield from self.access.again(after, clump.before)
            case Routine(), Routine() if hindrance(thing, after) is None:
                yield from self.routines.change(thing, after)
            case Routine(), Routine():
                obstacles = around.over_routine(clump.before, thing)
                yield from self.without(obstacles)
                yield from self.unmake(thing)
                yield from self.make(after, clump.before)
                yield from self.access.again(after, clump.before)
                yield from self.again(obstacles, clump.before)
            case Trigger(), Trigger():
                yield from self.routines.change_trigger(thing, after)
            case EventTrigger(), EventTrigger():
                yield from self.routines.change_trigger(thing, after)
            case Sundry(), Sundry():
                yield from self.change_sundry(thing, after, clump.before)
            case Unmodelled(), Unmodelled():
                if thing.definition != after.definition:
                    yield from self.create_unmodelled(after)
            case _:
                raise self.refused(chief, f"there is no statement for its {chief.fact}")

    def _row_security(self, before: Table, after: Table) -> Iterator[str]:
        head = f"ALTER TABLE {self.spell.at(after.at)}"
        if before.row_security != after.row_security:
            yield f"{head} {'ENABLE' if after.row_security else 'DISABLE'} ROW LEVEL SECURITY"
        if before.forced_row_security != after.forced_row_security:
            yield f"{head} {'' if after.forced_row_security else 'NO '}FORCE ROW LEVEL SECURITY"

    def _policy(self, before: Policy, after: Policy) -> Iterator[str]:
        taken = any(
            old is not None and new is None
            for old, new in ((before.using, after.using), (before.check, after.check))
        )
        if taken or (before.command, before.permissive) != (after.command, after.permissive):
            yield from self.unmake(before)
            yield self.write.policy(after)
            return
        words = [f"TO {self.write.roles(after.roles)}"] if before.roles != after.roles else []
        if after.using is not None and before.using != after.using:
            words.append(f"USING {self.spell.enclosed(after.using)}")
        if after.check is not None and before.check != after.check:
            words.append(f"WITH CHECK {self.spell.enclosed(after.check)}")
        table = self.spell.at(Address(Kind.TABLE, after.at.path[:-1]))
        yield f"ALTER POLICY {self.spell.name(after.at.name)} ON {table} {' '.join(words)}"

    def _table_facts(self, before: Table, after: Table) -> Iterator[str]:
        yield from self._row_security(before, after)
        if before.comment != after.comment:
            yield self.comment("TABLE", after.at, after.comment)
        old, new = dict(before.options), dict(after.options)
        head = f"ALTER TABLE {self.spell.at(after.at)}"
        for key in sorted(old.keys() | new.keys()):
            if old.get(key) == new.get(key):
                continue
            if key == "unlogged":
                yield f"{head} SET {'UNLOGGED' if key in new else 'LOGGED'}"
            elif key == "access method":
                yield f"{head} SET ACCESS METHOD {new.get(key, 'heap')}"
            elif key == "replica identity":
                # An index that it is by says so itself.
                if new.get(key) != "index":
                    yield f"{head} REPLICA IDENTITY {new.get(key, 'default').upper()}"
            elif key in new:
                yield f"{head} SET ({key} = {new[key]})"
            else:
                yield f"{head} RESET ({key})"

    def _domain(self, change: Alter, before: Domain, after: Domain) -> Iterator[str]:
        if (before.type, before.collation) != (after.type, after.collation):
            raise self.refused(change, "a domain's type does not change")
        head = f"ALTER DOMAIN {self.spell.at(after.at)}"
        old = {check.name: check for check in before.checks}
        new = {check.name: check for check in after.checks}
        coming = {name: check for name, check in new.items() if old.get(name) != check}
        for name, check in old.items():
            if new.get(name) == check:
                continue
            same = [other for other in coming.values() if other.expression == check.expression]
            if name in coming and same and coming[name] == replace(check, options=()):
                yield f"{head} VALIDATE CONSTRAINT {self.spell.name(name)}"
                del coming[name]
            elif name not in new and same and same[0].options == check.options:
                called = self.spell.name(same[0].name)
                yield f"{head} RENAME CONSTRAINT {self.spell.name(name)} TO {called}"
                del coming[same[0].name]
            else:
                yield f"{head} DROP CONSTRAINT {self.spell.name(name)}"
        for check in coming.values():
            yield f"{head} ADD {self.write.domain_check(check)}"
        if before.default != after.default:
            if after.default is None:
                yield f"{head} DROP DEFAULT"
            else:
                yield f"{head} SET DEFAULT {self.spell.default(after.default)}"
        if before.nullable != after.nullable:
            yield f"{head} {'DROP' if after.nullable else 'SET'} NOT NULL"

    def _composite(self, before: Composite, after: Composite) -> Iterator[str]:
        head = f"ALTER TYPE {self.spell.at(after.at)}"
        old = {attribute.name: attribute for attribute in before.attributes}
        new = {attribute.name: attribute for attribute in after.attributes}
        if len(before.order) == len(after.order):
            for was, now in zip(before.order, after.order, strict=True):
                if was in old and now in new and was not in new and now not in old:
                    if replace(old[was], name=now) == new[now]:
                        name = self.spell.name(now)
                        yield f"{head} RENAME ATTRIBUTE {self.spell.name(was)} TO {name}"
                        old[now] = new[now]
                        del old[was]
        for name in old:
            if name not in new:
                yield f"{head} DROP ATTRIBUTE {self.spell.name(name)}"
        for name, attribute in new.items():
            if name not in old:
                yield f"{head} ADD ATTRIBUTE {self.write.attribute(attribute)}"
            elif old[name] != attribute:
                kind = self.write.attribute(attribute).removeprefix(self.spell.name(name))
                yield f"{head} ALTER ATTRIBUTE {self.spell.name(name)} TYPE{kind}"

    def _sequence(self, before: SequenceObject, after: SequenceObject) -> Iterator[str]:
        old, new = before.options, after.options
        words = [f"AS {after.type}"] if before.type != after.type else []
        words += [_DEFAULT_OPTIONS[k] for k, _ in old if option(new, k) is None and k != _UNLOGGED]
        words += [self.write.sequence_options((p,)) for p in new if p not in old]
        words = [word for word in words if word]
        if words:
            yield f"ALTER SEQUENCE {self.spell.at(after.at)} {' '.join(words)}"
        if option(old, _UNLOGGED) != option(new, _UNLOGGED):
            word = "UNLOGGED" if option(new, _UNLOGGED) else "LOGGED"
            yield f"ALTER SEQUENCE {self.spell.at(after.at)} SET {word}"
        if before.owner != after.owner:
            yield self.owned(after)

    def _view(self, schema: Schema, before: View, after: View) -> Iterator[str]:
        kinds = {option(view.options, "materialized") for view in (before, after)}
        if len(kinds) == 1 and before.columns == after.columns:
            if before.options != after.options and before.query == after.query:
                yield from self._view_options(before, after, schema)
                return
            if before.options == after.options and only_names_columns(before, after, schema):
                return
        obstacles = around.over_relation(schema, before.at)
        yield from self.without(obstacles)
        yield from self.unmake(before)
        yield from self.make(after, schema)
        yield from self.access.again(after, schema)
        yield from self.again(obstacles, schema)

    def _view_options(self, before: View, after: View, schema: Schema) -> Iterator[str]:
        if option(before.options, "check option") != option(after.options, "check option"):
            yield self.write.view(after, schema, replace=True)
            return
        word = "MATERIALIZED VIEW" if option(after.options, "materialized") else "VIEW"
        head = f"ALTER {word} {self.spell.at(after.at)}"
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
        over = (
            *around.over_columns(schema, where, strange=where),
            *around.over_type(schema, before.at),
        )
        obstacles = around.in_order({thing.at: thing for thing in over}.values())
        yield from self.without(obstacles)
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
        yield from self.access.again(after, schema)
        yield from self.again(obstacles, schema)


_UNLOGGED = "unlogged"
_DEFAULT_OPTIONS = {
    "increment": "INCREMENT BY 1",
    "minimum": "NO MINVALUE",
    "maximum": "NO MAXVALUE",
    "start": "START WITH 1",
    "cache": "CACHE 1",
    "cycle": "NO CYCLE",
}


def _told_apart(constraints: Sequence[Constraint]) -> tuple[list[Constraint], list[Constraint]]:
    """Return the constraints to write within a table, and those after it: those that are not valid,
    and of two keys over the same columns, of which CREATE TABLE makes but one, the second."""
    within: list[Constraint] = []
    after: list[Constraint] = []
    seen: set[tuple[Address, ...]] = set()
    for thing in sorted(constraints, key=lambda c: not isinstance(c, PrimaryKey)):
        if option(thing.options, "not valid") is not None:
            after.append(thing)  # within, it would be valid
        elif not isinstance(thing, PrimaryKey | Unique):
            within.append(thing)
        elif thing.columns in seen:
            after.append(thing)
        else:
            seen.add(thing.columns)
            within.append(thing)
    return within, after


def _joint(clump: Clump) -> str:
    """What kind of changes a clump belongs to that are written together."""
    if _changes_column(clump):
        return "columns"
    chief = clump.chief
    about = None if isinstance(chief, Opaque) else chief.at
    kinds = (Kind.GRANT, Kind.DEFAULT_PRIVILEGES)
    return "privileges" if about is not None and about.kind in kinds else ""


def _changes_column(clump: Clump) -> bool:
    return isinstance(clump.chief, Alter) and clump.chief.at.kind is Kind.COLUMN


def _owned_alike(before: Options, after: Options) -> bool:
    plain = [[p for p in options if p[0] != "inherited"] for options in (before, after)]
    return plain[0] == plain[1]


def _differ_in_storage(
    before: PrimaryKey | Unique | Index, after: PrimaryKey | Unique | Index
) -> bool:
    plain = postgres_storage.kept(before.options)
    return plain == postgres_storage.kept(after.options) and replace(before, options=()) == replace(
        after, options=()
    )


def _validated(change: Alter) -> bool:
    if change.fact != "options":
        return False
    return bool(tuple(pair for pair in change.before if pair[0] != "not valid") == change.after)
