"""What is typed or found wrong: each is an error with a code and a way on, and changes nothing."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from schemaops.merge.conflicts import ConflictKind
from tests.unit.commands.project import Project

DAMAGES = (
    "UPDATE schemaops_ledger SET up = 'DROP TABLE customers'",
    "UPDATE schemaops_ledger SET kind = 'nothing'",
    "UPDATE schemaops_meta SET value = 'x'",
    "DROP TABLE schemaops_progress",
    "DROP TABLE schemaops_ledger",
    "ALTER TABLE schemaops_ledger DROP COLUMN hash",
    "INSERT INTO schemaops_progress VALUES (3, 'do', 0, 0, 'begun', 'x', 'y', 'no json')",
    "INSERT INTO schemaops_progress VALUES (3, 'do', NULL, NULL, 'begun', 'x', 'y', NULL)",
)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_ledger_is_said_to_be_one(shop: Project, damage: str) -> None:
    shop.run("replay", "dev")
    with closing(sqlite3.connect(shop.folder / ".git/schemaops/dev.sqlite3")) as connection:
        connection.execute(damage)
        connection.commit()
    for command in (("plan", "dev"), ("drift", "dev"), ("replay", "dev", "--resume")):
        assert "error[SO615]" in shop.run(*command, code=1)
    assert "ledger" in shop.run("status", "--live")


@pytest.mark.parametrize("kind", ConflictKind)
def test_every_conflict_has_its_page(empty: Project, kind: ConflictKind) -> None:
    page = empty.run("explain", kind.code.lower())
    assert page.startswith(f"{kind.code} {kind.name_}\n")
    assert page == empty.run("explain", kind.name_)


def test_a_file_that_is_typed_without_its_kind(empty: Project) -> None:
    empty.write("a.sql", "CREATE TABLE t (a int);")
    for command in (("schema", "a.sql"), ("diff", "a.sql", "a.sql")):
        assert f"hint: schemaops {command[0]} file:a.sql" in empty.run(*command, code=2)
    with closing(sqlite3.connect(empty.folder / "a.db")) as connection:
        connection.execute("CREATE TABLE t (a int)")
    assert "hint: schemaops schema sqlite:///a.db" in empty.run("schema", "a.db", code=2)
    where = f"sqlite:////{empty.folder / 'a.db'}"
    assert "table t" in empty.run("schema", where)


def test_standard_input_is_read_once(empty: Project) -> None:
    empty.write("a.sql", "CREATE TABLE t (a int);")
    said = empty.run("merge-file", "a.sql", "-", "-", "--dialect", "sqlite", code=2)
    assert "standard input can be read once only" in said


def test_an_environment_is_added_only_where_its_url_can_be_read(project: Project) -> None:
    config = project.folder / ".schemaops/config.toml"
    before = config.read_bytes()
    assert "error[SO601]" in project.run("env", "add", "a", "--url", "nonsense", code=2)
    assert "error[SO504]" in project.run("env", "add", "a", "--url", "mysql://h/x", code=2)
    assert config.read_bytes() == before


def test_a_policy_about_no_hazard_is_wrong(shop: Project) -> None:
    config = shop.folder / ".schemaops/config.toml"
    config.write_text(f"{config.read_text()}\n[policy.hazards]\nDL77 = 'refuse'\n")
    sql = "DROP TABLE customers"
    assert "names DL77, which is no hazard" in shop.run("commit", "-m", "X", "--sql", sql, code=2)


def test_a_configuration_may_begin_with_a_byte_order_mark(shop: Project) -> None:
    config = shop.folder / ".schemaops/config.toml"
    config.write_bytes(b"\xef\xbb\xbf" + config.read_bytes())
    shop.run("status")


def test_several_errors_are_one_object(empty: Project) -> None:
    empty.write("a.sql", "DROP TABLE one;\nDROP TABLE two;")
    said = json.loads(empty.run("schema", "file:a.sql", "--dialect", "sqlite", "--json", code=2))
    assert said["place"]["line"] == 1
    assert [one["place"]["line"] for one in said["errors"]] == [1, 2]


def test_sql_that_nests_deeper_than_anyone_reads_is_opaque(empty: Project) -> None:
    deep = f"CREATE TABLE t (a int CHECK ({'(' * 3000}a > 1{')' * 3000}));"
    empty.write("a.sql", deep)
    found = empty.json("schema", "file:a.sql", "--dialect", "postgres")
    assert [one["effect"] for one in found["opaque"]] == ["unknown"]


def test_what_cannot_be_staged_leaves_nothing_behind(shop: Project) -> None:
    before = shop.revisions
    lock = shop.folder / ".git/index.lock"
    lock.touch()
    sql = ("commit", "-m", "X", "--sql", "CREATE TABLE x (a int)")
    assert "cannot be staged" in shop.run(*sql, code=3)
    assert shop.revisions == before
    lock.unlink()
    shop.run(*sql)


def test_nothing_begins_in_a_bare_repository(empty: Project) -> None:
    empty.git("init", "--quiet", "--bare", ".")
    assert "is a bare repository" in empty.run("init", "--dialect", "sqlite", code=2)
    assert not (empty.folder / ".schemaops").exists()


def test_fsck_does_not_send_to_itself(shop: Project) -> None:
    (file,) = shop.revisions
    file.write_bytes(file.read_bytes() + b"-- more\n")
    said = shop.run("fsck", code=1)
    assert "error[SO402]" in said
    assert "hint: schemaops fsck" not in said
    assert "hint: schemaops fsck" in shop.run("status", code=1)
