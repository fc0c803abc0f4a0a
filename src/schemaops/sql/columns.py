"""Recognise a column's definition, and the column actions of ALTER TABLE.

What a definition says about constraints is handed back as work to do once every column of the statement
stands: a check may name a column that is defined after it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Reorder
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Column, Generated, Identity, Options, Sequence
from schemaops.sql import charsets, constraints
from schemaops.sql.cursor import Cursor
from schemaops.sql.dialects.sqlite import NOT_NULL_CONFLICT
from schemaops.sql.keywords import words
from schemaops.sql.lexer import TokenKind
from schemaops.sql.names import quote
from schemaops.sql.postgres_rules import (
    must_be_collatable,
    must_be_lasting,
    must_be_of_one_row,
    must_be_of_type,
    must_have_length,
)
from schemaops.sql.reading import Named, NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood, Relation, UnknownColumn
from schemaops.sql.sequence_facts import options_said
from schemaops.sql.strings import string_literal

__all__ = [
    "INVISIBLE",
    "Definition",
    "alter_facts",
    "collation_named",
    "create",
    "default_value",
    "definition",
    "identity",
    "options_of_identity",
    "reorder",
]

_STOPS = frozenset(
    [
        "CONSTRAINT",
        "NOT",
        "NULL",
        "DEFAULT",
        "PRIMARY",
        "UNIQUE",
        "KEY",
        "CHECK",
        "REFERENCES",
        "COLLATE",
        "GENERATED",
        "AS",
        "AUTO_INCREMENT",
        "AUTOINCREMENT",
        "COMMENT",
        "ON",
        "DEFERRABLE",
        "INITIALLY",
        "FIRST",
        "AFTER",
        "VIRTUAL",
        "STORED",
        "PERSISTENT",
        "INVISIBLE",
        "VISIBLE",
        "CHARSET",
        "USING",
        "STORAGE",
        "COMPRESSION",
        "COLUMN_FORMAT",
    ]
)
_TEXT_ATTRIBUTES = {"BINARY": None, "ASCII": "latin1", "UNICODE": "ucs2"}
_SERIALS = {
    "SMALLSERIAL": "smallint",
    "SERIAL2": "smallint",
    "SERIAL": "integer",
    "SERIAL4": "integer",
    "BIGSERIAL": "bigint",
    "SERIAL8": "bigint",
}

# What a column of MySQL or MariaDB has that `*` does not show.
INVISIBLE: Options = (("invisible", "true"),)

Work = Callable[[], None]


@dataclass(slots=True)
class Definition:
    """A column as defined, what is still to be done once it stands, and its place in the table."""

    column: Column
    later: list[Work] = field(default_factory=list)
    generated: Cursor | None = None
    stored: bool = False
    after: Name | None = None
    primary: bool = False
    unique: bool = False
    nothing: bool = False
    charset: str | None = None
    binary: bool = False
    null: bool = False


def definition(reading: Reading, cursor: Cursor, table: Address) -> Definition:
    """Take a column's definition: its name, type and everything said behind it."""
    name, token = cursor.identifier()
    at = table.child(Kind.COLUMN, name)
    reading.mention(token, at)
    kind = _type_cursor(cursor)
    made = Definition(Column(at, Expression.plain("")))
    serial = kind.word() if reading.dialect.name == "postgres" else ""
    if serial in _SERIALS and kind.stop - kind.at == 1:
        _serial(reading, made, _SERIALS[serial])
    elif reading.dialect.name == "mysql" and kind.word() == "SERIAL":
        made.column = replace(
            made.column,
            type=Expression.plain("bigint unsigned"),
            nullable=False,
            auto_increment=True,
        )

        def unique() -> None:
            if not made.primary:
                constraints.unique(reading, table, (at,), None)

        made.unique = True
        made.later.append(unique)
    else:
        if reading.dialect.name == "mysql" and kind.word() in ("NATIONAL", "NCHAR", "NVARCHAR"):
            made.charset = "utf8mb3"
        made.column = replace(made.column, type=reading.type(kind))
    while not cursor.done and _attribute(reading, cursor, table, made):
        pass
    if reading.dialect.name == "mysql":
        if made.nothing and not made.column.nullable and not made.primary:
            raise NotAllowed(f"column {at} is NOT NULL and cannot have NULL for a default", at)
        made.column = replace(made.column, collation=_own_collation(reading, made))
    return made


def _own_collation(reading: Reading, made: Definition) -> str | None:
    """Return the collation of MySQL's column where it is not that of its table."""
    said = made.column.collation
    own = charsets.table_collation(reading.schema.table(made.column.table))
    if said is not None and made.charset is not None and said != "binary":
        if charsets.charset_collation(made.charset).partition("_")[0] != said.partition("_")[0]:
            raise NotAllowed(f"{said} is no collation of character set {made.charset}")
    if said is None and made.charset is not None:
        said = charsets.charset_collation(made.charset)
    if made.binary and made.column.collation is None:
        said = f"{(said or own).partition('_')[0]}_bin"
    if said is None:
        return None
    if said == "binary":
        raise NotUnderstood(f"column {made.column.at} of character set binary has another type")
    return (
        None if said == charsets.table_collation(reading.schema.table(made.column.table)) else said
    )


def _type_cursor(cursor: Cursor) -> Cursor:
    start, depth = cursor.at, 0
    while not cursor.done:
        symbol, word = cursor.symbol(), cursor.word()
        if depth == 0:
            if symbol == "," or word in _STOPS:
                break
            if word in ("CHARACTER", "CHAR") and cursor.word(1) == "SET":
                break
            if cursor.dialect == "mysql" and cursor.at > start and word in _TEXT_ATTRIBUTES:
                break
            if cursor.token is not None and cursor.token.kind is TokenKind.HINT:
                raise cursor.refuse()
        depth += (symbol == "(") - (symbol == ")")
        if depth < 0:
            break
        cursor.at += 1
    return Cursor(cursor.statement, cursor.dialect, start, cursor.at)


def _serial(reading: Reading, made: Definition, type_name: str) -> None:
    from schemaops.sql import expressions

    at = made.column.at
    name = reading.dialect.implicit_name(
        reading.schema, made.column.table, Kind.SEQUENCE, (at.name,)
    )
    sequence = Address(Kind.SEQUENCE, (*at.path[:-2], name))
    lasting = reading.schema.table(made.column.table).options
    options = tuple(pair for pair in lasting if pair[0] == "unlogged")
    reading.emit(Create(Sequence(sequence, type_name, options, owner=at)))
    spelled = ".".join(quote(part, "postgres") for part in sequence.path).replace("'", "''")
    default = expressions.read(
        f"nextval('{spelled}'::regclass)", reading.dialect.name, reading.scope()
    ).expression
    made.column = replace(
        made.column, type=Expression.plain(type_name), nullable=False, default=default
    )


def _attribute(reading: Reading, cursor: Cursor, table: Address, made: Definition) -> bool:
    column = made.column
    at = column.at
    named: Named | None = None
    if cursor.take("CONSTRAINT"):
        if cursor.word() in ("PRIMARY", "UNIQUE", "CHECK", "NOT", "REFERENCES") and cursor.word(
            1
        ) in (
            "KEY",
            "NULL",
        ):
            named = None
        else:
            named = cursor.identifier()
    if cursor.take("NOT", "NULL"):
        settings = column.settings
        if reading.dialect.name == "sqlite":
            told = constraints.conflict_clause(cursor)
            settings = tuple((NOT_NULL_CONFLICT, action) for _, action in told)
        if cursor.take("NO", "INHERIT"):
            raise cursor.refuse()
        name = None
        if named is not None and reading.dialect.name == "postgres":
            name = str(named[0])
        if made.null and reading.dialect.name == "postgres":
            raise NotAllowed(f"column {at} is NULL and NOT NULL at once", at)
        made.column = replace(column, nullable=False, not_null_name=name, settings=settings)
    elif cursor.take("NULL"):
        if not column.nullable and reading.dialect.name == "postgres":
            raise NotAllowed(f"column {at} is NULL and NOT NULL at once", at)
        made.null = True
        made.column = replace(column, nullable=True)
    elif cursor.take("DEFAULT"):
        if column.default is not None and reading.dialect.name == "postgres":
            raise NotAllowed(f"column {at} is given several defaults", at)
        made.nothing = cursor.sees("NULL")
        made.column = replace(column, default=_default(reading, cursor, column.type))
    elif cursor.take("PRIMARY", "KEY"):
        _primary(reading, cursor, table, made, named)
    elif cursor.take("UNIQUE"):
        cursor.take("KEY")
        options = constraints.unique_options(reading, cursor)
        if made.unique and reading.dialect.name == "mysql":
            return True
        made.unique = True

        def unique() -> None:
            # MySQL makes one key of a column that is both.
            if not made.primary or reading.dialect.name != "mysql":
                constraints.unique(reading, table, (at,), named, options)

        made.later.append(unique)
    elif cursor.word() == "KEY" and reading.dialect.name == "mysql":
        cursor.need("KEY")
        _primary(reading, cursor, table, made, named)
    elif cursor.take("CHECK"):
        inner = cursor.inside()
        if reading.dialect.name == "mysql" and _is_json(made, inner, named):
            # What MariaDB makes of JSON, and shows in a dump.
            made.column = replace(column, type=Expression.plain("json"), collation=None)
            made.charset = None
            return True
        options = constraints.check_options(reading, cursor)
        made.later.append(lambda: constraints.check(reading, table, inner, named, options, at))
    elif cursor.word() == "REFERENCES":
        later = constraints.references(reading, cursor, table, named, of=at)
        made.later.append(lambda: later((at,)))
    elif cursor.take("COLLATE"):
        cursor.take_symbol("=")
        if reading.dialect.name == "mysql" and (called := cursor.token) is not None:
            cursor.at += 1
            collation = charsets.collation_name(called.text.strip("'\"`"))
            made.column = replace(column, collation=collation)
            return True
        parts = cursor.qualified()
        made.column = replace(column, collation=collation_named(reading, parts))
    elif cursor.word() in ("GENERATED", "AS"):
        _generated(reading, cursor, made)
    elif cursor.one_of(_COUNTING.get(reading.dialect.name, "")):
        if reading.dialect.name == "sqlite" and not made.primary:
            raise cursor.refuse()
        made.column = replace(
            made.column,
            auto_increment=True,
            nullable=made.column.nullable and reading.dialect.name == "sqlite",
        )
    elif cursor.take("COMMENT"):
        made.column = replace(column, comment=cursor.string() or None)
    elif reading.dialect.name == "mysql" and cursor.take("INVISIBLE"):
        made.column = replace(column, settings=INVISIBLE)
    elif reading.dialect.name == "mysql" and cursor.take("VISIBLE"):
        made.column = replace(column, settings=())
    elif cursor.take("ON", "UPDATE"):
        made.column = replace(column, on_update=reading.expression(_until_attribute(cursor)))
    elif cursor.take("CHARACTER", "SET") or cursor.one_of("CHARSET"):
        cursor.take_symbol("=")
        said = cursor.token
        if said is None:
            raise cursor.refuse()
        cursor.at += 1
        made.charset = said.text.strip("'\"`").lower()
    elif reading.dialect.name == "mysql" and cursor.word() in _TEXT_ATTRIBUTES:
        charset = _TEXT_ATTRIBUTES[cursor.word()]
        made.binary = made.binary or charset is None
        made.charset = charset or made.charset
        cursor.at += 1
    elif reading.dialect.name == "mysql" and cursor.take("FIRST"):
        made.after = Name("")
    elif reading.dialect.name == "mysql" and cursor.take("AFTER"):
        made.after = reading.column(table, cursor.identifier()).name
    elif cursor.symbol() in (",", ")"):
        return False
    else:
        raise cursor.refuse()
    return True


def collation_named(reading: Reading, parts: list[Named]) -> str | None:
    """Return a collation as the catalogue has it, None for the one that is the default anyway."""
    name = parts[-1][0]
    if reading.dialect.name == "postgres":
        own = reading.find(tuple(part for part, _ in parts), (Kind.COLLATION,))
        if own is not None:
            reading.mention_path(parts, own)
            return ".".join(own.path)
        text = name.spelling
    else:
        text = name.lower()
    plain = {"postgres": "default", "sqlite": "binary"}
    return None if text == plain[reading.dialect.name] else text


_JSON = (("longtext", "utf8mb4_bin"), ("json", None))


def _is_json(made: Definition, inner: Cursor, named: Named | None) -> bool:
    column = made.column
    text = [token.text.strip("`").lower() for token in inner.tokens[inner.at : inner.stop]]
    return (
        named is None
        and (str(column.type), column.collation) in _JSON
        and text == ["json_valid", "(", str(column.at.name), ")"]
    )


def _until_attribute(cursor: Cursor) -> Cursor:
    """Take a default's expression: up to the next attribute, signs and casts and calls included."""
    start, depth = cursor.at, 0
    while not cursor.done:
        symbol, word = cursor.symbol(), cursor.word()
        if depth == 0 and cursor.at > start:
            if symbol == "," or (word in _STOPS and not _continues(cursor)):
                break
        depth += (symbol in ("(", "[")) - (symbol in (")", "]"))
        if depth < 0:
            break
        cursor.at += 1
    return Cursor(cursor.statement, cursor.dialect, start, cursor.at)


def _continues(cursor: Cursor) -> bool:
    # `x IS NOT NULL` and `a AT TIME ZONE` inside a default without parentheses.
    before = cursor.tokens[cursor.at - 1].text.upper()
    return before in ("IS", "NOT", "AND", "OR") and cursor.word() in ("NOT", "NULL")


def _default(reading: Reading, cursor: Cursor, kind: Expression) -> Expression | None:
    from schemaops.sql import expressions

    inner = _until_attribute(cursor)
    if reading.dialect.name == "sqlite" and _is_bare(inner):
        return Expression.plain(string_literal(_unquoted(inner.text())))
    said = {token.text.upper() for token in inner.tokens[inner.at : inner.stop]}
    if reading.dialect.name == "mysql" and said & {"NEXTVAL", "LASTVAL", "NEXT"}:
        raise NotUnderstood("a default that a sequence gives is not understood")
    if inner.word() == "NULL" and inner.stop - inner.at == 1:
        return None
    value = default_value(reading, inner, kind)
    return None if expressions.is_null(value, reading.dialect.name) else value


def default_value(reading: Reading, inner: Cursor, kind: Expression) -> Expression:
    """Return a default for a column of a type; raise what the database would."""
    must_be_of_one_row(reading, inner, "a default")
    must_be_of_type(reading, kind, inner)
    try:
        value = reading.expression(inner, target=kind)
    except UnknownColumn:
        if reading.dialect.name == "mysql":
            raise NotUnderstood("a default may read other columns, or there is none such") from None
        raise
    must_be_shown_plainly(kind, value)
    return value


def _unquoted(text: str) -> str:
    """Return what a name stands for, quoted in any of SQLite's ways or not."""
    ends = {'"': '"', "`": "`", "[": "]"}.get(text[0])
    return text if ends is None else text[1:-1].replace(ends * 2, ends)


_COUNTING = {"mysql": "AUTO_INCREMENT", "sqlite": "AUTOINCREMENT"}
_VALUES = words("null true false current_date current_time current_timestamp")


def _is_bare(inner: Cursor) -> bool:
    """Whether SQLite is given a name for a default, which it takes for a string."""
    if inner.stop - inner.at != 1 or inner.token is None:
        return False
    if inner.token.kind is TokenKind.QUOTED:
        return True
    return bool(inner.word()) and inner.word().lower() not in _VALUES


def must_be_shown_plainly(kind: Expression, value: Expression) -> None:
    """Raise NotUnderstood for a literal of an interval type with fields or a precision: the server
    cuts it to them, and shows it so."""
    name = str(kind)
    if name.startswith("interval") and name != "interval" and str(value).startswith("'"):
        raise NotUnderstood(f"what {value} is as {name} is not understood")


def _primary(
    reading: Reading, cursor: Cursor, table: Address, made: Definition, named: Named | None
) -> None:
    made.primary = True
    at = made.column.at
    if made.null and reading.dialect.name == "postgres":
        raise NotAllowed(f"column {at} is NULL and a primary key at once", at)
    options: Options = ()
    if reading.dialect.name == "sqlite":
        if cursor.one_of("ASC", "DESC") == "DESC":
            options = (("descending", "true"),)
        options = tuple(sorted((*options, *constraints.conflict_clause(cursor))))
    else:
        options = constraints.unique_options(reading, cursor)
        made.column = replace(made.column, nullable=False)
    made.later.append(lambda: constraints.primary_key(reading, table, (at,), named, options))


def _generated(reading: Reading, cursor: Cursor, made: Definition) -> None:
    always = True
    if cursor.take("GENERATED"):
        if cursor.take("BY", "DEFAULT"):
            always = False
        else:
            cursor.need("ALWAYS")
    cursor.need("AS")
    if cursor.take("IDENTITY"):
        given = options_of_identity(cursor, made.column)
        made.column = replace(
            made.column,
            identity=identity(reading, made.column.at, always, given),
            nullable=False,
        )
        return
    if not always:
        raise cursor.refuse()
    made.generated = cursor.inside()
    made.stored = cursor.one_of("STORED", "VIRTUAL", "PERSISTENT") in ("STORED", "PERSISTENT")


def options_of_identity(cursor: Cursor, column: Column, before: Options | None = None) -> Options:
    """Take the options of an identity column's sequence, in parentheses where there are any."""
    kind = str(column.type)
    if kind not in ("smallint", "integer", "bigint"):
        raise NotAllowed(f"an identity column is of type smallint, integer or bigint: {column.at}")
    if before is None:
        if cursor.symbol() != "(":
            return ()
        cursor = cursor.inside()
    options = options_said(cursor, kind, before)[1]
    cursor.end()
    return options


def identity(reading: Reading, at: Address, always: bool, options: Options) -> Identity:
    """Return an identity with the name of its sequence, which it keeps when the column is renamed."""
    if any(key == "sequence name" for key, _ in options):
        return Identity(always, options)
    table = Address(Kind.TABLE, at.path[:-1])
    name = reading.dialect.implicit_name(reading.schema, table, Kind.SEQUENCE, (at.name,))
    return Identity(always, tuple(sorted((*options, ("sequence name", str(name))))))


def create(reading: Reading, made: Definition, *, alone: bool = True) -> None:
    """Emit the column; with `alone`, also what was to be done once it stands."""
    column = made.column
    if made.generated is not None:
        inner, table = made.generated, column.table
        relation = reading.relation_at(table, {column.at.name: column})
        column = replace(
            column, generated=generated(reading, inner, relation, column.type, made.stored)
        )
    emit(reading, column, made.after)
    if alone:
        for work in made.later:
            work()


def generated(
    reading: Reading, inner: Cursor, relation: Relation, kind: Expression, stored: bool
) -> Generated:
    """Return what a column is generated from; raise NotAllowed for what no column is."""
    start = Cursor(inner.statement, inner.dialect, inner.at, inner.stop)
    must_be_of_one_row(reading, start, "a generated column")
    expression = reading.expression(inner, relation, kind)
    must_be_lasting(reading, start, expression, "a generated column")
    return Generated(expression, stored)


_MOST_COLUMNS = {"postgres": 1600, "mysql": 1017, "sqlite": 2000}
_MYSQL_ROW_BYTES = 65535


def emit(reading: Reading, column: Column, after: Name | None = None) -> None:
    """Emit the creation of a column; raise NotAllowed where the table is full."""
    table = column.table
    dialect = reading.dialect.name
    if len(reading.schema.table(table).columns) >= _MOST_COLUMNS[dialect]:
        raise NotAllowed(f"table {table} has all the columns that it can have", table)
    _must_be_one(reading, column)
    if column.not_null_name is not None:
        constraints.must_be_free(reading, table, Name(column.not_null_name))
    reading.emit(Create(column, after))
    options = dict(reading.schema.table(table).options)
    if dialect == "mysql" and _least_bytes(column, options.get("collate")) > 255:
        columns = reading.schema.columns(table)
        taken = sum(_least_bytes(one, options.get("collate")) for one in columns)
        if taken > _MYSQL_ROW_BYTES:
            raise NotAllowed(f"the rows of {table} would take more than 65535 bytes", table)


def _must_be_one(reading: Reading, column: Column) -> None:
    """Raise NotAllowed for a column that PostgreSQL does not make."""
    if reading.dialect.name != "postgres":
        return
    at = column.at
    must_have_length(reading, column.type)
    own = "." in (column.collation or "")
    must_be_collatable(reading, column, own=own)
    said = (column.default is not None, column.identity is not None, column.generated is not None)
    if sum(said) > 1:
        raise NotAllowed(f"column {at} has a default and is generated", at)


def _least_bytes(column: Column, collation: str | None) -> int:
    """Return what a value may take in a row (MySQL manual 10.4.7), at one byte a character where the
    character set is the server's."""
    found = re.match(r"(?:var)?(char|binary)\((\d+)\)", str(column.type))
    if found is None:
        return 0
    characters = (column.collation or collation or "").partition("_")[0]
    return int(found[2]) * (_MYSQL_WIDTHS.get(characters, 1) if found[1] == "char" else 1)


_MYSQL_WIDTHS = {"utf8mb4": 4, "utf16": 4, "utf32": 4, "utf8mb3": 3, "utf8": 3, "ucs2": 2}


def alter_facts(reading: Reading, before: Column, after: Column) -> None:
    """Emit an Alter for each fact in which the two columns at one address differ."""
    for fact in (
        "type",
        "nullable",
        "default",
        "generated",
        "identity",
        "auto_increment",
        "collation",
        "on_update",
        "comment",
        "settings",
    ):
        old, new = getattr(before, fact), getattr(after, fact)
        if old != new:
            reading.emit(Alter(before.at, fact, old, new))


def reorder(reading: Reading, at: Address, after: Name | None) -> None:
    """Emit the Reorder that puts a column behind another (first, where that is empty)."""
    if after is None:
        return
    table = Address(Kind.TABLE, at.path[:-1])
    old = reading.schema.table(table).columns
    rest = [name for name in old if name != at.name]
    if after and after not in rest:
        raise NotAllowed(f"column {at} cannot stand behind itself", at)
    rest.insert(rest.index(after) + 1 if after else 0, at.name)
    if tuple(rest) != old:
        reading.emit(Reorder(table, old, tuple(rest)))
