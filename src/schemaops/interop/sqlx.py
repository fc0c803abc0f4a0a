"""sqlx: `20240102030405_add_orders.sql`, or `.up.sql` and `.down.sql`, with SHA-384 of the bytes."""

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
    refuse_twins,
    titled,
)

__all__ = ["SQLX"]

_NAME = r"(?P<version>[0-9]+)_(?P<title>.*?)(?P<way>\.up|\.down)?\.sql"


def _fits(files: Files) -> bool:
    # Its files look like those of others; what it alone writes is this line.
    return any(
        re.match(r"--[ \t]*no-transaction", files.text(path)) for path, _ in files.named(_NAME)
    )


def _read(files: Files, settings: Settings) -> ForeignHistory:
    listed = sorted(
        (int(m["version"]), m["title"], path)
        for path, m in files.named(_NAME)
        if m["way"] != ".down"
    )
    refuse_twins((str(version), files.name(path)) for version, _, path in listed)
    downs = {int(m["version"]): path for path, m in files.named(_NAME) if m["way"] == ".down"}
    migrations = (
        ForeignMigration(
            id=str(version),
            title=titled(title),
            up=files.passage(path),
            down=files.passage(downs[version]) if version in downs else None,
            checksum=hashlib.sha384(files.data(path)).hexdigest(),
        )
        for version, title, path in listed
    )
    return ForeignHistory("sqlx", chained(kept(migrations, settings.skip)))


SQLX = Format("sqlx", _fits, _read)
