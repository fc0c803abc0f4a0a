"""Merges of scripts, proven on scratch databases with rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from schemaops.commands.prove import proof
from schemaops.commands.scripts import Script, interpreted
from schemaops.merge import Merge, MergedStatement, merge
from schemaops.reports.merge import MergeFileReport
from schemaops.reports.proof import ProvenReport
from schemaops.reports.text import plain
from schemaops.schema.state import Schema
from tests.engines import Server
from tests.projects import Project

BASE = """
CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(80), age INTEGER);
INSERT INTO users VALUES (1, 'ada@example.org', 36), (2, 'bob@example.org', NULL);
"""


def proven(folder: Path, ours: str, theirs: str, *words: str, code: int) -> tuple[Any, str]:
    """What `merge-file --prove` says, as data and as text."""
    for name, text in (("base", BASE), ("ours", ours), ("theirs", theirs)):
        (folder / f"{name}.sql").write_text(text)
    typed = ("merge-file", "base.sql", "ours.sql", "theirs.sql", "--dialect", "sqlite", "--prove")
    project = Project(folder)
    return (
        json.loads(project(*typed, *words, "--json", code=code)),
        project(*typed, *words, code=code),
    )


def test_a_clean_merge_ends_alike_from_both_sides(tmp_path: Path) -> None:
    found, text = proven(
        tmp_path,
        "ALTER TABLE users RENAME COLUMN email TO mail;",
        "UPDATE users SET email = 'b@example.org' WHERE id = 2;"
        "CREATE INDEX users_email ON users (email);",
        code=0,
    )
    assert (found["clean"], found["proven"]) == (True, True)
    assert "proven on sqlite" in text


def test_conflicts_are_borne_out_by_both_orders(tmp_path: Path) -> None:
    found, text = proven(
        tmp_path,
        "UPDATE users SET age = 1;",
        "UPDATE users SET age = 2;",
        code=1,
    )
    assert (found["clean"], found["proven"]) == (False, True)
    assert "borne out on sqlite" in text
    assert "apart: rows of users" in text
    found, text = proven(
        tmp_path,
        "ALTER TABLE users DROP COLUMN age;",
        "CREATE INDEX users_age ON users (age);",
        code=1,
    )
    assert found["proven"] is True
    assert "`CREATE INDEX users_age ON users (age)` is refused: " in text


def test_that_both_orders_end_alike_here_proves_nothing(tmp_path: Path) -> None:
    found, text = proven(tmp_path, "PRAGMA legacy_file_format = ON;", INDEX, code=1)
    assert (found["clean"], found["proven"]) == (False, None)
    assert "not borne out" in text


def _read(ours: str, theirs: str) -> tuple[Any, Any, Any, Merge]:
    built = interpreted(Script("base.sql", BASE), Schema.empty("sqlite"))
    mine, its = (
        interpreted(Script(f"{name}.sql", text), built.after)
        for name, text in (("ours", ours), ("theirs", theirs))
    )
    return built, mine, its, merge(built.after, mine, its)


RENAME = "ALTER TABLE users RENAME COLUMN email TO mail;"
INDEX = "CREATE INDEX users_email ON users (email);"


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("CREATE INDEX users_email ON users (email)", "the way from ours: `CREATE INDEX"),
        ("CREATE INDEX users_email ON users (mail, age)", "the way from ours: "),
        (
            "CREATE INDEX users_email ON users (mail); DELETE FROM users WHERE id = 1",
            "rows of users: 1 only from theirs, such as (",
        ),
    ],
)
def test_a_wrong_merge_is_contradicted_loudly_with_a_report(way: str, said: str) -> None:
    built, mine, its, right = _read(RENAME, INDEX)
    wrong = Merge(
        (),
        (),
        tuple(MergedStatement(sql, "theirs:1", carried=True) for sql in way.split("; ")),
        right.theirs_to_merged,
        right.schema,
    )
    found = proof(built, mine, its, wrong)
    assert found.proven is False
    assert found.apart[0].startswith(said)
    scripts = {"base": BASE, "ours": RENAME, "theirs": INDEX}
    report = ProvenReport(MergeFileReport(wrong, found.proven), found, "sqlite", scripts)
    assert report.decision
    assert report.shape()["proven"] is False
    text = plain(report.text())
    assert "NOT PROVEN" in text
    assert "please report it" in text
    assert all(f"```sql {name}\n" in report.report() for name in (*scripts, "ours_to_merged"))


def test_a_report_holds_whatever_the_scripts_hold(tmp_path: Path) -> None:
    built, mine, its, found = _read(RENAME, INDEX)
    said = proof(built, mine, its, found)
    report = ProvenReport(
        MergeFileReport(found, True), said, "sqlite", {"base": "-- ````\nSELECT 1;"}
    )
    assert "`````sql base\n-- ````\nSELECT 1;\n`````" in report.report()


def test_a_base_that_the_database_refuses_proves_nothing(tmp_path: Path) -> None:
    (tmp_path / "base.sql").write_text(
        "CREATE TABLE t (a INTEGER); INSERT INTO t SELECT abs('x', 1)"
    )
    (tmp_path / "side.sql").write_text("CREATE TABLE u (a INTEGER);")
    typed = ("merge-file", "base.sql", "side.sql", "side.sql", "--dialect", "sqlite", "--prove")
    assert "error[SO340]" in Project(tmp_path)(*typed, code=3)


@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
def test_on_servers(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    name = {"postgres": "postgres_server", "mysql": "mariadb_server"}[dialect]
    server: Server = request.getfixturevalue(name)
    plain_url = server.url.set(drivername={"postgres": "postgresql"}.get(dialect, dialect))
    (tmp_path / "base.sql").write_text(BASE)
    (tmp_path / "ours.sql").write_text(RENAME + "INSERT INTO users (id, mail) VALUES (3, 'c');")
    (tmp_path / "theirs.sql").write_text(INDEX)
    where = plain_url.render_as_string(hide_password=False)
    found = Project(tmp_path).json(
        "merge-file", "base.sql", "ours.sql", "theirs.sql", "--dialect", dialect, "--prove", where
    )
    assert (found["clean"], found["proven"]) == (True, True)
