"""Bodies of functions that are written out as SQL: RETURN …, and BEGIN ATOMIC … END.

PostgreSQL reads such a body once and keeps what it read, so that it follows renames and holds what it
names, as a view does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from schemaops.schema.expressions import Expression, Piece
from schemaops.sql.lexer import Token, TokenKind, UnreadableSql, tokens
from schemaops.sql.scope import Mention, NotUnderstood, Problem, Reading, Scope
from schemaops.sql.unread import by_tokens, merged

__all__ = ["read_body"]


def read_body(text: str, scope: Scope) -> Reading:
    """Return what a body comes to; it begins with RETURN or BEGIN ATOMIC."""
    found = tuple(tokens(text, "postgres"))
    if found[0].text.upper() == "RETURN":
        start = found[1].start
        read = _read(text[start:], scope, returned=True)
        return _put_together(text, [(start, len(text), read)], "RETURN ", "")
    parts = []
    for start, end in _statements(found):
        part = _read(text[start:end], scope, returned=False)
        parts.append((start, end, part))
    return _put_together(text, parts, "BEGIN ATOMIC ", "; END" if parts else "END")


def _read(text: str, scope: Scope, *, returned: bool) -> Reading:
    from schemaops.sql.binding.readings import read_returned, read_unnamed

    try:
        return read_returned(text, scope) if returned else read_unnamed(text, scope)
    except (NotUnderstood, UnreadableSql, RecursionError):
        return by_tokens(text, "postgres", scope)


def _statements(found: tuple[Token, ...]) -> Iterator[tuple[int, int]]:
    """Yield where each statement between BEGIN ATOMIC and END begins and ends."""
    inner: list[Token] = []
    for token in found[2:-1]:
        if token.kind is TokenKind.SYMBOL and token.text == ";":
            if inner:
                yield inner[0].start, inner[-1].end
            inner = []
        else:
            inner.append(token)
    if inner:
        yield inner[0].start, inner[-1].end


def _put_together(
    text: str, parts: list[tuple[int, int, Reading]], head: str, tail: str
) -> Reading:
    known = all(read.understood or read.spelled for _, _, read in parts)
    normal: list[Piece] = [head if known else head.lower()]
    written: list[Piece] = []
    mentions: list[Mention] = []
    problems: list[Problem] = []
    at = 0
    for number, (start, end, read) in enumerate(parts):
        if number:
            normal.append("; ")
        normal += read.expression.normal
        written += (text[at:start], *read.expression.written)
        at = end
        mentions += (replace(m, start=m.start + start, end=m.end + start) for m in read.mentions)
        problems += read.problems
    return Reading(
        Expression(merged([*normal, tail]), merged([*written, text[at:]])),
        frozenset().union(*(read.columns for _, _, read in parts)),
        frozenset().union(*(read.relations for _, _, read in parts)),
        tuple(mentions),
        tuple(problems),
        understood=all(read.understood for _, _, read in parts),
        spelled=all(read.spelled for _, _, read in parts),
    )
