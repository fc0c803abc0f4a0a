"""Merging branches in a repository: clean, in conflict, decided, given up, killed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from schemaops.history.format import from_bytes
from tests.projects import Project, kept

USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, n INTEGER)"
CONTACT = "ALTER TABLE users RENAME COLUMN email TO contact"
MAIL = "ALTER TABLE users RENAME COLUMN email TO mail"
REBUILD = """
PRAGMA foreign_keys = OFF;
CREATE TABLE new (id INTEGER PRIMARY KEY, email TEXT NOT NULL, n TEXT);
INSERT INTO new (id, email, n) SELECT id, coalesce(email, ''), n FROM users;
DROP TABLE users;
ALTER TABLE new RENAME TO users;
PRAGMA foreign_keys = ON
"""
CLEAN = {
    "rebuilt": (REBUILD, "ALTER TABLE users ADD COLUMN phone TEXT; CREATE INDEX by_n ON users (n)"),
    "beside": ("CREATE TABLE a (id INTEGER)", "CREATE TABLE b (id INTEGER)"),
    "carried": ("CREATE INDEX by_mail ON users (email)", CONTACT),
    "once": (f"{CONTACT}; CREATE TABLE a (id INTEGER)", f"CREATE TABLE b (x TEXT); {CONTACT}"),
    "rows": ("INSERT INTO users (id, email) VALUES (1, 'a')", "CREATE TABLE b (id INTEGER)"),
    "declared": (
        "-- effect: none\nPRAGMA optimize",
        "ALTER TABLE users DROP COLUMN n; CREATE VIEW v AS SELECT email FROM users",
    ),
}


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    return Project.begun(tmp_path / "shop")


@pytest.fixture
def torn(shop: Project) -> Project:
    """Two conflicts between `main`, which is current, and `topic`."""
    shop.fork(
        USERS,
        f"{CONTACT};\nALTER TABLE users ADD COLUMN phone TEXT;",
        f"{MAIL};\nALTER TABLE users ADD COLUMN phone INTEGER;\nCREATE TABLE a (id INTEGER);",
    )
    return shop


def merges(project: Project) -> list[Path]:
    return sorted(
        file
        for file in (project.folder / ".schemaops" / "revisions").iterdir()
        if len(from_bytes(file.read_bytes()).parents) > 1
    )


def hints(printed: str) -> list[str]:
    found = re.findall(r"^ +(?:hint: )?((?:schemaops|git) .*?)(?: {4}.*)?$", printed, re.MULTILINE)
    return [hint for hint in found if not hint.startswith("schemaops explain")]


# -- clean


def test_a_clean_merge_is_staged_and_left_to_be_committed(shop: Project) -> None:
    _, mine, its = shop.fork(USERS, *CLEAN["carried"])
    printed = shop("merge", "topic")
    (file,) = merges(shop)
    assert f"merged topic as {file.name[:7]}" in printed
    assert "rehearsed from both sides and back on sqlite" in printed
    assert shop.git("diff", "--cached", "--name-only").splitlines() == sorted(
        [f".schemaops/revisions/{its[:12]}-theirs.sql", f".schemaops/revisions/{file.name}"]
    )
    value = from_bytes(file.read_bytes())
    assert value.parents == tuple(sorted((mine, its)))
    assert (value.message, value.author, value.date) == ("", None, None)
    assert value.fingerprint is not None
    assert hints(printed)[0] == "git commit --no-edit"
    for hint in hints(printed):
        shop.type(hint)
    assert shop.git("log", "-1", "--format=%s") == "Merge branch 'topic'"
    assert "sound" in shop("fsck")
    assert shop("merge", "topic").startswith("up to date")


@pytest.mark.parametrize("pair", CLEAN.values(), ids=CLEAN)
def test_two_people_who_make_the_same_merge_make_the_same_bytes(
    shop: Project, tmp_path: Path, pair: tuple[str, str]
) -> None:
    shop.fork(USERS, *pair)
    bob = shop.clone(tmp_path / "bob", "Bob")
    bob.git("switch", "--quiet", "topic")
    shop("merge", "topic")
    bob("merge", "origin/main")
    ((mine,), (its,)) = merges(shop), merges(bob)
    assert mine.name == its.name
    assert mine.read_bytes() == its.read_bytes()


def test_what_only_one_side_has_needs_no_merge_revision(shop: Project) -> None:
    shop.seal("Base", USERS)
    shop.git("switch", "--quiet", "-c", "topic")
    theirs = shop.seal("Theirs", CONTACT)
    shop.git("switch", "--quiet", "main")
    assert shop("merge", "topic").startswith("fast-forward: topic")
    assert shop.heads() == [theirs]
    assert merges(shop) == []
    assert shop("merge").startswith("nothing to merge")


def test_code_that_git_merges_alone_needs_no_merge_revision(shop: Project) -> None:
    shop.seal("Base", USERS)
    shop.git("switch", "--quiet", "-c", "topic")
    theirs = shop.seal("Theirs", CONTACT)
    shop.git("switch", "--quiet", "main")
    (shop.folder / "code.py").write_text("1")
    shop.git("add", "code.py")
    shop.git("commit", "--quiet", "-m", "code")
    printed = shop("merge", "topic")
    assert hints(printed) == ["git commit --no-edit"]
    assert shop.heads() == [theirs]


@pytest.mark.parametrize("how", ["--no-edit", "--no-commit"])
def test_after_a_merge_of_git_the_heads_are_merged(shop: Project, how: str) -> None:
    _, mine, its = shop.fork(USERS, *CLEAN["carried"])
    shop.git("merge", "--quiet", how, "topic")
    assert len(shop.heads()) == 2
    merged = shop.json("merge")
    assert (merged["ours"], merged["theirs"]) == (mine, "topic")
    assert [one["of"] for one in merged["ours_to_merged"]] == [[its]]
    assert len(shop.heads()) == 1
    for hint in hints(shop("merge", code=0)):
        shop.type(hint)


def test_three_heads_become_one_whoever_merges_them(shop: Project, tmp_path: Path) -> None:
    shop.seal("Base", USERS)
    for name in ("one", "two", "three"):
        shop.git("switch", "--quiet", "-c", name, "main")
        shop.seal(name, f"CREATE TABLE {name} (id INTEGER)")
    bob = shop.clone(tmp_path / "bob", "Bob")
    bob.git("switch", "--quiet", "two")
    bob.git("merge", "--quiet", "--no-edit", "origin/one", "origin/three")
    shop.git("merge", "--quiet", "--no-edit", "one", "two")
    for project in (shop, bob):
        assert len(project.heads()) == 3
        project("merge")
        assert len(project.heads()) == 1
    assert [file.read_bytes() for file in merges(shop)] == [
        file.read_bytes() for file in merges(bob)
    ]
    assert len(merges(shop)) == 1
    assert "sound" in shop("fsck")


def test_a_folder_without_git_is_merged_too(shop: Project, tmp_path: Path) -> None:
    shop.fork(USERS, *CLEAN["carried"])
    shop.git("merge", "--quiet", "--no-edit", "topic")
    folder = tmp_path / "image"
    shutil.copytree(shop.folder / ".schemaops", folder / ".schemaops")
    image = Project(folder)
    image("merge")
    shop("merge")
    assert [file.read_bytes() for file in merges(image)] == [
        file.read_bytes() for file in merges(shop)
    ]


def test_a_dry_run_says_what_would_come_and_writes_nothing(shop: Project) -> None:
    shop.fork(USERS, *CLEAN["carried"])
    before = kept(shop)
    said = shop.json("merge", "topic", "--dry-run")
    assert kept(shop) == before
    done = shop.json("merge", "topic")
    assert said.pop("dry_run") is True
    assert done.pop("dry_run") is False
    for one in (said, done):
        del one["rehearsed"], one["revisions"]
    for way in ("ours_to_merged", "theirs_to_merged"):
        for one in said[way]:
            one["file"] = one["file"].replace("topic:", "")
    assert said == done


# -- conflicts


def test_every_conflict_is_told_with_both_places_and_nothing_is_made(torn: Project) -> None:
    printed = torn("merge", "topic", code=1)
    assert re.findall(r"conflict\[(\w+)\]", printed) == ["SO301", "SO302"]
    for side, number, text in (("ours", 10, CONTACT), ("theirs", 10, MAIL)):
        assert re.search(rf"{side} +\S+\.sql:{number} +{text}$", printed, re.MULTILINE)
    for side, number in (("ours", 11), ("theirs", 11)):
        assert re.search(rf"{side} +\S+\.sql:{number} +ALTER TABLE users ADD", printed)
    assert merges(torn) == []
    assert torn.git("diff", "--name-only") == ""
    assert "merging topic" in torn("status", code=1)
    (again,) = {torn("merge", code=1), torn("merge", "--continue", code=1)}
    assert again == printed


def test_every_hint_of_a_conflict_can_be_typed(torn: Project) -> None:
    first, second, *rest = (
        hint
        for hint in hints(torn("merge", "topic", code=1))
        if "--theirs" not in hint and "--rename" not in hint
    )
    assert rest == ["schemaops merge --continue", "schemaops merge --abort"]
    assert torn.type(first, code=1).count("conflict[") == 1
    printed = torn.type(second)
    assert hints(printed) == ["schemaops merge --continue"]
    for hint in hints(torn.type(rest[0])):
        torn.type(hint)
    assert "sound" in torn("fsck")
    assert len(torn.heads()) == 1


def test_a_decided_merge_is_signed_and_says_what_was_decided(torn: Project) -> None:
    torn("merge", "topic", code=1)
    rename, phone = (one["id"] for one in torn.json("resolve", code=1)["conflicts"])
    torn("resolve", rename[:4], "--theirs", code=1)
    (torn.folder / "phone.sql").write_bytes(b"ALTER TABLE users ADD COLUMN phone VARCHAR(20);\r\n")
    torn("resolve", phone, "--edit", "phone.sql")
    said = torn.json("merge", "--continue")
    assert said["decided"] == [rename, phone]
    (file,) = merges(torn)
    value = from_bytes(file.read_bytes())
    assert value.message == "Merge topic"
    assert value.author == "Ada <ada@example.org>"
    assert value.date is not None
    schema = torn("schema", "@")
    assert "users.mail" in schema
    assert "VARCHAR(20)" in schema.upper()
    assert sorted(torn.git("diff", "--cached", "--name-only", "--", "*resolutions*").split()) == (
        sorted(f".schemaops/resolutions/{one}" for one in (rename, phone))
    )


def test_a_resolution_is_found_again_from_the_other_side(torn: Project, tmp_path: Path) -> None:
    bob = torn.clone(tmp_path / "bob", "Bob")
    bob.git("switch", "--quiet", "topic")
    torn("merge", "topic", "--ours")
    torn.git("commit", "--quiet", "--no-edit")
    shutil.copytree(
        torn.folder / ".schemaops" / "resolutions", bob.folder / ".schemaops" / "resolutions"
    )
    bob.git("add", ".schemaops")
    bob.git("commit", "--quiet", "-m", "what was decided")
    said = bob.json("merge", "origin/main")
    assert said["clean"]
    assert len(said["decided"]) == 2
    ((mine,), (its,)) = merges(torn), merges(bob)
    assert from_bytes(mine.read_bytes()).sections == from_bytes(its.read_bytes()).sections


@pytest.mark.parametrize(("option", "name"), [("--ours", "contact"), ("--theirs", "mail")])
def test_all_that_is_left_is_decided_at_once(torn: Project, option: str, name: str) -> None:
    torn("merge", "topic", code=1)
    torn("merge", option)
    assert f"users.{name}" in torn("schema", "@")
    assert len(torn.heads()) == 1


def test_an_order_is_a_decision_where_it_settles_the_conflict(shop: Project) -> None:
    shop.fork(USERS, "UPDATE users SET n = n + 1", "UPDATE users SET n = n * 2")
    (conflict,) = shop.json("merge", "topic", code=1)["conflicts"]
    name = conflict["id"]
    assert "order theirs-first" in conflict["resolutions"]
    shop("resolve", name, "--order", "theirs-first")
    said = shop.json("merge", "--continue")
    # Ours ran already, so it is the merge's order only for who comes from theirs.
    assert [one["sql"] for one in said["theirs_to_merged"]] == ["UPDATE users SET n = n + 1"]


def test_a_decision_can_be_taken_anew(torn: Project) -> None:
    torn("merge", "topic", code=1)
    rename, phone = (one["id"] for one in torn.json("resolve", code=1)["conflicts"])
    torn("resolve", rename, "--ours", code=1)
    torn("resolve", phone, "--ours")
    torn("resolve", rename, "--theirs")
    torn("merge", "--continue")
    assert "users.mail" in torn("schema", "@")


def test_what_is_no_decision_is_refused_with_those_there_are(torn: Project) -> None:
    assert "SO332" in torn("resolve", code=2)
    torn("merge", "topic", code=1)
    rename, _ = (one["id"] for one in torn.json("resolve", code=1)["conflicts"])
    before = kept(torn)
    for words, code in (
        ((), "SO335"),
        (("--ours", "--theirs"), "SO335"),
        (("--order", "ours-first"), "SO335"),
        (("--order", "sideways"), "SO335"),
        (("--edit", "nowhere.sql"), "SO711"),
    ):
        printed = torn("resolve", rename, *words, code=2)
        assert code in printed
    assert "SO334" in torn("resolve", "0f0f0f", "--ours", code=2)
    assert "SO335" in torn("resolve", "--ours", code=2)
    assert kept(torn) == before


def test_a_decision_that_cannot_be_carried_out_is_not_kept(torn: Project) -> None:
    torn("merge", "topic", code=1)
    rename, phone = (one["id"] for one in torn.json("resolve", code=1)["conflicts"])
    torn("resolve", phone, "--ours", code=1)
    (torn.folder / "edit.sql").write_text("ALTER TABLE nowhere ADD COLUMN x TEXT;")
    before = kept(torn)
    printed = torn("resolve", rename, "--edit", "edit.sql", code=2)
    assert "SO320" in printed
    assert kept(torn) == before
    for hint in hints(printed):
        torn.type(hint, code=None)
    assert torn.json("status")["merging"] is None


# -- giving up


def test_giving_up_brings_everything_back(torn: Project) -> None:
    (torn.folder / "notes.txt").write_text("not git's business")
    config = torn.folder / ".schemaops" / "config.toml"
    config.write_text(f"{config.read_text()}# mine\n")
    before = kept(torn)
    torn("merge", "topic", code=1)
    assert kept(torn) != before
    for conflict in torn.json("resolve", code=1)["conflicts"]:
        torn("resolve", conflict["id"], "--ours", code=None)
    torn("merge", "--abort")
    assert kept(torn) == before
    assert "SO332" in torn("merge", "--abort", code=2)
    assert torn.json("status")["merging"] is None


def test_a_merge_that_is_made_can_be_given_up_until_it_is_committed(shop: Project) -> None:
    shop.fork(USERS, *CLEAN["carried"])
    before = kept(shop)
    shop("merge", "topic")
    shop("merge", "--abort")
    assert kept(shop) == before


def test_a_merge_of_heads_is_given_up_without_a_merge_of_git(torn: Project) -> None:
    torn.git("merge", "--quiet", "--no-edit", "topic")
    before = kept(torn)
    torn("merge", code=1)
    for conflict in torn.json("resolve", code=1)["conflicts"]:
        torn("resolve", conflict["id"], "--ours", code=None)
    torn("merge", "--abort")
    assert kept(torn) == before


def test_a_merge_that_git_gave_up_is_forgotten(torn: Project) -> None:
    torn("merge", "topic", code=1)
    torn.git("merge", "--abort")
    assert torn.json("status")["merging"] is None
    assert "SO332" in torn("merge", "--continue", code=2)
    torn("merge", "topic", code=1)


KILLED = """
import os, signal, sys
import schemaops.commands.merge, schemaops.commands.rehearsal, schemaops.store.git
from schemaops.cli.app import run
WRITES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir"}
for line in sys.stdin:
    left = int(line)
    def count(event, arguments):
        global left
        opened = event == "open" and isinstance(arguments[2], int) and arguments[2] & (
            os.O_WRONLY | os.O_RDWR
        )
        if opened or event in WRITES:
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    child = os.fork()
    if not child:
        sys.addaudithook(count)
        os._exit(run(["merge", "topic", "--ours"]))
    print("ended", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def test_killed_at_any_write_it_can_be_given_up(torn: Project) -> None:
    before = kept(torn)
    ended = []
    with subprocess.Popen(
        [sys.executable, "-c", KILLED],
        cwd=torn.folder,
        env={**torn.environ, "PYTHONPATH": ":".join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as driver:
        assert driver.stdin is not None
        assert driver.stdout is not None
        while 0 not in ended:
            driver.stdin.write(f"{len(ended)}\n")
            driver.stdin.flush()
            said = next(line for line in driver.stdout if line.startswith("ended "))
            ended.append(int(said.removeprefix("ended ")))
            begun = (torn.folder / ".git" / "MERGE_HEAD").exists()
            torn("merge", "--abort", code=0 if begun else 2)
            assert kept(torn) == before, f"killed at write {len(ended) - 1}"
        driver.stdin.close()
    assert set(ended[:-1]) == {-9}
    assert len(ended) > 10, ended


# -- git's own conflicts, and what stands in the way


def test_git_goes_first_and_is_waited_for(shop: Project) -> None:
    shop.fork(USERS, *CLEAN["carried"])
    for branch, text in (("topic", "theirs"), ("main", "ours")):
        shop.git("switch", "--quiet", branch)
        (shop.folder / "code.py").write_text(text)
        shop.git("add", "code.py")
        shop.git("commit", "--quiet", "-m", text)
    before = kept(shop)
    assert shop.json("merge", "topic", "--dry-run", code=1)["git_conflicts"] == ["code.py"]
    assert kept(shop) == before
    printed = shop("merge", "topic", code=1)
    assert "git conflict: code.py" in printed
    assert "SO424" in shop("merge", "--continue", code=1)
    shop("merge", "--abort")
    assert kept(shop) == before
    shop("merge", "topic", code=1)
    (shop.folder / "code.py").write_text("both")
    shop.git("add", "code.py")
    shop("merge", "--continue")
    shop.git("commit", "--quiet", "--no-edit")
    assert len(shop.heads()) == 1
    assert (shop.folder / "code.py").read_text() == "both"


def test_what_cannot_begin_changes_nothing(torn: Project) -> None:
    before = kept(torn)
    assert "SO423" in torn("merge", "nowhere", code=2)
    assert "SO333" in torn("merge", "topic", "--abort", code=2)
    assert "SO333" in torn("merge", "--ours", "--theirs", code=2)
    assert "SO332" in torn("merge", "--continue", code=2)
    assert kept(torn) == before
    (torn.folder / "new.txt").write_text("staged")
    torn.git("add", "new.txt")
    before = kept(torn)
    assert "SO422" in torn("merge", "topic", code=1)
    assert kept(torn) == before
    assert torn.json("status")["merging"] is None
    torn.git("rm", "--quiet", "--force", "new.txt")
    torn("merge", "topic", code=1)
    assert "SO433" in torn("merge", "topic", code=2)


def test_a_damaged_note_of_the_merge_is_told(torn: Project) -> None:
    torn("merge", "topic", code=1)
    (torn.folder / ".git" / "schemaops" / "merging.json").write_text("{")
    assert "SO339" in torn("merge", "--continue", code=3)
