"""Names that PostgreSQL cuts to one: written as two, each side means an object of its own."""

from __future__ import annotations

from collections.abc import Iterator

from schemaops.merge.carry import Line
from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.course import shown
from schemaops.merge.world import Clash, World, said
from schemaops.names import Address
from schemaops.operations import Create, Rename
from schemaops.operations.group import Group
from schemaops.sql.lexer import TokenKind, tokens
from schemaops.sql.names import fold, unquoted

__all__ = ["cut_alike", "longer"]

_MOST_BYTES = 63


def cut_alike(world: World, ours: Line, theirs: Line) -> Iterator[tuple[int, int, Clash]]:
    """Yield what both sides make under one name that each of them wrote longer, and otherwise."""
    if world.dialect != "postgres":
        return
    mine, its = _named(ours), _named(theirs)
    for at in sorted(mine.keys() & its.keys()):
        (i, one, kind), (j, other, _) = mine[at], its[at]
        if one != other:
            reason = (
                f"both sides make {said(shown(at))}: {_end(one)} and {_end(other)} are one name "
                f"in {_MOST_BYTES} bytes"
            )
            yield i, j, Clash(kind, at, reason)


def _named(line: Line) -> dict[Address, tuple[int, str, ConflictKind]]:
    """Return what a line makes whose name was cut: the statement, and the name as it was written."""
    found: dict[Address, tuple[int, str, ConflictKind]] = {}
    for i, (group, homes) in enumerate(zip(line.groups, line.homes, strict=True)):
        for home in homes:
            match home:
                case Create():
                    at, kind = home.at, ConflictKind.CREATE_CREATE
                case Rename(new=at):
                    kind = ConflictKind.RENAME_RENAME
                case _:
                    continue
            whole = _whole(group, shown(at).name)
            if whole is not None:
                found[at] = (i, whole, kind)
    return found


def _whole(group: Group, name: str) -> str | None:
    """Return a name as a statement has it, None where it has it as it is."""
    # A character is not cut in two, so what is left may be a little shorter.
    if len(name.encode()) < _MOST_BYTES - 3:
        return None
    return next((whole for whole in longer(group) if fold(f'"{whole}"', "postgres") == name), None)


def longer(group: Group) -> tuple[str, ...]:
    """Return the names in a statement that are longer than PostgreSQL keeps, in order."""
    if len(group.text.encode()) <= _MOST_BYTES:
        return ()
    found = []
    for token in tokens(group.text, "postgres"):
        if token.kind in (TokenKind.WORD, TokenKind.QUOTED):
            whole = unquoted(token.text, "postgres")
            if len(whole.encode()) > _MOST_BYTES:
                found.append(whole if whole != token.text else whole.lower())
    return tuple(found)


def _end(name: str) -> str:
    return f"`…{name[-12:]}`"
