"""Branches: what they come to when merged, where they begin, and that only files switch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from schemaops.commands import matrix
from tests.projects import Project

USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    project = Project.begun(tmp_path / "shop")
    project.seal("Base", USERS)
    for name, sql in (
        ("clean", "CREATE TABLE a (id INTEGER)"),
        ("torn", "ALTER TABLE users RENAME COLUMN email TO mail"),
    ):
        project.git("switch", "--quiet", "-c", name, "main")
        project.seal(name, sql)
    project.git("switch", "--quiet", "main")
    project.git("branch", "old")
    project.seal("Ours", "ALTER TABLE users RENAME COLUMN email TO contact")
    project.git("switch", "--quiet", "-c", "ahead")
    project.seal("Ahead", "CREATE TABLE b (id INTEGER)")
    project.git("switch", "--quiet", "main")
    return project


def listed(project: Project, *options: str) -> dict[str, dict[str, Any]]:
    said = project.json("branch", *options)
    assert said["format"] == "schemaops.branches/1"
    return {one["name"]: one for one in said["branches"]}


def test_each_branch_is_told_with_what_merging_it_comes_to(shop: Project) -> None:
    said = listed(shop)
    assert [
        (name, one["ahead"], one["behind"], one["conflicts"]) for name, one in said.items()
    ] == [
        ("ahead", 1, 0, 0),
        ("clean", 1, 1, 0),
        ("main", 0, 0, 0),
        ("old", 0, 1, 0),
        ("torn", 1, 1, 1),
    ]
    assert [name for name, one in said.items() if one["current"]] == ["main"]
    assert said["main"]["heads"] == shop.heads()
    lines = {line.split()[0]: line for line in shop("branch").replace("* ", "  ").splitlines()}
    assert "1 conflict " in lines["torn"]
    assert "merges cleanly" in lines["clean"]
    assert "nothing to merge" in lines["old"]


def test_what_merging_comes_to_is_worked_out_once(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = listed(shop)
    monkeypatch.delattr(matrix, "merge_heads")
    assert listed(shop) == before


def test_a_decision_changes_what_merging_comes_to(shop: Project) -> None:
    shop("merge", "torn", code=1)
    (conflict,) = shop.json("resolve", code=1)["conflicts"]
    shop("resolve", conflict["id"], "--ours")
    decided = shop.folder / ".schemaops" / "resolutions" / conflict["id"]
    data = decided.read_bytes()
    shop("merge", "--abort")
    assert listed(shop)["torn"]["conflicts"] == 1
    decided.parent.mkdir(exist_ok=True)
    decided.write_bytes(data)
    assert listed(shop)["torn"]["conflicts"] == 0


def test_a_branch_with_several_heads_is_told_so(shop: Project) -> None:
    shop.git("switch", "--quiet", "clean")
    shop.git("merge", "--quiet", "--no-edit", "main")
    shop.git("switch", "--quiet", "main")
    said = listed(shop)["clean"]
    assert (len(said["heads"]), said["conflicts"]) == (2, None)
    assert "2 heads" in shop("branch")


def test_the_branches_of_remotes_are_listed_when_asked_for(shop: Project, tmp_path: Path) -> None:
    bob = shop.clone(tmp_path / "bob", "Bob")
    assert list(listed(bob)) == ["main"]
    assert listed(bob, "--all")["origin/torn"]["conflicts"] == 1


@pytest.mark.parametrize("start", ["main~1", "base", "old", "ID"])
def test_a_branch_begins_at_the_last_commit_with_that_head(shop: Project, start: str) -> None:
    base = shop.json("log", "base" if start == "base" else "main~1")["revisions"]
    spec = base[0]["id"][:7] if start == "ID" else start
    shop("branch", "new", "--from", spec)
    shop("switch", "new")
    assert shop.heads() == [one["id"] for one in base[:1]]


def test_where_no_commit_has_that_head_no_branch_begins(shop: Project) -> None:
    shop("commit", "-m", "first of two", "--sql", "CREATE TABLE x (id INTEGER)")
    shop.seal("second", "CREATE TABLE y (id INTEGER)")
    assert "SO423" in shop("branch", "new", "--from", "main~1", code=2)
    assert "SO425" in shop("branch", "clean", code=2)
    assert "SO412" in shop("branch", "new", "--from", "nowhere", code=2)
    assert "new" not in listed(shop)


def test_switching_moves_files_and_no_database(shop: Project) -> None:
    shop("replay", "dev")
    database = shop.folder / ".git" / "schemaops" / "dev.sqlite3"
    before = database.read_bytes()
    printed = shop("switch", "clean")
    assert "no database was touched" in printed
    assert listed(shop)["clean"]["current"]
    assert database.read_bytes() == before
    shop("replay", "dev")
    assert "table a" in shop("schema", "env:dev")
    assert "contact" not in shop("schema", "env:dev")
    shop("switch", "-c", "fresh")
    assert shop.git("branch", "--show-current") == "fresh"
    assert "SO423" in shop("switch", "nowhere", code=2)


def test_the_matrix_names_every_pair_at_odds(shop: Project) -> None:
    found = shop.json("branch", "--conflicts", code=1)
    assert found["format"] == "schemaops.matrix/1"
    # `old` has nothing that main has not.
    assert [one["name"] for one in found["branches"]] == ["main", "ahead", "clean", "torn"]
    assert {tuple(one["branches"]): one["codes"] for one in found["conflicts"]} == {
        ("main", "torn"): {"SO301": 1},
        ("ahead", "torn"): {"SO301": 1},
    }
    assert (found["pairs"], found["merged"]) == (6, 2)
    printed = shop("branch", "--conflicts", code=1)
    assert "main and torn: 1 conflict (SO301)" in printed
    assert "2 of 6 pairs at odds" in printed
    shop.git("branch", "--quiet", "-D", "torn")
    assert shop.json("branch", "--conflicts")["conflicts"] == []
    assert "error" in shop("branch", "new", "--conflicts", code=2)


def test_pairs_that_touch_different_things_are_never_merged(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.git("branch", "--quiet", "-D", "torn")

    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(matrix, "merge_heads", never)
    assert shop.json("branch", "--conflicts")["merged"] == 0


def test_a_plan_to_merge_says_the_order_and_how_far_each_branch_merges(shop: Project) -> None:
    shop.git("switch", "--quiet", "torn")
    torn = shop.heads()[0]
    shop.seal("More", "CREATE TABLE more (id INTEGER)")
    shop.git("switch", "--quiet", "-c", "late", "old")
    first = shop.seal("First", "CREATE TABLE late (id INTEGER)")
    second = shop.seal("Second", "ALTER TABLE users DROP COLUMN email")
    shop.git("switch", "--quiet", "main")
    found = shop.json("merge", "--plan", code=1)
    assert found["format"] == "schemaops.mergeplan/1"
    assert (found["target"], found["groups"][0]) == ("main", ["ahead", "clean"])
    assert found["clean"] == ["ahead", "clean"]
    plans = {one["name"]: one for one in found["branches"]}
    assert plans["clean"]["blocked"] is None
    assert plans["torn"]["safe"] is None
    assert plans["torn"]["blocked"]["revision"] == torn
    assert plans["late"]["safe"]["revision"] == first
    assert plans["late"]["blocked"]["revision"] == second
    assert plans["late"]["own"] == 2
    printed = shop("merge", "--plan", code=1)
    assert "1. cleanly, in any order" in printed
    assert f"merges cleanly up to {first[:7]} First; not {second[:7]} Second" in printed
    assert shop.json("merge", "--plan", "clean", "ahead")["groups"] == [["clean", "ahead"]]
    assert "error[SO4" in shop("merge", "--plan", "nowhere", code=2)
    assert "merged clean, ahead as" in shop("merge", "clean", "ahead")
