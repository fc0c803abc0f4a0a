"""A project in a folder, and the commands typed there, for tests of what commands do."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemaops.commands.workspace import Workspace, open_workspace
from tests.transcripts.sessions import typed

__all__ = ["Project"]


@dataclass
class Project:
    """A folder to work in; `extra` are further variables of the environment."""

    folder: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environ(self) -> Mapping[str, str]:
        return {**os.environ, **self.extra}

    @property
    def workspace(self) -> Workspace:
        """The project, opened anew."""
        return open_workspace(self.folder, self.environ)

    def run(self, *arguments: str, code: int = 0) -> str:
        """Type a command that ends with `code`; return what it printed."""
        printed, ended = typed(list(arguments), self.folder, self.environ)
        assert ended == code, printed
        return printed

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Type a command with `--json`; return the object that it printed."""
        return json.loads(self.run(*arguments, "--json", code=code))

    def git(self, *arguments: str) -> str:
        """Run git there; return what it printed."""
        ran = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env=dict(self.environ),
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout

    def seal(self, message: str, sql: str) -> str:
        """Seal a migration and commit it in git; return the revision's id."""
        sealed = self.json("commit", "-m", message, "--sql", sql)
        self.git("commit", "--quiet", "--message", message)
        return str(sealed["id"])

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    @property
    def revisions(self) -> list[Path]:
        """The files of revisions."""
        return sorted((self.folder / ".schemaops" / "revisions").glob("*.sql"))
