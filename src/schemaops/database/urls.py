"""Database URLs: read, and shown without their secrets.

postgresql://ada:secret@host:5432/shop?sslmode=require      also postgres://, postgresql+psycopg://
mysql://ada:secret@host:3306/shop                           also mariadb://, mysql+pymysql://
sqlite:///relative.db   sqlite:////absolute.db   sqlite://  (in memory)
postgres-embedded:///relative/directory?database=dev        the server that comes with SchemaOps
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, unquote_plus

from schemaops.errors import Cause, SchemaOpsError

__all__ = ["Secret", "Url", "UrlNotUnderstood", "read_url", "scrub"]

MASK = "***"


class UrlNotUnderstood(SchemaOpsError):
    """A database URL cannot be read: its scheme, its driver, an option or its form is not known.

    These are understood: `postgresql://user:password@host:5432/name`, `mysql://…` and
    `mariadb://…` of the same form, `sqlite:///file` (three slashes before a relative path, four
    before an absolute one), and `postgres-embedded:///directory`. In a password the characters
    `@ / ? # % :` are written percent-encoded: `@` as `%40`.
    """

    code = "SO601"
    cause = Cause.USAGE

    def __init__(self, why: str) -> None:
        super().__init__(why, hints=("schemaops explain SO601",))


class Secret:
    """A string that shows itself to nobody who does not ask for it by `reveal`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return what is hidden."""
        return self._value

    def __repr__(self) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


@dataclass(frozen=True, slots=True)
class Url:
    """Where a database is. `name` is the database, or SQLite's file (`None`: in memory);
    `directory` holds an embedded server; `path` is either as it was spelled."""

    dialect: str
    scheme: str
    name: str | None = None
    host: str | None = None
    port: str | None = None
    user: str | None = None
    password: Secret | None = None
    options: tuple[tuple[str, str | Secret], ...] = ()
    directory: Path | None = None
    path: str = ""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Everything in it that must not be seen."""
        found = [value for _, value in self.options if isinstance(value, Secret)]
        return (*found, self.password) if self.password is not None else tuple(found)

    @property
    def shown(self) -> str:
        """The URL as it may be seen."""
        if self.dialect == "sqlite":
            return f"sqlite:///{self.path}" if self.name else "sqlite://"
        name = quote(self.name or "")
        if self.directory is not None:
            return f"{self.scheme}:///{self.path}?database={name}"
        user = quote(self.user or "") + (f":{MASK}" if self.password else "")
        host = ",".join(
            (f"[{host}]" if ":" in host else quote(host)) + (f":{port}" if port else "")
            for host, port in self.hosts
        )
        options = "&".join(
            f"{key}={MASK if isinstance(value, Secret) else quote(value, safe='/')}"
            for key, value in self.options
        )
        return (
            f"{self.scheme}://{user}{'@' if user else ''}{host}/{name}"
            f"{'?' if options else ''}{options}"
        )

    @property
    def hosts(self) -> tuple[tuple[str, str], ...]:
        """Each host with its port; PostgreSQL takes several."""
        hosts = (self.host or "").split(",")
        return tuple(zip_longest(hosts, (self.port or "").split(",")[: len(hosts)], fillvalue=""))

    def on(self, name: str | None) -> Url:
        """Return the URL of another database on the same server."""
        return replace(self, name=name)


_DIALECTS = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "postgres-embedded": "postgres",
}
# Other programs' URLs name their own drivers; the server is the same.
_DRIVERS = {
    "postgres": {"psycopg", "psycopg2", "psycopg_async", "asyncpg", "pg8000"},
    "mysql": {"pymysql", "mysqldb", "mariadbconnector", "mysqlconnector", "aiomysql", "asyncmy"},
    "sqlite": {"pysqlite", "aiosqlite"},
}
_MYSQL_OPTIONS = frozenset(
    {"charset", "connect_timeout", "ssl_ca", "ssl_cert", "ssl_key", "unix_socket"}
)
_SECRET_OPTIONS = frozenset({"password", "sslpassword", "passwd"})

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9-]*)(?:\+([A-Za-z0-9_]+))?://(.*)\Z", re.DOTALL)
_SERVER = re.compile(
    r"(?:(?P<user>[^:/?#@]*)(?::(?P<password>[^@]*))?@)?"
    r"(?P<host>[^/?#@]*)(?:/(?P<name>[^?#@]*))?(?:\?(?P<query>[^#]*))?\Z",
    re.DOTALL,
)
_HOST = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::(\d*))?\Z")


def read_url(text: str, *, relative_to: Path | None = None) -> Url:
    """Return the URL that `text` spells; raise UrlNotUnderstood, never showing what it holds."""
    found = _SCHEME.match(text.strip())
    if found is None:
        raise UrlNotUnderstood(
            "a database URL begins with `postgresql://`, `mysql://` or `sqlite://`"
        )
    scheme, driver, rest = found.groups()
    dialect = _DIALECTS.get(scheme.lower())
    if dialect is None:
        raise UrlNotUnderstood(f"no database is known by the URL scheme `{scheme}`")
    embedded = scheme.lower() == "postgres-embedded"
    if driver is not None and (embedded or driver.lower() not in _DRIVERS[dialect]):
        raise UrlNotUnderstood(f"no driver for {dialect} is known by the name `{driver}`")
    if dialect == "sqlite":
        return _sqlite(rest, relative_to)
    if embedded:
        return _embedded(rest, relative_to)
    return _server(dialect, scheme.lower(), rest)


def scrub(text: str, secrets: Iterable[Secret]) -> str:
    """Return `text` with every secret masked, as it is and percent-encoded."""
    for secret in secrets:
        value = secret.reveal()
        for form in {value, quote(value, safe=""), quote(value)} - {""}:
            text = text.replace(form, MASK)
    return text


def _sqlite(rest: str, relative_to: Path | None) -> Url:
    path, _, query = rest.partition("?")
    if query:
        raise UrlNotUnderstood("an SQLite URL takes no options")
    if path in ("", "/", "/:memory:"):
        return Url("sqlite", "sqlite")
    if not path.startswith("/"):
        raise UrlNotUnderstood(
            "an SQLite URL has three slashes before a relative path, four before /"
        )
    spelled = re.sub(r"\A/{2,}", "/", path[1:])
    file = Path(spelled).expanduser()
    return Url("sqlite", "sqlite", str((relative_to or Path()) / file), path=spelled)


def _embedded(rest: str, relative_to: Path | None) -> Url:
    path, _, query = rest.partition("?")
    options = _options(query)
    name = options.pop("database", "dev")
    if len(path) < 2 or not path.startswith("/") or options:
        raise UrlNotUnderstood(
            "an embedded server is `postgres-embedded:///directory?database=name`"
        )
    directory = ((relative_to or Path()) / Path(unquote(path[1:])).expanduser()).absolute()
    return Url(
        "postgres",
        "postgres-embedded",
        name,
        user="postgres",
        directory=directory,
        path=path[1:],
    )


def _server(dialect: str, scheme: str, rest: str) -> Url:
    found = _SERVER.match(rest)
    if found is None:
        raise UrlNotUnderstood(
            "`@`, `/`, `?` and `#` in a password must be percent-encoded in a URL"
        )
    user, password = found["user"], found["password"]
    host, port = _hosts(found["host"] or "")
    options = _options(found["query"] or "")
    if dialect == "mysql" and (unknown := sorted(options.keys() - _MYSQL_OPTIONS)):
        raise UrlNotUnderstood(f"no option `{unknown[0]}` is known for a MySQL URL")
    return Url(
        dialect,
        scheme,
        unquote(found["name"]) if found["name"] else None,
        host or None,
        port or None,
        unquote(user) if user else None,
        Secret(unquote(password)) if password else None,
        tuple(
            (key, Secret(value) if key in _SECRET_OPTIONS else value)
            for key, value in options.items()
        ),
    )


def _hosts(text: str) -> tuple[str, str]:
    hosts, ports = [], []
    for each in text.split(","):
        found = _HOST.match(each)
        if found is None:
            raise UrlNotUnderstood("the host and port of the URL cannot be read")
        hosts.append(unquote(found[1]).strip("[]"))
        ports.append(found[2] or "")
    return ",".join(hosts), ",".join(ports) if any(ports) else ""


def _options(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        pairs = None
    if pairs is None:
        raise UrlNotUnderstood("the options after `?` in the URL are not of the form name=value")
    return {unquote_plus(key): value for key, value in pairs}
