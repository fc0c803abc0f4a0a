"""`.schemaops/config.toml` → Config: dialect, environments and policy, read strictly.

Every setting is known or an error with its line. An environment's URL may stand in a variable,
`$PRODUCTION_URL`, and is only ever expanded into a value that is returned: what is read, kept and
written is the text of the file.

::

    dialect = "postgres"
    default_branch = "main"

    [environments.dev]
    url = "$DEV_URL"

    [environments.production]
    url = "postgresql://app:${APP_PASSWORD}@db/shop"
    protected = true
    after = "dev"
    lock_timeout = "5s"

    [policy]
    hazards = { DL01 = "refuse" }
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from schemaops.errors import Place, SchemaOpsError

__all__ = [
    "DIALECTS",
    "Config",
    "Environment",
    "EnvironmentCycle",
    "EnvironmentExists",
    "ForeignFolder",
    "LiteralPassword",
    "MalformedConfig",
    "NoConfig",
    "Policy",
    "UnknownEnvironment",
    "UnknownSetting",
    "UnsetVariable",
    "UnusableEnvironmentName",
    "WrongSetting",
    "adding_environment",
    "environment",
    "expand",
    "leaving_beside",
    "new_config",
    "read_config",
    "reading_in_place",
    "refuse_literal_password",
]

DIALECTS = ("postgres", "mysql", "sqlite")


class NoConfig(SchemaOpsError):
    """The folder `.schemaops` has no `config.toml`.

    It names the dialect and the environments. `schemaops init --dialect postgres` writes one (or
    `mysql`, `sqlite`); where git had one, `git checkout -- .schemaops/config.toml` brings it back.
    """

    code = "SO700"


class MalformedConfig(SchemaOpsError):
    """The configuration is not TOML.

    The place says where reading stopped. Strings stand in quotes, tables begin with `[name]`; see
    https://toml.io. The file is UTF-8.
    """

    code = "SO701"


class UnknownSetting(SchemaOpsError):
    """The configuration has a setting that does not exist.

    It is refused, since a misspelt `protected` would protect nothing. The settings are `dialect`,
    `search_path`, `default_branch`, `scratch`; in `[environments.NAME]` `url`, `protected`,
    `follow`, `lossless`, `after`, `scratch`, `lock_timeout`, `statement_timeout`; in `[policy]`
    `hazards`; in `[history]`, where another tool's folder is read in place, `format`, `dir`,
    `linear`, `skip`, `program`, `values`; and `beside`, the tables of another tool that are none of
    the schema.
    """

    code = "SO702"


class WrongSetting(SchemaOpsError):
    """A setting of the configuration has a value that it cannot have.

    The message says what is expected. Times are written `"500ms"`, `"5s"`, `"2min"`, or `0` for
    none.
    """

    code = "SO703"


class EnvironmentCycle(SchemaOpsError):
    """Environments come after each other in a circle.

    `after` says which environments get a revision first; with a circle none could begin.
    """

    code = "SO704"


class UnknownEnvironment(SchemaOpsError):
    """There is no environment of this name.

    `schemaops status` lists them; `schemaops env add NAME --url '$VARIABLE'` adds one.
    """

    code = "SO705"


class LiteralPassword(SchemaOpsError):
    """A URL with a password in it was about to be written into the configuration.

    The configuration is committed to git, where a password would stay for ever. Put the URL, or the
    password alone, into a variable of the environment and name that: `--url '$PRODUCTION_URL'`, or
    `--url 'postgresql://app:${APP_PASSWORD}@db/shop'`. Mind the single quotes.
    """

    code = "SO706"


class UnsetVariable(SchemaOpsError):
    """A URL names a variable that is not set in this process's environment.

    Set it where the command runs: `export PRODUCTION_URL=…`, or in the settings of the CI.
    """

    code = "SO707"


class EnvironmentExists(SchemaOpsError):
    """An environment of this name is in the configuration already.

    Edit it there, or choose another name.
    """

    code = "SO708"


class UnusableEnvironmentName(SchemaOpsError):
    """An environment cannot have this name.

    Names are made of letters, digits, hyphens and underscores.
    """

    code = "SO709"


@dataclass(frozen=True, slots=True)
class Environment:
    """One database, or a fleet, and the policy for it; times are in milliseconds, None is unset."""

    name: str
    url: str = field(repr=False)
    protected: bool = False
    follow: bool = False
    lossless: bool = False
    after: tuple[str, ...] = ()
    scratch: str | None = field(default=None, repr=False)
    lock_timeout: int | None = None
    statement_timeout: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What a team decided for all: hazards by code → `ignore`, `warn` or `refuse`."""

    hazards: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class ForeignFolder:
    """Another tool's folder that is read in place: its format, where it is, and how it is read."""

    format: str
    dir: str
    linear: bool = False
    skip: tuple[str, ...] = ()
    program: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration; environments stand in the order of the file."""

    dialect: str
    search_path: tuple[str, ...] = ()
    default_branch: str = "main"
    scratch: str | None = field(default=None, repr=False)
    environments: Mapping[str, Environment] = field(default_factory=lambda: MappingProxyType({}))
    policy: Policy = Policy()
    history: ForeignFolder | None = None
    beside: tuple[str, ...] = ()

    def environment(self, name: str) -> Environment:
        """Return the environment of this name; raise UnknownEnvironment."""
        found = self.environments.get(name)
        if found is None:
            near = get_close_matches(name, self.environments, n=1)
            advice = f" (did you mean {near[0]}?)" if near else ""
            raise UnknownEnvironment(
                f"there is no environment {name}{advice}",
                hints=(f"schemaops env add {name} --url '$VARIABLE'",),
            )
        return found

    def rollout(self) -> tuple[Environment, ...]:
        """Return the environments, each after those it comes after."""
        placed: dict[str, Environment] = {}
        while len(placed) < len(self.environments):
            for name, one in self.environments.items():
                if name not in placed and all(before in placed for before in one.after):
                    placed[name] = one
                    break
        return tuple(placed.values())


T = TypeVar("T")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_VARIABLE = re.compile(
    r"\$(?:(?P<bare>[A-Za-z_][A-Za-z0-9_]*)|\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)\})"
)
_TIME = re.compile(r"(\d+)\s*(ms|s|min|h)")
_UNITS = {"ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000}
_HAZARD = re.compile(r"[A-Z]{2}\d{2}")
_SECRET_OPTIONS = frozenset({"password", "passwd", "passphrase", "sslpassword", "ssl_key_password"})


def read_config(data: bytes | None, *, file: str = ".schemaops/config.toml") -> Config:
    """Return the configuration; raise the first thing wrong with it, with its line."""
    if data is None:
        raise NoConfig(
            "there is no configuration",
            place=Place(file),
            hints=tuple(f"schemaops init --dialect {one}" for one in DIALECTS),
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise MalformedConfig("the configuration is not UTF-8", place=Place(file, line)) from error
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(error, text, file) from error
    top = _Table(tree, (), text, file)
    dialect = top.take("dialect", _dialect)
    if dialect is None:
        raise WrongSetting(
            f"dialect is not set; it is one of {', '.join(DIALECTS)}", place=Place(file, 1)
        )
    config = Config(
        dialect=dialect,
        search_path=top.take("search_path", _names) or (),
        default_branch=top.take("default_branch", _text) or "main",
        scratch=top.take("scratch", _text),
        environments=MappingProxyType(
            {name: _environment(name, within) for name, within in top.tables("environments")}
        ),
        policy=_policy(top.table("policy")),
        history=_history(top.table("history")) if "history" in tree else None,
        beside=top.take("beside", _names) or (),
    )
    top.done()
    if config.search_path and dialect != "postgres":
        raise top.wrong("search_path", "only postgres has a search path")
    _refuse_disorder(config, top)
    return config


def new_config(dialect: str, dev_url: str | None, *, default_branch: str = "main") -> bytes:
    """Return the configuration that a new project begins with."""
    lines = [
        "# SchemaOps reads this file and never a secret from it: a URL names a variable,",
        "# '$PRODUCTION_URL', wherever it would hold a password.",
        f"dialect = {_quoted(dialect)}",
        f"default_branch = {_quoted(default_branch)}",
    ]
    if dev_url is not None:
        refuse_literal_password(dev_url, "dev")
        lines += ["", "[environments.dev]", f"url = {_quoted(dev_url)}"]
    data = ("\n".join(lines) + "\n").encode()
    read_config(data)
    return data


def reading_in_place(
    data: bytes, folder: ForeignFolder, *, file: str = ".schemaops/config.toml"
) -> bytes:
    """Return the configuration with another tool's folder as its history."""
    before = read_config(data, file=file)
    if before.history is not None:
        raise WrongSetting("there is a [history] already", place=Place(file))
    lines = ["[history]", f"format = {_quoted(folder.format)}", f"dir = {_quoted(folder.dir)}"]
    if folder.linear:
        lines.append("linear = true")
    for key, listed in (("skip", folder.skip), ("program", folder.program)):
        if listed:
            lines.append(f"{key} = [{', '.join(map(_quoted, listed))}]")
    if folder.values:
        pairs = (f"{_quoted(name)} = {_quoted(value)}" for name, value in folder.values.items())
        lines.append(f"values = {{ {', '.join(pairs)} }}")
    written = data.rstrip(b"\n") + b"\n\n" + "\n".join(lines).encode() + b"\n"
    if read_config(written, file=file).history != folder:
        raise WrongSetting("the settings would not be read back as they are", place=Place(file))
    return written


def leaving_beside(
    data: bytes, tables: tuple[str, ...], *, file: str = ".schemaops/config.toml"
) -> bytes:
    """Return the configuration that leaves out these tables as well, everything else as it was."""
    before = read_config(data, file=file)
    wanted = tuple(dict.fromkeys((*before.beside, *tables)))
    if wanted == before.beside:
        return data
    line = f"beside = [{', '.join(map(_quoted, wanted))}]"
    text = data.decode()
    if before.beside:
        written, times = re.subn(
            r"^beside\s*=\s*(?:\[[^\]]*\]|\"[^\"]*\")", line, text, flags=re.MULTILINE
        )
        if times != 1:
            raise WrongSetting(f"`{line}` is wanted here", place=Place(file))
    else:
        written, _ = re.subn(
            r"^(dialect\s*=.*)$",
            lambda found: f"{found[1]}\n{line}",
            text,
            count=1,
            flags=re.MULTILINE,
        )
    if read_config(written.encode(), file=file).beside != wanted:
        raise WrongSetting(f"`{line}` is wanted here", place=Place(file))
    return written.encode()


def environment(
    name: str,
    url: str,
    *,
    protected: bool = False,
    follow: bool | None = None,
    lossless: bool | None = None,
    after: tuple[str, ...] = (),
    scratch: str | None = None,
    lock_timeout: int | None = None,
    statement_timeout: int | None = None,
) -> Environment:
    """Return an environment; unless told, `dev` follows and what is protected is lossless."""
    if not _NAME.fullmatch(name):
        raise UnusableEnvironmentName(f"`{name}` cannot name an environment")
    return Environment(
        name=name,
        url=url,
        protected=protected,
        follow=name == "dev" if follow is None else follow,
        lossless=protected if lossless is None else lossless,
        after=after,
        scratch=scratch,
        lock_timeout=lock_timeout,
        statement_timeout=statement_timeout,
    )


def adding_environment(
    data: bytes, added: Environment, *, file: str = ".schemaops/config.toml"
) -> bytes:
    """Return the configuration with one environment more, everything else as it was written."""
    before = read_config(data, file=file)
    name = added.name
    if name in before.environments:
        raise EnvironmentExists(
            f"there is an environment {name} already",
            place=Place(file),
            hints=("schemaops status",),
        )
    for url in (added.url, added.scratch):
        if url is not None:
            refuse_literal_password(url, name)
    apart = (
        b"" if not data or data.endswith(b"\n\n") else b"\n" if data.endswith(b"\n") else b"\n\n"
    )
    section = "\n".join([f"[environments.{name}]", *_settings(added)]) + "\n"
    written = data + apart + section.encode()
    try:
        after = read_config(written, file=file)
    except MalformedConfig as error:
        raise WrongSetting(
            f"environments is written inline, so {name} cannot be added after it",
            place=Place(file),
        ) from error
    if dict(after.environments) != {**before.environments, name: added}:
        raise WrongSetting(
            f"the settings of {name} would not be read back as they are", place=Place(file)
        )
    return written


def expand(url: str, environ: Mapping[str, str]) -> str:
    """Return a URL with its variables' values, which are secrets; raise UnsetVariable."""

    def value(found: re.Match[str]) -> str:
        name = found["bare"] or found["braced"]
        if not environ.get(name):
            raise UnsetVariable(f"the variable {name} is not set", hints=(f"export {name}=URL",))
        return environ[name]

    return _VARIABLE.sub(value, url)


def refuse_literal_password(url: str, name: str = "NAME") -> None:
    """Raise LiteralPassword where a URL holds a password that is not a variable."""
    if any(secret and not _VARIABLE.fullmatch(secret) for secret in _secrets(url)):
        raise LiteralPassword(
            "this URL has a password in it", hints=(f"schemaops env add {name} --url '$VARIABLE'",)
        )


def _secrets(url: str) -> Iterator[str]:
    scheme, separator, rest = url.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0] if separator else ""
    # A password may hold an @ of its own: the host begins after the last one.
    user, at, _ = authority.rpartition("@")
    # A password may also hold what ends an authority, and then the rest of the URL holds the @.
    loose = rest.rpartition("@")[0] if separator and not at else user
    if not scheme.startswith("sqlite"):
        yield loose.partition(":")[2]
    query = urlsplit(f"{scheme}:/?{url.partition('?')[2]}").query
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key.lower() in _SECRET_OPTIONS:
            yield value


def _environment(name: str, within: _Table) -> Environment:
    if not _NAME.fullmatch(name):
        raise UnusableEnvironmentName(f"`{name}` cannot name an environment", place=within.place())
    url = within.take("url", _text)
    if url is None:
        raise within.wrong("", f"environments.{name} has no url")
    found = environment(
        name,
        url,
        protected=within.take("protected", _flag) or False,
        follow=within.take("follow", _flag),
        lossless=within.take("lossless", _flag),
        after=within.take("after", _names) or (),
        scratch=within.take("scratch", _text),
        lock_timeout=within.take("lock_timeout", _time),
        statement_timeout=within.take("statement_timeout", _time),
    )
    within.done()
    return found


def _policy(within: _Table) -> Policy:
    hazards = within.take("hazards", _hazards)
    within.done()
    return Policy(MappingProxyType(hazards or {}))


def _history(within: _Table) -> ForeignFolder:
    tool, folder = within.take("format", _text), within.take("dir", _text)
    for key, value in (("format", tool), ("dir", folder)):
        if value is None:
            raise within.wrong("", f"history has no {key}")
    found = ForeignFolder(
        format=tool or "",
        dir=folder or "",
        linear=within.take("linear", _flag) or False,
        skip=within.take("skip", _names) or (),
        program=within.take("program", _names) or (),
        values=MappingProxyType(within.take("values", _texts) or {}),
    )
    within.done()
    return found


def _refuse_disorder(config: Config, top: _Table) -> None:
    for name, environment in config.environments.items():
        for before in environment.after:
            if before not in config.environments:
                near = get_close_matches(before, config.environments, n=1)
                advice = f" (did you mean {near[0]}?)" if near else ""
                raise UnknownEnvironment(
                    f"{name} comes after {before}, which is no environment{advice}",
                    place=top.place("environments", name, "after"),
                )
    left = dict(config.environments)
    while left:
        free = [name for name, one in left.items() if not any(it in left for it in one.after)]
        if not free:
            # Everything left waits for something left: follow that until it comes round.
            trail = [next(iter(left))]
            while trail.count(trail[-1]) == 1:
                trail.append(next(it for it in left[trail[-1]].after if it in left))
            circle = trail[trail.index(trail[-1]) :]
            raise EnvironmentCycle(
                " after ".join(circle), place=top.place("environments", circle[0], "after")
            )
        for name in free:
            del left[name]


class _Wrong(Exception):
    """Why a value is not one that its setting can have."""


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _Wrong("a string")
    return value


def _dialect(value: object) -> str:
    if value not in DIALECTS:
        near = get_close_matches(str(value), DIALECTS, n=1)
        advice = f" (did you mean {near[0]}?)" if near else ""
        raise _Wrong(f"one of {', '.join(DIALECTS)}{advice}")
    return str(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("true or false")
    return value


def _names(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) and one for one in listed):
        raise _Wrong("a name or a list of names")
    return tuple(listed)


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise _Wrong("a table of texts")
    return value


def _time(value: object) -> int:
    if value == 0 and not isinstance(value, bool):
        return 0
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise _Wrong('a time such as "500ms", "5s" or "2min", or 0')
    return int(found[1]) * _UNITS[found[2]]


def _hazards(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(
        _HAZARD.fullmatch(code) and how in ("ignore", "warn", "refuse")
        for code, how in value.items()
    ):
        raise _Wrong('codes with "ignore", "warn" or "refuse", as { DL01 = "refuse" }')
    return {str(code): str(how) for code, how in value.items()}


class _Table:
    """A table of the file as it is used up: what nobody took is an unknown setting."""

    def __init__(self, tree: dict[str, Any], path: tuple[str, ...], text: str, file: str) -> None:
        self._left = dict(tree)
        self._taken: list[str] = []
        self._path = path
        self._text = text
        self._file = file

    def take(self, key: str, read: Callable[[object], T]) -> T | None:
        """Return a setting's value as `read` has it, None where it is not set."""
        self._taken.append(key)
        if key not in self._left:
            return None
        try:
            return read(self._left.pop(key))
        except _Wrong as wrong:
            raise self.wrong(key, f"{'.'.join((*self._path, key))} is {wrong}") from wrong

    def table(self, key: str) -> _Table:
        """Return a table within this one, empty where there is none."""
        self._taken.append(key)
        tree = self._left.pop(key, {})
        if not isinstance(tree, dict):
            name = ".".join((*self._path, key))
            raise self.wrong(key, f"{name} is a table, [{name}]")
        return _Table(tree, (*self._path, key), self._text, self._file)

    def tables(self, key: str) -> Iterator[tuple[str, _Table]]:
        """Yield the tables within a table, by name."""
        within = self.table(key)
        for name in list(within._left):
            yield name, within.table(name)

    def done(self) -> None:
        """Raise UnknownSetting where something is left."""
        for key in self._left:
            near = get_close_matches(key, self._taken, n=1)
            advice = f" (did you mean {near[0]}?)" if near else ""
            raise UnknownSetting(
                f"there is no setting {'.'.join((*self._path, key))}{advice}",
                place=self.place(key),
            )

    def wrong(self, key: str, message: str) -> WrongSetting:
        """Return the error for a setting of this table."""
        return WrongSetting(message, place=self.place(*([key] if key else [])))

    def place(self, *path: str) -> Place:
        """Return the line that a setting of this table stands on, or the nearest table's."""
        return Place(self._file, _line_of(self._text, (*self._path, *path)))


_HEADER = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]")
_KEY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def _line_of(text: str, path: tuple[str, ...]) -> int:
    # tomllib keeps no places. A line that only looks like a setting, within a string of many lines,
    # could be named in its stead: the message still says which setting is meant.
    table: tuple[str, ...] = ()
    best, depth = 1, 0
    for number, line in enumerate(text.split("\n"), start=1):
        header = _HEADER.match(line)
        key = None if header else _KEY.match(line)
        if header:
            table = _parts(header[1])
            here = table
        elif key:
            here = (*table, *_parts(key[1]))
        else:
            continue
        if len(here) > depth and here == path[: len(here)]:
            best, depth = number, len(here)
    return best


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(text))


def _not_toml(error: tomllib.TOMLDecodeError, text: str, file: str) -> MalformedConfig:
    message = str(error)
    found = re.search(r" \((?:at line (\d+), column \d+|at end of document)\)$", message)
    line = text.count("\n") + 1
    if found:
        message = message[: found.start()]
        line = int(found[1]) if found[1] else line
    return MalformedConfig(message[:1].lower() + message[1:], place=Place(file, line))


def _settings(environment: Environment) -> Iterator[str]:
    yield f"url = {_quoted(environment.url)}"
    if environment.protected:
        yield "protected = true"
    if environment.follow != (environment.name == "dev"):
        yield f"follow = {str(environment.follow).lower()}"
    if environment.lossless != environment.protected:
        yield f"lossless = {str(environment.lossless).lower()}"
    if environment.after:
        yield f"after = [{', '.join(map(_quoted, environment.after))}]"
    if environment.scratch is not None:
        yield f"scratch = {_quoted(environment.scratch)}"
    for key in ("lock_timeout", "statement_timeout"):
        time = getattr(environment, key)
        if time is not None:
            yield f'{key} = "{time}ms"' if time else f"{key} = 0"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    escaped = re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found[0]):04x}", escaped)
    return f'"{escaped}"'
