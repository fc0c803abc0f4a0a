"""One replay at a time, and the lock of a dead one is free."""

from __future__ import annotations

import multiprocessing
import os
import signal
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from schemaops.database import ledger
from schemaops.database.connect import open_database
from schemaops.database.failures import NoRights
from schemaops.database.lock import ReplayRunning, describe_holder, locked
from schemaops.errors import Cause

_FORK = multiprocessing.get_context("fork")


def test_a_second_one_is_told_who_holds_it(engine_url: str) -> None:
    database = open_database(engine_url)
    holder = describe_holder("Ada <ada@example.org>", "2024-03-01T12:00:00+00:00")
    with database.connect(create=True) as one, database.connect() as two:
        ledger.ensure(one)
        with locked(one, holder, wait=0):
            ledger.record_holder(one, holder)
            with (
                pytest.raises(ReplayRunning, match="Ada") as caught,
                locked(two, "Eve", wait=0.1, hints=("schemaops status",)),
            ):
                pass
        assert caught.value.holder == holder
        assert caught.value.hints == ("schemaops status",)
        assert caught.value.cause is Cause.WORLD
        with locked(two, "Eve", wait=0), pytest.raises(ReplayRunning), locked(one, "", wait=0):
            pass


def test_it_is_free_after_an_error(engine_url: str) -> None:
    database = open_database(engine_url)
    with database.connect(create=True) as one, database.connect() as two:
        with pytest.raises(ZeroDivisionError), locked(one, "Ada", wait=0):
            raise ZeroDivisionError
        with locked(two, "Eve", wait=0):
            pass


def _hold(url: str, held: Event) -> None:
    connection = open_database(url).connect()
    with locked(connection, "a child", wait=0):
        held.set()
        signal.pause()


def test_a_killed_holder_gives_it_back(engine_url: str) -> None:
    database = open_database(engine_url)
    database.connect(create=True).close()
    held = _FORK.Event()
    child = _FORK.Process(target=_hold, args=(engine_url, held))
    child.start()
    held.wait()
    assert child.pid is not None
    with database.connect() as connection:
        with pytest.raises(ReplayRunning), locked(connection, "Ada", wait=0):
            pass
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        with locked(connection, "Ada", wait=30):
            pass


def _add_one(url: str, counter: Path) -> None:
    with open_database(url).connect() as connection:
        for _ in range(10):
            with locked(connection, "a racer", wait=30):
                counter.write_text(str(int(counter.read_text()) + 1))


def test_of_many_only_one_holds_it(engine_url: str, tmp_path: Path) -> None:
    open_database(engine_url).connect(create=True).close()
    counter = tmp_path / "counter"
    counter.write_text("0")
    racers = [_FORK.Process(target=_add_one, args=(engine_url, counter)) for _ in range(3)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert counter.read_text() == "30"


def test_nothing_stays_beside_an_sqlite_file(tmp_path: Path) -> None:
    with open_database("sqlite:///a.db", relative_to=tmp_path).connect(create=True) as connection:
        with locked(connection, "Ada", wait=0):
            assert len(list(tmp_path.iterdir())) == 2
        assert [file.name for file in tmp_path.iterdir()] == ["a.db"]


def test_where_no_lock_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "a.db.schemaops-lock").mkdir()
    database = open_database("sqlite:///a.db", relative_to=tmp_path)
    with (
        database.connect(create=True) as connection,
        pytest.raises(NoRights),
        locked(connection, "Ada", wait=0),
    ):
        pass


def test_a_database_in_memory_needs_none() -> None:
    with open_database("sqlite://").connect() as connection, locked(connection, "Ada", wait=0):
        connection.execute("CREATE TABLE t (id)")
