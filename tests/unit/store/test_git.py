"""What is asked of git, with git itself as the witness."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from schemaops.errors import SchemaOpsError
from schemaops.history.revision import revision_id
from schemaops.store.cache import Cache
from schemaops.store.git import (
    BranchExists,
    Change,
    DirtyWorkTree,
    GitBranch,
    GitConflict,
    IndexStore,
    MergeInProgress,
    NeedsGitItself,
    NoMergeInProgress,
    NotARepository,
    NoWorkTree,
    Repository,
    TreeStore,
    UnknownBranch,
    UnusableBranchName,
    UnusableRepository,
    WorkTreeStore,
    abort_merge,
    begin_merge,
    conflicts,
    merged_tree,
)


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


def commit(folder: Path, message: str, **files: str | None) -> str:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return everything a user could lose: files, index, HEAD, branches."""
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }
    for asked in ("status --porcelain=v2 --branch", "ls-files --stage", "for-each-ref"):
        files[f"git {asked}"] = git(folder, *asked.split()).encode()
    return files


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository with `main`, and `topic` that is one commit ahead of where it began."""
    folder = tmp_path / "shop"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder, "first", a="a\n", keep="keep\n", sub__x="x\n")
    git(folder, "switch", "--quiet", "--create", "topic")
    commit(folder, "theirs", a="a\ntopic\n", sub__new="new\n")
    git(folder, "switch", "--quiet", "main")
    return folder


@pytest.fixture
def forked(shop: Path) -> Path:
    """The same, with a commit of its own on `main`."""
    commit(shop, "ours", b="b\n")
    return shop


class TestDiscovery:
    def test_a_repository_is_found_from_below(self, shop: Path) -> None:
        repository = Repository.discover(shop / "sub")
        assert repository.top == shop
        assert repository.own == repository.common == shop / ".git"
        assert repository.branch() == "main"
        assert repository.head() == git(shop, "rev-parse", "main")

    def test_the_environment_changes_nothing_where_it_says_nothing(self, shop: Path) -> None:
        for start in (shop, shop / "sub"):
            repository = Repository.discover(start, {"HOME": "/nowhere"})
            assert repository.top == shop
            assert repository.staged() == ()

    def test_a_hook_that_git_runs_sees_what_is_being_committed(self, shop: Path) -> None:
        hook = shop / ".git" / "hooks" / "pre-commit"
        hook.write_text(
            f"#!{sys.executable}\n"
            "import os\n"
            "from pathlib import Path\n"
            "from schemaops.store.git import Repository\n"
            "repository = Repository.discover(Path.cwd(), os.environ)\n"
            "print(repository.staged(), file=open('seen', 'w'))\n"
        )
        hook.chmod(0o755)
        (shop / "a").write_text("a, changed\n")
        (shop / "keep").write_text("kept, changed\n")
        git(shop, "add", "keep")
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        subprocess.run(
            ["git", "commit", "--quiet", "-m", "only a", "a"], cwd=shop, env=environ, check=True
        )
        assert (shop / "seen").read_text() == "('a',)\n"

    def test_no_repository(self, tmp_path: Path) -> None:
        with pytest.raises(NotARepository):
            Repository.discover(tmp_path)

    def test_a_new_repository_has_its_branch_and_no_commit(self, tmp_path: Path) -> None:
        repository = Repository.create(tmp_path / "new", "trunk")
        assert repository.branch() == "trunk"
        assert repository.head() is None
        assert repository.branches() == ()
        assert repository.staged() == ()
        assert TreeStore.at(repository, "HEAD").ids() == {}
        assert git(tmp_path / "new", "symbolic-ref", "HEAD") == "refs/heads/trunk"

    def test_a_linked_work_tree_has_its_own_folder_and_shares_the_rest(self, shop: Path) -> None:
        linked = shop.with_name("linked")
        git(shop, "worktree", "add", "--quiet", str(linked), "topic")
        repository = Repository.discover(linked)
        assert repository.top == linked
        assert repository.own == shop / ".git" / "worktrees" / "linked"
        assert repository.common == shop / ".git"
        assert repository.branch() == "topic"

    def test_a_detached_head_is_no_branch(self, shop: Path) -> None:
        git(shop, "checkout", "--quiet", "--detach")
        assert Repository.discover(shop).branch() is None

    def test_a_hook_sees_the_index_that_git_gives_it(
        self, shop: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = shop / "other-index"
        git(shop, "read-tree", f"--index-output={other}", "topic")
        monkeypatch.setenv("GIT_DIR", str(shop / ".git"))
        monkeypatch.setenv("GIT_WORK_TREE", str(shop))
        monkeypatch.setenv("GIT_INDEX_FILE", str(other))
        monkeypatch.chdir(shop)
        repository = Repository.discover(shop, os.environ)
        assert repository.staged() == ("a", "sub/new")
        assert repository.top == shop

    def test_a_format_that_libgit2_cannot_read(self, tmp_path: Path) -> None:
        folder = tmp_path / "sha256"
        git(tmp_path, "init", "--quiet", "--object-format=sha256", str(folder))
        with pytest.raises(UnusableRepository):
            Repository.discover(folder)

    def test_a_bare_repository_has_no_work_tree(self, shop: Path) -> None:
        bare = shop.with_name("bare")
        git(shop, "clone", "--quiet", "--bare", str(shop), str(bare))
        repository = Repository.discover(bare)
        assert repository.commit_of("topic") == git(shop, "rev-parse", "topic")
        with pytest.raises(NoWorkTree):
            repository.switch("topic")
        with pytest.raises(NoWorkTree):
            begin_merge(repository, "topic")


class TestBranches:
    def test_local_and_remote_branches_are_listed(self, shop: Path) -> None:
        clone = shop.with_name("clone")
        git(shop, "clone", "--quiet", str(shop), str(clone))
        repository = Repository.discover(clone)
        main, topic = git(shop, "rev-parse", "main"), git(shop, "rev-parse", "topic")
        assert repository.branches() == (
            GitBranch("main", main, current=True),
            GitBranch("origin/main", main, remote=True),
            GitBranch("origin/topic", topic, remote=True),
        )
        for name in ("topic", "origin/topic", "refs/remotes/origin/topic", topic):
            assert repository.commit_of(name) == topic

    def test_names_that_are_none(self, shop: Path) -> None:
        repository = Repository.discover(shop)
        with pytest.raises(UnknownBranch, match="did you mean topic"):
            repository.commit_of("tpoic")
        for name in ("", "a b", "..", "-x", "~", "0" * 40, git(shop, "rev-parse", "main^{tree}")):
            assert repository.find_commit(name) is None

    def test_tags_are_commits_too(self, shop: Path) -> None:
        git(shop, "tag", "-a", "-m", "v1", "v1", "topic")
        assert Repository.discover(shop).commit_of("v1") == git(shop, "rev-parse", "topic")

    def test_a_branch_is_created_at_the_current_commit_or_another(self, shop: Path) -> None:
        repository = Repository.discover(shop)
        repository.create_branch("here")
        repository.create_branch("there/x", repository.commit_of("topic"))
        assert git(shop, "rev-parse", "here") == git(shop, "rev-parse", "main")
        assert git(shop, "rev-parse", "there/x") == git(shop, "rev-parse", "topic")
        assert repository.branch() == "main"
        with pytest.raises(BranchExists):
            repository.create_branch("here")
        for name in ("a b", "a..b", "-x", "", "x.lock", "x/"):
            with pytest.raises(UnusableBranchName):
                repository.create_branch(name)

    def test_comparing_commits(self, forked: Path) -> None:
        repository = Repository.discover(forked)
        main, topic = repository.commit_of("main"), repository.commit_of("topic")
        assert repository.merge_base(main, topic) == git(forked, "merge-base", "main", "topic")
        assert repository.ahead_behind(main, topic) == (1, 1)
        assert repository.changed(main, topic) == (
            Change("a", "modified"),
            Change("b", "deleted"),
            Change("sub/new", "added"),
        )
        assert repository.changed(main, topic, under="sub") == (Change("sub/new", "added"),)
        assert {one.path for one in repository.changed(None, main)} == {"a", "b", "keep", "sub/x"}
        assert {one.how for one in repository.changed(None, main)} == {"added"}
        assert repository.file_at(topic, "a") == b"a\ntopic\n"
        assert repository.file_at(topic, "b") is None
        assert repository.file_at(topic, "sub") is None

    def test_histories_that_share_nothing_have_no_merge_base(self, shop: Path) -> None:
        git(shop, "switch", "--quiet", "--orphan", "other")
        commit(shop, "other", z="z\n")
        repository = Repository.discover(shop)
        assert repository.merge_base(*map(repository.commit_of, ("main", "other"))) is None

    def test_the_author_is_the_one_that_git_would_name(self, shop: Path) -> None:
        repository = Repository.discover(shop)
        assert repository.author({}) is None
        git(shop, "config", "user.name", "Grace <Example>")
        git(shop, "config", "user.email", "grace@example.org")
        repository = Repository.discover(shop)
        assert repository.author({}) == "Grace Example <grace@example.org>"
        environ = {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org"}
        assert repository.author(environ) == "Ada <ada@example.org>"


class TestSwitching:
    def test_files_index_and_head_are_the_other_branch(self, shop: Path) -> None:
        repository = Repository.discover(shop)
        assert repository.switch("topic") == GitBranch(
            "topic", repository.commit_of("topic"), current=True
        )
        assert git(shop, "status", "--porcelain", "--branch") == "## topic"
        repository.switch("main")
        assert git(shop, "status", "--porcelain", "--branch") == "## main"
        assert not (shop / "sub" / "new").exists()

    def test_changes_that_are_not_in_the_way_are_taken_along(self, shop: Path) -> None:
        (shop / "keep").write_text("edited\n")
        (shop / "untracked").write_text("mine\n")
        repository = Repository.discover(shop)
        repository.stage({"staged": b"staged\n"})
        (shop / "staged").write_text("staged\n")
        repository.switch("topic")
        assert (shop / "keep").read_text() == "edited\n"
        assert git(shop, "status", "--porcelain") == " M keep\nA  staged\n?? untracked"

    @pytest.mark.parametrize("how", ["edited", "staged", "untracked", "ignored"])
    def test_changes_in_the_way_are_not_lost(self, shop: Path, how: str) -> None:
        path = "sub/new" if how in ("untracked", "ignored") else "a"
        (shop / path).write_text("mine\n")
        if how == "staged":
            git(shop, "add", "a")
        if how == "ignored":
            (shop / ".git" / "info" / "exclude").write_text("new\n")
        before = snapshot(shop)
        with pytest.raises(DirtyWorkTree) as raised:
            Repository.discover(shop).switch("topic")
        assert raised.value.paths == (path,)
        assert snapshot(shop) == before

    def test_a_branch_of_the_remote_is_made_here(self, shop: Path) -> None:
        clone = shop.with_name("clone")
        git(shop, "clone", "--quiet", str(shop), str(clone))
        Repository.discover(clone).switch("topic")
        assert git(clone, "status", "--porcelain", "--branch") == "## topic...origin/topic"

    def test_what_is_no_branch_to_switch_to(self, shop: Path) -> None:
        git(shop, "tag", "v1", "topic")
        repository = Repository.discover(shop)
        for name in ("v1", "nothing", git(shop, "rev-parse", "topic")):
            with pytest.raises(UnknownBranch):
                repository.switch(name)
        assert repository.branch() == "main"

    def test_a_branch_of_another_work_tree_stays_there(self, shop: Path) -> None:
        git(shop, "worktree", "add", "--quiet", str(shop.with_name("linked")), "topic")
        with pytest.raises(DirtyWorkTree, match="another work tree"):
            Repository.discover(shop).switch("topic")

    def test_not_in_the_middle_of_a_merge(self, forked: Path) -> None:
        repository = Repository.discover(forked)
        begin_merge(repository, "topic")
        with pytest.raises(MergeInProgress):
            repository.switch("topic")
        with pytest.raises(MergeInProgress):
            begin_merge(repository, "topic")

    @pytest.mark.parametrize("doing", ["switch", "merge"])
    def test_what_goes_through_a_filter_is_left_to_git(self, forked: Path, doing: str) -> None:
        git(forked, "config", "filter.shout.smudge", "tr a-z A-Z")
        (forked / ".gitattributes").write_text("sub/* filter=shout\n")
        before = snapshot(forked)
        repository = Repository.discover(forked)
        with pytest.raises(NeedsGitItself, match="sub/new goes through the filter shout"):
            if doing == "switch":
                repository.switch("topic")
            else:
                begin_merge(repository, "topic")
        assert snapshot(forked) == before


class TestMerging:
    def test_a_clean_merge_waits_for_its_commit(self, forked: Path) -> None:
        repository = Repository.discover(forked)
        ours, theirs = repository.head(), repository.commit_of("topic")
        merge = begin_merge(repository, "topic")
        assert (merge.how, merge.ours, merge.theirs) == ("merged", ours, theirs)
        assert repository.head() == ours
        assert git(forked, "status", "--porcelain") == "M  a\nA  sub/new"
        git(forked, "commit", "--quiet", "--no-edit")
        assert git(forked, "log", "-1", "--format=%s %P") == (
            f"Merge branch 'topic' {ours} {theirs}"
        )
        assert git(forked, "fsck") == ""

    def test_the_tree_is_the_one_that_git_merges(self, forked: Path) -> None:
        repository = Repository.discover(forked)
        tried = merged_tree(repository, *map(repository.commit_of, ("main", "topic")))
        git(forked, "merge", "--quiet", "--no-edit", "topic")
        assert tried.tree == git(forked, "rev-parse", "HEAD^{tree}")
        assert tried.conflicts == ()

    def test_nothing_to_merge(self, shop: Path) -> None:
        git(shop, "switch", "--quiet", "topic")
        before = snapshot(shop)
        assert begin_merge(Repository.discover(shop), "main").how == "up to date"
        assert snapshot(shop) == before

    def test_a_branch_that_is_only_ahead_moves_forward(self, shop: Path) -> None:
        repository = Repository.discover(shop)
        assert begin_merge(repository, "topic").how == "fast-forward"
        assert git(shop, "status", "--porcelain", "--branch") == "## main"
        assert git(shop, "rev-parse", "main") == git(shop, "rev-parse", "topic")

    def test_conflicts_are_named_and_left_to_be_edited(self, forked: Path) -> None:
        commit(forked, "clash", a="a\nmain\n", keep="kept\n")
        repository = Repository.discover(forked)
        with pytest.raises(GitConflict) as raised:
            begin_merge(repository, "topic")
        assert raised.value.paths == ("a",) == conflicts(repository)
        assert "<<<<<<<" in (forked / "a").read_text()
        assert git(forked, "status", "--porcelain") == "UU a\nA  sub/new"
        both = merged_tree(repository, *map(repository.commit_of, ("main", "topic")))
        assert both.tree is None
        assert both.conflicts == ("a",)
        (forked / "a").write_text("a\nmain\ntopic\n")
        git(forked, "add", "a")
        assert conflicts(repository) == ()

    @pytest.mark.parametrize("how", ["clean", "conflict", "renamed"])
    def test_giving_up_restores_everything(self, forked: Path, how: str) -> None:
        if how == "conflict":
            commit(forked, "clash", a="a\nmain\n")
        if how == "renamed":
            git(forked, "mv", "a", "moved")
            git(forked, "commit", "--quiet", "-m", "moved")
        (forked / "keep").write_text("edited, and not staged\n")
        (forked / "untracked").write_text("mine\n")
        before = snapshot(forked)
        repository = Repository.discover(forked)
        try:
            begin_merge(repository, "topic")
        except GitConflict:
            assert how == "conflict"
        repository.stage({"sub/merge.sql": b"-- a merge revision\n"})
        (forked / "sub" / "merge.sql").write_text("-- a merge revision\n")
        assert snapshot(forked) != before
        abort_merge(repository)
        assert snapshot(forked) == before
        assert not (forked / ".git" / "MERGE_HEAD").exists()
        with pytest.raises(NoMergeInProgress):
            abort_merge(repository)

    def test_what_was_edited_since_is_not_thrown_away(self, forked: Path) -> None:
        repository = Repository.discover(forked)
        begin_merge(repository, "topic")
        (forked / "a").write_text("worked on\n")
        before = snapshot(forked)
        with pytest.raises(DirtyWorkTree) as raised:
            abort_merge(repository)
        assert raised.value.paths == ("a",)
        assert snapshot(forked) == before

    @pytest.mark.parametrize("how", ["edited", "staged", "untracked", "elsewhere"])
    def test_changes_in_the_way_stop_it_before_anything(self, forked: Path, how: str) -> None:
        path = {"untracked": "sub/new", "elsewhere": "keep"}.get(how, "a")
        (forked / path).write_text("mine\n")
        if how in ("staged", "elsewhere"):
            git(forked, "add", path)
        before = snapshot(forked)
        with pytest.raises(DirtyWorkTree):
            begin_merge(Repository.discover(forked), "topic")
        assert snapshot(forked) == before
        assert not (forked / ".git" / "MERGE_HEAD").exists()

    def test_unrelated_histories_are_left_to_git(self, shop: Path) -> None:
        git(shop, "switch", "--quiet", "--orphan", "other")
        commit(shop, "other", z="z\n")
        with pytest.raises(NeedsGitItself) as raised:
            begin_merge(Repository.discover(shop), "main")
        (hint,) = raised.value.hints
        git(shop, *hint.split()[1:])
        assert (shop / "a").exists()

    def test_a_remote_branch_and_a_commit_can_be_merged(self, forked: Path) -> None:
        clone = forked.with_name("clone")
        git(forked, "clone", "--quiet", str(forked), str(clone))
        commit(clone, "mine", mine="mine\n")
        repository = Repository.discover(clone)
        assert begin_merge(repository, "origin/topic").how == "merged"
        abort_merge(repository)
        assert begin_merge(repository, git(forked, "rev-parse", "topic")).how == "merged"


class TestStores:
    DATA = b"-- bytes\r\nwith $Id$ and line ends that git would like to change\n"
    NAME = f"{revision_id(DATA)[:12]}-x.sql"

    def test_bytes_get_past_every_conversion(self, shop: Path) -> None:
        git(shop, "config", "core.autocrlf", "true")
        (shop / ".gitattributes").write_text("* text ident\n")
        store = WorkTreeStore(Repository.discover(shop), shop / ".schemaops")
        store.write_git_attributes()
        revision = store.add(self.NAME, self.DATA)
        path = f".schemaops/revisions/{self.NAME}"
        assert git(shop, "rev-parse", f":{path}") == revision
        assert git(shop, "status", "--porcelain", path) == f"A  {path}"
        git(shop, "commit", "--quiet", "-m", "sealed")
        clone = shop.with_name("clone")
        git(shop, "clone", "--quiet", "--config", "core.autocrlf=true", str(shop), str(clone))
        assert (clone / path).read_bytes() == self.DATA
        again = WorkTreeStore(Repository.discover(clone), clone / ".schemaops")
        assert list(again.ids()) == [revision]

    def test_a_commit_and_the_index_are_read_without_a_checkout(self, shop: Path) -> None:
        repository = Repository.discover(shop)
        work = WorkTreeStore(repository, shop / ".schemaops")
        revision = work.add(self.NAME, self.DATA)
        assert IndexStore(repository).read(revision) == self.DATA
        assert TreeStore.at(repository, "HEAD").ids() == {}
        git(shop, "commit", "--quiet", "-m", "sealed")
        assert TreeStore.at(repository, "HEAD").read(revision) == self.DATA
        assert TreeStore.at(repository, "topic").ids() == {}
        git(shop, "switch", "--quiet", "topic")
        assert work.__class__(repository, shop / ".schemaops").ids() == {}
        main = TreeStore.at(repository, "main")
        assert main.read(revision) == self.DATA
        assert str(main.place_of(revision)) == f"main:.schemaops/revisions/{self.NAME}"

    def test_a_tree_lists_ids_without_reading_contents(self, shop: Path) -> None:
        repository = Repository.discover(shop)
        revision = WorkTreeStore(repository, shop / ".schemaops").add(self.NAME, self.DATA)
        git(shop, "commit", "--quiet", "-m", "sealed")
        (shop / ".git" / "objects" / revision[:2] / revision[2:]).unlink()
        store = TreeStore.at(Repository.discover(shop), "HEAD")
        assert list(store.ids()) == [revision]
        with pytest.raises(SchemaOpsError):
            store.read(revision)

    def test_drafts_are_not_staged_and_a_known_configuration_is_left_alone(
        self, shop: Path
    ) -> None:
        store = WorkTreeStore(Repository.discover(shop), shop / ".schemaops")
        store.write_config(b"first\n")
        store.write_draft("a.sql", b"SELECT 1;\n")
        store.write_resolution("7c1e", b"ours\n")
        assert git(shop, "status", "--porcelain", "--untracked-files=all") == (
            "A  .schemaops/config.toml\nA  .schemaops/resolutions/7c1e\n?? .schemaops/drafts/a.sql"
        )
        store.write_config(b"second\n")
        store.remove_draft("a.sql")
        store.remove_resolution("7c1e")
        assert git(shop, "status", "--porcelain") == "AM .schemaops/config.toml"

    def test_removing_a_revision_unstages_it(self, shop: Path) -> None:
        store = WorkTreeStore(Repository.discover(shop), shop / ".schemaops")
        store.remove(store.add(self.NAME, self.DATA))
        assert git(shop, "status", "--porcelain") == ""

    def test_a_tree_that_is_added_to_moves_no_branch(self, shop: Path) -> None:
        repository = Repository.discover(shop)
        before = snapshot(shop)
        store = TreeStore.at(repository, "topic")
        store.add(self.NAME, self.DATA)
        assert snapshot(shop) == before
        assert store.tree is not None
        listed = git(shop, "ls-tree", "-r", "--name-only", store.tree).split("\n")
        assert listed == [f".schemaops/revisions/{self.NAME}", "a", "keep", "sub/new", "sub/x"]
        store.remove(revision_id(self.DATA))
        assert store.tree == git(shop, "rev-parse", "topic^{tree}")

    def test_a_symbolic_link_is_no_revision(self, shop: Path) -> None:
        folder = shop / ".schemaops" / "revisions"
        folder.mkdir(parents=True)
        (folder / self.NAME).symlink_to(shop / "a")
        git(shop, "add", "--all")
        git(shop, "commit", "--quiet", "-m", "link")
        repository = Repository.discover(shop)
        for store in (
            TreeStore.at(repository, "HEAD"),
            IndexStore(repository),
            WorkTreeStore(repository, shop / ".schemaops"),
        ):
            assert [one.code for one in store.faults("sqlite")] == ["SO404"]

    def test_a_work_tree_must_be_the_repositorys_own(self, shop: Path, tmp_path: Path) -> None:
        with pytest.raises(NotARepository):
            WorkTreeStore(Repository.discover(shop), tmp_path / "elsewhere")

    def test_another_branch_checked_out_is_seen_through_what_is_remembered(
        self, shop: Path
    ) -> None:
        repository = Repository.discover(shop)
        with Cache(repository.common / "schemaops" / "cache.sqlite", "1") as cache:
            store = WorkTreeStore(repository, shop / ".schemaops", cache=cache)
            revision = store.add(self.NAME, self.DATA)
            git(shop, "commit", "--quiet", "-m", "sealed")
            for branch, expected in (("topic", []), ("main", [revision]), ("topic", [])):
                repository.switch(branch)
                again = WorkTreeStore(repository, shop / ".schemaops", cache=cache)
                assert list(again.ids()) == expected
