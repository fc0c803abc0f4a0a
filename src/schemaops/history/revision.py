"""A revision: a migration in its place in the DAG, and the ids that name it.

Two ids. The *revision id* is git's blob id of the revision's bytes, which name the parents: it says
what is changed and where in history. The *migration id* is a digest of the migration's own tokens:
it says what is changed, wherever that stands, and survives rebasing and reformatting.

There are three kinds: a plain revision has an `up` and mostly a `down`; a merge revision has a
`Section` for each parent instead; a checkpoint has the whole schema as its `up`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from schemaops.sql.lexer import Token

__all__ = [
    "DIGITS",
    "FORMAT",
    "Effect",
    "Header",
    "Kept",
    "MigrationId",
    "Piece",
    "Revision",
    "RevisionId",
    "Section",
    "StatementId",
    "file_name",
    "is_revision_id",
    "migration_id",
    "revision_id",
    "short",
    "statement_id",
]

FORMAT = 1
DIGITS = 12
"""How many digits of a revision's id its file name and the sections of merges carry."""

RevisionId = NewType("RevisionId", str)
MigrationId = NewType("MigrationId", str)
StatementId = NewType("StatementId", str)

_FULL = re.compile(r"[0-9a-f]{40}")


def revision_id(data: bytes) -> RevisionId:
    """Return the id that git gives these bytes as a blob: SHA-1, in every kind of repository."""
    return RevisionId(
        hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
    )


def is_revision_id(text: str) -> bool:
    """Return whether `text` is a full revision id."""
    return _FULL.fullmatch(text) is not None


def short(revision: str) -> str:
    """Return the digits of an id that file names and merge sections carry."""
    return revision[:DIGITS]


def migration_id(up: str, dialect: str) -> MigrationId:
    """Return the digest of the tokens of `up`; raise UnreadableSql where it has none.

    White space, comments and semicolons at the very end do not count.
    """
    # The sql package is loaded when text is really read: most commands only compare ids.
    from schemaops.sql.lexer import tokens

    return MigrationId(f"m1:{_digest(tokens(up, dialect))}")


def statement_id(found: Iterable[Token]) -> StatementId:
    """Return the digest of one statement's tokens, by which an effect names its statement."""
    return StatementId(f"s1:{_digest(found)}")


def _digest(found: Iterable[Token]) -> str:
    # Each token as `<kind> <length in bytes>:<text>`: no two sequences have one encoding.
    parts: list[bytes] = []
    end = 0
    for token in found:
        data = token.text.encode()
        parts.append(b"%b %d:%b" % (token.kind.value.encode(), len(data), data))
        if token.text != ";" or token.kind.value != "symbol":
            end = len(parts)
    return hashlib.sha256(b"".join(parts[:end])).hexdigest()


class Kept(StrEnum):
    """How a merge revision keeps a statement of one side on the way from the other."""

    VERBATIM = "verbatim"
    """The author's own bytes."""
    CARRIED = "carried"
    """Reworded, because the other side renamed or moved what it names."""
    COMBINED = "combined"
    """One statement that stands for statements of both sides."""
    ONCE = "once"
    """Nothing to execute: the other side made the same change."""
    DECIDED = "decided"
    """What a person decided, possibly nothing, in the place of statements in conflict."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A statement in a section of a merge, and the revisions (by their short ids) it stands for."""

    of: tuple[str, ...]
    kept: Kept
    text: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The way from one parent of a merge to the merge, and back down to that parent."""

    parent: RevisionId
    up: tuple[Piece, ...]
    down: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What an opaque statement does: its operations as lines of text, and how they are known."""

    statement: StatementId
    how: str
    """``observed on postgres 18``, ``declared`` or ``unknown``."""
    operations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a revision says of itself before any SQL; enough for the DAG, the log and the status."""

    parents: tuple[RevisionId, ...] = ()
    migration: MigrationId | None = None
    message: str = ""
    author: str | None = None
    date: str | None = None
    dialect: str | None = None
    replaces: RevisionId | None = None
    carried_from: tuple[tuple[RevisionId, MigrationId], ...] = ()
    checkpoint: bool = False
    fingerprint: str | None = None
    losses: tuple[str, ...] = ()

    @property
    def is_merge(self) -> bool:
        """Whether this is the header of a merge revision."""
        return len(self.parents) > 1

    @property
    def title(self) -> str:
        """The first line of the message, or what stands for it where there is none."""
        first = self.message.partition("\n")[0].strip()
        return first or ("merge" if self.is_merge else "checkpoint" if self.checkpoint else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision(Header):
    """A revision as a value; `schemaops.history.format` writes and reads its bytes.

    `up` and `down` hold the author's bytes, each line ended; `down` is None where nothing undoes
    the migration. A merge revision has `sections`, in the order of its parents, and no up or down.
    """

    up: str = ""
    down: str | None = None
    down_generated: bool = False
    effects: tuple[Effect, ...] = ()
    sections: tuple[Section, ...] = ()


def file_name(revision: RevisionId, header: Header) -> str:
    """Return the name of a revision's file: twelve digits of its id and a slug of its title."""
    plain = unicodedata.normalize("NFKD", header.title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    slug = ""
    for word in words:
        if slug and len(slug) + 1 + len(word) > _SLUG:
            break
        slug = f"{slug}-{word}" if slug else word[:_SLUG]
    return f"{short(revision)}-{slug or 'revision'}.sql"


_SLUG = 40
