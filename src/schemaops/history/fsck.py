"""Every fault of a history at once: ids, names, parents, digests and the sections of merges.

Works on files as a store lists them, whatever they are. Each fault is an error that is returned,
not raised, so that `fsck` shows them all and `explain` knows them.
"""

from __future__ import annotations

from collections import ChainMap, Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from schemaops.errors import Cause, Place, SchemaOpsError
from schemaops.history.dag import CyclicHistory, Dag, MissingParent, cycle, missing_parents
from schemaops.history.format import from_bytes
from schemaops.history.revision import (
    Header,
    Piece,
    Revision,
    RevisionId,
    Section,
    StatementId,
    migration_id,
    short,
    statement_id,
)

__all__ = [
    "DuplicateRevision",
    "File",
    "RedundantParent",
    "StrayEffect",
    "WrongMigrationId",
    "WrongSection",
    "faults",
]


class WrongMigrationId(SchemaOpsError):
    """The migration id in a revision's header is not the digest of its SQL.

    Ledgers match rows of picked and rebased revisions by it, so a wrong one could pair what does
    not belong together. SchemaOps writes the right one; this file was made by something else. Seal
    its SQL anew with `schemaops commit FILE`.
    """

    code = "SO405"
    cause = Cause.DECISION


class WrongSection(SchemaOpsError):
    """A section of a merge revision does not stand for the revisions that lie on its way.

    Executing the section from one parent records the other sides' revisions as applied: it has to
    name each of them, and none besides. This file was not made by `schemaops merge`; remove it and
    merge again.
    """

    code = "SO406"
    cause = Cause.DECISION


class StrayEffect(SchemaOpsError):
    """A revision lists the effect of a statement that it does not have.

    Effects are found by the digest of their statement's tokens; one that matches nothing would be
    reviewed and never used. Seal the migration anew with `schemaops commit FILE`.
    """

    code = "SO407"
    cause = Cause.DECISION


class DuplicateRevision(SchemaOpsError):
    """Two files hold the same revision.

    One of them is a copy under another name; remove it (`git rm FILE`).
    """

    code = "SO409"
    cause = Cause.DECISION


class RedundantParent(SchemaOpsError):
    """A merge revision has a parent that another parent descends from already.

    There was nothing to merge. This file was not made by `schemaops merge`; remove it.
    """

    code = "SO432"
    cause = Cause.DECISION


@dataclass(frozen=True, slots=True)
class File:
    """A revision's file: its id by its bytes, the bytes, and where a reader finds it."""

    id: RevisionId
    data: bytes
    place: Place


def faults(
    files: Iterable[File],
    dialect: str,
    known: Mapping[RevisionId, Header] = MappingProxyType({}),
) -> tuple[SchemaOpsError, ...]:
    """Return everything that is wrong with these revisions, file by file, then with their DAG.

    `dialect` is that of revisions whose headers name none; `known` are the headers of the revisions
    beside these, which were looked at before.
    """
    found: list[SchemaOpsError] = []
    revisions: dict[RevisionId, Revision] = {}
    places: dict[RevisionId, Place] = {}
    for file in files:
        if file.id in places:
            found.append(
                DuplicateRevision(
                    f"this is {short(file.id)} again, as in {places[file.id]}", place=file.place
                )
            )
            continue
        places[file.id] = file.place
        try:
            revision = from_bytes(file.data, file=file.place.file)
        except SchemaOpsError as error:
            found.append(error)
            continue
        revisions[file.id] = revision
        found += _of_one(revision, revision.dialect or dialect, file.place)
    # A file that cannot be read still is somebody's parent.
    parents = {one: header.parents for one, header in known.items()}
    parents |= {one: revisions[one].parents if one in revisions else () for one in places}
    found += _of_all(revisions, parents, places, ChainMap(dict(revisions), dict(known)))
    return tuple(found)


def _of_one(revision: Revision, dialect: str, place: Place) -> Iterator[SchemaOpsError]:
    try:
        if revision.migration is not None:
            made = migration_id(revision.up, dialect)
            earlier = {migration for _, migration in revision.carried_from}
            if revision.migration != made and revision.migration not in earlier:
                yield WrongMigrationId(
                    f"the header says {_cut(revision.migration)}, the SQL is {_cut(made)}",
                    place=place,
                )
        if revision.effects:
            yield from _strays(revision, dialect, place)
    except SchemaOpsError as error:
        # The line it has counts from the section's own first line.
        error.place = place
        yield error


def _strays(revision: Revision, dialect: str, place: Place) -> Iterator[StrayEffect]:
    left = Counter(_statements(revision, dialect))
    for effect in revision.effects:
        left[effect.statement] -= 1
        if left[effect.statement] < 0:
            yield StrayEffect(
                f"no statement here has the digest {_cut(effect.statement)}", place=place
            )


def _statements(revision: Revision, dialect: str) -> Iterator[StatementId]:
    # The sql package is loaded when text is really read.
    from schemaops.sql.split import split

    pieces = (piece.text for section in revision.sections for piece in _pieces(section))
    for text in (revision.up, revision.down or "", *pieces):
        yield from (statement_id(statement.tokens) for statement in split(text, dialect))


def _pieces(section: Section) -> tuple[Piece, ...]:
    return (*section.up, *section.down)


def _of_all(
    revisions: Mapping[RevisionId, Revision],
    parents: Mapping[RevisionId, tuple[RevisionId, ...]],
    places: Mapping[RevisionId, Place],
    headers: Mapping[RevisionId, Header],
) -> Iterator[SchemaOpsError]:
    beginnings = [one for one, header in headers.items() if header.checkpoint]
    missing: set[RevisionId] = set()
    for child, parent in missing_parents(parents, beginnings):
        error = MissingParent(child, parent)
        error.place = places.get(child)
        missing.add(child)
        yield error
    around = cycle(parents)
    if around:
        yield CyclicHistory(around)
        return
    dag = Dag(parents, [*beginnings, *missing])
    for merge in dag.order:
        revision = revisions.get(merge)
        if revision is None or not revision.is_merge or merge in missing:
            continue
        for parent in revision.parents:
            if any(dag.is_ancestor(parent, one) for one in revision.parents if one != parent):
                yield RedundantParent(
                    f"{short(parent)} is an ancestor of another parent", place=places[merge]
                )
        for section in revision.sections:
            yield from _of_section(section, revision, headers, dag, places[merge])


def _of_section(
    section: Section,
    merge: Revision,
    headers: Mapping[RevisionId, Header],
    dag: Dag,
    place: Place,
) -> Iterator[WrongSection]:
    others = [parent for parent in merge.parents if parent != section.parent]
    way = dag.beyond((section.parent,), others)
    by_short = {short(one): one for one in way}
    changing = {short(one) for one in way if one not in headers or not headers[one].is_merge}
    for title, pieces in (("up from", section.up), ("down to", section.down)):
        named = [one for piece in pieces for one in piece.of]
        for one in dict.fromkeys(named):
            if one not in by_short:
                yield WrongSection(
                    f"{title} {short(section.parent)} names {one}, which is not on that way",
                    place=place,
                )
        if title == "up from":
            for one in sorted(changing - set(named)):
                yield WrongSection(f"{title} {short(section.parent)} leaves out {one}", place=place)


def _cut(digest: str) -> str:
    return digest[:15]
