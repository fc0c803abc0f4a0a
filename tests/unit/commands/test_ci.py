"""What a pull request is told, as JSON for what is meant and as Markdown for how it reads."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from schemaops.forge.base import Change
from schemaops.forge.variables import change_of
from tests.projects import Project

USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, age INT)"
MAIL = "ALTER TABLE users RENAME COLUMN email TO mail"
CONTACT = "ALTER TABLE users RENAME COLUMN email TO contact"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`main` has users; `mail` and `contact` rename one column, `tags` is clear of all."""
    project = Project.begun(tmp_path_factory.mktemp("begun") / "shop")
    project.seal("Users", USERS)
    for branch, sql in (
        ("mail", MAIL),
        ("contact", CONTACT),
        ("tags", "CREATE TABLE tags (id INTEGER PRIMARY KEY)"),
    ):
        project.git("switch", "--quiet", "--create", branch, "main")
        project.seal(branch.title(), sql)
    project.git("switch", "--quiet", "main")
    return project.folder


@pytest.fixture
def shop(begun: Path, tmp_path: Path) -> Project:
    return Project(Path(shutil.copytree(begun, tmp_path / "shop")))


def told(project: Project, *words: str, code: int = 0) -> Any:
    return project.json("ci", *words, code=code)


def sql_of(plan: Any) -> list[str]:
    return [
        statement["sql"]
        for move in plan["moves"]
        for step in move["steps"]
        for statement in step["statements"]
    ]


def test_a_clean_one_says_what_it_brings_risks_and_makes_run(shop: Project) -> None:
    found = told(shop, "--base", "main", "--head", "mail", "--no-others")
    assert found["clean"]
    (revision,) = found["revisions"]
    assert revision["revision"]["message"] == "Mail"
    assert revision["up"] == MAIL + "\n"
    assert revision["down"] == "ALTER TABLE users RENAME COLUMN mail TO email;\n"
    assert [hazard["code"] for hazard in revision["hazards"]] == ["BC01"]
    (dev,) = found["environments"]
    assert (dev["environment"], dev["standing"]) == ("dev", "assumed")
    assert sql_of(dev["plan"]) == [MAIL]
    assert "flowchart" in found["picture"]


def test_the_comment_begins_with_a_hidden_line_of_the_project(shop: Project) -> None:
    printed = shop("ci", "--base", "main", "--head", "mail")
    first, second = printed.splitlines()[:2]
    assert first == "<!-- schemaops .schemaops -->"
    assert second == "## Schema changes: 1 revision, clean, 1 other branch in conflict"
    assert f"```sql\n{MAIL}\n```" in printed
    assert "```mermaid\nflowchart BT\n" in printed


def test_a_conflict_is_told_with_both_places_and_fails(shop: Project) -> None:
    shop.seal("Contact here", CONTACT)
    found = told(shop, "--base", "main", "--head", "mail", code=1)
    assert not found["clean"]
    (conflict,) = found["target"]["conflicts"]
    assert conflict["code"] == "SO301"
    assert (conflict["ours"]["sql"], conflict["theirs"]["sql"]) == (MAIL, CONTACT)
    assert re.fullmatch(r"mail:\.schemaops/revisions/\w+-mail\.sql", conflict["ours"]["file"])
    assert found["environments"] == []
    # The branch `contact` says the same as main: that is not told twice.
    assert all(not one["conflicts"] for one in found["others"])
    printed = shop("ci", "--base", "main", "--head", "mail", code=1)
    assert f"`schemaops resolve {conflict['id'][:8]} --ours`: keep `{MAIL}`" in printed


def test_the_steps_it_names_settle_the_conflict(shop: Project) -> None:
    shop.seal("Contact here", CONTACT)
    printed = shop("ci", "--base", "main", "--head", "mail", code=1)
    (steps,) = re.findall(r"^They are decided on this branch: (.*)\.$", printed, re.MULTILINE)
    begin, merge, _, go_on, commit = re.findall(r"`([^`]+)`", steps)
    (ours,) = re.findall(r"`(schemaops resolve \w+ --ours)`", printed)
    shop.type(begin)
    shop.type(merge, code=1)
    shop.type(ours)
    shop.type(go_on, code=None)
    shop.type(commit)
    found = told(shop, "--base", "main", "--head", "mail", "--no-others")
    assert [one["revision"]["kind"] for one in found["revisions"]] == ["migration", "merge"]


def test_conflicts_with_other_open_branches(shop: Project) -> None:
    found = told(shop, "--base", "main", "--head", "mail")
    others = {one["branch"]: [it["code"] for it in one["conflicts"]] for one in found["others"]}
    assert others == {"contact": ["SO301"], "tags": []}
    assert not told(shop, "--base", "main", "--head", "mail", "--strict", code=1)["clean"]
    assert told(shop, "--base", "main", "--head", "mail", "--no-others", "--strict")["clean"]
    (tags,) = told(shop, "--base", "main", "--head", "mail", "--others", "tags")["others"]
    assert tags["branch"] == "tags"
    assert "error[SO" in shop("ci", "--base", "main", "--head", "mail", "--others", "nope", code=2)


def test_merged_and_stacked_branches_are_no_others(shop: Project) -> None:
    shop.git("branch", "old", "main")
    shop.git("switch", "--quiet", "--create", "further", "mail")
    shop.seal("Further", "ALTER TABLE users ADD COLUMN note TEXT")
    found = told(shop, "--base", "main", "--head", "mail")
    others = {one["branch"]: len(one["conflicts"]) for one in found["others"]}
    assert others == {"contact": 1, "tags": 0, "further": 0}


def test_what_is_carried_is_planned_as_it_will_run(shop: Project) -> None:
    shop.seal("Index", "CREATE INDEX users_email ON users (email)")
    shop.git("switch", "--quiet", "--create", "check", "mail")
    found = told(shop, "--base", "mail", "--head", "main", "--no-others")
    (dev,) = found["environments"]
    assert [one["kind"] for one in dev["plan"]["moves"]] == ["apply"]
    (statement,) = sql_of(dev["plan"])
    assert statement == "CREATE INDEX users_email ON users (mail)"
    assert "the merge, not made yet" in found["picture"]


def test_where_an_environment_was_last_seen(shop: Project) -> None:
    shop("replay", "dev")
    shop.git("switch", "--quiet", "tags")
    (dev,) = told(shop, "--base", "main", "--head", "tags")["environments"]
    assert dev["standing"] == "seen"
    assert sql_of(dev["plan"]) == ["CREATE TABLE tags (id INTEGER PRIMARY KEY)"]
    shop("replay", "dev")
    (dev,) = told(shop, "--base", "main", "--head", "tags")["environments"]
    assert dev["plan"]["moves"] == []


def test_what_would_be_taken_back_is_planned_from_the_history(shop: Project) -> None:
    shop.git("switch", "--quiet", "tags")
    shop("replay", "dev")
    shop.git("switch", "--quiet", "main")
    (dev,) = told(shop, "--base", "main", "--head", "mail", "--no-others")["environments"]
    assert sql_of(dev["plan"]) == ["DROP TABLE tags", MAIL]
    shop.git("branch", "--delete", "--force", "tags")
    (dev,) = told(shop, "--base", "main", "--head", "mail", "--no-others")["environments"]
    assert dev["plan"] is None
    assert "--live" in dev["problem"]


def test_looking_at_the_environments_themselves(shop: Project) -> None:
    (shop.folder / "broken.sqlite3").write_text("this is no database" * 100, encoding="utf-8")
    shop("env", "add", "far", "--url", "sqlite:///broken.sqlite3")
    shop("replay", "dev")
    dev, far = told(shop, "--base", "main", "--head", "mail", "--live")["environments"]
    assert dev["standing"] == "live"
    assert sql_of(dev["plan"]) == [MAIL]
    assert far["plan"] is None
    assert far["problem"]


def test_a_revision_that_was_edited_is_all_there_is_to_say(shop: Project) -> None:
    shop.git("switch", "--quiet", "tags")
    (file,) = (shop.folder / ".schemaops" / "revisions").glob("*-users.sql")
    file.write_bytes(file.read_bytes().replace(b"age", b"years"))
    shop.git("commit", "--quiet", "--all", "-m", "edit")
    found = told(shop, "--base", "main", "--head", "tags", code=1)
    (finding,) = found["findings"]
    assert finding["code"] == "SO402"
    assert found["revisions"] == []
    assert "SO402" in shop("ci", "--base", "main", "--head", "tags", code=1)
    shop.type(finding["hints"][0])
    shop.git("commit", "--quiet", "--all", "-m", "taken back")
    assert told(shop, "--base", "main", "--head", "tags")["clean"]


def test_a_revision_that_was_removed(shop: Project) -> None:
    shop.git("switch", "--quiet", "tags")
    shop.git("rm", "--quiet", *[str(one) for one in shop.folder.glob(".schemaops/revisions/*")])
    shop.git("commit", "--quiet", "-m", "remove")
    found = told(shop, "--base", "main", "--head", "tags", code=1)
    assert [one["code"] for one in found["findings"]] == ["SO453"]


def test_two_heads_are_to_be_merged_first(shop: Project) -> None:
    shop.seal("Notes", "CREATE TABLE notes (id INTEGER PRIMARY KEY)")
    shop.git("switch", "--quiet", "tags")
    shop.git("merge", "--quiet", "--no-edit", "main")
    found = told(shop, "--base", "main", "--head", "tags", code=1)
    assert [one["code"] for one in found["findings"]] == ["SO433"]


def test_nothing_to_say(shop: Project) -> None:
    shop.git("branch", "idle")
    found = told(shop, "--base", "main", "--head", "idle")
    assert (found["revisions"], found["others"], found["picture"]) == ([], [], "")
    assert "Schema changes: none" in shop("ci", "--base", "main", "--head", "idle")


def test_the_first_one_of_a_repository(tmp_path: Path) -> None:
    project = Project(tmp_path / "new")
    project.folder.mkdir()
    project.git("init", "--quiet", "-b", "main")
    project.git("commit", "--quiet", "--allow-empty", "-m", "begin")
    project.git("switch", "--quiet", "--create", "schema")
    project("init", "--dialect", "sqlite")
    project.seal("Users", USERS)
    found = told(project, "--base", "main")
    assert found["clean"]
    assert found["base"]["heads"] == []
    assert len(found["revisions"]) == 1


def test_a_job_knows_its_pull_request(shop: Project, tmp_path: Path) -> None:
    shop.seal("Index", "CREATE INDEX users_age ON users (age)")
    head = shop.git("rev-parse", "mail")
    job = shop.clone(tmp_path / "job", "Ada")
    # As it is checked out there: a merge that nobody made, of two heads, on no branch.
    job.git("switch", "--quiet", "--detach", "origin/main")
    job.git("merge", "--quiet", "--no-edit", "origin/mail")
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7, "head": {"sha": head}}}))
    job.environ = {
        **os.environ,
        "GITHUB_BASE_REF": "main",
        "GITHUB_HEAD_REF": "mail",
        "GITHUB_EVENT_PATH": str(event),
    }
    found = told(job)
    assert (found["base"]["name"], found["head"]["name"]) == ("origin/main", "mail")
    assert found["head"]["commit"] == head
    assert [one["branch"] for one in found["others"]] == ["origin/contact", "origin/tags"]


def test_a_clone_that_is_too_shallow_says_so(shop: Project, tmp_path: Path) -> None:
    shop.git("switch", "--quiet", "mail")
    shop.git("clone", "--quiet", "--depth=1", f"file://{shop.folder}", str(tmp_path / "job"))
    told_so = Project(tmp_path / "job")("ci", "--base", "main", code=2)
    assert "error[SO455]" in told_so
    assert "git fetch --unshallow" in told_so


@pytest.mark.parametrize(
    ("variables", "change"),
    [
        ({}, None),
        ({"GITHUB_REF": "refs/heads/main", "CI_COMMIT_SHA": "c0ffee"}, None),
        (
            {"GITHUB_BASE_REF": "main", "GITHUB_HEAD_REF": "topic"},
            Change(("origin/main", "main"), ("origin/topic", "HEAD"), "topic"),
        ),
        (
            {
                "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
                "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "topic",
                "CI_COMMIT_SHA": "c0ffee",
                "CI_MERGE_REQUEST_IID": "7",
            },
            Change(("origin/main", "main"), ("c0ffee", "HEAD"), "topic", "7"),
        ),
        (
            {
                "BITBUCKET_PR_DESTINATION_BRANCH": "main",
                "BITBUCKET_BRANCH": "topic",
                "BITBUCKET_COMMIT": "c0ffee",
                "BITBUCKET_PR_ID": "7",
            },
            Change(("origin/main", "main"), ("c0ffee", "HEAD"), "topic", "7"),
        ),
    ],
)
def test_what_ci_systems_say(variables: dict[str, str], change: Change | None) -> None:
    assert change_of(variables) == change
