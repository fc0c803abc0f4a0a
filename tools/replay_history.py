"""Replay histories on a database and in the interpreter, and compare the two after each statement.

``python -m tools.replay_history DIR… [--url URL] [--limit N] [--differences N]`` takes folders of
``NAME.up.sql`` files; a ``manifest.json`` in or above the folder may say the dialect, the order, and
what must run outside a transaction. Each migration runs on a database of its own history, statement
by statement; where a statement is opaque the interpreter continues from what the database then
holds, and after a difference too, so that every statement is judged by itself. It prints a line a
history, and for each difference the statement and the objects. It exits 1 where there is one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemaops.database.connect import Connection, open_database
from schemaops.database.failures import DatabaseFailure
from schemaops.database.observe import observe
from schemaops.diff import diff
from schemaops.errors import SchemaOpsError
from schemaops.schema.state import Schema
from schemaops.sql.interpret import Fault, Interpreter
from schemaops.sql.split import Statement, split
from tests.engines import Server, fresh_database, running

_SHOWN = 160
_DRIVERS = {
    "postgresql": ("postgres", "postgresql+psycopg"),
    "mysql": ("mysql", "mysql+pymysql"),
    "mariadb": ("mysql", "mysql+pymysql"),
    "sqlite": ("sqlite", "sqlite"),
}


@dataclass(frozen=True)
class Migration:
    """One file of a history."""

    name: str
    text: str
    transaction: bool = True


@dataclass(frozen=True)
class History:
    """A folder of migrations, in order."""

    name: str
    dialect: str
    migrations: tuple[Migration, ...]
    session: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """A statement after which the two differ, and how."""

    migration: str
    statement: str
    how: tuple[str, ...]


@dataclass
class Outcome:
    """What replaying a history came to."""

    history: History
    migrations: int = 0
    equal: int = 0
    statements: int = 0
    opaque: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    refused: str | None = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what replaying the histories comes to; return the exit code."""
    parser = argparse.ArgumentParser(prog="replay_history", description=__doc__.split("\n")[0])
    parser.add_argument("directories", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--url", help="an administrator's URL of the server to use")
    parser.add_argument("--dialect", help="where no manifest says it")
    parser.add_argument("--limit", type=int, help="only the first N migrations")
    parser.add_argument("--differences", type=int, default=10, help="how many to show (10)")
    parser.add_argument("--opaque", action="store_true", help="show what was not understood")
    options = parser.parse_args(arguments)
    outcomes = []
    with ExitStack() as stack:
        read = (read_history(directory, options.dialect) for directory in options.directories)
        for history, server in with_servers(stack, read, options.url):
            outcome = replay(history, server, options.limit)
            outcomes.append(outcome)
            print(_line(outcome), flush=True)
            for difference in outcome.differences[: options.differences]:
                print(_shown(difference), flush=True)
            if options.opaque:
                for statement in outcome.opaque:
                    print(f"    opaque: {shortened(statement)}")
    return 1 if any(outcome.differences or outcome.refused for outcome in outcomes) else 0


def read_history(directory: Path, dialect: str | None = None) -> History:
    """Return the history in a folder, as its manifest has it, or else by the names of its files."""
    entry = _manifest(directory)
    names = [path.name.removesuffix(".up.sql") for path in sorted(directory.glob("*.up.sql"))]
    files = entry.get("files") or [{"file": name} for name in names]
    migrations = tuple(
        Migration(
            file["file"],
            (directory / f"{file['file']}.up.sql").read_text(encoding="utf-8"),
            not file.get("no_transaction"),
        )
        for file in files
    )
    found = dialect or entry.get("dialect")
    if found is None:
        raise SystemExit(f"{directory}: --dialect, since no manifest says it")
    return History(directory.name, found, migrations, tuple(entry.get("session", ())))


def _manifest(directory: Path) -> dict[str, Any]:
    for place in (directory, directory.parent):
        file = place / "manifest.json"
        if file.exists():
            given = json.loads(file.read_text(encoding="utf-8"))
            entries = given if isinstance(given, list) else [given]
            for entry in entries:
                if entry.get("name", directory.name) == directory.name:
                    return dict(entry)
    return {}


def with_servers(
    stack: ExitStack, histories: Iterable[History], url: str | None
) -> Iterator[tuple[History, Server]]:
    """Yield histories, each with a server of its dialect: that of the URL, or a new one a dialect."""
    servers: dict[str, Server] = {}
    for history in histories:
        if history.dialect not in servers:
            servers[history.dialect] = (
                server_at(url) if url else stack.enter_context(running(history.dialect))
            )
        yield history, servers[history.dialect]


def server_at(url: str) -> Server:
    """Return the server that an administrator's URL names."""
    from sqlalchemy.engine import make_url

    address = make_url(url)
    dialect, driver = _DRIVERS[address.get_backend_name()]
    return Server(dialect, address.set(drivername=driver), lambda: None)


def replay(history: History, server: Server, limit: int | None = None) -> Outcome:
    """Return what replaying a history on a new database of the server comes to."""
    outcome = Outcome(history)
    with (
        fresh_database(server) as url,
        open_database(url).connect(create=True) as connection,
    ):
        schema = Schema.empty(history.dialect)
        for setting in history.session:
            connection.execute(setting)
        for migration in history.migrations[:limit]:
            differed = len(outcome.differences)
            try:
                schema = _replay(migration, connection, schema, outcome)
            except DatabaseFailure as failure:
                outcome.refused = f"{migration.name}: {failure.message}"
                break
            outcome.migrations += 1
            outcome.equal += len(outcome.differences) == differed
    return outcome


def _replay(
    migration: Migration, connection: Connection, schema: Schema, outcome: Outcome
) -> Schema:
    interpreter = Interpreter(schema)
    transacted = migration.transaction and connection.server.transactional_ddl
    if transacted:
        connection.begin()
    for statement in split(migration.text, schema.dialect, file=migration.name):
        if transacted and is_transaction(statement):
            continue
        outcome.statements += 1
        before = interpreter.schema
        read = interpreter.read(statement, migration.name)
        alone = transacted and any(t.text.upper() == "CONCURRENTLY" for t in statement.tokens)
        try:
            if alone:
                connection.commit()
            connection.execute(statement.text)
            if alone:
                connection.begin()
        except DatabaseFailure as failure:
            if isinstance(read, Fault):
                raise
            how = (f"the database refused it: {failure.message}",)
            outcome.differences.append(Difference(migration.name, statement.text, how))
            raise
        observed = observe(connection)
        if isinstance(read, Fault):
            how = (f"we refused it: {read.error.message}",)
            outcome.differences.append(Difference(migration.name, statement.text, how))
        elif read.opaque:
            outcome.opaque.append(statement.text)
        elif observed == interpreter.schema:
            continue
        else:
            how = tuple(differing(interpreter.schema, observed))
            outcome.differences.append(Difference(migration.name, statement.text, how))
        interpreter.continue_from(led_to(before, observed))
    if transacted:
        connection.commit()
    return interpreter.schema


def led_to(before: Schema, observed: Schema) -> Schema:
    """Return what was observed, with the objects that did not change as they were interpreted:
    those may say more than a catalogue does."""
    try:
        for operation in diff(before, observed):
            before = operation.apply(before)
    except SchemaOpsError:
        return observed
    return before if before == observed else observed


_TRANSACTIONS = frozenset({"BEGIN", "COMMIT", "START", "END", "ROLLBACK"})


def is_transaction(statement: Statement) -> bool:
    """Return whether a statement begins or ends a transaction."""
    return statement.tokens[0].text.upper() in _TRANSACTIONS


def differing(interpreted: Schema, observed: Schema) -> Iterator[str]:
    """Yield, for each object in which two schemas differ, what either says of it."""
    both = {thing.at for thing in (*interpreted, *observed)}
    for at in sorted(both):
        if interpreted.digest_at(at) != observed.digest_at(at):
            yield f"interpreted {interpreted.get(at)}"
            yield f"observed    {observed.get(at)}"


def _line(outcome: Outcome) -> str:
    kinds = Counter(" ".join(text.split()[:2]).upper() for text in outcome.opaque)
    most = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common(4))
    return (
        f"{outcome.history.name}: {outcome.migrations} migrations, {outcome.equal} equal, "
        f"{outcome.statements} statements, {len(outcome.opaque)} opaque"
        + (f" ({most})" if most else "")
        + f", {len(outcome.differences)} differ"
        + (f"; stopped at {outcome.refused}" if outcome.refused else "")
    )


def _shown(difference: Difference) -> str:
    lines = "".join(f"\n      {line}" for line in difference.how[:6])
    return f"    {difference.migration}: {shortened(difference.statement)}{lines}"


def shortened(text: str) -> str:
    """Return a statement on one line that fits a screen."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else f"{flat[:_SHOWN]}…"


if __name__ == "__main__":
    sys.exit(main())
