"""What git's folder says in plain files: where it is and which branch is current.

Read without libgit2, whose loading takes longer than everything else that `status` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["GitFolder", "find_git"]


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
