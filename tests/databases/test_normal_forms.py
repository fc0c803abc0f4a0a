"""The author's text and the catalogue's come to one normal form, and two meanings never do.

What is executed is what authors write (`normal_forms`); what is compared with it is what the engine's
own catalogue then shows. Parsers are held to the engines too: an expression with every parenthesis that
our grammar sees must have the value that it has without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg
import pymysql
import pytest
from sqlalchemy.engine import make_url

from schemaops.schema.expressions import Expression
from schemaops.sql.expressions import read
from schemaops.sql.queries import query
from schemaops.sql.scope import Scope
from schemaops.sql.types import column_type
from tests.databases.normal_forms import MYSQL, POSTGRES, Cases, Names
from tests.engines import Server, fresh_database

Execute = Callable[[str], list[tuple[object, ...]]]

PG_NAMES = Names("postgres", POSTGRES.tables, frozenset({"mood"}), frozenset({"numbers"}))
MY_NAMES = Names("mysql", MYSQL.tables)
PG_SCOPE = Scope(PG_NAMES, PG_NAMES.relations["t"])
MY_SCOPE = Scope(MY_NAMES, MY_NAMES.relations["t"])


def tables(cases: Cases, *, null: str = "") -> Iterator[str]:
    """Yield the statements that make the cases' tables."""
    for name, columns in cases.tables.items():
        shown = ", ".join(
            f"{column} {kind}{null if kind == 'timestamp' else ''}"
            for column, kind in columns.items()
        )
        yield f"CREATE TABLE {name} ({shown})"


@pytest.fixture(scope="module")
def postgres(postgres_server: Server) -> Iterator[psycopg.Connection]:
    """A database with the cases' tables."""
    with fresh_database(postgres_server) as url:
        info = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(info, autocommit=True) as connection:
            connection.execute("SET timezone = 'UTC'")
            connection.execute(POSTGRES.setup)
            for statement in tables(POSTGRES):
                connection.execute(statement)
            yield connection


@pytest.fixture(scope="module")
def mariadb(mariadb_server: Server) -> Iterator[pymysql.cursors.Cursor]:
    """A database with the cases' tables."""
    with fresh_database(mariadb_server) as url:
        at = make_url(url)
        with closing(
            pymysql.connect(
                user=at.username,
                password=at.password or "",
                host=at.host,
                unix_socket=at.query.get("unix_socket"),
                database=at.database,
                charset="utf8mb4",
                autocommit=True,
            )
        ) as connection:
            cursor = connection.cursor()
            for statement in (*tables(MYSQL, null=" NULL"), MYSQL.setup):
                cursor.execute(statement)
            yield cursor


def differing(
    found: Iterator[tuple[str, str | None]], normal: Callable[[str], tuple[object, bool]]
) -> list[str]:
    """Return where an author's text and the catalogue's do not meet, or were not understood."""
    bad = []
    for written, shown in found:
        if shown is None:
            continue
        ours, theirs = normal(written), normal(shown)
        if ours != theirs or not ours[1]:
            bad.append(f"{written}\n  {shown}\n  {ours}\n  {theirs}")
    return bad


def expressed(
    dialect: str, scope: Scope, target: Expression | None = None
) -> Callable[..., object]:
    """Return what brings a text to its normal form, and says whether it was understood."""

    def normal(text: str) -> tuple[object, bool]:
        reading = read(text, dialect, scope, target)
        return reading.expression, reading.understood and not reading.problems

    return normal


def selected(dialect: str, scope: Scope) -> Callable[..., object]:
    """Return the same for queries."""

    def normal(text: str) -> tuple[object, bool]:
        found = query(text, dialect, scope)
        return found.expression, found.reading.understood and not found.reading.problems

    return normal


@contextmanager
def rolled_back(connection: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """Undo what a block does."""
    with connection.transaction(force_rollback=True):
        yield connection


def one(connection: psycopg.Connection, sql: str) -> str:
    """Return the one value that a query gives."""
    row = connection.execute(sql).fetchone()
    assert row is not None
    return str(row[0])


def test_types_meet_on_postgres(postgres: psycopg.Connection) -> None:
    def shown() -> Iterator[tuple[str, str]]:
        for kind in POSTGRES.types:
            with rolled_back(postgres):
                postgres.execute(f"CREATE TABLE q (x {kind})")
                yield (
                    kind,
                    one(
                        postgres,
                        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
                        " WHERE attrelid = 'q'::regclass AND attname = 'x'",
                    ),
                )

    found = list(shown())
    assert not differing(iter(found), lambda text: (column_type(text, "postgres", PG_SCOPE), True))
    for kind, catalogued in found:
        assert str(column_type(kind, "postgres", PG_SCOPE)) == catalogued


@pytest.mark.parametrize("column", sorted({column for column, _ in POSTGRES.defaults}))
def test_defaults_meet_on_postgres(postgres: psycopg.Connection, column: str) -> None:
    kind = POSTGRES.tables["t"][column]

    def shown() -> Iterator[tuple[str, str]]:
        for of, default in POSTGRES.defaults:
            if of != column:
                continue
            with rolled_back(postgres):
                postgres.execute(f"CREATE TABLE q (x {kind} DEFAULT {default})")
                row = postgres.execute(
                    "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef"
                    " WHERE adrelid = 'q'::regclass"
                ).fetchone()
                yield default, "NULL" if row is None else str(row[0])

    target = column_type(kind, "postgres", PG_SCOPE)
    assert not differing(shown(), expressed("postgres", Scope(PG_NAMES), target))


def test_conditions_meet_on_postgres(postgres: psycopg.Connection) -> None:
    def shown() -> Iterator[tuple[str, str]]:
        for condition in POSTGRES.conditions:
            with rolled_back(postgres):
                postgres.execute(f"ALTER TABLE t ADD CONSTRAINT q CHECK ({condition})")
                yield (
                    condition,
                    one(
                        postgres,
                        "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint"
                        " WHERE conname = 'q'",
                    ),
                )

    assert not differing(shown(), expressed("postgres", PG_SCOPE))


def test_index_keys_meet_on_postgres(postgres: psycopg.Connection) -> None:
    def shown() -> Iterator[tuple[str, str | None]]:
        for value in POSTGRES.values:
            key = value if value.isidentifier() else f"({value})"
            with rolled_back(postgres):
                try:
                    with postgres.transaction():
                        postgres.execute(f"CREATE INDEX q ON t ({key})")
                    yield value, one(postgres, "SELECT pg_get_indexdef('q'::regclass, 1, true)")
                except psycopg.errors.InvalidObjectDefinition:
                    # Not immutable, so that no index can have it.
                    yield value, None

    assert not differing(shown(), expressed("postgres", PG_SCOPE))


def test_views_meet_on_postgres(postgres: psycopg.Connection) -> None:
    def shown() -> Iterator[tuple[str, str]]:
        for view in POSTGRES.views:
            with rolled_back(postgres):
                postgres.execute(f"CREATE VIEW q AS {view}")
                yield view, one(postgres, "SELECT pg_get_viewdef('q'::regclass)")
                names = query(view, "postgres", Scope(PG_NAMES)).outputs
                columns = postgres.execute("SELECT * FROM q LIMIT 0").description
                assert [output.name for output in names] == [c.name for c in columns or ()], view

    assert not differing(shown(), selected("postgres", Scope(PG_NAMES)))


def test_what_a_view_is_written_as_makes_it_again(postgres: psycopg.Connection) -> None:
    """Renaming a table and its columns, then writing the holes out, gives the renamed view."""
    with rolled_back(postgres):
        postgres.execute(
            "CREATE VIEW q AS SELECT u.email, o.total FROM users u JOIN orders o ON o.user_id = u.id"
        )
        before = query(
            one(postgres, "SELECT pg_get_viewdef('q'::regclass)"), "postgres", Scope(PG_NAMES)
        ).expression
        postgres.execute("ALTER TABLE users RENAME TO people")
        postgres.execute("ALTER TABLE people RENAME COLUMN email TO mail")
        renamed = {"users": "people", "email": "mail"}

        def spell(at: object) -> str:
            name = at.name  # type: ignore[attr-defined]
            return renamed.get(name, name)

        after = one(postgres, "SELECT pg_get_viewdef('q'::regclass)")
        postgres.execute("DROP VIEW q")
        postgres.execute(
            f"CREATE VIEW q AS {before.text(spell).replace('u.mail,', 'u.mail AS email,')}"
        )
        assert one(postgres, "SELECT pg_get_viewdef('q'::regclass)") == after


def shown_in(mariadb: pymysql.cursors.Cursor, parts: list[str], catalogue: str) -> list[str | None]:
    """Return what the catalogue shows of a table made of the parts, in their order."""
    mariadb.execute(f"CREATE OR REPLACE TABLE q ({', '.join(parts)})")
    mariadb.execute(catalogue)
    shown = [row[0] for row in mariadb.fetchall()]
    mariadb.execute("DROP TABLE q")
    return shown


COLUMNS = """
SELECT {} FROM information_schema.columns
WHERE table_name = 'q' AND table_schema = database() AND column_name LIKE 'x%'
ORDER BY ordinal_position
"""
CHECKS = """
SELECT check_clause FROM information_schema.check_constraints
WHERE table_name = 'q' AND constraint_schema = database() AND constraint_name LIKE 'x%'
ORDER BY 0 + substr(constraint_name, 2)
"""


def test_types_meet_on_mariadb(mariadb: pymysql.cursors.Cursor) -> None:
    # A table has one automatic column, and one of that type is one.
    alone = [kind for kind in MYSQL.types if kind == "serial"]
    others = [kind for kind in MYSQL.types if kind != "serial"]
    for kinds in (alone, others):
        parts = [f"x{place} {kind}" for place, kind in enumerate(kinds)]
        shown = shown_in(mariadb, parts, COLUMNS.format("column_type"))
        found = zip(kinds, shown, strict=True)
        assert not differing(found, lambda text: (column_type(text, "mysql"), True))


def test_defaults_meet_on_mariadb(mariadb: pymysql.cursors.Cursor) -> None:
    parts = [f"x{n} {kind} DEFAULT {text}" for n, (kind, text) in enumerate(MYSQL.defaults)]
    shown = shown_in(mariadb, ["i2 int", *parts], COLUMNS.format("column_default"))
    scope = Scope(MY_NAMES, Names("mysql", {"q": {"i2": "int"}}).relations["q"])
    for (kind, text), default in zip(MYSQL.defaults, shown, strict=True):
        target = column_type(kind.removesuffix(" null"), "mysql")
        given = text.partition(" on update")[0]
        assert not differing(iter([(given, default)]), expressed("mysql", scope, target))


def test_conditions_meet_on_mariadb(mariadb: pymysql.cursors.Cursor) -> None:
    columns = [f"{name} {kind}" for name, kind in MYSQL.tables["t"].items()]
    checks = [f"CONSTRAINT x{n} CHECK ({text})" for n, text in enumerate(MYSQL.conditions)]
    shown = shown_in(mariadb, [*columns, *checks], CHECKS)
    found = zip(MYSQL.conditions, shown, strict=True)
    assert not differing(found, expressed("mysql", MY_SCOPE))


@pytest.mark.parametrize("kind", ["values", "views"])
def test_views_meet_on_mariadb(mariadb: pymysql.cursors.Cursor, kind: str) -> None:
    mariadb.execute("SELECT database()")
    database = mariadb.fetchone()[0]
    views = MYSQL.views if kind == "views" else [f"select {v} as x from t" for v in MYSQL.values]

    def shown() -> Iterator[tuple[str, str]]:
        for view in views:
            mariadb.execute(f"CREATE OR REPLACE VIEW q AS {view}")
            mariadb.execute(
                "SELECT view_definition FROM information_schema.views"
                " WHERE table_name = 'q' AND table_schema = database()"
            )
            yield view, mariadb.fetchone()[0].replace(f"`{database}`.", "")
        mariadb.execute("DROP VIEW q")

    assert not differing(shown(), selected("mysql", Scope(MY_NAMES)))
