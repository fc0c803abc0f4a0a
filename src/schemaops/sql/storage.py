"""Recognise what ALTER TABLE and ALTER INDEX of PostgreSQL say about how rows are kept: storage
parameters, logging, replica identity, clustering, and a column's statistics, storage and compression."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from schemaops.names import Address, Kind
from schemaops.operations import Alter
from schemaops.schema.objects import (
    ForeignKey,
    Index,
    Options,
    PrimaryKey,
    Sequence,
    Unique,
)
from schemaops.schema.state import MissingObject
from schemaops.sql.cursor import Cursor
from schemaops.sql.options import storage_options
from schemaops.sql.parameters import must_be_of_column, must_be_of_index, must_be_of_table
from schemaops.sql.reading import Named, NotAllowed, Reading
from schemaops.sql.scope import NotUnderstood
from schemaops.sql.toast import usual_storage

__all__ = ["cluster", "column_setting", "index_setting", "settle", "table_setting"]

Work = Callable[[], None]


def table_setting(reading: Reading, cursor: Cursor, at: Address) -> Work | None:
    """Take an action of ALTER TABLE about storage; return what emits it, None where none comes next."""
    if cursor.sees("SET") and cursor.symbol(1) == "(":
        cursor.need("SET")
        given = storage_options(cursor.inside())
        must_be_of_table(given)
        return lambda: settle(reading, at, given)
    if cursor.sees("RESET") and cursor.symbol(1) == "(":
        cursor.need("RESET")
        gone: dict[str, str | None] = dict.fromkeys(_names(cursor.inside()))
        must_be_of_table(gone)
        return lambda: settle(reading, at, gone)
    if cursor.take("SET", "LOGGED"):
        return lambda: _log(reading, at, None)
    if cursor.take("SET", "UNLOGGED"):
        return lambda: _log(reading, at, "true")
    if cursor.take("SET", "TABLESPACE"):
        cursor.identifier()
        return lambda: None
    if cursor.take("SET", "WITHOUT", "OIDS"):
        return lambda: None
    if cursor.take("SET", "ACCESS", "METHOD"):
        method = cursor.identifier()[0]
        if method not in ("heap", "default"):
            raise NotUnderstood(f"access method {method} is not known")
        plain = None if method in ("heap", "default") else str(method)
        return lambda: settle(reading, at, {"access method": plain})
    if cursor.take("SET", "WITHOUT", "CLUSTER"):
        return lambda: _mark(reading, at, None, "clustered")
    if cursor.take("CLUSTER", "ON"):
        named = cursor.identifier()
        return lambda: _mark(reading, at, named, "clustered")
    if cursor.take("REPLICA", "IDENTITY"):
        return _identity(reading, cursor, at)
    return None


def _names(inner: Cursor) -> list[str]:
    found = []
    for part in inner.parts():
        found.append(".".join(name for name, _ in part.qualified()))
        part.end()
    return found


def settle(reading: Reading, at: Address, given: Mapping[str, str | None]) -> None:
    """Emit new options of an object; those that are None go."""
    thing = reading.schema.at(at)
    old: Options = thing.options  # type: ignore[union-attr]
    kept = {key: value for key, value in old if key not in given}
    kept |= {key: value for key, value in given.items() if value is not None}
    new = tuple(sorted(kept.items()))
    if new != old:
        reading.emit(Alter(at, "options", old, new))


def _log(reading: Reading, at: Address, unlogged: str | None) -> None:
    if unlogged is None:
        for key in reading.schema.parts(at, ForeignKey):
            if key.table != at and ("unlogged", "true") in reading.schema.table(key.table).options:
                raise NotAllowed(f"table {at} refers to {key.table}, which is not logged", at)
    else:
        for thing in reading.schema.referrers(at):
            if isinstance(thing, ForeignKey) and thing.table == at:
                own = reading.schema.table(Address(Kind.TABLE, thing.at.path[:-1]))
                if ("unlogged", "true") not in own.options and own.at != at:
                    raise NotAllowed(f"table {own.at} refers to {at} and is logged", at)
    settle(reading, at, {"unlogged": unlogged})
    for thing in reading.schema.referrers(at):
        if isinstance(thing, Sequence) and thing.owner is not None and at.covers(thing.owner):
            settle(reading, thing.at, {"unlogged": unlogged})


def _identity(reading: Reading, cursor: Cursor, at: Address) -> Work:
    if cursor.take("USING", "INDEX"):
        named = cursor.identifier()

        def work() -> None:
            _mark(reading, at, named, "replica identity")
            settle(reading, at, {"replica identity": "index"})

        return work
    word = cursor.one_of("DEFAULT", "FULL", "NOTHING")
    if not word:
        raise cursor.refuse()

    def plainly() -> None:
        _mark(reading, at, None, "replica identity")
        settle(reading, at, {"replica identity": None if word == "DEFAULT" else word.lower()})

    return plainly


def _mark(reading: Reading, table: Address, named: Named | None, option: str) -> None:
    """Emit that one index of a table, and no other, has an option."""
    wanted = None if named is None else _index(reading, table, named)
    for thing in reading.schema.contents(table):
        if isinstance(thing, Index | PrimaryKey | Unique) and thing.at != wanted:
            settle(reading, thing.at, {option: None})
    if wanted is not None:
        _must_serve(reading, wanted, option)
        settle(reading, wanted, {option: "true"})


def _must_serve(reading: Reading, at: Address, option: str) -> None:
    """Raise NotAllowed for an index that rows cannot be ordered, or told apart, by."""
    index = reading.schema.at(at)
    if isinstance(index, Index) and index.where is not None:
        raise NotAllowed(f"index {at} is of some rows only", at)
    if option == "clustered" or isinstance(index, PrimaryKey):
        return
    columns = list(index.columns) if isinstance(index, Unique) else []
    if isinstance(index, Index):
        whole = [key.expression.normal for key in index.keys]
        if not index.unique or any(len(one) != 1 for one in whole):
            raise NotAllowed(f"index {at} does not tell rows apart by columns", at)
        columns = [one[0] for one in whole if isinstance(one[0], Address)]
    if any(reading.schema.column(column).nullable for column in columns):
        raise NotAllowed(f"index {at} has a column that may be null", at)


def cluster(reading: Reading, cursor: Cursor) -> None:
    """Take what follows CLUSTER: rows are put in another order, and an index that is named is marked."""
    if cursor.symbol() == "(":
        cursor.inside()
    cursor.take("VERBOSE")
    if cursor.done:
        return
    at = reading.existing(cursor.qualified(), Kind.TABLE, Kind.VIEW)
    if cursor.take("USING"):
        named = cursor.identifier()
        cursor.end()
        if reading.partitioned(at):
            raise NotUnderstood(f"which indexes of the partitions of {at} are marked is not known")
        _mark(reading, at, named, "clustered")


def _index(reading: Reading, table: Address, named: Named) -> Address:
    for at in (
        Address(Kind.INDEX, (*table.path[:-1], named[0])),
        table.child(Kind.PRIMARY_KEY, named[0]),
        table.child(Kind.UNIQUE, named[0]),
    ):
        if at in reading.schema:
            reading.mention(named[1], at)
            return at
    raise MissingObject(Address(Kind.INDEX, (*table.path[:-1], named[0])))


_MOST_STATISTICS = 10_000
_COMPRESSIONS = ("pglz", "lz4")


def column_setting(reading: Reading, cursor: Cursor, table: Address, named: Named) -> Work | None:
    """Take a setting of a column; return what emits it, None where none comes next."""
    given: dict[str, str | None]
    if cursor.take("SET", "STATISTICS"):
        number = "-1" if cursor.take("DEFAULT") else cursor.number()
        if int(number) < -1:
            raise NotAllowed(f"{number} is too low for the statistics of a column")
        number = str(min(int(number), _MOST_STATISTICS))
        given = {"statistics": None if number == "-1" else number}
    elif cursor.take("SET", "STORAGE"):
        word = cursor.one_of("PLAIN", "EXTERNAL", "EXTENDED", "MAIN", "DEFAULT").lower()
        if not word:
            raise cursor.refuse()
        return lambda: _store(reading, cursor, reading.column(table, named), word)
    elif cursor.take("SET", "COMPRESSION"):
        method = cursor.identifier()[0].lower()
        if method not in ("default", *_COMPRESSIONS):
            raise NotUnderstood(f"compression method {method} is not known")
        if method != "default":
            return lambda: _compress(reading, reading.column(table, named), method)
        given = {"compression": None if method == "default" else method}
    elif cursor.sees("SET") and cursor.symbol(1) == "(":
        cursor.need("SET")
        given = dict(storage_options(cursor.inside()))
        must_be_of_column(given)
    elif cursor.sees("RESET") and cursor.symbol(1) == "(":
        cursor.need("RESET")
        given = dict.fromkeys(_names(cursor.inside()))
        must_be_of_column(given)
    else:
        return None
    return lambda: _set(reading, reading.column(table, named), given)


def _store(reading: Reading, cursor: Cursor, at: Address, word: str) -> None:
    usual = usual_storage(reading.schema.column(at).type, reading.schema)
    if usual is None:
        raise cursor.refuse()
    if usual == "plain" and word not in ("plain", "default"):
        raise NotAllowed(f"column {at} is of a type that is only stored plain", at)
    _set(reading, at, {"storage": None if word in (usual, "default") else word})


def _compress(reading: Reading, at: Address, method: str) -> None:
    if usual_storage(reading.schema.column(at).type, reading.schema) == "plain":
        raise NotAllowed(f"column {at} is of a type whose values are not compressed", at)
    _set(reading, at, {"compression": method})


def _set(reading: Reading, at: Address, given: dict[str, str | None]) -> None:
    column = reading.schema.column(at)
    kept = {key: value for key, value in column.settings if key not in given}
    kept |= {key: value for key, value in given.items() if value is not None}
    new = tuple(sorted(kept.items()))
    if new != column.settings:
        reading.emit(Alter(at, "settings", column.settings, new))


def index_setting(reading: Reading, cursor: Cursor, at: Address) -> bool:
    """Take an action of ALTER INDEX about storage; return whether one came next."""
    if cursor.take("SET", "TABLESPACE"):
        cursor.identifier()
        return True
    if cursor.sees("SET") and cursor.symbol(1) == "(":
        cursor.need("SET")
        given = storage_options(cursor.inside())
        must_be_of_index(given, _method(reading, at))
        settle(reading, at, given)
        return True
    if cursor.sees("RESET") and cursor.symbol(1) == "(":
        cursor.need("RESET")
        gone: dict[str, str | None] = dict.fromkeys(_names(cursor.inside()))
        must_be_of_index(gone, _method(reading, at))
        settle(reading, at, gone)
        return True
    return False


def _method(reading: Reading, at: Address) -> str | None:
    thing = reading.schema.at(at)
    return thing.method if isinstance(thing, Index) else None
