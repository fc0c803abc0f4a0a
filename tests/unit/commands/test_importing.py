from __future__ import annotations

import shutil
import venv
from pathlib import Path
from typing import Any

import pytest

from schemaops.reports.shapes import schemas
from tests.unit.commands.project import Project
from tests.unit.reports.validation import mistakes

FIXTURES = Path(__file__).parents[3] / "fixtures" / "interop"
TOOLS = (
    "golang-migrate",
    "goose",
    "sql-migrate",
    "dbmate",
    "diesel",
    "sqlx",
    "flyway",
    "prisma",
    "atlas",
    "folder",
    "liquibase",
    "sqitch",
)


def put(project: Project, **contents: str) -> None:
    folder = project.folder / "m"
    folder.mkdir(exist_ok=True)
    for name, text in contents.items():
        (folder / f"{name}.sql").write_text(text)


@pytest.fixture
def two(empty: Project) -> Project:
    """A folder with two migrations of golang-migrate, committed in git."""
    folder = empty.folder / "m"
    folder.mkdir()
    (folder / "1_users.up.sql").write_text(
        "BEGIN;\nCREATE TABLE users (id INT, age INT);\nCOMMIT;\n"
    )
    (folder / "1_users.down.sql").write_text("DROP TABLE users;\n")
    (folder / "2_age.up.sql").write_text("ALTER TABLE users DROP COLUMN age;\n")
    (folder / "2_age.down.sql").write_text("ALTER TABLE users ADD COLUMN age TEXT;\n")
    empty.git("init", "--quiet", "-b", "main")
    empty.git("add", ".")
    empty.git("commit", "--quiet", "-m", "migrations")
    return empty


@pytest.mark.parametrize("tool", TOOLS)
def test_every_tools_sample_becomes_one_sound_history(empty: Project, tool: str) -> None:
    shutil.copytree(FIXTURES / tool, empty.folder / "m")
    made = empty.json("import", tool, "m", "--dialect", "sqlite")
    assert made["tool"] == tool
    assert len(made["revisions"]) >= 4
    assert [one["shortfalls"] for one in made["revisions"]] == [[]] * len(made["revisions"])
    assert {o["effect"] for one in made["revisions"] for o in one["opaque"]} <= {"observed"}
    empty.run("fsck")
    # It is a history like any other: a new database comes to its head and back.
    empty.run("replay", "dev")
    entries = empty.json("verify")["migrations"]
    assert {entry["interpreted"] for entry in entries} <= {"equal", "opaque"}
    assert {entry["reversal"] for entry in entries} == {"exact"}


def test_an_import_keeps_names_authors_dates_and_the_ways_back(two: Project) -> None:
    made = two.json("import", "m", "--dialect", "sqlite")
    users, age = made["revisions"]
    assert users["message"] == "Users\n\nImported from golang-migrate: 1"
    assert users["author"] == two.git("log", "-1", "--format=%an <%ae>").strip()
    assert users["date"] is not None
    assert (users["down"], users["shortfalls"]) == ("kept", [])
    assert age["parents"] == [users["id"]]
    assert age["shortfalls"] == [
        "m/2_age.down.sql:1: differs: column users.age: type is text, was int"
    ]
    text = (two.folder / users["file"]).read_text()
    assert "BEGIN" not in text
    assert "CREATE TABLE users (id INT, age INT);\n" in text
    staged = two.git("diff", "--cached", "--name-only")
    assert users["file"] in staged


def test_downs_that_fall_short_are_written_anew_on_demand(two: Project) -> None:
    made = two.json("import", "m", "--dialect", "sqlite", "--mend-downs")
    assert [one["down"] for one in made["revisions"]] == ["kept", "generated"]
    assert made["revisions"][1]["shortfalls"] == []


def test_a_dry_run_leaves_nothing_behind(two: Project) -> None:
    before = sorted(one.name for one in two.folder.iterdir())
    made = two.json("import", "m", "--dialect", "sqlite", "--dry-run")
    assert list(mistakes(made, schemas()["schemaops.import/1"])) == []
    assert len(made["revisions"]) == 2
    assert sorted(one.name for one in two.folder.iterdir()) == before
    assert two.git("status", "--short") == ""


def test_an_import_that_fails_leaves_nothing_behind(two: Project) -> None:
    (two.folder / "m" / "3_bad.up.sql").write_text("\nSELECT 'open\n")
    (two.folder / "m" / "4_back.up.sql").write_text("DROP TABLE users;\nROLLBACK;\n")
    printed = two.run("import", "m", "--dialect", "sqlite", code=2)
    assert "m/3_bad.up.sql:2" in printed
    assert "m/4_back.up.sql:2" in printed
    assert sorted(one.name for one in two.folder.iterdir()) == [".git", "m"]
    assert two.git("status", "--short") == "?? m/3_bad.up.sql\n?? m/4_back.up.sql\n"


def test_importing_again_adds_what_is_new_and_nothing_else(two: Project) -> None:
    first = two.json("import", "m", "--dialect", "sqlite")
    assert two.json("import", "m")["revisions"] == []
    (two.folder / "m" / "3_note.up.sql").write_text("ALTER TABLE users ADD COLUMN note TEXT;\n")
    again = two.json("import", "m")
    (note,) = again["revisions"]
    assert again["already"] == 2
    assert note["parents"] == [first["revisions"][1]["id"]]
    assert note["down"] == "generated"


def test_what_was_edited_after_its_import_is_refused(two: Project) -> None:
    two.run("import", "m", "--dialect", "sqlite")
    (two.folder / "m" / "2_age.up.sql").write_text("ALTER TABLE users ADD COLUMN size INT;\n")
    assert "error[SO480]: 2 is not what was imported" in two.run("import", "m", code=1)


def test_a_project_with_a_history_of_its_own_takes_none_in(shop: Project) -> None:
    shutil.copytree(FIXTURES / "goose", shop.folder / "m")
    assert "error[SO476]" in shop.run("import", "m", code=1)


def test_a_migration_without_statements_has_no_revision_of_its_own(empty: Project) -> None:
    folder = empty.folder / "m"
    folder.mkdir()
    (folder / "1_nothing.up.sql").write_text("-- nothing\n")
    (folder / "2_users.up.sql").write_text("CREATE TABLE users (id INT);\n")
    (folder / "3_nothing.up.sql").write_text("\n")
    made = empty.json("import", "m", "--dialect", "sqlite")
    assert [one["ids"] for one in made["revisions"]] == [["2", "1", "3"]]


def test_lines_for_psql_are_left_out_or_refused(empty: Project) -> None:
    folder = empty.folder / "m"
    folder.mkdir()
    file = folder / "1_users.up.sql"
    file.write_text(
        "\\restrict abc\n\\set ON_ERROR_STOP on\nCREATE TABLE users (id int, name text DEFAULT '\n"
        "\\i x');\n\\unrestrict abc\n"
    )
    made = empty.json("import", "m", "--dialect", "postgres", "--no-rehearsal")
    text = (empty.folder / made["revisions"][0]["file"]).read_text()
    assert "restrict" not in text
    assert "DEFAULT '\n\\i x');" in text
    shutil.rmtree(empty.folder / ".schemaops")
    file.write_text("CREATE TABLE users (id int);\n\\i other.sql\n")
    printed = empty.run("import", "m", "--dialect", "postgres", code=2)
    assert "error[SO477]: `\\i other.sql` is meant for psql" in printed
    assert "m/1_users.up.sql:2" in printed


# -- in place


@pytest.fixture
def placed(empty: Project) -> Project:
    """A project that reads a folder of Flyway in place, committed."""
    empty.git("init", "--quiet", "-b", "main")
    shutil.copytree(FIXTURES / "flyway", empty.folder / "m")
    empty.run("import", "m", "--dialect", "sqlite", "--in-place")
    empty.git("add", ".")
    empty.git("commit", "--quiet", "-m", "in place")
    return empty


def test_a_folder_read_in_place_is_a_history_and_nothing_is_copied(placed: Project) -> None:
    assert not (placed.folder / ".schemaops" / "revisions").exists()
    entries = placed.json("log")["revisions"]
    assert [one["message"].partition("\n")[0] for one in entries] == [
        "Big orders",
        "Add orders trigger",
        "Add orders note",
        "Add orders",
        "Add customers",
    ]
    assert entries[-1]["file"] == "m/V1__add_customers.sql"
    placed.run("fsck")
    seen = {one["interpreted"] for one in placed.json("verify")["migrations"]}
    assert seen <= {"equal", "opaque"}


def test_branches_of_a_folder_read_in_place_are_merged_on_trial(placed: Project) -> None:
    placed.git("switch", "--quiet", "-c", "topic")
    put(placed, V4__mail="ALTER TABLE customers RENAME COLUMN email TO mail;\n")
    placed.git("add", ".")
    placed.git("commit", "--quiet", "-m", "mail")
    placed.git("switch", "--quiet", "main")
    put(placed, V5__index="CREATE INDEX by_email ON customers (email, id);\n")
    placed.git("add", ".")
    placed.git("commit", "--quiet", "-m", "index")
    tried = placed.run("merge", "topic", "--dry-run")
    assert "CREATE INDEX by_email ON customers (mail, id);" in tried
    assert "error[SO479]" in placed.run("merge", "topic", code=2)
    put(placed, V6__clash="ALTER TABLE customers RENAME COLUMN email TO contact;\n")
    placed.git("add", ".")
    placed.git("commit", "--quiet", "-m", "clash")
    assert "customers.email" in placed.run("merge", "topic", "--dry-run", code=1)
    report = placed.run("ci", "--base", "topic", "--head", "main", code=1)
    assert "conflict" in report


def test_an_edited_migration_is_found_in_a_pull_request(placed: Project) -> None:
    placed.git("switch", "--quiet", "-c", "topic")
    file = placed.folder / "m" / "V1__add_customers.sql"
    file.write_text(file.read_text().replace("120", "121"))
    placed.git("commit", "--quiet", "-a", "-m", "edit")
    report = placed.run("ci", "--base", "main", "--head", "topic", code=1)
    assert "SO481" in report
    assert "m/V1__add_customers.sql" in report


def test_nothing_is_sealed_where_the_history_is_read_in_place(placed: Project) -> None:
    printed = placed.run("commit", "-m", "x", "--sql", "CREATE TABLE x (id INT)", code=2)
    assert "error[SO479]" in printed


# -- tools that are asked themselves


def titles(project: Project, made: dict[str, Any]) -> dict[str, list[str]]:
    """Return each revision's title with those of its parents."""
    named = {one["id"]: one["message"].partition("\n")[0] for one in made["revisions"]}
    return {
        named[one["id"]]: sorted(named[parent] for parent in one["parents"])
        for one in made["revisions"]
    }


def test_alembics_branches_and_merges_are_kept(empty: Project) -> None:
    pytest.importorskip("alembic")
    shutil.copytree(FIXTURES / "alembic", empty.folder / "m")
    made = empty.json("import", "m")
    assert (made["tool"], made["dialect"]) == ("alembic", "sqlite")
    assert titles(empty, made) == {
        "Customers": [],
        "Orders": ["Customers"],
        "Names of customers": ["Customers"],
        "Orders and names meet": ["Names of customers", "Orders"],
        "Notes": ["Orders and names meet"],
    }
    dates = {one["date"] for one in made["revisions"] if one["kind"] == "migration"}
    assert dates == {f"2024-01-0{day}T12:00:00Z" for day in (1, 2, 3, 5)}
    assert all(one["down"] == "kept" for one in made["revisions"] if one["kind"] == "migration")
    empty.run("fsck")
    assert {one["reversal"] for one in empty.json("verify")["migrations"]} == {"exact"}


def test_a_revision_that_alembic_cannot_write_as_sql_is_named(empty: Project) -> None:
    pytest.importorskip("alembic")
    shutil.copytree(FIXTURES / "alembic", empty.folder / "m")
    file = empty.folder / "m" / "migrations" / "versions" / "d1_notes.py"
    file.write_text(file.read_text().replace("def upgrade():", "def upgrade():\n    op.nonsense()"))
    printed = empty.run("import", "m", code=1)
    assert "error[SO473]: alembic cannot write d1 as SQL" in printed
    assert "m/migrations/versions/d1_notes.py" in printed
    assert len(empty.json("import", "m", "--skip", "d1")["revisions"]) == 4


def test_a_tool_that_is_not_installed_is_named_with_the_way_out(empty: Project) -> None:
    shutil.copytree(FIXTURES / "alembic", empty.folder / "m")
    bare = empty.folder / "bare"
    venv.create(bare, with_pip=False)
    printed = empty.run("import", "m", "--program", str(bare / "bin" / "python"), code=3)
    assert "error[SO475]" in printed
    assert "alembic is not installed for" in printed
    assert "--program .venv/bin/python" in printed


def test_alembic_is_read_in_place_and_from_branches(empty: Project) -> None:
    pytest.importorskip("alembic")
    empty.git("init", "--quiet", "-b", "main")
    shutil.copytree(FIXTURES / "alembic", empty.folder / "m")
    empty.run("import", "alembic", "m", "--in-place", "--dialect", "sqlite")
    empty.git("add", ".")
    empty.git("commit", "--quiet", "-m", "in place")
    empty.git("switch", "--quiet", "-c", "topic")
    versions = empty.folder / "m" / "migrations" / "versions"
    note = (versions / "d1_notes.py").read_text()
    late = note.replace('"d1"', '"e1"').replace('"c1"', '"d1"').replace('"note"', '"late"')
    (versions / "e1_late.py").write_text(late.replace("SET note", "SET late"))
    empty.git("add", ".")
    empty.git("commit", "--quiet", "-m", "late")
    empty.git("switch", "--quiet", "main")
    assert len(empty.json("log")["revisions"]) == 5
    assert len(empty.json("log", "topic")["revisions"]) == 6
    assert "late" in empty.run("diff", "main", "topic", code=1)


def test_djangos_order_is_one_line_and_forks_within_an_application_are_kept(
    empty: Project,
) -> None:
    pytest.importorskip("django")
    shutil.copytree(FIXTURES / "django", empty.folder / "m")
    made = empty.json("import", "m")
    assert (made["tool"], made["dialect"]) == ("django", "sqlite")
    assert titles(empty, made) == {
        "Customers: initial": [],
        "Customers: name": ["Customers: initial"],
        "Customers: since": ["Customers: initial"],
        "Customers: merge": ["Customers: name", "Customers: since"],
        "Orders: initial": ["Customers: merge"],
        "Orders: total": ["Orders: initial"],
    }
    notes = made["revisions"][-1]["notes"]
    assert notes[0] == "orders.0002_total runs Python as well, which is left out"
    assert {one["interpreted"] for one in empty.json("verify")["migrations"]} == {"equal"}


BATCH = '''"""Shorter notes

Create Date: 2024-01-06 12:00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "e1"
down_revision = "d1"


def upgrade():
    columns = sa.inspect(op.get_bind()).get_columns("orders")
    if "note" in [column["name"] for column in columns]:
        with op.batch_alter_table("orders") as batch:
            batch.alter_column("note", type_=sa.String(50), existing_type=sa.Text)


def downgrade():
    with op.batch_alter_table("orders") as batch:
        batch.alter_column("note", type_=sa.Text, existing_type=sa.String(50))
'''


def test_a_revision_that_looks_at_the_database_is_shown_a_scratch_database(
    empty: Project,
) -> None:
    pytest.importorskip("alembic")
    shutil.copytree(FIXTURES / "alembic", empty.folder / "m")
    (empty.folder / "m" / "migrations" / "versions" / "e1_batch.py").write_text(BATCH)
    made = empty.json("import", "m")
    last = made["revisions"][-1]
    assert last["ids"] == ["e1"]
    assert "carried out on a scratch database" in last["notes"][0]
    assert (last["down"], last["shortfalls"]) == ("kept", [])
    text = (empty.folder / last["file"]).read_text()
    assert "_alembic_tmp_orders RENAME TO orders;" in text
    assert {one["reversal"] for one in empty.json("verify")["migrations"]} == {"exact"}


def test_the_folder_of_migrations_is_found_below_a_project(empty: Project) -> None:
    shutil.copytree(FIXTURES / "golang-migrate", empty.folder / "src" / "migrations")
    made = empty.json("import", ".", "--dialect", "sqlite")
    assert (made["tool"], made["dir"]) == ("golang-migrate", "src/migrations")
    assert made["revisions"][0]["source"] == "src/migrations/000001_add_customers.up.sql:1"


def test_a_folder_read_in_place_is_not_imported_over_itself(placed: Project) -> None:
    assert "error[SO479]" in placed.run("import", "m", code=2)


def test_what_may_be_repeated_becomes_a_revision_each_time_it_changes(empty: Project) -> None:
    shutil.copytree(FIXTURES / "flyway", empty.folder / "m")
    first = empty.json("import", "m", "--dialect", "sqlite")["revisions"]
    put(empty, V4__tags="CREATE TABLE tags (id INTEGER PRIMARY KEY);\n")
    put(
        empty,
        R__big_orders="DROP VIEW IF EXISTS big_orders;\n"
        "CREATE VIEW big_orders AS SELECT id FROM orders WHERE total > 1000;\n",
    )
    tags, view = empty.json("import", "m")["revisions"]
    assert (tags["ids"], tags["parents"]) == (["4"], [first[-1]["id"]])
    assert (view["ids"], view["parents"]) == (["R__big_orders"], [tags["id"]])
    assert len(empty.json("status")["heads"]) == 1
    assert empty.json("import", "m")["revisions"] == []


def test_a_folder_is_named_from_where_the_command_is_typed(project: Project) -> None:
    shutil.copytree(FIXTURES / "goose", project.folder / "db" / "m")
    inner = Project(project.folder / "db", project.extra)
    inner.run("import", "m", "--in-place")
    config = (project.folder / ".schemaops" / "config.toml").read_text()
    assert 'dir = "db/m"' in config
    assert len(project.json("log")["revisions"]) == 4
