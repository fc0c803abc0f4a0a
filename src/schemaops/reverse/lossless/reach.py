"""Which tables' rows a data statement changes: its own, and those that keys and triggers take along."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemaops.names import Address, Kind
from schemaops.operations import Rows
from schemaops.reverse.lossless.words import Words
from schemaops.schema.objects import ForeignKey, Routine, Sundry, Table, Trigger, container

__all__ = ["Reach", "reach"]

_WORD = re.compile(r"\w+")
_MOVES_ALONG = ("cascade", "set null", "set default")
_EVERY = frozenset({"insert", "update", "delete"})
# A body that builds statements, or calls what does, may write anywhere.
_UNSURE = frozenset({"execute", "perform", "prepare", "call", "dblink"})


@dataclass(frozen=True, slots=True)
class Reach:
    """Tables, parents first, whose rows may change; `moving` are those of them whose keys may, and
    `written` has the columns of those in which nothing else changes. With `sure` unset triggers may
    write elsewhere as well."""

    tables: tuple[Address, ...]
    moving: frozenset[Address]
    written: Mapping[Address, tuple[Address, ...]]
    sure: bool

    @property
    def alone(self) -> bool:
        """Whether no other table is taken along."""
        return len(self.tables) == 1


def reach(words: Words, operations: Iterable[Rows]) -> Reach:
    """Return which tables a data statement changes, and what it takes along."""
    search = _Search(words)
    for rows in operations:
        search.add(rows.table, _verbs(rows), (at for at, _ in rows.sets))
        search.call(rows)
    search.follow()
    moving = frozenset(
        at
        for at, written in search.written.items()
        if set(words.key(at, ()) or ()) & written and "update" in search.verbs[at]
    )
    written = {
        at: tuple(sorted(columns))
        for at, columns in search.written.items()
        if search.verbs[at] == {"update"} and columns and not any(words.fired(at, ("update",)))
    }
    return Reach(_parents_first(words, tuple(search.verbs)), moving, written, search.sure)


def _verbs(rows: Rows) -> frozenset[str]:
    match rows.conflict:
        case "update":
            return frozenset({"insert", "update"})
        case "replace":
            return frozenset({"insert", "delete"})
        case _:
            return frozenset({rows.verb})


class _Search:
    def __init__(self, words: Words) -> None:
        self._words = words
        self._before = words.before
        self.verbs: dict[Address, set[str]] = {}
        self.written: dict[Address, set[Address]] = {}
        self.sure = True
        self._waiting: list[Address] = []

    def add(self, table: Address, verbs: Iterable[str], written: Iterable[Address]) -> None:
        """Take note that a statement may do this to a table, some columns written by an UPDATE."""
        known, columns = self.verbs.setdefault(table, set()), self.written.setdefault(table, set())
        fresh, more = set(verbs) - known, set(written) - columns
        known |= fresh
        columns |= more
        if fresh or more:
            self._waiting.append(table)

    def follow(self) -> None:
        """Follow keys and triggers until nothing is added."""
        for table in iter(lambda: self._waiting.pop() if self._waiting else None, None):
            if isinstance(self._before.get(table), Table):
                self._follow_keys(table)
                self._meet_rules(table)
            self._follow_triggers(table)

    def _follow_keys(self, table: Address) -> None:
        verbs, written = self.verbs[table], self.written[table]
        for key in self._before.referrers(table):
            if not isinstance(key, ForeignKey) or key.table != table:
                continue
            child = container(key)
            if child is None:
                continue
            if "delete" in verbs and key.on_delete in _MOVES_ALONG:
                if key.on_delete == "cascade":
                    self.add(child, ("delete",), ())
                else:
                    self.add(child, ("update",), key.columns)
            if written & set(key.referred) and key.on_update in _MOVES_ALONG:
                self.add(child, ("update",), key.columns)

    def _meet_rules(self, table: Address) -> None:
        """Be unsure where a rule does something in place of the statement, or besides."""
        for rule in self._before.parts(table, Sundry):
            head = "".join(str(piece) for piece in rule.definition.normal[2:3]).lower()
            if rule.at.kind is Kind.RULE and any(
                f" on {one} " in head for one in self.verbs[table]
            ):
                self.sure = False

    def call(self, rows: Rows) -> None:
        """Take note of what the functions that a statement calls may do to tables."""
        called = {at for at in rows.text.addresses() if at.kind is Kind.FUNCTION}
        for routine in self._before.of_kind(Kind.FUNCTION) if called else ():
            if routine.at in called or routine.at.family in called:
                volatility = dict(getattr(routine, "options", ())).get("volatility", "volatile")
                if isinstance(routine, Routine) and volatility == "volatile":
                    self._may_change(rows.table, self._named(routine.body, own=routine.at))

    def _follow_triggers(self, table: Address) -> None:
        for trigger in self._words.fired(table, self.verbs[table]):
            self._may_change(table, self._named_in(trigger))

    def _may_change(self, table: Address, names: set[str]) -> None:
        for other in self._before.of_kind(Kind.TABLE):
            if str(other.at.name).lower() in names and isinstance(other, Table):
                every = () if other.at == table else self._words.columns(other.at)
                self.add(other.at, _EVERY, every)

    def _named_in(self, trigger: Trigger) -> set[str]:
        if trigger.function is None:
            text = "" if trigger.body is None else trigger.body.text(lambda at: str(at.name))
        else:
            function = self._before.get(trigger.function)
            text = function.body if isinstance(function, Routine) else ""
            self.sure = self.sure and isinstance(function, Routine)
        return self._named(text)

    def _named(self, text: str, own: Address | None = None) -> set[str]:
        names = {word.lower() for word in _WORD.findall(text)}
        called = {str(at.name).partition("(")[0].lower() for at in self._routines() if at != own}
        self.sure = self.sure and not names & (_UNSURE | called)
        return names

    def _routines(self) -> Iterable[Address]:
        for kind in (Kind.FUNCTION, Kind.PROCEDURE):
            yield from (one.at for one in self._before.of_kind(kind))


def _parents_first(words: Words, tables: Sequence[Address]) -> tuple[Address, ...]:
    left = sorted(tables)
    found: list[Address] = []
    while left:
        waiting = set(left)
        ready = [at for at in left if not _parents(words, at) & (waiting - {at})]
        # In a ring somebody has to begin.
        found += ready or left[:1]
        left = [at for at in left if at not in found]
    return tuple(found)


def _parents(words: Words, table: Address) -> set[Address]:
    return {key.table for key in words.before.parts(table, ForeignKey)}
