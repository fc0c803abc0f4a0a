"""MySQL's partitions and MariaDB's sequences, which have no type of their own.

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
    "create_sequence",
    "drop_sequence",
    "drops_partitions",
    "must_not_divide",
    "normal_partitions",
    "partition_by",
    "partitioning",
    "renamed",
    "sequence_text",
]


@dataclass(frozen=True, slots=True)
class Partitioning:
    """How a table is partitioned: the method, over what, and each partition with its bound."""

    method: str
    over: str
    parts: tuple[tuple[str, str], ...]

    def text(self, table: str) -> str:
        """Return the statement that makes it so."""
        listed = ", ".join(f"PARTITION {name}{bound}" for name, bound in self.parts)
        return (
            f"ALTER TABLE {quote(table, 'mysql')} "
            f"PARTITION BY {self.method} ({self.over}) ({listed})"
        )


def _address(table: Address) -> Address:
    return Address(Kind.UNMODELLED, (Name("partitions"), table.name))


def normal_partitions(text: str, table: str) -> str:
    """Return `ALTER TABLE … PARTITION BY …` as it is compared; as it is where it is not understood."""
    made = partitioning(text)
    return text if made is None else made.text(table)


def partitioning(text: str) -> Partitioning | None:
    """Return what `ALTER TABLE … PARTITION BY …` says, None where it is not understood."""
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
    if cursor.symbol() == "(":
        parts = _parts(cursor.inside())
    elif kind in ("HASH", "KEY"):
        parts = tuple((f"p{place}", "") for place in range(count))
    else:
        raise cursor.refuse()
    cursor.end()
    return Partitioning(method, over, parts)


def _over(inner: Cursor, *, several: bool) -> str:
    """Take a list of columns, or a column, or a function of one."""
    if several:
        return ", ".join(_column(part) for part in inner.parts())
    if inner.symbol(1) == "(":
        function = inner.word().lower()
        inner.at += 1
        found = f"{function}({_column(inner.inside())})"
    else:
        found = _column(inner)
    inner.end()
    return found


def _column(part: Cursor) -> str:
    name = part.identifier()[0]
    part.end()
    return quote(name, "mysql")


def _parts(inner: Cursor) -> tuple[tuple[str, str], ...]:
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
            else:
                raise part.refuse()
        found.append((quote(name, "mysql"), bound))
    return tuple(found)


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
    for word in re.findall(r"`(?:[^`]|``)+`|\w+(?!\w*\()", made.over):
        at = table.child(Kind.COLUMN, fold(word, "mysql"))
        if at not in reading.schema:
            raise NotAllowed(f"there is no column {at} to partition by", at)


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
    )


def alter_partitions(reading: Reading, cursor: Cursor, table: Address) -> Callable[[], None]:
    """Take an action on partitions, with which the statement ends; return what emits it."""
    start, stop = cursor.at, cursor.stop
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
            more = _parts(action.inside())
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
    new = _parts(action.inside())
    action.end()
    names = [name for name, _ in made.parts]
    place = min((names.index(name) for name in gone if name in names), default=len(names))
    kept = [part for part in made.parts if part[0] not in gone]
    return (*kept[:place], *new, *kept[place:])


def _there(action: Cursor, made: Partitioning) -> list[str]:
    """Take names of partitions, which must be there."""
    if action.sees("IF", "EXISTS"):
        raise action.refuse()
    found = [quote(action.identifier()[0], "mysql")]
    while action.take_symbol(","):
        found.append(quote(action.identifier()[0], "mysql"))
    missing = sorted(set(found) - {name for name, _ in made.parts})
    if missing:
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
    name, other = quote(at.name, "mysql"), quote(new, "mysql")
    said = re.compile(rf"(?<![\w`]){re.escape(name)}(?![\w`(])")
    text = replace(made, over=said.sub(lambda _: other, made.over)).text(table.name)
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


# -- sequences

_MOST = 9223372036854775806


def sequence_text(
    name: str, start: int, least: int, most: int, step: int, cache: int, *, cycles: bool
) -> str:
    """Return the statement that makes a sequence, as it is compared."""
    return (
        f"CREATE SEQUENCE {quote(name, 'mysql')} START WITH {start} MINVALUE {least} "
        f"MAXVALUE {most} INCREMENT BY {step} CACHE {cache} {'CYCLE' if cycles else 'NOCYCLE'}"
    )


def create_sequence(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CREATE SEQUENCE."""
    guarded = cursor.take("IF", "NOT", "EXISTS")
    name = cursor.qualified()[-1][0]
    said: dict[str, int] = {}
    cycles = False
    while not cursor.done:
        word = cursor.word()
        cursor.at += 1
        if word in ("START", "INCREMENT", "MINVALUE", "MAXVALUE", "CACHE"):
            cursor.one_of("WITH", "BY")
            cursor.take_symbol("=")
            said[word] = int(cursor.number())
        elif word == "NO" and cursor.one_of("MINVALUE", "MAXVALUE"):
            continue
        elif word == "NOCACHE":
            said["CACHE"] = 0
        elif word == "CYCLE":
            cycles = True
        elif word == "ENGINE":
            cursor.take_symbol("=")
            if cursor.identifier()[0] != "innodb":
                raise cursor.refuse()
        elif word not in ("NOCYCLE", "NOMINVALUE", "NOMAXVALUE"):
            raise cursor.refuse()
    step = said.get("INCREMENT", 1)
    rises = step >= 0
    least = said.get("MINVALUE", 1 if rises else -_MOST - 1)
    most = said.get("MAXVALUE", _MOST if rises else -1)
    start = said.get("START", least if rises else most)
    at = Address(Kind.UNMODELLED, (Name("sequence"), name))
    if guarded:
        reading.masks.add("IF NOT EXISTS")
        if at in reading.schema:
            return
    text = sequence_text(name, start, least, most, step, said.get("CACHE", 1000), cycles=cycles)
    reading.emit(Create(Unmodelled(at, "sequence", text)))


def drop_sequence(reading: Reading, cursor: Cursor) -> None:
    """Take what follows DROP SEQUENCE."""
    guarded = cursor.take("IF", "EXISTS")
    named = [cursor.qualified()[-1][0]]
    while cursor.take_symbol(","):
        named.append(cursor.qualified()[-1][0])
    cursor.end()
    if guarded:
        reading.masks.add("IF EXISTS")
    for name in named:
        at = Address(Kind.UNMODELLED, (Name("sequence"), name))
        if guarded and at not in reading.schema:
            continue
        reading.emit(Drop(reading.schema.at(at)))
