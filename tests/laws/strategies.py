"""Strategies: statements, operations and schemas drawn in context, so that they apply.

Drawn blindly nearly every change is refused. A `Draft` holds a schema and draws what can be said of it;
saying it gives the next one. Operations are those that the statements come to, and a reordering of
columns, which SQL can only say by the way.

    scripts(dialect)             (base, up): two lists of statements, the second over the first
    lines(dialect)               (schema, operations that apply to it one after another)
    schemas(dialect)             a schema
    pairs(dialect)               two schemas that have something in common
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hypothesis import strategies as st

from schemaops.names import Address, Kind, Name
from schemaops.operations import Create, Opaque, Operation, Reorder
from schemaops.operations.group import Group
from schemaops.schema.objects import (
    Check,
    Column,
    Enum,
    ForeignKey,
    Index,
    PrimaryKey,
    Routine,
    Table,
    Trigger,
    Unique,
    Unmodelled,
    View,
)
from schemaops.schema.state import Schema
from schemaops.sql import queries
from schemaops.sql.dialects import dialect as dialect_named
from schemaops.sql.interpret import interpret
from schemaops.sql.names import quote
from schemaops.sql.reading import Reading

__all__ = ["DIALECTS", "Draft", "lines", "pairs", "schemas", "scripts"]

DIALECTS = ("postgres", "mysql", "sqlite")

# Few names, so that collisions and references are frequent; some that must be quoted.
TABLES = ("users", "orders", "order", "Tags")
COLUMNS = ("id", "a", "b", "user id", "n", "Total")
OTHERS = ("x1", "x2", "x3", "Mixed Case")
# MariaDB's DROP CONSTRAINT takes a key for a check of the same name.
CHECKS = ("c1", "c2")
FOREIGN = ("f1", "f2")

_TYPES = {
    "postgres": ("integer", "bigint", "text", "varchar(20)", "numeric(10,2)", "boolean"),
    "mysql": ("int", "bigint", "varchar(20)", "varchar(40)", "decimal(10,2)", "smallint"),
    "sqlite": ("INTEGER", "TEXT", "varchar(20)", "REAL", "BLOB", "int"),
}
_DEFAULTS = {
    "integer": ("0", "7", "-1"),
    "text": ("'x'", "''", "'it''s'"),
    "boolean": ("true", "false"),
}


def _sort(type_name: str) -> str:
    low = type_name.lower()
    if "char" in low or "text" in low:
        return "text"
    if "bool" in low:
        return "boolean"
    return "blob" if "blob" in low else "integer"


@dataclass
class Draft:
    """A schema, and the statements and groups that led to it; draws what can be said next."""

    draw: st.DrawFn
    schema: Schema
    statements: list[str] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    data: bool = True
    # Whether views may be left naming what is no longer there, as MySQL and SQLite let them.
    sound: bool = False

    def say(self) -> bool:
        """Draw one statement that applies and take it; False where it came to nothing."""
        kinds = [kind for kind in self._kinds() if kind is not None]
        text = self.draw(st.sampled_from(kinds))()
        return text is not None and self.take(text)

    def take(self, text: str) -> bool:
        """Take a statement, if the schema takes it."""
        read = interpret(text, self.schema)
        if read.faults or read.opaque or not read.groups:
            return False
        if self.sound and not _all_views_stand(read.after):
            return False
        self.schema = read.after
        self.statements.append(text)
        self.groups += read.groups
        return True

    # -- what stands there

    def _kinds(self) -> Iterator[Callable[[], str | None]]:
        yield self._create_table
        if not self._all(Table):
            return
        yield from (self._create_table, self._add_column, self._add_column, self._drop_column)
        yield from (self._create_index, self._rename_column, self._rename_table, self._create_view)
        yield from (self._drop_table, self._drop_index, self._drop_view, self._replace_view)
        if self.data:
            yield from (self._insert, self._update, self._delete)
        if self.schema.dialect != "sqlite":
            yield from (self._alter_column, self._alter_column, self._add_constraint)
            yield from (self._drop_constraint, self._rename_index)
        if self.schema.dialect == "postgres":
            yield from (self._create_enum, self._grow_enum, self._comment, self._add_enum_column)
            yield from (self._rename_constraint, self._create_sequence)
            yield from (self._make_function, self._make_trigger_function, self._make_trigger)
            yield from (self._drop_routine, self._rename_routine, self._change_trigger)

    def _all(self, kind: type) -> list:  # type: ignore[type-arg]
        return [thing for thing in self.schema if isinstance(thing, kind)]

    def _one(self, things: list) -> object | None:  # type: ignore[type-arg]
        return self.draw(st.sampled_from(things)) if things else None

    def _name(self, names: tuple[str, ...]) -> str:
        return self.draw(st.sampled_from(names))

    def q(self, name: str | Address) -> str:
        """Return a name as the dialect's SQL has it."""
        return quote(name.name if isinstance(name, Address) else name, self.schema.dialect)

    def _chance(self, one_in: int = 2) -> bool:
        return self.draw(st.integers(1, one_in)) == 1

    def _table(self) -> Table | None:
        found = self._one([table for table in self._all(Table) if table.columns])
        assert found is None or isinstance(found, Table)
        return found

    def _column(self, table: Table) -> Column:
        found = self._one(list(self.schema.columns(table.at)))
        assert isinstance(found, Column)
        return found

    # -- tables

    def _create_table(self) -> str | None:
        name = self._name(TABLES)
        columns = self.draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=4, unique=True))
        defined = [self._definition(column) for column in columns]
        lines = [text for text, _ in defined]
        if self._chance():
            lines[0] = self._with_key(columns[0])
        elif self.schema.dialect != "mysql" and self._chance():
            lines.append(f"PRIMARY KEY ({self.q(columns[0])})")
        if len(columns) > 1 and self._chance(3):
            lines.append(
                f"{self._named(OTHERS)}UNIQUE ({self.q(columns[1])}, {self.q(columns[0])})"
            )
        if defined[-1][1] == "integer" and self._chance(3) and lines[0] != lines[-1]:
            lines.append(f"{self._named(CHECKS)}CHECK ({self.q(columns[-1])} > 0)")
        tail = ""
        if self.schema.dialect == "sqlite" and "PRIMARY KEY" in lines[0] and self._chance(5):
            tail = "" if "AUTOINCREMENT" in lines[0] else " WITHOUT ROWID"
        return f"CREATE TABLE {self.q(name)} ({', '.join(lines)}){tail}"

    def _with_key(self, column: str) -> str:
        name = self.q(column)
        match self.schema.dialect:
            case "postgres":
                kind = self._name(
                    ("serial", "bigserial", "integer", "int GENERATED ALWAYS AS IDENTITY")
                )
                return f"{name} {kind} PRIMARY KEY"
            case "mysql":
                return f"{name} int {self._name(('AUTO_INCREMENT ', ''))}PRIMARY KEY"
            case _:
                return f"{name} INTEGER PRIMARY KEY {self._name(('AUTOINCREMENT', ''))}"

    def _definition(self, column: str) -> tuple[str, str]:
        kind = self._name(_TYPES[self.schema.dialect])
        sort = _sort(kind)
        words = [self.q(column), kind]
        defaults = _DEFAULTS.get(sort)
        with_default = defaults is not None and self._chance(3)
        if with_default and defaults is not None:
            words.append(f"DEFAULT {self._name(defaults)}")
        if self._chance(4):
            words.append("NOT NULL")
        return " ".join(words), sort

    def _drop_table(self) -> str | None:
        table = self._table()
        return table and f"DROP TABLE {self.q(table.at)}"

    def _rename_table(self) -> str | None:
        table = self._table()
        return table and f"ALTER TABLE {self.q(table.at)} RENAME TO {self.q(self._name(TABLES))}"

    # -- columns

    def _add_column(self) -> str | None:
        table = self._table()
        if table is None:
            return None
        named = self._name(COLUMNS)
        text, sort = self._definition(named)
        if "NOT NULL" in text and "DEFAULT" not in text and self.schema.dialect == "sqlite":
            return None
        match self.draw(st.integers(0, 4)):
            case 0 if sort == "integer":
                text += f" CHECK ({self.q(named)} < 100)"
            case 1 if self.schema.dialect == "postgres":
                text += " UNIQUE"
            case 2:
                other = self._column(table)
                if _sort(str(other.type)) == "integer" and other.generated is None:
                    kept = "VIRTUAL" if self.schema.dialect == "sqlite" else "STORED"
                    kind = self._name(_TYPES[self.schema.dialect][:2])
                    made = f"GENERATED ALWAYS AS ({self.q(other.at)} + 1) {kept}"
                    text = f"{self.q(named)} {kind} {made}"
        place = ""
        if self.schema.dialect == "mysql" and self._chance(3):
            place = self._name(("FIRST", f"AFTER {self.q(self._column(table).at)}"))
        return f"ALTER TABLE {self.q(table.at)} ADD COLUMN {text} {place}".rstrip()

    def _drop_column(self) -> str | None:
        table = self._table()
        if table is None:
            return None
        cascade = " CASCADE" if self.schema.dialect == "postgres" and self._chance(3) else ""
        return (
            f"ALTER TABLE {self.q(table.at)} DROP COLUMN {self.q(self._column(table).at)}{cascade}"
        )

    def _rename_column(self) -> str | None:
        table = self._table()
        if table is None:
            return None
        old, new = self.q(self._column(table).at), self.q(self._name(COLUMNS))
        return f"ALTER TABLE {self.q(table.at)} RENAME COLUMN {old} TO {new}"

    def _alter_column(self) -> str | None:
        table = self._table()
        if table is None:
            return None
        column = self._column(table)
        name, head = self.q(column.at), f"ALTER TABLE {self.q(table.at)}"
        sort = _sort(str(column.type))
        defaults = _DEFAULTS.get(sort, ("NULL",))
        if self.schema.dialect == "mysql":
            if column.generated is not None or column.auto_increment:
                return None
            kinds = [kind for kind in _TYPES["mysql"] if _sort(kind) == sort]
            kind = self.draw(st.sampled_from(kinds))
            null = "" if column.nullable and self._chance() else " NOT NULL"
            default = f" DEFAULT {self._name(defaults)}" if self._chance() else ""
            comment = " COMMENT 'about it'" if self._chance(4) else ""
            return f"{head} MODIFY COLUMN {name} {kind}{null}{default}{comment}"
        action = self._name(
            ("SET NOT NULL", "DROP NOT NULL", "SET DEFAULT", "DROP DEFAULT", "TYPE", "TYPE")
        )
        if action == "SET DEFAULT":
            action += f" {self._name(defaults)}"
        if action == "TYPE":
            kinds = [kind for kind in _TYPES["postgres"] if _sort(kind) == sort]
            action += f" {self._name((*kinds, 'text'))}"
        return f"{head} ALTER COLUMN {name} {action}"

    # -- constraints and indexes

    def _add_constraint(self) -> str | None:
        table = self._table()
        if table is None:
            return None
        column = self._column(table)
        head = f"ALTER TABLE {self.q(table.at)} ADD "
        match self.draw(st.integers(0, 4)):
            case 0:
                return f"{head}{self._named(OTHERS)}UNIQUE ({self.q(column.at)})"
            case 1 if _sort(str(column.type)) == "integer":
                return f"{head}{self._named(CHECKS)}CHECK ({self.q(column.at)} <> 5)"
            case 2:
                return f"{head}{self._named(OTHERS)}PRIMARY KEY ({self.q(column.at)})"
            case _:
                return self._foreign_key(head + self._named(FOREIGN), table)

    def _named(self, names: tuple[str, ...]) -> str:
        return f"CONSTRAINT {self.q(self._name(names))} " if self._chance() else ""

    def _foreign_key(self, head: str, table: Table) -> str | None:
        keys = [
            key
            for key in (*self._all(PrimaryKey), *self._all(Unique))
            if len(key.columns) == 1 and key.at.path[:-1] != table.at.path
        ]
        key = self._one(keys)
        if key is None:
            return None
        assert isinstance(key, PrimaryKey | Unique)
        other = self.schema.column(key.columns[0])
        mine = [
            c for c in self.schema.columns(table.at) if c.type == other.type and not c.generated
        ]
        column = self._one(mine)
        if column is None:
            return None
        assert isinstance(column, Column)
        action = self._name(("", " ON DELETE CASCADE", " ON UPDATE CASCADE"))
        referred = f"{self.q(other.table)} ({self.q(other.at)})"
        return f"{head}FOREIGN KEY ({self.q(column.at)}) REFERENCES {referred}{action}"

    def _drop_constraint(self) -> str | None:
        kinds = (PrimaryKey, Unique, Check, ForeignKey)
        thing = self._one([t for t in self.schema if isinstance(t, kinds) and t.named])
        if thing is None:
            return None
        assert isinstance(thing, kinds)
        table = Address(Kind.TABLE, thing.at.path[:-1])
        words = {PrimaryKey: "PRIMARY KEY", Unique: f"INDEX {self.q(thing.at)}"}
        what = f"CONSTRAINT {self.q(thing.at)}"
        if self.schema.dialect == "mysql":
            what = words.get(type(thing), what)
        return f"ALTER TABLE {self.q(table)} DROP {what}"

    def _rename_constraint(self) -> str | None:
        kinds = (PrimaryKey, Unique, Check, ForeignKey)
        thing = self._one([t for t in self.schema if isinstance(t, kinds)])
        if thing is None:
            return None
        assert isinstance(thing, kinds)
        table = Address(Kind.TABLE, thing.at.path[:-1])
        names = {Check: CHECKS, ForeignKey: FOREIGN}.get(type(thing), OTHERS)
        new = self.q(self._name(names))
        return f"ALTER TABLE {self.q(table)} RENAME CONSTRAINT {self.q(thing.at)} TO {new}"

    def _create_index(self) -> str | None:
        table = self._table()
        if table is None:
            return None
        column = self._column(table)
        unique = "UNIQUE " if self._chance(4) else ""
        keys, where = self.q(column.at), ""
        match self.schema.dialect, _sort(str(column.type)):
            case (("postgres" | "sqlite"), "text") if self._chance(3):
                keys = f"lower({keys})"
            case (("postgres" | "sqlite"), "integer") if self._chance(3):
                where = f" WHERE {keys} > 3"
            case _:
                keys += self._name(("", " DESC")) if self.schema.dialect != "mysql" else ""
        return f"CREATE {unique}INDEX {self.q(self._name(OTHERS))} ON {self.q(table.at)} ({keys}){where}"

    def _drop_index(self) -> str | None:
        index = self._one(self._all(Index))
        if index is None:
            return None
        assert isinstance(index, Index)
        on = f" ON {self.q(index.table)}" if self.schema.dialect == "mysql" else ""
        return f"DROP INDEX {self.q(index.at)}{on}"

    def _rename_index(self) -> str | None:
        index = self._one(self._all(Index))
        if index is None:
            return None
        assert isinstance(index, Index)
        old, new = self.q(index.at), self.q(self._name(OTHERS))
        if self.schema.dialect == "mysql":
            return f"ALTER TABLE {self.q(index.table)} RENAME INDEX {old} TO {new}"
        return f"ALTER INDEX {old} RENAME TO {new}"

    # -- views, enums, sequences, comments

    def _create_view(self) -> str | None:
        views = [view.at for view in self._all(View) if view.columns]
        names = [view.at.name for view in self._all(View)]
        name = self._name(("v1", "v2", "v3"))
        if views and name not in names and self._chance(3):
            over = self.draw(st.sampled_from(views))
            view = self.schema.at(over)
            assert isinstance(view, View)
            return f"CREATE VIEW {name} AS SELECT {self.q(view.columns[0])} FROM {self.q(over)}"
        return self._view(name, "CREATE VIEW")

    def _view(self, name: str, verb: str) -> str | None:
        table = self._table()
        if table is None:
            return None
        columns = self.schema.columns(table.at)
        count = self.draw(st.integers(1, len(columns)))
        listed = ", ".join(self.q(column.at) for column in columns[:count])
        return f"{verb} {self.q(name)} AS SELECT {listed} FROM {self.q(table.at)}"

    def _replace_view(self) -> str | None:
        view = self._one(self._all(View))
        if view is None or self.schema.dialect == "sqlite":
            return None
        assert isinstance(view, View)
        return self._view(view.at.name, "CREATE OR REPLACE VIEW")

    def _drop_view(self) -> str | None:
        view = self._one(self._all(View))
        if view is None:
            return None
        assert isinstance(view, View)
        return f"DROP VIEW {self.q(view.at)}"

    def _create_enum(self) -> str:
        return f"CREATE TYPE {self._name(('mood', 'state'))} AS ENUM ('a', 'b')"

    def _grow_enum(self) -> str | None:
        enum = self._one(self._all(Enum))
        if enum is None:
            return None
        assert isinstance(enum, Enum)
        value = self._name(("c", "d", "e f"))
        place = self._name(("", f" BEFORE '{enum.values[0]}'", f" AFTER '{enum.values[0]}'"))
        return f"ALTER TYPE {self.q(enum.at)} ADD VALUE '{value}'{place}"

    def _add_enum_column(self) -> str | None:
        enum, table = self._one(self._all(Enum)), self._table()
        if enum is None or table is None:
            return None
        assert isinstance(enum, Enum)
        default = f" DEFAULT '{enum.values[0]}'" if self._chance() else ""
        name = self.q(self._name(COLUMNS))
        return f"ALTER TABLE {self.q(table.at)} ADD COLUMN {name} {self.q(enum.at)}{default}"

    def _create_sequence(self) -> str:
        options = self._name(("", " INCREMENT BY 5", " START WITH 10"))
        return f"CREATE SEQUENCE {self.q(self._name(OTHERS))}{options}"

    # -- routines and triggers

    def _make_function(self) -> str:
        again = self._name(("", "OR REPLACE "))
        kind = self._name(("integer", "text", "boolean"))
        taken = self._name(("", "a integer", "a integer, b text DEFAULT 'x'"))
        tail = self._name(
            ("", " IMMUTABLE", " STRICT COST 5", " SET search_path = public, pg_temp")
        )
        body = self._name(("BEGIN RETURN NULL; END", "BEGIN RETURN NULL; END -- $$ it's"))
        name = self.q(self._name(OTHERS))
        head = f"CREATE {again}FUNCTION {name}({taken}) RETURNS {kind} LANGUAGE plpgsql{tail}"
        return f"{head} AS $b${body}$b$"

    def _make_trigger_function(self) -> str:
        given = self._name(("NEW", "NULL"))
        name = self._name(("t1", "t2"))
        return (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RETURN {given}; END $$"
        )

    def _routines(self) -> list[Routine]:
        return [thing for thing in self.schema if isinstance(thing, Routine)]

    def _make_trigger(self) -> str | None:
        table = self._table()
        fired = [one for one in self._routines() if str(one.returns) == "trigger"]
        if table is None or not fired:
            return None
        function = self.draw(st.sampled_from(fired))
        column = self.q(self._column(table).at)
        when = self._name(
            (
                "BEFORE INSERT OR UPDATE",
                f"BEFORE UPDATE OF {column}",
                "AFTER DELETE",
            )
        )
        told = (
            f" WHEN (OLD.{column} IS NOT NULL)" if "INSERT" not in when and self._chance() else ""
        )
        name = self.q(self._name(OTHERS))
        on = f"ON {self.q(table.at)} FOR EACH ROW{told}"
        return f"CREATE TRIGGER {name} {when} {on} EXECUTE FUNCTION {function.at.bare}('x')"

    def _change_trigger(self) -> str | None:
        found = self._one(self._all(Trigger))
        if not isinstance(found, Trigger):
            return None
        name, table = self.q(found.at), self.q(found.table)
        return self._name(
            (
                f"DROP TRIGGER {name} ON {table}",
                f"ALTER TABLE {table} DISABLE TRIGGER {name}",
                f"ALTER TRIGGER {name} ON {table} RENAME TO {self.q(self._name(OTHERS))}",
                f"COMMENT ON TRIGGER {name} ON {table} IS 'it''s'",
            )
        )

    def _drop_routine(self) -> str | None:
        found = self._one(self._routines())
        if not isinstance(found, Routine):
            return None
        types = ", ".join(found.at.signature or ())
        tail = self._name(("", " CASCADE"))
        return f"DROP FUNCTION {self.q(found.at.bare)}({types}){tail}"

    def _rename_routine(self) -> str | None:
        found = self._one(self._routines())
        if not isinstance(found, Routine):
            return None
        types = ", ".join(found.at.signature or ())
        name = self.q(self._name(OTHERS))
        return f"ALTER FUNCTION {self.q(found.at.bare)}({types}) RENAME TO {name}"

    def _comment(self) -> str | None:
        table = self._table()
        if table is None:
            return None
        text = self._name(("'about it'", "'it''s'", "NULL"))
        if self._chance():
            return f"COMMENT ON TABLE {self.q(table.at)} IS {text}"
        name = f"{self.q(table.at)}.{self.q(self._column(table).at)}"
        return f"COMMENT ON COLUMN {name} IS {text}"

    # -- rows

    def _insert(self) -> str | None:
        table = self._table()
        if table is None:
            return None
        columns = [
            c for c in self.schema.columns(table.at) if c.generated is None and not c.identity
        ]
        wanted = [c for c in columns if _sort(str(c.type)) in _DEFAULTS]
        if len(wanted) < len(columns) or not wanted:
            return None
        names = ", ".join(self.q(c.at) for c in wanted)
        values = ", ".join(self._name(_DEFAULTS[_sort(str(c.type))]) for c in wanted)
        return f"INSERT INTO {self.q(table.at)} ({names}) VALUES ({values})"

    def _update(self) -> str | None:
        table = self._table()
        if table is None:
            return None
        column = self._column(table)
        return f"UPDATE {self.q(table.at)} SET {self.q(column.at)} = NULL"

    def _delete(self) -> str | None:
        table = self._table()
        return table and f"DELETE FROM {self.q(table.at)}"


def _all_views_stand(schema: Schema) -> bool:
    dialect = dialect_named(schema.dialect)
    path = () if dialect.default_schema is None else (dialect.default_schema,)
    for view in schema.of_kind(Kind.VIEW):
        assert isinstance(view, View)
        text = view.query.text(lambda at: quote(at.name, schema.dialect))
        read = queries.query(text, schema.dialect, Reading(schema, dialect, path).scope())
        if read.reading.problems:
            return False
    return True


def _said(draft: Draft, most: int) -> None:
    for _ in range(draft.draw(st.integers(1, most))):
        draft.say()


@st.composite
def scripts(
    draw: st.DrawFn, dialect: str, most: int = 8, *, data: bool = False
) -> tuple[list[str], list[str]]:
    """Draw the statements of a base, and those of an up over it."""
    base = Draft(draw, Schema.empty(dialect), data=False, sound=True)
    base.say()
    _said(base, most)
    up = Draft(draw, base.schema, data=data)
    _said(up, most)
    return base.statements, up.statements


@st.composite
def schemas(draw: st.DrawFn, dialect: str, most: int = 8) -> Schema:
    """Draw a schema."""
    draft = Draft(draw, Schema.empty(dialect), data=False, sound=True)
    draft.say()
    _said(draft, most)
    return draft.schema


@st.composite
def lines(draw: st.DrawFn, dialect: str, most: int = 4) -> tuple[Schema, tuple[Operation, ...]]:
    """Draw a schema and operations of every kind that apply to it one after another."""
    before = draw(schemas(dialect))
    draft = Draft(draw, before)
    _said(draft, most)
    operations = [operation for group in draft.groups for operation in group.operations]
    schema = draft.schema
    for more in draw(st.lists(st.sampled_from((_reorder, _opaque)), max_size=2)):
        operation = more(draw, schema)
        if operation is not None:
            operations.append(operation)
            schema = operation.apply(schema)
    return before, tuple(operations)


def _reorder(draw: st.DrawFn, schema: Schema) -> Operation | None:
    tables = [t for t in schema if isinstance(t, Table) and len(t.columns) > 1]
    if not tables:
        return None
    table = draw(st.sampled_from(tables))
    return Reorder(table.at, table.columns, tuple(draw(st.permutations(table.columns))))


def _opaque(draw: st.DrawFn, schema: Schema) -> Operation | None:
    name = draw(st.sampled_from(OTHERS))
    at = Address(Kind.UNMODELLED, (Name("procedure"), Name(name)))
    if at in schema:
        return None
    text = f"CREATE PROCEDURE {quote(name, schema.dialect)}() BEGIN END"
    return Opaque(text, (Create(Unmodelled(at, "procedure", text)),), "declared")


@st.composite
def pairs(draw: st.DrawFn, dialect: str, most: int = 6) -> tuple[Schema, Schema]:
    """Draw two schemas with a common past."""
    common = draw(schemas(dialect))
    ours = Draft(draw, common, data=False, sound=True)
    theirs = Draft(draw, common, data=False, sound=True)
    _said(ours, most)
    _said(theirs, most)
    return ours.schema, theirs.schema
