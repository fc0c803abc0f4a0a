"""Atlas: a folder with `atlas.sum`, whose files are Atlas' own or another tool's."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from dataclasses import replace

from schemaops.errors import Place
from schemaops.interop.base import (
    Files,
    ForeignFileAltered,
    ForeignHistory,
    ForeignMigration,
    Format,
    MalformedForeignFile,
    Passage,
    Settings,
    chained,
    kept,
    natural,
    refuse_twins,
    titled,
)
from schemaops.interop.dbmate import DBMATE
from schemaops.interop.flyway import FLYWAY
from schemaops.interop.golang_migrate import GOLANG_MIGRATE
from schemaops.interop.goose import GOOSE
from schemaops.interop.liquibase import LIQUIBASE

__all__ = ["ATLAS"]

_SUM = "atlas.sum"
_NAME = r"(?P<version>[^_]+?)(?:_(?P<title>.*))?\.sql"
_VARIANTS = (LIQUIBASE, GOOSE, DBMATE, FLYWAY, GOLANG_MIGRATE)


def _fits(files: Files) -> bool:
    return _SUM in files.paths


def _read(files: Files, settings: Settings) -> ForeignHistory:
    if _SUM in files.paths:
        _check(files)
    for variant in _VARIANTS:
        if variant.fits(files):
            found = variant.read(files, settings)
            return replace(found, format="atlas")
    migrations = []
    listed = sorted(files.named(_NAME), key=lambda one: natural(one[0]))
    refuse_twins((m["version"], files.name(path)) for path, m in listed)
    for path, found_name in listed:
        passage = files.passage(path)
        header = passage.text.partition("\n\n")[0]
        migrations.append(
            ForeignMigration(
                id=found_name["version"],
                title=titled(found_name["title"] or ""),
                up=_delimited(passage, header),
                whole=bool(re.search(r"^--\s*atlas:checkpoint", header, re.MULTILINE)),
            )
        )
    checkpoints = [place for place, one in enumerate(migrations) if one.whole]
    notes: tuple[str, ...] = ()
    if checkpoints and checkpoints[-1] > 0:
        # Databases have run either it or those before it; those before it say more.
        dropped = {migrations[place].id for place in checkpoints if place > 0}
        migrations = [one for one in migrations if one.id not in dropped]
        notes = tuple(
            f"checkpoint {one} is left out: what it stands for is here" for one in dropped
        )
    return ForeignHistory("atlas", chained(kept(migrations, settings.skip)), notes=notes)


def _delimited(passage: Passage, header: str) -> Passage:
    said = re.search(r"^--\s*atlas:delimiter[ \t]+(.+?)[ \t]*$", header, re.MULTILINE)
    if said is None or said[1] == ";":
        return passage
    mark = said[1].encode().decode("unicode_escape")
    head = len(header)
    rest = passage.text[head:]
    pieces = rest.split(mark)
    ended = [
        one if one.rstrip().endswith(";") or not one.strip() else f"{one.rstrip()};" + _tail(one)
        for one in pieces
    ]
    # What stood for the end of a statement goes; its line breaks stay.
    return replace(passage, text=passage.text[:head] + ("\n" * mark.count("\n")).join(ended))


def _tail(text: str) -> str:
    return text[len(text.rstrip()) :]


def _check(files: Files) -> None:
    """Raise ForeignFileAltered for the first file that is not what the sum file says."""
    lines = files.text(_SUM).splitlines()
    said: dict[str, str] = {}
    for number, line in enumerate(lines[1:], start=2):
        name, space, digest = line.rpartition(" ")
        if not space or not digest.startswith("h1:"):
            raise MalformedForeignFile(
                "this is no line of a sum file", place=Place(files.name(_SUM), number)
            )
        said[name] = digest
    rolling = hashlib.sha256()
    listed = sorted(path for path in files.paths if "/" not in path and path.endswith(".sql"))
    for path in listed:
        data = files.data(path)
        if re.match(rb"--\s*atlas:sum\s+ignore", data):
            continue
        rolling.update(path.encode())
        rolling.update(data)
        now = "h1:" + b64encode(rolling.copy().digest()).decode()
        if said.get(path) != now:
            what = "is not in" if path not in said else "is not the one of"
            raise ForeignFileAltered(
                f"this file {what} {files.name(_SUM)}",
                place=Place(files.name(path)),
                hints=("atlas migrate hash",),
            )
    for name in said:
        if name not in listed:
            raise ForeignFileAltered(
                f"{name} is in {files.name(_SUM)} and not in the folder",
                place=Place(files.name(_SUM)),
                hints=("atlas migrate hash",),
            )


ATLAS = Format("atlas", _fits, _read)
