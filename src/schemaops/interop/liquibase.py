"""Liquibase: formatted SQL (`--changeset author:id`), and changelogs that name or hold SQL.

A changeset's id is `author::id::file`, as its version table has it. Change types that are not SQL
(`createTable` and its like) are refused with their file: what they become is Liquibase's to say.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from xml.parsers import expat

from schemaops.errors import Place
from schemaops.interop.base import (
    Files,
    ForeignHistory,
    ForeignMigration,
    Format,
    MalformedForeignFile,
    NotSql,
    Passage,
    Settings,
    chained,
    kept,
    refuse_twins,
    titled,
)

__all__ = ["LIQUIBASE"]

_HEAD = re.compile(r"\s*--[ \t]*liquibase[ \t]+formatted[ \t]+sql", re.IGNORECASE)
_HEADLINE = re.compile(
    r"^[ \t]*--[ \t]*changeset[ \t]+(?P<author>\"[^\"]+\"|'[^']+'|[^:\n]+?):"
    r"(?P<id>\"[^\"]+\"|'[^']+'|\S+)[ \t]*(?P<attributes>[^\n]*)$",
    re.MULTILINE | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"(\w+):(\"[^\"]*\"|'[^']*'|\S+)")
_ROLLBACK = re.compile(r"^[ \t]*--[ \t]*rollback[ \t]*(.*?)[ \t]*\r?$", re.IGNORECASE)
_ROLLBACK_BLOCK = re.compile(
    r"^[ \t]*/\*[ \t]*liquibase[ \t]+rollback[ \t]*\r?$\n(.*?)^[ \t]*\*/[ \t]*\r?$",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
_OTHER = re.compile(
    r"^[ \t]*--[ \t]*(?:preconditions?\b|precondition-\S+|comment\b|validchecksum\b|property\b|"
    r"ignorelines\b|liquibase\b)",
    re.IGNORECASE,
)
_MASTERS = re.compile(
    r"(?:.*[._-])?(?:changelog|master|root)(?:[._-].*)?\.(?:xml|ya?ml|json)", re.IGNORECASE
)
_ENGINES = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite"}


def _fits(files: Files) -> bool:
    return bool(_masters(files)) or any(
        path.endswith(".sql") and _HEAD.match(files.text(path)) for path in files.paths
    )


def _masters(files: Files) -> list[str]:
    named = [
        path
        for path in files.paths
        if (path == files.focus or _MASTERS.fullmatch(path.rpartition("/")[2]))
        and not path.endswith(".sql")
        and "databaseChangeLog" in files.text(path)
    ]
    if files.focus is not None:
        return [path for path in named if path == files.focus]
    return named


def _read(files: Files, settings: Settings) -> ForeignHistory:
    reader = _Reader(files, settings)
    masters = _masters(files)
    if masters:
        found = [(path, list(reader.file(path))) for path in masters]
        # A changelog that another one includes is no beginning.
        tops = [path for path, _ in found if path not in reader.included]
        migrations = [one for path, listed in found if path in tops for one in listed]
    else:
        focus = files.focus
        paths = [focus] if focus else [path for path in files.paths if path.endswith(".sql")]
        migrations = [one for path in paths for one in reader.file(path)]
    refuse_twins(((one.id, one.up.file) for one in migrations), "changeset")
    return ForeignHistory(
        "liquibase", chained(kept(migrations, settings.skip)), notes=tuple(reader.notes)
    )


@dataclass
class _Reader:
    files: Files
    settings: Settings
    notes: list[str] = field(default_factory=list)
    included: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values = dict(self.settings.values)

    def file(self, path: str) -> Iterator[ForeignMigration]:
        """Yield the changesets of a changelog of whatever form."""
        if path.endswith(".sql"):
            yield from self._formatted(path)
        elif path.endswith(".xml"):
            yield from self._tree(path, _xml(self.files, path))
        else:
            yield from self._tree(path, _yaml(self.files, path))

    # -- formatted SQL

    def _formatted(self, path: str) -> Iterator[ForeignMigration]:
        passage = self.files.passage(path)
        text = passage.text
        if not _HEAD.match(text):
            # A plain file that a changelog includes is one changeset.
            yield ForeignMigration(
                id=f"includeAll::raw::{self._called(path)}",
                title=titled(path.rpartition("/")[2].removesuffix(".sql")),
                up=self._filled(passage),
            )
            return
        heads = list(_HEADLINE.finditer(text))
        for place, head in enumerate(heads):
            end = heads[place + 1].start() if place + 1 < len(heads) else len(text)
            start = min(head.end() + 1, end)
            line = text.count("\n", 0, start) + 1
            attributes = {
                key.lower(): value.strip("\"'")
                for key, value in _ATTRIBUTE.findall(head["attributes"])
            }
            author, name = head["author"].strip("\"'"), head["id"].strip("\"'")
            if self._elsewhere(attributes.get("dbms")):
                continue
            called = attributes.get("logicalfilepath") or self._called(path)
            up, down = _both_ways(text[start:end])
            one = Passage(up, passage.file, line)
            yield ForeignMigration(
                id=f"{author}::{name}::{called}",
                title=titled(name) if not name.isdigit() else f"Changeset {name}",
                up=self._filled(_ended(one, attributes.get("enddelimiter"))),
                down=None if down is None else self._filled(Passage(down, passage.file, line)),
                author=author,
                notes=tuple(self._said(f"{passage.file}: {author}:{name}", attributes)),
            )

    def _said(self, what: str, attributes: Mapping[str, str]) -> Iterator[str]:
        for key in ("context", "contextfilter", "labels"):
            if attributes.get(key):
                yield f"{what} has {key} {attributes[key]}: it is taken as one that always runs"
        for key in ("runalways", "runonchange"):
            if attributes.get(key, "").lower() == "true":
                yield f"{what} has {key}: it is taken as it stands now, once"

    def _elsewhere(self, engines: str | None) -> bool:
        """Whether a changeset is meant for other databases alone."""
        if not engines or self.settings.dialect is None:
            return False
        named = [one.strip().lower() for one in engines.split(",")]
        refused = {_ENGINES.get(one[1:], one) for one in named if one.startswith("!")}
        wanted = {_ENGINES.get(one, one) for one in named if not one.startswith("!")}
        dialect = self.settings.dialect
        return dialect in refused or bool(wanted and not wanted & {dialect, "all"})

    def _filled(self, passage: Passage) -> Passage:
        def value(found: re.Match[str]) -> str:
            if found[1] in self.values:
                return self.values[found[1]]
            raise MalformedForeignFile(
                f"the parameter `${{{found[1]}}}` has no value",
                place=passage.place(found.start()),
                hints=(f"schemaops import liquibase {self.files.shown} --set {found[1]}=VALUE",),
            )

        text = re.sub(r"\$\{([\w.-]+)\}", value, passage.text)
        return Passage(text, passage.file, passage.line)

    def _called(self, path: str) -> str:
        return path

    # -- changelogs

    def _tree(self, path: str, nodes: list[_Node]) -> Iterator[ForeignMigration]:
        for node in nodes:
            match node.name:
                case "property":
                    if "name" in node.attributes and not self._elsewhere(
                        node.attributes.get("dbms")
                    ):
                        self.values.setdefault(
                            node.attributes["name"], node.attributes.get("value", "")
                        )
                case "include":
                    yield from self._included(path, node)
                case "includeAll":
                    yield from self._all(path, node)
                case "changeSet":
                    if not self._elsewhere(node.attributes.get("dbms")):
                        yield from self._one(path, node)
                case "preConditions":
                    self.notes.append(f"{self.files.name(path)}: preconditions are left out")
                case _:
                    raise MalformedForeignFile(
                        f"`{node.name}` is not known here",
                        place=Place(self.files.name(path), node.line),
                    )

    def _included(self, path: str, node: _Node) -> Iterator[ForeignMigration]:
        target = self._found(path, node, node.attributes.get("file", ""))
        self.included.add(target)
        yield from self.file(target)

    def _all(self, path: str, node: _Node) -> Iterator[ForeignMigration]:
        folder = node.attributes.get("path", "").rstrip("/")
        candidates = [folder, posixpath.normpath(posixpath.join(posixpath.dirname(path), folder))]
        if str(node.attributes.get("relativeToChangelogFile", "")).lower() == "true":
            candidates.reverse()
        for one in candidates:
            # Liquibase takes them in the order of their characters.
            within = sorted(
                each for each in self.files.paths if each.startswith(f"{one}/") and each != path
            )
            if within:
                for each in within:
                    self.included.add(each)
                    yield from self.file(each)
                return
        raise MalformedForeignFile(
            f"there is no folder {folder} with changelogs",
            place=Place(self.files.name(path), node.line),
        )

    def _found(self, path: str, node: _Node, named: str) -> str:
        named = named.removeprefix("classpath:").lstrip("/")
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), named))
        there = set(self.files.paths)
        for one in (beside, posixpath.normpath(named)):
            if one in there:
                return one
        # The root that Liquibase searches may lie above the folder that was given.
        ends = [one for one in there if named.endswith(f"/{one}") or one.endswith(f"/{named}")]
        if len(ends) == 1:
            return ends[0]
        raise MalformedForeignFile(
            f"there is no file {named}", place=Place(self.files.name(path), node.line)
        )

    def _one(self, path: str, node: _Node) -> Iterator[ForeignMigration]:
        name, author = node.attributes.get("id", ""), node.attributes.get("author", "")
        shown = self.files.name(path)
        known = f"{author}::{name}::{node.attributes.get('logicalFilePath') or self._called(path)}"
        if known in self.settings.skip:
            return
        ups: list[Passage] = []
        downs: list[Passage] = []
        comment = ""
        for child in node.children:
            match child.name:
                case "sql" | "sqlFile":
                    if not self._elsewhere(child.attributes.get("dbms")):
                        ups.append(self._sql(path, child))
                case "rollback":
                    if child.text.strip():
                        downs.append(Passage(child.text, shown, child.line))
                    for one in child.children:
                        if one.name in ("sql", "sqlFile"):
                            downs.append(self._sql(path, one))
                case "comment":
                    comment = child.text.strip()
                case "preConditions" | "validCheckSum" | "tagDatabase" | "empty":
                    continue
                case _:
                    raise NotSql(
                        f"changeset {author}:{name} has `{child.name}`, which is not SQL",
                        place=Place(shown, child.line),
                        hints=(f"schemaops import {self.files.shown} --skip '{known}'",),
                    )
        attributes = {key.lower(): value for key, value in node.attributes.items()}
        yield ForeignMigration(
            id=known,
            title=comment.partition("\n")[0]
            or (titled(name) if not name.isdigit() else f"Changeset {name}"),
            up=self._filled(_joined(ups, shown, node.line)),
            down=self._filled(_joined(downs, shown, node.line)) if downs else None,
            author=author or None,
            notes=tuple(self._said(f"{shown}: {author}:{name}", attributes)),
        )

    def _sql(self, path: str, node: _Node) -> Passage:
        if node.name == "sqlFile":
            target = self._found(path, node, node.attributes.get("path", ""))
            self.included.add(target)
            passage = self.files.passage(target)
        else:
            text = node.text or node.attributes.get("sql", "")
            passage = Passage(text, self.files.name(path), node.line)
        return _ended(passage, node.attributes.get("endDelimiter"))


def _joined(passages: list[Passage], file: str, line: int) -> Passage:
    if len(passages) == 1:
        return passages[0]
    texts = []
    for one in passages:
        text = one.text.rstrip()
        texts.append(text if not text or text.endswith(";") else f"{text}\n;")
    return Passage("\n".join(texts), file, line)


def _both_ways(text: str) -> tuple[str, str | None]:
    """Return a changeset's SQL, Liquibase's own lines left blank, and its rollback."""
    downs: list[str] = []

    def block(found: re.Match[str]) -> str:
        downs.append(found[1])
        return "\n" * found[0].count("\n")

    text = _ROLLBACK_BLOCK.sub(block, text)
    lines = []
    for line in text.split("\n"):
        back = _ROLLBACK.match(line)
        if back:
            downs.append(back[1])
        lines.append("" if back or _OTHER.match(line) else line)
    down = "\n".join(downs).strip()
    first = down.split("\n", 1)[0].strip().lower()
    if not down or first.startswith("changesetid:"):
        return "\n".join(lines), None
    if first in ("empty", "not required", "not required;"):
        return "\n".join(lines), ""
    return "\n".join(lines), down


def _ended(passage: Passage, mark: str | None) -> Passage:
    """Return the SQL with semicolons where a delimiter of its own ends statements."""
    if mark in (None, ";", ""):
        return passage
    assert mark is not None
    pattern = mark.replace("\\n", "\n").replace("\\r", "\r")
    quoted = pattern if re.search(r"[\\*+?\[]", mark) else re.escape(pattern)
    try:
        pieces = re.split(rf"[ \t]*(?:{quoted})[ \t]*\r?$", passage.text, flags=re.MULTILINE)
    except re.error as error:
        raise MalformedForeignFile(
            f"the end delimiter `{mark}` cannot be read", place=passage.place()
        ) from error
    ended = [
        one if one.rstrip().endswith(";") or not one.strip() else f"{one}\n;" for one in pieces[:-1]
    ]
    return Passage("".join((*ended, pieces[-1])), passage.file, passage.line)


# -- trees


@dataclass
class _Node:
    """An element of a changelog, in XML, YAML or JSON alike."""

    name: str
    attributes: Mapping[str, str]
    text: str = ""
    children: list[_Node] = field(default_factory=list)
    line: int = 1


def _xml(files: Files, path: str) -> list[_Node]:
    text = files.text(path)
    shown = files.name(path)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise MalformedForeignFile("a changelog declares entities", place=Place(shown))
    root = _Node("", {})
    stack = [root]
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        node = _Node(local, attributes, line=parser.CurrentLineNumber)
        stack[-1].children.append(node)
        stack.append(node)

    def end(_: str) -> None:
        stack.pop()

    def characters(data: str) -> None:
        stack[-1].text += data

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise MalformedForeignFile(
            f"this is no XML: {error}", place=Place(shown, error.lineno)
        ) from error
    return root.children[0].children if root.children else []


def _yaml(files: Files, path: str) -> list[_Node]:
    text, shown = files.text(path), files.name(path)
    if path.endswith(".json"):
        try:
            value: object = json.loads(text)
        except ValueError as error:
            raise MalformedForeignFile("this is no JSON", place=Place(shown)) from error
    else:
        value = _read_yaml(text, shown)
    top = value.get("databaseChangeLog") if isinstance(value, dict) else None
    if not isinstance(top, list):
        raise MalformedForeignFile("there is no list `databaseChangeLog`", place=Place(shown))
    return [node for one in top for node in _nodes(one)]


def _read_yaml(text: str, shown: str) -> object:
    # Only these changelogs need it, so it is no requirement of the package.
    try:
        yaml = import_module("yaml")
    except ImportError as error:
        raise MalformedForeignFile(
            "reading YAML needs PyYAML, which is not installed",
            place=Place(shown),
            hints=("pip install pyyaml",),
        ) from error
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise MalformedForeignFile(
            "this is no YAML", place=Place(shown, mark.line + 1 if mark else None)
        ) from error


def _nodes(value: object) -> Iterator[_Node]:
    """Yield the elements that a mapping of YAML spells: its keys, with what stands under them."""
    if not isinstance(value, dict):
        return
    for name, within in value.items():
        node = _Node(str(name), {})
        if isinstance(within, dict):
            node.attributes = {
                str(key): _scalar(one)
                for key, one in within.items()
                if not isinstance(one, (dict, list))
            }
            for key, one in within.items():
                if key == "changes" and isinstance(one, list):
                    node.children += [child for each in one for child in _nodes(each)]
                elif key == "rollback":
                    node.children.append(_rollback(one))
                elif key == "comment":
                    node.children.append(_Node("comment", {}, text=str(one)))
        elif within is not None:
            node.text = str(within)
        yield node


def _rollback(value: object) -> _Node:
    if isinstance(value, list):
        return _Node("rollback", {}, children=[node for one in value for node in _nodes(one)])
    if isinstance(value, dict):
        return _Node("rollback", {}, children=list(_nodes(value)))
    return _Node("rollback", {}, text=str(value or ""))


def _scalar(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


LIQUIBASE = Format("liquibase", _fits, _read)
