"""dbmate: `20240102030405_add_orders.sql` with `-- migrate:up` and `-- migrate:down`."""

from __future__ import annotations

import re

from schemaops.errors import Place
from schemaops.interop.base import (
    Files,
    ForeignHistory,
    ForeignMigration,
    Format,
    MalformedForeignFile,
    Settings,
    chained,
    kept,
    refuse_twins,
    titled,
)
from schemaops.interop.marked import sections

__all__ = ["DBMATE"]

_NAME = r"(?P<version>[0-9]+)(?P<title>.*)\.sql"
_PREFIX = r"--[ \t]*migrate:"


def _fits(files: Files) -> bool:
    return any(
        re.search(rf"^{_PREFIX}up", files.text(path), re.MULTILINE)
        for path, _ in files.named(_NAME)
    )


def _read(files: Files, settings: Settings) -> ForeignHistory:
    listed = sorted((m["version"], m["title"], path) for path, m in files.named(_NAME))
    refuse_twins((version, files.name(path)) for version, _, path in listed)
    migrations = []
    for version, title, path in listed:
        marked = sections(files.passage(path), _PREFIX)
        if marked.up is None:
            raise MalformedForeignFile(
                "there is no `-- migrate:up`", place=Place(files.name(path), 1)
            )
        migrations.append(
            ForeignMigration(id=version, title=titled(title), up=marked.up, down=marked.down)
        )
    return ForeignHistory("dbmate", chained(kept(migrations, settings.skip)))


DBMATE = Format("dbmate", _fits, _read)
