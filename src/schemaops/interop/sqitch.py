"""Sqitch: `sqitch.plan` with its changes, dependencies and tags; deploy, revert and verify scripts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

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

__all__ = ["SQITCH"]

_PLAN = "sqitch.plan"
_PRAGMA = re.compile(r"%([\w-]+)(?:\s*=\s*(.*?))?\s*")
_WHO = re.compile(r"(?P<date>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\s+(?P<name>.*?)\s*<(?P<mail>[^>]*)>")
_LINE = re.compile(r"(?P<name>[^\s\[#]+)\s*(?:\[(?P<needs>[^\]]*)\])?\s*(?P<rest>.*)")
_ENGINES = {"pg": "postgres", "mysql": "mysql", "sqlite": "sqlite", "cockroach": "postgres"}


@dataclass
class _Change:
    name: str
    needs: tuple[str, ...]
    date: str
    author: str
    note: str
    line: int
    id: str = ""
    tags: list[str] = field(default_factory=list)
    reworked_at: str | None = None


def _plan(files: Files) -> str | None:
    if files.focus is not None and files.focus.endswith(".plan"):
        return files.focus
    return next((path for path in files.paths if path.rpartition("/")[2] == _PLAN), None)


def _fits(files: Files) -> bool:
    return _plan(files) is not None


def _read(files: Files, settings: Settings) -> ForeignHistory:
    path = _plan(files)
    if path is None:
        return ForeignHistory("sqitch", ())
    changes = _changes(files, path)
    top = path.rpartition("/")[0]
    root = f"{top}/" if top else ""
    config = files.text(f"{root}sqitch.conf") if f"{root}sqitch.conf" in files.paths else ""
    said = re.search(r"^\s*engine\s*=\s*(\w+)", config, re.MULTILINE)
    where = {
        way: _setting(config, f"{way}_dir") or f"{_setting(config, 'top_dir') or '.'}/{way}"
        for way in ("deploy", "revert")
    }
    there = set(files.paths)
    migrations = []
    for change in changes:
        at = "" if change.reworked_at is None else f"@{change.reworked_at}"
        scripts = {
            way: f"{root}{folder}/{change.name}{at}.sql".replace("/./", "/").removeprefix("./")
            for way, folder in where.items()
        }
        if scripts["deploy"] not in there:
            raise MalformedForeignFile(
                f"the deploy script {scripts['deploy']} of {change.name} is missing",
                place=Place(files.name(path), change.line),
            )
        down = scripts["revert"]
        migrations.append(
            ForeignMigration(
                id=change.id,
                title=change.note.partition("\n")[0] or titled(change.name),
                up=files.passage(scripts["deploy"]),
                down=files.passage(down) if down in there else None,
                author=change.author,
                date=change.date,
                stands_for=(f"{change.name}{at}", *(f"@{tag}" for tag in change.tags)),
            )
        )
    return ForeignHistory(
        "sqitch",
        chained(
            one for one in kept(migrations, settings.skip) if one.stands_for[0] not in settings.skip
        ),
        _ENGINES.get(said[1]) if said else None,
    )


def _setting(config: str, key: str) -> str | None:
    found = re.search(rf"^\s*{key}\s*=\s*(.*?)\s*$", config, re.MULTILINE)
    return found[1].rstrip("/") if found else None


def _changes(files: Files, path: str) -> list[_Change]:
    shown = files.name(path)
    pragmas: dict[str, str] = {}
    changes: list[_Change] = []
    for number, raw in enumerate(files.text(path).splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("%"):
            found = _PRAGMA.fullmatch(line)
            if found:
                pragmas[found[1]] = found[2] or ""
            continue
        _entry(line, number, shown, changes)
    _name(changes, pragmas)
    return changes


def _entry(line: str, number: int, shown: str, changes: list[_Change]) -> None:
    found = _LINE.fullmatch(line)
    who = _WHO.match(found["rest"]) if found else None
    if found is None or who is None:
        raise MalformedForeignFile("this is no line of a plan", place=Place(shown, number))
    name = found["name"]
    if name.startswith("@"):
        if not changes:
            raise MalformedForeignFile(
                "a tag stands before every change", place=Place(shown, number)
            )
        changes[-1].tags.append(name[1:])
        return
    note = found["rest"][who.end() :].partition("#")[2].strip()
    note = note.replace("\\n", "\n").replace("\\\\", "\\")
    needs = tuple((found["needs"] or "").split())
    author = f"{who['name']} <{who['mail']}>"
    changes.append(_Change(name, needs, who["date"], author, note, number))


def _name(changes: list[_Change], pragmas: dict[str, str]) -> None:
    """Give each change the id that Sqitch computes for it."""
    parent = ""
    last: dict[str, int] = {}
    for place, change in enumerate(changes):
        former = last.get(change.name)
        if former is not None:
            # The scripts of the one before are kept under the first tag behind it.
            tags = [tag for one in changes[former:place] for tag in one.tags]
            changes[former].reworked_at = tags[0] if tags else None
        last[change.name] = place
        change.id = parent = _id(change, parent, pragmas)


def _id(change: _Change, parent: str, pragmas: dict[str, str]) -> str:
    requires = [one for one in change.needs if not one.startswith("!")]
    conflicts = [one[1:] for one in change.needs if one.startswith("!")]
    info = "\n".join(_info(change, parent, pragmas, requires, conflicts)).encode()
    return hashlib.sha1(b"change %d\0" % len(info) + info, usedforsecurity=False).hexdigest()


def _info(
    change: _Change,
    parent: str,
    pragmas: dict[str, str],
    requires: list[str],
    conflicts: list[str],
) -> Iterator[str]:
    yield f"project {pragmas.get('project', '')}"
    if pragmas.get("uri"):
        yield f"uri {pragmas['uri']}"
    yield f"change {change.name}"
    if parent:
        yield f"parent {parent}"
    yield f"planner {change.author}"
    yield f"date {change.date}"
    if requires:
        yield "requires"
        yield from (f"  + {one}" for one in requires)
    if conflicts:
        yield "conflicts"
        yield from (f"  - {one}" for one in conflicts)
    if change.note:
        yield ""
        yield change.note


SQITCH = Format("sqitch", _fits, _read)
