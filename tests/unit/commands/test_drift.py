"""What somebody changed in a database by hand: named, taken back, or made a migration."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from schemaops.database.connect import open_database
from tests.engines import Server, fresh_database
from tests.unit.commands.project import Project

SQLITE = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL)"
BY_HAND = (
    "ALTER TABLE users ADD COLUMN age INT",
    "CREATE INDEX by_age ON users (age)",
    "CREATE TABLE notes (body TEXT DEFAULT ';')",
)


@pytest.fixture
def drifted(project: Project) -> Project:
    """A project whose database has what no revision says."""
    project.seal("Users", SQLITE)
    project.run("replay", "dev")
    _by_hand(project, *BY_HAND)
    return project


def _by_hand(project: Project, *statements: str) -> None:
    with closing(sqlite3.connect(project.folder / ".git/schemaops/dev.sqlite3")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_database_that_is_as_it_should_be(project: Project) -> None:
    assert "no database yet" in project.run("drift", "dev")
    project.seal("Users", SQLITE)
    project.run("replay", "dev")
    found = project.json("drift", "dev")
    assert found["drift"] is False
    assert found["expected"] == found["observed"]


def test_every_difference_is_named_and_two_ways_out(drifted: Project) -> None:
    said = drifted.run("drift", "dev", code=1)
    for words in ("users.age int", "index by_age", "table notes", "--sql", "--draft"):
        assert words in said
    for command in (("status", "--live"), ("plan", "dev"), ("replay", "dev")):
        assert "schemaops drift dev" in drifted.run(*command, code=1)


def test_the_script_takes_it_back(drifted: Project) -> None:
    script = drifted.run("drift", "dev", "--sql", code=1)
    with closing(sqlite3.connect(drifted.folder / ".git/schemaops/dev.sqlite3")) as connection:
        connection.executescript(script)
    assert drifted.json("drift", "dev")["drift"] is False
    drifted.run("replay", "dev")


def test_a_draft_makes_it_a_migration_that_is_recorded_where_it_is(drifted: Project) -> None:
    draft = drifted.json("drift", "dev", "--draft", "By hand")["facts"]["draft"]
    sealed = drifted.json("commit", draft, "--no-replay")["id"]
    drifted.run("replay", "dev", "--adopt", "@")
    found = drifted.json("drift", "dev")
    assert (found["drift"], found["revision"]) == (False, sealed)
    drifted.run("replay", "dev", "--to", "base", "--accept-losses")
    drifted.run("replay", "dev")


def test_only_what_the_database_holds_is_adopted(drifted: Project) -> None:
    assert "does not hold" in drifted.run("replay", "dev", "--adopt", "@", code=1)
    _by_hand(drifted, "DROP TABLE notes", "DROP INDEX by_age", "ALTER TABLE users DROP COLUMN age")
    assert "nothing to adopt" in drifted.run("replay", "dev", "--adopt", "@", code=1)
    assert "does not hold" in drifted.run("replay", "dev", "--adopt", "base", code=1)


POSTGRES = """CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL, m mood, n int CHECK (n > 0));
CREATE INDEX by_email ON users (email); CREATE VIEW v AS SELECT id FROM users;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';"""
MYSQL = """CREATE TABLE users (id int PRIMARY KEY, email varchar(99) NOT NULL, n int CHECK (n > 0));
CREATE INDEX by_email ON users (email); CREATE VIEW v AS SELECT id FROM users;
CREATE PROCEDURE f() SELECT 1;"""
WAYS = {
    "postgres": (
        POSTGRES,
        (
            ("ALTER TABLE users ADD COLUMN age int", "users.age"),
            ("ALTER TABLE users ALTER COLUMN n TYPE bigint", "n: type integer → bigint"),
            ("ALTER TABLE users ALTER COLUMN email DROP NOT NULL", "email: nullable no → yes"),
            ("ALTER TABLE users ALTER COLUMN n SET DEFAULT 7", "n: default none → 7"),
            ("ALTER TABLE users DROP CONSTRAINT users_n_check", "users_n_check"),
            ("ALTER INDEX by_email RENAME TO by_mail", "by_mail"),
            ("CREATE OR REPLACE VIEW v AS SELECT id, n FROM users", "view v"),
            ("ALTER TYPE mood ADD VALUE 'so'", "mood"),
            ("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2'", "f()"),
            ("COMMENT ON TABLE users IS 'all of them'", "all of them"),
            ("GRANT SELECT ON users TO PUBLIC", "select"),
            ("ALTER TABLE users ENABLE ROW LEVEL SECURITY", "row security"),
            ("CREATE POLICY p ON users USING (n > 1)", "policy"),
            ("CREATE SEQUENCE s", "sequence s"),
            ("CREATE SCHEMA other CREATE TABLE other.t (id int)", "other.t"),
            ("CREATE TABLE p (a int) PARTITION BY HASH (a)", "table p"),
            ("ALTER TABLE users SET (fillfactor = 60)", "fillfactor"),
            ("CREATE DOMAIN d AS int", "domain d"),
            ("CREATE STATISTICS st ON id, n FROM users", "statistics st"),
            (
                "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
                "default privilege select",
            ),
        ),
    ),
    "mysql": (
        MYSQL,
        (
            ("ALTER TABLE users ADD COLUMN age int", "users.age"),
            ("ALTER TABLE users MODIFY COLUMN n bigint CHECK (n > 0)", "n: type int → bigint"),
            ("ALTER TABLE users MODIFY COLUMN email varchar(99)", "email: nullable no → yes"),
            ("ALTER TABLE users ALTER COLUMN n SET DEFAULT 7", "n: default none → 7"),
            ("ALTER TABLE users DROP INDEX by_email", "by_email"),
            ("ALTER TABLE users ADD UNIQUE KEY u (n)", "unique"),
            ("CREATE OR REPLACE VIEW v AS SELECT id, n FROM users", "view v"),
            ("DROP PROCEDURE f", "procedure f"),
            ("ALTER TABLE users COMMENT 'all of them'", "all of them"),
            ("CREATE TRIGGER tr BEFORE INSERT ON users FOR EACH ROW SET new.n = 1", "trigger"),
            ("ALTER TABLE users CONVERT TO CHARACTER SET latin1", "latin1"),
            ("ALTER TABLE users ADD CONSTRAINT f FOREIGN KEY (n) REFERENCES users (id)", "foreign"),
            ("ALTER TABLE users RENAME COLUMN n TO m", "users.m"),
            ("CREATE TABLE notes (body text)", "table notes"),
            ("ALTER TABLE users DROP PRIMARY KEY", "primary key"),
        ),
    ),
}


@pytest.mark.parametrize("dialect", WAYS)
def test_what_is_done_by_hand_on_a_server(
    dialect: str, empty: Project, request: pytest.FixtureRequest
) -> None:
    server: Server = request.getfixturevalue(
        f"{'mariadb' if dialect == 'mysql' else dialect}_server"
    )
    text, ways = WAYS[dialect]
    with fresh_database(server) as url:
        empty.run("init", "--dialect", dialect)
        empty.extra["SHOP_URL"] = url
        empty.run("env", "add", "shop", "--url", "$SHOP_URL")
        empty.seal("Users", text)
        empty.run("replay", "shop")
        with open_database(url).connect() as connection:
            for statement, words in ways:
                connection.execute(statement)
                assert words in empty.run("drift", "shop", code=1).lower(), statement
                for back in empty.json("drift", "shop", code=1)["back"]:
                    connection.execute(back)
                assert empty.json("drift", "shop")["drift"] is False, statement
