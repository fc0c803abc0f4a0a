"""What a watch says after each move is what the whole catalogue says, and it seldom reads all of it."""

from __future__ import annotations

import pytest

from schemaops.database.connect import Connection, open_database
from schemaops.database.observe import observe
from schemaops.database.observe.watch import Touched, Watch, expected
from schemaops.names import Address
from schemaops.operations import Create, Opaque
from schemaops.schema.objects import Index
from schemaops.schema.state import Schema
from schemaops.sql.interpret import interpret

SHOP = (
    "CREATE TABLE users (id integer PRIMARY KEY, name varchar(40) NOT NULL)",
    "CREATE TABLE orders (id integer PRIMARY KEY, user_id integer REFERENCES users (id))",
)
MADE = (
    "ALTER TABLE users ADD COLUMN age integer DEFAULT 7",
    "CREATE INDEX by_name ON users (name, id)",
    "create unique index by_id on users (id)",
    'ALTER TABLE users ADD "Odd Name" varchar(10)',
    "CREATE TABLE notes (id integer PRIMARY KEY, said varchar(10), user_id integer REFERENCES users)",
)


class Counting(Watch):
    """A watch that counts how often it has to look at everything."""

    looks = 0

    def everything(self, source: object) -> str:
        """Count, and look."""
        self.looks += 1
        return super().everything(source)  # type: ignore[arg-type]


def opened(url: str, *statements: str) -> Connection:
    """Return a session with a database in which these were executed."""
    connection = open_database(url).connect(create=True)
    for statement in statements:
        connection.execute(statement)
    return connection


def said(
    connection: Connection, watch: Watch, sql: str, before: Schema, *, whole: bool = False
) -> str:
    """Execute a statement and return what the watch says of it within its transaction."""
    read = interpret(sql, before)
    operations = [one for group in read.groups for one in group.operations]
    places: set[Address] = set()
    for one in operations:
        assert isinstance(one, Create)
        places.add(one.thing.table if isinstance(one.thing, Index) else one.at)
    made = frozenset(one.at for one in operations if isinstance(one, Create))
    with connection.transaction():
        connection.execute(sql)
        must = expected(Touched(frozenset(places), made), before, read.after)
        assert must.is_known
        return watch.some(connection, must, (sql,), lambda: read.after, whole=whole)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """A database that is read by parts."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.mark.parametrize("sql", MADE)
def test_what_is_made_is_read_alone(url: str, sql: str) -> None:
    with opened(url, *SHOP) as connection:
        watch = Counting(connection.dialect)
        watch.everything(connection)
        before = observe(connection)
        found = said(connection, watch, sql, before)
        after = observe(connection)
        assert found == after.fingerprint != before.fingerprint
        assert watch.looks == 1
        # The next look goes on from there.
        connection.execute("CREATE TABLE more (id integer PRIMARY KEY)")
        assert watch.everything(connection) == observe(connection).fingerprint


@pytest.mark.parametrize("beside", [None, "CREATE TABLE beside (id integer PRIMARY KEY)"])
def test_all_of_it_is_looked_at_where_that_is_asked_for(url: str, beside: str | None) -> None:
    with opened(url, *SHOP) as connection:
        watch = Counting(connection.dialect)
        watch.everything(connection)
        before = observe(connection)
        if beside is not None:
            connection.execute(beside)
        found = said(connection, watch, MADE[0], before, whole=True)
        assert found == observe(connection).fingerprint
        # SQLite's catalogue is the statements themselves, compared word by word.
        assert watch.looks == (1 if connection.dialect == "sqlite" and beside is None else 2)


def test_rows_alone_leave_the_schema_as_it_is(url: str) -> None:
    with opened(url, *SHOP) as connection:
        watch = Counting(connection.dialect)
        watch.everything(connection)
        before = observe(connection)
        sql = "INSERT INTO users (id, name) VALUES (1, 'a')"
        must = expected(Touched(frozenset(), frozenset()), before, before)
        with connection.transaction():
            connection.execute(sql)
            found = watch.some(connection, must, (sql,), lambda: before)
        assert found == before.fingerprint
        assert watch.looks == 1


@pytest.mark.parametrize("sql", MADE[:-1])
def test_what_was_done_beside_is_seen(url: str, sql: str) -> None:
    with opened(url, *SHOP) as connection:
        watch = Counting(connection.dialect)
        watch.everything(connection)
        before = observe(connection)
        connection.execute("CREATE INDEX beside ON users (id)")
        connection.execute("ALTER TABLE users ADD COLUMN beside integer")
        found = said(connection, watch, sql, before)
        assert found == observe(connection).fingerprint
        assert watch.looks == 2


def test_postgres_settings_are_left_as_they_were(postgres_url: str) -> None:
    with opened(
        postgres_url, *SHOP, "CREATE SCHEMA app", "SET search_path = app, public"
    ) as session:
        watch = Counting("postgres")
        watch.everything(session)
        said(session, watch, "ALTER TABLE public.users ADD COLUMN a integer", observe(session))
        assert session.query("SHOW search_path") == [("app, public",)]
        session.execute("DEALLOCATE ALL")
        watch.everything(session)
        found = said(session, watch, "CREATE INDEX by_a ON public.users (a)", observe(session))
        assert found == observe(session).fingerprint


def test_postgres_relations_are_read_whole_where_something_changes(postgres_url: str) -> None:
    with opened(postgres_url, *SHOP, "CREATE VIEW names AS SELECT name FROM users") as session:
        watch = Counting("postgres")
        watch.everything(session)
        before = observe(session)
        for sql in (
            "ALTER TABLE users RENAME COLUMN name TO called",
            "ALTER TABLE users ADD CHECK (id > 0), ADD big bigserial",
            "ALTER TABLE orders DROP COLUMN user_id",
            "DROP VIEW names",
        ):
            read = interpret(sql, before)
            places = set()
            for group in read.groups:
                for operation in group.operations:
                    assert not isinstance(operation, Opaque)
                    places |= {a for a in (getattr(operation, "old", None), operation.at) if a}
            with session.transaction():
                session.execute(sql)
                must = expected(Touched(frozenset(places)), before, read.after)
                found = watch.some(session, must, (sql,), lambda read=read: read.after)
            before = observe(session)
            assert found == before.fingerprint, sql
        assert watch.looks == 1


PARTED = (
    "CREATE TABLE lots (id integer PRIMARY KEY) PARTITION BY RANGE (id)",
    "CREATE TABLE lots_a PARTITION OF lots FOR VALUES FROM (0) TO (9)",
    "CREATE TABLE bids (id integer PRIMARY KEY, lot integer REFERENCES lots, n integer UNIQUE)",
    "CREATE TABLE many (id integer, lot integer REFERENCES lots) PARTITION BY LIST (id)",
    "CREATE TABLE many_a PARTITION OF many FOR VALUES IN (1)",
)


@pytest.mark.parametrize("table", ["bids", "many", "many_a"])
def test_postgres_copies_of_keys_are_no_names_of_their_own(postgres_url: str, table: str) -> None:
    with opened(postgres_url, *PARTED) as session:
        watch = Counting("postgres")
        watch.everything(session)
        before = observe(session)
        sql = f"CREATE INDEX more ON {table} (lot)"
        found = said(session, watch, sql, before)
        assert found == observe(session).fingerprint
        assert watch.looks == 1 or table != "bids"
