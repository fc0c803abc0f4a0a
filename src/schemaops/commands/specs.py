"""A SPEC, as it was typed, into the schema that it names, interpreted or observed."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from schemaops.commands.beside import without
from schemaops.commands.workspace import Tree, Workspace, open_workspace
from schemaops.errors import SchemaOpsError
from schemaops.history.revision import RevisionId, short
from schemaops.history.spec import (
    InDatabase,
    InEnvironment,
    InModels,
    InScript,
    MalformedSpec,
    RevisionSpec,
    Spec,
    UnknownRevision,
    one_head,
    parse_spec,
    resolve,
)
from schemaops.schema.state import Schema
from schemaops.store.directory import NoFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaops.commands.scripts import Script
    from schemaops.database.connect import Database
    from schemaops.history.states import States
    from schemaops.operations.group import Group

__all__ = [
    "At",
    "OtherDialect",
    "Target",
    "on_a_branch",
    "revision_named",
    "schemas_at",
    "working_head",
]

_SQLITE = b"SQLite format 3\0"


class OtherDialect(SchemaOpsError):
    """Two schemas of different dialects cannot be compared, nor one be brought to the other.

    Types, names and defaults mean different things in each dialect. Compare schemas of one; for a
    script, `--dialect` says which one it is written in.
    """

    code = "SO714"


@dataclass(frozen=True, slots=True)
class At:
    """A schema, what it was typed as, and the opaque statements that led to it: all of a script's,
    and of a history's where the effect of one is unknown or they were asked for."""

    name: str
    schema: Schema
    opaque: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A revision, None for base, and the tree in which it was found."""

    revision: RevisionId | None
    tree: Tree


def working_head(workspace: Workspace) -> RevisionId | None:
    """Return the one head of the work tree, None before the first; raise SeveralHeads."""
    return one_head(workspace.dag, "the working tree")


def revision_named(workspace: Workspace, text: str) -> Target:
    """Return the revision that a revision spec names; raise what is wrong with it."""
    spec = parse_spec(text)
    if not isinstance(spec, RevisionSpec):
        kind, colon, _ = text.partition(":")
        shown = f"{kind}:…" if colon else kind
        raise MalformedSpec(f"`{shown}` is no revision spec", hints=("schemaops log",))
    found = workspace.tree
    if spec.name in ("@", "base"):
        pass
    elif (tree := workspace.branch(spec.name)) is not None:
        found = tree
    try:
        revision = resolve(
            spec,
            workspace.dag,
            lambda name: None if (its := workspace.branch(name)) is None else its.dag,
            branches=_branches(workspace),
        )
    except UnknownRevision as error:
        elsewhere = on_a_branch(workspace, spec.name)
        if elsewhere is None:
            raise
        name = elsewhere[0]
        raise UnknownRevision(
            f"{spec.name} is a revision of the branch {name}, and not of this one",
            hints=(f"schemaops log {shlex.quote(name)}", f"schemaops switch {shlex.quote(name)}"),
        ) from error
    return Target(revision, found)


def schemas_at(
    *texts: str, dialect: str | None = None, retry: str = "", all_opaque: bool = False
) -> tuple[At, ...]:
    """Return the schemas that SPECs name, all of one dialect; raise OtherDialect.

    `dialect` is the one that scripts are written in, where neither the configuration nor a database
    among the SPECs says it; `retry` is the command to type again with one. With `all_opaque` the
    opaque statements of a history are read even where the effect of each is known.
    """
    specs = [(text, parse_spec(text)) for text in texts]
    finder = _Finder(specs, dialect, retry, all_opaque=all_opaque)
    found = tuple(finder.at(text, spec) for text, spec in specs)
    dialects = {one.schema.dialect for one in found}
    if len(dialects) > 1:
        raise OtherDialect(f"these are schemas of {' and '.join(sorted(dialects))}")
    return found


class _Finder:
    def __init__(
        self, specs: list[tuple[str, Spec]], dialect: str | None, retry: str, *, all_opaque: bool
    ) -> None:
        self._given = dialect
        self._all_opaque = all_opaque
        self._specs = specs
        self._retry = retry
        self._workspace: Workspace | None = None

    @property
    def workspace(self) -> Workspace:
        if self._workspace is None:
            self._workspace = open_workspace()
        return self._workspace

    def at(self, text: str, spec: Spec) -> At:
        match spec:
            case RevisionSpec():
                target = self._revision(text)
                states = self.workspace.states(target.tree, self.workspace.tree)
                name = text if target.revision is None else f"{text} ({short(target.revision)})"
                known = states.at(target.revision)
                wanted = self._all_opaque or not known.certain
                opaque = tuple(_opaque_until(states, target.revision)) if wanted else ()
                return At(name, known.schema, opaque)
            case InEnvironment(name):
                environment = self.workspace.config.environment(name)
                seen = _observed(self.workspace.database(environment))
                return At(text, without(seen, self.workspace.config.beside))
            case InDatabase(url):
                database = _open(url)
                return At(database.shown, _observed(database))
            case InScript(path):
                from schemaops.commands.scripts import read_script

                return self._built(read_script(path), text)
            case InModels(module, attribute):
                from schemaops.commands.scripts import Script
                from schemaops.database.models import script_of

                name = self._dialect()
                return self._built(Script(text, script_of(module, attribute, name)), text)
            case _:
                assert_never(spec)

    def _revision(self, text: str) -> Target:
        try:
            return revision_named(self.workspace, text)
        except (NoFolder, UnknownRevision):
            file = Path(text)
            if not file.is_file():
                raise
            with file.open("rb") as opened:
                kind = "sqlite:///" if opened.read(len(_SQLITE)) == _SQLITE else "file:"
            retry = self._retry.replace(shlex.quote(text), shlex.quote(f"{kind}{text}"), 1)
            raise MalformedSpec(
                f"{text} is a file: as a SPEC it is written `{kind}{text}`", hints=(retry,)
            ) from None

    def _built(self, script: Script, text: str) -> At:
        from schemaops.commands.scripts import interpreted

        found = interpreted(script, Schema.empty(self._dialect()), search_path=self._search_path())
        return At(text, found.after, found.opaque)

    def _dialect(self) -> str:
        if self._given is None:
            for _, spec in self._specs:
                if isinstance(spec, InDatabase):
                    return _open(spec.url).dialect
        from schemaops.commands.scripts import dialect_for

        return dialect_for(self._given, Path.cwd(), self._retry)

    def _search_path(self) -> tuple[str, ...]:
        try:
            config = self.workspace.config
        except NoFolder:
            return ()
        return config.search_path if config.dialect == self._dialect() else ()


def _opaque_until(states: States, revision: RevisionId | None) -> Iterator[Group]:
    """Yield the opaque statements of the revisions that a schema was interpreted from, in order."""
    line = []
    while revision is not None:
        line.append(revision)
        whole = states.read(revision).checkpoint
        revision = None if whole else next(iter(states.dag.parents(revision)), None)
    for one in reversed(line):
        yield from (group for group in states.groups(one) if group.opaque)


def _open(url: str) -> Database:
    from schemaops.database.connect import open_database

    return open_database(url, relative_to=Path.cwd())


def _observed(database: Database) -> Schema:
    from schemaops.database.observe import observe

    with database.connect(read_only=True) as connection:
        return observe(connection)


def on_a_branch(workspace: Workspace, digits: str) -> tuple[str, Target] | None:
    """Return the branch that has the one revision whose id begins so, and that revision."""
    if workspace.git is None or not _DIGITS.fullmatch(digits):
        return None
    for branch in workspace.repository().branches():
        tree = workspace.branch(branch.name)
        found = () if tree is None else tree.dag.with_prefix(digits)
        if tree is not None and len(found) == 1:
            return branch.name, Target(found[0], tree)
    return None


_DIGITS = re.compile(r"[0-9a-f]{4,40}")


def _branches(workspace: Workspace) -> tuple[str, ...]:
    if workspace.git is None:
        return ()
    return tuple(branch.name for branch in workspace.repository().branches())
