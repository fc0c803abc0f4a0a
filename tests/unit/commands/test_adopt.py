from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from schemaops.database.connect import open_database
from schemaops.reports.shapes import schemas
from tests.engines import Server, fresh_database
from tests.unit.commands.project import Project
from tests.unit.reports.validation import mistakes

FIXTURES = Path(__file__).parents[3] / "fixtures" / "interop"


def restore(file: Path, dump: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.executescript((FIXTURES / "databases" / f"{dump}.sql").read_text())
    connection.close()


def run(file: Path, script: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.executescript(script)
    connection.close()


def schema_of(folder: Path) -> str:
    """Return what golang-migrate's sample builds, as a script."""
    return "".join(one.read_text() for one in sorted(folder.glob("*.up.sql")))


def imported(project: Project, tool: str, *options: str) -> Path:
    shutil.copytree(FIXTURES / tool, project.folder / "m")
    project.run("import", tool, "m", "--dialect", "sqlite", *options)
    project.run("env", "add", "production", "--url", "sqlite:///production.db")
    return project.folder / "production.db"


@pytest.mark.parametrize(
    ("tool", "own"),
    [
        ("golang-migrate", ["schema_migrations"]),
        ("goose", ["goose_db_version"]),
        ("sql-migrate", ["gorp_migrations"]),
        ("sqitch", []),
        ("dbmate", ["schema_migrations"]),
        ("diesel", ["__diesel_schema_migrations"]),
        ("flyway", ["flyway_schema_history"]),
        ("liquibase", ["databasechangelog", "databasechangeloglock"]),
        ("prisma", ["_prisma_migrations"]),
        ("sqlx", ["_sqlx_migrations"]),
    ],
)
def test_a_database_that_the_real_tool_migrated_is_adopted(
    empty: Project, tool: str, own: list[str]
) -> None:
    database = imported(empty, tool)
    restore(database, tool)
    if tool == "sqitch":
        restore(empty.folder / "sqitch.db", "sqitch-registry")
    assert "schemaops adopt production" in empty.run("plan", "production", code=1)
    made = empty.json("adopt", "production")
    assert list(mistakes(made, schemas()["schemaops.adopt/1"])) == []
    heads = [one["id"] for one in empty.json("status")["heads"]]
    assert [made["revision"]] == heads
    assert made["beside"] == own
    assert len(made["recorded"]) == (5 if tool == "flyway" else 4)
    assert made["differences"] == []
    assert "nothing to do" in empty.run("plan", "production")
    standing = empty.json("status", "--live")["environments"][1]
    assert (standing["drift"], standing["pending"]) == (False, [])
    # From here on it is replayed like any other, forth and back.
    empty.run("commit", "-m", "Tags", "--sql", "CREATE TABLE tags (id INTEGER PRIMARY KEY)")
    empty.run("replay", "production")
    empty.run("replay", "production", "--to", heads[0][:7], "--accept-losses")
    assert "nothing to do" in empty.run("plan", "production", "--to", heads[0][:7])


SCHEMA = schema_of(FIXTURES / "golang-migrate")
TABLES = {
    "atlas": "CREATE TABLE atlas_schema_revisions (version TEXT PRIMARY KEY, description TEXT,"
    " type INTEGER, applied INTEGER, total INTEGER, executed_at DATETIME, error TEXT, hash TEXT);"
    "INSERT INTO atlas_schema_revisions (version, applied, total) VALUES "
    + ", ".join(f"('2024010{day}120000', 1, 1)" for day in range(1, 5))
    + ";",
    # One that was undone and done again.
    "flyway": "CREATE TABLE flyway_schema_history (installed_rank INT PRIMARY KEY, version VARCHAR,"
    " description VARCHAR, type VARCHAR, script VARCHAR, checksum INT, installed_by VARCHAR,"
    " installed_on TEXT, execution_time INT, success BOOLEAN);"
    "INSERT INTO flyway_schema_history (installed_rank, version, type, script, success) VALUES "
    "(1, '1', 'SQL', 'V1__add_customers.sql', 1), (2, '2', 'SQL', 'V2__add_orders.sql', 1),"
    "(3, '3', 'SQL', 'V3__add_orders_note.sql', 1),"
    "(4, '3', 'UNDO_SQL', 'U3__add_orders_note.sql', 1),"
    "(5, '3', 'SQL', 'V3__add_orders_note.sql', 1),"
    "(6, '3.1', 'SQL', 'V3_1__add_orders_trigger.sql', 1);",
    # By another way to the changelog, and run once more.
    "liquibase": "CREATE TABLE DATABASECHANGELOG (ID VARCHAR(255), AUTHOR VARCHAR(255),"
    " FILENAME VARCHAR(255), DATEEXECUTED TEXT, ORDEREXECUTED INT, EXECTYPE VARCHAR(10));"
    "CREATE TABLE DATABASECHANGELOGLOCK (ID INT PRIMARY KEY, LOCKED BOOLEAN);"
    "INSERT INTO DATABASECHANGELOG VALUES ('customers', 'ada', 'db/shop.sql', '', 1, 'EXECUTED'),"
    "('orders', 'ada', 'db/shop.sql', '', 2, 'EXECUTED'),"
    "('note', 'ada', 'changelog.xml', '', 3, 'EXECUTED'),"
    "('spent', 'grace', 'triggers/spent.sql', '', 4, 'RERAN');",
}


@pytest.mark.parametrize("tool", sorted(TABLES))
def test_a_version_table_says_where_its_database_stands(empty: Project, tool: str) -> None:
    database = imported(empty, tool)
    run(database, SCHEMA + TABLES[tool])
    made = empty.json("adopt", "production")
    assert made["tool"] == tool
    assert len(made["recorded"]) == 4
    assert made["differences"] == []
    pending = empty.json("status", "--live")["environments"][1]["pending"]
    # The view that may be repeated is the one thing that this database has not got.
    assert len(pending) == (1 if tool == "flyway" else 0)


@pytest.mark.parametrize(
    ("tool", "change"),
    [
        ("golang-migrate", "UPDATE schema_migrations SET dirty = 1"),
        ("sqlx", "UPDATE _sqlx_migrations SET success = 0 WHERE version = 20240104120000"),
        ("flyway", "UPDATE flyway_schema_history SET success = 0 WHERE version = '3.1'"),
        ("prisma", "UPDATE _prisma_migrations SET finished_at = NULL"),
        ("atlas", "UPDATE atlas_schema_revisions SET applied = 0"),
        ("liquibase", "UPDATE DATABASECHANGELOG SET EXECTYPE = 'FAILED' WHERE ID = 'spent'"),
    ],
)
def test_what_another_tool_left_half_done_is_refused(
    empty: Project, tool: str, change: str
) -> None:
    database = imported(empty, tool)
    if tool == "atlas":
        run(database, SCHEMA + TABLES[tool])
    else:
        restore(database, tool)
    run(database, change)
    assert "error[SO640]" in empty.run("adopt", "production", code=1)
    assert "error[SO620]" in empty.run("plan", "production", code=1)


def test_a_database_that_holds_something_else_is_refused_until_that_is_accepted(
    empty: Project,
) -> None:
    database = imported(empty, "goose")
    restore(database, "goose")
    run(database, "CREATE INDEX by_total ON orders (total)")
    printed = empty.run("adopt", "production", code=1)
    assert "error[SO641]: production does not hold what" in printed
    assert "create index by_total on orders (total)" in printed
    made = empty.json("adopt", "production", "--accept-differences")
    assert made["differences"] == ["create index by_total on orders (total)"]
    standing = empty.json("status", "--live", code=1)["environments"][1]
    assert standing["drift"] is True


def test_a_database_in_the_middle_of_its_history_is_adopted_there(empty: Project) -> None:
    database = imported(empty, "goose")
    restore(database, "goose")
    run(database, "DELETE FROM goose_db_version WHERE version_id = 4; DROP TRIGGER orders_spent")
    made = empty.json("adopt", "production")
    assert len(made["recorded"]) == 3
    assert len(empty.json("status", "--live")["environments"][1]["pending"]) == 1


def test_a_gap_and_an_unknown_migration_are_named(empty: Project) -> None:
    database = imported(empty, "goose")
    restore(database, "goose")
    run(database, "DELETE FROM goose_db_version WHERE version_id = 2")
    printed = empty.run("adopt", "production", code=1)
    assert "error[SO643]: production lacks 1 migration" in printed
    assert "Add orders (2)" in printed
    run(database, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (2, 1), (9, 1)")
    assert "has 1 migration that were not imported" in empty.run("adopt", "production", code=1)


def test_another_file_than_the_one_that_ran_is_found_by_its_checksum(empty: Project) -> None:
    database = imported(empty, "prisma")
    restore(database, "prisma")
    for file in sorted((empty.folder / "m").rglob("*_orders*/migration.sql"))[:2]:
        file.write_text(file.read_text() + "-- looked at again\n")
    printed = empty.run("adopt", "production", "--from", "prisma", "m", code=1)
    assert "error[SO643]: production ran 2 files that are not as they are now" in printed


def test_a_dry_run_records_nothing(empty: Project) -> None:
    database = imported(empty, "goose")
    restore(database, "goose")
    assert empty.json("adopt", "production", "--dry-run")["recorded"] == []
    assert "error[SO620]" in empty.run("plan", "production", code=1)


def test_a_database_without_a_version_table_is_not_adopted(empty: Project) -> None:
    database = imported(empty, "goose")
    run(database, SCHEMA)
    assert "error[SO642]" in empty.run("adopt", "production", code=2)


@pytest.mark.parametrize(
    ("tool", "command", "own"),
    [
        ("alembic", ("-m", "alembic", "upgrade", "heads"), ["alembic_version"]),
        ("django", ("manage.py", "migrate", "--verbosity", "0"), ["django_migrations"]),
    ],
)
def test_a_database_that_alembic_or_django_migrates_now_is_adopted(
    empty: Project, tool: str, command: tuple[str, ...], own: list[str]
) -> None:
    pytest.importorskip(tool)
    database = imported(empty, tool)
    subprocess.run([sys.executable, *command], cwd=empty.folder / "m", check=True)
    (empty.folder / "m" / "shop.db").rename(database)
    made = empty.json("adopt", "production")
    assert made["beside"] == own
    assert made["differences"] == []
    assert [made["revision"]] == [one["id"] for one in empty.json("status")["heads"]]
    assert "nothing to do" in empty.run("plan", "production")


def test_a_database_on_both_sides_of_a_merge_stands_at_it(empty: Project) -> None:
    pytest.importorskip("alembic")
    database = imported(empty, "alembic")
    for revision in ("b1", "b2"):
        command = [sys.executable, "-m", "alembic", "upgrade", revision]
        subprocess.run(command, cwd=empty.folder / "m", check=True)
    (empty.folder / "m" / "shop.db").rename(database)
    made = empty.json("adopt", "production")
    assert "Orders and names meet" in empty.run("show", made["revision"][:7])
    assert len(empty.json("status", "--live")["environments"][1]["pending"]) == 1


def test_a_database_is_imported_and_adopted_at_once(project: Project) -> None:
    shutil.copytree(FIXTURES / "goose", project.folder / "m")
    project.run("env", "add", "production", "--url", "sqlite:///production.db")
    restore(project.folder / "production.db", "goose")
    made = project.json("adopt", "production", "--from", "goose", "m")
    assert made["notes"][0] == "imported 4 revisions of goose m"
    assert len(made["recorded"]) == 4


# -- on servers

LEDGERS = {
    "golang-migrate": (
        "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)",
        "INSERT INTO schema_migrations VALUES (2, false)",
    ),
    "goose": (
        {
            "postgres": "CREATE TABLE goose_db_version (id integer PRIMARY KEY GENERATED BY DEFAULT AS"
            " IDENTITY, version_id bigint NOT NULL, is_applied boolean NOT NULL)",
            "mysql": "CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint NOT NULL,"
            " is_applied boolean NOT NULL)",
        },
        "INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true), (2, true)",
    ),
    "liquibase": (
        (
            "CREATE TABLE DATABASECHANGELOG (ID varchar(255), AUTHOR varchar(255), FILENAME varchar(255),"
            " ORDEREXECUTED int, EXECTYPE varchar(10))"
        ),
        (
            "INSERT INTO DATABASECHANGELOG VALUES ('customers', 'ada', 'm/shop.sql', 1, 'EXECUTED'),"
            " ('orders', 'ada', 'm/shop.sql', 2, 'EXECUTED')"
        ),
    ),
    "sqlx": (
        {
            "postgres": "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, success boolean NOT"
            " NULL, checksum bytea NOT NULL)",
            "mysql": "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, success boolean NOT"
            " NULL, checksum blob NOT NULL)",
        },
        "INSERT INTO _sqlx_migrations VALUES (20240101120000, true, 'a'), (20240102120000, true, 'b')",
    ),
}


@pytest.mark.parametrize("tool", sorted(LEDGERS))
@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
def test_a_version_table_is_read_on_servers_too(
    empty: Project, request: pytest.FixtureRequest, dialect: str, tool: str
) -> None:
    server: Server = request.getfixturevalue(f"{dialect.replace('mysql', 'mariadb')}_server")
    shutil.copytree(FIXTURES / tool, empty.folder / "m")
    # What these say in SQLite alone is left out.
    for file in [*(empty.folder / "m").rglob("*trigger*"), *(empty.folder / "m").rglob("*note*")]:
        if file.is_file():
            file.unlink()
    if tool == "liquibase":
        (empty.folder / "m" / "changelog.xml").unlink()
        shutil.rmtree(empty.folder / "m" / "triggers")
        text = (empty.folder / "m" / "shop.sql").read_text()
        (empty.folder / "m" / "shop.sql").write_text(text.partition("--changeset grace")[0])
    with fresh_database(server) as url:
        empty.extra["URL"] = url
        empty.run("import", tool, "m", "--dialect", dialect)
        empty.run("env", "add", "production", "--url", "$URL")
        empty.run("env", "add", "other", "--url", "$URL")
        make, *more = LEDGERS[tool]
        with open_database(url).connect() as connection:
            for file in sorted((FIXTURES / "golang-migrate").glob("00000[12]*.up.sql")):
                for statement in file.read_text().split(";")[:-1]:
                    connection.execute(statement)
            connection.execute(make if isinstance(make, str) else make[dialect])
            for statement in more:
                connection.execute(str(statement))
        made = empty.json("adopt", "production")
        assert (made["tool"], made["differences"], len(made["recorded"])) == (tool, [], 2)
        assert "nothing to do" in empty.run("plan", "production")
        empty.run("commit", "-m", "Age", "--sql", "ALTER TABLE customers ADD COLUMN age int")
        empty.run("replay", "production")
        assert "nothing to do" in empty.run("plan", "production")


def test_sqitchs_own_schema_stays_out_of_the_schema(
    empty: Project, postgres_server: Server
) -> None:
    shutil.copytree(FIXTURES / "sqitch", empty.folder / "m")
    with fresh_database(postgres_server) as url:
        empty.extra["URL"] = url
        made = empty.json("import", "m", "--dialect", "postgres")
        empty.run("env", "add", "production", "--url", "$URL")
        ids = [one["ids"][0] for one in made["revisions"]]
        with open_database(url).connect() as connection:
            connection.execute("CREATE SCHEMA sqitch")
            connection.execute(
                "CREATE TABLE sqitch.changes (change_id text PRIMARY KEY, change text NOT NULL)"
            )
            connection.execute(
                "CREATE TABLE sqitch.tags (change_id text NOT NULL REFERENCES sqitch.changes)"
            )
            for name in ("customers", "orders"):
                connection.query("INSERT INTO sqitch.changes VALUES (%s, %s)", (ids.pop(0), name))
            for file in sorted((FIXTURES / "golang-migrate").glob("00000[12]*.up.sql")):
                for statement in file.read_text().split(";")[:-1]:
                    connection.execute(statement)
        adopted = empty.json("adopt", "production")
        assert adopted["beside"] == ["sqitch.*"]
        assert (adopted["differences"], len(adopted["recorded"])) == ([], 2)
        empty.run("replay", "production")
        assert "nothing to do" in empty.run("plan", "production")


def test_a_version_table_of_another_name_is_named(empty: Project) -> None:
    database = imported(empty, "goose")
    restore(database, "goose")
    run(database, "ALTER TABLE goose_db_version RENAME TO our_versions")
    assert "--table NAME" in empty.run("adopt", "production", code=2)
    made = empty.json("adopt", "production", "--table", "our_versions")
    assert made["beside"] == ["our_versions"]
    assert made["differences"] == []


def test_another_tool_may_have_kept_the_account_of_files_that_look_alike(empty: Project) -> None:
    shutil.copytree(FIXTURES / "sqlx", empty.folder / "m")
    first = next((empty.folder / "m").glob("*orders_note.up.sql"))
    first.write_text(first.read_text().replace("-- no-transaction\n", ""))
    assert empty.json("import", "m", "--dialect", "sqlite")["tool"] == "golang-migrate"
    empty.run("env", "add", "production", "--url", "sqlite:///production.db")
    restore(empty.folder / "production.db", "sqlx")
    made = empty.json("adopt", "production")
    assert (made["tool"], len(made["recorded"]), made["differences"]) == ("sqlx", 4, [])


def test_files_of_a_plain_folder_are_found_by_the_number_in_front(empty: Project) -> None:
    database = imported(empty, "folder")
    run(
        database,
        SCHEMA
        + "CREATE TABLE schema_migrations (version BIGINT PRIMARY KEY, dirty BOOLEAN NOT NULL);"
        "INSERT INTO schema_migrations VALUES (4, 0);",
    )
    made = empty.json("adopt", "production")
    assert (len(made["recorded"]), made["differences"]) == (4, [])


def test_a_database_is_adopted_while_the_history_is_read_in_place(empty: Project) -> None:
    database = imported(empty, "goose", "--in-place")
    restore(database, "goose")
    made = empty.json("adopt", "production")
    assert len(made["recorded"]) == 4
    assert empty.json("status", "--live")["environments"][1]["drift"] is False


def test_a_whole_schema_is_adopted_where_all_its_versions_ran(empty: Project) -> None:
    database = imported(empty, "structure")
    script = (FIXTURES / "structure" / "structure.sql").read_text()
    run(database, script + "DELETE FROM schema_migrations WHERE version = '20240102120000';")
    printed = empty.run("adopt", "production", code=1)
    assert "error[SO643]: production lacks 1 migration of" in printed
    run(database, "INSERT INTO schema_migrations VALUES ('20240102120000')")
    made = empty.json("adopt", "production")
    assert (len(made["recorded"]), made["differences"], made["beside"]) == (1, [], [])
    assert "nothing to do" in empty.run("plan", "production")
