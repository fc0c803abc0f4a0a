"""The archive: where a database in lossless mode keeps what was taken away, until it is purged.

What is kept is told by the catalogue, where it comes from by the ledger: the texts that it has as
executed name each place, and reverting by the same texts puts back what is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from schemaops.database.ledger import Entry
from schemaops.database.sessions import Connection
from schemaops.names import ARCHIVE
from schemaops.plan.steps import MoveKind
from schemaops.sql.split import split

__all__ = [
    "ARCHIVE",
    "Kept",
    "NotPutBack",
    "dropped",
    "is_kept",
    "kept",
    "left_over",
    "places_in",
    "purge",
    "sorted_out",
]

_NAME = r'(?:"(?:[^"]|"")+"|`[^`]+`|[\w$]+)'
_PATH = rf"{_NAME}(?:\.{_NAME})*"
_PLACE = re.compile(rf"\b{ARCHIVE}[._](\w+)")
_COPIED = re.compile(
    rf"CREATE TABLE {ARCHIVE}[._](\w+)(?: \(KEY [^)]*\)\))? AS SELECT .*? FROM ({_PATH})(?= WHERE|;|\Z)",
    re.DOTALL,
)
_MOVED_OFF = re.compile(
    rf"ALTER TABLE ({_PATH}) SET SCHEMA {ARCHIVE};\s+ALTER TABLE {ARCHIVE}\.{_NAME} RENAME TO (\w+)"
)
_RENAMED = re.compile(rf"ALTER TABLE ({_PATH}) RENAME TO {ARCHIVE}_(\w+)")
_RECENT = 3
_DROPPED = re.compile(rf"DROP TABLE {ARCHIVE}[._](\w+)\Z")
_SORTED_OUT = re.compile(
    rf"DELETE (?:kept )?FROM {ARCHIVE}[._](\w+) AS kept WHERE "
    rf"(?:NOT )?EXISTS \(SELECT 1 FROM ({_PATH}) WHERE (.*)\)\Z",
    re.DOTALL,
)
_BY_KEY = re.compile(rf"kept\.(?!{ARCHIVE}_row\b)({_NAME})(?:::[^\s=]+)? (?:=|IS) ")
_AGAIN = re.compile(r"_\d+\Z")
_TOLD_ROWS = 1000


@dataclass(frozen=True, slots=True)
class NotPutBack:
    """Rows that a revert left in the archive, because others wrote to them meanwhile: where they
    are, the table they are of, how many, and the keys of the first of them."""

    place: str
    table: str
    count: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """Something in the archive: its place, the object it comes from and the row of the ledger that
    put it there (None: nobody knows), its rows as far as known and its size in bytes.

    `needed` says that a revert of the revision would put it back, `recent` that this is one of the
    last that were applied. `left` are the rows that a revert could not put back, and left there;
    `entry` is then that revert's.
    """

    place: str
    table: str | None
    whole: bool
    entry: Entry | None
    rows: int | None
    size: int | None
    needed: bool
    recent: bool
    left: NotPutBack | None = None


def kept(connection: Connection, entries: Sequence[Entry], applied: Sequence[Entry]) -> list[Kept]:
    """Return what the archive holds, the oldest first."""
    standing = {entry.number for entry in applied}
    last = {entry.number for entry in applied[-_RECENT:]}
    told: dict[str, tuple[str, bool, Entry]] = {}
    for entry in entries:
        if entry.fact.kind is not MoveKind.REVERT:
            told |= {place: (table, whole, entry) for place, table, whole in _told(entry.fact.up)}
    found = []
    for place, rows, size in _places(connection):
        its = told.get(place) or told.get(_AGAIN.sub("", place))
        table, whole, by = its or (None, False, None)
        number = -1 if by is None else by.number
        needed, recent = number in standing, number in last
        left = None
        if place not in told and by is not None:
            # What a revert left there is put back by none.
            needed = recent = False
            left = _left(connection, place, table or "", by)
            reverts = [one for one in entries if _reverts(one, by)]
            by = reverts[-1] if reverts else by
            rows = left.count
        found.append(Kept(place, table, whole, by, rows, size, needed, recent, left))
    return sorted(found, key=lambda one: (one.entry.number if one.entry else 0, one.place))


def is_kept(connection: Connection, place: str) -> bool:
    """Return whether there is something at a place of the archive."""
    return any(one == place for one, _, _ in _places(connection))


def places_in(text: str) -> frozenset[str]:
    """Return the places of the archive that statements name."""
    return frozenset(_PLACE.findall(text))


def purge(connection: Connection, places: Iterable[str]) -> None:
    """Take what is at these places away for good."""
    separator = "." if connection.dialect == "postgres" else "_"
    for place in places:
        connection.execute(f"DROP TABLE {ARCHIVE}{separator}{place}")


def sorted_out(statements: Iterable[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the places out of which what was put back is taken, with the table that the rows are
    of and the columns of its key: what remains there could not be put back."""
    found = {}
    for text in statements:
        if match := _SORTED_OUT.match(text):
            found[match[1]] = match[2], tuple(dict.fromkeys(_BY_KEY.findall(match[3])))
    return found


def dropped(text: str) -> str | None:
    """Return the place that a statement drops, if it drops one."""
    match = _DROPPED.match(text)
    return match[1] if match else None


def left_over(
    connection: Connection, place: str, table: str, key: Sequence[str]
) -> NotPutBack | None:
    """Return the rows that remain at a place, which is set aside so that the revision can be
    applied again; None where there are none."""
    separator = "." if connection.dialect == "postgres" else "_"
    name = f"{ARCHIVE}{separator}{place}"
    ((count,),) = connection.query(f"SELECT count(*) FROM {name}")
    if not count:
        return None
    taken = {one for one, _, _ in _places(connection)}
    number = next(n for n in range(1, len(taken) + 2) if f"{place}_{n}" not in taken)
    aside = f"{place}_{number}"
    said = aside if connection.dialect == "postgres" else f"{ARCHIVE}_{aside}"
    connection.execute(f"ALTER TABLE {name} RENAME TO {said}")
    return _not_put_back(connection, aside, table, key)


def _not_put_back(connection: Connection, place: str, table: str, key: Sequence[str]) -> NotPutBack:
    separator = "." if connection.dialect == "postgres" else "_"
    name = f"{ARCHIVE}{separator}{place}"
    ((count,),) = connection.query(f"SELECT count(*) FROM {name}")
    columns = ", ".join(key) or "*"
    order = f" ORDER BY {columns}" if key else ""
    rows = connection.query(f"SELECT {columns} FROM {name}{order} LIMIT {_TOLD_ROWS}")
    return NotPutBack(place, table, int(count), tuple(", ".join(map(_shown, row)) for row in rows))


def _left(connection: Connection, place: str, table: str, by: Entry) -> NotPutBack:
    texts = (one.text for one in split(by.fact.down, connection.dialect))
    _, key = sorted_out(texts).get(_AGAIN.sub("", place), (table, ()))
    return _not_put_back(connection, place, table, key)


def _reverts(entry: Entry, applied: Entry) -> bool:
    same = entry.fact.revision == applied.fact.revision
    return same and entry.fact.kind is MoveKind.REVERT


def _shown(value: object) -> str:
    return "NULL" if value is None else str(value)


def _told(up: str) -> Iterator[tuple[str, str, bool]]:
    for match in _COPIED.finditer(up):
        yield match[1], match[2], False
    for pattern in (_MOVED_OFF, _RENAMED):
        for match in pattern.finditer(up):
            yield match[2], match[1], True


def _places(connection: Connection) -> list[tuple[str, int | None, int | None]]:
    match connection.dialect:
        case "postgres":
            rows = connection.query(
                "SELECT c.relname::text, CASE WHEN c.reltuples < 0 THEN NULL "
                "ELSE c.reltuples::bigint END, pg_total_relation_size(c.oid) "
                "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
                f"ON n.oid = c.relnamespace WHERE n.nspname = '{ARCHIVE}' AND c.relkind IN ('r', 'p')"
            )
        case "mysql":
            rows = connection.query(
                "SELECT table_name, table_rows, data_length + index_length "
                "FROM information_schema.tables WHERE table_schema = DATABASE() "
                f"AND table_name LIKE '{ARCHIVE.replace('_', chr(92) + '_')}\\_%'"
            )
        case _:
            rows = _sqlite_places(connection)
    start = 0 if connection.dialect == "postgres" else len(ARCHIVE) + 1
    return [
        (
            str(name)[start:],
            None if count is None else int(count),
            None if size is None else int(size),
        )
        for name, count, size in rows
    ]


def _sqlite_places(connection: Connection) -> list[tuple[str, int, None]]:
    names = connection.query(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, ?) = ?",
        (len(ARCHIVE) + 1, f"{ARCHIVE}_"),
    )
    return [
        (name, int(connection.query(f'SELECT count(*) FROM "{name}"')[0][0]), None)
        for (name,) in names
    ]
