"""A replay that is killed, at any moment: what follows finishes it, and nothing shows of it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import pytest

from schemaops.database import ledger, sessions
from schemaops.database.connect import Connection, Database, Limits, open_database
from schemaops.database.execute import execute, resume
from schemaops.database.failures import ConnectionLost
from schemaops.database.ledger import Direction
from schemaops.database.moves import Happening, Progress
from schemaops.database.pipeline import answers
from schemaops.database.stops import StatementInDoubt
from schemaops.plan.steps import Plan
from tests.engines import Server, fresh_database
from tests.replays import WHO, Draft, clock, observe, plan_for, stands

FORK = multiprocessing.get_context("fork")
LIMITS = Limits(replay=60)

USERS = Draft(
    "users",
    (
        ("CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(50))", "DROP TABLE users"),
        ("INSERT INTO users VALUES (1, 'a'), (2, 'b')", "DELETE FROM users"),
        ("CREATE TABLE pets (owner INT REFERENCES users (id))", "DROP TABLE pets"),
        ("INSERT INTO pets VALUES (1), (2), (2)", "DELETE FROM pets"),
    ),
)
MORE = {
    "sqlite": Draft(
        "rebuild",
        (
            ("CREATE TABLE _new (id INT PRIMARY KEY, name VARCHAR(50) NOT NULL)", ""),
            ("INSERT INTO _new SELECT * FROM users", ""),
            ("DROP TABLE users", ""),
            ("ALTER TABLE _new RENAME TO users", ""),
        ),
        rebuilds=True,
    ),
    "postgres": Draft(
        "index",
        (
            ("ALTER TABLE users ADD COLUMN a INT", "ALTER TABLE users DROP COLUMN a"),
            ("UPDATE users SET a = 5", "UPDATE users SET a = NULL"),
            ("CREATE INDEX CONCURRENTLY users_a ON users (a)", "DROP INDEX CONCURRENTLY users_a"),
            ("UPDATE users SET name = 'c' WHERE id = 2", "UPDATE users SET name = 'b'"),
        ),
    ),
    "mysql": Draft(
        "column",
        (
            ("ALTER TABLE users ADD COLUMN a INT", "ALTER TABLE users DROP COLUMN a"),
            ("UPDATE users SET a = 5", "UPDATE users SET a = NULL"),
            ("CREATE INDEX users_a ON users (a)", "DROP INDEX users_a ON users"),
        ),
    ),
}
NOTES = Draft(
    "notes",
    (
        ("CREATE TABLE notes (id INT)", "DROP TABLE notes"),
        ("INSERT INTO notes VALUES (1)", "DELETE FROM notes"),
    ),
)


OTHERS = Draft("others", (("CREATE TABLE others (id INT)", "DROP TABLE others"),))


class Arena:
    """A database that is emptied between one death and the next, and a plan for it."""

    def __init__(self, server: Server, stack: ExitStack) -> None:
        self.dialect = server.dialect
        self._server = server
        self._stack = stack
        self.database = self._database()

    def plan(self, *drafts: Draft) -> Plan:
        """The plan that applies the drafts and reverts the last of them."""
        plan = plan_for(drafts, self._database())
        back = plan.moves[-1].undone(plan.before(len(plan.moves) - 1))
        assert back is not None
        return replace(plan, moves=(*plan.moves, back))

    def empty(self) -> Database:
        """The database, with nothing in it."""
        name = self.database.url.name
        assert name is not None
        match self.dialect:
            case "sqlite":
                for file in Path(name).parent.glob(f"{Path(name).name}*"):
                    file.unlink()
                self.database.connect(create=True).close()
            case "postgres":
                with self.database.connect() as connection:
                    connection.execute("DROP SCHEMA IF EXISTS schemaops CASCADE")
                    connection.execute("DROP SCHEMA public CASCADE")
                    connection.execute("CREATE SCHEMA public")
            case _:
                with self.database.connect() as connection:
                    connection.execute(f"DROP DATABASE {name}")
                    connection.execute(f"CREATE DATABASE {name}")
        return self.database

    def _database(self) -> Database:
        database = open_database(self._stack.enter_context(fresh_database(self._server)))
        database.connect(create=True).close()
        return database


@pytest.fixture
def arena(engine_server: Server) -> Iterator[Arena]:
    with ExitStack() as stack:
        yield Arena(engine_server, stack)


@pytest.fixture(params=["postgres_server", "mariadb_server"])
def server_arena(request: pytest.FixtureRequest) -> Iterator[Arena]:
    """Of the engines where moves are not always one transaction, and somebody else does the work."""
    with ExitStack() as stack:
        yield Arena(request.getfixturevalue(request.param), stack)


def replay(
    database: Database,
    plan: Plan,
    progress: Callable[[Progress], None] | None = None,
    *,
    together: bool = False,
) -> None:
    execute(
        database,
        plan,
        observe=observe,
        clock=clock,
        who=WHO,
        limits=LIMITS,
        progress=progress,
        together=lambda _: together,
    )


def go_on(database: Database, plan: Plan, *, took_effect: bool | None = None) -> None:
    """What `replay --resume` does: end what was cut short, then plan from the ledger and execute."""
    resume(
        database,
        environment="dev",
        observe=observe,
        clock=clock,
        who=WHO,
        limits=LIMITS,
        took_effect=took_effect,
    )
    with database.connect() as connection:
        found = ledger.read(connection)
    done = len(found.entries)
    rest = replace(
        plan, position=found.position, fingerprint=plan.before(done), moves=plan.moves[done:]
    )
    replay(database, rest)


def in_a_child(action: Callable[[], None]) -> int | None:
    """How a child ends that does this."""
    child = FORK.Process(target=action)
    child.start()
    child.join()
    return child.exitcode


def counting(monkeypatch: pytest.MonkeyPatch, at: Callable[[int], None]) -> None:
    """Call `at` with 1, 2, 3 … before everything that is sent to a database."""
    sent = 0
    execute_one, query = Connection.execute, Connection.query

    def executing(self: Connection, sql: str) -> None:
        nonlocal sent
        at(sent := sent + 1)
        execute_one(self, sql)

    def querying(self: Connection, sql: str, parameters: object = ()) -> object:
        nonlocal sent
        at(sent := sent + 1)
        return query(self, sql, parameters)  # type: ignore[arg-type]

    def answering(raw: object, messages: object, meanwhile: Callable[[], None] | None) -> object:
        nonlocal sent
        at(sent := sent + 1)

        def working() -> None:
            # Nobody waits for what the server is doing now.
            nonlocal sent
            at(sent := sent + 1)
            if meanwhile is not None:
                meanwhile()

        return answers(raw, messages, working)  # type: ignore[arg-type]

    monkeypatch.setattr(sessions, "answers", answering)
    monkeypatch.setattr(Connection, "execute", executing)
    monkeypatch.setattr(Connection, "query", querying)


@pytest.fixture
def postgres_arena(postgres_server: Server) -> Iterator[Arena]:
    with ExitStack() as stack:
        yield Arena(postgres_server, stack)


def test_killed_before_anything_that_is_sent(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    # What a rebuild replaced is not there to be reverted.
    drafts = (USERS, MORE[arena.dialect], *([NOTES] if arena.dialect == "sqlite" else []))
    assert killed_everywhere(arena, arena.plan(*drafts), monkeypatch) >= 40


def test_killed_before_anything_that_is_sent_together(
    postgres_arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = postgres_arena.plan(USERS, NOTES, OTHERS)
    assert killed_everywhere(postgres_arena, plan, monkeypatch, together=True) >= 20


def killed_everywhere(
    arena: Arena, plan: Plan, monkeypatch: pytest.MonkeyPatch, *, together: bool = False
) -> int:
    """Kill a replay before each thing that it sends; return how many there are."""
    last = 0
    with monkeypatch.context() as patched:
        database = arena.empty()

        def count(number: int) -> None:
            nonlocal last
            last = number

        counting(patched, count)
        replay(database, plan, together=together)
    expected = stands(database)

    for point in range(1, last + 1):
        database = arena.empty()

        def die(number: int, point: int = point) -> None:
            if number == point:
                os.kill(os.getpid(), signal.SIGKILL)

        def replay_and_die(database: Database = database) -> None:
            counting(monkeypatch, die)
            replay(database, plan, together=together)

        assert in_a_child(replay_and_die) == -signal.SIGKILL
        go_on(database, plan)
        assert stands(database) == expected, f"killed before statement {point} of {last}"
    return last


def test_killed_while_taking_back(server_arena: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = server_arena.plan(USERS, MORE[server_arena.dialect])
    plan = replace(plan, moves=plan.moves[:2])
    replay(server_arena.empty(), replace(plan, moves=plan.moves[:1]))
    expected = stands(server_arena.database)

    def stuck_halfway() -> Database:
        database = server_arena.empty()

        def stop(progress: Progress) -> None:
            halfway = progress.move.revision == plan.moves[1].revision and progress.number == 3
            if halfway and progress.what is Happening.STATEMENT_BEGINS:
                os.kill(os.getpid(), signal.SIGKILL)

        assert in_a_child(lambda: replay(database, plan, stop)) == -signal.SIGKILL
        return database

    def take_back(database: Database) -> None:
        resume(
            database,
            environment="dev",
            observe=observe,
            clock=clock,
            who=WHO,
            limits=LIMITS,
            direction=Direction.UNDO,
        )

    point, ended = 0, -signal.SIGKILL
    while ended == -signal.SIGKILL:
        point += 1
        database = stuck_halfway()

        def die(number: int, point: int = point) -> None:
            if number == point:
                os.kill(os.getpid(), signal.SIGKILL)

        def take_back_and_die(database: Database = database) -> None:
            counting(monkeypatch, die)
            take_back(database)

        ended = in_a_child(take_back_and_die) or 0
        take_back(database)
        assert stands(database) == expected, f"killed before statement {point}"
    assert point > 10


SLOW_ROWS = {
    "sqlite": "INSERT INTO notes WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
    "WHERE i < 200000) SELECT i FROM n",
    "postgres": "INSERT INTO notes SELECT i FROM generate_series(1, 20) i "
    "WHERE pg_sleep(0.02) IS NOT NULL",
    "mysql": "INSERT INTO notes SELECT seq FROM seq_1_to_20 WHERE SLEEP(0.02) = 0",
}
SLOW_SCHEMA = {
    "postgres": "CREATE INDEX CONCURRENTLY notes_slow ON notes (slow(id))",
    "mysql": "CREATE TABLE slow AS SELECT seq FROM seq_1_to_20 WHERE SLEEP(0.02) = 0",
}
MOMENTS = (0.0, 0.05, 0.15, 0.3)


def killed_within(
    database: Database, plan: Plan, statement: str, moment: float, *, together: bool = False
) -> None:
    """Replay in a child that is killed `moment` seconds after it sent the statement."""
    here, there = FORK.Pipe(duplex=False)

    def tell(progress: Progress, pipe: Pipe = there) -> None:
        sent = progress.statement is not None and progress.statement.sql == statement
        if sent and progress.what is Happening.STATEMENT_BEGINS:
            pipe.send(True)

    child = FORK.Process(target=replay, args=(database, plan, tell), kwargs={"together": together})
    child.start()
    assert here.recv()
    time.sleep(moment)
    child.kill()
    child.join()


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_while_rows_are_written(arena: Arena, moment: float) -> None:
    killed_while_writing(arena, moment, together=False)


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_while_rows_are_written_together(postgres_arena: Arena, moment: float) -> None:
    killed_while_writing(postgres_arena, moment, together=True)


def killed_while_writing(arena: Arena, moment: float, *, together: bool) -> None:
    slow = SLOW_ROWS[arena.dialect]
    slowly = Draft("slowly", (*NOTES.pairs, (slow, "DELETE FROM notes")))
    plan = arena.plan(USERS, slowly)
    replay(arena.empty(), plan)
    expected = stands(arena.database)

    database = arena.empty()
    killed_within(database, plan, slow, moment, together=together)
    go_on(database, plan)
    assert stands(database) == expected


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_while_the_server_changes_the_schema(server_arena: Arena, moment: float) -> None:
    slow = SLOW_SCHEMA[server_arena.dialect]
    before: tuple[tuple[str, str], ...] = NOTES.pairs
    undo = "DROP TABLE slow"
    if server_arena.dialect == "postgres":
        body = "BEGIN PERFORM pg_sleep(0.4); RETURN i; END"
        before += (
            (
                f"CREATE FUNCTION slow(i int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS '{body}'",
                "DROP FUNCTION slow",
            ),
        )
        undo = "DROP INDEX CONCURRENTLY notes_slow"
    plan = server_arena.plan(USERS, Draft("slowly", (*before, (slow, undo))))
    replay(server_arena.empty(), plan)
    expected = stands(server_arena.database)

    database = server_arena.empty()
    killed_within(database, plan, slow, moment)
    try:
        go_on(database, plan)
    except StatementInDoubt:
        # A server that noticed in time leaves half an index, and only says so.
        assert server_arena.dialect == "postgres"
        with database.connect() as connection:
            connection.execute("DROP INDEX notes_slow")
        go_on(database, plan, took_effect=False)
    catalogue, rows, facts = stands(database)
    assert (catalogue, rows) == expected[:2]
    assert [fact[:4] for fact in facts] == [fact[:4] for fact in expected[2]]  # type: ignore[attr-defined]


def test_the_session_is_ended_from_outside(server_arena: Arena) -> None:
    """As by an administrator, a failover or a network that gives up."""
    plan = server_arena.plan(USERS, MORE[server_arena.dialect], NOTES)
    replay(server_arena.empty(), plan)
    expected = stands(server_arena.database)
    for point in range(1, 9):
        database = server_arena.empty()
        begun = 0

        def end_it(progress: Progress, database: Database = database, point: int = point) -> None:
            nonlocal begun
            begun += progress.what is Happening.STATEMENT_BEGINS
            if begun == point and progress.what is Happening.STATEMENT_BEGINS:
                end_all_others(database)

        with pytest.raises(ConnectionLost) as caught:
            replay(database, plan, end_it)
        assert caught.value.hints == ("schemaops replay dev --resume",)
        go_on(database, plan)
        assert stands(database) == expected


def end_all_others(database: Database) -> None:
    with database.connect() as other:
        if database.dialect == "postgres":
            other.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return
        sessions = other.query(
            "SELECT id FROM information_schema.processlist "
            "WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        )
        for (number,) in sessions:
            other.execute(f"KILL {number}")
