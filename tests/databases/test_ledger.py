"""The ledger: facts that follow from each other, and the move under way."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from dataclasses import replace

import pytest

from schemaops.database import ledger
from schemaops.database.connect import Connection, open_database
from schemaops.database.ledger import (
    Direction,
    Entry,
    Ledger,
    LedgerBroken,
    LedgerTooNew,
    Mark,
    Outcome,
    State,
)
from schemaops.plan.steps import EMPTY_LEDGER, Fact, Move, MoveKind, PlannedStatement, Step

WHEN = "2024-03-01T12:00:00+00:00"
ONE = Fact(
    MoveKind.APPLY,
    "a" * 40,
    migration="m1:" + "1" * 64,
    message="Add orders — ünï, 100%",
    up="CREATE TABLE orders (id INT, note TEXT DEFAULT '50% :x ?');\n-- ✓\n",
    down="DROP TABLE orders;\n",
    parents=("0" * 40,),
)
TWO = Fact(MoveKind.APPLY, "b" * 40, up="up b", down="down b", parents=("a" * 40,))
MERGED = Fact(MoveKind.APPLY, "c" * 40, up="as merged", merge="d" * 40, side="b" * 40)
MERGE = Fact(MoveKind.APPLY, "d" * 40, parents=("b" * 40, "c" * 40), merge="d" * 40, side="b" * 40)
Record = Callable[..., tuple[Entry, ...]]


def _record(connection: Connection, *facts: Fact, fingerprint: str = "f1:x") -> tuple[Entry, ...]:
    with connection.transaction():
        return ledger.record(
            connection,
            ledger.last_entry(connection),
            facts,
            who="Ada <ada@example.org>",
            at=WHEN,
            took_ms=12,
            fingerprint=fingerprint,
        )


def test_a_database_without_a_ledger(engine_url: str) -> None:
    with open_database(engine_url).connect(create=True) as connection:
        assert ledger.read(connection) == Ledger()
        assert ledger.read(connection).position == EMPTY_LEDGER
        assert ledger.last_entry(connection) is None
        assert ledger.holder(connection) is None


def test_what_is_recorded_is_read(engine_url: str) -> None:
    with open_database(engine_url).connect(create=True) as connection:
        ledger.ensure(connection)
        ledger.ensure(connection)
        assert ledger.read(connection) == Ledger(exists=True)
        first = _record(connection, ONE)
        rest = _record(connection, TWO, MERGED, MERGE)
        found = ledger.read(connection)
        assert found.entries == first + rest
        assert [entry.fact for entry in found.entries] == [ONE, TWO, MERGED, MERGE]
        assert [entry.fingerprint for entry in found.entries] == ["f1:x", None, None, "f1:x"]
        assert found.position == rest[-1].position
        assert ledger.last_entry(connection) == rest[-1]
        ledger.verify(found)


def test_the_applied_set_follows_the_facts(engine_url: str) -> None:
    with open_database(engine_url).connect(create=True) as connection:
        ledger.ensure(connection)
        _record(connection, ONE, TWO, MERGED)
        _record(connection, TWO.undone())
        _record(connection, replace(MERGE, kind=MoveKind.ADOPT))
        again = replace(TWO, down="another down")
        _record(connection, again)
        applied = ledger.read(connection).applied
    assert [entry.fact.revision[0] for entry in applied] == ["a", "c", "d", "b"]
    assert applied[-1].fact.down == "another down"


@pytest.mark.parametrize(
    "tamper",
    [
        "UPDATE {ledger} SET up = 'something else' WHERE number = 2",
        "UPDATE {ledger} SET who = 'Eve' WHERE number = 2",
        "UPDATE {ledger} SET migration = '' WHERE number = 2",
        "DELETE FROM {ledger} WHERE number = 2",
    ],
)
def test_a_row_that_was_tampered_with_shows(engine_url: str, tamper: str) -> None:
    with open_database(engine_url).connect(create=True) as connection:
        ledger.ensure(connection)
        _record(connection, ONE, TWO, MERGED)
        name = "schemaops.ledger" if connection.dialect == "postgres" else "schemaops_ledger"
        connection.execute(tamper.format(ledger=name))
        with pytest.raises(LedgerBroken) as caught:
            ledger.verify(ledger.read(connection))
    assert caught.value.number == (3 if tamper.startswith("DELETE") else 2)


def test_the_form_of_a_hash_never_changes() -> None:
    entry = Entry(1, ONE, "Ada", WHEN, 7, "f1:x", Outcome.DONE, "schemaops 0.1.0", "").sealed()
    assert entry.hash == "h1:45388e6af833a67f9b68c5a35ac4a6375128fb70609348ee9e29b8328e5e2d6d"


def test_a_move_under_way_is_found_again(engine_url: str) -> None:
    move = Move(
        MoveKind.APPLY,
        ONE.revision,
        (
            Step((PlannedStatement("CREATE INDEX …", "a.sql:1", "replaced"),), False, "f1:1"),
            Step(
                (PlannedStatement("UPDATE t SET a = '%s'"),),
                undo=(Step((PlannedStatement("UPDATE t SET a = NULL"),)),),
            ),
        ),
        (ONE,),
        "f1:2",
        message="Add orders",
        hazards=(("LK01", "orders", "locks"),),
        losses=(("orders.note", "values"),),
        undo=(),
    )
    marks = (
        Mark(Direction.DO, 0, 0, State.STARTED),
        Mark(Direction.DO, 0, 0, State.DONE),
        Mark(Direction.UNDO, 0, 2, State.STARTED),
    )
    with open_database(engine_url).connect(create=True) as connection:
        ledger.ensure(connection)
        began = ledger.record_start(connection, move, before="f1:0", who="Ada", at=WHEN)
        for mark in marks:
            began = ledger.record_mark(connection, began, mark, who="Ada", at=WHEN)
        found = ledger.read(connection)
        assert found.in_flight == began
        assert began.move == move
        assert began.marks == marks
        ledger.record_end(connection)
        assert ledger.read(connection) == Ledger(exists=True)


def test_facts_and_what_they_tell_of_share_a_transaction(engine_url: str) -> None:
    with open_database(engine_url).connect(create=True) as connection:
        ledger.ensure(connection)
        connection.begin()
        ledger.record(connection, None, [ONE], who="Ada", at=WHEN, took_ms=0, fingerprint=None)
        connection.rollback()
        assert ledger.read(connection).entries == ()


def test_a_later_format_is_left_alone(engine_url: str) -> None:
    with open_database(engine_url).connect(create=True) as connection:
        ledger.ensure(connection)
        name = "schemaops.meta" if connection.dialect == "postgres" else "schemaops_meta"
        connection.execute(f"UPDATE {name} SET value = '2' WHERE name = 'ledger_format'")
        with pytest.raises(LedgerTooNew, match="format 2"):
            ledger.read(connection)
        assert not connection.in_transaction


def _ensure(url: str, barrier: object) -> None:
    with open_database(url).connect(create=True) as connection:
        barrier.wait()  # type: ignore[attr-defined]
        ledger.ensure(connection)
        ledger.record_holder(connection, "somebody")


def test_processes_that_race_to_create_it(engine_url: str) -> None:
    open_database(engine_url).connect(create=True).close()
    fork = multiprocessing.get_context("fork")
    barrier = fork.Barrier(4)
    racers = [fork.Process(target=_ensure, args=(engine_url, barrier)) for _ in range(4)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert [racer.exitcode for racer in racers] == [0, 0, 0, 0]
    with open_database(engine_url).connect() as connection:
        assert ledger.read(connection) == Ledger(exists=True)
        assert ledger.holder(connection) == "somebody"
