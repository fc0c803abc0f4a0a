"""Merging several branches in one: clean ones make one revision, whoever names them in which order."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemaops.history.format import from_bytes
from tests.projects import Project, kept

USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, name TEXT)"
BRANCHES = {
    "mail": "ALTER TABLE users RENAME COLUMN email TO mail",
    "index": "CREATE INDEX by_mail ON users (email)",
    "view": "CREATE TABLE logs (id INTEGER);\nCREATE VIEW v AS SELECT email FROM users",
    "address": "ALTER TABLE users RENAME COLUMN email TO address",
}


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    project = Project.begun(tmp_path / "shop")
    project.seal("Base", USERS)
    for name, sql in BRANCHES.items():
        project.git("switch", "--quiet", "-c", name, "main")
        project.seal(name.title(), sql)
    project.git("switch", "--quiet", "main")
    return project


def merges(project: Project) -> list[Path]:
    folder = project.folder / ".schemaops" / "revisions"
    return [f for f in sorted(folder.iterdir()) if len(from_bytes(f.read_bytes()).parents) > 1]


@pytest.mark.parametrize(
    ("current", "named"),
    [("main", ("mail", "index", "view")), ("view", ("index", "mail")), ("index", ("view", "mail"))],
)
def test_clean_branches_make_one_revision_in_whatever_order(
    shop: Project, tmp_path: Path, current: str, named: tuple[str, ...]
) -> None:
    shop.git("switch", "--quiet", current)
    told = shop("merge", *named, "--dry-run")
    assert merges(shop) == []
    assert f"would merge {', '.join(named)} as" in told
    shop("merge", *named)
    (file,) = merges(shop)
    value = from_bytes(file.read_bytes())
    assert len(value.parents) == len(value.sections) == 3
    assert list(value.parents) == sorted(value.parents)
    assert value.author is None
    shop.git("commit", "--quiet", "--no-edit")
    assert "sound" in shop("fsck")
    assert shop.heads() == [shop.json("status")["heads"][0]["id"]]
    bob = shop.clone(tmp_path / "bob", "Bob")
    bob.git("switch", "--quiet", "mail")
    bob("merge", "origin/view", "origin/index")
    (its,) = merges(bob)
    assert (its.name, its.read_bytes()) == (file.name, file.read_bytes())


def test_a_database_goes_along_from_every_side_and_back(shop: Project) -> None:
    shop("merge", "mail", "index", "view")
    shop.git("commit", "--quiet", "--no-edit")
    (file,) = merges(shop)
    for parent in from_bytes(file.read_bytes()).parents:
        shop("replay", "dev", "--to", parent)
        shop("replay", "dev")
    assert "differs" not in shop("verify")


def test_branches_at_odds_are_told_by_pairs_and_nothing_changes(shop: Project) -> None:
    before = kept(shop)
    printed = shop("merge", "mail", "address", "view", code=1)
    assert "SO344" in printed
    assert "at odds: mail and address (1 conflict)" in printed
    assert "mail and view" not in printed
    assert kept(shop) == before
    for line in ("schemaops merge --plan mail address view", "schemaops merge mail"):
        assert line in printed
        shop.type(line, code=None)


def test_giving_up_brings_everything_back(shop: Project) -> None:
    before = kept(shop)
    shop("merge", "mail", "index", "view")
    shop("merge", "--abort")
    assert kept(shop) == before


def test_what_another_has_too_is_not_merged_twice(shop: Project) -> None:
    shop.git("switch", "--quiet", "mail")
    assert shop("merge", "main", "mail", "index").startswith("merged index as")
    assert len(from_bytes(merges(shop)[0].read_bytes()).parents) == 2
