"""Checkpoints: where they may stand, where new databases begin, and that late branches merge."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemaops.history.format import from_bytes
from tests.projects import Project, kept

USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    project = Project.begun(tmp_path / "shop")
    project.seal("Users", USERS)
    project.git("branch", "late")
    project.seal("Age", "ALTER TABLE users ADD COLUMN age INTEGER DEFAULT 3")
    project.seal("Index", "CREATE INDEX by_age ON users (age)")
    return project


def moves(project: Project, environment: str) -> list[tuple[str, str]]:
    return [(one["kind"], one["message"]) for one in project.json("plan", environment)["moves"]]


def test_it_stands_for_all_before_it(shop: Project) -> None:
    shop("replay", "dev")
    (head,) = shop.heads()
    found = shop.json("checkpoint")
    assert found["format"] == "schemaops.checkpoint/1"
    assert (found["stands_for"], found["revisions"], found["merge"]) == (head, 3, None)
    made = from_bytes(shop.revision(found["id"]).encode())
    assert made.checkpoint
    assert made.parents == (head,)
    assert "CREATE TABLE users" in made.up
    shop.git("commit", "--quiet", "-m", "Checkpoint")
    # Who is past it records it, who is new begins there.
    assert moves(shop, "dev") == [("adopt", "Checkpoint: all up to Index")]
    shop("replay", "dev")
    shop("env", "add", "fresh", "--url", "sqlite:///fresh.sqlite3")
    assert moves(shop, "fresh") == [("apply", "Checkpoint: all up to Index")]
    shop("replay", "fresh")
    assert (
        shop.json("schema", "env:fresh")["fingerprint"]
        == (shop.json("schema", "env:dev")["fingerprint"])
    )
    assert [(one["interpreted"], one["reversal"]) for one in shop.json("verify")["migrations"]][
        -1
    ] == ("equal", "irreversible")
    assert "SO741" in shop("checkpoint", code=1)
    shop("fsck")


def test_it_is_put_where_every_environment_has_passed(shop: Project) -> None:
    shop("env", "add", "production", "--url", "sqlite:///production.sqlite3")
    shop("replay", "dev")
    shop("replay", "production", "--to", "main~1")
    before = kept(shop)
    printed = shop("checkpoint", "main", code=1)
    assert "production has not passed main" in printed
    assert "schemaops replay production" in printed
    assert kept(shop) == before
    (head,) = shop.heads()
    found = shop.json("checkpoint")
    assert found["revisions"] == 2
    made = from_bytes(shop.revision(found["id"]).encode())
    joined = from_bytes(shop.revision(found["merge"]).encode())
    assert set(joined.parents) == {found["id"], head}
    assert "by_age" not in made.up
    shop.git("commit", "--quiet", "-m", "Checkpoint")
    shop("fsck")
    for name in ("dev", "production"):
        shop("replay", name)
        assert moves(shop, name) == []
    shop("env", "add", "fresh", "--url", "sqlite:///fresh.sqlite3")
    assert moves(shop, "fresh") == [("apply", "Checkpoint: all up to Age"), ("apply", "merge")]
    shop("replay", "fresh")
    assert len({shop.json("schema", f"env:{n}")["fingerprint"] for n in ("fresh", "dev")}) == 1
    # What is sealed later goes to all of them alike.
    shop.seal("More", "CREATE TABLE more (id INTEGER)")
    assert moves(shop, "dev") == []
    for name in ("fresh", "production"):
        assert moves(shop, name) == [("apply", "More")]


def test_late_branches_from_below_it_still_merge(shop: Project) -> None:
    shop("replay", "dev")
    shop("checkpoint")
    shop.git("commit", "--quiet", "-m", "Checkpoint")
    shop("replay", "dev")
    shop.git("switch", "--quiet", "late")
    shop.seal("Late", "ALTER TABLE users RENAME COLUMN email TO mail")
    shop.git("switch", "--quiet", "main")
    assert shop.json("merge", "late")["clean"]
    shop.git("commit", "--quiet", "--no-edit")
    shop("replay", "dev")
    shop("env", "add", "fresh", "--url", "sqlite:///fresh.sqlite3")
    shop("replay", "fresh")
    assert "mail" in shop("schema", "env:fresh")
    assert shop.json("plan", "fresh")["moves"] == []


def test_a_branch_that_diverged_earlier_leaves_only_what_both_share(shop: Project) -> None:
    shop.git("switch", "--quiet", "late")
    shop.seal("Late", "CREATE TABLE late (id INTEGER)")
    shop.git("switch", "--quiet", "main")
    shop("merge", "late")
    shop.git("commit", "--quiet", "--no-edit")
    # Not every way to the head goes by what one side alone has.
    printed = shop("checkpoint", "main~1", code=1)
    assert "not every way to the head goes by main~1" in printed
    shop("replay", "dev", "--to", "main~1")
    assert shop.json("checkpoint")["revisions"] == 1


def test_an_environment_nobody_knows_is_asked_about(shop: Project) -> None:
    shop("env", "add", "far", "--url", "$FAR_URL")
    printed = shop("checkpoint", code=1)
    assert "it is not known where far stands" in printed
    shop.type("schemaops checkpoint --without far")
    (head,) = shop.heads()
    assert "rows that" not in printed
    assert from_bytes(shop.revision(head).encode()).checkpoint


def test_rows_that_were_written_are_told(shop: Project) -> None:
    seed = shop.seal("Seed", "INSERT INTO users (id) VALUES (1)")
    assert f"rows that {seed[:7]} wrote are not in it" in shop("checkpoint")
