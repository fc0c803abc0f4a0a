"""MySQL's and MariaDB's statements.

MODIFY COLUMN restates a column whole, its own unnamed check included. A foreign key makes its
index itself where none fits and sheds it when another comes; what belongs to such an exchange, and
what an AUTO_INCREMENT column needs, is said in one ALTER TABLE.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop, Rename, Reorder
from schemaops.schema.objects import (
    Check,
    Column,
    ForeignKey,
    Index,
    Object,
    PrimaryKey,
    Routine,
    Table,
    Trigger,
    Unique,
    Unmodelled,
    View,
)
from schemaops.schema.state import Schema
from schemaops.sql import charsets
from schemaops.sql.dialects import dialect
from schemaops.sql.hints import SEEN, UNSEEN
from schemaops.sql.mysql_partitions import is_partitions, partitioning
from schemaops.sql.mysql_rules import leading
from schemaops.sql.rendering.bodies import mysql_routine, mysql_trigger
from schemaops.sql.rendering.clumps import Clump
from schemaops.sql.rendering.definitions import Constraint, mysql_table_option
from schemaops.sql.rendering.lowering import Lowering
from schemaops.sql.rendering.mysql_changes import (
    COUNTER,
    PLAIN_OPTIONS,
    Change,
    changed_table,
    columns_of,
    created,
    dropped,
    joined,
    merged,
    must_be_anew,
    part_of,
    same_words,
    table_of,
)
from schemaops.sql.rendering.views import stands

__all__ = ["MySql"]


class MySql(Lowering):
    """Writes MySQL and MariaDB."""

    dialect = "mysql"

    def lower(self, line: Iterable[Clump]) -> Iterator[str]:
        """Yield the statements of clumps; neighbours that need each other are one ALTER TABLE."""
        for table, found in groupby(_without_brought(list(line)), key=changed_table):
            if table is None:
                for clump in found:
                    yield from self.statements(clump)
            else:
                yield from self._change(table, list(found))

    def _change(self, table: Address, found: Sequence[Clump]) -> Iterator[str]:
        grown = self._grown_again(found)
        found = [clump for clump in found if created(clump) not in grown]
        around = [*self._foreign_keys_around(found), *grown.values()]
        for key in around:
            name = replace(key, named=True)
            yield f"ALTER TABLE {self.spell.at(table_of(key))} {self._drop_clause(name)}"
        changes = [change for clump in merged(found) for change in self._clauses(clump)]
        for change in joined(table, changes):
            yield f"ALTER TABLE {self.spell.at(change.table)} {', '.join(change.clauses)}"
        for key in around:
            yield f"ALTER TABLE {self.spell.at(table_of(key))} {self._add_clause(key)}"

    def _foreign_keys_around(self, found: Sequence[Clump]) -> list[ForeignKey]:
        """Return the foreign keys over columns whose type changes, which the server guards."""
        keys: dict[Address, ForeignKey] = {}
        dropped = {o.at for c in found for o in c.operations if isinstance(o, Drop)}
        for clump in found:
            for operation in clump.operations:
                if isinstance(operation, Alter) and operation.fact in ("type", "collation"):
                    for thing in clump.before.referrers(operation.at):
                        if isinstance(thing, ForeignKey) and thing.at not in dropped:
                            keys[thing.at] = thing
        return list(keys.values())

    def _grown_again(self, found: Sequence[Clump]) -> dict[Address, ForeignKey]:
        """Return the indexes that a foreign key made, shed for another that now goes, with it: added
        anew it makes its index by itself, which is then its own again."""
        grown: dict[Address, ForeignKey] = {}
        goes = {o.at for c in found for o in c.operations if isinstance(o, Drop)}
        for clump in found:
            match clump.chief:
                case Create(thing=Index(implicit=True) as index):
                    for key in clump.before.parts(index.table, ForeignKey):
                        if key.columns != columns_of(index) or key.at in goes:
                            continue
                        schema = clump.before.removing(key.at)
                        written, rest = self._with_index(key, [index], schema)
                        if not rest:
                            grown[index.at] = written
        return grown

    # -- tables

    def make_table(self, clump: Clump) -> Iterator[str]:
        """Yield CREATE TABLE with its keys inside."""
        made = clump.created()
        table = made[0]
        assert isinstance(table, Table)
        columns = [thing for thing in made if isinstance(thing, Column)]
        keys = [thing for thing in made if isinstance(thing, Index)]
        constraints = [t for t in made if isinstance(t, PrimaryKey | Unique | Check | ForeignKey)]
        schema = clump.before.adding(replace(table, columns=()))
        inline: list[Constraint] = []
        unnamed = 0
        for constraint in constraints:
            left = constraint
            if isinstance(constraint, ForeignKey):
                left, keys = self._with_index(constraint, keys, schema)
                # MySQL counts from 1 those that have no name, whatever names are written.
                if str(constraint.at.name) == f"{str(table.at.name).lower()}_ibfk_{unnamed + 1}":
                    left = replace(constraint, named=False)
                    unnamed += 1
            inline.append(left)
            schema = schema.adding(constraint)
        yield self.write.table(table, columns, inline, keys)

    def _with_index(
        self, key: ForeignKey, indexes: list[Index], schema: Schema
    ) -> tuple[ForeignKey, list[Index]]:
        """Return the foreign key to write, and the indexes to write besides: not the one that the
        server makes for it under the very name."""
        own = next((i for i in indexes if i.implicit and columns_of(i) == key.columns), None)
        if own is None:
            return key, indexes
        rest = [index for index in indexes if index is not own]
        if own.at.name == key.at.name:
            return key, rest
        implicit_name = dialect("mysql").implicit_name
        table, names = table_of(key), [c.name for c in key.columns]
        if implicit_name(schema, table, Kind.FOREIGN_KEY, names) == key.at.name:
            if implicit_name(schema, table, Kind.INDEX, names) == own.at.name:
                return replace(key, named=False), rest
        return key, indexes

    # -- clauses of ALTER TABLE

    def _clauses(self, clump: Clump) -> Iterator[Change]:
        chief = clump.chief
        table = changed_table(clump)
        assert table is not None
        change = Change(table)
        match chief:
            case Create(thing=Column() as column):
                own = [t for t in clump.created() if isinstance(t, Check)]
                change.clauses.append(
                    f"ADD COLUMN {self.write.column(column, own=own)}{self._place(chief.after)}"
                )
                change.part = COUNTER if column.auto_increment else ""
                for thing in clump.created()[1:]:
                    if thing not in own:
                        change.clauses.append(self._add_clause(thing))
            case Create(thing=ForeignKey() as key):
                indexes = [t for t in clump.created() if isinstance(t, Index)]
                stays = None if indexes else _shed_for(key, clump.before)
                if stays is not None:
                    before = clump.before.removing(stays.at)
                    written, rest = self._with_index(key, [stays], before)
                    yield Change(table, [self._add_clause(written)])
                    if rest:
                        # The server has put one with the key's own name in its place.
                        names = (self.spell.name(at.name) for at in (key.at, stays.at))
                        yield Change(table, [f"RENAME INDEX {' TO '.join(names)}"])
                    return
                written, rest = self._with_index(key, indexes, clump.before)
                change.clauses += [self._add_clause(index) for index in rest]
                change.clauses.append(self._add_clause(written))
            case Create(thing=Check(named=False, of=at) as check) if at is not None:
                change.clauses.append(self._modify(clump.before, at, (check,)))
            case Create():
                change.clauses.append(self._add_clause(chief.thing))
                change.part = part_of(chief.thing, "add")
                change.clauses += [self._drop_clause(t) for t in dropped(clump.others)]
            case Drop(thing=Column() as column):
                change.clauses += [self._drop_clause(t) for t in dropped(clump.others)]
                change.clauses.append(f"DROP COLUMN {self.spell.at(column.at)}")
                change.part = COUNTER if column.auto_increment else ""
            case Drop(thing=Check(named=False, of=at)) if at is not None:
                change.clauses.append(self._modify(clump.before.removing(chief.at), at))
            case Drop():
                change.clauses.append(self._drop_clause(chief.thing))
                change.part = part_of(chief.thing, "drop")
            case Alter():
                self._alter_clauses(clump, chief, change)
            case Rename():
                self._rename_clauses(clump, chief, change)
            case Reorder():
                yield from self._moves(clump.before, chief)
                return
        if change.clauses:
            yield change

    def _alter_clauses(self, clump: Clump, chief: Alter, change: Change) -> None:
        schema = clump.before
        if chief.at.kind is Kind.COLUMN:
            old = schema.column(chief.at)
            for operation in clump.operations:
                schema = operation.apply(schema)
            new = schema.column(chief.at)
            if must_be_anew(old, new):
                change.clauses += [
                    f"DROP COLUMN {self.spell.at(old.at)}",
                    f"ADD COLUMN {self._column(schema, new)}{self._behind(schema, new)}",
                ]
                return
            change.clauses.append(self._modify(schema, chief.at))
            change.part = COUNTER if old.auto_increment != new.auto_increment else ""
            return
        thing = schema.at(chief.at)
        after = clump.changed(thing)
        if isinstance(thing, Table):
            change.clauses += self._table_facts(thing, after)  # type: ignore[arg-type]
            change.clauses += self._converted(thing, after, schema)  # type: ignore[arg-type]
            return
        if all(isinstance(o, Alter) and o.fact == "implicit" for o in clump.operations):
            return
        if isinstance(thing, Index | Unique) and _differ_in_visibility(thing, after):
            words = UNSEEN if ("invisible", "true") in after.options else SEEN  # type: ignore[union-attr]
            change.clauses.append(f"ALTER INDEX {self.spell.name(thing.at.name)} {words}")
            return
        change.clauses += [self._drop_clause(thing), self._add_clause(after)]

    def _table_facts(self, before: Table, after: Table) -> Iterator[str]:
        if before.comment != after.comment:
            yield f"COMMENT={self.spell.literal(after.comment or '')}"
        old, new = dict(before.options), dict(after.options)
        for key in sorted(old.keys() | new.keys()):
            if old.get(key) != new.get(key) and key == "system versioning":
                yield f"{'ADD' if key in new else 'DROP'} SYSTEM VERSIONING"
            elif old.get(key) != new.get(key):
                value = new.get(key) or PLAIN_OPTIONS.get(key, "DEFAULT")
                yield mysql_table_option(key, value)

    def _converted(self, before: Table, after: Table, schema: Schema) -> Iterator[str]:
        """Yield the columns anew that have a table's collation, which is another from then on."""
        if charsets.table_collation(before) != charsets.table_collation(after):
            for column in schema.columns(before.at):
                if column.collation is None and charsets.has_text(column):
                    yield self._modify(schema, column.at)

    def _rename_clauses(self, clump: Clump, chief: Rename, change: Change) -> None:
        name = self.spell.name(chief.new.name)
        match chief.old.kind:
            case Kind.TABLE:
                change.clauses.append(f"RENAME TO {name}")
            case Kind.COLUMN:
                change.clauses.append(f"RENAME COLUMN {self.spell.at(chief.old)} TO {name}")
            case Kind.UNIQUE | Kind.INDEX:
                old = self.spell.name(chief.old.name)
                change.clauses.append(f"RENAME INDEX {old} TO {name}")
            case _:
                thing = clump.before.at(chief.old)
                there = chief.apply(clump.before).at(chief.new)
                change.clauses += [self._drop_clause(thing), self._add_clause(there)]

    def _moves(self, schema: Schema, chief: Reorder) -> Iterator[Change]:
        current = list(schema.table(chief.at).columns)
        wanted = chief.apply(schema).table(chief.at).columns
        for place, name in enumerate(wanted):
            if current[place] == name:
                continue
            current.remove(name)
            current.insert(place, name)
            at = chief.at.child(Kind.COLUMN, name)
            where = self._place(wanted[place - 1] if place else Name(""))
            yield Change(chief.at, [self._modify(schema, at) + where])

    def _modify(self, schema: Schema, at: Address, more: Sequence[Check] = ()) -> str:
        return f"MODIFY COLUMN {self._column(schema, schema.column(at), more)}"

    def _column(self, schema: Schema, column: Column, more: Sequence[Check] = ()) -> str:
        checks = [
            check
            for check in schema.parts(column.table, Check)
            if not check.named and check.of == column.at
        ]
        return self.write.column(column, own=[*checks, *more])

    def _place(self, after: Name | None) -> str:
        if after is None:
            return ""
        return f" AFTER {self.spell.name(after)}" if after else " FIRST"

    def _behind(self, schema: Schema, column: Column) -> str:
        names = schema.table(column.table).columns
        place = names.index(column.at.name)
        return self._place(names[place - 1] if place else Name(""))

    def _add_clause(self, thing: Object) -> str:
        match thing:
            case PrimaryKey() | Unique() | Check() | ForeignKey():
                return f"ADD {self.write.constraint(thing)}"
            case Index():
                return f"ADD {self.write.key(thing)}"
            case _:
                raise AssertionError(thing)

    def _drop_clause(self, thing: Object) -> str:
        match thing:
            case PrimaryKey():
                return "DROP PRIMARY KEY"
            case Unique() | Index():
                return f"DROP INDEX {self.spell.name(thing.at.name)}"
            case ForeignKey():
                return f"DROP FOREIGN KEY {self.spell.name(thing.at.name)}"
            case Check():
                return f"DROP CONSTRAINT {self.spell.name(thing.at.name)}"
            case _:
                raise AssertionError(thing)

    # -- other objects

    def create(self, clump: Clump) -> Iterator[str]:
        """Yield what creates a view or what is not modelled."""
        thing = clump.created()[0]
        match thing:
            case View():
                yield self.write.view(thing, clump.before)
            case Trigger():
                yield mysql_trigger(self.spell, thing, clump.before)
            case Routine():
                yield mysql_routine(self.spell, thing)
            case Unmodelled(what="column attribute"):
                raise self.refused(clump.chief, "it is said within the column's definition")
            case Unmodelled():
                yield from self.create_unmodelled(thing)
            case _:
                raise self.refused(clump.chief, "there is no such object in MySQL")

    def drop(self, clump: Clump) -> Iterator[str]:
        """Yield what drops a view or what is not modelled."""
        assert isinstance(clump.chief, Drop)
        thing = clump.chief.thing
        match thing:
            case View() | Trigger() | Routine():
                yield f"DROP {thing.at.kind.upper()} {self.spell.at(thing.at)}"
            case Unmodelled():
                yield from self.drop_unmodelled(thing)
            case _:
                raise self.refused(clump.chief, "there is no such object in MySQL")

    def alter(self, clump: Clump) -> Iterator[str]:
        """Yield CREATE OR REPLACE VIEW, unless only what its words stand for changes."""
        chief = clump.chief
        assert isinstance(chief, Alter)
        thing = clump.before.at(chief.at)
        after = clump.changed(thing)
        if isinstance(thing, Unmodelled) and isinstance(after, Unmodelled):
            same = partitioning(thing.definition)
            if same is not None and same == partitioning(after.definition):
                return  # they go along with their table
            if thing.what == "sequence":
                # It keeps its place in its numbers.
                yield after.definition.replace("CREATE", "ALTER", 1)
                return
            if thing.what != "partitions":
                yield from self.drop_unmodelled(thing)
            yield from self.create_unmodelled(after)
            return
        if isinstance(thing, Trigger | Routine):
            yield from self._anew(thing, after, clump.before)
            return
        if not isinstance(thing, View) or not isinstance(after, View):
            raise self.refused(chief, f"there is no statement for its {chief.fact}")
        old, new = (self.write.view(view, clump.before, replace=True) for view in (thing, after))
        # Where only what the words stand for changes, the words are all that the server keeps.
        if old != new and not same_words(thing, after) and stands(after, clump.before):
            yield new

    def _anew(self, thing: Object, after: Object, before: Schema) -> Iterator[str]:
        """Yield what drops and creates a trigger or routine; a trigger's place follows from others."""
        kind = thing.at.kind.upper()
        if isinstance(thing, Trigger) and isinstance(after, Trigger):
            if replace(thing, options=()) == replace(after, options=()):
                return
            made = mysql_trigger(self.spell, after, before.removing(thing.at))
        else:
            assert isinstance(after, Routine)
            made = mysql_routine(self.spell, after)
        yield f"DROP {kind} {self.spell.at(thing.at)}"
        yield made

    def rename(self, clump: Clump) -> Iterator[str]:
        """Yield RENAME TABLE, which renames views too."""
        chief = clump.chief
        assert isinstance(chief, Rename)
        if chief.old.kind is Kind.UNMODELLED and chief.old.path[0] == "partitions":
            return  # they go along with their table
        if chief.old.kind in (Kind.TRIGGER, Kind.FUNCTION, Kind.PROCEDURE):
            thing = clump.before.at(chief.old)
            schema = chief.apply(clump.before)
            there = schema.at(chief.new)
            yield f"DROP {thing.at.kind.upper()} {self.spell.at(thing.at)}"
            if isinstance(there, Trigger):
                yield mysql_trigger(self.spell, there, clump.before.removing(chief.old))
            elif isinstance(there, Routine):
                yield mysql_routine(self.spell, there)
            return
        yield f"RENAME TABLE {self.spell.at(chief.old)} TO {self.spell.at(chief.new)}"


def _differ_in_visibility(before: Index | Unique, after: Object) -> bool:
    """Whether two keys differ in that alone: dropped and added anew, the server keeps the first."""
    return (
        isinstance(after, Index | Unique)
        and before.options != after.options
        and replace(before, options=()) == replace(after, options=())
        and {*before.options} ^ {*after.options} == {("invisible", "true")}
    )


def _without_brought(line: list[Clump]) -> list[Clump]:
    """Return clumps without what a rename brings: other names of a table's foreign keys, and of the
    columns by which it is partitioned."""
    moves = [(c.chief.old, c.chief.new) for c in line if isinstance(c.chief, Rename)]
    renamed = {(old.name, new.name) for old, new in moves if old.kind is Kind.TABLE}
    columns = [(old, new.name) for old, new in moves if old.kind is Kind.COLUMN]

    def is_brought(clump: Clump) -> bool:
        chief = clump.chief
        if isinstance(chief, Alter) and is_partitions(chief.at):
            before, after = (partitioning(str(text)) for text in (chief.before, chief.after))
            return before is not None and any(
                column.path[0] == chief.at.name and before.renamed(column.name, new) == after
                for column, new in columns
            )
        if not isinstance(chief, Rename) or chief.old.kind is not Kind.FOREIGN_KEY:
            return False
        old, new = str(chief.old.name), str(chief.new.name)
        return any(
            chief.old.path[0] in pair
            and old.startswith(f"{pair[0]}_ibfk_")
            and new == f"{pair[1]}{old[len(str(pair[0])) :]}"
            for pair in renamed
        )

    return [clump for clump in line if not is_brought(clump)]


def _shed_for(key: ForeignKey, schema: Schema) -> Index | None:
    """Return the index of an earlier foreign key that the server gives up for that of a new one."""
    table, count = table_of(key), len(key.columns)
    indexes = schema.parts(table, Index)
    found = next((i for i in indexes if i.implicit and columns_of(i) == key.columns), None)
    others = [leading(index) for index in indexes if index is not found]
    others += [primary.columns for primary in schema.parts(table, PrimaryKey)]
    others += [unique.columns for unique in schema.parts(table, Unique)]
    return None if any(columns[:count] == key.columns for columns in others) else found
