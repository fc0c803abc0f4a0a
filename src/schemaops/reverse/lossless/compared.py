"""Rows kept by comparison: whatever a statement does to the rows of some tables is found out and undone.

The tables are copied, the statement is executed, and what differs is kept: rows as they were that are
gone or changed (`place`), and rows as they are that are changed or new (`now`). The way back deletes
what is new, puts back what is gone and gives back what is changed, each only where the row still holds
what the statement left.

Where nothing pairs a row with what it was (no key, or the key itself was written), the rows are put
back all together, and not at all if one of those that the statement left is no longer there as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemaops.names import Address
from schemaops.reverse.lossless.reach import Reach
from schemaops.reverse.lossless.words import ARCHIVE, Kept, Words
from schemaops.reverse.lossless.words import DIGEST as _D
from schemaops.reverse.lossless.words import NUMBER as _N
from schemaops.schema.objects import Index, Unique

__all__ = ["compared"]


@dataclass(frozen=True, slots=True)
class _Table:
    """A table, its stored columns and key (None: rows are told apart by all they hold), the columns
    in which a row may have changed, and its places: all rows before, those that are gone or changed,
    those that are changed or new; `gate` holds a row where the rows are not put back, `rest` what
    stays of a table without a key."""

    at: Address
    name: str
    columns: tuple[Address, ...]
    key: tuple[Address, ...] | None
    gated: bool
    written: tuple[Address, ...]
    had: str
    place: str
    now: str
    gate: str
    rest: str

    @property
    def others(self) -> tuple[Address, ...]:
        """The columns beside the key."""
        return tuple(at for at in self.columns if at not in (self.key or ()))


def compared(words: Words, found: Reach, dropped: frozenset[Address] = frozenset()) -> Kept:
    """Return the statement so executed that all it does to the rows that it reaches is kept; tables
    `dropped` go with their rows."""
    chosen = [_table(words, at, found) for at in found.tables]
    up: list[str] = [*words.archive()]
    copies: list[str] = []
    for one in chosen:
        names = words.chosen(one.at, one.key or (), one.others)
        if one.at in dropped:
            up.append(f"CREATE TABLE {one.place} AS SELECT {names} FROM {one.name}")
            up.append(f"CREATE TABLE {one.now} AS SELECT {names} FROM {one.name} WHERE FALSE")
            continue
        for place in (one.place, one.now):
            up.append(f"CREATE TABLE {place} AS SELECT {names} FROM {one.name} WHERE FALSE")
        if words.dialect == "mysql":
            index = words.indexed(one.key or ())
            up.append(
                f"CREATE TABLE {one.had}{index} AS SELECT {names} FROM {one.name} WHERE FALSE"
            )
            copies.append(f"INSERT INTO {one.had} SELECT {names} FROM {one.name} FOR UPDATE")
        else:
            copies += words.lock(one.at, "SHARE ROW EXCLUSIVE")
            copies.append(f"CREATE TABLE {one.had} AS SELECT {names} FROM {one.name}")
    up += copies
    up.append(words.group.text)
    left = [one for one in chosen if one.at not in dropped]
    for one in left:
        up += _what_differs(words, one)
    up += (f"DROP TABLE {one.had}" for one in left)
    return Kept(tuple(up), tuple(_back(words, chosen)))


def _table(words: Words, at: Address, found: Reach) -> _Table:
    key = words.key(at, ())
    columns = words.columns(at)
    stamped = tuple(c.at for c in words.before.columns(at) if c.on_update is not None)
    written = (*found.written[at], *stamped) if at in found.written else columns
    return _Table(
        at,
        words.name(at),
        (*(key or ()), *(one for one in columns if one not in (key or ()))),
        key,
        key is None or at in found.moving,
        tuple(one for one in columns if one in written),
        *(words.place(at) for _ in range(5)),
    )


def _what_differs(words: Words, one: _Table) -> Iterator[str]:
    names = ", ".join(map(words.q, one.columns))
    kept = ", ".join(f"kept.{words.q(at)}" for at in one.columns)
    own = ", ".join(words.as_saved(one.name, at) for at in one.columns)
    if one.key is not None:
        if words.by_rowid(one.at, one.key):
            kept, own = f"{kept}, kept.{ARCHIVE}_row", f"{own}, {one.name}.rowid"
        same = f"{words.matched(one.at, one.key)} AND {words.alike(one.at, one.columns)}"
        yield (
            f"INSERT INTO {one.place} SELECT {kept} FROM {one.had} AS kept "
            f"LEFT JOIN {one.name} ON {same} WHERE {one.name}.{_present(words, one)} IS NULL"
        )
        yield (
            f"INSERT INTO {one.now} SELECT {own} FROM {one.name} "
            f"LEFT JOIN {one.had} AS kept ON {same} WHERE kept.{_present(words, one, kept=True)} IS NULL"
        )
        return
    for to, these, others in ((one.place, one.had, one.name), (one.now, one.name, one.had)):
        yield (
            f"INSERT INTO {to} SELECT {names} FROM {words.numbered(these, one.columns)} AS one "
            f"LEFT JOIN {words.counted(others, one.columns)} AS other ON other.{_D} = one.{_D} "
            f"WHERE other.{_N} IS NULL OR one.{_N} > other.{_N}"
        )


def _present(words: Words, one: _Table, *, kept: bool = False) -> str:
    """Return a column that is NULL only where there is no row."""
    assert one.key is not None
    if not words.by_rowid(one.at, one.key):
        return words.q(one.key[0])
    return f"{ARCHIVE}_row" if kept else "rowid"


# -- the way back


def _back(words: Words, chosen: Sequence[_Table]) -> Iterator[str]:
    for one in chosen:
        yield from _made_ready(words, one)
    put: list[str] = [_judged(words, one) for one in chosen if one.gated]
    for one in reversed(chosen):
        put += _new_deleted(words, one)
    for one in chosen:
        put += words.in_any_order(one.at, (_gone_put_back(words, one),))
        if one.key is not None and not one.gated:
            put += _changed_given_back(words, one)
            if _has_other_keys(words, one):
                # What a changed row had taken until now.
                put += words.in_any_order(one.at, (_gone_put_back(words, one),))
    for one in reversed(chosen):
        # What others referred to until what refers to it was given back.
        if one.key is not None:
            put.append(_deleted(words, one, one.key))
    for one in chosen:
        put = [*words.quietly(one.at, put)]
    yield from put
    for one in chosen:
        yield from _cleared(words, one)


def _has_other_keys(words: Words, one: _Table) -> bool:
    parts, indexes = words.before.parts(one.at, Unique), words.before.parts(one.at, Index)
    return any(key.columns != one.key for key in parts) or any(index.unique for index in indexes)


def _made_ready(words: Words, one: _Table) -> Iterator[str]:
    if not one.gated:
        return
    own = ", ".join(map(words.q, one.columns))
    yield f"CREATE TABLE {one.gate} AS SELECT 1 AS {_N} FROM {one.name} WHERE FALSE"
    if one.key is None:
        yield f"CREATE TABLE {one.rest} AS SELECT {own} FROM {one.name} WHERE FALSE"


def _judged(words: Words, one: _Table) -> str:
    """Return what shuts the gate where a row that the statement left is not there as it was."""
    return (
        f"INSERT INTO {one.gate} SELECT 1 FROM {words.numbered(one.now, one.columns)} AS one "
        f"LEFT JOIN {words.counted(one.name, one.columns)} AS other ON other.{_D} = one.{_D} "
        f"WHERE (other.{_N} IS NULL OR one.{_N} > other.{_N}) "
        f"AND EXISTS (SELECT 1 FROM {one.place}) LIMIT 1"
    )


def _open(one: _Table) -> str:
    return f"NOT EXISTS (SELECT 1 FROM {one.gate})"


def _new_deleted(words: Words, one: _Table) -> Iterator[str]:
    if one.key is not None:
        yield _deleted(words, one, one.key)
        return
    # Nothing names one of several rows that are alike: all go, and what is too many comes again.
    names = ", ".join(map(words.q, one.columns))
    yield (
        f"INSERT INTO {one.rest} SELECT {', '.join(f'one.{words.q(at)}' for at in one.columns)} "
        f"FROM {words.numbered(one.name, one.columns)} AS one "
        f"JOIN {words.counted(one.now, one.columns)} AS other ON other.{_D} = one.{_D} "
        f"WHERE one.{_N} > other.{_N}"
    )
    which = f"SELECT {words.digest(one.now, one.columns)} FROM {one.now}"
    yield (
        f"DELETE FROM {one.name} WHERE {words.digest(one.name, one.columns)} IN ({which}) "
        f"AND {_open(one)}"
    )
    yield (
        f"INSERT INTO {one.name} ({names}) {words.over(one.columns)}SELECT {names} FROM {one.rest} "
        f"WHERE {_open(one)}"
    )


def _deleted(words: Words, one: _Table, key: Sequence[Address]) -> str:
    keyed = words.matched(one.at, key)
    noted = f"{keyed} AND {words.alike(one.at, one.columns)}"
    conditions = [
        f"EXISTS (SELECT 1 FROM {one.now} AS kept WHERE {noted})",
        _open(one)
        if one.gated
        else f"NOT EXISTS (SELECT 1 FROM {one.place} AS kept WHERE {keyed})",
        *words.without_children(one.at, one.now, key),
    ]
    return f"DELETE FROM {one.name} WHERE {' AND '.join(conditions)}"


def _gone_put_back(words: Words, one: _Table) -> str:
    conditions = [*words.with_parents(one.at, one.place, one.columns)]
    if one.gated:
        conditions.append(_open(one))
    if one.key is not None:
        keyed = words.keyed(one.at, one.key)
        conditions.append(f"NOT EXISTS (SELECT 1 FROM {one.name} WHERE {keyed})")
    return words.inserted(one.at, one.place, one.columns, conditions)


def _changed_given_back(words: Words, one: _Table) -> Iterator[str]:
    assert one.key is not None
    keyed = words.matched(one.at, one.key)
    columns = [at for at in one.written if at not in one.key and not words.over((at,))]
    if not columns:
        return
    since = words.matched(one.at, one.key, "since")
    untouched = (
        f"EXISTS (SELECT 1 FROM {one.now} AS since WHERE {since} AND "
        f"{words.alike(one.at, one.written, alias='since')})"
    )
    there = words.with_parents(one.at, one.place, columns, others=words.dialect == "mysql")
    condition = " AND ".join((keyed, untouched, *there))
    yield words.given_back(one.at, one.place, condition, columns)


def _cleared(words: Words, one: _Table) -> Iterator[str]:
    """Yield what takes out of the archive what was put back, so that the rest is left there."""
    if one.key is None:
        same = f"{words.digest(one.name, one.columns)} = {words.digest('kept', one.columns)}"
        there = f"SELECT 1 FROM {one.name} WHERE {same} AND {_open(one)}"
        yield words.taken_out(one.place, f"EXISTS ({there})")
        yield f"DROP TABLE {one.rest}"
        yield f"DELETE FROM {one.now}"
    else:
        keyed = words.keyed(one.at, one.key)
        pairs = words.noted(one.at, one.key)
        if one.gated:
            yield f"DELETE FROM {one.now} WHERE EXISTS (SELECT 1 FROM {one.gate})"
        else:
            noted = f"EXISTS (SELECT 1 FROM {one.place} AS since WHERE {pairs})"
            yield words.taken_out(one.now, noted)
        yield words.taken_out(one.now, f"NOT EXISTS (SELECT 1 FROM {one.name} WHERE {keyed})")
        alike = f"{keyed} AND {words.alike(one.at, one.written)}"
        yield words.taken_out(one.place, f"EXISTS (SELECT 1 FROM {one.name} WHERE {alike})")
    yield f"DROP TABLE {one.place}"
    yield f"DROP TABLE {one.now}"
    if one.gated:
        yield f"DROP TABLE {one.gate}"
