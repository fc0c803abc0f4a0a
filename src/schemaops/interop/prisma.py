"""Prisma: `20240102030405_add_orders/migration.sql`, and `migration_lock.toml` with the database."""

from __future__ import annotations

import hashlib
import re

from schemaops.interop.base import (
    Files,
    ForeignHistory,
    ForeignMigration,
    Format,
    Settings,
    chained,
    kept,
    titled,
)

__all__ = ["PRISMA"]

_PATH = re.compile(r"(?P<within>(?:.*/)?)(?P<name>[^/]+)/migration\.sql")
_DIALECTS = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "cockroachdb": "postgres",
    "mysql": "mysql",
    "sqlite": "sqlite",
}


def _fits(files: Files) -> bool:
    return any(_PATH.fullmatch(path) for path in files.paths)


def _read(files: Files, settings: Settings) -> ForeignHistory:
    there = set(files.paths)
    found = sorted((m["name"], path) for path in files.paths if (m := _PATH.fullmatch(path)))
    migrations = []
    for name, path in found:
        down = path.removesuffix("migration.sql") + "down.sql"
        migrations.append(
            ForeignMigration(
                id=name,
                title=titled(re.sub(r"^[0-9]+_", "", name)),
                up=files.passage(path),
                down=files.passage(down) if down in there else None,
                checksum=hashlib.sha256(files.data(path)).hexdigest(),
            )
        )
    dialect = None
    for path in files.paths:
        if path.rpartition("/")[2] == "migration_lock.toml":
            said = re.search(r'^\s*provider\s*=\s*"([^"]+)"', files.text(path), re.MULTILINE)
            dialect = _DIALECTS.get(said[1]) if said else dialect
    return ForeignHistory("prisma", chained(kept(migrations, settings.skip)), dialect)


PRISMA = Format("prisma", _fits, _read)
