"""The contract of a store, run against each implementation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from schemaops.history.format import to_bytes
from schemaops.history.revision import (
    Revision,
    RevisionId,
    file_name,
    migration_id,
    revision_id,
)
from schemaops.store.base import (
    AlteredRevision,
    MisnamedRevision,
    NoSuchFile,
    Store,
    UnusableName,
)
from schemaops.store.cache import Cache
from schemaops.store.directory import DirectoryStore
from schemaops.store.git import IndexStore, Repository, TreeStore, WorkTreeStore
from schemaops.store.headers import dag_of, read_headers
from schemaops.store.memory import MemoryStore


class Place:
    """One place that stores are opened over, again and again."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.cache = Cache(folder / "cache" / "cache.sqlite", "1")
        self._memory = MemoryStore()
        self._folder = folder / "project" / ".schemaops"
        self._tree: str | None = None
        if kind in ("tree", "index", "work tree", "work tree below"):
            self.repository = Repository.create(folder / "project")
        self._open: Callable[[], Store] = {
            "memory": lambda: MemoryStore(self._memory.files),
            "directory": lambda: DirectoryStore(self._folder),
            "remembering directory": lambda: DirectoryStore(self._folder, cache=self.cache),
            "tree": self._open_tree,
            "index": lambda: IndexStore(self.repository),
            "work tree": lambda: WorkTreeStore(self.repository, self._folder),
            "work tree below": lambda: WorkTreeStore(
                self.repository, self._folder.with_name("apps") / "shop" / ".schemaops"
            ),
        }[kind]

    def open(self) -> Store:
        store = self._open()
        if isinstance(store, MemoryStore):
            store.files = self._memory.files
        return store

    def _open_tree(self) -> Store:
        place = self

        class Followed(TreeStore):
            # A tree that is written to is another tree: the next one opened goes on from it.
            def _put(self, path: str, data: bytes) -> None:
                super()._put(path, data)
                place._tree = self.tree

            def _delete(self, path: str) -> None:
                super()._delete(path)
                place._tree = self.tree

        return Followed(self.repository, self._tree)


@pytest.fixture(
    params=[
        "memory",
        "directory",
        "remembering directory",
        "tree",
        "index",
        "work tree",
        "work tree below",
    ]
)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(request.param, tmp_path)


def sealed(message: str, *parents: RevisionId) -> tuple[str, bytes]:
    up = f"CREATE TABLE {message.replace(' ', '_')} (id INTEGER);\n"
    revision = Revision(
        parents=tuple(sorted(parents)),
        migration=migration_id(up, "sqlite"),
        message=message,
        up=up,
    )
    data = to_bytes(revision)
    return file_name(revision_id(data), revision), data


class TestStore:
    def test_an_empty_place_has_nothing(self, place: Place) -> None:
        store = place.open()
        assert dict(store.ids()) == {}
        assert store.drafts() == ()
        assert store.resolutions() == ()
        assert store.config() is None

    def test_what_is_added_is_there_when_opened_again(self, place: Place) -> None:
        name, data = sealed("orders")
        other_name, other_data = sealed("items", revision_id(data))
        store = place.open()
        added = [store.add(name, data), store.add(other_name, other_data)]
        for again in (store, place.open()):
            assert dict(again.ids()) == {added[0]: name, added[1]: other_name}
            assert again.read(added[0]) == data
            assert again.read(added[1]) == other_data
            assert str(again.place_of(added[0])).endswith(f".schemaops/revisions/{name}") or (
                again.shown == "memory"
            )

    def test_what_another_store_adds_is_seen_after_a_refresh(self, place: Place) -> None:
        store = place.open()
        store.ids()
        revision = place.open().add(*sealed("orders"))
        if isinstance(store, TreeStore):  # another tree is no change of this one
            return
        store.refresh()
        assert list(store.ids()) == [revision]

    def test_ids_are_those_that_git_gives(self, place: Place) -> None:
        name, data = sealed("orders")
        assert place.open().add(name, data) == revision_id(data)

    def test_adding_twice_changes_nothing(self, place: Place) -> None:
        name, data = sealed("orders")
        store = place.open()
        assert store.add(name, data) == store.add(name, data) == place.open().add(name, data)
        assert len(place.open().ids()) == 1

    def test_bytes_are_kept_as_they_are(self, place: Place) -> None:
        data = b"-- anything at all\r\nwith \xff and \x00, no line end"
        name = f"{revision_id(data)[:12]}-odd.sql"
        store = place.open()
        revision = store.add(name, data)
        assert place.open().read(revision) == data

    def test_a_revision_is_added_under_its_own_digits_only(self, place: Place) -> None:
        _, data = sealed("orders")
        store = place.open()
        with pytest.raises(AlteredRevision):
            store.add("0123456789ab-orders.sql", data)
        with pytest.raises(MisnamedRevision):
            store.add("orders.sql", data)
        assert place.open().listing() == ()

    def test_a_changed_byte_is_an_error_that_names_the_file(self, place: Place) -> None:
        name, data = sealed("orders")
        store = place.open()
        store.add(name, data)
        store._put(f"revisions/{name}", data.replace(b"INTEGER", b"INTEGRE"))
        again = place.open()
        with pytest.raises(AlteredRevision) as raised:
            again.ids()
        assert raised.value.place is not None
        assert raised.value.place.file.endswith(name)

    def test_a_byte_changed_after_listing_is_noticed_on_reading(self, place: Place) -> None:
        name, data = sealed("orders")
        revision = place.open().add(name, data)
        store = place.open()
        store.ids()
        place.open()._put(f"revisions/{name}", data + b"\n")
        if isinstance(store, TreeStore | IndexStore):  # what git listed, git still has
            assert store.read(revision) == data
            return
        with pytest.raises(AlteredRevision):
            store.read(revision)

    def test_a_file_with_another_name_is_no_revision(self, place: Place) -> None:
        place.open()._put("revisions/notes.txt", b"hello")
        with pytest.raises(MisnamedRevision, match="not named"):
            place.open().ids()

    def test_hidden_files_are_left_alone(self, place: Place) -> None:
        place.open()._put("revisions/.gitkeep", b"")
        assert dict(place.open().ids()) == {}

    def test_contents_show_every_file_whatever_it_is(self, place: Place) -> None:
        name, data = sealed("orders")
        store = place.open()
        store.add(name, data)
        store._put("revisions/notes.txt", b"hello")
        found = {entry.name: (entry.id, held) for entry, held in place.open().contents()}
        assert found == {
            name: (revision_id(data), data),
            "notes.txt": (revision_id(b"hello"), b"hello"),
        }

    def test_what_is_removed_is_gone(self, place: Place) -> None:
        name, data = sealed("orders")
        other_name, other_data = sealed("items")
        store = place.open()
        revision, kept = store.add(name, data), store.add(other_name, other_data)
        store.remove(revision)
        for again in (store, place.open()):
            assert list(again.ids()) == [kept]
            with pytest.raises(NoSuchFile):
                again.read(revision)
            with pytest.raises(NoSuchFile):
                again.remove(revision)

    def test_drafts(self, place: Place) -> None:
        store = place.open()
        store.write_draft("add-orders.sql", b"CREATE TABLE a (b INT)")
        store.write_draft("add-orders.sql", b"CREATE TABLE orders (id INT);\n")
        store.write_draft("items.sql", b"")
        assert place.open().drafts() == ("add-orders.sql", "items.sql")
        assert place.open().read_draft("add-orders.sql") == b"CREATE TABLE orders (id INT);\n"
        store.remove_draft("add-orders.sql")
        assert place.open().drafts() == ("items.sql",)
        with pytest.raises(NoSuchFile):
            place.open().read_draft("add-orders.sql")
        with pytest.raises(NoSuchFile):
            store.remove_draft("add-orders.sql")

    def test_proofs(self, place: Place) -> None:
        store = place.open()
        assert store.proofs() == ()
        store.write_proof("7c1e-sqlite-3.40", b"proven\n")
        assert place.open().proofs() == ("7c1e-sqlite-3.40",)
        assert place.open().read_proof("7c1e-sqlite-3.40") == b"proven\n"

    def test_resolutions(self, place: Place) -> None:
        store = place.open()
        store.write_resolution("7c1e", b"winner: 3f2a\n")
        assert place.open().resolutions() == ("7c1e",)
        assert place.open().read_resolution("7c1e") == b"winner: 3f2a\n"
        store.remove_resolution("7c1e")
        assert place.open().resolutions() == ()
        with pytest.raises(NoSuchFile):
            place.open().read_resolution("7c1e")

    def test_configuration(self, place: Place) -> None:
        place.open().write_config(b'dialect = "sqlite"\n')
        assert place.open().config() == b'dialect = "sqlite"\n'

    @pytest.mark.parametrize("name", ["", "../out.sql", "a/b.sql", ".hidden", "a\\b", "a\0b"])
    def test_names_do_not_lead_out_of_their_folder(self, place: Place, name: str) -> None:
        store = place.open()
        with pytest.raises(UnusableName):
            store.write_draft(name, b"")
        with pytest.raises(UnusableName):
            store.write_resolution(name, b"")
        with pytest.raises(UnusableName):
            store.read_draft(name)

    def test_headers_and_the_dag_come_from_the_store_or_the_cache(self, place: Place) -> None:
        store = place.open()
        first = store.add(*sealed("orders"))
        second = store.add(*sealed("items", first))
        without = read_headers(place.open())
        assert {one: header.message for one, header in without.items()} == {
            first: "orders",
            second: "items",
        }
        assert without.dag.heads() == (second,)
        assert dag_of(without).order == dag_of(dict(without)).order
        assert dict(read_headers(place.open(), place.cache)) == dict(without)
        cached = place.open()
        cached.read = None  # type: ignore[method-assign, assignment]
        assert dict(read_headers(cached, place.cache)) == dict(without)
        assert place.cache.faults == []
