"""The same history for SchemaOps, for Alembic, and as plain SQL: N revisions over some tables."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from schemaops.history.format import to_bytes
from schemaops.history.revision import (
    Revision,
    RevisionId,
    file_name,
    migration_id,
    revision_id,
)

__all__ = [
    "BIN",
    "alembic_project",
    "branched_alembic",
    "branched_project",
    "schemaops_project",
    "statements",
]

BIN = Path(sys.executable).parent
_TABLES = 50
_GIT = ("-c", "user.name=Bench", "-c", "user.email=bench@example.org")


def statements(count: int) -> list[tuple[str, str]]:
    """Return the up and the down of `count` migrations: tables first, then columns and indexes."""
    found = []
    for i in range(count):
        table = f"thing_{i % _TABLES}"
        if i < _TABLES:
            up = f"CREATE TABLE {table} (id integer PRIMARY KEY, name varchar(40) NOT NULL)"
            down = f"DROP TABLE {table}"
        elif i % 2:
            up = f"ALTER TABLE {table} ADD COLUMN fact_{i} integer"
            down = f"ALTER TABLE {table} DROP COLUMN fact_{i}"
        else:
            up = f"CREATE INDEX by_{i} ON {table} (name, id)"
            down = f"DROP INDEX by_{i}"
        found.append((up, down))
    return found


def schemaops_project(folder: Path, dialect: str, count: int, url: str) -> Path:
    """Return a git repository with a sealed history of `count` revisions, committed."""
    folder.mkdir(parents=True)
    _run(BIN / "schemaops", "init", "--dialect", dialect, cwd=folder)
    _run(BIN / "schemaops", "env", "add", "bench", "--url", url, cwd=folder)
    parents: tuple[RevisionId, ...] = ()
    for i, (up, down) in enumerate(statements(count)):
        revision = Revision(
            parents=parents,
            migration=migration_id(up, dialect),
            message=f"Change {i}",
            author="Bench <bench@example.org>",
            date="2026-01-01T00:00:00Z",
            dialect=dialect,
            up=up + ";\n",
            down=down + ";\n",
            down_generated=True,
        )
        data = to_bytes(revision)
        made = revision_id(data)
        place = folder / ".schemaops" / "revisions" / file_name(made, revision)
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data)
        parents = (made,)
    _run("git", "add", "-A", cwd=folder)
    _run("git", *_GIT, "commit", "-qm", "history", cwd=folder)
    return folder


def alembic_project(folder: Path, count: int, url: str) -> Path:
    """Return an Alembic project of the same migrations, one transaction a migration."""
    folder.mkdir(parents=True)
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    (folder / "alembic.ini").write_text(
        f"[alembic]\nscript_location = migrations\nsqlalchemy.url = {url}\n"
    )
    (folder / "migrations" / "env.py").write_text(
        "from alembic import context\n"
        "from sqlalchemy import create_engine, pool\n"
        "engine = create_engine(context.config.get_main_option('sqlalchemy.url'),\n"
        "                       poolclass=pool.NullPool)\n"
        "with engine.connect() as connection:\n"
        "    context.configure(connection=connection, transaction_per_migration=True)\n"
        "    with context.begin_transaction():\n"
        "        context.run_migrations()\n"
    )
    (folder / "migrations" / "script.py.mako").write_text("")
    before = None
    for i, (up, down) in enumerate(statements(count)):
        (versions / f"{i:05d}_change.py").write_text(
            "from alembic import op\n"
            f"revision = 'r{i:05d}'\ndown_revision = {before!r}\n"
            f"def upgrade():\n    op.execute({up!r})\n"
            f"def downgrade():\n    op.execute({down!r})\n"
        )
        before = f"r{i:05d}"
    return folder


def branched_project(
    folder: Path, count: int, tables: int, sides: int, length: int
) -> tuple[Path, tuple[str, ...]]:
    """Return a git repository with `count` revisions over so many tables on its first branch, and
    `sides` branches of `length` revisions on top of them; and the names of those branches."""
    folder.mkdir(parents=True)
    _run(BIN / "schemaops", "init", "--dialect", "postgres", cwd=folder)
    base = _sealed(folder, _changes("", count, tables, 0), ())
    _committed(folder, "history")
    main = subprocess.run(
        ["git", "branch", "--show-current"], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()
    names = []
    for side in range(sides):
        names.append(f"side-{side}")
        _run("git", "switch", "-qc", names[-1], main, cwd=folder)
        _sealed(folder, _changes(f"s{side}_", length, tables, side * length // 2), base)
        _committed(folder, names[-1])
    return folder, tuple(names)


def branched_alembic(folder: Path, count: int, sides: int, length: int) -> Path:
    """Return an Alembic project with as many revisions and as many heads; what they do is not
    looked at by its merge."""
    alembic_project(folder, count, "sqlite://")
    versions = folder / "migrations" / "versions"
    for side in range(sides):
        before = f"r{count - 1:05d}"
        for i in range(length):
            name = f"s{side}_{i:05d}"
            (versions / f"{name}.py").write_text(
                f"revision = {name!r}\ndown_revision = {before!r}\n"
                "def upgrade():\n    pass\ndef downgrade():\n    pass\n"
            )
            before = name
    (folder / "migrations" / "script.py.mako").write_text(
        "revision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\n"
    )
    return folder


def _changes(side: str, count: int, tables: int, start: int) -> list[str]:
    found = []
    for i in range(count):
        table = f"thing_{(start + i) % tables}"
        if not side and i < tables:
            found.append(
                f"CREATE TABLE {table} (id integer PRIMARY KEY, name varchar(40) NOT NULL)"
            )
        elif i % 2:
            found.append(f"ALTER TABLE {table} ADD COLUMN fact_{side}{i} integer")
        else:
            found.append(f"CREATE INDEX by_{side}{i} ON {table} (name, id)")
    return found


def _sealed(
    folder: Path, ups: list[str], parents: tuple[RevisionId, ...]
) -> tuple[RevisionId, ...]:
    for i, up in enumerate(ups):
        revision = Revision(
            parents=parents,
            migration=migration_id(up, "postgres"),
            message=f"Change {i}",
            author="Bench <bench@example.org>",
            date="2026-01-01T00:00:00Z",
            dialect="postgres",
            up=f"{up};\n",
            down="SELECT 1;\n",
            down_generated=True,
        )
        data = to_bytes(revision)
        made = revision_id(data)
        place = folder / ".schemaops" / "revisions" / file_name(made, revision)
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data)
        parents = (made,)
    return parents


def _committed(folder: Path, message: str) -> None:
    _run("git", "add", "-A", cwd=folder)
    _run("git", *_GIT, "commit", "-qm", message, cwd=folder)


def script(file: Path, count: int) -> Path:
    """Return a file with the same statements, one transaction each."""
    file.write_text("".join(f"BEGIN;\n{up};\nCOMMIT;\n" for up, _ in statements(count)))
    return file


def _run(*words: str | Path, cwd: Path) -> None:
    subprocess.run([str(word) for word in words], cwd=cwd, check=True, stdout=subprocess.DEVNULL)
