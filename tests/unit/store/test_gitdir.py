"""What is read without libgit2 is what libgit2 reads."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from schemaops.store.git import Repository
from schemaops.store.gitdir import find_git


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    main = tmp_path / "main"
    git(tmp_path, "init", "-b", "trunk", str(main))
    git(main, "commit", "--allow-empty", "-m", "first")
    git(main, "branch", "feature/x")
    git(main, "worktree", "add", str(tmp_path / "linked"), "feature/x")
    git(main, "-c", "protocol.file.allow=always", "submodule", "add", str(main), "part")
    detached = tmp_path / "detached"
    git(tmp_path, "clone", str(main), str(detached))
    git(detached, "checkout", "--detach")
    unborn = tmp_path / "unborn"
    git(tmp_path, "init", "-b", "new", str(unborn))
    below = main / "a" / "b"
    below.mkdir(parents=True)
    return {
        "main": main,
        "below": below,
        "linked": tmp_path / "linked",
        "submodule": main / "part",
        "detached": detached,
        "unborn": unborn,
    }


@pytest.mark.parametrize("where", ["main", "below", "linked", "submodule", "detached", "unborn"])
def test_both_say_the_same(places: dict[str, Path], where: str) -> None:
    found = find_git(places[where])
    repository = Repository.discover(places[where])
    assert found is not None
    assert (found.own, found.common, found.top, found.branch()) == (
        repository.own,
        repository.common,
        repository.top,
        repository.branch(),
    )


def test_no_repository(tmp_path: Path) -> None:
    assert find_git(tmp_path) is None
    (tmp_path / ".git").write_text("something else\n")
    assert find_git(tmp_path) is None
