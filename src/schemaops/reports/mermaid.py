"""A part of a DAG as a Mermaid picture, as forges draw it in comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from schemaops.reports.text import one_line, short

__all__ = ["Drawn", "Role", "picture"]

MOST = 60
"""How many revisions are drawn; what is more is said in one node."""


class Role(StrEnum):
    """Why a revision is drawn."""

    BROUGHT = "brought"
    """The pull request brings it."""
    MET = "met"
    """The target has it, and the pull request has not."""
    MADE = "made"
    """The merge of both, which nobody has made yet."""


_LOOKS = {
    Role.BROUGHT: "stroke-width:3px",
    Role.MET: "stroke-dasharray:2 2",
    Role.MADE: "stroke-dasharray:6 3",
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A revision to draw, after its parents."""

    id: str
    parents: tuple[str, ...]
    title: str
    role: Role


def picture(revisions: Sequence[Drawn], branches: Iterable[tuple[str, str]] = ()) -> str:
    """Return the picture of revisions; `branches` are names with the revision that each is at.

    Parents that are not drawn are a dot each; older revisions than can be drawn are left out.
    """
    shown = revisions[-MOST:]
    known = {one.id for one in shown}
    rows = ["flowchart BT"]
    rows += (f'    {_node(one.id)}["{_label(one)}"]' for one in shown)
    outside = sorted({parent for one in shown for parent in one.parents} - known)
    rows += (f'    {_node(one)}(("{short(one)}"))' for one in outside)
    for one in shown:
        rows += (f"    {_node(parent)} --> {_node(one.id)}" for parent in one.parents)
    rows += _named(branches, known.union(outside))
    left = len(revisions) - len(shown)
    if left:
        rows.append(f'    older["… {left} older"]')
    for role, look in _LOOKS.items():
        its = [_node(one.id) for one in shown if one.role is role]
        if its:
            rows += (f"    classDef {role} {look}", f"    class {','.join(its)} {role}")
    return "\n".join(rows) + "\n"


def _named(branches: Iterable[tuple[str, str]], known: set[str]) -> Iterator[str]:
    for number, (name, at) in enumerate(branches):
        if at in known:
            yield f'    b{number}(["{_quoted(name)}"]) -.- {_node(at)}'


def _node(revision: str) -> str:
    return f"r{revision[:12]}"


def _label(one: Drawn) -> str:
    if one.role is Role.MADE:
        return _quoted("the merge, not made yet")
    return _quoted(f"{short(one.id)} {one_line(one.title, 40)}")


def _quoted(text: str) -> str:
    # Mermaid has its own entities, and no other way to have these inside a label.
    return "".join(f"#{ord(mark)};" if mark in '"#<>&`\\' else mark for mark in text)
