"""Flyway: `V1_2__add_orders.sql`, its undo `U1_2__…`, repeatable `R__views.sql`, baseline `B…`."""

from __future__ import annotations

import re
import zlib

from schemaops.errors import Place
from schemaops.interop.base import (
    Files,
    ForeignHistory,
    ForeignMigration,
    Format,
    MalformedForeignFile,
    Passage,
    Settings,
    chained,
    for_dialect,
    kept,
    refuse_programs,
    refuse_twins,
    titled,
)

__all__ = ["FLYWAY", "flyway_checksum", "flyway_version"]

_NAME = re.compile(
    r"(?:.*/)?(?:(?P<kind>[VUB])(?P<version>[0-9]+(?:[._][0-9]+)*)|R)__(?P<title>.*)\.sql"
)
_PLACEHOLDER = re.compile(r"\$\{([^}\s]+)\}")
_Version = tuple[int, ...]


def flyway_version(text: str) -> _Version:
    """Return a version as numbers, without the zeros at its end: 1.0 is 1."""
    parts = [int(one) for one in re.split(r"[._]", text)]
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def flyway_checksum(data: bytes) -> str:
    """Return the sum that Flyway keeps of a file: CRC-32 of its lines without their ends."""
    found = 0
    for line in re.split(rb"\r\n|\r|\n", data.removeprefix(b"\xef\xbb\xbf")):
        found = zlib.crc32(line, found)
    return str(found - (1 << 32) if found >= 1 << 31 else found)


def _fits(files: Files) -> bool:
    return any(_NAME.fullmatch(path) for path in files.paths)


def _read(files: Files, settings: Settings) -> ForeignHistory:
    refuse_programs(
        files, r"V(?P<version>[0-9]+(?:[._][0-9]+)*)__.*\.(?:java|kt)", settings.skip, "Java"
    )
    listed: dict[str, list[tuple[_Version, str, str, str]]] = {"V": [], "U": [], "B": [], "R": []}
    for path in for_dialect(files.paths, settings.dialect):
        found = _NAME.fullmatch(path)
        if found:
            version = found["version"] or ""
            number = flyway_version(version) if version else ()
            shown = version.replace("_", ".")
            listed[found["kind"] or "R"].append((number, shown, found["title"], path))
    values = {**_placeholders(files), **settings.values}
    for kind in "VUB":
        refuse_twins(
            (".".join(map(str, number)), files.name(path))
            for number, _, _, path in sorted(listed[kind])
        )
    refuse_twins(((title, files.name(path)) for _, _, title, path in listed["R"]), "description")
    undo = {number: path for number, _, _, path in listed["U"]}
    notes: list[str] = []
    migrations: list[ForeignMigration] = []
    versions = sorted(listed["V"])
    if listed["B"]:
        number, shown, title, path = max(listed["B"])
        if any(other <= number for other, _, _, _ in versions):
            notes.append(
                f"{files.name(path)} is left out: the migrations that it stands for are here"
            )
        else:
            migrations.append(_migration(files, path, shown, title, values, whole=True))
    for number, shown, title, path in versions:
        down = _passage(files, undo[number], values) if number in undo else None
        migrations.append(_migration(files, path, shown, title, values, down=down))
    for _, _, title, path in sorted(listed["R"], key=lambda one: one[2]):
        migrations.append(_migration(files, path, f"R__{title}", title, values))
    if listed["R"]:
        notes.append(
            "repeatable migrations come last, as they stand; when one of them changes, import again "
            "and it becomes a revision of its own"
        )
    callbacks = [path for path in files.paths if _CALLBACK.fullmatch(path.rpartition("/")[2])]
    notes += (f"{files.name(path)} is a callback and is left out" for path in callbacks)
    return ForeignHistory("flyway", chained(kept(migrations, settings.skip)), notes=tuple(notes))


_CALLBACK = re.compile(r"(?:before|after)[A-Z][A-Za-z]*(?:__.*)?\.sql")


def _migration(
    files: Files,
    path: str,
    version: str,
    title: str,
    values: dict[str, str],
    *,
    down: Passage | None = None,
    whole: bool = False,
) -> ForeignMigration:
    return ForeignMigration(
        id=version,
        title=titled(title),
        up=_passage(files, path, values),
        down=down,
        checksum=flyway_checksum(files.data(path)),
        whole=whole,
    )


def _passage(files: Files, path: str, values: dict[str, str]) -> Passage:
    """Return a file with its placeholders replaced; raise MalformedForeignFile for an unknown one."""
    text, shown = files.text(path), files.name(path)
    lowered = {name.lower(): value for name, value in values.items()}

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name.lower() not in lowered:
            line = text.count("\n", 0, found.start()) + 1
            raise MalformedForeignFile(
                f"the placeholder `${{{name}}}` has no value",
                place=Place(shown, line),
                hints=(f"schemaops import flyway {files.shown} --set {name}=VALUE",),
            )
        return lowered[name.lower()]

    if values.get("flyway.placeholderReplacement") != "false":
        text = _PLACEHOLDER.sub(value, text)
    return Passage(text, shown)


def _placeholders(files: Files) -> dict[str, str]:
    """Return the placeholders of a `flyway.conf` in the folder."""
    data = ""
    for path in files.paths:
        if path.rpartition("/")[2] == "flyway.conf":
            data += files.text(path) + "\n"
    found = {}
    for line in data.splitlines():
        key, equals, value = line.partition("=")
        key = key.strip()
        if equals and key.startswith("flyway.placeholders."):
            found[key.removeprefix("flyway.placeholders.")] = value.strip()
        elif equals and key == "flyway.placeholderReplacement":
            found[key] = value.strip().lower()
    return found


FLYWAY = Format("flyway", _fits, _read)
