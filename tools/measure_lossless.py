"""Measure how lossless mode brings back the rows of real histories, and write the table of it.

``python -m tools.measure_lossless DIR… [--server URL] [--first N] [--write FILE]`` takes folders of
``NAME.up.sql``, each history on a database of its own. Before each migration rows that fit are put into
every table that holds none. Then it is gone there as lossless mode goes it, and back, and schema and rows
are compared with those before.

accepted      lossless mode takes the migration: it lists no loss of rows
rows back     of the accepted, those after which every row of every table is there again, and no more

A migration that the rows made here do not fit (they break a rule that it adds) is gone with plainer
rows, and at last with those that the history itself wrote; one that the engine refuses altogether is left
out. It prints a line a history and one for each shortfall, and exits 1 where there is one.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from schemaops.database.connect import Connection, open_database
from schemaops.database.failures import DatabaseFailure
from schemaops.database.filling import Filled, clear, fill
from schemaops.database.observe import observe
from schemaops.database.rows import RowsOf, differences, read_rows
from schemaops.database.sending import server_name
from schemaops.diff import diff
from schemaops.names import Address
from schemaops.reverse import Lossless, lossless
from schemaops.reverse.losses import COLUMN_ORDER
from schemaops.schema.objects import Table
from schemaops.schema.state import Schema
from schemaops.sql.interpret import interpret
from schemaops.sql.names import quote
from schemaops.sql.split import split
from tests.engines import Server, fresh_database, running
from tools.measure_histories import Tally, execute_migration, without_concurrently, write_table
from tools.replay_history import History, Migration, read_history, server_at

_BEGIN = "<!-- lossless: written by tools/measure_lossless.py -->"
_END = "<!-- lossless: end -->"
_HEADINGS = (
    "history",
    "engine",
    "migrations",
    "accepted",
    "accepted, rows back",
    "tables with rows",
    "statements that keep rows",
)
# With NULLs and longest values among the rows, plain ones, and none but the history's own.
_KINDS_OF_ROWS: tuple[bool | None, ...] = (True, False, None)


@dataclass
class Measured:
    """What measuring one history came to."""

    name: str
    engine: str = ""
    migrations: int = 0
    refused: int = 0
    accepted: Tally = field(default_factory=Tally)
    back: Tally = field(default_factory=Tally)
    filled: Tally = field(default_factory=Tally)
    keeping: int = 0
    shortfalls: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def row(self) -> tuple[str, ...]:
        """Return the cells of the table's row."""
        tallies = map(str, (self.accepted, self.back, self.filled))
        return (self.name, self.engine, str(self.migrations), *tallies, str(self.keeping))

    def add(self, other: Measured) -> None:
        """Count what another came to as well."""
        self.migrations += other.migrations
        self.keeping += other.keeping
        for into, tally in (
            (self.accepted, other.accepted),
            (self.back, other.back),
            (self.filled, other.filled),
        ):
            into.of += tally.of
            into.good += tally.good


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what measuring the histories comes to; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.measure_lossless")
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--server", action="append", default=[], help="a server to use")
    parser.add_argument("--dialect", help="where no manifest says it")
    parser.add_argument("--first", type=int, help="only so many migrations of each")
    parser.add_argument("--write", type=Path, help="the page to put the table into")
    asked = parser.parse_args(arguments)
    whole = Measured("**all**")
    rows = []
    fell_short = False
    with ExitStack() as stack:
        servers = {server.dialect: server for server in map(server_at, asked.server)}
        for folder in asked.folders:
            history = read_history(folder, asked.dialect)
            if history.dialect not in servers:
                servers[history.dialect] = stack.enter_context(running(history.dialect))
            found = _Measuring(history, servers[history.dialect]).run(asked.first)
            fell_short = fell_short or bool(found.shortfalls)
            rows.append(found.row())
            whole.add(found)
            print(" | ".join(rows[-1]), flush=True)
            for line in (
                *found.shortfalls,
                *(f"{n} times: {why}" for why, n in found.reasons.items()),
            ):
                print(f"    {line}", flush=True)
    if asked.write:
        write_table(asked.write, _HEADINGS, [*rows, whole.row()], _BEGIN, _END)
    return int(fell_short)


class _Measuring:
    """One history on its way through one engine."""

    def __init__(self, history: History, server: Server) -> None:
        self._history, self._server = history, server
        self._done: list[Migration] = []
        self._schema = Schema.empty(history.dialect)
        self._unfilled: set[str] = set()
        self._measured = Measured(history.name)

    def run(self, first: int | None) -> Measured:
        """Return what its migrations come to."""
        migrations = list(self._history.migrations[:first])
        while migrations:
            with self._database() as connection:
                self._measured.engine = server_name(connection)
                for migration in self._done:
                    execute_migration(connection, migration.text, migration)
                clean = True
                while migrations and clean:
                    migration = migrations.pop(0)
                    standing = self._schema
                    clean = self._there_and_back(connection, migration)
                    if not clean:
                        self._go_on(migration, standing)
                        break
                    try:
                        execute_migration(connection, migration.text, migration)
                    except DatabaseFailure:
                        clean = False
                        self._schema = standing
                        self._measured.refused += 1
                        continue
                    self._done.append(migration)
        self._measured.reasons.update(sorted(self._unfilled))
        return self._measured

    def _go_on(self, migration: Migration, standing: Schema) -> None:
        """Take a migration for done if a database without our rows lets it."""
        with self._database() as connection:
            try:
                for one in (*self._done, migration):
                    execute_migration(connection, one.text, one)
            except DatabaseFailure:
                self._schema = standing
                self._measured.refused += 1
                return
        self._done.append(migration)

    @contextmanager
    def _database(self) -> Iterator[Connection]:
        with (
            fresh_database(self._server) as url,
            open_database(url).connect(create=True) as connection,
        ):
            if self._history.dialect == "sqlite":
                connection.execute("PRAGMA foreign_keys = OFF")
            for setting in self._history.session:
                connection.execute(setting)
            yield connection

    def _there_and_back(self, connection: Connection, migration: Migration) -> bool:
        """Go a migration and its way back with rows; return whether the database is as before."""
        observed = observe(connection)
        # What was worked out may say more than a catalogue does.
        before = self._schema if self._schema == observed else observed
        read = interpret(migration.text, before, file=migration.name)
        if not any(split(migration.text, before.dialect)):
            return True
        self._schema = read.after
        measured = self._measured
        measured.migrations += 1
        if read.faults or read.blind:
            measured.accepted.count(False)
            measured.reasons["what it does to rows is not known"] += 1
            return True
        way = lossless(read.groups, before, diff, migration.name)
        lost = [loss for loss in way.losses if loss.what != COLUMN_ORDER]
        measured.accepted.count(not lost and not way.irreversible)
        measured.keeping += sum(
            1 for group, count in zip(read.groups, way.counts, strict=True) if count > 1
        )
        if lost or way.irreversible:
            measured.reasons.update(f"{one.what}: {one.why or 'not kept'}" for one in lost)
            measured.reasons.update(one.reason for one in way.irreversible)
            return True
        return self._with_rows(connection, migration, way, before, read.after)

    def _with_rows(
        self,
        connection: Connection,
        migration: Migration,
        way: Lossless,
        before: Schema,
        after: Schema,
        kinds: Sequence[bool | None] = _KINDS_OF_ROWS,
    ) -> bool:
        """Return whether the database is as before, without rows of ours."""
        tables = [at for at in _tables(before) if _is_readable(connection, at)]
        for place, edges in enumerate(kinds):
            filled = Filled()
            if edges is not None:
                filled = fill(connection, before, tables, edges=edges)
                self._unfilled.update(
                    f"no row fits {at}: {answer}" for at, answer in filled.refused.items()
                )
            stands, there, leads = self._as_filled(connection, migration, before, way, after)
            if there is None:
                return clear(connection, filled) and observe(connection) == before
            readable = [at for at in _tables(stands) if _is_readable(connection, at)]
            rows = read_rows(connection, stands, readable)
            refusal = _sent(connection, there.up)
            if refusal is None:
                for at in tables:
                    self._measured.filled.count(bool(rows.get(at)))
                said = self._back(connection, there, stands, leads, rows)
                self._measured.back.count(said is None)
                if said is not None:
                    self._measured.shortfalls.append(f"{migration.name}: {said}")
                if said is not None or not clear(connection, filled):
                    return False
                # Rows that made tables may leave them behind.
                return stands == before or observe(connection) == before
            # MySQL may have gone half of the way.
            if connection.dialect == "mysql" or not clear(connection, filled):
                with self._database() as other:
                    for one in self._done:
                        execute_migration(other, one.text, one)
                    self._with_rows(other, migration, way, before, after, kinds[place + 1 :])
                return False
        return True

    def _as_filled(
        self,
        connection: Connection,
        migration: Migration,
        before: Schema,
        way: Lossless,
        after: Schema,
    ) -> tuple[Schema, Lossless | None, Schema]:
        """Return the schema now that there are rows, the migration's way there and where it leads; None
        for the way where lossless mode does not take it any more. A trigger may make tables."""
        observed = observe(connection)
        if observed == before:
            return before, way, after
        read = interpret(migration.text, observed, file=migration.name)
        anew = lossless(read.groups, observed, diff, migration.name)
        lost = [loss for loss in anew.losses if loss.what != COLUMN_ORDER]
        if lost or anew.irreversible or read.faults or read.blind:
            self._measured.reasons["with rows the schema is another, and it is not accepted"] += 1
            return observed, None, after
        return observed, anew, read.after

    @staticmethod
    def _back(
        connection: Connection, way: Lossless, before: Schema, after: Schema, rows: RowsOf
    ) -> str | None:
        """Return what is not as it was after the way back."""
        if observe(connection) != after:
            return "the up leaves another schema"
        refusal = _sent(connection, way.down)
        if refusal is not None:
            return f"the way back fails: {refusal}"
        if observe(connection) != before:
            return "the way back restores another schema"
        for one in differences(rows, read_rows(connection, before, tuple(rows))):
            return one.said("before", "after the way back")
        return None


def _tables(schema: Schema) -> Iterator[Address]:
    return (thing.at for thing in schema if isinstance(thing, Table))


def _is_readable(connection: Connection, at: Address) -> bool:
    """Return whether its rows can be read; a column may be computed by what this server lacks."""
    name = ".".join(quote(one, connection.dialect) for one in at.path)
    try:
        connection.query(f"SELECT * FROM {name} LIMIT 1")
    except DatabaseFailure:
        return False
    return True


def _sent(connection: Connection, statements: Sequence[str]) -> str | None:
    """Return why statements were refused, which then are undone where the engine can; else None."""
    together = connection.server.transactional_ddl
    if together:
        connection.begin()
    try:
        for text in statements:
            for statement in split(text, connection.dialect):
                connection.execute(without_concurrently(statement) if together else statement.text)
        if together:
            connection.commit()
    except DatabaseFailure as failure:
        if together:
            connection.rollback()
        return failure.message
    return None


if __name__ == "__main__":
    sys.exit(main())
