"""Resolving: by another name, by the object, found again elsewhere, and looked at half done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.projects import Project, kept

USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, phone TEXT)"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return Project.begun(tmp_path / "shop")


def decided(project: Project) -> None:
    """Go on with the merge, and see that a database of either side gets there."""
    project("merge", "--continue")
    project.git("commit", "--quiet", "--no-edit")
    project("fsck")
    project("replay", "dev")
    for side in ("ours", "theirs"):
        project("env", "add", side, "--url", f"sqlite:///{side}.sqlite3")
    parents = project.json("log")["revisions"][0]["parents"]
    for side, parent in zip(("ours", "theirs"), parents, strict=True):
        project("replay", side, "--to", parent)
        project("replay", side)
        there = project.json("schema", f"env:{side}")["fingerprint"]
        assert there == project.json("schema", "@")["fingerprint"]
    assert project.json("verify")["migrations"][-1]["reversal"] == "exact"


def test_two_tables_of_one_name_stand_beside_each_other(shop: Project) -> None:
    shop.fork(
        USERS,
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, said TEXT)",
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, user_id INTEGER);\n"
        "CREATE INDEX by_user ON notes (user_id);\n"
        "INSERT INTO notes (id, body) VALUES (1, 'x');",
    )
    shop("merge", "topic", code=1)
    conflict, rows = shop.json("resolve", code=1)["conflicts"]
    # Under another name the rows are at odds with nothing.
    assert (conflict["code"], rows["code"]) == ("SO302", "SO308")
    assert f"schemaops resolve {conflict['id'][:8]} --rename notes_2" in shop("resolve", code=1)
    shop("resolve", "notes", "--rename", "remarks")
    decided(shop)
    schema = shop("schema", "@")
    assert "remarks.body" in schema
    assert "notes.said" in schema
    assert "remarks (user_id)" in schema


def test_ours_can_be_the_one_that_is_renamed(shop: Project) -> None:
    shop.fork(
        USERS, "ALTER TABLE users ADD COLUMN age INTEGER", "ALTER TABLE users ADD COLUMN age TEXT"
    )
    shop("merge", "topic", code=1)
    shop("resolve", "users.age", "--rename", "ours=years")
    decided(shop)
    schema = shop("schema", "@")
    assert "users.years integer" in schema
    assert "users.age text" in schema


def test_what_both_renamed_gets_a_third_name(shop: Project) -> None:
    shop.fork(
        USERS,
        "ALTER TABLE users RENAME COLUMN email TO mail",
        "ALTER TABLE users RENAME COLUMN email TO contact",
    )
    shop("merge", "topic", code=1)
    shop("resolve", "users.email", "--rename", "address")
    decided(shop)
    assert "users.address" in shop("schema", "@")


def test_every_conflict_of_an_object_is_decided_at_once(shop: Project) -> None:
    shop.fork(
        USERS,
        "ALTER TABLE users RENAME COLUMN email TO mail;\nALTER TABLE users DROP COLUMN phone;",
        "ALTER TABLE users RENAME COLUMN email TO post;\n"
        "ALTER TABLE users RENAME COLUMN phone TO tel;",
    )
    assert len(shop.json("merge", "topic", code=1)["conflicts"]) == 2
    before = kept(shop)
    assert "SO334" in shop("resolve", "nothing", "--ours", code=2)
    assert "SO335" in shop("resolve", "users", "--rename", "x=y", code=2)
    assert kept(shop) == before
    shop("resolve", "USERS", "--ours")
    decided(shop)
    assert "mail" in shop("schema", "@")


def test_another_name_does_not_settle_what_is_not_about_names(shop: Project) -> None:
    shop.fork(
        USERS, "ALTER TABLE users DROP COLUMN phone", "CREATE INDEX by_phone ON users (phone)"
    )
    shop("merge", "topic", code=1)
    assert "SO335" in shop("resolve", "users.phone", "--rename", "other", code=2)


def test_a_merge_half_done_can_be_looked_at(shop: Project) -> None:
    assert "no merge is under way" in shop("merge", "--status")
    shop.fork(
        USERS,
        "ALTER TABLE users RENAME COLUMN email TO mail;\nALTER TABLE users ADD COLUMN a TEXT;",
        "ALTER TABLE users RENAME COLUMN email TO post;\nALTER TABLE users ADD COLUMN a INTEGER;",
    )
    shop("merge", "topic", code=1)
    assert "schemaops merge --status" in shop("status", code=1)
    shop("resolve", "users.a", "--ours", code=1)
    before = kept(shop)
    found = shop.json("merge", "--status", code=1)
    assert len(found["conflicts"]) == 1
    assert len(found["decided"]) == 1
    assert kept(shop) == before
    assert "schemaops merge --continue" in shop("merge", "--status", code=1)
    assert "decides nothing" in shop("merge", "--status", "--ours", code=2)


def test_a_decision_is_found_again_after_a_rebase(shop: Project) -> None:
    base, _, _ = shop.fork(
        USERS,
        "ALTER TABLE users RENAME COLUMN email TO mail",
        "ALTER TABLE users RENAME COLUMN email TO post",
    )
    base_commit = shop.git("rev-parse", "main~1")
    shop.git("branch", "other", base_commit)
    shop("merge", "topic", code=1)
    shop("resolve", "users.email", "--theirs")
    shop("merge", "--continue")
    shop.git("commit", "--quiet", "--no-edit")
    resolutions = shop.folder / ".schemaops" / "resolutions"
    (decision,) = resolutions.iterdir()
    text = decision.read_text()
    # Topic goes behind another branch; the decision goes along with the folder.
    shop.git("switch", "--quiet", "other")
    assert shop.heads() == [base]
    shop.seal("Beside", "CREATE TABLE beside (id INTEGER)")
    shop.git("switch", "--quiet", "topic")
    shop("rebase", "other")
    shop.git("commit", "--quiet", "--no-edit")
    shop.git("switch", "--quiet", "-c", "again", base_commit)
    shop.seal("Mail", "ALTER TABLE users RENAME COLUMN email TO mail")
    resolutions.mkdir(exist_ok=True)
    decision.write_text(text)
    shop.git("add", ".schemaops")
    shop.git("commit", "--quiet", "-m", "decided")
    found = shop.json("merge", "topic")
    assert found["clean"]
    assert found["decided"] == [decision.name]
