"""What statements come to on an engine: run over one base again and again, and looked at.

A `Bench` holds a base on an engine; `outcome` runs statements on a copy of it and tells the state in
which they end, or which of them the engine refuses. A state is the engine's own catalogue and the
rows, read without any of the project's code, so that it may judge that code.

    with bench("sqlite", base) as on:
        on.outcome(["ALTER TABLE …", "INSERT …"])
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg
import pymysql
from sqlalchemy.engine import make_url

from schemaops.sql.lexer import Token, TokenKind, tokens
from schemaops.sql.split import split
from tests.engines import Server, fresh_database

__all__ = ["Bench", "Refused", "State", "bench", "statements"]

Rows = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class State:
    """A database's catalogue and rows; the order of columns stands apart from both."""

    catalogue: frozenset[str]
    rows: Rows
    order: tuple[tuple[str, tuple[str, ...]], ...] = field(compare=False)
    broken: frozenset[str] = frozenset()

    def differences(self, other: State) -> list[str]:
        """Return what one of the two has and the other has not."""
        found = [f"- {line}" for line in sorted(self.catalogue - other.catalogue)]
        found += [f"+ {line}" for line in sorted(other.catalogue - self.catalogue)]
        mine, its = dict(self.rows), dict(other.rows)
        for name in sorted(mine.keys() | its.keys()):
            if mine.get(name) != its.get(name):
                found.append(f"rows of {name}: {mine.get(name)} / {its.get(name)}")
        if self.broken != other.broken:
            found.append(f"broken: {sorted(self.broken)} / {sorted(other.broken)}")
        return found


@dataclass(frozen=True)
class Refused:
    """The engine refuses a statement."""

    index: int
    message: str


class Bench(Protocol):
    """A base on an engine, on copies of which statements are run."""

    dialect: str

    def outcome(self, texts: Sequence[str]) -> State | Refused:
        """Return what the statements come to, one after another over the base."""


@contextmanager
def bench(server: Server, base: str) -> Iterator[Bench]:
    """Give a base on an engine; raise the engine's error where the base does not stand."""
    texts = statements(base, server.dialect)
    match server.dialect:
        case "sqlite":
            yield _Sqlite(texts)
        case "postgres":
            with fresh_database(server) as url:
                plain = make_url(url).set(drivername="postgresql")
                with psycopg.connect(plain.render_as_string(hide_password=False)) as connection:
                    yield _Postgres(connection, texts)
        case _:
            yield _MariaDb(server, texts)


def statements(script: str, dialect: str) -> list[str]:
    """Return the statements of a script."""
    return [statement.text for statement in split(script, dialect)]


class _Sqlite:
    dialect = "sqlite"

    def __init__(self, base: Sequence[str]) -> None:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            for text in base:
                connection.execute(text)
            self._image = connection.serialize() if base else b""

    def outcome(self, texts: Sequence[str]) -> State | Refused:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            if self._image:
                connection.deserialize(self._image)
            connection.execute("PRAGMA foreign_keys = ON")
            for index, text in enumerate(texts):
                try:
                    connection.execute(text)
                except sqlite3.Error as error:
                    return Refused(index, str(error))
            return _sqlite_state(connection)


def _sqlite_state(connection: sqlite3.Connection) -> State:
    made = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    ).fetchall()
    catalogue: set[str] = set()
    rows: dict[str, tuple[str, ...]] = {}
    order: dict[str, tuple[str, ...]] = {}
    broken: set[str] = set()
    for kind, name, sql in made:
        if kind == "table":
            catalogue.update(f"table {name.lower()}: {part}" for part in _table_parts(sql))
        else:
            catalogue.add(f"{kind} {name.lower()}: {_plain_sql(sql)}")
        if kind in ("table", "view"):
            quoted = name.replace('"', '""')
            try:
                read = connection.execute(f'SELECT * FROM "{quoted}"')
            except sqlite3.Error:
                broken.add(name.lower())
                continue
            columns = [column[0].lower() for column in read.description]
            order[name.lower()] = tuple(columns)
            if kind == "view":
                catalogue.add(f"view {name.lower()} gives {sorted(columns)}")
            rows[name.lower()] = _sorted_rows(columns, read.fetchall())
    return State(frozenset(catalogue), _frozen(rows), _frozen(order), frozenset(broken))


def _table_parts(sql: str) -> Iterator[str]:
    """Yield what a CREATE TABLE holds, part by part, as plain text."""
    found = [token for token in tokens(sql, "sqlite") if token.kind is not TokenKind.HINT]
    start = next((i for i, token in enumerate(found) if token.text == "("), None)
    if start is None:
        yield _plain_sql(sql)
        return
    depth = 0
    part: list[Token] = []
    parts: list[list[Token]] = []
    for i, token in enumerate(found[start:], start):
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0:
            parts.append(part)
            parts.append(found[i + 1 :])
            break
        if token.text == "," and depth == 1:
            parts.append(part)
            part = []
        elif i > start:
            part.append(token)
    for part in parts:
        if part:
            yield " ".join(_plain_token(token.text, token.kind) for token in part)


def _plain_sql(sql: str) -> str:
    return " ".join(_plain_token(token.text, token.kind) for token in tokens(sql, "sqlite"))


def _plain_token(text: str, kind: TokenKind) -> str:
    if kind is TokenKind.QUOTED:
        return text[1:-1].lower()
    return text if kind is TokenKind.STRING else text.lower()


_PG_CATALOGUE = """
WITH relations AS (
    SELECT c.oid, c.relname, c.relkind, n.nspname, c.reloptions
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
)
SELECT format('%s %s.%s %s', relkind, nspname, relname, reloptions) FROM relations
UNION ALL
SELECT format('column %s.%s.%s %s null=%s default=%s identity=%s generated=%s %s %s',
    r.nspname, r.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
    nullif(regexp_replace(pg_get_expr(d.adbin, d.adrelid), '^NULL::.*$', 'NULL'), 'NULL'),
    a.attidentity, a.attgenerated,
    CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation END,
    col_description(r.oid, a.attnum))
FROM relations r JOIN pg_attribute a ON a.attrelid = r.oid JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND r.relkind IN ('r', 'v', 'm', 'p')
UNION ALL
SELECT format('constraint %s.%s.%s %s %s %s', r.nspname, r.relname, c.conname,
    pg_get_constraintdef(c.oid), c.convalidated, obj_description(c.oid, 'pg_constraint'))
FROM pg_constraint c JOIN relations r ON r.oid = c.conrelid WHERE c.contype <> 'n'
UNION ALL
SELECT format('index %s %s', pg_get_indexdef(r.oid), obj_description(r.oid, 'pg_class'))
FROM relations r WHERE r.relkind IN ('i', 'I')
UNION ALL
SELECT format('view %s.%s %s', nspname, relname, pg_get_viewdef(oid)) FROM relations
WHERE relkind IN ('v', 'm')
UNION ALL
SELECT format('comment %s.%s %s', r.nspname, r.relname, d.description)
FROM pg_description d JOIN relations r ON r.oid = d.objoid AND d.objsubid = 0
UNION ALL
SELECT format('enum %s.%s %s', n.nspname, t.typname, array_agg(e.enumlabel ORDER BY e.enumsortorder))
FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace
GROUP BY n.nspname, t.typname
UNION ALL
SELECT format('sequence %s.%s %s %s %s %s %s %s owned by %s', r.nspname, r.relname,
    s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcycle,
    (SELECT d.refobjid::regclass || '.' || a.attname FROM pg_depend d
     JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
     WHERE d.objid = r.oid AND d.deptype IN ('a', 'i') AND d.classid = 'pg_class'::regclass))
FROM pg_sequence s JOIN relations r ON r.oid = s.seqrelid
UNION ALL
SELECT format('trigger %s.%s %s %s', r.nspname, r.relname, pg_get_triggerdef(t.oid), t.tgenabled)
FROM pg_trigger t JOIN relations r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL
SELECT format('policy %s.%s.%s %s %s %s %s %s', r.nspname, r.relname, p.polname, p.polcmd,
    p.polpermissive, p.polroles, pg_get_expr(p.polqual, p.polrelid),
    pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy p JOIN relations r ON r.oid = p.polrelid
UNION ALL
SELECT format('row security %s.%s %s %s', r.nspname, r.relname, c.relrowsecurity,
    c.relforcerowsecurity)
FROM pg_class c JOIN relations r ON r.oid = c.oid WHERE c.relrowsecurity OR c.relforcerowsecurity
UNION ALL
SELECT format('grant %s.%s %s %s %s', r.nspname, r.relname, a.privilege_type, a.grantee,
    a.is_grantable)
FROM pg_class c JOIN relations r ON r.oid = c.oid, aclexplode(c.relacl) a
WHERE a.grantee <> c.relowner
UNION ALL
SELECT format('grant %s.%s.%s %s %s', r.nspname, r.relname, t.attname, a.privilege_type, a.grantee)
FROM pg_attribute t JOIN relations r ON r.oid = t.attrelid, aclexplode(t.attacl) a
UNION ALL
SELECT format('domain %s.%s %s null=%s default=%s %s', n.nspname, t.typname,
    format_type(t.typbasetype, t.typtypmod), NOT t.typnotnull, t.typdefault,
    (SELECT array_agg(c.conname || ' ' || pg_get_constraintdef(c.oid) || c.convalidated
        ORDER BY c.conname) FROM pg_constraint c WHERE c.contypid = t.oid AND c.contype <> 'n'))
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'd' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
UNION ALL
SELECT format('function %s', pg_get_functiondef(p.oid)) FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND p.prokind IN ('f', 'p')
UNION ALL
SELECT format('partition %s.%s %s', nspname, relname, pg_get_expr(c.relpartbound, c.oid))
FROM pg_class c JOIN relations r USING (oid, relname) WHERE c.relispartition
UNION ALL
SELECT format('statistics %s', pg_get_statisticsobjdef(oid)) FROM pg_statistic_ext
UNION ALL
SELECT format('schema %s %s', nspname, obj_description(oid, 'pg_namespace')) FROM pg_namespace
WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
"""

_PG_RELATIONS = """
SELECT format('%I.%I', n.nspname, c.relname), c.relkind,
    (SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute a
     WHERE a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    AND c.relkind IN ('r', 'p', 'v', 'S') OR c.relkind = 'm' AND c.relispopulated
"""

_TRANSACTIONS_OF = 250


class _Postgres:
    """The base stands in a transaction that is never committed; each run is undone to it.

    So a label of an enum that a statement adds can be used at once, as it could be by a later
    transaction. Sequences do not go back with a transaction, and are set anew before each run.
    """

    dialect = "postgres"

    def __init__(self, connection: psycopg.Connection[Any], base: Sequence[str]) -> None:
        self._connection = connection
        self._base = base
        self._runs = 0
        self._sequences: list[str] = []

    def outcome(self, texts: Sequence[str]) -> State | Refused:
        with self._connection.cursor() as cursor:
            if self._runs % _TRANSACTIONS_OF == 0:
                self._begin(cursor)
            self._runs += 1
            cursor.execute("; ".join(("SAVEPOINT base", *self._sequences)))
            try:
                return self._run(cursor, texts)
            finally:
                cursor.execute("ROLLBACK TO SAVEPOINT base; RELEASE SAVEPOINT base")

    def _begin(self, cursor: psycopg.Cursor[Any]) -> None:
        self._connection.rollback()
        for text in self._base:
            cursor.execute(text.encode())
        cursor.execute(
            "SELECT format('SELECT setval(%L, %s, %L)', schemaname || '.' || sequencename,"
            " coalesce(last_value, start_value), last_value IS NOT NULL) FROM pg_sequences"
        )
        self._sequences = [row[0] for row in cursor.fetchall()]

    def _run(self, cursor: psycopg.Cursor[Any], texts: Sequence[str]) -> State | Refused:
        for index, text in enumerate(texts):
            try:
                cursor.execute(text.encode())
            except psycopg.Error as error:
                return Refused(index, str(error).splitlines()[0])
        cursor.execute("SET LOCAL search_path = public")
        catalogue = frozenset(row[0] for row in cursor.execute(_PG_CATALOGUE.encode()).fetchall())
        found = cursor.execute(_PG_RELATIONS.encode()).fetchall()
        rows: dict[str, list[str]] = {name: [] for name, _, _ in found}
        asked = " UNION ALL ".join(
            f"SELECT '{name}', to_jsonb(t)::text FROM {name} t"
            if kind != "S"
            else f"SELECT '{name}', last_value::text || is_called::text FROM {name}"
            for name, kind, _ in found
        )
        broken = {name for name in _pg_callable(cursor) if not _pg_runs(cursor, name)}
        try:
            for name, row in cursor.execute(asked.encode()).fetchall() if asked else ():
                rows[name].append(row)
        except psycopg.Error as error:
            return Refused(len(texts), str(error).splitlines()[0])
        order = {name: tuple(columns or ()) for name, _, columns in found}
        return State(
            catalogue,
            _frozen({name: tuple(sorted(map(str, r))) for name, r in rows.items()}),
            _frozen(order),
            frozenset(broken),
        )


def _pg_callable(cursor: psycopg.Cursor[Any]) -> list[str]:
    """Return calls of the functions that take nothing."""
    cursor.execute(
        "SELECT format('%I.%I()', n.nspname, p.proname) FROM pg_proc p"
        " JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'public' AND p.prokind = 'f' AND p.pronargs = 0"
        " AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)"
    )
    return [row[0] for row in cursor.fetchall()]


def _pg_runs(cursor: psycopg.Cursor[Any], call: str) -> bool:
    cursor.execute("SAVEPOINT called")
    try:
        cursor.execute(f"SELECT {call}".encode())
    except psycopg.Error:
        return False
    finally:
        cursor.execute("ROLLBACK TO SAVEPOINT called; RELEASE SAVEPOINT called")
    return True


class _MariaDb:
    """Its DDL commits, so each run has a database of its own."""

    dialect = "mysql"

    def __init__(self, server: Server, base: Sequence[str]) -> None:
        self._server = server
        self._base = base

    def outcome(self, texts: Sequence[str]) -> State | Refused:
        with fresh_database(self._server) as given:
            url = make_url(given)
            with (
                closing(
                    pymysql.connect(
                        host=url.host,
                        port=url.port or 3306,
                        user=url.username,
                        password=url.password or "",
                        database=url.database,
                        unix_socket=str(url.query["unix_socket"])
                        if "unix_socket" in url.query
                        else None,
                        autocommit=True,
                    )
                ) as connection,
                connection.cursor() as cursor,
            ):
                for text in self._base:
                    cursor.execute(text)
                for index, text in enumerate(texts):
                    try:
                        cursor.execute(text)
                    except pymysql.Error as error:
                        return Refused(index, str(error))
                return _mariadb_state(cursor, str(url.database))


_AUTO_INCREMENT = re.compile(r" AUTO_INCREMENT=\d+")
_DEFINER = re.compile(r" DEFINER=\S+")


def _mariadb_state(cursor: Any, database: str) -> State:
    cursor.execute("SHOW FULL TABLES")
    found = cursor.fetchall()
    catalogue: set[str] = set()
    rows: dict[str, tuple[str, ...]] = {}
    order: dict[str, tuple[str, ...]] = {}
    broken: set[str] = set()
    for name, kind in found:
        if kind == "SEQUENCE":
            continue
        try:
            cursor.execute(f"SHOW CREATE TABLE `{name}`")
            text = _AUTO_INCREMENT.sub("", _DEFINER.sub("", cursor.fetchone()[1]))
            text = text.replace(f"`{database}`.", "")
            if kind == "VIEW":
                catalogue.add(f"view {name} {text}")
            else:
                catalogue.update(
                    f"table {name} {line.strip().rstrip(',')}" for line in text.splitlines()
                )
            cursor.execute(f"SELECT * FROM `{name}`")
        except pymysql.Error:
            broken.add(name)
            continue
        columns = [column[0].lower() for column in cursor.description]
        order[name] = tuple(columns)
        rows[name] = _sorted_rows(columns, cursor.fetchall())
    return State(frozenset(catalogue), _frozen(rows), _frozen(order), frozenset(broken))


def _sorted_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    places = sorted(range(len(columns)), key=columns.__getitem__)
    return tuple(sorted(json.dumps([_cell(row[i]) for i in places]) for row in rows))


def _cell(value: Any) -> Any:
    return value if isinstance(value, int | float | str | None) else repr(value)


def _frozen(found: dict[str, tuple[str, ...]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(sorted(found.items()))
