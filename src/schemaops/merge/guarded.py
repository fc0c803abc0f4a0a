"""Inserts of a row where none such is yet: INSERT … SELECT literals WHERE NOT EXISTS (SELECT … WHERE …).

Two of them, for other keys, do not see each other's rows: they are as apart as their rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from schemaops.names import Address
from schemaops.operations import Rows
from schemaops.schema.expressions import Expression, Piece
from schemaops.schema.state import Schema
from schemaops.sql.predicates import Value, literal, pinned, value

__all__ = ["Guard", "guarded"]

Guard = Mapping[Address, frozenset[Value]]
"""What a row must have, in columns that are pinned to literals, for an INSERT to be left."""

_HOLE = "\x00"
_FORM = re.compile(
    r"insert into (?P<table>\x00\d+\x00) \( (?P<columns>[\x00\d ,]+) \) select (?P<cells>.+?)"
    r"(?: from (?:dual|\( select [^()\x00]+ \)(?: as)? \w+))? where not exists "
    r"\( select [^()\x00]+ from (?P=table)(?: as)?(?: (?P<alias>(?!where\b)\w+))? "
    r"where (?P<condition>.+) \)",
    re.DOTALL,
)
_CELL = re.compile(r"(?:'(?:[^']|'')*'|[^',()])+")


def guarded(rows: Rows, schema: Schema) -> tuple[Rows, Guard] | None:
    """Return an INSERT of one row of literals without its guard, and the guard; None for another
    statement."""
    if rows.verb != "insert" or rows.conflict is not None or rows.values is not None:
        return None
    holes: list[Address] = []
    found = _FORM.fullmatch(_numbered(rows.text.normal, holes))
    if found is None:
        return None
    cells = [cell.group().strip() for cell in _CELL.finditer(found["cells"])]
    said = found["condition"]
    if found["alias"]:
        said = re.sub(rf"(?<!\w){re.escape(found['alias'])} \. (?=\x00)", "", said)
    condition = _pieces(said, holes)
    given = tuple(literal(value(Expression((cell,)), {}, schema)) for cell in cells)
    own = {at for at in condition if isinstance(at, Address)}
    if _HOLE in found["cells"] or len(given) != len(rows.columns) or "select" in said.split():
        return None
    if any(at.path[:-1] != rows.table.path for at in own):
        return None
    head = _pieces(f"{found.string[: found.start('cells')]}{found['cells']}", holes)
    alone = Expression(head, head)
    plain = replace(rows, values=(given,), reads=(rows.table,), text=alone)
    return plain, pinned(Expression(condition), schema)


def _numbered(pieces: tuple[Piece, ...], holes: list[Address]) -> str:
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
            continue
        if piece not in holes:
            holes.append(piece)
        text += f"{_HOLE}{holes.index(piece)}{_HOLE}"
    return text


def _pieces(text: str, holes: list[Address]) -> tuple[Piece, ...]:
    parts = text.split(_HOLE)
    return tuple(holes[int(part)] if n % 2 else part for n, part in enumerate(parts) if part)
