"""Event triggers: what runs at the statements themselves, and so at those of the other side too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from schemaops.merge.carry import Line
from schemaops.merge.conflicts import ConflictKind
from schemaops.merge.world import Clash, World, said
from schemaops.names import Kind
from schemaops.operations import Alter, Create, Drop, Operation, Rename, seen_through
from schemaops.operations.group import Group
from schemaops.schema.objects import EventTrigger, Unmodelled

__all__ = ["fired_at"]


def fired_at(world: World, ours: Line, theirs: Line) -> Iterator[tuple[int, int, Clash]]:
    """Yield where one side changes what runs at a statement of the other."""
    for mine, its, swapped in ((ours, theirs, False), (theirs, ours, True)):
        for i, operations in enumerate(mine.homes):
            for trigger in _changed(world, operations):
                for j, group in enumerate(its.groups):
                    if _fires(trigger, group):
                        reason = f"{said(trigger.at)} runs at what the other side changes"
                        clash = Clash(ConflictKind.LATE_BOUND, trigger.at, reason)
                        yield (j, i, clash) if swapped else (i, j, clash)


def _changed(world: World, operations: Iterable[Operation]) -> Iterator[EventTrigger | Unmodelled]:
    """Yield the event triggers that come, go, or do otherwise."""
    for operation in seen_through(operations):
        match operation:
            case Create(thing=EventTrigger() as thing) | Drop(thing=EventTrigger() as thing):
                yield thing
            case Create(thing=Unmodelled(what="event trigger") as thing):
                yield thing
            case Drop(thing=Unmodelled(what="event trigger") as thing):
                yield thing
            case Alter(at=at, fact=fact) if at.kind is Kind.EVENT_TRIGGER and fact != "comment":
                changed = world.base.get(at)
                if isinstance(changed, EventTrigger):
                    yield changed
            case Alter(at=at, fact=fact) if at.kind is Kind.FUNCTION and fact != "comment":
                referring = world.base.referrers(at) if at in world.base else ()
                yield from (one for one in referring if isinstance(one, EventTrigger))
            case _:
                continue


def _fires(trigger: EventTrigger | Unmodelled, group: Group) -> bool:
    """Whether a statement may set an event trigger off, as far as its words tell."""
    words = _WORD.findall(_COMMENT.sub(" ", group.text.upper()))
    changes = [o for o in seen_through(group.operations) if isinstance(o, _CHANGES)]
    if not changes and (group.operations or not set(words[:1]) & _TOLD):
        return False
    if set(words[1:2]) & _UNTOLD:
        return False
    if isinstance(trigger, Unmodelled):
        return True
    match trigger.event:
        case "sql_drop" if changes and not any(isinstance(o, Drop | Alter) for o in changes):
            return False
        case "table_rewrite" if words[0] != "ALTER":
            return False
        case "login":
            return False
    return not trigger.tags or any(_is_of(tag.upper().split(), words) for tag in trigger.tags)


_CHANGES = (Create, Drop, Alter, Rename)
_WORD = re.compile(r"\w+")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_TOLD = frozenset(
    {
        *("ALTER", "COMMENT", "CREATE", "DROP", "GRANT", "IMPORT", "REFRESH", "REINDEX", "REVOKE"),
        "SECURITY",
    }
)
# Of event triggers themselves, and of what is outside the database, none is told.
_UNTOLD = frozenset({"EVENT", "ROLE", "USER", "GROUP", "DATABASE", "TABLESPACE", "SYSTEM"})


def _is_of(tag: list[str], words: list[str]) -> bool:
    """Whether a statement of these words may go by a tag."""
    if words[0] in ("SELECT", "DO", "WITH"):
        return True
    return tag[0] == words[0] and set(tag[1:2]) <= set(words[1:])
