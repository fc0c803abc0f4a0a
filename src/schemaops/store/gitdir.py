"""What git's folder says in plain files: where it is, which branch is current, who commits.

Read without libgit2, whose loading takes longer than everything else that `status` does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["GitFolder", "author_of", "find_git"]


@dataclass(frozen=True, slots=True)
class GitFolder:
    """The folders of a repository, as seen from one of its work trees.

    `own` belongs to this work tree alone (a merge half done, the dev database); `common` is shared
    by all work trees (the cache).
    """

    own: Path
    common: Path
    top: Path

    def branch(self) -> str | None:
        """Return the name of the current branch, None where HEAD is detached or kept otherwise."""
        head = (self.own / "HEAD").read_text(encoding="utf-8", errors="surrogateescape").strip()
        name = head.removeprefix("ref: refs/heads/")
        # Where references are kept in tables, this file says `.invalid`.
        return name if name not in (head, ".invalid") else None

    def author(self, environ: Mapping[str, str]) -> str | None:
        """Return the author that git would name, None where its files do not say so plainly."""
        if any(name.startswith("GIT_CONFIG") for name in environ) or "HOME" not in environ:
            return None
        home = Path(environ["HOME"])
        own = Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "git" / "config"
        settings: dict[str, str] = {}
        for file in (Path("/etc/gitconfig"), own, home / ".gitconfig", self.common / "config"):
            found = _settings(file)
            if found is None:
                return None
            settings |= found
        return author_of(settings.get, environ)


def author_of(setting: Callable[[str], str | None], environ: Mapping[str, str]) -> str | None:
    """Return the author that git would name by its settings, `Name <address>`; None where it would
    ask."""
    name = environ.get("GIT_AUTHOR_NAME") or setting("user.name")
    email = environ.get("GIT_AUTHOR_EMAIL") or setting("user.email")
    if not name or not email:
        return None
    return f"{_crudless(name)} <{_crudless(email)}>"


def _crudless(text: str) -> str:
    return re.sub(r"[<>\n\r\0]", "", text).strip(" .,:;\"'\\\t")


_SECTION = re.compile(r"\[([\w.-]+)(?: \"[^\"\\\\]*\")?\]\Z")
_SETTING = re.compile(r"([A-Za-z][\w-]*)[ \t]*=[ \t]*([^\"\\\\;#]*)\Z")


def _settings(file: Path) -> dict[str, str] | None:
    """Return who commits by a file of git's configuration, nothing where there is none; None where
    it is not as plain as git itself writes it, or other files count as well."""
    try:
        text = file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError):
        return None
    if re.search(r"\binclude|worktreeconfig|\\\n", text, re.IGNORECASE):
        return None
    found: dict[str, str] = {}
    section = ""
    for line in map(str.strip, text.split("\n")):
        if match := _SECTION.match(line):
            section = match[1].lower() if '"' not in line else ""
        elif section == "user" and line and line[0] not in "#;":
            said = _SETTING.match(line)
            if said is None:
                return None
            found[f"user.{said[1].lower()}"] = said[2].rstrip()
        elif line.startswith("["):
            return None
    return found


def find_git(start: Path) -> GitFolder | None:
    """Return the git folders that a place belongs to, None where it is in no work tree."""
    here = start.absolute()
    for top in (here, *here.parents):
        dot = top / ".git"
        if dot.is_dir():
            own = dot
        elif dot.is_file():
            line = dot.read_text(encoding="utf-8", errors="surrogateescape").strip()
            if not line.startswith("gitdir: "):
                continue
            own = (top / line.removeprefix("gitdir: ")).resolve()
        else:
            continue
        if (own / "HEAD").is_file():
            shared = own / "commondir"
            common = (own / shared.read_text().strip()).resolve() if shared.is_file() else own
            return GitFolder(own, common, top)
    return None
