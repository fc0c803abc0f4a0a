"""Measure how well real histories are understood and undone, and write the table of it.

``python -m tools.measure_histories DIR… [--server URL] [--first N] [--write FILE] [--verbose]`` takes
folders of ``NAME.up.sql`` and ``NAME.down.sql``, each history on a database of its own. For each
migration it asks three things of the engine:

interpreted   is the interpreted schema the observed one after it (a statement that is not understood
              has its effect observed, as `schemaops commit` does on a scratch database)?
reversed      does the generated reversal, executed, bring back the schema before, exactly?
by hand       does the project's own down?

It prints a line a history and one for each shortfall; `--write` puts the table between the markers of
a page. A migration that the engine itself refuses is said and left out. It exits 1 where an
interpreted schema differs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from schemaops.database.connect import Connection, open_database
from schemaops.database.failures import DatabaseFailure
from schemaops.database.observe import observe
from schemaops.database.sending import server_name
from schemaops.diff import diff
from schemaops.errors import SchemaOpsError
from schemaops.reverse import Reversal, reverse
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Effect, Fault, Interpreter, interpret
from schemaops.sql.split import Statement, split
from tests.engines import Server, fresh_database, running
from tools.replay_history import (
    History,
    Migration,
    differing,
    is_transaction,
    led_to,
    read_history,
    server_at,
    shortened,
)

_BEGIN = "<!-- histories: written by tools/measure_histories.py -->"
_END = "<!-- histories: end -->"
_HEADINGS = (
    "history",
    "engine",
    "migrations",
    "statements",
    "opaque",
    "interpreted = observed",
    "reversal exact, nothing opaque",
    "reversal exact, all",
    "own downs exact",
)


@dataclass
class Tally:
    """So many of so many."""

    of: int = 0
    good: int = 0

    def count(self, good: bool) -> None:
        """Count one more."""
        self.of += 1
        self.good += good

    def __str__(self) -> str:
        if not self.of:
            return "none"
        return f"{self.good} of {self.of} ({100 * self.good / self.of:.1f} %)"


@dataclass
class Measured:
    """What measuring one history came to."""

    history: History
    engine: str
    migrations: int = 0
    refused: int = 0
    statements: int = 0
    opaque: int = 0
    equal: Tally = field(default_factory=Tally)
    understood: Tally = field(default_factory=Tally)
    restored: Tally = field(default_factory=Tally)
    by_hand: Tally = field(default_factory=Tally)
    shortfalls: list[str] = field(default_factory=list)
    differs: bool = False

    def row(self) -> tuple[str, ...]:
        """Return the cells of the table's row."""
        counts = (self.migrations - self.refused, self.statements, self.opaque)
        tallies = (self.equal, self.understood, self.restored, self.by_hand)
        return (self.history.name, self.engine, *map(str, counts), *map(str, tallies))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what measuring the histories comes to; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.measure_histories")
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--server", action="append", default=[], help="a server to use")
    parser.add_argument("--dialect", help="where no manifest says it")
    parser.add_argument("--first", type=int, help="only so many migrations of each")
    parser.add_argument("--write", type=Path, help="the page to put the table into")
    parser.add_argument("--verbose", action="store_true", help="show how objects differ")
    asked = parser.parse_args(arguments)
    measured = []
    with ExitStack() as stack:
        servers = {server.dialect: server for server in map(server_at, asked.server)}
        for folder in asked.folders:
            history = read_history(folder, asked.dialect)
            if history.dialect not in servers:
                servers[history.dialect] = stack.enter_context(running(history.dialect))
            found = _Measuring(history, folder, servers[history.dialect], asked.verbose)
            measured.append(found.run(asked.first))
            print(" | ".join(measured[-1].row()), flush=True)
            for shortfall in measured[-1].shortfalls:
                print(f"    {shortfall}", flush=True)
    if asked.write:
        rows = [*(one.row() for one in measured), _sum(measured)]
        write_table(asked.write, _HEADINGS, rows, _BEGIN, _END)
    return int(any(one.differs for one in measured))


class _Measuring:
    """One history on its way through one engine."""

    def __init__(self, history: History, folder: Path, server: Server, verbose: bool) -> None:
        self._history, self._folder, self._server = history, folder, server
        self._verbose = verbose
        self._done: list[Migration] = []
        self._measured = Measured(history, history.dialect)

    def run(self, first: int | None) -> Measured:
        migrations = list(self._history.migrations[:first])
        schema = Schema.empty(self._history.dialect)
        while migrations:
            with self._database() as connection:
                self._measured.engine = server_name(connection)
                for migration in self._done:
                    execute_migration(connection, migration.text, migration)
                observed = observe(connection)
                schema = schema if schema == observed else observed
                while migrations:
                    migration = migrations.pop(0)
                    try:
                        schema, sound = self._measure(connection, migration, schema)
                    except DatabaseFailure as failure:
                        self._say(migration, f"the database refused it: {failure.message}")
                        self._measured.refused += 1
                        break
                    self._done.append(migration)
                    if not sound:
                        # What undoing it left behind is not the schema before: begin anew.
                        break
        return self._measured

    @contextmanager
    def _database(self) -> Iterator[Connection]:
        with (
            fresh_database(self._server) as url,
            open_database(url).connect(create=True) as connection,
        ):
            self._settle(connection)
            yield connection

    def _settle(self, connection: Connection) -> None:
        if self._history.dialect == "sqlite":
            # As SQLite has it by itself, and so these histories were written.
            connection.execute("PRAGMA foreign_keys = OFF")
        for setting in self._history.session:
            connection.execute(setting)

    def _measure(
        self, connection: Connection, migration: Migration, before: Schema
    ) -> tuple[Schema, bool]:
        measured = self._measured
        measured.migrations += 1
        after, effects, equal = self._up(connection, migration, before)
        measured.equal.count(equal)
        self._by_hand(migration, before, after, connection)
        try:
            found = interpret(migration.text, before, effects=effects, file=migration.name)
            way_back = reverse(found.groups, before, diff)
        except SchemaOpsError as error:
            self._say(migration, f"no reversal: {error.message}")
            self._count(effects, False)
            return after, True
        restored = self._down(connection, migration, way_back, before)
        self._count(effects, restored)
        self._settle(connection)
        if not restored:
            return after, False
        execute_migration(connection, migration.text, migration)
        again = observe(connection)
        if again != after:
            self._say(migration, "up again gives another schema", after, again)
        return after, again == after

    def _count(self, effects: dict[str, Effect], restored: bool) -> None:
        self._measured.restored.count(restored)
        if not effects:
            self._measured.understood.count(restored)

    def _up(
        self, connection: Connection, migration: Migration, before: Schema
    ) -> tuple[Schema, dict[str, Effect], bool]:
        """Execute an up; return the schema after it, the effects of what is opaque
        in it, and whether what is not meets the catalogue.

        Where all is understood one look at the end will do, else each statement is looked at."""
        measured = self._measured
        effects: dict[str, Effect] = {}
        equal = True
        interpreter = Interpreter(before)
        foreseen = interpret(migration.text, before, file=migration.name)
        plain = not (foreseen.opaque or foreseen.faults)
        observed = before
        with _transaction(connection, migration):
            for statement in _statements(connection, migration.text, migration):
                measured.statements += 1
                _run(connection, statement, migration)
                if plain:
                    continue
                earlier = interpreter.schema
                read = interpreter.read(statement, migration.name)
                observed = observe(connection)
                if isinstance(read, Fault):
                    equal = False
                    self._say(migration, f"refused by us: {read.error.message}")
                elif read.opaque:
                    measured.opaque += 1
                    operations = diff(earlier, observed)
                    effects[statement.text] = Effect(
                        operations, f"observed on {server_name(connection)}"
                    )
                elif observed == interpreter.schema:
                    continue
                else:
                    equal = False
                    self._say(migration, shortened(statement.text), interpreter.schema, observed)
                interpreter.continue_from(led_to(earlier, observed))
        if plain:
            observed = observe(connection)
            equal = observed == foreseen.after
            if not equal:
                self._say(migration, "interpreted otherwise", foreseen.after, observed)
        measured.differs = measured.differs or not equal
        # What was worked out may say more than a catalogue does.
        after = foreseen.after if plain else interpreter.schema
        return after if after == observed else led_to(before, observed), effects, equal

    def _down(
        self, connection: Connection, migration: Migration, way_back: Reversal, before: Schema
    ) -> bool:
        for hindrance in way_back.irreversible:
            self._say(migration, f"irreversible: {hindrance.reason}")
        try:
            for statement in way_back.statements:
                connection.execute(statement)
        except DatabaseFailure as error:
            self._say(migration, f"the reversal fails: {error.message}")
            return False
        restored = observe(connection)
        if restored != before:
            self._say(migration, "the reversal restores another schema", before, restored)
        return restored == before

    def _by_hand(
        self, migration: Migration, before: Schema, after: Schema, connection: Connection
    ) -> None:
        file = self._folder / f"{migration.name}.down.sql"
        if not file.exists():
            return
        text = file.read_text(encoding="utf-8")
        if not text.strip() and before == after:
            return
        if connection.server.transactional_ddl:
            exact = self._tried(connection, text, migration, before)
        else:
            with self._database() as other:
                for earlier in (*self._done, migration):
                    execute_migration(other, earlier.text, earlier)
                exact = _restores(other, text, migration, before)
        self._measured.by_hand.count(exact)

    @staticmethod
    def _tried(connection: Connection, text: str, migration: Migration, before: Schema) -> bool:
        connection.begin()
        try:
            return _restores(connection, text, migration, before)
        finally:
            connection.rollback()

    def _say(
        self,
        migration: Migration,
        what: str,
        expected: Schema | None = None,
        found: Schema | None = None,
    ) -> None:
        lines = [f"{migration.name}: {what}"]
        if expected is not None and found is not None:
            said = list(differing(expected, found))
            lines += [f"      {line[:600]}" for line in (said if self._verbose else said[:4])]
        self._measured.shortfalls.append("\n".join(lines))


def _restores(connection: Connection, text: str, migration: Migration, before: Schema) -> bool:
    try:
        for statement in _statements(connection, text, migration):
            connection.execute(without_concurrently(statement))
    except DatabaseFailure:
        return False
    return observe(connection) == before


def without_concurrently(statement: Statement) -> str:
    """Return a statement as it may stand in a transaction."""
    text = statement.text
    for token in reversed(statement.tokens):
        if token.text.upper() == "CONCURRENTLY":
            text = text[: token.start] + text[token.end :]
    return text


@contextmanager
def _transaction(connection: Connection, migration: Migration) -> Iterator[None]:
    if not (migration.transaction and connection.server.transactional_ddl):
        yield
        return
    connection.begin()
    yield
    connection.commit()


def _statements(connection: Connection, text: str, migration: Migration) -> Iterator[Statement]:
    within = migration.transaction and connection.server.transactional_ddl
    for statement in split(text, connection.server.dialect, file=migration.name):
        if not (within and is_transaction(statement)):
            yield statement


def _run(connection: Connection, statement: Statement, migration: Migration) -> None:
    within = migration.transaction and connection.server.transactional_ddl
    alone = within and any(token.text.upper() == "CONCURRENTLY" for token in statement.tokens)
    if alone:
        connection.commit()
    connection.execute(statement.text)
    if alone:
        connection.begin()


def execute_migration(connection: Connection, text: str, migration: Migration) -> None:
    """Execute a text as the history's own tool would, in a transaction where it says so."""
    with _transaction(connection, migration):
        for statement in _statements(connection, text, migration):
            _run(connection, statement, migration)


def write_table(
    page: Path, headings: Sequence[str], rows: Sequence[Sequence[str]], begin: str, end: str
) -> None:
    """Put a table between two markers of a page."""
    text = page.read_text(encoding="utf-8")
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(end)
    lines = (headings, ("---",) * len(headings), *rows)
    table = "\n".join(f"| {' | '.join(row)} |" for row in lines)
    page.write_text(f"{head}{begin}\n\n{table}\n\n{end}{tail}", encoding="utf-8")


def _sum(measured: Sequence[Measured]) -> tuple[str, ...]:
    whole = Measured(History("**all**", "", ()), "")
    for one in measured:
        whole.migrations += one.migrations - one.refused
        whole.statements += one.statements
        whole.opaque += one.opaque
        for into, tally in (
            (whole.equal, one.equal),
            (whole.understood, one.understood),
            (whole.restored, one.restored),
            (whole.by_hand, one.by_hand),
        ):
            into.of += tally.of
            into.good += tally.good
    return whole.row()


if __name__ == "__main__":
    sys.exit(main())
