"""The cache may be lost, torn, locked or not allowed: never wrong, and never in the way."""

from __future__ import annotations

import multiprocessing
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemaops.store.cache import Cache, cache_file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "below" / "cache.sqlite"


def test_what_is_put_is_got_by_its_kind_and_key(file: Path) -> None:
    with Cache(file, "1") as cache:
        assert cache.get("schema", "a") is None
        assert cache.put("schema", "a", b"one")
        assert cache.put("schema", "a", b"two")
        assert cache.put_many("header", {"a": b"x", "b": b""})
    with Cache(file, "1") as cache:
        assert cache.get("schema", "a") == b"two"
        assert cache.get_many("header", ["a", "b", "c"]) == {"a": b"x", "b": b""}
        assert cache.faults == []


def test_many_at_once(file: Path) -> None:
    values = {str(n): b"%d" % n for n in range(2345)}
    with Cache(file, "1") as cache:
        assert cache.put_many("header", values)
        assert cache.get_many("header", values) == values


def test_another_version_of_the_tool_derives_anew(file: Path) -> None:
    with Cache(file, "1") as old, Cache(file, "2") as new:
        old.put("schema", "a", b"old")
        assert new.get("schema", "a") is None
        new.put("schema", "a", b"new")
        assert old.get("schema", "a") == b"old"
        assert new.prune()
        assert old.get("schema", "a") is None
        assert new.get("schema", "a") == b"new"


def test_without_a_file_nothing_is_remembered() -> None:
    with Cache(None, "1") as cache:
        assert not cache.put("schema", "a", b"one")
        assert cache.get("schema", "a") is None
        assert cache.faults == []


@pytest.mark.parametrize("column", ["value", "key", "kind", "version", "digest"])
def test_a_row_that_does_not_check_is_not_used(file: Path, column: str) -> None:
    with Cache(file, "1") as cache:
        cache.put("schema", "a", b"one")
        with closing(sqlite3.connect(file)) as other, other:
            changed = {"value": b"two", "digest": b"0"}.get(column, "other")
            other.execute(f"UPDATE derived SET {column} = ?", (changed,))
        where = {"kind": ("other", "a"), "key": ("schema", "other")}.get(column, ("schema", "a"))
        version = "other" if column == "version" else "1"
        with Cache(file, version) as again:
            assert again.get(*where) is None
            assert [one.reason for one in again.faults] == ["its digest differs"]


@pytest.mark.parametrize("damage", ["not a database", "torn"])
def test_a_damaged_file_is_made_anew(file: Path, damage: str) -> None:
    with Cache(file, "1") as cache:
        cache.put_many("schema", {str(n): b"x" * 500 for n in range(100)})
    sound = file.read_bytes()
    file.write_bytes(
        b"this is not a database" * 400
        if damage == "not a database"
        else sound[:4096] + b"\xff" * 4096 * 5 + sound[4096 * 6 :]
    )
    with Cache(file, "1") as cache:
        assert cache.get_many("schema", map(str, range(100))) == {}
        assert cache.faults != []
        assert cache.put("schema", "a", b"one")
        assert cache.get("schema", "a") == b"one"


@given(data=st.data())
def test_no_damage_is_ever_believed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    file = tmp_path_factory.mktemp("damaged") / "cache.sqlite"
    values = {str(n): b"value %d" % n for n in range(20)}
    with Cache(file, "1") as cache:
        cache.put_many("schema", values)
    held = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        held[data.draw(st.integers(0, len(held) - 1))] = data.draw(st.integers(0, 255))
    file.write_bytes(held[: data.draw(st.integers(0, len(held)))])
    with Cache(file, "1") as cache:
        found = cache.get_many("schema", values)
        assert found.items() <= values.items()
        cache.put_many("schema", values)


def test_it_may_be_deleted_at_any_time(file: Path) -> None:
    with Cache(file, "1") as cache:
        cache.put("schema", "a", b"one")
        file.unlink()
        cache.get("schema", "a")
        cache.put("schema", "b", b"two")
        with Cache(file, "1") as again:
            assert again.get("schema", "a") is None
            assert again.put("schema", "a", b"three")


def test_where_nothing_can_be_written_everything_goes_on(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    with Cache(blocked / "cache.sqlite", "1") as cache:
        assert cache.get("schema", "a") is None
        assert not cache.put("schema", "a", b"one")
        assert len(cache.faults) == 1


def test_what_is_locked_can_still_be_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemaops.store.cache._WAIT", 0.0)
    with Cache(file, "1") as cache:
        cache.put("schema", "a", b"one")
        with closing(sqlite3.connect(file)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert not cache.put("schema", "b", b"two")
            assert cache.get("schema", "a") == b"one"
            assert [one.doing for one in cache.faults] == ["writing"]


def test_a_file_grown_too_large_is_begun_anew(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Cache(file, "1") as cache:
        cache.put("schema", "a", b"one")
    monkeypatch.setattr("schemaops.store.cache._LARGE", 10)
    with Cache(file, "1") as cache:
        assert cache.get("schema", "a") is None
        assert cache.put("schema", "a", b"two")


def _write(file: Path, mine: int) -> None:
    with Cache(file, "1") as cache:
        for n in range(60):
            cache.put_many("schema", {f"{n}": b"same", f"{mine}-{n}": b"%d" % mine})


def test_two_processes_may_write_at_once(file: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_write, args=(file, mine)) for mine in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    with Cache(file, "1") as cache:
        keys = [f"{mine}-{n}" for mine in range(2) for n in range(60)]
        assert len(cache.get_many("schema", keys)) == 120
        assert cache.faults == []


def test_where_it_is_kept(tmp_path: Path) -> None:
    store = tmp_path / ".schemaops"
    assert cache_file(tmp_path / ".git", store, {}) == (
        tmp_path / ".git" / "schemaops" / "cache-1.sqlite"
    )
    mine = cache_file(None, store, {"XDG_CACHE_HOME": "/c", "HOME": "/h"})
    assert mine.parent == Path("/c/schemaops")
    assert cache_file(None, store, {"HOME": "/h"}).parent == Path("/h/.cache/schemaops")
    assert cache_file(None, tmp_path / "other", {"XDG_CACHE_HOME": "/c"}) != mine
