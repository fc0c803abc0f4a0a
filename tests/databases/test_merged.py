"""Merge revisions on databases: from whichever side one comes, it ends alike, and can go back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from schemaops.database.connect import open_database
from schemaops.database.observe import observe
from tests.engines import Server, fresh_database
from tests.projects import Project

BASE = """
CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(50), n INTEGER);
INSERT INTO users VALUES (1, 'a@x', 1), (2, 'b@x', 2);
"""


class Shop(Project):
    """A project with databases that come to a merge from different sides."""

    def merged(self, *options: str) -> str:
        """Merge `topic` into the current branch; return the merge."""
        said = self.json("merge", "topic", *options)
        self.git("commit", "--quiet", "--no-edit")
        return str(said["head"])

    def replay(self, environment: str, to: str) -> tuple[str, dict[str, list[str]]]:
        """Replay a database to a revision; return its fingerprint and its rows."""
        self("replay", environment, "--to", to, "--accept-losses")
        with open_database(self.environ[environment.upper()]).connect() as connection:
            schema = observe(connection)
            tables = sorted(thing.at.name for thing in schema if thing.at.kind.value == "table")
            rows = {name: connection.query(f"SELECT * FROM {name}") for name in tables}
            return schema.fingerprint, {n: sorted(map(repr, r)) for n, r in rows.items()}


@pytest.fixture
def shop(engine_server: Server, tmp_path: Path) -> Iterator[Shop]:
    with ExitStack() as stack:
        environ = dict(os.environ)
        for name in ("OURS", "THEIRS", "FRESH"):
            environ[name] = stack.enter_context(fresh_database(engine_server))
        folder = tmp_path / "shop"
        folder.mkdir()
        project = Shop(folder, environ=environ)
        project.git("init", "--quiet", "-b", "main")
        project("init", "--dialect", engine_server.dialect)
        for name in ("OURS", "THEIRS", "FRESH"):
            project("env", "add", name.lower(), "--url", f"${name}")
        project.git("add", ".schemaops")
        project.git("commit", "--quiet", "-m", "begin")
        yield project


def ends_alike(shop: Shop, ours: str, theirs: str, merge: str) -> None:
    """Hold that databases at either side, and a new one, come to one end, and back again."""
    before = {name: shop.replay(name, to) for name, to in (("ours", ours), ("theirs", theirs))}
    after = {name: shop.replay(name, merge) for name in ("ours", "theirs", "fresh")}
    assert after["ours"] == after["theirs"] == after["fresh"]
    for name, to in (("ours", ours), ("theirs", theirs)):
        again = shop.replay(name, to)
        assert again[0] == before[name][0]
        assert again[1].keys() == before[name][1].keys()
        for table, rows in again[1].items():
            assert len(rows) == len(before[name][1][table])
        assert shop.replay(name, merge)[0] == after["ours"][0]


CLEAN: dict[str, tuple[str, str]] = {
    "carried and once": (
        """
        CREATE TABLE a (id INTEGER PRIMARY KEY);
        INSERT INTO a VALUES (1);
        CREATE INDEX by_mail ON users (email);
        UPDATE users SET n = 7 WHERE id = 1;
        ALTER TABLE users ADD COLUMN age INTEGER;
        """,
        """
        ALTER TABLE users ADD COLUMN b INTEGER;
        ALTER TABLE users RENAME COLUMN email TO mail;
        ALTER TABLE users ADD COLUMN age INTEGER;
        """,
    ),
    "renamed": (
        "ALTER TABLE users RENAME TO people; CREATE TABLE users (id INTEGER);",
        "ALTER TABLE users ADD COLUMN b VARCHAR(9) DEFAULT 'x';",
    ),
}


@pytest.mark.parametrize("pair", CLEAN.values(), ids=CLEAN)
def test_a_clean_merge_ends_alike_from_both_sides(shop: Shop, pair: tuple[str, str]) -> None:
    _, mine, its = shop.fork(BASE, *pair)
    ends_alike(shop, mine, its, shop.merged())


def test_a_criss_cross_ends_alike_from_both_sides(shop: Shop) -> None:
    _, b1, b2 = shop.fork(
        BASE,
        "ALTER TABLE users RENAME COLUMN email TO mail;",
        "CREATE INDEX by_mail ON users (email); UPDATE users SET n = n + 1;",
    )
    shop.seal("c1", "ALTER TABLE users ADD COLUMN one INTEGER;")
    shop.git("switch", "--quiet", "topic")
    shop.seal("c2", "CREATE TABLE two (id INTEGER);")
    shop.git("branch", "first", "main~1")
    theirs = shop.json("merge", "first")["head"]
    shop.git("commit", "--quiet", "--no-edit")
    shop.git("switch", "--quiet", "main")
    shop.git("branch", "second", "topic~1")
    ours = shop.json("merge", "second")["head"]
    shop.git("commit", "--quiet", "--no-edit")
    merge = shop.merged()
    shop.replay("ours", b1)
    shop.replay("theirs", b2)
    ends_alike(shop, ours, theirs, merge)


def test_a_picked_migration_is_executed_once(shop: Shop) -> None:
    fix = "CREATE TABLE fix (id INTEGER); UPDATE users SET n = n + 5;"
    shop.seal("Base", BASE)
    shop.git("switch", "--quiet", "-c", "topic")
    shop.seal("before", "CREATE TABLE a (id INTEGER);")
    its = shop.seal("fix", fix)
    shop.git("switch", "--quiet", "main")
    mine = shop.seal("fix, picked", fix)
    merge = shop.merged()
    ends_alike(shop, mine, its, merge)
    assert shop.replay("fresh", merge)[1]["users"][0].endswith("6)")


@pytest.mark.parametrize("name", ["mail", "address"])
def test_a_decided_merge_ends_alike_from_both_sides(shop: Shop, name: str) -> None:
    _, mine, its = shop.fork(
        BASE,
        "CREATE TABLE a (id INTEGER); ALTER TABLE users RENAME COLUMN email TO contact;",
        "ALTER TABLE users RENAME COLUMN email TO mail; CREATE TABLE b (id INTEGER);",
    )
    (conflict,) = shop.json("merge", "topic", code=1)["conflicts"]
    edited = shop.folder / "both.sql"
    edited.write_text("ALTER TABLE users RENAME COLUMN email TO address;\n")
    words = ("--theirs",) if name == "mail" else ("--edit", str(edited))
    shop("resolve", conflict["id"], *words)
    merge = shop.json("merge", "--continue")["head"]
    edited.unlink()
    shop.git("commit", "--quiet", "--no-edit")
    ends_alike(shop, mine, its, merge)
    assert name in shop("schema", "env:fresh")


def test_a_reverted_revision_is_undone_on_the_database(shop: Shop) -> None:
    shop.seal("Base", BASE)
    before = shop.replay("ours", "@")
    gone = shop.seal("age", "ALTER TABLE users ADD COLUMN age INTEGER;")
    shop.seal("more", "CREATE TABLE more (id INTEGER);")
    kept = shop.replay("ours", "@")
    back = shop.json("revert", gone)["id"]
    assert shop.replay("ours", "@")[1]["users"] == before[1]["users"]
    shop.git("commit", "--quiet", "-m", "revert")
    shop("revert", back)
    assert shop.replay("ours", "@")[0] == kept[0]
