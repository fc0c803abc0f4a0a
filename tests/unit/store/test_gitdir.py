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


PLAIN = (
    "[user]\n\tname = Grace <Example>\n\temail = grace@example.org\n",
    "# first\n[User]\nNAME=Grace\n; then\nemail =\tg@example.org  \nname = Ada B. \n",
)
NOT_PLAIN = (
    "",
    '[user]\n\tname = "Grace # Example"\n\temail = g@example.org ; old\n',
    "[user]\n\tname = Gr\\\n  ace\n\temail = g@example.org\n",
    "[user] name = Grace\n\temail = g@example.org\n",
    "[user]\n\tname\n\temail = g@example.org\n",
    '[user "x"]\n\tname = Not me\n[user]\n\temail = g@example.org\n',
    "[user]\n\tname = G\n\temail = g@example.org\n[include]\n\tpath = more\n",
    '[user]\n\tname = G\n\temail = g@example.org\n[includeIf "gitdir:**"]\n\tpath = more\n',
    "[extensions]\n\tworktreeConfig = true\n[user]\n\tname = G\n\temail = g@example.org\n",
)


@pytest.mark.parametrize("said", [*PLAIN, *NOT_PLAIN])
def test_the_author_is_the_one_that_libgit2_reads(
    places: dict[str, Path], tmp_path: Path, said: str
) -> None:
    config = places["main"] / ".git" / "config"
    config.write_text(config.read_text() + said)
    (places["main"] / ".git" / "more").write_text("[user]\n\tname = Included\n")
    environ = {"HOME": str(tmp_path)}
    for place in ("main", "linked", "below"):
        found = find_git(places[place])
        assert found is not None
        read = Repository.discover(places[place]).author({})
        assert found.author(environ) == (read if said in PLAIN else None)
        assert read is not None or said not in PLAIN


def test_variables_come_before_settings(places: dict[str, Path], tmp_path: Path) -> None:
    found = find_git(places["main"])
    assert found is not None
    given = {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org"}
    assert found.author({"HOME": str(tmp_path), **given}) == "Ada <ada@example.org>"
    assert found.author({"HOME": str(tmp_path), "GIT_CONFIG_COUNT": "1", **given}) is None
