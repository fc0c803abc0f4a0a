"""A project in a git repository of its own, in which commands are typed as a person would."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.transcripts.sessions import typed

__all__ = ["Project", "kept"]


@dataclass
class Project:
    """A folder with a repository, and who works there."""

    folder: Path
    author: str = "Ada"
    environ: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    @classmethod
    def begun(cls, folder: Path, dialect: str = "sqlite", *options: str) -> Project:
        """Return a new project, committed."""
        folder.mkdir(parents=True, exist_ok=True)
        project = cls(folder)
        project.git("init", "--quiet", "-b", "main")
        project("init", "--dialect", dialect, *options)
        project.git("commit", "--quiet", "-m", "begin")
        return project

    def clone(self, folder: Path, author: str) -> Project:
        """Return a clone in which somebody else works."""
        self.git("clone", "--quiet", str(self.folder), str(folder))
        return Project(folder, author)

    def __call__(self, *arguments: str, code: int | None = 0) -> str:
        """Type a command; return what it printed, its exit code being `code`."""
        environ = {
            **self.environ,
            "GIT_AUTHOR_NAME": self.author,
            "GIT_AUTHOR_EMAIL": f"{self.author.lower()}@example.org",
        }
        printed, ended = typed(list(arguments), self.folder, environ)
        assert code in (ended, None), (
            f"schemaops {shlex.join(arguments)} ended with {ended}:\n{printed}"
        )
        return printed

    def type(self, line: str, code: int | None = 0) -> str:
        """Type a whole line, as a hint has it."""
        program, *words = shlex.split(line)
        if program == "git":
            return self.git(*words)
        assert program == "schemaops", line
        return self(*words, code=code)

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Type a command with ``--json``; return what it says."""
        return json.loads(self(*arguments, "--json", code=code))

    def git(self, *words: str) -> str:
        """Run git here."""
        done = subprocess.run(
            ["git", *words], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"git {shlex.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout.rstrip("\n")

    def seal(self, message: str, sql: str, *options: str) -> str:
        """Seal and commit a migration; return its id."""
        made = self.json("commit", "-m", message, "--sql", sql, *options)
        self.git("commit", "--quiet", "-m", message)
        return str(made["id"])

    def fork(self, base: str, ours: str, theirs: str) -> tuple[str, str, str]:
        """Seal a base, theirs on the branch `topic`, and ours on `main`, which is current."""
        made = self.seal("Base", base)
        self.git("switch", "--quiet", "-c", "topic")
        its = self.seal("Theirs", theirs)
        self.git("switch", "--quiet", "main")
        mine = self.seal("Ours", ours)
        return made, mine, its

    def heads(self) -> list[str]:
        """Return the heads of the work tree."""
        return [head["id"] for head in self.json("status", code=None)["heads"]]

    def revision(self, revision: str) -> str:
        """Return the text of a revision's file."""
        (file,) = (self.folder / ".schemaops" / "revisions").glob(f"{revision[:12]}-*.sql")
        return file.read_text()


def kept(project: Project) -> dict[str, bytes | str]:
    """Return everything that giving up a merge must bring back: files, index, HEAD, branches."""
    files = {
        str(path.relative_to(project.folder)): path.read_bytes()
        for path in sorted(project.folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(project.folder).parts
    }
    return {
        **files,
        "index": project.git("ls-files", "--stage"),
        "branches": project.git("for-each-ref"),
        "HEAD": project.git("rev-parse", "--symbolic-full-name", "HEAD"),
        "state": project.git("status", "--porcelain=v2", "--branch"),
    }
