"""Statements sent together with what checks them, and a commit with the move behind it: whatever
goes wrong is told of the right statement of the right revision, as where each is sent by itself."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from schemaops.database import ledger
from schemaops.database.connect import Database, Limits, open_database
from schemaops.database.execute import Executed, OnFailure, execute
from schemaops.database.moves import Happening, Progress
from schemaops.database.stops import StatementFailed, UnexpectedSchema
from schemaops.plan.steps import Plan, PlannedStatement
from tests.engines import Server, fresh_database
from tests.replays import WHO, Draft, clock, observe, plan_for, stands

QUICK = Limits(lock=0.2, replay=0.2, attempts=3, pause=0.05)

ONE = Draft("one", (("CREATE TABLE one (id INT PRIMARY KEY)", "DROP TABLE one"),))
TWO = Draft(
    "two",
    (
        ("CREATE TABLE two (id INT PRIMARY KEY, of INT)", "DROP TABLE two"),
        ("INSERT INTO two VALUES (1, 7), (2, 7)", "DELETE FROM two"),
        ("ALTER TABLE two ADD COLUMN more INT", "ALTER TABLE two DROP COLUMN more"),
    ),
)
THREE = Draft("three", (("CREATE TABLE three (id INT)", "DROP TABLE three"),))
DEFERRED = Draft(
    "deferred",
    (
        (
            "CREATE TABLE child (one INT REFERENCES one (id) DEFERRABLE INITIALLY DEFERRED)",
            "DROP TABLE child",
        ),
    ),
)
FOUR = Draft("four", (("CREATE TABLE four (id INT)", "DROP TABLE four"),))


class Field:
    """Empty databases of one engine."""

    def __init__(self, server: Server, stack: ExitStack) -> None:
        self._server = server
        self._stack = stack

    def one(self) -> Database:
        database = open_database(self._stack.enter_context(fresh_database(self._server)))
        database.connect(create=True).close()
        return database

    def plan(self, *drafts: Draft) -> Plan:
        """The plan that applies the drafts."""
        return plan_for(drafts, self.one())


@pytest.fixture
def field(engine_server: Server) -> Iterator[Field]:
    with ExitStack() as stack:
        yield Field(engine_server, stack)


@pytest.fixture
def postgres(postgres_server: Server) -> Iterator[Field]:
    with ExitStack() as stack:
        yield Field(postgres_server, stack)


def run(database: Database, plan: Plan, *, together: bool = True, **options: object) -> Executed:
    return execute(
        database,
        plan,
        observe=observe,
        clock=clock,
        who=WHO,
        limits=QUICK,
        together=lambda _: together,
        **options,  # type: ignore[arg-type]
    )


def with_statement(plan: Plan, move: int, statement: int, sql: str) -> Plan:
    """The plan with another statement in place of one of a move's only step."""
    (step,) = plan.moves[move].steps
    statements = list(step.statements)
    statements[statement] = replace(statements[statement], sql=sql)
    moves = list(plan.moves)
    moves[move] = replace(moves[move], steps=(replace(step, statements=tuple(statements)),))
    return replace(plan, moves=tuple(moves))


def with_last(plan: Plan, move: int, sql: str) -> Plan:
    """The plan with a further statement at the end of a move's only step."""
    (step,) = plan.moves[move].steps
    added = (*step.statements, PlannedStatement(sql, "added.sql:9"))
    moves = list(plan.moves)
    moves[move] = replace(moves[move], steps=(replace(step, statements=added),))
    return replace(plan, moves=tuple(moves))


def recorded(database: Database) -> list[str]:
    with database.connect() as connection:
        found = ledger.read(connection)
        ledger.verify(found)
        assert found.in_flight is None
        return [entry.fact.message for entry in found.entries]


def test_it_ends_as_it_does_one_by_one(field: Field) -> None:
    plan = field.plan(ONE, TWO, THREE, FOUR)
    back = [
        plan.moves[place].undone(plan.before(place)) for place in reversed(range(len(plan.moves)))
    ]
    whole = replace(plan, moves=(*plan.moves, *(move for move in back if move is not None)))
    for one in (plan, whole):
        apart, together = field.one(), field.one()
        told: list[Progress] = []
        single = run(apart, one, together=False)
        done = run(together, one, progress=told.append)
        assert stands(together) == stands(apart)
        assert [entry.fact for entry in done.entries] == [entry.fact for entry in single.entries]
        assert done.position == single.position
        ended = [each.move for each in told if each.what is Happening.MOVE_DONE]
        assert ended == list(one.moves)


def test_the_statement_that_is_refused_is_named(postgres: Field) -> None:
    plan = with_statement(postgres.plan(ONE, TWO, THREE), 1, 1, "INSERT INTO two VALUES (1), (1)")
    database = postgres.one()
    with pytest.raises(StatementFailed) as caught:
        run(database, plan)
    assert caught.value.number == 2
    assert caught.value.move is plan.moves[1]
    assert str(caught.value.place) == "two.sql:2"
    assert "duplicate key" in str(caught.value)
    assert "nothing of it remains" in str(caught.value)
    # The move before was committed in the very round trip in which this one was refused.
    assert recorded(database) == ["one"]
    with database.connect() as connection:
        assert connection.query("SELECT to_regclass('two')::text") == [(None,)]


def test_what_differs_is_not_committed(postgres: Field) -> None:
    plan = with_last(postgres.plan(ONE, TWO, THREE), 1, "CREATE TABLE beside (id INT)")
    database = postgres.one()
    with pytest.raises(UnexpectedSchema) as caught:
        run(database, plan)
    assert caught.value.move is plan.moves[1]
    assert recorded(database) == ["one"]
    with database.connect() as connection:
        assert connection.query("SELECT to_regclass('two')::text") == [(None,)]


@pytest.mark.parametrize("on_failure", list(OnFailure))
def test_a_commit_that_is_refused_is_the_one_of_its_move(
    postgres: Field, on_failure: OnFailure
) -> None:
    plan = postgres.plan(ONE, DEFERRED, THREE, FOUR)
    # Nothing tells before the commit that the row has no parent.
    plan = with_last(plan, 1, "INSERT INTO child VALUES (5)")
    database = postgres.one()
    with pytest.raises(StatementFailed) as caught:
        run(database, plan, on_failure=on_failure)
    assert caught.value.move is plan.moves[1]
    assert caught.value.statement is None
    assert "violates foreign key constraint" in str(caught.value)
    with database.connect() as connection:
        for name in ("child", "three", "four"):
            assert connection.query(f"SELECT to_regclass('{name}')::text") == [(None,)]
        there = connection.query("SELECT to_regclass('one')::text")
    if on_failure is OnFailure.STOP:
        assert (recorded(database), there) == (["one"], [("one",)])
    else:
        assert (recorded(database), there) == (["one", "one"], [(None,)])


def test_a_commit_that_was_in_the_way_is_tried_again(postgres: Field) -> None:
    plan = postgres.plan(ONE, TWO, THREE, FOUR)
    database = postgres.one()
    with database.connect() as connection:
        connection.execute("CREATE SCHEMA beside")
        connection.execute("CREATE SEQUENCE beside.tries")
        connection.execute(
            "CREATE FUNCTION beside.once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF nextval('beside.tries') <= 2 THEN RAISE 'wait' USING ERRCODE = '40001'; END IF; "
            "RETURN NULL; END $$"
        )
    trigger = (
        "CREATE CONSTRAINT TRIGGER t AFTER INSERT ON two DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION beside.once()"
    )
    plan = with_last(with_last(plan, 1, trigger), 1, "INSERT INTO two VALUES (9, 9)")
    waited: list[Progress] = []
    done = run(
        database,
        plan,
        progress=lambda each: waited.append(each) if each.what is Happening.WAITING else None,
    )
    assert [each.move for each in waited] == [plan.moves[1], plan.moves[1]]
    assert [entry.fact.message for entry in done.entries] == ["one", "two", "three", "four"]
    assert recorded(database) == ["one", "two", "three", "four"]


def test_a_lock_in_the_way_of_a_statement_is_waited_for(postgres: Field) -> None:
    widens = Draft(
        "widens", (("ALTER TABLE one ADD COLUMN a INT", "ALTER TABLE one DROP COLUMN a"),)
    )
    database = postgres.one()
    with database.connect() as other:
        kept: list[list[str]] = []

        def tell(progress: Progress) -> None:
            if progress.what is Happening.MOVE_DONE and progress.move.message == "one":
                other.begin()
                other.execute("SELECT * FROM one")
            if progress.what is Happening.WAITING:
                kept.append(recorded(database))
                other.rollback()

        run(database, postgres.plan(ONE, TWO, widens, FOUR), progress=tell)
    # What stood before the statement that had to wait was committed all the same.
    assert kept == [["one", "two"]]
    assert recorded(database) == ["one", "two", "widens", "four"]


def test_what_was_checked_is_committed_though_the_next_is_never_sent(postgres: Field) -> None:
    class Enough(Exception):
        pass

    def stop(progress: Progress) -> None:
        if progress.what is Happening.STATEMENT_BEGINS and progress.move.message == "three":
            raise Enough

    database = postgres.one()
    with pytest.raises(Enough):
        run(database, postgres.plan(ONE, TWO, THREE, FOUR), progress=stop)
    assert recorded(database) == ["one", "two"]


def test_an_interruption_ends_the_statement_and_leaves_the_session(postgres: Field) -> None:
    slow = Draft("slow", (("SELECT pg_sleep(2)", "SELECT 1"),))
    plan = postgres.plan(ONE, TWO, slow, FOUR)
    database = postgres.one()

    def interrupt() -> None:
        with database.connect() as other:
            busy = "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(2)'"
            while not other.query(busy):
                time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), database.connect() as connection:
        connection.fresh(Limits())
        connection.begin()
        threading.Thread(target=interrupt).start()
        connection.send("SELECT pg_sleep(2)", None)
        try:
            connection.query_each((("SELECT 1", ()),))
        finally:
            # It was cancelled, and what is asked next is answered.
            connection.rollback()
            assert connection.query("SELECT 2") == [(2,)]
    run(database, plan)
    assert recorded(database) == ["one", "two", "slow", "four"]


def test_a_session_that_was_told_to_forget(postgres: Field) -> None:
    forgets = Draft("forgets", (("DEALLOCATE ALL", "SELECT 1"),))
    hides = Draft("hides", (("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$", "SELECT 1"),))
    plan = postgres.plan(ONE, TWO, forgets, THREE, hides, FOUR)
    database = postgres.one()
    run(database, plan)
    assert recorded(database) == ["one", "two", "forgets", "three", "hides", "four"]


def test_what_a_move_sets_does_not_reach_the_next(postgres: Field) -> None:
    sets = Draft("sets", (("SET check_function_bodies = off", "SELECT 1"),))
    asks = (
        "DO $$ BEGIN IF current_setting('check_function_bodies') = 'off' "
        "THEN RAISE 'it reached the next'; END IF; END $$"
    )
    database = postgres.one()
    plan = with_last(postgres.plan(ONE, sets, THREE), 2, asks)
    run(database, plan)
    assert recorded(database) == ["one", "sets", "three"]
    with pytest.raises(StatementFailed, match="it reached the next"):
        run(postgres.one(), with_last(plan, 1, asks))
