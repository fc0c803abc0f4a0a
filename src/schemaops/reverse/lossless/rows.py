"""Rows that a data statement changes: only those it touches are copied where its text tells which.

Otherwise (another table decides, a cascade, an upsert, a limit) what it did is found by comparison.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemaops.names import Address, Kind
from schemaops.operations import Rows
from schemaops.reverse.lossless.compared import compared
from schemaops.reverse.lossless.reach import Reach, reach
from schemaops.reverse.lossless.words import Kept, NotKept, Words
from schemaops.reverse.rows import deletion
from schemaops.schema.objects import Table

__all__ = ["kept_rows"]

_CALL = re.compile(r"\b(\w+)\s*\(")
_NO_CALLS = frozenset({"in", "and", "or", "not", "values", "any", "all", "like", "between", "is"})
_STABLE = frozenset(
    {"lower", "upper", "length", "coalesce", "abs", "trim", "substr", "substring", "left", "right"}
    | {"nullif", "round", "replace", "concat", "char_length", "ifnull", "mod", "cast"}
)
_MOMENT = re.compile(r"\b(current_\w+|localtime\w*|limit|order|returning)\b", re.IGNORECASE)


def kept_rows(words: Words, operations: Sequence[Rows]) -> Kept | NotKept:
    """Return a data statement so executed that all it does to rows is kept."""
    found = reach(words, operations)
    for at in found.tables:
        if not isinstance(words.before.get(at), Table):
            return NotKept(f"{at} is no table")
        if words.has_heirs(at):
            return NotKept(f"other tables inherit from {at}")
        if not words.columns(at):
            return NotKept(f"{at} has no columns")
    keeper = _Keeper(words, found)
    kept = keeper.keep(operations)
    noted, back = keeper.restarted(operations)
    if noted:
        kept = Kept((*words.archive(), *noted, *kept.up), (*kept.down, *back))
    return Kept(kept.up, kept.down, found.sure)


class _Keeper:
    """Chooses the cheapest way for one statement."""

    def __init__(self, words: Words, found: Reach) -> None:
        self._words = words
        self._before = words.before
        self._dialect = words.dialect
        self._found = found

    def keep(self, operations: Sequence[Rows]) -> Kept:
        """Return the statement so executed that what it does to rows is kept."""
        if len(operations) == 1 and self._found.alone and not self._found.moving:
            (rows,) = operations
            kept = self._by_its_text(rows)
            if kept is not None:
                return kept
        return compared(self._words, self._found)

    def _by_its_text(self, rows: Rows) -> Kept | None:
        if rows.conflict is not None or self._is_fired(rows):
            return None
        match rows.verb:
            case "insert":
                return self._inserted(rows)
            case "update" if self._is_told(rows):
                return self._updated(rows)
            case "delete" | "truncate" if self._is_told(rows):
                return self._deleted(rows)
            case _:
                return None

    def _is_fired(self, rows: Rows) -> bool:
        return any(self._words.fired(rows.table, (rows.verb,)))

    def _is_told(self, rows: Rows) -> bool:
        """Whether the statement's condition alone says which rows it changes, at any moment."""
        if self._reads_others(rows) or _MOMENT.search(self._words.group.text):
            return False
        said = "" if rows.where is None else rows.where.text(self._words.spelled)
        calls = {word.lower() for word in _CALL.findall(said)}
        return calls <= _NO_CALLS | _STABLE

    def _reads_others(self, rows: Rows) -> bool:
        return any(at.kind is not Kind.COLUMN and at != rows.table for at in rows.reads) or any(
            at.kind is Kind.COLUMN and at.path[:-1] != rows.table.path for at in rows.reads
        )

    # -- rows that are added

    def _inserted(self, rows: Rows) -> Kept | None:
        words = self._words
        key = words.key(rows.table, ())
        told = deletion(rows, self._before)
        if key is None:
            return None
        table, place = words.name(rows.table), words.place(rows.table)
        columns = [at for at in words.columns(rows.table) if at not in key]
        names = words.chosen(rows.table, key, columns)
        made = f"CREATE TABLE {place} AS SELECT {names} FROM {table}"
        note = f"INSERT INTO {place} SELECT {names} FROM {table}"
        keyed = words.matched(rows.table, key)
        up: tuple[str, ...]
        if told is not None:
            # Its own text says by which keys the rows are found.
            where = self._where(told)
            if self._dialect == "mysql":
                up = (f"{made} WHERE FALSE", words.group.text, f"{note}{where}")
            else:
                up = (words.group.text, f"{made}{where}")
        else:
            known = words.place(rows.table)
            added = f"NOT EXISTS (SELECT 1 FROM {known} AS kept WHERE {keyed})"
            began, copied = self._copied(
                rows.table, known, words.chosen(rows.table, key, ()), "", words.indexed(key)
            )
            if self._dialect == "mysql":
                # Noted in the transaction that adds the rows: every CREATE TABLE ends one.
                began += (f"{made} WHERE FALSE",)
                up = (*began, *copied, words.group.text, f"{note} WHERE {added}")
            else:
                up = (*began, *copied, words.group.text, f"{made} WHERE {added}")
            up += (f"DROP TABLE {known}",)
        alike = words.alike(rows.table, columns)
        same = " AND ".join([keyed, *([alike] if alike else [])])
        there = f"EXISTS (SELECT 1 FROM {place} AS kept WHERE {same})"
        free = words.without_children(rows.table, place, key)
        delete = f"DELETE FROM {table} WHERE {' AND '.join((there, *free))}"
        return Kept(
            (*words.archive(), *up),
            (
                *words.quietly(rows.table, [delete]),
                words.taken_out(place, f"NOT EXISTS (SELECT 1 FROM {table} WHERE {keyed})"),
                f"DROP TABLE {place}",
            ),
        )

    # -- rows that change

    def _updated(self, rows: Rows) -> Kept | None:
        words = self._words
        written = [at for at, _ in rows.sets]
        key = words.key(rows.table, written)
        if key is None or not written:
            return None
        stamped = [c.at for c in self._before.columns(rows.table) if c.on_update is not None]
        written += [at for at in stamped if at not in (*written, *key)]
        table, place = words.name(rows.table), words.place(rows.table)
        new = words.new_names(key, written)
        names = words.chosen(rows.table, key, written)
        names += "".join(f", {words.saved(at, name)}" for at, name in new.items())
        began, copied = self._copied(rows.table, place, names, self._where(rows))
        keyed = words.matched(rows.table, key)
        if self._dialect == "mysql":
            sets = ", ".join(f"kept.{name} = {table}.{words.q(at)}" for at, name in new.items())
            # The copy of a column that is stamped on every update is stamped as well.
            sets += "".join(
                f", kept.{words.q(at)} = kept.{words.q(at)}" for at in written if at in stamped
            )
            noted = f"UPDATE {place} AS kept JOIN {table} ON {keyed} SET {sets}"
        else:
            sets = ", ".join(f"{name} = {words.as_saved(table, at)}" for at, name in new.items())
            noted = f"UPDATE {place} AS kept SET {sets} FROM {table} WHERE {keyed}"
        untouched = f"{keyed} AND {words.alike(rows.table, written, new)}"
        there = words.with_parents(rows.table, place, written, others=True)
        back = f"{keyed} AND {words.alike(rows.table, written)}"
        return Kept(
            (*words.archive(), *began, *copied, words.group.text, noted),
            (
                *words.put_back(rows.table, place, " AND ".join((untouched, *there)), written),
                words.taken_out(place, f"EXISTS (SELECT 1 FROM {table} WHERE {back})"),
                f"DROP TABLE {place}",
            ),
        )

    # -- rows that go

    def _deleted(self, rows: Rows) -> Kept | None:
        words = self._words
        if rows.verb == "truncate" and self._dialect == "mysql":
            return self._emptied(rows)
        place = words.place(rows.table)
        columns = words.columns(rows.table)
        names = ", ".join(map(words.saved, columns))
        began, copied = self._copied(rows.table, place, names, self._where(rows))
        up = (*words.archive(), *began, *copied, words.group.text)
        return Kept(up, self._put_again(rows.table, place, columns))

    def _put_again(self, at: Address, place: str, columns: Sequence[Address]) -> tuple[str, ...]:
        words, table = self._words, self._words.name(at)
        key = words.key(at, ())
        there = [*words.with_parents(at, place, columns)]
        if key is None:
            # Nothing tells whether a row stands again: all are put back.
            put = words.inserted(at, place, columns, there)
            same = f"{words.digest(table, columns)} = {words.digest('kept', columns)}"
        else:
            keyed = words.keyed(at, key)
            taken = f"NOT EXISTS (SELECT 1 FROM {table} WHERE {keyed})"
            late = [taken] if words.checked_late(at) else []
            put = words.inserted(at, place, columns, [*late, *there])
            alike = words.alike(at, [column for column in columns if column not in key])
            same = " AND ".join(one for one in (keyed, alike) if one)
        return (
            *words.quietly(at, words.in_any_order(at, (put,))),
            words.taken_out(place, f"EXISTS (SELECT 1 FROM {table} WHERE {same})"),
            f"DROP TABLE {place}",
        )

    def _emptied(self, rows: Rows) -> Kept | None:
        """Return MySQL's TRUNCATE, which ends a transaction, as a DELETE within one."""
        words = self._words
        if any(words.fired(rows.table, ("delete",))) or any(words.referring(rows.table)):
            return None
        table, place = words.name(rows.table), words.place(rows.table)
        columns = words.columns(rows.table)
        names = ", ".join(map(words.saved, columns))
        began, copied = self._copied(rows.table, place, names, "")
        counts = any(column.auto_increment for column in self._before.columns(rows.table))
        anew = (f"ALTER TABLE {table} AUTO_INCREMENT = 1",) if counts else ()
        up = (*began, *copied, f"DELETE FROM {table}", *anew)
        return Kept(up, self._put_again(rows.table, place, columns))

    # -- what others write meanwhile

    def _copied(
        self, table: Address, place: str, names: str, where: str, index: str = ""
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return what makes a place, and what copies rows into it so that nobody changes them
        before the statement does."""
        name = self._words.name(table)
        if self._dialect == "mysql":
            # Every CREATE TABLE ends a transaction, so the copy is made within the statement's own.
            copy = f"CREATE TABLE {place}{index} AS SELECT {names} FROM {name} WHERE FALSE"
            filled = f"INSERT INTO {place} SELECT {names} FROM {name}{where} FOR UPDATE"
            return (copy,), (filled,)
        copy = f"CREATE TABLE {place} AS SELECT {names} FROM {name}{where}"
        return (), (*self._words.lock(table, "SHARE ROW EXCLUSIVE"), copy)

    def _where(self, rows: Rows) -> str:
        if rows.where is None:
            return ""
        return f" WHERE {rows.where.text(self._words.spelled)}"

    def restarted(self, operations: Sequence[Rows]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return what notes how far the sequences had come that a TRUNCATE restarts, and what brings
        them there again."""
        if "restart identity" not in " ".join(self._words.group.text.lower().split()):
            return (), ()
        emptied = [rows.table for rows in operations if rows.verb == "truncate"]
        return self._words.counting(c for at in emptied for c in self._before.columns(at))
