"""MySQL's partitions, which have no type of their own.

They are known by the statement that makes them, in one form for what an author wrote and for what
the catalogue shows. What a bound or an expression comes to is only known for plain ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from schemaops.names import Address, Kind, Name
from schemaops.operations import Alter, Create, Drop, Rename
from schemaops.schema.objects import Unmodelled
from schemaops.sql import expressions, mysql_alters
from schemaops.sql.cursor import Cursor
from schemaops.sql.lexer import TokenKind
from schemaops.sql.names import fold, quote
from schemaops.sql.reading import NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.split import split
from schemaops.sql.strings import string_literal

__all__ = [
    "Partitioning",
    "alter_partitions",
    "begins_partitions",
    "column_renamed",
    "drops_partitions",
    "is_partitions",
    "must_not_divide",
    "normal_partitions",
    "partition_by",
    "partitioning",
    "renamed",
]


_MYSQL = "mysql"


@dataclass(frozen=True, slots=True)
class Partitioning:
    """How a table is partitioned: the method, over what, and each partition with its bound; where
    the partitions are parted too, how, and into how many."""

    method: str
    over: str
    parts: tuple[tuple[str, str], ...]
    below: str = ""
    count: int = 0

    def text(self, table: str) -> str:
        """Return the statement that makes it so."""
        listed = ", ".join(f"PARTITION {name}{bound}" for name, bound in self.parts)
        return (
            f"ALTER TABLE {quote(table, 'mysql')} "
            f"PARTITION BY {self.method} ({self.over}){self.below} ({listed})"
        )

    def renamed(self, old: Name, new: Name) -> Partitioning:
        """Return the same with another name of a column."""
        name, other = quote(old, _MYSQL), quote(new, _MYSQL)
        said = re.compile(rf"(?<![\w`]){re.escape(name)}(?![\w`(])")
        over, below = (said.sub(lambda _: other, text) for text in (self.over, self.below))
        return replace(self, over=over, below=below)


def _address(table: Address) -> Address:
    return Address(Kind.UNMODELLED, (Name("partitions"), table.name))


def is_partitions(at: Address) -> bool:
    """Whether an address is that of a table's partitions."""
    return at.kind is Kind.UNMODELLED and at.path[0] == "partitions"


def normal_partitions(text: str, table: str) -> str:
    """Return `ALTER TABLE … PARTITION BY …` as it is compared; as it is where it is not understood."""
    made = partitioning(text)
    return text if made is None else made.text(table)


def partitioning(text: str) -> Partitioning | None:
    """Return what `ALTER TABLE … PARTITION BY …` says, None where it is not understood."""
    if not text.startswith("ALTER TABLE"):
        return None
    (statement,) = split(text, "mysql")
    cursor = Cursor(statement, "mysql")
    while not cursor.done and not cursor.sees("PARTITION", "BY"):
        cursor.at += 1
    try:
        return _partitioning(cursor)
    except NotUnderstood:
        return None


def drops_partitions(text: str) -> bool:
    """Whether a statement drops partitions, and the rows that stand in them."""
    return "DROP PARTITION" in " ".join(text.upper().split())


def _partitioning(cursor: Cursor) -> Partitioning:
    """Take PARTITION BY and all that follows it."""
    cursor.need("PARTITION", "BY")
    linear = "LINEAR " if cursor.take("LINEAR") else ""
    kind = cursor.one_of("HASH", "KEY", "RANGE", "LIST")
    if not kind:
        raise cursor.refuse()
    columns = kind in ("RANGE", "LIST") and cursor.take("COLUMNS")
    method = f"{linear}{kind}" + (" COLUMNS" if columns else "")
    inner = cursor.inside()
    over = _over(inner, several=kind == "KEY" or bool(columns))
    count = 1
    if cursor.take("PARTITIONS"):
        count = int(cursor.number())
    below, each = _subpartitioning(cursor)
    if cursor.symbol() == "(":
        parts = _parts(cursor.inside(), each)
        each = parts[0][1].count("SUBPARTITION ") if below and parts else each
    elif kind in ("HASH", "KEY"):
        parts = tuple((f"p{place}", "") for place in range(count))
    else:
        raise cursor.refuse()
    cursor.end()
    return Partitioning(method, over, parts, below, each)


def _subpartitioning(cursor: Cursor) -> tuple[str, int]:
    """Take SUBPARTITION BY; return it, and into how many each partition is parted."""
    if not cursor.take("SUBPARTITION", "BY"):
        return "", 0
    linear = "LINEAR " if cursor.take("LINEAR") else ""
    kind = cursor.one_of("HASH", "KEY")
    if not kind:
        raise cursor.refuse()
    over = _over(cursor.inside(), several=kind == "KEY")
    each = int(cursor.number()) if cursor.take("SUBPARTITIONS") else 1
    return f" SUBPARTITION BY {linear}{kind} ({over})", each


def _over(inner: Cursor, *, several: bool) -> str:
    """Take a list of columns, or a column, or an expression."""
    if several:
        return ", ".join(_column(part) for part in inner.parts())
    if inner.stop - inner.at == 1:
        return _column(inner)
    if inner.symbol(1) == "(" and inner.stop - inner.at == 4 and inner.symbol(3) == ")":
        function = inner.word().lower()
        inner.at += 1
        found = f"{function}({_column(inner.inside())})"
        inner.end()
        return found
    read = expressions.read(inner.text(), "mysql")
    if not (read.understood and read.spelled):
        raise inner.refuse()
    inner.at = inner.stop
    return str(read.expression)


def _column(part: Cursor) -> str:
    name = part.identifier()[0]
    part.end()
    return quote(name, "mysql")


def _parts(inner: Cursor, each: int = 0) -> tuple[tuple[str, str], ...]:
    """Take partitions, each parted into some more."""
    found = []
    for part in inner.parts():
        part.need("PARTITION")
        name = part.identifier()[0]
        bound = ""
        if part.take("VALUES", "LESS", "THAN"):
            if part.take("MAXVALUE"):
                bound = " VALUES LESS THAN MAXVALUE"
            else:
                values = _values(part.inside())
                values = values if values == "MAXVALUE" else f"({values})"
                bound = f" VALUES LESS THAN {values}"
        elif part.take("VALUES", "IN"):
            bound = f" VALUES IN ({_values(part.inside())})"
        while not part.done:
            if part.one_of("ENGINE", "STORAGE"):
                part.take("ENGINE")
                part.take_symbol("=")
                part.identifier()
            elif part.take("COMMENT"):
                part.take_symbol("=")
                bound += f" COMMENT {string_literal(part.string(), 'mysql')}"
            elif each and part.symbol() == "(":
                below = [_subpartition(one) for one in part.inside().parts()]
                bound += f" ({', '.join(below)})"
            else:
                raise part.refuse()
        if each and "SUBPARTITION " not in bound:
            names = (f"{name}sp{place}" for place in range(each))
            bound += f" ({', '.join(f'SUBPARTITION {quote(one, _MYSQL)}' for one in names)})"
        found.append((quote(name, "mysql"), bound))
    return tuple(found)


def _subpartition(part: Cursor) -> str:
    part.need("SUBPARTITION")
    name = part.identifier()[0]
    if part.one_of("ENGINE", "STORAGE"):
        part.take("ENGINE")
        part.take_symbol("=")
        part.identifier()
    part.end()
    return f"SUBPARTITION {quote(name, _MYSQL)}"


def _values(inner: Cursor) -> str:
    return ",".join(_value(part) for part in inner.parts())


_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z")


def _days(year: int, month: int, day: int) -> int:
    """Return what TO_DAYS does: the days since the year 0 of the Gregorian calendar."""
    days = 365 * year + 31 * (month - 1) + day
    if month <= 2:
        year -= 1
    else:
        days -= (month * 4 + 23) // 10
    return days + year // 4 - (year // 100 + 1) * 3 // 4


def _value(part: Cursor) -> str:
    token = part.token
    if part.take("MAXVALUE"):
        found = "MAXVALUE"
    elif part.take("NULL"):
        found = "NULL"
    elif part.word() == "TO_DAYS":
        part.at += 1
        inner = part.inside()
        date = _DATE.match(inner.string())
        inner.end()
        if date is None:
            raise part.refuse()
        year, month, day = map(int, date.groups())
        found = str(_days(year, month, day))
    elif token is not None and token.kind is TokenKind.STRING:
        found = string_literal(part.string(), "mysql")
    else:
        found = part.number()
    part.end()
    return found


def partition_by(reading: Reading, cursor: Cursor, table: Address) -> None:
    """Take PARTITION BY, of a new table or of one that is there, and emit it."""
    made = _partitioning(cursor)
    _must_have_columns(reading, table, made)
    at, text = _address(table), made.text(table.name)
    before = reading.schema.get(at)
    if before is None:
        reading.emit(Create(Unmodelled(at, "partitions", text, (table,))))
    elif isinstance(before, Unmodelled) and before.definition != text:
        reading.emit(Alter(at, "definition", before.definition, text))


def _must_have_columns(reading: Reading, table: Address, made: Partitioning) -> None:
    for word in re.findall(r"`(?:[^`]|``)+`|\b[^\W\d]\w*\b(?!\()", f"{made.over}{made.below}"):
        if word in _WORDS:
            continue
        at = table.child(Kind.COLUMN, fold(word, "mysql"))
        if at not in reading.schema:
            raise NotAllowed(f"there is no column {at} to partition by", at)


_WORDS = frozenset({"DIV", "MOD", "SUBPARTITION", "BY", "LINEAR", "HASH", "KEY"})
_TENDING = ("ANALYZE", "CHECK", "OPTIMIZE", "REBUILD", "REPAIR")


def begins_partitions(cursor: Cursor) -> bool:
    """Whether an action on partitions comes next in ALTER TABLE."""
    pairs = ((cursor.word(), cursor.word(1)),)
    if cursor.word(1) == "PARTITION" and cursor.word() in _TENDING:
        return True
    return pairs[0] in (
        ("COALESCE", "PARTITION"),
        ("PARTITION", "BY"),
        ("ADD", "PARTITION"),
        ("DROP", "PARTITION"),
        ("REORGANIZE", "PARTITION"),
        ("REMOVE", "PARTITIONING"),
        ("TRUNCATE", "PARTITION"),
    )


def alter_partitions(reading: Reading, cursor: Cursor, table: Address) -> Callable[[], None]:
    """Take an action on partitions, with which the statement ends; return what emits it."""
    start, stop = cursor.at, cursor.stop
    if cursor.word() == "TRUNCATE":
        return mysql_alters.truncated(reading, cursor, table)
    cursor.at = stop
    if Cursor(cursor.statement, cursor.dialect, start, stop).word() in _TENDING:
        return lambda: None

    def work() -> None:
        action = Cursor(cursor.statement, cursor.dialect, start, stop)
        if action.sees("PARTITION", "BY"):
            partition_by(reading, action, table)
            return
        at = _address(table)
        thing = reading.schema.get(at)
        if not isinstance(thing, Unmodelled):
            raise NotAllowed(f"table {table} is not partitioned", table)
        if action.take("REMOVE", "PARTITIONING"):
            action.end()
            reading.emit(Drop(thing))
            return
        made = partitioning(thing.definition)
        if made is None:
            raise action.refuse()
        text = replace(made, parts=_changed(action, made)).text(table.name)
        reading.emit(Alter(at, "definition", thing.definition, text))

    return work


def _changed(action: Cursor, made: Partitioning) -> tuple[tuple[str, str], ...]:
    if action.take("ADD", "PARTITION"):
        if action.take("PARTITIONS"):
            start, count = len(made.parts), int(action.number())
            more = tuple((f"p{start + place}", "") for place in range(count))
        else:
            more = _parts(action.inside(), made.count)
        action.end()
        return (*made.parts, *more)
    if action.take("COALESCE", "PARTITION"):
        left = len(made.parts) - int(action.number())
        action.end()
        if not made.method.endswith(("HASH", "KEY")) or left < 1:
            raise NotAllowed("there are not so many partitions to give up")
        return made.parts[:left]
    if action.take("DROP", "PARTITION"):
        gone = _there(action, made)
        action.end()
        return tuple(part for part in made.parts if part[0] not in gone)
    action.need("REORGANIZE", "PARTITION")
    gone = _there(action, made)
    action.need("INTO")
    new = _parts(action.inside(), made.count)
    action.end()
    names = [name for name, _ in made.parts]
    place = min((names.index(name) for name in gone if name in names), default=len(names))
    kept = [part for part in made.parts if part[0] not in gone]
    return (*kept[:place], *new, *kept[place:])


def _there(action: Cursor, made: Partitioning) -> list[str]:
    """Take names of partitions, which must be there."""
    guarded = action.take("IF", "EXISTS")
    found = [quote(action.identifier()[0], "mysql")]
    while action.take_symbol(","):
        found.append(quote(action.identifier()[0], "mysql"))
    missing = sorted(set(found) - {name for name, _ in made.parts})
    if missing and not guarded:
        raise NotAllowed(f"there is no partition {missing[0]}")
    return found


def column_renamed(reading: Reading, at: Address, new: Name) -> None:
    """Emit that what a table is partitioned by has another name; raise NotUnderstood."""
    table = Address(Kind.TABLE, at.path[:-1])
    thing = reading.schema.get(_address(table))
    if not isinstance(thing, Unmodelled):
        return
    made = partitioning(thing.definition)
    if made is None:
        raise NotUnderstood(f"how {table} is partitioned is not understood")
    text = made.renamed(at.name, new).text(table.name)
    if text != thing.definition:
        reading.emit(Alter(thing.at, "definition", thing.definition, text))


def must_not_divide(reading: Reading, at: Address) -> None:
    """Raise NotUnderstood where a table may be partitioned by a column that is dropped."""
    thing = reading.schema.get(_address(Address(Kind.TABLE, at.path[:-1])))
    if isinstance(thing, Unmodelled) and re.search(
        rf"(?i)(?<!\w){re.escape(at.name)}(?!\w)", thing.definition
    ):
        raise NotUnderstood(f"{at} may tell the partitions of its table apart")


def renamed(reading: Reading, old: Address, new: Address) -> None:
    """Emit that a table's partitions go by its new name."""
    thing = reading.schema.get(_address(old))
    if isinstance(thing, Unmodelled):
        if partitioning(thing.definition) is None:
            raise NotUnderstood(f"how {old} is partitioned is not understood")
        at = _address(new)
        reading.emit(Rename(thing.at, at))
        text = normal_partitions(thing.definition, new.name)
        reading.emit(Alter(at, "definition", thing.definition, text))
