from __future__ import annotations

import subprocess

import pytest

from schemaops.history.format import from_bytes
from tests.engines import Server, fresh_database
from tests.unit.commands.project import Project


def test_the_id_is_what_git_gives_the_bytes(shop: Project) -> None:
    (file,) = shop.revisions
    listed = subprocess.run(
        ["git", "hash-object", file], capture_output=True, text=True, check=True
    )
    shown = shop.json("log")["revisions"][0]
    assert shown["id"] == listed.stdout.strip()
    assert file.name.startswith(shown["id"][:12] + "-")
    assert shop.git("status", "--short") == ""


def test_a_draft_is_sealed_staged_and_gone(shop: Project) -> None:
    shop.run("new", "Add orders")
    draft = ".schemaops/drafts/add-orders.sql"
    assert shop.json("status")["drafts"] == ["add-orders.sql"]
    with (shop.folder / draft).open("a") as file:
        file.write("CREATE TABLE orders (id INTEGER PRIMARY KEY); -- the author's\n")
    sealed = shop.json("commit")
    assert sealed["message"] == "Add orders"
    assert not (shop.folder / draft).exists()
    assert shop.git("status", "--short").split() == ["A", sealed["file"]]
    revision = from_bytes((shop.folder / sealed["file"]).read_bytes())
    assert revision.up == "CREATE TABLE orders (id INTEGER PRIMARY KEY); -- the author's\n"
    assert revision.down == "DROP TABLE orders;\n"
    assert revision.author == "Ada Example <ada@example.org>"


def test_of_several_drafts_one_is_named(shop: Project) -> None:
    for name in ("First", "Second"):
        shop.run("new", name)
        with (shop.folder / f".schemaops/drafts/{name.lower()}.sql").open("a") as file:
            file.write(f"CREATE TABLE {name} (id INT);\n")
    told = shop.run("commit", code=1)
    assert "error[SO724]" in told
    assert shop.json("commit", "second")["message"] == "Second"
    assert shop.json("commit")["message"] == "First"


def test_a_file_of_sql_is_sealed_and_stays(shop: Project) -> None:
    shop.write("orders.sql", "CREATE TABLE orders (id INT);\n")
    assert "error[SO717]" in shop.run("commit", "orders.sql", code=2)
    shop.run("commit", "orders.sql", "-m", "Orders")
    assert (shop.folder / "orders.sql").exists()


def test_amending_replaces_the_head_and_says_so(shop: Project) -> None:
    first = shop.seal("Age", "ALTER TABLE customers ADD COLUMN age INT")
    again = shop.json("commit", "--amend", "--sql", "ALTER TABLE customers ADD COLUMN age BIGINT")
    assert again["replaces"] == first
    assert again["message"] == "Age"
    ids = [one["id"] for one in shop.json("log")["revisions"]]
    assert again["id"] in ids
    assert first not in ids
    renamed = shop.json("commit", "--amend", "-m", "Their age")
    assert renamed["migration"] == again["migration"]
    assert len(shop.revisions) == 2


def test_a_merge_is_not_amended(shop: Project) -> None:
    shop.run("switch", "--create", "topic")
    shop.seal("Age", "ALTER TABLE customers ADD COLUMN age INT")
    shop.run("switch", "main")
    shop.seal("Town", "ALTER TABLE customers ADD COLUMN town TEXT")
    shop.run("merge", "topic")
    assert "error[SO725]" in shop.run("commit", "--amend", "-m", "x", code=2)


def test_a_down_of_the_authors_own_is_kept_when_it_restores_the_schema(shop: Project) -> None:
    up = "ALTER TABLE customers ADD COLUMN age INT;"
    shop.write("a.sql", f"-- message: Age\n\n{up}\n\n-- down\nALTER TABLE customers DROP age;\n")
    sealed = shop.json("commit", "a.sql")
    assert (sealed["down"], sealed["down_generated"]) == (
        "ALTER TABLE customers DROP age;\n",
        False,
    )


def test_a_down_that_falls_short_is_refused_with_what_is_missing(shop: Project) -> None:
    up = "ALTER TABLE customers ADD COLUMN age INT; CREATE INDEX by_age ON customers (age);"
    shop.write("a.sql", f"-- message: Age\n\n{up}\n\n-- down\nDROP INDEX by_age;\n")
    told = shop.run("commit", "a.sql", code=1)
    assert "error[SO720]" in told
    assert "a.sql:6" in told
    assert "left: column customers.age" in told
    assert len(shop.revisions) == 1


def test_faults_are_told_with_the_line_of_the_file(shop: Project) -> None:
    shop.write("a.sql", "-- message: A\n\n\nDROP TABLE one;\n\nDROP TABLE two;\n\n-- down\nX;\n")
    told = shop.run("commit", "a.sql", code=2)
    assert "there is no table one\n  at: a.sql:4" in told
    assert "there is no table two\n  at: a.sql:6" in told


def test_what_the_engine_refuses_is_not_sealed(shop: Project) -> None:
    told = shop.run(
        "commit",
        "-m",
        "Bad",
        "--sql",
        "CREATE TRIGGER t AFTER INSERT ON customers BEGIN SELECT nonsense(; END",
        code=2,
    )
    assert "error[SO" in told
    assert len(shop.revisions) == 1


def test_an_effect_is_observed_and_written_down(shop: Project) -> None:
    strange = "CREATE TABLE t (a TEXT, b TEXT, UNIQUE (a COLLATE NOCASE, b))"
    sealed = shop.json("commit", "-m", "Strange", "--sql", strange)
    assert sealed["rehearsed"] is not None
    revision = from_bytes((shop.folder / sealed["file"]).read_bytes())
    (effect,) = [one for one in revision.effects if "create" in one.operations[0]]
    assert effect.how.startswith("observed on sqlite ")
    assert '"what": "table"' in effect.operations[0]
    # Without a rehearsal the effect is known from the file alone.
    assert shop.json("schema", "@")["fingerprint"] == sealed_fingerprint(shop)


def sealed_fingerprint(shop: Project) -> str:
    shop.run("replay", "dev")
    return str(shop.json("schema", "env:dev")["fingerprint"])


def test_an_effect_is_declared_in_a_comment(shop: Project) -> None:
    shop.write("a.sql", "-- message: Pragma\n\n-- effect: none\nPRAGMA optimize;\n")
    sealed = shop.json("commit", "a.sql")
    revision = from_bytes((shop.folder / sealed["file"]).read_bytes())
    assert [effect.how for effect in revision.effects] == ["declared"]


def test_losses_are_told_and_kept(shop: Project) -> None:
    sealed = shop.json("commit", "-m", "Drop", "--sql", "ALTER TABLE customers DROP COLUMN email")
    assert sealed["losses"] == [{"address": "customers.email", "what": "values", "line": 1}]
    revision = from_bytes((shop.folder / sealed["file"]).read_bytes())
    assert len(revision.losses) == 1


def test_two_heads_are_merged_before_anything_is_built_on_them(shop: Project) -> None:
    shop.run("switch", "--create", "topic")
    shop.seal("Age", "ALTER TABLE customers ADD COLUMN age INT")
    shop.run("switch", "main")
    shop.seal("Town", "ALTER TABLE customers ADD COLUMN town TEXT")
    shop.git("merge", "--quiet", "--no-edit", "topic")
    assert "hint: schemaops merge" in shop.run("commit", "-m", "X", "--sql", "SELECT 1", code=2)


@pytest.mark.parametrize("names", [{"GIT_AUTHOR_NAME": "", "GIT_AUTHOR_EMAIL": ""}])
def test_git_has_to_know_the_author(shop: Project, names: dict[str, str]) -> None:
    shop.extra.update(names)
    told = shop.run("commit", "-m", "A", "--sql", "CREATE TABLE a (id INT)", code=2)
    assert "git config user.name" in told


def test_a_rehearsal_on_postgres_sees_what_a_do_block_does(
    empty: Project, postgres_server: Server
) -> None:
    empty.run("init", "--dialect", "postgres", "--dev", "$DEV")
    config = empty.folder / ".schemaops" / "config.toml"
    config.write_text('scratch = "$SCRATCH"\n' + config.read_text())
    with fresh_database(postgres_server) as url:
        empty.extra |= {"SCRATCH": url, "DEV": url}
        block = "DO $$ BEGIN EXECUTE 'CREATE TABLE made (id int)'; END $$"
        sealed = empty.json("commit", "-m", "Dynamic", "--sql", block)
        revision = from_bytes((empty.folder / sealed["file"]).read_bytes())
        assert next(one.how for one in revision.effects).startswith("observed on postgresql ")
        assert sealed["down"] == "DROP TABLE made;\n"
        empty.run("replay", "dev")
        assert empty.json("diff", "@", "env:dev")["equal"] is True
        empty.run("replay", "dev", "--to", "base")
        assert empty.json("schema", "env:dev")["objects"] == []


def test_a_database_that_follows_is_moved_at_once(shop: Project) -> None:
    # It is made by the first replay, and by nothing else.
    assert shop.json("commit", "-m", "A", "--sql", "CREATE TABLE a (id INT)")["moved"] == []
    shop.run("replay", "dev")
    sealed = shop.json("commit", "-m", "B", "--sql", "CREATE TABLE b (id INT)")
    assert sealed["moved"] == [
        {
            "environment": "dev",
            "revision": sealed["id"],
            "moves": [["apply", sealed["id"]]],
            "problem": None,
        }
    ]
    assert "b.id" in shop.run("schema", "env:dev")
    told = shop.run("commit", "--amend", "--sql", "CREATE TABLE b (id INT, n INT)")
    assert "dev moved to " in told
    assert "1 reverted, 1 applied" in told
    assert "replay dev" not in told
    told = shop.run("commit", "-m", "C", "--no-replay", "--sql", "CREATE TABLE c (id INT)")
    assert "dev moved" not in told
    assert "schemaops replay dev" in told
    assert len(shop.json("plan", "dev")["moves"]) == 1


def test_what_another_branch_did_there_is_left_alone(shop: Project) -> None:
    shop.git("switch", "--quiet", "-c", "topic")
    shop.seal("A", "CREATE TABLE a (id INT)")
    shop.run("replay", "dev")
    shop.git("switch", "--quiet", "main")
    told = shop.run("commit", "-m", "B", "--sql", "CREATE TABLE b (id INT)")
    assert "dev was not moved: 1 revision of another branch would be reverted there" in told
    assert "schemaops replay dev" in told
    assert "a.id" in shop.run("schema", "env:dev")


def test_amending_twice_names_the_revision_that_git_knows(shop: Project) -> None:
    first = shop.seal("Age", "ALTER TABLE customers ADD COLUMN age INT")
    shop.run("commit", "--amend", "--sql", "ALTER TABLE customers ADD COLUMN age BIGINT")
    twice = shop.json("commit", "--amend", "--sql", "ALTER TABLE customers ADD COLUMN age TEXT")
    assert twice["replaces"] == first
    shop.git("commit", "--quiet", "-m", "amended")
    third = shop.json("commit", "--amend", "--sql", "ALTER TABLE customers ADD COLUMN age DATE")
    assert third["replaces"] == twice["id"]


def test_one_opaque_statement_that_does_two_things_is_refused(
    empty: Project, postgres_server: Server
) -> None:
    empty.run("init", "--dialect", "postgres")
    where = postgres_server.url.set(drivername="postgresql").render_as_string(hide_password=False)
    config = empty.folder / ".schemaops" / "config.toml"
    config.write_text(f'scratch = "$SCRATCH_URL"\n{config.read_text()}')
    empty.extra["SCRATCH_URL"] = where
    step = (
        "DO $$ BEGIN IF to_regclass('a') IS NULL THEN EXECUTE 'CREATE TABLE a (id int)';"
        " ELSE EXECUTE 'CREATE TABLE b (id int)'; END IF; END $$"
    )
    told = empty.run("commit", "-m", "Twice", "--sql", f"{step};\n{step};", code=2)
    assert "error[SO722]" in told
    assert "line 2" in told
    same = "DO $$ BEGIN EXECUTE 'CREATE TABLE IF NOT EXISTS a (id int)'; END $$"
    assert "error" in empty.run("commit", "-m", "Twice", "--sql", f"{same};\n{same};", code=2)
    empty.run("commit", "-m", "Once", "--sql", f"{same};")
