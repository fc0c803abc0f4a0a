"""Several heads into one: two at a time, and where nothing is to be decided, in one revision.

The ways of the merges that lead there are put together: a head's section is what it executes along all
of them. The heads are taken in id order, so that the bytes do not depend on who merges what into what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from schemaops.commands.merged import Decide, Heads, Merged, Signature, merge_heads, must_lead
from schemaops.commands.workspace import Tree, Workspace
from schemaops.history.format import to_bytes
from schemaops.history.revision import Piece, Revision, RevisionId, Section, short
from schemaops.history.states import States
from schemaops.merge.bases import with_revision

__all__ = ["join"]


def join(
    workspace: Workspace,
    trees: Sequence[Tree],
    heads: Iterable[RevisionId],
    ours: RevisionId | None = None,
    *,
    decide: Decide = lambda _: None,
    signed: Callable[[], Signature] | None = None,
    rehearse: bool = False,
    stored: bool = True,
) -> tuple[Merged, ...]:
    """Return the merges that make one of several heads: one of them all where none needs a decision,
    or two at a time in id order; the last one has no revision where conflicts are left."""
    states = first_states = workspace.states(*trees)
    left = sorted(heads)
    made: list[Merged] = []
    while len(left) > 1:
        first, second, *rest = left
        mine = ours is not None and states.dag.is_ancestor(ours, second)
        chosen = Heads(second, first) if mine else Heads(first, second)
        found = merge_heads(
            workspace,
            trees,
            chosen,
            decide=decide,
            signed=signed,
            rehearse=rehearse,
            states=states,
            stored=stored,
        )
        made.append(found)
        if found.id is None or found.revision is None:
            break
        states = with_revision(states, found.id, found.revision)
        left = [found.id, *rest]
    whole = _together(first_states, made, ours) if len(made) > 1 else None
    return (whole,) if whole is not None else tuple(made)


def _together(states: States, made: Sequence[Merged], ours: RevisionId | None) -> Merged | None:
    """Return one merge for several that lead one to the next; None where something was decided."""
    last = made[-1]
    if last.revision is None or any(one.verdicts for one in made):
        return None
    between = {short(one.id) for one in made if one.id is not None}
    sections: dict[RevisionId, list[Section]] = {}
    for one in made:
        assert one.revision is not None
        for section in one.revision.sections:
            if any(between & set(piece.of) for piece in (*section.up, *section.down)):
                return None
            if short(section.parent) not in between:
                sections[section.parent] = [section]
                continue
            for before in sections.values():
                if before[-1] is not section and _leads_to(before, section, made):
                    before.append(section)
    heads = tuple(sorted(sections))
    effects = {e.statement: e for one in made if one.revision for e in one.revision.effects}
    revision = Revision(
        parents=heads,
        dialect=last.revision.dialect,
        fingerprint=last.revision.fingerprint,
        losses=tuple(
            dict.fromkeys(loss for one in made if one.revision for loss in one.revision.losses)
        ),
        sections=tuple(
            Section(
                head,
                tuple(piece for one in sections[head] for piece in one.up),
                _back(sections[head]),
            )
            for head in heads
        ),
        effects=tuple(effects.values()),
    )
    must_lead(states, revision, last.merge.schema)
    return replace(
        last,
        revision=revision,
        data=to_bytes(revision),
        rehearsed=last.rehearsed if all(one.rehearsed for one in made) else None,
        notes=tuple(dict.fromkeys(note for one in made for note in one.notes)),
        joined=ours if ours in heads else heads[0],
    )


def _leads_to(way: Sequence[Section], section: Section, made: Sequence[Merged]) -> bool:
    """Whether a way so far ends at the merge from which a section goes on."""
    ends = next(one for one in made if one.revision and way[-1] in one.revision.sections)
    return ends.id == section.parent


def _back(way: Sequence[Section]) -> tuple[Piece, ...]:
    """Return the way back along sections, newest first; nothing where one of them has none."""
    if any(any(piece.text for piece in one.up) and not one.down for one in way):
        return ()
    return tuple(piece for one in reversed(way) for piece in one.down)
