"""Rows made to fit a schema, so that a migration is tried on tables that hold something.

Nothing here knows all that a database asks of a row (checks, triggers, domains of extensions). A row
is offered in several shapes, with values taken from the column's type, from the labels and numbers
that its checks name, and from the rows of the tables it refers to; the engine says which fits.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, product

from schemaops.database.failures import ConnectionLost, DatabaseFailure
from schemaops.database.sessions import Connection
from schemaops.names import Address, Kind
from schemaops.schema.objects import Check, Column, Enum, ForeignKey, PrimaryKey, Table, Unique
from schemaops.schema.state import Schema
from schemaops.sql.names import quote

__all__ = ["Filled", "clear", "fill", "near"]

_ROWS = 3
# Rows whose values, keys apart, are those of another: the first one's again, and such as none has,
# so that what looks like a reference leads nowhere.
_BESIDE = {3: 0, 4: 7}
_TRIES = 48
_FIRST = 1_000_001


@dataclass(frozen=True, slots=True)
class Filled:
    """The tables that rows were put into, in that order, and those that none fitted, with what the
    database said last."""

    tables: tuple[Address, ...] = ()
    refused: Mapping[Address, str] = field(default_factory=dict)


def near(schema: Schema, touched: Iterable[Address]) -> tuple[Address, ...]:
    """Return the tables among some addresses, with those that their rows refer to or that refer to
    theirs, in order."""
    found: set[Address] = set()
    for at in touched:
        for length in range(len(at.path), 0, -1):
            table = Address(Kind.TABLE, at.path[:length])
            if isinstance(schema.get(table), Table):
                found.add(table)
                break
    keys = [one for at in found for one in schema.referrers(at) if isinstance(one, ForeignKey)]
    beside = {Address(Kind.TABLE, key.at.path[:-1]) for key in keys}
    found |= {at for at in beside if isinstance(schema.get(at), Table)}
    waiting = list(found)
    while waiting:
        for key in schema.parts(waiting.pop(), ForeignKey):
            if key.table not in found and isinstance(schema.get(key.table), Table):
                found.add(key.table)
                waiting.append(key.table)
    return tuple(sorted(found))


def fill(
    connection: Connection, schema: Schema, tables: Iterable[Address], *, edges: bool = True
) -> Filled:
    """Put rows into those of the tables that hold none, parents first, and return which took some.

    With `edges` rows with NULLs, with the longest values, with the same values again and with such as
    nothing else has are among them, otherwise plain ones.
    """
    chosen = set(tables)
    made: list[Address] = []
    refused: dict[Address, str] = {}
    for at in _parents_first(schema, chosen):
        filler = _Filler(connection, schema, at, edges=edges)
        if filler.holds_some():
            continue
        if filler.fill():
            made.append(at)
        else:
            refused[at] = filler.answer
    return Filled(tuple(made), refused)


def clear(connection: Connection, filled: Filled) -> bool:
    """Take the rows of the tables out again; return whether the database let us."""
    mysql = connection.dialect == "mysql"
    if mysql:
        connection.execute("SET foreign_key_checks = 0")
    try:
        for at in reversed(filled.tables):
            connection.execute(f"DELETE FROM {_named(at, connection.dialect)}")
    except ConnectionLost:
        raise
    except DatabaseFailure:
        return False
    finally:
        if mysql:
            connection.execute("SET foreign_key_checks = 1")
    return True


def _parents_first(schema: Schema, chosen: Collection[Address]) -> Iterator[Address]:
    left = sorted(chosen)
    while left:
        waiting = set(left)
        ready = [
            at
            for at in left
            if not any(
                key.table in waiting and key.table != at for key in schema.parts(at, ForeignKey)
            )
        ]
        # In a ring somebody has to begin, with NULL.
        begins = [at for at in left if _may_begin(schema, at, waiting)]
        for at in ready or begins[:1] or left[:1]:
            yield at
            left.remove(at)


def _may_begin(schema: Schema, at: Address, waiting: Collection[Address]) -> bool:
    """Return whether a row of a table needs none of those that wait."""
    return all(
        any(schema.column(one).nullable for one in key.columns)
        for key in schema.parts(at, ForeignKey)
        if key.table in waiting and key.table != at
    )


class _Filler:
    """Puts rows into one table."""

    def __init__(self, connection: Connection, schema: Schema, at: Address, *, edges: bool) -> None:
        self.answer = ""
        self._connection = connection
        self._dialect = connection.dialect
        self._schema = schema
        self._at = at
        self._edges = edges
        self._name = _named(at, self._dialect)
        self._columns = [one for one in schema.columns(at) if one.generated is None]
        self._keys = schema.parts(at, ForeignKey)
        self._checks = " ".join(str(one.expression) for one in schema.parts(at, Check))
        keys = [one.columns for one in schema.parts(at, PrimaryKey)]
        keys += (one.columns for one in schema.parts(at, Unique))
        self._single = {columns[0] for columns in keys if len(columns) == 1}
        self._keyed = {one for columns in keys for one in columns}

    def holds_some(self) -> bool:
        """Return whether there is a row already, or no looking."""
        try:
            return bool(self._connection.query(f"SELECT 1 FROM {self._name} LIMIT 1"))
        except ConnectionLost:
            raise
        except DatabaseFailure:
            return True

    def fill(self) -> bool:
        """Return whether the table took a row."""
        if not self._columns:
            return self._takes("DEFAULT VALUES" if self._dialect != "mysql" else "() VALUES ()")
        taken = 0
        for number in range(_ROWS + len(_BESIDE) if self._edges else _ROWS):
            shapes = islice(self._shapes(number), _TRIES)
            taken += any(self._takes(self._written(shape)) for shape in shapes)
        return bool(taken)

    def _takes(self, values: str) -> bool:
        try:
            self._connection.execute(f"INSERT INTO {self._name} {values}")
        except ConnectionLost:
            raise
        except DatabaseFailure as failure:
            self.answer = failure.answer or failure.message
            return False
        return True

    def _written(self, shape: Mapping[str, str]) -> str:
        names = ", ".join(quote(name, self._dialect) for name in shape)
        always = any(c.identity is not None and c.at.name in shape for c in self._columns)
        how = "OVERRIDING SYSTEM VALUE " if always and self._dialect == "postgres" else ""
        return f"({names}) {how}VALUES ({', '.join(shape.values())})"

    def _shapes(self, number: int) -> Iterator[dict[str, str]]:
        """Yield rows to try, the one that is wanted first."""
        referred = self._referred(number)
        offers: dict[str, list[str]] = {
            one.at.name: [referred[one.at]]
            if one.at in referred
            else list(dict.fromkeys(self._offered(one, number)))
            for one in self._columns
        }
        nullable = {one.at.name for one in self._columns if one.nullable}
        wished: dict[str, str] = {name: values[0] for name, values in offers.items()}
        if self._edges and number == 1:
            keyed = {one.name for one in referred}
            yield {
                name: "NULL" if name in nullable and name not in keyed else value
                for name, value in wished.items()
            }
        if self._edges and number == 2:
            longest: dict[str, str] = {
                one.at.name: offers[one.at.name][0]
                if one.at in referred
                else _longest(one, number, unique=one.at in self._single) or wished[one.at.name]
                for one in self._columns
            }
            yield longest
        yield wished
        lean: dict[str, str] = {
            one.at.name: wished[one.at.name]
            for one in self._columns
            if not one.nullable and one.default is None and not one.auto_increment
        }
        if lean and lean.keys() != wished.keys():
            yield lean
        for turn in range(1, max(map(len, offers.values()))):
            yield {name: values[turn % len(values)] for name, values in offers.items()}
        several = {name: values for name, values in offers.items() if len(values) > 1}
        for values in product(*several.values()):
            yield {**wished, **dict(zip(several, values, strict=True))}

    def _offered(self, column: Column, number: int) -> Iterator[str]:
        like = number if column.at in self._keyed else _BESIDE.get(number, number)
        return _offers(column, like, self._labels(column), self._checks)

    def _labels(self, column: Column) -> tuple[str, ...]:
        for at in column.type.addresses():
            thing = self._schema.get(at)
            if isinstance(thing, Enum):
                return thing.values
        return ()

    def _referred(self, number: int) -> dict[Address, str]:
        """Return the columns that refer to a row of another table, each with what it holds there;
        NULL where there is none yet."""
        found: dict[Address, str] = {}
        for key in self._keys:
            columns = key.columns
            if key.table == self._at:
                found.update((one, "NULL") for one in columns if self._schema.column(one).nullable)
                continue
            rows = self._rows_of(key)
            if rows:
                row = rows[number % len(rows)]
                found.update(zip(columns, row, strict=False))
            else:
                found.update((one, "NULL") for one in columns)
        return found

    def _rows_of(self, key: ForeignKey) -> list[tuple[str, ...]]:
        cast = "::text" if self._dialect == "postgres" else ""
        names = [f"{quote(one.name, self._dialect)}{cast}" for one in key.referred]
        if not names:
            return []
        table = _named(key.table, self._dialect)
        where = " AND ".join(
            f"{quote(one.name, self._dialect)} IS NOT NULL" for one in key.referred
        )
        order = ", ".join(quote(one.name, self._dialect) for one in key.referred)
        asked = (
            f"SELECT {', '.join(names)} FROM {table} WHERE {where} ORDER BY {order} LIMIT {_ROWS}"
        )
        try:
            return [tuple(map(_literal, row)) for row in self._connection.query(asked)]
        except ConnectionLost:
            raise
        except DatabaseFailure:
            return []


def _named(at: Address, dialect: str) -> str:
    return ".".join(quote(name, dialect) for name in at.path)


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes | bytearray | memoryview):
        return f"X'{bytes(value).hex()}'"
    if isinstance(value, bool | int | float):
        return str(value)
    return _text(str(value))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


_SIZE = re.compile(r"\((\d+)(?:\s*,\s*(\d+))?\)")
_LABELS = re.compile(r"'((?:[^']|'')*)'")
_NUMBERS = re.compile(r"(?<![\w.'])\d+(?:\.\d+)?(?![\w.'])")


def _offers(column: Column, number: int, labels: tuple[str, ...], checks: str) -> Iterator[str]:
    """Yield literals that a column may take, the likeliest first."""
    kind = str(column.type).lower()
    if labels:
        yield from (_text(labels[(number + n) % len(labels)]) for n in range(len(labels)))
        return
    if kind.startswith(("enum", "set(")) and "(" in kind:
        own = _LABELS.findall(str(column.type))
        yield from (f"'{own[(number + n) % len(own)]}'" for n in range(len(own)))
        return
    plain = tuple(_plain(kind, number))
    if column.at.name in checks:
        # What its checks name is likelier than anything we know.
        if plain and plain[0].startswith("'"):
            yield from (f"'{one}'" for one in _LABELS.findall(checks))
        else:
            limits = sorted({float(one) for one in _NUMBERS.findall(checks)})
            yield from (_number(one + step + number) for one in limits for step in (1, 0, -5))
    yield from plain
    if column.default is not None:
        yield "DEFAULT"
    if column.nullable:
        yield "NULL"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def _plain(kind: str, n: int) -> Iterator[str]:
    size = _SIZE.search(kind)
    width = int(size[1]) if size else None
    base = kind.split("(", maxsplit=1)[0].strip()
    if kind.endswith("[]"):
        yield "'{}'"
    elif base.startswith(("bool", "bit")) and not base.startswith("bit varying"):
        if base.startswith("bit"):
            yield f"b'{'0' * ((width or 1) - 1)}{n % 2}'"
        else:
            yield ("true", "false", "true")[n % 3]
        yield str(n % 2)
    elif base.startswith("tinyint"):
        yield str(101 + n if width != 1 else n % 2)
    elif base.startswith("smallint"):
        yield str(30_001 + n)
    elif base.startswith("year"):
        yield str(2001 + n)
    elif "int" in base and not base.startswith(("interval", "point")) and "range" not in base:
        yield str(_FIRST + n)
        yield str(1 + n)
    elif base.startswith(("numeric", "decimal", "dec", "fixed")):
        whole = (width or 9) - (int(size[2]) if size and size[2] else 0)
        yield str(min(_FIRST, 10**whole - 10) + n) if whole > 1 else str(n if whole == 1 else 0)
        yield str(n)
    elif base.startswith(("real", "double", "float")):
        yield f"{n}.5"
    elif base.startswith(("timestamp", "datetime")):
        yield f"'2001-0{n + 1}-02 03:04:05'"
    elif base.startswith("date"):
        yield f"'2001-0{n + 1}-02'"
    elif base.startswith("time"):
        yield f"'0{n + 1}:02:03'"
    elif base.startswith("interval"):
        yield f"'{n + 1} days'"
    elif base.startswith("uuid"):
        yield f"'00000000-0000-4000-8000-00000000000{n}'"
    elif base.startswith("json"):
        yield f"'{{\"row\": {n}}}'"
    elif base.startswith("bytea"):
        yield f"'\\x0{n}'"
    elif "blob" in base or "binary" in base:
        yield f"X'0{n}'"
    elif base.startswith(("inet", "cidr")):
        yield f"'10.0.0.{n + 1}'"
    elif base.startswith("macaddr"):
        yield f"'08:00:2b:01:02:0{n}'"
    elif base.startswith("xml"):
        yield f"'<row>{n}</row>'"
    elif base.startswith("money"):
        yield f"'{n + 1}.50'"
    elif base == "point" or base.startswith("geometry"):
        yield f"'({n},{n})'"
        yield f"ST_GeomFromText('POINT({n} {n})')"
    elif "range" in base:
        yield "'empty'"
    elif base.startswith("tsvector"):
        yield f"'row{n}'"
    elif any(word in base for word in ("char", "text", "clob", "string", "citext", "name")):
        word = f"row {n + 1}"
        yield _text(word if width is None or width >= len(word) else str(n)[:width])
    else:
        yield _text(f"row {n + 1}")
        yield str(_FIRST + n)
        yield f"'{n}'"


def _longest(column: Column, n: int, *, unique: bool) -> str | None:
    """Return the longest value of a column of text, None for others."""
    kind = str(column.type).lower()
    base = kind.split("(")[0].strip()
    if kind.endswith("[]") or not any(word in base for word in ("char", "text", "clob")):
        return None
    size = _SIZE.search(kind)
    if size is None and "char" in base:
        return None
    length = min(int(size[1]) if size else 200, 2000)
    return _text(("x" * (length - 1) + str(n)) if length > 1 or unique else "x")
