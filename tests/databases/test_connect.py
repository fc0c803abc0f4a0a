"""URLs, sessions, and what they say when something is wrong."""

from __future__ import annotations

import socket
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemaops.database import embedded
from schemaops.database.connect import Limits, open_database
from schemaops.database.failures import (
    AuthenticationFailed,
    Busy,
    ConnectionLost,
    DatabaseFailure,
    NoRights,
    NoSuchDatabase,
    NotADatabase,
    StatementRefused,
    TimedOut,
    Unreachable,
)
from schemaops.database.urls import UrlNotUnderstood, read_url, scrub
from schemaops.errors import Cause
from tests.engines import Server

PASSWORD = "s3cr%t-päss/w0rd"
QUOTED = "s3cr%25t-p%C3%A4ss%2Fw0rd"


@pytest.mark.parametrize(
    ("text", "dialect", "host", "port", "name"),
    [
        ("postgresql://ada@db:5433/shop", "postgres", "db", "5433", "shop"),
        ("postgres://db/shop", "postgres", "db", None, "shop"),
        ("postgresql+psycopg://ada:x@[::1]:5433/shop", "postgres", "::1", "5433", "shop"),
        ("postgresql://one:1,two:2/shop", "postgres", "one,two", "1,2", "shop"),
        ("postgresql+asyncpg:///shop?host=%2Frun%2Fpg", "postgres", None, None, "shop"),
        ("mysql://ada@db/shop", "mysql", "db", None, "shop"),
        ("mariadb://ada@db:3307/", "mysql", "db", "3307", None),
        ("mysql+pymysql://root@localhost/shop?unix_socket=/s", "mysql", "localhost", None, "shop"),
        ("sqlite:///shop.db", "sqlite", None, None, "shop.db"),
        ("sqlite:////var/shop.db", "sqlite", None, None, "/var/shop.db"),
        ("sqlite://", "sqlite", None, None, None),
        ("sqlite:///:memory:", "sqlite", None, None, None),
    ],
)
def test_a_url_is_read(
    text: str, dialect: str, host: str | None, port: str | None, name: str | None
) -> None:
    url = read_url(text)
    assert (url.dialect, url.host, url.port, url.name) == (dialect, host, port, name)
    assert read_url(url.shown.replace(":***", "")).name == name


def test_paths_are_relative_to_where_it_is_said(tmp_path: Path) -> None:
    assert read_url("sqlite:///a/b.db", relative_to=tmp_path).name == str(tmp_path / "a/b.db")
    embedded_url = read_url("postgres-embedded:///pg?database=x", relative_to=tmp_path)
    assert (embedded_url.directory, embedded_url.name) == (tmp_path / "pg", "x")
    assert embedded_url.shown == "postgres-embedded:///pg?database=x"


@pytest.mark.parametrize(
    "text",
    [
        f"ada:{PASSWORD}@db/shop",
        f"oracle://ada:{QUOTED}@db/shop",
        f"postgresql+nothing://ada:{QUOTED}@db/shop",
        "postgresql://ada:s3cr@t@db/shop",
        "postgresql://ada:s3cr#t@db/shop#x",
        "postgresql://ada:s@3/cr@t@db/shop",
        "postgresql://ada:s3crt@db:port/shop",
        "postgresql://ada:s3crt@db/shop?sslmode",
        "mysql://ada:s3crt@db/shop?local_infile=1",
        "sqlite://shop.db",
        "sqlite:///shop.db?mode=ro",
        "postgres-embedded://pg",
        "shop.db",
        "",
    ],
)
def test_what_is_no_url_is_said_without_showing_it(text: str) -> None:
    with pytest.raises(UrlNotUnderstood) as caught:
        read_url(text)
    assert caught.value.cause is Cause.USAGE
    for piece in (PASSWORD, QUOTED, "s3cr", "@t"):
        assert piece not in str(caught.value)


def _shown_by(url: str) -> str:
    """Everything that a failing connection could print, the locals of every frame included."""
    with pytest.raises(DatabaseFailure) as caught:
        open_database(url).connect()
    failure = caught.value
    assert failure.__cause__ is None
    assert failure.__context__ is None
    # The first frame is this one, which holds the URL as the test made it.
    below = failure.__traceback__.tb_next if failure.__traceback__ else None
    told = traceback.TracebackException(
        type(failure), failure, below, capture_locals=True, compact=True
    )
    return "".join(told.format()) + repr(failure) + failure.answer


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ada:{QUOTED}@localhost:1/shop",
        f"postgresql://ada@localhost:1/shop?password={QUOTED}",
        f"mysql://ada:{QUOTED}@localhost:1/shop",
    ],
)
def test_a_password_is_in_nothing_that_is_shown(url: str) -> None:
    database = open_database(url)
    seen = _shown_by(url) + repr(database) + str(database) + database.shown + repr(database.url)
    assert PASSWORD not in seen
    assert QUOTED not in seen
    assert "***" in seen


def test_an_answer_that_repeats_the_password_is_scrubbed() -> None:
    url = read_url(f"postgresql://ada:{QUOTED}@db/shop")
    assert scrub(f"bad {PASSWORD}, {QUOTED}!", url.secrets) == "bad ***, ***!"


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        for scheme in ("postgresql", "mysql"):
            with pytest.raises(Unreachable) as caught:
                open_database(f"{scheme}://ada@127.0.0.1:{port}/shop").connect()
            assert caught.value.cause is Cause.WORLD


def test_an_unknown_option_is_named() -> None:
    with pytest.raises(UrlNotUnderstood, match="colour"):
        open_database("postgresql://ada@localhost/shop?colour=blue").connect()


def test_postgres_says_what_is_missing(postgres_server: Server) -> None:
    def connect(**changes: str) -> None:
        url = postgres_server.url.set(**changes).render_as_string(hide_password=False)
        open_database(url).connect()

    with pytest.raises(NoSuchDatabase, match="nowhere"):
        connect(database="nowhere")
    with pytest.raises(AuthenticationFailed, match="nobody"):
        connect(username="nobody")


def test_mysql_says_what_is_missing(mariadb_server: Server, mysql_url: str) -> None:
    def connect(user: str, password: str, name: str) -> None:
        url = mariadb_server.url.set(username=user, password=password, database=name)
        open_database(url.render_as_string(hide_password=False)).connect()

    name = read_url(mysql_url).name or ""
    user = f"u{name[:20]}"
    with open_database(mysql_url).connect() as admin:
        admin.execute(f"CREATE USER {user}@localhost IDENTIFIED BY 'right'")
    with pytest.raises(NoSuchDatabase, match="nowhere"):
        connect("root", "", "nowhere")
    with pytest.raises(AuthenticationFailed) as caught:
        connect(user, "wrong", name)
    assert "wrong" not in str(caught.value)
    with pytest.raises(NoRights):
        connect(user, "right", name)
    with open_database(mysql_url).connect() as admin:
        admin.execute(f"DROP USER {user}@localhost")


def test_postgres_rights(postgres_url: str) -> None:
    url = read_url(postgres_url)
    role = f"r_{url.name}"
    with open_database(postgres_url).connect() as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN")
        admin.execute("CREATE TABLE t (id int)")
        with (
            open_database(postgres_url.replace("//postgres:", f"//{role}:")).connect() as other,
            pytest.raises(NoRights, match="owner"),
        ):
            other.execute("DROP TABLE t")
        admin.execute(f"DROP ROLE {role}")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a database, but long enough to look like a header of one")
    with pytest.raises(NotADatabase):
        open_database(f"sqlite:///{text}").connect()
    assert text.read_text().startswith("not a database")


def test_a_missing_file_is_made_only_when_asked(tmp_path: Path) -> None:
    database = open_database("sqlite:///new/shop.db", relative_to=tmp_path)
    with pytest.raises(NoSuchDatabase):
        database.connect()
    assert not (tmp_path / "new").exists()
    with database.connect(create=True) as connection:
        connection.execute("CREATE TABLE t (id)")
    with database.connect() as connection:
        assert connection.query("SELECT count(*) FROM t") == [(0,)]


def test_a_database_in_memory_lives_as_long_as_its_handle() -> None:
    database = open_database("sqlite://")
    with database.connect() as connection:
        connection.execute("CREATE TABLE t (id)")
        connection.begin()
        connection.execute("INSERT INTO t VALUES (1)")
    with database.connect() as connection:
        assert connection.query("SELECT count(*) FROM t") == [(0,)]
    database.close()
    with database.connect() as connection, pytest.raises(StatementRefused):
        connection.execute("SELECT * FROM t")


def test_text_reaches_the_engine_byte_for_byte(engine_url: str) -> None:
    strange = "100%% of %s, :name, %(name)s, {0}, a;b, -- no comment, ünï ✓"
    with open_database(engine_url).connect(create=True) as connection:
        connection.execute(f"CREATE TABLE t (a VARCHAR(200) DEFAULT '{strange}', b INT)")
        connection.execute("INSERT INTO t (b) VALUES (5 % 3) -- 100%")
        assert connection.query("SELECT a, b FROM t") == [(strange, 2)]
        asked = f"SELECT b FROM t WHERE a = {connection.mark}"
        assert connection.query(asked, [strange]) == [(2,)]


def test_a_transaction_is_only_ours(engine_url: str) -> None:
    database = open_database(engine_url)
    with database.connect(create=True) as one, database.connect() as two:
        one.execute("CREATE TABLE t (id INT)")
        assert not one.in_transaction
        one.execute("INSERT INTO t VALUES (1)")
        assert two.query("SELECT count(*) FROM t") == [(1,)]
        with pytest.raises(ZeroDivisionError), one.transaction():
            one.execute("INSERT INTO t VALUES (2)")
            assert one.in_transaction
            raise ZeroDivisionError
        assert not one.in_transaction
        with one.transaction():
            one.execute("INSERT INTO t VALUES (3)")
        assert two.query("SELECT id FROM t ORDER BY id") == [(1,), (3,)]


def test_a_refused_statement_leaves_a_usable_session(engine_url: str) -> None:
    with open_database(engine_url).connect(create=True) as connection:
        with pytest.raises(StatementRefused, match="nowhere") as caught:
            connection.execute("SELECT * FROM nowhere")
        assert caught.value.__context__ is None
        with pytest.raises(StatementRefused, match="NUL"):
            connection.execute("SELECT 1 \0")
        assert connection.query("SELECT 1") == [(1,)]


def test_reading_only(engine_url: str) -> None:
    database = open_database(engine_url)
    with database.connect(create=True) as connection:
        connection.execute("CREATE TABLE t (id INT)")
    with database.connect(read_only=True) as reader, pytest.raises(DatabaseFailure):
        reader.execute("INSERT INTO t VALUES (1)")


def test_the_server_names_itself(engine_url: str) -> None:
    with open_database(engine_url).connect(create=True) as connection:
        server = connection.server
    assert server.product in {"SQLite", "PostgreSQL", "MariaDB", "MySQL"}
    assert server.number > (3,)
    assert str(server) == f"{server.product} {server.version}"
    assert server.transactional_ddl == (server.dialect != "mysql")


def test_waiting_for_a_lock_has_an_end(engine_url: str) -> None:
    database = open_database(engine_url)
    with database.connect(create=True) as holder, database.connect() as waiter:
        holder.execute("CREATE TABLE t (id INT PRIMARY KEY)")
        holder.execute("INSERT INTO t VALUES (1)")
        waiter.fresh(Limits(lock=0.1))
        with holder.transaction():
            holder.execute("UPDATE t SET id = 2")
            with pytest.raises(Busy), waiter.transaction():
                waiter.execute("ALTER TABLE t ADD COLUMN a INT")


def test_a_statement_may_only_take_so_long(engine_url: str) -> None:
    slow = {
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1e9)"
        " SELECT count(*) FROM n",
        "postgres": "SELECT pg_sleep(60)",
        "mysql": "SELECT count(*) FROM seq_1_to_100000000 a JOIN seq_1_to_10000 b",
    }
    with open_database(engine_url).connect(create=True) as connection:
        connection.fresh(Limits(statement=0.2))
        with pytest.raises(TimedOut):
            connection.execute(slow[connection.dialect])


def test_what_one_move_sets_does_not_reach_the_next(postgres_url: str, mysql_url: str) -> None:
    with open_database(postgres_url).connect() as connection:
        connection.fresh(Limits())
        connection.execute("SELECT set_config('search_path', '', false)")
        connection.execute("CREATE TEMP TABLE t (id int)")
        connection.fresh(Limits())
        assert "public" in connection.query("SHOW search_path")[0][0]
        with pytest.raises(StatementRefused):
            connection.execute("SELECT * FROM t")
    with open_database(mysql_url).connect() as connection:
        connection.fresh(Limits())
        connection.execute("SET FOREIGN_KEY_CHECKS = 0, sql_mode = 'ANSI_QUOTES'")
        connection.execute("USE information_schema")
        connection.fresh(Limits())
        checks, mode, name = connection.query(
            "SELECT @@foreign_key_checks, @@sql_mode, DATABASE()"
        )[0]
        assert (checks, name) == (1, connection.url.name)
        assert "ANSI_QUOTES" not in mode


def test_a_session_that_was_ended_says_so(postgres_url: str) -> None:
    database = open_database(postgres_url)
    with database.connect() as victim, database.connect() as other:
        victim.begin()
        (pid,) = victim.query("SELECT pg_backend_pid()")[0]
        other.query("SELECT pg_terminate_backend(%s)", [pid])
        with pytest.raises(ConnectionLost):
            victim.execute("SELECT 1")
        victim.rollback()
        assert not victim.in_transaction


def test_copy_from_a_client_ends_the_session_and_no_more(postgres_url: str) -> None:
    database = open_database(postgres_url)
    with database.connect() as connection:
        connection.execute("CREATE TABLE t (id int)")
        with pytest.raises(StatementRefused), connection.transaction():
            connection.execute("COPY t FROM STDIN")
    with database.connect() as connection:
        assert connection.query("SELECT count(*) FROM t") == [(0,)]


@pytest.fixture
def server_directory(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / "deeper" / "pg"
    yield directory
    embedded.stop(directory)


def test_an_embedded_server_is_started_found_and_stopped(server_directory: Path) -> None:
    database = open_database(f"postgres-embedded:///{server_directory}?database=shöp")
    with pytest.raises(NoSuchDatabase):
        database.connect()
    assert not server_directory.exists()

    with database.connect(create=True) as connection:
        connection.execute("CREATE TABLE t (id int)")
    first = embedded.find(server_directory)
    assert first is not None
    with database.connect() as connection:
        assert connection.query("SELECT count(*) FROM t") == [(0,)]

    embedded.stop(server_directory)
    assert embedded.find(server_directory) is None
    with database.connect() as connection:
        assert connection.query("SELECT current_database()") == [("shöp",)]
    with pytest.raises(NoSuchDatabase):
        open_database(f"postgres-embedded:///{server_directory}?database=other").connect()


def test_the_note_of_a_killed_server_does_not_mislead(server_directory: Path) -> None:
    database = open_database(f"postgres-embedded:///{server_directory}")
    database.connect(create=True).close()
    note = (server_directory / "postmaster.pid").read_text()
    embedded.stop(server_directory)
    # As after a power cut, where process 1 got the number.
    (server_directory / "postmaster.pid").write_text("1\n" + note.split("\n", 1)[1])
    assert embedded.find(server_directory) is None
    database.connect().close()


def test_a_directory_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "pg").mkdir()
    (tmp_path / "pg" / "PG_VERSION").write_text("9\n")
    with pytest.raises(embedded.EmbeddedServerFailed, match="did not start"):
        open_database(f"postgres-embedded:///{tmp_path}/pg").connect()
