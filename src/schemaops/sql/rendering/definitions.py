"""Definitions: an object as the clause that defines it, in a table or in a statement of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from schemaops.names import Address, Kind, Name
from schemaops.schema.objects import (
    Attribute,
    Check,
    Column,
    Composite,
    Domain,
    DomainCheck,
    Enum,
    ForeignKey,
    Index,
    IndexKey,
    Options,
    Policy,
    PrimaryKey,
    Range,
    Statistics,
    Table,
    Unique,
    View,
)
from schemaops.schema.objects import Sequence as SequenceObject
from schemaops.schema.state import Schema
from schemaops.sql import charsets
from schemaops.sql.dialects.sqlite import NOT_NULL_CONFLICT
from schemaops.sql.hints import UNSEEN
from schemaops.sql.rendering.spelling import Spelling, option, sentence
from schemaops.sql.rendering.views import worded

_CALL = re.compile(r"\w+\([^()]*\)")

__all__ = ["NO_STORAGE", "SEQUENCE_NAME", "Constraint", "Definitions", "mysql_table_option"]

SEQUENCE_NAME = "sequence name"

Constraint = PrimaryKey | Unique | Check | ForeignKey

_SEQUENCE_WORDS = {
    "increment": "INCREMENT BY",
    "minimum": "MINVALUE",
    "maximum": "MAXVALUE",
    "start": "START WITH",
    "cache": "CACHE",
}


class Definitions:
    """Writes the definitions of one dialect."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.spelling = Spelling(dialect)

    # -- columns

    def column(
        self,
        column: Column,
        key: PrimaryKey | None = None,
        own: Sequence[Check | ForeignKey] = (),
    ) -> str:
        """Return a column's definition, with the primary key and constraints to write within it."""
        s = self.spelling
        kind = s.expression(column.type)
        if self.dialect == "mysql" and kind.upper().startswith(("N", "CHAR BYTE")):
            kind = str(column.type)  # what NATIONAL says of the character set is said behind it
        parts: list[str | None] = [s.name(column.at.name), kind]
        match self.dialect:
            case "mysql":
                parts += self._mysql_facts(column)
            case "sqlite":
                if key is not None:
                    parts += [self._named(key), "PRIMARY KEY"]
                    parts.append("DESC" if _is_on(key.options, "descending") else None)
                    parts.append(self._conflict(key.options))
                    parts.append("AUTOINCREMENT" if column.auto_increment else None)
                parts += self._facts(column)
            case _:
                parts += self._facts(column)
        return sentence(*parts, *map(self.column_constraint, own))

    def _facts(self, column: Column) -> Iterable[str | None]:
        s = self.spelling
        if column.collation is not None:
            yield f"COLLATE {self.collation(column.collation)}"
        if not column.nullable:
            named = column.not_null_name
            yield f"CONSTRAINT {s.name(Name(named))} NOT NULL" if named else "NOT NULL"
            action = option(column.settings, NOT_NULL_CONFLICT)
            yield f"ON CONFLICT {action.upper()}" if action else None
        if column.default is not None:
            yield f"DEFAULT {s.default(column.default)}"
        if column.identity is not None:
            yield self.identity(column)
        if column.generated is not None:
            stored = "STORED" if column.generated.stored else "VIRTUAL"
            yield f"GENERATED ALWAYS AS {s.enclosed(column.generated.expression)} {stored}"

    def _mysql_facts(self, column: Column) -> Iterable[str | None]:
        s = self.spelling
        if column.collation is not None:
            # A collation's name begins with its character set's; that alone is its default.
            charset, _, rest = column.collation.partition("_")
            own = rest and column.collation != charsets.DEFAULT
            yield f"CHARACTER SET {charset}" + (f" COLLATE {column.collation}" if own else "")
        if column.generated is not None:
            stored = "STORED" if column.generated.stored else "VIRTUAL"
            yield f"GENERATED ALWAYS AS {s.enclosed(column.generated.expression)} {stored}"
        if not column.nullable:
            # MariaDB's grammar has no NOT NULL on a generated column.
            yield None if column.generated else "NOT NULL"
        elif column.generated is None:
            yield "NULL"
        if column.default is not None:
            yield f"DEFAULT {s.default(column.default)}"
        if column.on_update is not None:
            yield f"ON UPDATE {s.expression(column.on_update)}"
        if column.auto_increment:
            yield "AUTO_INCREMENT"
        yield "INVISIBLE" if _is_on(column.settings, "invisible") else None
        if column.comment is not None:
            yield f"COMMENT {s.literal(column.comment)}"

    def identity(self, column: Column) -> str:
        """Return the clause of an identity column."""
        assert column.identity is not None
        kind = "ALWAYS" if column.identity.always else "BY DEFAULT"
        given = column.identity.options
        words = self.sequence_options(tuple(pair for pair in given if pair[0] != SEQUENCE_NAME))
        name = option(given, SEQUENCE_NAME)
        if name not in (None, f"{column.table.name}_{column.at.name}_seq"):
            at = Address(Kind.SEQUENCE, (*column.at.path[:-2], Name(name)))
            words = sentence(f"SEQUENCE NAME {self.spelling.at(at)}", words)
        options = words
        return f"GENERATED {kind} AS IDENTITY" + (f" ({options})" if options else "")

    def sequence_options(self, options: Options) -> str:
        """Return a sequence's options as its statements have them."""
        words = []
        for key, value in options:
            if key == "unlogged":
                continue
            if key == "cycle":
                words.append("CYCLE" if value.lower() in {"", "yes", "true", "t"} else "NO CYCLE")
            else:
                words.append(f"{_SEQUENCE_WORDS.get(key, key.upper())} {value}")
        return " ".join(words)

    def collation(self, collation: str) -> str:
        """Return a collation's name as it is written."""
        if self.dialect == "postgres":
            return ".".join(self.spelling.name(part) for part in collation.split("."))
        return self.spelling.name(collation)

    # -- constraints

    def constraint(self, thing: Constraint) -> str:
        """Return a constraint's definition, with its name where it has one."""
        s = self.spelling
        name = self._named(thing)
        match thing:
            case PrimaryKey(columns=columns):
                if self.dialect == "mysql":
                    name = None
                parts = option(thing.options, "parts") if self.dialect == "mysql" else None
                body = f"PRIMARY KEY ({parts or self._key_columns(thing)})"
                if self.dialect == "mysql":
                    return sentence(body, *self._key_options(thing.options))
            case Unique(columns=columns):
                if self.dialect == "mysql":
                    key = f"UNIQUE KEY {s.name(thing.at.name)} ({s.names(columns)})"
                    return sentence(key, *self._key_options(thing.options))
                nulls = " NULLS NOT DISTINCT" if _is_on(thing.options, "nulls not distinct") else ""
                body = f"UNIQUE{nulls} ({self._key_columns(thing)})"
            case Check():
                body = f"CHECK {s.enclosed(thing.expression)}"
            case ForeignKey():
                body = self._references(thing)
        include = getattr(thing, "include", ())
        covering = f"INCLUDE ({s.names(include)})" if include else None
        return sentence(
            name, body, covering, _with(thing.options), *self._constraint_options(thing.options)
        )

    def _key_columns(self, key: PrimaryKey | Unique) -> str:
        overlaps = " WITHOUT OVERLAPS" if _is_on(key.options, "without overlaps") else ""
        return f"{self.spelling.names(key.columns)}{overlaps}"

    def _in_time(self, columns: tuple[Address, ...], *, period: bool) -> str:
        names = [self.spelling.name(at.name) for at in columns]
        if period:
            names[-1] = f"PERIOD {names[-1]}"
        return ", ".join(names)

    def _references(self, key: ForeignKey, *, columns: bool = True) -> str:
        s = self.spelling
        implied = not key.referred or (key.implied and self.dialect == "sqlite")
        period = _is_on(key.options, "period")
        referred = "" if implied else f" ({self._in_time(key.referred, period=period)})"
        own = f"FOREIGN KEY ({self._in_time(key.columns, period=period)}) " if columns else ""
        match = option(key.options, "match")
        words = [f"{own}REFERENCES {s.at(key.table)}{referred}"]
        if match:
            words.append(f"MATCH {match.upper()}")
        if key.on_delete != "no action":
            words.append(f"ON DELETE {key.on_delete.upper()}")
            some = option(key.options, "set columns")
            if some is not None:
                words[-1] += f" ({', '.join(s.name(Name(one)) for one in some.split(', '))})"
        if key.on_update != "no action":
            words.append(f"ON UPDATE {key.on_update.upper()}")
        return " ".join(words)

    def column_constraint(self, thing: Check | ForeignKey) -> str:
        """Return a constraint as it stands behind its column's definition."""
        if isinstance(thing, Check):
            return self.constraint(thing)
        return sentence(
            self._named(thing),
            self._references(thing, columns=False),
            *self._constraint_options(thing.options),
        )

    def _named(self, thing: Constraint) -> str | None:
        return f"CONSTRAINT {self.spelling.name(thing.at.name)}" if thing.named else None

    def _constraint_options(self, options: Options) -> Iterable[str | None]:
        if self.dialect == "sqlite":
            yield self._conflict(options)
        if _is_on(options, "deferrable"):
            yield "DEFERRABLE"
        if _is_on(options, "initially deferred"):
            yield "INITIALLY DEFERRED"
        if _is_on(options, "no inherit"):
            yield "NO INHERIT"
        if _is_on(options, "not enforced"):
            yield "NOT ENFORCED"
        if _is_on(options, "not valid"):
            yield "NOT VALID"

    def _conflict(self, options: Options) -> str | None:
        action = option(options, "on conflict")
        return f"ON CONFLICT {action.upper()}" if action else None

    # -- tables

    def table(
        self,
        table: Table,
        columns: Sequence[Column],
        constraints: Sequence[Constraint],
        keys: Sequence[Index] = (),
        *,
        name: str | None = None,
        tail: Sequence[str] = (),
    ) -> str:
        """Return CREATE TABLE with columns, constraints and (in MySQL) keys inside; a `tail` stands
        before the options."""
        inline = self._inline_key(columns, constraints)
        own = [c for c in constraints if self._is_own(c, columns)]
        lines = [
            self.column(
                c,
                inline if inline and inline.columns == (c.at,) else None,
                [o for o in own if isinstance(o, Check | ForeignKey) and o.of == c.at],
            )
            for c in columns
        ]
        lines += [self.constraint(c) for c in constraints if c is not inline and c not in own]
        lines += [self.key(k) for k in keys]
        what = "UNLOGGED TABLE" if _is_on(table.options, "unlogged") else "TABLE"
        body = ",\n    ".join(lines)
        head = f"CREATE {what} {name or self.spelling.at(table.at)}"
        body = f"(\n    {body}\n)" if lines else "()"
        return f"{sentence(head, body, *tail)}{self._table_options(table)}"

    def _is_own(self, thing: Constraint, columns: Sequence[Column]) -> bool:
        if self.dialect == "postgres" or not isinstance(thing, Check | ForeignKey):
            return False
        # MySQL (not MariaDB) reads a foreign key behind a column and forgets it.
        if self.dialect == "mysql" and (thing.named or isinstance(thing, ForeignKey)):
            return False
        return any(column.at == thing.of for column in columns)

    def _inline_key(
        self, columns: Sequence[Column], constraints: Sequence[Constraint]
    ) -> PrimaryKey | None:
        if self.dialect != "sqlite":
            return None
        # AUTOINCREMENT and DESC can only be said behind the column.
        keys = (c for c in constraints if isinstance(c, PrimaryKey) and len(c.columns) == 1)
        return next((key for key in keys if any(c.at in key.columns for c in columns)), None)

    def _table_options(self, table: Table) -> str:
        words = []
        match self.dialect:
            case "sqlite":
                given = [key for key, _ in table.options]
                return " " + ", ".join(key.upper() for key in given) if given else ""
            case "mysql":
                words = [mysql_table_option(key, value) for key, value in table.options]
                if table.comment is not None:
                    words.append(f"COMMENT={self.spelling.literal(table.comment)}")
            case _:
                for key in ("inherits", "partition by", "tablespace"):
                    value = option(table.options, key)
                    if value is not None:
                        words.append(f"{key.upper()} {value}")
                method = option(table.options, "access method")
                if method is not None:
                    words.append(f"USING {method}")
                storage = _with(table.options)
                if storage is not None:
                    words.append(storage)
        return (" " + " ".join(words)) if words else ""

    # -- indexes, views, types

    def index(self, index: Index) -> str:
        """Return CREATE INDEX."""
        s = self.spelling
        if option(index.options, "exclude"):
            return self._exclusion(index)
        unique = "UNIQUE" if index.unique else None
        words: list[str | None] = ["CREATE", unique, f"INDEX {s.name(index.at.name)}"]
        words.append(f"ON {s.at(index.table)}")
        words.append(f"USING {index.method}" if index.method else None)
        words.append(f"({self._index_keys(index)})")
        if index.include:
            words.append(f"INCLUDE ({s.names(index.include)})")
        if _is_on(index.options, "nulls not distinct"):
            words.append("NULLS NOT DISTINCT")
        words.append(_with(index.options))
        if index.where is not None:
            words.append(f"WHERE {s.expression(index.where)}")
        return sentence(*words)

    def _exclusion(self, index: Index) -> str:
        s = self.spelling
        operators = str(option(index.options, "exclude")).split(", ")
        elements = [
            f"{self._index_key(key)} WITH {operator}"
            for key, operator in zip(index.keys, operators, strict=True)
        ]
        return sentence(
            f"ALTER TABLE {s.at(index.table)} ADD CONSTRAINT {s.name(index.at.name)} EXCLUDE",
            f"USING {index.method}" if index.method else None,
            f"({', '.join(elements)})",
            f"INCLUDE ({s.names(index.include)})" if index.include else None,
            _with(index.options),
            f"WHERE ({s.expression(index.where)})" if index.where is not None else None,
            *self._constraint_options(index.options),
        )

    def key(self, index: Index) -> str:
        """Return an index as MySQL has it within a table's definition."""
        special = index.method in ("fulltext", "spatial")
        method = index.method.upper() if index.method else None
        return sentence(
            method if special else None,
            "UNIQUE" if index.unique else None,
            f"KEY {self.spelling.name(index.at.name)}",
            f"USING {method}" if method and not special else None,
            f"({self._index_keys(index)})",
            *self._key_options(index.options),
        )

    def _key_options(self, options: Options) -> Iterable[str | None]:
        comment = option(options, "comment")
        yield f"COMMENT {self.spelling.literal(comment)}" if comment else None
        yield UNSEEN if _is_on(options, "invisible") else None

    def _index_keys(self, index: Index) -> str:
        return ", ".join(map(self._index_key, index.keys))

    def _index_key(self, key: IndexKey) -> str:
        s = self.spelling
        pieces = key.expression.written or key.expression.normal
        column = len(pieces) == 1 and isinstance(pieces[0], Address)
        text = s.expression(key.expression)
        # SQLite keeps the text: a call is written as people write it.
        bare = column or (self.dialect == "sqlite" and _CALL.fullmatch(text) is not None)
        words: list[str | None] = [text if bare else s.enclosed(key.expression)]
        if key.length is not None:
            words = [f"{words[0]}({key.length})"]
        words.append(f"COLLATE {self.collation(key.collation)}" if key.collation else None)
        words.append(key.opclass)
        words.append("DESC" if key.descending else None)
        words.append(f"NULLS {key.nulls.upper()}" if key.nulls else None)
        return sentence(*words)

    def view(self, view: View, schema: Schema, *, replace: bool = False) -> str:
        """Return CREATE VIEW over a schema, its columns listed where the query does not say them."""
        s = self.spelling
        materialized = _is_on(view.options, "materialized")
        check = option(view.options, "check option")
        words = ["CREATE", "OR REPLACE" if replace else None]
        if self.dialect == "mysql":
            for key in ("algorithm", "sql security"):
                value = option(view.options, key)
                if value is not None:
                    join = "=" if key == "algorithm" else " "
                    words.append(f"{key.upper()}{join}{value.upper()}")
        words.append("MATERIALIZED VIEW" if materialized else "VIEW")
        query, listed = worded(view, schema)
        words.append(
            s.at(view.at) + (f" ({s.names(view.columns)})" if listed and view.columns else "")
        )
        known = {"materialized", "check option", "algorithm", "sql security", "access method"}
        method = option(view.options, "access method")
        words.append(f"USING {method}" if method else None)
        storage = [f"{key}={value}" for key, value in view.options if key not in known]
        if storage and self.dialect == "postgres":
            words.append(f"WITH ({', '.join(storage)})")
        words.append(f"AS {s.expression(query)}")
        if check is not None:
            words.append(f"WITH {check.upper()} CHECK OPTION")
        return sentence(*words)

    def enum(self, enum: Enum, name: str | None = None) -> str:
        """Return CREATE TYPE … AS ENUM."""
        values = ", ".join(map(self.spelling.literal, enum.values))
        return f"CREATE TYPE {name or self.spelling.at(enum.at)} AS ENUM ({values})"

    def statistics(self, statistics: Statistics) -> str:
        """Return CREATE STATISTICS."""
        s = self.spelling
        kinds = f"({', '.join(statistics.kinds)})" if statistics.kinds else None
        keys = ", ".join(
            s.expression(key)
            if len(key.normal) == 1 and not isinstance(key.normal[0], str)
            else s.enclosed(key)
            for key in statistics.keys
        )
        return sentence(
            f"CREATE STATISTICS {s.at(statistics.at)}",
            kinds,
            f"ON {keys} FROM {s.at(statistics.table)}",
        )

    def policy(self, policy: Policy) -> str:
        """Return CREATE POLICY."""
        s = self.spelling
        table = Address(Kind.TABLE, policy.at.path[:-1])
        return sentence(
            f"CREATE POLICY {s.name(policy.at.name)} ON {s.at(table)}",
            None if policy.permissive else "AS RESTRICTIVE",
            None if policy.command == "all" else f"FOR {policy.command.upper()}",
            None if policy.roles == ("public",) else f"TO {self.roles(policy.roles)}",
            f"USING {s.enclosed(policy.using)}" if policy.using is not None else None,
            f"WITH CHECK {s.enclosed(policy.check)}" if policy.check is not None else None,
        )

    def roles(self, roles: Iterable[str]) -> str:
        """Return roles as statements name them."""
        return ", ".join(self.role(role) for role in roles)

    def role(self, role: str) -> str:
        """Return a role as statements name it."""
        return "PUBLIC" if role == "public" else self.spelling.name(Name(role))

    def domain(self, domain: Domain) -> str:
        """Return CREATE DOMAIN; a check that holds not for all values is added after."""
        s = self.spelling
        return sentence(
            f"CREATE DOMAIN {s.at(domain.at)} AS {s.expression(domain.type)}",
            f"COLLATE {self.collation(domain.collation)}" if domain.collation else None,
            self._domain_default(domain),
            None if domain.nullable else "NOT NULL",
            *(self.domain_check(check) for check in domain.checks if not check.options),
        )

    def _domain_default(self, domain: Domain) -> str | None:
        if domain.default is not None:
            return f"DEFAULT {self.spelling.default(domain.default)}"
        # One over another domain has that one's default, where nothing is said.
        over = any(at.kind is Kind.DOMAIN for at in domain.type.addresses())
        return "DEFAULT NULL" if over else None

    def domain_check(self, check: DomainCheck) -> str:
        """Return a constraint of a domain."""
        name = self.spelling.name(check.name)
        valid = "NOT VALID" if check.options else None
        return sentence(
            f"CONSTRAINT {name} CHECK {self.spelling.enclosed(check.expression)}", valid
        )

    def composite(self, composite: Composite) -> str:
        """Return CREATE TYPE … AS (…)."""
        known = {attribute.name: attribute for attribute in composite.attributes}
        order = [known.pop(name) for name in composite.order if name in known]
        inside = ", ".join(map(self.attribute, (*order, *known.values())))
        return f"CREATE TYPE {self.spelling.at(composite.at)} AS ({inside})"

    def attribute(self, attribute: Attribute) -> str:
        """Return an attribute of a composite type."""
        kind = self.spelling.expression(attribute.type)
        collate = f"COLLATE {self.collation(attribute.collation)}" if attribute.collation else None
        return sentence(f"{self.spelling.name(attribute.name)} {kind}", collate)

    def range(self, made: Range) -> str:
        """Return CREATE TYPE … AS RANGE."""
        settings = [f"SUBTYPE = {self.spelling.expression(made.subtype)}"]
        for key, value in made.options:
            match key:
                case "multirange":
                    at = Address(Kind.RANGE, (*made.at.path[:-1], Name(value)))
                    called = value if "." in value else self.spelling.at(at)
                    settings.append(f"MULTIRANGE_TYPE_NAME = {called}")
                case "opclass":
                    settings.append(f"SUBTYPE_OPCLASS = {value}")
                case "collation":
                    settings.append(f"COLLATION = {self.collation(value)}")
                case _:
                    settings.append(f"{key.replace(' ', '_').upper()} = {value}")
        return f"CREATE TYPE {self.spelling.at(made.at)} AS RANGE ({', '.join(settings)})"

    def sequence(self, sequence: SequenceObject) -> str:
        """Return CREATE SEQUENCE, its owner left out."""
        kind = "" if sequence.type == "bigint" else f"AS {sequence.type}"
        unlogged = "UNLOGGED " if _is_on(sequence.options, "unlogged") else ""
        return sentence(
            f"CREATE {unlogged}SEQUENCE {self.spelling.at(sequence.at)}",
            kind,
            self.sequence_options(sequence.options),
        )


def mysql_table_option(key: str, value: str) -> str:
    """Return a table option of MySQL; a collation that is a character set's name is its default."""
    if key == "system versioning":
        return "WITH SYSTEM VERSIONING"
    if key == "collate" and "_" not in value:
        return f"DEFAULT CHARSET={value}"
    if key == "collate" and value == charsets.DEFAULT:
        return "DEFAULT CHARSET=utf8mb4"  # each server has a default of its own
    return f"{key.upper()}={value}"


# What an object's options hold beside storage parameters.
NO_STORAGE = frozenset(
    {
        "inherits",
        "partition by",
        "tablespace",
        "unlogged",
        "access method",
        "nulls not distinct",
        "clustered",
        "replica identity",
        "inherited",
        "invalid",
        "deferrable",
        "initially deferred",
        "without overlaps",
        "period",
        "match",
        "set columns",
        "no inherit",
        "not enforced",
        "not valid",
        "on conflict",
        "descending",
        "parts",
        "comment",
        "invisible",
        "parser",
        "exclude",
    }
)


def _with(options: Options) -> str | None:
    storage = [f"{key}={value}" for key, value in options if key not in NO_STORAGE]
    return f"WITH ({', '.join(storage)})" if storage else None


def _is_on(options: Options, key: str) -> bool:
    value = option(options, key)
    return value is not None and value.lower() not in {"no", "false", "f", "0"}
