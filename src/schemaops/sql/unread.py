"""Texts that no grammar of ours fits, read as tokens: the last resort, and marked as such.

Keywords are folded and spaces made one, so that layout is no difference; an identifier that is a column
in scope, or a relation behind FROM, JOIN and the like, becomes a hole. Nothing else is understood.
"""

from __future__ import annotations

from schemaops.names import Address, Kind, Name
from schemaops.schema.expressions import Expression, Piece
from schemaops.sql.lexer import Token, TokenKind, tokens
from schemaops.sql.names import fold, quote
from schemaops.sql.scope import Mention, Reading, Scope

__all__ = ["by_tokens", "is_unread", "with_holes"]

_BEFORE_RELATION = frozenset({"from", "join", "into", "update", "table", "only"})


def by_tokens(text: str, dialect: str, scope: Scope) -> Reading:
    """Return a text read as tokens alone, not understood."""
    found = tuple(tokens(text, dialect))
    relations = tuple(_relations(found, dialect, scope))
    tables = [scope.table] if scope.table else []
    for _, _, at in relations:
        relation = scope.resolver.relation(at.path)
        if relation is not None:
            tables.append(relation)
    columns: dict[Name, list[Address]] = {}
    for table in tables:
        for column in table.columns:
            columns.setdefault(column.at.name, []).append(column.at)
    holes = {first.start: (last, at) for first, last, at in relations}
    mentions, read = [], set()
    pieces: list[Piece] = []
    skip = -1
    for place, token in enumerate(found):
        if token.start < skip:
            continue
        hole = holes.get(token.start)
        if hole is not None:
            last, at = hole
            mentions.append(Mention(last.start, last.end, at))
            pieces.append(at)
            skip = last.end
        else:
            candidates = _columns_named(token, found, place, dialect, columns)
            read.update(candidates)
            if len(candidates) == 1:
                mentions.append(Mention(token.start, token.end, candidates[0]))
                pieces.append(candidates[0])
            else:
                pieces.append(_plain(token, dialect))
        pieces.append(" ")
    return Reading(
        Expression(merged(pieces[:-1]), with_holes(text, mentions_to_holes(mentions))),
        columns=frozenset(read),
        relations=frozenset(at for _, _, at in relations),
        mentions=tuple(mentions),
        understood=False,
        spelled=False,
    )


def is_unread(query: Expression) -> bool:
    """Whether the normal form of a query or body is of its tokens, where a grammar's has words in
    upper case."""
    first = next((piece for piece in query.normal if isinstance(piece, str)), "")
    return first.lstrip("( ")[:1].islower()


def with_holes(text: str, holes: list[tuple[int, int, Address]]) -> tuple[Piece, ...]:
    """Return a text with the address in place of the characters from each start to its end."""
    pieces: list[Piece] = []
    at = 0
    for start, end, address in sorted(holes, key=lambda hole: hole[0]):
        if start > at:
            pieces.append(text[at:start])
        pieces.append(address)
        at = end
    if at < len(text):
        pieces.append(text[at:])
    return tuple(pieces)


def mentions_to_holes(mentions: list[Mention]) -> list[tuple[int, int, Address]]:
    """Return each mention's characters and address."""
    return [(mention.start, mention.end, mention.address) for mention in mentions]


def merged(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Return pieces with neighbouring texts made one."""
    out: list[Piece] = []
    run: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            run.append(piece)
            continue
        if text := "".join(run):
            out.append(text)
        run = []
        out.append(piece)
    if text := "".join(run):
        out.append(text)
    return tuple(out)


def _is_identifier(token: Token) -> bool:
    return token.kind in {TokenKind.WORD, TokenKind.QUOTED}


def _relations(
    found: tuple[Token, ...], dialect: str, scope: Scope
) -> list[tuple[Token, Token, Address]]:
    relations = []
    for place, token in enumerate(found):
        if token.kind is not TokenKind.WORD or token.text.lower() not in _BEFORE_RELATION:
            continue
        at = place + 1
        path: list[Token] = []
        while at < len(found) and _is_identifier(found[at]):
            path.append(found[at])
            if at + 1 >= len(found) or found[at + 1].text != ".":
                break
            at += 2
        if path:
            names = tuple(fold(part.text, dialect, Kind.TABLE) for part in path)
            relation = scope.resolver.relation(names)
            if relation is not None:
                relations.append((path[0], path[-1], relation.at))
    return relations


def _columns_named(
    token: Token,
    found: tuple[Token, ...],
    place: int,
    dialect: str,
    columns: dict[Name, list[Address]],
) -> list[Address]:
    if not _is_identifier(token):
        return []
    following = found[place + 1].text if place + 1 < len(found) else ""
    if following in {"(", "."}:
        return []
    return columns.get(fold(token.text, dialect), [])


def _plain(token: Token, dialect: str) -> str:
    match token.kind:
        case TokenKind.WORD:
            return token.text.lower() if dialect != "mysql" else token.text
        case TokenKind.QUOTED:
            return quote(fold(token.text, dialect), dialect)
        case _:
            return token.text
