"""Lines of revisions: the statements that lead from one revision to a descendant of it, each with
the revisions that it stands for and its place in a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from schemaops.commands.workspace import Tree
from schemaops.history.format import piece_lines, up_line
from schemaops.history.revision import RevisionId, short
from schemaops.history.states import States
from schemaops.plan.route import Leg, route
from schemaops.sql.interpret import Effect, Fault, Interpretation, Interpreter
from schemaops.sql.split import split

__all__ = ["RevisionLine", "line_between"]


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """What leads from one revision to another: a group a statement, and for each the revisions that
    it stands for."""

    interpretation: Interpretation
    of: tuple[tuple[RevisionId, ...], ...]


def line_between(
    trees: tuple[Tree, ...], states: States, base: RevisionId | None, to: RevisionId
) -> RevisionLine:
    """Return the line from `base` to its descendant `to`."""
    dag = states.dag
    kept = frozenset(dag.closure(() if base is None else (base,)))
    way = route(dag, kept, to)
    assert way is not None, "a revision is reached from each of its ancestors"
    effects: dict[str, Effect] = {}
    for leg in way.legs:
        effects |= states.effects(leg.revision)
    before = states.at(base)
    reader = Interpreter(before.schema, effects, states.search_path, blind=not before.certain)
    of: list[tuple[RevisionId, ...]] = []
    for leg in way.legs:
        tree = next(one for one in trees if leg.revision in one.store.ids())
        file = tree.store.place_of(leg.revision).file
        for text, line, names in _texts(states, leg):
            for statement in split(text, states.dialect, file=file):
                placed = replace(statement, line=statement.line + line)
                if not isinstance(reader.read(placed, file), Fault):
                    of.append(names)
    return RevisionLine(reader.interpretation(), tuple(of))


def _texts(states: States, leg: Leg) -> Iterator[tuple[str, int, tuple[RevisionId, ...]]]:
    revision = states.read(leg.revision)
    if leg.side is None:
        yield revision.up, up_line(revision) - 1, (leg.revision,)
        return
    names = {short(one): one for one in states.dag.between(leg.side, leg.revision)}
    section = next(one for one in revision.sections if one.parent == leg.side)
    for piece, line in zip(section.up, piece_lines(revision)[leg.side], strict=True):
        if piece.text:
            yield piece.text, line - 1, tuple(names[one] for one in piece.of)
