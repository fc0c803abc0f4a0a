"""sql-migrate: files with `-- +migrate Up` and `-- +migrate Down`; its ids are the files' names."""

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
    titled,
)
from schemaops.interop.marked import sections

__all__ = ["SQL_MIGRATE"]

_NAME = r"(?P<title>.*)\.sql"
_PREFIX = r"--[ \t]*\+migrate"


def _fits(files: Files) -> bool:
    return any(
        re.search(rf"^{_PREFIX}", files.text(path), re.MULTILINE) for path, _ in files.named(_NAME)
    )


def _order(name: str) -> tuple[int, int, str]:
    number = re.match(r"[0-9]+", name)
    # It sorts what has a number before what has none.
    return (1, 0, name) if number is None else (0, int(number[0]), name)


def _read(files: Files, settings: Settings) -> ForeignHistory:
    migrations = []
    for path in sorted((path for path, _ in files.named(_NAME)), key=_order):
        marked = sections(files.passage(path), _PREFIX)
        if marked.up is None:
            raise MalformedForeignFile(
                "there is no `-- +migrate Up`", place=Place(files.name(path), 1)
            )
        title = re.sub(r"^[0-9]+[_-]?", "", path.removesuffix(".sql"))
        migrations.append(
            ForeignMigration(id=path, title=titled(title), up=marked.up, down=marked.down)
        )
    return ForeignHistory("sql-migrate", chained(kept(migrations, settings.skip)))


SQL_MIGRATE = Format("sql-migrate", _fits, _read)
