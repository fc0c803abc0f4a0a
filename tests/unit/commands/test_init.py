from __future__ import annotations

import sqlite3
import tomllib

import pytest

from schemaops.database.connect import open_database
from tests.engines import Server, fresh_database
from tests.unit.commands.project import Project


def test_an_empty_folder_becomes_a_repository_with_a_project(empty: Project) -> None:
    empty.run("init", "--dialect", "sqlite")
    assert empty.git("status", "--short").splitlines() == [
        "A  .schemaops/.gitattributes",
        "A  .schemaops/config.toml",
    ]
    config = tomllib.loads((empty.folder / ".schemaops" / "config.toml").read_text())
    assert config == {
        "dialect": "sqlite",
        "default_branch": "main",
        "environments": {"dev": {"url": "sqlite:///.git/schemaops/dev.sqlite3"}},
    }


def test_a_repository_keeps_its_branch(empty: Project) -> None:
    empty.git("init", "--quiet", "--initial-branch", "trunk")
    empty.run("init", "--dialect", "sqlite")
    assert empty.json("status")["branch"] == "trunk"
    assert empty.workspace.config.default_branch == "trunk"


def test_a_project_may_be_a_folder_of_a_repository(empty: Project) -> None:
    empty.git("init", "--quiet")
    empty.run("init", "--dialect", "sqlite", "backend")
    backend = Project(empty.folder / "backend", empty.extra)
    backend.seal("T", "CREATE TABLE t (id INT)")
    backend.run("replay", "dev")
    assert backend.json("status", "--live")["environments"][0]["behind"] == 0
    assert (empty.folder / ".git" / "schemaops" / "dev.sqlite3").exists()


def test_mysql_has_no_embedded_server(empty: Project) -> None:
    told = empty.run("init", "--dialect", "mysql")
    assert "schemaops env add dev --url '$DEV_URL'" in told
    assert empty.json("env", "list")["environments"] == []


def test_nothing_is_written_when_a_password_would_be(empty: Project) -> None:
    told = empty.run("init", "--dialect", "postgres", "--dev", "postgresql://a:b@c/d", code=2)
    assert "error[SO706]" in told
    assert list(empty.folder.iterdir()) == []


def _shop(file: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
        connection.execute("CREATE INDEX by_name ON users (name)")
        connection.execute("CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END")
        connection.execute("INSERT INTO users VALUES (1, 'Ada')")
    connection.close()


def test_a_history_begins_with_what_a_database_holds(empty: Project) -> None:
    file = empty.folder.parent / "old.db"
    _shop(str(file))
    empty.run("init", "--from", f"sqlite:///{file}", "--as", "production")
    (revision,) = empty.json("log")["revisions"]
    assert (revision["kind"], revision["parents"]) == ("checkpoint", [])
    assert revision["here"] == ["main"]
    assert empty.json("diff", "@", "env:production")["equal"] is True
    stands = {one["name"]: one for one in empty.json("status", "--live")["environments"]}
    assert stands["production"]["revision"] == revision["id"]
    assert (stands["production"]["behind"], stands["production"]["drift"]) == (0, False)
    # A new database gets the same, and goes on from there.
    empty.git("commit", "--quiet", "--message", "begin")
    empty.seal("Age", "ALTER TABLE users ADD COLUMN age INT")
    for name in ("dev", "production"):
        empty.run("replay", name)
    assert empty.json("diff", "env:dev", "env:production")["equal"] is True


def test_a_database_that_has_a_history_is_not_begun_with(empty: Project) -> None:
    file = empty.folder.parent / "old.db"
    _shop(str(file))
    empty.run("init", "--from", f"sqlite:///{file}")
    other = Project(empty.folder.parent / "other", empty.extra)
    other.folder.mkdir()
    assert "error[SO729]" in other.run("init", "--from", f"sqlite:///{file}", code=1)
    assert list(other.folder.iterdir()) == []


def test_a_postgres_that_has_tables(empty: Project, postgres_server: Server) -> None:
    with fresh_database(postgres_server) as url:
        with open_database(url).connect() as connection:
            for statement in (
                "CREATE TYPE mood AS ENUM ('sad', 'happy')",
                "CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m mood)",
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE VIEW happy AS SELECT id FROM users WHERE m = 'happy'",
                "COMMENT ON TABLE users IS 'people'",
            ):
                connection.execute(statement)
        empty.extra["OLD"] = url
        empty.run("init", "--from", "$OLD", "--as", "old")
        assert empty.json("diff", "@", "env:old")["equal"] is True
        assert "$OLD" in (empty.folder / ".schemaops" / "config.toml").read_text()


@pytest.mark.parametrize("url", ["sqlite:///nowhere.db", "nonsense", "$UNSET"])
def test_a_database_that_is_not_there(empty: Project, url: str) -> None:
    assert "error[SO" in empty.run("init", "--from", url, code=3 if "sqlite" in url else 2)
    assert list(empty.folder.iterdir()) == []
