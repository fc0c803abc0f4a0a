"""What MySQL and MariaDB alone can ask of a table by ALTER TABLE: indexes hidden and shown, checks
switched off and on, the history of a table's rows kept or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from schemaops.names import Address, Kind
from schemaops.operations import Alter, Rows
from schemaops.schema.expressions import Expression
from schemaops.schema.objects import Check, Index, Table, Unique
from schemaops.schema.state import MissingObject
from schemaops.sql import columns, constraints
from schemaops.sql.cursor import Cursor
from schemaops.sql.reading import NotAllowed, Reading, StillNeeded

__all__ = ["altered", "guarded_constraint", "must_not_be_keyed", "truncated", "versioned"]

Work = Callable[[], None]
_SEEN = {("VISIBLE",): True, ("NOT", "IGNORED"): True, ("INVISIBLE",): False, ("IGNORED",): False}


def altered(reading: Reading, cursor: Cursor, table: Address) -> Work | None:
    """Take what follows ALTER within ALTER TABLE, where it is about no column's default; return what
    emits it, None where it is."""
    if cursor.word() in ("INDEX", "KEY") and cursor.word(1) not in ("SET", "DROP"):
        cursor.at += 1
        return _index(reading, cursor, table)
    if cursor.word() in ("CHECK", "CONSTRAINT") and cursor.word(1) not in ("SET", "DROP"):
        cursor.at += 1
        return _check(reading, cursor, table)
    probe = Cursor(cursor.statement, cursor.dialect, cursor.at, cursor.stop)
    probe.take("COLUMN")
    probe.identifier()
    if probe.take("SET", "VISIBLE") or probe.take("SET", "INVISIBLE"):
        cursor.take("COLUMN")
        return _column(reading, cursor, table)
    return None


def _index(reading: Reading, cursor: Cursor, table: Address) -> Work:
    guarded = cursor.take("IF", "EXISTS")
    named = cursor.identifier()
    seen = next((words for words in _SEEN if cursor.take(*words)), None)
    if seen is None:
        raise cursor.refuse()

    def work() -> None:
        if guarded:
            reading.masks.add("IF EXISTS")
        for kind in (Kind.INDEX, Kind.UNIQUE):
            index = reading.schema.get(table.child(kind, named[0]))
            if isinstance(index, Index | Unique):
                reading.mention(named[1], index.at)
                _set(reading, index, "invisible", on=not _SEEN[seen])
                return
        if named[0].upper() == "PRIMARY":
            raise NotAllowed(f"the primary key of {table} is always seen", table)
        if not guarded:
            raise MissingObject(table.child(Kind.INDEX, named[0]))

    return work


def _check(reading: Reading, cursor: Cursor, table: Address) -> Work:
    named = cursor.identifier()
    on = bool(cursor.take("NOT"))
    cursor.need("ENFORCED")

    def work() -> None:
        check = reading.schema.at(constraints.must_find(reading, table, named, Kind.CHECK))
        assert isinstance(check, Check)
        _set(reading, check, "not enforced", on=on)

    return work


def _column(reading: Reading, cursor: Cursor, table: Address) -> Work:
    named = cursor.identifier()
    cursor.need("SET")
    on = cursor.one_of("VISIBLE", "INVISIBLE") == "INVISIBLE"

    def work() -> None:
        column = reading.schema.column(reading.column(table, named))
        new = columns.INVISIBLE if on else ()
        if new != column.settings:
            reading.emit(Alter(column.at, "settings", column.settings, new))

    return work


def _set(reading: Reading, thing: Index | Unique | Check | Table, option: str, *, on: bool) -> None:
    options = {key: value for key, value in thing.options if key != option}
    if on:
        options[option] = "true"
    new = tuple(sorted(options.items()))
    if new != thing.options:
        reading.emit(Alter(thing.at, "options", thing.options, new))


def versioned(reading: Reading, table: Address, *, on: bool) -> Work:
    """Return what emits that the history of a table's rows is kept, or kept no more."""

    def work() -> None:
        thing = reading.schema.table(table)
        if on == (("system versioning", "true") in thing.options):
            raise NotAllowed(f"{table} has its system versioning so already", table)
        if any(reading.attributed(column.at) for column in reading.schema.columns(table)):
            raise NotAllowed(f"columns of {table} tell its versions apart", table)
        _set(reading, thing, "system versioning", on=on)

    return work


def guarded_constraint(reading: Reading, cursor: Cursor, table: Address) -> Work | None:
    """Take a constraint that MariaDB adds IF NOT EXISTS, None where none comes next."""
    ahead = next((n for n in (1, 2) if cursor.word(n) == "IF" and cursor.word(n + 1) == "NOT"), 0)
    if cursor.word() not in ("CONSTRAINT", "FOREIGN") or not ahead:
        return None
    place, start = cursor.at + ahead, cursor.at
    stop = cursor.until().stop
    probe = Cursor(cursor.statement, cursor.dialect, place, stop)
    probe.need("IF", "NOT", "EXISTS")
    name = probe.identifier()[0]
    if cursor.tokens[start].text.upper() == "CONSTRAINT" and probe.word() != "CHECK":
        raise probe.refuse()  # no server takes it
    tokens = (*cursor.statement.tokens[:place], *cursor.statement.tokens[place + 3 :])
    plain = Cursor(replace(cursor.statement, tokens=tokens), cursor.dialect, start, stop - 3)
    work = constraints.table_constraint(reading, plain, table)
    if work is None:
        raise cursor.refuse()
    plain.end()
    cursor.at = stop

    def guarded() -> None:
        reading.masks.add("IF NOT EXISTS")
        if not any(
            table.child(kind, name) in reading.schema for kind in constraints.CONSTRAINT_KINDS
        ):
            work()

    return guarded


def must_not_be_keyed(reading: Reading, at: Address) -> None:
    """Raise StillNeeded where a key of MySQL's holds an expression over a column that is to go."""
    for index in reading.schema.referrers(at):
        if isinstance(index, Index) and any(
            key.expression.normal != (at,) and at in key.expression.addresses()
            for key in index.keys
        ):
            raise StillNeeded(at, index.at)


def truncated(reading: Reading, cursor: Cursor, table: Address) -> Work:
    """Take TRUNCATE PARTITION, which empties parts of a table; return what emits it."""
    said = cursor.text()
    cursor.at = cursor.stop

    def work() -> None:
        pieces = ("ALTER TABLE ", table, f" {said}")
        reading.emit(Rows("truncate", table, text=Expression(pieces, pieces)))

    return work
