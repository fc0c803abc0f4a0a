"""Commands that are killed while they write, or that the system lets write no more: nothing is half
written, and the same command typed again does it."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import schemaops
from tests.unit.commands.project import Project

_KILLED = """
import os, signal, sys
from pathlib import Path
from schemaops.cli.app import run
from schemaops.store.git.repository import Repository

left = int(sys.argv[1])

def mortal(name, owner):
    work = getattr(owner, name)
    def worked(*arguments, **named):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return work(*arguments, **named)
    setattr(owner, name, worked)

for name, owner in (("replace", Path), ("unlink", Path), ("stage", Repository), ("unstage", Repository)):
    mortal(name, owner)
sys.exit(run(sys.argv[2:]))
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "shop"
    folder.mkdir()
    project = Project(folder, {"XDG_CACHE_HOME": str(tmp_path / "cache")})
    project.run("init", "--dialect", "sqlite")
    project.seal("Customers", "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)")
    return project


def _environ(project: Project) -> dict[str, str]:
    # The one that is tested, wherever another is installed.
    return {**project.environ, "PYTHONPATH": str(Path(schemaops.__file__).parent.parent)}


def _typed(project: Project, *words: str, dies_at: int) -> int:
    ran = subprocess.run(
        [sys.executable, "-c", _KILLED, str(dies_at), *words],
        cwd=project.folder,
        env=_environ(project),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode in (0, -signal.SIGKILL), ran.stderr.decode()
    return ran.returncode


def _messages(project: Project) -> list[str]:
    return [one["message"] for one in project.json("log")["revisions"]]


@pytest.mark.parametrize("dies_at", range(1, 6))
def test_a_killed_commit_is_finished_by_the_next(project: Project, dies_at: int) -> None:
    project.run("new", "Orders")
    (draft,) = (project.folder / ".schemaops" / "drafts").iterdir()
    draft.write_text(draft.read_text() + "CREATE TABLE orders (id INTEGER PRIMARY KEY);\n")
    if _typed(project, "commit", dies_at=dies_at):
        project.run("commit")
    assert sorted(_messages(project)) == ["Customers", "Orders"]
    assert not draft.exists()
    project.run("fsck")
    staged = project.git("diff", "--cached", "--name-only", "--diff-filter=A").split()
    assert len([one for one in staged if "/revisions/" in one]) == 1


@pytest.mark.parametrize("dies_at", range(3, 8))
def test_a_killed_amendment_leaves_one_head(project: Project, dies_at: int) -> None:
    project.run("commit", "-m", "Age", "--sql", "ALTER TABLE customers ADD COLUMN age INT")
    again = ("commit", "--amend", "--sql", "ALTER TABLE customers ADD COLUMN years INT")
    if _typed(project, *again, dies_at=dies_at):
        project.run(*again)
    assert sorted(_messages(project)) == ["Age", "Customers"]
    assert "years" in project.run("show", "@")
    project.run("fsck")


@pytest.mark.parametrize("dies_at", range(0, 7, 2))
def test_a_killed_import_goes_on(tmp_path: Path, dies_at: int) -> None:
    folder = tmp_path / "shop"
    (folder / "migrations").mkdir(parents=True)
    project = Project(folder, {"XDG_CACHE_HOME": str(tmp_path / "cache")})
    for number in range(3):
        text = f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY);\n"
        project.write(f"migrations/{number}_t.up.sql", text)
    words = ("import", "golang-migrate", "migrations", "--dialect", "sqlite")
    if _typed(project, *words, dies_at=dies_at):
        project.run(*words)
    assert len(_messages(project)) == 3
    project.run("fsck")


@pytest.mark.parametrize("limit", [0, 300, 600])
@pytest.mark.parametrize(
    "words",
    [
        ("commit", "-m", "Age", "--sql", "ALTER TABLE customers ADD COLUMN age INT"),
        ("merge", "side"),
        ("import", "golang-migrate", "migrations", "--dialect", "sqlite"),
    ],
    ids=lambda words: words[0],
)
def test_a_full_disk_leaves_nothing_half_written(
    project: Project, words: tuple[str, ...], limit: int
) -> None:
    project.git("switch", "-qc", "side")
    project.seal("Size", "ALTER TABLE customers ADD COLUMN size INT")
    project.git("switch", "-q", "-")
    if words[0] == "merge":
        project.seal("Width", "ALTER TABLE customers ADD COLUMN width INT")
    before = project.git("status", "--porcelain", "--", ".schemaops")
    project.write("migrations/1_t.up.sql", "CREATE TABLE t (id INTEGER PRIMARY KEY);\n")
    if words[0] == "import":
        project = _elsewhere(project)
        before = ""
    ran = subprocess.run(
        [sys.executable, "-m", "schemaops", *words],
        cwd=project.folder,
        env=_environ(project),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert ran.returncode in (0, 3), ran.stderr
    if ran.returncode:
        assert "error[SO" in ran.stderr
        if words[0] == "merge" and (project.folder / ".git/MERGE_HEAD").exists():
            project.run("merge", "--abort")
        if (project.folder / ".git").exists():
            assert project.git("status", "--porcelain", "--", ".schemaops") == before
        project.run(*words)
    project.run("fsck")


def _elsewhere(project: Project) -> Project:
    folder = project.folder.parent / "elsewhere"
    (project.folder / "migrations").rename(folder)
    (folder / "migrations").mkdir()
    for file in folder.glob("*.sql"):
        file.rename(folder / "migrations" / file.name)
    return Project(folder, project.environ)
