"""goose: `00003_add_orders.sql` with `-- +goose Up`, `-- +goose Down` and `StatementBegin`."""

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
    refuse_programs,
    refuse_twins,
    titled,
)
from schemaops.interop.marked import sections

__all__ = ["GOOSE"]

_NAME = r"(?P<version>[0-9]+)_(?P<title>.*)\.sql"
_PREFIX = r"--[ \t]*\+goose"


def _fits(files: Files) -> bool:
    return any(
        re.search(rf"^{_PREFIX}", files.text(path), re.MULTILINE) for path, _ in files.named(_NAME)
    )


def _read(files: Files, settings: Settings) -> ForeignHistory:
    refuse_programs(files, r"(?P<version>[0-9]+)_.*\.go", settings.skip, "Go")
    listed = sorted((int(m["version"]), m["title"], path) for path, m in files.named(_NAME))
    refuse_twins((str(version), files.name(path)) for version, _, path in listed)
    migrations = []
    for version, title, path in listed:
        if str(version) in settings.skip:
            continue
        marked = sections(files.passage(path), _PREFIX)
        if marked.up is None:
            raise MalformedForeignFile(
                "there is no `-- +goose Up`", place=Place(files.name(path), 1)
            )
        if "envsub on" in marked.options and "${" in files.text(path):
            raise MalformedForeignFile(
                "it takes values from the environment (`ENVSUB ON`)", place=Place(files.name(path))
            )
        migrations.append(
            ForeignMigration(id=str(version), title=titled(title), up=marked.up, down=marked.down)
        )
    return ForeignHistory("goose", chained(kept(migrations, settings.skip)))


GOOSE = Format("goose", _fits, _read)
