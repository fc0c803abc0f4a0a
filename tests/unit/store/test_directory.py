from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from schemaops.history.revision import revision_id
from schemaops.store.base import AlteredRevision, InaccessibleStore
from schemaops.store.cache import Cache
from schemaops.store.directory import DirectoryStore, NoFolder, find_folder

DATA = b"-- some bytes\n"
ID = revision_id(DATA)
NAME = f"{ID[:12]}-x.sql"


def aged(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock be an hour on, so that the file was not changed just now."""
    later = time.time_ns() + 3_600_000_000_000
    monkeypatch.setattr(time, "time_ns", lambda: later)
    assert path.exists()


def test_the_nearest_folder_above_is_found(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    with pytest.raises(NoFolder) as raised:
        find_folder(below)
    assert "schemaops init --dialect postgres" in raised.value.hints
    (tmp_path / ".schemaops").mkdir()
    assert find_folder(below) == tmp_path / ".schemaops"
    (tmp_path / "a" / ".schemaops").mkdir()
    assert find_folder(below) == tmp_path / "a" / ".schemaops"


def test_a_change_that_keeps_size_and_time_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Cache(tmp_path / "cache.sqlite", "1") as cache:
        DirectoryStore(tmp_path, cache=cache).add(NAME, DATA)
        path = tmp_path / "revisions" / NAME
        aged(path, monkeypatch)
        assert list(DirectoryStore(tmp_path, cache=cache).ids()) == [ID]
        facts = path.stat()
        path.write_bytes(DATA.replace(b"some", b"same"))
        os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
        with pytest.raises(AlteredRevision):
            DirectoryStore(tmp_path, cache=cache).ids()


def test_what_was_hashed_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Cache(tmp_path / "cache.sqlite", "1") as cache:
        DirectoryStore(tmp_path, cache=cache).add(NAME, DATA)
        aged(tmp_path / "revisions" / NAME, monkeypatch)
        DirectoryStore(tmp_path, cache=cache).ids()

        def unread(_: Path) -> bytes:
            raise AssertionError

        monkeypatch.setattr(Path, "read_bytes", unread)
        assert list(DirectoryStore(tmp_path, cache=cache).ids()) == [ID]


def test_what_was_changed_just_now_is_not_remembered(tmp_path: Path) -> None:
    with Cache(tmp_path / "cache.sqlite", "1") as cache:
        store = DirectoryStore(tmp_path, cache=cache)
        store.add(NAME, DATA)
        DirectoryStore(tmp_path, cache=cache).ids()
        assert store._remembered("revisions") == {}


def test_nothing_half_written_is_left_behind(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    store.add(NAME, DATA)
    store.write_draft("a.sql", b"SELECT 1;\n")
    (tmp_path / "drafts" / "b.sql").mkdir()
    with pytest.raises(InaccessibleStore) as raised:
        store.write_draft("b.sql", b"SELECT 2;\n")
    assert str(raised.value.place) == ".schemaops/drafts/b.sql"
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {NAME, "a.sql"}
    assert store.drafts() == ("a.sql",)


def test_files_get_the_rights_that_new_files_get(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    store.add(NAME, DATA)
    ordinary = tmp_path / "ordinary"
    ordinary.write_bytes(b"")
    assert (tmp_path / "revisions" / NAME).stat().st_mode == ordinary.stat().st_mode


def test_a_folder_that_is_a_file_is_an_error_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "revisions").write_bytes(b"")
    with pytest.raises(InaccessibleStore) as raised:
        DirectoryStore(tmp_path).ids()
    assert str(raised.value.place) == ".schemaops/revisions"
