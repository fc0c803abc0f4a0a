"""A store: one tree's revisions, drafts, resolutions and configuration, wherever the tree is kept.

Every store answers alike; an implementation says only how files are listed, read and written. Ids
are checked against names when listed and against bytes when read, here and nowhere else, so that a
byte changed in a sealed revision is noticed by every store.

::

    config.toml
    revisions/3f2a91c04d7e-add-orders.sql
    drafts/add-items.sql
    resolutions/7c1e03….txt
    proofs/5c04e3c….txt
    .gitattributes
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from schemaops.errors import Cause, Place, SchemaOpsError
from schemaops.history.revision import DIGITS, RevisionId, revision_id, short

__all__ = [
    "FOLDER",
    "GIT_ATTRIBUTES",
    "AlteredRevision",
    "Entry",
    "InaccessibleStore",
    "MisnamedRevision",
    "NoSuchFile",
    "Store",
    "UnusableName",
]

FOLDER = ".schemaops"
GIT_ATTRIBUTES = """\
# A revision's id is the id of its bytes: git leaves them alone.
revisions/** -text -filter -ident
"""
"""What `.gitattributes` in the folder says."""


class AlteredRevision(SchemaOpsError):
    """The bytes of a sealed revision are not those that its name is the digest of.

    A sealed revision never changes: databases may have run it, and other revisions name it by its
    bytes. Take the file back from git (`git checkout -- FILE`). To change what an unpublished
    revision says, use `schemaops commit --amend`; to undo one that is published, `schemaops
    revert`. Where nobody edited it, something converts its line ends or filters it:
    `.schemaops/.gitattributes` must hold `revisions/** -text -filter -ident`.
    """

    code = "SO402"
    cause = Cause.DECISION


class MisnamedRevision(SchemaOpsError):
    """A file in the folder of revisions is not named as a revision.

    The name is twelve digits of the revision's id, a hyphen and a few words, as in
    `3f2a91c04d7e-orders.sql`. SQL of your own goes into a draft (`schemaops new TITLE`) and is
    sealed with `schemaops commit`; a revision that was renamed gets its old name back. Files whose
    names begin with a dot are left alone.
    """

    code = "SO404"
    cause = Cause.DECISION


class NoSuchFile(SchemaOpsError):
    """A revision, draft or resolution that was asked for is not in this store.

    `schemaops log` lists the revisions, `schemaops status` the drafts.
    """

    code = "SO417"


class UnusableName(SchemaOpsError):
    """A file cannot be given this name: it is empty, hidden, or leads out of its folder.

    Name drafts by a word or two, without slashes: `add-orders.sql`.
    """

    code = "SO418"


class InaccessibleStore(SchemaOpsError):
    """The operating system does not let SchemaOps read or write a file of the store.

    The message says which file and why. Nothing is half written: a file is complete or not there.
    """

    code = "SO430"
    cause = Cause.WORLD


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as its folder lists it: name, the blob id of its bytes, and whether it is plain."""

    name: str
    id: RevisionId
    regular: bool = True


_REVISION_NAME = re.compile(r"[0-9a-f]{12}-[a-z0-9]+(?:-[a-z0-9]+)*\.sql")


class Store(ABC):
    """Where the revisions of one tree are read from and added to.

    `shown` stands before file names in messages: `.schemaops`, `main:.schemaops`.
    """

    shown: str

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self._known: dict[RevisionId, str] | None = None

    def ids(self) -> Mapping[RevisionId, str]:
        """Return each revision's id with its file's name; where ids are at hand nothing is read.

        Raise AlteredRevision or MisnamedRevision for the first file that is not what it should be.
        """
        if self._known is None:
            known: dict[RevisionId, str] = {}
            for entry in self.listing():
                if not _fits(entry):
                    raise misfit(entry, self.place(entry.name))
                known.setdefault(entry.id, entry.name)
            self._known = known
        return self._known

    def read(self, revision: RevisionId) -> bytes:
        """Return a revision's bytes; raise AlteredRevision where they are not the sealed ones."""
        name = self.ids().get(revision)
        if name is None:
            raise NoSuchFile(f"there is no revision {short(revision)} in {self.shown}")
        data = self._content(Entry(name, revision))
        if data is None:
            raise NoSuchFile("this revision's file is gone", place=self.place(name))
        if revision_id(data) != revision:
            raise altered(name, self.place(name))
        return data

    def add(self, name: str, data: bytes) -> RevisionId:
        """Add a revision's bytes under its name; adding the same again changes nothing."""
        revision = revision_id(data)
        entry = Entry(name, revision)
        if not _fits(entry):
            raise misfit(entry, self.place(name))
        known = dict(self.ids())
        if revision not in known:
            self._put(f"revisions/{name}", data)
            known[revision] = name
            self._known = known
        return revision

    def add_all(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Add the bytes of revisions under their names, all or none; those that are here stay."""
        known = dict(self.ids())
        new: dict[str, bytes] = {}
        for name, data in files:
            entry = Entry(name, revision_id(data))
            if not _fits(entry):
                raise misfit(entry, self.place(name))
            if entry.id not in known:
                known[entry.id] = name
                new[f"revisions/{name}"] = data
        self._put_all(new)
        self._known = known

    def remove(self, revision: RevisionId) -> None:
        """Take a revision out of the store, as amending does."""
        name = self.ids().get(revision)
        if name is None:
            raise NoSuchFile(f"there is no revision {short(revision)} in {self.shown}")
        self._delete(f"revisions/{name}")
        self._known = None

    def refresh(self) -> None:
        """Forget what was listed, after something else wrote here."""
        self._known = None

    def place(self, name: str) -> Place:
        """Return where a reader finds the revision file of this name."""
        return Place(f"{self.shown}/revisions/{name}")

    def place_of(self, revision: RevisionId) -> Place:
        """Return where a reader finds this revision."""
        name = self.ids().get(revision)
        return Place(
            f"{self.shown}/revisions/{short(revision)}-…"
            if name is None
            else f"{self.shown}/revisions/{name}"
        )

    def listing(self) -> tuple[Entry, ...]:
        """Return every file among the revisions as it stands, hidden ones apart, unchecked."""
        return tuple(sorted(self._visible("revisions"), key=lambda entry: entry.name))

    def contents(self) -> Iterator[tuple[Entry, bytes]]:
        """Yield every file among the revisions with its bytes, whatever they are."""
        for entry in self.listing():
            data = self._get(f"revisions/{entry.name}") if entry.regular else b""
            yield entry, data or b""

    def faults(self, dialect: str) -> tuple[SchemaOpsError, ...]:
        """Return everything that is wrong with the revisions: names, bytes, and their history.

        `dialect` is that of revisions whose headers name none.
        """
        # What only `fsck` needs is loaded for it alone.
        from schemaops.history import fsck

        found: list[SchemaOpsError] = []
        sound: list[fsck.File] = []
        for entry, data in self.contents():
            place = self.place(entry.name)
            held = Entry(entry.name, revision_id(data), entry.regular)
            wrong = next((one for one in (entry, held) if not _fits(one)), None)
            if wrong:
                found.append(misfit(wrong, place))
            else:
                sound.append(fsck.File(entry.id, data, place))
        return (*found, *fsck.faults(sound, dialect))

    def drafts(self) -> tuple[str, ...]:
        """Return the names of the drafts."""
        return self._names("drafts", ".sql")

    def read_draft(self, name: str) -> bytes:
        """Return the bytes of a draft."""
        return self._read("drafts", name)

    def write_draft(self, name: str, data: bytes) -> None:
        """Write a draft, over an earlier one of this name."""
        self._put(f"drafts/{usable(name)}", data)

    def remove_draft(self, name: str) -> None:
        """Remove a draft."""
        self._delete(f"drafts/{usable(name)}")

    def draft_place(self, name: str) -> Place:
        """Return where a reader finds a draft."""
        return Place(f"{self.shown}/drafts/{name}")

    def resolutions(self) -> tuple[str, ...]:
        """Return the names of the resolutions."""
        return self._names("resolutions", "")

    def read_resolution(self, name: str) -> bytes:
        """Return the bytes of a resolution."""
        return self._read("resolutions", name)

    def write_resolution(self, name: str, data: bytes) -> None:
        """Write a resolution, over an earlier one of this name."""
        self._put(f"resolutions/{usable(name)}", data)

    def proofs(self) -> tuple[str, ...]:
        """Return the names of what proves merges."""
        return self._names("proofs", "")

    def read_proof(self, name: str) -> bytes:
        """Return the bytes of a proof."""
        return self._read("proofs", name)

    def write_proof(self, name: str, data: bytes) -> None:
        """Write a proof, over an earlier one of this name."""
        self._put(f"proofs/{usable(name)}", data)

    def remove_resolution(self, name: str) -> None:
        """Remove a resolution."""
        self._delete(f"resolutions/{usable(name)}")

    def config(self) -> bytes | None:
        """Return the bytes of the configuration, None where there is none."""
        return self._get("config.toml")

    def write_config(self, data: bytes) -> None:
        """Write the configuration."""
        self._put("config.toml", data)

    def config_place(self) -> Place:
        """Return where a reader finds the configuration."""
        return Place(f"{self.shown}/config.toml")

    def write_git_attributes(self) -> None:
        """Write what keeps git's filters off the bytes of revisions."""
        self._put(".gitattributes", GIT_ATTRIBUTES.encode())

    @abstractmethod
    def _entries(self, folder: str) -> Iterable[Entry]:
        """Return the files of a folder, none where it does not exist."""

    @abstractmethod
    def _get(self, path: str) -> bytes | None:
        """Return a file's bytes, None where it does not exist."""

    @abstractmethod
    def _put(self, path: str, data: bytes) -> None:
        """Write a file whole or not at all."""

    def _put_all(self, files: Mapping[str, bytes]) -> None:
        """Write new files, all or none."""
        written: list[str] = []
        try:
            for path, data in files.items():
                self._put(path, data)
                written.append(path)
        except BaseException:
            for path in reversed(written):
                self._delete(path)
            raise

    @abstractmethod
    def _delete(self, path: str) -> None:
        """Remove a file; raise NoSuchFile where there is none."""

    def _content(self, entry: Entry) -> bytes | None:
        """Return the bytes of a listed revision; a store that can find them by their id does."""
        return self._get(f"revisions/{entry.name}")

    def _missing(self, path: str) -> NoSuchFile:
        return NoSuchFile("there is no such file", place=Place(f"{self.shown}/{path}"))

    def _visible(self, folder: str) -> Iterator[Entry]:
        return (one for one in self._entries(folder) if not one.name.startswith("."))

    def _names(self, folder: str, suffix: str) -> tuple[str, ...]:
        return tuple(
            sorted(
                one.name
                for one in self._visible(folder)
                if one.regular and one.name.endswith(suffix)
            )
        )

    def _read(self, folder: str, name: str) -> bytes:
        path = f"{folder}/{usable(name)}"
        data = self._get(path)
        if data is None:
            raise self._missing(path)
        return data


def _fits(entry: Entry) -> bool:
    name = entry.name
    return (
        entry.regular
        and name.startswith(entry.id[:DIGITS])
        and _REVISION_NAME.fullmatch(name) is not None
    )


def fault_of(entry: Entry, place: Place) -> SchemaOpsError | None:
    """Return what is wrong with a file among the revisions, going by its name and id, if anything."""
    return None if _fits(entry) else misfit(entry, place)


def misfit(entry: Entry, place: Place) -> SchemaOpsError:
    """Return what is wrong with a file among the revisions, going by its name and id."""
    if not entry.regular:
        return MisnamedRevision("a revision is a plain file, and this is none", place=place)
    if not _REVISION_NAME.fullmatch(entry.name):
        return MisnamedRevision("this file is not named as a revision", place=place)
    return altered(entry.name, place)


def altered(name: str, place: Place) -> AlteredRevision:
    """Return the error that names a revision whose bytes were changed."""
    return AlteredRevision(
        f"the bytes of revision {name[:DIGITS]} were changed after sealing",
        place=place,
        hints=("schemaops fsck",),
    )


def usable(name: str) -> str:
    """Return a file name that stays in its folder; raise UnusableName for any other."""
    if not name or name.startswith(".") or re.search(r"[/\\\0]", name):
        raise UnusableName(f"`{name}` cannot name a file here")
    return name
