"""Statements of the core of SQL, written in context: over a schema, most of them apply.

A `Writer` writes one statement for a schema, as a person might: spelled in several ways, with few
names, so that they collide and refer to each other. Now and then it writes one that cannot stand.
What it chooses comes from a `Chooser`, so that hypothesis and a seeded generator share one writer.

    draw_statement(draw, schema) -> str      for hypothesis; shrinks towards the first choices
    statement(random, schema) -> str         for scripts: the same with a `random.Random`
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol, TypeVar

from hypothesis import strategies as st

from schemaops.names import Address, Kind, Name
from schemaops.schema.objects import (
    Check,
    Column,
    Composite,
    Domain,
    Enum,
    ForeignKey,
    Index,
    PrimaryKey,
    Table,
    Unique,
    View,
)
from schemaops.schema.state import Schema
from schemaops.sql.names import is_reserved, quote
from schemaops.sql.strings import string_literal
from schemaops.sql.types import Family, family
from tests.postgres_generators import PostgresWriter

__all__ = ["Chooser", "Writer", "draw_statement", "statement"]

T = TypeVar("T")


class Chooser(Protocol):
    """Where choices come from; what stands first is the simplest."""

    def pick(self, options: Sequence[T], /) -> T:
        """Return one of the options."""

    def one_in(self, number: int, /) -> bool:
        """Return True once in a number of times."""


class _Drawn:
    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def pick(self, options: Sequence[T], /) -> T:
        return self._draw(st.sampled_from(options))

    def one_in(self, number: int, /) -> bool:
        return self._draw(st.integers(0, number - 1)) == number - 1


class _Seeded:
    def __init__(self, random: Random) -> None:
        self._random = random

    def pick(self, options: Sequence[T], /) -> T:
        return self._random.choice(options)

    def one_in(self, number: int, /) -> bool:
        return self._random.randrange(number) == number - 1


def draw_statement(draw: st.DrawFn, schema: Schema) -> str:
    """Return a statement drawn for a schema."""
    return Writer(_Drawn(draw), schema).statement()


def statement(random: Random, schema: Schema) -> str:
    """Return a random statement for a schema."""
    return Writer(_Seeded(random), schema).statement()


_TABLES = ("users", "orders", "items", "Odd Table")
_VIEWS = ("busy", "recent", "Odd View")
_COLUMNS = ("id", "a", "b", "email", "total", "user_id", "order", "Odd Column")
_OTHERS = ("k1", "k2", "k3", "Odd Key")
_ENUMS = ("mood", "state")
_LABELS = ("new", "open", "done", "it's")

# The spellings of each family of types: all of one row are one kind of value.
_TYPES: dict[str, dict[str, tuple[str, ...]]] = {
    "postgres": {
        "number": (
            "integer",
            "int",
            "bigint",
            "int8",
            "smallint",
            "numeric(8, 2)",
            "decimal",
            "real",
        ),
        "text": ("text", "varchar(20)", "character varying(40)", "char(3)", "varchar"),
        "boolean": ("boolean", "bool"),
        "time": ("timestamptz", "timestamp", "timestamp(3) with time zone", "date"),
        "other": ("jsonb", "uuid", "bytea", "integer[]", "text []", "interval"),
    },
    "mysql": {
        "number": ("int", "INTEGER", "bigint", "smallint unsigned", "decimal(8,2)", "double"),
        "text": ("varchar(20)", "VARCHAR(40)", "char(3)", "varchar(30)"),
        "boolean": ("boolean", "bool", "tinyint(1)"),
        "time": ("datetime", "date", "datetime(3)"),
        "other": ("text", "blob", "enum('new','open')", "json", "varbinary(10)"),
    },
    "sqlite": {
        "number": ("INTEGER", "INT", "bigint", "REAL", "numeric(8, 2)"),
        "text": ("TEXT", "varchar(20)", "CHAR (3)"),
        "boolean": ("BOOLEAN",),
        "time": ("DATETIME", "date"),
        "other": ("BLOB", "double precision", ""),
    },
}
_SORTS = ("number", "text", "number", "text", "boolean", "time", "other")
_ACTIONS = (
    "",
    "",
    " ON DELETE CASCADE",
    " ON DELETE SET NULL ON UPDATE CASCADE",
    " ON DELETE RESTRICT",
)


@dataclass
class Writer:
    """Writes a statement over a schema."""

    chooser: Chooser
    schema: Schema

    def __post_init__(self) -> None:
        self.dialect = self.schema.dialect
        self.pick = self.chooser.pick
        self.one_in = self.chooser.one_in

    # -- the statement

    def statement(self) -> str:
        """Return a statement, chosen among those that there is something for."""
        tables = self._of(Table)
        ways: list[Callable[[], str]] = []
        if len(tables) < 4:
            ways += [self.create_table] * (6 if len(tables) < 2 else 2)
        if tables:
            ways += [self.add_column] * 3
            ways += [self.create_index] * 3
            ways += [self.create_view] * 2
            ways += [self.insert] * 2
            ways += [
                self.drop_column,
                self.rename_column,
                self.rename_table,
                self.drop_table,
                self.update,
                self.delete,
            ]
            if self.dialect != "sqlite":
                ways += [self.add_constraint] * 3
                ways += [self.alter_column] * 4
            if self.dialect != "sqlite" and self._constraints():
                ways += [self.drop_constraint] * 2
        if self._of(Index):
            ways.append(self.drop_index)
        if self._of(View):
            ways.append(self.drop_view)
        if self.dialect == "postgres":
            ways += [self.create_enum]
            if self._of(Enum):
                ways += [self.alter_enum] * 2
                ways += [self.drop_enum]
            if self._of(Index):
                ways.append(self.rename_index)
            if self._constraints():
                ways.append(self.rename_constraint)
            ways += PostgresWriter(self).ways()
        return self.pick(ways)()

    # -- what there is

    def _of(self, kind: type[T]) -> list[T]:
        return [thing for thing in self.schema if isinstance(thing, kind)]

    def _constraints(self) -> list[PrimaryKey | Unique | Check | ForeignKey]:
        kinds = (PrimaryKey, Unique, Check, ForeignKey)
        return [thing for thing in self.schema if isinstance(thing, kinds) and thing.named]

    def _table(self) -> Table:
        return self.pick(self._of(Table))

    def _columns(self, table: Table) -> list[Column]:
        return list(self.schema.columns(table.at))

    # -- names

    def _name(self, names: Sequence[str]) -> str:
        name = self.pick(names)
        plain = name.isalpha() and not is_reserved(name, self.dialect)
        if self.dialect == "mysql" or not plain or not self.one_in(6):
            return quote(Name(name), self.dialect)
        return name.upper() if self.one_in(2) else f'"{name}"'

    def _spelled(self, at: Address) -> str:
        name = self._quoted(at.name)
        if self.dialect == "postgres" and len(at.path) == 2 and self.one_in(6):
            return f"public.{name}"
        return name

    def _quoted(self, name: str) -> str:
        if self.one_in(40):
            return quote(Name("nowhere"), self.dialect)
        return quote(name, self.dialect)

    def _new_column(self, table: Table | None) -> str:
        taken = set() if table is None else set(table.columns)
        free = [name for name in _COLUMNS if name.lower() not in {t.lower() for t in taken}]
        return self._name(_COLUMNS if not free or self.one_in(12) else free)

    def _new(self, names: Sequence[str], kind: Kind) -> str:
        taken = {thing.at.name.lower() for thing in self.schema if thing.at.kind is kind}
        free = [name for name in names if name.lower() not in taken]
        return self._name(names if not free or self.one_in(12) else free)

    # -- types, values and expressions

    def _type(self, sort: str) -> str:
        if sort == "other" and self.dialect == "postgres" and self.one_in(2):
            types = [*self._of(Enum), *self._of(Domain), *self._of(Composite)]
            if types:
                return self._spelled(self.pick(types).at)
        return self.pick(_TYPES[self.dialect][sort])

    def _sort(self, column: Column) -> str:
        match family(column.type, self.dialect):
            case Family.INTEGER | Family.EXACT | Family.FLOAT:
                return "number"
            case Family.TEXT:
                return "text"
            case Family.BOOLEAN:
                return "boolean"
            case Family.DATE | Family.TIMESTAMP:
                return "time"
            case Family.ENUM if self._labels(column):
                return "enum"
            case _:
                return "other"

    def _labels(self, column: Column) -> tuple[str, ...]:
        if self.dialect == "mysql":
            return ("new", "open")
        at = column.type.normal[0]
        thing = self.schema.get(at) if isinstance(at, Address) else None
        return thing.values if isinstance(thing, Enum) else ()

    def _sort_of_type(self, text: str) -> str:
        for sort, types in _TYPES[self.dialect].items():
            if text in types:
                return sort
        return "enum"

    def _literal(self, sort: str, labels: Sequence[str] = ()) -> str:
        if sort == "enum" and labels:
            return string_literal(self.pick(labels), self.dialect)
        match sort:
            case "number":
                return self.pick(("0", "1", "7", "-5", "42"))
            case "text":
                return self.pick(("'x'", "''", "'it''s'", "'abc'"))
            case "boolean":
                return self.pick(("TRUE", "false"))
            case "time" if self.dialect == "mysql":
                return "'2020-01-02'"
            case "time":
                return self.pick(("'2020-01-02'", "'2024-02-29 12:30:00'"))
            case _:
                return "NULL"

    def _default(self, sort: str, labels: Sequence[str] = ()) -> str:
        postgres, sqlite = self.dialect == "postgres", self.dialect == "sqlite"
        if sort == "time":
            options = ["CURRENT_TIMESTAMP"]
            if postgres:
                options += ["now()", "'2020-01-02'", "CURRENT_DATE"]
            return "'2020-01-02'" if self.dialect == "mysql" else self.pick(options)
        if sort == "number" and self.one_in(4):
            return self.pick(("(1 + 2)", "(3 * (4 - 1))", "(-1)"))
        if sort == "text" and self.one_in(4):
            return self.pick(
                ("(lower('X'))", "(upper('a') || 'b')" if not sqlite else "('a' || 'b')")
            )
        if sort == "other" and postgres and self.one_in(2):
            return "NULL"
        return self._literal(sort, labels)

    def _condition(self, columns: Sequence[Column], qualifier: str = "") -> str:
        first = self._simple_condition(self.pick(columns), qualifier)
        if self.one_in(3):
            second = self._simple_condition(self.pick(columns), qualifier)
            return self.pick(
                (
                    f"{first} AND {second}",
                    f"{first} or {second}",
                    f"NOT ({first} AND {second})",
                    f"({first}) OR (({second}))",
                )
            )
        return first

    def _simple_condition(self, column: Column, qualifier: str) -> str:
        c = qualifier + self._quoted(column.at.name)
        match self._sort(column):
            case "number":
                options: tuple[str, ...] = (
                    f"{c} > 3",
                    f"{c}>=0",
                    f"{c} <> 5",
                    f"{c} != -1",
                    f"{c} BETWEEN 1 AND 10",
                    f"{c} IN (1, 2, 3)",
                    f"{c} NOT IN (7)",
                    f"{c} + 1 > 2 * 3",
                    f"abs({c}) > 1",
                    f"coalesce({c}, 0) = 0",
                    f"CASE WHEN {c} > 1 THEN 2 ELSE 3 END > 2",
                    f"- {c} < 3",
                )
            case "text":
                options = (
                    f"{c} <> ''",
                    f"length({c}) > 3",
                    f"{c} LIKE 'a%'",
                    f"{c} IN ('a', 'b')",
                    f"LOWER({c}) = {c}",
                    f"coalesce({c}, 'x') <> 'it''s'",
                    f"trim({c}) = 'a'",
                    f"substr({c}, 1, 1) = 'a'",
                    f"{c} NOT LIKE '%z'",
                )
                if self.dialect != "mysql":
                    options += (f"{c} || 'x' = 'ax'",)
            case "boolean":
                options = (f"{c} = TRUE", f"{c}", f"NOT {c}", f"{c} IS NOT TRUE")
            case "time":
                options = (
                    f"{c} > '2020-01-01'",
                    f"{c} IS NOT NULL",
                    f"{c} <= '2030-01-01 10:00:00'",
                )
            case "enum":
                labels = [string_literal(x, self.dialect) for x in self._labels(column)]
                options = (f"{c} = {labels[0]}", f"{c} IN ({', '.join(labels)})")
            case _:
                options = (f"{c} IS NULL", f"{c} is not null")
        return self.pick(options)

    def _value(self, column: Column, qualifier: str = "") -> tuple[str, str]:
        """Return an expression over a column, and the sort of its value."""
        c = qualifier + self._quoted(column.at.name)
        match self._sort(column):
            case "number":
                return self.pick(
                    (f"({c} + 1)", f"abs({c})", f"({c} * 2 - 1)", f"coalesce({c}, 0)")
                ), ("number")
            case "text":
                return self.pick((f"lower({c})", f"upper({c})", f"coalesce({c}, 'n')")), "text"
            case sort:
                return c, sort

    # -- tables

    def create_table(self) -> str:
        """Return a CREATE TABLE."""
        name = self._new(_TABLES, Kind.TABLE)
        parts: list[str] = []
        made: list[tuple[str, str]] = []
        names = list(_COLUMNS)
        keyed = False
        for _ in range(self.pick((1, 2, 3, 4))):
            column = quote(Name(names.pop(names.index(self.pick(names)))), self.dialect)
            text, sort, is_key = self._definition(column, made, keyed=keyed)
            keyed = keyed or is_key
            parts.append(text)
            made.append((column, sort))
        for _ in range(self.pick((0, 0, 1, 2))):
            element = self._element(made, keyed=keyed)
            keyed = keyed or "PRIMARY" in element
            parts.append(element)
        tail = ""
        if self.dialect == "sqlite" and keyed and "AUTOINCREMENT" not in "".join(parts):
            tail = self.pick(("", "", " WITHOUT ROWID"))
        guard = "IF NOT EXISTS " if self.one_in(12) else ""
        return f"CREATE TABLE {guard}{name} ({', '.join(parts)}){tail}"

    def _definition(
        self, column: str, made: Sequence[tuple[str, str]], *, keyed: bool
    ) -> tuple[str, str, bool]:
        """Return a column's definition in CREATE TABLE, its sort, and whether it is the key."""
        sort = self.pick(_SORTS)
        if not made and not keyed and not self.one_in(3):
            return f"{column} {self._key_type()}", "number", True
        generated = [(c, s) for c, s in made if s in ("number", "text")]
        if self.dialect == "mysql":
            generated = [(c, s) for c, s in generated if s == "number"]
        if generated and self.one_in(8):
            other, sort = self.pick(generated)
            expression = f"{other} * 2" if sort == "number" else f"lower({other})"
            kind = "bigint" if sort == "number" else "varchar(60)"
            stored = "STORED" if self.dialect == "postgres" else self.pick(("STORED", "VIRTUAL"))
            return f"{column} {kind} GENERATED ALWAYS AS ({expression}) {stored}", "derived", False
        text = self._type(sort)
        words = [column, text]
        labels: tuple[str, ...] = ()
        if sort == "other":
            labels = ("new",) if text.startswith("enum") else ()
            sort = "enum" if labels else "other"
        default = self._default(sort, labels) if self.one_in(3) else None
        if default is not None:
            words.append(f"DEFAULT {default}")
        if self.one_in(3) and default != "NULL":
            words.append("NOT NULL")
        words += self._column_constraints(column, sort)
        return " ".join(words), sort, False

    def _key_type(self) -> str:
        match self.dialect:
            case "postgres":
                return self.pick(
                    (
                        "integer PRIMARY KEY",
                        "serial PRIMARY KEY",
                        "bigserial NOT NULL",
                        "int GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                        "bigint GENERATED BY DEFAULT AS IDENTITY (START WITH 10 INCREMENT BY 5)",
                        "bigint CONSTRAINT k9 PRIMARY KEY",
                    )
                )
            case "mysql":
                return self.pick(
                    (
                        "int PRIMARY KEY",
                        "int AUTO_INCREMENT PRIMARY KEY",
                        "bigint unsigned NOT NULL PRIMARY KEY",
                        "int NOT NULL AUTO_INCREMENT UNIQUE",
                    )
                )
            case _:
                return self.pick(
                    (
                        "INTEGER PRIMARY KEY",
                        "INTEGER PRIMARY KEY AUTOINCREMENT",
                        "INT PRIMARY KEY NOT NULL",
                        "INTEGER CONSTRAINT k9 PRIMARY KEY",
                    )
                )

    def _column_constraints(self, column: str, sort: str) -> list[str]:
        words = []
        # MariaDB takes no names for the constraints of a column.
        has_names = self.dialect != "mysql"
        named = f"CONSTRAINT {self._name(_OTHERS)} " if has_names and self.one_in(4) else ""
        if sort in ("number", "text") and self.one_in(6):
            words.append(f"{named}UNIQUE")
        elif sort in ("number", "text") and self.one_in(5):
            test = f"{column} > 0" if sort == "number" else f"length({column}) > 1"
            words.append(f"{named}CHECK ({test})")
        elif sort == "number" and self.dialect != "mysql" and self.one_in(4):
            target = self._referable()
            if target is not None:
                words.append(f"{named}REFERENCES {target}{self.pick(_ACTIONS)}")
        return words

    def _referable(self) -> str | None:
        """Return `table (column)` of a key of one column, of numbers."""
        found = []
        keys: list[PrimaryKey | Unique] = [*self._of(PrimaryKey), *self._of(Unique)]
        for key in keys:
            column = self.schema.get(key.columns[0]) if len(key.columns) == 1 else None
            if isinstance(column, Column) and self._sort(column) == "number":
                table = quote(key.at.path[-2], self.dialect)
                found.append(f"{table} ({quote(column.at.name, self.dialect)})")
                if isinstance(key, PrimaryKey):
                    found.append(table)
        if self.dialect == "mysql":
            found = [target for target in found if "(" in target]
        return self.pick(found) if found else None

    def _element(self, made: Sequence[tuple[str, str]], *, keyed: bool) -> str:
        """Return a constraint of a table."""
        named = f"CONSTRAINT {self._name(_OTHERS)} " if self.one_in(2) else ""
        plain = [c for c, sort in made if sort in ("number", "text", "time")]
        numbers = [c for c, sort in made if sort == "number"]
        ways = []
        if plain:
            chosen = list(dict.fromkeys(self.pick(plain) for _ in range(self.pick((1, 2)))))
            ways.append(f"{named}UNIQUE ({', '.join(chosen)})")
            if not keyed:
                ways.append(f"{named}PRIMARY KEY ({', '.join(chosen)})")
        if numbers:
            ways.append(f"{named}CHECK ({self.pick(numbers)} > {self.pick(numbers)} - 10)")
            target = self._referable()
            if target is not None:
                column = self.pick(numbers)
                ways.append(
                    f"{named}FOREIGN KEY ({column}) REFERENCES {target}{self.pick(_ACTIONS)}"
                )
        return self.pick(ways) if ways else "CHECK (1 = 1)"

    def drop_table(self) -> str:
        """Return a DROP TABLE."""
        guard = "IF EXISTS " if self.one_in(5) else ""
        cascade = " CASCADE" if self.dialect == "postgres" and self.one_in(2) else ""
        return f"DROP TABLE {guard}{self._spelled(self._table().at)}{cascade}"

    def rename_table(self) -> str:
        """Return a statement that renames a table."""
        old, new = self._spelled(self._table().at), self._new(_TABLES, Kind.TABLE)
        if self.dialect == "mysql" and self.one_in(2):
            return f"RENAME TABLE {old} TO {new}"
        return f"ALTER TABLE {old} RENAME TO {new}"

    # -- columns

    def add_column(self) -> str:
        """Return an ALTER TABLE … ADD COLUMN."""
        table = self._table()
        column = self._new_column(table)
        sort = self.pick(_SORTS)
        text = self._type(sort)
        words = [column, text]
        if sort == "other":
            sort = "enum" if text.startswith("enum") else "other"
        labels = ("new",) if sort == "enum" else ()
        given = False
        if self.one_in(2):
            constant = self.dialect == "sqlite"
            value = self._literal(sort, labels) if constant else self._default(sort, labels)
            words.append(f"DEFAULT {value}")
            given = value != "NULL"
        if self.one_in(3) and given:
            words.append("NOT NULL")
        if self.dialect == "sqlite":
            if not given and sort == "number" and self.one_in(4):
                target = self._referable()
                words += [f"REFERENCES {target}{self.pick(_ACTIONS)}"] if target else []
            elif sort == "number" and self.one_in(4):
                words.append(f"CHECK ({column} > -9)")
        else:
            words += self._column_constraints(column, sort)
        if self.dialect == "mysql" and self.one_in(4):
            words.append(f"AFTER {quote(self.pick(table.columns), self.dialect)}")
        noun = self.pick(("COLUMN ", "", "COLUMN "))
        return f"ALTER TABLE {self._spelled(table.at)} ADD {noun}{' '.join(words)}"

    def drop_column(self) -> str:
        """Return an ALTER TABLE … DROP COLUMN."""
        table = self._table()
        column = self._quoted(self.pick(table.columns)) if table.columns else "a"
        cascade = " CASCADE" if self.dialect == "postgres" and self.one_in(3) else ""
        return f"ALTER TABLE {self._spelled(table.at)} DROP COLUMN {column}{cascade}"

    def rename_column(self) -> str:
        """Return an ALTER TABLE … RENAME COLUMN."""
        table = self._table()
        old = self._quoted(self.pick(table.columns)) if table.columns else "a"
        noun = "" if self.dialect != "mysql" and self.one_in(3) else "COLUMN "
        new = self._new_column(table)
        return f"ALTER TABLE {self._spelled(table.at)} RENAME {noun}{old} TO {new}"

    def alter_column(self) -> str:
        """Return a statement that changes a column's type, default, nullability or identity."""
        table = self._table()
        columns = self._columns(table)
        if not columns:
            return self.add_column()
        column = self.pick(columns)
        sort = self._sort(column)
        name = self._quoted(column.at.name)
        labels = self._labels(column)
        head = f"ALTER TABLE {self._spelled(table.at)}"
        if self.dialect == "mysql":
            if self.one_in(2):
                tail = (
                    f"SET DEFAULT {self._literal(sort, labels)}"
                    if self.one_in(2)
                    else "DROP DEFAULT"
                )
                return f"{head} ALTER COLUMN {name} {tail}"
            text = self._type(sort if sort in ("number", "text", "boolean", "time") else "number")
            null = self.pick(("", " NOT NULL", " NULL DEFAULT NULL"))
            if self.one_in(4):
                return f"{head} CHANGE {name} {self._new_column(table)} {text}{null}"
            return f"{head} MODIFY COLUMN {name} {text}{null}"
        head = f"{head} ALTER COLUMN {name}"
        integer = family(column.type, self.dialect) is Family.INTEGER
        ways = [
            f"{head} SET NOT NULL",
            f"{head} DROP NOT NULL",
            f"{head} SET DEFAULT {self._default(sort, labels)}",
            f"{head} DROP DEFAULT",
        ]
        if sort in ("number", "text") and not self._is_in_expressions(column):
            ways += [f"{head} TYPE {self._type(sort)}", f"{head} SET DATA TYPE {self._type(sort)}"]
        if integer and column.identity is None:
            ways.append(f"{head} ADD GENERATED BY DEFAULT AS IDENTITY")
        if column.identity is not None:
            ways += [f"{head} DROP IDENTITY", f"{head} DROP IDENTITY IF EXISTS"]
        return self.pick(ways)

    def _is_in_expressions(self, column: Column) -> bool:
        # The casts that PostgreSQL once put into them stay when the type changes.
        for thing in self.schema.referrers(column.at):
            match thing:
                case Check():
                    return True
                case Index():
                    keys = (key.expression for key in thing.keys)
                    bare = all(key.normal == (next(key.addresses(), None),) for key in keys)
                    if thing.where is not None or not bare:
                        return True
        return False

    # -- constraints

    def add_constraint(self) -> str:
        """Return an ALTER TABLE … ADD constraint."""
        table = self._table()
        made = [(quote(c.at.name, self.dialect), self._sort(c)) for c in self._columns(table)]
        keyed = bool(self.schema.parts(table.at, PrimaryKey)) and not self.one_in(10)
        return f"ALTER TABLE {self._spelled(table.at)} ADD {self._element(made, keyed=keyed)}"

    def drop_constraint(self) -> str:
        """Return an ALTER TABLE … DROP CONSTRAINT."""
        thing = self.pick(self._constraints())
        table = self._spelled(Address(Kind.TABLE, thing.at.path[:-1]))
        name = self._quoted(thing.at.name)
        if self.dialect == "mysql":
            match thing:
                case PrimaryKey():
                    return f"ALTER TABLE {table} DROP PRIMARY KEY"
                case Unique():
                    return f"ALTER TABLE {table} DROP INDEX {name}"
                case ForeignKey():
                    return f"ALTER TABLE {table} DROP FOREIGN KEY {name}"
        cascade = " CASCADE" if self.dialect == "postgres" and self.one_in(3) else ""
        return f"ALTER TABLE {table} DROP CONSTRAINT {name}{cascade}"

    def rename_constraint(self) -> str:
        """Return an ALTER TABLE … RENAME CONSTRAINT."""
        thing = self.pick(self._constraints())
        table = self._spelled(Address(Kind.TABLE, thing.at.path[:-1]))
        return (
            f"ALTER TABLE {table} RENAME CONSTRAINT {self._quoted(thing.at.name)} "
            f"TO {self._name(_OTHERS)}"
        )

    # -- indexes

    def create_index(self) -> str:
        """Return a CREATE INDEX."""
        table = self._table()
        columns = self._columns(table)
        indexed = [c for c in columns if self._sort(c) != "other"]
        if not indexed:
            return self.add_column()
        parts = []
        for column in dict.fromkeys(self.pick(indexed) for _ in range(self.pick((1, 1, 2)))):
            text = quote(column.at.name, self.dialect)
            if self.dialect != "mysql" and self.one_in(4):
                text, _ = self._value(column)
            text += self.pick(("", "", " DESC", " ASC"))
            if self.dialect == "postgres" and self.one_in(5):
                text += self.pick((" NULLS FIRST", " NULLS LAST"))
            parts.append(text)
        unique = "UNIQUE " if self.one_in(4) else ""
        where = ""
        if self.dialect != "mysql" and self.one_in(4):
            where = f" WHERE {self._condition(columns)}"
        name = self._new(_OTHERS, Kind.INDEX)
        using = ""
        if self.dialect == "postgres":
            using = self.pick(("", "", " USING btree"))
            name = "" if self.one_in(3) else name
            if where == "" and self.one_in(6) and len(columns) > 1:
                others = [c for c in columns if c.generated is None]
                where = f" INCLUDE ({quote(self.pick(others or columns).at.name, self.dialect)})"
        space = " " if name else ""
        keys = ", ".join(parts)
        return (
            f"CREATE {unique}INDEX {name}{space}ON {self._spelled(table.at)}{using} ({keys}){where}"
        )

    def drop_index(self) -> str:
        """Return a DROP INDEX."""
        index = self.pick(self._of(Index))
        if self.dialect == "mysql":
            return f"DROP INDEX {self._quoted(index.at.name)} ON {self._spelled(index.table)}"
        guard = "IF EXISTS " if self.one_in(5) else ""
        return f"DROP INDEX {guard}{self._spelled(index.at)}"

    def rename_index(self) -> str:
        """Return an ALTER INDEX … RENAME."""
        index = self.pick(self._of(Index))
        return f"ALTER INDEX {self._spelled(index.at)} RENAME TO {self._name(_OTHERS)}"

    # -- views

    def create_view(self) -> str:
        """Return a CREATE VIEW."""
        views = self._of(View)
        table = self._table()
        columns = self._columns(table)
        replaced = bool(views) and self.dialect != "sqlite" and self.one_in(3)
        if replaced:
            head = f"CREATE OR REPLACE VIEW {self._spelled(self.pick(views).at)}"
        else:
            head = f"CREATE VIEW {self._new(_VIEWS, Kind.VIEW)}"
        if views and self.one_in(5):
            view = self.pick(views)
            shown = ", ".join(quote(name, self.dialect) for name in view.columns[:2]) or "*"
            return f"{head} AS SELECT {shown} FROM {self._spelled(view.at)}"
        if not columns:
            return self.add_column()
        source, q = self._spelled(table.at), ""
        if self.one_in(3):
            q = "t."
            source += self.pick((" t", " AS t"))
        if self.one_in(6):
            return f"{head} AS SELECT * FROM {source}"
        chosen = list(dict.fromkeys(self.pick(columns) for _ in range(self.pick((1, 2, 3)))))
        if self.one_in(8):
            column = quote(chosen[0].at.name, self.dialect)
            return (
                f"{head} AS SELECT {q}{column}, count(*) AS n FROM {source} GROUP BY {q}{column} "
                f"HAVING count(*) > 1"
            )
        shown_columns = []
        for number, column in enumerate(chosen):
            text = q + self._quoted(column.at.name)
            if self.one_in(4):
                text = f"{self._value(column, q)[0]} AS x{number}"
            elif self.one_in(5):
                text += f" AS y{number}"
            shown_columns.append(text)
        text = f"{head} AS SELECT {', '.join(shown_columns)} FROM {source}"
        other = self.pick(self._of(Table))
        others = self._columns(other)
        if q and others and self.one_in(3):
            kind = self.pick(("JOIN", "LEFT JOIN", "INNER JOIN"))
            link = self._simple_condition(self.pick(others), "o.")
            text += f" {kind} {self._spelled(other.at)} o ON {link}"
        if self.one_in(2):
            text += f" WHERE {self._condition(columns, q)}"
        if self.one_in(8):
            text += f" ORDER BY {q}{quote(chosen[0].at.name, self.dialect)}"
        return text

    def drop_view(self) -> str:
        """Return a DROP VIEW."""
        guard = "IF EXISTS " if self.one_in(5) else ""
        cascade = " CASCADE" if self.dialect == "postgres" and self.one_in(3) else ""
        return f"DROP VIEW {guard}{self._spelled(self.pick(self._of(View)).at)}{cascade}"

    # -- enums

    def create_enum(self) -> str:
        """Return a CREATE TYPE … AS ENUM."""
        labels = dict.fromkeys(self.pick(_LABELS) for _ in range(self.pick((1, 2, 3))))
        shown = ", ".join(string_literal(label, "postgres") for label in labels)
        return f"CREATE TYPE {self._new(_ENUMS, Kind.ENUM)} AS ENUM ({shown})"

    def alter_enum(self) -> str:
        """Return an ALTER TYPE that adds or renames a label, or renames the type."""
        enum = self.pick(self._of(Enum))
        head = f"ALTER TYPE {self._spelled(enum.at)}"
        label = string_literal(self.pick((*_LABELS, "late")), "postgres")
        place = ""
        if enum.values:
            place = self.pick(("", " BEFORE ", " AFTER "))
            place += string_literal(self.pick(enum.values), "postgres") if place else ""
        ways = [f"{head} ADD VALUE {label}{place}", f"{head} ADD VALUE IF NOT EXISTS {label}"]
        if enum.values:
            old = string_literal(self.pick(enum.values), "postgres")
            ways.append(f"{head} RENAME VALUE {old} TO {label}")
        ways.append(f"{head} RENAME TO {self._new(_ENUMS, Kind.ENUM)}")
        return self.pick(ways)

    def drop_enum(self) -> str:
        """Return a DROP TYPE."""
        cascade = " CASCADE" if self.one_in(3) else ""
        return f"DROP TYPE {self._spelled(self.pick(self._of(Enum)).at)}{cascade}"

    # -- rows

    def insert(self) -> str:
        """Return an INSERT."""
        table = self._table()
        columns = [c for c in self._columns(table) if c.generated is None]
        if not columns:
            return f"DELETE FROM {self._spelled(table.at)}"
        if self.one_in(4):
            chosen = columns
            listed = ""
        else:
            chosen = list(dict.fromkeys(self.pick(columns) for _ in range(self.pick((1, 2, 3)))))
            listed = f" ({', '.join(self._quoted(c.at.name) for c in chosen)})"
        rows = []
        for _ in range(self.pick((1, 1, 2))):
            values = (self._literal(self._sort(c), self._labels(c)) for c in chosen)
            rows.append(f"({', '.join(values)})")
        return f"INSERT INTO {self._spelled(table.at)}{listed} VALUES {', '.join(rows)}"

    def update(self) -> str:
        """Return an UPDATE."""
        table = self._table()
        columns = [c for c in self._columns(table) if c.generated is None]
        if not columns:
            return self.delete()
        column = self.pick(columns)
        sort = self._sort(column)
        value = self._literal(sort, self._labels(column))
        name = self._quoted(column.at.name)
        if sort == "number" and self.one_in(2):
            value = f"{name} + 1"
        where = f" WHERE {self._condition(columns)}" if self.one_in(2) else ""
        return f"UPDATE {self._spelled(table.at)} SET {name} = {value}{where}"

    def delete(self) -> str:
        """Return a DELETE."""
        table = self._table()
        columns = self._columns(table)
        where = f" WHERE {self._condition(columns)}" if columns and not self.one_in(3) else ""
        return f"DELETE FROM {self._spelled(table.at)}{where}"
