"""Revisions moved to other parents: rebased behind another branch, or picked from one."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemaops.history.format import from_bytes
from schemaops.history.revision import Revision
from tests.projects import Project, kept

USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """`topic` is current; `main` has renamed what it uses."""
    project = Project.begun(tmp_path / "shop")
    project.seal("Users", USERS)
    project.git("branch", "topic")
    project.seal("Mail", "ALTER TABLE users RENAME COLUMN email TO mail")
    project.git("switch", "--quiet", "topic")
    return project


def sealed(project: Project, revision: str) -> Revision:
    return from_bytes(project.revision(revision).encode())


def test_own_revisions_are_carried_behind_the_other_branch(shop: Project) -> None:
    first = shop.seal("Index", "CREATE INDEX by_email ON users (email)")
    second = shop.seal("Age", "ALTER TABLE users ADD COLUMN age INTEGER")
    (onto,) = (one["id"] for one in shop.json("log", "main")["revisions"][:1])
    found = shop.json("rebase", "main")
    assert found["format"] == "schemaops.moved/1"
    assert (found["how"], found["onto"]) == ("rebased", onto)
    one, other = found["revisions"]
    assert (one["former"], other["former"]) == (first, second)
    assert one["carried"] == ["CREATE INDEX by_email ON users (mail)"]
    assert other["carried"] == []
    made = sealed(shop, one["to"])
    assert made.parents == (onto,)
    assert sealed(shop, other["to"]).parents == (one["to"],)
    # It is the same migration to whoever ran it where it stood, with its author and date.
    assert made.migration == made.carried_from[0][1]
    assert made.carried_from[0][0] == first
    assert (made.message, made.down) == ("Index", "DROP INDEX by_email;\n")
    assert shop.heads() == [other["to"]]
    shop("fsck")
    shop.git("commit", "--quiet", "--no-edit")
    assert [one["title"] for one in shop.json("verify")["migrations"]] == [
        "Users",
        "Mail",
        "Index",
        "Age",
    ]


def test_a_database_that_has_run_it_need_not_run_it_again(shop: Project) -> None:
    shop.seal("Age", "ALTER TABLE users ADD COLUMN age INTEGER")
    shop("replay", "dev")
    shop("rebase", "main")
    shop.git("commit", "--quiet", "--no-edit")
    shop("replay", "dev")
    assert shop.json("plan", "dev")["moves"] == []
    assert "mail" in shop("schema", "env:dev")


def test_conflicts_stop_it_and_it_goes_on_or_back(shop: Project) -> None:
    mine = shop.seal("Contact", "ALTER TABLE users RENAME COLUMN email TO contact")
    shop.seal("More", "CREATE TABLE more (id INTEGER)")
    before = kept(shop)
    stopped = shop.json("rebase", "main", code=1)
    assert [one["code"] for one in stopped["conflicts"]] == ["SO301"]
    assert "schemaops rebase --continue" in shop("rebase", "--continue", code=1)
    assert "a rebase is under way" in shop("merge", "main", code=2)
    assert "rebasing behind main" in shop("status", code=1)
    shop("rebase", "--abort")
    assert kept(shop) == before
    (conflict,) = shop.json("rebase", "main", code=1)["conflicts"]
    assert "schemaops rebase --continue" in shop("resolve", conflict["id"][:8], "--theirs")
    found = shop.json("rebase", "--continue")
    assert found["revisions"][0]["former"] == mine
    assert found["revisions"][0]["to"] is None
    assert "mail" in shop("schema", "@")
    shop.git("commit", "--quiet", "--no-edit")
    shop("fsck")
    assert "SO332" in shop("rebase", "--continue", code=2)


def test_a_decision_for_this_side_stands_in_its_revision(shop: Project) -> None:
    shop.seal("Contact", "ALTER TABLE users RENAME COLUMN email TO contact")
    found = shop.json("rebase", "main", "--ours")
    assert "contact" in shop("schema", "@")
    assert "mail" not in shop("schema", "@")
    assert len(found["decided"]) == 1
    shop("replay", "dev")


def test_heads_that_git_left_are_put_behind_each_other(shop: Project) -> None:
    shop.seal("Age", "ALTER TABLE users ADD COLUMN age INTEGER")
    shop.git("rebase", "--quiet", "main")
    assert len(shop.heads()) == 2
    found = shop.json("rebase")
    assert len(shop.heads()) == 1
    assert len(found["revisions"]) == 1
    assert shop.json("rebase")["how"] == "nothing to rebase"


def test_nothing_of_its_own_is_a_fast_forward(shop: Project) -> None:
    assert shop.json("rebase", "main")["how"] == "fast-forward"
    assert shop.json("rebase", "main")["how"] == "up to date"


def test_a_revision_is_picked_with_what_it_needs_reworded(shop: Project) -> None:
    shop.seal("Beside", "CREATE TABLE beside (id INTEGER)")
    wanted = shop.seal("Index", "CREATE INDEX by_email ON users (email)")
    shop.git("switch", "--quiet", "main")
    found = shop.json("cherry-pick", wanted[:7])
    assert found["how"] == "picked"
    (one,) = found["revisions"]
    made = sealed(shop, one["to"])
    assert made.up == "CREATE INDEX by_email ON users (mail);\n"
    assert made.carried_from == ((wanted, made.migration),)
    assert "beside" not in shop("schema", "@")
    shop.git("commit", "--quiet", "-m", "picked")
    assert shop.json("cherry-pick", wanted)["how"] == "already here"
    # What was picked is known when all of the branch comes.
    shop("replay", "dev")
    shop("merge", "topic")
    shop.git("commit", "--quiet", "--no-edit")
    shop("replay", "dev")
    assert shop.json("plan", "dev")["moves"] == []
    shop("fsck")


def test_what_a_pick_needs_is_named(shop: Project) -> None:
    first = shop.seal("Orders", "CREATE TABLE orders (id INTEGER)")
    shop.seal("Beside", "CREATE TABLE beside (id INTEGER)")
    second = shop.seal("Total", "ALTER TABLE orders ADD COLUMN total INTEGER")
    shop.git("switch", "--quiet", "main")
    before = kept(shop)
    printed = shop("cherry-pick", second[:7], code=1)
    assert "error[SO342]" in printed
    assert f"{first[:7]} Orders" in printed
    assert "Beside" not in printed
    assert kept(shop) == before
    for one in (first, second):
        assert f"schemaops cherry-pick {one[:7]}" in printed
        shop("cherry-pick", one[:7])
        shop.git("commit", "--quiet", "-m", "picked")
    assert "total" in shop("schema", "@")


def test_a_pick_stops_at_a_conflict_and_goes_on_or_back(shop: Project) -> None:
    mine = shop.seal("Contact", "ALTER TABLE users RENAME COLUMN email TO contact")
    shop.git("switch", "--quiet", "main")
    before = kept(shop)
    (conflict,) = shop.json("cherry-pick", mine, code=1)["conflicts"]
    assert conflict["code"] == "SO301"
    assert "given up" in shop("cherry-pick", "--abort")
    assert kept(shop) == before
    shop("cherry-pick", mine, code=1)
    assert conflict["id"][:8] in shop("resolve", code=1)
    assert f"picking {mine[:7]}" in shop("status")
    assert "schemaops cherry-pick --continue" in shop("merge", "--status", code=1)
    shop("resolve", conflict["id"], "--theirs")
    found = shop.json("cherry-pick", "--continue")
    assert found["how"] == "picked"
    assert "contact" in shop("schema", "@")
    shop("replay", "dev")
    assert "SO341" in shop("cherry-pick", "base", code=2)


def test_what_was_decided_to_come_after_the_other_branch_stays_in_its_order(shop: Project) -> None:
    shop.seal("X", "UPDATE users SET email = 'x'")
    shop.seal("Name", "ALTER TABLE users ADD COLUMN name TEXT")
    shop.seal("Named", "UPDATE users SET name = 'long' WHERE name IS NULL")
    shop.git("switch", "--quiet", "main")
    shop.seal("Y", "UPDATE users SET mail = 'y'")
    shop.git("switch", "--quiet", "topic")
    (left,) = shop.json("rebase", "main", code=1)["conflicts"]
    shop("resolve", left["id"], "--order", "theirs-first")
    made = shop.json("rebase", "--continue")["revisions"]
    assert [one["carried"] for one in made] == [["UPDATE users SET mail = 'x'"], [], []]
    shop("fsck")


def test_a_revision_of_another_branch_is_named_with_it(shop: Project) -> None:
    (its,) = (one["id"] for one in shop.json("log", "main")["revisions"][:1])
    said = shop("show", its[:9], code=2)
    assert f"{its[:9]} is a revision of the branch main, and not of this one" in said
    assert "hint: schemaops log main" in said


def test_what_cannot_be_done_amid_a_merge_says_how_it_stands(shop: Project) -> None:
    shop.seal("Note", "ALTER TABLE users RENAME COLUMN email TO note")
    shop("merge", "main", code=1)
    for command in (("commit", "-m", "n", "--sql", "SELECT 1"), ("replay", "dev"), ("checkpoint",)):
        assert "  schemaops merge --status\n" in shop(*command, code=None), command
    assert "1 conflict between main and here" in shop("merge", "--status", code=1)


@pytest.fixture
def late(shop: Project) -> Project:
    """`late` was begun on `topic` before that was rebased, and is current."""
    shop.seal("Age", "ALTER TABLE users ADD COLUMN age INTEGER")
    shop.git("switch", "--quiet", "-c", "late")
    shop.seal("Note", "ALTER TABLE users ADD COLUMN note TEXT")
    shop.git("switch", "--quiet", "topic")
    shop("rebase", "main")
    shop.git("commit", "--quiet", "--no-edit")
    shop.git("switch", "--quiet", "late")
    return shop


def columns(project: Project) -> set[str]:
    return {one["address"] for one in project.json("schema", "@")["objects"]}


@pytest.mark.parametrize("how", ["merge", "rebase", "git merge", "octopus"])
def test_what_others_build_on_is_brought_back_where_a_rebase_took_it_away(
    late: Project, how: str
) -> None:
    if how == "git merge":
        late.git("merge", "--quiet", "--no-edit", "topic")
        assert "hint: schemaops merge" in late("status", code=None).replace("        ", "  hint: ")
        late("merge")
        late.git("commit", "--quiet", "-m", "merge")
    else:
        before = kept(late)
        words = ("merge", "topic", "main") if how == "octopus" else (how, "topic")
        late(*words)
        assert "sound" in late("fsck")
        late.git("commit", "--quiet", "--no-edit")
        assert before["HEAD"] == kept(late)["HEAD"]
    assert "sound" in late("fsck")
    assert len(late.heads()) == 1
    assert {"users.mail", "users.age", "users.note"} <= columns(late)
    late("replay", "dev")


def test_what_was_decided_before_a_rebase_reworded_it_is_found_again(shop: Project) -> None:
    shop.git("switch", "--quiet", "-c", "rows", "main~1")
    shop.seal("Y", "UPDATE users SET email = 'y'")
    shop.git("switch", "--quiet", "topic")
    shop.seal("X", "UPDATE users SET email = 'x'")
    shop("merge", "rows", code=1)
    shop("resolve", "users", "--order", "theirs-first")
    (decided,) = (shop.folder / ".schemaops" / "resolutions").iterdir()
    resolution = (decided.name, decided.read_text())
    shop("merge", "--abort")
    shop("rebase", "main")
    shop.git("commit", "--quiet", "--no-edit")
    decided.parent.mkdir(exist_ok=True)
    decided.write_text(resolution[1])
    shop.git("add", ".schemaops")
    shop.git("commit", "--quiet", "-m", "decided")
    said = shop.json("merge", "rows")
    # What it is called now is decided too: it is kept under both ids.
    (again,) = said["decided"]
    assert again != resolution[0]
    assert {one.name for one in decided.parent.iterdir()} == {again, resolution[0]}
    carried = [one["sql"] for one in said["theirs_to_merged"]]
    assert carried[-1] == "UPDATE users SET mail = 'x'"
    shop.git("commit", "--quiet", "--no-edit")
    assert "sound" in shop("fsck")
