"""Merge revisions proven on scratch databases of every engine, with rows that are made to fit."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from schemaops.commands.proving import prove_merge
from schemaops.commands.workspace import open_workspace
from schemaops.history.format import to_bytes
from schemaops.history.revision import revision_id
from schemaops.merge.bases import with_revision
from schemaops.reports.text import plain
from tests.engines import Server
from tests.projects import Project

BASE = """
CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(50), n INTEGER);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER, note VARCHAR(20));
"""
MAIL = "ALTER TABLE users RENAME COLUMN email TO mail;"
INDEX = "UPDATE users SET email = 'x' WHERE n IS NULL; CREATE INDEX by_email ON users (email);"


@pytest.fixture
def shop(engine_server: Server, tmp_path: Path) -> Project:
    url = engine_server.url.render_as_string(hide_password=False)
    project = Project.begun(tmp_path / "shop", engine_server.dialect)
    if engine_server.dialect != "sqlite":
        project.environ = {**os.environ, "SCRATCH": url}
        config = project.folder / ".schemaops" / "config.toml"
        config.write_text(f'scratch = "$SCRATCH"\n{config.read_text()}')
    return project


def proofs(project: Project) -> list[str]:
    folder = project.folder / ".schemaops" / "proofs"
    return [file.read_text() for file in sorted(folder.glob("*"))]


def test_a_merge_is_proven_and_the_proof_kept_with_it(shop: Project) -> None:
    base, mine, its = shop.fork(BASE, INDEX, MAIL)
    tried = shop.json("merge", "topic", "--dry-run", "--prove")
    assert tried["proven"] is True
    assert proofs(shop) == []
    said = shop.json("merge", "topic", "--prove")
    assert (said["proven"], said["revisions"]) != (None, [])
    (proof,) = proofs(shop)
    assert f"-- merge: {said['head']} {' '.join(sorted((mine, its)))}\n-- from: {base}\n" in proof
    assert "-- rows: 10 in 2 tables\n-- outcome: proven\n" in proof
    shop.git("commit", "--quiet", "--no-edit")
    assert shop.git("status", "--porcelain", "--", ".schemaops/proofs") == ""
    assert "with rows 10 in 2 tables" in shop("show", "@")
    # Made without it, it is the same merge, and can be proven afterwards.
    assert shop.json("merge", "--prove")["proven"] is True


def test_rows_that_a_side_refuses_are_not_held_against_the_merge(shop: Project) -> None:
    shop.fork(BASE, "CREATE UNIQUE INDEX one ON orders (note);", MAIL)
    assert shop.json("merge", "topic", "--prove")["proven"] is True
    assert "-- rows: 6 in 2 tables\n" in proofs(shop)[0]


def test_what_is_at_odds_is_borne_out(shop: Project) -> None:
    shop.fork(BASE, "UPDATE users SET n = 1;", "UPDATE users SET n = 2;")
    assert shop.json("merge", "topic", "--prove", code=1)["proven"] is True
    shop("resolve", "users", "--order", "ours-first")
    said = shop("merge", "--continue", "--prove")
    assert "whose rows need not be alike, since something was decided" in said


def test_a_wrong_merge_is_contradicted_with_a_report(shop: Project) -> None:
    shop.fork(BASE, INDEX, MAIL)
    head = shop.json("merge", "topic")["head"]
    workspace = open_workspace(shop.folder)
    states, revision = workspace.states(), workspace.tree.read(head)
    assert revision.fingerprint is not None
    url = shop.environ.get("SCRATCH")
    for wrong, apart in (
        ("DELETE FROM users", "users: 5 only from"),
        ("CREATE INDEX another ON users (n)", "create index"),
        ("DROP INDEX nowhere", "is refused"),
    ):
        first, *others = revision.sections
        piece = replace(first.up[-1], text=f"{first.up[-1].text}{wrong};\n")
        section = replace(first, up=(*first.up[:-1], piece))
        altered = replace(revision, sections=(section, *others))
        name = revision_id(to_bytes(altered))
        # What the merge comes to is what the true one does.
        known = with_revision(states, name, revision)
        said = prove_merge(known, name, altered, url)
        assert said.proof.proven is False, wrong
        assert any(apart in one for one in said.proof.apart), said.proof.apart
        shown = plain(said.lines(clean=True))
        assert "NOT PROVEN" in shown
        assert "# A clean merge that the database contradicts" in shown
        assert "UPDATE users SET email = 'x'" in shown


def test_several_branches_and_a_criss_cross_are_proven(shop: Project) -> None:
    shop.fork(BASE, INDEX, MAIL)
    shop.git("branch", "mine")
    shop.git("switch", "--quiet", "-c", "third", "main~1")
    shop.seal("Age", "ALTER TABLE users ADD COLUMN age INTEGER;")
    shop.git("switch", "--quiet", "main")
    assert shop.json("merge", "topic", "third", "--prove")["proven"] is True
    shop.git("commit", "--quiet", "--no-edit")
    shop.seal("Note", "CREATE INDEX by_note ON orders (note);")
    shop.git("switch", "--quiet", "topic")
    shop.json("merge", "mine", "--prove")
    shop.git("commit", "--quiet", "--no-edit")
    assert shop.json("merge", "main", "--prove")["proven"] is True
    assert "sound" in shop("fsck")
