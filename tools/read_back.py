"""Ask whether what histories end in is one schema, however it is read, and write the table of it.

``python -m tools.read_back DIR… [--server URL] [--write FILE]`` takes folders of ``NAME.up.sql``, runs
each history on a database of its own and compares three answers of ``schemaops schema SPEC --json``:

the database    what the engine's catalogue shows (``schemaops schema URL``)
the files       all migrations as one script, interpreted (``schemaops schema file:…``)
the dump        what the engine's own tool writes of the database, interpreted

It prints a line a history and the objects that differ, and exits 1 where one does. A history with
statements that are not understood, and changed something, has no such answer from its files.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from schemaops.database.connect import Connection, open_database
from schemaops.database.failures import DatabaseFailure
from schemaops.database.sending import server_name
from tests.engines import Server, fresh_database, running
from tools.measure_histories import execute_migration, write_table
from tools.replay_history import History, Migration, read_history, server_at

_BEGIN = "<!-- read back: written by tools/read_back.py -->"
_END = "<!-- read back: end -->"
_HEADINGS = ("history", "engine", "objects", "from the files", "from the engine's own dump")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how each history's end is read; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.read_back")
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--server", action="append", default=[], help="a server to use")
    parser.add_argument("--dialect", help="where no manifest says it")
    parser.add_argument("--write", type=Path, help="the page to put the table into")
    asked = parser.parse_args(arguments)
    rows, differs = [], False
    with ExitStack() as stack:
        servers = {server.dialect: server for server in map(server_at, asked.server)}
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for folder in asked.folders:
            history = read_history(folder, asked.dialect)
            if history.dialect not in servers:
                servers[history.dialect] = stack.enter_context(running(history.dialect))
            row, unlike = _read(history, servers[history.dialect], work)
            rows.append(row)
            differs = differs or bool(unlike)
            print(" | ".join(row), flush=True)
            for line in unlike:
                print(f"    {line}", flush=True)
    if asked.write:
        write_table(asked.write, _HEADINGS, rows, _BEGIN, _END)
    return int(differs)


def _read(history: History, server: Server, work: Path) -> tuple[tuple[str, ...], list[str]]:
    script, dump = work / "history.sql", work / "dump.sql"
    taken = list(history.migrations)
    while True:
        with fresh_database(server) as url:
            with open_database(url).connect(create=True) as connection:
                engine = server_name(connection)
                refused = _refused(connection, history.session, taken)
            if refused is None:
                dump.write_text(dumped(url, server.dialect), encoding="utf-8")
                observed = _asked(url, server.dialect)
                break
        # Half of it may have been carried out: begin anew, without it.
        taken.remove(refused)
    parts = [*history.session, *(migration.text for migration in taken)]
    script.write_text("\n;\n".join([*parts, ""]), encoding="utf-8")
    unlike: list[str] = []
    cells = []
    for file in (script, dump):
        found = _asked(f"file:{file}", server.dialect)
        opaque = len(found["opaque"])
        if found["fingerprint"] == observed["fingerprint"]:
            cells.append(f"equal, {opaque} opaque" if opaque else "equal")
        elif opaque:
            cells.append(f"none, {opaque} opaque")
        else:
            cells.append("differs")
            unlike += [f"{file.stem}: {line}" for line in _unlike(observed, found)]
    return (history.name, engine, str(len(observed["objects"])), *cells), unlike


def _refused(
    connection: Connection, session: Sequence[str], migrations: Sequence[Migration]
) -> Migration | None:
    """Execute migrations; return the first that the engine refuses."""
    for setting in session:
        connection.execute(setting)
    for migration in migrations:
        try:
            execute_migration(connection, migration.text, migration)
        except DatabaseFailure:
            return migration
    return None


def _asked(spec: str, dialect: str) -> dict[str, Any]:
    words = [sys.executable, "-m", "schemaops", "schema", spec, "--json"]
    if spec.startswith("file:"):
        words += ["--dialect", dialect]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    if found.returncode:
        raise SystemExit(f"schemaops schema: {found.stderr or found.stdout}")
    answer: dict[str, Any] = json.loads(found.stdout)
    return answer


def _unlike(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    sides = [
        {json.dumps(shown, sort_keys=True) for shown in said["objects"]} for said in (one, other)
    ]
    lines = [f"- {line}" for line in sorted(sides[0] - sides[1])]
    return lines + [f"+ {line}" for line in sorted(sides[1] - sides[0])]


def dumped(url: str, dialect: str) -> str:
    """Return what the engine's own program writes of a database's schema; raise SystemExit."""
    place = make_url(url)
    environment = dict(os.environ)
    match dialect:
        case "sqlite":
            words = [_program("sqlite3"), str(place.database), ".schema"]
        case "postgres":
            plain = place.set(drivername="postgresql").render_as_string(hide_password=False)
            words = [_program("pg_dump"), "--schema-only", f"--dbname={plain}"]
        case _:
            words = [_program("mariadb-dump"), "--no-defaults", "--no-data", "--routines"]
            words += ["--events", f"--user={place.username}"]
            if socket := place.query.get("unix_socket"):
                words.append(f"--socket={socket}")
            else:
                words += [f"--host={place.host}", f"--port={place.port or 3306}"]
            environment["MYSQL_PWD"] = place.password or ""
            words.append(str(place.database))
    found = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    if found.returncode:
        raise SystemExit(f"{words[0]}: {found.stderr}")
    return found.stdout


def _program(name: str) -> str:
    if (found := shutil.which(name)) is None:
        raise SystemExit(f"{name} is not on this machine")
    return found


if __name__ == "__main__":
    sys.exit(main())
