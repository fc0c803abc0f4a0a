"""Column types: their one normal spelling, which widen into which, how far one reaches in a text.

The normal spelling is the catalogue's. PostgreSQL: what format_type shows (``character
varying(20)``, ``timestamp(3) with time zone``, ``integer[]``), with a hole where a type is an enum or
domain of the schema. MySQL: lower case, aliases undone, defaults spelled out (``decimal(10,0)``,
``char(1)``), display widths dropped except in signed ``tinyint(1)`` and zerofill, so that MySQL 8 and
MariaDB agree; character set and collation are facts of their own and no part of it. SQLite: the
declared words in lower case.

    column_type(text, dialect, scope) -> Expression
    type_extent(tokens, at, dialect) -> int     index just past the type that begins at tokens[at]
    family(type, dialect) -> Family
    widens(before, after, dialect) -> bool
    affinity(type) -> str                       SQLite's, of the declared type
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from schemaops.names import Address
from schemaops.schema.expressions import Expression, Piece
from schemaops.sql.keywords import words
from schemaops.sql.lexer import Token, TokenKind, tokens
from schemaops.sql.names import fold, quote
from schemaops.sql.scope import NOWHERE, NotUnderstood, Scope
from schemaops.sql.strings import string_literal, string_value

__all__ = [
    "Family",
    "TypeName",
    "affinity",
    "column_type",
    "comparable",
    "family",
    "is_built_in",
    "is_unknown",
    "type_extent",
    "type_name",
    "widens",
]


class Family(StrEnum):
    """What values a type holds, by and large."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    EXACT = "exact numeric"
    FLOAT = "float"
    TEXT = "text"
    BINARY = "binary"
    BITS = "bits"
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "timestamp"
    INTERVAL = "interval"
    JSON = "json"
    UUID = "uuid"
    ENUM = "enum"
    ARRAY = "array"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type taken apart.

    Its name in the catalogue's words (an address for one of the schema), what stands in
    parentheses, what follows them, and whether it is an array of it.
    """

    base: str | Address
    arguments: tuple[str, ...] = ()
    suffix: str = ""
    array: bool = False

    def pieces(self) -> tuple[Piece, ...]:
        """Return the normal spelling, with a hole for a type of the schema."""
        arguments = f"({','.join(self.arguments)})" if self.arguments else ""
        rest = self.suffix + ("[]" if self.array else "")
        if isinstance(self.base, Address):
            return (self.base, arguments + rest) if arguments + rest else (self.base,)
        return (self.base + arguments + rest,)


def column_type(text: str, dialect: str, scope: Scope = NOWHERE) -> Expression:
    """Return a column's type in its normal spelling; raise NotUnderstood."""
    found = tuple(tokens(text, dialect))
    if not found:
        if dialect == "sqlite":
            return Expression(("",), ("",))
        raise NotUnderstood("a type is missing")
    name, end = type_name(found, 0, dialect, scope)
    if end != len(found):
        raise NotUnderstood(f"`{text}` is no type that we know to read")
    return Expression(name.pieces(), _written(text, found, name))


def _written(text: str, found: Sequence[Token], name: TypeName) -> tuple[Piece, ...]:
    if not isinstance(name.base, Address):
        return (text,)
    end = 0
    while end + 2 < len(found) and found[end + 1].text == ".":
        end += 2
    before, after = text[: found[0].start], text[found[end].end :]
    return tuple(piece for piece in (before, name.base, after) if piece != "")


def type_extent(found: Sequence[Token], at: int, dialect: str) -> int:
    """Return the index just past the type that begins at `found[at]`; raise NotUnderstood."""
    return type_name(found, at, dialect, NOWHERE)[1]


def type_name(found: Sequence[Token], at: int, dialect: str, scope: Scope) -> tuple[TypeName, int]:
    """Return the type that begins at `found[at]`, and the index just past it."""
    match dialect:
        case "postgres":
            return _Postgres(found, at, scope).read()
        case "mysql":
            return _MySql(found, at).read()
        case _:
            return _sqlite(found, at)


@dataclass(slots=True)
class _Words:
    """A place in a list of tokens."""

    found: Sequence[Token]
    at: int

    def word(self, ahead: int = 0) -> str:
        here = self.at + ahead
        if here < len(self.found) and self.found[here].kind is TokenKind.WORD:
            return self.found[here].text.lower()
        return ""

    def symbol(self, ahead: int = 0) -> str:
        here = self.at + ahead
        if here < len(self.found) and self.found[here].kind is TokenKind.SYMBOL:
            return self.found[here].text
        return ""

    def took(self, *words: str) -> bool:
        if all(self.word(i) == word for i, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def parenthesized(self) -> tuple[str, ...]:
        """The arguments in parentheses that begin here, if any: texts of their tokens joined."""
        if self.symbol() != "(":
            return ()
        self.at += 1
        arguments, words = [], [""]
        while True:
            if self.at >= len(self.found):
                raise NotUnderstood("a type's parenthesis is not closed")
            token = self.found[self.at]
            self.at += 1
            if token.text in {",", ")"}:
                arguments.append(" ".join(words).strip())
                words = [""]
                if token.text == ")":
                    return tuple(arguments)
            elif token.text == "(":
                raise NotUnderstood("a parenthesis within a type's parentheses")
            elif token.text == "-":
                words.append("")
                words[-1] = "-"
            elif words[-1] == "-":
                words[-1] += token.text
            else:
                words.append(token.text)


_PG_ALIASES = {
    "int": "integer",
    "int4": "integer",
    "integer": "integer",
    "int2": "smallint",
    "smallint": "smallint",
    "int8": "bigint",
    "bigint": "bigint",
    "float4": "real",
    "real": "real",
    "float8": "double precision",
    "decimal": "numeric",
    "dec": "numeric",
    "numeric": "numeric",
    "bool": "boolean",
    "boolean": "boolean",
    "varchar": "character varying",
    "varbit": "bit varying",
    "timestamptz": "timestamp with time zone",
    "timetz": "time with time zone",
}
_PG_BUILT_IN = words(
    """
    aclitem bit box bytea bpchar cid cidr circle date datemultirange daterange inet int2vector
    int4multirange int4range int8multirange int8range interval json jsonb jsonpath line lseg macaddr
    macaddr8 money name nummultirange numrange oid oidvector path pg_lsn pg_snapshot point polygon
    record refcursor regclass regcollation regconfig regdictionary regnamespace regoper regoperator
    regproc regprocedure regrole regtype text tid time timestamp tsmultirange tsquery tsrange
    tstzmultirange tstzrange tsvector txid_snapshot uuid xid xid8 xml
    """
)
_FIELDS = ("year", "month", "day", "hour", "minute", "second")


class _Postgres(_Words):
    def __init__(self, found: Sequence[Token], at: int, scope: Scope) -> None:
        super().__init__(found, at)
        self.scope = scope

    def read(self) -> tuple[TypeName, int]:
        self.took("setof")
        name = self.scalar()
        array = False
        while True:
            if self.symbol() == "[":
                size = 1 if self.symbol(1) == "]" else 2
                if self.symbol(size) != "]":
                    raise NotUnderstood("an array's bounds that are no number")
                self.at += size + 1
                array = True
            elif self.symbol() == "[]" or self.word() == "array":
                self.at += 1
                array = True
            else:
                break
        return TypeName(name.base, name.arguments, name.suffix, array), self.at

    def scalar(self) -> TypeName:
        if self.at >= len(self.found):
            raise NotUnderstood("a type is missing")
        spelled = self.special()
        if spelled is not None:
            return spelled
        start = self.at
        path = [self.found[self.at]]
        self.at += 1
        while self.symbol() == "." and self.at + 1 < len(self.found):
            path.append(self.found[self.at + 1])
            self.at += 2
        if any(token.kind not in {TokenKind.WORD, TokenKind.QUOTED} for token in path):
            raise NotUnderstood(f"`{path[0].text}` does not begin a type")
        names = tuple(fold(token.text, "postgres") for token in path)
        quoted = path[-1].kind is TokenKind.QUOTED
        found = self.scope.resolver.type(names)
        if found is not None:
            return TypeName(found)
        if len(names) == 2 and names[0] == "pg_catalog":
            names = names[1:]
            # There the internal names stand for themselves: pg_catalog."char", pg_catalog.bpchar.
            if not quoted and _is_special(names[0]):
                self.at = start + 2
                spelled = self.special()
                if spelled is not None:
                    return spelled
        if len(names) == 1:
            known = _PG_ALIASES.get(names[0])
            if known is not None:
                return self.built_in(known)
            if names[0] in _PG_BUILT_IN or names[0] == "char":
                name = '"char"' if names[0] == "char" else str(names[0])
                # Without a length it is no bit(1), which the bare word is.
                return self.built_in('"bit"' if name == "bit" else name)
        # What no schema here holds is of an extension, and goes by its bare name.
        shown = names if names[0] == "information_schema" else names[-1:]
        return TypeName(".".join(quote(name, "postgres") for name in shown), self.parenthesized())

    def special(self) -> TypeName | None:
        """The types that the grammar spells with several words, or gives a default length."""
        if self.took("double", "precision"):
            return TypeName("double precision")
        if self.took("national"):
            if not (self.took("character") or self.took("char")):
                raise NotUnderstood("`national` without `character`")
            return self.character(varying=self.took("varying"))
        if self.word() in {"character", "char", "nchar"}:
            self.at += 1
            return self.character(varying=self.took("varying"))
        if self.took("varchar"):
            return self.character(varying=True)
        if self.took("bit"):
            if self.took("varying"):
                return TypeName("bit varying", self.parenthesized())
            return TypeName("bit", self.parenthesized() or ("1",))
        if self.took("float"):
            digits = self.parenthesized()
            return TypeName("real" if digits and int(digits[0]) <= 24 else "double precision")
        if self.word() in {"time", "timestamp"}:
            base = self.word()
            self.at += 1
            precision = self.parenthesized()
            zone = self.zone()
            return TypeName(base, precision, f" {zone} time zone")
        if self.took("interval"):
            return self.interval()
        return None

    def character(self, *, varying: bool) -> TypeName:
        length = self.parenthesized()
        if varying:
            return TypeName("character varying", length)
        return TypeName("character", length or ("1",))

    def zone(self) -> str:
        if self.took("with", "time", "zone"):
            return "with"
        self.took("without", "time", "zone")
        return "without"

    def interval(self) -> TypeName:
        fields = ""
        if self.word() in _FIELDS:
            fields = self.word()
            self.at += 1
            if self.word() == "to" and self.word(1) in _FIELDS:
                fields += f" to {self.word(1)}"
                self.at += 2
        precision = self.parenthesized()
        if fields:
            return TypeName(f"interval {fields}", precision)
        return TypeName("interval", precision)

    def built_in(self, name: str) -> TypeName:
        arguments = self.parenthesized()
        match name:
            case "numeric" if len(arguments) == 1:
                return TypeName(name, (arguments[0], "0"))
            case "bpchar" if arguments:
                return TypeName("character", arguments)
            case '"bit"' if arguments:
                return TypeName("bit", arguments)
            case "timestamp with time zone" | "time with time zone":
                base, _, rest = name.partition(" ")
                return TypeName(base, arguments, f" {rest}")
            case "time" | "timestamp":
                return TypeName(name, arguments, f" {self.zone()} time zone")
            case "interval" if not arguments:
                return self.interval()
            case _:
                return TypeName(name, arguments)


def _is_special(name: str) -> bool:
    return name in {"float", "bit", "interval", "time", "timestamp", "varchar"}


_MY_ALIASES = {
    "int1": "tinyint",
    "int2": "smallint",
    "int3": "mediumint",
    "middleint": "mediumint",
    "int4": "int",
    "integer": "int",
    "int8": "bigint",
    "dec": "decimal",
    "numeric": "decimal",
    "fixed": "decimal",
    "real": "double",
    "float4": "float",
    "float8": "double",
    "character": "char",
    "nchar": "char",
    "varcharacter": "varchar",
    "nvarchar": "varchar",
    "geomcollection": "geometrycollection",
}
_MY_WIDTHS = {"tinyint": "3", "smallint": "5", "mediumint": "8", "int": "10", "bigint": "20"}
_MY_SIZES = (("tiny", 255), ("", 65_535), ("medium", 16_777_215), ("long", 4_294_967_295))


class _MySql(_Words):
    def read(self) -> tuple[TypeName, int]:
        name = self.base()
        arguments = self.parenthesized()
        signs = set()
        while self.word() in {"unsigned", "signed", "zerofill"}:
            signs.add(self.word())
            self.at += 1
        zerofill = "zerofill" in signs
        if name == "serial":
            name = "bigint"
            signs.add("unsigned")
        suffix = " unsigned" if "unsigned" in signs or zerofill else ""
        suffix += " zerofill" if zerofill else ""
        name, arguments = _spelled_in_mysql(name, arguments, zerofill=zerofill)
        if name == "tinyint" and suffix == " unsigned":
            arguments = ()  # only a signed one is a flag, and keeps its width in MySQL 8
        return TypeName(name, arguments, suffix), self.at

    def base(self) -> str:
        if self.at >= len(self.found) or self.found[self.at].kind is not TokenKind.WORD:
            raise NotUnderstood("a type is missing")
        self.took("national")
        if self.took("long"):
            if self.took("varbinary"):
                return "mediumblob"
            if not self.took("varchar"):
                self.took("char", "varying")
            return "mediumtext"
        word = self.word()
        self.at += 1
        name = _MY_ALIASES.get(word, word)
        if name == "char":
            if self.took("varying"):
                return "varchar"
            if self.took("byte"):
                return "binary"
        if name == "double":
            self.took("precision")
        return name


def _spelled_in_mysql(
    name: str, arguments: tuple[str, ...], *, zerofill: bool
) -> tuple[str, tuple[str, ...]]:
    if name in _MY_WIDTHS:
        if zerofill:
            return name, arguments or (_MY_WIDTHS[name],)
        return name, ("1",) if name == "tinyint" and arguments == ("1",) else ()
    match name:
        case "bool" | "boolean":
            return "tinyint", ("1",)
        case "enum" | "set":
            values = (string_value(value, "mysql").rstrip(" ") for value in arguments)
            return name, tuple(string_literal(value, "mysql") for value in values)
        case "decimal":
            return name, arguments if len(arguments) > 1 else ((*arguments, "10")[0], "0")
        case "char" | "binary" | "bit":
            return name, arguments or ("1",)
        case "year":
            return name, ()
        case "datetime" | "timestamp" | "time" if arguments == ("0",):
            return name, ()
        case "float" if len(arguments) == 1:
            return ("float" if int(arguments[0]) <= 24 else "double"), ()
        case "text" | "blob" if arguments:
            # A length in characters picks the smallest type; four bytes each, as in utf8mb4.
            octets = int(arguments[0]) * (4 if name == "text" else 1)
            return next(n + name for n, most in _MY_SIZES if octets <= most), ()
        case _:
            return name, arguments


def _sqlite(found: Sequence[Token], at: int) -> tuple[TypeName, int]:
    words = _Words(found, at)
    spelled = []
    while words.at < len(found):
        token = found[words.at]
        is_name = token.kind is TokenKind.QUOTED or (
            token.kind is TokenKind.WORD and token.text.lower() not in _SQLITE_ENDS
        )
        if not is_name:
            break
        spelled.append(fold(token.text, "sqlite"))
        words.at += 1
    return TypeName(" ".join(spelled), words.parenthesized() if spelled else ()), words.at


# What may follow a type in a column's definition, and so ends it.
_SQLITE_ENDS = words(
    "constraint primary not null unique check default collate references generated as"
)


_PG_FAMILIES = {
    "boolean": Family.BOOLEAN,
    "smallint": Family.INTEGER,
    "integer": Family.INTEGER,
    "bigint": Family.INTEGER,
    "oid": Family.INTEGER,
    "numeric": Family.EXACT,
    "money": Family.EXACT,
    "real": Family.FLOAT,
    "double precision": Family.FLOAT,
    "text": Family.TEXT,
    "character varying": Family.TEXT,
    "character": Family.TEXT,
    "bpchar": Family.TEXT,
    "name": Family.TEXT,
    "citext": Family.TEXT,
    "bytea": Family.BINARY,
    "bit": Family.BITS,
    "bit varying": Family.BITS,
    "date": Family.DATE,
    "time": Family.TIME,
    "timestamp": Family.TIMESTAMP,
    "interval": Family.INTERVAL,
    "json": Family.JSON,
    "jsonb": Family.JSON,
    "uuid": Family.UUID,
}
_MY_FAMILIES = {
    **dict.fromkeys(_MY_WIDTHS, Family.INTEGER),
    "year": Family.INTEGER,
    "decimal": Family.EXACT,
    "float": Family.FLOAT,
    "double": Family.FLOAT,
    **dict.fromkeys(("char", "varchar"), Family.TEXT),
    **{size + "text": Family.TEXT for size, _ in _MY_SIZES},
    **dict.fromkeys(("binary", "varbinary"), Family.BINARY),
    **{size + "blob": Family.BINARY for size, _ in _MY_SIZES},
    "bit": Family.BITS,
    "date": Family.DATE,
    "time": Family.TIME,
    "datetime": Family.TIMESTAMP,
    "timestamp": Family.TIMESTAMP,
    "json": Family.JSON,
    "uuid": Family.UUID,
    "enum": Family.ENUM,
    "set": Family.ENUM,
}
_SQLITE_FAMILIES = {
    "integer": Family.INTEGER,
    "text": Family.TEXT,
    "blob": Family.BINARY,
    "real": Family.FLOAT,
    "numeric": Family.EXACT,
}


def parsed(type: Expression, dialect: str) -> TypeName:  # noqa: A002
    """Return a type in its normal spelling taken apart again."""
    first, rest = type.normal[0], type.normal[1:]
    if isinstance(first, Address):
        tail = "".join(str(piece) for piece in rest)
        arguments = tail[1 : tail.index(")")].split(",") if tail.startswith("(") else ()
        return TypeName(first, tuple(arguments), "", tail.endswith("[]"))
    return _taken_apart(first, dialect)


@lru_cache(maxsize=1024)
def _taken_apart(spelled: str, dialect: str) -> TypeName:
    found = tuple(tokens(spelled, dialect))
    return type_name(found, 0, dialect, NOWHERE)[0] if found else TypeName("")


def family(type: Expression, dialect: str) -> Family:  # noqa: A002
    """Return what values a type holds, by and large."""
    name = parsed(type, dialect)
    if name.array:
        return Family.ARRAY
    if isinstance(name.base, Address):
        return Family.ENUM
    match dialect:
        case "postgres":
            base = "interval" if name.base.startswith("interval") else name.base
            return _PG_FAMILIES.get(base, Family.OTHER)
        case "mysql":
            is_flag = name.base == "tinyint" and name.arguments == ("1",)
            return Family.BOOLEAN if is_flag else _MY_FAMILIES.get(name.base, Family.OTHER)
        case _:
            return _SQLITE_FAMILIES[affinity(type)]


def affinity(type: Expression) -> str:  # noqa: A002
    """Return SQLite's affinity for a declared type (datatype3.html, 3.1)."""
    declared = str(type).lower()
    if "int" in declared:
        return "integer"
    if any(part in declared for part in ("char", "clob", "text")):
        return "text"
    if "blob" in declared or not declared:
        return "blob"
    if any(part in declared for part in ("real", "floa", "doub")):
        return "real"
    return "numeric"


_NUMBERS = {
    "smallint": 0,
    "integer": 0,
    "bigint": 0,
    "numeric": 1,
    "real": 2,
    "double precision": 2,
}
_KNOWN = frozenset(_PG_FAMILIES.values()) - {Family.INTEGER, Family.EXACT, Family.FLOAT}


def comparable(one: Expression, other: Expression) -> bool:
    """Whether PostgreSQL compares a foreign key's column of type `one` with what it refers to; so
    too where nothing is known of the types."""
    mine, its = parsed(one, "postgres"), parsed(other, "postgres")
    if mine.base == its.base:
        return mine.array == its.array
    if mine.array or its.array or isinstance(mine.base, Address) or isinstance(its.base, Address):
        return False
    if mine.base in _NUMBERS and its.base in _NUMBERS:
        return _NUMBERS[mine.base] <= _NUMBERS[its.base]
    families = family(one, "postgres"), family(other, "postgres")
    moments = (Family.DATE, Family.TIMESTAMP)
    if families[0] in moments and families[1] in moments:
        return True
    known = all(
        f in _KNOWN or n.base in _NUMBERS for f, n in zip(families, (mine, its), strict=True)
    )
    return not known or families == (Family.TEXT, Family.TEXT)


_KNOWN_NAMES = (
    _PG_BUILT_IN
    | frozenset(_PG_ALIASES.values())
    | words(
        """
    "char" "bit" anyarray anyelement anyenum character event_trigger internal pg_node_tree record trigger
    unknown void
    """
    )
)


def is_built_in(name: str) -> bool:
    """Whether PostgreSQL has a type of that name, whatever else is called so."""
    return name in _KNOWN_NAMES or name in _PG_ALIASES or _is_special(name)


def is_unknown(type: Expression) -> bool:  # noqa: A002
    """Whether a PostgreSQL type is neither built in nor one of the schema's own."""
    base = parsed(type, "postgres").base
    if isinstance(base, Address) or base.startswith("interval "):
        return False
    known = base in _KNOWN_NAMES or base in ("bit varying", "character varying", "double precision")
    return not known


def widens(before: Expression, after: Expression, dialect: str) -> bool:
    """Whether every value of `before` is one of `after`, and means the same in expressions.

    Integers do not widen to numerics: division gives another result there.
    """
    if before == after:
        return True
    if dialect == "sqlite":
        # A rowid's alias is INTEGER and nothing else.
        is_key = "integer" in {str(before), str(after)}
        return affinity(before) == affinity(after) and not is_key
    one, other = parsed(before, dialect), parsed(after, dialect)
    if one.array != other.array or isinstance(one.base, Address) or isinstance(other.base, Address):
        return False
    if dialect == "postgres":
        return _widens_in_postgres(one, other)
    return one.suffix == other.suffix and _widens_in_mysql(one, other)


def _widens_in_postgres(before: TypeName, after: TypeName) -> bool:
    match before.base, after.base:
        case (("smallint" | "integer" | "bigint"), ("smallint" | "integer" | "bigint")):
            order = ("smallint", "integer", "bigint")
            return order.index(str(before.base)) < order.index(str(after.base))
        case "numeric", "numeric":
            return _holds_decimals(before.arguments, after.arguments)
        case "real", "double precision":
            return True
        case "character varying", ("character varying" | "text"):
            return _at_most(before.arguments, after.arguments)
        case "text", "character varying":
            return not after.arguments
        case "bit varying", "bit varying":
            return _at_most(before.arguments, after.arguments)
        case ("time", "time") | ("timestamp", "timestamp") | ("interval", "interval"):
            return before.suffix == after.suffix and _at_most(
                before.arguments or ("6",), after.arguments or ("6",)
            )
    return False


def _widens_in_mysql(before: TypeName, after: TypeName) -> bool:
    widths = tuple(_MY_WIDTHS)
    match before.base, after.base:
        case one, other if one in _MY_WIDTHS and other in _MY_WIDTHS:
            return widths.index(str(one)) <= widths.index(str(other))
        case "decimal", "decimal":
            return _holds_decimals(before.arguments, after.arguments)
        case "float", "double":
            return not before.arguments and not after.arguments
        case ("char", "char") | ("varchar", "varchar") | ("varbinary", "varbinary"):
            return _at_most(before.arguments, after.arguments)
        case ("enum", "enum") | ("set", "set"):
            return after.arguments[: len(before.arguments)] == before.arguments
        case ("datetime", "datetime") | ("timestamp", "timestamp") | ("time", "time"):
            return _at_most(before.arguments or ("0",), after.arguments or ("0",))
        case "varchar", other if other in _CAPACITY["text"]:
            return int(before.arguments[0]) * 4 <= _CAPACITY["text"][str(other)]
        case "varbinary", other if other in _CAPACITY["blob"]:
            return int(before.arguments[0]) <= _CAPACITY["blob"][str(other)]
    return any(
        before.base in sizes
        and after.base in sizes
        and sizes[str(before.base)] < sizes[str(after.base)]
        for sizes in _CAPACITY.values()
    )


_CAPACITY = {kind: {size + kind: most for size, most in _MY_SIZES} for kind in ("text", "blob")}


def _at_most(before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    return not after or (bool(before) and int(before[0]) <= int(after[0]))


def _holds_decimals(before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    if not after or not before:
        return not after
    (p1, s1), (p2, s2) = map(int, before), map(int, after)
    return s1 <= s2 and p1 - s1 <= p2 - s2
