"""What every command opens: the folder, its configuration, store and cache, git, databases.

Everything is opened when it is first asked for: `status` and `log` read files and the cache alone, and
git's library is loaded only by what branches, stages or switches.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from schemaops import __version__
from schemaops.config import Config, Environment, ForeignFolder, expand, read_config
from schemaops.errors import SchemaOpsError
from schemaops.history.dag import Dag
from schemaops.history.format import from_bytes
from schemaops.history.revision import Header, Revision, RevisionId, short
from schemaops.store.base import FOLDER, NoSuchFile, Store
from schemaops.store.cache import Cache, cache_file
from schemaops.store.directory import DirectoryStore, find_folder
from schemaops.store.gitdir import GitFolder, find_git
from schemaops.store.headers import dag_of, read_headers

if TYPE_CHECKING:
    from schemaops.commands.kept import KeptSchemas
    from schemaops.database.connect import Database
    from schemaops.history.states import States
    from schemaops.store.git import Repository

__all__ = ["NeedsGit", "Tree", "Workspace", "open_workspace"]


class NeedsGit(SchemaOpsError):
    """This command works on branches, and the folder is in no git repository.

    A folder `.schemaops` alone is enough to read the history and to replay it. For branches and
    merges make a repository (`git init`) and commit the folder.
    """

    code = "SO713"


@dataclass(frozen=True, eq=False)
class Tree:
    """The revisions of one tree: the work tree's, a branch's, a pull request's."""

    name: str
    store: Store
    cache: Cache | None = None
    _read: dict[RevisionId, Revision] = field(default_factory=dict)

    @cached_property
    def headers(self) -> Mapping[RevisionId, Header]:
        """What each revision says of itself."""
        return read_headers(self.store, self.cache)

    @cached_property
    def dag(self) -> Dag:
        """The DAG of its revisions."""
        return dag_of(self.headers)

    def read(self, revision: RevisionId) -> Revision:
        """Return a revision, read once."""
        if revision not in self._read:
            place = self.store.place_of(revision)
            self._read[revision] = from_bytes(self.store.read(revision), file=place.file)
        return self._read[revision]


class Workspace:
    """A project: its folder `.schemaops` and what belongs to it."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.top = folder.parent
        self.environ = environ
        self._repository: Repository | None = None
        self._branches: dict[str, Tree | None] = {}
        self._states: dict[tuple[Tree, ...], States] = {}

    @cached_property
    def git(self) -> GitFolder | None:
        """Git's folders, None where the project is in no repository."""
        return find_git(self.top)

    @cached_property
    def cache(self) -> Cache:
        """The cache of derived values."""
        git = None if self.git is None else self.git.common
        return Cache(cache_file(git, self.folder, self.environ), __version__)

    @cached_property
    def kept(self) -> KeptSchemas:
        """What earlier commands worked out of revisions."""
        from schemaops.commands.kept import KeptSchemas

        return KeptSchemas(self.cache, self.dialect, self.config.search_path)

    @cached_property
    def own(self) -> Path:
        """The folder for what belongs to this work tree alone and is never committed."""
        if self.git is not None:
            return self.git.own / "schemaops"
        assert self.cache.file is not None
        return self.cache.file.with_suffix("")

    @cached_property
    def tree(self) -> Tree:
        """The revisions in the work tree."""
        store: Store = DirectoryStore(self.folder, cache=self.cache)
        if self.in_place is not None:
            from schemaops.commands.in_place import read_in_place

            store = read_in_place(self, store, self.in_place)
        return Tree("the work tree", store, self.cache)

    def reread(self) -> None:
        """Forget what was read of the configuration too, after it changed."""
        self.__dict__.pop("config", None)
        self.__dict__.pop("in_place", None)
        self.__dict__.pop("kept", None)
        self.refresh()

    def refresh(self) -> None:
        """Forget what was read of the work tree and of branches, after one of them changed."""
        self.__dict__.pop("tree", None)
        self._branches.clear()
        self._states.clear()

    @property
    def store(self) -> Store:
        """The work tree's store, for reading."""
        return self.tree.store

    @property
    def dag(self) -> Dag:
        """The DAG of the work tree."""
        return self.tree.dag

    @cached_property
    def config(self) -> Config:
        """The configuration; raise whatever is wrong with it."""
        store = DirectoryStore(self.folder)
        return read_config(store.config(), file=store.config_place().file)

    @cached_property
    def in_place(self) -> ForeignFolder | None:
        """The folder of another tool that is read in place, if there is one."""
        data = DirectoryStore(self.folder).config()
        # What lists revisions alone needs no configuration.
        return self.config.history if data is not None and b"[history]" in data else None

    @property
    def dialect(self) -> str:
        """The dialect of the project."""
        return self.config.dialect

    @property
    def default_schema(self) -> str | None:
        """The schema that is left out in text."""
        return "public" if self.dialect == "postgres" else None

    def writing(self) -> Store:
        """Return the work tree's store for adding to: what is added is staged as well."""
        if self.git is None:
            return self.store
        from schemaops.store.git import WorkTreeStore

        store: Store = WorkTreeStore(self.repository(), self.folder, cache=self.cache)
        if self.in_place is not None:
            from schemaops.store.foreign import ForeignStore

            if isinstance(self.store, ForeignStore):
                return self.store.over(store)
        return store

    def repository(self) -> Repository:
        """Return the git repository; raise NeedsGit."""
        if self._repository is None:
            if self.git is None:
                raise NeedsGit("this folder is in no git repository", hints=("git init",))
            from schemaops.store.git import Repository

            self._repository = Repository.discover(self.top, self.environ)
        return self._repository

    @property
    def within(self) -> str:
        """Where the folder is in the repository, as git writes paths."""
        return self.repository().inside(self.folder)

    def branch(self, name: str) -> Tree | None:
        """Return the tree of a branch, a tag or a commit, None where there is none of that name."""
        if name not in self._branches:
            self._branches[name] = self._opened(name)
        return self._branches[name]

    def _opened(self, name: str) -> Tree | None:
        if self.git is None:
            return None
        from schemaops.store.git import TreeStore

        repository = self.repository()
        if repository.find_commit(name) is None:
            return None
        store: Store = TreeStore.at(repository, name, self.within)
        if self.in_place is not None:
            from schemaops.commands.in_place import read_in_commit

            commit = repository.commit_of(name)
            store = read_in_commit(self, store, self.in_place, commit)
        return Tree(name, store, self.cache)

    def states(self, *trees: Tree) -> States:
        """Return the schemas at the revisions of these trees (the work tree's where none is given)."""
        from schemaops.history.states import States

        chosen = tuple(dict.fromkeys(trees)) or (self.tree,)
        if chosen in self._states:
            return self._states[chosen]
        dag = chosen[0].dag
        for tree in chosen[1:]:
            dag = dag.union(tree.dag)
        kept = self.kept
        made = self._states[chosen] = States(
            dag,
            lambda revision: self._among(chosen, revision),
            self.dialect,
            search_path=self.config.search_path,
            recall=kept.recall,
            remember=kept.remember,
            recall_read=kept.recall_read,
            remember_read=kept.remember_read,
        )
        return made

    def _among(self, trees: tuple[Tree, ...], revision: RevisionId) -> Revision:
        for tree in trees:
            if revision in tree.store.ids():
                return tree.read(revision)
        raise NoSuchFile(f"there is no revision {short(revision)} here")

    def url(self, environment: Environment) -> str:
        """Return the URL of an environment with its secrets; raise UnsetVariable."""
        url = expand(environment.url, self.environ)
        scheme, separator, path = url.partition(":///.git/")
        if separator and self.git is not None:
            # In a further work tree `.git` is a file, and what is its own lies elsewhere.
            return f"{scheme}:///{self.git.own}/{path}"
        return url

    def database(self, environment: Environment) -> Database:
        """Return the database of an environment; raise UnsetVariable, UrlNotUnderstood."""
        from schemaops.database.connect import open_database

        return open_database(self.url(environment), relative_to=self.top)

    def scratch_url(self, environment: Environment | None = None) -> str | None:
        """Return the server to make scratch databases on, None where none is configured."""
        for given in (environment.scratch if environment else None, self.config.scratch):
            if given is not None:
                return expand(given, self.environ)
        return None


def open_workspace(
    start: Path | None = None, environ: Mapping[str, str] | None = None
) -> Workspace:
    """Return the project that a place belongs to; raise NoFolder."""
    return Workspace(find_folder(start or Path.cwd()), os.environ if environ is None else environ)


def folder_in(top: Path) -> Path:
    """Return where the folder of a project at `top` is."""
    return top / FOLDER
