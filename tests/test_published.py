"""What other repositories use of this one: the hooks of `.pre-commit-hooks.yaml`, and `action.yml`."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


class Project:
    """A git repository that keeps a schema's history, and `schemaops` on its PATH."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "project"
        self.directory.mkdir()
        command = directory / "bin" / "schemaops"
        command.parent.mkdir()
        command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m schemaops "$@"\n')
        command.chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        self.run("git init --quiet --initial-branch=main")
        self.run("schemaops init --dialect sqlite")
        self.seal("users", "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);")

    def run(self, script: str, code: int = 0, **environment: str) -> str:
        """Run a script of the shell; return what it prints."""
        ran = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=self.directory,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == code, f"{script}\n{ran.stdout}{ran.stderr}"
        return ran.stdout + ran.stderr

    def seal(self, message: str, sql: str) -> None:
        """Seal SQL as a revision, and commit it to git."""
        self.run(f"schemaops commit -m {shlex.quote(message)} --sql {shlex.quote(sql)}")
        self.run(f"git add -A && git commit --quiet -m {shlex.quote(message)}")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_the_hook_lets_sealed_revisions_pass_and_refuses_edited_ones(project: Project) -> None:
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text()
    (entry,) = re.findall(r"^  entry: (.+)$", hooks, re.MULTILINE)
    project.run(entry)

    (revision,) = project.directory.glob(".schemaops/revisions/*.sql")
    revision.write_bytes(revision.read_bytes().replace(b"email", b"mail"))
    project.run("git add -A")
    assert revision.name in project.run(entry, code=1)


def test_the_action_says_what_conflicts_and_fails(project: Project, tmp_path: Path) -> None:
    project.run("git checkout --quiet -b topic")
    project.seal("mail", "ALTER TABLE users RENAME COLUMN email TO mail;")
    project.run("git checkout --quiet main")
    project.seal("contact", "ALTER TABLE users RENAME COLUMN email TO contact;")
    summary, output = tmp_path / "summary", tmp_path / "output"
    project.run(
        _last_script(ROOT / "action.yml"),
        code=1,
        BASE="main",
        HEAD=project.run("git rev-parse topic").strip(),
        DIRECTORY=".",
        RUNNER_TEMP=str(tmp_path),
        GITHUB_OUTPUT=str(output),
        GITHUB_STEP_SUMMARY=str(summary),
    )
    assert "SO301" in summary.read_text()
    (comment,) = re.findall(r"^comment=(.+)$", output.read_text(), re.MULTILINE)
    assert Path(comment).read_text() == summary.read_text()


def _last_script(action: Path) -> str:
    return textwrap.dedent(action.read_text().rpartition("run: |\n")[2])
