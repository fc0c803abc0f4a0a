"""A plain folder of SQL, in the natural order of its names; what names call a way back is one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemaops.interop.base import (
    ENGINES,
    Files,
    ForeignHistory,
    ForeignMigration,
    Format,
    Settings,
    chained,
    for_dialect,
    kept,
    natural,
    titled,
)

__all__ = ["FOLDER"]

_UP = r"up|do|deploy|apply|forward|upgrade|migrate"
_DOWN = r"down|undo|revert|rollback|back|backward|downgrade"
_SUFFIX = re.compile(rf"(?P<key>.+?)[._-](?P<way>{_UP}|{_DOWN})", re.IGNORECASE)
_FOLDER = re.compile(rf"(?P<before>(?:.*/)?)(?P<way>{_UP}|{_DOWN})/(?P<key>[^/]+)", re.IGNORECASE)
_ALONE = re.compile(rf"(?P<key>.+)/(?P<way>{_UP}|{_DOWN})", re.IGNORECASE)
_DIALECTS = {**ENGINES, "cockroach": "cockroach"}
_DIALECT = re.compile(rf"(?P<key>.+)\.(?P<dialect>{'|'.join(_DIALECTS)})(?=\.|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Named:
    key: str
    down: bool
    dialect: str | None
    path: str


def _named(path: str) -> _Named:
    stem = path.removesuffix(".sql")
    way = ""
    for pattern in (_SUFFIX, _ALONE, _FOLDER):
        found = pattern.fullmatch(stem)
        if found:
            way = found["way"]
            stem = found.groupdict().get("before", "") + found["key"]
            break
    stem = stem.removesuffix(".autocommit")
    dialect = None
    found = _DIALECT.fullmatch(stem)
    if found:
        stem, dialect = found["key"], _DIALECTS[found["dialect"].lower()]
    return _Named(stem, bool(re.fullmatch(_DOWN, way, re.IGNORECASE)), dialect, path)


def _fits(files: Files) -> bool:
    return any(path.endswith(".sql") and re.search(r"\d", path) for path in files.paths)


def _read(files: Files, settings: Settings) -> ForeignHistory:
    ups: dict[str, _Named] = {}
    downs: dict[str, _Named] = {}
    paths = for_dialect(files.paths, settings.dialect)
    named = [_named(path) for path in paths if path.endswith(".sql")]
    dialects = {one.dialect for one in named} - {None}
    dialect = settings.dialect or (dialects.pop() if len(dialects) == 1 else None)
    for one in named:
        if one.dialect not in (None, dialect):
            continue
        into = downs if one.down else ups
        # What is written for this dialect goes before what is written for all.
        if one.key not in into or one.dialect is not None:
            into[one.key] = one
    migrations = [
        ForeignMigration(
            id=key,
            title=titled(re.sub(r"^[vV]?[0-9][0-9._-]*(?=\D)", "", key.rpartition("/")[2]) or key),
            up=files.passage(ups[key].path),
            down=files.passage(downs[key].path) if key in downs else None,
        )
        for key in sorted(ups, key=natural)
    ]
    notes = tuple(
        f"{files.name(one.path)} has no up and is left out"
        for key, one in sorted(downs.items())
        if key not in ups
    )
    return ForeignHistory("folder", chained(kept(migrations, settings.skip)), notes=notes)


FOLDER = Format("folder", _fits, _read)
