"""A DAG as a Mermaid picture, as forges draw it in comments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schemaops.reports.text import one_line, short

__all__ = ["picture"]


def picture(revisions: Iterable[tuple[str, Sequence[str], str]], marked: Iterable[str] = ()) -> str:
    """Return the picture of revisions, each with its parents and title; `marked` ones stand out.

    Parents that are not among them are drawn as a dot each.
    """
    listed = tuple(revisions)
    known = {name for name, _, _ in listed}
    rows = ["flowchart BT"]
    for name, _, title in listed:
        rows.append(f'    {_node(name)}["{_quoted(short(name), one_line(title, 40))}"]')
    for outside in sorted({parent for _, parents, _ in listed for parent in parents} - known):
        rows.append(f'    {_node(outside)}(("{short(outside)}"))')
    for name, parents, _ in listed:
        rows += (f"    {_node(parent)} --> {_node(name)}" for parent in parents)
    shown = [_node(name) for name in marked if name in known]
    if shown:
        rows.append("    classDef new stroke-width:3px")
        rows.append(f"    class {','.join(shown)} new")
    return "\n".join(rows) + "\n"


def _node(revision: str) -> str:
    return f"r{revision[:12]}"


def _quoted(*parts: str) -> str:
    # Mermaid has its own entities, and no other way to have these inside a label.
    text = " ".join(parts)
    return "".join(f"#{ord(mark)};" if mark in '"#<>&`\\' else mark for mark in text)
