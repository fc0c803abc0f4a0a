from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from schemaops.database.connect import open_database
from tests.engines import Server, fresh_database
from tests.unit.commands.project import Project

ORDERS = "CREATE TABLE orders (id INTEGER PRIMARY KEY, total INT)"


def _rows(file: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(file) as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


def _write(file: Path, *statements: str) -> None:
    with sqlite3.connect(file) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


@pytest.fixture
def dev(shop: Project) -> Path:
    shop.run("replay", "dev")
    return shop.folder / ".git" / "schemaops" / "dev.sqlite3"


def test_a_switch_moves_files_only_and_a_replay_follows(shop: Project, dev: Path) -> None:
    _write(dev, "INSERT INTO customers (id, name) VALUES (1, 'Ada')")
    shop.run("switch", "--create", "topic")
    topic = shop.seal("Age", "ALTER TABLE customers ADD COLUMN age INT")
    shop.run("replay", "dev")
    _write(dev, "UPDATE customers SET age = 36")
    shop.run("switch", "main")
    orders = shop.seal("Orders", ORDERS)
    assert _rows(dev, "SELECT age FROM customers") == [(36,)]
    done = shop.json("replay", "dev")
    assert [(one["kind"], one["revision"]) for one in done["moves"]] == [
        ("revert", topic),
        ("apply", orders),
    ]
    assert _rows(dev, "SELECT * FROM customers") == [(1, "Ada", None)]
    assert shop.json("replay", "dev")["moves"] == []


def test_elsewhere_nothing_is_reverted_unasked(shop: Project) -> None:
    shop.run("env", "add", "test", "--url", "sqlite:///test.db")
    shop.git("commit", "--quiet", "--all", "--message", "test")
    shop.seal("Orders", ORDERS)
    shop.run("replay", "test")
    shop.run("switch", "--create", "older")
    shop.git("reset", "--quiet", "--hard", "HEAD~1")
    told = shop.run("replay", "test", code=1)
    assert "error[SO505]" in told
    assert "Orders" in told
    told = shop.run("replay", "test", "--to", "older", code=1)
    assert "error[SO506]" in told
    assert "values of orders" in told
    shop.run("replay", "test", "--to", "older", "--accept-losses")
    assert (
        _rows(shop.folder / "test.db", "SELECT name FROM sqlite_master WHERE name = 'orders'") == []
    )


def test_a_protected_environment_takes_what_another_branch_has_committed(shop: Project) -> None:
    shop.run("env", "add", "prod", "--url", "sqlite:///prod.db", "--protected")
    shop.run("switch", "--create", "topic")
    shop.seal("Orders", ORDERS)
    shop.run("switch", "main")
    shop.run("commit", "-m", "Loose", "--sql", "CREATE TABLE loose (id INT)")
    assert "error[SO503]" in shop.run("replay", "prod", code=1)
    shop.run("replay", "prod", "--to", "topic")


def test_two_heads_have_no_place_to_go(shop: Project) -> None:
    shop.run("switch", "--create", "topic")
    shop.seal("Age", "ALTER TABLE customers ADD COLUMN age INT")
    shop.run("switch", "main")
    shop.seal("Orders", ORDERS)
    shop.git("merge", "--quiet", "--no-edit", "topic")
    assert "hint: schemaops merge" in shop.run("replay", "dev", code=2)
    shop.run("merge")
    shop.run("replay", "dev")


def test_a_database_with_tables_and_no_ledger_is_refused_and_adopted(shop: Project) -> None:
    shop.run("env", "add", "old", "--url", "sqlite:///old.db")
    head = shop.seal("Orders", ORDERS)
    _write(
        shop.folder / "old.db",
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT)",
        "INSERT INTO customers VALUES (1, 'Ada', NULL)",
    )
    told = shop.run("replay", "old", code=1)
    assert "error[SO620]" in told
    told = shop.run("replay", "old", "--adopt", "@", code=1)
    assert "error[SO507]" in told
    assert "drop table orders" in told
    adopted = shop.json("replay", "old", "--adopt", "@~1")
    assert [one["kind"] for one in adopted["moves"]] == ["adopt"]
    assert [one["revision"] for one in shop.json("replay", "old")["moves"]] == [head]
    assert (
        shop.json("replay", "old", "--to", "@~1", "--accept-losses")["moves"][0]["kind"] == "revert"
    )
    assert _rows(shop.folder / "old.db", "SELECT name FROM customers") == [("Ada",)]


def test_what_nobody_has_looked_at_is_not_built_upon(shop: Project, dev: Path) -> None:
    _write(dev, "CREATE INDEX by_hand ON customers (name)")
    shop.seal("Orders", ORDERS)
    told = shop.run("replay", "dev", code=1)
    assert "error[SO621]" in told
    assert "create index by_hand" in told
    (environment,) = shop.json("status", "--live", code=1)["environments"]
    assert environment["drift"] is True
    _write(dev, "DROP INDEX by_hand")
    shop.run("replay", "dev")


def test_a_statement_that_fails_leaves_nothing_and_is_told(shop: Project, dev: Path) -> None:
    _write(dev, "INSERT INTO customers (id, name) VALUES (1, 'Ada'), (2, 'Ada')")
    shop.seal("Unique", f"{ORDERS}; CREATE UNIQUE INDEX names ON customers (name)")
    told = shop.run("replay", "dev", code=3)
    assert "error[SO524]" in told
    assert "nothing of it remains" in told
    assert _rows(dev, "SELECT count(*) FROM sqlite_master WHERE name = 'orders'") == [(0,)]
    _write(dev, "DELETE FROM customers WHERE id = 2")
    shop.run("replay", "dev")


@pytest.mark.parametrize(
    "options",
    [("--took-effect",), ("--adopt", "@", "--resume"), ("--on-failure", "pray")],
)
def test_options_that_make_no_sense(shop: Project, options: tuple[str, ...]) -> None:
    assert "error[SO" in shop.run("replay", "dev", *options, code=2)


def test_resuming_where_nothing_was_cut_short_is_a_replay(shop: Project) -> None:
    assert len(shop.json("replay", "dev", "--resume")["moves"]) == 1
    assert shop.json("replay", "dev", "--resume")["moves"] == []


def test_what_stands_outside_transactions_is_its_own_step(
    empty: Project, postgres_server: Server
) -> None:
    with fresh_database(postgres_server) as url:
        empty.extra["DEV"] = url
        empty.run("init", "--dialect", "postgres", "--dev", "$DEV")
        empty.seal("Users", "CREATE TABLE users (id int PRIMARY KEY, name text)")
        empty.run("replay", "dev")
        sql = "ALTER TABLE users ADD age int; CREATE INDEX CONCURRENTLY by_name ON users (name)"
        empty.run("commit", "-m", "Index", "--sql", sql, "--no-replay")
        (move,) = empty.json("plan", "dev")["moves"]
        assert [step["transactional"] for step in move["steps"]] == [True, False]
        assert all(step["after"] is not None for step in move["steps"])
        assert move["one_transaction"] is False
        empty.run("replay", "dev")
        assert empty.json("diff", "@", "env:dev")["equal"] is True
        empty.run("replay", "dev", "--to", "base")
        with open_database(url).connect() as connection:
            assert connection.query("SELECT to_regclass('users')::text") == [(None,)]


def test_a_new_label_is_used_in_a_step_of_its_own(empty: Project, postgres_server: Server) -> None:
    with fresh_database(postgres_server) as url:
        empty.extra["DEV"] = url
        empty.run("init", "--dialect", "postgres", "--dev", "$DEV")
        empty.seal("Kinds", "CREATE TYPE kind AS ENUM ('a'); CREATE TABLE t (k kind)")
        empty.seal("More", "ALTER TYPE kind ADD VALUE 'b'; INSERT INTO t VALUES ('b')")
        empty.run("replay", "dev")
        with open_database(url).connect() as connection:
            assert connection.query("SELECT k::text FROM t") == [("b",)]
