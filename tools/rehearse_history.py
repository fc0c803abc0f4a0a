"""Seal a folder of migrations and replay them forth and back, comparing what a database holds.

``python -m tools.rehearse_history DIR… [--first N] [--server URL]`` seals each ``NAME.up.sql`` as a
revision, one after another, in a repository of its own; hand-written downs are not looked at. Each
revision is replayed on a database, reverted, and replayed again, by the same commands that people
use: after the revert the observed schema must equal the one before, whatever has no type of its own
included. It prints a line a history, and one for each migration that fails; it exits 1 where one does.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url

from schemaops.commands import commit, env, init, replay
from schemaops.commands.workspace import Workspace, open_workspace
from schemaops.config import environment
from schemaops.database.connect import open_database
from schemaops.database.observe import observe
from schemaops.errors import SchemaOpsError
from schemaops.history.revision import RevisionId
from schemaops.schema.state import Schema
from schemaops.sql.split import split
from tests.engines import Server, fresh_database, running
from tools.replay_history import History, Migration, read_history


@dataclass
class Outcome:
    """What came of one history."""

    history: History
    migrations: int = 0
    statements: int = 0
    opaque: int = 0
    restored: int = 0
    identical: int = 0
    lossy: int = 0
    empty: int = 0
    failures: list[str] = field(default_factory=list)


def main() -> int:
    """Rehearse every folder named; return 1 where a migration fails."""
    parser = argparse.ArgumentParser(prog="python -m tools.rehearse_history")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--first", type=int, help="only so many migrations of each")
    parser.add_argument("--server", help="a server whose user may create databases")
    asked = parser.parse_args()
    failed = False
    for folder in asked.folders:
        history = read_history(folder)
        began = time.monotonic()
        with _database(history.dialect, asked.server) as url:
            outcome = _rehearsed(history, history.migrations[: asked.first], url, asked.server)
        print(_line(outcome, time.monotonic() - began), flush=True)
        for failure in outcome.failures:
            print(f"    {failure}")
        failed = failed or bool(outcome.failures)
    return int(failed)


def _line(outcome: Outcome, seconds: float) -> str:
    return (
        f"{outcome.history.name}: {outcome.migrations} migrations, {outcome.statements} statements, "
        f"{outcome.opaque} opaque, {outcome.empty} migrations empty; "
        f"after the revert {outcome.restored} equal, of them "
        f"{outcome.identical} with the columns in their order; {outcome.lossy} list losses; "
        f"{len(outcome.failures)} failures ({seconds:.0f} s)"
    )


@contextmanager
def _database(dialect: str, server: str | None) -> Iterator[str]:
    if server is not None:
        address = make_url(server)
        if dialect == "postgres":
            address = address.set(drivername="postgresql+psycopg")
        with fresh_database(Server(dialect, address, lambda: None)) as url:
            yield url
        return
    with running(dialect) as own, fresh_database(own) as url:
        yield url


def _rehearsed(
    history: History, migrations: tuple[Migration, ...], url: str, server: str | None
) -> Outcome:
    outcome = Outcome(history)
    with tempfile.TemporaryDirectory() as folder:
        workspace = _begun(Path(folder), history, url, server)
        head: str | None = None
        before = _observed(url)
        for migration in migrations:
            outcome.migrations += 1
            if not any(True for _ in split(migration.text, history.dialect)):
                outcome.empty += 1
                continue
            try:
                workspace = open_workspace(Path(folder), workspace.environ)
                sealed = commit.commit(
                    workspace, commit.Wanted(None, migration.text, migration.name, False, True)
                )
                _count(outcome, workspace, sealed.id)
                outcome.lossy += bool(sealed.losses)
                after = _replayed(folder, workspace, sealed.id, url)
                again = _replayed(folder, workspace, head or "base", url)
                if again == before:
                    outcome.restored += 1
                    outcome.identical += again.strict_fingerprint == before.strict_fingerprint
                else:
                    outcome.failures.append(f"{migration.name}: {_differing(before, again)}")
                if _replayed(folder, workspace, sealed.id, url) != after:
                    outcome.failures.append(f"{migration.name}: up again gives another schema")
                before, head = after, sealed.id
            except SchemaOpsError as error:
                outcome.failures.append(f"{migration.name}: [{error.code}] {error.message}")
                break
    return outcome


def _begun(folder: Path, history: History, url: str, server: str | None) -> Workspace:
    environ = {
        **os.environ,
        "REHEARSED_URL": url,
        "SCRATCH_URL": server or "",
        "GIT_AUTHOR_NAME": "Rehearsal",
        "GIT_AUTHOR_EMAIL": "rehearsal@example.org",
    }
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    init.init(folder, init.Wanted(history.dialect, "$REHEARSED_URL"), environ)
    workspace = open_workspace(folder, environ)
    scratch = "$SCRATCH_URL" if server else None
    env.add(workspace, environment("rehearsed", "$REHEARSED_URL", scratch=scratch))
    if server:
        config = folder / ".schemaops" / "config.toml"
        config.write_text('scratch = "$SCRATCH_URL"\n' + config.read_text())
    return open_workspace(folder, environ)


def _count(outcome: Outcome, workspace: Workspace, sealed: str) -> None:
    workspace.refresh()
    revision = workspace.tree.read(RevisionId(sealed))
    outcome.statements += sum(1 for _ in split(revision.up, outcome.history.dialect))
    outcome.opaque += len(revision.effects)


def _replayed(folder: str, workspace: Workspace, to: str, url: str) -> Schema:
    workspace = open_workspace(Path(folder), workspace.environ)
    replay.replay(workspace, "rehearsed", replay.Wanted(to, accept_losses=True))
    return _observed(url)


def _observed(url: str) -> Schema:
    database = open_database(url)
    try:
        with database.connect(create=True) as connection:
            return observe(connection)
    finally:
        database.close()


def _differing(before: Schema, after: Schema) -> str:
    places = {thing.at for thing in before} | {thing.at for thing in after}
    differing = [at for at in sorted(places) if before.digest_at(at) != after.digest_at(at)]
    return "not restored: " + ", ".join(f"{at.kind} {at}" for at in differing[:6])


if __name__ == "__main__":
    sys.exit(main())
