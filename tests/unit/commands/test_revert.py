"""Reverting: a revision that undoes an earlier one, as it reads after all that came since."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemaops.history.format import from_bytes
from tests.projects import Project, kept

USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)"


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    project = Project.begun(tmp_path / "shop")
    project.seal("Add users", USERS)
    return project


def up(project: Project, revision: str) -> str:
    return from_bytes(project.revision(revision).encode()).up


def test_the_schema_is_what_it_was_without_it(shop: Project) -> None:
    gone = shop.seal("Add age", "ALTER TABLE users ADD COLUMN age INTEGER")
    shop.seal("Rename", "ALTER TABLE users RENAME TO people")
    said = shop.json("revert", gone[:7])
    assert up(shop, said["id"]) == "ALTER TABLE people DROP COLUMN age;\n"
    assert said["message"].startswith('Revert "Add age"')
    assert gone in said["message"]
    assert said["down"] == "ALTER TABLE people ADD COLUMN age INTEGER;\n"
    assert "age" not in shop("schema", "@")
    assert f".schemaops/revisions/{said['id'][:12]}-revert-add-age.sql" in shop.git(
        "diff", "--cached", "--name-only"
    )
    shop("replay", "dev")


def test_the_author_s_own_way_back_is_taken(shop: Project) -> None:
    (shop.folder / "age.sql").write_text(
        "ALTER TABLE users ADD COLUMN age INTEGER;\n"
        "-- down\n"
        "UPDATE users SET email = 'none';\nALTER TABLE users DROP COLUMN age;\n"
    )
    gone = shop.json("commit", "-m", "Add age", "age.sql")["id"]
    shop.seal("More", "CREATE TABLE more (id INTEGER)")
    assert "UPDATE users SET email = 'none';" in up(shop, shop.json("revert", gone)["id"])


def test_what_was_reverted_can_be_reverted_again(shop: Project) -> None:
    gone = shop.seal("Add age", "ALTER TABLE users ADD COLUMN age INTEGER")
    before = shop("schema", "@")
    back = shop.json("revert", gone)["id"]
    assert "nothing that" in shop("revert", gone, code=2)
    shop("revert", back)
    assert shop("schema", "@") == before


def test_what_builds_on_it_is_named_and_can_go_with_it(shop: Project) -> None:
    gone = shop.seal("Add orders", "CREATE TABLE orders (id INTEGER)")
    second = shop.seal("Add total", "ALTER TABLE orders ADD COLUMN total INTEGER")
    third = shop.seal("Index", "CREATE INDEX by_total ON orders (total)")
    shop.seal("Beside", "CREATE TABLE beside (id INTEGER)")
    before = kept(shop)
    printed = shop("revert", gone, code=1)
    assert "SO337" in printed
    for revision in (second, third):
        assert f"schemaops revert {revision[:7]}" in printed
    assert kept(shop) == before
    hint = f"schemaops revert {gone} --with-dependants"
    assert hint in printed
    shop.type(hint)
    schema = shop("schema", "@")
    assert "orders" not in schema
    assert "beside" in schema
    (made,) = shop.heads()
    message = from_bytes(shop.revision(made).encode()).message
    assert all(one in message for one in (gone, second, third))


def test_what_another_branch_brought_is_reverted_alone(shop: Project) -> None:
    shop.git("switch", "--quiet", "-c", "topic")
    gone = shop.seal("Index", "CREATE INDEX by_email ON users (email)")
    shop.git("switch", "--quiet", "main")
    shop.seal("Rename", "ALTER TABLE users RENAME COLUMN email TO mail")
    shop("merge", "topic")
    shop.git("commit", "--quiet", "--no-edit")
    (head,) = shop.heads()
    assert "SO343" in shop("revert", head, code=1)
    assert up(shop, shop.json("revert", gone)["id"]) == "DROP INDEX by_email;\n"


def test_a_range_is_undone_and_what_came_later_stays(shop: Project) -> None:
    start = shop.seal("Name", "ALTER TABLE users ADD COLUMN name TEXT")
    shop.seal("Age", "ALTER TABLE users ADD COLUMN age INTEGER")
    end = shop.seal("Index", "CREATE INDEX by_age ON users (age)")
    shop.seal("Rename", "ALTER TABLE users RENAME TO people")
    said = shop.json("revert", f"{start[:7]}..{end[:7]}")
    assert up(shop, said["id"]) == "DROP INDEX by_age;\nALTER TABLE people DROP COLUMN age;\n"
    assert said["message"].startswith(f"Revert {start[:7]}..{end[:7]}\n")
    assert "people.name" in shop("schema", "@")
    shop("replay", "dev")
    assert "SO336" in shop("revert", f"{end}..{start}", code=2)


def test_what_builds_on_a_range_is_named(shop: Project) -> None:
    start = shop.heads()[0]
    end = shop.seal("Orders", "CREATE TABLE orders (id INTEGER)")
    later = shop.seal("Total", "ALTER TABLE orders ADD COLUMN total INTEGER")
    printed = shop("revert", f"{start[:7]}..{end[:7]}", code=1)
    assert f"{later[:7]} Total" in printed
    hint = f"schemaops revert {start[:7]}..{end[:7]} --with-dependants"
    assert hint in printed
    shop.type(hint)
    assert "orders" not in shop("schema", "@")


def test_what_a_merge_brought_is_undone_and_one_side_stays(shop: Project) -> None:
    shop.git("switch", "--quiet", "-c", "topic")
    shop.seal("Index", "CREATE INDEX by_email ON users (email)")
    theirs = shop.seal("Age", "ALTER TABLE users ADD COLUMN age INTEGER")
    shop.git("switch", "--quiet", "main")
    ours = shop.seal("Rename", "ALTER TABLE users RENAME COLUMN email TO mail")
    before = shop("schema", "@")
    shop("merge", "topic")
    shop.git("commit", "--quiet", "--no-edit")
    (merge,) = shop.heads()
    later = shop.seal("Later", "CREATE TABLE later (id INTEGER)")
    printed = shop("revert", merge[:7], code=1)
    assert "which side stays" in printed
    assert f"schemaops revert {merge[:7]} --keep {ours[:7]}" in printed
    said = shop.json("revert", merge[:7], "--keep", ours[:7])
    assert up(shop, said["id"]) == "ALTER TABLE users DROP COLUMN age;\nDROP INDEX by_email;\n"
    assert said["message"].startswith(f"Revert the merge {merge[:7]}\n")
    shop("replay", "dev")
    shop.git("commit", "--quiet", "-m", "revert")
    shop("revert", later)
    assert shop("schema", "@") == before
    # The other way round the rename goes, and what topic brought stays.
    shop.git("reset", "--quiet", "--hard", "HEAD~1")
    said = shop.json("revert", merge[:7], "--keep", "topic")
    assert up(shop, said["id"]) == "ALTER TABLE users RENAME COLUMN mail TO email;\n"
    assert "SO343" in shop("revert", merge[:7], "--keep", later[:7], code=1)
    assert "SO336" in shop("revert", theirs, "--keep", ours, code=2)


def test_what_builds_on_a_merge_is_brought_along(shop: Project) -> None:
    shop.git("switch", "--quiet", "-c", "topic")
    shop.seal("Orders", "CREATE TABLE orders (id INTEGER)")
    shop.git("switch", "--quiet", "main")
    ours = shop.seal("Name", "ALTER TABLE users ADD COLUMN name TEXT")
    shop("merge", "topic")
    shop.git("commit", "--quiet", "--no-edit")
    (merge,) = shop.heads()
    total = shop.seal("Total", "ALTER TABLE orders ADD COLUMN total INTEGER")
    printed = shop("revert", merge[:7], "--keep", ours[:7], code=1)
    hint = f"schemaops revert {merge[:7]} --keep {ours[:7]} --with-dependants"
    assert hint in printed
    shop.type(hint)
    assert "orders" not in shop("schema", "@")
    (made,) = shop.heads()
    assert total in from_bytes(shop.revision(made).encode()).message


def test_what_cannot_be_reverted_is_told(shop: Project) -> None:
    shop.git("switch", "--quiet", "-c", "topic")
    elsewhere = shop.seal("Elsewhere", "CREATE TABLE a (id INTEGER)")
    shop.git("switch", "--quiet", "main")
    rows = shop.seal("Rows", "UPDATE users SET email = 'x'")
    before = kept(shop)
    for spec in ("base", "topic", rows):
        assert "SO336" in shop("revert", spec, code=2)
    assert "SO412" in shop("revert", elsewhere, code=2)
    assert kept(shop) == before
