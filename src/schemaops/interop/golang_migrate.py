"""golang-migrate: `000003_add_orders.up.sql` and `.down.sql`, in the order of their numbers."""

from __future__ import annotations

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

__all__ = ["GOLANG_MIGRATE"]

_NAME = r"(?P<version>[0-9]+)_(?P<title>.*)\.(?P<way>up|down)\.sql"


def _fits(files: Files) -> bool:
    ups = [int(m["version"]) for _, m in files.named(_NAME) if m["way"] == "up"]
    return bool(ups) and len(ups) == len(set(ups))


def _read(files: Files, settings: Settings) -> ForeignHistory:
    ways: dict[str, list[tuple[int, str, str]]] = {"up": [], "down": []}
    for path, found in files.named(_NAME):
        ways[found["way"]].append((int(found["version"]), found["title"], path))
    for listed in ways.values():
        refuse_twins((str(version), files.name(path)) for version, _, path in sorted(listed))
    downs = {version: path for version, _, path in ways["down"]}
    ups = {version for version, _, _ in ways["up"]}
    migrations = (
        ForeignMigration(
            id=str(version),
            title=titled(title),
            up=files.passage(path),
            down=files.passage(downs[version]) if version in downs else None,
        )
        for version, title, path in sorted(ways["up"])
    )
    notes = tuple(
        f"{files.name(path)} has no up and is left out"
        for version, path in sorted(downs.items())
        if version not in ups
    )
    return ForeignHistory("golang-migrate", chained(kept(migrations, settings.skip)), notes=notes)


GOLANG_MIGRATE = Format("golang-migrate", _fits, _read)
