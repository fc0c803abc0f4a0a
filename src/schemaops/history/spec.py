"""What a person may type for a schema: revision specs, and the other places a schema is found in.

`parse_spec` only reads the text; `resolve` finds the revision, given the DAG and a function from a
branch's name to the DAG of its tree. Nothing here opens anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from schemaops.errors import SchemaOpsError
from schemaops.history.dag import Dag
from schemaops.history.revision import RevisionId, is_revision_id, short

__all__ = [
    "AmbiguousRevision",
    "BranchOf",
    "InDatabase",
    "InEnvironment",
    "InModels",
    "InScript",
    "MalformedSpec",
    "RevisionSpec",
    "SeveralHeads",
    "Spec",
    "SpecRange",
    "TooFarBack",
    "UnknownRevision",
    "one_head",
    "parse_range",
    "parse_spec",
    "resolve",
]


class UnknownRevision(SchemaOpsError):
    """What was typed is the name of no branch and the beginning of no revision's id.

    A revision spec is a branch (`main`), an id or at least four digits of one (`3f2a91c`), `base`,
    or `@` for the head of the working tree; `~2` after it goes two parents back. `schemaops log`
    lists the ids, `schemaops branch` the branches. A file of SQL is written `file:schema.sql`, an
    environment `env:production`.
    """

    code = "SO412"


class AmbiguousRevision(SchemaOpsError):
    """Several revisions have ids that begin with these digits.

    Type more digits; the candidates are listed.
    """

    code = "SO413"

    def __init__(self, message: str, candidates: tuple[RevisionId, ...]) -> None:
        super().__init__(
            message, hints=tuple(f"schemaops show {short(one)}" for one in candidates[:8])
        )
        self.candidates = candidates


class SeveralHeads(SchemaOpsError):
    """One revision was asked for, and the branch has several heads.

    Two lines of revisions came together by a merge of git, and nothing says yet how they go
    together. `schemaops merge` makes one head of them; until then, name a revision by its id.
    """

    code = "SO433"

    def __init__(self, message: str, heads: tuple[RevisionId, ...]) -> None:
        super().__init__(message, hints=("schemaops merge", "schemaops merge --status"))
        self.heads = heads


class MalformedSpec(SchemaOpsError):
    """What was typed for a schema cannot be read.

    The forms are: `main`, `main~2`, `3f2a91c`, `base`, `@`, `env:production`, a database URL,
    `file:schema.sql` (`file:-` for standard input) and `models:package.module:Base`; a range is
    `A..B`.
    """

    code = "SO415"


class TooFarBack(SchemaOpsError):
    """A revision spec goes back further than the history.

    `main~2` follows first parents from the head of `main`; past the first revision comes `base`,
    and nothing before that. `schemaops log` shows how many there are.
    """

    code = "SO416"


@dataclass(frozen=True, slots=True)
class RevisionSpec:
    """A branch, an id, `base` or `@` (the head of the working tree), and how far back from it."""

    name: str
    back: int = 0


@dataclass(frozen=True, slots=True)
class InEnvironment:
    """The database of an environment."""

    name: str


@dataclass(frozen=True, slots=True)
class InDatabase:
    """A database by its URL, which may hold a password and is not shown."""

    url: str

    def __repr__(self) -> str:
        return "InDatabase(…)"


@dataclass(frozen=True, slots=True)
class InScript:
    """A file of SQL that builds the schema; `-` is standard input."""

    path: str


@dataclass(frozen=True, slots=True)
class InModels:
    """SQLAlchemy metadata: a module and the name of a base class or MetaData in it."""

    module: str
    attribute: str


Spec = RevisionSpec | InEnvironment | InDatabase | InScript | InModels


@dataclass(frozen=True, slots=True)
class SpecRange:
    """What `until` has and `since` has not."""

    since: RevisionSpec
    until: RevisionSpec


BranchOf = Callable[[str], Dag | None]

_HERE = "@"
_REVISION = re.compile(r"(?P<name>[^\s~^:?*\[\\]+)(?P<back>(?:~\d*)*)")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_MODELS = re.compile(r"(?P<module>[^\W\d]\w*(?:\.[^\W\d]\w*)*):(?P<attribute>[^\W\d]\w*)")
_DIGITS = re.compile(r"[0-9a-fA-F]{4,40}")


def parse_spec(text: str) -> Spec:
    """Return what `text` names; raise MalformedSpec where it names nothing."""
    if _URL.match(text):
        return InDatabase(text)
    if text == "-":
        return InScript("-")
    kind, colon, rest = text.partition(":")
    if colon:
        match kind:
            case "env" if rest:
                return InEnvironment(rest)
            case "file" if rest:
                return InScript(rest)
            case "models":
                models = _MODELS.fullmatch(rest)
                if models:
                    return InModels(models["module"], models["attribute"])
                raise MalformedSpec(f"`{text}` is not of the form models:package.module:Base")
        raise MalformedSpec(f"`{_shown(text)}` begins with no known kind of place")
    return _revision(text)


def parse_range(text: str) -> SpecRange:
    """Return the range `A..B`; an end left out is the head of the working tree."""
    since, dots, until = text.partition("..")
    if not dots or until.startswith(".") or not (since or until):
        raise MalformedSpec(f"`{_shown(text)}` is not a range of the form A..B")
    return SpecRange(_revision(since or _HERE), _revision(until or _HERE))


def resolve(
    spec: RevisionSpec, here: Dag, branch: BranchOf, *, branches: Iterable[str] = ()
) -> RevisionId | None:
    """Return the revision that `spec` names, None for base.

    `here` has every revision that an id may name, and its heads are those of the working tree;
    `branch` gives the DAG of a branch, None where there is no such branch; `branches` are the names
    to suggest.
    """
    name = spec.name
    if name == "base":
        if spec.back:
            raise TooFarBack("nothing comes before base")
        return None
    if name == _HERE:
        return _back(one_head(here, "the working tree"), spec, here)
    if not is_revision_id(name):
        dag = branch(name)
        if dag is not None:
            return _back(one_head(dag, name), spec, dag)
    return _back(_by_digits(name, here, branches), spec, here)


def one_head(dag: Dag, name: str) -> RevisionId | None:
    """Return the head, None where there are no revisions; raise SeveralHeads."""
    heads = dag.heads()
    if len(heads) > 1:
        listed = ", ".join(map(short, heads))
        raise SeveralHeads(f"{name} has {len(heads)} heads: {listed}", heads)
    return heads[0] if heads else None


def _revision(text: str) -> RevisionSpec:
    found = _REVISION.fullmatch(text)
    if not found or ".." in text or text.startswith("-"):
        raise MalformedSpec(f"`{_shown(text)}` is no revision spec")
    back = sum(int(steps or 1) for steps in found["back"].split("~")[1:])
    return RevisionSpec(found["name"], back)


def _by_digits(name: str, here: Dag, branches: Iterable[str]) -> RevisionId:
    if _DIGITS.fullmatch(name):
        found = here.with_prefix(name.lower())
        if len(found) > 1:
            listed = ", ".join(map(short, found[:8])) + (" …" if len(found) > 8 else "")
            raise AmbiguousRevision(f"{len(found)} revisions begin with {name}: {listed}", found)
        if found:
            return found[0]
    near = get_close_matches(name, list(branches), n=1)
    if near:
        advice = f" (did you mean {near[0]}?)"
    elif re.search(r"\.\w+$", name):
        advice = f" (a file of SQL is written file:{name})"
    else:
        advice = ""
    raise UnknownRevision(
        f"{name} is neither a branch nor a revision{advice}",
        hints=("schemaops branch", "schemaops log"),
    )


def _back(start: RevisionId | None, spec: RevisionSpec, dag: Dag) -> RevisionId | None:
    step = start
    for _ in range(spec.back):
        if step is None:
            raise TooFarBack(f"{spec.name}~{spec.back} goes back further than base")
        step = next(iter(dag.parents(step)), None)
    return step


def _shown(text: str) -> str:
    return text if "@" not in text else text.partition(":")[0] + ":…"
