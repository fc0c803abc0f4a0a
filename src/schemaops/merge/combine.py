"""Combine: what two changes of one fact come to where the meaning is clear — lists that both extend:
the labels of an enum, what a check lists, what a view selects; and the lines of a body.

What each side inserts keeps its place between what was there. Where both insert in one place, the side
whose first entry sorts first stands first, so that both ways round agree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any, TypeVar

from schemaops.names import Address, Name
from schemaops.schema.expressions import Expression, Piece, Pieces
from schemaops.schema.objects import Attribute, Check, DomainCheck, Grant, Object, View
from schemaops.sql.mysql_partitions import partitioning
from schemaops.sql.names import fold
from schemaops.sql.types import Family, family, parsed

__all__ = ["combined", "combined_thing", "extends", "merged_lines"]

S = TypeVar("S", bound=str)


def combined(fact: str, base: Any, ours: Any, theirs: Any, dialect: str) -> Any:
    """Return what a fact comes to that both sides change, None where that is theirs to decide."""
    if fact == "values" and isinstance(base, tuple):
        return _renamed(base, ours, theirs) or _lists(base, ours, theirs)
    if fact == "type" and dialect == "mysql":
        return _enum_types(base, ours, theirs)
    if fact == "definition" and dialect == "mysql":
        return _partitions(base, ours, theirs)
    if fact == "order":
        return _order(base, ours, theirs)
    if fact == "definition" and all(isinstance(one, Expression) for one in (base, ours, theirs)):
        return _entries(base, ours, theirs)
    if fact == "expression" and all(isinstance(one, Expression) for one in (base, ours, theirs)):
        return _checks(base, ours, theirs)
    if fact == "checks":
        return _by_name(base, ours, theirs)
    if fact == "attributes":
        gone = [{one.name for one in base} - {one.name for one in side} for side in (ours, theirs)]
        # One that both take away may go on under another name.
        return None if gone[0] & gone[1] else _by_name(base, ours, theirs)
    if fact == "body" and all(isinstance(one, str) for one in (base, ours, theirs)):
        return merged_lines(base, ours, theirs)
    return None


# Where the entries of a publication begin, those of a text search configuration, and what is behind them.
_ENTRY = re.compile(
    r"(?: FOR |, )(?=TABLE \0|TABLES IN SCHEMA \0)|(?=; ALTER TEXT SEARCH)|(?= WITH \(publish)"
)
_MARK = re.compile(r"\0(\d+)\0")


def _entries(base: Expression, ours: Expression, theirs: Expression) -> Expression | None:
    """Return a list of tables that are published, or of mappings, to which each side adds some and of
    which each takes some."""
    named: list[Address] = []

    def told(one: Expression) -> list[str]:
        text = ""
        for piece in one.normal:
            if isinstance(piece, Address):
                if piece not in named:
                    named.append(piece)
                text += f"\0{named.index(piece)}\0"
            else:
                text += piece
        return _ENTRY.split(text)

    was, mine, its = told(base), told(ours), told(theirs)
    if (
        len({one[0] for one in (was, mine, its)}) != 1
        or len({len(_ends(o)) for o in (was, mine, its)}) != 1
    ):
        return None
    tails = [_ends(one) for one in (was, mine, its)]
    if tails[1] != tails[2] and tails[0] not in tails[1:]:
        return None
    tail = tails[2] if tails[1] == tails[0] else tails[1]
    before, one, other = (
        {_entry_key(e): e for e in part[1 : len(part) - len(tail)]} for part in (was, mine, its)
    )
    kept: dict[str, str] = {}
    for key in {**one, **other}:
        a, b, first = one.get(key), other.get(key), before.get(key)
        if a != b and first not in (a, b):
            return None
        chosen = b if a == first else a
        if chosen is not None:
            kept[key] = chosen

    def rank(key: str) -> tuple[bool, object]:
        found = _MARK.search(key)
        schemas = key.startswith("TABLES")
        return schemas, key if found is None or ";" in key else named[int(found[1])]

    text = was[0]
    for place, key in enumerate(sorted(kept, key=rank)):
        between = "" if ";" in key else ", " if place else " FOR "
        text += between + kept[key]
    pieces: list[Piece] = []
    for place, part in enumerate(_MARK.split(text + "".join(tail))):
        if place % 2:
            pieces.append(named[int(part)])
        elif part:
            pieces.append(part)
    return Expression(tuple(pieces), tuple(pieces))


def _ends(parts: list[str]) -> list[str]:
    return parts[-1:] if parts[-1].startswith(" WITH (publish") else []


def _entry_key(entry: str) -> str:
    """Return what an entry is about: a table, a schema, or a kind of token."""
    if entry.startswith(";"):
        return entry.partition(" WITH ")[0]
    found = _MARK.search(entry)
    return entry if found is None else entry[: found.end()]


def _partitions(base: str, ours: str, theirs: str) -> str | None:
    """Return partitions of which each side drops some, to which one adds some behind, and where one
    calls the table, or a column that divides it, otherwise."""
    was, mine, its = map(partitioning, (base, ours, theirs))
    if was is None or mine is None or its is None:
        return None
    if len({one.method for one in (was, mine, its)}) != 1:
        return None
    if was.over not in (mine.over, its.over):
        return None
    # Over another column the partitions would be made anew.
    called = its if mine.over == was.over else mine
    if called.over != was.over and called.parts != was.parts:
        return None
    kept = [part for part in was.parts if part in mine.parts and part in its.parts]
    added: list[tuple[str, str]] = []
    for one in (mine, its):
        same = [part for part in one.parts if part in was.parts]
        if one.parts[: len(same)] != tuple(same):
            return None
        added += one.parts[len(same) :]
    names = [
        fold(found[1], "mysql") for text in (base, ours, theirs) for found in _TABLE.finditer(text)
    ]
    if len(names) != 3 or all(set(one.parts) - set(was.parts) for one in (mine, its)):
        return None
    name = names[2] if names[1] == names[0] else names[1]
    made = replace(was, parts=(*kept, *added), over=called.over, below=called.below)
    return made.text(name) if kept else None


_TABLE = re.compile(r"^ALTER TABLE (`(?:[^`]|``)+`|\S+)")


def _order(base: Sequence[S], ours: Sequence[S], theirs: Sequence[S]) -> tuple[S, ...] | None:
    """Return the order of attributes with what ours does to the base done to theirs."""
    if len(ours) == len(base):
        names = dict(zip(base, ours, strict=True))
        return tuple(names.get(name, name) for name in theirs)
    if tuple(ours[: len(base)]) == tuple(base):
        return (*theirs, *ours[len(base) :])
    if set(ours) < set(base):
        return tuple(name for name in theirs if name in ours or name not in base)
    return None


N = TypeVar("N", bound=DomainCheck | Attribute)


def _by_name(base: Sequence[N], ours: Sequence[N], theirs: Sequence[N]) -> tuple[N, ...] | None:
    """Return the parts of a type that both sides leave or make, by name."""
    was = {part.name: part for part in base}
    mine = {part.name: part for part in ours}
    its = {part.name: part for part in theirs}
    found: list[N] = []
    for name in sorted({*was, *mine, *its}):
        before, one, other = was.get(name), mine.get(name), its.get(name)
        if one != other and before not in (one, other):
            return None
        kept = other if one == before else one
        found += [] if kept is None else [kept]
    return tuple(found)


def combined_thing(
    base: Object | None, ours: Object, theirs: Object, dialect: str
) -> Object | None:
    """Return what a check or view comes to that both sides change, or make anew in one's place."""
    match base, ours, theirs:
        case View(), View(), View():
            return _views(base, ours, theirs)
        case Check(), Check(), Check() if (ours.named, ours.options) == (
            theirs.named,
            theirs.options,
        ):
            made = combined(
                "expression", base.expression, ours.expression, theirs.expression, dialect
            )
            return None if made is None else replace(ours, expression=made)
        case _, Grant(), Grant() if replace(ours, grantable=theirs.grantable) == theirs:
            return replace(ours, grantable=True)
        case _:
            return None


# -- lists in expressions

_LITERAL = r"(?:'(?:[^']|'')*'|-?[0-9][0-9.]*)"
_LIST = re.compile(rf"(?s)(.*\()({_LITERAL}(?:\s*,\s*{_LITERAL})*)(\).*)")


def _checks(base: Expression, ours: Expression, theirs: Expression) -> Expression | None:
    made = _listed(base.normal, ours.normal, theirs.normal)
    if made is None:
        return None
    normal, items = made
    # The one whose text sorts first lends the other form, so that both ways round agree.
    lender = min((ours, theirs), key=lambda one: str(one.written))
    # PostgreSQL's own form of a list, an array and its casts, is left for the plain one.
    written = _with_items(lender.written, items) if lender.written else None
    return Expression(normal, written or normal)


def _listed(base: Pieces, ours: Pieces, theirs: Pieces) -> tuple[Pieces, list[str]] | None:
    """Return pieces that differ in one list only with the list of both, and that list."""
    if not len(base) == len(ours) == len(theirs):
        return None
    places = [
        n for n, (was, *now) in enumerate(zip(base, ours, theirs, strict=True)) if {was} != {*now}
    ]
    if len(places) != 1:
        return None
    (n,) = places
    texts = [pieces[n] for pieces in (base, ours, theirs)]
    found = [_LIST.fullmatch(text) for text in texts if isinstance(text, str)]
    parts = [f.groups() for f in found if f is not None]
    if len(parts) != 3 or len({(head, tail) for head, _, tail in parts}) != 1:
        return None
    items = _lists(*(re.findall(_LITERAL, inside) for _, inside, _ in parts))
    if items is None:
        return None
    text = f"{parts[0][0]}{', '.join(items)}{parts[0][2]}"
    return (*base[:n], text, *base[n + 1 :]), list(items)


def _with_items(pieces: Pieces, items: Sequence[str]) -> Pieces | None:
    places = [n for n, p in enumerate(pieces) if isinstance(p, str) and _LIST.fullmatch(p)]
    if len(places) != 1:
        return None
    (n,) = places
    found = _LIST.fullmatch(str(pieces[n]))
    assert found is not None
    return (*pieces[:n], f"{found[1]}{', '.join(items)}{found[3]}", *pieces[n + 1 :])


# -- what a view selects


def _views(base: View, ours: View, theirs: View) -> View | None:
    """Return a view with the columns of both, and with what one side alone made of the rest."""
    read = [_read(view) for view in (base, ours, theirs)]
    if any(one is None for one in read) or ours.options != theirs.options:
        return None
    was, mine, its = (one for one in read if one is not None)
    names = _lists(base.columns, ours.columns, theirs.columns)
    if names is None:
        return None
    found = []
    for name in (*names, None):
        made = _either(was.get(name), mine.get(name), its.get(name))
        if made is None:
            return None
        found.append(made)
    forms = []
    for n in (0, 1):
        pieces: list[Piece] = ["SELECT "]
        for place, made in enumerate(found[:-1]):
            pieces += [", "] if place else []
            pieces += made[n]
        forms.append(_joined((*pieces, *found[-1][n])))
    return replace(ours, columns=names, query=Expression(*forms))


# Where rows become groups, or queries one, each column depends on the others.
_GROUPED = re.compile(
    r"(?i)\b(GROUP BY|HAVING|WINDOW|UNION|INTERSECT|EXCEPT|LIMIT|OFFSET|FETCH|WITHIN|OVER)\b"
    r"|\b(count|sum|total|min|max|avg|every|\w+_agg|group_concat|bool_\w+|bit_\w+|std\w*|var\w*)\s*\("
)
_Entry = tuple[Pieces, Pieces]


def _either(base: _Entry | None, ours: _Entry | None, theirs: _Entry | None) -> _Entry | None:
    """Return an entry in both its forms where one side left it as it was; the normal form decides."""
    if ours is None or theirs is None:
        return ours or theirs
    if ours[0] == theirs[0]:
        return min(ours, theirs, key=lambda one: _plain(one[1]))
    if base is None or base[0] not in (ours[0], theirs[0]):
        return None
    return theirs if ours[0] == base[0] else ours


def _read(view: View) -> dict[Name | None, _Entry] | None:
    """Return the entries of a view's SELECT by the names of its columns; what follows them by None."""
    normal, written = _selected(view.query.normal), _selected(view.query.written)
    if normal is None or written is None or _GROUPED.search(_plain(view.query.normal)):
        return None
    if not len(normal[0]) == len(written[0]) == len(view.columns):
        return None
    found: dict[Name | None, _Entry] = {None: (normal[1], written[1])}
    for name, *forms in zip(view.columns, normal[0], written[0], strict=True):
        found[name] = (forms[0], forms[1])
    return found


def _selected(pieces: Pieces) -> tuple[list[Pieces], Pieces] | None:
    """Return the entries of the list that a plain SELECT begins with, and what follows it."""
    if not pieces or not isinstance(pieces[0], str) or pieces[0][:7].upper() != "SELECT ":
        return None
    if pieces[0][7:].upper().startswith(("DISTINCT", "ALL ")):
        return None
    items: list[list[Piece]] = [[]]
    depth = 0
    for n, piece in enumerate(pieces):
        text = piece if isinstance(piece, str) else ""
        start = at = 7 if n == 0 else 0
        while at < len(text):
            if text[at] == "'":
                at = text.find("'", at + 1)
                if at < 0:
                    return None
            elif text[at] in "()":
                depth += 1 if text[at] == "(" else -1
            elif depth == 0 and text[at] == ",":
                items[-1].append(text[start:at])
                items.append([])
                start = at + 1
            elif depth == 0 and text[at : at + 6].upper() == " FROM ":
                items[-1].append(text[start:at])
                return [_stripped(i) for i in items], (text[at:], *pieces[n + 1 :])
            at += 1
        items[-1].append(text[start:] if isinstance(piece, str) else piece)
    return None


def _stripped(pieces: list[Piece]) -> Pieces:
    joined = list(_joined(tuple(pieces)))
    if joined and isinstance(joined[0], str):
        joined[0] = joined[0].lstrip()
    if joined and isinstance(joined[-1], str):
        joined[-1] = joined[-1].rstrip()
    return tuple(piece for piece in joined if piece != "")


def _joined(pieces: Pieces) -> Pieces:
    found: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and found and isinstance(found[-1], str):
            found[-1] += piece
        elif piece != "":
            found.append(piece)
    return tuple(found)


def _plain(pieces: Pieces) -> str:
    return "".join(p if isinstance(p, str) else f"\x00{p.kind}:{p}\x00" for p in pieces)


# -- bodies, line by line


def merged_lines(base: str, ours: str, theirs: str) -> str | None:
    """Return a text with the changes of both sides, None where they touch the same lines."""
    was = base.splitlines(keepends=True)
    edits = sorted({*_edits(was, ours), *_edits(was, theirs)})
    for (_, end, _), (start, _, _) in pairwise(edits):
        if start <= end:
            return None  # lines beside each other may well belong together
    found: list[str] = []
    at = 0
    for start, end, lines in edits:
        found += [*was[at:start], *lines]
        at = end
    return "".join((*found, *was[at:]))


def _edits(was: list[str], now: str) -> list[tuple[int, int, tuple[str, ...]]]:
    new = now.splitlines(keepends=True)
    matcher = SequenceMatcher(None, was, new, autojunk=False)
    return [(a, b, tuple(new[c:d])) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]


def extends(fact: str, before: Any, after: Any, dialect: str) -> bool:
    """Whether a change of a fact only adds to it, so that it combines with others that do."""
    return combined(fact, before, after, before, dialect) is not None


def _enum_types(base: Expression, ours: Expression, theirs: Expression) -> Expression | None:
    if any(family(type_, "mysql") is not Family.ENUM for type_ in (base, ours, theirs)):
        return None
    names = [parsed(type_, "mysql") for type_ in (base, ours, theirs)]
    if len({(name.base, name.suffix) for name in names}) != 1:
        return None
    # In a table a label is its place in the list, so only what is added at the end is added.
    first = names[0].arguments
    if any(name.arguments[: len(first)] != first for name in names):
        return None
    labels = _lists(*(name.arguments for name in names))
    if labels is None:
        return None
    text = f"{names[0].base}({','.join(labels)}){names[0].suffix}"
    return Expression((text,), (text,))


def _renamed(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> tuple[str, ...] | None:
    """Return the labels where one side calls some otherwise that the other leaves as they are."""
    for one, other in ((ours, theirs), (theirs, ours)):
        if len(one) != len(base) or set(one) == set(base):
            continue
        names = {old: new for old, new in zip(base, one, strict=True) if old != new}
        if not names.keys() <= set(other):
            continue
        found = tuple(names.get(label, label) for label in other)
        if len(set(found)) == len(found):
            return found
    return None


def _lists(base: Sequence[S], ours: Sequence[S], theirs: Sequence[S]) -> tuple[S, ...] | None:
    mine, its = _gaps(base, ours), _gaps(base, theirs)
    if mine is None or its is None:
        return None
    found: list[S] = []
    for place in range(len(base) + 1):
        one, other = mine[place], its[place]
        if one == other:
            found += one
        elif one and other and set(one) & set(other):
            if not (set(one) <= set(other) or set(other) <= set(one)):
                return None
            found += one if len(one) > len(other) else other
        else:
            found += [label for block in sorted((one, other)) for label in block]
        found += base[place : place + 1]
    return tuple(found) if len(set(found)) == len(found) else None


def _gaps(base: Sequence[S], extended: Sequence[S]) -> list[list[S]] | None:
    """Return what stands before each label of the base and at the end, None where one is missing."""
    gaps: list[list[S]] = [[]]
    for label in extended:
        if len(gaps) <= len(base) and label == base[len(gaps) - 1]:
            gaps.append([])
        else:
            gaps[-1].append(label)
    return gaps if len(gaps) == len(base) + 1 else None
