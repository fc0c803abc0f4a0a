"""Revisions sealed anew over another parent, with their SQL carried there: rebased, or picked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from schemaops.commands.merged import MergeDisputed
from schemaops.commands.scripts import Script
from schemaops.commands.sealing import FallsShort, RefusedOnScratch, Sealed, Sealing
from schemaops.commands.workspace import Workspace
from schemaops.errors import SchemaOpsError
from schemaops.history.revision import Kept, Piece, Revision, RevisionId, Section, short
from schemaops.history.states import Known, States
from schemaops.reports.moved import MovedRevision
from schemaops.reports.text import one_line
from schemaops.schema.state import Schema
from schemaops.sql.split import split

__all__ = ["Carried", "NotMovable", "carried_from", "in_order", "sealed_anew"]


class NotMovable(SchemaOpsError):
    """A revision cannot be given other parents.

    It is a merge that decided something, a checkpoint, or one statement was combined from several
    revisions, so that none of them can stand alone; or what was decided puts statements in another
    order than the revisions have. Merge instead: `schemaops merge BRANCH`.
    """

    code = "SO341"


@dataclass(frozen=True, slots=True)
class Carried:
    """A revision as it reads over another parent: None where nothing is left of it there."""

    former: RevisionId
    text: str | None
    verbatim: bool = True


def carried_from(
    states: States, section: Section, revisions: Iterable[RevisionId]
) -> tuple[Carried, ...]:
    """Return what each of some revisions comes to along the section of a merge; raise NotMovable."""
    chosen = tuple(revisions)
    names = {short(one): one for one in chosen}
    pieces: dict[RevisionId, list[Piece]] = {one: [] for one in chosen}
    for piece in section.up:
        its = [names[name] for name in piece.of if name in names]
        if piece.text and len(piece.of) > 1:
            listed = ", ".join(name[:7] for name in piece.of)
            raise NotMovable(
                f"`{one_line(piece.text, 40)}` stands for {listed} at once",
                hints=("schemaops log --graph",),
            )
        if piece.text and not its:
            raise NotMovable(
                f"`{one_line(piece.text, 40)}` was decided by the merge {piece.of[0][:7]}",
                hints=(f"schemaops show {piece.of[0][:7]}",),
            )
        for one in its:
            pieces[one].append(piece)
    return tuple(_carried(states, one, its) for one, its in pieces.items())


def in_order(section: Section, revisions: Iterable[RevisionId]) -> bool:
    """Return whether the statements of a section stand in the order of their revisions."""
    places = {short(one): place for place, one in enumerate(revisions)}
    found = [places[name] for piece in section.up if piece.text for name in piece.of]
    return found == sorted(found)


def _carried(states: States, revision: RevisionId, pieces: Sequence[Piece]) -> Carried:
    texts = [piece.text for piece in pieces if piece.text]
    value = states.read(revision)
    whole = [one.text for one in split(value.up, states.dialect)]
    said = [one.text for text in texts for one in split(text, states.dialect)]
    if said == whole and all(p.kept is Kept.VERBATIM for p in pieces if p.text):
        return Carried(revision, value.up)
    return Carried(revision, "".join(texts) or None, verbatim=False)


def sealed_anew(
    workspace: Workspace,
    states: States,
    parent: RevisionId | None,
    carried: Iterable[Carried],
    ends: Schema,
    *,
    rehearse: bool = True,
) -> tuple[list[Sealed], list[MovedRevision]]:
    """Return revisions sealed one over the other, and what is to be said of them; what there is
    nothing left of is left out. Raise MergeDisputed where they do not end in the schema `ends`."""
    known = states.at(parent)
    made: list[Sealed] = []
    told: list[MovedRevision] = []
    at = parent
    for one in carried:
        value = states.read(one.former)
        if one.text is None:
            told.append(MovedRevision(one.former, None, value.title))
            continue
        sealed = _sealed(workspace, states, at, known, one, value, rehearse=rehearse)
        made.append(sealed)
        statements = [group.text for group in sealed.groups]
        reworded = () if one.verbatim else tuple(statements)
        before = () if one.verbatim else tuple(s.text for s in split(value.up, states.dialect))
        told.append(
            MovedRevision(
                one.former, sealed.id, value.title, before, reworded, sealed.rehearsed, sealed.notes
            )
        )
        at, known = sealed.id, sealed.known
    if known.schema != ends:
        raise MergeDisputed(
            "what was carried does not end in the schema that it must",
            hints=("schemaops fsck",),
        )
    return made, told


def _sealed(
    workspace: Workspace,
    states: States,
    parent: RevisionId | None,
    known: Known,
    one: Carried,
    value: Revision,
    *,
    rehearse: bool,
) -> Sealed:
    assert one.text is not None
    assert value.migration is not None
    head = Revision(
        parents=() if parent is None else (parent,),
        migration=value.migration,
        message=value.message,
        author=value.author,
        date=value.date,
        carried_from=(*value.carried_from, (one.former, value.migration)),
    )
    name = f"{short(one.former)[:7]} carried"
    own = value.down if one.verbatim and not value.down_generated else None

    def seal(down: str | None) -> Sealed:
        sealing = Sealing(
            known,
            scratch=workspace.scratch_url(),
            rehearse=rehearse,
            search_path=workspace.config.search_path,
        )
        back = None if down is None else Script(name, down)
        effects = states.effects(one.former)
        return sealing.seal(head, Script(name, one.text or ""), back, effects)

    if own is None:
        return seal(None)
    try:
        return seal(own)
    except (FallsShort, RefusedOnScratch):
        sealed = seal(None)
        note = "the way back that its author wrote does not fit here: a new one was written"
        return replace(sealed, notes=(*sealed.notes, note))
