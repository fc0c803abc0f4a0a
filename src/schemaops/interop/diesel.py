"""Diesel: a folder a migration, `2024-01-02-030405_add_orders/up.sql` and `down.sql`."""

from __future__ import annotations

import re

from schemaops.interop.base import (
    Files,
    ForeignHistory,
    ForeignMigration,
    Format,
    Settings,
    chained,
    for_dialect,
    kept,
    refuse_twins,
    titled,
)

__all__ = ["DIESEL"]

_PATH = re.compile(r"(?:.*/)?(?P<version>[0-9][0-9-]*)_(?P<title>[^/]*)/up\.sql")


def _ups(files: Files, dialect: str | None = None) -> list[tuple[str, str, str]]:
    found = ((path, _PATH.fullmatch(path)) for path in for_dialect(files.paths, dialect))
    return sorted((m["version"].replace("-", ""), m["title"], path) for path, m in found if m)


def _fits(files: Files) -> bool:
    return bool(_ups(files))


def _read(files: Files, settings: Settings) -> ForeignHistory:
    listed = _ups(files, settings.dialect)
    refuse_twins((version, files.name(path)) for version, _, path in listed)
    there = set(files.paths)
    migrations = []
    for version, title, path in listed:
        down = path.removesuffix("up.sql") + "down.sql"
        migrations.append(
            ForeignMigration(
                id=version,
                title=titled(title),
                up=files.passage(path),
                down=files.passage(down) if down in there else None,
            )
        )
    return ForeignHistory("diesel", chained(kept(migrations, settings.skip)))


DIESEL = Format("diesel", _fits, _read)
