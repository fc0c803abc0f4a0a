"""What git's hooks refuse, typed as git types them; every hint leads out."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.projects import Project


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = Project.begun(tmp_path_factory.mktemp("begun") / "shop")
    project.seal("Customers", "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)")
    project.seal("Orders", "CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER)")
    return project.folder


@pytest.fixture
def shop(begun: Path, tmp_path: Path) -> Project:
    return Project(Path(shutil.copytree(begun, tmp_path / "shop")))


def findings(project: Project) -> list[dict[str, Any]]:
    """What the hook finds wrong with the index."""
    printed = project("hook", "run", "--json", code=None)
    found = json.loads(printed)
    assert found["format"] == "schemaops.findings/1"
    return list(found["findings"])


def codes(project: Project) -> list[str]:
    return [one["code"] for one in findings(project)]


def file_of(project: Project, word: str) -> Path:
    (found,) = (project.folder / ".schemaops" / "revisions").glob(f"*-{word}.sql")
    return found


def committed(project: Project, *words: str) -> subprocess.CompletedProcess[str]:
    """Let git commit, hooks and all, and tell how that went."""
    return subprocess.run(
        ["git", "commit", "--quiet", "-m", "x", *words],
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_sound_passes_and_what_is_not_touched_is_not_looked_at(shop: Project) -> None:
    file = file_of(shop, "orders")
    file.write_bytes(file.read_bytes().replace(b"total", b"sum"))
    shop.git("add", "-A")
    shop.git("commit", "--quiet", "--no-verify", "-m", "around the hook")
    (shop.folder / "README").write_text("code\n")
    shop.git("add", "README")
    assert shop("hook", "run") == ""
    assert findings(shop) == []


def _edit(project: Project) -> None:
    file = file_of(project, "customers")
    file.write_bytes(file.read_bytes().replace(b"name", b"full_name"))


def _remove(project: Project) -> None:
    file_of(project, "orders").unlink()


def _rename(project: Project) -> None:
    file = file_of(project, "orders")
    file.rename(file.with_name("orders.sql"))


def _draft(project: Project) -> None:
    project("new", "Half a thought")


def _configure(project: Project) -> None:
    with (project.folder / ".schemaops" / "config.toml").open("a") as config:
        config.write("protekted = true\n")


def _decide_wrongly(project: Project) -> None:
    folder = project.folder / ".schemaops" / "resolutions"
    folder.mkdir()
    (folder / "0123456789abcdef").write_text("ours, of course\n")


def _orphan(project: Project) -> None:
    project("commit", "-m", "Items", "--sql", "CREATE TABLE items (id INTEGER PRIMARY KEY)")
    project("commit", "-m", "Lots", "--sql", "CREATE TABLE lots (id INTEGER PRIMARY KEY)")
    file_of(project, "items").unlink()


@pytest.mark.parametrize(
    ("does", "code"),
    [
        (_edit, "SO402"),
        (_remove, "SO453"),
        (_rename, "SO404"),
        (_draft, "SO452"),
        (_configure, "SO702"),
        (_decide_wrongly, "SO330"),
        (_orphan, "SO410"),
    ],
)
def test_what_would_break_the_history_of_others_is_refused(
    shop: Project, does: Callable[[Project], None], code: str
) -> None:
    does(shop)
    shop.git("add", "-A")
    assert codes(shop) == [code]


def test_git_itself_stops_and_nothing_is_committed(shop: Project) -> None:
    shop("hook", "install")
    before = shop.git("rev-parse", "HEAD")
    _edit(shop)
    refused = committed(shop, "--all")
    assert refused.returncode == 1
    assert "error[SO402]" in refused.stdout + refused.stderr
    assert shop.git("rev-parse", "HEAD") == before


@pytest.mark.parametrize("does", [_edit, _remove, _rename, _draft])
def test_the_hints_lead_out(shop: Project, does: Callable[[Project], None]) -> None:
    does(shop)
    shop.git("add", "-A")
    (finding,) = findings(shop)
    shop.type(finding["hints"][-1])
    assert findings(shop) == []


def test_it_is_the_index_that_counts(shop: Project) -> None:
    file = file_of(shop, "orders")
    sealed = file.read_bytes()
    file.write_bytes(sealed.replace(b"total", b"sum"))
    shop.git("add", "-A")
    file.write_bytes(sealed)
    assert codes(shop) == ["SO402"]
    shop.git("add", "-A")
    file.write_bytes(b"")
    assert codes(shop) == []


def test_a_draft_that_was_committed_before_does_not_stop_other_work(shop: Project) -> None:
    _draft(shop)
    shop.git("add", "-A")
    shop.git("commit", "--quiet", "--no-verify", "-m", "around the hook")
    shop("commit", "-m", "Items", "--sql", "CREATE TABLE items (id INTEGER PRIMARY KEY)")
    assert codes(shop) == []


def test_a_whole_project_may_not_go_either(shop: Project) -> None:
    shop.git("rm", "-r", "--quiet", ".schemaops")
    assert codes(shop) == ["SO453", "SO453"]


@pytest.mark.parametrize("times", [1, 3])
def test_amending_what_was_committed_is_no_removal(shop: Project, times: int) -> None:
    for number in range(times):
        shop("commit", "--amend", "-m", f"Orders, take {number}")
    assert codes(shop) == []
    assert len(list((shop.folder / ".schemaops" / "revisions").iterdir())) == 2


def _two_lines(project: Project) -> None:
    project.git("switch", "--quiet", "--create", "topic")
    project.seal("Items", "CREATE TABLE items (id INTEGER PRIMARY KEY)")
    project.git("switch", "--quiet", "main")
    project.seal("Lots", "CREATE TABLE lots (id INTEGER PRIMARY KEY)")


def test_two_heads_do_not_get_onto_the_default_branch(shop: Project) -> None:
    _two_lines(shop)
    shop("hook", "install")
    merging = subprocess.run(
        ["git", "merge", "--no-edit", "topic"],
        cwd=shop.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert merging.returncode == 1
    assert "error[SO433]: main would have 2 heads" in merging.stdout + merging.stderr
    (finding,) = findings(shop)
    shop.type(finding["hints"][0])
    assert committed(shop).returncode == 0
    assert len(shop.json("status")["heads"]) == 1
    assert len(shop.git("rev-parse", "HEAD^1", "HEAD^2").splitlines()) == 2


def test_other_branches_may_have_two_heads_for_a_while(shop: Project) -> None:
    _two_lines(shop)
    shop.git("switch", "--quiet", "topic")
    shop("hook", "install")
    shop.git("merge", "--quiet", "--no-edit", "main")
    assert len(shop.json("status", code=1)["heads"]) == 2


def test_projects_in_folders_are_found_and_named_in_hints(tmp_path: Path) -> None:
    top = Project.begun(tmp_path / "all")
    inner = Project(tmp_path / "all" / "services" / "the shop")
    inner.folder.mkdir(parents=True)
    inner("init", "--dialect", "sqlite")
    inner("new", "Half a thought")
    top.git("add", "-A")
    (finding,) = findings(top)
    assert finding["place"]["file"] == "services/the shop/.schemaops/drafts/half-a-thought.sql"
    first, second = finding["hints"]
    assert first == "schemaops -C 'services/the shop' commit half-a-thought.sql"
    top.type(second)
    assert findings(top) == []


def test_a_hook_that_was_there_is_run_first_and_comes_back(shop: Project) -> None:
    former = shop.folder / ".git" / "hooks" / "pre-commit"
    former.parent.mkdir(exist_ok=True)
    former.write_text("#!/bin/sh\necho looked >> seen\nexit $(cat verdict)\n")
    former.chmod(0o755)
    text = former.read_text()
    for _ in range(2):
        shop("hook", "install")
    shop("commit", "-m", "Items", "--sql", "CREATE TABLE items (id INTEGER PRIMARY KEY)")
    (shop.folder / "verdict").write_text("3")
    assert committed(shop).returncode != 0
    (shop.folder / "verdict").write_text("0")
    _edit(shop)
    shop.git("add", ".schemaops")
    assert committed(shop).returncode != 0
    shop.git("checkout", "HEAD", "--", str(file_of(shop, "customers")))
    assert committed(shop).returncode == 0
    assert (shop.folder / "seen").read_text() == "looked\n" * 3
    shop("hook", "uninstall")
    assert former.read_text() == text
    assert {one.name for one in former.parent.iterdir() if "schemaops" in one.name} == set()
    assert not former.with_name("pre-merge-commit").exists()
    assert "no hook of ours" in shop("hook", "uninstall")


def test_hooks_of_managers_and_shared_folders_are_left_alone(shop: Project) -> None:
    hooks = shop.folder / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    text = "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n"
    (hooks / "pre-commit").write_text(text)
    assert "error[SO450]" in shop("hook", "install", code=2)
    assert (hooks / "pre-commit").read_text() == text
    assert not (hooks / "pre-merge-commit").exists()
    (hooks / "pre-commit").unlink()
    shop.git("config", "core.hooksPath", "../everybodys")
    told = shop("hook", "install", code=2)
    assert "error[SO454]" in told
    assert not (shop.folder.parent / "everybodys").exists()


def test_a_hook_that_nobody_knows(shop: Project) -> None:
    assert "schemaops hook run pre-merge-commit" in shop("hook", "run", "post-merge", code=2)
